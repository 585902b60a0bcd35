/** What must hold before the first request is sent. Each check throws a `UserError` that says what to do. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EXIT, UserError } from '../../core/errors.ts';
import { listed } from '../../core/failures/failure-hints.ts';
import { type FailureWords, failureLine, failureWords } from '../../core/failures/failure-words.ts';
import type { Target } from '../../core/protocol.ts';
import { visible } from '../../core/text/outside-text.ts';
import { secretForms, secretsOf, withoutForms } from '../../core/text/secrets.ts';
import { makePath } from '../../store/own-files.ts';
import { type Answer, addressOf, askService } from './ask-service.ts';
import type { ServiceWait } from './service-wait.ts';

const START_HINT =
  'Start the service, or set host_ip and host_port (or url) in the model config; `ais_bench sim` starts a simulated one.';
const TRUST_HINT =
  'In the model config, set ca_file to the PEM file of the authority that signed the certificate, or insecure_skip_verify to accept any certificate.';
/** Journal and HDF5 columns of one output event, its text, and slack; measured about 12. */
const BYTES_PER_EVENT = 16;
const BYTES_PER_REQUEST = 400;
const MASK = '***';
const LOADING = 503;

type Asked = { answer: Answer } | { error: Error };

/**
 * Asks the service which models it serves, and again while it is loading. Any HTTP answer proves that it is there;
 * only a service that refuses us, goes on loading, or none at all, is an error.
 */
export async function probeService(target: Target, wait: ServiceWait): Promise<Answer> {
  const url = addressOf('v1/models', target.url);
  let asked = await ask(url, target);
  let wasLoading = false;
  for (;;) {
    const why = reasonToWait(asked, target, wait);
    if (why === null && wasLoading && 'answer' in asked) {
      // Some list their models before they can serve them.
      const health = await ask(addressOf('health', target.url), target);
      if (reasonToWait(health, target, wait) === null) return accepted(asked, url, target);
      asked = health;
      continue;
    }
    if (why === null) return accepted(asked, url, target);
    wasLoading = true;
    const retryAfterS = 'answer' in asked ? asked.answer.retryAfterS : undefined;
    if (!(await wait.pause(url.origin, why, retryAfterS))) break;
    asked = await ask(url, target);
  }
  if ('answer' in asked && wait.waitMs > 0) throw stillLoading(asked.answer, url, target, wait);
  return accepted(asked, url, target);
}

async function ask(url: URL, target: Target): Promise<Asked> {
  try {
    return { answer: withoutSecrets(await askService(url, target, 'application/json'), target) };
  } catch (error) {
    return { error: error as Error };
  }
}

/** null: there is nothing to wait for. */
function reasonToWait(asked: Asked, target: Target, wait: ServiceWait): string | null {
  if ('error' in asked) {
    const { code } = asked.error as NodeJS.ErrnoException;
    return wait.whenRefused && (code === 'ECONNREFUSED' || code === 'ECONNRESET')
      ? 'it is not running yet'
      : null;
  }
  return asked.answer.status === LOADING ? failureLine(wordsOf(asked.answer, target)) : null;
}

function accepted(asked: Asked, url: URL, target: Target): Answer {
  if ('error' in asked) throw noAnswer(asked.error, url, target);
  const { answer } = asked;
  if (answer.status !== 401 && answer.status !== 403) return answer;
  const words = wordsOf(answer, target);
  throw new UserError(
    EXIT.failed,
    `The service at ${url.origin} refused ${/api_key/.test(words.hint) ? 'the API key' : 'to answer'} (HTTP ${answer.status})${words.message && `: ${words.message}`}`,
    { hint: words.hint },
  );
}

