"""Moves gradients and weights between a GPU and the computer's memory."""

from collections.abc import Iterable

import torch
from torch import Tensor


class Ferry:
    """Between the model's device and `home`, where its optimiser is. Moves nothing if they are the same.

    All tensors pass through one piece of memory that the system keeps in place, which a GPU reads and writes several
    times faster than other memory.
    """

    def __init__(self, home: torch.device, trainable: Iterable[Tensor]) -> None:
        self._home = home
        size = max((size_of(x) for x in trainable if x.device.type != home.type), default=0)
        self._deck = torch.empty(size, dtype=torch.uint8)
        if size > 0:
            self._deck = self._deck.pin_memory()

    def added(self, total: Tensor | None, gradient: Tensor) -> Tensor:
        """The sum of gradients with one more, in float32 at home."""
        away = gradient.device.type != self._home.type
        here = self._place(gradient).copy_(gradient) if away else gradient
        # The next tensor overwrites what has just arrived.
        return here.to(torch.float32, copy=away) if total is None else total.add_(here)

    def bring(self, source: Tensor, target: Tensor) -> None:
        """Copies a tensor at home to one of the model, rounded to its precision before it travels."""
        away = target.device.type != self._home.type
        target.copy_(self._place(target).copy_(source) if away else source)

    def _place(self, like: Tensor) -> Tensor:
        return self._deck[: size_of(like)].view(like.dtype).view(like.shape)


def size_of(tensor: Tensor) -> int:
    """Bytes of a tensor."""
    return tensor.numel() * tensor.element_size()
