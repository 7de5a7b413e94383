"""All weights in bfloat16: what the optimiser moves is in float32. And how many tokens a pass takes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from chirality_worker.memory import Budget
from chirality_worker.passes import evenly, filled
from chirality_worker.trainer import AdamW, Trainer
from chirality_worker.vlm import Vlm
from conftest import few, opened, prompts, ragged

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


def grown(free: float | None, fixed: float, a_token: float, wanted: int | None = None) -> tuple[list[int], list[str]]:
    """The budgets after passes that fill them and take `fixed + a_token · tokens` bytes, and what was told."""
    told: list[str] = []
    device = torch.device("cpu" if free is None else "cuda")
    budget = Budget(wanted, device, lambda _: None if free is None else int(free), told.append)
    found = [budget.tokens]
    for _ in range(6):
        budget.learn(budget.tokens, int(fixed + a_token * budget.tokens))
        found.append(budget.tokens)
    return found, told


@pytest.mark.parametrize("precision", few(["bfloat16", "float32"]))
def test_a_fused_optimiser_gives_the_weights_to_rounding(folder_of: Callable[[str], Path], precision: str) -> None:
    found = []
    for offloaded in (False, True):
        vlm = opened(folder_of("qwen2_5_vl"), None, precision)
        trainer = Trainer(vlm, 4096, dict, lambda *_: None, offloaded=offloaded)
        before = [x.detach().clone() for x in trainer.masters.values()]
        trained(vlm, trainer, 3)
        found.append([x.detach() - y for x, y in zip(trainer.masters.values(), before, strict=True)])
    plain, fused = (torch.cat([x.reshape(-1) for x in moved]) for moved in found)
    assert (fused - plain).norm() < 1e-2 * plain.norm()
    assert not torch.equal(plain, torch.zeros_like(plain))


@pytest.mark.parametrize(
    ("wanted", "free", "fixed", "expected"),
    [
        # In few steps to what three quarters of the memory hold.
        (None, 80e9, 0, [1024, 4096, 16384, 60000]),
        # What a pass takes whatever its length is not taken for that of its tokens.
        (None, 80e9, 10e9, [1024, 4096, 16384, 50000]),
        # Memory for few tokens more, and for none.
        (None, 2e9, 0, [1024, 1500]),
        (None, 1e9, 0, [1024]),
        # Set by a person.
        (1000, 80e9, 0, [1000]),
        # On a processor nothing is known.
        (None, None, 0, [4096]),
    ],
)
def test_a_pass_grows_to_the_memory_there_is(
    wanted: int | None, free: float | None, fixed: float, expected: list[int]
) -> None:
    found, told = grown(free, fixed, 1e6, wanted)
    assert found == expected + expected[-1:] * (7 - len(expected))
    assert [line.split(":")[0] for line in told] == (
        [] if wanted or free is None else [f"at most {expected[-1]} tokens"]
    )


def test_a_pass_never_grows_again_where_memory_did_not_suffice() -> None:
    budget = Budget(None, torch.device("cuda"), lambda _: 80 << 30)
    # A short pass tells little of a long one.
    budget.learn(100, 1 << 20)
    assert budget.tokens == 1024
    budget.halve(900)
    budget.learn(450, 1 << 20)
    assert (budget.tokens, budget.choice) == (450, 450)


def test_a_choice_is_resumed_unless_the_config_sets_it() -> None:
    for wanted, expected in ((None, 3000), (2048, 2048)):
        budget = Budget(wanted, torch.device("cuda"), lambda _: 80 << 30)
        budget.resume(3000)
        budget.learn(budget.tokens, 1 << 20)
        assert budget.tokens == expected


@pytest.mark.parametrize("room", [1, 9, 10, 22, 36, 1000])
def test_passes_are_as_few_as_can_be_and_even(room: int) -> None:
    draw = torch.Generator().manual_seed(room)
    for _ in range(50):
        sizes = torch.randint(1, 20, (9,), generator=draw).tolist()
        parts, full = evenly(sizes, room), filled(sizes, room)
        assert [i for part in parts for i in part] == list(range(9))
        assert len(parts) == len(full)
        largest, usual = (max(sum(sizes[i] for i in part) for part in some) for some in (parts, full))
        # No smaller room makes as few parts.
        assert largest <= usual
        assert len(filled(sizes, largest - 1)) > len(parts) or largest == max(sizes)
