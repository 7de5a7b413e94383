"""The coupled reward for verl gives what our own runs recorded, one completion at a time, and stops in words."""

import asyncio
import json
import random
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python/src"))


class Naive:
    """What verl 0.9.1's NaiveRewardManager does, for machines without verl."""

    def __init__(self, config: Any, tokenizer: Any, compute_score: Any) -> None:
        self.config, self.tokenizer, self.compute_score = config, tokenizer, compute_score

    async def run_single(self, data: Any) -> dict[str, Any]:
        item = data[-1:][0]
        said = self.tokenizer.decode(item.batch["responses"], skip_special_tokens=True)
        columns = item.non_tensor_batch
        result = self.compute_score(
            data_source=columns["data_source"],
            solution_str=said,
            ground_truth=columns["reward_model"]["ground_truth"],
            extra_info=columns["extra_info"],
        )
        if isinstance(result, dict):
            return {"reward_score": result["score"], "reward_extra_info": dict(result)}
        return {"reward_score": result, "reward_extra_info": {"acc": result}}


class Rows:
    """What of verl 0.9.1's RLHFDataset is used here: a table, read when the data set is made."""

    def __init__(self, data_files: list[str], config: dict[str, Any]) -> None:
        self.original_data_files, self.config = data_files, config
        self._read_files_and_tokenize()

    def _read_files_and_tokenize(self) -> None:
        from datasets import Dataset

        self.dataframe = Dataset.from_list([{"extra_info": info} for info in TABLE])

    def __getitem__(self, item: int) -> dict[str, Any]:
        return dict(self.dataframe[item])


TABLE = [
    {"pair": pair, "view": view}
    for pair, view in [
        *[("a", "mirror"), ("a", "original"), ("b", "original"), ("c", "original"), ("c", "mirror")],
        *[("d", "original"), ("d", "mirror")],
    ]
]

try:
    import verl  # noqa: F401
except ModuleNotFoundError:
    for name, members in {
        "verl.experimental.reward_loop.reward_manager.naive": {"NaiveRewardManager": Naive},
        "verl.utils.dataset.rl_dataset": {"RLHFDataset": Rows},
    }.items():
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:end]), ModuleType(".".join(parts[:end])))
        vars(sys.modules[name]).update(members)

from chirality.spatial_grpo.verl import (  # noqa: E402
    CoupledRewardManager,
    Coupling,
    JointRewardManager,
    PairedDataset,
    check_order,
    check_processes,
    paired_order,
)

RECORDED = sorted((ROOT / "test/fixtures/recorded/project/runs/spatial/traces").glob("*.jsonl"))
JOINT = ROOT / "test/fixtures/parity/joint/traces.jsonl"


