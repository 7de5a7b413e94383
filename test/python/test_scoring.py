"""The packed pass, whose prompt is shared, against the model's own forward pass."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from chirality_worker import head
from chirality_worker.loading import Adapter, open_vlm
from chirality_worker.packing import Group
from chirality_worker.passes import cut, passes, pieces_of
from chirality_worker.trainer import AdamW, Trainer
from chirality_worker.vlm import Vlm
from conftest import LORA, few, gradients, opened, options_for, prompts, ragged, worst

Score = Callable[[list[Group], float], tuple[torch.Tensor, torch.Tensor]]

STEP = AdamW(1e-3, (0.9, 0.99), 1e-8, 0.01, None)


def never() -> None:
    """A call that nobody cancels."""


@pytest.mark.parametrize("adapter", few([LORA, None]))
@pytest.mark.parametrize("kind", few(["qwen2_5_vl", "qwen3_vl", "paligemma2", "llava"]))
def test_packed_equals_plain(folder_of: Callable[[str], Path], kind: str, adapter: Adapter | None) -> None:
    vlm = opened(folder_of(kind), adapter)
    groups = ragged(vlm, prompts(vlm))
    plain, plain_entropies = vlm.plain_scores(groups, 0.9)
    weights = torch.randn(plain.shape, generator=torch.Generator().manual_seed(2))
    expected = gradients(vlm, (plain * weights).sum())
    packed, entropies = vlm.packed_scores(groups, 0.9)
    found = gradients(vlm, (packed * weights).sum())
    assert (packed - plain).abs().max() < 1e-5
    assert (entropies - plain_entropies).abs().max() < 1e-4
    assert worst(found, expected) < 1e-4


def test_packed_is_near_plain_in_bfloat16(folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), precision="bfloat16")
    groups = ragged(vlm, prompts(vlm))
    exact = opened(folder_of("qwen2_5_vl"))
    with torch.no_grad():
        packed, _ = vlm.packed_scores(groups, 0.9)
        plain, _ = vlm.plain_scores(groups, 0.9)
        expected, _ = exact.plain_scores(groups, 0.9)
    # No further from the truth than the model's own way of rounding.
    assert (packed - expected).abs().mean() < 1.5 * (plain - expected).abs().mean()
    assert 0 < (packed - plain).abs().max() < 0.2


def test_an_answer_of_paligemma_does_not_see_its_future(
    folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked as part of the prompt, as some training code does it, the answer would be read in both directions."""
    vlm = opened(folder_of("paligemma2"))
    prefix = prompts(vlm)[0]
    one, other = torch.tensor([20, 30, 40, 50]), torch.tensor([20, 30, 40, 60])

    def moved(score: Score) -> float:
        with torch.no_grad():
            before, after = (score([Group(prefix, [tokens])], 1.0)[0] for tokens in (one, other))
        return float((before - after)[:-1].abs().max())

    assert moved(vlm.packed_scores) < 1e-6
    assert moved(vlm.plain_scores) < 1e-6
    inputs = vlm.family.plain_inputs
    no_types = {"token_type_ids": torch.zeros(1, len(prefix) + len(one), dtype=torch.long)}
    monkeypatch.setattr(vlm.family, "plain_inputs", lambda *args: inputs(*args) | no_types)
    assert moved(vlm.plain_scores) > 1e-4


def test_text_without_image(vlm: Vlm) -> None:
    prefix = vlm.encode([{"role": "user", "content": ["Is two more than one?"]}])
    groups = [Group(prefix, [torch.tensor([20, 30, 40]), torch.tensor([50])])]
    assert (vlm.packed_scores(groups, 1.0)[0] - vlm.plain_scores(groups, 1.0)[0]).abs().max() < 1e-5


