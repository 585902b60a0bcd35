// Generated prompts of one exact length that share a prefix, to test prefix caching.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'synthetic', // name of the result files
    type: 'synthetic', // generated, nothing is read
    Type: 'tokenid', // all prompts have one length, as TokenIdConfig says; max_out_len is the model task's
    RequestCount: 100, // how many requests
    PrefixCacheHitRate: 0, // share of all prompt tokens that a prefix cache shall find, e.g. 0.6, instead of PrefixLen; 0: off
    PrefixCacheBlock: 16, // tokens in a block of that cache
    TokenIdConfig: {
      RequestSize: 1024, // tokens of each prompt
      PrefixLen: 512, // the first tokens, the same in all; 0: none
    },
  },
]);
