/** Plug-in: ShareGPT, recorded conversations with a chat service, from the JSON file as it is published. */
import { z } from 'zod';
import { EXIT, UserError } from '../core/errors.ts';
import { seededRandom, shuffled } from '../core/random.ts';
import { conversationSample, inferMode, type Pair } from './conversation-turns.ts';
import type { DatasetType } from './dataset.ts';
import { describeValue, placesOf, readText, requiredFile } from './rows/data-file.ts';

const DEFAULT_FILE = 'ais_bench/datasets/sharegpt/ShareGPT_V3_unfiltered_cleaned_split.json';

const options = z.strictObject({
  path: z
    .string()
    .default(DEFAULT_FILE)
    .describe('The JSON file: a list of `{id, conversations: [{from, value}]}`.'),
  infer_mode: inferMode,
  disable_shuffle: z
    .boolean()
    .default(true)
    .describe('Keep the order of the file (default); false: a random order that depends on `--seed`.'),
  model_path: z.string().optional().describe('Accepted but ignored.'),
  trust_remote_code: z.boolean().optional().describe('Accepted but ignored.'),
});

const messageShape = z.object({ from: z.string(), value: z.string() });
const entryShape = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  conversations: z.array(messageShape),
});
type Message = z.output<typeof messageShape>;

/** Conversations that begin with the user and whose messages come in pairs; others are passed over. */
export const sharegpt: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ path, infer_mode: mode, disable_shuffle: isOrdered }, context) {
    const places = placesOf(path, context);
    const file = await requiredFile('ShareGPT', places, HOW_TO_GET);
    const samples = entriesOf(await readText(file), file).flatMap((entry, at) => {
      const messages = messagesOf(entry, at, file);
      return isUsable(messages) ? [conversationSample(String(at), pairsOf(messages), mode)] : [];
    });
    if (samples.length === 0)
      throw unusable(
        file,
        'holds no conversation that begins with the user and has an even number of messages',
      );
    return isOrdered ? samples : shuffled(samples, seededRandom(context.seed, 'sharegpt'));
  },
};

function entriesOf(text: string, file: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unusable(file, `is not JSON (${(cause as Error).message})`);
  }
  if (Array.isArray(value)) return value;
  throw unusable(file, `holds ${describeValue(value)} instead of a list of conversations`);
}

function messagesOf(entry: unknown, at: number, file: string): Message[] {
  const read = entryShape.safeParse(entry);
  if (read.success) return read.data.conversations;
  const { path } = read.error.issues[0];
  throw unusable(file, `has an unexpected value at [${[at, ...path].join('][')}]`);
}

function isUsable(messages: readonly Message[]): boolean {
  return messages.length >= 2 && messages.length % 2 === 0 && messages[0].from === 'human';
}

function pairsOf(messages: readonly Message[]): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at < messages.length; at += 2)
    pairs.push({ question: messages[at].value, answer: messages[at + 1].value });
  return pairs;
}

function unusable(file: string, problem: string): UserError {
  return new UserError(EXIT.usage, `${file}: ${problem}`, {
    hint: 'Expected a JSON list like [{"id": "…", "conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}].',
  });
}

const HOW_TO_GET =
  'Download ShareGPT_V3_unfiltered_cleaned_split.json from the dataset anon8231489123/ShareGPT_Vicuna_unfiltered of Hugging Face, or set `path` in the dataset config.';
