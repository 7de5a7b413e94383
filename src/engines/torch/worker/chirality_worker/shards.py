"""Masters and moments, divided among the processes of a team by whole tensors (ZeRO-1).

Every process has all weights and gradient sums. Each process performs the optimiser step for its own tensors and sends
the rounded result to the others. AdamW is elementwise, so the result is bit-identical to a full step in every process.
Files contain the tensors of all processes, so a run can resume on any number of them.
"""

import torch
from torch import Tensor, nn

from .passes import filled
from .team import MESSAGE, Team, fair_parts


class Shards:
    def __init__(self, team: Team, trainable: dict[str, nn.Parameter], device: torch.device) -> None:
        """`device`: device of masters and moments."""
        self._team = team
        self._trainable = trainable
        self._device = device
        names = list(trainable)
        sizes = [parameter.numel() for parameter in trainable.values()]
        self._owned = [[names[i] for i in part] for part in fair_parts(sizes, team.size)]

    @property
    def mine(self) -> list[str]:
        """Names of the tensors whose masters and moments are in this process."""
        return self._owned[self._team.rank]

    def share(self) -> None:
        """Replaces the weights in every process by those of their owner."""
        for owner, names in enumerate(self._owned):
            self._team.agree([self._trainable[name] for name in names], owner)

    def whole(self, mine: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sends float32 tensors, one per weight, to the first process; other processes get their own tensors back.
        Messages arrive one after another in host memory, so a GPU needs room for one message only."""
        found = dict(mine)
        for owner, names in enumerate(self._owned[1:], 1):
            for some in filled([4 * self._trainable[name].numel() for name in names], MESSAGE):
                message = {
                    name: mine[name]
                    if owner == self._team.rank
                    else torch.empty(self._trainable[name].shape, dtype=torch.float32, device=self._device)
                    for name in (names[i] for i in some)
                }
                self._team.agree(list(message.values()), owner)
                if self._team.rank == 0:
                    found |= {name: x.cpu() for name, x in message.items()}
        return found
