"""Moves gradients and weights between a GPU and host memory."""

from collections.abc import Iterable

import torch
from torch import Tensor


class Ferry:
    """Transfer between the model's device and `home`, the device of the optimiser. Moves nothing if they are the same.

    All tensors pass through one pinned buffer, which a GPU reads and writes several times faster than pageable memory.
    """

    def __init__(self, home: torch.device, trainable: Iterable[Tensor]) -> None:
        self._home = home
        size = max((size_of(x) for x in trainable if x.device.type != home.type), default=0)
        self._deck = torch.empty(size, dtype=torch.uint8)
        if size > 0:
            self._deck = self._deck.pin_memory()

    def added(self, total: Tensor | None, gradient: Tensor) -> Tensor:
        """Returns the sum of gradients plus another one, in float32 at home."""
        away = gradient.device.type != self._home.type
        here = self._place(gradient).copy_(gradient) if away else gradient
        # The next tensor overwrites the buffer.
        return here.to(torch.float32, copy=away) if total is None else total.add_(here)

    def bring(self, source: Tensor, target: Tensor) -> None:
        """Copies a tensor at home to a tensor of the model, rounded to the model's precision before the transfer."""
        away = target.device.type != self._home.type
        target.copy_(self._place(target).copy_(source) if away else source)

    def _place(self, like: Tensor) -> Tensor:
        return self._deck[: size_of(like)].view(like.dtype).view(like.shape)


def size_of(tensor: Tensor) -> int:
    """Returns the size of a tensor in bytes."""
    return tensor.numel() * tensor.element_size()
