"""What this device can do, and what the operations of a step need at least: their ratio is the share of the limit that
a measured time reaches.

Counted are products with weights, the output layer and attention, of the language model alone. Not counted are the
adapter, activations, norms, the vision tower, and what is computed twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from .vlm import Vlm


@dataclass(frozen=True)
class Shape:
    """A step: `prompts` of `prompt` tokens each, with `n` completions of `completion` tokens."""

    prompts: int
    prompt: int
    n: int
    completion: int


@dataclass(frozen=True)
class Work:
    token_step: int
    """Bytes that one token of every completion needs: each weight is read once."""
    reference: float
    """Floating-point operations of log-probabilities without gradients; a product and a sum are two."""
    update: float
    """The same of an update."""


def work_of(vlm: Vlm, shape: Shape) -> Work:
    config = vlm.family.language.config
    hidden, layers, heads = config.hidden_size, config.num_hidden_layers, config.num_attention_heads
    width = getattr(config, "head_dim", None) or hidden // heads
    projections = hidden * width * (2 * heads + 2 * config.num_key_value_heads) + 3 * hidden * config.intermediate_size
    vocabulary = vlm.family.head.weight.shape[0]
    # The last token of a completion is never read.
    read = shape.n * (shape.completion - 1)
    tokens, scored = shape.prompts * (shape.prompt + read), shape.prompts * shape.n * shape.completion
    # Each token attends to those before it: to the whole prompt, and to half of its own part on average.
    pairs = shape.prompts * (read * (shape.prompt + shape.completion / 2) + shape.prompt**2 / 2)
    linear, head = 2.0 * tokens * layers * projections, 2.0 * scored * hidden * vocabulary
    attention = 4.0 * pairs * layers * heads * width
    # Backwards: gradients of inputs and, where all weights learn, of weights. The output layer is computed once more.
    whole = any("lora_" not in name for name in vlm.trainable)
    times = 3 if whole else 2
    return Work(
        vlm.family.head.weight.element_size() * (layers * projections + vocabulary * hidden),
        linear + head + attention,
        times * (linear + head) + 3.5 * attention,
    )


def products_a_second(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second in products of large square matrices."""
    side = 8192 if device.type == "cuda" else 1024
    x = torch.randn(side, side, device=device, dtype=dtype)
    return 2.0 * side**3 / seconds_of(lambda: x @ x, device)


def copied_a_second(device: torch.device) -> float:
    """Bytes read and written a second by a large copy."""
    size = 1 << (30 if device.type == "cuda" else 26)
    x = torch.zeros(size, device=device, dtype=torch.uint8)
    y = torch.empty_like(x)
    return 2.0 * size / seconds_of(lambda: y.copy_(x), device)


def seconds_of(call: Callable[[], object], device: torch.device) -> float:
    """Seconds of a call, the mean of some after a few that are not counted."""
    times = 20 if device.type == "cuda" else 3

    def several(count: int) -> float:
        start = time.perf_counter()
        for _ in range(count):
            call()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - start

    several(3)
    return several(times) / times
