/** The original's prompt templates: one text, or turns under `begin`, `round` and `end`. */
import { shown } from '../issue-text.ts';
import { isPlainObject } from './plain.ts';

interface Turn {
  role: string;
  prompt: string;
}

const sections = ['begin', 'round', 'end'] as const;
/** Without effect on what a service is sent. */
const ignoredFields = ['fallback_role', 'generate', 'api_role'];

/**
 * The template of our own form, a text or a list of turns. The column of the reference answer is cut out,
 * so that it is never sent, and so is a last turn of the model that is empty: there the service answers.
 */
export function templateOf(
  template: unknown,
  outputColumn: string,
  wrong: (key: string, problem: string) => void,
): string | Turn[] | null {
  const cut = (text: string) => (outputColumn === '' ? text : text.replaceAll(`{${outputColumn}}`, ''));
  if (typeof template === 'string') return cut(template);
  if (!isPlainObject(template) || !('round' in template)) {
    const got = shown(template, []);
    wrong('', `expected a string, or a dict with "round": a list of turns; got ${got}`);
    return null;
  }
  for (const key of Object.keys(template)) {
    if (!sections.some((s) => s === key)) wrong(`.${key}`, `expected only ${sections.join(', ')}`);
  }
  const turns = sections.flatMap((section) => turnsOf(template[section], `.${section}`, cut, wrong));
  const last = turns.at(-1);
  return last?.role === 'BOT' && last.prompt.trim() === '' ? turns.slice(0, -1) : turns;
}

/** The text of a multimodal turn; what it shows stands in the rows of its data set. */
function wordsOf(media: unknown): unknown {
  if (!isPlainObject(media)) return media;
  return isPlainObject(media.text) ? media.text.text : media.text;
}

function turnsOf(
  section: unknown,
  place: string,
  cut: (text: string) => string,
  wrong: (key: string, problem: string) => void,
): Turn[] {
  if (section === undefined || section === null) return [];
  // A bare text marks the place of examples.
  if (typeof section === 'string' && place !== '.round') return [{ role: 'HUMAN', prompt: cut(section) }];
  if (!Array.isArray(section)) {
    wrong(place, `expected a list of turns, got ${shown(section, [])}`);
    return [];
  }
  return section.flatMap((turn: unknown, i) => {
    const at = `${place}[${i}]`;
    if (!isPlainObject(turn)) {
      wrong(at, `expected a dict of role and prompt, got ${shown(turn, [])}`);
      return [];
    }
    const { role, prompt_mm: media, prompt = wordsOf(media), ...rest } = turn;
    for (const key of Object.keys(rest)) {
      if (!ignoredFields.includes(key)) wrong(`${at}.${key}`, 'is not supported in a turn');
    }
    if (typeof role !== 'string' || role === '')
      wrong(`${at}.role`, `expected a string, got ${shown(role, [])}`);
    else if (typeof prompt === 'string') return [{ role, prompt: cut(prompt) }];
    else
      wrong(
        `${at}.prompt`,
        `expected a string, got ${shown(prompt, [])}: other content is not supported yet`,
      );
    return [];
  });
}
