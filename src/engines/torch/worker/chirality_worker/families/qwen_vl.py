"""Qwen2.5-VL and Qwen3-VL: dynamic resolution, rotary positions on three axes (time, row, column)."""

from typing import Any

import torch
from PIL import Image
from torch import Tensor
from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize

from ..windows import all_windows_at_once
from .base import Family, Features, Grid, Prefix


class QwenVl(Family):
    """Family that writes boxes in pixels of the resized image (2.5) or in thousandths of the image (3)."""

    def __init__(self, model: Any, processor: Any, max_pixels: int | None) -> None:
        super().__init__(model, processor)
        self.vision = model.model.visual
        self.coordinates = "xyxy_1000" if model.config.model_type.startswith("qwen3") else "xyxy_px"
        self.placeholders.append(model.config.video_token_id)
        self._images = processor.image_processor
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

    def image_tokens(self, width: int, height: int) -> int:
        return width * height // self._cell**2

    def grid(self, width: int, height: int) -> Grid:
        columns, rows = self.seen_size(width, height)
        return Grid(rows // self._cell, columns // self._cell)

    def features(self, images: list[Image.Image]) -> list[Features]:
        with all_windows_at_once(self.vision):
            return super().features(images)

    def _positions(self, ids: Tensor, sizes: list[tuple[int, int]]) -> tuple[Tensor, int]:
        positions, shift = self._inner.get_rope_index(
            ids[None], self._types(ids)[None], image_grid_thw=self._grid(sizes) if sizes else None
        )
        return positions[:, 0], len(ids) + int(shift)

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        types = torch.cat([self._types(prefix.ids), torch.zeros_like(completion)])[None].int()
        return super().plain_inputs(prefix, images, completion) | {"mm_token_type_ids": types}

    def _pixels(self, images: list[Image.Image]) -> dict[str, Tensor]:
        out = self._images(images=images, return_tensors="pt")
        device = next(self.vision.parameters()).device
        return {name: out[name].to(device) for name in ("pixel_values", "image_grid_thw")}

    def _grid(self, sizes: list[tuple[int, int]]) -> Tensor:
        """Returns frames, rows and columns of patches of each image, (images, 3)."""
        patch = self._images.patch_size
        return torch.tensor([[1, height // patch, width // patch] for width, height in sizes])

    def _types(self, ids: Tensor) -> Tensor:
        """Returns 1 at image tokens and 0 at text tokens."""
        return (ids == self._image_id).int()
