"""Products by oneDNN where MKL's would be slower. Once in use, they are so for all tests of this process."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.profiler import profile

from chirality_worker.products import laid_out, use_onednn

FORMS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "plain": lambda bias, a, b: a @ b,
    "bias": torch.addmm,
    "full bias": lambda bias, a, b: torch.addmm(bias.expand(len(a), -1), a, b),
    "scaled": lambda bias, a, b: torch.addmm(bias, a, b, beta=0.5, alpha=2),
}
TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-12, torch.bfloat16: 1.0}


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("rows", [0, 1, 300])
def test_products_and_their_gradients(form: str, dtype: torch.dtype, turned: bool, rows: int) -> None:
    use_onednn()
    inputs = [random(50), random(rows, 70), random(50, 70).T if turned else random(70, 50)]
    rounded = [x.to(dtype).requires_grad_() for x in inputs]
    exact = [x.detach().double().requires_grad_() for x in rounded]
    slope = random(rows, 50).to(dtype)
    found, expected = FORMS[form](*rounded), FORMS[form](*exact)
    gradients = torch.autograd.grad(found, rounded, slope, materialize_grads=True, allow_unused=True)
    wanted = torch.autograd.grad(expected, exact, slope.double(), materialize_grads=True, allow_unused=True)
    for a, b in zip([found, *gradients], [expected, *wanted], strict=True):
        assert a.dtype == dtype
        torch.testing.assert_close(a.double(), b, rtol=0.01 * (dtype == torch.bfloat16), atol=TOLERANCE[dtype])


def test_float32_is_computed_by_onednn() -> None:
    use_onednn()
    with profile() as seen:
        torch.nn.functional.linear(torch.ones(3, 4, requires_grad=True), torch.ones(5, 4)).sum().backward()
    assert "mkldnn::_linear_pointwise" in [event.key for event in seen.key_averages()]


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("shape", [(96, 48), (512, 128)])
def test_weights_that_are_laid_out_give_the_same_bits(biased: bool, shape: tuple[int, int]) -> None:
    use_onednn()
    wide, narrow = shape
    weight = random(narrow, wide).float()
    bias = random(narrow).float() if biased else None
    linear = laid_out(weight, bias, 8)
    assert linear is not None
    for rows in (2, 3, 8, 13, 300):
        x = random(1, rows, wide).float()
        assert torch.equal(linear(x), torch.nn.functional.linear(x, weight, bias))
    one = random(1, 1, wide).float()
    torch.testing.assert_close(linear(one), torch.nn.functional.linear(one, weight, bias), rtol=0, atol=1e-4)
