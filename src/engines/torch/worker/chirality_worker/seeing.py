"""Measures how an image processor resizes, crops, tiles and pads images, from test images with known pixels.

The values that the processor returns are compared over these images: constant values are filler, and the others encode
their position in the source. The processor must be linear in colours, and its geometry must depend on the image size
alone. Coordinates: source pixels, with (0, 0) at the upper left corner of the upper left pixel.
"""

import math
import os
from collections.abc import Callable
from textwrap import shorten
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoImageProcessor, AutoProcessor

from .errors import WorkerError, first_line

Floats = NDArray[np.floating[Any]]
Run = Callable[[Image.Image], dict[str, Any]]

SEGMENT = 300
"""Source pixels covered by a ramp of 255 levels. A fit over all model columns reduces the rounding error tenfold."""
RAMPS = 8
"""Maximum number of ramps along a side; ramps are flatter on longer sides."""
MARGIN = 0.08
"""Share of a ramp at each end that is not read, because resampling filters blend it with its neighbourhood."""
SAME = 0.03
"""Tolerance between positions of one column, in source pixels, for processors that compute in floating point."""
CODE = (255, 128, 0)
"""Colour that tells colour channels apart."""
LINES = 4
"""Number of rows and of columns of an image that are read."""
SPARSE = 31
"""Distance of the values of each patch that are compared to find a patch that shows the image."""
PIXELS = 90_000_000
"""Maximum number of pixels of a measured image."""


class Frame(NamedTuple):
    """Image or tile that the model receives, as its horizontal and its vertical span."""

    spans: tuple["Span", "Span"]


class Span(NamedTuple):
    """One side of a frame: model pixels of front filler, image and rear filler; source range of the image."""

    before: int
    seen: int
    behind: int
    start: float
    end: float

    @property
    def scale(self) -> float:
        """Source pixels per model pixel."""
        return (self.end - self.start) / self.seen

    def whole(self, scale: float | None) -> tuple[float, float]:
        """Returns start and end of the frame with filler. `scale`: source pixels per filler pixel; None for its own."""
        scale = self.scale if scale is None else scale
        return self.start - self.before * scale, self.end + self.behind * scale


def open_processor(name: str) -> Any:
    """Opens the image processor of a model. Raises WorkerError if opening it requires code from the model."""
    if name.startswith((".", os.sep)) and not os.path.isdir(name):
        raise WorkerError("no-model", f"Folder {name} does not exist.")
    try:
        try:
            return AutoProcessor.from_pretrained(name, trust_remote_code=False, local_files_only=True)
        except (OSError, ValueError):
            # AutoProcessor fails if the model has no tokenizer.
            return AutoImageProcessor.from_pretrained(name, trust_remote_code=False, local_files_only=True)
    except (OSError, ValueError, ImportError, KeyError, AttributeError) as error:
        # The error of AutoProcessor is the context of the error of AutoImageProcessor.
        if "trust_remote_code" in f"{error} {error.__context__}":
            raise WorkerError(
                "own-code",
                f"The processor of {name} has code of its own, which Chirality does not run.",
                "Pass a known family with --sees.",
            ) from error
        reason = shorten(first_line(error), 200)
        raise WorkerError("no-model", f"Cannot open the processor of {name}: {reason}") from error


def images_of(processor: Any) -> tuple[Any, dict[str, Any]]:
    """Returns the image part of a processor and the settings that the processor passes to it. Without its settings,
    InternVL's image part does not cut images into tiles."""
    images = getattr(processor, "image_processor", None)
    return (processor, {}) if images is None else (images, dict(getattr(processor, "images_kwargs", None) or {}))


