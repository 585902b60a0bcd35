"""Five percentiles of N lognormal gaps with numpy. Prints { cpu_s, quantiles }."""
import json
import math
import sys
import time

import numpy

values = numpy.random.default_rng(1).lognormal(math.log(20), 0.35, int(sys.argv[1]))
before = time.process_time()
quantiles = numpy.percentile(values, [50, 75, 90, 95, 99])
print(json.dumps({"cpu_s": time.process_time() - before, "quantiles": quantiles.tolist()}))
