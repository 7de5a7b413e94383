"""Spatial-GRPO in verl: a question and its mirror are rewarded together (SVQA-R1, equations 2-4).

Make the data set with `chirality convert train.qa.jsonl --to verl -o train.parquet`, and start verl with, where FILE is
the path of this file,

    data.train_files=train.parquet data.train_batch_size=64 data.shuffle=False
    data.custom_cls.path=FILE data.custom_cls.name=PairedDataset
    reward.num_workers=1
    reward.reward_manager.source=importlib reward.reward_manager.name=CoupledRewardManager
    reward.reward_manager.module.path=FILE
    reward.custom_reward_function.path=my_reward.py
    +reward.reward_kwargs.spatial_grpo.eta=1.0

`compute_score` of your reward function gives the semantic reward, such as the cosine between the embeddings of answer
and reference: as a number, or as a dictionary with `score` and, where other parts count too, with `semantic`, which
then has the weight `weight` in `score`. The view whose completions do better on average loses eta * |difference| of
its semantic reward on each of its completions above the threshold.

verl asks for the reward of one completion at a time. The reward of a pair waits until both of its groups are there,
so they must be asked for in one process and within one batch. Four things make sure of that, and this file checks
each and stops where one does not hold:

- `PairedDataset` shuffles pairs, not rows, by `data.seed`, and drops rows whose partner is missing or too long;
- verl shuffles nothing (`data.shuffle=False`), and `data.train_batch_size` (and `data.gen_batch_size`, if set) is even;
- there is one process for rewards (`reward.num_workers=1`);
- a batch has at most 1000 completions, because Ray lets no more calls wait in one process.

A completion that still waits when no other has come for `patience` seconds (1800) stops with a sentence: it is never
rewarded without its partner. Rows of `data.val_files` are not coupled, so that evaluations show the plain reward.

Tested with verl 0.9.1. Part of Chirality, under the same licence.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager
from verl.utils.dataset.rl_dataset import RLHFDataset

from chirality.spatial_grpo.coupling import VIEWS
from chirality.spatial_grpo.coupling import Coupling as PairCoupling

# How many calls wait in one process of Ray.
MOST_WAITING = 1000


@dataclass(frozen=True)
class Coupling(PairCoupling):
    """How the views of a pair are coupled; the names are those of `reward.reward_kwargs.spatial_grpo`.

    weight: the weight of the semantic reward in `score`.
    patience: seconds without any completion after which a pair that is not whole is given up.
    """

    weight: float = 1.0
    patience: float = 1800.0


@dataclass
class WaitingPair:
    """The completions of a pair so far: by view, each with its place in the group and its semantic reward."""

    size: int
    views: tuple[list[tuple[int, float]], list[tuple[int, float]]] = field(default_factory=lambda: ([], []))
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    delta: float = 0.0
    penalties: dict[tuple[int, int], float] = field(default_factory=dict)

    def add(self, view: int, place: int, reward: float, coupling: Coupling) -> None:
        self.views[view].append((place, reward))
        if any(len(group) < self.size for group in self.views):
            return
        # In the order of the group, so that sums do not depend on which completion came first.
        groups = [sorted(group) for group in self.views]
        self.delta, lost = coupling.penalties(*[[reward for _, reward in group] for group in groups])
        for number, group in enumerate(groups):
            for (at, _), penalty in zip(group, lost[number], strict=True):
                self.penalties[number, at] = penalty
        self.whole.set()


class CoupledRewardManager(NaiveRewardManager):  # type: ignore[misc]
    """verl's reward manager, with the rewards of the two views of a row coupled.

    Logs `semantic`, `penalty` and `abs_delta` of each completion.
    """

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any, *more: Any, **named: Any) -> None:
        super().__init__(config, tokenizer, compute_score, *more, **named)
        settings = (config.reward.get("reward_kwargs") or {}).get("spatial_grpo") or {}
        self.coupling = Coupling(**settings)
        self.size = int(config.actor_rollout_ref.rollout.n)
        check_processes(int(config.reward.num_workers), batch_of(config.data) * self.size)
        self.waiting: dict[Any, WaitingPair] = {}
        self.last = time.monotonic()

    async def run_single(self, data: Any) -> dict[str, Any]:
        result: dict[str, Any] = await super().run_single(data)
        columns = {name: values[-1] for name, values in data.non_tensor_batch.items()}
        info = columns.get("extra_info") or {}
        extra = result["reward_extra_info"]
        semantic = float(extra.get("semantic", result["reward_score"]))
        extra.update(semantic=semantic, penalty=0.0, abs_delta=0.0)
        if not info.get("coupled"):
            return result
        pair, view = info["pair"], VIEWS.index(info["view"])
        # A pair can come again in a later step while an earlier step is still waiting.
        key = (pair, columns.get("global_steps"))
        waiting = self.waiting.setdefault(key, WaitingPair(self.size))
        place = int(columns.get("session_id", len(waiting.views[view])))
        waiting.add(view, place, semantic, self.coupling)
        self.last = time.monotonic()
        if waiting.whole.is_set():
            del self.waiting[key]
        else:
            await self.partner(key, waiting)
        penalty = waiting.penalties[view, place]
        extra.update(penalty=penalty, abs_delta=abs(waiting.delta))
        result["reward_score"] -= self.coupling.weight * penalty
        if "score" in extra:
            extra["score"] = result["reward_score"]
        return result

    async def partner(self, key: Any, waiting: WaitingPair) -> None:
        """Waits until a pair is whole. Stops when no completion at all has come for long."""
        while not waiting.whole.is_set():
            left = self.last + self.coupling.patience - time.monotonic()
            if left <= 0:
                self.waiting.pop(key, None)
                raise RuntimeError(absent(key[0], self.size, *map(len, waiting.views)))
            await asyncio.wait([asyncio.ensure_future(waiting.whole.wait())], timeout=left)


class PairedDataset(RLHFDataset):  # type: ignore[misc]
    """verl's data set, with both views of a row one after the other and pairs shuffled."""

    dataframe: Any

    def _read_files_and_tokenize(self) -> None:
        super()._read_files_and_tokenize()
        self.is_training = same_files(self.original_data_files, self.config.get("train_files"))
        if not self.is_training:
            return
        check_order(bool(self.config.get("shuffle", True)), batch_of(self.config))
        order = paired_order([row or {} for row in self.dataframe["extra_info"]], self.config.get("seed"))
        print(f"{len(order) // 2} pairs; {len(self.dataframe) - len(order)} rows without their partner are left out.")
        self.dataframe = self.dataframe.select(order)

    def __getitem__(self, item: int) -> dict[str, Any]:
        row: dict[str, Any] = super().__getitem__(item)
        row["extra_info"] = {**(row.get("extra_info") or {}), "coupled": self.is_training}
        return row


