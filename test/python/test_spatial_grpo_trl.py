"""The coupled reward for TRL gives what our own runs recorded, and stops where half a pair is missing."""

import asyncio
import inspect
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset, load_dataset
from PIL import Image, ImageChops, ImageOps

from conftest import few

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
    paired,
    ready_reward,
)

RECORDED = sorted((ROOT / "test/fixtures/recorded/project/runs/spatial/traces").glob("*.jsonl"))
PROGRAM = ["node", str(ROOT / "dist/cli.js")]


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


def test_two_pairs_of_one_id_are_refused_and_not_merged() -> None:
    views = ["original"] * 2 + ["mirror"] * 2 + ["original"] * 2 + ["mirror"] * 2
    columns = {"completions": [0.9, 0.8, 0.1, 0.2, 0.1, 0.2, 0.9, 0.8], "view": views, "prompts": []}
    with pytest.raises(ValueError, match='Pair "a" has two rows with the view "original"'):
        CoupledReward(stored)(pair=["a"] * 8, **columns)
    # As two pairs, the differences are 0.7 each: 0.9 and 0.8 are above the threshold, in one view of either.
    coupled = CoupledReward(stored)(pair=["a"] * 4 + ["b"] * 4, **columns)
    assert coupled == pytest.approx([0.2, 0.1, 0.1, 0.2, 0.1, 0.2, 0.2, 0.1])
    joined = Dataset.from_dict({"pair": ["a", "a"] * 2, "view": ["original", "mirror"] * 2})
    with pytest.raises(ValueError, match='Pair "a" has two rows'):
        check_pairs(joined)


@pytest.mark.parametrize(
    "settings",
    [
        {"eta": -1},
        {"eta": "2"},
        {"eta": math.nan},
        {"eta": True},
        {"dead_band": -0.1},
        {"threshold": math.nan},
        {"threshold": None},
    ],
)
def test_settings_that_a_config_refuses_are_refused(settings: dict[str, Any]) -> None:
    (name,) = settings
    with pytest.raises(ValueError, match=f"{name} is .*: it must be a finite number"):
        CoupledReward(stored, **settings)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_reward_that_is_not_finite_is_refused(value: float) -> None:
    columns = {"pair": ["a"] * 4, "view": ["original"] * 2 + ["mirror"] * 2}
    with pytest.raises(ValueError, match=r"stored gave (nan|inf) for completion 1: a reward must be a finite number"):
        CoupledReward(stored)(prompts=[], completions=[0.9, value, 0.1, 0.2], **columns)
    with pytest.raises(ValueError, match=r"completion 0 of the mirror is (nan|inf)"):
        CoupledReward(stored).penalties([0.9, 0.8], [value, 0.1])


@pytest.mark.parametrize("mirrors", [0, 1])
def test_half_a_pair_is_not_rewarded(mirrors: int) -> None:
    views = ["original"] * 2 + ["mirror"] * mirrors
    with pytest.raises(RuntimeError, match=f'Pair "a" has 2 completions of its original and {mirrors} of its mirror'):
        CoupledReward(stored)(prompts=[], completions=[1.0] * len(views), pair=["a"] * len(views), view=views)


def test_layouts_that_split_pairs_are_refused() -> None:
    check_layout(16, 4, "rows")
    with pytest.raises(ValueError, match="rows is 12, which is not a multiple of 8"):
        check_layout(12, 4, "rows")
    torn = Dataset.from_dict({"pair": ["a", "b"], "view": ["original", "mirror"]})
    with pytest.raises(ValueError, match="in rows 0 and 1 of the data set: original of a, mirror of b"):
        check_pairs(torn)
    with pytest.raises(ValueError, match="in rows 2 and 3 of the data set: original of b"):
        check_pairs(Dataset.from_dict({"pair": ["a", "a", "b"], "view": ["original", "mirror", "original"]}))
    with pytest.raises(ValueError, match="has no column pair and view"):
        check_pairs(Dataset.from_dict({"prompt": ["a"]}))
    with pytest.raises(ValueError, match="in the stream: original of a, mirror of b"):
        list(paired(torn.to_iterable_dataset(), None))


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


