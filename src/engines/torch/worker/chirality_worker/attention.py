"""Chirality's attention inside the model's own layers.

Layers of transformers call the attention function registered under the name in their config, and forward unknown
keyword arguments to it. The code of the model and its adapters therefore stay unchanged, and the layout of a row
determines which tokens see which.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention import bias
from transformers import AttentionInterface

from .kernels import ops

NAME = "chirality"


class Layout(Protocol):
    """Visibility between the tokens of the current row."""

    def attend(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float, softcap: float | None
    ) -> Tensor:
        """Attends with rotated inputs: query (1, H, N, D), key and value (1, Hkv, N, D) → (1, H, N, D)."""


def _attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    layout: Layout,
    scaling: float,
    softcap: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    out = layout.attend(module.layer_idx, query, key, value, scaling, softcap)
    return out.transpose(1, 2).contiguous(), None


# No mask is registered under this name: transformers would derive one from the positions, and every pass would wait for
# the device.
AttentionInterface.register(NAME, _attention)


def our_attention(language: nn.Module) -> AbstractContextManager[None]:
    """Returns a context in which the language model attends by its `layout` argument."""
    return attention_by(NAME, language)


@contextmanager
def attention_by(name: str, model: nn.Module) -> Iterator[None]:
    """Returns a context in which a model uses a registered attention function."""
    config: Any = model.config
    before = config._attn_implementation
    config._attn_implementation = name
    try:
        yield
    finally:
        config._attn_implementation = before


def attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    scale: float,
    softcap: float | None,
    mask: Tensor | None = None,
    causal: bool = False,
) -> Tensor:
    """Computes softmax attention: query (B, H, N, D), key and value (B, Hkv, M, D), mask (N, M) true where seen.
    `causal`: the queries are the last N of the M positions, and see keys up to their own position."""
    queries, keys = query.shape[2], key.shape[2]
    repeat = query.shape[1] // key.shape[1]
    if softcap is None and mask is None and has_flash(query, key, value):
        # In the flash kernel, heads share their keys. Kernels that accept a mask would copy the keys for each head.
        seen: Any = bias.causal_lower_right(queries, keys) if causal else None
        return F.scaled_dot_product_attention(query, key, value, seen, scale=scale, enable_gqa=repeat > 1)
    square = causal and queries == keys and softcap is None
    if causal and not square:
        mask = torch.ones(queries, keys, dtype=torch.bool, device=query.device).tril(keys - queries)
    shared = repeat > 1 and softcap is None and query.device.type == "cpu"
    if repeat > 1 and not shared:
        key, value = key.repeat_interleave(repeat, 1), value.repeat_interleave(repeat, 1)
    if softcap is None:
        return F.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, is_causal=square, scale=scale, enable_gqa=shared
        )
    scores = torch.tanh(query @ key.transpose(-1, -2) * (scale / softcap)) * softcap
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1, dtype=torch.float32).to(value.dtype) @ value


def has_flash(query: Tensor, key: Tensor, value: Tensor) -> bool:
    """Whether PyTorch has a flash attention kernel for these tensors, with heads that share keys."""
    cuda = torch.backends.cuda
    return cuda.can_use_flash_attention(cuda.SDPAParams(query, key, value, None, 0.0, False, True))


@dataclass(frozen=True)
class Sequences:
    """Tokens of a row as sequences for one call of attention, with causal masks aligned to the last token."""

    q_ends: Tensor
    """(sequences + 1,): cumulative lengths of the queries, from 0."""
    k_ends: Tensor
    longest_q: int
    longest_k: int
    keys: Tensor | None
    """(M,): token of each key; None if the keys are the tokens in order."""
    copies: Tensor
    """(N, C): keys copied from each token, padded with -1."""


def attend_to_sequences(x: Tensor, cos: Tensor, sin: Tensor, sequences: Sequences, heads: int, scale: float) -> Tensor:
    """Attends: x (N, H + 2 K, D), queries, keys and values before rotation → (N, H · D). Rotates x in place, because
    the unrotated values have no other use."""
    out: Tensor = SequenceAttention.apply(x, cos, sin, sequences, heads, scale)
    return out


class SequenceAttention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, cos: Tensor, sin: Tensor, sequences: Sequences, heads: int, scale: float
    ) -> Tensor:
        shared = (x.shape[1] - heads) // 2
        ops.turn(x.detach(), cos, sin, heads + shared)
        ctx.given = sequences, heads, scale
        q, k, v = parts_of(x.detach(), sequences, heads)
        out, *kept = ops.flash(q, k, v, *numbers(sequences), scale)
        ctx.save_for_backward(x.detach(), cos, sin, out, *kept)
        return out.flatten(1)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, cos, sin, out, *kept = ctx.saved_tensors
        sequences, heads, scale = ctx.given
        q, k, v = parts_of(x, sequences, heads)
        slopes = ops.flash_backward(g.view_as(out), q, k, v, out, *kept, *numbers(sequences), scale)
        return ops.collect(*slopes, sequences.copies, cos, sin), None, None, None, None, None


def parts_of(x: Tensor, sequences: Sequences, heads: int) -> tuple[Tensor, Tensor, Tensor]:
    """Returns queries of all tokens, and keys and values of all sequences. The backward pass gathers them again, which
    costs less than storing them."""
    kv = x[:, heads:] if sequences.keys is None else x[:, heads:].index_select(0, sequences.keys)
    k, v = kv.chunk(2, 1)
    return x[:, :heads], k, v


def numbers(sequences: Sequences) -> tuple[Tensor, Tensor, int, int]:
    return sequences.q_ends, sequences.k_ends, sequences.longest_q, sequences.longest_k
