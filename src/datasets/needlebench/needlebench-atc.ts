/** Plug-in: the ancestral trace challenge of NeedleBench v2: a family in sentences without order, and a question on it. */
import { z } from 'zod';
import type { Sample } from '../../core/protocol.ts';
import { seededRandom } from '../../core/random.ts';
import type { DatasetType } from '../dataset.ts';
import { fillTemplate, promptTemplate } from '../text/prompt-template.ts';
import { familyChain } from './family-chain.ts';
import { folderOption, languageOption, readNames } from './needlebench-files.ts';
import { riddles } from './needlebench-wording.ts';

const options = z.strictObject({
  path: folderOption,
  file_name: z.string().min(1).default('names.json').describe('The file of the names.'),
  num_needles: z.int().min(1).describe('Sentences about the family; it has one person more.'),
  language: languageOption,
  repeats: z.int().min(1).default(10).describe('Prompts of each of the four kinds of question.'),
  template: promptTemplate
    .default('{prompt}')
    .describe('A string or chat turns; `{prompt}` is the whole, `{context}` and `{question}` are its parts.'),
});

/** All prompts of one kind of question, then those of the next. */
export const needlebenchAtc: DatasetType<z.output<typeof options>, z.input<typeof options>> = {
  options,
  async load({ path, file_name: file, num_needles: links, language, repeats, template }, context) {
    const names = await readNames({ folder: path, name: file, language }, links + 1, context);
    const random = seededRandom(context.seed, `needlebench_atc ${language} ${links}`);
    return riddles.flatMap((riddleOf, kind) =>
      Array.from({ length: repeats }, (_, i): Sample => {
        const chain = familyChain(names, links, language, random);
        const { question, answer } = riddleOf(chain, language);
        const story = chain.facts.join(language === 'English' ? ' ' : '');
        const fields = { prompt: `${story}\n\n${question}`, context: story, question, answer: '' };
        return { id: String(kind * repeats + i), prompt: fillTemplate(template, fields), answer };
      }),
    );
  },
};
