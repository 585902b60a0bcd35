"""Start (s) and time to first token (ms) of every request that a tool wrote to a sqlite file, as JSON pairs."""
import io
import json
import sqlite3
import sys

import numpy

tool, path = sys.argv[1:]
db = sqlite3.connect(path)
if tool == "evalscope":
    rows = db.execute("SELECT start_time, 1000 * first_chunk_latency FROM result WHERE success").fetchall()
else:
    points = (numpy.load(io.BytesIO(blob)) for (blob,) in db.execute("SELECT arr_blob FROM numpy_store"))
    rows = [(p[0], 1000 * (p[1] - p[0])) for p in points if len(p) > 1]
print(json.dumps(rows))
