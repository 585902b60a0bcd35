/**
 * The performance law of the simulated service: what it would say if one asked how fast it is.
 *
 * Time goes in steps, as in an engine with continuous batching. In one step every running sequence that
 * has been prefilled generates one token, and waiting prompts are prefilled up to a budget:
 *
 *     step duration = stepBaseMs + stepPerSequenceMs * (sequences that decode)
 *                                + prefillPerTokenMs * (prompt tokens prefilled in this step)
 *
 * - A sequence's tokens appear at the end of a step; its first one at the end of the step in which the
 *   last part of its prompt was prefilled. A prompt longer than the step's budget goes on in the next.
 * - Requests wait in one queue, first come, first served. At the start of a step the head of the queue is
 *   admitted if fewer than `maxRunning` run and its prompt plus its token limit still fit into
 *   `kvCacheTokens`; otherwise it and all behind it wait.
 * - Prompt tokens that the prefix cache holds (when there is one) need no prefill and cost no time.
 * - Steps follow one another without a pause; after idle time a step starts with the arrival.
 *
 * So n sequences that decode in lock step give n / (base + perSequence * n) tokens per ms, and a lone
 * prompt of P tokens has a first token after base + perToken * P.
 *
 * The defaults feel like a model of about 30 B parameters on one large accelerator: 1,500 prompt tokens
 * take 10 + 0.03 * 1500 = 55 ms, a lone stream makes 100 tokens/s, 256 streams 66 each (17,000 together).
 */
export interface PerformanceLaw {
  stepBaseMs: number;
  stepPerSequenceMs: number;
  prefillPerTokenMs: number;
  /** Maximum number of sequences in the running batch. */
  maxRunning: number;
  /** Maximum number of prompt tokens prefilled in one step. */
  prefillTokensPerStep: number;
  /** Room for prompts and outputs of all running sequences, in tokens. */
  kvCacheTokens: number;
}

export const defaultLaw: PerformanceLaw = {
  stepBaseMs: 10,
  stepPerSequenceMs: 0.02,
  prefillPerTokenMs: 0.03,
  maxRunning: 256,
  prefillTokensPerStep: 2048,
  kvCacheTokens: 1_000_000,
};

export function stepDurationMs(law: PerformanceLaw, decoding: number, prefillTokens: number): number {
  return law.stepBaseMs + law.stepPerSequenceMs * decoding + law.prefillPerTokenMs * prefillTokens;
}

/** The same service, `factor` times as fast. */
export function faster(law: PerformanceLaw, factor: number): PerformanceLaw {
  return {
    ...law,
    stepBaseMs: law.stepBaseMs / factor,
    stepPerSequenceMs: law.stepPerSequenceMs / factor,
    prefillPerTokenMs: law.prefillPerTokenMs / factor,
  };
}
