"""Layers in few kernels, against transformers' own. On a processor, PyTorch computes what the kernels do."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import kernels_on_cpu  # noqa: F401
import pytest
import torch
import torch.nn.functional as F
from test_captured import recorded
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from chirality_worker import fused as module
from chirality_worker.captured import Arena, Captures, StaticDecoder
from chirality_worker.checkpoint import export_model
from chirality_worker.decoding import Decoder
from chirality_worker.fused import Fused, Joint, can_fuse, fuse
from chirality_worker.loading import Adapter, open_vlm
from chirality_worker.packing import Group
from chirality_worker.random_models import write_model
from chirality_worker.rounding import sample_groups
from chirality_worker.trainer import AdamW, Trainer
from chirality_worker.vlm import Vlm
from conftest import ALL, LORA, few, gradients, opened, options_for, prompts, ragged, slow, worst

KINDS = ["qwen2_5_vl", "qwen3_vl", "llava"]
Folder = Callable[[str], Path]


def fused(folder: Path, adapter: Adapter | None = LORA, precision: str = "float32") -> Vlm:
    vlm = opened(folder, adapter, precision)
    assert can_fuse(vlm.family.language)
    vlm.fused, vlm.merges = Fused(vlm.family.language), False
    return vlm


def both_ways(vlm: Vlm, groups: list[Group]) -> tuple[Tensor, list[Tensor], Tensor, list[Tensor]]:
    """Log-probabilities and gradients of fused layers, and of the layers' own way."""
    assert vlm.fused is not None
    found, _ = vlm.packed_scores(groups, 1.0)
    slope = gradients(vlm, found.sum())
    with vlm.fused.off():
        expected, _ = vlm.packed_scores(groups, 1.0)
        return found.detach(), slope, expected.detach(), gradients(vlm, expected.sum())


@pytest.mark.parametrize("targets", few([ALL, ["q_proj", "v_proj"], ["down_proj"]]))
@pytest.mark.parametrize("kind", few(KINDS))
def test_scores_and_gradients_are_those_of_the_layers_own_way(kind: str, targets: list[str], folder_of: Folder) -> None:
    # A rank that is no multiple of eight.
    vlm = fused(folder_of(kind), replace(LORA, rank=5, targets=targets))
    groups = ragged(vlm, prompts(vlm))
    found, slope, expected, own = both_ways(vlm, groups)
    assert float((found - expected).abs().max()) < 3e-6
    assert worst(slope, own) < 1e-5
    with torch.no_grad():
        assert float((found - vlm.plain_scores(groups, 1.0)[0]).abs().max()) < 3e-6


def test_completions_of_one_token_and_of_one_length(folder_of: Folder) -> None:
    vlm = fused(folder_of("qwen2_5_vl"))
    first, *others = prompts(vlm)
    groups = [Group(first, [torch.tensor([5]), torch.tensor([6])])]
    groups += [Group(prefix, [torch.arange(4), torch.arange(3, 7)]) for prefix in others]
    found, slope, expected, own = both_ways(vlm, groups)
    assert float((found - expected).abs().max()) < 3e-6
    assert worst(slope, own) < 1e-5


@pytest.mark.parametrize("kind", few(KINDS))
def test_all_weights_learn_alike(kind: str, folder_of: Folder) -> None:
    vlm = fused(folder_of(kind), None)
    found, slope, expected, own = both_ways(vlm, ragged(vlm, prompts(vlm)))
    assert float((found - expected).abs().max()) < 3e-6
    assert worst(slope, own) < 1e-5


def test_checkpointing_changes_nothing(folder_of: Folder) -> None:
    vlm = fused(folder_of("qwen2_5_vl"))
    groups = ragged(vlm, prompts(vlm))
    expected, _ = vlm.packed_scores(groups, 1.0)
    own = gradients(vlm, expected.sum())
    vlm.family.language.gradient_checkpointing_enable({"use_reentrant": False})
    vlm.family.language.train()
    found, _ = vlm.packed_scores(groups, 1.0)
    assert torch.equal(found, expected)
    assert worst(gradients(vlm, found.sum()), own) == 0


def test_in_bfloat16_it_is_no_further_from_float32_than_the_layers_own_way(folder_of: Folder) -> None:
    exact = opened(folder_of("qwen2_5_vl"))
    groups = ragged(exact, prompts(exact))
    with torch.no_grad():
        target, _ = exact.packed_scores(groups, 1.0)
    found, _, expected, _ = both_ways(fused(folder_of("qwen2_5_vl"), precision="bfloat16"), groups)
    assert float((found - target).abs().mean()) < 1.5 * float((expected - target).abs().mean())


