"""Measures what the processors of published families make of images of 40 sizes, and prints a line of JSON for each
family: its name, its processor, the settings, and a map or an error for each size. Then one with the versions.

python seen_families.py [NAME...]

Processors have the defaults of their classes, which are those of a published checkpoint or of none; SETTINGS are those
of published checkpoints where they differ. Nothing is downloaded.
"""

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import PIL
import torch
import torchvision
import transformers

sys.path.insert(0, str(Path(__file__).parents[2] / "src/engines/torch/worker"))

from chirality_worker.errors import WorkerError
from chirality_worker.seeing import measure, modes
from chirality_worker.seeing_clips import measure_clip

FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "aria": ("Aria", {}),
    "chameleon": ("Chameleon", {}),
    "clip": ("CLIP", {}),
    "cohere2-vision": ("Cohere2Vision", {}),
    "cosmos3-edge": ("Cosmos3Edge", {}),
    "emu3": ("Emu3", {}),
    "ernie-4.5-vl": ("Ernie4_5_VLMoe", {}),
    "gemma-3": ("Gemma3", {"size": {"height": 896, "width": 896}}),
    "gemma-4": ("Gemma4", {}),
    "glm-4.1v": ("Glm4v", {}),
    "glm-4.6v": ("Glm46V", {}),
    "glm-5-next": ("Glm5Next", {}),
    "hunyuan-vl": ("HunYuanVL", {}),
    "idefics2": ("Idefics2", {}),
    "idefics3": ("Idefics3", {}),
    "inkling": ("Inkling", {}),
    "internvl": ("GotOcr2", {"size": {"height": 448, "width": 448}, "crop_to_patches": True}),
    "internvl-untiled": ("GotOcr2", {"size": {"height": 448, "width": 448}}),
    "janus": ("Janus", {}),
    "kimi-k2.5": ("Kimi_K25", {}),
    "lfm2-vl": ("Lfm2Vl", {}),
    "llama-3.2-vision": ("Mllama", {"size": {"height": 560, "width": 560}}),
    "llama-4": ("Llama4", {}),
    "llava-1.5": ("CLIP", {"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336}}),
    "llava-next": ("LlavaNext", {"size": {"shortest_edge": 336}, "crop_size": {"height": 336, "width": 336}}),
    "llava-onevision": ("LlavaOnevision", {}),
    "minimax-m3": ("MiniMaxM3VL", {}),
    "molmo2": ("Molmo2", {}),
    "muse": ("MuseGlimmer", {}),
    "nemotron-omni": ("NemotronH_Omni_Reasoning_V3", {}),
    "neomme": ("NeoMME", {}),
    "ovis2": ("Ovis2", {}),
    "paddleocr-vl": ("PaddleOCRVL", {}),
    "paligemma": ("Siglip", {}),
    "phi-4-multimodal": ("Phi4Multimodal", {}),
    "pixtral": ("Pixtral", {}),
    "qwen2-vl": ("Qwen2VL", {"size": {"shortest_edge": 3136, "longest_edge": 12845056}}),
    "qwen2.5-vl": ("Qwen2VL", {"size": {"shortest_edge": 3136, "longest_edge": 12845056}}),
    "qwen3-vl": ("Qwen2VL", {"size": {"shortest_edge": 65536, "longest_edge": 16777216}, "patch_size": 16}),
    "siglip2-naflex": ("Siglip2", {}),
    "smolvlm": ("SmolVLM", {"size": {"longest_edge": 1536}, "max_image_size": {"longest_edge": 384}}),
    "smolvlm-256m": ("SmolVLM", {"size": {"longest_edge": 2048}, "max_image_size": {"longest_edge": 512}}),
    "step-3.7": ("Step3p7", {}),
    "videollama3": ("VideoLlama3", {}),
}

SIZES = [
    # The shapes of the page: 4:3, 16:9, 2:1, 9:16.
    *[(640, 480), (1280, 720), (1000, 500), (720, 1280)],
    # Odd ones, with an odd rest after a crop or a fill in width, in height, in both.
    *[(437, 331), (331, 437), (333, 331), (641, 480), (640, 481), (501, 1001), (759, 567), (427, 640), (375, 500)],
    # Squares, at and next to the edges that processors like.
    *[(224, 224), (225, 225), (336, 336), (384, 384), (448, 448), (512, 512), (768, 768), (1023, 1023)],
    # Tiny and thin ones.
    *[(28, 28), (29, 31), (40, 30), (57, 57), (64, 48), (150, 36), (36, 150), (320, 20), (20, 320)],
    *[(900, 60), (60, 900), (1200, 100), (100, 1200), (200, 113), (113, 200), (300, 900), (1600, 400), (1333, 1000)],
    # More tiles than most processors cut.
    (3200, 2100),
]

# Video processors that are not named as the image processor of the family is. Published SmolVLM models sample videos
# with settings of their own.
VIDEOS = {"qwen3-vl": "Qwen3VL", "internvl": "InternVL", "internvl-untiled": "InternVL"}
VIDEOS |= {"smolvlm": "", "smolvlm-256m": ""}

CLIPS = [
    # Width, height, number of frames, frames per second: short and long ones, even and odd, slow and fast.
    *[
        (168, 112, 7, 30),
        (168, 112, 33, 30),
        (320, 240, 8, 4),
        (320, 240, 40, 2),
        (112, 112, 64, 1),
        (112, 168, 64, 24),
    ],
    *[
        (112, 112, 1, 2),
        (112, 112, 2, 1),
        (112, 112, 5, 0.5),
        (112, 112, 32, 0.1),
        (112, 112, 48, 12.5),
        (640, 480, 6, 3),
    ],
    *[(112, 112, n, rate) for n in (9, 16, 21, 50) for rate in (0.7, 3, 8, 29.97)],
]


def settings_of(images: Any) -> dict[str, Any]:
    """The numbers by which a processor resizes and crops, by name."""
    found: dict[str, Any] = {}
    for name, value in vars(images).items():
        entries = (
            value.items() if isinstance(value, dict) else vars(value).items() if hasattr(value, "__dict__") else ()
        )
        found |= {f"{name}.{key}": inner for key, inner in entries if isinstance(inner, int | float)}
        if isinstance(value, int | float):
            found[name] = value
    return found


def clips_of(kind: str) -> dict[str, Any]:
    """The settings of a video processor and what it makes of clips; nothing where the family has none."""
    videos = getattr(transformers, f"{kind}VideoProcessor", None)
    try:
        processor = None if videos is None or not hasattr(videos, "sample_frames") else videos()
    except Exception:
        processor = None
    clips = []
    for width, height, count, rate in CLIPS if processor else []:
        try:
            found = measure_clip(processor, width, height, count, rate)
        except WorkerError as error:
            found = {"error": f"{error.code}: {error}"}
        clips.append({"width": width, "height": height, "count": count, "rate": rate} | found)
    return {"clips": clips, "videos": settings_of(processor) if processor else {}}


def main(names: list[str]) -> None:
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    for name in names or sorted(FAMILIES):
        kind, settings = FAMILIES[name]
        processor = getattr(transformers, f"{kind}ImageProcessor")(**settings)
        maps = []
        for width, height in SIZES:
            try:
                maps.append(measure(processor, width, height))
            except WorkerError as error:
                maps.append({"width": width, "height": height, "error": f"{error.code}: {error}"})
        about: dict[str, Any] = {"name": name, "processor": f"{kind}ImageProcessor", "settings": settings_of(processor)}
        about |= clips_of(VIDEOS.get(name, kind))
        about |= {"canvases": getattr(processor, "image_grid_pinpoints", None), "published": settings}
        print(json.dumps(about | {"modes": modes(processor), "maps": maps}), flush=True)
    versions = {"transformers": transformers.__version__, "torchvision": torchvision.__version__.split("+")[0]}
    print(json.dumps({"versions": versions | {"torch": torch.__version__.split("+")[0], "Pillow": PIL.__version__}}))


if __name__ == "__main__":
    main(sys.argv[1:])
