"""Data sets: the rows of `*.qa.jsonl` files."""

from pathlib import Path
from typing import Any

from PIL import ImageOps

from chirality.pictures import Html, Shown, open_image, show
from chirality.tables import Record, Table, read_lines


class Row(Record):
    """A row as its file has it (docs/records.md, Sample), which knows where its pictures are."""

    def __init__(self, record: Record, root: Path) -> None:
        super().__init__(record)
        self.root = root

    @property
    def images(self) -> list[Any]:
        """Its pictures, opened. Raises ValueError for one that is no file beside the data set."""
        references = self.get("images") or [one for one in [self.get("image")] if one is not None]
        return [open_image(self.root, reference) for reference in references]

    @property
    def mirror(self) -> Record | None:
        """Its mirror, if it can be trusted: the rules were sure, or a person accepted it."""
        mirror = (self.get("variants") or {}).get("mirror")
        return mirror if is_trusted(mirror) else None

    def show(self) -> Html:
        """The row beside its mirror, with boxes in pixels."""
        pictures = self.images
        views = [Shown("original", pictures, self["question"], self["answer"], self._boxes(self))]
        mirror = self.mirror
        if mirror is not None:
            mirrored = [ImageOps.mirror(picture) for picture in pictures]
            views.append(Shown("mirror", mirrored, mirror["question"], mirror["answer"], self._boxes(mirror)))
        return show(views, str(self["id"]))

    def _boxes(self, fields: Record) -> Any:
        return fields.get("boxes") or [] if self.get("box_format") == "xyxy_px" else []


class Rows(Table[Row]):
    """The rows of a data set."""

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: (Row(record, path.parent) for record in read_lines(path)))

    def to_dataset(self) -> Any:
        """A datasets.Dataset of texts and pictures: id, question, answer, choices and `images`, an Image feature."""
        import datasets

        features = datasets.Features(
            {
                "id": datasets.Value("string"),
                "question": datasets.Value("string"),
                "answer": datasets.Value("string"),
                "choices": datasets.List(datasets.Value("string")),
                "images": datasets.List(datasets.Image()),
            }
        )
        rows = [
            {
                "id": str(row["id"]),
                "question": row["question"],
                "answer": str(row["answer"]),
                "choices": row.get("choices") or [],
                "images": row.images,
            }
            for row in self
        ]
        return datasets.Dataset.from_list(rows, features=features)


def read_rows(path: str | Path) -> Rows:
    """The rows of a `*.qa.jsonl` file, in bounded memory."""
    file = Path(path)
    if not file.is_file():
        raise FileNotFoundError(f"There is no file {path}.")
    return Rows(file)


def is_trusted(variant: Record | None) -> bool:
    """Whether rules were sure of a rewritten form, or a person accepted it."""
    if not variant:
        return False
    review = variant.get("review")
    if review is not None:
        return review.get("state") in ("accepted", "edited")
    return variant.get("status") in ("flipped", "invariant")
