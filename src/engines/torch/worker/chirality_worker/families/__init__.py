"""Model families, one per file."""

from collections.abc import Callable
from typing import Any

from ..errors import WorkerError
from .base import Family
from .llava import Llava
from .paligemma import PaliGemma
from .qwen_vl import QwenVl

FAMILIES: dict[str, Callable[[Any, Any, int | None], Family]] = {
    "qwen2_5_vl": QwenVl,
    "qwen3_vl": QwenVl,
    "paligemma": PaliGemma,
    "llava": Llava,
}
"""Families by `model_type` of the config. PaliGemma 2 has the same type as PaliGemma."""


def family_of(model: Any, processor: Any, max_pixels: int | None) -> Family:
    return FAMILIES[model.config.model_type](model, processor, max_pixels)


def require_known(model_type: str, name: str) -> None:
    """Raises WorkerError for an unknown model type, before gigabytes are loaded."""
    if model_type not in FAMILIES:
        raise WorkerError(
            "unknown-model",
            f"{name} is a {model_type} model. This engine supports {', '.join(FAMILIES)}.",
            "Set engine.model to one of these families.",
        )
