"""Speed of this device, and minimum work of a step. Work divided by speed is a lower bound of the time.

The work includes products with weights, the output layer and attention of the language model. It excludes the adapter,
activations, norms, the vision tower, and repeated computations.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from .vlm import Vlm


@dataclass(frozen=True)
class Shape:
    """Shape of a step: `prompts` of `prompt` tokens each, with `n` completions of `completion` tokens."""

    prompts: int
    prompt: int
    n: int
    completion: int


@dataclass(frozen=True)
class Work:
    token_step: int
    """Bytes read for one token of every completion: each weight is read once."""
    reference: float
    """Floating-point operations for log-probabilities without gradients; multiply and add count as two."""
    update: float
    """Floating-point operations of an update."""


def work_of(vlm: Vlm, shape: Shape) -> Work:
    config = vlm.family.language.config
    hidden, layers, heads = config.hidden_size, config.num_hidden_layers, config.num_attention_heads
    width = getattr(config, "head_dim", None) or hidden // heads
    projections = hidden * width * (2 * heads + 2 * config.num_key_value_heads) + 3 * hidden * config.intermediate_size
    vocabulary = vlm.family.head.weight.shape[0]
    # The last token of a completion is not an input.
    read = shape.n * (shape.completion - 1)
    tokens, scored = shape.prompts * (shape.prompt + read), shape.prompts * shape.n * shape.completion
    # Each token attends to its predecessors: the whole prompt, and on average half of its own part.
    pairs = shape.prompts * (read * (shape.prompt + shape.completion / 2) + shape.prompt**2 / 2)
    linear, head = 2.0 * tokens * layers * projections, 2.0 * scored * hidden * vocabulary
    attention = 4.0 * pairs * layers * heads * width
    # Backward: gradients of inputs and, if all weights are trained, of weights. The output layer is recomputed.
    whole = any("lora_" not in name for name in vlm.trainable)
    times = 3 if whole else 2
    return Work(
        vlm.family.head.weight.element_size() * (layers * projections + vocabulary * hidden),
        linear + head + attention,
        times * (linear + head) + 3.5 * attention,
    )


def products_a_second(device: torch.device, dtype: torch.dtype) -> float:
    """Measures floating-point operations per second in products of large square matrices."""
    side = 8192 if device.type == "cuda" else 1024
    x = torch.randn(side, side, device=device, dtype=dtype)
    return 2.0 * side**3 / seconds_of(lambda: x @ x, device)


def copied_a_second(device: torch.device) -> float:
    """Measures bytes read and written per second by a large copy."""
    size = 1 << (30 if device.type == "cuda" else 26)
    x = torch.zeros(size, device=device, dtype=torch.uint8)
    y = torch.empty_like(x)
    return 2.0 * size / seconds_of(lambda: y.copy_(x), device)


def seconds_of(call: Callable[[], object], device: torch.device) -> float:
    """Returns the mean duration of a call in seconds, after a few uncounted calls."""
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
