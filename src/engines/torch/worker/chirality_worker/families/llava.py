"""LLaVA 1.5 and similar models: a square image, projected into the language model's token sequence."""

from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from ..chat import Message, chat_text
from ..images import Picture
from .base import Features, Grid, Prefix, SquareImages, end_ids, line_of_positions, place_images


class Llava:
    """Family that scales the shorter side of the image to the square and crops the middle."""

    coordinates: str | None = None
    bidirectional_prompt = False
    softcap: float | None = None
    refuses: tuple[str, ...] = ()

    def __init__(self, model: Any, processor: Any, max_pixels: int | None) -> None:
        self._inner = model.model
        self.vision: nn.Module = model.model.vision_tower
        self.language = model.model.language_model
        self.head: nn.Linear = model.lm_head
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.end_ids = end_ids(model, processor.tokenizer)
        self._template = processor.apply_chat_template
        self._images = SquareImages(processor.image_processor, processor.image_processor.crop_size, max_pixels)
        self._image_id: int = model.config.image_token_id
        self.placeholders = [self._image_id]
        places = (self._images.side // processor.patch_size) ** 2 + processor.num_additional_image_tokens
        self._tokens = places - (processor.vision_feature_select_strategy == "default")

    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        return self._images.side, self._images.side

    def is_symmetric(self, width: int, height: int) -> bool:
        return all((x - self._images.side) % 2 == 0 for x in self._scaled(width, height))

    def _scaled(self, width: int, height: int) -> list[int]:
        """Returns width and height before the crop, rounded as in the image processor."""
        side = self._images.side
        return [side if x == min(width, height) else int(side * x / min(width, height)) for x in (width, height)]

    def image_tokens(self, width: int, height: int) -> int:
        return self._tokens

    def grid(self, width: int, height: int) -> Grid:
        side = self._images.side
        cells = side // self.processor.patch_size
        scaled = self._scaled(width, height)
        left, top = ((x - side) // 2 / x for x in scaled)
        right, bottom = (start + side / x for start, x in zip((left, top), scaled, strict=True))
        return Grid(cells, cells, (left, top, right, bottom))

    def features(self, images: list[Image.Image]) -> list[Features]:
        seen = self._inner.get_image_features(self._images.pixels(images, self.vision), return_dict=True)
        return [Features(tokens, []) for tokens in seen.pooler_output]

    def text(self, prompt: list[Message]) -> str:
        return chat_text(self._template, prompt)

    def encode(self, prompt: list[Message], pictures: list[Picture], sizes: list[tuple[int, int]]) -> Prefix:
        tokens = [self._tokens] * len(sizes)
        ids = place_images(
            self.tokenizer(self.text(prompt))["input_ids"], self._image_id, tokens, "the image placeholder"
        )
        return Prefix(ids, pictures, sizes, line_of_positions(len(ids), 0), len(ids), ids == self._image_id)

    def language_inputs(self, image_places: Tensor, deep: list[Tensor]) -> dict[str, Tensor | list[Tensor]]:
        return {}

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        ids = torch.cat([prefix.ids, completion])
        inputs = {"input_ids": ids[None], "attention_mask": torch.ones_like(ids)[None]}
        return inputs | ({"pixel_values": self._images.pixels(images, self.vision)} if images else {})
