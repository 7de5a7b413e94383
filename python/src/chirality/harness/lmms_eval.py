"""Both views of every row as one task of lmms-eval (https://github.com/EvolvingLMMs-Lab/lmms-eval)."""

import json
import math
from pathlib import Path
from typing import Any

from PIL import Image

from chirality.harness import Judge, figures, messages_of
from chirality.pictures import as_seen
from chirality.tables import Record

_JUDGE = Judge()
"""Outside of the object, which lmms-eval copies."""


class BothViews:
    """What the YAML file of a task names, for the folder that `chirality benchmark task --to lmms-eval` wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def messages(self, doc: Record, lmms_eval_specific_kwargs: Any = None) -> list[Record]:
        """The messages as chat models are asked."""
        return [
            {
                "role": message["role"],
                "content": [
                    {"type": "image", "url": _open(part["image"])} if part["type"] == "image" else part
                    for part in message["content"]
                ],
            }
            for message in messages_of(self.folder, doc)
        ]

    def pictures(self, doc: Record) -> list[Image.Image]:
        """The images, for models that are asked with one text."""
        return [_open(part["image"]) for part in self._parts(doc) if part["type"] == "image"]

    def text(self, doc: Record, lmms_eval_specific_kwargs: Any = None) -> str:
        """The text, for models that are asked with one text."""
        return "".join(part["text"] for part in self._parts(doc) if part["type"] == "text")

    def judge(self, doc: Record, results: list[str]) -> Record:
        """What one answer counts as. Raises ValueError where questions are asked several times."""
        if len(results) != 1:
            raise ValueError("The task asks every question once: leave --num_samples away.")
        row = json.loads(doc["row"])
        judged = _JUDGE(row, results[0])
        # Left out, it would make the accuracy one of the judged answers alone, which are mostly the right ones.
        answer = {"counted": int(judged["right"] is True), "picture": row.get("picture", doc["pair"])}
        # An answer that cannot be read counts as wrong; one that no rule judges leaves the figure open.
        score = {"right": 1, "wrong": 0, "unparsed": 0}.get(judged["verdict"])
        # Without `counted`, of which lmms-eval would take the error of an answer for that of a pair.
        pair = {"score": score, "pair": doc["pair"], "view": doc["view"], "judged": judged}
        return {"accuracy": answer, "both_right": pair, "both_right_stderr": pair, "consistent_wrong": pair}

    def _parts(self, doc: Record) -> list[Record]:
        return [part for message in messages_of(self.folder, doc) for part in message["content"]]


def accuracy(scores: list[Record]) -> float:
    """The share of answers that are right, in whichever view."""
    return float(sum(score["counted"] for score in scores) / len(scores)) if scores else math.nan


def both_right_stderr(scores: list[Record]) -> float:
    """The standard error of `both_right`, clustered by image; lmms-eval shows it behind the figure."""
    return _figure("both_right_stderr", scores)


def both_right(scores: list[Record]) -> float:
    """The share of pairs that are right in both views; where answers are not judged, the least that it can be."""
    return _figure("both_right", scores)


def consistent_wrong(scores: list[Record]) -> float:
    """The share of pairs whose answers agree and are not both right."""
    return _figure("consistent_wrong", scores)


def _figure(name: str, scores: list[Record]) -> float:
    told = figures(score["judged"] for score in scores)
    return told.get(name, told.get(f"{name}_least", math.nan))


def _open(path: str) -> Image.Image:
    with Image.open(path) as picture:
        return as_seen(picture)
