"""Images of rows and traces, opened only within their root, and shown next to each other in a notebook."""

import base64
import difflib
import html
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageDraw, ImageOps

Reference = str | dict[str, Any]

DEPTH_FILE = "depth-range.json"
"""File with the depth range of the 16-bit images in its folder and below (`chirality data check --depth`)."""


def open_image(root: Path, reference: Reference) -> Image.Image:
    """Opens an image of a row as models see it (`as_seen`), with the depth range that is stored below `root`.

    Raises ValueError as `picture_file` does.
    """
    return as_seen(Image.open(picture_file(root, reference)), depth_range(root, reference))


def depth_range(root: Path, reference: Reference) -> tuple[int, int] | None:
    """Returns the values that become black and white in a 16-bit grey image; None for the upper 8 bits.

    The nearest `DEPTH_FILE` counts, in the image's folder or above, up to `root`. Raises ValueError if it has no range.
    """
    name = reference if isinstance(reference, str) else reference.get("path", "")
    for folder in (root / name).parents:
        if (folder / DEPTH_FILE).is_file():
            value = json.loads((folder / DEPTH_FILE).read_text(encoding="utf-8"))
            text = str(value.get("depth_range")) if isinstance(value, dict) else ""
            values = re.fullmatch(r"(\d+)\.\.(\d+)", text)
            if values is None and text != "upper":
                raise ValueError(f"{folder / DEPTH_FILE} contains no depth range.")
            return (int(values[1]), int(values[2])) if values else None
        if folder == root:
            break
    return None


def as_seen(image: Image.Image, depth: tuple[int, int] | None = None) -> Image.Image:
    """Converts an image to RGB: rotated by EXIF, transparency over white, 8 of 16 bits, the first frame.

    16-bit grey is scaled by a depth range, otherwise reduced to the upper 8 bits. The program and its engines do the
    same (`decode` in chirality_worker/images.py, `decodeImage`, `ImageFiles.bytes`).
    """
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        key = image.info.get("transparency")
        values = np.asarray(image).astype(np.uint32)
        grey = values >> 8
        if depth is not None:
            low, high = depth
            grey = np.rint(np.clip((values - float(low)) * 255 / (high - low), 0, 255))
        image = Image.fromarray(np.where(values == key, 255, grey).astype(np.uint8))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")


def plain_bytes(file: Path, depth: tuple[int, int] | None = None) -> bytes:
    """Returns an image for other programs: the file if all read it as models see it, otherwise PNG (`as_seen`)."""
    data = file.read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        if (
            image.format in ("JPEG", "PNG", "WEBP")
            and image.mode == "RGB"
            and not image.has_transparency_data
            and getattr(image, "n_frames", 1) == 1
            and image.getexif().get(ExifTags.Base.Orientation, 1) == 1
        ):
            return data
        out = io.BytesIO()
        as_seen(image, depth).save(out, "PNG")
    return out.getvalue()


def picture_file(root: Path, reference: Reference) -> Path:
    """Returns the file of an image of a row.

    Raises ValueError for an image that is not a file, or is outside `root`.
    """
    name = reference if isinstance(reference, str) else reference.get("path")
    if isinstance(reference, dict) and "video" in reference:
        raise ValueError(f"An image is a frame of {reference['video']}: `chirality data frames` writes them as files.")
    if name is None:
        raise ValueError(
            "An image is not a file: `chirality convert --extract-images` makes files of images in tables."
        )
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError(f"{name} lies outside of {root}.")
    return path


@dataclass
class Shown:
    """View to show. `pictures` is empty if no image could be opened; `lack` then contains the reason."""

    title: str
    pictures: Sequence[Image.Image]
    question: str
    answer: str
    boxes: Sequence[Sequence[float]] = ()
    lines: Sequence[str] = ()
    lack: str = ""


def as_text(value: Any) -> str:
    """Returns a question or an answer as text: values that are not strings as JSON, and None as "not known"."""
    if value is None:
        return "not known"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class Html:
    """HTML for a notebook, without scripts and with all text escaped."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return self.text


def show(views: Sequence[Shown], heading: str = "") -> Html:
    """Shows views next to each other; marks words that the first view lacks."""
    cells = "".join(_cell(view, views[0]) for view in views)
    top = f'<div style="margin-bottom:.5em">{html.escape(heading)}</div>' if heading else ""
    return Html(f'{top}<table><tr style="vertical-align:top">{cells}</tr></table>')


def _cell(view: Shown, first: Shown) -> str:
    # Several images, such as the frames of a clip, form a strip. Boxes belong to the first one.
    several = len(view.pictures) > 1
    pictures = "".join(
        _picture(picture, () if i else view.boxes, 110 if several else 360) for i, picture in enumerate(view.pictures)
    )
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in view.lines)
    lack = f"<em>{html.escape(view.lack)}</em>" if view.lack else ""
    return (
        f'<td style="text-align:left"><b>{html.escape(view.title)}</b><br>{pictures}<br>{lack}'
        f"<p>{marked(view.question, first.question)}<br>→ {marked(view.answer, first.answer)}</p>"
        f"<ol>{lines}</ol></td>"
    )


def _picture(picture: Image.Image, boxes: Sequence[Sequence[float]], most: int) -> str:
    drawn = picture.copy()
    pen = ImageDraw.Draw(drawn)
    for box in boxes:
        pen.rectangle([float(edge) for edge in box], outline=(230, 120, 0), width=max(1, drawn.width // 200))
    bytes_ = io.BytesIO()
    drawn.save(bytes_, "PNG")
    data = base64.b64encode(bytes_.getvalue()).decode()
    width = min(most, max(160, drawn.width))
    return f'<img src="data:image/png;base64,{data}" style="display:inline;width:{width}px;margin-right:2px">'


def marked(text: str, reference: str) -> str:
    """Returns the text as HTML, with words marked that the reference lacks."""
    words, before = (re.split(r"(\s+)", one) for one in (text, reference))
    parts: list[str] = []
    for kind, start, end, *_ in difflib.SequenceMatcher(a=words, b=before, autojunk=False).get_opcodes():
        part = html.escape("".join(words[start:end]))
        parts.append(part if kind == "equal" or not part.strip() else f"<mark>{part}</mark>")
    return "".join(parts)
