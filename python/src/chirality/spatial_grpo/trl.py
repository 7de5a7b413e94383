"""Spatial-GRPO in TRL: a question and its mirror are rewarded together (SVQA-R1, equations 2-4).

In a training script:

    from chirality.spatial_grpo.trl import CoupledReward, PairedGRPOTrainer, load_pairs

    trainer = PairedGRPOTrainer(
        model="Qwen/Qwen2.5-VL-3B-Instruct",
        reward_funcs=[format_reward, CoupledReward(semantic_reward, eta=1.0)],
        args=GRPOConfig(..., reward_weights=[0.5, 0.5], per_device_train_batch_size=16, num_generations=8),
        train_dataset=load_pairs("train.qa.jsonl"),
    )

`semantic_reward` is your own reward function, such as the cosine between the embeddings of answer and reference. The
view whose completions do better on average loses eta * |difference| on each of its completions above the threshold.
All other reward functions stay as they are: TRL adds them up by their weights. `JointReward` in its place rewards
completions only where both views are right.

The two groups of a pair must be rewarded in one call, and TRL calls reward functions in each process with what that
process generated. Three things make sure that they are, and this file checks each and stops where one does not hold:

- the two rows of a pair stand one after the other (`load_pairs` writes them so);
- they are drawn together (`PairedGRPOTrainer` shuffles pairs, not rows);
- per_device_train_batch_size * steps_per_generation is a multiple of 2 * num_generations, so that no process has half
  a pair; for evaluations, per_device_eval_batch_size of 2 * num_generations_eval.

Tested with TRL 1.16.0. Part of Chirality, under the same licence.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from PIL import ImageOps
from trl import GRPOTrainer
from trl.trainer.utils import RepeatSampler

from chirality.pictures import open_image
from chirality.rows import is_trusted
from chirality.spatial_grpo.coupling import VIEWS, Answered, Coupling, joint_penalties


class PairReward:
    """A semantic reward of which a completion loses something by what its pair's other view says.

    The data set has the columns `pair`, equal for the two rows of a pair, and `view`, "original" or "mirror".
    """

    def __init__(self, semantic: Callable[..., Sequence[float | None]]) -> None:
        self.semantic = semantic
        self.__name__: str = getattr(semantic, "__name__", "semantic")

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        pair: Sequence[Any],
        view: Sequence[str],
        **columns: Any,
    ) -> list[float]:
        asked = {"prompts": prompts, "completions": completions, "pair": pair, "view": view, **columns}
        rewards = whole(self.semantic(**asked), self.__name__)
        losses = self.losses_of(rewards, asked)
        figures: list[float] = []
        for name, (original, mirror) in groups_of(pair, view).items():
            if len(original) != len(mirror):
                raise RuntimeError(absent(name, len(original), len(mirror)))
            figure, penalties = losses(original, mirror)
            for i, penalty in zip(original + mirror, penalties[0] + penalties[1], strict=True):
                rewards[i] -= penalty
            figures.append(figure)
        log_metric = columns.get("log_metric")
        if log_metric is not None and figures:
            log_metric(self.metric, sum(figures) / len(figures))
        return rewards

    metric: str

    def losses_of(self, rewards: list[float], asked: dict[str, Any]) -> "Losses":
        """A function of the places of a pair's completions: a figure to log, and what each of them loses."""
        raise NotImplementedError


Losses = Callable[[list[int], list[int]], tuple[float, tuple[list[float], list[float]]]]


def whole(values: Sequence[float | None], name: str) -> list[float]:
    if any(value is None for value in values):
        raise ValueError(f"{name} gave no reward for some completions: a pair needs all of them.")
    return [float(value) for value in values if value is not None]


class CoupledReward(PairReward):
    """A semantic reward from which the penalty of the pair is subtracted.

    semantic: a reward function of TRL. Its name is that under which TRL logs the coupled reward.
    The others are those of `Coupling`.
    """

    metric = "coupling/abs_delta"

    def __init__(
        self,
        semantic: Callable[..., Sequence[float | None]],
        eta: float = 1.0,
        threshold: float = 0.5,
        dead_band: float = 0.0,
        side: str = "better",
        clamp: str = "none",
    ) -> None:
        super().__init__(semantic)
        self.penalties = Coupling(eta, threshold, dead_band, side, clamp).penalties

    def losses_of(self, rewards: list[float], asked: dict[str, Any]) -> Losses:
        def losses(original: list[int], mirror: list[int]) -> tuple[float, tuple[list[float], list[float]]]:
            delta, lost = self.penalties([rewards[i] for i in original], [rewards[i] for i in mirror])
            return abs(delta), lost

        return losses


