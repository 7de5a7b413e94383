"""Log-probabilities of given tokens, with the logits of only a few rows in memory at a time."""

from typing import Any

import torch
from torch import Tensor

CHUNK = 256
"""Maximum number of rows of logits in memory."""


def token_scores(
    hidden: Tensor, head: Tensor, targets: Tensor, temperature: float, softcap: float | None
) -> tuple[Tensor, Tensor]:
    """Scores tokens: hidden (N, h), head (V, h), targets (N,) → log-probabilities and entropies in nats, both (N,) in
    float32, at this temperature. Only the log-probabilities have a gradient."""
    return TokenScores.apply(hidden, head, targets, 1 / temperature, softcap)


class TokenScores(torch.autograd.Function):
    """With z = head·h / T: d lp/d z = onehot − softmax(z). For a frozen head, the forward pass computes the product of
    this gradient with the head, which is sufficient; otherwise the backward pass computes the logits again."""

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, head: Tensor, targets: Tensor, inverse: float, softcap: float | None
    ) -> tuple[Tensor, Tensor]:
        logprobs = hidden.new_empty(len(hidden), dtype=torch.float32)
        entropies = torch.empty_like(logprobs)
        direct = ctx.needs_input_grad[0] and not ctx.needs_input_grad[1]
        slope = torch.empty_like(hidden) if direct else None
        for rows in chunks(len(hidden)):
            z = logits(hidden[rows], head, softcap)
            scaled = z * inverse
            log_softmax = scaled.log_softmax(-1)
            p = log_softmax.exp()
            logprobs[rows] = log_softmax.gather(-1, targets[rows, None])[:, 0]
            # 0 · log 0 is 0.
            entropies[rows] = -(p * log_softmax.clamp(min=-1e4)).sum(-1)
            if slope is not None:
                slope[rows] = (slope_of(p, z, targets[rows], softcap) * inverse).to(head.dtype) @ head
        ctx.save_for_backward(hidden, head, targets, slope)
        ctx.inverse, ctx.softcap = inverse, softcap
        ctx.mark_non_differentiable(entropies)
        return logprobs, entropies

    @staticmethod
    def backward(ctx: Any, weight: Tensor, _: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        hidden, head, targets, slope = ctx.saved_tensors
        if slope is not None:
            return slope * weight[:, None].to(slope.dtype), None, None, None, None
        d_hidden, d_head = torch.empty_like(hidden), torch.zeros_like(head, dtype=torch.float32)
        for rows in chunks(len(hidden)):
            z = logits(hidden[rows], head, ctx.softcap)
            p = (z * ctx.inverse).softmax(-1)
            d = slope_of(p, z, targets[rows], ctx.softcap) * (ctx.inverse * weight[rows, None])
            d_hidden[rows] = d.to(head.dtype) @ head
            d_head += d.to(head.dtype).T @ hidden[rows]
        return d_hidden, d_head.to(head.dtype), None, None, None


def logits(hidden: Tensor, head: Tensor, softcap: float | None) -> Tensor:
    """Returns logits in float32, (N, V)."""
    z = (hidden @ head.T).float()
    return z if softcap is None else torch.tanh(z / softcap) * softcap


def slope_of(p: Tensor, z: Tensor, targets: Tensor, softcap: float | None) -> Tensor:
    """Returns d lp/d(logit before the cap), times the temperature. Overwrites p."""
    d = p.neg_()
    d.scatter_add_(-1, targets[:, None], torch.ones_like(d[:, :1]))
    return d if softcap is None else d * (1 - (z / softcap) ** 2)


def chunks(size: int) -> list[slice]:
    return [slice(at, at + CHUNK) for at in range(0, size, CHUNK)]
