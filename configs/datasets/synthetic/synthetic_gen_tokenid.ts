// Generated prompts of one exact length that share a prefix, to test prefix caching.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'synthetic', // name of the result files
    type: 'synthetic', // generated, nothing is read
    Type: 'tokenid', // all prompts have one length, as TokenIdConfig says; max_out_len is the model task's
    RequestCount: 100, // how many requests
    TokenIdConfig: {
      RequestSize: 1024, // tokens of each prompt
      PrefixLen: 512, // the first tokens, the same in all; 0: none
    },
  },
]);
