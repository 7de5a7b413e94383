"""LoRA: float32 masters, products in the model's precision.

PEFT computes an adapter in the precision of its weights. With a bfloat16 model, these are float32, so that small steps
are not lost. But then each adapted projection also stores a float32 copy of its input for the backward pass. These
copies are the largest part of all activations, and both products run in float32. This module instead rounds the masters
to bfloat16 for the products and stores inputs once. In any precision, the second product accumulates into the
projection's output, scaled; PEFT needs two passes over the whole output, and another one backwards.
"""

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor, nn


def compute_fused(language: nn.Module) -> None:
    """Makes adapters compute in the precision of their input, with as few passes over it as possible."""
    for module in language.modules():
        if isinstance(module, LoraLayer):
            layer: Any = module
            layer.forward = partial(adapted, layer)


def adapted(layer: Any, x: Tensor) -> Tensor:
    """Returns base(x) + scaling · B A x, with A and B rounded to the precision of x. x (…, in) → (…, out)."""
    out: Tensor = layer.base_layer(x)
    if layer.disable_adapters:
        return out
    (name,) = layer.active_adapters
    a, b = (weights[name].weight.to(x.dtype) for weights in (layer.lora_A, layer.lora_B))
    inner = F.linear(layer.lora_dropout[name](x), a)
    return torch.addmm(out.flatten(0, -2), inner.flatten(0, -2), b.T, alpha=layer.scaling[name]).view_as(out)
