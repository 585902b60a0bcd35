import ts from 'typescript';
import type { SourceFile } from './source-files.ts';

export interface MeasuredFunction {
  file: string;
  name: string;
  /** Where it starts, counted from 1. */
  line: number;
  lines: number;
  parameters: number;
}

type FunctionNode = ts.FunctionLikeDeclaration & { body: ts.Node };

const isFunction = (node: ts.Node): node is FunctionNode =>
  ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;

/** Every function of the file that has a body, nested ones too. */
export function measureFunctions({ path, tree }: SourceFile): MeasuredFunction[] {
  const found: MeasuredFunction[] = [];
  visit(tree, (node) => {
    if (!isFunction(node)) return;
    const line = tree.getLineAndCharacterOfPosition(node.getStart()).line;
    const lines = tree.getLineAndCharacterOfPosition(node.end).line - line + 1;
    found.push({
      file: path,
      name: nameFunction(node),
      line: line + 1,
      lines,
      parameters: node.parameters.length,
    });
  });
  return found;
}

/** Names of the functions that stand at the top of the file. */
export function listHelpers({ tree }: SourceFile): string[] {
  return tree.statements.flatMap((statement) => {
    if (ts.isFunctionDeclaration(statement)) return statement.name ? [statement.name.text] : [];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations
      .filter(({ initializer }) => initializer !== undefined && isFunction(initializer))
      .map(({ name }) => name.getText());
  });
}

/** A ternary inside another counts once, however deep. */
export function countNestedTernaries({ tree }: SourceFile): number {
  let count = 0;
  visit(tree, (node) => {
    if (!ts.isConditionalExpression(node)) return;
    let outer = node.parent;
    while (ts.isParenthesizedExpression(outer)) outer = outer.parent;
    if (ts.isConditionalExpression(outer)) count++;
  });
  return count;
}

export function countAny({ tree }: SourceFile): number {
  let count = 0;
  visit(tree, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) count++;
  });
  return count;
}

/** Names of constants that say a bound in another way than MAX_ or MIN_. */
export function listOddBounds({ tree }: SourceFile): string[] {
  const found: string[] = [];
  visit(tree, (node) => {
    if (!ts.isVariableDeclaration(node) || !ts.isIdentifier(node.name)) return;
    if (/^(MOST|LEAST|FEWEST|LONGEST|LARGEST|SHORTEST|SMALLEST)_/.test(node.name.text))
      found.push(node.name.text);
  });
  return found;
}

function nameFunction(node: FunctionNode): string {
  if (node.name) return node.name.getText();
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText();
  return '(anonymous)';
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}
