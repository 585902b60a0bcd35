/** Every file that `npm run docs` writes. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiTypes } from './api-types.ts';
import { withComments } from './config-comments.ts';
import { configurationPage } from './configuration-page.ts';
import { helpOf } from './help-of.ts';

export interface GeneratedFile {
  /** Relative to the package. */
  path: string;
  text: string;
}

/** @param unexplained Keys, flags and commands that nobody has explained, each with where to do it. */
export async function generatedFiles(
  root: string,
): Promise<{ files: GeneratedFile[]; unexplained: string[] }> {
  const { text, unexplained } = await configurationPage(helpOf);
  const configs = readdirSync(join(root, 'configs/models'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `configs/models/${name}`)
    .map((path) => ({ path, text: withComments(readFileSync(join(root, path), 'utf8')) }));
  const files = [
    { path: 'docs/configuration.md', text },
    { path: 'src/config/api.generated.ts', text: apiTypes() },
    ...configs,
  ];
  return { files, unexplained };
}
