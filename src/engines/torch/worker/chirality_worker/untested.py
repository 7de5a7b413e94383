"""Versions of transformers that the engine was not tested with.

The engine calls internals of transformers models, which change between minor versions, so an untested version can run
with wrong results. Before use, the engine therefore compares its log-probabilities with those of the model's own pass,
which transformers computes alone.
"""

import io

import torch
import transformers
from packaging.version import Version  # which transformers brings along
from PIL import Image, ImageDraw

from .errors import WorkerError, first_line
from .packing import Group
from .rounding import ANSWERS, QUESTION
from .vlm import Vlm

TESTED = ("5.23", "5.25")
"""Tested versions: at least the first, below the second."""
SETUP = "`chirality engine setup torch` makes an environment with a tested version."


def is_tested(version: str) -> bool:
    first, end, found = (Version(text).release[:2] for text in (*TESTED, version))
    return bool(first <= found < end)


def cannot_use(error: BaseException) -> WorkerError:
    """Returns the error for a model that cannot be opened, perhaps because of the version."""
    return WorkerError(
        "untested-version",
        f"The engine was not tested with transformers {transformers.__version__}, and cannot open the model with it: "
        f"{type(error).__name__}: {first_line(error)}",
        SETUP,
    )


@torch.no_grad()
def require_agreement(vlm: Vlm) -> str:
    """Compares the engine's packed pass with the model's own on a question about an image.

    Returns a sentence with the difference, which is stored with the run.
    Raises WorkerError if the difference exceeds rounding.
    """
    vlm.files.put("untested-version", _picture())
    picture = {"image": "untested-version", "view": "mirror"}
    prefix = vlm.encode([{"role": "user", "content": [picture, QUESTION]}])
    tokens = [vlm.family.tokenizer(text, add_special_tokens=False)["input_ids"] for text in ANSWERS]
    groups = [Group(prefix, [torch.tensor(ids) for ids in tokens])]
    (packed, _), (plain, _) = vlm.packed_scores(groups, 1.0), vlm.plain_scores(groups, 1.0)
    gap = float((packed - plain).abs().mean())
    about = f"The engine was not tested with transformers {transformers.__version__}"
    # NaN counts as a mismatch.
    if not gap <= vlm.rounding:
        raise WorkerError(
            "untested-version",
            f"{about}, and its log-probabilities differ by {gap:.2g} nats on average from the model's own "
            f"pass, but rounding explains only {vlm.rounding:.2g}.",
            SETUP,
        )
    return (
        f"{about}. Its log-probabilities differ by {gap:.2g} nats on average from the model's own pass; "
        f"rounding explains {vlm.rounding:.2g}."
    )


def _picture() -> bytes:
    """Returns an image that differs from its mirror image, as PNG."""
    image = Image.new("RGB", (224, 224), (240, 235, 220))
    ImageDraw.Draw(image).rectangle([10, 40, 90, 150], fill=(200, 40, 40))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
