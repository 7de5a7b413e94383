"""Error messages for the person who started the run."""

import os
import re
import sys

memory_remedies: list[str] = []
"""Option changes that reduce the memory of the open model, the smallest first; active options are omitted."""


class WorkerError(Exception):
    """Error with a code for programs and, if known, a fix."""

    def __init__(self, code: str, message: str, fix: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.fix = fix


class Cancelled(Exception):
    """The caller cancelled the call."""


def described(error: BaseException) -> dict[str, str | None]:
    """Returns an error as a message: code, text and fix."""
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
            "fix": one_of([*memory_remedies, "use a smaller model"]),
        }
    if isinstance(error, ImportError) and ("libcu" in str(error) or "libnv" in str(error)):
        return {
            "code": "cuda-mismatch",
            "message": f"PyTorch cannot find the CUDA libraries that it was built for: {first_line(error)}",
            "fix": "Install a matching set with `chirality engine setup torch`.",
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
        f"Run {sys.executable} -m pip install {package}, or `chirality engine setup {engine}`.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """CUDA has a class for this error; on the CPU it is a RuntimeError that only its message identifies."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and bool(
        re.search(r"DefaultCPUAllocator|not enough memory|can't allocate memory|out of memory", str(error))
    )


def one_of(changes: list[str]) -> str:
    """Returns a sentence that recommends one of these changes."""
    *others, last = changes
    text = f"{', '.join(others)}, or {last}" if others else last
    return f"{text[0].upper()}{text[1:]}."


def first_line(error: BaseException) -> str:
    """Returns the first line of an error message, without PyTorch's advice on a variable that is already set."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if any(
        "expandable_segments" in os.environ.get(name, "") for name in ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF")
    ):
        line = re.sub(r" *If reserved but unallocated memory is large try setting .*", "", line)
    return line
