"""GPU utilisation, as reported by the NVIDIA driver."""

import ctypes
import threading
from collections.abc import Callable

import torch

SECONDS = 1.0
"""Seconds between two readings; the driver's value covers at most the last second."""


class Rates(ctypes.Structure):
    """`nvmlUtilization_t`: percentage of time with active kernels, and with memory reads or writes."""

    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


def reader_of(device: torch.device) -> Callable[[], float | None] | None:
    """Returns a function that reads the utilisation of a GPU, as a share of time. None without a GPU, for GPUs of other
    vendors, or for a GPU divided among users. The library (NVML) is part of the driver."""
    if device.type != "cuda":
        return None
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
        uuid = f"GPU-{torch.cuda.get_device_properties(device).uuid}".encode()
    except (OSError, AttributeError):
        return None
    return reader_by(library, uuid)


def reader_by(library: ctypes.CDLL, uuid: bytes) -> Callable[[], float | None] | None:
    card = ctypes.c_void_p()
    if library.nvmlInit_v2() != 0 or library.nvmlDeviceGetHandleByUUID(uuid, ctypes.byref(card)) != 0:
        return None

    def read() -> float | None:
        rates = Rates()
        failed = library.nvmlDeviceGetUtilizationRates(card, ctypes.byref(rates))
        return None if failed else rates.gpu / 100

    return read


class GpuUse:
    """Mean utilisation of a GPU between two calls, read by a separate thread."""

    def __init__(self, read: Callable[[], float | None], seconds: float = SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._seen: list[float] = []
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def since_last(self) -> float | None:
        """Returns the mean since the last call; None without readings, as after a short step."""
        seen, self._seen = self._seen, []
        return sum(seen) / len(seen) if seen else None

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._seconds):
            share = self._read()
            if share is None:
                return  # the GPU does not report its use
            self._seen.append(share)
