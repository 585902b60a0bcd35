// The summarizer that AISBench's example files name: figures of the whole run, as default_perf.
import { defineSummarizer } from 'ais-bench';

export const summarizer = defineSummarizer({
  attr: 'performance', // the only kind there is
  window: 'total', // every request counts
  definitions: 'product', // a token is an event with generated output; 'upstream': every event counts, as in AISBench
  // Columns of the table: up to 8 of Average, Min, Max, Median, P1 … P99.
  stats_list: ['Average', 'Min', 'Max', 'Median', 'P75', 'P90', 'P99'],
});
