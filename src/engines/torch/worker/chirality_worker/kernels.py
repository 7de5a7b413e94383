"""Operations of a decoder layer that are one kernel each on a GPU.

From PyTorch's own operations, a layer of a token step has about ninety kernels. They run one after the other, and most
are shorter than the pause between two. Reference implementations in plain PyTorch are in test/python/kernels_on_cpu.py;
only these run on a CPU.

x is a row of tokens with the queries, keys and values of their heads side by side: (N, H + 2 K, D).
"""

from typing import Any

import torch

LIBRARY = torch.library.Library("chirality", "DEF")
for schema in (
    # Rotates queries and keys in place by their positions. cos, sin (N, D); heads: H + K.
    "turn(Tensor(a!) x, Tensor cos, Tensor sin, int heads) -> ()",
    # For the tokens of a step, (rows, H + 2 K, D): rotates queries in place; stores rotated keys, and values, at
    # `place` (1,) of (rows, K, room, D).
    "keep(Tensor(a!) x, Tensor cos, Tensor sin, Tensor(b!) keys, Tensor(c!) values, Tensor place) -> ()",
    # Attention of each row to the first `lengths` (prompts,) tokens of its prompt (prompts, K, P, D), and to its own
    # tokens up to `place`. Row r has prompt r // width. → (rows, H · D)
    "decode(Tensor x, Tensor prompt_keys, Tensor prompt_values, Tensor lengths, Tensor keys, Tensor values, "
    "Tensor place, int width, float scale) -> Tensor",
    # Attention within sequences between ends (sequences + 1,): q (Tq, H, D), k, v (Tk, K, D). Queries are the last key
    # positions and see keys up to their own. → (Tq, H, D), log-sum-exp, state for the backward pass.
    "flash(Tensor q, Tensor k, Tensor v, Tensor q_ends, Tensor k_ends, int longest_q, int longest_k, float scale) -> "
    "(Tensor, Tensor, Tensor, Tensor)",
    "flash_backward(Tensor g, Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, Tensor a, Tensor b, Tensor q_ends, "
    "Tensor k_ends, int longest_q, int longest_k, float scale) -> (Tensor, Tensor, Tensor)",
    # Gradient of x before rotation, from gradients of rotated queries (N, H, D) and of copied keys and values (M, K,
    # D). copies (N, C): copies of each token, padded with -1.
    "collect(Tensor dq, Tensor dk, Tensor dv, Tensor copies, Tensor cos, Tensor sin) -> Tensor",
    # silu(gate) · up of (N, 2 I) → (N, I).
    "activate(Tensor x) -> Tensor",
    "activate_backward(Tensor g, Tensor x) -> Tensor",
):
    LIBRARY.define(schema)

ops: Any = torch.ops.chirality


def have_kernels(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether this device supports the kernels in this precision. Triton is part of PyTorch on Linux."""
    if device.type != "cuda" or dtype == torch.float32 or torch.cuda.get_device_capability(device) < (8, 0):
        return False
    try:
        from . import triton_kernels  # noqa: F401
    except ImportError:
        return False
    return True
