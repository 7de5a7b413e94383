"""The package reads the program's recorded files, and its wheel installs."""

import base64
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python/src"))

from chirality import Run, Table, __version__, mirror, read_rows, read_run, reward, rewards, write_rows  # noqa: E402
from chirality.harness import standard_errors  # noqa: E402
from chirality.harness.lmms_eval import BothViews  # noqa: E402
from chirality.pictures import marked, plain_bytes  # noqa: E402
from chirality.rows import trusted_mirror  # noqa: E402

IS_SLOW = os.environ.get("CHIRALITY_SLOW") == "1"
PROJECT = ROOT / "test/fixtures/recorded/project"
ROWS = PROJECT / "train/data.qa.jsonl"


@pytest.fixture
def spatial(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Recorded run of Spatial-GRPO, whose manifest contains a missing folder."""
    monkeypatch.chdir(PROJECT)
    return read_run("runs/spatial")


def test_metrics_have_one_row_a_step(spatial: Run) -> None:
    frame = spatial.metrics().to_pandas()
    lines = (spatial.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert list(frame["step"]) == [json.loads(line)["step"] for line in lines]
    assert frame["reward"].iloc[0] == json.loads(lines[0])["reward"]


def test_completions_are_those_of_the_trace(spatial: Run) -> None:
    frame = spatial.completions().to_pandas()
    records = [json.loads(line) for step in spatial.steps() for line in trace_of(spatial, step).splitlines()]
    expected = [one for pair in records for view in pair["views"] for one in view["group"]]
    assert list(frame["advantage"]) == [one["advantage"] for one in expected]
    assert list(frame["rewards.semantic"]) == [one["rewards"]["semantic"]["value"] for one in expected]
    assert set(frame["view"]) == {"original", "mirror"}
    # The reward of the trace is the sum of the rewards, 0.5 each, minus the penalty.
    total = 0.5 * frame["rewards.format"] + 0.5 * (frame["rewards.semantic"] - frame["penalty"])
    assert np.allclose(total, frame["reward"])


def trace_of(run: Run, step: int) -> str:
    return (run.folder / f"traces/step-{step:06d}.jsonl").read_text(encoding="utf-8")


def test_arrays_hold_one_number_a_token(spatial: Run) -> None:
    for pair in spatial.pairs(1):
        for view in pair.views:
            for one in view.completions:
                count = one.record["segments"][-1]["tokens"]["n"]
                assert one.tokens.dtype == np.int32
                assert len(one.tokens) == len(one.logprobs) == len(one.entropies) == count
                assert (one.logprobs <= 0).all()


def test_a_run_that_is_being_written_is_read_up_to_its_last_whole_line(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(PROJECT / "runs/spatial", folder)
    with (folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 5, "rew')
    assert [one["step"] for one in read_run(folder).metrics()] == [1, 2, 3, 4]
    with (folder / "events.jsonl").open("a", encoding="utf-8") as file:
        file.write("no json\n")
    with pytest.warns(UserWarning, match=r"events\.jsonl:\d+ is left out, because it is not JSON"):
        list(read_run(folder).events())


def test_a_pair_is_shown_with_both_pictures_and_no_markup_of_its_texts(spatial: Run) -> None:
    pair = next(one for one in spatial.pairs(3) if one.views[0].record["question"] != one.views[1].record["question"])
    text = pair.show(data_root=".")._repr_html_()
    assert text.count("data:image/png;base64,") == 2
    assert "<think>" not in text
    assert "&lt;think&gt;" in text
    assert "<mark>right</mark>" in text
    assert "<script" not in text


def test_pictures_are_read_only_where_somebody_said_so(spatial: Run) -> None:
    pair = next(spatial.pairs(1))
    assert "pass data_root to read them there" in pair.show()._repr_html_()
    with pytest.raises(ValueError, match="lies outside of"):
        spatial.pictures({"view": "original", "images": ["../../../../README.md"]}, data_root=".")


def test_the_pictures_of_a_reversed_clip_are_those_of_the_row(spatial: Run) -> None:
    frames = [next(spatial.pairs(1)).views[0].record["images"][0]] * 2
    reverse, both = (spatial.pictures({"view": view, "images": frames}, ".") for view in ("reverse", "mirror+reverse"))
    assert len(reverse) == 2
    assert (np.asarray(both[0]) == np.asarray(reverse[0])[:, ::-1]).all()


def test_mirrored_pictures_are_mirrored(spatial: Run) -> None:
    original, mirrored = (np.asarray(spatial.pictures(view.record, ".")[0]) for view in next(spatial.pairs(1)).views)
    assert (original[:, ::-1] == mirrored).all()


def test_evaluations_and_curves(spatial: Run) -> None:
    evaluations = spatial.evaluations()
    assert list(evaluations) == ["step-000000", "step-000002", "step-000004"]
    last = evaluations["step-000004"]
    rows = last.rows.to_pandas()
    right = [one for one in last.results if one["metric"] == "accuracy" and one["task"] == "all" and "slice" not in one]
    for figure in right:
        of = rows[(rows["view"] == figure["view"]) & (rows["set"] == figure["set"])]
        assert of["right"].mean() == pytest.approx(figure["value"])
    assert spatial.plot(["reward"])._repr_html_().count("<polyline") == 1
    with pytest.raises(KeyError, match="has no metric 'rewards'"):
        spatial.plot(["rewards"])


def test_tables_are_counted_and_indexed() -> None:
    rows = read_rows(ROWS)
    every = [*rows]
    assert len(rows) == len(every) > 3
    assert (rows[0], rows[-1], rows[1:3]) == (every[0], every[-1], every[1:3])
    assert rows
    assert not Table(lambda: iter(()))
    with pytest.raises(IndexError, match=f"no record 999: there are {len(every)}"):
        _ = rows[999]


@pytest.mark.parametrize("chunk", [1, 1000])
def test_frames_of_polars_take_mixed_numbers(chunk: int, spatial: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("polars")
    monkeypatch.setattr("chirality.tables.CHUNK", chunk)
    results = spatial.evaluations()["step-000004"].results
    intervals = [one.get("interval") for one in results]
    assert any(one and {type(edge) for edge in one} == {int, float} for one in intervals)
    frame = results.to_polars()
    assert frame["interval"].to_list() == intervals
    mixed: list[dict[str, Any]] = [{"a": 1, "b": [0, 0.5]}, {"a": 0.5, "b": None}, {"a": None, "b": [2]}]
    frame = Table(lambda: iter(mixed)).to_polars()
    assert frame["a"].to_list() == [1, 0.5, None]
    assert frame["b"].to_list() == [[0, 0.5], None, [2]]


def test_one_thing_is_not_taken_for_a_list(program: list[str], spatial: Run) -> None:
    row = {"question": "Where is it?", "answer": "left"}
    with pytest.raises(TypeError, match=r"completions is a list: put the one str into one"):
        rewards([row] * 4, "left", program=program)
    with pytest.raises(TypeError, match="rows is a list: put the one dict"):
        rewards(row, ["left"], program=program)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="rows is a list"):
        mirror(row, program)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="program is a list"):
        mirror([row], "chirality")
    with pytest.raises(TypeError, match="names is a list"):
        spatial.plot("reward")
    with pytest.raises(TypeError, match="Completion 1 is not a text: 3"):
        rewards([row] * 2, ["left", 3], program=program)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="Row 1 has no answer"):
        rewards([row, {"question": "Where is it?"}], ["left"] * 2, program=program)


def test_rows_become_a_data_set_with_pictures() -> None:
    rows = list(read_rows(ROWS))
    assert rows[0]["id"] == "worlds-train-1"
    assert rows[0].images[0].size == (16, 16)
    datasets = pytest.importorskip("datasets")
    made = read_rows(ROWS).to_dataset()
    assert isinstance(made.features["images"].feature, datasets.Image)
    assert made[0]["images"][0].size == (16, 16)


def test_images_are_opened_and_handed_over_as_models_see_them(tmp_path: Path) -> None:
    folder = ROOT / "test/fixtures/images"
    seen = json.loads((folder / "expected.json").read_text())
    row = {"id": "a", "question": "Is it left?", "answer": "yes", "images": list(seen)}
    for name in seen:
        shutil.copy(folder / name, tmp_path / name)
    (tmp_path / "rows.qa.jsonl").write_text(json.dumps(row) + "\n")
    rows = read_rows(tmp_path / "rows.qa.jsonl")
    (one,) = rows
    opened = [one.images]
    if importlib.util.find_spec("datasets"):
        opened.append(rows.to_dataset()[0]["images"])
    task = BothViews(tmp_path)
    doc = {"messages": [{"role": "user", "content": [{"type": "image", "image": name} for name in seen]}]}
    opened.append(task.pictures(doc))
    for images in opened:
        for image, (name, expected) in zip(images, seen.items(), strict=True):
            assert (image.mode, image.size) == ("RGB", (expected["width"], expected["height"])), name
            assert image.tobytes() == base64.b64decode(expected["pixels"]), name
    kept = [name for name in seen if plain_bytes(tmp_path / name) == (tmp_path / name).read_bytes()]
    assert kept == ["exif-1.jpg", "subsampled.jpg", "rgb.png", "lossless.webp", "profile.png"]


def test_16_bit_images_are_scaled_by_the_stored_range(tmp_path: Path) -> None:
    deep = np.array([[0, 1000, 2000, 3500, 5000, 65535]], np.uint16)
    (tmp_path / "maps/near").mkdir(parents=True)
    Image.fromarray(deep).save(tmp_path / "maps/near/a.png")
    row = {"id": "a", "question": "Nearer?", "answer": "yes", "images": ["maps/near/a.png"]}
    (tmp_path / "rows.qa.jsonl").write_text(json.dumps(row) + "\n")
    rows = read_rows(tmp_path / "rows.qa.jsonl")
    grey = lambda image: np.asarray(image)[0, :, 0].tolist()  # noqa: E731
    (one,) = rows
    assert grey(one.images[0]) == [0, 3, 7, 13, 19, 255]  # The upper 8 bits: value // 256.
    (tmp_path / "maps/depth-range.json").write_text('{"depth_range": "1000..5000"}\n')
    scaled = [0, 0, 64, 159, 255, 255]  # 255 · (value - 1000) / 4000: 63.75 for 2000, 159.375 for 3500.
    assert grey(one.images[0]) == scaled
    if importlib.util.find_spec("datasets"):
        assert grey(rows.to_dataset()[0]["images"][0]) == scaled
    (tmp_path / "maps/depth-range.json").write_text("{}")
    with pytest.raises(ValueError, match="contains no depth range"):
        _ = one.images


def test_rows_go_through_parquet_and_back_with_their_pictures(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    read_rows(ROWS).to_dataset().to_parquet(tmp_path / "rows.parquet")
    back = datasets.Dataset.from_parquet(str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path / "cache"))
    assert isinstance(back.features["images"].feature, datasets.Image)
    changed = back.map(lambda one: {"answer": "changed" if one["id"] == back[0]["id"] else one["answer"]})
    write_rows(changed, tmp_path / "back/rows.qa.jsonl")
    before, after = list(read_rows(ROWS)), list(read_rows(tmp_path / "back/rows.qa.jsonl"))
    assert after[0]["answer"] == "changed"
    after[0]["answer"] = before[0]["answer"]
    for one, other in zip(before, after, strict=True):
        assert [file.read_bytes() for file in one.files] == [file.read_bytes() for file in other.files]
        assert {**one, "images": None} == {**other, "images": None}
        sizes = [[(image["w"], image["h"]) for image in row["images"]] for row in (one, other)]
        assert sizes[0] == sizes[1]
    with pytest.raises(FileExistsError):
        write_rows(back, tmp_path / "back/rows.qa.jsonl")


@pytest.fixture
def program() -> list[str]:
    if not (ROOT / "dist/cli.js").is_file():
        pytest.fail("dist/cli.js is missing: npm run build makes it.")
    return ["node", str(ROOT / "dist/cli.js")]


def test_rows_are_mirrored_by_the_program(program: list[str]) -> None:
    rows = [{"id": "1", "question": "Is the cup left of the plate?", "answer": "yes", "images": [{"w": 4, "h": 4}]}]
    (row,) = mirror(rows, program)
    assert row["variants"]["mirror"]["question"] == "Is the cup right of the plate?"
    assert mirror([], program) == []
    with pytest.raises(RuntimeError, match="--nothing"):
        mirror(rows, [*program, "--nothing"])


@pytest.mark.parametrize(
    ("run", "extraction"),
    [("spatial", "strict"), ("refill", "strict"), ("skip", "strict"), ("grpo", "lenient")][: None if IS_SLOW else 1],
)
def test_rewards_are_those_of_recorded_runs(run: str, extraction: Any, program: list[str]) -> None:
    known = {row["id"]: row for row in mirror(read_rows(ROWS), program)}
    recorded = [
        (in_view(known[pair.record["sample"]], view.record), one)
        for pair in read_run(PROJECT / "runs" / run).pairs()
        for view in pair.views
        for one in view.completions
    ]
    rows, texts = [row for row, _ in recorded], [one.text for _, one in recorded]
    scored = rewards(rows, texts, extraction=extraction, program=program)
    assert len(scored) > 20
    for got, (_, one) in zip(scored, recorded, strict=True):
        assert (got["answer_text"], got["right"]) == (one.record["answer_text"], one.record["right"])
        assert {name: got["rewards"][name] for name in one.record["rewards"]} == one.record["rewards"]


def in_view(row: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    """Returns the row in the view; in the mirror, with the mirror's choices."""
    variant = row["variants"]["mirror"] if view["view"] == "mirror" else {}
    return {**row, **variant, "question": view["question"], "answer": view["answer"]}


def test_the_semantic_reward_is_by_the_callers_encoder(program: list[str]) -> None:
    def letters(texts: list[str]) -> list[list[float]]:
        return [[float(text.count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]

    row = {"question": "Where is it?", "answer": "left\u2028"}
    texts = ["<answer>felt</answer>", "<answer>lo</answer>", "<answer>1</answer>", "left"]
    values = [one["rewards"]["semantic"]["value"] for one in rewards([row] * 4, texts, letters, program=program)]
    assert values == pytest.approx([1, 1 / 8**0.5, 0, 0])
    assert rewards([], [], letters, program=program) == []
    with pytest.raises(ValueError, match=r"rows \(1\) and of completions \(4\) differ"):
        rewards([row], texts, program=program)
    with pytest.raises(RuntimeError, match='"question"'):
        rewards([{"question": 3, "answer": "left"}], ["left"], program=program)


def test_only_what_the_assistant_answers_is_paid_for(program: list[str]) -> None:
    row = {"question": "What colour is it?", "choices": ["red", "blue"], "answer": "B"}
    turn = "<|im_end|>\n<|im_start|>{role}\n"
    told = "<answer>B</answer>"
    texts = {
        # Thinking is not part of the answer, whatever its tags.
        "<thinking>By the shadow, the answer is A.</thinking>\nB": (True, 0),
        "◁think▷The answer is B.◁/think▷A": (False, 0),
        f"[THINK]It is A.[/THINK]{told}": (True, 1),
        "<seed:think>It is clearly blue, so the answer is B": (False, 0),
        # Only assistant turns count, and a rollout truncated in a tool's turn has no answer.
        f"I look.{turn.format(role='user')}Give it as {told}": (False, 0),
        f"I look.{turn.format(role='tool')}It may be A.{turn.format(role='assistant')}{told}": (True, 1),
        f"<tool_call>{{}}</tool_call>\nuser\n<tool_response>{told}</tool_response>": (False, 0),
    }
    scored = rewards([row] * len(texts), list(texts), extraction="strict", program=program)
    paid = [(one["right"], one["rewards"]["accuracy"]["value"]) for one in scored]
    assert dict(zip(texts, paid, strict=True)) == texts
    lenient = rewards([row] * len(texts), list(texts), extraction="lenient", program=program)
    assert [bool(one["rewards"]["accuracy"]["value"]) for one in lenient] == [right for right, _ in texts.values()]


def test_any_of_several_accepted_answers_is_paid_for(program: list[str]) -> None:
    def same(texts: list[str]) -> list[list[float]]:
        return [[float(text == "tan"), float(text != "tan")] for text in texts]

    row = {"question": "What colour is it?", "answers": ["brown", "tan", "brown"]}
    several = {"question": "Which are here?", "choices": ["cup", "jug", "mug"], "answer": ["A", "C"]}
    said = ["brown", "tan", "red", "A, C", "A, B, C"]
    texts = [f"<answer>{text}</answer>" for text in said]
    scored = rewards([row] * 3 + [several] * 2, texts, program=program)
    assert [one["rewards"]["accuracy"]["value"] for one in scored] == [1, 1, 0, 1, 0]
    by_encoder = rewards([row] * 2, texts[:2], same, program=program)
    assert [one["rewards"]["semantic"]["value"] for one in by_encoder] == [1, 1]


BREVITY = """
import sys
sys.path.insert(0, {path!r})
from chirality import reward

@reward
def brevity(asked):
    print("seen", asked["completion"])
    words = len(asked["completion"].split())
    return 1 / words, f"{{words}} \u2028 words"

if __name__ == "__main__":
    brevity.serve()
"""


def test_a_function_is_served_as_a_reward(tmp_path: Path) -> None:
    path = tmp_path / "rewards.py"
    path.write_text(BREVITY.format(path=str(ROOT / "python/src")), encoding="utf-8")
    asked = "".join(f"{json.dumps({'n': n, 'completion': text})}\n" for n, text in enumerate(["é", "a b", ""]))
    done = subprocess.run([sys.executable, path], input=asked, capture_output=True, text=True, encoding="utf-8")
    answers = [json.loads(line) for line in done.stdout.strip().split("\n")]
    assert answers == [
        {"n": 0, "value": 1.0, "why": "1 \u2028 words"},
        {"n": 1, "value": 0.5, "why": "2 \u2028 words"},
    ]
    assert done.returncode == 1
    assert "seen a b" in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_a_reward_gives_a_number() -> None:
    @reward
    def half(asked: dict[str, Any]) -> Any:
        return np.float32(0.5)

    assert half({}) == (0.5, "")
    assert half.__name__ == "half"
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="which is not a number"):
            reward(lambda _: value)({})  # noqa: B023


def test_a_decision_counts_for_the_text_that_it_was_made_on() -> None:
    # The program reads the same file (test/unit/rows/sample/judged.test.ts).
    for row in read_rows(ROOT / "test/fixtures/judged.qa.jsonl"):
        assert row.mirror is not None
        changes = {"answer": "No", "choices": ["left", "right"], "boxes": [[1, 2, 3, 4]], "images": ["c.png"]}
        for key, value in changes.items():
            assert trusted_mirror({**row, key: value}) is None
        if "scene_graph" in row:
            (first, *others) = row["scene_graph"]["objects"]
            moved = {**row["scene_graph"], "objects": [{**first, "box": [0, 0, 1, 1]}, *others]}
            assert trusted_mirror({**row, "scene_graph": moved}) is None
            assert trusted_mirror({**row, "meta": {**row["meta"], "tags": ["other"]}}) is not None


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not a run"):
        read_run(tmp_path)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        read_rows(tmp_path / "none.jsonl")


def test_a_broken_run_says_what_is_broken(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(PROJECT / "runs/spatial", folder)
    run = read_run(folder)
    (folder / "metrics.jsonl").write_text(
        '{"step": 1, "reward": NaN}\n{"reward": 1}\n{"step": 2, "reward": 0.5}\n{"step": 3, "reward": 1e400}\n',
        encoding="utf-8",
    )
    assert "steps 2 to 3" in run.plot()._repr_html_()
    assert "nan" not in run.plot()._repr_html_()
    (folder / "metrics.jsonl").unlink()
    with pytest.raises(KeyError, match="has no metric 'reward', but none yet"):
        run.plot()
    trace = folder / "traces/step-000001.jsonl"
    whole = trace.read_text(encoding="utf-8")
    trace.write_text(f'{{"step": 1}}\n{{"step": 1, "sample": "a", "views": 3}}\n{whole}', encoding="utf-8")
    with pytest.warns(UserWarning, match="a line that is not a pair is left out"):
        assert len(list(run.pairs(1))) == whole.count("\n")
    arrays = folder / "traces/step-000003.bin"
    arrays.write_bytes(arrays.read_bytes()[:7])
    with pytest.raises(ValueError, match=r"step-000003\.bin ends before the logprobs"):
        _ = next(run.pairs(3)).views[0].completions[0].logprobs
    (folder / "state.json").write_text('{"sta', encoding="utf-8")
    with pytest.raises(ValueError, match=r"state\.json is not JSON"):
        _ = run.state
    evaluation = run.evaluations()["step-000002"]
    (evaluation.folder / "rows.jsonl").unlink()
    assert list(evaluation.rows) == []
    shutil.rmtree(folder / "traces")
    assert (run.steps(), list(run.completions())) == ([], [])


def test_a_pair_without_answers_and_a_row_with_numbers_are_shown(spatial: Run) -> None:
    pair = next(spatial.pairs(1))
    record = json.loads(json.dumps(pair.record))
    record["views"][0]["answer"], record["views"][1]["answer"] = None, 3
    shown = replace(pair, record=record).show(data_root=PROJECT)._repr_html_()
    assert "→ not known<" in shown
    row = next(iter(read_rows(ROWS)))
    row["answer"] = 2.5
    assert "2.5" in row.show()._repr_html_()


def test_pictures_of_an_imported_run_are_found_in_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs/mine"
    (folder / "images").mkdir(parents=True)
    (folder / "manifest.json").write_text('{"recipe": "grpo", "origin": {}, "data_root": "."}')
    pixels = np.zeros((2, 4, 3), dtype=np.uint8)
    pixels[:, :2] = 255
    Image.fromarray(pixels).save(folder / "images/a.png")
    monkeypatch.chdir(tmp_path)
    run = read_run(folder)
    for root in (None, tmp_path):
        (original,) = run.pictures({"view": "original", "images": ["images/a.png"]}, root)
        (mirror,) = run.pictures({"view": "mirror", "images": ["images/a.png"]}, root)
        assert np.array_equal(np.asarray(original), pixels)
        assert np.array_equal(np.asarray(mirror), pixels[:, ::-1])


def test_a_byte_that_is_no_utf_8_is_told_and_loses_no_row(tmp_path: Path) -> None:
    file = tmp_path / "rows.qa.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"id": "a"}\n{"id": "caf\xe9"}\n{"id": "c\xef\xbf\xbd"}\n')
    with pytest.warns(UserWarning, match=r"rows\.qa\.jsonl:2 has bytes that are not UTF-8") as told:
        assert [row["id"] for row in read_rows(file)] == ["a", "caf\ufffd", "c\ufffd"]
    assert len(told) == 1


def test_a_data_set_and_another_programs_run_are_no_runs(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="`chirality import` makes one"):
        read_run(tmp_path)
    (tmp_path / "manifest.json").write_text('{"rows": 3}')
    with pytest.raises(FileNotFoundError, match="is of something else"):
        read_run(tmp_path)


def test_what_is_not_the_program_is_told() -> None:
    rows = [{"id": "1", "question": "Is the cup left of the plate?", "answer": "yes", "images": []}]
    with pytest.raises(RuntimeError, match="The program /no/such cannot be started: No such file"):
        mirror(rows, ["/no/such"])
    with pytest.raises(RuntimeError, match=r"echo hello did not print one row .* is it chirality\? hello view mirror"):
        mirror(rows, ["echo", "hello"])
    with pytest.raises(RuntimeError, match="false ended with 1, and said nothing"):
        mirror(rows, ["false"])


def test_words_that_differ_are_marked_and_escaped() -> None:
    assert marked("a <b> left", "a <b> right") == "a &lt;b&gt; <mark>left</mark>"


def test_commands_of_the_notebook_exist() -> None:
    notebook = json.loads((ROOT / "python/examples/first-look.ipynb").read_text(encoding="utf-8"))
    named = re.findall(r"`npm run ([\w:-]+)`", "".join("".join(cell["source"]) for cell in notebook["cells"]))
    scripts = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["scripts"]
    assert named
    assert set(named) <= scripts.keys()


def test_the_wheel_is_small_and_holds_only_the_package(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "python", tmp_path / "python", ignore=shutil.ignore_patterns("build", "*.egg-info"))
    command: list[Any] = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-q"]
    subprocess.run([*command, "-w", tmp_path, tmp_path / "python"], check=True)
    project = tomllib.loads((ROOT / "python/pyproject.toml").read_text(encoding="utf-8"))["project"]
    # On PyPI, another project has this name.
    assert project["name"] != "chirality"
    about = f"{project['name'].replace('-', '_')}-{__version__}"
    wheel = tmp_path / f"{about}-py3-none-any.whl"
    assert wheel.stat().st_size < 300_000
    names = zipfile.ZipFile(wheel).namelist()
    assert "chirality/spatial_grpo/trl.py" in names
    assert all(
        name.startswith(("chirality/", f"{about}.dist-info/")) for name in names if name != "chirality_worlds.py"
    )
    assert "chirality_worlds.py" in names


def test_standard_errors_of_pairs_are_clustered_by_picture() -> None:
    def judged(pair: int, picture: str, original: bool | None, mirror: bool | None) -> list[dict[str, Any]]:
        about = {"id": str(pair), "picture": picture}
        return [
            {**about, "view": view, "score": {"task": "yesno", "correct": right}}
            for view, right in (("original", original), ("mirror", mirror))
        ]

    said = [(True, True), (True, False), (False, True), (True, True), (False, False), (True, True)]
    alone = [row for n, right in enumerate(said) for row in judged(n, str(n), *right)]
    # If each pair has its own image, the standard error is that of a mean.
    share = 3 / 6
    assert standard_errors(alone)["both_right"] == pytest.approx((share * (1 - share) / 5) ** 0.5)
    assert standard_errors(alone)["neither"] == pytest.approx((5 / 36 / 5) ** 0.5)
    # Duplicate pairs about the same images do not reduce the standard error.
    twice = alone + [row for n, right in enumerate(said) for row in judged(6 + n, str(n), *right)]
    assert standard_errors(twice) == pytest.approx(standard_errors(alone))
    # Pairs that are not scored, or have no right and wrong, affect no metric.
    assert standard_errors([*alone, *judged(9, "9", None, True)]) == standard_errors(alone)
    assert standard_errors(judged(0, "0", True, True)) == {}
