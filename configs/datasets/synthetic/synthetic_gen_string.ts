// Generated prompts and outputs of random lengths, the same for the same --seed.
import { defineDatasets } from 'ais-bench';

export const datasets = defineDatasets([
  {
    abbr: 'synthetic', // name of the result files
    type: 'synthetic', // generated, nothing is read
    Type: 'string', // lengths are drawn, as StringConfig says
    RequestCount: 100, // how many requests
    PrefixCacheHitRate: 0, // share of all prompt tokens that a prefix cache shall find, e.g. 0.6; 0: none
    PrefixCacheBlock: 16, // tokens in a block of that cache
    StringConfig: {
      // Lengths of prompts in tokens.
      Input: {
        Method: 'uniform', // 'uniform', 'gaussian' (Params also Mean and Var) or 'zipf' (Params also Alpha, above 1)
        Params: {
          MinValue: 256, // shortest
          MaxValue: 1024, // longest; it is drawn as well
        },
      },
      // Most tokens to generate for a request; with ignore_eos exactly so many.
      Output: {
        Method: 'gaussian', // as above
        Params: {
          MinValue: 64, // fewest
          MaxValue: 512, // most
          Mean: 256, // centre of the bell curve
          Var: 4096, // its variance: the square of the standard deviation
        },
      },
    },
  },
]);
