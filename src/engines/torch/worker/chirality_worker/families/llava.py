"""LLaVA 1.5 and similar models: a square image, projected into the language model's token sequence."""

from typing import Any

from .base import Grid, SquareFamily


class Llava(SquareFamily):
    """Family that scales the shorter side of the image to the square and crops the middle."""

    def __init__(self, model: Any, processor: Any, max_pixels: int | None) -> None:
        size = processor.image_processor.crop_size
        places = (size["height"] // processor.patch_size) ** 2 + processor.num_additional_image_tokens
        tokens = places - (processor.vision_feature_select_strategy == "default")
        super().__init__(model, processor, size, max_pixels, tokens)

    def is_symmetric(self, width: int, height: int) -> bool:
        return all((x - self._side) % 2 == 0 for x in self._scaled(width, height))

    def _scaled(self, width: int, height: int) -> list[int]:
        """Returns width and height before the crop, rounded as in the image processor."""
        side = self._side
        return [side if x == min(width, height) else int(side * x / min(width, height)) for x in (width, height)]

    def grid(self, width: int, height: int) -> Grid:
        side = self._side
        cells = side // self.processor.patch_size
        scaled = self._scaled(width, height)
        left, top = ((x - side) // 2 / x for x in scaled)
        right, bottom = (start + side / x for start, x in zip((left, top), scaled, strict=True))
        return Grid(cells, cells, (left, top, right, bottom))