def measure(processor: Any, width: int, height: int) -> dict[str, Any]:
    """Returns the geometry of an image of this size after the processor. Raises WorkerError if the processor rejects
    the size, or if its geometry cannot be measured."""
    images, settings = images_of(processor)
    if width * height > PIXELS:
        raise WorkerError("too-large", f"An image of {width} × {height} pixels is too large to be measured.")

    def run(image: Image.Image) -> dict[str, Any]:
        try:
            return dict(images(images=[image], return_tensors="pt", **settings))
        except Exception as error:
            refused = f"The processor refuses images of {width} × {height} pixels: {first_line(error)}"
            raise WorkerError("refused-size", refused) from error

    frames, patch = read_frames(run, width, height, getattr(images, "patch_size", None))
    whole = [frame for frame in frames if covers(frame, frames)] if len(frames) > 1 else []
    # If every frame shows the whole image, the frame with the most filler counts as the tile.
    tiles = [frame for frame in frames if frame not in whole] or [max(frames, key=filler_of)]
    seen = tuple(
        (min(frame.spans[axis].start for frame in frames), max(frame.spans[axis].end for frame in frames))
        for axis in (0, 1)
    )
    scales = [float(np.median([frame.spans[axis].scale for frame in tiles])) for axis in (0, 1)]
    # Filler of the outermost tiles. The scale of a tile with little image in it is imprecise.
    fill = [
        min(tiles, key=lambda frame: frame.spans[axis].start).spans[axis].before
        if side == 0
        else max(tiles, key=lambda frame: frame.spans[axis].end).spans[axis].behind
        for axis, side in ((0, 0), (1, 0), (0, 1), (1, 1))
    ]
    shift = max(
        shift_of([frame.spans[0].whole(scales[0] if group is tiles else None) for frame in group], width)
        for group in (tiles, whole)
        if group
    )
    # A shift below about 0.4 model pixels does not affect the model.
    shift = 0.0 if shift < 0.4 * scales[0] + 0.05 else round(shift, 2)
    crop = [seen[0][0], seen[1][0], seen[0][1], seen[1][1]]
    return {
        "width": width,
        "height": height,
        "size": [sum_of([f.spans[axis] for f in tiles]) for axis in (0, 1)],
        "crop": [round(x, 2) for x in crop],
        "fill": fill,
        "tiles": [
            [*(round(x, 2) for x in (f.spans[0].start, f.spans[1].start, f.spans[0].end, f.spans[1].end)), f in whole]
            for f in frames
        ]
        if len(frames) > 1
        else [],
        "shift": shift,
        "reason": None if shift == 0 else "fill" if fill[0] != fill[2] else "crop",
        "patch": patch,
        "tokens": tokens_of(processor, width, height),
    }


def sum_of(spans: list[Span]) -> int:
    """Returns the number of model pixels that show the image along a side; overlaps of tiles count once."""
    seen, reached = 0.0, -math.inf
    for span in sorted(spans, key=lambda span: span.start):
        # Measured positions of adjacent or identical tiles can differ by the measurement error.
        exact = max(1.5 * span.scale, 0.35)
        first = span.start if span.start > reached - exact else reached
        if span.end - reached > exact:
            seen += span.seen * (span.end - first) / (span.end - span.start)
            reached = span.end
    return round(seen)


def tokens_of(processor: Any, width: int, height: int) -> int | None:
    """Returns the number of tokens of the image; None if the processor does not provide it."""
    try:
        return int(processor._get_num_multimodal_tokens(image_sizes=[(height, width)])["num_image_tokens"][0])
    except Exception:
        return None


def filler_of(frame: Frame) -> int:
    return sum(span.before + span.behind for span in frame.spans)


def covers(frame: Frame, frames: list[Frame]) -> bool:
    """Whether a frame covers the area of all frames, to within one model pixel."""
    return all(
        frame.spans[axis].start <= min(f.spans[axis].start for f in frames) + frame.spans[axis].scale
        and frame.spans[axis].end >= max(f.spans[axis].end for f in frames) - frame.spans[axis].scale
        for axis in (0, 1)
    )


def shift_of(sides: list[tuple[float, float]], width: int) -> float:
    """Returns the maximum distance between a frame and the nearest frame of the mirror image, in source pixels."""
    mirrored = [(width - end, width - start) for start, end in sides]
    return max(min(max(abs(a - c), abs(b - d)) for c, d in mirrored) for a, b in sides)


