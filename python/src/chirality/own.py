"""Custom reward or custom metric, as a program that Chirality starts (docs/training.md)."""

import contextlib
import json
import sys
from collections.abc import Callable
from typing import SupportsFloat

from chirality.tables import Record

Value = SupportsFloat | tuple[SupportsFloat, str]


class Reward:
    """Custom reward function: call it, or serve it to Chirality."""

    def __init__(self, function: Callable[[Record], Value]) -> None:
        self.function = function
        self.__name__: str = getattr(function, "__name__", type(function).__name__)
        self.__doc__ = function.__doc__

    def __call__(self, asked: Record) -> tuple[float, str]:
        """Returns value and reason for one completion. Raises ValueError if the value is not a finite number."""
        given = self.function(asked)
        value, why = given if isinstance(given, tuple) else (given, "")
        if not abs(float(value)) < float("inf"):
            raise ValueError(f"{self.__name__} gave {value}, which is not a number.")
        return float(value), str(why)

    def serve(self) -> None:
        """Answers requests of Chirality until the input ends. Output of the function goes to standard error."""
        answers = sys.stdout
        # Non-ASCII text would depend on the system's encoding, so JSON is written with escapes.
        with contextlib.redirect_stdout(sys.stderr):
            for line in sys.stdin.buffer:
                asked = json.loads(line)
                value, why = self(asked)
                answers.write(json.dumps({"n": asked["n"], "value": value, "why": why}) + "\n")
                answers.flush()


def reward(function: Callable[[Record], Value]) -> Reward:
    """Converts a function to a reward or metric: it maps a question (dict) to a value, or to a value and a reason.

    >>> @reward
    ... def brevity(asked: Record) -> tuple[float, str]:
    ...     words = len(asked["completion"].split())
    ...     return max(0.0, 1 - words / 100), f"{words} words"
    >>> brevity({"completion": "It is on the left."})
    (0.95, '5 words')

    A file that ends with `if __name__ == "__main__": brevity.serve()` is a program for a config.
    """
    return Reward(function)
