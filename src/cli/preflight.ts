/** What must hold before the first request is sent. Each check throws a `UserError` that says what to do. */
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { redactText } from '../config/redact.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Target } from '../core/protocol.ts';
import { type Answer, addressOf, askService } from './ask-service.ts';

const START_HINT =
  'Start the service, or set host_ip, host_port or url in the model config. `ais_bench sim` starts a simulated one.';
const TRUST_HINT =
  'Set ca_file in the model config to the PEM file of the authority that signed its certificate, or insecure_skip_verify to accept any.';
/** Journal and HDF5 columns of one output event, its text, and slack; measured about 12. */
const BYTES_PER_EVENT = 16;
const BYTES_PER_REQUEST = 400;

/**
 * Asks the service which models it serves. Any HTTP answer proves that it is there; only a service
 * that refuses us, or none at all, is an error.
 */
export async function probeService(target: Target): Promise<Answer> {
  const url = addressOf('v1/models', target.url);
  let probe: Answer;
  try {
    probe = await askService(url, target, 'application/json');
  } catch (cause) {
    throw new UserError(
      EXIT.failed,
      `No service answers at ${url.origin}: ${cause instanceof Error ? cause.message : cause}`,
      {
        hint: isUntrusted(cause) ? TRUST_HINT : START_HINT,
        cause,
      },
    );
  }
  if (probe.status === 401 || probe.status === 403) {
    throw new UserError(
      EXIT.failed,
      `The service at ${url.origin} refused the API key (HTTP ${probe.status})`,
      {
        hint: 'Set api_key in the model config, or the environment variable AIS_BENCH_API_KEY.',
      },
    );
  }
  return probe;
}

/** Its certificate is not one that we may take for the service's. */
function isUntrusted(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code !== undefined && /CERT|UNABLE_TO_VERIFY/.test(code);
}

/** The first model that the service lists. */
export function detectModel(probe: Answer, target: Target): string {
  const names = listedModels(probe);
  if (names.length > 0) return names[0];
  throw new UserError(
    EXIT.failed,
    `The model config leaves \`model\` empty, and ${redactText(addressOf('v1/models', target.url).href)} does not name one (HTTP ${probe.status})`,
    { hint: 'Set `model` in the model config to the name under which the service loaded it.' },
  );
}

/** Names in the answer of `v1/models`; none when the answer is something else. */
export function listedModels(probe: Answer): string[] {
  try {
    const { data } = JSON.parse(probe.body) as { data?: { id?: unknown }[] };
    return (data ?? []).map((m) => m.id).filter((id): id is string => typeof id === 'string');
  } catch {
    return [];
  }
}

/** The work dir can be written and has room for what the run is expected to leave. */
export function checkWorkDir(workDir: string, requests: number, tokensPerRequest: number): void {
  const existing = nearestExisting(resolve(workDir));
  try {
    mkdirSync(workDir, { recursive: true });
    accessSync(workDir, constants.W_OK);
  } catch (cause) {
    throw new UserError(EXIT.usage, `The work dir ${workDir} cannot be written`, {
      hint: 'Choose another with --work-dir.',
      cause,
    });
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  const needed = requests * (BYTES_PER_REQUEST + tokensPerRequest * BYTES_PER_EVENT);
  if (needed > free) {
    throw new UserError(
      EXIT.usage,
      `The work dir ${workDir} has ${megabytes(free)} MB free; ${requests} requests of up to ${tokensPerRequest} tokens may need ${megabytes(needed)} MB`,
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
