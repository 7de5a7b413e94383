"""Datasets: the rows of `*.qa.jsonl` files."""

import hashlib
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageOps

from chirality.pictures import Html, Shown, as_text, depth_range, open_image, picture_file, plain_bytes, show
from chirality.tables import Record, Table, read_lines

if TYPE_CHECKING:
    import datasets


class Row(Record):
    """Row as in its file (docs/reference.md, Sample), with the folder of its images."""

    def __init__(self, record: Record, root: Path) -> None:
        super().__init__(record)
        self.root = root

    @property
    def images(self) -> list[Any]:
        """Opened images of the row. Raises ValueError for an image that is not a file next to the dataset."""
        return [open_image(self.root, reference) for reference in references(self)]

    @property
    def files(self) -> list[Path]:
        """Image files of the row. Raises ValueError for an image that is not a file next to the dataset."""
        return [picture_file(self.root, reference) for reference in references(self)]

    @property
    def mirror(self) -> Record | None:
        """Mirror of the row, if it is trusted: the rules were sure, or a person accepted it."""
        return trusted_mirror(self)

    def show(self) -> Html:
        """Shows the row next to its mirror, with boxes in pixels."""
        pictures = self.images
        views = [self._shown("original", pictures, self)]
        mirror = self.mirror
        if mirror is not None:
            shown = references(mirror)
            pictures = [open_image(self.root, reference) for reference in shown] if shown else pictures
            mirrored = [ImageOps.mirror(picture) for picture in pictures]
            views.append(self._shown("mirror", mirrored, mirror))
        return show(views, str(self["id"]))

    def _shown(self, title: str, pictures: list[Any], fields: Record) -> Shown:
        question, answer = as_text(fields.get("question")), as_text(fields.get("answer"))
        return Shown(title, pictures, question, answer, self._boxes(fields))

    def _boxes(self, fields: Record) -> Any:
        return fields.get("boxes") or [] if self.get("box_format") == "xyxy_px" else []


class Rows(Table[Row]):
    """Rows of a dataset."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: (Row(record, path.parent) for record in read_lines(path)))

    def to_dataset(self) -> "datasets.Dataset":
        """Returns a datasets.Dataset: id, question, answer, choices, `images` (Image feature), and `row` (all fields).

        Images are as models see them: the bytes of their files, or PNG (`plain_bytes`). `write_rows` is the inverse.
        """
        import datasets

        features = datasets.Features(
            {
                "id": datasets.Value("string"),
                "question": datasets.Value("string"),
                "answer": datasets.Value("string"),
                "choices": datasets.List(datasets.Value("string")),
                "images": datasets.List(datasets.Image()),
                "row": datasets.Value("string"),
            }
        )
        rows = [
            {
                **_columns(row),
                "images": [
                    {"bytes": plain_bytes(file, depth_range(row.root, reference)), "path": file.name}
                    for file, reference in zip(row.files, references(row), strict=True)
                ],
                "row": json.dumps(row, ensure_ascii=False),
            }
            for row in iter(self)
        ]
        return datasets.Dataset.from_list(rows, features=features)


def _columns(row: Record) -> Record:
    """Returns the fields of a row that have separate columns."""
    return {
        "id": str(row["id"]),
        "question": row["question"],
        "answer": str(row["answer"]),
        "choices": row.get("choices") or [],
    }


def write_rows(dataset: Any, path: str | Path) -> None:
    """Writes a dataset that `to_dataset` made, from the Hub or from parquet, as `*.qa.jsonl` with its images.

    Images are written to `images/` next to it. Changes in the columns id, question, answer and choices are kept.
    Raises FileExistsError if the file exists.
    """
    import datasets

    file = Path(path)
    if file.exists():
        raise FileExistsError(f"{path} is there already.")
    folder = file.parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    encoded = dataset.cast_column("images", datasets.List(datasets.Image(decode=False)))
    unfinished = file.with_name(file.name + ".unfinished")
    with unfinished.open("w", encoding="utf-8") as out:
        for record in encoded:
            row = json.loads(record["row"])
            given = _columns(row)
            row.update({name: record[name] for name in given if record[name] != given[name]})
            names = [_keep(picture["bytes"], folder) for picture in record["images"]]
            row.pop("image", None)
            row["images"] = [
                {**before, "path": name} if isinstance(before, dict) else name
                for before, name in zip(references(json.loads(record["row"])), names, strict=True)
            ]
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    unfinished.rename(file)


def _keep(picture: bytes, folder: Path) -> str:
    """Writes an image under the hash of its bytes. Returns its path relative to the dataset."""
    with Image.open(io.BytesIO(picture)) as opened:
        ending = (opened.format or "png").lower()
    name = f"{hashlib.sha256(picture).hexdigest()[:16]}.{ending}"
    (folder / name).write_bytes(picture)
    return f"images/{name}"


def references(row: Record) -> list[Any]:
    """Returns the references of a row's images."""
    return list(row.get("images") or [one for one in [row.get("image")] if one is not None])


