"""Packs groups into one row: each prompt once, followed by its completions.

    [ prompt A | a1 | a2 | … | prompt B | b1 | … ]

Linear layers process one long row without padding. In attention, a completion sees its prompt and itself, so the
gradients of all completions accumulate in the shared prompt. The last token of a completion predicts nothing and is
omitted; the first one is predicted at the last position of the prompt.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import pad as padded

from .attention import Sequences, attend, attend_to_sequences
from .families.base import Features, Prefix
from .transfer import sent


@dataclass(frozen=True)
class Group:
    """Prompt with the completions that continue it."""

    prefix: Prefix
    completions: list[Tensor]
    """Tokens of each completion, on the CPU."""

    @property
    def size(self) -> int:
        """Number of positions of the group in a row."""
        return len(self.prefix) + sum(len(tokens) - 1 for tokens in self.completions)


@dataclass(frozen=True)
class Span:
    """Range of a group in the row, and indices that pad its completions to equal length for attention."""

    start: int
    prompt: int
    completions: int
    longest: int
    pad: Tensor | None
    """Index of each entry of the padded batch, counted from the first completion; None if all completions have the same
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
    """Layout of a row of groups."""

    spans: list[Span]
    bidirectional_prompt: bool
    captured: list[list[tuple[Tensor, Tensor]]] | None = None
    """Destination for the keys and values of each prompt: `[layer][prompt]` of (1, Hkv, P, D). None stores nothing."""
    sequences: Sequences | None = None
    """Tokens of the row as sequences for one call of attention; None for one call per prompt and group."""

    @property
    def joint(self) -> bool:
        return self.sequences is not None

    def attend_joint(self, layer: int, x: Tensor, cos: Tensor, sin: Tensor, heads: int, scale: float) -> Tensor:
        assert self.sequences is not None
        out = attend_to_sequences(x, cos, sin, self.sequences, heads, scale)
        if self.captured is not None:
            kv = x[:, heads:].transpose(0, 1)[None].chunk(2, 1)
            ranges = [slice(span.start, span.start + span.prompt) for span in self.spans]
            self.captured.append([(kv[0][:, :, places], kv[1][:, :, places]) for places in ranges])
        return out

    def attend(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float, softcap: float | None
    ) -> Tensor:
        pieces: list[Tensor] = []
        captured: list[tuple[Tensor, Tensor]] = []
        lengths = [length for span in self.spans for length in (span.prompt, span.continued)]
        # Slices would each have a gradient of the size of the whole row.
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
        """Returns (N, N), true where a position of the row sees another one."""
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
    """Converts (1, h, tokens of all completions, D) → (completions, h, longest, D)."""
    if span.pad is not None:
        x = x.index_select(2, span.pad)
    return x[0].unflatten(1, (span.completions, span.longest)).transpose(0, 1)


@dataclass(frozen=True)
class PackedRow:
    """Inputs of the language model for a row, and the positions at which it predicts tokens."""

    embeddings: Tensor
    """(1, N, hidden)"""
    positions: Tensor
    """(axes, 1, N)"""
    layout: Packed
    image_places: Tensor
    """(N,), true at image tokens."""
    deep: list[Tensor] = field(default_factory=list)
    """Features.deep of all images in the row, concatenated."""
    places: Tensor = field(default_factory=lambda: torch.empty(0))
    """(M,): position at which each completion token is predicted."""
    targets: Tensor = field(default_factory=lambda: torch.empty(0))
    """(M,): predicted completion tokens."""


def pack(
    groups: list[Group],
    embed: Callable[[Tensor], Tensor],
    features: list[list[Features]],
    bidirectional_prompt: bool,
    device: torch.device,
    joint: bool = False,
) -> PackedRow:
    """Arranges groups in a row on the device of the model. `features`: image features of each prompt; `joint`: for
    layers that attend to joint heads."""
    ids: list[Tensor] = []
    positions: list[Tensor] = []
    marks: list[Tensor] = []
    spans: list[Span] = []
    places: list[Tensor] = []
    targets: list[Tensor] = []
    start = 0
    parts: list[list[int]] = []
    for group in groups:
        prefix = group.prefix
        # Placeholder ids can be outside the vocabulary. Their embeddings are replaced later.
        ids += [prefix.ids.masked_fill(prefix.image_places, 0), *(tokens[:-1] for tokens in group.completions)]
        lengths = [len(tokens) - 1 for tokens in group.completions]
        parts.append([len(prefix), *lengths])
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
        Packed(spans, bidirectional_prompt, sequences=sequences_of(parts, device) if joint else None),
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
        # Padding has no effect: earlier positions of a completion do not see later ones, and unpad drops the rest.
        column = torch.arange(longest)
        last = sum(lengths) - 1
        pad = sent(torch.cat([(column + offset).clamp(max=last) for offset in offsets]), device)
        unpad = sent(torch.cat([torch.arange(length) + i * longest for i, length in enumerate(lengths)]), device)
    return Span(start, prompt, len(lengths), longest, pad, unpad)


def sequences_of(groups: list[list[int]], device: torch.device) -> Sequences:
    """Converts lengths, `[group]` of the prompt and each completion, to sequences. Each prompt and each completion is a
    sequence; the keys of a completion are copies of its prompt's and its own."""
    queries: list[int] = []
    keys: list[int] = []
    places: list[Tensor] = []
    copies: list[Tensor] = []
    start, made = 0, 0
    for prompt, *lengths in groups:
        of_prompt = torch.arange(start, start + prompt)
        starts, own = [made], []
        queries.append(prompt)
        keys.append(prompt)
        places.append(of_prompt)
        start, made = start + prompt, made + prompt
        for length in filter(None, lengths):
            starts.append(made)
            queries.append(length)
            keys.append(prompt + length)
            places += [of_prompt, torch.arange(start, start + length)]
            own.append(torch.arange(made + prompt, made + prompt + length)[:, None])
            start, made = start + length, made + prompt + length
        copies += [torch.tensor(starts) + torch.arange(prompt)[:, None], *own]
    most = max(x.shape[1] for x in copies)
    ends = [torch.tensor([0, *lengths]).cumsum(0).int() for lengths in (queries, keys)]
    return Sequences(
        sent(ends[0], device),
        sent(ends[1], device),
        max(queries),
        max(keys),
        sent(torch.cat(places), device) if most > 1 else None,
        sent(torch.cat([padded(x, (0, most - x.shape[1]), value=-1) for x in copies]).int(), device),
    )
