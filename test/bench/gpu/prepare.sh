#!/usr/bin/env bash
# Packs what a machine with a GPU needs to run Chirality and these scripts without Node and without a network.
# Run it in the project's root: it writes .gpu/ there, about 50 MB. Copy that folder to the machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
test -f package.json && test -d src/engines/torch
npm run --silent build
rm -rf .gpu && mkdir -p .gpu/whl .gpu/app/dist .gpu/app/node_modules .gpu/job
cp "$here"/*.py "$here"/*.sh "$here"/*.yaml .gpu/job/
cp -r src/engines/torch/worker .gpu/job/worker
node=$(mktemp) && strip -o "$node" "$(readlink -f "$(command -v node)")" && xz -T0 -6 -c "$node" > .gpu/node.xz
cp -r bin library package.json .gpu/app/
cp dist/*.js .gpu/app/dist/ && cp -r dist/torch-worker .gpu/app/dist/
for name in sharp @img detect-libc semver; do cp -r "node_modules/$name" .gpu/app/node_modules/; done
tar c -C .gpu/app . | xz -T0 -3 > .gpu/app.tar.xz && rm -rf .gpu/app
node dist/cli.js worlds --count 48 --seed 7 -o .gpu/job/data > /dev/null
find .gpu -name __pycache__ -prune -exec rm -rf {} +
# The versions that the project pins, for Python 3.12: such a machine may lack these packages or have other versions.
python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \
  --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 -d .gpu/whl \
  transformers==5.23.0 peft==0.21.2 trl==1.16.0 datasets==5.2.0 dill==0.4.1 multiprocess==0.70.19
du -sh .gpu
