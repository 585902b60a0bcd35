/** What `infer_cfg` of a Python config says: the prompt template, and the examples put before the question. */
import { EXAMPLE_TOKEN } from '../../datasets/text/few-shot.ts';
import { shown } from '../issue-text.ts';
import { className, isPlainObject } from './plain.ts';
import { templateOf } from './template-config.ts';

export interface Inference {
  /** null when there is none. */
  template: ReturnType<typeof templateOf>;
  /** Options of a data set that takes examples; null without examples. */
  fewShot: { examples: unknown; example_template: unknown; example_token: string } | null;
  /** How the turns of a conversation are sent; the original keeps it with the inferencer. */
  mode?: unknown;
}

type Wrong = (key: string, problem: string) => void;

const ONE_TURN = 'GenInferencer';
const MANY_TURNS = 'MultiTurnGenInferencer';

/** `manyTurns`: the data set's rows are conversations. */
export function inferenceOf(
  infer: unknown,
  outputColumn: string,
  manyTurns: boolean,
  wrong: Wrong,
): Inference {
  const nothing: Inference = { template: null, fewShot: null };
  if (infer === undefined || infer === null) return nothing;
  if (!isPlainObject(infer)) {
    wrong('infer_cfg', `expected a dict, got ${shown(infer, [])}`);
    return nothing;
  }
  const ids = exampleIds(infer.retriever, wrong);
  const mode = modeOf(infer.inferencer, manyTurns ? MANY_TURNS : ONE_TURN, wrong);
  const { prompt_template: prompt, ice_template: example } = infer;
  const token = tokenOf(example) ?? tokenOf(prompt) ?? EXAMPLE_TOKEN;
  // One of the two may stand for both.
  const [key, asked] = isGiven(prompt) ? ['prompt_template', prompt] : ['ice_template', example];
  const template = read(asked, key, outputColumn, wrong);
  if (ids === null) return { template: withoutToken(template, token), fewShot: null, mode };
  const [exampleKey, written] = isGiven(example) ? ['ice_template', example] : [key, asked];
  const exampleTemplate = read(written, exampleKey, '', wrong);
  const fewShot = { examples: ids, example_template: exampleTemplate, example_token: token };
  return { template, fewShot, mode };
}

function modeOf(inferencer: unknown, expected: string, wrong: Wrong): unknown {
  if (!isPlainObject(inferencer)) return undefined;
  const name = className(inferencer.type);
  if (name !== null && name !== expected)
    wrong('infer_cfg.inferencer', `expected ${expected}, got ${name}, which is not supported yet`);
  return inferencer.infer_mode;
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

/** The rows that a FixKRetriever takes, or null for none. */
function exampleIds(retriever: unknown, wrong: Wrong): unknown {
  const name = isPlainObject(retriever) ? className(retriever.type) : null;
  if (name === null || name === 'ZeroRetriever') return null;
  if (name === 'FixKRetriever') return (retriever as Record<string, unknown>).fix_id_list ?? [];
  wrong(
    'infer_cfg.retriever',
    `expected ZeroRetriever or FixKRetriever, got ${name}: examples are not searched for here; name their rows or write them into the prompt template`,
  );
  return null;
}

function tokenOf(template: unknown): string | null {
  const token = isPlainObject(template) ? template.ice_token : null;
  return typeof token === 'string' && token !== '' ? token : null;
}

function read(
  given: unknown,
  key: string,
  outputColumn: string,
  wrong: Wrong,
): ReturnType<typeof templateOf> {
  if (!isGiven(given)) return null;
  const place = `infer_cfg.${key}`;
  if (isPlainObject(given)) {
    return templateOf(given.template, outputColumn, (at, problem) =>
      wrong(`${place}.template${at}`, problem),
    );
  }
  wrong(place, `expected a dict, got ${shown(given, [])}`);
  return null;
}

/** Without examples the mark of their place is nothing. */
function withoutToken(template: Inference['template'], token: string): Inference['template'] {
  if (typeof template === 'string') return template.replaceAll(token, '');
  return template?.filter((turn) => turn.prompt.trim() !== token) ?? null;
}
