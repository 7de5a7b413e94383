"""Worker of the torch engine: a vision-language model that samples, scores and learns for another process."""

import platform
import sys

if sys.version_info < (3, 11):  # noqa: UP036 -- a user's Python may be older
    sys.exit(f"The torch engine needs Python 3.11 or later; {sys.executable} is {platform.python_version()}.")

PROTOCOL = 1
