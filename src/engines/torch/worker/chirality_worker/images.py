"""Image files by hash, decoded as the model sees them."""

import io
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import WorkerError

Image.MAX_IMAGE_PIXELS = 268_000_000

# Pillow rotates counterclockwise, views rotate clockwise.
TURNS = {
    "mirror": Image.Transpose.FLIP_LEFT_RIGHT,
    "flip": Image.Transpose.FLIP_TOP_BOTTOM,
    "rotate:90": Image.Transpose.ROTATE_270,
    "rotate:180": Image.Transpose.ROTATE_180,
    "rotate:270": Image.Transpose.ROTATE_90,
    "transpose": Image.Transpose.TRANSPOSE,
    "antitranspose": Image.Transpose.TRANSVERSE,
}

SIDEWAYS = {"rotate:90", "rotate:270", "transpose", "antitranspose"}
"""Views that swap width and height."""


class Picture(NamedTuple):
    """Image of a prompt: the hash of its file, and the view in which the model sees it."""

    hash: str
    view: str


class ImageFiles:
    """Most recently stored image files; older files are dropped."""

    KEPT = 4096

    def __init__(self) -> None:
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._sizes: dict[str, tuple[int, int]] = {}
        self._canvases: dict[tuple[int, int], tuple[int, int]] = {}
        self.is_symmetric: Callable[[int, int], bool] | None = None
        """Whether images of this width and height stay mirror-symmetric in the model. If set, images receive filler
        until they do."""

    def recall(self, hash: str) -> bool:
        """Marks a stored image as the newest. Returns false if the image is not stored."""
        if hash not in self._files:
            return False
        self._files.move_to_end(hash)
        return True

    def put(self, hash: str, file: bytes) -> None:
        """Stores a file after checking that it can be decoded."""
        self._sizes[hash] = decode(file, hash).size
        self._files[hash] = file
        self._files.move_to_end(hash)
        if len(self._files) > self.KEPT:
            oldest, _ = self._files.popitem(last=False)
            del self._sizes[oldest]

    def size(self, hash: str) -> tuple[int, int]:
        """Returns width and height in pixels, after EXIF rotation."""
        self._require(hash)
        return self._sizes[hash]

    def size_of(self, picture: Picture) -> tuple[int, int]:
        """Returns width and height in pixels, in the view of the picture."""
        width, height = self.size(picture.hash)
        return (height, width) if picture.view in SIDEWAYS else (width, height)

    def canvas(self, width: int, height: int) -> tuple[int, int]:
        """Returns the size of an image of this width and height with its filler."""
        if self.is_symmetric is None:
            return width, height
        size = width, height
        if size not in self._canvases:
            self._canvases[size] = grown(size, self.is_symmetric)
        return self._canvases[size]

    def decoded(self, picture: Picture) -> Image.Image:
        self._require(picture.hash)
        image = decode(self._files[picture.hash], picture.hash)
        turned = image if picture.view == "original" else image.transpose(TURNS[picture.view])
        return centred(turned, self.canvas(*turned.size))

    def _require(self, hash: str) -> None:
        if hash not in self._files:
            raise WorkerError("unknown-image", f"Image {hash} is not loaded. The engine keeps the last {self.KEPT}.")


MORE = 96
"""Maximum number of pixels by which a side grows."""
FILLER = (127, 127, 127)
"""Colour of the filler, equal to that in engines/embedded/image-reader.ts."""


def grown(size: tuple[int, int], fits: Callable[[int, int], bool]) -> tuple[int, int]:
    """Returns the size with the fewest added pixels (both sides summed) for which `fits` is true."""
    for more in range(2 * MORE):
        for wider in range(more + 1):
            width, height = size[0] + wider, size[1] + more - wider
            if fits(width, height):
                return width, height
    raise WorkerError(
        "asymmetric",
        f"Images of {size[0]} × {size[1]} pixels cannot be kept mirror-symmetric for this model.",
        "Remove pairs.symmetric.",
    )


def centred(image: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    """Returns the image in the centre of a canvas, stretched by one pixel where the difference of sizes is odd."""
    if image.size == canvas:
        return image
    width, height = (x + (whole - x) % 2 for x, whole in zip(image.size, canvas, strict=True))
    filled = Image.new("RGB", canvas, FILLER)
    stretched = image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BICUBIC)
    filled.paste(stretched, ((canvas[0] - width) // 2, (canvas[1] - height) // 2))
    return filled


def decode(file: bytes, name: str) -> Image.Image:
    """Decodes a file to RGB: rotated by EXIF, transparency over white, 16 bits reduced to the upper 8."""
    try:
        image: Image.Image = Image.open(io.BytesIO(file))
        image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise WorkerError("corrupt-image", f"Image {name} cannot be decoded: {error}") from error
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        key = image.info.get("transparency")
        values = np.asarray(image).astype(np.uint32)
        image = Image.fromarray(np.where(values == key, 255, values >> 8).astype(np.uint8))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image.convert("RGB")
