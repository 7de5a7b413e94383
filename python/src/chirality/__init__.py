"""Chirality's datasets, runs and traces in Python."""

from chirality.own import Reward, reward
from chirality.rows import Row, read_rows, write_rows
from chirality.rules import mirror, rewards
from chirality.runs import Completion, Evaluation, Pair, PairView, Run, read_run
from chirality.tables import Table

__version__ = "0.1.0"

__all__ = [
    "Completion",
    "Evaluation",
    "Pair",
    "PairView",
    "Reward",
    "Row",
    "Run",
    "Table",
    "mirror",
    "read_rows",
    "read_run",
    "reward",
    "rewards",
    "write_rows",
]
