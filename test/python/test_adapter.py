"""Adapters, above all beneath a model in bfloat16."""

import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor

from chirality_worker.loading import Adapter
from chirality_worker.packing import Group
from chirality_worker.vlm import Vlm
from conftest import gradients, opened, prompts, ragged, worst


@pytest.fixture
def low(folder_of: Callable[[str], Path]) -> Vlm:
    return opened(folder_of("qwen2_5_vl"), precision="bfloat16")


def by_peft(vlm: Vlm) -> None:
    """PEFT's own way again."""
    for layer in layers(vlm):
        del layer.forward


def layers(vlm: Vlm) -> list[torch.nn.Module]:
    return [module for module in vlm.family.language.modules() if isinstance(module, LoraLayer)]


def scores_and_gradients(vlm: Vlm) -> tuple[Tensor, Tensor]:
    logprobs, found = packed(vlm, ragged(vlm, prompts(vlm)))
    assert all(gradient.dtype == torch.float32 for gradient in found)
    return logprobs, torch.cat([gradient.flatten() for gradient in found])


def packed(vlm: Vlm, groups: list[Group]) -> tuple[Tensor, list[Tensor]]:
    logprobs, _ = vlm.packed_scores(groups, 1.0)
    return logprobs.detach(), gradients(vlm, logprobs.sum())


def kept_bytes(vlm: Vlm) -> int:
    """What the backward pass needs, each piece of memory once. Weights lie there in any case."""
    weights = {parameter.untyped_storage().data_ptr() for parameter in vlm.model.parameters()}
    kept: dict[int, int] = {}

    def keep(x: Tensor) -> Tensor:
        storage = x.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return x

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x):
        logprobs, _ = vlm.packed_scores(ragged(vlm, prompts(vlm)), 1.0)
    total = sum(kept.values())
    logprobs.sum().backward()
    return total


def test_it_is_no_further_from_float32_than_peft_is(low: Vlm, folder_of: Callable[[str], Path]) -> None:
    expected, slope = scores_and_gradients(opened(folder_of("qwen2_5_vl")))
    found, found_slope = scores_and_gradients(low)
    by_peft(low)
    theirs, their_slope = scores_and_gradients(low)
    assert not torch.equal(found, theirs)
    assert (found - expected).abs().mean() < 1.5 * (theirs - expected).abs().mean()
    assert (found_slope - slope).norm() < 1.5 * (their_slope - slope).norm()


def test_in_float32_it_is_peft_but_for_rounding(vlm: Vlm) -> None:
    groups = ragged(vlm, prompts(vlm))
    found, slope = packed(vlm, groups)
    by_peft(vlm)
    expected, their_slope = packed(vlm, groups)
    assert float((found - expected).abs().max()) < 1e-6
    assert worst(slope, their_slope) < 1e-5


def test_it_keeps_less_for_the_backward_pass(low: Vlm) -> None:
    ours = kept_bytes(low)
    by_peft(low)
    assert ours < 0.75 * kept_bytes(low)


def test_switched_off_it_is_the_model_without_it(low: Vlm) -> None:
    groups = ragged(low, prompts(low))
    with torch.no_grad():
        adapted, _ = low.plain_scores(groups, 1.0)
        with low.model.disable_adapter():
            off, _ = low.plain_scores(groups, 1.0)
            by_peft(low)
            assert torch.equal(off, low.plain_scores(groups, 1.0)[0])
    assert not torch.equal(off, adapted)


def test_after_it_was_added_to_the_weights_it_computes_as_before(low: Vlm) -> None:
    groups = ragged(low, prompts(low))
    with torch.no_grad():
        before, _ = low.packed_scores(groups, 1.0)
        with low.adapter_added():
            within, _ = low.packed_scores(groups, 1.0)
        after, _ = low.packed_scores(groups, 1.0)
    assert torch.equal(before, after)
    assert not torch.equal(before, within)
    assert all("forward" in vars(layer) for layer in layers(low))


def test_has_the_options_of_configs() -> None:
    """They are passed on as they are: a config's option that is no field here, or the reverse, cannot open a model."""
    page = (Path(__file__).parents[2] / "docs/reference.md").read_text()
    documented = re.findall(r"^\| `engine\.adapter\.(\w+)`", page, re.MULTILINE)
    assert {field.name for field in fields(Adapter)} == {*documented} - {"kind"}
