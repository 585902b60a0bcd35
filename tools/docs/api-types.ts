/** src/config/api.generated.ts, made from the schemas: the fields of task configs as an editor shows them. */
import { z } from 'zod';
import { datasetTask, modelTask, summarizerTask, trafficTask } from '../../src/config/schemas.ts';

interface Node {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  items?: Node;
  properties?: Record<string, Node>;
  required?: string[];
  description?: string;
}

interface Named {
  name: string;
  about: string;
  schema: z.ZodType;
}

const traffic: Named = {
  name: 'TrafficTask',
  about: 'How requests arrive; every field may be left out.',
  schema: trafficTask,
};
const interfaces: readonly Named[] = [
  traffic,
  { name: 'ModelTask', about: 'One service to test, and how to load it.', schema: modelTask },
  { name: 'AnyDatasetTask', about: 'What every dataset task has, whatever its type.', schema: datasetTask },
  { name: 'SummarizerTask', about: 'How a recorded run becomes tables.', schema: summarizerTask },
];

const HEAD =
  '/** The fields of task configs, made by `npm run docs` from what the program itself checks them with. Edit schemas.ts. */';
/** The formatter's width. */
const MAX_WIDTH = 110;
/** Longer lists of words are not spelled out: their key's text says what they are. */
const MAX_NAMED = 16;

/** The file's text. */
export function apiTypes(): string {
  return `${[HEAD, ...interfaces.map(interfaceText)].join('\n\n')}\n`;
}

function interfaceText({ name, about, schema }: Named): string {
  const fields = fieldsOf(nodeOf(schema, 'input'), nodeOf(schema, 'output'));
  return `/** ${about} */\nexport interface ${name} {\n${fields.join('\n')}\n}`;
}

function nodeOf(schema: z.ZodType, io: 'input' | 'output'): Node {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Node;
}

function fieldsOf({ properties = {}, required = [] }: Node, output: Node): string[] {
  return Object.entries(properties).map(([key, given]) => {
    const read = output.properties?.[key] ?? {};
    const type = key === 'traffic_cfg' ? `${traffic.name} | null` : typeOf(given, read);
    const mark = required.includes(key) ? '' : '?';
    return `  /** ${read.description ?? ''} */\n${declaration(`  ${key}${mark}:`, type)}`;
  });
}

/** On one line, or with one alternative a line, as the formatter leaves it. */
function declaration(head: string, type: string): string {
  const line = `${head} ${type};`;
  if (line.length <= MAX_WIDTH) return line;
  return `${head}\n${type
    .split(' | ')
    .map((part) => `    | ${part}`)
    .join('\n')};`;
}

/** @param read The same value after the checks, where what may be given cannot be told. */
function typeOf(given: Node, read: Node): string {
  const { anyOf, items, properties } = given;
  if (anyOf) return [...new Set(anyOf.map((node, i) => typeOf(node, read.anyOf?.[i] ?? {})))].join(' | ');
  if (given.const !== undefined) return literal(given.const);
  if (given.enum) return given.enum.length > MAX_NAMED ? 'string' : given.enum.map(literal).join(' | ');
  if (items) return `${typeOf(items, read.items ?? {})}[]`;
  if (properties) {
    const fields = Object.entries(properties).map(
      ([key, node]) => `${key}?: ${typeOf(node, read.properties?.[key] ?? {})}`,
    );
    return `{ ${fields.join('; ')} }`;
  }
  const names: Record<string, string> = {
    integer: 'number',
    number: 'number',
    string: 'string',
    boolean: 'boolean',
    null: 'null',
    object: '{ [name: string]: unknown }',
  };
  const own = names[given.type ?? ''];
  if (own === undefined && given !== read) return typeOf(read, read);
  return own ?? 'unknown';
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
