/** The keys of a schema, nested ones with their paths: type and range, default, meaning. */
import { z } from 'zod';

export interface Key {
  /** `traffic_cfg.burstiness`, `template[].role` */
  path: string;
  type: string;
  /** `required`, a value, or '' for none. */
  fallback: string;
  meaning: string;
}

interface Node {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Node[];
  oneOf?: Node[];
  items?: Node;
  properties?: Record<string, Node>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
  description?: string;
}

const MAX_NAMED = 16;

export function keysOf(schema: z.ZodType): Key[] {
  const json = (io: 'input' | 'output') => z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Node;
  // What the values are after the checks; what must be given is said by the other side.
  return keysIn(json('output'), json('input'), '');
}

function keysIn(node: Node, input: Node, path: string): Key[] {
  const inputs = alternatives(input);
  const all = alternatives(node).flatMap((object, i) => {
    const fields = fieldsIn(object, inputs[i] ?? input, path);
    return object.items ? [...fields, ...keysIn(object.items, inputs[i]?.items ?? {}, `${path}[]`)] : fields;
  });
  return merged(all);
}

function fieldsIn(object: Node, given: Node, path: string): Key[] {
  return Object.entries(object.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const own: Key = {
      path: at,
      type: typeOf(child),
      fallback: fallbackOf(child, given.required?.includes(name) ?? false),
      meaning: child.description ?? '',
    };
    return [own, ...keysIn(child, given.properties?.[name] ?? {}, at)];
  });
}

/** A key that several alternatives have stands there once, with every type that it may have. */
function merged(keys: readonly Key[]): Key[] {
  const known = new Map<string, Key>();
  for (const key of keys) {
    const before = known.get(key.path);
    if (!before) known.set(key.path, key);
    else if (!before.type.split(', ').includes(key.type)) before.type += `, ${key.type}`;
  }
  return [...known.values()];
}

/** The node itself, or the kinds it may be of. */
function alternatives(node: Node): Node[] {
  return (node.anyOf ?? node.oneOf ?? [])
    .flatMap(alternatives)
    .concat(node.anyOf || node.oneOf ? [] : [node]);
}

function fallbackOf(node: Node, required: boolean): string {
  if (node.default !== undefined) return `\`${JSON.stringify(node.default)}\``;
  return required ? 'required' : '';
}

function typeOf(node: Node): string {
  const kinds = node.anyOf ?? node.oneOf;
  if (kinds) return [...new Set(kinds.map(typeOf))].join(' or ');
  if (node.const !== undefined) return `\`${JSON.stringify(node.const)}\``;
  if (node.enum) return namesOf(node.enum);
  if (node.type === 'integer') return `whole number${rangeOf(node)}`;
  if (node.type === 'number') return `number${rangeOf(node)}`;
  if (node.type === 'array') return `list of ${countOf(node)}${typeOf(node.items ?? {})}`;
  const names: Record<string, string> = {
    string: 'text',
    boolean: 'true or false',
    null: '`null`',
    object: 'object',
  };
  return names[node.type ?? ''] ?? 'any value';
}

function namesOf(values: unknown[]): string {
  const shown = values.map((value) => `\`${JSON.stringify(value)}\``);
  if (shown.length <= MAX_NAMED) return shown.join(', ');
  return `${shown.slice(0, 5).join(', ')} … ${shown.at(-1)}`;
}

/** A limit at the edge of safe whole numbers is none. */
function rangeOf({ minimum, maximum, exclusiveMinimum }: Node): string {
  const real = (limit?: number) =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : null;
  const [low, high, above] = [real(minimum), real(maximum), real(exclusiveMinimum)];
  if (above !== null) return ` above ${above}${high === null ? '' : ` up to ${high}`}`;
  if (low !== null && high !== null) return ` from ${low} to ${high}`;
  if (low !== null) return `, at least ${low}`;
  return high === null ? '' : `, at most ${high}`;
}

function countOf({ minItems, maxItems }: Node): string {
  return maxItems === undefined ? '' : `${minItems ?? 0} to ${maxItems}: `;
}
