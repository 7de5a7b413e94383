"""Task of lmms-eval with both views of every row (https://github.com/EvolvingLMMs-Lab/lmms-eval)."""

import json
import math
from pathlib import Path
from typing import Any

from PIL import Image

from chirality.harness import Judge, figures, messages_of
from chirality.pictures import as_seen
from chirality.tables import Record

_JUDGE = Judge()
"""Not an attribute of BothViews, because lmms-eval copies that object."""


class BothViews:
    """Functions in a task's YAML file, for the folder that `chirality benchmark task --to lmms-eval` wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def messages(self, doc: Record, lmms_eval_specific_kwargs: Any = None) -> list[Record]:
        """Returns the messages for chat models."""
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
        """Returns the images, for models whose prompt is one text."""
        return [_open(part["image"]) for part in self._parts(doc) if part["type"] == "image"]

    def text(self, doc: Record, lmms_eval_specific_kwargs: Any = None) -> str:
        """Returns the text, for models whose prompt is one text."""
        return "".join(part["text"] for part in self._parts(doc) if part["type"] == "text")

    def judge(self, doc: Record, results: list[str]) -> Record:
        """Scores one answer. Raises ValueError if questions are repeated."""
        if len(results) != 1:
            raise ValueError("The task asks every question once: leave --num_samples away.")
        row = json.loads(doc["row"])
        judged = _JUDGE(row, results[0])
        # Unscored answers count as 0; an accuracy of only scored answers, mostly right, would be too high.
        answer = {"counted": int(judged["right"] is True), "picture": row.get("picture", doc["pair"])}
        # An unparsed answer counts as wrong; an answer that no rule scores makes the metric a bound.
        score = {"right": 1, "wrong": 0, "unparsed": 0}.get(judged["verdict"])
        # Omits `counted`, because lmms-eval would report an answer's error as a pair's error.
        pair = {"score": score, "pair": doc["pair"], "view": doc["view"], "judged": judged}
        return {"accuracy": answer, "both_right": pair, "both_right_stderr": pair, "consistent_wrong": pair}

    def _parts(self, doc: Record) -> list[Record]:
        return [part for message in messages_of(self.folder, doc) for part in message["content"]]


def accuracy(scores: list[Record]) -> float:
    """Returns the share of right answers in both views together."""
    return float(sum(score["counted"] for score in scores) / len(scores)) if scores else math.nan


def both_right_stderr(scores: list[Record]) -> float:
    """Returns the standard error of `both_right`, clustered by image; lmms-eval shows it after the value."""
    return _figure("both_right_stderr", scores)


def both_right(scores: list[Record]) -> float:
    """Returns the share of pairs with both views right; its lower bound if some answers are not scored."""
    return _figure("both_right", scores)


def consistent_wrong(scores: list[Record]) -> float:
    """Returns the share of pairs whose answers agree and are not both right."""
    return _figure("consistent_wrong", scores)


def _figure(name: str, scores: list[Record]) -> float:
    told = figures(score["judged"] for score in scores)
    return told.get(name, told.get(f"{name}_least", math.nan))


def _open(path: str) -> Image.Image:
    with Image.open(path) as picture:
        return as_seen(picture)
