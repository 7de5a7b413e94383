"""Attention and places inside the model, against transformers' own eager attention and against the pictures' pixels."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from chirality_worker.images import Picture
from chirality_worker.inspecting import Asked, Inspection, Located, Wanted, locate
from chirality_worker.vlm import Vlm
from chirality_worker.watching import Watched
from conftest import encoded, few, opened

KINDS = ["qwen2_5_vl", "qwen3_vl", "paligemma2", "llava"]
QUESTION = "Is the red cube left of the ball?"
ANSWER = "<think>It is far away.</think> <answer>yes</answer>"


def located(vlm: Vlm, text: str, answer: str) -> Located:
    return locate(vlm, [{"role": "user", "content": [{"image": "a", "view": "original"}, text]}], answer)


def asked(one: Located, queries: list[list[int]], words_at: int | None = None) -> Asked:
    return Asked(one, queries, [], torch.zeros(0, len(one.cells)), [], words_at)


def array(values: dict[str, Any]) -> Tensor:
    data = np.frombuffer(base64.b64decode(values["data"]), "<f4")
    return torch.tensor(data.reshape(values["shape"]))


@pytest.mark.parametrize("kind", few(KINDS))
def test_weights_are_those_of_eager_attention(kind: str, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind))
    one = located(vlm, QUESTION, ANSWER)
    last = len(one.tokens) - 2
    case = asked(one, [[3], [4, 5], [last]])
    with torch.no_grad():
        read = Inspection(vlm, case, Wanted([0, 1], "heads", False, [])).read()
    config = vlm.family.language.config
    prefix, target = one.group.prefix, one.group.completions[0]
    inputs = vlm.family.plain_inputs(prefix, [vlm.files.decoded(p) for p in prefix.pictures], target)
    before, config._attn_implementation = config._attn_implementation, "eager"
    with torch.no_grad():
        eager = torch.stack(vlm.model(**inputs, output_attentions=True, use_cache=False).attentions)[:, 0]
    config._attn_implementation = before
    rows = [eager[:, :, [one.places[token] for token in query]].mean(2) for query in case.queries]
    expected = torch.stack(rows, 2)[..., one.cells]
    assert (array(read["weights"]) - expected).abs().max() < 1e-5
    assert expected.max() > 1e-3


@pytest.mark.parametrize("kind", few(KINDS))
def test_weights_stay_the_same_in_a_row_of_several_groups(kind: str, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind))
    one = located(vlm, QUESTION, ANSWER)
    last = len(one.tokens) - 2
    with torch.no_grad():
        alone = Inspection(vlm, asked(one, [[3], [last]]), Wanted([0, 1], "heads", False, [])).read()
    other = located(vlm, "How many?", "<answer>three</answer>").group
    # The completion comes second, behind a longer one of its own group, and the group second in its row.
    longer = torch.cat([one.group.completions[0][:-1], one.group.completions[0]])
    group = replace(one.group, completions=[longer, *one.group.completions])
    row = vlm.pack([other, group, other])
    before = len(longer) - 1
    prompt = len(group.prefix)
    start = other.size
    at = [start + place + (before if place >= prompt else 0) for place in (one.places[token] for token in (3, last))]
    layout = Watched(
        row.layout.spans,
        row.layout.bidirectional_prompt,
        watched=torch.tensor(at),
        layers=frozenset([0, 1]),
        visible=row.layout.visibility(vlm.device),
    )
    with torch.no_grad():
        vlm.states_of(replace(row, layout=layout))
    weights = torch.stack([layout.weights[layer] for layer in (0, 1)])
    picture = weights[..., [start + cell for cell in one.cells]]
    assert (picture - array(alone["weights"])).abs().max() < 1e-5
    seen = [*range(start, start + prompt), *range(start + prompt + before, start + group.size)]
    assert weights[..., seen].sum(-1).sub(1).abs().max() < 1e-5


@pytest.mark.parametrize("kind", few(KINDS))
def test_a_cell_of_the_grid_is_the_piece_of_the_picture_that_its_token_sees(
    kind: str, folder_of: Callable[[str], Path]
) -> None:
    vlm = opened(folder_of(kind))
    # No family scales a picture of this size; LLaVA cuts its sides off.
    side = {"qwen2_5_vl": (112, 84), "qwen3_vl": (128, 96), "paligemma2": (56, 56), "llava": (140, 56)}[kind]
    pixels = np.random.default_rng(0).integers(0, 255, (side[1], side[0], 3), dtype=np.uint8)
    grid = vlm.family.grid(*side)
    left, top, right, bottom = grid.piece
    patches = next(m for name, m in vlm.family.vision.named_modules() if isinstance(m, (nn.Conv2d, nn.Conv3d)))
    for row, col in [(0, 0), (1, grid.cols - 1), (grid.rows - 1, 1)]:
        x = (left + (right - left) * (col + 0.5) / grid.cols) * side[0]
        y = (top + (bottom - top) * (row + 0.5) / grid.rows) * side[1]
        changed = pixels.copy()
        changed[int(y) - 2 : int(y) + 2, int(x) - 2 : int(x) + 2] ^= 128
        seen = [embedded(vlm, patches, image) for image in (pixels, changed)]
        per_token = (seen[0] - seen[1]).abs().sum(-1)
        # Qwen's patches of one token follow each other.
        per_token = per_token.reshape(grid.rows * grid.cols, -1).sum(-1)
        assert per_token.nonzero()[:, 0].tolist() == [row * grid.cols + col]


def embedded(vlm: Vlm, patches: nn.Module, pixels: np.ndarray) -> Tensor:
    """What the first layer of the vision tower makes of a picture, (patches, hidden)."""
    found: list[Tensor] = []
    handle = patches.register_forward_hook(lambda _, __, out: found.append(out))
    vlm.files.put("test", encoded(Image.fromarray(pixels)))
    with torch.no_grad():
        vlm.family.features([Image.fromarray(pixels)])
    handle.remove()
    out = found[0]
    return out.flatten(1) if out.ndim == 5 else out[0].flatten(1).T


@pytest.mark.parametrize("kind", few(KINDS))
def test_tokens_lie_where_their_characters_stand(kind: str, folder_of: Callable[[str], Path]) -> None:
    vlm = opened(folder_of(kind))
    first, second = "user 🙂 or user?", "Is the red cube left of it?"
    prompt = [{"role": "user", "content": [first, {"image": "a", "view": "original"}, second]}]
    answer = "It 🙂 is."
    one = locate(vlm, prompt, answer)
    texts = {(0, 0): first, (0, 2): second, (1, 0): answer}
    for (message, part), text in texts.items():
        units = text.encode("utf-16-le")
        own = [token for token in one.tokens if (token.message, token.part) == (message, part)]
        assert (own[0].start, 2 * own[-1].end) == (0, len(units))
        for token in own:
            assert units[2 * token.start : 2 * token.end].decode("utf-16-le") == token.text
    assert len(one.tokens) == one.prompt + len(one.group.completions[0])
    assert one.tokens[-1].part == -1
    marks = [token for token in one.tokens[: one.prompt] if token.part == -1]
    assert marks, "The template, or the start of sequence, has tokens of its own."


class FourBits(nn.Module):
    """A linear layer that has no weights but whole numbers of four bits, two in a byte, and what they are worth."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        weight = layer.weight.detach()
        self.shape = weight.shape
        self.worth = weight.abs().amax() / 7
        numbers = ((weight / self.worth).round().flatten() + 8).to(torch.uint8)
        self.weight = nn.Parameter(numbers[::2] * 16 + numbers[1::2], requires_grad=False)
        self.bias = layer.bias

    def weight_now(self) -> Tensor:
        numbers = torch.stack([self.weight // 16, self.weight % 16], 1).flatten()
        return (numbers.float() - 8).reshape(self.shape) * self.worth

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight_now().to(x.dtype), self.bias)


@pytest.mark.parametrize("kind", few(KINDS))
def test_layers_may_keep_their_weights_in_bits_that_only_they_can_read(
    kind: str, folder_of: Callable[[str], Path]
) -> None:
    vlm = opened(folder_of(kind))
    one = located(vlm, QUESTION, ANSWER)
    case = replace(asked(one, [[3], [one.prompt]], 1), hidden=[("query", 0)])
    wanted = Wanted([0, 1], "heads", True, ["yes", "no"])

    def read() -> list[Tensor]:
        with torch.no_grad():
            inspection = Inspection(vlm, case, wanted)
            found = inspection.read()
            names = ["weights", "share", "sources", "hidden", "lens"]
            return [*(array(found[name]) for name in names), inspection.blocked("picture", 0, range(2))]

    before = read()
    modules = vlm.family.language.named_modules()
    layers = {name: m for name, m in modules if isinstance(m, nn.Linear) and "lora" not in name}
    packed = {name: FourBits(layer) for name, layer in layers.items()}
    for name, layer in layers.items():
        layer.weight.data = packed[name].weight_now()
    rounded = read()
    for name in layers:
        parent, _, last = name.rpartition(".")
        setattr(vlm.family.language.get_submodule(parent), last, packed[name])
    in_bits = read()
    for ours, theirs, whole in zip(in_bits, rounded, before, strict=True):
        assert (ours - theirs).abs().max() < 1e-5
        assert (ours - whole).abs().max() > 1e-5


def test_a_word_is_read_as_it_would_be_written_there(vlm: Vlm) -> None:
    one = located(vlm, QUESTION, "It is yes")
    at = next(i for i, token in enumerate(one.tokens) if i >= one.prompt and token.text == " is")
    wanted = Wanted([0], "none", False, ["yes"])
    found = [Inspection(vlm, asked(one, [[place]], 0), wanted).words for place in (one.prompt - 1, at)]
    ids = [vlm.family.tokenizer(text, add_special_tokens=False)["input_ids"][:1] for text in ("yes", " yes")]
    assert ids[0] != ids[1]
    assert found == ids


@pytest.mark.parametrize("view", ["rotate:90", "transpose"])
def test_a_picture_on_its_side_is_read_as_a_turned_file(vlm: Vlm, view: str) -> None:
    vlm.files.put("turned", encoded(vlm.files.decoded(Picture("a", view))))
    pictures = [{"image": "a", "view": view}, {"image": "turned", "view": "original"}]
    ours, file = (locate(vlm, [{"role": "user", "content": [picture, QUESTION]}], ANSWER) for picture in pictures)
    assert ours.grid is not None
    assert ours.grid.rows > ours.grid.cols
    assert ours.grid == file.grid
    assert torch.equal(*(vlm.packed_scores([one.group], 1.0)[0] for one in (ours, file)))
