import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Where the tools are installed, and the code that they look at. */
export interface Places {
  /** The repository whose node_modules and settings are used. */
  home: string;
  root: string;
}

interface KnipIssue {
  file: string;
  exports?: { name: string }[];
  types?: { name: string }[];
}

/** Exports that no other file imports, as knip finds them. */
export function findUnusedExports({ home, root }: Places): string[] {
  const settings = ['--directory', root, '--config', join(home, 'knip.json')];
  const run = [
    'knip/bin/knip.js',
    '--reporter',
    'json',
    '--include',
    'exports,types',
    '--no-exit-code',
    ...settings,
  ];
  const { issues } = JSON.parse(runTool({ home, root }, run)) as { issues: KnipIssue[] };
  return issues.flatMap(({ file, exports = [], types = [] }) =>
    [...exports, ...types].map(({ name }) => `${file}: ${name}`),
  );
}

interface BiomeReport {
  diagnostics: { message: string; location: { path: string; start: { line: number } } }[];
}

/** Functions above the limit of cognitive complexity, as biome measures it. */
export function findComplexFunctions({ home, root }: Places, limit: number): string[] {
  const rule = '--only=complexity/noExcessiveCognitiveComplexity';
  const folders = ['src', 'web', 'bench', 'scripts'];
  const run = [
    '@biomejs/biome/bin/biome',
    'lint',
    rule,
    '--reporter=json',
    '--max-diagnostics=none',
    ...folders,
  ];
  const { diagnostics } = JSON.parse(runTool({ home, root }, run)) as BiomeReport;
  return diagnostics.flatMap(({ message, location }) => {
    const score = Number(/complexity of (\d+)/.exec(message)?.[1]);
    const isTest = /\.test\.|\.fixture\./.test(location.path);
    return score > limit && !isTest ? [`${location.path}:${location.start.line} ${score}`] : [];
  });
}

function runTool({ home, root }: Places, [program, ...args]: string[]): string {
  const path = join(home, 'node_modules', program);
  const { stdout, stderr } = spawnSync(process.execPath, [path, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (!stdout.startsWith('{')) throw new Error(`${program} printed no JSON: ${stderr}`);
  return stdout;
}
