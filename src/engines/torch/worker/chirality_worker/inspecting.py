"""Measures the internal state of the model while it reads a prompt and a text.

This covers attention, hidden states, and the effect of blocks and patches. The pass is the packed pass of training,
with one group of one completion.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from .chat import Message
from .errors import WorkerError
from .families.base import Grid, Prefix
from .head import logits, token_scores
from .images import Picture
from .locating import Token, completion_tokens, next_word, prompt_tokens
from .packing import Group, Packed, PackedRow
from .vlm import Vlm
from .watching import Watched, sites

Values = dict[str, Any]
"""`shape`, and `data`: float32 values, little-endian, in base64."""


@dataclass(frozen=True)
class Located:
    """Texts and image of a case among the tokens of the model."""

    prefix: Prefix
    tokens: list[Token]
    """Text tokens of prompt and completion, in order."""
    prompt: int
    """Number of prompt tokens in `tokens`."""
    grid: Grid | None
    completion: str
    group: Group
    """Case in the form that scoring reads."""

    @property
    def places(self) -> list[int]:
        """Position of each text token in the row. The last token is not an input and has no position."""
        own = range(len(self.prefix), len(self.prefix) + len(self.tokens) - self.prompt - 1)
        return [*(~self.prefix.image_places).nonzero()[:, 0].tolist(), *own]

    @property
    def cells(self) -> list[int]:
        cells: list[int] = self.prefix.image_places.nonzero()[:, 0].tolist()
        return cells


def grid_of(vlm: Vlm, picture: Picture) -> Grid:
    """Returns the cells of an image, as shares of the image without its filler."""
    size = vlm.files.size_of(picture)
    canvas = vlm.files.canvas(*size)
    grid = vlm.family.grid(*canvas)
    left, top, right, bottom = (
        ((place - 0.5) * whole / side + 0.5)
        for place, whole, side in zip(grid.piece, canvas * 2, size * 2, strict=True)
    )
    return replace(grid, piece=(left, top, right, bottom))


def locate(vlm: Vlm, prompt: list[Message], completion: str) -> Located:
    prefix = vlm.encode(prompt)
    if len(prefix.pictures) > 1:
        raise WorkerError("several-images", "Only prompts with one image can be inspected.")
    grid = grid_of(vlm, prefix.pictures[0]) if prefix.pictures else None
    if grid and grid.rows * grid.cols != int(prefix.image_places.sum()):
        raise WorkerError("cannot-locate", "The tokens of this model's image are not a grid of cells.")
    read = prompt_tokens(vlm.family, prompt, prefix)
    written, ids = completion_tokens(vlm.family, completion, len(prompt))
    return Located(prefix, read + written, len(read), grid, completion, Group(prefix, [torch.tensor(ids)]))


@dataclass(frozen=True)
class Asked:
    """Case to inspect. Tokens are indices into `Located.tokens`."""

    located: Located
    queries: list[list[int]]
    parts: list[list[int]]
    boxes: Tensor
    """(boxes, cells): share of each cell that a box covers."""
    hidden: list[tuple[str, int]]
    """Requested hidden states: `query` or `box`, with its index."""
    words_at: int | None
    """Index of the query whose last token predicts the words."""


@dataclass(frozen=True)
class Wanted:
    layers: list[int]
    attention: str
    sources: bool
    words: list[str]


class Inspection:
    """Inspection of one case in its packed row."""

    def __init__(self, vlm: Vlm, asked: Asked, wanted: Wanted) -> None:
        self.vlm, self.asked, self.wanted, self.located = vlm, asked, wanted, asked.located
        self.row: PackedRow = vlm.pack([self.located.group])
        self.places = self.located.places
        self.word_place: int | None = None
        self.words: list[int] = []
        if asked.words_at is not None and wanted.words:
            token = asked.queries[asked.words_at][-1]
            self.word_place = self.places[token]
            self.words = [self._word(token, word) for word in wanted.words]

    def _word(self, token: int, word: str) -> int:
        after = self.located.tokens[token + 1]
        text = self.located.completion
        if after.message != self.located.tokens[-1].message:
            before = ""
        elif after.part < 0:
            before = text
        else:
            before = text.encode("utf-16-le")[: 2 * after.start].decode("utf-16-le")
        return next_word(self.vlm.family, before, after.text, word)

    def run(self, layout: Packed, at_site: Callable[[int, Tensor], Tensor | None] | None = None) -> Tensor:
        """Runs one pass and returns the last hidden states (N, hidden). `at_site` receives the input of each layer and
        the output of the last layer, (N, hidden) each, and can replace them."""
        row = replace(self.row, layout=layout)
        with sites(self.vlm.family.language, at_site):
            return self.vlm.states_of(row)

    def layout(self, **options: Any) -> Watched:
        packed = self.row.layout
        return Watched(packed.spans, packed.bidirectional_prompt, **options)

    def read(self) -> dict[str, Any]:
        """Measures everything except blocks and patches, in one pass."""
        wanted, asked = self.wanted, self.asked
        tokens = [token for query in asked.queries for token in query]
        watches = wanted.attention != "none" or wanted.sources
        layout = self.layout(
            watched=torch.tensor([self.places[token] for token in tokens], device=self.vlm.device, dtype=torch.long),
            layers=frozenset(wanted.layers if watches else []),
            visible=self.row.layout.visibility(self.vlm.device),
        )
        stream: list[Tensor] = []
        at_words: dict[int, Tensor] = {}

        def keep(site: int, states: Tensor) -> None:
            if asked.hidden:
                stream.append(torch.stack([self._state(states, *one) for one in asked.hidden]).float())
            if self.word_place is not None and site - 1 in wanted.layers:
                at_words[site - 1] = states[self.word_place]

        hidden = self.run(layout, keep)
        places = self.row.places
        scores, _ = token_scores(
            hidden.index_select(0, places), self.vlm.family.head.weight, self.row.targets, 1.0, self.vlm.family.softcap
        )
        norm = self.vlm.family.language.norm
        return {
            "logprobs": scores.tolist() if self.located.completion else [],
            **(self._attention(layout) if watches else dict.fromkeys(["weights", "share", "mass", "sources"])),
            "hidden": values(torch.stack(stream)) if asked.hidden else None,
            "lens": values(torch.stack([self._words_of(norm(at_words[layer])) for layer in wanted.layers]))
            if self.words
            else None,
        }

    def _state(self, states: Tensor, kind: str, index: int) -> Tensor:
        """Returns the hidden state of the last token of a query, or the mean over the cells of a box, weighted by their
        shares."""
        if kind == "query":
            return states[self.places[self.asked.queries[index][-1]]]
        shares = self.asked.boxes[index]
        cells = states[torch.tensor(self.located.cells, device=states.device)].float()
        return (shares @ cells) / shares.sum().clamp(min=1e-12)

    def _words_of(self, normed: Tensor) -> Tensor:
        z = logits(normed[None], self.vlm.family.head.weight, self.vlm.family.softcap)
        return z.log_softmax(-1)[0, self.words]

    def _attention(self, layout: Watched) -> dict[str, Any]:
        """Returns shares and sums of each query's attention, as means over its tokens [layer, head, query, …]."""
        wanted, asked = self.wanted, self.asked
        rows = torch.stack([layout.weights[layer] for layer in wanted.layers])
        ends = [0]
        for query in asked.queries:
            ends.append(ends[-1] + len(query))
        weights = torch.stack([rows[:, :, a:b].mean(2) for a, b in pairwise(ends)], 2)
        cells = weights[..., self.located.cells]
        share = cells.sum(-1)
        inside = cells @ asked.boxes.T.to(cells.device)
        found: dict[str, Any] = dict.fromkeys(["weights", "share", "mass", "sources"])
        if wanted.attention != "none":
            found["share"] = values(share)
            found["mass"] = values(torch.where(share[..., None] > 0, inside / share[..., None], inside))
        if wanted.attention == "heads":
            found["weights"] = values(cells)
        elif wanted.attention == "mean":
            found["weights"] = values(cells.mean(1, keepdim=True))
        if wanted.sources:
            found["sources"] = values(torch.stack([weights[..., places].sum(-1) for places in self._sources()], -1))
        return found

    def _sources(self) -> list[list[int]]:
        """Returns positions by source: image, parts in their order, completion, other."""
        taken = {token for part in self.asked.parts for token in part}
        prompt, tokens = self.located.prompt, range(len(self.places))
        own = [t for t in tokens if t >= prompt and t not in taken]
        other = [t for t in tokens if t < prompt and t not in taken]
        by_token = [*([t for t in part if t < len(self.places)] for part in self.asked.parts), own, other]
        return [self.located.cells, *([self.places[t] for t in some] for some in by_token)]

    def blocked(self, keys: str, index: int, layers: range) -> Tensor:
        """Returns the log-probabilities of the words if positions after the image cannot see some keys."""
        cells = self.located.cells
        visible = self.row.layout.visibility(self.vlm.device)
        behind = cells[-1] + 1 if cells else 0
        visible[behind:, self._keys(keys, index)] = False
        return self._words_of(self.run(self.layout(visible=visible, blocked=layers))[self.word_place])

    def _keys(self, keys: str, index: int) -> list[int]:
        cells = self.located.cells
        if keys == "picture":
            return cells
        if keys == "part":
            return [self.places[t] for t in self.asked.parts[index] if t < self.located.prompt]
        if keys == "nothing":
            return []
        covers = (self.asked.boxes[index] > 0).tolist()
        return [cell for cell, inside in zip(cells, covers, strict=True) if inside == (keys == "box")]

    def patch_places(self, positions: str) -> list[int]:
        """Returns the positions at which hidden states are exchanged. `queries` means all queries except the one that
        predicts the words."""
        if positions == "queries":
            others = [query for q, query in enumerate(self.asked.queries) if q != self.asked.words_at]
            return [self.places[token] for query in others for token in query]
        text = [] if positions == "picture" else self.places
        return [*(self.located.cells if positions in ("picture", "all") else []), *text]

    def states_at(self, places: list[int], layers: list[int]) -> dict[int, Tensor]:
        """Returns hidden states after the given layers, (places, hidden) each."""
        found: dict[int, Tensor] = {}

        def keep(site: int, states: Tensor) -> None:
            if site - 1 in layers:
                found[site - 1] = states[places].clone()

        self.run(self.row.layout, keep)
        return found

    def patched(self, places: list[int], layer: int, states: Tensor) -> Tensor:
        """Returns the log-probabilities of the words with other hidden states at some positions after one layer."""

        def exchange(site: int, own: Tensor) -> Tensor | None:
            if site - 1 != layer:
                return None
            own = own.clone()
            own[places] = states
            return own

        return self._words_of(self.run(self.row.layout, exchange)[self.word_place])


