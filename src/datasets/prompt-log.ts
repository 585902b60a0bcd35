/** What was asked in each request of a run, later turns of conversations included. */
import { promptOfTurn, usesAnswers } from '../core/conversation.ts';
import type { Sample } from '../core/protocol.ts';
import { OUTCOME, type RecordBatch } from '../core/records.ts';

export interface PromptLog {
  /** Takes the answers of a batch; to be called before its prompts are asked for. */
  read(batch: RecordBatch): void;
  /** undefined when it holds an answer that was not kept. */
  promptOf(index: number, turn: number): Sample['prompt'] | undefined;
}

/**
 * Request i has sample i % samples. The batches of a worker have to come in the order in which they left it.
 * @param keepsText Whether the run's records hold the answers.
 */
export function createPromptLog(samples: readonly Sample[], keepsText: boolean): PromptLog {
  const said = new Map<number, string[]>();
  const sampleOf = (index: number) => samples[index % samples.length];
  return {
    read(batch) {
      for (const { row, text } of batch.notes) {
        const index = batch.index[row];
        if (text === undefined || batch.outcome[row] !== OUTCOME.ok || !usesAnswers(sampleOf(index)))
          continue;
        const answers = said.get(index) ?? [];
        answers[batch.turn[row]] = text;
        said.set(index, answers);
      }
    },
    promptOf(index, turn) {
      const sample = sampleOf(index);
      if (turn > 0 && !keepsText && usesAnswers(sample)) return undefined;
      return promptOfTurn(sample, turn, said.get(index) ?? []);
    },
  };
}
