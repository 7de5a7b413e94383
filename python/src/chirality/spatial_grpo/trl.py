"""Spatial-GRPO in TRL: a question and its mirror are rewarded together (SVQA-R1, equations 2-4).

In a training script:

    from chirality.spatial_grpo.trl import CoupledReward, PairedGRPOTrainer, load_pairs, ready_reward

    name = "Qwen/Qwen2.5-VL-3B-Instruct"
    encode = SentenceTransformer("all-MiniLM-L6-v2").encode
    trainer = PairedGRPOTrainer(
        model=name,
        reward_funcs=[ready_reward("format"), CoupledReward(ready_reward("semantic", encode), eta=1.0)],
        args=GRPOConfig(
            ...,
            reward_weights=[0.5, 0.5],
            num_generations=8,
            per_device_train_batch_size=16,
            per_device_eval_batch_size=16,
        ),
        train_dataset=load_pairs("train.qa.jsonl", PROMPT),
        eval_dataset=load_pairs("val.qa.jsonl", PROMPT),
        processing_class=processor,  # with padding_side="left"
    )

Your own reward functions, also asynchronous ones, can replace the ready ones. The view with the better completions on
average loses eta * |difference| on each of its completions above the threshold. Other reward functions do not change:
TRL sums them with their weights. `JointReward` in place of `CoupledReward` rewards completions only if both views are
right.

The two groups of a pair must be rewarded in one call, and TRL calls reward functions in each process with the
completions of that process. This requires three things, which this file checks. It stops if one of them fails:

- the two rows of a pair follow each other (as `load_pairs` arranges them);
- they are drawn together (`PairedGRPOTrainer` shuffles pairs, not rows, in training and evaluation, for datasets,
  dictionaries of datasets, and streams);
- per_device_train_batch_size * steps_per_generation is a multiple of 2 * num_generations, so that no process has half
  a pair; for evaluations, per_device_eval_batch_size is one of 2 * num_generations_eval.

Tested with TRL 1.16.0. Part of Chirality, under the same licence.
"""

import inspect
import math
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

import torch
from datasets import Dataset, IterableDataset
from torch.utils.data import DataLoader
from trl import GRPOTrainer
from trl.trainer.utils import RepeatSampler, repeat_iterable_dataset

from chirality.rules import Encoder, rewards
from chirality.spatial_grpo.coupling import VIEWS, Answered, Coupling, joint_penalties
from chirality.spatial_grpo.pairs import load_pairs

__all__ = ["CoupledReward", "JointReward", "PairedGRPOTrainer", "load_pairs", "ready_reward"]

Rewards = Sequence[float | None]
RewardFunction = Callable[..., Rewards | Awaitable[Rewards]]
"""Reward function of TRL, possibly asynchronous."""


def ready_reward(
    name: Literal["format", "semantic"],
    encoder: Encoder | None = None,
    extraction: Literal["strict", "lenient"] = "strict",
    program: Sequence[str] | None = None,
) -> Callable[..., list[float]]:
    """Returns a reward of Chirality's own training (docs/training.md) as a reward function of TRL.

    The function reads the columns `solution` and `answers` (all accepted answers, if a question has several).

    encoder, extraction and program: as in `chirality.rewards`, which calls the program `chirality`.
    """

    def reward(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        solution: Sequence[str],
        answers: Sequence[Sequence[str] | None] | None = None,
        **_: Any,
    ) -> list[float]:
        rows = [
            {"question": text_of(prompt), "answer": answer, "answers": accepted}
            for prompt, answer, accepted in zip(prompts, solution, answers or [None] * len(prompts), strict=True)
        ]
        scored = rewards(rows, [text_of(one) for one in completions], encoder, extraction, program)
        return [float(one["rewards"][name]["value"]) for one in scored]

    reward.__name__ = name
    return reward


