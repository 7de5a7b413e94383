"""Operations of kernels.py in Triton, and attention by PyTorch's own kernel. Sums are in float32."""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from .captured import power_of_two
from .kernels import LIBRARY

BLOCK = 64
"""Keys per block: more would not fit into the shared memory of smaller GPUs."""
WIDE = 1024
"""Values of an inner layer per program."""


@triton.jit
def turned(x1, x2, cos, sin, HALF: tl.constexpr, BACK: tl.constexpr):
    """Rotates both halves of heads (heads, HALF). `BACK`: rotates gradients of rotated halves backwards."""
    d = tl.arange(0, HALF)
    c1, c2 = tl.load(cos + d)[None, :].to(tl.float32), tl.load(cos + HALF + d)[None, :].to(tl.float32)
    s1, s2 = tl.load(sin + d)[None, :].to(tl.float32), tl.load(sin + HALF + d)[None, :].to(tl.float32)
    if BACK:
        return x1 * c1 + x2 * s2, x2 * c2 - x1 * s1
    return x1 * c1 - x2 * s1, x2 * c2 + x1 * s2


@triton.jit
def turn_kernel(x, cos, sin, stride, HEADS: tl.constexpr, PAD: tl.constexpr, HALF: tl.constexpr):
    n = tl.program_id(0).to(tl.int64)
    h = tl.arange(0, PAD)[:, None]
    at = x + n * stride + h * (2 * HALF) + tl.arange(0, HALF)[None, :]
    there = (h < HEADS) & (tl.arange(0, HALF)[None, :] >= 0)
    x1 = tl.load(at, mask=there, other=0.0).to(tl.float32)
    x2 = tl.load(at + HALF, mask=there, other=0.0).to(tl.float32)
    y1, y2 = turned(x1, x2, cos + n * 2 * HALF, sin + n * 2 * HALF, HALF, False)
    tl.store(at, y1.to(x.dtype.element_ty), mask=there)
    tl.store(at + HALF, y2.to(x.dtype.element_ty), mask=there)


@triton.jit
def keep_kernel(
    x,
    cos,
    sin,
    keys,
    values,
    place,
    stride,
    row,
    head,
    H: tl.constexpr,
    K: tl.constexpr,
    PAD_H: tl.constexpr,
    PAD_K: tl.constexpr,
    HALF: tl.constexpr,
):
    n = tl.program_id(0).to(tl.int64)
    d = tl.arange(0, HALF)[None, :]
    kept = x.dtype.element_ty
    h = tl.arange(0, PAD_H)[:, None]
    at = x + n * stride + h * (2 * HALF) + d
    there = (h < H) & (d >= 0)
    x1 = tl.load(at, mask=there, other=0.0).to(tl.float32)
    x2 = tl.load(at + HALF, mask=there, other=0.0).to(tl.float32)
    y1, y2 = turned(x1, x2, cos + n * 2 * HALF, sin + n * 2 * HALF, HALF, False)
    tl.store(at, y1.to(kept), mask=there)
    tl.store(at + HALF, y2.to(kept), mask=there)
    h = tl.arange(0, PAD_K)[:, None]
    there = (h < K) & (d >= 0)
    at = x + n * stride + (H + h) * (2 * HALF) + d
    x1 = tl.load(at, mask=there, other=0.0).to(tl.float32)
    x2 = tl.load(at + HALF, mask=there, other=0.0).to(tl.float32)
    y1, y2 = turned(x1, x2, cos + n * 2 * HALF, sin + n * 2 * HALF, HALF, False)
    to = n * row + h * head + tl.load(place).to(tl.int64) * (2 * HALF) + d
    tl.store(keys + to, y1.to(kept), mask=there)
    tl.store(keys + to + HALF, y2.to(kept), mask=there)
    at += K * 2 * HALF
    tl.store(values + to, tl.load(at, mask=there, other=0.0), mask=there)
    tl.store(values + to + HALF, tl.load(at + HALF, mask=there, other=0.0), mask=there)


@triton.jit
def seen_by(q, keys, values, count, m, total, out, scale, D: tl.constexpr, BLOCK: tl.constexpr):
    """Continues a softmax over the first `count` keys (count, D): its maximum m (heads,), sum and output."""
    d = tl.arange(0, D)[None, :]
    for start in range(0, count, BLOCK):
        n = start + tl.arange(0, BLOCK)
        there = (n[:, None] < count) & (d >= 0)
        k = tl.load(keys + n[:, None] * D + d, mask=there, other=0.0)
        v = tl.load(values + n[:, None] * D + d, mask=there, other=0.0)
        s = tl.dot(q, tl.trans(k)) * scale
        s = tl.where(n[None, :] < count, s, float("-inf"))
        top = tl.maximum(m, tl.max(s, 1))
        p = tl.exp(s - top[:, None])
        shrink = tl.exp(m - top)
        out = out * shrink[:, None] + tl.dot(p.to(v.dtype), v)
        total = total * shrink + tl.sum(p, 1)
        m = top
    return m, total, out


