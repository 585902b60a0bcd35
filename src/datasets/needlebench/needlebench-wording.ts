/** How the tasks of NeedleBench are put into words. */
import type { FamilyChain, Language } from './family-chain.ts';

export type QuestionPosition = 'Start' | 'End';

/** A long text and a question on it, which stands before or behind it. */
export function documentPrompt(
  context: string,
  question: string,
  language: Language,
  position: QuestionPosition,
): string {
  const text = language === 'English' ? `<document>\n${context}\n</document>` : `<文档>\n${context}\n</文档>`;
  const task =
    language === 'English'
      ? `Answer from what the document says, and from nothing else.\n${question}`
      : `请只根据文档中的内容作答。\n${question}`;
  return position === 'Start' ? `${task}\n\n${text}` : `${text}\n\n${task}`;
}

const rules: Record<Language, string> = {
  English:
    'Only who descends from whom counts here: a name says nothing of its bearer, and surnames are not inherited. ' +
    'A father or mother is one generation up, a grandfather or grandmother two. End with the answer in \\boxed{}.',
  Chinese:
    '只看谁是谁的长辈：名字不代表性别，姓氏也不一定相传。父母为上一代，祖父母为上两代。请把最终答案写在 \\boxed{} 中。',
};

/** Who the eldest known forebear of the youngest is. */
export function eldestQuestion({ people }: FamilyChain, language: Language): string {
  const youngest = people[people.length - 1];
  return language === 'English'
    ? `Who is the eldest known forebear of ${youngest}?\n${rules.English}`
    : `${youngest}已知最年长的长辈是谁？\n${rules.Chinese}`;
}

interface Riddle {
  question: string;
  answer: string;
}

/** The four questions that can be asked of a family, each with its answer. */
export const riddles: readonly ((chain: FamilyChain, language: Language) => Riddle)[] = [
  (chain, language) => ({ question: eldestQuestion(chain, language), answer: chain.people[0] }),
  ({ people, generations }, language) => ({
    question:
      language === 'English'
        ? `Who is the forebear of ${people.at(-1)}, ${generations} generations up?\n${rules.English}`
        : `${people.at(-1)}往上第${generations}代的长辈是谁？\n${rules.Chinese}`,
    answer: people[0],
  }),
  ({ people, generations }, language) => ({
    question:
      language === 'English'
        ? `Who descends from ${people[0]}, ${generations} generations down?\n${rules.English}`
        : `${people[0]}往下第${generations}代的后人是谁？\n${rules.Chinese}`,
    answer: people.at(-1) ?? '',
  }),
  ({ people, generations }, language) => ({
    question:
      language === 'English'
        ? `How many generations lie between ${people[0]} and ${people.at(-1)}?\n${rules.English}`
        : `${people[0]}与${people.at(-1)}相隔几代？\n${rules.Chinese}`,
    answer: String(generations),
  }),
];
