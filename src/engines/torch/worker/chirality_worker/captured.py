"""Decoding on CUDA with captured graphs.

Launching a thousand small operations takes longer than computing them, so the operations of a step are captured as a
graph and replayed for every token. A graph repeats the same operations on the same memory. The decoder therefore
reserves room for more tokens than there are, keeps its position in a tensor, and does nothing in a step that depends on
the CPU. Everything that a step reads and writes is in an arena. The next decoder of the same shape puts its
data there and replays the steps that were captured for the one before. On the CPU all this would be slower.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from math import prod
from weakref import WeakSet

import torch
from torch import Tensor

from .decoding import Decoder, grid_of
from .errors import first_line, is_out_of_memory
from .families.base import Prefix
from .head import logits
from .kernels import ops
from .memory import free_memory
from .transfer import sent
from .vlm import Vlm

ROOM = 256
"""Initial room for a completion in tokens; doubled when full."""
PROMPT = 64
"""The room for a prompt is a multiple of this many tokens, so that few lengths need a step of their own."""
WARM_UP = 3
CHECKED = 8
"""Number of tokens on which captured and plain decoding are compared."""
KEPT = 0.2
"""Share of free memory: a larger arena is freed after the call, so that training can use its memory."""
MOST_STEPS = 64
"""Number of captured steps that are kept. The driver needs some memory for each of their thousand launches."""

Step = Callable[[], Tensor]
"""Computes a decoder's step from its arena. Calling it again computes the same step again."""
Shape = tuple[int, int, int, int]
"""Number of prompts, completions of each, and room for a prompt and for a completion, in tokens."""


class Graphs:
    """Captures steps as CUDA graphs, one after the other on the same stream. They share their memory: what one step
    computes is read before the next step, of whatever shape, is replayed."""

    def __init__(self) -> None:
        self._kept: WeakSet[torch.cuda.CUDAGraph] = WeakSet()

    @cached_property
    def _stream(self) -> torch.cuda.Stream:
        return torch.cuda.Stream()

    def __call__(self, step: Step) -> Step:
        """Returns a step that replays the kernels of this one. Its result is in the same memory every time."""
        if not self._kept:
            # PyTorch gives up a pool with its last graph.
            self._pool = torch.cuda.graph_pool_handle()
        self._stream.wait_stream(torch.cuda.current_stream())
        # Libraries initialise themselves in their first calls, which a graph must not contain.
        with torch.cuda.stream(self._stream):
            for _ in range(WARM_UP):
                step()
        torch.cuda.current_stream().wait_stream(self._stream)
        graph = torch.cuda.CUDAGraph()
        # Other threads may use CUDA meanwhile, such as those that watch the processes of a team.
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
            out = step()
        self._kept.add(graph)

        def replay() -> Tensor:
            graph.replay()
            return out

        return replay


class Arena:
    """Memory at fixed addresses, and the steps that were captured on it."""

    def __init__(self) -> None:
        self.steps: OrderedDict[Shape, Step] = OrderedDict()
        """The one that was used longest ago comes first."""
        self._flat: dict[str, Tensor] = {}

    def step(self, shape: Shape, make: Callable[[], Step]) -> Step:
        """The step of this shape, which is made if it is not kept."""
        if shape not in self.steps:
            while len(self.steps) >= MOST_STEPS:
                self.steps.popitem(last=False)
            self.steps[shape] = make()
        self.steps.move_to_end(shape)
        return self.steps[shape]

    def store(self, name: str, x: Tensor, *shape: int) -> Tensor:
        """Stores a copy of x under a name, padded to the shape. The padding is zeros, because unseen values have
        weight 0, and 0 times infinity or NaN is NaN. x itself must not be in this arena."""
        size = prod(shape)
        if name not in self._flat or len(self._flat[name]) < size:
            # Steps captured so far would keep using the old memory.
            self.steps.clear()
            self._flat[name] = x.new_empty(size)
        out = self._flat[name][:size].view(shape).zero_()
        out[tuple(slice(length) for length in x.shape)] = x
        return out

    @property
    def bytes(self) -> int:
        return sum(x.numel() * x.element_size() for x in self._flat.values())


