"""Captured decoding, without CUDA: operations are recorded and replayed on the same memory, as a graph does."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from chirality_worker import captured
from chirality_worker.captured import Arena, Captures, StaticDecoder, Step
from chirality_worker.decoding import Decoder
from chirality_worker.loading import take
from chirality_worker.random_models import MAKERS
from chirality_worker.sampling import Draw, Sampling, sample
from chirality_worker.trial import Trial, main
from chirality_worker.vlm import Vlm
from conftest import few, opened, prompts, slow

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


@pytest.mark.parametrize("kind", few(list(MAKERS)))
def test_replayed_steps_draw_the_same_while_rows_leave(kind: str, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind))
    # Many tokens end a completion, so that rows and whole prompts leave early.
    vlm.family.end_ids = list(range(60))
    expected = drawn(vlm, Decoder)
    assert len({len(draw.tokens) for draw in expected}) > 3
    capture, steps = counted(recorded)
    # Room for 4: full after 4, 8, 16 and 32 tokens.
    arena = Arena()
    for _ in range(2):
        found = drawn(vlm, lambda *args: StaticDecoder(*args, capture, arena, 4))
        assert_equal(found, expected)
    # Of 15 rows at most 4 times half are left; where the arena had to grow, a shape was captured once more.
    assert 4 <= len(steps) <= 14


def test_a_step_that_depends_on_python_is_told_by_the_recorder(vlm: Vlm) -> None:
    class Forgetful(StaticDecoder):
        def _seen(self, layer: int, key: torch.Tensor, value: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            self.keys[layer][:, :, self.length], self.values[layer][:, :, self.length] = key, value
            return self.keys[layer], self.values[layer]

    vlm.family.end_ids = []
    found = drawn(vlm, lambda *args: Forgetful(*args, recorded, Arena()))
    assert [draw.tokens for draw in found] != [draw.tokens for draw in drawn(vlm, Decoder)]


def test_captured_steps_are_used_where_they_agree(vlm: Vlm) -> None:
    capture, steps = counted(recorded)
    notes: list[str] = []
    captures = Captures(lambda kind, message: notes.append(message), capture=capture)
    expected = drawn(vlm, Decoder)
    assert_equal(drawn(vlm, captures.decoder), expected)
    looked = len(steps)
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert notes == []
    # The first call looks, too: three times, as rows leave and the room is full once. The second captures nothing.
    assert looked == len(steps) > 3


def test_a_step_is_kept_for_other_prompts_and_trained_weights(vlm: Vlm) -> None:
    vlm.merges = False
    vlm.family.end_ids = []
    capture, steps = counted(recorded)
    captures = Captures(lambda *_: None, capture=capture)
    drawn(vlm, captures.decoder)
    made = len(steps)
    with torch.no_grad():
        for parameter in vlm.trainable.values():
            parameter.mul_(-1.5)
    one, two, three = prompts(vlm)
    sampling = Sampling(5, 0.9, 1.0, 40, [])

    def exchanged(decoder: Any) -> list[Draw]:
        groups = sample(vlm, [two, three, one], sampling, ["3", "4", "5"], never, decoder)
        return [draw for group in groups for draw in group]

    expected = exchanged(Decoder)
    assert_equal(exchanged(captures.decoder), expected)
    assert len(steps) == made
    # More prompts than the arena has room for: captured anew, on new memory.
    prefixes, seeds = [one, two, three, one], ["6", "7", "8", "9"]
    [plain, found] = [
        [draw for group in sample(vlm, prefixes, sampling, seeds, never, decoder) for draw in group]
        for decoder in (Decoder, captures.decoder)
    ]
    assert_equal(found, plain)
    assert len(steps) > made


@slow
def test_an_adapter_that_stays_apart_is_captured_too(folder_of: Callable[[str], Path]) -> None:
    notes: list[str] = []
    drawn(
        opened(folder_of("qwen2_5_vl"), precision="bfloat16"),
        Captures(lambda _, why: notes.append(why), capture=recorded).decoder,
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
    captures = Captures(lambda *note: notes.append(note), capture=counting)
    expected = drawn(vlm, Decoder)
    assert_equal(drawn(vlm, captures.decoder), expected)
    tried = len(steps)
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert len(steps) == tried
    assert [kind for kind, _ in notes] == ["plain-decoding"]
    assert words in notes[0][1]


def forgetful(*failures: int) -> tuple[Callable[[Step], Step], list[int]]:
    """Captures, but the attempts of these numbers run out of memory."""
    tried: list[int] = []

    def capture(step: Step) -> Step:
        tried.append(len(tried))
        if tried[-1] in failures:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return recorded(step)

    return capture, tried


@slow
def test_a_capture_that_runs_out_of_memory_is_made_without_the_others(vlm: Vlm) -> None:
    notes: list[str] = []
    capture, tried = forgetful(3)
    captures = Captures(lambda kind, message: notes.append(message), capture=capture)
    expected = drawn(vlm, Decoder)
    for _ in range(2):
        assert_equal(drawn(vlm, captures.decoder), expected)
    # Three for the comparison, one that failed.
    assert len(tried) > 4
    assert notes == []


@slow
def test_a_call_that_cannot_be_captured_for_want_of_memory_is_not_the_last_one_tried(vlm: Vlm) -> None:
    notes: list[str] = []
    capture, tried = forgetful(3, 4)
    captures = Captures(lambda kind, message: notes.append(message), capture=capture)
    expected = drawn(vlm, Decoder)
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert len(tried) == 5
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert len(tried) > 5
    assert ["memory" in note for note in notes] == [True]


@pytest.mark.parametrize("failures", few([(2, 3), (0, 1)]))
def test_steps_that_were_not_compared_are_not_used(vlm: Vlm, failures: tuple[int, ...]) -> None:
    notes: list[str] = []
    capture, _ = forgetful(*failures)
    wrong: Callable[[Step], Step] = lambda step: frozen(step) if capture(step) else step  # noqa: E731
    captures = Captures(lambda kind, message: notes.append(message), capture=wrong)
    expected = drawn(vlm, Decoder)
    for _ in range(3):
        assert_equal(drawn(vlm, captures.decoder), expected)
    assert "are off by" in notes[-1]


@slow
def test_memory_that_ends_in_the_comparison_does_not_replace_it(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    notes: list[str] = []
    captures = Captures(lambda kind, message: notes.append(message), capture=frozen)
    own, starts = vlm.prefill, 0

    def prefill(prefixes: Any) -> Any:
        nonlocal starts
        starts += 1
        if starts == 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return own(prefixes)

    expected = drawn(vlm, Decoder)
    monkeypatch.setattr(vlm, "prefill", prefill)
    assert_equal(drawn(vlm, captures.decoder), expected)
    assert "are off by" in notes[-1]


def test_of_many_shapes_the_steps_used_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured, "MOST_STEPS", 2)
    arena, made = Arena(), []

    def ask(width: int) -> None:
        arena.step((1, width, 64, 256), lambda: made.append(width) or (lambda: torch.empty(0)))  # type: ignore[func-returns-value]

    for width in (1, 2, 1, 4, 1, 2):
        ask(width)
    assert made == [1, 2, 4, 2]
    assert len(arena.steps) == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os.abort()", "ended with code -6"),
        ("print('no driver'); raise SystemExit(1)", "no driver"),
        pytest.param("import time; time.sleep(60)", "longer than 2 s", marks=slow),
    ],
)
def test_a_trial_that_fails_costs_only_its_own_process(vlm: Vlm, code: str, words: str) -> None:
    notes: list[str] = []
    counting, steps = counted(recorded)
    trial = Trial([sys.executable, "-c", code], limit=2)
    captures = Captures(lambda _, message: notes.append(message), trial.failure(), counting)
    assert isinstance(captures.decoder(vlm, prompts(vlm), 2), Decoder)
    assert steps == []
    (note,) = notes
    assert words in note


def test_the_trial_captures_steps_of_a_tiny_model(monkeypatch: pytest.MonkeyPatch) -> None:
    capture, steps = counted(recorded)
    monkeypatch.setattr(Captures.__init__, "__defaults__", (None, capture))
    assert main(torch.device("cpu")) == 0
    assert len(steps) == 3


def test_the_trial_says_what_fails(capsys: pytest.CaptureFixture[str]) -> None:
    # There are no graphs on a processor.
    assert main(torch.device("cpu")) == 1
    assert "cannot be captured as CUDA graphs" in capsys.readouterr().out


def test_attention_by_cudnn_which_plans_every_shape_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "set_device", lambda _: None)
    take(torch.device("cuda", 0))
    assert not torch.backends.cuda.cudnn_sdp_enabled()
