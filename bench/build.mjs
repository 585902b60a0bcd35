// What the benchmarks need built: the C programs, the engine's driver and the generator (bundled from src/), and a
// Python with aiohttp. Everything goes to a cache folder outside the repository.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
  stamps: join(out, 'stamps.mjs'),
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
  /** @type {import('esbuild').BuildOptions} */
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
      stamps: 'bench/limit/stamps.mjs',
      'tls-server': 'bench/limit/tls-server.mjs',
    },
    outdir: out,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    external: Object.keys(dependencies),
  });
}

/**
 * The Python of a virtual environment that has `packages`; made when missing. Throws with pip's last words. With
 * `withoutTag`, the name of a package among them, what that one needs is installed by requirements_without_tag.py.
 */
export function pythonWith(name, packages, withoutTag) {
  const env = join(cache, name);
  const interpreter = join(env, 'bin/python');
  const stamp = join(env, 'complete');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === packages.join('\n')) return interpreter;
  execFileSync('python3', ['-m', 'venv', '--clear', env]);
  if (withoutTag === undefined) install(interpreter, packages);
  else {
    install(interpreter, ['--no-deps', ...packages]);
    const reader = join(import.meta.dirname, 'peers/requirements_without_tag.py');
    const needed = execFileSync(interpreter, [reader, withoutTag], { encoding: 'utf8' });
    install(interpreter, needed.trim().split('\n'));
  }
  writeFileSync(stamp, packages.join('\n'));
  return interpreter;
}

function install(interpreter, words) {
  try {
    execFileSync(interpreter, ['-m', 'pip', 'install', '--quiet', ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    throw new Error(String(error.stderr).trim().split('\n').slice(-3).join(' '));
  }
}

/** The versions that are installed, as `name version`; for what a figure was measured with. */
export function versionsOf(interpreter, packages) {
  const names = packages.map((text) => String(/^[\w.-]+/.exec(text)?.[0]));
  const code =
    'import sys,importlib.metadata as m; print("\\n".join(f"{n} {m.version(n)}" for n in sys.argv[1:]))';
  return execFileSync(interpreter, ['-c', code, ...names], { encoding: 'utf8' })
    .trim()
    .split('\n');
}
