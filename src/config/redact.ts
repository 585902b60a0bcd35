/** Keeps secrets out of everything that is shown or stored. */
import { isSecretName } from '../core/text/secret-names.ts';
import { secretForms, secretsOf, withoutForms } from '../core/text/secrets.ts';
import type { RunConfig } from './run-config.ts';
import { decoded } from './target-url.ts';

export const MASK = '***';

/**
 * A JSON-clean copy of the configuration to store and print. Gone are keys and passwords (wherever else the same
 * text stands), values under names like `authorization` or `token`, every header in a `…headers`
 * object, credentials in URLs, and secret-looking query parameters.
 */
export function redactedConfig(config: RunConfig): unknown {
  const secrets = config.tasks.flatMap((t) => secretsOf(t.model));
  return redactValue(JSON.parse(JSON.stringify(config)), secrets);
}

/** Copies plain JSON data without the `secrets` and whatever looks like one by its name. */
function redactValue(value: unknown, secrets: readonly string[] = []): unknown {
  if (typeof value === 'string') return redactText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      if (isSecretName(name)) return [name, masked(item)];
      if (/headers?$/i.test(name) && typeof item === 'object') return [name, maskAll(item)];
      return [redactText(name, secrets), redactValue(item, secrets)];
    }),
  );
}

/** Hides known secrets, bearer tokens, and what URLs carry, in any text. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  return withoutForms(text, secretForms(secrets), MASK)
    .replace(/(^|authorization["']?\s*[:=]\s*["']?)(bearer|basic)\s+[^\s"',;]+/gi, `$1$2 ${MASK}`)
    .replace(/\/\/[^/?#\s"]*@/g, `//${MASK}@`)
    .replace(/([?&;])([^=&#\s"]+)=([^&#\s"]*)/g, (whole, mark: string, name: string) =>
      isSecretName(decoded(name)) ? `${mark}${name}=${MASK}` : whole,
    );
}

/** Empty means that no secret was given, which is worth keeping. Numbers and flags of that name too are hidden. */
function masked(value: unknown): unknown {
  return value === '' || value === null ? value : MASK;
}

function maskAll(headers: object | null): unknown {
  if (headers === null) return null;
  return Object.fromEntries(Object.keys(headers).map((name) => [name, MASK]));
}
