"""Shared code for evaluation harnesses that run tasks of `chirality benchmark task` (docs/evaluation.md)."""

import json
import math
import queue
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from chirality.rules import ask_program, program_command
from chirality.tables import Record, read_lines

PATIENCE = 120
"""Maximum wait for a score, in seconds. Scoring takes milliseconds, plus the start of the program."""


def read_questions(folder: str | Path) -> list[Record]:
    """Returns the questions of a task: `id`, `pair`, `view`, `messages`, `answer`, and `row` for scoring."""
    return [{**one, "row": json.loads(one["row"])} for one in read_lines(Path(folder) / "rows.jsonl")]


def messages_of(folder: Path, question: Record) -> list[Record]:
    """Returns the messages of a question, with the paths of its images."""
    return [
        {
            "role": message["role"],
            "content": [
                {"type": "image", "image": str(folder / part["image"])}
                if part["type"] == "image"
                else {"type": "text", "text": part["text"]}
                for part in message["content"]
            ],
        }
        for message in question["messages"]
    ]


class Judge:
    """Scorer of single answers by the rules of the `chirality` program, which it starts once."""

    def __init__(self, program: Sequence[str] | None = None) -> None:
        self._given = program
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()
        self._turn = threading.Lock()

    def __call__(self, row: Record, completion: str) -> Record:
        """Returns the row with `completion`, `right` (None if no rule can decide) and `score`.

        Raises RuntimeError if the program is missing, or cannot score the row.
        """
        with self._turn:
            process = self._process or self._start()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps({**row, "completion": completion}) + "\n")
                process.stdin.flush()
                line = self._lines.get(timeout=PATIENCE)
            except (OSError, queue.Empty):
                line = ""
            if line:
                judged: Record = json.loads(line)
                # Harnesses log this result, and `meta` can be large.
                judged.pop("meta", None)
                return judged
            process.kill()
            self._process = None
            self._said.seek(0)
            raise RuntimeError(f"{row['id']}: chirality cannot judge the answer. {self._said.read().strip()}")

    def _start(self) -> subprocess.Popen[str]:
        self._said = tempfile.TemporaryFile(  # noqa: SIM115 (open as long as the process)
            "w+", encoding="utf-8"
        )
        process = subprocess.Popen(
            [*program_command(self._given), "score", "--quiet"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            encoding="utf-8",
        )
        lines: queue.Queue[str] = queue.Queue()
        self._lines = lines

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put("")

        threading.Thread(target=listen, daemon=True).start()
        self._process = process
        return process


def figures(judged: Iterable[Record], program: Sequence[str] | None = None) -> dict[str, float]:
    """Returns shares of pairs for all answers of a task, as scored by `Judge`. Shares without any pair are absent.

    If no rule can score some answers, a share has bounds only: `both_right_least` and `both_right_most` then replace
    `both_right`.

    A known share also has its standard error, such as `both_right_stderr`, clustered by image (`standard_errors`).

    `original` and `mirror` (the accuracy of each view), `both_right`, `only_original`, `only_mirror`, `neither`; of the
    pairs whose answers can be compared, `consistent_wrong` (they agree and are not both right) and `inconsistent`.
    """
    rows = list(judged)
    if not rows:
        return {}
    (report,) = ask_program(["metrics", "--json"], rows, program)
    shares: dict[str, Record] = {one["metric"]: one for one in report["metrics"] if one["task"] == "views"}
    named = {"both_right" if name == "consistent" else name: shares[name] for name in SHARES if name in shares}
    of_views = {one["metric"]: one for one in report.get("views", []) if one["metric"] in OF_ANSWERS}
    told: dict[str, float] = {}
    for name, one in {**named, **of_views}.items():
        if one["value"] is not None:
            told[name] = one["value"]
        elif "bounds" in one:
            told[f"{name}_least"], told[f"{name}_most"] = one["bounds"]
    errors = standard_errors(rows)
    return told | {f"{name}_stderr": error for name, error in errors.items() if name in told}


def standard_errors(rows: Iterable[Record]) -> dict[str, float]:
    """Returns standard errors of the shares of pairs, clustered by image, over the pairs with scored answers.

    With e the difference of a pair from the mean of all n, summed over each of c images, the error is sqrt(c / (c - 1)
    * sum of squares of these sums) / n; with one pair per image, that of a mean. `consistent_wrong` and `inconsistent`,
    which compare answers, have none.
    """
    pairs: dict[str, dict[str, Record]] = {}
    for row in rows:
        pairs.setdefault(str(row["id"]), {})[row["view"]] = row
    whole = [
        (one["original"], one["mirror"])
        for one in pairs.values()
        if len(one) == 2 and all(_right(view) is not None for view in one.values())
    ]
    counted: dict[str, Callable[[bool, bool], bool]] = {
        "original": lambda original, _: original,
        "mirror": lambda _, mirror: mirror,
        "both_right": lambda original, mirror: original and mirror,
        "only_original": lambda original, mirror: original and not mirror,
        "only_mirror": lambda original, mirror: mirror and not original,
        "neither": lambda original, mirror: not original and not mirror,
    }
    errors: dict[str, float] = {}
    for name, counts in counted.items():
        values = [float(counts(*(bool(_right(view)) for view in pair))) for pair in whole]
        sums: dict[str, float] = {}
        for value, (original, _) in zip(values, whole, strict=True):
            picture = original.get("picture") or original["id"]
            sums[picture] = sums.get(picture, 0.0) + value - sum(values) / len(values)
        if len(sums) > 1:
            scale = len(sums) / (len(sums) - 1)
            errors[name] = math.sqrt(scale * sum(one**2 for one in sums.values())) / len(values)
    return errors


def _right(judged: Record) -> bool | None:
    """Whether an answer is right by the metric of its task; None if the task has none, or no rule can decide."""
    said = [judged["score"][name] for name in RIGHT if judged["score"].get(name) is not None]
    return bool(said[0]) if said else None


RIGHT = ("correct", "success", "acc75", "inside")
"""Fields of a score that contain whether the answer is right, by task."""
SHARES = ("original", "mirror", "consistent", "only_original", "only_mirror", "neither")
OF_ANSWERS = ("consistent_wrong", "inconsistent")