class Config(dict[str, Any]):
    """A config as verl's: its entries are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        return Config(self[name]) if isinstance(self[name], dict) else self[name]


def config(size: int, **coupling: Any) -> Config:
    return Config(
        data={"train_batch_size": 8, "shuffle": False},
        reward={"num_workers": 1, "reward_kwargs": {"spatial_grpo": coupling}},
        actor_rollout_ref={"rollout": {"n": size}},
    )


class Data:
    """A batch of one completion, as verl gives it to a reward manager. Its text is the reward that it gets."""

    def __init__(self, text: str, **columns: Any) -> None:
        token = torch.tensor([ord(character) for character in text])
        self.batch = {"responses": token, "attention_mask": torch.ones(3 + len(token), dtype=torch.long)}
        values = {"data_source": "test", "reward_model": {"ground_truth": ""}, **columns}
        self.non_tensor_batch = {name: [value] for name, value in values.items()}

    def __getitem__(self, at: Any) -> Any:
        first = {name: values[0] for name, values in self.non_tensor_batch.items()}
        return self if isinstance(at, slice) else SimpleNamespace(batch=self.batch, non_tensor_batch=first)


class Tokenizer:
    def decode(self, ids: Any, **_: Any) -> str:
        return "".join(chr(int(token)) for token in ids)


def number(solution_str: str, **_: Any) -> float:
    return float(solution_str)


def completion(pair: Any, view: str, place: int, reward: float, *, coupled: bool = True) -> Data:
    info = {"pair": pair, "view": view, "coupled": coupled}
    return Data(repr(reward), extra_info=info, session_id=place)


def rewarded(
    items: list[Data], score: Any = number, size: int = 4, kind: Any = CoupledRewardManager, **coupling: Any
) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]]:
        manager = kind(config(size, **coupling), Tokenizer(), score)
        answers = await asyncio.gather(*[manager.run_single(item) for item in items])
        assert manager.waiting == {}
        return list(answers)

    return asyncio.run(ask())


def recorded() -> list[tuple[Data, dict[str, Any]]]:
    lines = [line for path in RECORDED for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        (completion(n, view["view"], place, group["rewards"]["semantic"]["value"]), group)
        for n, pair in enumerate(map(json.loads, lines))
        if len(pair["views"]) == 2
        for view in pair["views"]
        for place, group in enumerate(view["group"])
    ]


@pytest.mark.parametrize("seed", [0, 1])
def test_recorded_pairs_get_the_rewards_that_they_had(seed: int) -> None:
    """In any order of arrival; and exactly: both sides add up 64-bit numbers in the same order."""
    all_recorded = recorded()
    random.Random(seed).shuffle(all_recorded)
    size = len(json.loads(RECORDED[0].read_text(encoding="utf-8").splitlines()[0])["views"][0]["group"])
    got = rewarded([data for data, _ in all_recorded], size=size, threshold=0.1)
    expected = [group["rewards"]["semantic"]["value"] - group["penalty"] for _, group in all_recorded]
    assert [each["reward_score"] for each in got] == expected
    assert [each["reward_extra_info"]["penalty"] for each in got] == [group["penalty"] for _, group in all_recorded]
    assert sum(group["penalty"] > 0 for _, group in all_recorded) > 10


def said(solution_str: str, **_: Any) -> dict[str, Any]:
    """The text of a completion here is what a reward function would give for it."""
    return dict(json.loads(solution_str))


def joint_item(pair: Any, view: str, place: int, **given: Any) -> Data:
    info = {"pair": pair, "view": view, "coupled": True}
    return Data(json.dumps(given), extra_info=info, session_id=place)


@pytest.mark.parametrize("seed", [0, 1])
def test_recorded_pairs_of_the_joint_reward_get_theirs_and_their_advantages(seed: int) -> None:
    """In any order of arrival. Whether two completions agree was recorded with them, by our rules."""
    pairs = [json.loads(line) for line in JOINT.read_text(encoding="utf-8").splitlines()]
    asked: list[tuple[Data, dict[str, Any]]] = []
    for number, pair in enumerate(pairs):
        for view in pair["views"]:
            for place, one in enumerate(view["group"]):
                form, semantic = (one["rewards"][name]["value"] for name in ("format", "semantic"))
                given = {"score": 0.5 * form + 0.5 * semantic, "semantic": semantic, "right": one["right"]}
                agrees = one.get("agrees")
                as_original = None if agrees is None else "same" if agrees else view["view"]
                asked.append((joint_item(number, view["view"], place, **given, as_original=as_original), one))
    order = list(range(len(asked)))
    random.Random(seed).shuffle(order)
    shuffled = rewarded([asked[at][0] for at in order], said, kind=JointRewardManager, weight=0.5)
    got = [result for _, result in sorted(zip(order, shuffled, strict=True), key=lambda one: one[0])]
    recorded = [one for _, one in asked]
    assert [each["reward_extra_info"]["penalty"] for each in got] == [one["penalty"] for one in recorded]
    assert sum(one["penalty"] > 0 for one in recorded) > 10
    shares = [each["reward_extra_info"]["joint"] for each in got[::8]]
    assert shares == [pair["joint"] / 4 for pair in pairs]
    assert max(shares) > 0
    assert not any("as_original" in each["reward_extra_info"] for each in got)

    totals = torch.tensor([each["reward_score"] for each in got], dtype=torch.float64).view(len(pairs), -1)
    expected = torch.tensor([one["advantage"] for one in recorded], dtype=torch.float64).view(len(pairs), -1)
    # The run's convention: both views of a pair share mean and spread.
    advantages = (totals - totals.mean(1, keepdim=True)) / (totals.std(1, keepdim=True) + 1e-4)
    assert expected.abs().max() > 1
    assert torch.allclose(advantages, expected, rtol=0, atol=1e-6)


def test_joint_reward_without_agreement_asks_only_for_being_right() -> None:
    rights: dict[str, list[Any]] = {"original": [1, 1], "mirror": [True, 0.0]}
    items = [
        joint_item("p", view, place, score=0.9, right=right)
        for view, values in rights.items()
        for place, right in enumerate(values)
    ]
    got = rewarded(items, said, size=2, kind=JointRewardManager)
    assert [each["reward_score"] for each in got] == pytest.approx([0.9, 0, 0.9, 0])
    assert got[0]["reward_extra_info"] == pytest.approx(
        {"score": 0.9, "right": 1, "semantic": 0.9, "penalty": 0, "joint": 0.5}
    )


def test_joint_reward_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match='with "score" and "right"'):
        rewarded([completion("p", "original", 0, 0.9)], kind=JointRewardManager)
    with pytest.raises(ValueError, match="JointRewardManager has no setting 'eta', but weight, patience"):
        rewarded([], kind=JointRewardManager, eta=1.0)
    # Evaluations are not coupled, and need not say it.
    assert rewarded([Data("0.25", extra_info={})], kind=JointRewardManager)[0]["reward_score"] == 0.25


def test_only_the_semantic_part_is_coupled() -> None:
    def score(solution_str: str, **_: Any) -> dict[str, float]:
        semantic = float(solution_str)
        return {"score": 0.5 * 1.0 + 0.5 * semantic, "format": 1.0, "semantic": semantic}

    items = [completion("p", view, i, reward) for view, reward in [("original", 1.0), ("mirror", 0.2)] for i in (0, 1)]
    got = rewarded(items, score, size=2, weight=0.5)
    assert [each["reward_score"] for each in got] == pytest.approx([0.6, 0.6, 0.6, 0.6])
    assert got[0]["reward_extra_info"] == pytest.approx(
        {"score": 0.6, "format": 1.0, "semantic": 1.0, "penalty": 0.8, "abs_delta": 0.8}
    )
    assert got[2]["reward_extra_info"]["penalty"] == 0


def test_evaluations_and_rows_without_a_pair_are_not_coupled() -> None:
    alone = [completion("p", "original", 0, 0.9, coupled=False), Data("0.25", extra_info={})]
    assert [each["reward_score"] for each in rewarded(alone)] == [0.9, 0.25]
    assert rewarded(alone)[1]["reward_extra_info"]["penalty"] == 0.0


def test_half_a_pair_is_not_rewarded() -> None:
    items = [completion("p", "original", i, 0.9) for i in range(4)] + [completion("p", "mirror", 0, 0.1)]
    with pytest.raises(RuntimeError, match=r'Pair "p" has 4 completions of its original and 1 of its mirror of 4 each'):
        rewarded(items, patience=0.2)


def test_layouts_that_split_pairs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"reward\.num_workers is 8"):
        check_processes(8, 64)
    with pytest.raises(ValueError, match="A batch has 1024 completions, and Ray lets 1000 calls wait"):
        check_processes(1, 1024)
    with pytest.raises(ValueError, match=r"data\.shuffle=False"):
        check_order(True, 8)
    with pytest.raises(ValueError, match="train_batch_size is 7"):
        check_order(False, 7)
    with pytest.raises(ValueError, match="side is one of"):
        Coupling(side="left")
    odd = config(2)
    odd["data"]["gen_batch_size"] = 3
    with pytest.raises(ValueError, match="gen_batch_size is 3"):
        CoupledRewardManager(odd, Tokenizer(), number)


def test_pairs_are_shuffled_and_whole() -> None:
    orders = {tuple(paired_order(TABLE, seed)) for seed in range(20)}
    assert len(orders) > 3
    for order in orders:
        assert sorted(order) == [0, 1, 3, 4, 5, 6]
        halves = [order[i : i + 2] for i in range(0, len(order), 2)]
        assert {(TABLE[a]["pair"], TABLE[a]["view"], TABLE[b]["view"]) for a, b in halves} == {
            (pair, "original", "mirror") for pair in "acd"
        }
    with pytest.raises(ValueError, match="Row 0 has no pair"):
        paired_order([{}], None)
    with pytest.raises(ValueError, match='Pair "a" has two rows'):
        paired_order([TABLE[0], TABLE[0]], None)


@pytest.mark.skipif(not issubclass(PairedDataset, Rows), reason="verl's own data set needs a tokenizer and files")
def test_only_rows_of_training_are_coupled(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Config(train_files="train.parquet", train_batch_size=2, shuffle=False, seed=1)
    train = PairedDataset(["train.parquet"], settings)
    assert "3 pairs; 1 rows without their partner are left out." in capsys.readouterr().out
    assert len(train.dataframe) == 6
    assert all(train[i]["extra_info"]["coupled"] for i in range(6))
    evaluated = PairedDataset(["val.parquet"], settings)
    assert len(evaluated.dataframe) == 7
    assert not evaluated[0]["extra_info"]["coupled"]
    with pytest.raises(ValueError, match=r"data\.shuffle=False"):
        PairedDataset(["train.parquet"], Config({**settings, "shuffle": True}))
