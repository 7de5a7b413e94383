"""Captured decoding, without CUDA: operations are recorded and replayed on the same memory, as a graph does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from chirality_worker.captured import Captures, StaticDecoder, Step
from chirality_worker.decoding import Decoder
from chirality_worker.sampling import Draw, Sampling, sample
from chirality_worker.vlm import Vlm
from conftest import opened, prompts
from tiny_models import MAKERS

WAITS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
"""Operations that the processor would have to wait for: CUDA refuses to capture them."""


class Recorder(TorchDispatchMode):
    """Keeps what is computed, with the very tensors. Constants that come from Python would be copied to the device."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, tuple[Any, ...], dict[str, Any], Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        if WAITS & set(func.tags) or func is torch.ops.aten.lift_fresh.default:
            raise RuntimeError(f"{func} cannot be captured")
        out = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, out))
        return out


def recorded(step: Step) -> Step:
    """Replays operations, not Python: whatever Python knew while recording stays as it was."""
    with Recorder() as recorder:
        out = step()

    def replay() -> torch.Tensor:
        for func, args, kwargs, before in recorder.calls:
            for old, new in zip(tree_leaves(before), tree_leaves(func(*args, **kwargs)), strict=True):
                if old is not new:
                    old.copy_(new)
        return out

    return replay


def counted(capture: Callable[[Step], Step]) -> tuple[Callable[[Step], Step], list[Step]]:
    steps: list[Step] = []

    def counting(step: Step) -> Step:
        steps.append(step)
        return capture(step)

    return counting, steps


def never() -> None:
    """A call that nobody cancels."""


def drawn(vlm: Vlm, decoder: Any, tokens: int = 40) -> list[Draw]:
    sampling = Sampling(5, 0.9, 1.0, tokens, [])
    return [draw for group in sample(vlm, prompts(vlm), sampling, ["0", "1", "2"], never, decoder) for draw in group]


def assert_equal(found: list[Draw], expected: list[Draw]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one.tokens == other.tokens
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-5)
        assert one.entropies == pytest.approx(other.entropies, abs=1e-4)


@pytest.mark.parametrize("kind", MAKERS)
def test_replayed_steps_draw_the_same_while_rows_leave(kind: str, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind))
    # Many tokens end a completion, so that rows and whole prompts leave early.
    vlm.family.end_ids = list(range(60))
    expected = drawn(vlm, Decoder)
    assert len({len(draw.tokens) for draw in expected}) > 3
    capture, steps = counted(recorded)
    # Room for 4: full after 4, 8, 16 and 32 tokens.
    found = drawn(vlm, lambda *args: StaticDecoder(*args, capture, 4))
    assert_equal(found, expected)
    # Of 15 rows at most 4 times half are left.
    assert 4 <= len(steps) <= 8


def test_a_step_that_depends_on_python_is_told_by_the_recorder(vlm: Vlm) -> None:
    class Forgetful(StaticDecoder):
        def _seen(self, layer: int, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            self.keys[layer][:, :, self.length], self.values[layer][:, :, self.length] = key, value
            return self.keys[layer], self.values[layer]

    vlm.family.end_ids = []
    found = drawn(vlm, lambda *args: Forgetful(*args, recorded))
    assert [draw.tokens for draw in found] != [draw.tokens for draw in drawn(vlm, Decoder)]


def test_captured_steps_are_used_where_they_agree(vlm: Vlm) -> None:
    capture, steps = counted(recorded)
    notes: list[str] = []
    captures = Captures(lambda kind, message: notes.append(message), capture)
    expected = drawn(vlm, Decoder)
    assert_equal(drawn(vlm, captures.decoder), expected)
    looked = len(steps)
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert notes == []
    # The first call looks, too: three times, as a row leaves and the room is full once.
    assert looked - 3 == len(steps) - looked > 0


def test_an_adapter_that_stays_apart_is_captured_too(folder_of: Callable[[str], Path]) -> None:
    notes: list[str] = []
    drawn(
        opened(folder_of("qwen2_5_vl"), precision="bfloat16"),
        Captures(lambda _, why: notes.append(why), recorded).decoder,
    )
    assert notes == []


def frozen(step: Step) -> Step:
    """Replays nothing."""
    out = step()
    return lambda: out


def unable(step: Step) -> Step:
    raise RuntimeError("operation not permitted when stream is capturing\nmore words")


@pytest.mark.parametrize(
    ("capture", "words"),
    [(frozen, "are off by"), (unable, "cannot be captured as CUDA graphs: operation not permitted")],
)
def test_wrong_or_failing_captures_are_noticed_once_and_replaced(
    vlm: Vlm, capture: Callable[[Step], Step], words: str
) -> None:
    notes: list[tuple[str, str]] = []
    counting, steps = counted(capture)
    captures = Captures(lambda *note: notes.append(note), counting)
    expected = drawn(vlm, Decoder)
    assert_equal(drawn(vlm, captures.decoder), expected)
    tried = len(steps)
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert len(steps) == tried
    assert [kind for kind, _ in notes] == ["plain-decoding"]
    assert words in notes[0][1]


def test_where_captures_fail_later_the_same_completions_go_on(vlm: Vlm) -> None:
    made = 0

    def until_memory_ends(step: Step) -> Step:
        nonlocal made
        made += 1
        if made > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return recorded(step)

    notes: list[str] = []
    captures = Captures(lambda kind, message: notes.append(message), until_memory_ends)
    assert_equal(drawn(vlm, captures.decoder), drawn(vlm, Decoder))
    assert len(notes) == 1
