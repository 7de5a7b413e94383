"""Interface of model families. Nothing else in this package depends on the family."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from ..chat import Message, chat_text
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


class Family(ABC):
    """Model family, implemented by one file each. Defaults are values and steps that most families share."""

    coordinates: str | None = None
    """Format in which the model writes boxes (BoxFormat); None if the model was not trained to write boxes."""
    refuses: tuple[str, ...] = ()
    """Features of the engine contract that prompts of this family cannot use."""
    bidirectional_prompt = False
    """Whether prompt tokens also see later tokens of the same prompt."""
    vision: nn.Module
    softcap: float | None = None
    """Limit ± of soft-capped logits; None if logits are not capped."""

    def __init__(self, model: Any, processor: Any) -> None:
        self._inner = model.model
        self.language = model.model.language_model
        """Language model without its head."""
        self.head: nn.Linear = model.lm_head
        self.processor = processor
        """Processor, with the requested limit on image sizes if the family supports one."""
        self.tokenizer = processor.tokenizer
        self.end_ids = end_ids(model, processor.tokenizer)
        """Tokens that end a completion; the first one also ends a target."""
        self._image_id: int = model.config.image_token_id
        self.placeholders = [self._image_id]
        """Image placeholders in a prompt. Completions never contain one, because it would have no image."""

    @abstractmethod
    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        """Returns width and height of an image after the model's scaling, in pixels."""

    def is_symmetric(self, width: int, height: int) -> bool:
        """Whether mirroring commutes with the model's preprocessing for images of this size."""
        return True

    @abstractmethod
    def image_tokens(self, width: int, height: int) -> int:
        """Returns the number of tokens of an image of this seen size."""

    @abstractmethod
    def grid(self, width: int, height: int) -> Grid:
        """Returns the cells of an image of this size in pixels, before scaling; cell (r, c) is token r · cols + c."""

    def features(self, images: list[Image.Image]) -> list[Features]:
        """Runs the vision tower once for all images."""
        seen = self._inner.get_image_features(**self._pixels(images), return_dict=True)
        deep = getattr(seen, "deepstack_features", None) or []
        return [Features(tokens, [layer[i] for layer in deep]) for i, tokens in enumerate(seen.pooler_output)]

    @abstractmethod
    def _pixels(self, images: list[Image.Image]) -> dict[str, Tensor]:
        """Returns the inputs of the vision tower, by the names of the model's arguments."""

    def text(self, prompt: list[Message]) -> str:
        """Returns the prompt in the chat template, with at most one placeholder per image."""
        return chat_text(self.processor.apply_chat_template, prompt)

    def encode(self, prompt: list[Message], pictures: list[Picture], sizes: list[tuple[int, int]]) -> Prefix:
        """Encodes a prompt with the chat template. `sizes` are seen sizes."""
        tokens = [self.image_tokens(*size) for size in sizes]
        ids = place_images(self.tokenizer(self.text(prompt))["input_ids"], self._image_id, tokens)
        return Prefix(ids, pictures, sizes, *self._positions(ids, sizes), ids == self._image_id)

    def _positions(self, ids: Tensor, sizes: list[tuple[int, int]]) -> tuple[Tensor, int]:
        """Returns the positions of a prompt's tokens, (axes, P), and the position of the next token."""
        return line_of_positions(len(ids), 0), len(ids)

    def language_inputs(self, image_places: Tensor, deep: list[Tensor]) -> dict[str, Tensor | list[Tensor]]:
        """Returns inputs of the language model besides embeddings and positions. `image_places` marks the image tokens
        of a packed row (N,); `deep` contains the features for deeper layers in the same order."""
        return {"visual_pos_masks": image_places[None], "deepstack_visual_embeds": deep} if deep else {}

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        """Returns the arguments of the model's own forward pass for a prompt and a completion."""
        ids = torch.cat([prefix.ids, completion])
        inputs = {"input_ids": ids[None], "attention_mask": torch.ones_like(ids)[None]}
        return inputs | (self._pixels(images) if images else {})


def place_images(ids: list[int], placeholder: int, tokens: list[int]) -> Tensor:
    """Repeats the placeholder of each image once per image token."""
    if ids.count(placeholder) != len(tokens):
        raise WorkerError(
            "bad-prompt",
            f"The prompt has {len(tokens)} images, but the chat template shows {ids.count(placeholder)}: "
            "a text must not contain the image placeholder itself.",
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


class SquareFamily(Family):
    """Family whose images have one fixed square size."""

    def __init__(self, model: Any, processor: Any, size: Any, max_pixels: int | None, tokens: int) -> None:
        super().__init__(model, processor)
        self.vision = model.model.vision_tower
        self._tokens = tokens
        self._side: int = size["height"]
        if max_pixels is not None and self._side**2 > max_pixels:
            raise WorkerError(
                "bad-options",
                f"This model accepts only images of {self._side} × {self._side} pixels.",
                f"Set engine.max_pixels to {self._side**2} or more.",
            )

    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        return self._side, self._side

    def image_tokens(self, width: int, height: int) -> int:
        return self._tokens

    def _pixels(self, images: list[Image.Image]) -> dict[str, Tensor]:
        first = next(self.vision.parameters())
        pixels: Tensor = self.processor.image_processor(images=images, return_tensors="pt")["pixel_values"]
        return {"pixel_values": pixels.to(first.device, first.dtype)}
