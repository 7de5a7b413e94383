"""Rows and their mirrors as a dataset of TRL. Images are opened only when a row is read."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from PIL import Image, ImageOps

from chirality.pictures import as_seen, depth_range, picture_file
from chirality.rows import references, trusted_mirror
from chirality.rules import reference_text
from chirality.spatial_grpo.coupling import VIEWS
from chirality.tables import Record

OTHER_SLOTS = ("row_graph", "shuffled_graph", "description")
"""Slots of scene graphs, which only the program can fill."""
PLACEHOLDER = re.compile(r"<image>\s*")


def load_pairs(path: str | Path, prompt: str = "{question}") -> Dataset:
    """Loads a `*.qa.jsonl` with the mirrors of `chirality view mirror`, each row followed by its mirror.

    Columns and prompts are those of `chirality convert --to trl`. Images are opened, and mirrored for the mirror, when
    a row is read; the rest takes a few kB per row. Rows whose mirror is missing or pending are left out, as in
    Chirality's own training with `views.unpaired: drop`; their number is printed.

    prompt: the text of the message. {question} is replaced by the question, followed by its options unless {choices}
        or {lettered} shows them elsewhere.
    Raises ValueError, with file and line, for a row that cannot be read, duplicates the id of another row, or has a
    missing image.
    """
    path = Path(path)
    _check_prompt(prompt)
    rows: list[Record] = []
    lines: dict[str, int] = {}
    left_out = 0
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = _checked(json.loads(line))
                mirror = trusted_mirror(row)
                if mirror is None:
                    left_out += 1
                    continue
                name = str(row["id"])
                if lines.setdefault(name, number) != number:
                    raise ValueError(f'The id "{name}" is already used on line {lines[name]}.')
                mirrored = _checked({"choices": row.get("choices"), **mirror, "id": name})
                for view, seen in zip(VIEWS, (row, mirrored), strict=True):
                    # The mirror of a rig shows its images in another order.
                    shown = references(seen) or references(row)
                    files = [str(_existing(path.parent, reference)) for reference in shown]
                    rows.append(
                        {
                            "prompt": [{"role": "user", "content": _fill(prompt, seen)}],
                            "images": files,
                            "solution": reference_text(seen),
                            "answers": seen.get("answers"),
                            "pair": name,
                            "view": view,
                        }
                    )
            except ValueError as error:
                raise ValueError(f"{path}:{number}: {error}") from error
    if left_out > 0:
        print(f"{path.name}: {left_out} rows have no trusted mirror, and are left out.")
    if not rows:
        raise ValueError(f"{path} has no row with a trusted mirror: `chirality view mirror` writes them.")
    pairs = Dataset.from_list(rows)
    pairs.set_transform(with_pictures)
    return pairs


def with_pictures(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Opens the images of a batch in the view of each row, each file once per view."""
    if "images" not in batch or "view" not in batch:
        return batch
    opened: dict[tuple[str, str], Image.Image] = {}

    def seen(name: str, view: str) -> Image.Image:
        if (name, view) not in opened:
            file = Path(name)
            picture = as_seen(Image.open(file), depth_range(Path(file.anchor), name))
            opened[name, view] = ImageOps.mirror(picture) if view == "mirror" else picture
        return opened[name, view]

    images = [[seen(name, view) for name in names] for names, view in zip(batch["images"], batch["view"], strict=True)]
    return {**batch, "images": images}


def _checked(row: Any) -> Record:
    """Returns the row if it has all required fields. Raises ValueError otherwise."""
    if not isinstance(row, dict):
        raise ValueError("This is not an object.")
    for name in ("id", "question", "answer"):
        if row.get(name) is None:
            raise ValueError(f'It has no "{name}".')
    if not isinstance(row["question"], str):
        raise ValueError('Its "question" is not a text.')
    return row


def _existing(root: Path, reference: Any) -> Path:
    file = picture_file(root, reference)
    if not file.is_file():
        raise ValueError(f"The image {file} is not there.")
    return file


def _check_prompt(prompt: str) -> None:
    if "{question}" not in prompt:
        raise ValueError("The prompt must contain {question}.")
    for slot in OTHER_SLOTS:
        if f"{{{slot}}}" in prompt:
            raise ValueError(
                f"{{{slot}}} is filled by the program: `chirality convert --to trl --prompt` makes a dataset with it."
            )


def _fill(prompt: str, row: Record) -> str:
    """Fills the slots of the prompt. Removes `<image>`, because TRL itself puts images before the text."""
    choices = [str(one) for one in row.get("choices") or []]
    listed = _listed(choices)
    asks_alone = not choices or "{choices}" in prompt or "{lettered}" in prompt
    question = row["question"]
    slots = {
        # Wording of the code of arXiv 2507.13362.
        "question": question if asks_alone else f"{question} Choose between the following options: {listed}.",
        "choices": listed,
        "lettered": "\n".join(f"({letter_of(i)}) {one}" for i, one in enumerate(choices)),
    }
    text = re.sub(r"\{(\w+)\}", lambda slot: slots.get(slot[1], slot[0]), prompt, flags=re.ASCII)
    return PLACEHOLDER.sub("", text)


def _listed(choices: Sequence[str]) -> str:
    """Lists choices as "a, b or c"; with letters, if a choice contains a comma, "or" or a line break."""
    if any(re.search(r",|\n|\sor\s", one) for one in choices):
        return " ".join(f"({letter_of(i)}) {one}" for i, one in enumerate(choices))
    return "".join(choices) if len(choices) < 2 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def letter_of(index: int) -> str:
    """Returns A … Z, AA, AB …"""
    last = chr(65 + index % 26)
    return last if index < 26 else letter_of(index // 26 - 1) + last
