"""Matrix products on the processor.

PyTorch leaves those in float32 to MKL, which keeps its AVX-512 code for Intel's processors. oneDNN, which PyTorch has
for other things, has such code for all: on AMD's it is twice as fast, and rounds no worse.
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor


def onednn_is_faster() -> bool:
    """Told by the kind of processor, not by a clock: a resumed run must round as it did before."""
    return (
        torch.backends.mkl.is_available()
        and torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and "AMD" in torch.cpu.get_capabilities()["cpu_name"]
    )


@cache
def use_onednn() -> torch.library.Library:
    """For the rest of this process, in gradients too: they are products themselves."""
    linear = torch.ops.mkldnn._linear_pointwise.default
    mkl_mm, mkl_addmm = (torch.library.get_kernel(f"aten::{name}", "CPU") for name in ("mm", "addmm"))

    def mm(keys: Any, a: Tensor, b: Tensor) -> Tensor:
        if not suits(a, b):
            return mkl_mm.call_boxed(keys, a, b)
        return linear(a, b.t(), None, "none", [], "")

    def addmm(keys: Any, bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
        if not suits(a, b) or bias.ndim != 1 or beta != 1 or alpha != 1:
            return mkl_addmm.call_boxed(keys, bias, a, b, beta=beta, alpha=alpha)
        return linear(a, b.t(), bias, "none", [], "")

    library = torch.library.Library("aten", "IMPL")
    library.impl("mm", mm, "CPU", with_keyset=True)
    library.impl("addmm", addmm, "CPU", with_keyset=True)
    return library


def suits(a: Tensor, b: Tensor) -> bool:
    return a.dtype == torch.float32 and a.numel() > 0 and b.numel() > 0
