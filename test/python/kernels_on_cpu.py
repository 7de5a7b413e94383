"""What the kernels of a GPU compute (kernels.py), in plain PyTorch on the processor."""

import torch
import torch.nn.functional as F
from torch import Tensor

from chirality_worker.kernels import LIBRARY


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """x (N, heads, D), cos and sin (N, D), as transformers' rotate_half does, but rounded once."""
    first, second = x.float().chunk(2, -1)
    turned = torch.cat([-second, first], -1)
    return (x.float() * cos.float()[:, None] + turned * sin.float()[:, None]).to(x.dtype)


def turn(x: Tensor, cos: Tensor, sin: Tensor, heads: int) -> None:
    x[:, :heads] = rotated(x[:, :heads], cos, sin)


def keep(x: Tensor, cos: Tensor, sin: Tensor, keys: Tensor, values: Tensor, place: Tensor) -> None:
    kv = keys.shape[1]
    keys.index_copy_(2, place, rotated(x[:, -2 * kv : -kv], cos, sin)[:, :, None])
    turn(x, cos, sin, x.shape[1] - 2 * kv)
    values.index_copy_(2, place, x[:, -kv:, None])


def decode(
    x: Tensor,
    prompt_keys: Tensor,
    prompt_values: Tensor,
    lengths: Tensor,
    keys: Tensor,
    values: Tensor,
    place: Tensor,
    width: int,
    scale: float,
) -> Tensor:
    rows, kv, room, _ = keys.shape
    heads = x.shape[1] - 2 * kv
    k = torch.cat([prompt_keys.repeat_interleave(width, 0)[:rows], keys], 2).float().repeat_interleave(heads // kv, 1)
    v = torch.cat([prompt_values.repeat_interleave(width, 0)[:rows], values], 2).float()
    v = v.repeat_interleave(heads // kv, 1)
    seen = torch.arange(prompt_keys.shape[2]) < lengths.repeat_interleave(width)[:rows, None]
    seen = torch.cat([seen, (torch.arange(room) <= place).expand(rows, -1)], 1)
    scores = torch.einsum("nhd,nhkd->nhk", x[:, :heads].float(), k) * scale
    weights = scores.masked_fill(~seen[:, None], float("-inf")).softmax(-1)
    return torch.einsum("nhk,nhkd->nhd", weights, v).to(x.dtype).flatten(1)


def scores_of(q: Tensor, k: Tensor, scale: float) -> Tensor:
    """(H, Nq, Nk) in float32, causal from the lower right."""
    k = k.repeat_interleave(q.shape[1] // k.shape[1], 1)
    s = torch.einsum("qhd,khd->hqk", q.float(), k.float()) * scale
    seen = torch.ones(s.shape[1:], dtype=torch.bool).tril(s.shape[2] - s.shape[1])
    return s.masked_fill(~seen, float("-inf"))


def sequences(q_ends: Tensor, k_ends: Tensor) -> list[tuple[slice, slice]]:
    q, k = q_ends.tolist(), k_ends.tolist()
    return [(slice(*q[i : i + 2]), slice(*k[i : i + 2])) for i in range(len(q) - 1)]


def flash(
    q: Tensor, k: Tensor, v: Tensor, q_ends: Tensor, k_ends: Tensor, longest_q: int, longest_k: int, scale: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    out, lse = torch.zeros_like(q, memory_format=torch.contiguous_format), torch.zeros(q.shape[1], len(q))
    for i, j in sequences(q_ends, k_ends):
        assert i.stop - i.start <= longest_q
        assert j.stop - j.start <= longest_k
        s = scores_of(q[i], k[j], scale)
        lse[:, i] = s.logsumexp(-1)
        values = v[j].repeat_interleave(q.shape[1] // v.shape[1], 1).float()
        out[i] = torch.einsum("hqk,khd->qhd", (s - lse[:, i, None]).exp(), values).to(q.dtype)
    return out, lse, torch.empty(0), torch.empty(0)


def flash_backward(
    g: Tensor,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    out: Tensor,
    lse: Tensor,
    a: Tensor,
    b: Tensor,
    q_ends: Tensor,
    k_ends: Tensor,
    longest_q: int,
    longest_k: int,
    scale: float,
) -> tuple[Tensor, Tensor, Tensor]:
    dq, dk, dv = (torch.zeros_like(x, dtype=torch.float32) for x in (q, k, v))
    repeat = q.shape[1] // k.shape[1]
    for i, j in sequences(q_ends, k_ends):
        p = (scores_of(q[i], k[j], scale) - lse[:, i, None]).exp()
        slope, keys, values = g[i].float(), *(x[j].repeat_interleave(repeat, 1).float() for x in (k, v))
        delta = (slope * out[i].float()).sum(-1).T[..., None]
        ds = p * (torch.einsum("qhd,khd->hqk", slope, values) - delta) * scale
        dq[i] += torch.einsum("hqk,khd->qhd", ds, keys)
        dk[j] += torch.einsum("hqk,qhd->khd", ds, q[i].float()).unflatten(1, (-1, repeat)).sum(2)
        dv[j] += torch.einsum("hqk,qhd->khd", p, slope).unflatten(1, (-1, repeat)).sum(2)
    return dq.to(q.dtype), dk.to(k.dtype), dv.to(v.dtype)


def collect(dq: Tensor, dk: Tensor, dv: Tensor, copies: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    there = (copies >= 0)[..., None, None]
    dk, dv = (torch.where(there, x.float()[copies.clamp(min=0)], 0).sum(1) for x in (dk, dv))

    def back(g: Tensor) -> Tensor:
        """The transpose of `rotated`."""
        turned = (g.float() * sin.float()[:, None]).chunk(2, -1)
        return g.float() * cos.float()[:, None] + torch.cat([turned[1], -turned[0]], -1)

    return torch.cat([back(dq), back(dk), dv], 1).to(dq.dtype)


def activate(x: Tensor) -> Tensor:
    gate, up = x.float().chunk(2, -1)
    return (F.silu(gate) * up).to(x.dtype)


def activate_backward(g: Tensor, x: Tensor) -> Tensor:
    gate, up = x.float().chunk(2, -1)
    s = gate.sigmoid()
    slopes = g.float() * up * s * (1 + gate * (1 - s)), g.float() * gate * s
    return torch.cat(slopes, -1).to(x.dtype)


for kernel in (turn, keep, decode, flash, flash_backward, collect, activate, activate_backward):
    LIBRARY.impl(kernel.__name__, kernel, "CPU")
