"""Decoding on CUDA, where to start a thousand small operations is expected to take longer than to compute them: those
of a step are captured as a graph, and replayed for every token.

A graph repeats the same operations on the same memory. So its decoder has room for more tokens than there are, where it
is in them lies in a tensor, and nothing within a step asks the processor. On the processor all this would be slower.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from .decoding import Decoder
from .errors import first_line
from .families.base import Prefix
from .vlm import Vlm

ROOM = 256
"""Tokens that a completion has room for at first; doubled when full, and the step is captured anew."""
WARM_UP = 3
CHECKED = 8
"""Tokens for which captured and plain decoding are compared."""

Step = Callable[[], Tensor]
"""Computes a decoder's step from its buffers. Repeated, it does the same."""


def captured(step: Step) -> Step:
    """A step that replays the kernels of this one. It returns the same memory every time."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    # Libraries set themselves up at their first calls, which a graph must not contain.
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    # Other threads may use CUDA meanwhile, as those that watch over several processes do.
    with torch.cuda.graph(graph, capture_error_mode="thread_local"):
        out = step()

    def replay() -> Tensor:
        graph.replay()
        return out

    return replay


class StaticDecoder(Decoder):
    """Decodes in steps of unchanging shape, until rows leave or the room is full."""

    keep_below = 0.5
    """Each time rows leave, the step is captured anew."""

    def __init__(
        self, vlm: Vlm, prefixes: list[Prefix], n: int, capture: Callable[[Step], Step], room: int = ROOM
    ) -> None:
        self._capture = capture
        self._replay: Step | None = None
        super().__init__(vlm, prefixes, n)
        self._tokens = self.prompt_of.clone()
        self._place = torch.zeros(1, dtype=torch.long, device=vlm.device)
        self._grow(room)

    def put(self, tokens: Tensor) -> None:
        if self.length == self.keys[0].shape[2]:
            self._replay = None
            self._grow(self.length)
        self._tokens.copy_(tokens)
        self._place.fill_(self.length)
        if self._replay is None:
            self._replay = self._capture(self._static_step)
        self.hidden = self._replay()
        self.length += 1

    def keep(self, rows: Tensor) -> None:
        self._replay = None
        super().keep(rows)
        self._tokens = self._tokens[rows]

    def _static_step(self) -> Tensor:
        later = torch.arange(self.keys[0].shape[2], device=self.vlm.device) > self._place
        self.unseen = torch.cat([self._unseen_prompt, later.expand(*self._unseen_prompt.shape[:3], -1)], -1)
        return self._step(self._tokens, self._place)

    def _seen(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        keys, values = self.keys[layer], self.values[layer]
        keys.index_copy_(2, self._place, key[:, :, None])
        values.index_copy_(2, self._place, value[:, :, None])
        return keys, values

    def _arrange(self) -> None:
        super()._arrange()
        self._unseen_prompt = self.unseen


class Captures:
    """Makes decoders that capture their steps; plain ones from the first sign that this goes wrong."""

    def __init__(self, note: Callable[[str, str], None], capture: Callable[[Step], Step] = captured) -> None:
        self._note = note
        self._capture = capture
        self._good: bool | None = None
        """None before the first look."""

    def decoder(self, vlm: Vlm, prefixes: list[Prefix], n: int) -> Decoder:
        if self._good is None:
            self._good = True
            self._look(vlm, prefixes[:2])
        return StaticDecoder(vlm, prefixes, n, self._try) if self._good else Decoder(vlm, prefixes, n)

    def _try(self, step: Step) -> Step:
        """The step itself where it cannot be captured: it is the same, only slower."""
        if self._good:
            try:
                return self._capture(step)
            except Exception as error:
                self._give_up(f"cannot be captured as CUDA graphs: {first_line(error)}")
        return step

    def _look(self, vlm: Vlm, prefixes: list[Prefix]) -> None:
        """Decodes some tokens in both ways, with little room and a row that leaves, so that steps are captured anew."""
        plain, static = Decoder(vlm, prefixes, 2), StaticDecoder(vlm, prefixes, 2, self._try, CHECKED // 2)
        gap = 0.0
        for t in range(CHECKED):
            tokens = plain.logits().argmax(-1)
            if t == CHECKED // 4:
                rows = torch.arange(len(tokens) - 1, device=vlm.device)
                tokens = tokens[rows]
                for decoder in (plain, static):
                    decoder.keep(rows)
            for decoder in (plain, static):
                decoder.put(tokens)
            expected, found = (decoder.logits().log_softmax(-1) for decoder in (plain, static))
            gap = max(gap, float((found - expected).abs().mean()))
        # A gap that is no number is none that is small.
        if self._good and not gap <= vlm.rounding:
            self._give_up(f"are off by {gap:.4f} on average when replayed as CUDA graphs")

    def _give_up(self, why: str) -> None:
        self._good = False
        self._note(
            "plain-decoding", f"The steps of decoding {why}. They are not captured from now on, which is slower."
        )
