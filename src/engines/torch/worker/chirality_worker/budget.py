"""The number of tokens in a pass: as many as the config says, or as memory holds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from .memory import free_memory, memory_taken

FIRST = 4096
"""Used until the memory per token has been measured."""
GROWTH = 2
"""Largest factor by which a pass may exceed the largest one so far."""
SHARE = 0.6
"""Share of free memory to use. The rest is for passes that take more than the measured one."""

Memory = Callable[[torch.device], int | None]


class Budget:
    """The budget of one kind of pass: those with a backward pass take many times the memory of others. It grows
    while memory allows it, unless the config sets it, and is halved for good when memory runs out."""

    def __init__(self, wanted: int | None, device: torch.device, free: Memory = free_memory) -> None:
        self.tokens = wanted or FIRST
        self._device = device
        self._free = free
        self._grows = wanted is None

    @contextmanager
    def measured(self, tokens: int) -> Iterator[None]:
        """A context that measures a pass over this number of tokens."""
        with memory_taken(self._device) as taken:
            yield
        if taken is not None:
            self.learn(tokens, taken[0])

    def learn(self, tokens: int, taken: int) -> None:
        """Learns from a pass that took `taken` bytes. One that filled less than half of the budget says little."""
        free = self._free(self._device)
        if self._grows and free is not None and 2 * tokens >= self.tokens and taken > 0:
            held = int(SHARE * free * tokens / taken)
            self.tokens = max(self.tokens, min(GROWTH * self.tokens, held))

    def halve(self, tokens: int) -> None:
        """Halves the budget after a pass over this number of tokens ran out of memory."""
        self.tokens = min(tokens, self.tokens) // 2
        self._grows = False
