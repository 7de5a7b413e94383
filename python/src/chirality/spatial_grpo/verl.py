"""Spatial-GRPO in verl: a question and its mirror are rewarded together (SVQA-R1, equations 2-4).

Make the dataset with `chirality convert train.qa.jsonl --to verl -o train.parquet`. Start verl with these options,
where FILE is the path of this file:

    data.train_files=train.parquet data.train_batch_size=64 data.shuffle=False
    data.custom_cls.path=FILE data.custom_cls.name=PairedDataset
    reward.num_workers=1
    reward.reward_manager.source=importlib reward.reward_manager.name=CoupledRewardManager
    reward.reward_manager.module.path=FILE
    reward.custom_reward_function.path=my_reward.py
    +reward.reward_kwargs.spatial_grpo.eta=1.0

`compute_score` of your reward function returns the semantic reward, such as the cosine between the embeddings of answer
and reference. The result is a number, or a dictionary with `score`. If other parts count too, add `semantic`, which
then has the weight `weight` in `score`. The view with the better completions on average loses eta * |difference| of its
semantic reward on each of its completions above the threshold.

`JointRewardManager` in place of `CoupledRewardManager` computes ConsistRoll's joint reward, as `coupling.mode: joint`
of Chirality. A completion keeps its semantic reward only if it and the completion with the same index in the other view
are both right and agree. `compute_score` then returns a dictionary with `right`, above 0 for a right answer, and, if
agreement counts, `as_original`: the answer mapped to the original view (in a mirror, "right" for "left"). Two
completions agree if these are equal; None or no value means that the answer cannot be compared.

verl requests the reward of one completion at a time. The reward of a pair waits until both of its groups are complete,
so their requests must reach one process within one batch. This requires four things, which this file checks. It stops
if one of them fails:

- `PairedDataset` shuffles pairs, not rows, by `data.seed`, and drops rows whose partner is missing or too long;
- verl shuffles nothing (`data.shuffle=False`), and `data.train_batch_size` (and `data.gen_batch_size`, if set) is even;
- one process computes rewards (`reward.num_workers=1`);
- a batch has at most 1000 completions, because Ray lets no more calls wait in one process.

If no completion arrives for `patience` seconds (1800), a waiting completion raises an error: it is never rewarded
without its partner. Rows of `data.val_files` are not coupled, so evaluations show the plain reward.

Tested with verl 0.9.1. Part of Chirality, under the same licence.
"""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager
from verl.utils.dataset.rl_dataset import RLHFDataset

from chirality.spatial_grpo.coupling import VIEWS, Answered, joint_penalties
from chirality.spatial_grpo.coupling import Coupling as PairCoupling

# Maximum number of waiting calls in one process of Ray.
MOST_WAITING = 1000


@dataclass(frozen=True)
class Waiting:
    """Settings for completions that wait for partners, with the names of `reward.reward_kwargs.spatial_grpo`.

    weight: weight of the semantic reward in `score`.
    patience: seconds without any completion after which an incomplete pair fails.
    """

    weight: float = 1.0
    patience: float = 1800.0


@dataclass(frozen=True)
class Coupling(Waiting, PairCoupling):
    """Settings of the coupling of a pair, also with the names of `reward.reward_kwargs.spatial_grpo`."""


@dataclass(frozen=True)
class Said:
    """Input of a completion to its pair. `right` and `as_original` are None if the reward does not use them."""

    semantic: float
    right: bool | None = None
    as_original: Any = None


# Metric of a pair, and the loss of each completion by view.
Losses = tuple[float, tuple[list[float], list[float]]]


@dataclass
class WaitingPair:
    """Completions of a pair so far, by view and by index in the group."""

    size: int
    views: tuple[dict[int, Said], dict[int, Said]] = field(default_factory=lambda: ({}, {}))
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    figure: float = 0.0
    penalties: tuple[dict[int, float], dict[int, float]] = field(default_factory=lambda: ({}, {}))

    def add(self, view: int, place: int, said: Said, losses: Callable[[list[Said], list[Said]], Losses]) -> None:
        self.views[view][place] = said
        if any(len(group) < self.size for group in self.views):
            return
        # Sorted by index, so that results do not depend on the order of arrival.
        original, mirror = ([group[at] for at in sorted(group)] for group in self.views)
        self.figure, lost = losses(original, mirror)
        for mine, group, penalties in zip(self.penalties, self.views, lost, strict=True):
            mine.update(zip(sorted(group), penalties, strict=True))
        self.whole.set()


