"""Notes on data missing from a trainer's files: the row of a completion, its image, and whether it is right.

One line of a training script writes notes, around the reward function that decides what is right:

    reward_funcs=[with_notes(accuracy, "out/grpo")]            # TRL: its output_dir
    orms["accuracy"] = with_notes(Accuracy)                    # ms-swift, in a plugin: its output_dir
    compute_score = with_notes(compute_score, "out/rollouts")  # verl: trainer.rollout_data_dir

Rewards do not change. In the folder `chirality-notes` next to the trainer's files, each process writes one line per
completion, and each image once. Chirality joins the notes with the completions in the trainer's files
(docs/other-trainers.md).

Read with TRL 1.16.0, ms-swift of 2026-08-22 and verl of 2026-01-29. Part of Chirality, under the same licence.
"""

import hashlib
import inspect
import io
import json
import os
import re
import threading
import uuid
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

__all__ = ["with_notes"]

FOLDER = "chirality-notes"
IDS = ("pair", "sample_id", "id")
"""Columns with the id of a row; `pair` has the same id for both views of a row."""
VIEWS = ("original", "mirror")
PLACEHOLDER = re.compile(r"<image>")


def with_notes(reward: Any, folder: str | Path | None = None) -> Any:
    """Wraps a reward so that it also writes notes: the row of each completion, and whether it is right.

    reward: a reward function of TRL or verl, also an asynchronous one, or a reward class of ms-swift.
        A completion is right if its reward is 1; for a dictionary (verl), if `right` is above 0, or else `score` is 1.
    folder: the output folder of the trainer. None: `output_dir` of ms-swift's arguments.
    """
    if inspect.isclass(reward):
        return _class_with_notes(reward, folder)
    if folder is None:
        raise ValueError("with_notes needs the folder that the trainer writes into.")
    notes = Notes(folder)
    if inspect.iscoroutinefunction(reward) or inspect.iscoroutinefunction(reward.__call__):

        async def later(*args: Any, **columns: Any) -> Any:
            given = await reward(*args, **columns)
            notes.add(given, *args, **columns)
            return given

        return _named(later, reward)

    def at_once(*args: Any, **columns: Any) -> Any:
        given = reward(*args, **columns)
        notes.add(given, *args, **columns)
        return given

    return _named(at_once, reward)


def _named(function: Callable[..., Any], reward: Any) -> Callable[..., Any]:
    # Trainers log rewards under this name.
    function.__name__ = str(getattr(reward, "__name__", type(reward).__name__))
    return function


def _class_with_notes(reward: Any, folder: str | Path | None) -> Any:
    is_asynchronous = inspect.iscoroutinefunction(reward.__call__)

    def begin(self: Any, *args: Any, **named: Any) -> None:
        reward.__init__(self, *args, **named)
        arguments: Any = named.get("args", args[0] if args else None)
        self.chirality_notes = Notes(folder if folder is not None else arguments.output_dir)

    def at_once(self: Any, *args: Any, **columns: Any) -> Any:
        given = reward.__call__(self, *args, **columns)
        self.chirality_notes.add(given, *args, **columns)
        return given

    async def later(self: Any, *args: Any, **columns: Any) -> Any:
        given = await reward.__call__(self, *args, **columns)
        self.chirality_notes.add(given, *args, **columns)
        return given

    return type(reward.__name__, (reward,), {"__init__": begin, "__call__": later if is_asynchronous else at_once})


