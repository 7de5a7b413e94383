"""All weights in bfloat16: what the optimiser moves is in float32. And how many tokens a pass takes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from chirality_worker.memory import Budget
from chirality_worker.trainer import AdamW, Trainer
from chirality_worker.vlm import Vlm
from conftest import opened, prompts, ragged

SMALL = AdamW(1e-5, (0.9, 0.999), 1e-8, 0.0, None)


def never() -> None:
    """A call that nobody cancels."""


def trained(vlm: Vlm, trainer: Trainer, steps: int) -> None:
    groups = ragged(vlm, prompts(vlm))
    weights = [[torch.full((len(tokens),), 0.1) for tokens in group.completions] for group in groups]
    for _ in range(steps):
        trainer.backward(groups, weights, 1.0, never)
        trainer.step(SMALL)


def test_small_steps_of_weights_in_bfloat16_add_up(folder_of: Callable[[str], Path]) -> None:
    moved = []
    for precision in ("float32", "bfloat16"):
        vlm = opened(folder_of("qwen2_5_vl"), None, precision)
        name = next(name for name in vlm.trainable if name.endswith("language_model.layers.0.mlp.up_proj.weight"))
        trainer = Trainer(vlm, 4096, dict, lambda *_: None)
        before = trainer.masters[name].detach().clone()
        trained(vlm, trainer, 8)
        moved.append(trainer.masters[name].detach() - before)
        weight = vlm.trainable[name]
        assert torch.equal(weight, trainer.masters[name].to(weight.dtype))
    exact, low = moved
    # One unit in the last place of a weight in bfloat16 is larger than all eight steps together.
    assert float(exact.abs().max()) < 1e-4
    assert float((low - exact).norm() / exact.norm()) < 0.2
    assert float(low.abs().mean()) > 0.8 * float(exact.abs().mean())


def test_weights_in_bfloat16_go_on_as_if_never_stopped(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    def fresh() -> tuple[Vlm, Trainer]:
        vlm = opened(folder_of("qwen2_5_vl"), None, "bfloat16")
        trainer = Trainer(vlm, 4096, dict, lambda *_: None)
        trainer.set_reference("current", None)
        return vlm, trainer

    vlm, straight = fresh()
    trained(vlm, straight, 2)
    straight.save(tmp_path, {})
    trained(vlm, straight, 2)
    other, resumed = fresh()
    resumed.load(tmp_path, True)
    trained(other, resumed, 2)
    for name, master in straight.masters.items():
        assert torch.equal(master, resumed.masters[name])
    groups = ragged(vlm, prompts(vlm))
    assert straight.scores(groups, "reference", 1.0, never) == resumed.scores(groups, "reference", 1.0, never)


@pytest.mark.parametrize(
    ("wanted", "free", "taken", "expected"),
    [
        # Memory for far more: twice as many at a time.
        (None, 80e9, 4096 * 1e6, [8192, 16384, 32768, 48000]),
        # Memory for no more.
        (None, 6e9, 4096 * 1e6, [4096]),
        # Set by a person.
        (1000, 80e9, 1000 * 1e6, [1000, 1000]),
        # On a processor nothing is known.
        (None, None, 0, [4096, 4096]),
    ],
)
def test_a_pass_grows_to_the_memory_there_is(
    wanted: int | None, free: float | None, taken: float, expected: list[int]
) -> None:
    budget = Budget(wanted, torch.device("cpu"), lambda _: None if free is None else int(free))
    a_token = taken / budget.tokens
    found = []
    for _ in expected:
        budget.learn(budget.tokens, int(a_token * budget.tokens))
        found.append(budget.tokens)
    assert found == expected


def test_a_pass_never_grows_again_where_memory_did_not_suffice() -> None:
    budget = Budget(None, torch.device("cpu"), lambda _: 80 << 30)
    # A short pass tells little of a long one.
    budget.learn(100, 1 << 20)
    assert budget.tokens == 4096
    budget.halve(3000)
    budget.learn(1500, 1 << 20)
    assert budget.tokens == 1500
