# One GRPO step on the shapes of Qwen2.5-VL-3B: Chirality, transformers' generate and TRL, with profiles. Takes three
# minutes. $OUT gets step.json and step.log. $1: limit in seconds.
. .gpu/job/setup.sh
model_3b
limit=${1:-220}
timeout "$((limit + 10))" python3 step.py /tmp/m3b "${OUT:-/tmp}/step.json" "$limit" > "${OUT:-/tmp}/step.log" 2>&1
grep -v "Loading weights\|^{" "${OUT:-/tmp}/step.log" | cut -c1-2200 | tail -40
