"""PaliGemma and PaliGemma 2: a square image before a text.

All tokens of image and prompt see each other; only the answer is causal. If an answer were scored as part of the
prompt, its tokens would see their successors, which would leak the answer. Prompt and answer are therefore always
separate.
"""

import math
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from ..chat import Message
from ..errors import WorkerError
from ..images import Picture
from .base import Grid, Prefix, SquareFamily, line_of_positions


class PaliGemma(SquareFamily):
    """Family that writes boxes with special tokens; text answers contain none."""

    bidirectional_prompt = True
    refuses = ("several-turns", "assistant-prefix", "several-images")

    def __init__(self, model: Any, processor: Any, max_pixels: int | None) -> None:
        super().__init__(model, processor, processor.image_processor.size, max_pixels, processor.image_seq_length)
        self.softcap = getattr(model.config.text_config, "final_logit_softcapping", None)

    def grid(self, width: int, height: int) -> Grid:
        cells = math.isqrt(self._tokens)
        return Grid(cells, cells)

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

    def plain_inputs(self, prefix: Prefix, images: list[Image.Image], completion: Tensor) -> dict[str, Tensor]:
        # 0: bidirectional; 1: causal.
        types = torch.cat([torch.zeros_like(prefix.ids), torch.ones_like(completion)])[None]
        return super().plain_inputs(prefix, images, completion) | {"token_type_ids": types}
