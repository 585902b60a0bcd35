/** One request to send, once. */
export interface Job {
  index: number;
  /** Of a conversation; 0 for a request that stands alone. */
  turn: number;
  attempt: number;
  /** ms of run time. */
  due: number;
  /** False for a warm-up, which leaves no record. */
  measured: boolean;
  /** What the service answered in the turns before. */
  answers?: readonly string[];
  /** The attempt of the first turn whose salt the turns before carry. */
  saltAttempt?: number;
  /** What to write, where it is not the body that was encoded before the run. */
  bytes?: readonly Uint8Array[];
}