class JointReward(PairReward):
    """A semantic reward that a completion keeps only if it and its partner in the other view are right and agree.

    ConsistRoll's reward (arXiv 2606.29812), as our `coupling.mode: joint`. TRL compares the completions of one view
    with each other, so advantages are those of `advantages.scope: group`.

    semantic: a reward function of TRL. Its name is that under which TRL logs the joint reward.
    right: a reward function of TRL that gives more than 0 for right completions.
    agrees: whether a completion of the original and one of the mirror say the same, or None if that cannot be said;
        without it, being right is enough.
    """

    metric = "coupling/joint"

    def __init__(
        self,
        semantic: Callable[..., Sequence[float | None]],
        right: Callable[..., Sequence[float | None]],
        agrees: Callable[[Any, Any], bool | None] | None = None,
    ) -> None:
        super().__init__(semantic)
        self.right = right
        self.agrees = agrees

    def losses_of(self, rewards: list[float], asked: dict[str, Any]) -> Losses:
        right = [value > 0 for value in whole(self.right(**asked), getattr(self.right, "__name__", "right"))]
        completions = asked["completions"]

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
    """The places of a pair's completions: those of its original, and those of its mirror."""
    groups: dict[Any, tuple[list[int], list[int]]] = {}
    for i, (name, seen) in enumerate(zip(pair, view, strict=True)):
        if seen not in VIEWS:
            raise ValueError(f'Row {i} has the view "{seen}": there are "original" and "mirror".')
        groups.setdefault(name, ([], []))[VIEWS.index(seen)].append(i)
    return groups


def absent(pair: Any, originals: int, mirrors: int) -> str:
    return (
        f'Pair "{pair}" has {originals} completions of its original and {mirrors} of its mirror in this process, and '
        "cannot be rewarded without its partner. Use PairedGRPOTrainer, put the two rows of a pair one after the "
        "other, and make per_device_train_batch_size * steps_per_generation a multiple of 2 * num_generations."
    )


class PairSampler(RepeatSampler):  # type: ignore[misc]
    """TRL's sampler, but whole pairs are shuffled: rows 2i and 2i + 1 are drawn one after the other."""

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
    """TRL's trainer, which draws the two rows of a pair together."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_pairs(self.train_dataset)
        check_layout(
            self.args.per_device_train_batch_size * self.args.steps_per_generation,
            self.num_generations,
            "per_device_train_batch_size * steps_per_generation",
        )
        if self.eval_dataset is not None and not isinstance(self.eval_dataset, dict):
            check_pairs(self.eval_dataset)
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


def check_layout(rows: int, group: int, name: str) -> None:
    if rows % (2 * group) > 0:
        raise ValueError(
            f"{name} is {rows}, which is not a multiple of {2 * group}, twice the number of completions of a prompt: "
            "some process would have half a pair."
        )


def check_pairs(rows: Any) -> None:
    """Stops where the rows of a data set do not follow each other as original and mirror of one pair."""
    names, views = rows["pair"], rows["view"]
    for i in range(0, len(names), 2):
        if list(views[i : i + 2]) != list(VIEWS) or names[i] != names[i + 1]:
            raise ValueError(f"Rows {i} and {i + 1} of the data set are not original and mirror of one pair.")


def load_pairs(path: str | Path, prompt: str = "{question}") -> Dataset:
    """The rows of a `*.qa.jsonl` that `chirality view mirror` gave mirrors, each with its mirror behind it.

    Rows whose mirror is missing or waits for a person are left out, as in Chirality's own training with
    `views.unpaired: drop`; their number is printed. Pictures are opened beside the file; the mirror's is mirrored.
    prompt: the text of the message, in which {question} stands for the question.
    """
    path = Path(path)
    rows: list[dict[str, Any]] = []
    left_out = 0
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.strip():
            continue
        row = json.loads(line)
        mirror = row.get("variants", {}).get("mirror")
        if not is_trusted(mirror):
            left_out += 1
            continue
        images = [open_image(path.parent, image) for image in row["images"]]
        for view, asked in (("original", row), ("mirror", mirror)):
            rows.append(
                {
                    "prompt": [{"role": "user", "content": prompt.replace("{question}", asked["question"])}],
                    "images": images if view == "original" else [ImageOps.mirror(image) for image in images],
                    "solution": asked["answer"],
                    "pair": row["id"],
                    "view": view,
                }
            )
    if left_out > 0:
        print(f"{path.name}: {left_out} rows have no trusted mirror, and are left out.")
    return Dataset.from_list(rows)
