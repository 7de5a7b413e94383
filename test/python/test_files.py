"""Images and checkpoints, and models that are refused."""

import ast
import base64
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from peft import PeftModel
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import AutoModelForImageTextToText, AutoProcessor

from chirality_worker import checkpoint, operations
from chirality_worker.diagnosis import diagnose
from chirality_worker.errors import WorkerError, described
from chirality_worker.images import ImageFiles, Picture, decode
from chirality_worker.loading import Adapter
from chirality_worker.trainer import AdamW, Trainer
from chirality_worker.untested import is_tested, require_agreement
from chirality_worker.vlm import Vlm
from chirality_worker.wire import Wire
from conftest import LORA, ROOT, encoded, few, opened, options_for, png, prompts, ragged

STEP = AdamW(1e-3, (0.9, 0.99), 1e-8, 0.01, 1.0)


def test_files_are_flushed_through_handles_that_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on Windows, where os.fsync refuses all others.
    real = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            os.write(handle, b"")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    (tmp_path / "file").write_text("x")
    checkpoint.sync(tmp_path)
    assert (tmp_path / "file").read_text() == "x"


def test_images_are_decoded_as_a_viewer_shows_them() -> None:
    left = np.zeros((2, 4, 3), np.uint8)
    left[:, 0] = (255, 0, 0)
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned = decode(encoded(Image.fromarray(left), exif=exif), "x")
    assert turned.getpixel((3, 0)) == (255, 0, 0)
    clear = Image.new("RGBA", (2, 2), (0, 0, 0, 0))
    assert decode(encoded(clear), "x").getpixel((0, 0)) == (255, 255, 255)
    deep = Image.fromarray(np.full((2, 2), 0x80FF, np.uint16))
    assert decode(encoded(deep), "x").getpixel((0, 0)) == (128, 128, 128)
    grey = Image.new("L", (2, 2), 77)
    assert decode(encoded(grey), "x").getpixel((0, 0)) == (77, 77, 77)


def test_images_are_decoded_as_the_program_and_the_package_do() -> None:
    folder = ROOT / "test/fixtures/images"
    for name, expected in json.loads((folder / "expected.json").read_text()).items():
        seen = decode((folder / name).read_bytes(), name)
        assert (seen.mode, seen.size) == ("RGB", (expected["width"], expected["height"])), name
        assert seen.tobytes() == base64.b64decode(expected["pixels"]), name


