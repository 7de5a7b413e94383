"""Qwen2.5-VL and Qwen3-VL: dynamic resolution, rotary positions on three axes (time, row, column)."""

from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

from ..chat import Message, chat_text
from ..images import Picture
from ..windows import all_windows_at_once
from .base import Features, Grid, Prefix, end_ids, place_images


class QwenVl:
    """Family that writes boxes in pixels of the resized image (2.5) or in thousandths of the image (3)."""

    bidirectional_prompt = False
    refuses: tuple[str, ...] = ()
    softcap: float | None = None
    coordinates: str | None

    def __init__(self, model: Any, processor: Any, max_pixels: int | None) -> None:
        self._inner = model.model
        self.vision: nn.Module = model.model.visual
        self.language = model.model.language_model
        self.head: nn.Linear = model.lm_head
        self.coordinates = "xyxy_1000" if model.config.model_type.startswith("qwen3") else "xyxy_px"
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.end_ids = end_ids(model, processor.tokenizer)
        self._template = processor.apply_chat_template
        self._images = processor.image_processor
        self._image_id: int = model.config.image_token_id
        self.placeholders = [self._image_id, model.config.video_token_id]
        size = self._images.size
        self._max_pixels = min(size["longest_edge"], max_pixels or size["longest_edge"])
        self._min_pixels = min(size["shortest_edge"], self._max_pixels)
        self._images.size = {"shortest_edge": self._min_pixels, "longest_edge": self._max_pixels}
        self._cell = self._images.patch_size * self._images.merge_size

    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        rows, columns = smart_resize(
            height, width, factor=self._cell, min_pixels=self._min_pixels, max_pixels=self._max_pixels
        )
        return columns, rows

    def is_symmetric(self, width: int, height: int) -> bool:
        return True

    def image_tokens(self, width: int, height: int) -> int:
        return width * height // self._cell**2

    def grid(self, width: int, height: int) -> Grid:
        columns, rows = self.seen_size(width, height)
        return Grid(rows // self._cell, columns // self._cell)

    def features(self, images: list[Image.Image]) -> list[Features]:
        pixels, grid = self._pixels(images)
        with all_windows_at_once(self.vision):
            seen = self._inner.get_image_features(pixels, grid, return_dict=True)
        deep = getattr(seen, "deepstack_features", None) or []
        return [Features(tokens, [layer[i] for layer in deep]) for i, tokens in enumerate(seen.pooler_output)]

    def text(self, prompt: list[Message]) -> str:
        return chat_text(self._template, prompt)

    def encode(self, prompt: list[Message], pictures: list[Picture], sizes: list[tuple[int, int]]) -> Prefix:
        tokens = [self.image_tokens(*size) for size in sizes]
        ids = place_images(
            self.tokenizer(self.text(prompt))["input_ids"], self._image_id, tokens, "the image placeholder"
        )
        positions, shift = self._inner.get_rope_index(
            ids[None], self._types(ids)[None], image_grid_thw=self._grid(sizes) if sizes else None
        )
        return Prefix(ids, pictures, sizes, positions[:, 0], len(ids) + int(shift), ids == self._image_id)

    def language_inputs(self, image_places: Tensor, deep: list[Tensor]) -> dict[str, Tensor | list[Tensor]]:
        return {"visual_pos_masks": image_places[None], "deepstack_visual_embeds": deep} if deep else {}

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        ids = torch.cat([prefix.ids, completion])
        inputs = {
            "input_ids": ids[None],
            "attention_mask": torch.ones_like(ids)[None],
            "mm_token_type_ids": torch.cat([self._types(prefix.ids), torch.zeros_like(completion)])[None].int(),
        }
        if images:
            inputs["pixel_values"], inputs["image_grid_thw"] = self._pixels(images)
        return inputs

    def _pixels(self, images: list[Image.Image]) -> tuple[Tensor, Tensor]:
        out = self._images(images=images, return_tensors="pt")
        device = next(self.vision.parameters()).device
        return out["pixel_values"].to(device), out["image_grid_thw"].to(device)

    def _grid(self, sizes: list[tuple[int, int]]) -> Tensor:
        """Returns frames, rows and columns of patches of each image, (images, 3)."""
        patch = self._images.patch_size
        return torch.tensor([[1, height // patch, width // patch] for width, height in sizes])

    def _types(self, ids: Tensor) -> Tensor:
        """Returns 1 at image tokens and 0 at text tokens."""
        return (ids == self._image_id).int()
