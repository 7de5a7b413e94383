"""How far apart two correct ways of computing a log-probability are in this model.

A fixed limit would not do: in bfloat16, the gap grows with the depth of the model and the size of its logits. Therefore
the model's own pass is repeated with every number that enters a matrix product changed at random by up to one unit in
its last place. On tiny models of all families, the packed pass differs from the plain one by at most 1.2 times this.
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
"""Multiple of the measured gap that still counts as rounding."""
LEAST = 1e-4
"""In nats. Smaller differences do not matter to training; in float32, the measured gap is a few units in the last
place."""


def sample_groups(vlm: Vlm) -> list[Group]:
    """A question with two answers, on which ways of computing are compared."""
    prefix = vlm.encode([{"role": "user", "content": [QUESTION]}])
    tokens = [vlm.family.tokenizer(text, add_special_tokens=False)["input_ids"] for text in ANSWERS]
    return [Group(prefix, [torch.tensor(ids) for ids in tokens])]


@torch.no_grad()
def rounding_of(vlm: Vlm) -> float:
    """By how much, in nats and on average over tokens, two ways of computing a log-probability may differ."""
    groups = sample_groups(vlm)
    expected, _ = vlm.plain_scores(groups, 1.0)
    with nudged(vlm.model):
        found, _ = vlm.plain_scores(groups, 1.0)
    return max(LEAST, MARGIN * float((found - expected).abs().mean()))


@contextmanager
def nudged(model: nn.Module) -> Iterator[None]:
    """A context in which the inputs of linear layers are changed by up to one unit in the last place, in the same
    way every time."""
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