function noAnswer(error: Error, url: URL, target: Target): UserError {
  const { summary, hint } = failureWords(
    {
      outcome: 'network',
      status: 0,
      cause: withoutForms(error.message, secretForms(secretsOf(target)), MASK),
    },
    { url: url.origin },
  );
  const isKnown = /HTTP\/2|http:\/\/|https:\/\//.test(hint.replace(url.origin, ''));
  const otherHint = isKnown ? hint : START_HINT;
  return new UserError(
    EXIT.failed,
    `No service answers at ${url.origin}: ${summary.replace(/^network: /, '')}`,
    { hint: isUntrusted(error) ? TRUST_HINT : otherHint, cause: error },
  );
}

function stillLoading(answer: Answer, url: URL, target: Target, { waitMs }: ServiceWait): UserError {
  return new UserError(
    EXIT.failed,
    `The service at ${url.origin} was not ready within ${waitMs / 1000} s: ${failureLine(wordsOf(answer, target))}`,
    { hint: 'Wait longer with --wait SECONDS, or do not wait with --wait 0.' },
  );
}

function wordsOf(answer: Answer, target: Target): FailureWords {
  const { status } = answer;
  const facts = { ...answer, outcome: 'http', cause: `HTTP ${status}` };
  return failureWords(facts, { url: new URL(target.url).origin, hasKey: secretsOf(target).length > 0 });
}

function withoutSecrets(answer: Answer, target: Target): Answer {
  const forms = secretForms(secretsOf(target));
  const texts = Object.entries(answer).map(([name, value]) => [
    name,
    typeof value === 'string' ? withoutForms(value, forms, MASK) : value,
  ]);
  return Object.fromEntries(texts) as Answer;
}

/** Its certificate is not one that we may take for the service's. */
function isUntrusted(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code !== undefined && /CERT|UNABLE_TO_VERIFY/.test(code);
}

/** The one model that the service lists; none and several are errors, as nobody said which is meant. */
export function detectModel(probe: Answer, target: Target): string {
  const names = listedModels(probe);
  if (names.length === 1) return names[0];
  const { origin, pathname } = addressOf('v1/models', target.url);
  const address = `${origin}${pathname}`;
  if (names.length > 1) {
    throw new UserError(
      EXIT.failed,
      `The model config leaves \`model\` empty, and ${address} lists ${names.length}: ${listed(names)}`,
      { hint: 'Set `model` in the model config to one of them.' },
    );
  }
  throw new UserError(
    EXIT.failed,
    `The model config leaves \`model\` empty, and ${address} does not name one (HTTP ${probe.status})`,
    { hint: 'Set `model` in the model config to the name under which the service loaded it.' },
  );
}

/** Names in the answer of `v1/models`, each once; none when the answer is something else. */
export function listedModels(probe: Answer): string[] {
  try {
    const { data } = JSON.parse(probe.body) as { data?: unknown };
    if (!Array.isArray(data)) return [];
    const ids = data.map((m: { id?: unknown } | null) => m?.id);
    return [...new Set(ids.filter((id): id is string => typeof id === 'string' && id !== ''))];
  } catch {
    return [];
  }
}

/** What to say of a model that the service does not list. */
export function unlistedText(abbr: string, model: string, names: readonly string[]): string {
  return `${abbr}: the service does not list a model named "${visible(model)}" (it lists: ${listed(names)})`;
}

/** The work dir can be written and has room for what the run is expected to leave. */
export function checkWorkDir(workDir: string, requests: number, tokensPerRequest: number): void {
  const existing = nearestExisting(resolve(workDir));
  try {
    makePath(workDir);
    accessSync(workDir, constants.W_OK);
  } catch (cause) {
    throw new UserError(EXIT.usage, `The work directory ${workDir} cannot be written`, {
      hint: 'Choose another folder with --work-dir.',
      cause,
    });
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const needed = requests * (BYTES_PER_REQUEST + tokensPerRequest * BYTES_PER_EVENT);
  if (needed > free) {
    throw new UserError(
      EXIT.usage,
      `The work directory ${workDir} has ${megabytes(free)} MB free, but ${requests} requests of up to ${tokensPerRequest} tokens may need ${megabytes(needed)} MB`,
      { hint: 'Free some space, choose another --work-dir, or lower max_out_len.' },
    );
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
