"""Masters and moments, shared out to the processes of a team by whole tensors (ZeRO-1).

Every process has all weights and sums of gradients. Each one takes the optimiser's step for its own tensors and sends
the rounded result to the others. AdamW goes element by element, so no bit differs from a team in which every process
takes the whole step. Files contain the tensors of all processes, so a run resumes on any number of them.
"""

import torch
from torch import Tensor, nn

from .passes import filled
from .team import MESSAGE, Team, fair_parts


class Shards:
    def __init__(self, team: Team, trainable: dict[str, nn.Parameter], device: torch.device) -> None:
        """`device`: where masters and moments are."""
        self._team = team
        self._trainable = trainable
        self._device = device
        names = list(trainable)
        sizes = [parameter.numel() for parameter in trainable.values()]
        self._owned = [[names[i] for i in part] for part in fair_parts(sizes, team.size)]

    @property
    def mine(self) -> list[str]:
        """Names of the tensors whose masters and moments this process has."""
        return self._owned[self._team.rank]

    def share(self) -> None:
        """Replaces the weights in every process by those of the owner of each."""
        for owner, names in enumerate(self._owned):
            self._team.agree([self._trainable[name] for name in names], owner)

    def whole(self, mine: dict[str, Tensor]) -> dict[str, Tensor]:
        """Brings float32 tensors of all processes, one for each weight, to the first one; other processes get their own
        back. They arrive in the computer's memory, one message after another, so a GPU needs room for no more."""
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
