// Builds dist/: the command and its worker threads (src/), the task-config helpers with their types, and
// each page of web/ as one self-contained file. Runtime dependencies stay imports; all else is bundled.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = {
  'cli/bin': 'src/cli/bin.ts',
  'cli/command': 'src/cli/command.ts',
  'cli/look-worker': 'src/cli/task/look-worker.ts',
  'load/worker': 'src/load/worker.ts',
  'store/h5-worker': 'src/store/h5-worker.ts',
  'config/api': 'src/config/api.ts',
};

/** Names of npm packages whose code ended up in dist/. */
const bundled = new Set();

rmSync(join(root, 'dist'), { recursive: true, force: true });
const code = await build({
  absWorkingDir: root,
  entryPoints: Object.entries(entries).map(([out, file]) => ({ out, in: file })),
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  external: Object.keys(pkg.dependencies),
  // Some bundled packages are CommonJS and call require() for node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  metafile: true,
  logLevel: 'warning',
});
noteBundled(code.metafile);
const bin = join(root, 'dist/cli/bin.js');
if (existsSync(bin)) {
  const text = readFileSync(bin, 'utf8');
  writeFileSync(bin, text.startsWith('#!') ? text : `#!/usr/bin/env node\n${text}`);
  chmodSync(bin, 0o755);
}
await buildPages();
writeNotices();
execFileSync(
  process.execPath,
  [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.types.json')],
  { stdio: 'inherit' },
);

/** web/NAME/main.ts + style.css + index.html -> dist/web/NAME.html with script and style inlined. */
async function buildPages() {
  const web = join(root, 'web');
  mkdirSync(join(root, 'dist/web'), { recursive: true });
  const pages = readdirSync(web, { withFileTypes: true }).filter((e) => e.isDirectory());
  for (const { name } of pages) {
    if (!existsSync(join(web, name, 'index.html'))) continue;
    const out = await build({
      absWorkingDir: root,
      entryPoints: [join(web, name, 'main.ts')],
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'chrome110',
      charset: 'utf8',
      legalComments: 'none',
      write: false,
      outdir: 'unused',
      metafile: true,
      loader: { '.css': 'css' },
      logLevel: 'warning',
    });
    noteBundled(out.metafile);
    const text = (ending) => out.outputFiles.find((f) => f.path.endsWith(ending))?.text ?? '';
    // A closing tag inside a script or style would end it early.
    const script = text('.js').replaceAll('</script', '<\\/script');
    const html = readFileSync(join(web, name, 'index.html'), 'utf8')
      .replace('<!--style-->', () => `<style>${text('.css')}</style>`)
      .replace('<!--script-->', () => `<script>${script}</script>`);
    writeFileSync(join(root, 'dist/web', `${name}.html`), html);
  }
}

function noteBundled(metafile) {
  for (const input of Object.keys(metafile.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
    if (name) bundled.add(name);
  }
}

/** Whoever ships another project's code ships its license, too. */
function writeNotices() {
  const parts = [...bundled].sort().map((name) => {
    const dir = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const file = readdirSync(dir).find((f) => /^licen[cs]e/i.test(f));
    if (!file) throw new Error(`${name} is bundled, but has no license file`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(dir, file), 'utf8').trim()}\n`;
  });
  writeFileSync(
    join(root, 'dist/THIRD-PARTY-NOTICES.txt'),
    `Packages whose code is bundled into dist/:\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`,
  );
}
