"""Language rules, computed by the `chirality` program as their single implementation."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from chirality.tables import Record, listed

Encoder = Callable[[list[str]], Any]
"""Converts texts to one vector each, such as `SentenceTransformer("all-MiniLM-L6-v2").encode`."""


def mirror(rows: Iterable[Record], program: Sequence[str] | None = None) -> list[Record]:
    """Adds `variants.mirror` to rows (docs/rewriting-rules.md): rewritten, deferred or discarded, with the reason.

    program: command of Chirality, such as ["node", "chirality/dist/cli.js"]; default CHIRALITY_PROGRAM or `chirality`.
    Raises RuntimeError if the program is missing, or rejects the rows.
    """
    return _ask(["view", "mirror"], rows, program)


def rewards(
    rows: Iterable[Record],
    completions: Iterable[str],
    encoder: Encoder | None = None,
    extraction: Literal["strict", "lenient"] = "strict",
    program: Sequence[str] | None = None,
) -> list[Record]:
    """Returns training rewards of completions, one per row: `answer_text`, `right` and `rewards`, as in a trace.

    The rewards are those of docs/training.md that need no other view, so all but `agreement`, each with `value`, before
    weighting, and `why`. For a group of completions, repeat the row. A row needs question and answer; in another view,
    those of that view.
    encoder: compares answer and reference for `semantic`; default: the program's lexical encoder.
    extraction: strict rewards only a closed answer block; lenient reads the answer as an evaluation does.
    """
    of, texts = listed(rows, "rows"), listed(completions, "completions")
    if len(of) != len(texts):
        raise ValueError(
            f"The numbers of rows ({len(of)}) and of completions ({len(texts)}) differ: give one completion of each "
            "row, and repeat a row that has several."
        )
    for index, (row, text) in enumerate(zip(of, texts, strict=True)):
        if row.get("answer") is None and not row.get("answers"):
            raise ValueError(f"Row {index} has no answer, by which a completion could be judged.")
        if not isinstance(text, str):
            raise TypeError(f"Completion {index} is not a text: {text!r:.100}")
    asked = [
        {**row, "id": index, "images": [], "completion": completion}
        for index, (row, completion) in enumerate(zip(of, texts, strict=True))
    ]
    scored = _ask(["score", "--rewards", "--extraction", extraction], asked, program)
    if encoder is not None:
        _encode(scored, encoder)
    return [{name: one[name] for name in ("answer_text", "right", "rewards")} for one in scored]


def _encode(scored: list[Record], encoder: Encoder) -> None:
    """Replaces the semantic reward by the cosine between the encoder's vectors."""
    answered = [one for one in scored if one["answer_text"] is not None]
    texts = sorted({text for one in answered for text in (one["answer_text"], *accepted_texts(one))})
    if not texts:
        return
    vectors = dict(zip(texts, np.asarray(encoder(texts), dtype=np.float64), strict=True))
    for one in answered:
        a = vectors[one["answer_text"]]
        one["rewards"]["semantic"]["value"] = max(_cosine(a, vectors[text]) for text in accepted_texts(one))


def _cosine(a: Any, b: Any) -> float:
    length = float(np.sqrt((a @ a) * (b @ b)))
    return float(np.clip(a @ b / length, -1, 1)) if length else 0.0


def accepted_texts(row: Record) -> list[str]:
    """Returns every accepted answer as text, the row's own first."""
    return [reference_text(row), *map(str, row.get("answers") or [])]


def reference_text(row: Record) -> str:
    """Returns the reference answer as text; values that are not strings, such as numbers and boxes, as JSON."""
    answer = row["answer"] if row.get("answer") is not None else row["answers"][0]
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _ask(command: list[str], rows: Iterable[Record], program: Sequence[str] | None) -> list[Any]:
    """Returns the program's output rows, one per row."""
    return ask_program(command, rows, program, one_each=True)


def ask_program(
    command: list[str], rows: Iterable[Record], program: Sequence[str] | None, *, one_each: bool = False
) -> list[Any]:
    """Returns the JSON lines that the program prints about rows. Raises RuntimeError with its message if it fails."""
    lines = [f"{json.dumps(row)}\n" for row in listed(rows, "rows")]
    if not lines:
        return []
    call = program_command(program)
    try:
        done = subprocess.run(
            [*call, *command], input="".join(lines), capture_output=True, text=True, encoding="utf-8", errors="replace"
        )
    except OSError as error:
        raise RuntimeError(f"The program {call[0]} cannot be started: {error.strerror}.") from error
    printed = [line for line in done.stdout.split("\n") if line]
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"{' '.join(call)} ended with {done.returncode}, and said nothing.")
    try:
        made = [json.loads(line) for line in printed]
    except ValueError:
        made = None
    if made is None or (one_each and len(made) != len(lines)):
        said = done.stderr.strip() or "\n".join(printed)[:500]
        raise RuntimeError(
            f"{' '.join(call)} did not print one row of JSON for each of {len(lines)}: is it chirality? {said}".rstrip()
        )
    return made


def program_command(given: Sequence[str] | None) -> list[str]:
    if given:
        return listed(given, "program")
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
