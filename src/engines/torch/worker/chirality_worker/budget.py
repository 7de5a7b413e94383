"""How many tokens a pass takes: as many as the config says, or as memory holds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from .memory import free_memory, memory_taken

FIRST = 4096
"""Before anything is known of the memory that a token takes."""
GROWTH = 2
"""Most that one pass may be larger than the largest so far."""
SHARE = 0.6
"""Of free memory. The rest is for passes that take more than the one that was measured."""

Memory = Callable[[torch.device], int | None]


class Budget:
    """Of one kind of pass: those that go backwards take many times the memory of others. It grows while memory allows
    it, where nobody set it, and is halved for good where memory did not suffice."""

    def __init__(self, wanted: int | None, device: torch.device, free: Memory = free_memory) -> None:
        self.tokens = wanted or FIRST
        self._device = device
        self._free = free
        self._grows = wanted is None

    @contextmanager
    def measured(self, tokens: int) -> Iterator[None]:
        """Around a pass over so many tokens."""
        with memory_taken(self._device) as taken:
            yield
        if taken is not None:
            self.learn(tokens, taken[0])

    def learn(self, tokens: int, taken: int) -> None:
        """After a pass that took so many bytes. One that filled less than half of the budget says little."""
        free = self._free(self._device)
        if self._grows and free is not None and 2 * tokens >= self.tokens and taken > 0:
            held = int(SHARE * free * tokens / taken)
            self.tokens = max(self.tokens, min(GROWTH * self.tokens, held))

    def halve(self, tokens: int) -> None:
        """After a pass over so many that did not fit."""
        self.tokens = min(tokens, self.tokens) // 2
        self._grows = False
