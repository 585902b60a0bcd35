/** Plug-in: NeedleBench v2, facts hidden in long documents: one, several to find, or a chain to reason over. */
import { z } from 'zod';
import type { Sample } from '../../core/protocol.ts';
import { type Random, seededRandom, shuffled } from '../../core/random.ts';
import type { DatasetType, LoadContext } from '../dataset.ts';
import { fillTemplate, promptTemplate } from '../text/prompt-template.ts';
import { familyChain } from './family-chain.ts';
import { type Haystack, haystacks } from './haystack.ts';
import {
  folderOption,
  languageOption,
  type Needle,
  readDocuments,
  readNames,
  readNeedles,
} from './needlebench-files.ts';
import { documentPrompt, eldestQuestion } from './needlebench-wording.ts';

const depth = z.number().min(0).max(100);

const common = {
  path: folderOption,
  file_list: z
    .array(z.string().min(1))
    .min(1)
    .describe('Files of documents: `.jsonl` with a `text` per row.'),
  length: z.int().min(1).describe('Tokens of a prompt, of the tokenizer in use.'),
  length_buffer: z
    .int()
    .min(0)
    .default(0)
    .describe('How many of them are kept free for the words around; the others are documents and needles.'),
  num_repeats_per_file: z.int().min(1).default(10).describe('Prompts per file of documents.'),
  language: languageOption,
  // Spelled as the original spells it.
  quesiton_position: z.enum(['Start', 'End']).default('End').describe('Where the question stands.'),
  template: promptTemplate
    .default('{prompt}')
    .describe('A string or chat turns; `{prompt}` is the whole, `{context}` and `{question}` are its parts.'),
  tokenizer_model: z.string().optional().describe('Accepted but ignored.'),
};
const needleFile = z.string().min(1).default('needles.jsonl').describe('The file of the needles.');

const originOptions = z.strictObject({
  ...common,
  needle_file_name: needleFile,
  depth: depth.describe('Where the needle stands, in percent of the text.'),
});
const parallelOptions = z.strictObject({
  ...common,
  needle_file_name: needleFile,
  depths: z.array(depth).min(1).describe('Where the needles stand, in percent of the text; one needle each.'),
  guide: z.boolean().optional().describe('Accepted but ignored.'),
});
const multiOptions = z.strictObject({
  ...common,
  needle_file_name: z.string().min(1).default('names.json').describe('The file of the names.'),
  num_needles: z.int().min(1).describe('Sentences about a family that have to be put together.'),
  depth: depth.describe('Where the first of them stands, in percent of the text.'),
  diff: z.number().min(0).max(100).default(10).describe('Percent of the text from one to the next.'),
});

type Common = z.output<z.ZodObject<typeof common>>;

/** What is hidden for one prompt, and what is asked then. */
interface Riddle {
  needles: { text: string; depth: number }[];
  question: string;
  answer: string;
}

/** One needle per prompt. */
export const needlebenchOrigin: DatasetType<z.output<typeof originOptions>, z.input<typeof originOptions>> = {
  options: originOptions,
  async load(options, context) {
    const all = await readNeedles(options.path, options.needle_file_name, options.language, context);
    return samplesOf(options, context, 'origin', (random) => {
      const { text, question, answer } = all[random.int(0, all.length - 1)];
      return { needles: [{ text, depth: options.depth }], question, answer };
    });
  },
};

/** As many needles as there are depths, or as the file has on different things, all of them asked for. */
export const needlebenchParallel: DatasetType<
  z.output<typeof parallelOptions>,
  z.input<typeof parallelOptions>
> = {
  options: parallelOptions,
  async load(options, context) {
    const all = await readNeedles(options.path, options.needle_file_name, options.language, context);
    return samplesOf(options, context, 'parallel', (random) => {
      const chosen = unlike(shuffled([...all], random)).slice(0, options.depths.length);
      return {
        needles: chosen.map(({ text }, i) => ({ text, depth: options.depths[i] })),
        question: chosen.map((needle) => needle.question).join('\n'),
        answer: chosen.map((needle) => needle.answer).join(', '),
      };
    });
  },
};

/** Needles that make sense only together. */
export const needlebenchMulti: DatasetType<z.output<typeof multiOptions>, z.input<typeof multiOptions>> = {
  options: multiOptions,
  async load(options, context) {
    const { path, needle_file_name: file, language, num_needles: count, diff } = options;
    const names = await readNames({ folder: path, name: file, language }, count + 1, context);
    return samplesOf(options, context, 'multi', (random) => {
      const chain = familyChain(names, count, language, random);
      return {
        needles: chain.facts.map((text, i) => ({ text, depth: Math.min(100, options.depth + i * diff) })),
        question: eldestQuestion(chain, language),
        answer: chain.people[0],
      };
    });
  },
};

async function samplesOf(
  options: Common,
  context: LoadContext,
  kind: string,
  riddleFor: (random: Random) => Riddle,
): Promise<Sample[]> {
  const { language, quesiton_position: position, template } = options;
  const samples: Sample[] = [];
  for (const file of options.file_list) {
    const haystackFor = haystacks(await readDocuments(options.path, [file], context), context.tokenizer);
    for (let repeat = 0; repeat < options.num_repeats_per_file; repeat++) {
      // Tasks of other lengths or depths read other documents first, so that no prefix cache helps.
      const random = seededRandom(context.seed, JSON.stringify([kind, options, file, repeat]));
      const { needles, question, answer } = riddleFor(random);
      const text = hidden(needles, haystackFor(random), options, context);
      const prompt = documentPrompt(text, question, language, position);
      const fields = { prompt, context: text, question, answer: '' };
      samples.push({ id: String(samples.length), prompt: fillTemplate(template, fields), answer });
    }
  }
  return samples;
}

/** The documents with the needles in them, in lines of their own. */
function hidden(
  needles: Riddle['needles'],
  haystack: Haystack,
  { length, length_buffer: buffer }: Common,
  { tokenizer }: LoadContext,
): string {
  const lines = needles.map(({ text, depth }) => ({ text: `\n${text}\n`, depth }));
  const taken = lines.reduce((sum, line) => sum + tokenizer.count(line.text), 0);
  const hay = Math.max(0, length - buffer - taken);
  const parts: string[] = [];
  let at = 0;
  for (const { text, depth } of lines.toSorted((a, b) => a.depth - b.depth)) {
    const to = Math.floor((hay * depth) / 100);
    parts.push(haystack.take(to - at), text);
    at = to;
  }
  parts.push(haystack.take(hay - at));
  return parts.join('');
}

/** Needles none of which is about the same, or has the same answer, as one before it. */
function unlike(needles: readonly Needle[]): Needle[] {
  const subjects = new Set<string>();
  const answers = new Set<string>();
  return needles.filter(({ subject, answer }) => {
    if ((subject !== '' && subjects.has(subject)) || answers.has(answer)) return false;
    subjects.add(subject);
    answers.add(answer);
    return true;
  });
}
