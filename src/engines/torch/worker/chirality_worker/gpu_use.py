"""How busy a GPU is, according to the NVIDIA driver."""

import ctypes
import threading
from collections.abc import Callable

import torch

SECONDS = 1.0
"""Time between two readings; the figure of the driver covers at most the last second."""


class Rates(ctypes.Structure):
    """`nvmlUtilization_t`: the percentage of time in which something was computed, and in which memory was read or
    written."""

    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


def reader_of(device: torch.device) -> Callable[[], float | None] | None:
    """Returns a function that reads how busy a GPU is, as a share of time. None if this cannot be read: there is no
    GPU, it is not from NVIDIA, or it is divided among several users. The library (NVML) comes with the driver."""
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
    """The mean use of a GPU between two calls, read by a thread of its own."""

    def __init__(self, read: Callable[[], float | None], seconds: float = SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._seen: list[float] = []
        self._stopped = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def since_last(self) -> float | None:
        """None if there was no reading since the last call, as after a short step."""
        seen, self._seen = self._seen, []
        return sum(seen) / len(seen) if seen else None

    def stop(self) -> None:
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._seconds):
            share = self._read()
            if share is None:
                return  # the card does not tell
            self._seen.append(share)