def same_files(files: Any, named: Any) -> bool:
    as_list = [named] if isinstance(named, str) else list(named or [])
    return [str(file) for file in files] == [str(file) for file in as_list]


def batch_of(data: Any) -> int:
    """How many prompts are sampled together. Where verl draws them in parts, each part has whole pairs, too."""
    part = data.get("gen_batch_size")
    if part and int(part) % 2 > 0:
        raise ValueError(f"data.gen_batch_size is {part}: make it even, so that a pair is drawn together.")
    return max(int(data.train_batch_size), int(part or 0))


def check_processes(processes: int, completions: int) -> None:
    if processes != 1:
        raise ValueError(
            f"reward.num_workers is {processes}: with more than one process, the views of a pair are rewarded in "
            "different ones. Set reward.num_workers=1."
        )
    if completions > MOST_WAITING:
        raise ValueError(
            f"A batch has {completions} completions, and Ray lets {MOST_WAITING} calls wait in one process: the "
            "partner of a waiting completion might never get its turn. Make data.train_batch_size * rollout.n smaller."
        )


def check_order(shuffled: bool, batch: int) -> None:
    if shuffled:
        raise ValueError("verl shuffles rows one by one, which tears pairs apart. Set data.shuffle=False.")
    if batch % 2 > 0:
        raise ValueError(f"data.train_batch_size is {batch}: make it even, so that a pair is in one batch.")


def paired_order(infos: Sequence[dict[str, Any]], seed: int | None) -> list[int]:
    """The places of all rows whose partner is there, originals before their mirrors, pairs in random order."""
    pairs: dict[Any, dict[str, int]] = {}
    for i, info in enumerate(infos):
        if info.get("pair") is None or info.get("view") not in VIEWS:
            raise ValueError(
                f"Row {i} has no pair or view in its extra_info: make the data set with chirality convert --to verl."
            )
        views = pairs.setdefault(info["pair"], {})
        if info["view"] in views:
            raise ValueError(f'Pair "{info["pair"]}" has two rows with the view "{info["view"]}".')
        views[info["view"]] = i
    whole = [[views[view] for view in VIEWS] for views in pairs.values() if len(views) == 2]
    random.Random(seed).shuffle(whole)
    return [row for rows in whole for row in rows]


def absent(pair: Any, size: int, originals: int, mirrors: int) -> str:
    return (
        f'Pair "{pair}" has {originals} completions of its original and {mirrors} of its mirror of {size} each, no '
        "other has come for long, and none is rewarded without its partner. Either some could not be sampled (see "
        "verl's log), or PairedDataset is not in use."
    )
