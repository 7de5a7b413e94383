"""Writing of files that survive a loss of power."""

import os
from pathlib import Path


def sync(*paths: Path) -> None:
    """Returns once files, and folders with all their files, are on the disk and not only in the system's cache."""
    for path in paths:
        if path.is_dir():
            sync(*(child for child in path.iterdir() if child.is_file()))
        if path.is_file() or os.name != "nt":
            # Windows flushes a file only through a writable handle.
            handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
