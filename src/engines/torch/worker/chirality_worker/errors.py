"""Errors, in words for the person who started the run."""

import re
import sys


class WorkerError(Exception):
    """An error with a code for programs and, if there is one, a fix."""

    def __init__(self, code: str, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix


class Cancelled(Exception):
    """The caller no longer wants the answer."""


def described(error: BaseException) -> dict[str, str | None]:
    """An error as it is sent: code, message and fix."""
    if isinstance(error, WorkerError):
        return {"code": error.code, "message": str(error), "fix": error.fix}
    if isinstance(error, Cancelled):
        return {"code": "cancelled", "message": "The call was cancelled.", "fix": None}
    if isinstance(error, ModuleNotFoundError) and error.name:
        return described(missing_package(error.name))
    if is_out_of_memory(error):
        return {
            "code": "out-of-memory",
            "message": first_line(error),
            "fix": "Lower engine.micro_tokens or engine.max_pixels, set engine.gradient_checkpointing to true, "
            "or take a smaller model.",
        }
    if isinstance(error, ImportError) and ("libcu" in str(error) or "libnv" in str(error)):
        return {
            "code": "cuda-mismatch",
            "message": f"PyTorch does not find the CUDA libraries that it was built for: {first_line(error)}",
            "fix": "`chirality engine setup torch` installs a matching set.",
        }
    name = "" if type(error) in (ValueError, RuntimeError) else f"{type(error).__name__}: "
    return {"code": "failed", "message": name + (str(error).strip() or "no message"), "fix": None}


def missing_package(module: str) -> WorkerError:
    root = module.split(".")[0]
    package = {"PIL": "pillow"}.get(root, root)
    engine = "tinker" if root in ("tinker", "httpx") else "torch"
    return WorkerError(
        "missing-package",
        f"{sys.executable} has no package {package}.",
        f"{sys.executable} -m pip install {package}, or `chirality engine setup {engine}`.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """On CUDA this error has a class; on the CPU it is a RuntimeError that only its text identifies."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and bool(
        re.search(r"DefaultCPUAllocator|not enough memory|can't allocate memory|out of memory", str(error))
    )


def first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
