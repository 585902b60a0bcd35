/** Values as text, the way Python writes them: `str`, `repr`, f-strings, `%` and `str.format`. */
import {
  type Budget,
  elementsOf,
  fail,
  isKind,
  type PyDict,
  type PyValue,
  spendText,
  typeName,
} from './values.ts';

const MAX_DEPTH = 50;

export function strOf(value: PyValue, budget: Budget): string {
  if (typeof value === 'string') return value;
  return reprOf(value, budget);
}

export function reprOf(value: PyValue, budget: Budget, depth = 0): string {
  budget.spend(1);
  if (depth > MAX_DEPTH) fail('lists or dicts are nested too deeply, or hold themselves');
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') return quoted(value);
  const below = (item: PyValue) => reprOf(item, budget, depth + 1);
  switch (value.kind) {
    case 'list':
      return joined(`[`, value.items.map(below), ']', budget);
    case 'tuple':
      return value.items.length === 1
        ? `(${below(value.items[0])},)`
        : joined('(', value.items.map(below), ')', budget);
    case 'dict': {
      const parts = [...value.entries.values()].map((e) => `${below(e.key)}: ${below(e.value)}`);
      return joined('{', parts, '}', budget);
    }
    case 'set':
      if (value.entries.size === 0) return 'set()';
      return joined('{', [...value.entries.values()].map(below), '}', budget);
    default:
      return fail(`${value.name} has no value here, because Python code is not run; write the string itself`);
  }
}

function joined(open: string, parts: string[], close: string, budget: Budget): string {
  spendText(
    budget,
    parts.reduce((sum, part) => sum + part.length + 2, 2),
  );
  return open + parts.join(', ') + close;
}

/** The shortest digits that give the number back, with `.0` or an exponent where Python has one. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [digits, exponent] = value.toExponential().split('e');
  const power = Number(exponent);
  if (value !== 0 && (power < -4 || power >= 16)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  const plain = Object.is(value, -0) ? '-0' : String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return quote + escaped + quote;
}

const SPEC = /^(?:(.)?([<>^]))?([+ -])?(0)?(\d{1,5})?(,)?(?:\.(\d{1,3}))?([sdfF%xX])?$/su;

/** Applies a format specification such as `.2f`, `>8`, `03d` or `,`. */
export function formatted(value: PyValue, spec: string, budget: Budget): string {
  if (spec === '') return strOf(value, budget);
  const parts = SPEC.exec(spec);
  if (!parts) return fail(`the format ":${spec}" is not read; write the string itself`);
  const [, fill = ' ', align, sign = '-', zero, width = '0', comma, precision, type] = parts;
  spendText(budget, Number(width));
  const isNumber = typeof value === 'bigint' || typeof value === 'number' || type === 'd';
  if (!isNumber) {
    if (type !== undefined && type !== 's')
      fail(`the format ":${spec}" needs a number, got ${typeName(value)}`);
    const whole = strOf(value, budget);
    const shown = precision === undefined ? whole : [...whole].slice(0, Number(precision)).join('');
    return padded(shown, Number(width), fill, align ?? '<');
  }
  const digits = digitsOf(value, type, precision, spec);
  const [head, tail = ''] = splitAt(digits.replace(/^-/, ''), /[.eE%]/);
  const grouped = comma ? head.replace(/\B(?=(\d{3})+$)/g, ',') : head;
  const markOfPositive = sign === '-' ? '' : sign;
  const mark = digits.startsWith('-') ? '-' : markOfPositive;
  const body = grouped + tail;
  if (zero && !align) return mark + body.padStart(Number(width) - mark.length, '0');
  return padded(mark + body, Number(width), fill, align ?? '>');
}

function splitAt(text: string, mark: RegExp): [string, string?] {
  const at = text.search(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at)];
}

function digitsOf(
  value: PyValue,
  type: string | undefined,
  precision: string | undefined,
  spec: string,
): string {
  if (type === 'd' || (typeof value === 'bigint' && type === undefined && precision === undefined)) {
    if (typeof value !== 'bigint') return fail(`the format ":${spec}" needs a whole number`);
    return String(value);
  }
  if (type === 'x' || type === 'X') {
    if (typeof value !== 'bigint') return fail(`the format ":${spec}" needs a whole number`);
    const hex = value.toString(16);
    return type === 'x' ? hex : hex.toUpperCase();
  }
  const number = Number(value);
  const places = precision === undefined ? 6 : Number(precision);
  if (places > 100 || !Number.isFinite(number)) return fail(`the format ":${spec}" is not read`);
  switch (type) {
    case 'f':
    case 'F':
      return fixed(number, places);
    case '%':
      return `${fixed(number * 100, places)}%`;
    default:
      if (precision === undefined) return floatText(number);
      return fail(`the format ":${spec}" is not read; say which kind, e.g. ":.${precision}f"`);
  }
}

