"""Memory, and the number of tokens in a pass: as many as the config says, or as memory holds."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch

FIRST = 4096
"""Used until the memory per token has been measured."""
GROWTH = 2
"""Largest factor by which a pass may exceed the largest one so far."""
SHARE = 0.6
"""Share of free memory to use. The rest is for passes that take more than the measured one."""

_highest = 0
"""Peak on the GPU before the last pass that was measured separately."""


def peak_memory(device: torch.device) -> int:
    """Peak memory in bytes: of the GPU if the model is on one, else of this process."""
    if device.type == "cuda":
        return max(_highest, torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # Not by getrusage, whose figure includes the peak of the process that started this one.
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) << 10 if found else 0
    import resource

    # In bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_peak() -> None:
    """Lets `peak_memory` measure from now on, where the system can."""
    global _highest
    _highest = 0
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    elif sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")


def free_memory(device: torch.device) -> int | None:
    """Free bytes on a GPU, including those that PyTorch reserves for itself, but not for captured graphs; None on the
    CPU, where other programs share the memory."""
    if device.type != "cuda":
        return None
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    for segment in torch.cuda.memory_snapshot():
        if segment["device"] == device.index and tuple(segment["segment_pool_id"]) != (0, 0):
            kept -= segment["total_size"] - segment["allocated_size"]
    return torch.cuda.mem_get_info(device)[0] + kept


def room(device: torch.device) -> int | None:
    """Bytes that this process has or can get on a GPU; None on the CPU."""
    free = free_memory(device)
    return None if free is None else free + torch.cuda.memory_allocated(device)


@contextmanager
def memory_taken(device: torch.device) -> Iterator[list[int] | None]:
    """A context that measures the peak memory of its body on a GPU, in bytes; None on the CPU."""
    if device.type != "cuda":
        yield None
        return
    global _highest
    _highest = peak_memory(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    taken: list[int] = []
    yield taken
    taken.append(torch.cuda.max_memory_allocated(device) - before)


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
