# Three steps of the preset svqa-r1-24gb while all but 23.6 GiB of the GPU are taken: seconds of a step, peak memory and
# use. Takes 90 s. $OUT gets the run's *.jsonl.
. .gpu/job/setup.sh
model_3b
python3 - <<'PY' &
import time, torch
free, _ = torch.cuda.mem_get_info()
taken = torch.empty(free - int(23.6 * 2**30), dtype=torch.uint8, device="cuda")
print("free, GiB:", round(torch.cuda.mem_get_info()[0] / 2**30, 1), flush=True)
time.sleep(150)
PY
other=$!
sleep 9
sed 's#MODEL#/tmp/m3b#' card24.run.yaml > c.run.yaml
timeout 130 node /tmp/w/app/dist/cli.js train c.run.yaml 2>&1 | tail -14
cat runs/c/timings.jsonl; cp runs/c/*.jsonl "${OUT:-/tmp}/"; kill "$other"