def read_frames(run: Run, width: int, height: int, patch_size: Any) -> tuple[list[Frame], int | None]:
    """Returns the frames of an image in the order of the model, and the edge of a patch in model pixels."""
    black, white, code = (colours(run, plain(width, height, shade), patch_size) for shade in ("black", "white", CODE))
    lines = lines_of(white.pixels[:, 0] != black.pixels[:, 0]) if black.patch is None else None

    def values(of: Colours, units: Any, axis: int) -> Floats:
        """Returns the values of some units that are read along an axis. A unit is a colour channel, of which some rows
        or columns are read, because all are alike; or a value of each patch."""
        if lines is None:
            return of.pixels[..., units]
        rows, columns = lines
        return of.pixels[:, units[:, None], rows] if axis == 0 else of.pixels[..., columns][:, units]

    def sample(of: Colours) -> Floats:
        """Returns values of each unit, (units, values): of patches those of one that shows the image."""
        if lines is None:
            return of.pixels.reshape(-1, of.pixels.shape[-1])[full][:, None]
        return values(of, np.arange(3), 0).swapaxes(0, 1).reshape(3, -1)

    full = 0
    if lines is None:
        contrast = white.pixels[..., ::SPARSE] - black.pixels[..., ::SPARSE]
        full = int(np.abs(contrast).sum(-1).argmax())
    least, groups = channels_of(*map(sample, (black, white, code)))
    apart = len(groups) == 3
    frames = black.frames
    sides = (width, height)
    counts = [min(RAMPS, math.ceil(side / SEGMENT * black.rough)) for side in sides]
    ramps = [(axis, (n - 0.2) * sides[axis] / counts[axis]) for axis in (0, 1) for n in range(counts[axis])]
    longs = [1.4 * side / count for side, count in zip(sides, counts, strict=True)]
    levels: dict[tuple[int, int], tuple[Floats, Floats]] = {}
    total: list[Any] = [0, 0]
    known: list[Any] = [0, 0]
    for begin in range(0, len(ramps), len(groups)):
        some = ramps[begin : begin + len(groups)]
        image = np.zeros((height, width, 3), np.uint8)
        for channel, (axis, low) in enumerate(some):
            ramp = np.round(np.clip((np.arange(sides[axis]) + 0.5 - low) / longs[axis], 0, 1) * 255)
            into = image[..., channel : channel + 1] if apart else image
            into[:] = ramp.reshape((1, -1, 1) if axis == 0 else (-1, 1, 1))
        out = colours(run, Image.fromarray(image), patch_size)
        if frames > 1 and copied(out.pixels, groups[0], frames):
            groups, frames = [group[: len(group) // frames] for group in groups], 1
        for channel, (axis, low) in enumerate(some):
            key = (channel, axis if black.patch is None else 0)
            if key not in levels:
                dark = values(black, groups[channel], axis)
                levels[key] = dark, values(white, groups[channel], axis) - dark
            dark, bright = levels[key]
            with np.errstate(divide="ignore", invalid="ignore"):
                value = (values(out, groups[channel], axis) - dark) / bright
            inside = (value > MARGIN) & (value < 1 - MARGIN)
            total[axis] = total[axis] + np.where(inside, low + value * longs[axis], np.float32(0))
            known[axis] = known[axis] + inside
    first, places = [], []
    for axis in (0, 1):
        first.append(np.abs(values(white, groups[0], axis) - values(black, groups[0], axis)) > least)
        here = first[axis] & (known[axis] > 0)
        places.append(np.where(here, total[axis] / np.maximum(known[axis], 1), np.nan))
    shown = [g for g in range(len(places[0])) if first[0][g].any()]
    if black.patch is None:
        return [frame_of([(places[axis][g], first[axis][g]) for axis in (0, 1)], sides) for g in shown], None
    return [
        patches_of(places[0][g], places[1][g], first[0][g], black.patch, frames, black.grid, width, height)
        for g in shown
    ], black.patch


def lines_of(seen: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Returns the rows and columns to read: of each image, some inner ones of those with pixels of the source."""
    lines = [[np.flatnonzero(frame) for frame in np.asarray(seen.any(axis))] for axis in (2, 1)]
    inner = np.linspace(0, 1, LINES + 2)[1:-1]
    some = [[of[np.rint(inner * (len(of) - 1)).astype(int)] for of in each if len(of)] for each in lines]
    return [np.unique(np.concatenate(each)) if each else np.zeros(0, int) for each in some]


def channels_of(dark: Floats, light: Floats, told: Floats) -> tuple[float, list[NDArray[np.int64]]]:
    """Returns the least contrast of values that show the image, and the units of red, green and blue in one order; all
    in one group if the processor mixes channels. Inputs (units, values) of a black, a white and a CODE image."""
    bright = light - dark
    least = 0.2 * float(np.abs(bright).max(initial=0))
    if not least > 2e-4:
        raise WorkerError("by-content", "The processor changes with what an image shows, so it cannot be measured.")
    read = np.abs(bright) > least
    share = np.where(read, (told - dark) / np.where(read, bright, 1) * 2, -1)
    kind = np.rint(share.max(1)).astype(np.int8)
    units = [np.flatnonzero(kind == each) for each in (2, 1, 0)]
    # Each colour channel carries a ramp of its own, if the processor keeps channels apart.
    if np.abs(np.where(read, share - kind[:, None], 0)).max() < 0.2 and len({len(each) for each in units}) == 1:
        return least, units
    return least, [np.flatnonzero((share > 0.4).any(1))]


def copied(pixels: Floats, group: NDArray[np.int64], frames: int) -> bool:
    """Whether patches contain their pixels once for each of some frames, one frame after the other."""
    first, *others = np.array_split(pixels[..., group], frames, -1)
    return all(np.array_equal(first, other) for other in others)


def mean(places: Floats, axes: int | tuple[int, ...]) -> Floats:
    """Returns the mean of the finite values; NaN if there are none."""
    known = np.isfinite(places)
    count = known.sum(axes)
    total = np.where(known, places, 0).sum(axes, dtype=np.float64)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def plain(width: int, height: int, colour: Any) -> Image.Image:
    return Image.new("RGB", (width, height), colour)


class Colours(NamedTuple):
    """Values of an image, (frames, 3, rows, columns), or (frames, patches, values) with the edge of a patch and, if
    returned, the grid. `rough`: factor for the number of ramps, 2 for 16-bit values."""

    pixels: Floats
    patch: int | None
    grid: tuple[int, int] | None
    rough: int
    frames: int = 1
    """Number of copies of each pixel in a patch, which covers this many frames of a clip."""


def colours(run: Run, image: Image.Image, patch_size: Any) -> Colours:
    """Runs the processor and returns its pixel values, arranged by frames or patches."""
    out = run(image)
    floats = {name: torch.as_tensor(x) for name, x in out.items() if torch.is_tensor(x) and x.is_floating_point()}
    if not floats:
        raise WorkerError("no-pixels", "The processor returns no pixels that can be measured.")
    name = next((n for n in floats if "pixel_values" in n), max(floats, key=lambda n: floats[n].numel()))
    rough = 1 if floats[name].dtype.itemsize >= 4 else 2
    pixels = floats[name].float().numpy()
    shape = pixels.shape
    if len(shape) >= 4 and shape[-3] == 3 and shape[-1] > 50 * shape[-2]:
        # Patches in one horizontal strip: (…, 3, edge, patches · edge).
        edge = shape[-2]
        strips = pixels.reshape(-1, 3, edge, shape[-1] // edge, edge)
        pixels = strips.transpose(0, 3, 1, 2, 4).reshape(len(strips), shape[-1] // edge, -1)
    elif len(shape) >= 4 and shape[-3] == 3 and shape[-1] != patch_size:
        return Colours(pixels.reshape(-1, *shape[-3:]), None, None, rough)
    elif len(shape) >= 4:
        pixels = pixels.reshape(1, shape[0], -1)
    elif len(shape) == 2:
        pixels = pixels[None]
    edge = next(
        (e for t in (1, 2) if (e := math.isqrt(pixels.shape[-1] // 3 // t)) ** 2 * 3 * t == pixels.shape[-1]), 0
    )
    if pixels.ndim != 3 or edge == 0:
        raise WorkerError("layout", f"The processor returns numbers in an unknown order: {shape}.")
    told = next((np.asarray(out[n]).reshape(-1)[-2:] for n in out if n.endswith(("grid_thw", "grid_hw"))), None)
    return Colours(
        pixels, edge, None if told is None else (int(told[1]), int(told[0])), rough, pixels.shape[-1] // 3 // edge**2
    )


def frame_of(read: list[tuple[Floats, NDArray[np.bool_]]], sides: tuple[int, int]) -> Frame:
    """Returns the frame of an image with rows and columns. `read`: source positions, and whether the source is seen,
    (channels, rows, columns), of some rows for x, and of some columns for y."""
    spans = []
    for (places, seen), side, axes in zip(read, sides, ((0, 1), (0, 2)), strict=True):
        shown: NDArray[np.bool_] = np.asarray(seen.any(axes))
        along = mean(places, axes)
        first, last = int(shown.argmax()), int(len(shown) - shown[::-1].argmax())
        index = np.arange(len(along))
        start, end = fitted(index, along, first, last, side)
        spans.append(Span(first, last - first, len(along) - last, start, end))
    return Frame((spans[0], spans[1]))


def fitted(index: NDArray[np.int64], along: Floats, first: int, last: int, side: int) -> tuple[float, float]:
    """Fits a line to source positions and returns those of the outer edges of the pixels `first` … `last` - 1."""
    known = np.isfinite(along)
    if known.sum() < 2 or last - first < 2 or np.ptp(along[known]) < 1e-6:
        return 0.0, float(side)
    at = index[known] - index[known].mean()
    slope = float(at @ along[known]) / float(at @ at)
    offset = float(along[known].mean()) - slope * float(index[known].mean())
    apart = np.abs(along[known] - (slope * index[known] + offset))
    if slope <= 0 or np.quantile(apart, 0.9) > 2 + 1.5 * slope + side / 255:
        raise WorkerError("not-plain", "The processor does more than resize, crop and fill, so it cannot be measured.")
    return snapped(slope * (first - 0.5) + offset, slope, side), snapped(slope * (last - 0.5) + offset, slope, side)


def snapped(place: float, scale: float, side: int) -> float:
    """Returns a position clamped to the image, and set to its edge if the distance is within the measurement error.
    Positions outside result from processors that blend the image with its filler."""
    place = min(max(place, 0.0), float(side))
    for edge in (0.0, float(side)):
        if abs(place - edge) < 0.35 * max(1.0, scale):
            return edge
    return float(place)


def patches_of(
    x: Floats,
    y: Floats,
    seen: NDArray[np.bool_],
    edge: int,
    frames: int,
    grid: tuple[int, int] | None,
    width: int,
    height: int,
) -> Frame:
    """Returns the frame of an image that is cut into patches in any order; inputs (patches, values)."""
    counts = seen.sum(1)
    full = counts == counts.max()
    if counts.max() != frames * edge**2:
        raise WorkerError("too-small", f"An image of {width} × {height} pixels does not fill a patch of {edge} pixels.")
    spans: list[Span] = []
    columns_seen: list[int] = []
    used_of: list[int] = []
    for axis, (places, side) in enumerate(((x, width), (y, height))):
        inner, middles = mean(np.where(full[:, None], places, np.nan), 0), mean(places, 1)
        known = np.isfinite(inner)
        # Source pixels per model pixel, from the pixels of all full patches.
        order = np.sort(inner[known])
        columns = order.reshape(edge, -1).mean(1) if len(order) % edge == 0 else order[:: max(1, len(order) // edge)]
        step = max(float(columns[-1] - columns[0]) / max(1, len(columns) - 1), 1e-9)
        start, end = float(np.nanmin(middles[full])), float(np.nanmax(middles[full]))
        # Positions that differ by less than SAME belong to the same column of patches.
        apart = np.diff(np.sort(middles[full])) > SAME
        many = grid[axis] if side == 1 and grid else 1 + int(apart.sum())
        if many > 1:
            step = max((end - start) / (many - 1) / edge, 1e-9)
        # Number of image pixels in partly filled patches at both edges.
        lines = np.round((middles - start) / (step * edge) + 0.2 * np.sign(middles - start) * ~full)
        before = partly(counts, full, lines == -1, edge)
        behind = partly(counts, full, lines == many, edge)
        total = many * edge + before + behind
        low, high = start - step * (edge / 2 + before), end + step * (edge / 2 + behind)
        # A side of one pixel is too short for a ramp.
        low, high = (0.0, 1.0) if side == 1 else (snapped(low, step, side), snapped(high, step, side))
        columns_seen.append(total)
        cells = None if grid is None else grid[axis]
        used = many + (before > 0) + (behind > 0)
        used_of.append(used)
        rest = max(0, cells - used) * edge if cells is not None else 0
        # Patches of pure filler have no position, so they are assigned to the end where the order of patches puts them.
        seen_at = np.flatnonzero(np.isfinite(middles))
        forwards = float(np.dot(seen_at - seen_at.mean(), middles[seen_at] - middles[seen_at].mean())) >= 0
        at_end = bool(seen[0].any()) == forwards
        left = (edge - before if before else 0) + (0 if at_end else rest)
        right = (edge - behind if behind else 0) + (rest if at_end else 0)
        spans.append(Span(left, total, right, low, high))
    # Without a grid, patches of pure filler at the end of each row are columns of filler.
    columns = len(x) // used_of[1]
    if grid is None and np.array_equal(seen.any(1), np.arange(len(x)) % columns < used_of[0]):
        spans[0] = spans[0]._replace(behind=spans[0].behind + (columns - used_of[0]) * edge)
    # A mismatch means images of different sizes in one row of patches, or an unknown order of values.
    if math.prod(columns_seen) != counts.sum() * edge**2 // counts.max():
        raise WorkerError("layout", "The processor returns patches in an order that cannot be read.")
    return Frame((spans[0], spans[1]))


def partly(counts: NDArray[np.int64], full: NDArray[np.bool_], here: NDArray[np.bool_], edge: int) -> int:
    """Returns the number of pixel lines with image content in a partly filled line of patches; 0 if there is none."""
    some = here & ~full & (counts > 0)
    return round(edge * counts[some].max() / counts.max()) if some.any() else 0


def modes(processor: Any) -> dict[str, str]:
    """Detects how the processor treats images that are not plain RGB: `alpha` is the background of transparent pixels,
    `grey` and `deep` (16 bits) are conversions, `exif` is the orientation."""
    images, settings = images_of(processor)
    side = 96

    def numbers(image: Image.Image) -> Any:
        try:
            made = dict(images(images=[image], return_tensors="pt", **settings))
            return colours(lambda _: made, image, None).pixels
        except Exception:
            return None

    def same(a: Any, b: Any) -> bool:
        return a is not None and b is not None and a.shape == b.shape and bool(np.abs(a - b).mean() < 0.02)

    def told(image: Image.Image, known: dict[str, Image.Image]) -> str:
        made = numbers(image)
        if made is None:
            return "refused"
        return next((name for name, other in known.items() if same(made, numbers(other))), "other")

    clear = Image.new("RGBA", (side, side), (200, 0, 0, 0))
    plains = {
        name: plain(side, side, colour)
        for name, colour in (("white", "white"), ("black", "black"), ("hidden colour", (200, 0, 0)))
    }
    ramp = np.tile(np.arange(side, dtype=np.uint16) * (65535 // side), (side, 1))
    shown = Image.fromarray((ramp >> 8).astype(np.uint8))
    deep = {
        "upper 8 bits": shown.convert("RGB"),
        "cut at 255": Image.fromarray(ramp.clip(0, 255).astype(np.uint8)).convert("RGB"),
    }
    turned = shown.convert("RGB")
    turned.getexif()[0x0112] = 2
    sides = {"ignored": shown.convert("RGB"), "turned": shown.convert("RGB").transpose(Image.Transpose.FLIP_LEFT_RIGHT)}
    return {
        "alpha": told(clear, plains),
        "grey": told(shown, {"kept": shown.convert("RGB")}),
        "deep": told(Image.fromarray(ramp), deep),
        "exif": told(turned, sides),
    }
