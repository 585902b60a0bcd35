// Chat with tools that the model may call, without a stream.
// Set at least host_ip and host_port (or url), and batch_size, to suit the service under test.
import { defineModels } from 'ais-bench';

export const models = defineModels([
  {
    attr: 'service', // Kind of model. Only services can be tested.
    type: 'VLLMCustomAPIChat', // Wire dialect: requests go to v1/chat/completions.
    abbr: 'vllm-api-function-call-chat', // Short unique name of the results folder.
    // Folder of the model's tokenizer (`tokenizer.json`); empty: the service's own counts, otherwise an
    // embedded tokenizer.
    path: '',
    model: '', // Name under which the service loaded the model; empty: the one that `v1/models` lists.
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
    max_out_len: 10240, // Maximum tokens to generate when the dataset sets no limit. Default 512.
    batch_size: 3, // Maximum concurrent requests (Max Concurrency in the results), 1 to 100000. Default 1.
    // Added to every request body: temperature, top_p, ignore_eos … A null removes a field that is sent by
    // default (stream_options, max_tokens …); max_completion_tokens replaces max_tokens.
    generation_kwargs: {
      // Remove what the service does not know.
      temperature: 0.01, // randomness of the choice of tokens, 0: always the likeliest
      // What the model may call: its name, when to use it, and a JSON schema of its arguments.
      tools: [
        {
          type: 'function', // the only kind there is
          function: {
            name: 'get_weather', // how the model calls it
            description: 'The weather in a city', // what the model is told of it
            // JSON schema of the arguments
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
      ],
      tool_choice: 'auto', // auto: the model decides; required: it has to call one; none: it must not
    },
  },
]);
