"""What is taken for rounding, on models whose logits are as large as those of trained ones."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from chirality_worker.head import logits
from chirality_worker.packing import Group
from chirality_worker.random_models import MAKERS, write_model
from chirality_worker.rounding import rounding_of
from chirality_worker.sampling import Sampling, sample
from chirality_worker.vlm import Vlm
from conftest import few, opened, prompts, ragged, slow

FIXED = 0.1
"""The largest gap that was once allowed for every model in bfloat16."""


def never() -> None:
    """A call that nobody cancels."""


@torch.no_grad()
def gaps(vlm: Vlm) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the packed pass from the plain one, and of sampled log-probabilities from those of the packed pass."""
    prefixes = prompts(vlm)
    groups = ragged(vlm, prefixes)
    packed = vlm.packed_scores(groups, 1.0)[0] - vlm.plain_scores(groups, 1.0)[0]
    drawn = sample(vlm, prefixes, Sampling(4, 1.0, 1.0, 8, []), ["0", "1", "2"], never)
    rows = [
        Group(prefix, [torch.tensor(draw.tokens) for draw in group])
        for prefix, group in zip(prefixes, drawn, strict=True)
    ]
    said = torch.tensor([x for group in drawn for draw in group for x in draw.logprobs])
    return packed.abs(), (vlm.packed_scores(rows, 1.0)[0] - said).abs()


def test_sound_deep_models_with_large_logits_are_within_it(tmp_path: Path) -> None:
    for seed in few(range(6)):
        vlm = opened(write_model("qwen2_5_vl", tmp_path / str(seed), "deep", 20, seed), precision="bfloat16")
        row = vlm.pack(ragged(vlm, prompts(vlm)))
        with torch.no_grad():
            z = logits(vlm.states_of(row), vlm.family.head.weight, vlm.family.softcap)
        assert z.abs().max() > 20
        packed, sampled = gaps(vlm)
        assert max(packed.mean(), sampled.mean()) < vlm.rounding
        assert max(packed.max(), sampled.max()) > FIXED


@pytest.mark.parametrize("precision", few(["float32", "bfloat16"]))
@pytest.mark.parametrize("kind", few(list(MAKERS)))
def test_every_family_is_within_it(kind: str, precision: str, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind), precision=precision)
    for gap in gaps(vlm):
        assert gap.mean() < vlm.rounding
    if precision == "float32":
        assert vlm.rounding == 1e-4


@slow
def test_an_answer_that_sees_its_future_is_beyond_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vlm = opened(write_model("paligemma2", tmp_path / "deep", "deep", 20), precision="bfloat16")
    prefix = prompts(vlm)[0]
    inputs = vlm.family.plain_inputs
    ids = torch.randint(10, 400, (16,), generator=torch.Generator().manual_seed(0))
    no_types = {"token_type_ids": torch.zeros(1, len(prefix) + len(ids), dtype=torch.long)}
    with torch.no_grad():
        right, _ = vlm.plain_scores([Group(prefix, [ids])], 1.0)
        monkeypatch.setattr(vlm.family, "plain_inputs", lambda *args: inputs(*args) | no_types)
        wrong, _ = vlm.plain_scores([Group(prefix, [ids])], 1.0)
    assert (right - wrong).abs().mean() > 2 * vlm.rounding


def test_measuring_leaves_no_trace(vlm: Vlm) -> None:
    groups = ragged(vlm, prompts(vlm))
    before = vlm.plain_scores(groups, 1.0)[0]
    state = torch.get_rng_state()
    assert rounding_of(vlm) == rounding_of(vlm)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(vlm.plain_scores(groups, 1.0)[0], before)
