/** The service of a task, and how to talk to it. */
import { existsSync, readFileSync } from 'node:fs';
import type { ModelConfig } from '../config/run-config.ts';
import { EXIT, UserError } from '../core/errors.ts';
import type { Target } from '../core/protocol.ts';
import { sentOptions } from './expand-rows.ts';

/** Throws a `UserError` when the file of its certificate authority is missing. */
export function targetOf(model: ModelConfig): Target {
  return {
    protocol: model.protocol,
    url: model.url,
    model: model.model,
    stream: model.stream,
    maxOutTokens: model.maxOutTokens,
    generation: sentOptions(model.generation),
    apiKey: model.apiKey,
    credentials: model.credentials,
    ...(model.caFile === '' ? {} : { ca: readCa(model.caFile) }),
    insecure: model.insecureSkipVerify,
  };
}

function readCa(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8');
  throw new UserError(EXIT.usage, `ca_file ${file} does not exist`, { hint: 'Give the path of a PEM file.' });
}
