"""Notes next to a trainer's files: reward arguments of each of the three trainers, and the resulting notes."""

import asyncio
import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "python/src"))

from chirality.notes import with_notes  # noqa: E402


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def noted(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / "chirality-notes").glob("notes-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def is_left(completions: list[Any], **_: Any) -> list[float | None]:
    texts = [one if isinstance(one, str) else one[0]["content"] for one in completions]
    return [None if text == "" else float(text == "left") for text in texts]


def test_what_trl_hands_on_is_noted_and_rewards_stay_what_they_are(tmp_path: Path) -> None:
    picture = Image.new("RGB", (4, 4), "red")
    given = with_notes(is_left, tmp_path)(
        prompts=[[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Where? "}]}]] * 3,
        completions=[[{"role": "assistant", "content": text}] for text in ("left", "right", "")],
        completion_ids=[[1], [2], []],
        pair=["row-1"] * 3,
        view=["mirror"] * 3,
        images=[[picture]] * 3,
        trainer_state=SimpleNamespace(global_step=7),
    )
    assert given == [1.0, 0.0, None]
    first, second, third = noted(tmp_path)
    (name,) = first.pop("images")
    assert first == {
        "step": 7,
        "completion": hashed("left"),
        "question": hashed("Where?"),
        "id": "row-1",
        "view": "mirror",
        "right": True,
    }
    assert (second["right"], third["right"]) == (False, None)
    assert second["images"] == [name]
    kept = tmp_path / "chirality-notes" / "images" / name[:2] / name
    assert Image.open(kept).tobytes() == picture.tobytes()
    assert [file.name for file in kept.parent.iterdir()] == [name]


def test_an_asynchronous_reward_stays_one_and_keeps_its_name(tmp_path: Path) -> None:
    async def later(completions: list[Any], **_: Any) -> list[float]:
        await asyncio.sleep(0)
        return [1.0] * len(completions)

    reward = with_notes(later, tmp_path)
    assert reward.__name__ == "later"
    assert asyncio.iscoroutinefunction(reward)
    assert asyncio.run(reward(completions=["a"], prompts=["b"])) == [1.0]
    assert noted(tmp_path)[0]["right"] is True


def test_a_class_of_ms_swift_writes_where_its_arguments_say(tmp_path: Path) -> None:
    class Accuracy:
        def __init__(self, args: Any = None) -> None:
            self.args = args

        def __call__(self, completions: list[str], **columns: Any) -> list[float]:
            return [float(one == want) for one, want in zip(completions, columns["solution"], strict=True)]

    file = tmp_path / "scene.png"
    Image.new("RGB", (3, 2), "blue").save(file)
    reward = with_notes(Accuracy)(args=SimpleNamespace(output_dir=str(tmp_path)))
    assert type(reward).__name__ == "Accuracy"
    messages = [{"role": "user", "content": "<image>Where?"}, {"role": "assistant", "content": "left"}]
    given = reward(
        ["left"],
        solution=["left"],
        messages=[messages],
        images=[[{"bytes": None, "path": str(file)}]],
        trainer_state=SimpleNamespace(global_step=0),
    )
    assert given == [1.0]
    (note,) = noted(tmp_path)
    assert (note["question"], note["id"], note["right"]) == (hashed("Where?"), None, True)
    (name,) = note["images"]
    assert (tmp_path / "chirality-notes" / "images" / name[:2] / name).read_bytes() == file.read_bytes()


def test_what_verl_hands_on_one_by_one_is_noted(tmp_path: Path) -> None:
    def compute_score(data_source: str, solution_str: str, ground_truth: str, extra_info: Any) -> dict[str, float]:
        return {"score": 0.5, "right": float(solution_str == ground_truth)}

    score = with_notes(compute_score, tmp_path)
    for said in ("left", "right"):
        info = {"pair": "row-1", "view": "original", "index": 3}
        given = score(data_source="c", solution_str=said, ground_truth="left", extra_info=info)
        assert given["score"] == 0.5
    assert [(one["id"], one["view"], one["right"], one["step"]) for one in noted(tmp_path)] == [
        ("row-1", "original", True, None),
        ("row-1", "original", False, None),
    ]


def test_a_folder_that_cannot_be_written_stops_the_notes_and_not_the_training(tmp_path: Path) -> None:
    (tmp_path / "chirality-notes").write_text("a file is in the way")
    reward = with_notes(is_left, tmp_path)
    with pytest.warns(UserWarning, match="No more notes are kept"):
        assert reward(completions=["left"]) == [1.0]
    assert reward(completions=["left"]) == [1.0]


def test_a_function_needs_the_folder() -> None:
    with pytest.raises(ValueError, match="needs the folder"):
        with_notes(is_left)