def read_rows(path: str | Path) -> Rows:
    """Returns the rows of a `*.qa.jsonl` file, read in bounded memory."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    return Rows(file)


def trusted_mirror(row: Record) -> Record | None:
    """Returns a row's mirror, if the rules were sure or a person accepted it for the current row."""
    mirror: Record = (row.get("variants") or {}).get("mirror") or {}
    return mirror if is_trusted(mirror) and not older_text(row, mirror) else None


def is_trusted(variant: Record | None) -> bool:
    """Whether the rules were sure of a variant, or a person accepted it."""
    if not variant:
        return False
    review = variant.get("review")
    if review is not None:
        return review.get("state") in ("accepted", "edited")
    return variant.get("status") in ("flipped", "invariant")


def older_text(row: Record, variant: Record) -> bool:
    """Whether a person decided on the variant for an older text of the row or the variant (docs/annotate.md)."""
    judged = (variant.get("review") or {}).get("judged")
    if not isinstance(judged, dict):
        return False
    parts = ("question", "answer", "choices", "boxes", "points", "masks")
    pictures = [_path_of(one) for one in references(row)]
    shown = variant.get("images")
    places = shown and [pictures.index(one) if one in pictures else one for one in map(_path_of, shown)]

    def seen(of: Record) -> list[Any]:
        return [*(of.get(part) for part in parts), *([of["answers"]] if of.get("answers") else [])]

    def is_now(key: str, now: list[Any], rest: list[Any]) -> bool:
        hashed = fingerprint(now)
        if any(part is not None for part in rest):
            hashed += f"-{fingerprint(_in_order(rest))}"
        # Older decisions contain the first hash only.
        return judged.get(key) in (hashed, hashed.split("-")[0])

    return not (
        is_now("hash", [*seen(row), pictures], _rest_of(row))
        and is_now("variant", seen(variant), [*_rest_of(variant), places])
    )


# Facts in `meta` that affect rewriting, in the order of the program (src/rows/sample/judged.ts).
FACTS = (
    *("order_near_to_far", "order_left_to_right", "order_small_to_big", "counts", "depths", "no_tie"),
    *("keypoint_names", "pixel_indices", "viewpoint", "laterality", "rig"),
)


def _rest_of(of: Record) -> list[Any]:
    meta = of.get("meta") or {}
    facts = [meta.get(key) if of.get(key) is None else of[key] for key in FACTS]
    return [*(of.get(key) for key in ("reasoning", "scene_graph", "box_format", "clip")), *facts]


def _path_of(image: Any) -> Any:
    return image if isinstance(image, str) else image.get("path", {**image, "w": 0, "h": 0})


def _in_order(value: Any) -> Any:
    """Sorts the keys of objects in a value by UTF-16 units, as the program does."""
    if isinstance(value, list | tuple):
        return [_in_order(one) for one in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    return [[key, _in_order(value[key])] for key in keys]


def fingerprint(value: Any) -> str:
    """Returns cyrb128 of a value's JavaScript JSON, in hex digits; the program computes the same hash."""
    text = javascript(value).encode("utf-16-le", "surrogatepass")
    a, b, c, d = 1779033703, 3144134277, 1013904242, 2773480762
    for low, high in zip(text[::2], text[1::2], strict=True):
        k = low | high << 8
        a = b ^ (a ^ k) * 597399067 & MASK
        b = c ^ (b ^ k) * 2869860233 & MASK
        c = d ^ (c ^ k) * 951274213 & MASK
        d = a ^ (d ^ k) * 2716044179 & MASK
    a = (c ^ a >> 18) * 597399067 & MASK
    b = (d ^ b >> 22) * 2869860233 & MASK
    c = (a ^ c >> 17) * 951274213 & MASK
    d = (b ^ d >> 19) * 2716044179 & MASK
    return "".join(f"{part:08x}" for part in (a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a))


MASK = 0xFFFFFFFF


def javascript(value: Any) -> str:
    """Returns JSON as JavaScript writes it: without spaces, and integral numbers without a decimal point."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{javascript(str(key))}:{javascript(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(javascript, value)) + "]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, float) and abs(value) >= 1e-6:
        return format(Decimal(repr(value)), "f")
    if isinstance(value, float):
        return re.sub(r"e-0", "e-", repr(value))
    return json.dumps(value, ensure_ascii=False)
