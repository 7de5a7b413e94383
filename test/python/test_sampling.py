"""Drawing tokens: shared prompts, finished rows that leave, seeds, nucleus, stop texts."""

import pytest
import torch

from chirality_worker.decoding import Decoder
from chirality_worker.errors import Cancelled, WorkerError
from chirality_worker.families.base import Prefix
from chirality_worker.packing import Group
from chirality_worker.sampling import Draw, RowLimit, Sampling, choose, inverse_cdf, sample, shown_text
from chirality_worker.vlm import Vlm
from conftest import prompts

NONE = torch.tensor([], dtype=torch.long)


def never() -> None:
    """A call that nobody cancels."""


def test_drawn_log_probabilities_are_those_of_a_packed_pass_while_rows_leave(vlm: Vlm) -> None:
    # Many tokens end a completion, so that rows and whole prompts leave early.
    vlm.family.end_ids = list(range(300))
    prefixes = prompts(vlm)
    drawn = sample(vlm, prefixes, Sampling(5, 0.9, 1.0, 30, []), ["0", "1", "2"], never)
    lengths = [[len(draw.tokens) for draw in group] for group in drawn]
    assert len({n for row in lengths for n in row}) > 3
    groups = [
        Group(prefix, [torch.tensor(draw.tokens) for draw in group])
        for prefix, group in zip(prefixes, drawn, strict=True)
    ]
    with torch.no_grad():
        logprobs, entropies = vlm.packed_scores(groups, 0.9)
    flat = [draw for group in drawn for draw in group]
    assert (torch.tensor([x for draw in flat for x in draw.logprobs]) - logprobs).abs().max() < 1e-5
    assert (torch.tensor([x for draw in flat for x in draw.entropies]) - entropies).abs().max() < 1e-4
    for draw in flat:
        assert draw.reason == ("end" if draw.tokens[-1] < 300 else "length")
        assert not any(token < 300 for token in draw.tokens[:-1])


def test_a_seed_names_a_completion(vlm: Vlm) -> None:
    one, two, _ = prompts(vlm)
    sampling = Sampling(3, 1.0, 1.0, 8, [])
    together = sample(vlm, [two, one], sampling, ["7/1", "7/0"], never)
    alone = sample(vlm, [one], sampling, ["7/0"], never)
    assert [draw.tokens for draw in alone[0]] == [draw.tokens for draw in together[1]]
    other = sample(vlm, [one], sampling, ["8/0"], never)
    assert [draw.tokens for draw in alone[0]] != [draw.tokens for draw in other[0]]


def test_completions_longer_than_the_first_room_of_the_cache(vlm: Vlm) -> None:
    prefix = prompts(vlm)[0]
    vlm.family.end_ids = []
    [[draw]] = sample(vlm, [prefix], Sampling(1, 1.0, 1.0, 150, []), ["long"], never)
    with torch.no_grad():
        logprobs, _ = vlm.packed_scores([Group(prefix, [torch.tensor(draw.tokens)])], 1.0)
    assert (torch.tensor(draw.logprobs) - logprobs).abs().max() < 1e-5


def test_tokens_are_drawn_by_their_probability() -> None:
    p = torch.tensor([[0.1, 0.0, 0.6, 0.3]])
    noise = torch.tensor([0.0, 0.0999, 0.1001, 0.6999, 0.7001, 0.9999999])
    assert inverse_cdf(p.expand(6, -1), noise).tolist() == [0, 0, 2, 2, 3, 3]


def test_the_nucleus_is_the_likeliest_that_reach_top_p() -> None:
    logits = torch.tensor([[0.1, 0.2, 0.4, 0.3]]).log().expand(1000, -1)
    noise = torch.linspace(0, 0.999, 1000)
    tokens, logprobs, _ = choose(logits, Sampling(1, 1.0, 0.65, 1, []), noise, NONE)
    assert sorted(set(tokens.tolist())) == [2, 3]
    # R51: before top-p.
    assert torch.allclose(logprobs, torch.tensor([0.1, 0.2, 0.4, 0.3]).log()[tokens])
    assert abs(float((tokens == 2).float().mean()) - 0.4 / 0.7) < 0.01


def test_greedy_takes_the_likeliest_and_scores_it_at_temperature_1() -> None:
    logits = torch.tensor([[1.0, 3.0, 2.0]])
    tokens, logprobs, _ = choose(logits, Sampling(1, 0.0, 1.0, 1, []), torch.tensor([0.99]), NONE)
    assert tokens.tolist() == [1]
    assert torch.allclose(logprobs, logits.log_softmax(-1)[:, 1])


@pytest.mark.parametrize(
    "sampling", [Sampling(1, 1.0, 1.0, 1, []), Sampling(1, 1.0, 0.9, 1, []), Sampling(1, 0.0, 1.0, 1, [])]
)
def test_a_token_that_stands_for_an_image_is_never_drawn_but_counted(sampling: Sampling) -> None:
    logits = torch.tensor([[0.1, 0.2, 0.4, 0.3]]).log().expand(1000, -1)
    tokens, logprobs, entropies = choose(logits, sampling, torch.linspace(0, 0.999, 1000), torch.tensor([2]))
    assert 2 not in tokens
    assert torch.allclose(logprobs, torch.tensor([0.1, 0.2, 0.4, 0.3]).log()[tokens])
    assert torch.allclose(entropies, -(logits.exp() * logits).sum(-1))


