"""PaliGemma and PaliGemma 2: a square image before a text.

All tokens of image and prompt see each other; only the answer is causal. If an answer were scored as part of the
prompt, its tokens would see their successors, which would leak the answer. Prompt and answer are therefore always
separate.
"""

import math
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from ..chat import Message
from ..errors import WorkerError
from ..images import Picture
from .base import Features, Grid, Prefix, SquareImages, end_ids, line_of_positions


class PaliGemma:
    """Family that writes boxes with special tokens; text answers contain none."""

    coordinates: str | None = None
    bidirectional_prompt = True
    refuses: tuple[str, ...] = ("several-turns", "assistant-prefix", "several-images")

    def __init__(self, model: Any, processor: Any, max_pixels: int | None) -> None:
        self._inner = model.model
        self.vision: nn.Module = model.model.vision_tower
        self.language = model.model.language_model
        self.head: nn.Linear = model.lm_head
        self.softcap: float | None = getattr(model.config.text_config, "final_logit_softcapping", None)
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.end_ids = end_ids(model, processor.tokenizer)
        self._images = SquareImages(processor.image_processor, processor.image_processor.size, max_pixels)
        self._tokens: int = processor.image_seq_length
        self._image_id: int = model.config.image_token_id
        self.placeholders = [self._image_id]

    def seen_size(self, width: int, height: int) -> tuple[int, int]:
        return self._images.side, self._images.side

    def is_symmetric(self, width: int, height: int) -> bool:
        return True

    def image_tokens(self, width: int, height: int) -> int:
        return self._tokens

    def grid(self, width: int, height: int) -> Grid:
        cells = math.isqrt(self._tokens)
        return Grid(cells, cells)

    def features(self, images: list[Image.Image]) -> list[Features]:
        seen = self._inner.get_image_features(self._images.pixels(images, self.vision), return_dict=True)
        return [Features(tokens, []) for tokens in seen.pooler_output]

    def text(self, prompt: list[Message]) -> str:
        """Returns the texts without roles. A system message becomes the first line, as in Gemma's chat template."""
        texts = ["".join(part for part in m["content"] if isinstance(part, str)) for m in prompt]
        return "\n".join(texts) + "\n"

    def encode(self, prompt: list[Message], pictures: list[Picture], sizes: list[tuple[int, int]]) -> Prefix:
        """Encodes a prompt in the form used in training: image, start of sequence, text, line break."""
        words = self.tokenizer(self.text(prompt), add_special_tokens=False)["input_ids"]
        if self._image_id in words:
            raise WorkerError("bad-prompt", "A text must not contain the image placeholder itself.")
        ids = torch.tensor([*[self._image_id] * (self._tokens * len(sizes)), self.tokenizer.bos_token_id, *words])
        positions = line_of_positions(len(ids), 1)
        return Prefix(ids, pictures, sizes, positions, len(ids) + 1, ids == self._image_id)

    def language_inputs(self, image_places: Tensor, deep: list[Tensor]) -> dict[str, Tensor | list[Tensor]]:
        return {}

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        ids = torch.cat([prefix.ids, completion])
        inputs = {
            "input_ids": ids[None],
            "attention_mask": torch.ones_like(ids)[None],
            # 0: bidirectional; 1: causal.
            "token_type_ids": torch.cat([torch.zeros_like(prefix.ids), torch.ones_like(completion)])[None],
        }
        return inputs | ({"pixel_values": self._images.pixels(images, self.vision)} if images else {})
