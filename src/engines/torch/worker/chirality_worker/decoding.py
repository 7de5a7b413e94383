"""Decodes completions of several prompts, token by token.

The completions of a prompt share its keys and values. Finished rows are dropped.
"""

import torch
from torch import Tensor

from .families.base import Prefix
from .head import logits
from .transfer import sent
from .vlm import Vlm

ROOM = 64
"""Initial room of a completion's cache, in tokens; doubled when full."""


class Decoder:
    """Decoder of rows ordered by prompt, n for each, until `keep` selects those that continue. `logits()` returns the
    logits of the next token, `put(tokens)` appends it. The decoder is the layout of its rows (attention.Layout)."""

    keep_below = 0.75
    """Maximum share of unfinished rows at which finished rows are dropped. Moving the caches costs about one step."""

    def __init__(self, vlm: Vlm, prefixes: list[Prefix], n: int) -> None:
        self.vlm = vlm
        last, captured = vlm.prefill(prefixes)
        self.hidden = last.repeat_interleave(n, 0)
        self.prompt_keys = [padded([k for k, _ in layer]) for layer in captured]
        self.prompt_values = [padded([v for _, v in layer]) for layer in captured]
        # The row order is stored on the CPU, so that dropping rows does not wait for a GPU.
        lengths = torch.tensor([len(prefix) for prefix in prefixes])
        self.prompt_mask = torch.arange(int(lengths.max())) < lengths[:, None]
        self.prompt_of = torch.arange(len(prefixes)).repeat_interleave(n)
        self.positions = sent(torch.tensor([p.next_position for p in prefixes]).repeat_interleave(n), vlm.device)
        self.axes = prefixes[0].positions.shape[0]
        self.keys = [x.new_empty(len(self.hidden), x.shape[1], 0, x.shape[3]) for x in self.prompt_keys]
        self.values = list(self.keys)
        self.length = 0
        self._arrange()

    def logits(self) -> Tensor:
        """Returns the logits of the next tokens, (rows, V), in float32, before division by the temperature."""
        return logits(self.hidden, self.vlm.family.head.weight, self.vlm.family.softcap)

    def put(self, tokens: Tensor) -> None:
        """Appends a token to every row; tokens (rows,)."""
        if self.length == self.keys[0].shape[2]:
            self._grow(max(ROOM, self.length))
        self.hidden = self._step(tokens, self.length)
        self.length += 1

    def _grow(self, room: int) -> None:
        """Adds room for this number of tokens. The room is filled with zeros, because unseen values have weight 0, and
        0 times infinity or NaN is NaN."""
        self.keys = [torch.cat([x, x.new_zeros(*x.shape[:2], room, x.shape[3])], 2) for x in self.keys]
        self.values = [torch.cat([x, x.new_zeros(*x.shape[:2], room, x.shape[3])], 2) for x in self.values]

    def _step(self, tokens: Tensor, place: int | Tensor) -> Tensor:
        """Returns the hidden states of tokens at the same position of every completion."""
        embeddings = self.vlm.family.language.get_input_embeddings()(tokens)[None]
        return self.vlm.hidden(embeddings, (self.positions + place).expand(self.axes, 1, -1), self, {})

    def _seen(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Stores the key and value of the current token (rows, Hkv, D). Returns those of all tokens up to it."""
        keys, values, end = self.keys[layer], self.values[layer], self.length + 1
        keys[:, :, self.length], values[:, :, self.length] = key, value
        return keys[:, :, :end], values[:, :, :end]

    def keep(self, rows: Tensor) -> None:
        """Keeps only these rows: ascending indices, on the CPU."""
        prompts, self.prompt_of = self.prompt_of[rows].unique(return_inverse=True)
        rows = sent(rows, self.vlm.device)
        self.hidden, self.positions = self.hidden[rows], self.positions[rows]
        self.keys, self.values = [x[rows] for x in self.keys], [x[rows] for x in self.values]
        if len(prompts) < len(self.prompt_mask):
            self.prompt_mask = self.prompt_mask[prompts]
            prompts = sent(prompts, self.vlm.device)
            self.prompt_keys = [x[prompts] for x in self.prompt_keys]
            self.prompt_values = [x[prompts] for x in self.prompt_values]
        self._arrange()

    def attend(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float, softcap: float | None
    ) -> Tensor:
        """Attends from each row to its prompt and its own tokens: two products for the scores, one joint softmax."""
        keys, values = self._seen(layer, key[0].transpose(0, 1), value[0].transpose(0, 1))
        heads = keys.shape[1]
        q = (query[0].transpose(0, 1) * scale).unflatten(1, (heads, -1))
        on_prompt = self._from_grid(self._to_grid(q) @ self.prompt_keys[layer].transpose(-1, -2))
        scores = torch.cat([on_prompt, q @ keys.transpose(-1, -2)], -1).float()
        if softcap is not None:
            scores = torch.tanh(scores / softcap) * softcap
        places = on_prompt.shape[-1]
        scores[..., : self.unseen.shape[-1]].masked_fill_(self.unseen, float("-inf"))
        weights = scores.softmax(-1).to(value.dtype)
        out = self._from_grid(self._to_grid(weights[..., :places]) @ self.prompt_values[layer])
        out = out + weights[..., places:] @ values
        return out.flatten(1, 2).transpose(0, 1)[None]

    def _arrange(self) -> None:
        """Arranges rows in a grid of prompts × rows, so that one product serves all rows of a prompt."""
        self.unseen = sent(~self.prompt_mask[self.prompt_of][:, None, None], self.vlm.device)
        cells, row_of, self.width = grid_of(self.prompt_of, len(self.prompt_mask))
        full = len(cells) == len(row_of)
        self.cell_of = None if full else sent(cells, self.vlm.device)
        self.row_of = sent(row_of, self.vlm.device)

    def _to_grid(self, x: Tensor) -> Tensor:
        """Converts (rows, Hkv, r, X) → (prompts, Hkv, width · r, X)."""
        if self.cell_of is not None:
            x = x.index_select(0, self.row_of)
        return x.unflatten(0, (-1, self.width)).transpose(1, 2).flatten(2, 3)

    def _from_grid(self, x: Tensor) -> Tensor:
        """Inverts `_to_grid`."""
        x = x.unflatten(2, (self.width, -1)).transpose(1, 2).flatten(0, 1)
        return x if self.cell_of is None else x.index_select(0, self.cell_of)


def grid_of(prompt_of: Tensor, prompts: int, width: int = 0) -> tuple[Tensor, Tensor, int]:
    """Returns a grid of prompts × rows, at least `width` wide: cell of each row, row of each cell, and width. Empty
    cells repeat the first row and are ignored."""
    counts = prompt_of.bincount(minlength=prompts)
    width = max(width, int(counts.max()))
    rows = torch.arange(len(prompt_of))
    cells = prompt_of * width + rows - (counts.cumsum(0) - counts)[prompt_of]
    return cells, rows.new_zeros(len(counts) * width).index_put((cells,), rows), width


def padded(rows: list[Tensor]) -> Tensor:
    """Pads and joins prompts, each (1, Hkv, P, D) → (prompts, Hkv, longest, D)."""
    out = rows[0].new_zeros(len(rows), rows[0].shape[1], max(x.shape[2] for x in rows), rows[0].shape[3])
    for i, x in enumerate(rows):
        out[i, :, : x.shape[2]] = x[0]
    return out