@pytest.mark.parametrize("softcap", [None, 30.0])
@pytest.mark.parametrize("head_learns", [True, False])
def test_chunked_head(head_learns: bool, softcap: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "CHUNK", 3)
    draw = torch.Generator().manual_seed(0)
    hidden = torch.randn(8, 5, generator=draw, dtype=torch.float64).requires_grad_()
    weights = (torch.randn(11, 5, generator=draw, dtype=torch.float64) * 9).requires_grad_(head_learns)
    targets = torch.randint(0, 11, (8,), generator=draw)
    w = torch.randn(8, generator=draw)
    logprobs, entropies = head.token_scores(hidden, weights, targets, 0.7, softcap)
    z = hidden @ weights.T
    z = z if softcap is None else torch.tanh(z / softcap) * softcap
    expected = (z / 0.7).log_softmax(-1)
    inputs = [hidden, weights] if head_learns else [hidden]
    chosen = expected.gather(-1, targets[:, None])[:, 0]
    wanted = torch.autograd.grad((chosen * w).sum(), inputs)
    got = torch.autograd.grad((logprobs * w).sum(), inputs)
    assert torch.allclose(logprobs.double(), chosen, atol=1e-5)
    assert torch.allclose(entropies.double(), -(expected.exp() * expected).sum(-1), atol=1e-5)
    for a, b in zip(got, wanted, strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_passes_fill_the_budget_and_lose_nothing(vlm: Vlm) -> None:
    groups = ragged(vlm, prompts(vlm))
    smallest = max(len(group.prefix) for group in groups) + 20
    for budget in (smallest, 200, 10_000):
        rows = passes(groups, pieces_of(groups), budget)
        done = sorted((piece.group, c) for row in rows for piece in row for c in piece.completions)
        assert done == [(g, c) for g in range(3) for c in range(3)]
        for row in rows:
            assert sum(group.size for group in cut(groups, row)) <= budget
    assert len(passes(groups, pieces_of(groups), 10_000)) == 1


def test_out_of_memory_halves_the_passes_and_changes_no_gradient(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = ragged(vlm, prompts(vlm))
    weights = [[torch.ones(len(tokens)) for tokens in group.completions] for group in groups]
    notes: list[str] = []

    def learnt(budget: int) -> list[torch.Tensor]:
        trainer = Trainer(vlm, budget, dict, lambda kind, message: notes.append(kind))
        trainer.backward(groups, weights, 1.0, never)
        found = [x.clone() for x in trainer.gradients()]
        trainer.clear_gradients()
        return found

    expected = learnt(4096)
    score = vlm.packed_scores

    def small_memory(part: list[Group], temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
        if sum(group.size for group in part) > 150:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return score(part, temperature)

    monkeypatch.setattr(vlm, "packed_scores", small_memory)
    assert worst(learnt(4096), expected) < 1e-4
    assert set(notes) == {"out-of-memory"}


@pytest.mark.parametrize("budget", few([120, 4096]))
@pytest.mark.parametrize("adapter", few([LORA, None]))
def test_a_pull_gives_the_gradients_of_scoring_first(
    folder_of: Callable[[str], Path], adapter: Adapter | None, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), adapter)
    groups = ragged(vlm, prompts(vlm))
    trainer = Trainer(vlm, budget, dict, lambda *_: None)
    trainer.packed = True
    score, taken = trainer._pass, [0]

    def counted(*args: Any) -> list[list[float]]:
        taken[0] += 1
        return score(*args)

    monkeypatch.setattr(trainer, "_pass", counted)
    draw = torch.Generator().manual_seed(4)
    advantages = torch.randn(3, 3, generator=draw).tolist()
    references = [[-5 - torch.rand(len(x), generator=draw).double() for x in group.completions] for group in groups]
    c, beta = 0.01, 0.4

    def learnt(weights: list[list[torch.Tensor]], pulls: list[list[torch.Tensor]] | None = None) -> torch.Tensor:
        trainer.backward(groups, weights, 1.0, never, pulls)
        found = torch.cat([x.reshape(-1) for x in trainer.gradients()])
        trainer.clear_gradients()
        return found

    # As the host does: in float64, of a pass that scores the samples before the update.
    old, _ = trainer.scores(groups, "policy", 1.0, never)
    both = zip(advantages, references, old, strict=True)
    whole = [
        [(c * (a + beta * (r - torch.tensor(lp).double()).expm1())).float() for a, r, lp in zip(*rows, strict=True)]
        for rows in both
    ]
    expected, two = learnt(whole), taken[0]
    fixed = [
        [torch.full(r.shape, c * a).float() for a, r in zip(*rows, strict=True)]
        for rows in zip(advantages, references, strict=True)
    ]
    pulls = [[torch.stack([r.float(), torch.full(r.shape, c * beta).float()]) for r in rows] for rows in references]
    taken[0] = 0
    assert (learnt(fixed, pulls) - expected).norm() < 1e-6 * expected.norm()
    assert taken[0] == two / 2
    assert two > 2 if budget == 120 else two == 2
    assert (learnt(fixed) - expected).norm() > 0.1 * expected.norm()


def test_a_row_without_a_pull_stays_as_it_is(vlm: Vlm) -> None:
    groups = ragged(vlm, prompts(vlm))
    trainer = Trainer(vlm, 4096, dict, lambda *_: None)
    weights = [[torch.ones(len(x)) for x in group.completions] for group in groups]
    # exp(reference − lp) overflows.
    pulls = [[torch.stack([torch.full_like(w, 1e3), torch.zeros_like(w)]) for w in rows] for rows in weights]
    trainer.backward(groups, weights, 1.0, never)
    expected = [x.clone() for x in trainer.gradients()]
    trainer.clear_gradients()
    trainer.backward(groups, weights, 1.0, never, pulls)
    assert all(torch.equal(a, b) for a, b in zip(trainer.gradients(), expected, strict=True))


def test_a_wrong_packed_pass_is_noticed_and_replaced(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = ragged(vlm, prompts(vlm))
    expected, _ = vlm.plain_scores(groups, 1.0)
    score, notes = vlm.packed_scores, []
    monkeypatch.setattr(vlm, "packed_scores", lambda part, t: (score(part, t)[0] + 0.01, score(part, t)[1]))
    trainer = Trainer(vlm, 4096, dict, lambda kind, message: notes.append(kind))
    logprobs, _ = trainer.scores(groups, "policy", 1.0, never)
    flat = torch.tensor([x for group in logprobs for row in group for x in row])
    assert (flat - expected).abs().max() < 1e-5
    assert notes == ["plain-path"]


def test_a_step_that_is_not_finite_changes_nothing(vlm: Vlm) -> None:
    trainer = Trainer(vlm, 4096, dict, lambda *_: None)
    before = [parameter.detach().clone() for parameter in vlm.trainable.values()]
    trainer.gradients()[0].fill_(float("inf"))
    assert trainer.step(STEP) is None
    assert all(torch.equal(a, b) for a, b in zip(before, vlm.trainable.values(), strict=True))
    assert trainer.step(STEP) == 0.0


def test_gradient_checkpointing_and_dropout_act_in_training_only(folder_of: Callable[[str], Path]) -> None:
    options = options_for(folder_of("qwen2_5_vl"), replace(LORA, dropout=0.5))
    vlm = open_vlm(replace(options, gradient_checkpointing=True), lambda *_: None)
    plain = opened(folder_of("qwen2_5_vl"))
    vlm.files = plain.files
    for name, parameter in vlm.trainable.items():
        parameter.data.copy_(plain.trainable[name])
    groups = ragged(vlm, prompts(vlm))
    weights = [[torch.ones(len(tokens)) for tokens in group.completions] for group in groups]
    trainer = Trainer(vlm, 4096, dict, lambda *_: None)
    expected, _ = plain.packed_scores(groups, 1.0)
    scored, _ = trainer.scores(groups, "policy", 1.0, never)
    trained, _ = trainer.backward(groups, weights, 1.0, never)
    again, _ = trainer.scores(groups, "policy", 1.0, never)
    flat = torch.tensor([x for group in scored for row in group for x in row])
    assert (flat - expected).abs().max() < 1e-6
    assert trained != scored
    assert again == scored
