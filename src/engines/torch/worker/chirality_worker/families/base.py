"""Interface of model families. Nothing else in this package depends on the family."""

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
    """Encoded prompt. Its tensors are on the CPU."""

    ids: Tensor
    """(P,), one placeholder per image token."""
    pictures: list[Picture]
    """Images in reading order."""
    image_sizes: list[tuple[int, int]]
    """Width and height of each image as the model sees it, in pixels."""
    positions: Tensor
    """(axes, P)"""
    next_position: int
    """Position of the first token of a completion, on every axis."""
    image_places: Tensor
    """(P,), true at image tokens."""

    def __len__(self) -> int:
        return int(self.ids.shape[0])


@dataclass(frozen=True)
class Features:
    """Image as the language model reads it."""

    tokens: Tensor
    """(image tokens, hidden)"""
    deep: list[Tensor]
    """Values that deeper layers add at image tokens: a tensor like `tokens` per layer. Empty for most families."""


@dataclass(frozen=True)
class Grid:
    """Tokens of an image as cells of equal size on `piece`, the part of the image that the model sees."""

    rows: int
    cols: int
    piece: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """Left, top, right, bottom, as shares of the image's width and height."""


class Family(Protocol):
    """Model family, implemented by one file each."""

    coordinates: str | None
    """Format in which the model writes boxes (BoxFormat); None if the model was not trained to write boxes."""
    refuses: tuple[str, ...]
    """Features of the engine contract that prompts of this family cannot use."""
    bidirectional_prompt: bool
    """Whether prompt tokens also see later tokens of the same prompt."""
    vision: nn.Module
    language: Any
    """Language model without its head."""
    head: nn.Linear
    softcap: float | None
    """Limit ± of soft-capped logits; None if logits are not capped."""
    placeholders: list[int]
    """Image placeholders in a prompt. Completions never contain one, because it would have no image."""
    end_ids: list[int]
    """Tokens that end a completion; the first one also ends a target."""
    processor: Any
    """Processor, with the requested limit on image sizes if the family supports one."""
    tokenizer: Any

    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        """Returns width and height of an image after the model's scaling, in pixels."""

    def is_symmetric(self, width: int, height: int) -> bool:
        """Whether mirroring commutes with the model's preprocessing for images of this size."""

    def image_tokens(self, width: int, height: int) -> int:
        """Returns the number of tokens of an image of this seen size."""

    def grid(self, width: int, height: int) -> Grid:
        """Returns the cells of an image of this size in pixels, before scaling; cell (r, c) is token r · cols + c."""

    def features(self, images: list[Image.Image]) -> list[Features]:
        """Runs the vision tower once for all images."""

    def text(self, prompt: list[Message]) -> str:
        """Returns the prompt in the chat template, with at most one placeholder per image."""

    def encode(self, prompt: list[Message], pictures: list[Picture], sizes: list[tuple[int, int]]) -> Prefix:
        """Encodes a prompt with the chat template. `sizes` are seen sizes."""

    def language_inputs(self, image_places: Tensor, deep: list[Tensor]) -> dict[str, Tensor | list[Tensor]]:
        """Returns inputs of the language model besides embeddings and positions. `image_places` marks the image tokens
        of a packed row (N,); `deep` contains the features for deeper layers in the same order."""

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        """Returns the arguments of the model's own forward pass for a prompt and a completion."""


def place_images(ids: list[int], placeholder: int, tokens: list[int], what: str) -> Tensor:
    """Repeats the placeholder of each image once per image token."""
    if ids.count(placeholder) != len(tokens):
        raise WorkerError(
            "bad-prompt",
            f"The prompt has {len(tokens)} images, but the chat template shows {ids.count(placeholder)}: "
            f"a text must not contain {what} itself.",
        )
    counts = iter(tokens)
    return torch.tensor([id for token in ids for id in [token] * (next(counts) if token == placeholder else 1)])


def line_of_positions(count: int, first: int) -> Tensor:
    """Returns consecutive positions on one axis, (1, count)."""
    return torch.arange(first, first + count)[None]


def end_ids(model: Any, tokenizer: Any) -> list[int]:
    """Returns the tokenizer's end of sequence, then all other tokens at which generation stops."""
    also = model.generation_config.eos_token_id
    also = [] if also is None else also if isinstance(also, list) else [also]
    return list(dict.fromkeys([tokenizer.eos_token_id, *also]))


class SquareImages:
    """Preprocessing of images to one fixed square size."""

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
        """Returns the tower's input, (images, 3, side, side)."""
        first = next(tower.parameters())
        pixels: Tensor = self._processor(images=images, return_tensors="pt")["pixel_values"]
        return pixels.to(first.device, first.dtype)
