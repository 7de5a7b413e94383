"""How far two right ways of computing a log-probability lie apart in this model.

A fixed limit cannot say: in bfloat16 the gap grows with the depth of the model and the size of its logits. So the
model's own pass is repeated with every number that enters a matrix product moved at random by up to a unit in its last
place. On tiny models of all families, the packed pass is at most 1.2 times as far from the plain one as that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from .packing import Group
from .vlm import Vlm

QUESTION = "Which of the two is further to the left in the picture?"
ANSWERS = ("The red one is further to the left.", "It cannot be said: both are at the same place.")
MARGIN = 3
"""Times the measured gap that is still taken for rounding."""
LEAST = 1e-4
"""In nats. Nothing smaller matters to training, and in float32 the measured gap is of a few units in the last place."""


@torch.no_grad()
def rounding_of(vlm: Vlm) -> float:
    """By how much, in nats and on average over tokens, two ways of computing a log-probability may differ."""
    prefix = vlm.encode([{"role": "user", "content": [QUESTION]}])
    tokens = [vlm.family.tokenizer(text, add_special_tokens=False)["input_ids"] for text in ANSWERS]
    groups = [Group(prefix, [torch.tensor(ids, device=vlm.device) for ids in tokens])]
    expected, _ = vlm.plain_scores(groups, 1.0)
    with nudged(vlm.model):
        found, _ = vlm.plain_scores(groups, 1.0)
    return max(LEAST, MARGIN * float((found - expected).abs().mean()))


@contextmanager
def nudged(model: nn.Module) -> Iterator[None]:
    """Within, what enters a linear layer is moved by up to a unit in the last place, the same way every time."""
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
