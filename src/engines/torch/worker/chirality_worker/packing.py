"""Packs groups into one row: each prompt once, followed by its completions.

    [ prompt A | a1 | a2 | … | prompt B | b1 | … ]

Linear layers see one long row without padding. In attention, a completion sees its prompt and itself, so the gradients
of all completions flow into the one prompt. The last token of a completion predicts nothing and is left out; the first
token is predicted at the last position of the prompt.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from .attention import attend
from .families.base import Features, Prefix
from .transfer import sent


@dataclass(frozen=True)
class Group:
    """One prompt and the completions that continue it."""

    prefix: Prefix
    completions: list[Tensor]
    """Tokens, on the processor."""

    @property
    def size(self) -> int:
        """Number of positions that the group takes in a row."""
        return len(self.prefix) + sum(len(tokens) - 1 for tokens in self.completions)


@dataclass(frozen=True)
class Span:
    """The range of a group in the row, and how its completions become a batch of equal length for attention."""

    start: int
    prompt: int
    completions: int
    longest: int
    pad: Tensor | None
    """Position of each entry of the padded batch, counted from the first completion; None if all have the same
    length."""
    unpad: Tensor | None

    @property
    def continued(self) -> int:
        """Number of positions of all completions."""
        return self.completions * self.longest if self.unpad is None else len(self.unpad)

    @property
    def end(self) -> int:
        return self.start + self.prompt + self.continued


@dataclass
class Packed:
    """The layout of a row of groups."""

    spans: list[Span]
    bidirectional_prompt: bool
    captured: list[list[tuple[Tensor, Tensor]]] | None = None
    """If this is a list, the keys and values of each prompt are stored in it: `[layer][prompt]` of (1, Hkv, P, D)."""

    def attend(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float, softcap: float | None
    ) -> Tensor:
        pieces: list[Tensor] = []
        captured: list[tuple[Tensor, Tensor]] = []
        lengths = [length for span in self.spans for length in (span.prompt, span.continued)]
        # Not by slices, since each of them would have a gradient of the size of the whole row.
        parts = [x.split(lengths, 2) for x in (query, key, value)]
        for i, span in enumerate(self.spans):
            q_p, k_p, v_p = (x[2 * i] for x in parts)
            captured.append((k_p, v_p))
            pieces.append(attend(q_p, k_p, v_p, scale, softcap, causal=not self.bidirectional_prompt))
            if span.longest == 0:
                continue
            q_c, k_c, v_c = (as_batch(x[2 * i + 1], span) for x in parts)
            k_all, v_all = (
                torch.cat([p.expand(span.completions, -1, -1, -1), c], 2) for p, c in ((k_p, k_c), (v_p, v_c))
            )
            out = attend(q_c, k_all, v_all, scale, softcap, causal=True)
            out = out.transpose(0, 1).flatten(1, 2)[None]
            pieces.append(out if span.unpad is None else out.index_select(2, span.unpad))
        if self.captured is not None:
            self.captured.append(captured)
        return torch.cat(pieces, 2)

    def visibility(self, device: torch.device) -> Tensor:
        """(N, N), true where a position of the row sees another one."""
        size = self.spans[-1].end
        seen = torch.zeros(size, size, dtype=torch.bool, device=device)
        for span in self.spans:
            entries = torch.arange(span.continued, device=device) if span.unpad is None else span.unpad
            part = torch.cat([entries.new_zeros(span.prompt), 1 + entries // max(1, span.longest)])
            own = ((part == 0) | (part[:, None] == part)).tril()
            if self.bidirectional_prompt:
                own[: span.prompt, : span.prompt] = True
            seen[span.start : span.end, span.start : span.end] = own
        return seen


def as_batch(x: Tensor, span: Span) -> Tensor:
    """(1, h, tokens of all completions, D) → (completions, h, longest, D)."""
    if span.pad is not None:
        x = x.index_select(2, span.pad)
    return x[0].unflatten(1, (span.completions, span.longest)).transpose(0, 1)


@dataclass(frozen=True)
class PackedRow:
    """The inputs of the language model for a row, and the positions at which it predicts tokens."""

    embeddings: Tensor
    """(1, N, hidden)"""
    positions: Tensor
    """(axes, 1, N)"""
    layout: Packed
    image_places: Tensor
    """(N,), true at tokens of images."""
    deep: list[Tensor] = field(default_factory=list)
    """Features.deep of all images in the row, concatenated."""
    places: Tensor = field(default_factory=lambda: torch.empty(0))
    """(M,): the position at which each token of the completions is predicted."""
    targets: Tensor = field(default_factory=lambda: torch.empty(0))
    """(M,): these tokens."""


def pack(
    groups: list[Group],
    embed: Callable[[Tensor], Tensor],
    features: list[list[Features]],
    bidirectional_prompt: bool,
    device: torch.device,
) -> PackedRow:
    """Lays groups out in a row on the device of the model. `features` contains those of the images of each prompt."""
    ids: list[Tensor] = []
    positions: list[Tensor] = []
    marks: list[Tensor] = []
    spans: list[Span] = []
    places: list[Tensor] = []
    targets: list[Tensor] = []
    start = 0
    for group in groups:
        prefix = group.prefix
        # Placeholders of images may be outside the vocabulary; their embeddings are replaced anyway.
        ids += [prefix.ids.masked_fill(prefix.image_places, 0), *(tokens[:-1] for tokens in group.completions)]
        lengths = [len(tokens) - 1 for tokens in group.completions]
        steps = [torch.arange(prefix.next_position, prefix.next_position + n) for n in lengths]
        axes = prefix.positions.shape[0]
        positions += [prefix.positions, *(step.expand(axes, -1) for step in steps)]
        marks += [prefix.image_places, prefix.image_places.new_zeros(sum(lengths))]
        spans.append(span_of(start, len(prefix), lengths, device))
        at = start + len(prefix)
        for tokens, length in zip(group.completions, lengths, strict=True):
            places += [torch.tensor([start + len(prefix) - 1]), torch.arange(at, at + length)]
            targets.append(tokens)
            at += length
        start = at
    nothing = torch.empty(0, dtype=torch.long)
    row = embed(sent(torch.cat(ids), device))
    shown = [image for images in features for image in images]
    if shown:
        at_images = torch.cat(marks).nonzero()[:, 0]
        seen = torch.cat([image.tokens for image in shown]).to(row.dtype)
        row = row.index_put((sent(at_images, device),), seen)
    layers = len(shown[0].deep) if shown else 0
    return PackedRow(
        row[None],
        sent(torch.cat(positions, 1)[:, None], device),
        Packed(spans, bidirectional_prompt),
        sent(torch.cat(marks), device),
        [torch.cat([image.deep[layer] for image in shown]) for layer in range(layers)],
        sent(torch.cat([nothing, *places]), device),
        sent(torch.cat([nothing, *targets]), device),
    )


def span_of(start: int, prompt: int, lengths: list[int], device: torch.device) -> Span:
    longest = max(lengths, default=0)
    pad = unpad = None
    if any(length != longest for length in lengths):
        offsets = [sum(lengths[:i]) for i in range(len(lengths))]
        # Padding is never seen: later positions of a completion are masked for earlier ones, and unpad drops the rest.
        column = torch.arange(longest)
        last = sum(lengths) - 1
        pad = sent(torch.cat([(column + offset).clamp(max=last) for offset in offsets]), device)
        unpad = sent(torch.cat([torch.arange(length) + i * longest for i, length in enumerate(lengths)]), device)
    return Span(start, prompt, len(lengths), longest, pad, unpad)
