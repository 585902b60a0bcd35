/** What was asked in each request of a run, later turns of conversations included. */
import { promptOfTurn, usesAnswers } from '../../core/prompts/conversation.ts';
import type { Sample } from '../../core/protocol.ts';
import { OUTCOME, type RecordBatch } from '../../core/records.ts';

export interface PromptLog {
  /** Takes the answers of a batch; to be called before its prompts are asked for. */
  read(batch: RecordBatch): void;
  /** undefined when it holds an answer that was not kept. */
  promptOf(index: number, turn: number, attempt?: number): Sample['prompt'] | undefined;
}

/** The prompt of a request's first turn as that attempt sent it; default: as it stands in the data. */
export type FirstPrompt = (index: number, attempt: number) => Sample['prompt'];

/**
 * Request i has sample i % samples. The batches of a worker have to come in the order in which they left it.
 * @param keepsText Whether the run's records hold the answers.
 */
export function createPromptLog(
  samples: readonly Sample[],
  keepsText: boolean,
  firstPrompt?: FirstPrompt,
): PromptLog {
  const said = new Map<number, string[]>();
  /** Which attempt of a first turn went well, where it was not the first one. */
  const lateFirsts = new Map<number, number>();
  const sampleOf = (index: number) => samples[index % samples.length];
  return {
    read(batch) {
      for (let row = 0; row < batch.rows; row++) {
        if (batch.turn[row] !== 0 || batch.attempt[row] === 0) continue;
        if (batch.outcome[row] === OUTCOME.ok) lateFirsts.set(batch.index[row], batch.attempt[row]);
      }
      for (const { row, text } of batch.notes) {
        const index = batch.index[row];
        if (text === undefined || batch.outcome[row] !== OUTCOME.ok || !usesAnswers(sampleOf(index)))
          continue;
        const answers = said.get(index) ?? [];
        answers[batch.turn[row]] = text;
        said.set(index, answers);
      }
    },
    promptOf(index, turn, attempt = 0) {
      const sample = sampleOf(index);
      if (turn > 0 && !keepsText && usesAnswers(sample)) return undefined;
      const carried = turn === 0 ? attempt : (lateFirsts.get(index) ?? 0);
      const prompt = firstPrompt ? firstPrompt(index, carried) : sample.prompt;
      return promptOfTurn({ prompt, followUps: sample.followUps }, turn, said.get(index) ?? []);
    },
  };
}
