"""What differs between model families. Nothing else in this package depends on the family."""

from dataclasses import dataclass
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor, nn

from ..chat import Message
from ..errors import WorkerError
from ..images import Picture


@dataclass(frozen=True)
class Prefix:
    """A prompt as the model reads it. Its tensors are on the processor."""

    ids: Tensor
    """(P,), one placeholder per image token."""
    pictures: list[Picture]
    """In reading order."""
    image_sizes: list[tuple[int, int]]
    """Width and height of each image as the model sees it."""
    positions: Tensor
    """(axes, P)"""
    next_position: int
    """The position of the first token of a completion, on every axis."""
    image_places: Tensor
    """(P,), true at tokens of images."""

    def __len__(self) -> int:
        return int(self.ids.shape[0])


@dataclass(frozen=True)
class Features:
    """An image as the language model reads it."""

    tokens: Tensor
    """(image tokens, hidden)"""
    deep: list[Tensor]
    """What deeper layers add at the image's tokens: a tensor like `tokens` per layer. Empty for most families."""


@dataclass(frozen=True)
class Grid:
    """The tokens of an image as cells of equal size on `piece`, the part of the image that the model sees."""

    rows: int
    cols: int
    piece: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """Left, top, right, bottom, in shares of the picture's width and height."""


class Family(Protocol):
    """One file per family implements this."""

    coordinates: str | None
    """The convention in which the model writes boxes (BoxFormat); None if it was never taught one."""
    refuses: tuple[str, ...]
    """Features of the engine contract that prompts of this family cannot use."""
    bidirectional_prompt: bool
    """Whether tokens of a prompt also see later ones of the same prompt."""
    vision: nn.Module
    language: Any
    """The language model, without its head."""
    head: nn.Linear
    softcap: float | None
    """Logits are soft-capped to ± this value; None if they are not."""
    placeholders: list[int]
    """Tokens that stand for images in a prompt. Completions never contain one, because there would be no image for
    it."""
    end_ids: list[int]
    """Tokens that end a completion; the first is the one that a target ends with."""
    processor: Any
    """As opened, with the requested limit on image sizes if the family supports one."""
    tokenizer: Any

    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        """Pixels of an image after the model's scaling."""

    def is_symmetric(self, width: int, height: int) -> bool:
        """Whether the mirror image of an image of this size becomes the mirror image of what the model gets."""

    def image_tokens(self, width: int, height: int) -> int:
        """Number of tokens of an image of this seen size."""

    def grid(self, width: int, height: int) -> Grid:
        """The cells of an image of this size in pixels, before any scaling; cell (r, c) is its token r · cols + c."""

    def features(self, images: list[Image.Image]) -> list[Features]:
        """Runs the vision tower once for all these images."""

    def text(self, prompt: list[Message]) -> str:
        """Returns the prompt in the chat template, as the tokenizer reads it, with one placeholder per image or
        none."""

    def encode(self, prompt: list[Message], pictures: list[Picture], sizes: list[tuple[int, int]]) -> Prefix:
        """Applies the chat template. `sizes` are seen sizes."""

    def language_inputs(self, image_places: Tensor, deep: list[Tensor]) -> dict[str, Tensor | list[Tensor]]:
        """Further inputs of the language model besides embeddings and positions. `image_places` marks the image
        tokens of a packed row (N,); `deep` contains the features for deeper layers in the same order."""

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        """Arguments of the whole model for a prompt and a completion, as in its own forward pass."""


def place_images(ids: list[int], placeholder: int, tokens: list[int], what: str) -> Tensor:
    """Repeats the one placeholder of each image as often as the image has tokens."""
    if ids.count(placeholder) != len(tokens):
        raise WorkerError(
            "bad-prompt",
            f"The prompt has {len(tokens)} images, but the chat template shows {ids.count(placeholder)}: "
            f"a text must not contain {what} itself.",
        )
    counts = iter(tokens)
    return torch.tensor([id for token in ids for id in [token] * (next(counts) if token == placeholder else 1)])


def line_of_positions(count: int, first: int) -> Tensor:
    """One axis: (1, count)."""
    return torch.arange(first, first + count)[None]


def end_ids(model: Any, tokenizer: Any) -> list[int]:
    """The tokenizer's end of sequence, then every other token at which generation stops."""
    also = model.generation_config.eos_token_id
    also = [] if also is None else also if isinstance(also, list) else [also]
    return list(dict.fromkeys([tokenizer.eos_token_id, *also]))


class SquareImages:
    """Images of one fixed size."""

    def __init__(self, processor: Any, size: Any, max_pixels: int | None) -> None:
        self._processor = processor
        self.side: int = size["height"]
        if max_pixels is not None and self.side**2 > max_pixels:
            raise WorkerError(
                "bad-options",
                f"This model accepts only images of {self.side} × {self.side} pixels.",
                f"Set engine.max_pixels to {self.side**2} or more.",
            )

    def pixels(self, images: list[Image.Image], tower: nn.Module) -> Tensor:
        """(images, 3, side, side), as the tower expects them."""
        first = next(tower.parameters())
        pixels: Tensor = self._processor(images=images, return_tensors="pt")["pixel_values"]
        return pixels.to(first.device, first.dtype)
