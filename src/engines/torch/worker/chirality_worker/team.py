"""Processes with the same model: each does its share of the work, and gradients are summed.

torchrun starts them; relay.py passes requests to all of them. A single process is a team of one, for which none of this
has a cost.
"""

import os
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from .errors import Cancelled, WorkerError, described
from .passes import filled

T = TypeVar("T")
Described = dict[str, str | None]

PATIENCE = timedelta(days=7)
"""How long a process waits for the others, which may be in a long pass. A process that dies is noticed at once
(relay.py)."""


MESSAGE = 1 << 28
"""Bytes that are sent at once. They are copied for it; a copy of all weights would not fit next to them."""


class Team:
    def __init__(self) -> None:
        self.rank, self.local_rank, self.size = 0, 0, 1
        self._gpus: Any = None

    def join(self) -> None:
        """Joins the team that torchrun described in the environment."""
        self.rank, self.local_rank, self.size = (int(os.environ[k]) for k in ("RANK", "LOCAL_RANK", "WORLD_SIZE"))
        dist.init_process_group("gloo", timeout=PATIENCE)

    def gather(self, work: Callable[[], T]) -> list[T]:
        """Returns the results of `work` in all processes, by rank. If it fails in one, all raise the same error, so
        that none waits for an answer that never comes."""
        if self.size == 1:
            return [work()]
        mine: tuple[T | None, Described | None]
        try:
            mine = (work(), None)
        except Exception as error:
            if not isinstance(error, (Cancelled, WorkerError)):
                traceback.print_exc()
            mine = (None, described(error))
        all_of_them: list[Any] = [None] * self.size
        dist.all_gather_object(all_of_them, mine)
        errors = {rank: error for rank, (_, error) in enumerate(all_of_them) if error}
        if errors:
            raise joint_error(errors, self.size)
        return [value for value, _ in all_of_them]

    def spread(self, sizes: list[int], work: Callable[[list[int]], list[T]]) -> list[T]:
        """Divides items, whose costs are about `sizes`, among the processes. `work` gets the indices of its items;
        returns all results in order."""
        parts = fair_parts(sizes, self.size)
        done = self.gather(lambda: work(parts[self.rank]))
        found = dict(pair for pairs in map(zip, parts, done) for pair in pairs)
        return [found[i] for i in range(len(sizes))]

    def add_up(self, tensors: list[Tensor]) -> None:
        """Replaces the tensors by their sums over all processes."""
        self._send(tensors, lambda flat: dist.all_reduce(flat, group=self._group_for(flat)))

    def agree(self, tensors: list[Tensor], source: int = 0) -> None:
        """Replaces the tensors by those of one process."""
        self._send(tensors, lambda flat: dist.broadcast(flat, src=source, group=self._group_for(flat)))

    @torch.no_grad()
    def _send(self, tensors: list[Tensor], message: Callable[[Tensor], Any]) -> None:
        if self.size == 1:
            return
        for some in messages(tensors):
            flat = torch.cat([x.reshape(-1) for x in some])
            message(flat)
            put_back(flat, some)

    def _group_for(self, tensor: Tensor) -> Any:
        """The process group for a tensor: GPUs communicate directly."""
        if tensor.device.type != "cuda":
            return None
        self._gpus = self._gpus or dist.new_group(backend="nccl", timeout=PATIENCE)
        return self._gpus


def messages(tensors: list[Tensor]) -> list[list[Tensor]]:
    """The tensors by message: as many as fit, or one that is larger."""
    sizes = [tensor.numel() * tensor.element_size() for tensor in tensors]
    return [[tensors[i] for i in some] for some in filled(sizes, MESSAGE)]


def put_back(flat: Tensor, tensors: list[Tensor]) -> None:
    for tensor, part in zip(tensors, flat.split([x.numel() for x in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def fair_parts(sizes: list[int], processes: int) -> list[list[int]]:
    """The indices of the items of each process. The largest items come first, each given to the process with the
    least work so far."""
    parts: list[list[int]] = [[] for _ in range(processes)]
    loads = [0] * processes
    for i in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        idle = loads.index(min(loads))
        parts[idle].append(i)
        loads[idle] += sizes[i]
    return [sorted(part) for part in parts]


def joint_error(errors: dict[int, Described], size: int) -> Exception:
    """The first error that is not a cancellation, with the process in which it happened."""
    for rank, error in errors.items():
        if error["code"] != "cancelled":
            return WorkerError(str(error["code"]), f"Process {rank + 1} of {size}: {error['message']}", error["fix"])
    return Cancelled()


team = Team()
"""The team of this process."""
