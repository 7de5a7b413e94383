"""Checks this interpreter for `chirality engine doctor`. Never raises: failures are part of the answer."""

import importlib
import importlib.metadata
import os
import platform
import sys
from typing import Any

from .errors import described
from .server import Call

PACKAGES = ("torch", "torchvision", "transformers", "peft", "pillow", "numpy")
MODULES = {"torch": "torch", "transformers": "transformers", "peft": "peft", "pillow": "PIL"}
"""Packages to import, which detects broken ones, with their modules."""


def diagnose(_: Call) -> dict[str, Any]:
    return {
        "executable": sys.executable,
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "problems": [
            problem
            for package, module in MODULES.items()
            if version_of(package) is not None and (problem := cannot_import(module))
        ],
        "devices": devices(),
        "build": build(),
        "offline": os.environ.get("HF_HUB_OFFLINE") == "1",
    }


def version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def cannot_import(module: str) -> dict[str, str | None] | None:
    try:
        importlib.import_module(module)
    except Exception as error:
        return described(error)
    return None


def devices() -> dict[str, Any]:
    """Returns the GPUs that PyTorch can use, or the reason why there are none."""
    try:
        import torch

        if torch.cuda.is_available():
            found = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
            return {
                "gpus": [
                    {
                        "name": gpu.name,
                        "memory_gb": round(gpu.total_memory / 2**30, 1),
                        "capability": gpu.major * 10 + gpu.minor,
                    }
                    for gpu in found
                ]
            }
        if torch.version.cuda is None:
            return {"gpus": [], "reason": "This PyTorch was built without CUDA."}
        torch.cuda.init()
        return {"gpus": [], "reason": "CUDA starts, but finds no device."}
    except Exception as error:
        return {"gpus": [], "reason": str(described(error)["message"])}


def build() -> dict[str, Any] | None:
    """Returns PyTorch's CUDA version, and the lowest compute capability it supports (75 means 7.5)."""
    try:
        import torch

        if torch.version.cuda is None:
            return None
        kernels = [int(name[3:]) for name in (torch._C._cuda_getArchFlags() or "").split() if name.startswith("sm_")]
        return {"cuda": torch.version.cuda, "least": min(kernels)}
    except Exception:
        # The list of problems contains the reason why PyTorch fails.
        return None
