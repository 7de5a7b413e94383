"""Decoding on CUDA with captured graphs.

Launching a thousand small operations takes longer than computing them, so the operations of a step are captured as a
graph and replayed for every token. A graph repeats the same operations on the same memory. The decoder therefore
reserves room for future tokens, keeps its position in a tensor, and makes no step depend on the CPU. All inputs and
outputs of a step are in an arena. The next decoder of the same shape stores its data there and replays the captured
steps. On the CPU, this would be slower.
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
"""Initial room for a completion, in tokens; doubled when full."""
PROMPT = 64
"""Unit of the room for prompts, in tokens. Rounding up reduces the number of different shapes."""
WARM_UP = 3
CHECKED = 8
"""Number of tokens for the comparison of captured and plain decoding."""
KEPT = 0.2
"""Maximum arena size as a share of free memory. A larger arena is freed after the call, for use in training."""
MOST_STEPS = 64
"""Maximum number of captured steps in memory. The driver needs some memory for each of their thousand launches."""

Step = Callable[[], Tensor]
"""Computes a decoder's step from its arena. Repeated calls compute the same step again."""
Shape = tuple[int, int, int, int]
"""Number of prompts, completions per prompt, room for a prompt and room for a completion, in tokens."""


class Graphs:
    """Captures steps as CUDA graphs, one after the other on the same stream. Graphs share their memory, because the
    result of each step is read before the next step is replayed."""

    def __init__(self) -> None:
        self._kept: WeakSet[torch.cuda.CUDAGraph] = WeakSet()

    @cached_property
    def _stream(self) -> torch.cuda.Stream:
        return torch.cuda.Stream()

    def __call__(self, step: Step) -> Step:
        """Returns a step that replays the kernels of this step and always writes its result to the same memory."""
        if not self._kept:
            # PyTorch frees a pool together with its last graph.
            self._pool = torch.cuda.graph_pool_handle()
        self._stream.wait_stream(torch.cuda.current_stream())
        # Libraries initialise in their first calls, which a graph must not contain.
        with torch.cuda.stream(self._stream):
            for _ in range(WARM_UP):
                step()
        torch.cuda.current_stream().wait_stream(self._stream)
        graph = torch.cuda.CUDAGraph()
        # Other threads can use CUDA during the capture, such as those that watch the processes of a team.
        with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
            out = step()
        self._kept.add(graph)

        def replay() -> Tensor:
            graph.replay()
            return out

        return replay


class Arena:
    """Memory at fixed addresses, with the steps captured on it."""

    def __init__(self) -> None:
        self.steps: OrderedDict[Shape, Step] = OrderedDict()
        """Captured steps by shape, least recently used first."""
        self._flat: dict[str, Tensor] = {}

    def step(self, shape: Shape, make: Callable[[], Step]) -> Step:
        """Returns the step of this shape; makes it if it is not stored."""
        if shape not in self.steps:
            while len(self.steps) >= MOST_STEPS:
                self.steps.popitem(last=False)
            self.steps[shape] = make()
        self.steps.move_to_end(shape)
        return self.steps[shape]

    def store(self, name: str, x: Tensor, *shape: int) -> Tensor:
        """Stores a copy of x under a name, padded to the shape. The padding is zeros, because unseen values have weight
        0, and 0 times infinity or NaN is NaN. x must not be in this arena."""
        size = prod(shape)
        if name not in self._flat or len(self._flat[name]) < size:
            # Steps captured before would still use the old memory.
            self.steps.clear()
            self._flat[name] = x.new_empty(size)
        out = self._flat[name][:size].view(shape).zero_()
        out[tuple(slice(length) for length in x.shape)] = x
        return out

    @property
    def bytes(self) -> int:
        return sum(x.numel() * x.element_size() for x in self._flat.values())


class StaticDecoder(Decoder):
    """Decoder with a few step shapes. Rows are cells of a grid of prompts × completions; empty cells repeat another row
    and are ignored."""

    keep_below = 0.5
    _cells: Tensor
    """Cell of each row, on the CPU; `_cells_there` on the device."""

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
        """Drops finished rows at once, but cells only if half of them become empty."""
        self._cells = self._cells[rows]
        self._cells_there = sent(self._cells, self.vlm.device)
        _, counts = self.prompt_of[self._cells].unique(return_counts=True)
        prompts = min(power_of_two(len(counts)), len(self.prompt_mask))
        width = min(power_of_two(int(counts.max())), self.width)
        if 2 * prompts * width <= len(self.prompt_of):
            super().keep(self._cells)
            self._lay_out(prompts, width)

    def _lay_out(self, prompts: int, width: int) -> None:
        """Moves all rows into a grid of this size, and all inputs of a step into the arena."""
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
        """Attends from each row to its prompt and its own tokens, in one kernel."""
        keys, values = self.keys[layer], self.values[layer]
        ops.keep(x, cos, sin, keys, values, self._place)
        prompt = self.prompt_keys[layer], self.prompt_values[layer], self._lengths
        out: Tensor = ops.decode(x, *prompt, keys, values, self._place, self.width, scale)
        return out


def power_of_two(x: int) -> int:
    """Returns the smallest power of two that is at least x."""
    return 1 << (x - 1).bit_length()


class Captures:
    """Factory of decoders that capture their steps. If captures fail, it makes plain decoders."""

    def __init__(
        self,
        note: Callable[[str, str], None],
        failure: str | None = None,
        capture: Callable[[Step], Step] | None = None,
    ) -> None:
        """`failure`: reason of a failed capture in the trial process, if any (trial.py)."""
        self._note = note
        self._capture = capture or Graphs()
        self._good: bool | None = None
        """Whether captured and plain decoding agree; None before the comparison."""
        self._joint = failure is None
        """Whether steps can use fused layers."""
        self._short = self._told = False
        """Whether a step did not fit into memory as a graph: in this call, and in any call."""
        self._arena = Arena()
        if failure:
            self._give_up(f"cannot be captured: {failure}")

    def decoder(self, vlm: Vlm, prefixes: list[Prefix], n: int) -> Decoder:
        if self._short:
            # Some steps in the arena belong to an earlier decoder.
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
        """Frees the arena after a call if it exceeds KEPT."""
        free = free_memory(vlm.device)
        if free is not None and self._arena.bytes > KEPT * free:
            self._arena = Arena()

    def _try(self, step: Step) -> Step:
        """Captures a step. On failure, returns the plain step, which is slower: in this call if memory ran out,
        otherwise permanently."""
        if self._good is False or self._short:
            return step
        for others in (True, False):
            try:
                return self._capture(step)
            except Exception as error:
                # Out of memory during a capture can surface as another error at its end.
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
        """Compares captured with plain decoding on a few tokens. Little room and finishing rows lead to captures of
        several shapes; the second round exchanges the prompts and replays the captured steps."""
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
        # A NaN gap counts as a mismatch.
        if gap <= vlm.rounding:
            self._good = True
        else:
            self._give_up(f"are off by {gap:.4f} on average when replayed as CUDA graphs")

    def _give_up(self, why: str) -> None:
        self._arena = Arena()
        if self._joint:
            # The fused layers might cause the failure, so the next attempt is without them.
            self._joint, self._good = False, None
            self._note("plain-steps", f"Decoding steps {why}. They now use more kernels.")
            return
        self._good = False
        self._note("plain-decoding", f"Decoding steps {why}. They are no longer captured, which is slower.")
