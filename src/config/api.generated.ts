/** The fields of task configs, made by `npm run docs` from what the program itself checks them with. Edit schemas.ts. */

/** How requests arrive; every field may be left out. */
export interface TrafficTask {
  /** Variation of the gaps between arrivals: 0 constant (default), 1 Poisson, other values gamma with this shape. */
  burstiness?: number | '' | null;
  /** How the rate grows from the first request to the last; null for a constant `request_rate`. */
  ramp_up_strategy?: 'linear' | 'exponential' | '' | null;
  /** Requests per second at the start of the ramp. */
  ramp_up_start_rps?: number | '' | null;
  /** Requests per second at the end of the ramp; not below the start. */
  ramp_up_end_rps?: number | '' | null;
}

/** One service to test, and how to load it. */
export interface ModelTask {
  /** Kind of model. Only services can be tested. */
  attr?: 'service';
  /** Wire dialect: VLLMCustomAPIChat is `v1/chat/completions`, VLLMCustomAPI is `v1/completions`. */
  type:
    | 'VLLMCustomAPIChat'
    | 'VLLMCustomAPIChatStream'
    | 'VllmMultiturnAPIChatStream'
    | 'VLLMFunctionCallAPIChat'
    | 'VLLMCustomAPI'
    | 'VLLMCustomAPIStream'
    | 'TGICustomAPI'
    | 'TGICustomAPIStream'
    | 'TritonCustomAPI'
    | 'TritonCustomAPIStream'
    | 'MindieStreamApi'
    | 'VITAGenerateAPI';
  /** Short unique name of the results folder. */
  abbr: string;
  /** Name above the result tables; empty: `abbr`. The folder is still named `abbr`. */
  summarizer_abbr?: string;
  /** Folder of the model's tokenizer (`tokenizer.json`); empty: the service's own counts, otherwise an embedded tokenizer. */
  path?: string;
  /** Name under which the service loaded the model; empty: the one that `v1/models` lists. */
  model?: string;
  /** Triton only: the model's name in the path, as AISBench spells it; `model` means the same. */
  model_name?: string;
  /** Request a stream of tokens. Without it there is no TTFT, TPOT, or ITL. Default false. */
  stream?: boolean;
  /** Requests per second, 0.001 to 64000; 0 (default): keep `batch_size` requests in flight. In a stress test: clients added per second and worker. */
  request_rate?: number;
  /** Burstiness and ramp of the arrivals. */
  traffic_cfg?: TrafficTask | null;
  /** Send each request at the timestamp that its dataset gives it; overrides `request_rate`. Default false. */
  use_timestamp?: boolean;
  /** Retries after a failed connection or an HTTP 429, 502, 503 or 504, 0 to 1000. Default 2. */
  retry?: number;
  /** Sent as a bearer token, never stored or printed; empty: the environment variable AIS_BENCH_API_KEY or OPENAI_API_KEY. */
  api_key?: string;
  /** Host name or IP address of the service. Default `localhost`. */
  host_ip?: string;
  /** Port of the service. Default 8080. */
  host_port?: number;
  /** Base URL, e.g. `https://example.org/llm/`; replaces `host_ip` and `host_port`. It may end with an endpoint such as `/v1/chat/completions`; `user:password@` is sent as Basic instead of `api_key`. */
  url?: string;
  /** Use https instead of http when `url` has no scheme. Default false. */
  enable_ssl?: boolean;
  /** PEM file of an additional trusted certificate authority. */
  ca_file?: string;
  /** Accept any certificate of the service. Default false. */
  insecure_skip_verify?: boolean;
  /** Maximum tokens to generate when the dataset sets no limit. Default 512. */
  max_out_len?: number;
  /** Maximum concurrent requests (Max Concurrency in the results), 1 to 100000. Default 1. */
  batch_size?: number;
  /** Accepted but ignored: no remote code is ever run. */
  trust_remote_code?: boolean;
  /** Added to every request body: temperature, top_p, ignore_eos … A null removes a field that is sent by default (stream_options, max_tokens …); max_completion_tokens replaces max_tokens. */
  generation_kwargs?: { [name: string]: unknown };
}

/** What every dataset task has, whatever its type. */
export interface AnyDatasetTask {
  /** Short unique name, with which the result files begin. */
  abbr: string;
  /** Slice of the rows as in Python, e.g. `[0:100]`; default all. */
  test_range?: string | number;
  /** Where AISBench keeps `test_range`; accepted as well. */
  reader_cfg?: { test_range?: string | number };
}

/** How a recorded run becomes tables. */
export interface SummarizerTask {
  /** Kind of summarizer. Only performance is summarized. */
  attr?: 'performance';
  /** Which requests the tables cover: all (`total`) or the stable stage (`stable_stage`). */
  window: 'total' | 'stable_stage';
  /** How the stable stage is found: as in the AISBench document (default), as in AISBench's main branch (`upstream`) or its release 3.1 (`upstream-3.1`), or as the steady window in the data (`automatic`). */
  rule?: 'document' | 'upstream' | 'upstream-3.1' | 'automatic';
  /** What a token is: an event with generated output (`product`, default) or every event (`upstream`). */
  definitions?: 'product' | 'upstream';
  /** Checks for the steady window; `mlperf` requires at least 600 s instead of 60 s, and adds MLPerf’s drift test over passes of the dataset and its early-stopping percentiles. */
  profile?: 'default' | 'mlperf';
  /** Columns of the table: up to 8 of Average, Min, Max, Median, P1 … P99. */
  stats_list?: string[];
}
