"""Prompts in the chat template of a model."""

from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
"""`role` and `content`, a list of texts and of `{image, view}`."""


def chat_text(template: Callable[..., str], prompt: list[Message], in_parts: bool = True) -> str:
    """Applies a chat template. A prompt that ends with an assistant message is continued there. `in_parts`: whether the
    template expects a list of parts, as in vision models, or one text."""
    messages = [
        {"role": m["role"], "content": merge_texts(m["content"]) if in_parts else "".join(m["content"])} for m in prompt
    ]
    goes_on = prompt[-1]["role"] == "assistant"
    return template(messages, tokenize=False, add_generation_prompt=not goes_on, continue_final_message=goes_on)


def merge_texts(content: list[str | dict[str, Any]]) -> list[dict[str, str]]:
    """Converts the parts of a message to the form that chat templates expect."""
    return [{"type": "text", "text": part} if isinstance(part, str) else {"type": "image"} for part in content]