/** Digits behind the point that `toFixed` can write: all of any number that lies between two texts. */
const MAX_PLACES = 100;

/** JavaScript writes an exponent from 1e21 on. */
function fixed(number: number, places: number): string {
  if (Math.abs(number) >= 1e21) return fail('a number of that size is not formatted');
  const exact = number.toFixed(MAX_PLACES);
  const cut = exact.length - (MAX_PLACES - places);
  // Of two equally near texts Python takes the one with the even last digit, JavaScript the greater one.
  const isTie = /^50*$/.test(exact.slice(cut)) && /[02468]\.?$/.test(exact.slice(0, cut));
  return isTie ? exact.slice(0, cut).replace(/\.$/, '') : number.toFixed(places);
}

function padded(text: string, width: number, fill: string, align: string): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '>') return fill.repeat(missing) + text;
  const left = Math.floor(missing / 2);
  return fill.repeat(left) + text + fill.repeat(missing - left);
}

/** `'{} {name:.2f}'.format(...)`, without attributes and indices inside the braces. */
export function formatText(
  template: string,
  given: readonly PyValue[],
  named: ReadonlyMap<string, PyValue>,
  budget: Budget,
): string {
  spendText(budget, template.length);
  let next = 0;
  const out = template.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (whole, inside: string | undefined) => {
    if (whole === '{{') return '{';
    if (whole === '}}') return '}';
    if (inside === undefined) return fail('a single { or } in a format text; write it twice');
    const field = /^(\w*)(?:!([rs]))?(?::(.*))?$/su.exec(inside);
    if (!field) return fail(`"{${inside}}" is not read; put the value into a name first`);
    const [, name, conversion, spec = ''] = field;
    const byName = () => (/^\d+$/.test(name) ? given[Number(name)] : named.get(name));
    const value = name === '' ? given[next++] : byName();
    if (value === undefined) return fail(`format() got no value for "{${inside}}"`);
    return formatted(conversion === 'r' ? reprOf(value, budget) : value, spec, budget);
  });
  spendText(budget, out.length);
  return out;
}

/** `'%s at %.2f' % (a, b)` */
export function percentText(template: string, right: PyValue, budget: Budget): string {
  spendText(budget, template.length);
  const values = isKind(right, 'tuple') ? elementsOf(right, budget) : [right];
  const dict: PyDict | null = isKind(right, 'dict') ? right : null;
  let next = 0;
  const out = template.replace(/%(?:\((\w+)\))?(%|[^%]*?[a-zA-Z])/g, (whole, name: string, rest: string) => {
    if (rest === '%') return '%';
    const place = PERCENT_PLACE.exec(rest);
    if (!place) return fail(`"${whole}" is not read; use an f-string`);
    const value = name === undefined ? values[next++] : dict?.entries.get(`s${name}`)?.value;
    if (value === undefined) return fail(`"${whole}" got no value`);
    return percentPlace(place, value, budget);
  });
  if (dict === null && next < values.length) fail('more values than places in the string');
  spendText(budget, out.length);
  return out;
}

const PERCENT_PLACE = /^(-)?(0)?(\d{0,5})(\.\d{1,3})?([srdifxX])$/;

/** A value at a place such as `%-8.2f`, by way of the specification of `format()` that means the same. */
function percentPlace(place: RegExpExecArray, value: PyValue, budget: Budget): string {
  const [, left, zero = '', width, precision = '', kind] = place;
  if (kind === 's' || kind === 'r') {
    const text = kind === 'r' ? reprOf(value, budget) : strOf(value, budget);
    return formatted(text, `${left ? '<' : '>'}${width}${precision}s`, budget);
  }
  const type = kind === 'i' ? 'd' : kind;
  return formatted(value, `${left ? '<' : zero}${width}${precision}${type}`, budget);
}
