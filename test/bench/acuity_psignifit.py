"""The peer of acuity.bench.ts: psignifit 4.3. Reads curves as lines of JSON, and answers each with its processor seconds."""

import json, os, sys, time

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import psignifit

for line in sys.stdin:
    curve = json.loads(line)
    data = [[x, k, curve["n"]] for x, k in zip(curve["x"], curve["k"])]
    cpu = time.process_time()
    psignifit.psignifit(data, experiment_type=curve["experiment"])
    print(json.dumps({"cpu": time.process_time() - cpu}), file=out, flush=True)
