// What the benchmarks need built: the C programs, the engine's driver and the generator (bundled from src/), and a
// Python with aiohttp. Everything goes to a cache folder outside the repository.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

export const root = resolve(import.meta.dirname, '..');
export const cache = process.env.AIS_BENCH_CACHE ?? join(homedir(), '.cache/ais-bench-bench');
export const bin = join(root, 'dist/cli/bin.js');
const out = join(cache, 'bin');

export const programs = {
  server: join(out, 'server'),
  client: join(out, 'client'),
  engine: join(out, 'engine.mjs'),
  generate: join(out, 'generate.mjs'),
  percentile: join(out, 'percentile.mjs'),
  tlsServer: join(out, 'tls-server.mjs'),
};

/** The service and the C client. A second is enough for this and for the bundles, so nothing is ever stale. */
export function compilePrograms() {
  mkdirSync(out, { recursive: true });
  for (const name of ['server', 'client']) {
    const source = join(import.meta.dirname, 'limit', `${name}.c`);
    execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', programs[name], source], { stdio: 'inherit' });
  }
}

/** The engine's driver with its worker, and the generator, from the sources as they are now. */
export async function bundlePrograms() {
  mkdirSync(out, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const common = {
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  };
  // The bundles lie outside the repository but use its packages.
  const modules = join(out, 'node_modules');
  rmSync(modules, { force: true });
  symlinkSync(join(root, 'node_modules'), modules);
  await build({
    ...common,
    entryPoints: {
      engine: 'bench/limit/engine.mjs',
      worker: 'src/load/worker.ts',
      generate: 'bench/scale/generate.mjs',
      percentile: 'bench/scale/percentile.mjs',
      'tls-server': 'bench/limit/tls-server.mjs',
    },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    external: Object.keys(dependencies),
  });
}

/** The Python of a virtual environment that has `packages`; made when missing. Throws with pip's last words. */
export function pythonWith(name, packages, python = 'python3') {
  const env = join(cache, name);
  const interpreter = join(env, 'bin/python');
  const stamp = join(env, 'complete');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === packages.join('\n')) return interpreter;
  execFileSync(python, ['-m', 'venv', '--clear', env]);
  try {
    execFileSync(interpreter, ['-m', 'pip', 'install', '--quiet', ...packages], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    throw new Error(String(error.stderr).trim().split('\n').slice(-3).join(' '));
  }
  execFileSync(interpreter, [
    '-c',
    'import pathlib,sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])',
    stamp,
    packages.join('\n'),
  ]);
  return interpreter;
}