class Notes:
    """Notes of one process. A folder that cannot be written ends the notes with a warning, not the training."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder) / FOLDER
        self.file = self.folder / f"notes-{uuid.uuid4().hex}.jsonl"
        self.lock = threading.Lock()
        self.has_failed = False

    def add(self, given: Any, *args: Any, **columns: Any) -> None:
        """Records the arguments and the result of a reward call, in the form of any of the three trainers."""
        if "solution_str" in columns:
            rewards, completions = [given], [columns["solution_str"]]
            rows = {name: [value] for name, value in dict(columns.get("extra_info") or {}).items()}
        else:
            rewards, rows = list(given), columns
            completions = columns["completions"] if "completions" in columns else args[0]
        with self.lock:
            if self.has_failed:
                return
            try:
                self._write(rewards, completions, rows)
            except OSError as error:
                self.has_failed = True
                warnings.warn(f"No more notes are kept in {self.folder}: {error}", stacklevel=3)

    def _write(self, rewards: Sequence[Any], completions: Sequence[Any], rows: dict[str, Any]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        names: dict[int, str | None] = {}
        step = getattr(rows.get("trainer_state"), "global_step", None)
        lines = []
        for i, (reward, completion) in enumerate(zip(rewards, completions, strict=True)):
            column = {
                name: values[i]
                for name, values in rows.items()
                if isinstance(values, (list, tuple)) and len(values) == len(completions)
            }
            note = {
                "step": step,
                "completion": hash_of(said(completion)),
                "question": asked(column),
                "id": next((str(column[name]) for name in IDS if column.get(name) is not None), None),
                "view": column["view"] if column.get("view") in VIEWS else None,
                "images": [self._kept(picture, names) for picture in pictures(column)],
                "right": is_right(reward),
            }
            lines.append(json.dumps(note) + "\n")
        with self.file.open("a", encoding="utf-8") as file:
            file.write("".join(lines))

    def _kept(self, picture: Any, names: dict[int, str | None]) -> str | None:
        """Writes an image once. Returns its name; None if it is no image. names: those of this call's images."""
        if id(picture) not in names:
            names[id(picture)] = self._keep(picture)
        return names[id(picture)]

    def _keep(self, picture: Any) -> str | None:
        if isinstance(picture, dict):
            picture = picture.get("bytes") or picture.get("path")
        if isinstance(picture, (str, Path)):
            if not Path(picture).is_file():
                return None
            picture = Path(picture).read_bytes()
        if isinstance(picture, Image.Image):
            pixels = f"{picture.mode} {picture.size} ".encode() + picture.tobytes()
            name = hashlib.sha256(pixels).hexdigest()[:32] + ".png"
        elif isinstance(picture, bytes):
            with Image.open(io.BytesIO(picture)) as opened:
                name = f"{hashlib.sha256(picture).hexdigest()[:32]}.{(opened.format or 'png').lower()}"
        else:
            return None
        # Separate folders keep checks for existing files fast when there are many images.
        file = self.folder / "images" / name[:2] / name
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            unfinished = file.with_name(f"{uuid.uuid4().hex}.unfinished")
            if isinstance(picture, bytes):
                unfinished.write_bytes(picture)
            else:
                picture.save(unfinished, "png")
            os.replace(unfinished, file)
        return name


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def text_of(content: Any) -> str:
    """Returns the text of a message's content, without images."""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text") or "") for part in content or [] if isinstance(part, dict))


def said(completion: Any) -> str:
    """Returns the model's text. Several messages, as in a run with tools, are joined with their roles."""
    if not isinstance(completion, list):
        return str(completion)
    if len(completion) == 1:
        return text_of(completion[0]["content"])
    return "\n\n".join(f"{message['role']}: {text_of(message['content'])}" for message in completion)


def asked(column: dict[str, Any]) -> str | None:
    """Returns the hash of the user's last text, without image placeholders; None if the trainer does not provide it."""
    prompt = column.get("prompts") or column.get("messages")
    if isinstance(prompt, list):
        texts = [text_of(message["content"]) for message in prompt if message.get("role") == "user"]
        prompt = texts[-1] if texts else None
    return None if not isinstance(prompt, str) else hash_of(PLACEHOLDER.sub("", prompt).strip())


def pictures(column: dict[str, Any]) -> list[Any]:
    shown = column.get("images") or column.get("image")
    if shown is None:
        return []
    return list(shown) if isinstance(shown, (list, tuple)) else [shown]


def is_right(reward: Any) -> bool | None:
    if isinstance(reward, dict):
        return float(reward["right"]) > 0 if "right" in reward else is_right(reward.get("score"))
    return None if reward is None else float(reward) == 1
