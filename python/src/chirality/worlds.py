"""Synthetic scenes with exact answers, generated from a seed, each with its mirror."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from chirality.rules import program_command
from chirality.tables import listed


def draw_worlds(
    folder: str | Path, count: int, seed: int = 0, options: Sequence[str] = (), program: Sequence[str] | None = None
) -> Path:
    """Generates scenes in a new folder. Returns the file of rows with their mirrors, as `load_pairs` takes it.

    The same count, seed and options give identical files.
    options: further options of `chirality worlds`, such as ["--families", "side"].
    Raises RuntimeError if the program is missing or fails.
    """
    folder = Path(folder)
    command = program_command(program)
    rows = folder / "pairs.qa.jsonl"
    for step in (
        ["worlds", *listed(options, "options"), "--count", str(count), "--seed", str(seed), "-o", str(folder)],
        ["view", "mirror", str(folder / "data.qa.jsonl"), "-o", str(rows)],
    ):
        done = subprocess.run([*command, *step, "--quiet"], capture_output=True, text=True, encoding="utf-8")
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())
    return rows