class StaticDecoder(Decoder):
    """Decodes in steps of a few shapes. Its rows are cells of a grid of prompts × completions; empty cells repeat
    another one and are ignored."""

    keep_below = 0.5
    _cells: Tensor
    """The cell of each row; `_cells_there` on the device."""

    def __init__(
        self,
        vlm: Vlm,
        prefixes: list[Prefix],
        n: int,
        capture: Callable[[Step], Step],
        arena: Arena,
        room: int = ROOM,
        joint: bool = True,
    ) -> None:
        self._capture = capture
        self._arena = arena
        self._room = room
        super().__init__(vlm, prefixes, n)
        self.joint = joint and vlm.fused is not None and vlm.fused.on
        self._place = arena.store("place", self.positions.new_zeros(1), 1)
        self._lay_out(len(prefixes), n)

    def logits(self) -> Tensor:
        return logits(self.hidden[self._cells_there], self.vlm.family.head.weight, self.vlm.family.softcap)

    def put(self, tokens: Tensor) -> None:
        if self.length == self._room:
            self._room *= 2
            self.keys, self.values = self._with_room("keys", self.keys), self._with_room("values", self.values)
        self._tokens.index_copy_(0, self._cells_there, tokens)
        self._place.fill_(self.length)
        shape = (len(self.prompt_mask), self.width, self.prompt_mask.shape[1], self._room)
        self.hidden = self._arena.step(shape, lambda: self._capture(self._static_step))()
        self.length += 1

    def keep(self, rows: Tensor) -> None:
        """Drops finished rows at once, but cells only if half of them can go."""
        self._cells = self._cells[rows]
        self._cells_there = sent(self._cells, self.vlm.device)
        _, counts = self.prompt_of[self._cells].unique(return_counts=True)
        prompts = min(power_of_two(len(counts)), len(self.prompt_mask))
        width = min(power_of_two(int(counts.max())), self.width)
        if 2 * prompts * width <= len(self.prompt_of):
            super().keep(self._cells)
            self._lay_out(prompts, width)

    def _lay_out(self, prompts: int, width: int) -> None:
        """Moves all rows into the cells of a grid of this size, and everything that a step reads into the arena."""
        self._cells, row_of, _ = grid_of(self.prompt_of, prompts, width)
        self._cells_there, row_of = sent(self._cells, self.vlm.device), sent(row_of, self.vlm.device)
        store = self._arena.store
        longest = -(-self.prompt_mask.shape[1] // PROMPT) * PROMPT
        mask = self.prompt_mask.new_zeros(prompts, longest)
        mask[: len(self.prompt_mask), : self.prompt_mask.shape[1]] = self.prompt_mask
        for name, layers in (("prompt keys", self.prompt_keys), ("prompt values", self.prompt_values)):
            for layer, x in enumerate(layers):
                layers[layer] = store(f"{name} {layer}", x.clone(), prompts, x.shape[1], longest, x.shape[3])
        self.prompt_mask, self.prompt_of = mask, torch.arange(prompts).repeat_interleave(width)
        self.hidden = self.hidden[row_of]
        self.positions = store("positions", self.positions[row_of], len(row_of))
        self._tokens = store("tokens", self.positions.new_zeros(len(row_of)), len(row_of))
        self.keys = self._with_room("keys", [x[row_of] for x in self.keys])
        self.values = self._with_room("values", [x[row_of] for x in self.values])
        self._arrange()
        self._unseen_prompt = store("unseen", self.unseen, *self.unseen.shape)
        self._lengths = store("lengths", sent(mask.sum(1).int(), self.vlm.device), prompts)

    def _with_room(self, name: str, layers: list[Tensor]) -> list[Tensor]:
        return [
            self._arena.store(f"{name} {layer}", x.clone(), *x.shape[:2], self._room, x.shape[3])
            for layer, x in enumerate(layers)
        ]

    def _static_step(self) -> Tensor:
        if self.joint:
            return self._step(self._tokens, self._place)
        later = torch.arange(self.keys[0].shape[2], device=self.vlm.device) > self._place
        self.unseen = torch.cat([self._unseen_prompt, later.expand(*self._unseen_prompt.shape[:3], -1)], -1)
        return self._step(self._tokens, self._place)

    def _seen(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        keys, values = self.keys[layer], self.values[layer]
        keys.index_copy_(2, self._place, key[:, :, None])
        values.index_copy_(2, self._place, value[:, :, None])
        return keys, values

    def attend_joint(self, layer: int, x: Tensor, cos: Tensor, sin: Tensor, heads: int, scale: float) -> Tensor:
        """Each row sees its prompt and its own tokens, in one kernel."""
        keys, values = self.keys[layer], self.values[layer]
        ops.keep(x, cos, sin, keys, values, self._place)
        prompt = self.prompt_keys[layer], self.prompt_values[layer], self._lengths
        out: Tensor = ops.decode(x, *prompt, keys, values, self._place, self.width, scale)
        return out


def power_of_two(x: int) -> int:
    """The smallest power of two that is at least x."""
    return 1 << (x - 1).bit_length()


class Captures:
    """Makes decoders that capture their steps, and plain ones from the first sign that capturing goes wrong."""

    def __init__(
        self,
        note: Callable[[str, str], None],
        failure: str | None = None,
        capture: Callable[[Step], Step] | None = None,
    ) -> None:
        """`failure`: why capturing failed in another process, if it did (trial.py)."""
        self._note = note
        self._capture = capture or Graphs()
        self._good: bool | None = None
        """None until captured and plain decoding have been compared."""
        self._joint = failure is None
        """Whether steps may be those of fused layers."""
        self._short = self._told = False
        """Whether a step of this call did not fit into memory as a graph, and whether one ever did not."""
        self._arena = Arena()
        if failure:
            self._give_up(f"cannot be captured: {failure}")

    def decoder(self, vlm: Vlm, prefixes: list[Prefix], n: int) -> Decoder:
        if self._short:
            # Some of its steps are those of an earlier decoder.
            self._arena, self._short = Arena(), False
        for _ in range(2):
            if self._good is None and not self._short:
                self._joint &= vlm.fused is not None
                joint = self._joint
                try:
                    self._compare(vlm, prefixes[:2])
                except Exception as error:
                    if is_out_of_memory(error):
                        raise
                    if self._joint == joint:
                        self._give_up(f"fail: {first_line(error)}")
        if not self._good:
            return Decoder(vlm, prefixes, n)
        return StaticDecoder(vlm, prefixes, n, self._try, self._arena, joint=self._joint)

    def settle(self, vlm: Vlm) -> None:
        """Frees a large arena after a call."""
        free = free_memory(vlm.device)
        if free is not None and self._arena.bytes > KEPT * free:
            self._arena = Arena()

    def _try(self, step: Step) -> Step:
        """Captures a step. If that fails, returns the step itself, which does the same more slowly: for this call if
        memory ran out, otherwise from now on."""
        if self._good is False or self._short:
            return step
        for others in (True, False):
            try:
                return self._capture(step)
            except Exception as error:
                # The end of a capture may fail because memory ran out in it.
                if not any(e is not None and is_out_of_memory(e) for e in (error, error.__context__)):
                    self._give_up(f"cannot be captured as CUDA graphs: {first_line(error)}")
                    return step
            if others:
                self._arena.steps.clear()
                torch.cuda.empty_cache()
        self._short = True
        if not self._told:
            self._note("plain-decoding", "A step of decoding did not fit into memory as a CUDA graph. It was slower.")
        self._told = True
        return step

    def _compare(self, vlm: Vlm, prefixes: list[Prefix]) -> None:
        """Decodes some tokens both ways, with little room and with rows that finish, so that steps of several shapes
        are captured; then again with the prompts exchanged, for which those steps are replayed."""
        arena = Arena()
        gap = 0.0
        joint = self._joint
        for order in (prefixes, prefixes[::-1]):
            plain = Decoder(vlm, order, 2)
            static = StaticDecoder(vlm, order, 2, self._try, arena, CHECKED // 2, self._joint)
            for t in range(CHECKED):
                tokens = plain.logits().argmax(-1)
                if t == CHECKED // 4:
                    rows = torch.arange(len(tokens) // 2)
                    tokens = tokens[: len(rows)]
                    for decoder in (plain, static):
                        decoder.keep(rows)
                for decoder in (plain, static):
                    decoder.put(tokens)
                if self._good is False or self._short or self._joint != joint:
                    return
                expected, found = (decoder.logits().log_softmax(-1) for decoder in (plain, static))
                gap = max(gap, float((found - expected).abs().mean()))
        # A NaN gap is not a small one.
        if gap <= vlm.rounding:
            self._good = True
        else:
            self._give_up(f"are off by {gap:.4f} on average when replayed as CUDA graphs")

    def _give_up(self, why: str) -> None:
        self._arena = Arena()
        if self._joint:
            # Perhaps it is the fused layers.
            self._joint, self._good = False, None
            self._note("plain-steps", f"Decoding steps {why}. They now use more kernels.")
            return
        self._good = False
        self._note("plain-decoding", f"Decoding steps {why}. They are no longer captured, which is slower.")