def test_weights_that_could_run_code_are_refused(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folder_of("qwen2_5_vl"), tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(WorkerError, match="pickle files") as refused:
        opened(folder)
    assert "safetensors" in str(refused.value.fix)


def test_every_model_is_opened_without_code_and_pickles_of_its_own() -> None:
    calls = [
        node
        for file in (ROOT / "src/engines/torch/worker").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "from_pretrained"
    ]
    assert len(calls) == 6
    for call in calls:
        named = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
        assert named["trust_remote_code"] is False
        if "AutoModel" in ast.unparse(call.func):
            assert named["use_safetensors"] is True


def test_code_that_comes_with_a_model_is_not_run(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folder_of("qwen2_5_vl"), tmp_path / "model")
    (folder / "evil.py").write_text("raise SystemExit('it ran')\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(WorkerError, match="contains custom code"):
        opened(folder)


def test_a_mirrored_view_equals_a_mirrored_file() -> None:
    files = ImageFiles()
    files.put("a", png(50, 30, (200, 0, 0)))
    mirrored = files.decoded(Picture("a", "mirror"))
    assert np.array_equal(np.asarray(mirrored), np.asarray(files.decoded(Picture("a", "original")))[:, ::-1])


@pytest.mark.parametrize(
    ("view", "corners"),
    [
        # Where the corners of A B / C D go: the upper row, then the lower one.
        ("mirror", "BA DC"),
        ("flip", "CD AB"),
        ("rotate:180", "DC BA"),
        ("rotate:90", "CA DB"),
        ("rotate:270", "BD AC"),
        ("transpose", "AC BD"),
        ("antitranspose", "DB CA"),
    ],
)
def test_a_turned_view_is_an_exact_permutation(view: str, corners: str) -> None:
    files = ImageFiles()
    pixels = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(4, 5, 3)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    files.put("a", file.getvalue())
    turned = np.asarray(files.decoded(Picture("a", view)))
    named = {"A": pixels[0, 0], "B": pixels[0, -1], "C": pixels[-1, 0], "D": pixels[-1, -1]}
    for row, names in zip((0, -1), corners.split(), strict=True):
        for column, name in zip((0, -1), names, strict=True):
            assert np.array_equal(turned[row, column], named[name])
    assert sorted(turned.reshape(-1, 3).tolist()) == pixels.reshape(-1, 3).tolist()


def disturb(vlm: Vlm) -> None:
    """Moves every trained weight a little, as a step would."""
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in vlm.trainable.values():
            parameter.add_(torch.randn(parameter.shape, generator=draw) * 0.01)


@pytest.mark.parametrize("file", [b"", b"no picture", png(40, 40, (1, 2, 3))[:90]])
def test_a_corrupt_image_is_named(file: bytes) -> None:
    with pytest.raises(WorkerError, match="Image abc cannot be decoded"):
        ImageFiles().put("abc", file)


def test_old_images_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFiles, "KEPT", 2)
    files = ImageFiles()
    for name in "abc":
        files.put(name, png(30, 30, (1, 2, 3)))
        files.recall("a")
    assert files.recall("a")
    assert not files.recall("b")
    with pytest.raises(WorkerError, match="Image b is not loaded"):
        files.size("b")


def test_peft_opens_what_is_saved(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    vlm = opened(folder_of("qwen2_5_vl"))
    groups = ragged(vlm, prompts(vlm))
    expected, _ = vlm.plain_scores(groups, 1.0)
    Trainer(vlm, 4096, dict, lambda *_: None).save(tmp_path, {})
    base = AutoModelForImageTextToText.from_pretrained(folder_of("qwen2_5_vl"))
    # Only what PeftModel reads: the model with the adapter takes the place of ours.
    vlm.model = PeftModel.from_pretrained(base, str(tmp_path)).eval()
    found, _ = vlm.plain_scores(groups, 1.0)
    assert torch.equal(found, expected)
    assert not list(tmp_path.glob("*.bin")) + list(tmp_path.glob("*.pt")) + list(tmp_path.glob("README*"))


@pytest.mark.parametrize("adapter", few([LORA, None]))
@pytest.mark.parametrize("kind", few(["qwen2_5_vl", "qwen3_vl", "paligemma2", "llava"]))
def test_an_exported_model_is_opened_by_transformers_and_computes_the_same(
    folder_of: Callable[[str], Path], tmp_path: Path, kind: str, adapter: Adapter | None
) -> None:
    vlm = opened(folder_of(kind), adapter)
    disturb(vlm)
    groups = ragged(vlm, prompts(vlm))
    expected, _ = vlm.plain_scores(groups, 1.0)
    checkpoint.export_model(tmp_path, vlm)
    assert torch.equal(vlm.plain_scores(groups, 1.0)[0], expected)
    vlm.model = AutoModelForImageTextToText.from_pretrained(tmp_path).eval()
    found, _ = vlm.plain_scores(groups, 1.0)
    assert (found - expected).abs().max() < (1e-5 if adapter else 1e-9)
    assert not [name for name in load_file(tmp_path / "model.safetensors") if "lora" in name or "base_layer" in name]


def test_an_adapter_can_begin_from_a_checkpoint_of_all_weights(
    folder_of: Callable[[str], Path], tmp_path: Path
) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), None)
    disturb(vlm)
    groups = ragged(vlm, prompts(vlm))
    expected, _ = vlm.plain_scores(groups, 1.0)
    Trainer(vlm, 4096, dict, lambda *_: None).save(tmp_path, {})
    adapted = opened(tmp_path)
    with torch.no_grad():
        for name, parameter in adapted.trainable.items():
            assert "lora" in name
            parameter.zero_()
    assert torch.equal(adapted.plain_scores(groups, 1.0)[0], expected)


