"""Loads data sets that `chirality convert --to` wrote, as TRL, verl and ms-swift do, and prints what it sees as JSON.

python trainer_data.py FOLDER
"""

import json
import sys
from pathlib import Path
from typing import Any

from datasets import load_dataset
from PIL import Image, ImageChops, ImageOps

sys.path.insert(0, str(Path(__file__).parents[2] / "python/src"))

from chirality.spatial_grpo.trl import check_pairs


def load(kind: str, path: Path, cache: Path) -> Any:
    return load_dataset(kind, data_files=str(path), cache_dir=str(cache))["train"]


def are_mirrors(left: Image.Image, right: Image.Image) -> bool:
    mirrored = ImageOps.mirror(left.convert("RGB"))
    return ImageChops.difference(mirrored, right.convert("RGB")).getbbox() is None


def main(folder: Path) -> None:
    seen: dict[str, Any] = {}
    for trainer in ("trl", "verl"):
        rows = load("parquet", folder / f"{trainer}.parquet", folder / "cache")
        views = [rows[i]["images"][0] for i in range(len(rows))]
        seen[trainer] = {
            "columns": list(rows.features),
            "first": {name: value for name, value in rows[0].items() if name != "images"},
            "rows": len(rows),
            "mirrored": all(are_mirrors(*views[i : i + 2]) for i in range(0, len(rows), 2)),
        }
        if trainer == "trl":
            check_pairs(rows)
    swift = load("json", folder / "swift.jsonl", folder / "cache")
    check_pairs(swift)
    pictures = [Image.open(folder / row["images"][0]) for row in swift]
    seen["ms-swift"] = {
        "first": swift[0],
        "mirrored": all(are_mirrors(*pictures[i : i + 2]) for i in range(0, len(pictures), 2)),
    }
    print(json.dumps(seen))


main(Path(sys.argv[1]))
