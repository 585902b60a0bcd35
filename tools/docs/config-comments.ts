/** The comments of the packaged model configs, made from the schema and the wire dialect that each one speaks. */
import { modelTypes } from '../../src/config/model-types.ts';
import { modelTask } from '../../src/config/schemas.ts';
import type { Target } from '../../src/core/protocol.ts';
import { protocols } from '../../src/protocols/registry.ts';
import { keysOf } from './schema-keys.ts';

/** A comment stands behind its field where both fit into so many columns, else above it. */
const MAX_WIDTH = 110;

const meanings = new Map(keysOf(modelTask).map(({ path, meaning }) => [path, meaning]));

/** The text of a model config with the comment of every key of the schema as it should be. */
export function withComments(text: string): string {
  const special = ownMeanings(text);
  const lines: string[] = [];
  let around = '';
  for (const line of text.split('\n')) {
    const [, indent = '', key = ''] = /^( {4}| {6})(\w+): /.exec(line) ?? [];
    if (indent.length === 4) around = '';
    const path = `${around}${key}`;
    const meaning = special.get(path) ?? meanings.get(path);
    if (indent.length === 4 && line.endsWith('{')) around = `${key}.`;
    if (meaning === undefined) {
      lines.push(line);
      continue;
    }
    while (lines.at(-1)?.startsWith(`${indent}//`)) lines.pop();
    lines.push(...explained(line.replace(/,\s*\/\/ .*$/, ','), indent, meaning));
  }
  return lines.join('\n');
}

/** What the dialect of the config says better than the schema, which speaks of all of them. */
function ownMeanings(text: string): Map<string, string> {
  const type = modelTypes[/^ {4}type: '(\w+)'/m.exec(text)?.[1] ?? ''];
  if (type === undefined) return new Map();
  const { path, namesModel, optionsKey } = protocols[type.protocol];
  const stream = /^ {4}stream: true/m.test(text);
  const endpoint = decodeURIComponent(path({ model: '<model>', stream } as Target));
  const own = new Map([['type', `Wire dialect: requests go to ${endpoint}.`]]);
  if (!namesModel) own.set('model', 'Not needed: the service answers with the model it has loaded.');
  if (optionsKey !== '')
    own.set(
      'generation_kwargs',
      `Added to the \`${optionsKey}\` of every request; a null removes a default field.`,
    );
  return own;
}

function explained(field: string, indent: string, meaning: string): string[] {
  const behind = `${field} // ${meaning}`;
  if (behind.length <= MAX_WIDTH && !field.endsWith('{')) return [behind];
  return [...wrapped(meaning, `${indent}// `), field];
}

function wrapped(text: string, head: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= MAX_WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${head}${word}`);
  }
  return lines;
}
