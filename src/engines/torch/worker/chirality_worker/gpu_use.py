"""How busy a graphics card is, as NVIDIA's driver says."""

import ctypes
import threading
from collections.abc import Callable

import torch

SECONDS = 1.0
"""Between two looks; the driver's figure is of the last second at most."""


class Rates(ctypes.Structure):
    """`nvmlUtilization_t`: percent of the time in which something was computed, and memory was read or written."""

    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


def reader_of(device: torch.device) -> Callable[[], float | None] | None:
    """Reads how busy a card is, as a share of time; None where the machine cannot tell: there is no card, it is not
    NVIDIA's, or it is divided among several. The library (NVML) comes with the driver."""
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
    """The mean use of a card between two questions, from looks at it in a thread of its own."""

    def __init__(self, read: Callable[[], float | None], seconds: float = SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._seen: list[float] = []
        threading.Thread(target=self._watch, daemon=True).start()

    def since_last(self) -> float | None:
        """None if the card was not seen since, which happens where a step is short."""
        seen, self._seen = self._seen, []
        return sum(seen) / len(seen) if seen else None

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(self._seconds):
            share = self._read()
            if share is None:
                return  # the card does not tell
            self._seen.append(share)
