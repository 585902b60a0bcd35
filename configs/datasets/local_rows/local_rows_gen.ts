// Rows of any local file, in any columns: copy this file to ./configs/datasets, name the file and write the template.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'local_rows', // name of the result files
    type: 'local_rows', // any columns
    path: 'rows.csv', // the file; a relative path starts at the working directory
    format: 'auto', // 'jsonl', 'json' (one list) or 'csv'; 'auto': as the file is named
    columns: [], // names of the columns of a csv without a header line
    // A text, or chat turns as here; {column} is the text of that column.
    template: [
      { role: 'SYSTEM', prompt: 'Answer in one sentence.' }, // the same for every row
      { role: 'HUMAN', prompt: '{text}\n\n{task}' }, // the columns text and task
    ],
    answer: '', // the column of the reference answer, which is never sent
    max_tokens: 256, // most output tokens: a number, or the column that says it
    test_range: '', // rows to use, e.g. '[0:100]'; empty: all
  },
]);
