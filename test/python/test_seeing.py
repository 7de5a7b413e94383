"""What processors make of images, against processors of the test that do a known thing, and one that may not run."""

import io
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import (
    CLIPImageProcessor,
    Gemma4VideoProcessor,
    InklingImageProcessor,
    Qwen2VLImageProcessor,
    SiglipImageProcessor,
)

from chirality_worker.errors import WorkerError
from chirality_worker.images import ImageFiles, Picture
from chirality_worker.inspecting import grid_of
from chirality_worker.loading import open_vlm, require_symmetric
from chirality_worker.seeing import measure, modes
from chirality_worker.seeing_clips import measure_clip, seen
from conftest import options_for


class Strangers:
    """A processor in no table: scales to a size, cuts columns off on the left, fills on the right, and returns one
    frame, or patches column by column, from the last to the first."""

    def __init__(self, size: tuple[int, int], cut: int, fill: int, patch: int | None = None) -> None:
        self.size, self.cut, self.fill, self.patch = size, cut, fill, patch

    def __call__(self, images: list[Image.Image], return_tensors: str) -> dict[str, Any]:
        resized = images[0].convert("RGB").resize(self.size, Image.Resampling.BICUBIC)
        pixels = np.asarray(resized).astype(np.float32)[:, self.cut :].transpose(2, 0, 1) / 127.5 - 1
        pixels = np.pad(pixels, ((0, 0), (0, 0), (0, self.fill)))
        if self.patch is None:
            return {"pixel_values": torch.tensor(pixels)[None]}
        p, (_, rows, columns) = self.patch, pixels.shape
        cells = pixels.reshape(3, rows // p, p, columns // p, p).transpose(3, 1, 2, 4, 0)[::-1, ::-1].copy()
        numbers = torch.tensor(cells.reshape(-1, p * p * 3))
        return {"pixel_values": numbers, "image_grid_hw": torch.tensor([[rows // p, columns // p]])}


@pytest.mark.parametrize("source", [(437, 331), (640, 480), (61, 200), (1500, 40)])
@pytest.mark.parametrize(("cut", "fill"), [(0, 0), (7, 0), (0, 9), (5, 12)])
@pytest.mark.parametrize("patch", [None, 8])
def test_a_strangers_processor_is_measured(source: tuple[int, int], cut: int, fill: int, patch: int | None) -> None:
    width, height = source
    fill += -fill % (patch or 1)
    found = measure(Strangers((192 + cut, 96), cut, fill, patch), width, height)
    scale = width / (192 + cut)
    assert (found["size"], found["fill"]) == ([192, 96], [0, 0, fill, 0])
    assert found["crop"] == pytest.approx([cut * scale, 0, width, height], abs=0.5 * max(1, scale))
    assert (found["shift"] == 0) == (cut == 0 and fill == 0)


@pytest.mark.parametrize(("width", "height"), [(437, 331), (640, 480), (1000, 500), (300, 900), (225, 225)])
def test_processors_of_transformers_are_measured(width: int, height: int) -> None:
    square = measure(SiglipImageProcessor(), width, height)
    assert (square["size"], square["crop"], square["shift"]) == ([224, 224], [0, 0, width, height], 0)
    cropped = measure(CLIPImageProcessor(), width, height)
    short = min(width, height)
    left = (int(224 * width / short) - 224) // 2 if width > height else 0
    assert cropped["size"] == [224, 224]
    assert cropped["crop"][0] == pytest.approx(left * short / 224, abs=0.75 * max(1, short / 224))
    pixels = Qwen2VLImageProcessor()
    grid = measure(pixels, width, height)
    out = pixels(images=[Image.new("RGB", (width, height))], return_tensors="pt")["image_grid_thw"][0]
    assert grid["size"] == [int(out[2]) * 14, int(out[1]) * 14]


def test_the_mirror_image_is_off_by_what_is_said() -> None:
    # Measured again with noise: the mirror image of what it makes, moved by the shift, is what it makes of the mirror.
    noise = np.random.default_rng(1).integers(0, 256, (96, 192, 3), dtype=np.uint8)
    processor = Strangers((192, 96), 0, 9)
    shift = round(measure(processor, 192, 96)["shift"])
    one, other = (
        processor([Image.fromarray(np.ascontiguousarray(pixels))], "pt")["pixel_values"][0]
        for pixels in (noise, noise[:, ::-1])
    )
    assert shift == 9
    assert torch.equal(one.flip(-1)[:, :, shift:], other[:, :, :-shift])


def test_what_cannot_be_measured_is_said() -> None:
    def normed(images: list[Image.Image], return_tensors: str) -> dict[str, Any]:
        pixels = torch.tensor(np.asarray(images[0].convert("RGB")).astype(np.float32)).permute(2, 0, 1)[None]
        return {"pixel_values": (pixels - pixels.mean()) / (pixels.std() + 1e-6)}

    with pytest.raises(WorkerError, match="changes with what an image shows"):
        measure(normed, 40, 30)
    with pytest.raises(WorkerError, match="refuses images of 20 × 4100 pixels"):
        measure(Qwen2VLImageProcessor(), 20, 4100)
    with pytest.raises(WorkerError, match="too large"):
        measure(SiglipImageProcessor(), 30_000, 10_000)


@pytest.mark.parametrize("size", [(1, 1), (1, 97), (64, 1)])
def test_a_side_of_one_pixel_is_seen_whole(size: tuple[int, int]) -> None:
    for processor in (Qwen2VLImageProcessor(), SiglipImageProcessor()):
        found = measure(processor, *size)
        assert (found["crop"], found["shift"]) == ([0, 0, *size], 0)


class Tiling:
    """Cuts an image into two tiles and fills up the second, but only if its processor says so."""

    def __call__(self, images: list[Image.Image], return_tensors: str, cuts: bool = False) -> dict[str, Any]:
        pixels = np.asarray(images[0].resize((100, 64))).astype(np.float32).transpose(2, 0, 1) / 255
        whole = np.pad(pixels, ((0, 0), (0, 0), (0, 28)))
        frames = np.stack([whole[..., :64], whole[..., 64:]]) if cuts else whole[None]
        return {"pixel_values": torch.tensor(frames)}


def test_a_processor_is_measured_with_the_settings_that_it_passes_on() -> None:
    images = Tiling()
    alone = measure(SimpleNamespace(image_processor=images), 200, 128)
    assert (alone["tiles"], alone["size"], alone["fill"]) == ([], [100, 64], [0, 0, 28, 0])
    found = measure(SimpleNamespace(image_processor=images, images_kwargs={"cuts": True}), 200, 128)
    assert (found["size"], found["fill"]) == ([100, 64], [0, 0, 28, 0])
    for tile, expected in zip(found["tiles"], ([0, 0, 128, 128], [128, 0, 200, 128]), strict=True):
        assert tile[:4] == pytest.approx(expected, abs=0.7)


class Sampling:
    """A video processor that takes every second frame, and two frames in each patch, channel by channel or frame by
    frame, of images of twice the size."""

    patch_size = 8

    def __init__(self, by_channel: bool) -> None:
        self.by_channel = by_channel

    def __call__(self, videos: list[Any], video_metadata: list[Any], return_tensors: str) -> dict[str, Any]:
        frames = list(videos[0][::2])
        frames += frames[-1:] * (len(frames) % 2)
        pixels = np.stack([np.kron(frame, np.ones((2, 2, 1))) for frame in frames]).transpose(0, 3, 1, 2) / 255
        (n, _, height, width), p = pixels.shape, self.patch_size
        cells = pixels.reshape(n // 2, 2, 3, height // p, p, width // p, p).transpose(0, 3, 5, 1, 2, 4, 6)
        cells = cells.swapaxes(3, 4) if self.by_channel else cells
        grid = [[n // 2, height // p, width // p]]
        patches = torch.tensor(cells.reshape(-1, 6 * p * p), dtype=torch.float32)
        return {"pixel_values_videos": patches, "video_grid_thw": torch.tensor(grid)}


@pytest.mark.parametrize("by_channel", [True, False])
@pytest.mark.parametrize(("count", "taken"), [(8, [0, 2, 4, 6]), (9, [0, 2, 4, 6, 8, 8]), (1, [0, 0])])
def test_frames_of_clips_are_measured(by_channel: bool, count: int, taken: list[int]) -> None:
    found = measure_clip(Sampling(by_channel), 64, 32, count, 30)
    assert (found["taken"], found["size"], found["fill"]) == (taken, [128, 64], [0, 0, 0, 0])
    assert found["crop"] == [0, 0, 64, 32]


def test_a_clip_that_is_refused_is_told() -> None:
    with pytest.raises(WorkerError, match=r"refuses the clip: When loading the video with num_frames=32"):
        measure_clip(Gemma4VideoProcessor(), 64, 64, 7, 30)


def test_modes_are_told() -> None:
    told = modes(SiglipImageProcessor())
    assert told == {"alpha": "white", "grey": "kept", "deep": "cut at 255", "exif": "ignored"}


@pytest.mark.parametrize("part", ["AutoImageProcessor", "AutoProcessor"])
def test_code_of_a_model_is_not_run(tmp_path: Path, part: str) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "own.py").write_text(f"open({str(ran)!r}, 'w')\nclass Own: pass\n")
    (tmp_path / "preprocessor_config.json").write_text(
        json.dumps({"image_processor_type": "Own", "auto_map": {part: "own.Own"}})
    )
    (tmp_path / "config.json").write_text(
        json.dumps({"model_type": "unheard-of", "auto_map": {"AutoConfig": "own.Own"}})
    )
    with pytest.raises(WorkerError, match="code of its own, which Chirality does not run"):
        seen(SimpleNamespace(args={"model": str(tmp_path), "sizes": [[40, 30]]}))  # type: ignore[arg-type]
    assert not ran.exists()


@pytest.mark.parametrize(
    "size",
    [(437, 331), (331, 437), (640, 480), (57, 57), (29, 31), (1, 1), (1, 97), (1001, 333), (1280, 719), (225, 225)],
)
def test_images_are_kept_symmetric_for_a_processor_that_crops(folder_of: Any, size: tuple[int, int]) -> None:
    vlm = open_vlm(replace(options_for(folder_of("llava")), symmetric=True), lambda *_: None)
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(file, "png")
    vlm.files.put("noise", file.getvalue())
    shown = {view: vlm.files.decoded(Picture("noise", view)) for view in ("original", "mirror", "flip", "rotate:180")}
    seen = {view: vlm.family.processor.image_processor(image)["pixel_values"][0] for view, image in shown.items()}
    for view, axes in (("mirror", [-1]), ("flip", [-2]), ("rotate:180", [-1, -2])):
        assert torch.equal(seen["original"].flip(axes), seen[view])
    assert all(0 <= more <= 2 * 96 for more in np.subtract(shown["original"].size, size))


def test_a_place_is_where_it_was_in_an_image_with_filler(folder_of: Any) -> None:
    options = options_for(folder_of("llava"))
    plain_model, filled = (open_vlm(replace(options, symmetric=on), lambda *_: None) for on in (False, True))
    for vlm in (plain_model, filled):
        file = io.BytesIO()
        Image.new("RGB", (437, 331)).save(file, "png")
        vlm.files.put("a", file.getvalue())
    first, second = (grid_of(vlm, Picture("a", "original")).piece for vlm in (plain_model, filled))
    # The canvas is a few pixels larger than the image, in whose middle the same square is cropped.
    assert second == pytest.approx(first, abs=0.02)
    assert second[0] + second[2] == pytest.approx(1)


def test_what_cannot_be_kept_symmetric_is_refused() -> None:
    files = ImageFiles()
    files.is_symmetric = lambda width, height: False
    with pytest.raises(WorkerError, match="437 × 331 pixels cannot be kept mirror-symmetric"):
        files.canvas(437, 331)
    files.is_symmetric = lambda width, height: True
    with pytest.raises(WorkerError, match=r"437 × 331 pixels and its mirror image are .* pixels apart"):
        require_symmetric(files, Strangers((192, 96), 7, 0))


def test_patches_of_filler_at_the_end_of_rows_are_counted_without_a_grid() -> None:
    found = measure(InklingImageProcessor(), 640, 480)
    # `width // 40 + 1` columns in transformers' own code.
    assert (found["fill"], found["shift"]) == ([0, 0, 40, 0], 40)


def test_models_are_measured_without_their_weights(folder_of: Any) -> None:
    found = seen(SimpleNamespace(args={"model": str(folder_of("llava")), "sizes": [[437, 331]]}))  # type: ignore[arg-type]
    (one,) = found["maps"]
    assert (one["size"], one["tokens"]) == ([56, 56], 16)
