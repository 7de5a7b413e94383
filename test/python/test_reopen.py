"""A worker that opens one model after the other, as a proof does, and what it says of rates and images."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from test_pretended_gpu import TrialHere, Worker
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoImageProcessor

from chirality_worker import operations
from chirality_worker.images import decode
from chirality_worker.packing import Group
from chirality_worker.rates import Shape, work_of
from conftest import ALL, LORA, few, opened, png, slow
from pretended_gpu import PretendedGpu

DROPOUT = {"rank": 8, "alpha": 16, "dropout": 0.5, "targets": ALL, "excludes": ["visual", "vision_tower"]}


def everything(folder: Path, device: str) -> Any:
    worker = Worker(folder, device, adapter=DROPOUT)
    draws = [worker.sample(seed=None) for _ in range(2)]
    # The trial of captured steps runs in this process here, and leaves garbage until Python collects it.
    del worker.opened["sizes"]["room"]
    return worker.opened, draws, worker.train(), worker.forward("policy"), worker("usage")["windows"]


@slow
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_second_model_begins_as_the_first(
    device: str, folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "on_device", TrialHere)
    operations.trial_of.cache_clear()
    with PretendedGpu():
        first = everything(folder_of("qwen2_5_vl"), device)
        gone = weakref.ref(operations.session.vlm)
        Worker(folder_of("llava"), device, precision="bfloat16").train()
        gc.collect()
        assert gone() is None
        assert everything(folder_of("qwen2_5_vl"), device) == first
    operations.trial_of.cache_clear()


@pytest.mark.parametrize("kind", few(["qwen2_5_vl", "qwen3_vl", "paligemma2", "llava"]))
@pytest.mark.parametrize("adapter", few([LORA, None]))
def test_work_is_what_is_counted(kind: str, adapter: Any, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind), adapter)
    prefix = vlm.encode([{"role": "user", "content": [{"image": "a", "view": "original"}, "Is it red?"]}])
    vlm.features(prefix.pictures)
    group = Group(prefix, [torch.arange(30, 50)] * 4)
    work = work_of(vlm, Shape(1, len(prefix), 4, 20))
    for backwards, expected in ((False, work.reference), (True, work.update)):
        vlm.vision_learns = False
        with FlopCounterMode(display=False) as counter, torch.set_grad_enabled(backwards):
            logprobs, _ = vlm.packed_scores([group], 1.0)
            if backwards:
                torch.autograd.grad(logprobs.sum(), list(vlm.trainable.values()), allow_unused=True)
        counts = counter.get_flop_counts()["Global"]
        # Products of the adapter are not work that the step needs; attention is counted as if every token saw all.
        assert 0.7 < expected / sum(counts.values()) < 1


def test_token_steps_read_all_weights_of_the_language_model(folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), None)
    language = [p for p in vlm.family.language.parameters() if p.ndim == 2]
    assert work_of(vlm, Shape(1, 1, 1, 1)).token_step == sum(p.numel() * 4 for p in language)


@pytest.mark.parametrize("kind", few(["qwen2_5_vl", "qwen3_vl", "paligemma2", "llava"]))
def test_images_are_prepared_as_by_pillow(kind: str, folder_of: Callable[[str], Path]) -> None:
    """transformers' fast processors scale images in torchvision, the slow ones in Pillow. The difference shows in
    noise alone, in a few pixels."""
    noise = torch.randint(0, 256, (171, 230, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    fast, slow = (AutoImageProcessor.from_pretrained(folder_of(kind), backend=name) for name in ("torchvision", "pil"))
    # One of 255 levels, in standard deviations.
    level = 1 / 255 / 0.26
    for image, bound in ((decode(png(230, 171, (200, 30, 30)), "a"), 0.01), (Image.fromarray(noise.numpy()), 0.5)):
        found, expected = (how(images=[image], return_tensors="pt")["pixel_values"] for how in (fast, slow))
        assert found.shape == expected.shape
        assert float((found - expected).abs().mean()) < bound * level
