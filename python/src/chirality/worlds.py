"""Synthetic scenes with exact answers, drawn by seed, each with its mirrored partner."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from chirality.rules import program_command
from chirality.tables import listed


def draw_worlds(
    folder: str | Path, count: int, seed: int = 0, options: Sequence[str] = (), program: Sequence[str] | None = None
) -> Path:
    """Draws scenes into a new folder, and returns the file of rows with their mirrors, as `load_pairs` takes it.

    The same count, seed and options give the same bytes.
    options: further ones of `chirality worlds`, as ["--families", "side"].
    Raises RuntimeError if the program is not there, or refuses.
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
