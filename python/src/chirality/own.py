"""A reward or a metric of one's own, as a program that Chirality starts (docs/training.md)."""

import contextlib
import json
import sys
from collections.abc import Callable
from typing import SupportsFloat

from chirality.tables import Record

Value = SupportsFloat | tuple[SupportsFloat, str]


class Reward:
    """A function that values a completion: call it, or serve it to Chirality."""

    def __init__(self, function: Callable[[Record], Value]) -> None:
        self.function = function
        self.__name__: str = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = function.__doc__

    def __call__(self, asked: Record) -> tuple[float, str]:
        """The value and the reason for one completion. Raises ValueError where the value is not a number."""
        given = self.function(asked)
        value, why = given if isinstance(given, tuple) else (given, "")
        if not abs(float(value)) < float("inf"):
            raise ValueError(f"{self.__name__} gave {value}, which is not a number.")
        return float(value), str(why)

    def serve(self) -> None:
        """Answers Chirality until it asks no more. What the function prints goes to standard error."""
        answers = sys.stdout
        # Text outside of ASCII would depend on the system's encoding, so it travels escaped.
        with contextlib.redirect_stdout(sys.stderr):
            for line in sys.stdin.buffer:
                asked = json.loads(line)
                value, why = self(asked)
                answers.write(json.dumps({"n": asked["n"], "value": value, "why": why}) + "\n")
                answers.flush()


def reward(function: Callable[[Record], Value]) -> Reward:
    """Makes a function a reward or a metric: it gets a question as a dict, and gives a value, or a value and a reason.

    >>> @reward
    ... def brevity(asked: Record) -> tuple[float, str]:
    ...     words = len(asked["completion"].split())
    ...     return max(0.0, 1 - words / 100), f"{words} words"
    >>> brevity({"completion": "It is on the left."})
    (0.95, '5 words')

    A file that ends with `if __name__ == "__main__": brevity.serve()` is the program that a config names.
    """
    return Reward(function)
