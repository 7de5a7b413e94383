"""Processes that end with the one that started them."""

import os
import subprocess
import sys

from conftest import ROOT

BUSY = """
from chirality_worker.signals import end_with_parent
end_with_parent()
print("busy", flush=True)
for _ in range(400):
    sum(range(10**6))
print("still here", flush=True)
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"


def test_a_busy_process_ends_with_the_one_that_started_it() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src/engines/torch/worker")}
    command = [sys.executable, "-c", PARENT, BUSY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "busy\n"
        parent.kill()
        # Read to its end, which comes when nobody can write any more.
        assert parent.stdout.read() == ""
