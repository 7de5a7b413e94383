"""Peak memory, and free memory."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

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
