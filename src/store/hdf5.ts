/** The HDF5 library, loaded when it is first needed: its 4 MB would slow down every start of the command. */
import type { Dataset, File, Group } from 'h5wasm/node';

export type { Dataset, File, Group };

export interface Hdf5 {
  open(file: string, mode: 'r' | 'w'): File;
}

/** Failures of the library throw an `Error`; by itself it would print them and go on. */
export async function loadHdf5(): Promise<Hdf5> {
  const { File, ready } = await import('h5wasm/node');
  (await ready).activate_throwing_error_handler();
  return { open: (file, mode) => new File(file, mode) };
}

/** What the system said, out of the library's error stack of many lines; else the innermost step that failed. */
export function hdf5Reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const system = /error message = '([^']+)'/.exec(text);
  if (system) return system[1];
  const lines = text.split('\n');
  return (lines.findLast((line) => /^\s*#\d+/.test(line)) ?? lines[0]).replace(/^.*\(\): /, '').trim();
}
