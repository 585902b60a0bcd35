// Figures of the steady stage, in which the service handles its maximum of concurrent requests.
import { defineSummarizer } from 'ais-bench';

export const summarizer = defineSummarizer({
  attr: 'performance', // the only kind there is
  window: 'stable_stage', // requests sent during the steady stage count
  rule: 'document', // how the steady stage is found: 'document' (t2 to t4), 'upstream' or 'upstream-3.1' (as AISBench's main branch or release), or 'automatic'
  definitions: 'product', // a token is an event with generated output; 'upstream': every event counts, as in AISBench
  // Columns of the table: up to 8 of Average, Min, Max, Median, P1 … P99.
  stats_list: ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'],
});
