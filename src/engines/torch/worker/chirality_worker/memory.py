"""Memory, and the number of tokens in a pass: set by the config, or the maximum that fits into memory."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import torch

FIRST = 4096
"""Tokens of a pass on a device whose memory is not measured."""
SMALL = 1024
"""Tokens of the first measured pass; it fits on nearly any GPU that can hold the weights."""
GROWTH = 4
"""Maximum factor by which the budget grows after a pass."""
SHARE = 0.75
"""Share of free memory for a pass. The rest is for passes that need more than the measured one."""

_highest = 0
"""Peak memory of the GPU before the last separately measured pass, in bytes."""


def peak_memory(device: torch.device) -> int:
    """Returns the peak memory in bytes, of the GPU if the model is on one, otherwise of this process."""
    if device.type == "cuda":
        return max(_highest, torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # The value of getrusage would include the peak of the parent process.
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) << 10 if found else 0
    import resource

    # ru_maxrss is in bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def forget_peak() -> None:
    """Resets the peak for `peak_memory`, on systems that support it."""
    global _highest
    _highest = 0
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    elif sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")


def free_memory(device: torch.device) -> int | None:
    """Returns the free bytes on a GPU, with PyTorch's cache but without memory reserved for captured graphs; None on
    the CPU, where other programs share the memory."""
    if device.type != "cuda":
        return None
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    for segment in torch.cuda.memory_snapshot():
        if segment["device"] == device.index and tuple(segment["segment_pool_id"]) != (0, 0):
            kept -= segment["total_size"] - segment["allocated_size"]
    return torch.cuda.mem_get_info(device)[0] + kept


def room(device: torch.device) -> int | None:
    """Returns the bytes that this process uses or can allocate on a GPU; None on the CPU."""
    free = free_memory(device)
    return None if free is None else free + torch.cuda.memory_allocated(device)


@contextmanager
def memory_taken(device: torch.device) -> Iterator[list[int] | None]:
    """Returns a context that measures the temporary memory of its body on a GPU, in bytes, without memory that stays
    allocated, such as new gradients; None on the CPU."""
    if device.type != "cuda":
        yield None
        return
    global _highest
    _highest = peak_memory(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    taken: list[int] = []
    yield taken
    taken.append(torch.cuda.max_memory_allocated(device) - max(before, torch.cuda.memory_allocated(device)))


Memory = Callable[[torch.device], int | None]


class Budget:
    """Token budget of passes with gradients, which need far more memory, or of passes without. Unless the config sets
    it, it grows with each pass up to the limit of memory, then stays constant. Out of memory, it is halved
    permanently."""

    def __init__(
        self,
        wanted: int | None,
        device: torch.device,
        free: Memory = free_memory,
        settled: Callable[[str], None] = lambda told: None,
    ) -> None:
        """`settled` receives a sentence with the chosen budget and its reason."""
        measures = device.type == "cuda"
        self.tokens = wanted or (SMALL if measures else FIRST)
        self._device = device
        self._free = free
        self._grows = wanted is None
        self._chosen = wanted is None
        self._settled = settled
        self._first: tuple[int, int] | None = None
        """Tokens and bytes of the first measured pass."""

    @contextmanager
    def measured(self, tokens: int) -> Iterator[None]:
        """Returns a context that measures a pass over this number of tokens."""
        with memory_taken(self._device) as taken:
            yield
        if taken is not None:
            self.learn(tokens, taken[0])

    def learn(self, tokens: int, taken: int) -> None:
        """Updates the budget from a pass that used `taken` bytes, unless it filled less than half of the budget."""
        free = self._free(self._device)
        if not self._grows or free is None or 2 * tokens < self.tokens or taken <= 0:
            return
        again, (least, less) = self._first is not None, self._first or (0, 0)
        if tokens < 1.5 * least or taken <= less:
            # The two passes are too similar to separate the fixed memory from the memory per token.
            least = less = 0
        self._first = self._first or (tokens, taken)
        a_token = (taken - less) / (tokens - least)
        held = int((SHARE * free - taken) / a_token) + tokens
        self.tokens = max(self.tokens, min(GROWTH * self.tokens, held))
        if again and held <= self.tokens:
            self._grows = False
            self._settled(
                f"at most {self.tokens} tokens: one takes {a_token / 1e6:.2f} MB, and {free / 1e9:.1f} GB are free"
            )

    def halve(self, tokens: int) -> None:
        """Halves the budget after a pass over this number of tokens ran out of memory."""
        self.tokens = min(tokens, self.tokens) // 2
        self._grows = False

    def resume(self, tokens: int) -> None:
        """Restores a budget chosen earlier, unless the config sets it."""
        if self._chosen:
            self.tokens, self._grows = tokens, False

    @property
    def choice(self) -> int | None:
        """Chosen budget, from which a run can resume; None while the budget grows, or if the config sets it."""
        return self.tokens if self._chosen and not self._grows else None
