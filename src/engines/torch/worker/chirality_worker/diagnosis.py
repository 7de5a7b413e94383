"""What this interpreter has, for `chirality engine doctor`. Never raises: what fails is an answer, too."""

import importlib
import importlib.metadata
import os
import platform
import sys
from typing import Any

from .errors import described
from .server import Call

PACKAGES = ("torch", "torchvision", "transformers", "peft", "pillow", "numpy")


def diagnose(_: Call) -> dict[str, Any]:
    return {
        "executable": sys.executable,
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "problems": [
            problem for module in ("torch", "transformers", "peft", "PIL") if (problem := cannot_import(module))
        ],
        "devices": devices(),
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
    """The GPUs that PyTorch can use, or why it can use none."""
    try:
        import torch

        if torch.cuda.is_available():
            found = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
            return {"gpus": [{"name": gpu.name, "memory_gb": round(gpu.total_memory / 2**30, 1)} for gpu in found]}
        if torch.version.cuda is None:
            return {"gpus": [], "reason": "This PyTorch was built without CUDA."}
        torch.cuda.init()
        return {"gpus": [], "reason": "CUDA starts, but shows no device."}
    except Exception as error:
        return {"gpus": [], "reason": str(described(error)["message"])}