@pytest.mark.parametrize("kind", few(KINDS))
def test_token_steps_are_those_of_the_plain_decoder_while_rows_leave(kind: str, folder_of: Folder) -> None:
    vlm = fused(folder_of(kind))
    with torch.no_grad():
        plain = Decoder(vlm, prompts(vlm), 3)
        static = StaticDecoder(vlm, prompts(vlm), 3, lambda step: step, Arena(), 4)
        assert static.joint
        for t in range(12):
            expected, found = (decoder.logits().log_softmax(-1) for decoder in (plain, static))
            assert float((found - expected).abs().max()) < 5e-6
            tokens = expected.argmax(-1)
            if t == 6:
                rows = torch.arange(0, len(tokens), 3)
                tokens = tokens[rows]
                for decoder in (plain, static):
                    decoder.keep(rows)
            for decoder in (plain, static):
                decoder.put(tokens)


def test_the_reference_and_updates_reach_the_copies_of_the_adapter(folder_of: Folder) -> None:
    """Scores of policy and reference, before and after an update and a checkpoint, as without fused layers."""

    def scores(vlm: Vlm, folder: Path) -> list[list[float]]:
        trainer = Trainer(vlm, 4096, dict, lambda *_: None)
        groups = ragged(vlm, prompts(vlm))
        weights = [[torch.linspace(-1, 1, len(tokens)) for tokens in group.completions] for group in groups]
        found = []

        def look(model: str) -> None:
            rows, _ = trainer.scores(groups, model, 1.0, lambda: None)
            found.append([lp for group in rows for completion in group for lp in completion])

        trainer.set_reference("current", None)
        trainer.save(folder, {})
        trainer.backward(groups, weights, 1.0, lambda: None)
        trainer.step(AdamW(1e-2, (0.9, 0.99), 1e-8, 0.0, None))
        for model in ("policy", "reference", "policy"):
            look(model)
        trainer.set_reference("base", None)
        look("reference")
        trainer.load(folder, True)
        look("policy")
        return found

    folder = folder_of("qwen2_5_vl")
    ours = scores(fused(folder), folder.parent / "with")
    own = scores(opened(folder), folder.parent / "without")
    assert ours[0] != pytest.approx(ours[1], abs=1e-2)
    for found, expected in zip(ours, own, strict=True):
        assert found == pytest.approx(expected, abs=5e-5)


def test_an_exported_model_is_the_same_with_fused_layers(folder_of: Folder, tmp_path: Path) -> None:
    vlm = fused(folder_of("qwen2_5_vl"))
    groups = ragged(vlm, prompts(vlm))
    with torch.no_grad():
        expected, _ = vlm.packed_scores(groups, 1.0)
        export_model(tmp_path, vlm)
        found, _ = opened(tmp_path, None).packed_scores(groups, 1.0)
        again, _ = vlm.packed_scores(groups, 1.0)
    assert float((found - expected).abs().max()) < 1e-5
    assert torch.equal(again, expected)


def test_weights_are_in_memory_once(folder_of: Folder) -> None:
    vlm = fused(folder_of("qwen2_5_vl"))
    layer = vlm.fused.layers[0]  # type: ignore[union-attr]
    assert {base.untyped_storage().data_ptr() for base in weights_of(layer.into_heads)} == {
        layer.into_heads.all.untyped_storage().data_ptr()
    }


def weights_of(joint: Joint) -> list[Tensor]:
    return [module.base_of(x).weight.data for x in joint.modules]


# Which models, and what happens where kernels are wrong.


def test_models_of_another_form_keep_their_own_way(folder_of: Folder) -> None:
    assert not can_fuse(opened(folder_of("paligemma2")).family.language)
    assert not can_fuse(opened(folder_of("qwen2_5_vl"), replace(LORA, dropout=0.1)).family.language)
    vlm = opened(folder_of("qwen2_5_vl"))
    vlm.family.language.layers[1].mlp.act_fn = nn.GELU()
    assert not can_fuse(vlm.family.language)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_fused_layers_are_used_where_they_agree(
    precision: str, folder_of: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "have_kernels", lambda *_: True)
    notes: list[str] = []
    options = options_for(folder_of("qwen2_5_vl"), precision=precision)
    vlm = open_vlm(options, lambda *_: None, note=lambda kind, _: notes.append(kind))
    assert vlm.fused is not None
    assert notes == []
    failed = open_vlm(options, lambda *_: None, before_use=lambda: "a driver is missing")
    assert failed.fused is None


