// VITA without a stream.
// Set at least host_ip and host_port (or url), and batch_size, to suit the service under test.
import { defineModels } from 'ais-bench';

export const models = defineModels([
  {
    attr: 'service', // Kind of model. Only services can be tested.
    type: 'VITAGenerateAPI', // Wire dialect: requests go to generate.
    abbr: 'vita-generate-chat', // Short unique name of the results folder.
    // Folder of the model's tokenizer (`tokenizer.json`); empty: the service's own counts, otherwise an
    // embedded tokenizer.
    path: '',
    model: '', // Not needed: the service answers with the model it has loaded.
    stream: false, // Request a stream of tokens. Without it there is no TTFT, TPOT, or ITL. Default false.
    // Requests per second, 0.001 to 64000; 0 (default): keep `batch_size` requests in flight. In a stress
    // test: clients added per second and worker.
    request_rate: 0,
    // Burstiness and ramp of the arrivals.
    traffic_cfg: {
      // Variation of the gaps between arrivals: 0 constant (default), 1 Poisson, other values gamma with this
      // shape.
      burstiness: 0,
      // How the rate grows from the first request to the last; null for a constant `request_rate`.
      ramp_up_strategy: null,
      ramp_up_start_rps: null, // Requests per second at the start of the ramp.
      ramp_up_end_rps: null, // Requests per second at the end of the ramp; not below the start.
    },
    // Send each request at the timestamp that its dataset gives it; overrides `request_rate`. Default false.
    use_timestamp: false,
    retry: 2, // Retries after a failed connection or an HTTP 429, 502, 503 or 504, 0 to 1000. Default 2.
    // Sent as a bearer token, never stored or printed; empty: the environment variable AIS_BENCH_API_KEY or
    // OPENAI_API_KEY.
    api_key: '',
    host_ip: 'localhost', // Host name or IP address of the service. Default `localhost`.
    host_port: 8080, // Port of the service. Default 8080.
    // Base URL, e.g. `https://example.org/llm/`; replaces `host_ip` and `host_port`. It may end with an
    // endpoint such as `/v1/chat/completions`; `user:password@` is sent as Basic instead of `api_key`.
    url: '',
    enable_ssl: false, // Use https instead of http when `url` has no scheme. Default false.
    ca_file: '', // PEM file of an additional trusted certificate authority.
    insecure_skip_verify: false, // Accept any certificate of the service. Default false.
    max_out_len: 512, // Maximum tokens to generate when the dataset sets no limit. Default 512.
    batch_size: 3, // Maximum concurrent requests (Max Concurrency in the results), 1 to 100000. Default 1.
    // Added to every request body: temperature, top_p, ignore_eos … A null removes a field that is sent by
    // default (stream_options, max_tokens …); max_completion_tokens replaces max_tokens.
    generation_kwargs: {
      // Remove what the service does not know.
      temperature: 0.5, // randomness of the choice of tokens, above 0
      top_k: 10, // choose among so many of the likeliest tokens
      top_p: 0.95, // choose among the likeliest tokens of this total probability
      seed: null, // seed of the service's choices, null: its own
      ignore_eos: true, // go on after the end mark, so that every output has max_out_len tokens
    },
  },
]);
