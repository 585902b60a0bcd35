/** What every area of the red team does: tries many things that should do no harm, and says which did. */

export interface Findings {
  tried: number;
  survived: number;
  /** What was tried, and what came of it. */
  failures: string[];
}

interface AreaOptions {
  /** Part of the tries, from 0 to 1: all of them take minutes. */
  share: number;
  /** Whatever is drawn is drawn from it. */
  seed: number;
}

export interface Area {
  name: string;
  /** What is tried, and what surviving it means. */
  about: string;
  run(options: AreaOptions): Promise<Findings>;
}

/** One try; gives what is wrong, '' when nothing is. */
export interface Try {
  name: string;
  attempt(): Promise<string>;
}

/** An even part of a list; at least one. */
export function partOf<T>(list: readonly T[], share: number): T[] {
  const count = Math.max(1, Math.round(list.length * share));
  return Array.from({ length: count }, (_, at) => list[Math.floor((at * list.length) / count)]);
}

/** Makes all tries, `atATime` of them side by side. One that throws has not survived. */
export async function makeTries(tries: readonly Try[], atATime: number): Promise<Findings> {
  const waiting = [...tries];
  const failures: string[] = [];
  await Promise.all(
    Array.from({ length: atATime }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const wrong = await next.attempt().catch((error: Error) => error.message);
        if (wrong !== '') failures.push(`${next.name}: ${wrong}`);
      }
    }),
  );
  return { tried: tries.length, survived: tries.length - failures.length, failures };
}