def text_of(said: Any) -> str:
    """Returns the text of a prompt or a completion; for messages, the text of the last one."""
    if isinstance(said, str):
        return said
    content = said[-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text") or "" for part in content)


class PairReward:
    """Semantic reward with a penalty that depends on the other view of the pair.

    The dataset has the columns `pair`, equal for the two rows of a pair, and `view`, "original" or "mirror".
    """

    metric: str

    def __init__(self, semantic: RewardFunction, *more: RewardFunction) -> None:
        self.functions = (semantic, *more)
        self.__name__ = name_of(semantic)
        if any(map(is_asynchronous, self.functions)):
            # TRL inspects this attribute to detect asynchronous rewards.
            self.__call__ = self.wait_for  # type: ignore[method-assign]

    def __call__(self, completions: Sequence[Any], **columns: Any) -> Any:
        """Returns the rewards, or an awaitable of them if a function is asynchronous."""
        if any(map(is_asynchronous, self.functions)):
            return self.wait_for(completions, **columns)
        return self.coupled([one(completions=completions, **columns) for one in self.functions], completions, **columns)

    async def wait_for(self, completions: Sequence[Any], **columns: Any) -> list[float]:
        given = [one(completions=completions, **columns) for one in self.functions]
        values = [await one if inspect.isawaitable(one) else one for one in given]
        return self.coupled(values, completions, **columns)

    def coupled(
        self,
        values: Sequence[Any],
        completions: Sequence[Any],
        pair: Sequence[Any],
        view: Sequence[str],
        log_metric: Callable[[str, float], None] | None = None,
        **_: Any,
    ) -> list[float]:
        """Returns semantic rewards minus pair penalties. values: results of the functions, in their order."""
        rewards, *others = (whole(one, name_of(of)) for one, of in zip(values, self.functions, strict=True))
        losses = self.losses_of(rewards, others, completions)
        figures: list[float] = []
        for name, (original, mirror) in groups_of(pair, view).items():
            if len(original) != len(mirror):
                raise RuntimeError(absent(name, len(original), len(mirror)))
            figure, penalties = losses(original, mirror)
            for i, penalty in zip(original + mirror, penalties[0] + penalties[1], strict=True):
                rewards[i] -= penalty
            figures.append(figure)
        if log_metric is not None and figures:
            log_metric(self.metric, sum(figures) / len(figures))
        return rewards

    def losses_of(self, rewards: list[float], others: list[list[float]], completions: Sequence[Any]) -> "Losses":
        """Returns a function from the indices of a pair's completions to a metric for the log and the loss of each."""
        raise NotImplementedError


Losses = Callable[[list[int], list[int]], tuple[float, tuple[list[float], list[float]]]]


def is_asynchronous(function: Any) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(function.__call__)


def name_of(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def whole(values: Rewards, name: str) -> list[float]:
    if any(value is None for value in values):
        raise ValueError(f"{name} gave no reward for some completions: a pair needs all of them.")
    rewards = [float(value) for value in values if value is not None]
    wrong = next((i for i, value in enumerate(rewards) if not math.isfinite(value)), None)
    if wrong is not None:
        raise ValueError(f"{name} gave {rewards[wrong]} for completion {wrong}: a reward must be a finite number.")
    return rewards


class CoupledReward(PairReward):
    """Semantic reward minus the penalty of the pair.

    semantic: a reward function of TRL. TRL logs the coupled reward under its name.
    Other parameters: as in `Coupling`.
    """

    metric = "coupling/abs_delta"

    def __init__(
        self,
        semantic: RewardFunction,
        eta: float = 1.0,
        threshold: float = 0.5,
        dead_band: float = 0.0,
        side: str = "better",
        clamp: str = "none",
    ) -> None:
        super().__init__(semantic)
        self.penalties = Coupling(eta, threshold, dead_band, side, clamp).penalties

    def losses_of(self, rewards: list[float], others: list[list[float]], completions: Sequence[Any]) -> Losses:
        def losses(original: list[int], mirror: list[int]) -> tuple[float, tuple[list[float], list[float]]]:
            delta, lost = self.penalties([rewards[i] for i in original], [rewards[i] for i in mirror])
            return abs(delta), lost

        return losses


class JointReward(PairReward):
    """Semantic reward that a completion keeps only if it and its partner in the other view are right and agree.

    ConsistRoll's reward (arXiv 2606.29812), as `coupling.mode: joint` of Chirality. TRL compares completions within one
    view, so advantages are those of `advantages.scope: group`.

    semantic: a reward function of TRL. TRL logs the joint reward under its name.
    right: a reward function of TRL that returns more than 0 for right completions.
    agrees: whether a completion of the original and one of the mirror agree, or None if they cannot be compared;
        without it, being right is sufficient.
    """

    metric = "coupling/joint"

    def __init__(
        self,
        semantic: RewardFunction,
        right: RewardFunction,
        agrees: Callable[[Any, Any], bool | None] | None = None,
    ) -> None:
        super().__init__(semantic, right)
        self.agrees = agrees

    def losses_of(self, rewards: list[float], others: list[list[float]], completions: Sequence[Any]) -> Losses:
        right = [value > 0 for value in others[0]]

        def losses(original: list[int], mirror: list[int]) -> tuple[float, tuple[list[float], list[float]]]:
            views: tuple[list[Answered], list[Answered]] = ([], [])
            for one, other in zip(original, mirror, strict=True):
                agrees = None if self.agrees is None else self.agrees(completions[one], completions[other])
                views[0].append(Answered(rewards[one], right[one], agrees))
                views[1].append(Answered(rewards[other], right[other], agrees))
            earned, lost = joint_penalties(*views)
            return earned / len(original), lost

        return losses


def groups_of(pair: Sequence[Any], view: Sequence[str]) -> dict[Any, tuple[list[int], list[int]]]:
    """Returns the indices of each pair's completions: those of its original, and those of its mirror."""
    groups: dict[Any, tuple[list[int], list[int]]] = {}
    for i, (name, seen) in enumerate(zip(pair, view, strict=True)):
        if seen not in VIEWS:
            raise ValueError(f'Row {i} has the view "{seen}": there are "original" and "mirror".')
        groups.setdefault(name, ([], []))[VIEWS.index(seen)].append(i)
    for name, views in groups.items():
        for seen, places in zip(VIEWS, views, strict=True):
            require_one_row(name, seen, places)
    return groups


def require_one_row(pair: Any, view: str, places: list[int]) -> None:
    """Raises ValueError if the completions of a view are in several blocks, so of several rows."""
    blocks = 1 + sum(following != one + 1 for one, following in pairwise(places))
    if 1 < blocks < len(places):
        raise ValueError(two_rows(pair, view))


def two_rows(pair: Any, view: str) -> str:
    return (
        f'Pair "{pair}" has two rows with the view "{view}". If datasets with equal ids were joined, make their ids '
        "differ."
    )


def absent(pair: Any, originals: int, mirrors: int) -> str:
    return (
        f'Pair "{pair}" has {originals} completions of its original and {mirrors} of its mirror in this process, and '
        "cannot be rewarded without its partner. Use PairedGRPOTrainer, put the two rows of a pair one after the "
        "other, and make per_device_train_batch_size * steps_per_generation a multiple of 2 * num_generations."
    )


class PairSampler(RepeatSampler):  # type: ignore[misc]
    """Sampler of TRL that shuffles whole pairs: rows 2i and 2i + 1 are drawn one after the other."""

    def __iter__(self) -> Iterator[int]:
        pairs = list(range(self.num_samples // 2))
        if self.shuffle:
            pairs = torch.randperm(len(pairs), generator=self.generator).tolist()
        rows = [row for pair in pairs for row in (2 * pair, 2 * pair + 1)]
        for start in range(0, len(rows) - self.batch_size + 1, self.batch_size):
            for _ in range(self.repeat_count):
                for row in rows[start : start + self.batch_size]:
                    yield from [row] * self.mini_repeat_count


class PairedGRPOTrainer(GRPOTrainer):  # type: ignore[misc]
    """Trainer of TRL that draws the two rows of a pair together, in training and in evaluations."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_pairs(self.train_dataset)
        check_layout(
            self.args.per_device_train_batch_size * self.args.steps_per_generation,
            self.num_generations,
            "per_device_train_batch_size * steps_per_generation",
        )
        evaluated = self.eval_dataset
        for rows in evaluated.values() if isinstance(evaluated, dict) else [evaluated]:
            if rows is not None:
                self._check_evaluated(rows)

    def _check_evaluated(self, rows: Dataset | IterableDataset) -> None:
        check_pairs(rows)
        check_layout(self.args.per_device_eval_batch_size, self.num_generations_eval, "per_device_eval_batch_size")

    def _get_train_sampler(self, dataset: Dataset | None = None) -> PairSampler:
        return PairSampler(
            data_source=self.train_dataset if dataset is None else dataset,
            mini_repeat_count=self.num_generations,
            batch_size=self.args.generation_batch_size // self.num_generations,
            repeat_count=self.num_iterations * self.args.steps_per_generation,
            shuffle=self.shuffle_dataset,
            seed=self.args.seed,
        )

    def _get_eval_sampler(self, eval_dataset: Dataset) -> PairSampler:
        # Datasets that only `evaluate` receives are first checked here.
        self._check_evaluated(eval_dataset)
        return PairSampler(eval_dataset, mini_repeat_count=self.num_generations_eval, seed=self.args.seed)

    def get_train_dataloader(self) -> DataLoader[Any]:
        if not isinstance(self.train_dataset, IterableDataset):
            return super().get_train_dataloader()
        repeated = repeat_iterable_dataset(
            paired(self.train_dataset, self.args.seed if self.shuffle_dataset else None),
            mini_repeat_count=self.num_generations,
            batch_size=self.args.generation_batch_size // self.num_generations,
            repeat_count=self.num_iterations * self.args.steps_per_generation,
        )
        return self._get_dataloader(
            dataset=repeated,
            description="Training",
            batch_size=self._train_batch_size * self.args.steps_per_generation,
            is_training=True,
        )

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader[Any]:
        found = self.eval_dataset if eval_dataset is None else eval_dataset
        rows = self.eval_dataset[found] if isinstance(found, str) else found
        if not isinstance(rows, IterableDataset):
            return super().get_eval_dataloader(eval_dataset)
        self._check_evaluated(rows)
        self.accelerator.dataloader_config.dispatch_batches = False
        # Several workers would take alternate rows and separate pairs.
        workers, self.args.dataloader_num_workers = self.args.dataloader_num_workers, 0
        try:
            return self._get_dataloader(
                dataset=repeat_iterable_dataset(paired(rows, None), mini_repeat_count=self.num_generations_eval),
                description="Evaluation",
                batch_size=self.args.eval_batch_size,
            )
        finally:
            self.args.dataloader_num_workers = workers


SHUFFLED_PAIRS = 500
"""Number of pairs in the shuffle buffer of a stream, all in memory. TRL's buffer has 1000 rows."""


def paired(stream: IterableDataset, seed: int | None) -> IterableDataset:
    """Returns a stream with checked pairs, shuffled if there is a seed."""

    def join(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
        require_pair(rows["pair"], rows["view"], "the stream")
        return {"both": [rows]}

    def part(pairs: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {name: [row for rows in pairs["both"] for row in rows[name]] for name in pairs["both"][0]}

    # Without features, a pair of rows stays unchanged, with its images.
    joined = stream.map(join, batched=True, batch_size=2, remove_columns=list(stream.column_names or []))
    shuffled = joined if seed is None else joined.shuffle(seed=seed, buffer_size=SHUFFLED_PAIRS)
    return shuffled.map(part, batched=True, batch_size=1, remove_columns=["both"])


def check_layout(rows: int, group: int, name: str) -> None:
    if rows % (2 * group) > 0:
        raise ValueError(
            f"{name} is {rows}, which is not a multiple of {2 * group}, twice the number of completions of a prompt: "
            "some process would have half a pair."
        )


def check_pairs(rows: Dataset | IterableDataset) -> None:
    """Raises ValueError unless the rows of a dataset alternate between original and mirror of a pair.

    The rows of a stream are checked when they are read.
    """
    missing = {"pair", "view"} - set(rows.column_names or ["pair", "view"])
    if missing:
        raise ValueError(
            f"The dataset has no column {' and '.join(sorted(missing))}: `load_pairs` or `chirality convert --to trl` "
            "makes one that has."
        )
    if isinstance(rows, IterableDataset):
        return
    columns = rows.with_format(None).select_columns(["pair", "view"])[:]
    for i in range(0, len(rows), 2):
        require_pair(columns["pair"][i : i + 2], columns["view"][i : i + 2], f"rows {i} and {i + 1} of the data set")
    repeated = next((name for name, number in Counter(columns["pair"][::2]).items() if number > 1), None)
    if repeated is not None:
        raise ValueError(two_rows(repeated, VIEWS[0]))


def require_pair(names: Sequence[Any], views: Sequence[str], where: str) -> None:
    if list(views) != list(VIEWS) or names[0] != names[1]:
        said = ", ".join(f"{view} of {name}" for name, view in zip(names, views, strict=True))
        raise ValueError(f"Not original and mirror of one pair, one after the other, in {where}: {said}.")
