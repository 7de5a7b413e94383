"""Tiny models and pictures that all tests share."""

import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

# With AVX-512, PyTorch's sums can differ in the last bit by the alignment of a tensor in memory. Tests of equal bits
# need the same sums for the same values.
os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx2")

import pytest
import torch
from PIL import Image, ImageDraw
from torch import Tensor

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "src/engines/torch/worker"))
os.environ["HF_HUB_OFFLINE"] = "1"

from chirality_worker.families.base import Prefix  # noqa: E402
from chirality_worker.loading import Adapter, Options, open_vlm  # noqa: E402
from chirality_worker.packing import Group  # noqa: E402
from chirality_worker.random_models import write_model  # noqa: E402
from chirality_worker.vlm import Vlm  # noqa: E402

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LORA = Adapter(8, 16, 0.0, ALL, ["visual", "vision_tower"])

torch.set_num_threads(1)

IS_SLOW = os.environ.get("CHIRALITY_SLOW") == "1"
slow = pytest.mark.skipif(not IS_SLOW, reason="CHIRALITY_SLOW=1 is not set")


def few(cases: Sequence[Any], count: int = 1) -> Sequence[Any]:
    """The first cases of a table; in the slow tests, all."""
    return cases if IS_SLOW else cases[:count]


@pytest.fixture(scope="session")
def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model of this kind, from CHIRALITY_TINY_MODELS or written now."""
    written: dict[str, Path] = {}
    given = os.environ.get("CHIRALITY_TINY_MODELS")

    def folder(kind: str) -> Path:
        if given and (Path(given) / kind).is_dir():
            return Path(given) / kind
        if kind not in written:
            written[kind] = write_model(kind, tmp_path_factory.mktemp("models") / kind)
        return written[kind]

    return folder


def options_for(folder: Path, adapter: Adapter | None = LORA, precision: str = "float32") -> Options:
    return Options(
        model=str(folder),
        adapter=adapter,
        precision=precision,
        quantization="none",
        max_pixels=28 * 28 * 24,
        seed=0,
        device="cpu",
        threads=1,
        gradient_checkpointing=False,
        micro_tokens=4096,
        captured="auto",
        offload="none",
    )


def opened(folder: Path, adapter: Adapter | None = LORA, precision: str = "float32") -> Vlm:
    """With two pictures, `a` and `b`, and an adapter that does something."""
    vlm = open_vlm(options_for(folder, adapter, precision), lambda *_: None)
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, parameter in vlm.trainable.items():
            if "lora_B" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=draw) * 0.05)
    vlm.adapter_changed()
    vlm.files.put("a", png(200, 150, (200, 30, 30)))
    vlm.files.put("b", png(150, 230, (30, 60, 200)))
    return vlm


@pytest.fixture
def vlm(folder_of: Callable[[str], Path]) -> Vlm:
    return opened(folder_of("qwen2_5_vl"))


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    image = Image.new("RGB", (width, height), (240, 235, 220))
    ImageDraw.Draw(image).rectangle([5, 5, width // 3, height // 2], fill=colour)
    return encoded(image)


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def prompts(vlm: Vlm) -> list[Prefix]:
    """One image; two images and the beginning of an answer; the mirrored image."""
    a, b = {"image": "a", "view": "original"}, {"image": "b", "view": "original"}
    mirrored = {"image": "a", "view": "mirror"}
    if "several-images" in vlm.family.refuses:
        return [vlm.encode([{"role": "user", "content": [image, "Is it red?"]}]) for image in (a, b, mirrored)]
    return [
        vlm.encode([{"role": "user", "content": [a, "Is the red cube left of the ball?"]}]),
        vlm.encode(
            [
                {"role": "system", "content": ["Look first."]},
                {"role": "user", "content": ["First ", b, " then ", a, "What moved?"]},
                {"role": "assistant", "content": ["<think>"]},
            ]
        ),
        vlm.encode([{"role": "user", "content": [mirrored, "Is the red cube left of the ball?"]}]),
    ]


def ragged(vlm: Vlm, prefixes: list[Prefix], seed: int = 0) -> list[Group]:
    """Three completions for each prompt, from 1 to 20 tokens."""
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 21, (len(prefixes), 3), generator=draw)
    lengths[0, 1] = 1
    return [
        Group(prefix, [torch.randint(10, 400, (int(n),), generator=draw) for n in row])
        for prefix, row in zip(prefixes, lengths, strict=True)
    ]


def gradients(vlm: Vlm, loss: Tensor) -> list[Tensor]:
    found = torch.autograd.grad(loss, list(vlm.trainable.values()), allow_unused=True)
    return [torch.zeros(()) if gradient is None else gradient for gradient in found]


def worst(found: list[Tensor], expected: list[Tensor]) -> float:
    """The largest relative difference, over all weights. Gradients that are zero but for rounding, such as that of the
    bias of a key, are judged by the size of the others."""
    floor = 1e-3 * max(float(b.norm()) for b in expected)
    return max(float((a - b).norm()) / max(float(b.norm()), floor) for a, b in zip(found, expected, strict=True))
