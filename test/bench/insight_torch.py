"""What looking costs in the torch engine: scoring a row while reading the masses of two words on two boxes, beside
scoring alone, on a Qwen2.5-VL of 33 million weights; processor time, by turns in one process.

    python test/bench/insight_torch.py
"""

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src/engines/torch/worker"), str(ROOT / "test/python")]

from chirality_worker.inspecting import Asked, Inspection, Wanted, locate  # noqa: E402
from chirality_worker.loading import open_vlm  # noqa: E402
from chirality_worker.random_models import write_model  # noqa: E402
from conftest import encoded, options_for  # noqa: E402

ROUNDS = 15
ANSWER = "<think>The red cube is closer than the blue ball, 300.0 centimeters away.</think> <answer>yes</answer>"

with tempfile.TemporaryDirectory() as folder:
    model = write_model("qwen2_5_vl", Path(folder) / "medium", "medium")
    vlm = open_vlm(replace(options_for(model), max_pixels=448 * 448), lambda *_: None)
vlm.files.put("a", encoded(Image.effect_noise((448, 448), 60).convert("RGB")))
row = locate(vlm, [{"role": "user", "content": [{"image": "a", "view": "original"}, "Is it closer?"]}], ANSWER)
boxes = torch.rand(2, len(row.cells))
asked = Asked(row, [[3], [5]], [], boxes, [], None)
wanted = Wanted(list(range(len(vlm.family.language.layers))), "mass", False, [])


def seconds(look: bool) -> float:
    start = time.process_time()
    with torch.no_grad():
        if look:
            Inspection(vlm, asked, wanted).read()
        else:
            vlm.packed_scores([row.group], 1.0)
    return time.process_time() - start


for look in (False, True):
    seconds(look)
pairs = [(seconds(False), seconds(True)) for _ in range(ROUNDS)]
alone, looking = (statistics.median(times) for times in zip(*pairs, strict=True))
ratio = statistics.median(b / a for a, b in pairs)
print(f"Scoring a row of {len(row.places)} + {len(row.cells)} tokens   {alone * 1000:.0f} ms")
print(f"With masses      {looking * 1000:.0f} ms")
print(f"Ratio            {ratio:.2f} (at most 1.10 wanted)")
