// Settings for all tasks. Environment variables of these names win over this file.

/** Worker threads that send; 0: as many as the load needs. In a stress test each adds clients at request_rate. */
export const WORKERS_NUM: number = 0;

/** Seconds after which a request has failed, at most 86400; null: no limit for the whole response. */
export const REQUEST_TIME_OUT: number | null = null;

/** Least severity of log lines: DEBUG, INFO, WARNING or ERROR. */
export const LOG_LEVEL: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' = 'INFO';
