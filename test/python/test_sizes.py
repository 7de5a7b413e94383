"""What a dry run reckons of memory, against what a pass keeps."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from chirality_worker import sizes as module
from chirality_worker.errors import WorkerError, described, first_line, memory_remedies
from chirality_worker.packing import Group
from chirality_worker.sizes import host_bytes, model_sizes, remedies, require_host_memory
from conftest import LORA, opened, options_for, prompts


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_pass_keeps_about_what_is_reckoned_for_its_tokens(folder_of: Callable[[str], Path], precision: str) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), LORA, precision)
    prefix = prompts(vlm)[0]
    completions = [torch.randint(10, 200, (100,)) for _ in range(8)]
    own = {p.untyped_storage().data_ptr() for p in vlm.model.parameters()}
    kept: dict[int, Tensor] = {}

    def keep(tensor: Tensor) -> Tensor:
        # Kept alive, so that no other tensor gets its address.
        if tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        vlm.packed_scores([Group(prefix, completions)], 1.0)
    sizes = model_sizes(vlm, checkpointing=False)
    reckoned = sizes["pass_token"] * (len(prefix) + 800)
    found = sum(tensor.untyped_storage().nbytes() for tensor in kept.values())
    assert 0.8 < reckoned / found < 1.25
    assert model_sizes(vlm, checkpointing=True)["pass_token"] == sizes["checkpointed_token"] < sizes["pass_token"]


def test_weights_and_what_training_adds_are_counted(folder_of: Callable[[str], Path]) -> None:
    lora = opened(folder_of("qwen2_5_vl"), LORA, "bfloat16")
    trained = sum(p.numel() for p in lora.trainable.values())
    sizes = model_sizes(lora, checkpointing=False)
    assert sizes["weights"] == sum(p.numel() * p.element_size() for p in lora.model.parameters())
    # Sums of gradients, those of a pass, and two moments: an adapter is in float32.
    assert sizes["training"] == 16 * trained
    whole = model_sizes(opened(folder_of("qwen2_5_vl"), None, "bfloat16"), checkpointing=False)
    # Gradients of a pass in bfloat16, and a copy of the weights in float32.
    assert whole["training"] == 9 * whole["weights"]


def test_advice_where_memory_ends_leaves_out_what_is_set() -> None:
    full = RuntimeError("CUDA out of memory.")
    options = options_for(Path("model"))
    whole = replace(options, adapter=None, gradient_checkpointing=True)
    told = [
        (
            options,
            "Set engine.gradient_checkpointing to true, lower engine.max_pixels, set engine.quantization to 4bit, or ",
        ),
        (replace(options, gradient_checkpointing=True, quantization="4bit"), "Lower engine.max_pixels, or "),
        (
            whole,
            "Lower engine.max_pixels, set engine.offload to optimizer, use more GPUs (engine.devices), which share ",
        ),
    ]
    for case, fix in told:
        memory_remedies[:] = remedies(case)
        assert str(described(full)["fix"]).startswith(fix)
    memory_remedies.clear()
    assert described(full)["fix"] == "Use a smaller model."


@pytest.mark.parametrize("variable", ["PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF"])
def test_a_variable_that_is_set_is_not_advised(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    message = (
        "CUDA out of memory. Tried to allocate 2.00 GiB. If reserved but unallocated memory is large try setting "
        "PYTORCH_ALLOC_CONF=expandable_segments:True to avoid fragmentation.  See documentation for Memory Management"
    )
    for name in ("PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF"):
        monkeypatch.delenv(name, raising=False)
    assert first_line(RuntimeError(message)) == message
    monkeypatch.setenv(variable, "expandable_segments:True")
    assert first_line(RuntimeError(message)) == "CUDA out of memory. Tried to allocate 2.00 GiB."


def test_an_optimiser_that_the_computer_cannot_hold_is_refused_with_the_sum(
    folder_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), None, "bfloat16")
    numbers = sum(p.numel() for p in vlm.trainable.values())
    assert host_bytes(vlm) == 16 * numbers
    monkeypatch.setattr(module, "host_room", lambda: 16 * numbers)
    require_host_memory(vlm, 1)
    kept = model_sizes(vlm, checkpointing=True)
    moved = model_sizes(vlm, checkpointing=True, offloaded=True)
    assert kept["training"] - kept["offloadable"] == moved["training"] == 2 * numbers
    assert (moved["states"], moved["offloadable"]) == (0, 0)
    monkeypatch.setattr(module, "host_room", lambda: 16 * numbers - 1)
    assert model_sizes(vlm, checkpointing=True)["offloadable"] == 0
    with pytest.raises(WorkerError, match=r"engine.offload: optimizer requires 0\.0 GB .* for 0\.00 billion"):
        require_host_memory(vlm, 1)


def test_the_computer_has_memory() -> None:
    assert 1 << 20 < module.host_room() < 1 << 50
