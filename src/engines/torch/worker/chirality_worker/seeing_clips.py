"""Measures which frames of a clip a model receives from a video processor, and answers the call `seen`.

Each frame has one grey level, which tells where the returned values come from.
"""

import math
from typing import Any

import numpy as np
import torch
import transformers
from PIL import Image

from .errors import WorkerError, first_line
from .seeing import Colours, colours, measure, modes, open_processor, plain, read_frames
from .server import Call


def seen(call: Call) -> dict[str, Any]:
    """Returns the geometry of images of the given sizes after the processor; for a rejected size, the error."""
    transformers.utils.logging.set_verbosity_error()
    processor = open_processor(call.args["model"])

    def measured(width: int, height: int) -> dict[str, Any]:
        try:
            return measure(processor, width, height)
        except WorkerError as error:
            return {"error": str(error)}

    runtime = f"transformers {transformers.__version__}, {type(processor).__name__}"
    maps = [measured(*size) for size in call.args["sizes"]]
    return {"maps": maps, "modes": modes(processor), "runtime": runtime, "clip": clip_of(call, processor)}


def clip_of(call: Call, processor: Any) -> dict[str, Any] | None:
    """Returns the measured clip of a call; None without a clip, or for a processor without videos."""
    videos = getattr(processor, "video_processor", None)
    if videos is None or "clip" not in call.args:
        return None
    try:
        return measure_clip(videos, *call.args["sizes"][0], *call.args["clip"])
    except WorkerError as error:
        return {"error": str(error)}


def measure_clip(videos: Any, width: int, height: int, count: int, rate: float) -> dict[str, Any]:
    """Returns which frames of a clip the model receives from a video processor, in chronological order, and their
    geometry. `rate`: frames per second. Raises WorkerError for clips that the processor rejects or mixes."""
    patch_size = getattr(videos, "patch_size", None)

    def run(frames: list[Image.Image]) -> dict[str, Any]:
        metadata = {"total_num_frames": count, "fps": rate, "duration": count / rate}
        try:
            clip = np.stack([np.asarray(frame) for frame in frames])
            return dict(videos(videos=[clip], video_metadata=[metadata], return_tensors="pt"))
        except Exception as error:
            raise WorkerError("refused-clip", f"The processor refuses the clip: {first_line(error)}") from error

    def found(step: int, start: int = 0) -> Colours:
        images = [plain(width, height, (start + i * step,) * 3) for i in range(count)]
        return colours(lambda _: run(images), images[0], patch_size)

    step = 255 // max(count - 1, 1)
    black, white, coded = found(0), found(0, 255), found(step)
    span = white.pixels - black.pixels
    # Number of the frame that each value comes from; filler has none.
    numbers = np.where(np.abs(span) < 1e-3, np.nan, (coded.pixels - black.pixels) / (span + 1e-9) * 255 / step)
    cells = math.prod(coded.grid) if coded.grid else numbers.shape[1]
    groups = numbers.reshape(-1, cells * numbers.shape[2]) if coded.patch else numbers.reshape(len(numbers), -1)
    taken = []
    for group in groups:
        # A patch has the values of several frames, of each equally many.
        for frame in np.split(np.sort(group[np.isfinite(group)]), coded.frames):
            if np.ptp(frame) > 0.5:
                raise WorkerError("layout", "The processor returns clips in an order that cannot be read.")
            taken.append(round(float(frame.mean())))

    def run_first(image: Image.Image) -> dict[str, Any]:
        """Runs the clip of one image, and returns the first of the frames, which are all alike."""
        out = run([image] * count)
        pixels = next(out[name] for name in out if "pixel_values" in name)
        if coded.grid is None:
            return {"pixel_values": (pixels[0] if pixels.ndim == 5 else pixels)[:1]}
        return {"pixel_values": pixels[:cells], "grid_hw": torch.tensor(coded.grid[::-1])}

    if not taken:
        return {"taken": [], "size": None}
    (x, y), *_ = (frame.spans for frame in read_frames(run_first, width, height, patch_size)[0])
    crop = [round(side, 2) for side in (x.start, y.start, x.end, y.end)]
    fill = [x.before, y.before, x.behind, y.behind]
    return {"taken": taken, "size": [x.seen, y.seen], "crop": crop, "fill": fill}