def values(x: Tensor) -> Values:
    data = x.detach().to("cpu", torch.float32).contiguous()
    return {"shape": list(data.shape), "data": base64.b64encode(data.numpy().astype("<f4").tobytes()).decode()}


def inspect(
    vlm: Vlm,
    cases: list[Asked],
    wanted: Wanted,
    blocks: list[tuple[str, list[int], range]],
    patch: tuple[int, str] | None,
    mine: list[int],
    weights_of: Callable[[int], Any],
    check: Callable[[], None],
) -> list[dict[str, Any]]:
    """Returns the results of some cases. `blocks`: keys, index of the box or part in each case, and layers. `patch`:
    the case whose hidden states are copied to the others, and the positions. `weights_of`: context in which the
    model has the weights that a case requires."""
    donated: dict[int, Tensor] = {}
    if patch and mine:
        donor, positions = patch
        with weights_of(donor):
            read = Inspection(vlm, cases[donor], wanted)
            donated = read.states_at(read.patch_places(positions), wanted.layers)
    found: list[dict[str, Any]] = []
    for i in mine:
        with weights_of(i):
            check()
            one = Inspection(vlm, cases[i], wanted)
            result = one.read() | {"blocked": None, "patched": None}
            if blocks:
                rows: list[Tensor] = []
                for keys, index, layers in blocks:
                    check()
                    rows.append(one.blocked(keys, index[i], layers))
                result["blocked"] = values(torch.stack(rows))
            if patch:
                places = one.patch_places(patch[1])
                rows = []
                for layer in wanted.layers:
                    check()
                    rows.append(one.patched(places, layer, donated[layer]))
                result["patched"] = values(torch.stack(rows))
            found.append(result)
    return found
