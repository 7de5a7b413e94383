"""How much memory was taken at most, and how much is free."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

_highest = 0
"""On the graphics card, before the last pass that was measured by itself."""


def peak_memory(device: torch.device) -> int:
    """Bytes: of the graphics card where the model lies there, else of this process."""
    if device.type == "cuda":
        return max(_highest, torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "linux":
        # Not by getrusage: it begins at the peak of the process that started this one.
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) << 10 if found else 0
    import resource

    # Bytes on a Mac.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def free_memory(device: torch.device) -> int | None:
    """Bytes that a graphics card has left, with those that PyTorch keeps for itself; None on the processor, where
    other programs share what there is."""
    if device.type != "cuda":
        return None
    kept = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return torch.cuda.mem_get_info(device)[0] + kept


@contextmanager
def memory_taken(device: torch.device) -> Iterator[list[int] | None]:
    """What the enclosed work takes at most on a graphics card, in bytes, once it is done; None on the processor."""
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
