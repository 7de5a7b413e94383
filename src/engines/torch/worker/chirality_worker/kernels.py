"""Operations of a decoder layer that are one kernel each on a GPU.

Made of PyTorch's own operations, a layer of a token step has about ninety kernels. Each starts after the one before,
and most are shorter than the pause between two. What these operations compute, in plain PyTorch, is in
test/python/kernels_on_cpu.py: there alone they run on a processor.

x is a row of tokens with the queries, keys and values of their heads side by side: (N, H + 2 K, D).
"""

from typing import Any

import torch

LIBRARY = torch.library.Library("chirality", "DEF")
for schema in (
    # Turns queries and keys in place by their positions. cos, sin (N, D); heads: H + K.
    "turn(Tensor(a!) x, Tensor cos, Tensor sin, int heads) -> ()",
    # For the tokens of a step, (rows, H + 2 K, D): turns queries in place; turned keys, and values, go to their place
    # in (rows, K, room, D). place (1,).
    "keep(Tensor(a!) x, Tensor cos, Tensor sin, Tensor(b!) keys, Tensor(c!) values, Tensor place) -> ()",
    # Attention of each row to its prompt (prompts, K, P, D), of which it sees `lengths` (prompts,) tokens, and to its
    # own tokens up to `place`. Row r has prompt r // width. → (rows, H · D)
    "decode(Tensor x, Tensor prompt_keys, Tensor prompt_values, Tensor lengths, Tensor keys, Tensor values, "
    "Tensor place, int width, float scale) -> Tensor",
    # Attention of sequences between these ends (sequences + 1,): q (Tq, H, D), k, v (Tk, K, D). The queries are the
    # last of the keys' positions and see those up to their own. → (Tq, H, D), log-sum-exp, and what the kernel keeps.
    "flash(Tensor q, Tensor k, Tensor v, Tensor q_ends, Tensor k_ends, int longest_q, int longest_k, float scale) -> "
    "(Tensor, Tensor, Tensor, Tensor)",
    "flash_backward(Tensor g, Tensor q, Tensor k, Tensor v, Tensor out, Tensor lse, Tensor a, Tensor b, Tensor q_ends, "
    "Tensor k_ends, int longest_q, int longest_k, float scale) -> (Tensor, Tensor, Tensor)",
    # The gradient of x before it was turned, from those of turned queries (N, H, D) and of copies of turned keys and
    # values (M, K, D). copies (N, C): those of each token, -1 where there are fewer.
    "collect(Tensor dq, Tensor dk, Tensor dv, Tensor copies, Tensor cos, Tensor sin) -> Tensor",
    # silu(gate) · up of (N, 2 I) → (N, I).
    "activate(Tensor x) -> Tensor",
    "activate_backward(Tensor g, Tensor x) -> Tensor",
):
    LIBRARY.define(schema)

ops: Any = torch.ops.chirality


def have_kernels(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether this device has these kernels in this precision. Triton comes with PyTorch on Linux."""
    if device.type != "cuda" or dtype == torch.float32 or torch.cuda.get_device_capability(device) < (8, 0):
        return False
    try:
        from . import triton_kernels  # noqa: F401
    except ImportError:
        return False
    return True
