"""The rules of language, which are those of the `chirality` program: they stand in one place."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from typing import Any

from chirality.tables import Record


def mirror(rows: Iterable[Record], program: Sequence[str] | None = None) -> list[Record]:
    """Adds `variants.mirror` to rows (docs/mirror.md): rewritten, deferred or discarded, with the reason.

    program: how to call Chirality, as ["node", "chirality/dist/cli.js"]; otherwise CHIRALITY_PROGRAM or `chirality`.
    Raises RuntimeError if the program is not there, or refuses the rows.
    """
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    if not lines:
        return []
    done = subprocess.run([*_program(program), "mirror"], input=lines, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    out: list[Any] = [json.loads(line) for line in done.stdout.splitlines()]
    return out


def _program(given: Sequence[str] | None) -> list[str]:
    if given:
        return list(given)
    named = os.environ.get("CHIRALITY_PROGRAM")
    if named:
        return [named]
    found = shutil.which("chirality")
    if found is None:
        raise RuntimeError(
            "The program `chirality` is not on the PATH. Build it (`npm ci` in its repository, then `npm link`), or "
            'pass it: mirror(rows, program=["node", "…/dist/cli.js"]).'
        )
    return [found]
