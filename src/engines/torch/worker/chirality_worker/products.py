"""Matrix products on the CPU.

In float32, PyTorch uses MKL for matrix products, which uses AVX-512 only on Intel processors. oneDNN, which PyTorch
uses for other operations, supports all processors: on AMD it is twice as fast, with no more rounding error.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor


def onednn_is_faster() -> bool:
    """Whether oneDNN is faster. Depends on the processor type only, because a resumed run must round as before."""
    return (
        torch.backends.mkl.is_available()
        and torch.backends.mkldnn.is_available()
        and torch.backends.cpu.get_cpu_capability() == "AVX512"
        and "AMD" in torch.cpu.get_capabilities()["cpu_name"]
    )


@cache
def use_onednn() -> torch.library.Library:
    """Switches matrix products to oneDNN, including gradients, which are products themselves."""
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


def stop_onednn() -> None:
    """Reverts `use_onednn`, before another model is opened in this process."""
    if use_onednn.cache_info().currsize:
        use_onednn()._destroy()
        use_onednn.cache_clear()


def laid_out(weight: Tensor, bias: Tensor | None, rows: int) -> Callable[[Tensor], Tensor] | None:
    """Returns the linear map x (…, in) → (…, out) of a float32 weight in a layout optimised for about `rows` rows. This
    saves oneDNN a conversion per product: 8 rows take two thirds of the time. Results are bit-identical, except for
    a single row. None if oneDNN is not in use."""
    if use_onednn.cache_info().currsize == 0:
        return None
    linear = torch.ops.mkldnn._linear_pointwise.default
    kept = torch.ops.mkldnn._reorder_linear_weight(weight, rows)
    return lambda x: linear(x, kept, bias, "none", [], "")


def suits(a: Tensor, b: Tensor) -> bool:
    return a.dtype == torch.float32 and a.numel() > 0 and b.numel() > 0