@triton.jit
def decode_kernel(
    x,
    prompt_keys,
    prompt_values,
    lengths,
    keys,
    values,
    place,
    out,
    stride,
    prompt_row,
    prompt_head,
    row,
    head,
    width,
    scale,
    SHARED: tl.constexpr,
    PAD: tl.constexpr,
    D: tl.constexpr,
    BLOCK: tl.constexpr,
):
    n, k = tl.program_id(0).to(tl.int64), tl.program_id(1).to(tl.int64)
    h = tl.arange(0, PAD)
    d = tl.arange(0, D)[None, :]
    there = (h[:, None] < SHARED) & (d >= 0)
    at = (k * SHARED + h[:, None]) * D + d
    q = tl.load(x + n * stride + at, mask=there, other=0.0)
    m = tl.full([PAD], float("-inf"), tl.float32)
    total = tl.zeros([PAD], tl.float32)
    seen = tl.zeros([PAD, D], tl.float32)
    prompt = n // width
    to = prompt * prompt_row + k * prompt_head
    count = tl.load(lengths + prompt).to(tl.int32)
    m, total, seen = seen_by(q, prompt_keys + to, prompt_values + to, count, m, total, seen, scale, D, BLOCK)
    to = n * row + k * head
    count = tl.load(place).to(tl.int32) + 1
    m, total, seen = seen_by(q, keys + to, values + to, count, m, total, seen, scale, D, BLOCK)
    heads = tl.num_programs(1) * SHARED
    tl.store(out + n * heads * D + at, (seen / total[:, None]).to(out.dtype.element_ty), mask=there)


@triton.jit
def collect_kernel(
    dq,
    dk,
    dv,
    copies,
    cos,
    sin,
    out,
    most,
    H: tl.constexpr,
    K: tl.constexpr,
    PAD_H: tl.constexpr,
    PAD_K: tl.constexpr,
    HALF: tl.constexpr,
):
    n = tl.program_id(0).to(tl.int64)
    d = tl.arange(0, HALF)[None, :]
    D: tl.constexpr = 2 * HALF
    kept = out.dtype.element_ty
    h = tl.arange(0, PAD_H)[:, None]
    there = (h < H) & (d >= 0)
    at = dq + (n * H + h) * D + d
    g1 = tl.load(at, mask=there, other=0.0).to(tl.float32)
    g2 = tl.load(at + HALF, mask=there, other=0.0).to(tl.float32)
    y1, y2 = turned(g1, g2, cos + n * D, sin + n * D, HALF, True)
    to = out + (n * (H + 2 * K) + h) * D + d
    tl.store(to, y1.to(kept), mask=there)
    tl.store(to + HALF, y2.to(kept), mask=there)
    h = tl.arange(0, PAD_K)[:, None]
    k1 = tl.zeros([PAD_K, HALF], tl.float32)
    k2 = tl.zeros([PAD_K, HALF], tl.float32)
    v1 = tl.zeros([PAD_K, HALF], tl.float32)
    v2 = tl.zeros([PAD_K, HALF], tl.float32)
    for c in range(most):
        copy = tl.load(copies + n * most + c).to(tl.int64)
        here = (h < K) & (d * 0 + copy >= 0)
        made = (copy * K + h) * D + d
        k1 += tl.load(dk + made, mask=here, other=0.0).to(tl.float32)
        k2 += tl.load(dk + made + HALF, mask=here, other=0.0).to(tl.float32)
        v1 += tl.load(dv + made, mask=here, other=0.0).to(tl.float32)
        v2 += tl.load(dv + made + HALF, mask=here, other=0.0).to(tl.float32)
    y1, y2 = turned(k1, k2, cos + n * D, sin + n * D, HALF, True)
    there = (h < K) & (d >= 0)
    to = out + (n * (H + 2 * K) + H + h) * D + d
    tl.store(to, y1.to(kept), mask=there)
    tl.store(to + HALF, y2.to(kept), mask=there)
    tl.store(to + K * D, v1.to(kept), mask=there)
    tl.store(to + K * D + HALF, v2.to(kept), mask=there)


