"""Handling of signals that announce an end, and of ends without a signal.

Ctrl-C reaches a whole process group, and a cluster's warning before preemption reaches all processes of a job. The run
then stops after the current step and still needs its workers to save; they end when it closes their input. A killed
process sends no signal, so each process of Chirality watches its parent.
"""

import os
import runpy
import signal
import sys
import threading
import time

WARNINGS = ("SIGTERM", "SIGUSR1")
WATCH_SECONDS = 0.5


def outlive(*names: str) -> None:
    """Ignores these signals, if the system has them."""
    for name in names:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def end_with_parent() -> None:
    """Ends this process soon after its parent, however busy it is."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    # `python -m chirality_worker.signals ARGUMENTS` runs torchrun, which by default ends its processes at a warning.
    outlive(*WARNINGS)
    end_with_parent()
    os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = "SIGINT,SIGHUP,SIGQUIT"
    sys.argv[0] = "torchrun"
    runpy.run_module("torch.distributed.run", run_name="__main__")
