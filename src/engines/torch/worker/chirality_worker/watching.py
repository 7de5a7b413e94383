"""Records and changes a pass from outside: its attention by a layout, its hidden states by hooks.

Attention is computed as usual. The weights of the few requested rows are computed again from the same queries and keys.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .attention import attend
from .packing import Packed


@dataclass
class Watched(Packed):
    """Packed row that records attention weights, or hides some keys."""

    watched: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.long))
    """(Q,): positions whose attention is recorded."""
    layers: frozenset[int] = frozenset()
    visible: Tensor | None = None
    """(N, N), true where a position sees another one."""
    blocked: range = range(0)
    """Layers that attend by `visible`, which hides some keys."""
    weights: dict[int, Tensor] = field(default_factory=dict)
    """Attention weights by layer, (H, Q, N), in float32."""

    def attend(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float, softcap: float | None
    ) -> Tensor:
        if layer in self.blocked:
            return attend(query, key, value, scale, softcap, mask=self.visible)
        if layer in self.layers and self.visible is not None:
            q, k = query[0].index_select(1, self.watched).float(), key[0].float()
            k = k.repeat_interleave(query.shape[1] // key.shape[1], 0)
            scores = q @ k.transpose(-1, -2) * scale
            if softcap is not None:
                scores = torch.tanh(scores / softcap) * softcap
            self.weights[layer] = scores.masked_fill(~self.visible[self.watched], float("-inf")).softmax(-1)
        return super().attend(layer, query, key, value, scale, softcap)


@contextmanager
def sites(language: Any, at_site: Callable[[int, Tensor], Tensor | None] | None) -> Iterator[None]:
    """Returns a context in which `at_site` receives the hidden states (N, hidden) that enter each layer, counted from
    0, and the last norm. They include values added between two layers (Qwen3-VL's deepstack)."""

    def hook(site: int) -> Callable[..., Any]:
        def before(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            states = args[0] if args else kwargs["hidden_states"]
            changed = at_site(site, states[0]) if at_site else None
            if changed is None:
                return None
            return ((changed[None], *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": changed[None]})

        return before

    modules = [*language.layers, language.norm] if at_site else []
    handles = [m.register_forward_pre_hook(hook(site), with_kwargs=True) for site, m in enumerate(modules)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
