"""Maximum difference between two correct computations of a log-probability.

A fixed limit is unsuitable: in bfloat16, the difference grows with the depth of the model and the size of its logits.
Instead, the model's own pass is repeated with a random change of every input of a matrix product by up to one unit in
the last place. On tiny models of all families, packed and plain pass differ by at most 1.2 times this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from .packing import Group
from .vlm import Vlm

QUESTION = "Which of the two is further to the left in the image?"
ANSWERS = ("The red one is further to the left.", "It cannot be said: both are at the same place.")
MARGIN = 3
"""Multiple of the measured difference that still counts as rounding."""
LEAST = 1e-4
"""Minimum limit in nats. Smaller differences do not affect training; in float32, the measured difference is a few units
in the last place."""


def sample_groups(vlm: Vlm) -> list[Group]:
    """Returns a question with two answers, for comparisons of computations."""
    prefix = vlm.encode([{"role": "user", "content": [QUESTION]}])
    tokens = [vlm.family.tokenizer(text, add_special_tokens=False)["input_ids"] for text in ANSWERS]
    return [Group(prefix, [torch.tensor(ids) for ids in tokens])]


@torch.no_grad()
def rounding_of(vlm: Vlm) -> float:
    """Returns the maximum mean difference, over tokens and in nats, that counts as rounding."""
    groups = sample_groups(vlm)
    expected, _ = vlm.plain_scores(groups, 1.0)
    with nudged(vlm.model):
        found, _ = vlm.plain_scores(groups, 1.0)
    return max(LEAST, MARGIN * float((found - expected).abs().mean()))


@contextmanager
def nudged(model: nn.Module) -> Iterator[None]:
    """Returns a context in which inputs of linear layers change by up to one unit in the last place, by the same random
    numbers each time."""
    draws = torch.Generator(next(model.parameters()).device).manual_seed(0)

    def nudge(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        x, *rest = inputs
        by = torch.rand(x.shape, generator=draws, device=x.device, dtype=torch.float64) * 2 - 1
        return ((x.double() * (1 + torch.finfo(x.dtype).eps * by)).to(x.dtype), *rest)

    hooks = [module.register_forward_pre_hook(nudge) for module in model.modules() if isinstance(module, nn.Linear)]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
