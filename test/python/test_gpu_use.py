"""How busy a graphics card is, without one: a library stands for the driver's."""

import ctypes
import time
from typing import Any

import torch

from chirality_worker.gpu_use import GpuUse, Rates, reader_by, reader_of


class Driver:
    def __init__(self, uuid: bytes, percent: int | None) -> None:
        self.uuid, self.percent = uuid, percent

    def nvmlInit_v2(self) -> int:
        return 0

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes, _: Any) -> int:
        return 0 if uuid == self.uuid else 6

    def nvmlDeviceGetUtilizationRates(self, _: Any, rates: Any) -> int:
        if self.percent is None:
            return 3
        ctypes.cast(rates, ctypes.POINTER(Rates)).contents.gpu = self.percent
        return 0


def test_a_share_is_read_where_the_driver_knows_the_card() -> None:
    read = reader_by(Driver(b"GPU-1", 75), b"GPU-1")  # type: ignore[arg-type]
    assert read is not None
    assert read() == 0.75
    assert reader_by(Driver(b"GPU-1", 75), b"GPU-2") is None  # type: ignore[arg-type]
    silent = reader_by(Driver(b"GPU-1", None), b"GPU-1")  # type: ignore[arg-type]
    assert silent is not None
    assert silent() is None


def test_the_processor_has_none() -> None:
    assert reader_of(torch.device("cpu")) is None


def test_the_mean_is_of_the_looks_since_the_last_question() -> None:
    shares = iter([0.2, 0.4, None])
    use = GpuUse(lambda: next(shares), 0.01)
    deadline = time.monotonic() + 10
    while threads_of(use) and time.monotonic() < deadline:
        time.sleep(0.01)
    mean = use.since_last()
    assert mean is not None
    assert abs(mean - 0.3) < 1e-9
    assert use.since_last() is None


def threads_of(use: GpuUse) -> bool:
    return len(use._seen) < 2
