/** Constants as the source writes them. The parser tells neither 1.0 from 1 nor bytes from text. */
import { type Constant, PyComplex } from 'py-ast';
import type { Context } from './context.ts';
import { bounded } from './operators.ts';
import { fail, type PyValue, spendText } from './values.ts';

export function constant(node: Constant, context: Context): PyValue {
  const value: unknown = node.value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return bounded(value);
  if (typeof value === 'number') return isFloat(node, context) ? value : BigInt(value);
  if (value instanceof PyComplex) return fail('complex numbers are not read');
  if (typeof value !== 'string') return fail('this constant is not read');
  return textConstant(node, value, context);
}

function isFloat(node: Constant, context: Context): boolean {
  if (!Number.isInteger(node.value)) return true;
  const source = sourceOf(node, context);
  return /^[\d_.]*[.eE]/.test(source) && !/^0[xXbBoO]/.test(source);
}

function textConstant(node: Constant, value: string, context: Context): PyValue {
  const opening = node.quote_style?.toLowerCase();
  // `...` comes as a text without quotes.
  if (opening === undefined) return value === '...' ? fail('... is no value; write one') : value;
  if (opening.startsWith('b') || opening.startsWith('rb')) fail('bytes are not read; write a string');
  spendText(context.budget, value.length);
  if (/\\N\{/.test(value) && !opening.startsWith('r')) {
    fail('\\N{…} is not read; write the character itself');
  }
  return value;
}

/** The constant's text in the file; columns count bytes of UTF-8. */
function sourceOf(node: Constant, { lines }: Context): string {
  const line = lines[node.lineno - 1] ?? '';
  return Buffer.from(line).subarray(node.col_offset, node.end_col_offset).toString();
}
