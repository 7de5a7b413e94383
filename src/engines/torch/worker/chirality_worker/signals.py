"""Signals that announce an end.

Ctrl-C reaches a whole process group, and the warning of a cluster before preemption reaches all processes of a job. The
run then stops after the current step and still needs its workers to save; they end when it closes their standard input.
"""

import os
import runpy
import signal
import sys

WARNINGS = ("SIGTERM", "SIGUSR1")


def outlive(*names: str) -> None:
    """Ignores these signals, if the system has them."""
    for name in names:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


if __name__ == "__main__":
    # `python -m chirality_worker.signals ARGUMENTS`: torchrun, which would end its processes at a warning.
    outlive(*WARNINGS)
    os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = "SIGINT,SIGHUP,SIGQUIT"
    sys.argv[0] = "torchrun"
    runpy.run_module("torch.distributed.run", run_name="__main__")
