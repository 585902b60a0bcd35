/** Which requests the service takes: those that one of its dialects understands and that fit into its memory. */
import type { Protocol, SimRequest } from '../core/protocol.ts';
import type { SimOptions } from './options.ts';

/** A request that is not taken, and what its client is told. */
export interface Refusal {
  status: number;
  message: string;
}

/** A request as the dialect reads it. */
export interface Understood {
  protocol: Protocol;
  request: SimRequest;
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'status' in value;
}

/** Of the dialects that share a path, the first that understands the body answers. */
export function understand(
  protocols: readonly Protocol[],
  path: string,
  body: string,
  { model, strictModel }: Pick<SimOptions, 'model' | 'strictModel'>,
): Understood | Refusal {
  const problems = new Set<string>();
  for (const protocol of protocols) {
    try {
      const request = protocol.accept(path, body);
      const isKnown = request.model === '' || request.model === model || !strictModel;
      if (isKnown) return { protocol, request };
      return { status: 404, message: `The model \`${request.model}\` does not exist.` };
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
      problems.add(error.message);
    }
  }
  return { status: 400, message: [...problems].join(', or ') };
}

/** How many tokens the answer may have: what was asked for, or else what the context leaves. */
export function limitAnswer(
  { maxTokens }: SimRequest,
  promptTokens: number,
  options: SimOptions,
): number | Refusal {
  const { maxModelLen, law } = options;
  const room = maxModelLen - promptTokens;
  const limit = maxTokens === Number.POSITIVE_INFINITY ? room : maxTokens;
  if (limit < 1 || limit > room) {
    const asked = `${promptTokens} of prompt and ${Math.max(1, limit)} of answer`;
    return { status: 400, message: `The context holds ${maxModelLen} tokens, not ${asked}.` };
  }
  const needed = promptTokens + limit;
  if (needed <= law.kvCacheTokens) return limit;
  return { status: 400, message: `The KV cache holds ${law.kvCacheTokens} tokens, not ${needed}.` };
}
