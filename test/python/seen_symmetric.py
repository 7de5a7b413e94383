"""Compares what processors make of images and of their mirror images.

python seen_symmetric.py < LINES

Each line is JSON: a family of seen_families.py, the file of an image and that of its mirror image. Prints for each the
largest difference between the mirror image of what the model gets of the first, and what it gets of the second. Of
tiles, each is compared with the one that is nearest to it.
"""

import json
import sys
import warnings
from typing import Any

import torch
import transformers
from PIL import Image
from seen_families import FAMILIES
from torch import Tensor


def frames_of(processor: Any, path: str) -> Tensor:
    """(frames, 3, rows, columns), of patches put together where there are some."""
    out = processor(images=[Image.open(path).convert("RGB")], return_tensors="pt")
    pixels = torch.as_tensor(out.get("pixel_values", out.get("image_pixel_values")))
    if pixels.ndim >= 4 and pixels.shape[-1] != 14:
        return pixels.reshape(-1, *pixels.shape[-3:])
    grid = out.get("image_grid_thw", out.get("image_grid_hw"))
    rows, columns = torch.as_tensor(grid).reshape(-1)[-2:].tolist()
    if pixels.shape[-1] == 3 * 2 * 14 * 14:
        # GLM-5: two frames of each patch, four patches after each other.
        blocks = pixels.reshape(rows // 2, columns // 2, 2, 2, 3, 2, 14, 14)[..., 0, :, :]
        return blocks.permute(4, 0, 2, 5, 1, 3, 6).reshape(1, 3, rows * 14, columns * 14)
    edge = pixels.shape[-1] if pixels.ndim > 2 else round((pixels.shape[-1] / 3) ** 0.5)
    if pixels.ndim == 2:
        # NeoMME: colours last.
        pixels = pixels.reshape(-1, edge, edge, 3).permute(0, 3, 1, 2)
    cells = pixels.reshape(rows, columns, 3, edge, edge).permute(2, 0, 3, 1, 4)
    return cells.reshape(1, 3, rows * edge, columns * edge)


def main() -> None:
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    processors: dict[str, Any] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        name = asked["family"]
        kind, settings = FAMILIES[name]
        processor = processors.setdefault(name, getattr(transformers, f"{kind}ImageProcessor")(**settings))
        original, mirror = (frames_of(processor, asked[view]) for view in ("original", "mirror"))
        same = original.shape == mirror.shape
        apart = max(min(float((a - b).abs().max()) for b in mirror) for a in original.flip(-1)) if same else None
        print(json.dumps({"apart": apart, "shape": list(original.shape)}), flush=True)


if __name__ == "__main__":
    main()
