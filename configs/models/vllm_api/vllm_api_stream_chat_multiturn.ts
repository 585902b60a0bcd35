// Chat in several turns with a stream of tokens, for sharegpt_gen and mtbench_gen: a conversation has one slot, its turns follow each other.
// Set at least host_ip and host_port (or url), and batch_size, to suit the service under test.
import { defineModels } from 'ais-bench';

export const models = defineModels([
  {
    attr: 'service', // an inference service, the only kind that can be tested
    type: 'VLLMCustomAPIChat', // requests go to v1/chat/completions
    abbr: 'vllm-multiturn-api-chat-stream', // name of the results' folder
    path: '', // folder of the model's tokenizer; empty: the service's token counts, else an embedded tokenizer
    model: '', // name under which the service loaded the model; empty: the first that v1/models lists
    stream: true, // true: tokens come one after another, which TTFT, TPOT and ITL need
    request_rate: 0, // requests per second, 0: as fast as batch_size allows; in a stress test: clients added per second
    traffic_cfg: {
      burstiness: 0, // gaps between requests: 0 constant, 1 Poisson, other values gamma with this shape
      ramp_up_strategy: null, // 'linear' or 'exponential': change the rate over the run, instead of request_rate
      ramp_up_start_rps: null, // requests per second at the start of the ramp
      ramp_up_end_rps: null, // requests per second at its end, not below the start
    },
    use_timestamp: false, // true: send each request at the time stamp its data set gives it
    retry: 2, // further attempts after a failed connection or a 429, 502, 503 or 504
    api_key: '', // bearer token; empty: AIS_BENCH_API_KEY or OPENAI_API_KEY of the environment
    host_ip: 'localhost', // host name or IP address of the service
    host_port: 8080, // port of the service
    url: '', // whole base URL, e.g. 'https://example.org/llm/'; not empty: used instead of host_ip and host_port
    enable_ssl: false, // https instead of http where url names no scheme
    ca_file: '', // PEM file of a certificate authority to trust
    insecure_skip_verify: false, // true: accept any certificate
    max_out_len: 512, // most tokens to generate for a request
    batch_size: 3, // most requests in flight: the Max Concurrency of the results
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