@pytest.mark.parametrize("name", few(["turn", "flash", "collect", "activate", "activate_backward"]))
def test_a_wrong_kernel_is_told_and_not_used(name: str, folder_of: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    vlm = opened(folder_of("qwen2_5_vl"))
    groups = ragged(vlm, prompts(vlm))
    expected, _ = vlm.packed_scores(groups, 1.0)
    monkeypatch.setattr(module, "have_kernels", lambda *_: True)
    monkeypatch.setattr(module, "ops", Wrong(name))
    monkeypatch.setattr("chirality_worker.attention.ops", Wrong(name))
    notes: list[tuple[str, str]] = []
    fuse(vlm, sample_groups(vlm), lambda *note: notes.append(note))
    assert vlm.fused is None
    assert [kind for kind, _ in notes] == ["plain-layers"]
    assert torch.equal(vlm.packed_scores(groups, 1.0)[0], expected)


class Wrong:
    """Kernels of which one returns, or leaves, something else."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(torch.ops.chirality, name)

        def wrong(*args: Any) -> Any:
            out = kernel(*args)
            found = args[0] if out is None else out[0] if isinstance(out, tuple) else out
            found.add_(0.5)
            return out

        return wrong if name == self._name else kernel


def test_a_wrong_kernel_of_token_steps_leaves_captured_steps(
    folder_of: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("keep", "decode"):
        vlm = fused(folder_of("qwen2_5_vl"))
        vlm.rounding = 1e-4
        monkeypatch.setattr("chirality_worker.captured.ops", Wrong(name))
        notes: list[str] = []
        captures = Captures(lambda kind, _, notes=notes: notes.append(kind), capture=recorded)
        with torch.no_grad():
            decoder = captures.decoder(vlm, prompts(vlm), 2)
        assert isinstance(decoder, StaticDecoder)
        assert not decoder.joint
        assert notes == ["plain-steps"]


# Launches, and the kernels themselves.

FREE = {
    *("view", "_unsafe_view", "reshape", "t", "transpose", "permute", "expand", "slice", "select", "split", "alias"),
    *("split_with_sizes", "unsafe_split", "unsqueeze", "squeeze", "detach", "as_strided", "unbind", "chunk", "empty"),
    *("empty_like", "empty_strided", "new_empty", "new_empty_strided"),
}
"""Operations that only make another view, or only take memory."""


class Counted(TorchDispatchMode):
    """Counts operations that launch kernels on a GPU. Flash attention has up to five backwards: two where heads share
    keys, and the sums of what they share."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        name = str(func).split(".")[1]
        if name not in FREE:
            self.found[name] += 5 if name == "flash_backward" else 1
        return func(*args, **(kwargs or {}))


torch.library.define("chirality_test::norm", "(Tensor x, Tensor weight, float eps) -> Tensor")
torch.library.define("chirality_test::norm_backward", "(Tensor g, Tensor x, Tensor weight, float eps) -> Tensor")


@torch.library.impl("chirality_test::norm", "CPU")
def norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], weight, eps)


@torch.library.impl("chirality_test::norm_backward", "CPU")
def norm_backward(g: Tensor, x: Tensor, weight: Tensor, eps: float) -> Tensor:
    # It is only counted.
    return g.clone()


class Norm(torch.autograd.Function):
    """On a GPU, `F.rms_norm` is one kernel each way where its weight does not learn."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, module: Any) -> Tensor:
        ctx.save_for_backward(x)
        ctx.module = module
        return torch.ops.chirality_test.norm(x, module.weight, module.variance_epsilon)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        weight, eps = ctx.module.weight, ctx.module.variance_epsilon
        return torch.ops.chirality_test.norm_backward(g, *ctx.saved_tensors, weight, eps), None


def launches(vlm: Vlm) -> list[int]:
    """Of a token step, a pass with the adapter switched off, one with it, and one with gradients."""
    groups = [Group(prefix, [torch.arange(12), torch.arange(7, 19)]) for prefix in prompts(vlm)]
    found = []
    with torch.no_grad():
        decoder = StaticDecoder(vlm, prompts(vlm), 4, lambda step: step, Arena())
        decoder.put(decoder.logits().argmax(-1))
        for passed in (lambda: decoder._static_step(), *2 * [lambda: vlm.packed_scores(groups, 1.0)]):
            with vlm.model.disable_adapter() if len(found) == 1 else Counted(), Counted() as counted:
                passed()
            found.append(counted.found.total())
    with Counted() as counted:
        gradients(vlm, vlm.packed_scores(groups, 1.0)[0].sum())
    return [*found, counted.found.total()]


@slow
def test_a_layer_takes_few_kernels(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the difference of eight layers and four. Their own way takes 89 for a token step, 106 for the reference and
    384 for an update of eight groups."""
    monkeypatch.setattr(module, "normed", Norm.apply)
    small = write_model("qwen2_5_vl", tmp_path_factory.mktemp("small") / "model", "small")
    deep = write_model("qwen2_5_vl", tmp_path_factory.mktemp("deep") / "model", "deep")
    few, many = (launches(fused(folder, precision="bfloat16")) for folder in (small, deep))
    step, reference, policy, update = ((b - a) / 4 for a, b in zip(few, many, strict=True))
    assert step <= 24
    assert reference <= 20
    assert policy <= 24
    assert update <= 75


@slow
@pytest.mark.skipif(sys.platform != "linux", reason="Triton comes with PyTorch on Linux alone.")
@pytest.mark.parametrize(("script", "interpret"), [("interpreted_kernels.py", "1"), ("compiled_kernels.py", "0")])
def test_the_kernels_compute_what_they_are_said_to_and_compile(script: str, interpret: str) -> None:
    """Triton's own interpreter runs them on the processor. It is chosen when they are imported."""
    environment = {**os.environ, "TRITON_INTERPRET": interpret}
    argv = [sys.executable, str(Path(__file__).with_name(script))]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
