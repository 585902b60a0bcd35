import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../../src');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(name))
  .map((name) => join(src, name));

interface Message {
  /** Where it stands, `file:line`. */
  place: string;
  cause: string;
  remedy: string;
}

/** The words of an expression as far as the source tells them; what is computed is an `x`. */
function wordsOf(node: ts.Expression | undefined): string {
  if (node === undefined) return '';
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map((span) => `x${span.literal.text}`).join('');
  }
  if (ts.isBinaryExpression(node)) return wordsOf(node.left) + wordsOf(node.right);
  return 'x';
}

function hintOf(options: ts.Expression | undefined): ts.Expression | undefined {
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return undefined;
  const hint = options.properties.find((p) => p.name?.getText() === 'hint');
  return hint !== undefined && ts.isPropertyAssignment(hint) ? hint.initializer : undefined;
}

function messagesOf(file: string): Message[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const messages: Message[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'UserError') {
      const [, message, options] = node.arguments ?? [];
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      messages.push({
        place: `${relative(src, file)}:${line + 1}`,
        cause: wordsOf(message),
        remedy: wordsOf(hintOf(options)),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return messages;
}

/** Ends of sentences that another sentence follows. */
function furtherSentences(text: string): number {
  return text.match(/[.!?] +(?=[A-Z])/g)?.length ?? 0;
}

describe('an error that a user can fix', () => {
  const messages = files.flatMap(messagesOf);

  it('is found in the sources', () => {
    expect(messages.length).toBeGreaterThan(50);
  });

  it('says its cause in one sentence', () => {
    const long = messages.filter(({ cause }) => furtherSentences(cause) > 0);
    expect(long.map(({ place, cause }) => `${place}: ${cause}`)).toEqual([]);
  });

  it('says its remedy in one sentence', () => {
    const long = messages.filter(({ remedy }) => furtherSentences(remedy) > 0);
    expect(long.map(({ place, remedy }) => `${place}: ${remedy}`)).toEqual([]);
  });
});
