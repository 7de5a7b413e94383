"""Windows of a picture: all of one length at once, or all by one kernel, and the features that the model's own code
computes."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from chirality_worker import windows
from chirality_worker.vlm import Vlm


def noise(width: int, height: int, seed: int) -> Image.Image:
    draw = torch.Generator().manual_seed(seed)
    return Image.fromarray(torch.randint(0, 256, (height, width, 3), generator=draw, dtype=torch.uint8).numpy())


PICTURES = [noise(140, 112, 0), noise(56, 168, 1)]
"""Of 20 and 12 tokens; a window has 4 × 4."""


def features_and_calls(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> tuple[Tensor, int]:
    calls = 0
    attend = F.scaled_dot_product_attention

    def counted(*args: Any, **options: Any) -> Tensor:
        nonlocal calls
        calls += 1
        return attend(*args, **options)

    monkeypatch.setattr(F, "scaled_dot_product_attention", counted)
    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    with torch.no_grad():
        found = torch.cat([seen.tokens for seen in vlm.family.features(PICTURES)])
    monkeypatch.setattr(F, "scaled_dot_product_attention", attend)
    return found, calls


def own_features(vlm: Vlm) -> Tensor:
    """By transformers' own attention, window by window."""
    inputs = vlm.family._pixels(PICTURES)
    with torch.no_grad():
        seen = vlm.family._inner.get_image_features(**inputs, return_dict=True)
    return torch.cat(list(seen.pooler_output))


def test_windows_of_one_length_are_attended_to_at_once(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    found, calls = features_and_calls(vlm, monkeypatch)
    assert (found - own_features(vlm)).abs().max() < 1e-5
    layers = len(vlm.family.vision.blocks)
    assert layers <= calls <= 4 * layers
    # The model's own pass, against which ours is checked, keeps its own attention.
    assert vlm.family.vision.config._attn_implementation != windows.NAME


def test_a_kernel_for_varying_lengths_gets_all_windows(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []

    def kernel(q: Tensor, k: Tensor, v: Tensor, ends: Tensor, _: Tensor, most: int, __: int, *, scale: float) -> Tensor:
        seen.append(ends.tolist())
        assert most == int(ends.diff().max())
        assert ends.dtype == torch.int32
        parts = [
            F.scaled_dot_product_attention(*(x[a:b].transpose(0, 1) for x in (q, k, v)), scale=scale).transpose(0, 1)
            for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]
        return torch.cat(parts)

    monkeypatch.setattr(windows, "varlen_attn", kernel)
    monkeypatch.setattr(windows, "has_kernel", lambda _: True)
    with torch.no_grad():
        found = torch.cat([seen.tokens for seen in vlm.family.features(PICTURES)])
    assert (found - own_features(vlm)).abs().max() < 1e-5
    assert len(seen) == len(vlm.family.vision.blocks)
    # Layers that see windows, and one that sees whole pictures.
    assert len({len(ends) for ends in seen}) == 2


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, AssertionError])
def test_a_kernel_that_fails_is_tried_once(kind: type[Exception], vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, notes = [], []

    def kernel(*_: Any, **__: Any) -> Tensor:
        calls.append(1)
        raise kind("no kernel image is available\nmore words")

    monkeypatch.setattr(windows, "tell", lambda *note: notes.append(note))
    monkeypatch.setattr(windows, "varlen_attn", kernel)
    monkeypatch.setattr(windows, "has_kernel", lambda _: True)
    monkeypatch.setattr(windows, "_kernel_works", True)
    with torch.no_grad():
        found = torch.cat([seen.tokens for seen in vlm.family.features(PICTURES)])
    assert (found - own_features(vlm)).abs().max() < 1e-5
    assert len(calls) == 1
    [(name, message)] = notes
    assert name == "plain-windows"
    assert message.endswith("no kernel image is available")
    assert windows.ran == "one call a layer and length of windows"


def test_a_kernel_that_runs_out_of_memory_is_not_one_that_fails(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    def kernel(*_: Any, **__: Any) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(windows, "varlen_attn", kernel)
    monkeypatch.setattr(windows, "has_kernel", lambda _: True)
    monkeypatch.setattr(windows, "_kernel_works", True)
    with torch.no_grad(), pytest.raises(torch.OutOfMemoryError):
        vlm.family.features(PICTURES)
    assert windows._kernel_works
