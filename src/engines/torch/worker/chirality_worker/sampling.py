"""Samples completions."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .captured import ROOM, power_of_two
from .decoding import Decoder
from .errors import WorkerError, first_line, is_out_of_memory
from .families.base import Family, Prefix
from .memory import free_memory
from .transfer import on_its_way, sent
from .vlm import Vlm

MOST_ROWS = 128
"""Maximum number of rows decoded at once on the CPU, where more rows are no faster."""
MOST_ROWS_CUDA = 1024
AT_ONCE, AT_ONCE_CUDA = 64, 512
"""Completions per call of an evaluation, which stores the results of each call. On a GPU, one token step reads all
weights once for all rows."""
SHARE = 0.5
"""Share of free memory for rows. The rest is for the step itself, and for copies of caches that grow."""


@dataclass(frozen=True)
class Sampling:
    n: int
    temperature: float
    top_p: float
    max_tokens: int
    stop: list[str]


@dataclass
class Draw:
    """Sampled completion."""

    noise: np.ndarray[Any, Any]
    """Uniform random numbers, one per token."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)
    reason: str = "length"


class RowLimit:
    """Limit on the number of completions decoded at once. It follows free memory, and is lower for a time after memory
    ran out."""

    def __init__(self, note: Callable[[str, str], None]) -> None:
        self._note = note
        self._most: int | None = None
        self._fitted = 0
        self._patience = 2

    def rows(self, vlm: Vlm, sampling: Sampling, prompt: int) -> int:
        """Returns the maximum number of rows. `prompt`: number of tokens of the longest prompt."""
        free = free_memory(vlm.device)
        size = row_bytes(vlm, sampling, prompt)
        most = MOST_ROWS if free is None else min(MOST_ROWS_CUDA, int(SHARE * free) // size)
        return max(1, most if self._most is None else min(most, self._most))

    def fitted(self, rows: int) -> None:
        """Doubles the limit after enough batches that fitted; each failure doubles that number."""
        if self._most is None or 2 * rows <= self._most:
            return
        self._fitted += 1
        if self._fitted >= self._patience:
            self._most, self._fitted = 2 * self._most, 0

    def halve(self, rows: int, error: Exception) -> None:
        """@raises WorkerError if not even one completion fits."""
        if rows == 1:
            raise WorkerError(
                "out-of-memory",
                f"Cannot sample even one completion at a time: {first_line(error)}",
                "Lower sampling.max_tokens or engine.max_pixels, or use a smaller model.",
            ) from error
        self._most, self._fitted, self._patience = rows // 2, 0, 2 * self._patience
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._note(
            "out-of-memory",
            f"{rows} completions at once did not fit into memory; until more may fit, at most {self._most} are sampled "
            f"at a time. {first_line(error)}",
        )


def key_value_bytes(vlm: Vlm) -> int:
    """Returns the size of the keys and values of one token, in bytes."""
    config = vlm.family.language.config
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    weight = vlm.family.head.weight
    return 2 * config.num_hidden_layers * config.num_key_value_heads * head * weight.element_size()


def row_bytes(vlm: Vlm, sampling: Sampling, prompt: int) -> int:
    """Returns the memory of one more completion during decoding, in bytes: keys and values with their reserved room, a
    share of those of the prompt, and a row of logits with the values computed from it."""
    weight = vlm.family.head.weight
    cache = key_value_bytes(vlm)
    room = ROOM * power_of_two(-(-sampling.max_tokens // ROOM))
    # Logits, log-softmax, probabilities (float32) and their sum (float64); for top-p also their order, which a GPU
    # sorts in a copy.
    logits = weight.shape[0] * (32 if sampling.top_p == 1 else 64)
    # The keys and values of prompts exist twice while the cache is laid out.
    return (room + -(-2 * prompt // sampling.n)) * cache + logits


@torch.no_grad()
def sample(
    vlm: Vlm,
    prefixes: list[Prefix],
    sampling: Sampling,
    seeds: list[str],
    check: Callable[[], None],
    decoder: Callable[[Vlm, list[Prefix], int], Decoder] = Decoder,
    limit: RowLimit | None = None,
) -> list[list[Draw]]:
    """Samples `n` completions of every prompt. Completion c of a prompt depends only on the seed of the prompt and on
    c, not on the batch. `check` runs between tokens and raises if the call was cancelled."""
    limit = limit or RowLimit(lambda *_: None)
    # Decodes prompts of similar length together, since room is reserved for the longest; long ones first.
    order = sorted(range(len(prefixes)), key=lambda i: -len(prefixes[i]))
    prefixes, seeds = [prefixes[i] for i in order], [seeds[i] for i in order]
    longest = len(prefixes[0]) if prefixes else 0
    draws: list[list[Draw]] = [[] for _ in prefixes]
    at = 0
    with vlm.merged(min(limit.rows(vlm, sampling, longest), sampling.n * max(1, len(prefixes)))):
        while at < len(prefixes):
            rows = limit.rows(vlm, sampling, len(prefixes[at]))
            # A batch has several prompts with all their completions, or some completions of one prompt.
            first = len(draws[at])
            prompts = slice(at, at + (1 if first else max(1, rows // sampling.n)))
            n = min(rows, sampling.n - first)
            fresh = [
                [Draw(uniforms(f"{seed}/{c}", sampling.max_tokens)) for c in range(first, first + n)]
                for seed in seeds[prompts]
            ]
            try:
                flat = [draw for group in fresh for draw in group]
                draw_tokens(decoder(vlm, prefixes[prompts], n), flat, vlm.family, sampling, check)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                failure = error.with_traceback(None)
            else:
                limit.fitted(len(flat))
                for group, more in zip(draws[prompts], fresh, strict=True):
                    group += more
                while at < len(draws) and len(draws[at]) == sampling.n:
                    at += 1
                continue
            # Inside the handler, the exception would still reference the memory of the failed step.
            limit.halve(len(flat), failure)
    found = dict(zip(order, draws, strict=True))
    return [found[i] for i in range(len(order))]


def draw_tokens(
    decoder: Decoder, rows: list[Draw], family: Family, sampling: Sampling, check: Callable[[], None]
) -> None:
    device = family.head.weight.device
    never = sent(torch.tensor(family.placeholders), device)
    noise = sent(torch.from_numpy(np.stack([draw.noise for draw in rows])), device)
    for t in range(sampling.max_tokens):
        check()
        last = t + 1 == sampling.max_tokens
        chosen = choose(decoder.logits(), sampling, noise[:, t], never)
        values = on_its_way(torch.stack([x.double() for x in chosen]))
        if not last:
            # Queued before the tokens are read, so that a GPU computes the next step in the background.
            decoder.put(chosen[0])
        for draw, token, logprob, entropy in zip(rows, *values(), strict=True):
            if draw.reason == "length":
                draw.tokens.append(int(token))
                draw.logprobs.append(logprob)
                draw.entropies.append(entropy)
                draw.reason = reason_to_stop(draw, family, sampling.stop)
        alive = [i for i, draw in enumerate(rows) if draw.reason == "length"]
        if not alive or last:
            return
        if len(alive) <= decoder.keep_below * len(rows):
            kept = torch.tensor(alive)
            decoder.keep(kept)
            rows, noise = [rows[i] for i in alive], noise[sent(kept, device)]


def choose(logits: Tensor, sampling: Sampling, noise: Tensor, never: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Chooses tokens. Log-probabilities and entropies are those before top-p (R51), with the tokens `never` sampled
    (ids). Greedy choices are scored at temperature 1. logits (rows, V), noise (rows,) uniform."""
    log_softmax = (logits / (sampling.temperature or 1)).log_softmax(-1)
    p = log_softmax.exp()
    entropies = -(p * log_softmax.clamp(min=-1e4)).sum(-1)
    p.index_fill_(-1, never, 0)
    if sampling.temperature == 0:
        tokens = logits.index_fill(-1, never, float("-inf")).argmax(-1)
    elif sampling.top_p < 1:
        ordered, ids = p.sort(stable=True, dim=-1, descending=True)
        # Smallest set of most likely tokens with a total probability of at least top_p.
        nucleus = ordered * (ordered.cumsum(-1) - ordered < sampling.top_p)
        tokens = ids.gather(-1, inverse_cdf(nucleus, noise)[:, None])[:, 0]
    else:
        tokens = inverse_cdf(p, noise)
    return (
        tokens,
        log_softmax.gather(-1, tokens[:, None])[:, 0],
        entropies,
    )


def inverse_cdf(p: Tensor, noise: Tensor) -> Tensor:
    """Returns the first index whose cumulative mass exceeds the share `noise` of the total. Computed in float64,
    because a float32 sum over a hundred thousand tokens loses its last digits."""
    mass = p.double().cumsum(-1)
    return torch.searchsorted(mass, noise[:, None] * mass[:, -1:], right=True)[:, 0].clamp(max=p.shape[-1] - 1)


def uniforms(seed: str, count: int) -> np.ndarray[Any, Any]:
    """Returns uniform numbers in [0, 1) that depend only on the seed."""
    key = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key)).random(count)


def reason_to_stop(draw: Draw, family: Family, stop: list[str]) -> str:
    if draw.tokens[-1] in family.end_ids:
        return "end"
    if stop and stop_place(text_of(draw, family), stop) is not None:
        return "stop"
    return "length"


def text_of(draw: Draw, family: Family) -> str:
    """Returns the decoded text without special tokens, such as the end of sequence."""
    text: str = family.tokenizer.decode(draw.tokens, skip_special_tokens=True)
    return text


def stop_place(text: str, stop: list[str]) -> int | None:
    """Returns the index of the first stop string in the text; None if there is none."""
    return min((at for part in stop if (at := text.find(part)) >= 0), default=None)


def shown_text(draw: Draw, family: Family, stop: list[str]) -> str:
    """Returns the text before the first stop string, which people and rewards read."""
    text = text_of(draw, family)
    return text[: stop_place(text, stop)]