def test_an_evaluation_draws_pairs_together() -> None:
    """As TRL makes the sampler of an evaluation, which has no batch of its own."""
    drawn = list(PairSampler(range(8), mini_repeat_count=2, seed=1))
    assert sorted(drawn) == sorted([*range(8), *range(8)])
    assert drawn != sorted(drawn)
    for first in drawn[::4]:
        at = drawn.index(first)
        assert drawn[at : at + 4] == [first, first, first + 1, first + 1]


def test_pairs_of_a_stream_stay_together() -> None:
    rows = {"pair": [str(i // 2) for i in range(40)], "view": ["original", "mirror"] * 20, "n": list(range(40))}
    stream = Dataset.from_dict(rows).to_iterable_dataset()
    assert [row["n"] for row in paired(stream, None)] == list(range(40))
    shuffled = [row["n"] for row in paired(stream, 3)]
    assert sorted(shuffled) == list(range(40))
    assert shuffled != list(range(40))
    assert all(second == first + 1 and first % 2 == 0 for first, second in zip(*[iter(shuffled)] * 2, strict=True))


def test_asynchronous_rewards_are_waited_for() -> None:
    async def later(completions: list[float], **_: Any) -> list[float]:
        await asyncio.sleep(0)
        return completions

    columns: dict[str, Any] = {"prompts": [], "pair": ["a"] * 4, "view": ["original"] * 2 + ["mirror"] * 2}
    completions = [0.9, 0.8, 0.1, 0.0]
    for made, same in [
        (CoupledReward(later), CoupledReward(stored)),
        (JointReward(later, stored), JointReward(stored, stored)),
        (JointReward(stored, later), JointReward(stored, stored)),
    ]:
        # How TRL asks whether it has to wait.
        assert inspect.iscoroutinefunction(made.__call__)
        assert not inspect.iscoroutinefunction(same.__call__)
        assert asyncio.run(made(completions=completions, **columns)) == same(completions=completions, **columns)
    assert CoupledReward(later).__name__ == "later"


def test_ready_rewards_pay_what_training_pays() -> None:
    prompts = [[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Where is it?"}]}]] * 2
    said = ["<think>…</think><answer>left</answer>", "left"]
    completions = [[{"role": "assistant", "content": text}] for text in said]
    for reward in (ready_reward("format", program=PROGRAM), ready_reward("semantic", program=PROGRAM)):
        assert reward(prompts=prompts, completions=completions, solution=["left"] * 2, pair=["a"] * 2) == [1.0, 0.0]
    assert ready_reward("format").__name__ == "format"


WORDS = ["Is <image>it left of {choices}?", "Which — “one”?", "Où?", "{question}", "a\u2028b"]
OPTIONS: list[Any] = [None, [], ["a"], ["left", "right"], ["a, b", "c"], ["this or that", "c", "d"], ["1", "2", "3"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows with every kind of question and options, trusted mirrors and others."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "images").mkdir()
    rows: list[dict[str, Any]] = []
    for n, (words, options) in enumerate((words, options) for words in WORDS for options in OPTIONS):
        size, tint = (8 + n, 6), 7 * n % 256
        picture = Image.merge(
            "RGB", [Image.linear_gradient("L").rotate(90).resize(size)] * 2 + [Image.new("L", size, tint)]
        )
        # Every third picture is turned by its EXIF, as a telephone writes it.
        exif = picture.getexif()
        exif[0x0112] = 6 if n % 3 == 0 else 1
        picture.save(folder / f"images/{n}.png", exif=exif)
        mirror: dict[str, Any] = {"question": words.replace("left", "right"), "answer": "mirrored", "status": "flipped"}
        if options and n % 2:
            mirror["choices"] = options[::-1]
        row = {"id": f"row {n}", "question": words, "answer": "as it is", "images": [f"images/{n}.png"]}
        rows.append({**row, **({} if options is None else {"choices": options}), "variants": {"mirror": mirror}})
    rows[3]["variants"]["mirror"]["status"] = "needs_llm"
    rows[4]["variants"]["mirror"]["review"] = {"state": "discarded"}
    (folder / "rows.qa.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "prompt", few(["{question}", "{question} Think {first}.", "{choices}: {question}", "{question}\n{lettered}"])
)
def test_rows_are_those_that_convert_writes(folder: Path, tmp_path: Path, prompt: str) -> None:
    out = tmp_path / "rows.parquet"
    command = [*PROGRAM, "convert", str(folder / "rows.qa.jsonl"), "--to", "trl", "-o", str(out), "--prompt", prompt]
    subprocess.run([*command, "--quiet"], check=True)
    converted = load_dataset("parquet", data_files=str(out), cache_dir=str(tmp_path / "cache"))["train"]
    loaded = load_pairs(folder / "rows.qa.jsonl", prompt)
    assert set(loaded.column_names) == set(converted.column_names)
    assert len(loaded) == len(converted) == 2 * (len(WORDS) * len(OPTIONS) - 2)
    check_pairs(loaded)
    for one, other in zip(loaded, converted, strict=True):
        assert {**one, "images": None} == {**other, "images": None}
        for a, b in zip(one["images"], other["images"], strict=True):
            assert ImageChops.difference(a, b.convert("RGB")).getbbox() is None


def test_pictures_are_opened_when_a_row_is_asked_for(folder: Path, tmp_path: Path) -> None:
    row = json.loads((folder / "rows.qa.jsonl").read_text(encoding="utf-8").split("\n")[0])
    (tmp_path / "images").mkdir()
    path = tmp_path / "rows.qa.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    picture = tmp_path / "images/0.png"
    picture.write_bytes(b"no picture")
    pairs = load_pairs(path)
    with pytest.raises(OSError, match=r"images/0\.png"):
        _ = pairs[0]
    picture.write_bytes((folder / "images/0.png").read_bytes())
    original, mirrored, again = pairs[[0, 1, 0]]["images"]
    assert ImageChops.difference(ImageOps.mirror(original[0]), mirrored[0]).getbbox() is None
    assert original[0] is again[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "Expecting property name"),
        ("3", "This is not an object"),
        ('{"id": "b", "question": "?"}', 'has no "answer"'),
        ('{"id": "b", "question": 3, "answer": ""}', '"question" is not a text'),
        (None, 'The id "row 0" is already used on line 1'),
    ],
)
def test_a_row_that_cannot_be_read_is_named(folder: Path, line: str | None, said: str) -> None:
    first = (folder / "rows.qa.jsonl").read_text(encoding="utf-8").split("\n")[0]
    path = folder / "broken.qa.jsonl"
    path.write_text(f"{first}\n\n{first if line is None else line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"broken\.qa\.jsonl:3: .*{said}"):
        load_pairs(path)
    for images, said in [
        (["images/none.png"], "is not there"),
        (["../x.png"], "lies outside"),
        ([{"w": 1}], "not a file"),
    ]:
        path.write_text(json.dumps({**json.loads(first), "images": images}), encoding="utf-8")
        with pytest.raises(ValueError, match=rf"broken\.qa\.jsonl:1: .*{said}"):
            load_pairs(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="has no row with a trusted mirror"):
        load_pairs(path)
    with pytest.raises(ValueError, match="row_graph"):
        load_pairs(path, "{question} {row_graph}")


def test_a_review_decides() -> None:
    assert is_trusted({"status": "deferred", "review": {"state": "accepted"}})
    assert not is_trusted({"status": "flipped", "review": {"state": "discarded"}})
    assert not is_trusted({"status": "deferred"})
    assert not is_trusted(None)
