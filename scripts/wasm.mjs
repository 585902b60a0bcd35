// npm run wasm: compiles src/load/wire/shapes/chunk-scan.wat into chunk-scan-code.ts. A unit test says when that is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import createWabt from 'wabt';

const folder = join(import.meta.dirname, '../src/load/wire/shapes');
const { parseWat } = await createWabt();
const name = 'chunk-scan.wat';
const module = parseWat(name, readFileSync(join(folder, name), 'utf8'), { simd: true });
const code = Buffer.from(module.toBinary({}).buffer).toString('base64');
const lines = (code.match(/.{1,100}/g) ?? []).map((line) => `  '${line}',`);
writeFileSync(
  join(folder, 'chunk-scan-code.ts'),
  `/** Made of chunk-scan.wat by \`npm run wasm\`. */\nexport const CHUNK_SCAN_CODE = [\n${lines.join('\n')}\n].join('');\n`,
);
console.log(
  `Wrote src/load/wire/shapes/chunk-scan-code.ts, ${Math.ceil((code.length * 3) / 4)} bytes of code`,
);
