// Chat without a stream.
// Set at least host_ip and host_port (or url), and batch_size, to suit the service under test.
import { defineModels } from 'ais-bench';

export const models = defineModels([
  {
    attr: 'service', // Kind of model; only services can be tested.
    type: 'VLLMCustomAPIChat', // Wire dialect: requests go to v1/chat/completions.
    abbr: 'vllm-api-general-chat', // Short unique name; results go to a folder of this name.
    // Folder of the model's tokenizer (`tokenizer.json`); empty: the service's own counts, else an embedded
    // tokenizer.
    path: '',
    model: '', // Name under which the service loaded the model; empty: the first that `v1/models` lists.
    stream: false, // Ask for a stream of tokens. Without it there is no TTFT, TPOT or ITL. Default false.
    // Requests per second; 0 (default): no pacing, `batch_size` requests are kept in flight. Else 0.001 to
    // 64000. In a pressure run: clients added per second and worker.
    request_rate: 0,
    // Burstiness and ramp of the arrivals.
    traffic_cfg: {
      // Spread of the gaps between arrivals: 0 constant (default), 1 Poisson, other values gamma with this
      // shape.
      burstiness: 0,
      // How the rate grows from the first request to the last, by their number; null for a constant
      // `request_rate`.
      ramp_up_strategy: null,
      ramp_up_start_rps: null, // Requests per second at the start of the ramp.
      ramp_up_end_rps: null, // Requests per second at its end; not below the start.
    },
    // Send each request at the timestamp that its dataset gives it; overrides `request_rate`. Default false.
    use_timestamp: false,
    retry: 2, // Retries after a failed connection or an HTTP 429, 502, 503 or 504, 0 to 1000. Default 2.
    // Sent as a bearer token, never stored or printed; empty: AIS_BENCH_API_KEY or OPENAI_API_KEY of the
    // environment.
    api_key: '',
    host_ip: 'localhost', // Host name or IP address of the service. Default `localhost`.
    host_port: 8080, // Port of the service. Default 8080.
    // Whole base URL, e.g. `https://example.org/llm/`; used instead of `host_ip` and `host_port` when not
    // empty. An endpoint at its end, such as `/v1/chat/completions`, is understood; `user:password@` is sent
    // as Basic in place of `api_key`.
    url: '',
    enable_ssl: false, // https instead of http where `url` names no scheme. Default false.
    ca_file: '', // PEM file of a certificate authority to trust beside the usual ones.
    insecure_skip_verify: false, // Accept any certificate of the service. Default false.
    max_out_len: 512, // Maximum tokens to generate when the dataset sets no limit. Default 512.
    batch_size: 3, // Maximum concurrent requests (Max Concurrency in the results), 1 to 100000. Default 1.
    // Added to every request body as it is: temperature, top_p, ignore_eos … A null takes out a field that is
    // sent by default (stream_options, max_tokens …); max_completion_tokens replaces max_tokens.
    generation_kwargs: {
      // Added to every request body as it is; remove what the service does not know.
      temperature: 0.5, // randomness of the choice of tokens, 0: always the likeliest
      top_k: 10, // choose among so many of the likeliest tokens
      top_p: 0.95, // choose among the likeliest tokens of this total probability
      seed: null, // seed of the service's choices, null: its own
      repetition_penalty: 1.03, // above 1: tokens that were used already become less likely
      ignore_eos: true, // go on after the end mark, so that every output has max_out_len tokens
    },
  },
]);
