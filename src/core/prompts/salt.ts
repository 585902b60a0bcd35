/**
 * The salt of a request: a few words at its beginning that no other request has there, so that no service finds the
 * prompt in its prefix cache. It is a pure function of the run's seed and of the request, and always equally long, in
 * bytes and in tokens, so that it can be exchanged in a body that was encoded before the run.
 */

/** More than 2^60 salts, and half of the smallest block that a prefix cache keeps. */
export const SALT_WORDS = 8;

/** Bytes of a word and of the blank behind it. */
const STRIDE = 5;

/** Four letters each, one token at the start of a text and after a blank in GPT-2's, OpenAI's and Qwen's vocabularies. */
export const saltWords: readonly string[] = (
  'able area away back ball band bank base best bill blue body book byte call card care cart cash cell ' +
  'chat city club code come cook cool copy core cost data date days deal deep does done door down draw ' +
  'each easy edge edit ever exit eyes face fact fair fall farm fast feed feel felt file fill film find ' +
  'fine fire five flex flow food foot form fort four free from full fund game gets give goal gold good ' +
  'grid grow hair half hand hard hash have head heat held help here high hold home hour icon info item ' +
  'join just keep kids kind know land last late lead left less life like line link list live load lock ' +
  'long look loop love made mail main make many mark mass mean meet menu mind mist mode most move must ' +
  'name near need news next nice node norm note ones only open over pack page pair part past path pick ' +
  'plan play pool port post pull push race rank rate read real rent rest rich road rock role room root ' +
  'rule safe said sale same sand save seek seen send sent shop show side sign sing site size skin slot ' +
  'slow soft some song soon sort star stay step stop take talk task team tell term test text than that ' +
  'them then they this time tips tool town tree trip turn unit upon used user verb view wait wall want ' +
  'warm week well went what when wide will wind wire with wood word work year your'
).split(' ');

/** Stands for the salt while a body is encoded: JSON writes it as it is, and texts do not hold it. */
export const PLACEHOLDER = '\x7f';

/** What all salts of a run are made from; plain data. */
export interface SaltSource {
  seed: readonly [number, number];
  /** 256 or 16 of them, of four ASCII letters each. */
  words: readonly string[];
}

/** What a salt depends on. A retry gets one of its own: the service may have cached what it did not answer. */
export interface SaltedRequest {
  index: number;
  attempt: number;
  /** Requests that leave no record share no salt with those that do. */
  measured: boolean;
}

/** Writes the first `words` words of a request's salt into `into` at `at`: the bytes of `saltText`. */
export type SaltWriter = (into: Uint8Array, at: number, words: number, request: SaltedRequest) => void;

/** Bytes of so many words and the blanks between them. */
export const saltBytes = (words: number) => words * STRIDE - 1;

export function createSaltWriter({ seed: [low, high], words }: SaltSource): SaltWriter {
  const letters = Uint8Array.from(Buffer.from(`${words.join(' ')} `, 'latin1'));
  const bits = words.length === 256 ? 8 : 4;
  const mask = words.length - 1;
  return (into, at, count, { index, attempt, measured }) => {
    const key = (index + Math.imul(attempt, 0x9e3779b1) + (measured ? 0 : 0x80000000)) | 0;
    // The first half tells any two of 2^32 keys apart, the second half the seeds of any two runs.
    const first = mixed(key ^ low);
    const second = mixed(mixed(key) ^ high);
    for (let word = 0; word < count; word++) {
      const shift = word * bits;
      const number = (shift < 32 ? first >>> shift : second >>> (shift - 32)) & mask;
      const from = number * STRIDE;
      const to = at + word * STRIDE;
      for (let byte = 0; byte < STRIDE - 1; byte++) into[to + byte] = letters[from + byte];
      if (word + 1 < count) into[to + STRIDE - 1] = 0x20;
    }
  };
}

/** The salt of a request as a text. */
export function saltText(source: SaltSource, words: number, request: SaltedRequest): string {
  const bytes = Buffer.alloc(saltBytes(words));
  createSaltWriter(source)(bytes, 0, words, request);
  return bytes.toString('latin1');
}

/** Finalizer of MurmurHash3 (Appleby, public domain): every bit of the input changes half of the output; one to one. */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
