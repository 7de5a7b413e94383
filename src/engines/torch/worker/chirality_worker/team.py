"""Processes with the same model, which divide the work and sum their gradients.

torchrun starts the processes; relay.py forwards requests to all of them. A single process is a team of one, without
communication.
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
"""Maximum wait for other processes, which can be in a long pass. relay.py detects a process that ends."""


MESSAGE = 1 << 28
"""Maximum size of a message in bytes. Messages are copies; a copy of all weights would not fit into memory."""


class Team:
    def __init__(self) -> None:
        self.rank, self.local_rank, self.size = 0, 0, 1
        self._gpus: Any = None

    def join(self) -> None:
        """Joins the team that torchrun describes in environment variables."""
        self.rank, self.local_rank, self.size = (int(os.environ[k]) for k in ("RANK", "LOCAL_RANK", "WORLD_SIZE"))
        dist.init_process_group("gloo", timeout=PATIENCE)

    def gather(self, work: Callable[[], T]) -> list[T]:
        """Returns the results of `work` in all processes, by rank. If one process fails, all raise the same error, so
        that no process waits forever."""
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
        """Divides items with the approximate costs `sizes` among the processes. `work` receives the indices of its
        items. Returns all results in order."""
        parts = fair_parts(sizes, self.size)
        done = self.gather(lambda: work(parts[self.rank]))
        found = dict(pair for pairs in map(zip, parts, done) for pair in pairs)
        return [found[i] for i in range(len(sizes))]

    def add_up(self, tensors: list[Tensor]) -> None:
        """Replaces the tensors by their sums over all processes."""
        self._send(tensors, lambda flat: dist.all_reduce(flat, group=self._group_for(flat)))

    def agree(self, tensors: list[Tensor], source: int = 0) -> None:
        """Replaces the tensors by those of the process `source`."""
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
        """Returns the process group for a tensor. GPUs communicate directly."""
        if tensor.device.type != "cuda":
            return None
        self._gpus = self._gpus or dist.new_group(backend="nccl", timeout=PATIENCE)
        return self._gpus


def messages(tensors: list[Tensor]) -> list[list[Tensor]]:
    """Groups tensors by message, each of at most MESSAGE bytes or one larger tensor."""
    sizes = [tensor.numel() * tensor.element_size() for tensor in tensors]
    return [[tensors[i] for i in some] for some in filled(sizes, MESSAGE)]


def put_back(flat: Tensor, tensors: list[Tensor]) -> None:
    for tensor, part in zip(tensors, flat.split([x.numel() for x in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def fair_parts(sizes: list[int], processes: int) -> list[list[int]]:
    """Returns the item indices of each process. Items are assigned in order of decreasing size to the process with the
    least work."""
    parts: list[list[int]] = [[] for _ in range(processes)]
    loads = [0] * processes
    for i in sorted(range(len(sizes)), key=lambda i: -sizes[i]):
        idle = loads.index(min(loads))
        parts[idle].append(i)
        loads[idle] += sizes[i]
    return [sorted(part) for part in parts]


def joint_error(errors: dict[int, Described], size: int) -> Exception:
    """Returns the first error that is not a cancellation, with the number of its process."""
    for rank, error in errors.items():
        if error["code"] != "cancelled":
            return WorkerError(str(error["code"]), f"Process {rank + 1} of {size}: {error['message']}", error["fix"])
    return Cancelled()


team = Team()
"""Team of this process."""
