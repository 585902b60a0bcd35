/** Invented families: who descends from whom, in sentences that a reader has to put together. */
import { type Random, shuffled } from '../../core/random.ts';

export type Language = 'English' | 'Chinese';

export interface FamilyChain {
  /** From the eldest to the youngest, each a forebear of the next. */
  people: string[];
  /** One sentence for each two neighbors, in an order that tells nothing. */
  facts: string[];
  /** Generations from the eldest to the youngest. */
  generations: number;
}

interface Words {
  /** Sentences about the elder `{a}` and the younger `{b}`. */
  sentences: readonly string[];
  /** What the elder is to the younger, and how many generations lie between. */
  relations: readonly (readonly [name: string, generations: number])[];
}

const words: Record<Language, Words> = {
  English: {
    sentences: [
      '{a} is the {relation} of {b}.',
      'The {relation} of {b} is called {a}.',
      '{b} grew up in the house of {a}, the {relation} of {b}.',
      'Everyone in town knows that {a} is the {relation} of {b}.',
      '{b} learned to ride a bicycle from {a}, who is the {relation} of {b}.',
    ],
    relations: [
      ['father', 1],
      ['mother', 1],
      ['grandfather', 2],
      ['grandmother', 2],
    ],
  },
  Chinese: {
    sentences: [
      '{a}就是{b}的{relation}。',
      '{b}的{relation}名叫{a}。',
      '{b}从小住在{relation}{a}家里。',
      '街坊都知道{a}是{b}的{relation}。',
    ],
    relations: [
      ['父亲', 1],
      ['母亲', 1],
      ['祖父', 2],
      ['祖母', 2],
    ],
  },
};

/** A family of `links` + 1 people; `names` must be that many or more. */
export function familyChain(
  names: readonly string[],
  links: number,
  language: Language,
  random: Random,
): FamilyChain {
  const { sentences, relations } = words[language];
  const pick = <T>(list: readonly T[]) => list[random.int(0, list.length - 1)];
  const people = shuffled([...names], random).slice(0, links + 1);
  let generations = 0;
  const facts = people.slice(1).map((younger, i) => {
    const [relation, apart] = pick(relations);
    generations += apart;
    const texts: Record<string, string> = { a: people[i], b: younger, relation };
    return pick(sentences).replace(/\{(\w+)\}/g, (_, name: string) => texts[name]);
  });
  return { people, facts: shuffled(facts, random), generations };
}
