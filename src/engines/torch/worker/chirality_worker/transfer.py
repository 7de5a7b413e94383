"""Copies between the processor and a GPU that neither waits for."""

from collections.abc import Callable

import torch
from torch import Tensor


def sent(x: Tensor, device: torch.device) -> Tensor:
    """x, which is on the processor, on the device. Only from pinned memory does a copy not wait until the GPU has done
    everything else."""
    return x.to(device) if device.type == "cpu" else x.pin_memory().to(device, non_blocking=True)


def on_its_way(x: Tensor) -> Callable[[], list[list[float]]]:
    """Starts copying x to the processor. The returned function waits only for this copy, and not for what is computed
    after it."""
    if x.device.type == "cpu":
        return x.tolist
    copy, done = x.to("cpu", non_blocking=True), torch.cuda.Event()
    done.record()

    def read() -> list[list[float]]:
        done.synchronize()
        return copy.tolist()

    return read
