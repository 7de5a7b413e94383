"""Coupling of the two views of a pair for any trainer: SVQA-R1's penalty (equations 2-4), or a joint reward."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

VIEWS = ("original", "mirror")
SIDES = ("better", "worse")
FLOORS = ("none", "zero", "threshold")
# Smaller differences of means are rounding, so neither view is the better one.
ROUNDING = 1e-8


def require_number(name: str, value: Any, least: float = -math.inf) -> None:
    """Raises ValueError for values that a config of Chirality also rejects."""
    is_number = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or value < least:
        limit = "" if least == -math.inf else f" of {least} or more"
        raise ValueError(f"{name} is {value!r}: it must be a finite number{limit}.")


def require_rewards(*views: Sequence[float]) -> None:
    """Raises ValueError for a reward that is not finite, because its pair would stay uncoupled."""
    for view, rewards in zip(VIEWS, views, strict=True):
        for i, reward in enumerate(rewards):
            if not math.isfinite(reward):
                raise ValueError(
                    f"The semantic reward of completion {i} of the {view} is {reward}, not a finite number."
                )


@dataclass(frozen=True)
class Coupling:
    """Settings of a pair's coupling.

    eta: strength of the penalty on the better view; 0 disables the coupling.
    threshold: only completions with a semantic reward above it are penalised.
    dead_band: maximum difference at which the views count as equal.
    side: penalised view, the "better" or, unlike in the paper, the "worse".
    clamp: minimum semantic reward after the penalty: "none", "zero" or "threshold".
    """

    eta: float = 1.0
    threshold: float = 0.5
    dead_band: float = 0.0
    side: str = "better"
    clamp: str = "none"

    def __post_init__(self) -> None:
        require_number("eta", self.eta, least=0)
        require_number("threshold", self.threshold)
        require_number("dead_band", self.dead_band, least=0)
        if self.side not in SIDES or self.clamp not in FLOORS:
            raise ValueError(f"side is one of {SIDES}, clamp one of {FLOORS}.")

    def penalties(
        self, original: Sequence[float], mirror: Sequence[float]
    ) -> tuple[float, tuple[list[float], list[float]]]:
        """Returns the difference of the views' means, and the penalty of each completion (at least 0)."""
        require_rewards(original, mirror)
        none = ([0.0] * len(original), [0.0] * len(mirror))
        if len(original) < 2 or len(mirror) < 2:
            return 0.0, none
        delta = sum(original) / len(original) - sum(mirror) / len(mirror)
        step = self.eta * abs(delta) if abs(delta) > max(self.dead_band, ROUNDING) else 0.0
        held = 0 if (delta >= 0) == (self.side == "better") else 1
        floor = {"none": -float("inf"), "zero": 0.0, "threshold": self.threshold}[self.clamp]
        none[held][:] = [
            max(0.0, min(step, reward - floor)) if reward > self.threshold else 0.0
            for reward in (original, mirror)[held]
        ]
        return delta, none


@dataclass(frozen=True)
class Answered:
    """Input of one completion to the joint reward.

    agrees: whether its answer agrees with its partner's; None if the two cannot be compared.
    """

    value: float
    right: bool
    agrees: bool | None = None


def joint_penalties(
    original: Sequence[Answered], mirror: Sequence[Answered]
) -> tuple[int, tuple[list[float], list[float]]]:
    """Computes ConsistRoll's joint reward (arXiv 2606.29812). A completion keeps its value only if it and the
    completion with the same index in the other view are right and agree. Indices of a longer group wrap around the
    shorter one.

    Returns the number of pairs of completions that earn it, and the loss of each completion (at least 0).
    """
    require_rewards([one.value for one in original], [one.value for one in mirror])
    if len(original) < 2 or len(mirror) < 2:
        return 0, ([0.0] * len(original), [0.0] * len(mirror))

    def earns(own: Sequence[Answered], others: Sequence[Answered]) -> list[bool]:
        return [one.right and one.agrees is not False and others[i % len(others)].right for i, one in enumerate(own)]

    kept = earns(original, mirror), earns(mirror, original)
    lost = [
        [0.0 if keeps else max(0.0, one.value) for keeps, one in zip(view, own, strict=True)]
        for view, own in zip(kept, (original, mirror), strict=True)
    ]
    longer = kept[0] if len(original) >= len(mirror) else kept[1]
    return sum(longer), (lost[0], lost[1])