class PairRewardManager(NaiveRewardManager):  # type: ignore[misc]
    """Reward manager of verl that holds each completion until both groups of its pair are complete.

    Logs `semantic`, `penalty` and `figure` of each completion.
    """

    figure: str
    settings: type[Waiting]

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any, *more: Any, **named: Any) -> None:
        super().__init__(config, tokenizer, compute_score, *more, **named)
        given = dict((config.reward.get("reward_kwargs") or {}).get("spatial_grpo") or {})
        known = [setting.name for setting in fields(self.settings)]
        for name in given:
            if name not in known:
                raise ValueError(f"{type(self).__name__} has no setting {name!r}, but {', '.join(known)}.")
        self.coupling = self.settings(**given)
        self.size = int(config.actor_rollout_ref.rollout.n)
        check_processes(int(config.reward.num_workers), batch_of(config.data) * self.size)
        self.waiting: dict[Any, WaitingPair] = {}
        self.last = time.monotonic()

    def said(self, semantic: float, extra: dict[str, Any]) -> Said:
        """Returns the input of a completion to its pair."""
        return Said(semantic)

    def losses(self, original: list[Said], mirror: list[Said]) -> Losses:
        """Returns a metric of a pair for the log, and the loss of each of its completions."""
        raise NotImplementedError

    async def run_single(self, data: Any) -> dict[str, Any]:
        result: dict[str, Any] = await super().run_single(data)
        columns = {name: values[-1] for name, values in data.non_tensor_batch.items()}
        info = columns.get("extra_info") or {}
        extra = result["reward_extra_info"]
        semantic = float(extra.get("semantic", result["reward_score"]))
        coupled = bool(info.get("coupled"))
        said = self.said(semantic, extra) if coupled else None
        # verl averages logged values, and this value can be a string.
        extra.pop("as_original", None)
        extra.update({"semantic": semantic, "penalty": 0.0, self.figure: 0.0})
        if said is None:
            return result
        pair, view = info["pair"], VIEWS.index(info["view"])
        # A pair can occur again in a later step while an earlier step is still waiting.
        key = (pair, columns.get("global_steps"))
        waiting = self.waiting.setdefault(key, WaitingPair(self.size))
        place = int(columns.get("session_id", 0))
        while place in waiting.views[view]:
            place += 1
        waiting.add(view, place, said, self.losses)
        self.last = time.monotonic()
        if waiting.whole.is_set():
            del self.waiting[key]
        else:
            await self.partner(key, waiting)
        penalty = waiting.penalties[view][place]
        extra.update({"penalty": penalty, self.figure: waiting.figure})
        result["reward_score"] -= self.coupling.weight * penalty
        if "score" in extra:
            extra["score"] = result["reward_score"]
        return result

    async def partner(self, key: Any, waiting: WaitingPair) -> None:
        """Waits until a pair is complete. Raises RuntimeError after `patience` seconds without any completion."""
        while not waiting.whole.is_set():
            left = self.last + self.coupling.patience - time.monotonic()
            if left <= 0:
                self.waiting.pop(key, None)
                raise RuntimeError(absent(key[0], self.size, *map(len, waiting.views)))
            await asyncio.wait([asyncio.ensure_future(waiting.whole.wait())], timeout=left)


class CoupledRewardManager(PairRewardManager):
    """Reward manager that penalises the better view (SVQA-R1, equations 2-4)."""

    figure = "abs_delta"
    settings = Coupling
    coupling: Coupling

    def losses(self, original: list[Said], mirror: list[Said]) -> Losses:
        delta, lost = self.coupling.penalties([one.semantic for one in original], [one.semantic for one in mirror])
        return abs(delta), lost


class JointRewardManager(PairRewardManager):
    """Reward manager that keeps the reward of a completion only together with its partner (ConsistRoll)."""

    figure = "joint"
    settings = Waiting

    def said(self, semantic: float, extra: dict[str, Any]) -> Said:
        if "right" not in extra:
            raise ValueError(
                "The joint reward needs to know which completions are right: let compute_score give a dictionary with "
                '"score" and "right", above 0 for a right answer.'
            )
        return Said(semantic, float(extra["right"]) > 0, extra.get("as_original"))

    def losses(self, original: list[Said], mirror: list[Said]) -> Losses:
        def agrees(one: Said, other: Said) -> bool | None:
            known = one.as_original is not None and other.as_original is not None
            return one.as_original == other.as_original if known else None

        groups: tuple[list[Answered], list[Answered]] = ([], [])
        for one, other in zip(original, mirror, strict=True):
            for group, said in zip(groups, (one, other), strict=True):
                group.append(Answered(said.semantic, bool(said.right), agrees(one, other)))
        earned, lost = joint_penalties(*groups)
        return earned / len(original), lost


class PairedDataset(RLHFDataset):  # type: ignore[misc]
    """Dataset of verl, with both views of a row one after the other and pairs shuffled."""

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
    """Returns the number of prompts sampled together. If verl samples in parts, each part must have whole pairs."""
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
    """Returns the indices of all rows that have a partner: originals before their mirrors, pairs in random order."""
    pairs: dict[Any, dict[str, int]] = {}
    for i, info in enumerate(infos):
        if info.get("pair") is None or info.get("view") not in VIEWS:
            raise ValueError(
                f"Row {i} has no pair or view in its extra_info: make the dataset with chirality convert --to verl."
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