@triton.jit
def activate_kernel(x, out, stride, size, WIDE: tl.constexpr):
    n = tl.program_id(0).to(tl.int64)
    i = tl.program_id(1) * WIDE + tl.arange(0, WIDE)
    gate = tl.load(x + n * stride + i, mask=i < size, other=0.0).to(tl.float32)
    up = tl.load(x + n * stride + size + i, mask=i < size, other=0.0).to(tl.float32)
    y = gate * tl.sigmoid(gate) * up
    tl.store(out + n * size + i, y.to(out.dtype.element_ty), mask=i < size)


@triton.jit
def activate_backward_kernel(g, x, out, g_stride, stride, size, WIDE: tl.constexpr):
    n = tl.program_id(0).to(tl.int64)
    i = tl.program_id(1) * WIDE + tl.arange(0, WIDE)
    there = i < size
    slope = tl.load(g + n * g_stride + i, mask=there, other=0.0).to(tl.float32)
    gate = tl.load(x + n * stride + i, mask=there, other=0.0).to(tl.float32)
    up = tl.load(x + n * stride + size + i, mask=there, other=0.0).to(tl.float32)
    s = tl.sigmoid(gate)
    kept = out.dtype.element_ty
    tl.store(out + n * 2 * size + i, (slope * up * s * (1 + gate * (1 - s))).to(kept), mask=there)
    tl.store(out + n * 2 * size + size + i, (slope * gate * s).to(kept), mask=there)


def turn(x: Tensor, cos: Tensor, sin: Tensor, heads: int) -> None:
    if len(x):
        half = x.shape[2] // 2
        turn_kernel[(len(x),)](x, cos, sin, x.stride(0), heads, power_of_two(heads), half)


def keep(x: Tensor, cos: Tensor, sin: Tensor, keys: Tensor, values: Tensor, place: Tensor) -> None:
    rows, shared, _, dim = keys.shape
    heads = x.shape[1] - 2 * shared
    keep_kernel[(rows,)](
        x, cos, sin, keys, values, place, x.stride(0), keys.stride(0), keys.stride(1),
        heads, shared, power_of_two(heads), power_of_two(shared), dim // 2,
    )  # fmt: skip


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
    rows, kv, _, dim = keys.shape
    heads = x.shape[1] - 2 * kv
    shared = heads // kv
    out = x.new_empty(rows, heads * dim)
    decode_kernel[(rows, kv)](
        x, prompt_keys, prompt_values, lengths, keys, values, place, out,
        x.stride(0), prompt_keys.stride(0), prompt_keys.stride(1), keys.stride(0), keys.stride(1), width, scale,
        shared, max(16, power_of_two(shared)), dim, BLOCK, num_warps=4, num_stages=2,
    )  # fmt: skip
    return out


def flash(
    q: Tensor, k: Tensor, v: Tensor, q_ends: Tensor, k_ends: Tensor, longest_q: int, longest_k: int, scale: float
) -> tuple[Tensor, ...]:
    found: Any = torch.ops.aten._flash_attention_forward(
        q, k, v, q_ends, k_ends, longest_q, longest_k, 0.0, True, False, scale=scale
    )
    return tuple(found[:4])


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
) -> tuple[Tensor, ...]:
    found: Any = torch.ops.aten._flash_attention_backward(
        g, q, k, v, out, lse, q_ends, k_ends, longest_q, longest_k, 0.0, True, a, b, scale=scale
    )
    return tuple(found)


def collect(dq: Tensor, dk: Tensor, dv: Tensor, copies: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    size, heads, dim = dq.shape
    kv = dk.shape[1]
    out = dq.new_empty(size, heads + 2 * kv, dim)
    collect_kernel[(size,)](
        dq.contiguous(), dk.contiguous(), dv.contiguous(), copies, cos, sin, out, copies.shape[1],
        heads, kv, power_of_two(heads), power_of_two(kv), dim // 2,
    )  # fmt: skip
    return out


def activate(x: Tensor) -> Tensor:
    rows, size = len(x), x.shape[1] // 2
    out = x.new_empty(rows, size)
    activate_kernel[(rows, triton.cdiv(size, WIDE))](x, out, x.stride(0), size, WIDE)
    return out


def activate_backward(g: Tensor, x: Tensor) -> Tensor:
    rows, size = len(x), x.shape[1] // 2
    out = x.new_empty(rows, 2 * size)
    activate_backward_kernel[(rows, triton.cdiv(size, WIDE))](g, x, out, g.stride(0), x.stride(0), size, WIDE)
    return out


KERNELS = (turn, keep, decode, flash, flash_backward, collect, activate, activate_backward)
for kernel in KERNELS:
    LIBRARY.impl(kernel.__name__, kernel, "CUDA")
