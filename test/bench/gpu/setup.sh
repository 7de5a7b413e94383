# Sourced on the machine with the GPU, in the folder that contains .gpu: unpacks it into /tmp, and sets PATH and
# PYTHONPATH.
here=$PWD/.gpu
if [ ! -x /tmp/w/node ]; then
  mkdir -p /tmp/w/app
  (xz -dc "$here/node.xz" > /tmp/w/node.part && chmod +x /tmp/w/node.part && mv /tmp/w/node.part /tmp/w/node) &
  (tar xf "$here/app.tar.xz" -C /tmp/w/app) &
  cp -r "$here/job" /tmp/w/job
  python3 -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade --target /tmp/site "$here"/whl/*.whl
  wait
fi
export PYTHONPATH=/tmp/site:/tmp/w/job/worker PATH=/tmp/w:$PATH PYTHONUNBUFFERED=1 HF_HUB_OFFLINE=1
export PYTORCH_ALLOC_CONF=expandable_segments:True
CHIRALITY_PYTHON=$(command -v python3); export CHIRALITY_PYTHON
chirality() { node /tmp/w/app/dist/cli.js "$@"; }
cd /tmp/w/job
# Writes a Qwen2.5-VL with the shapes of the 3B model and random weights: 20 s, 7.5 GB.
model_3b() { [ -d /tmp/m3b ] || { python3 -m chirality_worker.random_models /tmp 3b 2>&1 | grep -v shards; mv /tmp/3b /tmp/m3b; }; }
