"""Prompts for a model on a server: tokens, and images in the size that the model sees. This module reads small files
next to a model's weights, and needs neither the weights nor PyTorch."""

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from tinker import types
from transformers import AutoTokenizer
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil, smart_resize

from .chat import Message, chat_text
from .errors import WorkerError
from .images import ImageFiles, Picture

PICTURES_KEPT = 64
"""Maximum number of cached PNG files: all completions of a prompt, and all passes over them, send the same images."""


class Prompts:
    """Encoder of prompts. Images are encoded as in Qwen-VL models (2, 2.5, 3, 3.5), which share one image processor.
    Other models read text only."""

    def __init__(self, folder: Path, max_pixels: int | None) -> None:
        self.files = ImageFiles()
        self.tokenizer = tokenizer_in(folder)
        self.context: int | None = None
        """Maximum context of the server's model, in tokens; None if unknown."""
        self.ends = end_ids(folder, self.tokenizer)
        """Tokens that end a completion; the first one also ends a target."""
        self.images = images_of(folder)
        self.placeholder: int | None = None
        """Image placeholder; None for a text model."""
        self.coordinates: str | None = None
        if self.images:
            self.placeholder = self.tokenizer.convert_tokens_to_ids(
                getattr(self.tokenizer, "image_token", None) or "<|image_pad|>"
            )
            # Qwen3-VL has patches of 16 pixels and writes boxes in thousandths; earlier models in resized pixels.
            self.coordinates = "xyxy_1000" if self.images.patch_size == 16 else "xyxy_px"
            most = self.images.size["longest_edge"]
            self._max_pixels = min(most, max_pixels or most)
            self._min_pixels = min(self.images.size["shortest_edge"], self._max_pixels)
        self._png = lru_cache(PICTURES_KEPT)(self._encoded)

    def seen(self, hash: str) -> dict[str, Any]:
        """Returns the seen size of an image in pixels, and its number of tokens if the model reads images."""
        width, height = self._seen_size(*self.files.size(hash))
        tokens = {"tokens": self._image_tokens(width, height)} if self.images else {}
        return {"hash": hash, "width": width, "height": height, **tokens}

    def chunks(self, prompt: list[Message]) -> list[Any]:
        """Returns the chunks of a prompt: tokens, and images with their numbers of tokens."""
        text = chat_text(self.tokenizer.apply_chat_template, prompt, in_parts=self.images is not None)
        pictures = [
            Picture(part["image"], part["view"])
            for message in prompt
            for part in message["content"]
            if not isinstance(part, str)
        ]
        pieces: list[list[int]] = [[]]
        for id in self._ids(text):
            if id == self.placeholder:
                pieces.append([])
            else:
                pieces[-1].append(id)
        if len(pieces) - 1 != len(pictures):
            raise WorkerError(
                "bad-prompt",
                f"The prompt has {len(pictures)} images, but the chat template shows {len(pieces) - 1}: "
                "a text must not contain the image placeholder itself.",
            )
        chunks: list[Any] = []
        for i, tokens in enumerate(pieces):
            if i > 0:
                data, count = self._png(pictures[i - 1])
                chunks.append(types.ImageChunk(data=data, format="png", expected_tokens=count))
            if tokens:
                chunks.append(types.EncodedTextChunk(tokens=tokens))
        return chunks

    def target(self, text: str) -> list[int]:
        """Returns the tokens of a target, with the end of sequence."""
        ids = self._ids(text)
        if self.placeholder in ids:
            raise WorkerError(
                "bad-prompt",
                f"An answer must not contain {self.tokenizer.decode([self.placeholder])}: it is the image placeholder.",
                "Remove it from the answer of the row.",
            )
        return [*ids, self.ends[0]]

    def text(self, tokens: list[int]) -> str:
        text: str = self.tokenizer.decode(tokens, skip_special_tokens=True)
        return text

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _seen_size(self, width: int, height: int) -> tuple[int, int]:
        if self.images is None:
            return width, height
        cell = self.images.patch_size * self.images.merge_size
        rows, columns = smart_resize(height, width, cell, self._min_pixels, self._max_pixels)
        return columns, rows

    def _image_tokens(self, width: int, height: int) -> int:
        return width * height // int(self.images.patch_size * self.images.merge_size) ** 2

    def _encoded(self, picture: Picture) -> tuple[bytes, int]:
        """Returns the image as PNG in the size that the model sees, and its number of tokens."""
        image = self.files.decoded(picture)
        size = self._seen_size(*image.size)
        file = io.BytesIO()
        # The server's processor does not resize an image of this size.
        (image if size == image.size else image.resize(size, self.images.resample)).save(file, "PNG")
        return file.getvalue(), self._image_tokens(*size)


def tokenizer_in(folder: Path) -> Any:
    if not (folder / "tokenizer.json").is_file():
        raise WorkerError(
            "bad-options",
            f"engine.processor: {folder} has no tokenizer.json.",
            '`hf download MODEL --include "*.json" "*.jinja" --exclude "*.safetensors*" --local-dir FOLDER` gets it '
            "without the weights.",
        )
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    older = folder / "chat_template.json"
    if tokenizer.chat_template is None and older.is_file():
        tokenizer.chat_template = json.loads(older.read_text("utf-8"))["chat_template"]
    if tokenizer.chat_template is None:
        raise WorkerError("bad-options", f"engine.processor: {folder} has no chat template.")
    return tokenizer


def end_ids(folder: Path, tokenizer: Any) -> list[int]:
    """Returns the tokenizer's end of sequence, then all other tokens at which generation stops."""
    generation = folder / "generation_config.json"
    also = json.loads(generation.read_text("utf-8")).get("eos_token_id") if generation.is_file() else None
    more = [] if also is None else also if isinstance(also, list) else [also]
    return list(dict.fromkeys([tokenizer.eos_token_id, *more]))


def images_of(folder: Path) -> Any:
    """Returns the image processor; None for a text model, or if the processor is not of the Qwen type."""
    try:
        settings, _ = Qwen2VLImageProcessorPil.get_image_processor_dict(folder, local_files_only=True)
    except OSError:
        return None
    if not str(settings.get("image_processor_type", "")).startswith("Qwen"):
        return None
    return Qwen2VLImageProcessorPil(**settings)
