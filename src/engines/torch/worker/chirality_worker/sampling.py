"""Draws completions."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .decoding import Decoder
from .families.base import Family, Prefix
from .vlm import Vlm

ROWS_AT_ONCE = 128


@dataclass(frozen=True)
class Sampling:
    n: int
    temperature: float
    top_p: float
    max_tokens: int
    stop: list[str]


@dataclass
class Draw:
    """One completion as drawn."""

    noise: np.ndarray[Any, Any]
    """One uniform number per token."""
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    entropies: list[float] = field(default_factory=list)
    reason: str = "length"


@torch.no_grad()
def sample(
    vlm: Vlm,
    prefixes: list[Prefix],
    sampling: Sampling,
    seeds: list[str],
    check: Callable[[], None],
    decoder: Callable[[Vlm, list[Prefix], int], Decoder] = Decoder,
) -> list[list[Draw]]:
    """`n` completions of every prompt. Completion c of a prompt depends on the prompt's seed and c. `check` is called
    between tokens and raises where nobody wants the answer any more."""
    draws = [
        [Draw(uniforms(f"{seed}/{c}", sampling.max_tokens)) for c in range(sampling.n)]
        for _, seed in zip(prefixes, seeds, strict=True)
    ]
    prompts = max(1, ROWS_AT_ONCE // sampling.n)
    with vlm.merged():
        for at in range(0, len(prefixes), prompts):
            rows = [draw for group in draws[at : at + prompts] for draw in group]
            draw_tokens(decoder(vlm, prefixes[at : at + prompts], sampling.n), rows, vlm.family, sampling, check)
    return draws


def draw_tokens(
    decoder: Decoder, rows: list[Draw], family: Family, sampling: Sampling, check: Callable[[], None]
) -> None:
    for t in range(sampling.max_tokens):
        check()
        logits = decoder.logits()
        noise = torch.tensor([draw.noise[t] for draw in rows], device=logits.device)
        chosen, logprobs, entropies = choose(logits, sampling, noise)
        values = zip(rows, chosen.tolist(), logprobs.tolist(), entropies.tolist(), strict=True)
        for draw, token, logprob, entropy in values:
            if draw.reason == "length":
                draw.tokens.append(token)
                draw.logprobs.append(logprob)
                draw.entropies.append(entropy)
                draw.reason = reason_to_stop(draw, family, sampling.stop)
        alive = [i for i, draw in enumerate(rows) if draw.reason == "length"]
        if not alive or t + 1 == sampling.max_tokens:
            return
        if len(alive) <= decoder.keep_below * len(rows):
            kept = torch.tensor(alive, device=logits.device)
            decoder.keep(kept)
            rows, chosen = [rows[i] for i in alive], chosen[kept]
        decoder.put(chosen)


def choose(logits: Tensor, sampling: Sampling, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Tokens, and their log-probabilities and entropies before top-p (R51). Greedy choice is scored at temperature 1.
    logits (rows, V), noise (rows,) uniform."""
    log_softmax = (logits / (sampling.temperature or 1)).log_softmax(-1)
    p = log_softmax.exp()
    if sampling.temperature == 0:
        tokens = logits.argmax(-1)
    elif sampling.top_p < 1:
        ordered, ids = p.sort(stable=True, dim=-1, descending=True)
        # The likeliest tokens that together reach top_p.
        nucleus = ordered * (ordered.cumsum(-1) - ordered < sampling.top_p)
        tokens = ids.gather(-1, inverse_cdf(nucleus, noise)[:, None])[:, 0]
    else:
        tokens = inverse_cdf(p, noise)
    return (
        tokens,
        log_softmax.gather(-1, tokens[:, None])[:, 0],
        -(p * log_softmax.clamp(min=-1e4)).sum(-1),
    )


def inverse_cdf(p: Tensor, noise: Tensor) -> Tensor:
    """The first place at which the cumulated mass exceeds the share `noise` of all of it. In float64: summed in
    float32, the mass of a hundred thousand tokens loses its last digits."""
    mass = p.double().cumsum(-1)
    return torch.searchsorted(mass, noise[:, None] * mass[:, -1:], right=True)[:, 0].clamp(max=p.shape[-1] - 1)


def uniforms(seed: str, count: int) -> np.ndarray[Any, Any]:
    """Numbers in [0, 1) that depend on the seed alone."""
    key = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "little")
    return np.random.Generator(np.random.Philox(key=key)).random(count)


def reason_to_stop(draw: Draw, family: Family, stop: list[str]) -> str:
    if draw.tokens[-1] in family.end_ids:
        return "end"
    if stop and stop_place(text_of(draw, family), stop) is not None:
        return "stop"
    return "length"


def text_of(draw: Draw, family: Family) -> str:
    """Without the end of sequence and other marks."""
    text: str = family.tokenizer.decode(draw.tokens, skip_special_tokens=True)
    return text


def stop_place(text: str, stop: list[str]) -> int | None:
    """Where the first stop text begins."""
    return min((at for part in stop if (at := text.find(part)) >= 0), default=None)


def shown_text(draw: Draw, family: Family, stop: list[str]) -> str:
    """What people and rewards read: up to the first stop text."""
    text = text_of(draw, family)
    return text[: stop_place(text, stop)]
