"""Signals that announce an end, and an end that no signal announces.

Ctrl-C reaches a whole process group, and the warning of a cluster before preemption reaches all processes of a job. The
run then stops after the current step and still needs its workers to save; they end when it closes their standard input.
A process that was killed announces nothing, so each of ours watches the one that started it.
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
    """Ends this process, however busy it is, soon after the one that started it."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    # `python -m chirality_worker.signals ARGUMENTS`: torchrun, which would end its processes at a warning.
    outlive(*WARNINGS)
    end_with_parent()
    os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = "SIGINT,SIGHUP,SIGQUIT"
    sys.argv[0] = "torchrun"
    runpy.run_module("torch.distributed.run", run_name="__main__")
