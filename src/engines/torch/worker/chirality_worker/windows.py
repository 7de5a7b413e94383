"""Attention of a vision tower within the windows of an image, and within whole images.

Without flash attention, transformers calls attention once per window and layer, hundreds of times per image. This
module calls attention once per layer with PyTorch's kernel for varying lengths. Without that kernel, it calls once per
layer and window length; an image has at most four lengths: inside, at two edges, and at one corner.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.attention.varlen import varlen_attn
from transformers import AttentionInterface

from .attention import attention_by
from .errors import first_line, is_out_of_memory

NAME = "chirality_flash"
"""`flash` in the name makes transformers pass all windows at once."""

_plan: tuple[Tensor, list[Tensor]] | None = None
"""Ends of the most recent windows, and their positions. All layers use the same windows."""
_kernel_works = True
tell: Callable[[str, str], None] = lambda kind, message: None  # noqa: E731
"""Receives messages for the events of the run."""
ran: str | None = None
"""Attention method of the last tower with windows; None if there was none."""


def _attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float,
    cu_seq_lens_q: Tensor,
    max_length_q: int,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attends within windows: query, key and value (1, H, N, D) → (1, N, H, D)."""
    global _kernel_works, ran
    if _kernel_works and has_kernel(query):
        q, k, v = (x[0].transpose(0, 1) for x in (query, key, value))
        ends = cu_seq_lens_q.int()
        try:
            kernel: Any = varlen_attn
            out = kernel(q, k, v, ends, ends, max_length_q, max_length_q, scale=scaling)[None]
            ran = "one call a layer, by the kernel for varying lengths"
            return out, None
        except Exception as error:
            if is_out_of_memory(error):
                raise
            _kernel_works = False
            tell(
                "plain-windows",
                "The kernel for image windows does not work, so windows are computed length by length, which is "
                f"slower. {first_line(error)}",
            )
    ran = "one call a layer and length of windows"
    out = torch.empty_like(query[0].transpose(0, 1))
    for places in places_of(cu_seq_lens_q):
        q, k, v = (x[0].index_select(1, places.flatten()) for x in (query, key, value))
        q, k, v = (x.unflatten(1, places.shape).transpose(0, 1) for x in (q, k, v))
        part = F.scaled_dot_product_attention(q, k, v, scale=scaling)
        out = out.index_put((places.flatten(),), part.transpose(1, 2).flatten(0, 1))
    return out[None], None


AttentionInterface.register(NAME, _attention)


def forget() -> None:
    """Resets the state of an earlier model."""
    global _plan, _kernel_works, ran
    _plan, _kernel_works, ran = None, True, None


def has_kernel(x: Tensor) -> bool:
    return x.device.type == "cuda" and x.dtype != torch.float32 and torch.cuda.get_device_capability(x.device) >= (8, 0)


def places_of(ends: Tensor) -> list[Tensor]:
    """Returns the positions of windows, (windows, length), for each length. `ends` (windows + 1,) begins with 0."""
    global _plan
    if _plan is None or _plan[0] is not ends:
        starts, lengths = ends[:-1], ends.diff()
        _plan = (
            ends,
            [
                starts[lengths == length, None] + torch.arange(int(length), device=ends.device)
                for length in lengths.unique()
            ],
        )
    return _plan[1]


def all_windows_at_once(tower: nn.Module) -> AbstractContextManager[None]:
    """Returns a context in which a vision tower attends with `_attention`."""
    return attention_by(NAME, tower)
