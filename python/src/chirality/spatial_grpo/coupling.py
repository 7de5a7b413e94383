"""The penalty that couples the two views of a pair (SVQA-R1, equations 2-4), whatever the trainer."""

from collections.abc import Sequence
from dataclasses import dataclass

VIEWS = ("original", "mirror")
SIDES = ("better", "worse")
FLOORS = ("none", "zero", "threshold")


@dataclass(frozen=True)
class Coupling:
    """How the views of a pair are coupled.

    eta: how strongly the better view is held back; 0 couples nothing.
    threshold: only completions whose semantic reward is above it lose something.
    dead_band: up to this difference the views count as equal.
    side: which view loses reward, the "better" or, unlike in the paper, the "worse".
    clamp: lowest value that a penalised semantic reward may reach: "none", "zero" or "threshold".
    """

    eta: float = 1.0
    threshold: float = 0.5
    dead_band: float = 0.0
    side: str = "better"
    clamp: str = "none"

    def __post_init__(self) -> None:
        if self.side not in SIDES or self.clamp not in FLOORS:
            raise ValueError(f"side is one of {SIDES}, clamp one of {FLOORS}.")

    def penalties(
        self, original: Sequence[float], mirror: Sequence[float]
    ) -> tuple[float, tuple[list[float], list[float]]]:
        """The difference of the views' means, and what each completion of either view loses (never negative)."""
        none = ([0.0] * len(original), [0.0] * len(mirror))
        if len(original) < 2 or len(mirror) < 2:
            return 0.0, none
        delta = sum(original) / len(original) - sum(mirror) / len(mirror)
        step = self.eta * abs(delta) if abs(delta) > self.dead_band else 0.0
        held = 0 if (delta >= 0) == (self.side == "better") else 1
        floor = {"none": -float("inf"), "zero": 0.0, "threshold": self.threshold}[self.clamp]
        none[held][:] = [
            max(0.0, min(step, reward - floor)) if reward > self.threshold else 0.0
            for reward in (original, mirror)[held]
        ]
        return delta, none
