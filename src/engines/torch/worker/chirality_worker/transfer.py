"""Copies between the CPU and a GPU that block neither."""

from collections.abc import Callable

import torch
from torch import Tensor


def sent(x: Tensor, device: torch.device) -> Tensor:
    """Copies x from the CPU to the device. Only copies from pinned memory do not wait for all queued work of the
    GPU."""
    return x.to(device) if device.type == "cpu" else x.pin_memory().to(device, non_blocking=True)


def on_its_way(x: Tensor) -> Callable[[], list[list[float]]]:
    """Starts copying x to the CPU. Returns a function that waits for this copy only, and not for operations queued
    after it."""
    if x.device.type == "cpu":
        return x.tolist
    copy, done = x.to("cpu", non_blocking=True), torch.cuda.Event()
    done.record()

    def read() -> list[list[float]]:
        done.synchronize()
        return copy.tolist()

    return read
