"""Files from which a run resumes exactly, without pickle: safetensors and JSON."""

import json
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from .disk import sync
from .errors import WorkerError
from .vlm import Vlm

Tensors = dict[str, Tensor]


def write_policy(folder: Path, vlm: Vlm, masters: Tensors) -> None:
    """Writes the trained weights in the precision of the optimiser. An adapter has PEFT's format, which PEFT and vLLM
    load. Otherwise, the result is a model that transformers opens and that a run with an adapter can start from."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(vlm.model, PeftModel):
        vlm.model.save_pretrained(str(folder))
        # PEFT writes a generic model card without content.
        (folder / "README.md").unlink(missing_ok=True)
    else:
        write_tensors(folder / "model.safetensors", masters)
        vlm.model.config.save_pretrained(folder)
        vlm.model.generation_config.save_pretrained(folder)
        vlm.family.processor.save_pretrained(folder)
    sync(folder)


def export_adapter(folder: Path, vlm: Vlm) -> None:
    """Exports the adapter as in a checkpoint, or the whole model if there is no adapter."""
    if isinstance(vlm.model, PeftModel):
        write_policy(folder, vlm, {})
    else:
        export_model(folder, vlm)


def export_model(folder: Path, vlm: Vlm) -> None:
    """Exports the whole model, with the adapter added to its weights, as a folder that transformers opens."""
    model = vlm.model.get_base_model() if isinstance(vlm.model, PeftModel) else vlm.model
    if getattr(model, "is_quantized", False):
        raise WorkerError("bad-options", "Cannot merge an adapter into 4-bit weights. Set engine.quantization to none.")
    with vlm.adapter_added():
        # An adapter adds a level to the names of the adapted layers.
        weights = {
            # Weights of fused layers are views of a joint matrix.
            name.replace(".base_layer.", "."): x.contiguous()
            for name, x in model.state_dict().items()
            if ".lora_" not in name
        }
        model.save_pretrained(str(folder), state_dict=weights)
    vlm.family.processor.save_pretrained(folder)
    sync(folder)


def read_policy(folder: Path, vlm: Vlm) -> Tensors:
    """Returns the trained weights in a folder, by parameter name of `vlm.trainable`. Raises WorkerError if they belong
    to another model."""
    adapter = isinstance(vlm.model, PeftModel)
    path = folder / ("adapter_model.safetensors" if adapter else "model.safetensors")
    if not path.is_file():
        raise WorkerError("bad-checkpoint", f"{folder} contains no {path.name}.")
    tensors = load_file(path)
    if adapter:
        # PEFT omits the name of the adapter in its files.
        tensors = {named(key): value for key, value in tensors.items()}
    check_like(folder, vlm.trainable, tensors)
    return tensors


def named(key: str) -> str:
    return key.replace(".lora_A.weight", ".lora_A.default.weight").replace(".lora_B.weight", ".lora_B.default.weight")


def check_like(folder: Path, trainable: dict[str, nn.Parameter], tensors: Tensors) -> None:
    for name, parameter in trainable.items():
        found = tuple(tensors[name].shape) if name in tensors else None
        if found != tuple(parameter.shape):
            raise WorkerError(
                "bad-checkpoint",
                f"{folder} belongs to another model or adapter: {name} is {found or 'missing'} "
                f"instead of {tuple(parameter.shape)}.",
                "Use the engine settings of that checkpoint.",
            )
    foreign = next((name for name in tensors if name not in trainable), None)
    if foreign:
        raise WorkerError("bad-checkpoint", f"{folder} has {foreign}, which the opened model does not train.")


def write_state(folder: Path, state: dict[str, Any], moments: Tensors, reference: Tensors | None) -> None:
    write_tensors(folder / "optimizer.safetensors", moments)
    if reference is not None:
        write_tensors(folder / "reference.safetensors", reference)
    (folder / "state.json").write_text(json.dumps(state))
    sync(folder)


def read_state(folder: Path, names: list[str]) -> tuple[dict[str, Any], Tensors, Tensors | None]:
    """Reads the files of `write_state`, with the moments of the named weights only."""
    state = json.loads((folder / "state.json").read_text())
    reference = folder / "reference.safetensors"
    wanted = set(names)
    with safe_open(folder / "optimizer.safetensors", "pt") as file:
        keys: list[str] = file.keys()
        moments = {key: file.get_tensor(key) for key in keys if key.partition(".")[2] in wanted}
    return (
        state,
        moments,
        load_file(reference) if reference.exists() else None,
    )


def write_random(folder: Path, rank: int) -> None:
    """Writes PyTorch's random state, which differs between the processes of a team."""
    folder.mkdir(parents=True, exist_ok=True)
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    write_tensors(random_file(folder, rank), states)
    # Syncs only this file, because other processes write to the folder.
    sync(random_file(folder, rank))


def read_random(folder: Path, rank: int) -> None:
    """Restores the state of `write_random`. A process without a file keeps its own state."""
    path = random_file(folder, rank)
    if not path.exists():
        return
    states = load_file(path)
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])


def random_file(folder: Path, rank: int) -> Path:
    return folder / (f"random-{rank}.safetensors" if rank else "random.safetensors")


def detached(parameters: dict[str, nn.Parameter]) -> Tensors:
    return {name: p.detach() for name, p in parameters.items()}


def write_tensors(path: Path, tensors: Tensors) -> None:
    save_file({name: x.contiguous() for name, x in tensors.items()}, path, {"format": "pt"})
