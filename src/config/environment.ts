/** Every variable of the environment that is read beside the constants of `global_consts`, and what it is for. */
export const environmentVariables = {
  AIS_BENCH_API_KEY:
    'Bearer token for model tasks whose `api_key` is empty; takes precedence over `OPENAI_API_KEY`.',
  OPENAI_API_KEY: 'Bearer token for model tasks whose `api_key` is empty.',
  AIS_BENCH_DATASETS_CACHE: 'Additional folder in which relative dataset paths are searched.',
  XDG_CONFIG_HOME: 'Folder in which `ais_bench calibrate --save` stores its result; default `~/.config`.',
  HOME: 'The home folder, `~` in that default and in Python configs.',
} as const;
