/** Kinds of damage that files suffer on disks, in transfers and by other programs. */

export interface Damage {
  name: string;
  /** The damaged bytes; `whole` stays as it is. */
  apply(whole: Buffer, world: { next: (below: number) => number; other: Buffer }): Buffer;
}

type Next = (below: number) => number;

/** Whole numbers from 0 to below a limit, in an order that the seed decides (mulberry32). */
export function numbersFrom(seed: number): Next {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** A part of the file, up to 4 KiB, on borders of 8 bytes now and then. */
function partOf({ length }: Buffer, next: Next): [from: number, to: number] {
  const grain = next(2) === 0 ? 1 : 8;
  const from = Math.floor(next(length) / grain) * grain;
  return [from, Math.min(length, from + grain * (1 + next(4096 / grain)))];
}

const changed = (whole: Buffer, change: (copy: Buffer) => void) => {
  const copy = Buffer.from(whole);
  change(copy);
  return copy;
};

/** Where structures of our files begin: frames of a journal, chunks, the seal, lines. */
function borderOf(whole: Buffer, next: Next): number {
  const marks = ['aisbench', 'AISBseal', 'TREE', 'SNOD', 'HEAP', 'OHDR', 'GCOL', '\n', '{', ','];
  const mark = marks[next(marks.length)];
  const places: number[] = [];
  for (let at = whole.indexOf(mark); at >= 0 && places.length < 500; at = whole.indexOf(mark, at + 1)) {
    places.push(at, at + mark.length);
  }
  return places.length === 0 ? 8 * next(whole.length / 8) : places[next(places.length)];
}

export const damages: readonly Damage[] = [
  {
    name: 'a flipped bit',
    apply: (whole, { next }) =>
      changed(whole, (copy) => {
        copy[next(copy.length)] ^= 1 << next(8);
      }),
  },
  {
    name: 'several flipped bits',
    apply: (whole, { next }) =>
      changed(whole, (copy) => {
        for (let i = 0; i < 2 + next(16); i++) copy[next(copy.length)] ^= 1 << next(8);
      }),
  },
  {
    name: 'a flipped bit in the head',
    apply: (whole, { next }) =>
      changed(whole, (copy) => {
        copy[next(Math.min(2048, copy.length))] ^= 1 << next(8);
      }),
  },
  {
    name: 'a flipped bit in the last bytes',
    apply: (whole, { next }) =>
      changed(whole, (copy) => {
        copy[copy.length - 1 - next(Math.min(64, copy.length))] ^= 1 << next(8);
      }),
  },
  {
    name: 'a part of zeros',
    apply: (whole, { next }) => changed(whole, (copy) => void copy.fill(0, ...partOf(copy, next))),
  },
  {
    name: 'a part of random bytes',
    apply: (whole, { next }) =>
      changed(whole, (copy) => {
        const [from, to] = partOf(copy, next);
        for (let at = from; at < to; at++) copy[at] = next(256);
      }),
  },
  { name: 'a cut end', apply: (whole, { next }) => Buffer.from(whole.subarray(0, next(whole.length))) },
  {
    name: 'a few bytes cut',
    apply: (whole, { next }) => Buffer.from(whole.subarray(0, Math.max(0, whole.length - 1 - next(64)))),
  },
  {
    name: 'a cut at a border',
    apply: (whole, { next }) => Buffer.from(whole.subarray(0, borderOf(whole, next))),
  },
  {
    name: 'a doubled part',
    apply: (whole, { next }) => {
      const [from, to] = partOf(whole, next);
      return Buffer.concat([whole.subarray(0, to), whole.subarray(from)]);
    },
  },
  {
    name: 'a doubled structure',
    apply: (whole, { next }) => {
      const [from, to] = [borderOf(whole, next), borderOf(whole, next)].sort((a, b) => a - b);
      return Buffer.concat([whole.subarray(0, to), whole.subarray(from)]);
    },
  },
  {
    name: 'a missing part',
    apply: (whole, { next }) => {
      const [from, to] = partOf(whole, next);
      return Buffer.concat([whole.subarray(0, from), whole.subarray(to)]);
    },
  },
  {
    name: 'two parts that changed places',
    apply: (whole, { next }) =>
      changed(whole, (copy) => {
        const bytes = 1 + next(Math.min(1024, copy.length / 2));
        const [a, b] = [next(copy.length - bytes), next(copy.length - bytes)];
        const first = Buffer.from(copy.subarray(a, a + bytes));
        copy.copy(copy, a, b, b + bytes);
        first.copy(copy, b);
      }),
  },
  { name: 'another file of its kind', apply: (_, { other }) => Buffer.from(other) },
  {
    name: 'the beginning of another file',
    apply: (whole, { next, other }) => {
      const at = next(Math.min(whole.length, other.length));
      return Buffer.concat([other.subarray(0, at), whole.subarray(at)]);
    },
  },
  {
    name: 'bytes behind its end',
    apply: (whole, { next }) => Buffer.concat([whole, Buffer.alloc(1 + next(200), next(256))]),
  },
  {
    name: 'an end that was cut and filled',
    apply: (whole, { next }) =>
      changed(whole, (copy) => void copy.fill(0, copy.length - Math.min(copy.length, 1 + next(80)))),
  },
];
