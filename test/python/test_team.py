"""Sharing work out to the processes of a team."""

import random

import pytest
import torch
import torch.distributed as dist

from chirality_worker import team as module
from chirality_worker.errors import Cancelled, WorkerError
from chirality_worker.team import Team, fair_parts, joint_error


@pytest.mark.parametrize("seed", range(20))
def test_everything_is_done_once_and_nobody_has_much_more(seed: int) -> None:
    draw = random.Random(seed)
    sizes = [draw.randint(1, 100) for _ in range(draw.randint(0, 40))]
    processes = draw.randint(1, 8)
    parts = fair_parts(sizes, processes)
    assert sorted(i for part in parts for i in part) == list(range(len(sizes)))
    loads = [sum(sizes[i] for i in part) for part in parts]
    # The last item went to whoever had least.
    assert max(loads) - min(loads) <= max(sizes, default=0)


def test_a_team_of_one_does_all_in_order_and_keeps_errors_as_they_are() -> None:
    team = Team()
    assert team.spread([3, 1, 2], lambda places: [f"item {i}" for i in places]) == ["item 0", "item 1", "item 2"]

    def broken() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        team.gather(broken)


def test_a_joint_error_names_the_process_that_failed_and_not_those_that_were_cancelled() -> None:
    cancelled = {"code": "cancelled", "message": "The call was cancelled.", "fix": None}
    full = {"code": "out-of-memory", "message": "No room.", "fix": "Lower engine.micro_tokens."}
    error = joint_error({0: cancelled, 3: full}, 4)
    assert isinstance(error, WorkerError)
    assert (error.code, str(error), error.fix) == ("out-of-memory", "Process 4 of 4: No room.", full["fix"])
    assert isinstance(joint_error({1: cancelled}, 4), Cancelled)


def test_tensors_are_added_up_in_messages_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def doubled(flat: torch.Tensor, group: object) -> None:
        sizes.append(len(flat))
        flat.mul_(2)

    monkeypatch.setattr(dist, "all_reduce", doubled)
    monkeypatch.setattr(module, "MESSAGE", 40)
    team = Team()
    team.size = 2
    tensors = [torch.full((n, 2), float(n)) for n in (2, 2, 1, 9, 1)]
    team.add_up(tensors)
    assert sizes == [10, 18, 2]
    assert [x.unique().tolist() for x in tensors] == [[4.0], [4.0], [2.0], [18.0], [2.0]]