def test_too_many_rows_are_halved_and_draw_the_same(vlm: Vlm) -> None:
    sampling, seeds, notes = Sampling(6, 0.9, 1.0, 12, []), ["0", "1", "2"], []
    expected = sample(vlm, prompts(vlm), sampling, seeds, never)

    def small_memory(vlm: Vlm, prefixes: list[Prefix], n: int) -> Decoder:
        if len(prefixes) * n > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB.\nmore")
        return Decoder(vlm, prefixes, n)

    limit = RowLimit(lambda kind, message: notes.append(message))
    for _ in range(2):
        found = sample(vlm, prompts(vlm), sampling, seeds, never, small_memory, limit)
        assert [[draw.tokens for draw in group] for group in found] == [
            [draw.tokens for draw in group] for group in expected
        ]
    # 18 rows, 9, which is one prompt of 6, 3; after eight batches 6 once more, and only after sixteen again.
    assert len(notes) == 3
    assert notes[-1].startswith("6 completions at once did not fit into memory; until more may fit, at most 3")


def test_after_one_shortage_of_memory_all_rows_are_sampled_again(vlm: Vlm) -> None:
    sampling, seeds = Sampling(2, 0.9, 1.0, 2, []), ["0", "1", "2"]
    sizes: list[int] = []

    def once(vlm: Vlm, prefixes: list[Prefix], n: int) -> Decoder:
        sizes.append(len(prefixes) * n)
        if len(sizes) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return Decoder(vlm, prefixes, n)

    limit = RowLimit(lambda *_: None)
    for _ in range(8):
        sample(vlm, prompts(vlm), sampling, seeds, never, once, limit)
    assert sizes[:3] == [6, 2, 2]
    assert sizes[-2:] == [6, 6]


def test_where_not_even_one_completion_fits_the_settings_that_help_are_named(vlm: Vlm) -> None:
    def no_memory(vlm: Vlm, prefixes: list[Prefix], n: int) -> Decoder:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with pytest.raises(WorkerError) as caught:
        sample(vlm, prompts(vlm), Sampling(3, 1.0, 1.0, 4, []), ["0", "1", "2"], never, no_memory)
    assert caught.value.code == "out-of-memory"
    assert "sampling.max_tokens" in str(caught.value.fix)


def test_rows_at_once_follow_free_memory(vlm: Vlm, monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(free: int | None, max_tokens: int, prompt: int = 100) -> int:
        monkeypatch.setattr("chirality_worker.sampling.free_memory", lambda device: free)
        return RowLimit(lambda *_: None).rows(vlm, Sampling(8, 1.0, 1.0, max_tokens, []), prompt)

    assert rows(None, 64) == 128
    assert rows(1, 64) == 1
    assert rows(1 << 40, 64) == 1024
    some = 1 << 25
    assert 1 < rows(some, 4096) < rows(some, 512) < rows(2 * some, 512) < 1024
    assert rows(some, 512, 10_000) < rows(some, 512)


def test_a_stop_text_ends_the_completion_and_is_not_shown(vlm: Vlm) -> None:
    prefix = prompts(vlm)[0]
    vlm.family.end_ids = [vlm.family.end_ids[0]]
    [[free]] = sample(vlm, [prefix], Sampling(1, 1.0, 1.0, 20, []), ["x"], never)
    text = shown_text(free, vlm.family, [])
    stop = text[len(text) // 2]
    [[stopped]] = sample(vlm, [prefix], Sampling(1, 1.0, 1.0, 20, [stop]), ["x"], never)
    assert stopped.reason == "stop"
    assert stopped.tokens == free.tokens[: len(stopped.tokens)]
    assert shown_text(stopped, vlm.family, [stop]) == text[: text.index(stop)]


def test_a_call_can_be_given_up_between_tokens(vlm: Vlm) -> None:
    asked = 0

    def third_time() -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        sample(vlm, prompts(vlm)[:1], Sampling(2, 1.0, 1.0, 20, []), ["x"], third_time)


def test_text_leaves_out_the_end_of_sequence(vlm: Vlm) -> None:
    tokens = [*vlm.family.tokenizer("red")["input_ids"], vlm.family.end_ids[0]]
    assert shown_text(Draw(noise=torch.zeros(0).numpy(), tokens=tokens), vlm.family, []) == "red"


def test_prompts_of_like_length_are_decoded_together_and_answers_keep_their_places(vlm: Vlm) -> None:
    ask = {"image": "a", "view": "original"}
    long, short = (
        vlm.encode([{"role": "user", "content": [ask, "Is the red cube left of the ball? " * times]}])
        for times in (5, 1)
    )
    prefixes, seeds = [short, long, short, long], ["0", "1", "2", "3"]
    sampling = Sampling(2, 0.9, 1.0, 8, [])
    alone = [sample(vlm, [p], sampling, [seed], never)[0] for p, seed in zip(prefixes, seeds, strict=True)]
    calls: list[list[int]] = []

    def small_memory(vlm: Vlm, some: list[Prefix], n: int) -> Decoder:
        calls.append([len(prefix) for prefix in some])
        if len(some) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return Decoder(vlm, some, n)

    found = sample(vlm, prefixes, sampling, seeds, never, small_memory)
    assert [[draw.tokens for draw in group] for group in found] == [[draw.tokens for draw in group] for group in alone]
    assert calls[1:] == [[len(long)] * 2, [len(short)] * 2]
