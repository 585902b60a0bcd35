/** A task, or another value, as its file gives it. */
export interface Source {
  file: string;
  /** `models[0]` */
  path: string;
  value: unknown;
}
