/** A task, or another value, as its file gives it. */
export interface Source {
  file: string;
  /** `models[0]` */
  path: string;
  value: unknown;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