def test_an_exported_processor_shows_images_as_in_training(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    vlm = opened(folder_of("qwen2_5_vl"))
    checkpoint.export_model(tmp_path, vlm)
    seen = AutoProcessor.from_pretrained(tmp_path).image_processor(images=[vlm.files.decoded(Picture("a", "original"))])
    rows, columns = seen["image_grid_thw"][0][1:]
    assert (columns * 14, rows * 14) == vlm.family.seen_size(*vlm.files.size("a"))
    assert columns * rows * 14 * 14 < 200 * 150


def test_a_foreign_checkpoint_is_refused_by_name(folder_of: Callable[[str], Path], tmp_path: Path) -> None:
    trainer = Trainer(opened(folder_of("qwen2_5_vl")), 4096, dict, lambda *_: None)
    with pytest.raises(WorkerError, match=r"contains no adapter_model\.safetensors"):
        trainer.load(tmp_path, False)
    save_file({"base_model.model.other.lora_A.weight": torch.zeros(2, 2)}, tmp_path / "adapter_model.safetensors")
    with pytest.raises(WorkerError, match="belongs to another model or adapter"):
        trainer.load(tmp_path, False)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), "out-of-memory", "a smaller model"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out-of-memory", "a smaller model"),
        (ModuleNotFoundError("No module named 'PIL'", name="PIL.Image"), "missing-package", "-m pip install pillow"),
        (ImportError("libcudart.so.13: cannot open shared object file"), "cuda-mismatch", "engine setup torch"),
        (KeyError("x"), "failed", None),
    ],
)
def test_errors_say_what_to_do(error: Exception, code: str, says: str | None) -> None:
    found = described(error)
    assert found["code"] == code
    assert says is None or says in (found["fix"] or "")


@pytest.mark.parametrize(
    ("version", "tested"),
    [
        ("5.22.9", False),
        ("5.23.0", True),
        ("5.23.7.dev0", True),
        ("5.24.0", True),
        ("5.25.0rc1", False),
        ("6.0", False),
    ],
)
def test_the_range_of_tested_versions(version: str, tested: bool) -> None:
    assert is_tested(version) == tested


def test_another_version_may_be_used_if_it_computes_what_the_model_does(
    folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = opened(folder_of("qwen2_5_vl"))
    monkeypatch.setattr("transformers.__version__", "9.1.0")
    said = require_agreement(vlm)
    assert said.startswith("The engine was not tested with transformers 9.1.0. Its log-probabilities differ by")
    # As where a layer is called in another order, or with another scale.
    packed = Vlm.packed_scores
    monkeypatch.setattr(Vlm, "packed_scores", lambda *args: [part * 1.01 for part in packed(*args)])
    with pytest.raises(WorkerError, match=r"transformers 9\.1\.0, and its log-probabilities differ by 0\.0"):
        require_agreement(vlm)
    monkeypatch.setattr(Vlm, "packed_scores", lambda *args: [part * float("nan") for part in packed(*args)])
    with pytest.raises(WorkerError, match="differ by nan"):
        require_agreement(vlm)


@pytest.mark.parametrize("version", ["5.23.0", "9.1.0"])
def test_a_failure_names_the_version_only_where_it_is_untested(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transformers.__version__", version)

    def fails(*_: Any) -> Any:
        raise AttributeError("'Model' object has no attribute 'rope'")

    monkeypatch.setattr(operations, "open_vlm", fails)
    call: Any = SimpleNamespace(args=asdict(options_for(Path("model"))), note=fails, progress=fails)
    with pytest.raises((AttributeError, WorkerError)) as raised:
        operations.open_model(call)
    assert isinstance(raised.value, WorkerError) == (version == "9.1.0")
    assert "has no attribute 'rope'" in str(raised.value)


def test_a_package_that_is_missing_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chirality_worker.diagnosis.version_of", lambda package: None)
    assert diagnose(None)["problems"] == []


def test_a_python_that_is_too_old_is_refused_in_one_line() -> None:
    old = "import sys; sys.version_info = (3, 9, 18); import chirality_worker"
    worker = ROOT / "src/engines/torch/worker"
    said = subprocess.run([sys.executable, "-c", old], cwd=worker, capture_output=True, text=True)
    assert (said.returncode, said.stderr.count("\n")) == (1, 1)
    assert said.stderr.startswith("The torch engine needs Python 3.11 or later;")


def test_a_reply_with_numbers_that_are_not_finite_has_null_in_their_places() -> None:
    replies = io.BytesIO()
    Wire(io.BytesIO(), replies).send({"id": 1, "result": {"logprobs": [[-0.5, float("nan")], (float("-inf"),)]}})
    assert json.loads(replies.getvalue()) == {"id": 1, "result": {"logprobs": [[-0.5, None], [None]]}}
