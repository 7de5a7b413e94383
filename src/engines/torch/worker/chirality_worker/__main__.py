"""Worker process: `python -m chirality_worker --replies 3`.

Requests arrive on standard input; replies go to the given file descriptor. Output of libraries goes to standard error
and so into the log. With `--team`, torchrun has started several workers, of which only the first communicates with the
caller.
"""

import argparse
import os
import platform

from . import PROTOCOL
from .server import Operation, serve
from .signals import WARNINGS, end_with_parent, outlive
from .wire import Wire


def main() -> None:
    parser = argparse.ArgumentParser(prog="chirality_worker", description=__doc__)
    parser.add_argument("--replies", type=int, required=True, help="file descriptor for replies")
    parser.add_argument("--engine", choices=["torch", "tinker"], default="torch", help="where the model is")
    parser.add_argument("--team", action="store_true", help="one of several, started by torchrun")
    options = parser.parse_args()
    outlive("SIGINT", *WARNINGS)
    end_with_parent()
    wire = Wire(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(options.replies), "wb"))
    # Other code must not read requests, and all printed output must go to the log.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    if not options.team or os.environ["RANK"] == "0":
        wire.send({"event": "hello", "protocol": PROTOCOL, "python": platform.python_version(), "pid": os.getpid()})

    def operation(name: str) -> Operation:
        # Imports take seconds and can fail; the failure is then the reply to the call.
        if name == "diagnose":
            from .diagnosis import diagnose

            return diagnose
        if name == "seen":
            from .seeing_clips import seen

            return seen
        if options.engine == "tinker":
            from .remote_operations import OPERATIONS
        else:
            from .operations import OPERATIONS

        return OPERATIONS[name]

    if options.team:
        from .relay import connect

        wire = connect(wire)
    serve(wire, operation)
    if options.engine == "tinker":
        from .remote_operations import close

        close()


main()
