"""Compares each Triton kernel with plain PyTorch: in float32, and in float16, where it is rounded once.

TRITON_INTERPRET=1 python interpreted_kernels.py
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "src/engines/torch/worker"))

import kernels_on_cpu as plain
import torch
from torch import Tensor

from chirality_worker import triton_kernels as ours


def compare(heads: int, shared: int, dim: int, dtype: torch.dtype, tolerance: float) -> None:
    torch.manual_seed(heads)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape).to(dtype)

    def same(found: Tensor, expected: Tensor) -> None:
        assert found.dtype == expected.dtype
        torch.testing.assert_close(found.float(), expected.float(), rtol=tolerance, atol=tolerance)

    tokens, both = 11, heads + 2 * shared
    # A joint product has columns that are no heads.
    x = normal(tokens, both * dim + 24)[:, : both * dim].unflatten(-1, (-1, dim))
    angles = torch.randn(tokens, dim)
    cos, sin = angles.cos().to(dtype), angles.sin().to(dtype)

    found, expected = x, x.clone()
    ours.turn(found, cos, sin, heads + shared)
    plain.turn(expected, cos, sin, heads + shared)
    same(found, expected)

    caches = [normal(tokens, shared, 20, dim) for _ in range(2)]
    copies = [cache.clone() for cache in caches]
    place = torch.tensor([7])
    ours.keep(found, cos, sin, *caches, place)
    plain.keep(expected, cos, sin, *copies, place)
    for a, b in zip([found, *caches], [expected, *copies], strict=True):
        same(a, b)

    # More keys than are read at a time; one prompt of which nothing is seen, as of empty cells.
    prompt = [normal(4, shared, 150, dim) for _ in range(2)]
    lengths = torch.tensor([150, 3, 0, 129]).int()
    same(
        ours.decode(found, *prompt, lengths, *caches, place, 3, 0.3),
        plain.decode(found, *prompt, lengths, *caches, place, 3, 0.3),
    )

    slopes = normal(tokens, heads, dim), normal(25, shared, dim), normal(25, shared, dim)
    made_of = torch.randint(-1, 25, (tokens, 5)).int()
    same(ours.collect(*slopes, made_of, cos, sin), plain.collect(*slopes, made_of, cos, sin))

    # More numbers than one program computes.
    inner = normal(tokens, 2200)
    slope = normal(tokens, 1124)[:, :1100]
    same(ours.activate(inner), plain.activate(inner))
    same(ours.activate_backward(slope, inner), plain.activate_backward(slope, inner))


for dtype, tolerance in ((torch.float32, 2e-5), (torch.float16, 4e-3)):
    for shape in ((4, 2, 16), (7, 1, 64), (6, 3, 32), (16, 2, 128)):
        compare(*shape, dtype, tolerance)
