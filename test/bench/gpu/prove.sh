# Runs `chirality engine prove` on the GPU. $OUT gets proof.md and prove.log. $1: limit in seconds.
. .gpu/job/setup.sh
timeout "${1:-280}" node /tmp/w/app/dist/cli.js engine prove --device cuda -o "${OUT:-/tmp}/proof.md" 2>&1 | tee "${OUT:-/tmp}/prove.log"
