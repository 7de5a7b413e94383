"""The coupled reward for TRL gives what our own runs recorded, and stops where half a pair is missing."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python/src"))

from chirality.rows import is_trusted  # noqa: E402
from chirality.spatial_grpo.trl import (  # noqa: E402
    CoupledReward,
    JointReward,
    PairSampler,
    check_layout,
    check_pairs,
    load_pairs,
)

RECORDED = sorted((ROOT / "test/fixtures/recorded/project/runs/spatial/traces").glob("*.jsonl"))
WORLDS = ROOT / "test/fixtures/foreign-runs/data/worlds.qa.jsonl"


def stored(completions: list[float], **_: Any) -> list[float]:
    return completions


def recorded_pairs() -> list[dict[str, Any]]:
    lines = [line for path in RECORDED for line in path.read_text(encoding="utf-8").splitlines()]
    return [pair for pair in map(json.loads, lines) if len(pair["views"]) == 2]


def test_recorded_pairs_get_the_rewards_that_they_had() -> None:
    """Together, as in a batch; and exactly: both sides add up 64-bit numbers in the same order."""
    columns: dict[str, list[Any]] = {"completions": [], "pair": [], "view": []}
    expected: list[float] = []
    penalised = 0
    for number, pair in enumerate(recorded_pairs()):
        for view in pair["views"]:
            for completion in view["group"]:
                semantic = completion["rewards"]["semantic"]["value"]
                columns["completions"].append(semantic)
                columns["pair"].append(number)
                columns["view"].append(view["view"])
                expected.append(semantic - completion["penalty"])
                penalised += completion["penalty"] > 0
                total = 0.5 * completion["rewards"]["format"]["value"] + 0.5 * expected[-1]
                assert total == pytest.approx(completion["reward"], abs=1e-12)
    assert penalised > 10
    # The threshold of this run's config; all else is as by default.
    assert CoupledReward(stored, threshold=0.1)(prompts=[], **columns) == expected


def test_recorded_pairs_of_the_joint_reward_get_theirs_and_their_advantages() -> None:
    """A completion here is the recorded one; whether two agree was recorded with them, by our rules."""
    lines = (ROOT / "test/fixtures/parity/joint/traces.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines]
    columns: dict[str, list[Any]] = {"completions": [], "pair": [], "view": []}
    recorded: list[dict[str, Any]] = []
    for number, pair in enumerate(pairs):
        for view in pair["views"]:
            for completion in view["group"]:
                columns["completions"].append(completion)
                columns["pair"].append(number)
                columns["view"].append(view["view"])
                recorded.append(completion)
    logged: dict[str, float] = {}
    reward = JointReward(
        lambda completions, **_: [one["rewards"]["semantic"]["value"] for one in completions],
        lambda completions, **_: [float(one["right"]) for one in completions],
        lambda one, other: one["agrees"] if one["agrees"] == other["agrees"] else None,
    )
    got = reward(prompts=[], **columns, log_metric=logged.__setitem__)
    lost = [one["penalty"] for one in recorded]
    assert sum(loss > 0 for loss in lost) > 10
    assert got == [one["rewards"]["semantic"]["value"] - loss for one, loss in zip(recorded, lost, strict=True)]
    assert logged["coupling/joint"] == pytest.approx(sum(pair["joint"] for pair in pairs) / 4 / len(pairs))
    assert logged["coupling/joint"] > 0

    # The run's convention: both views of a pair share mean and spread, as TRL normalises.
    formats = [one["rewards"]["format"]["value"] for one in recorded]
    totals = torch.tensor([0.5 * a + 0.5 * b for a, b in zip(formats, got, strict=True)], dtype=torch.float64)
    sets = totals.view(len(pairs), -1)
    advantages = (sets - sets.mean(1, keepdim=True)) / (sets.std(1, keepdim=True) + 1e-4)
    expected = torch.tensor([one["advantage"] for one in recorded], dtype=torch.float64).view(len(pairs), -1)
    assert expected.abs().max() > 1
    assert torch.allclose(advantages, expected, atol=1e-6)


def test_joint_reward_without_agreement_asks_only_for_being_right() -> None:
    def semantic(completions: list[float], **_: Any) -> list[float]:
        return completions

    columns = {"pair": ["a"] * 4, "view": ["original"] * 2 + ["mirror"] * 2}
    completions = [0.9, 0.8, 0.7, -0.2]
    right = JointReward(semantic, lambda completions, **_: [1.0, 1.0, 1.0, 0.0])
    assert right(prompts=[], completions=completions, **columns) == [0.9, 0.0, 0.7, -0.2]
    never = JointReward(semantic, lambda completions, **_: [1.0] * 4, lambda one, other: False)
    assert never(prompts=[], completions=completions, **columns) == [0.0, 0.0, 0.0, -0.2]
    unknown = JointReward(semantic, lambda completions, **_: [1.0] * 4, lambda one, other: None)
    assert unknown(prompts=[], completions=completions, **columns) == completions


def test_settings_are_those_of_ours() -> None:
    original, mirror = [1.0, 0.9, 0.2], [0.1, 0.0, 0.2]
    delta = CoupledReward(stored).penalties(original, mirror)[0]
    assert delta == pytest.approx(0.6)

    def lost(**settings: Any) -> Any:
        return CoupledReward(stored, **settings).penalties(original, mirror)[1]

    assert lost() == (pytest.approx([0.6, 0.6, 0.0]), [0.0] * 3)
    assert lost(eta=0.5)[0] == pytest.approx([0.3, 0.3, 0.0])
    assert lost(clamp="threshold")[0] == pytest.approx([0.5, 0.4, 0.0])
    assert lost(eta=2, clamp="zero")[0] == pytest.approx([1.0, 0.9, 0.0])
    assert lost(dead_band=0.7) == ([0.0] * 3, [0.0] * 3)
    assert lost(side="worse", threshold=0.05) == ([0.0] * 3, pytest.approx([0.6, 0.0, 0.6]))


@pytest.mark.parametrize("mirrors", [0, 1])
def test_half_a_pair_is_not_rewarded(mirrors: int) -> None:
    views = ["original"] * 2 + ["mirror"] * mirrors
    with pytest.raises(RuntimeError, match=f'Pair "a" has 2 completions of its original and {mirrors} of its mirror'):
        CoupledReward(stored)(prompts=[], completions=[1.0] * len(views), pair=["a"] * len(views), view=views)


def test_layouts_that_split_pairs_are_refused() -> None:
    check_layout(16, 4, "rows")
    with pytest.raises(ValueError, match="rows is 12, which is not a multiple of 8"):
        check_layout(12, 4, "rows")
    with pytest.raises(ValueError, match="Rows 0 and 1"):
        check_pairs({"pair": ["a", "b"], "view": ["original", "mirror"]})


@pytest.mark.parametrize("shuffle", [False, True])
def test_pairs_are_drawn_together(shuffle: bool) -> None:
    rows, group, batch = 14, 3, 4
    sampler = PairSampler(
        range(rows), mini_repeat_count=group, batch_size=batch, repeat_count=2, shuffle=shuffle, seed=2
    )
    drawn = list(sampler)
    assert len(drawn) == len(sampler)
    blocks = [drawn[at : at + batch * group] for at in range(0, len(drawn), batch * group)]
    for block in blocks:
        # Every half of a batch, which a process of two would have, holds whole pairs.
        for half in (block[: 2 * group], block[2 * group :]):
            first = half[0]
            assert first % 2 == 0
            assert half == [first] * group + [first + 1] * group
    assert blocks[0] == blocks[1]
    firsts = [block[0] for block in blocks[::2]]
    assert (firsts == [0, 4, 8]) != shuffle


def test_rows_follow_each_other_with_mirrored_pictures(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in WORLDS.read_text(encoding="utf-8").splitlines()][:3]
    for row in lines[:2]:
        row["variants"] = {"mirror": {"question": row["question"], "answer": "other", "status": "flipped"}}
    lines[2]["variants"] = {"mirror": {"question": "?", "answer": "", "status": "deferred"}}
    for row in lines:
        row["images"] = [str(Path("images") / Path(row["images"][0]["path"]).name)]
    (tmp_path / "images").symlink_to(WORLDS.parent / "images")
    (tmp_path / "rows.qa.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lies outside"):
        load_pairs(tmp_path / "rows.qa.jsonl")
    (tmp_path / "images").unlink()
    (tmp_path / "images").mkdir()
    for picture in (WORLDS.parent / "images").iterdir():
        (tmp_path / "images" / picture.name).write_bytes(picture.read_bytes())
    rows = load_pairs(tmp_path / "rows.qa.jsonl", "{question} Think first.")
    check_pairs(rows)
    assert len(rows) == 4
    assert rows[1]["solution"] == "other"
    assert rows[0]["prompt"][0]["content"].endswith(" Think first.")
    left, right = (rows[i]["images"][0] for i in (0, 1))
    assert left.getpixel((0, 40)) == right.getpixel((left.width - 1, 40))


def test_a_review_decides() -> None:
    assert is_trusted({"status": "deferred", "review": {"state": "accepted"}})
    assert not is_trusted({"status": "flipped", "review": {"state": "discarded"}})
    assert not is_trusted({"status": "deferred"})
    assert not is_trusted(None)
