"""Memory requirements of the parts of training, for a dry run."""

import os
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import torch

from .errors import WorkerError, one_of
from .head import CHUNK
from .loading import Options
from .sampling import key_value_bytes
from .team import fair_parts
from .vlm import Vlm


def remedies(options: Options) -> list[str]:
    """Returns option changes that reduce the memory of a model, the smallest change first. Passes are already halved
    down to one completion before memory runs out, so fewer tokens per pass do not help."""
    whole = options.adapter is None
    found = {
        "set engine.gradient_checkpointing to true": options.gradient_checkpointing is False,
        "lower engine.max_pixels": True,
        "set engine.offload to optimizer": whole and options.offload == "none",
        "use more GPUs (engine.devices), which share the optimiser": whole,
        "train an adapter (engine.adapter)": whole,
        "set engine.quantization to 4bit": not whole and options.quantization == "none",
    }
    return [change for change, helps in found.items() if helps]


def model_sizes(vlm: Vlm, *, checkpointing: bool, processes: int = 1, offloaded: bool = False) -> dict[str, int]:
    """Returns the bytes that parts of training need in the process with the largest share. Weights are counted; other
    values are estimated from the model's shape."""
    config = vlm.family.language.config
    hidden, layers = config.hidden_size, config.num_hidden_layers
    wide = getattr(config, "intermediate_size", None) or 4 * hidden
    number = vlm.family.head.weight.element_size()
    # Values that a layer stores per token for its backward pass: four products of the MLP's width; and of the model's
    # width the inputs of both halves, queries, keys, values, their result, and norms in float32.
    layer = number * (12 * hidden + 4 * wide)
    checkpointed = number * hidden * layers + layer
    trained = list(vlm.trainable.values())
    # Both moments of AdamW and, for weights below float32 precision, a float32 copy.
    states = [p.numel() * (8 if p.dtype == torch.float32 else 12) for p in trained]
    shares = (sum(states[i] for i in part) for part in fair_parts([p.numel() for p in trained], processes))
    # Every process has the gradient sums of all trainable weights.
    kept = sum(4 * p.numel() for p in trained) + max(shares)
    room = host_room()
    return {
        "weights": sum(p.numel() * p.element_size() for p in vlm.model.parameters()),
        # Includes the gradients of a pass, which are added to the sums.
        "training": sum(p.numel() * p.element_size() for p in trained) + (0 if offloaded else kept),
        # Sum over all processes of the states that they divide among themselves.
        "states": 0 if offloaded else sum(states),
        "offloadable": 0 if offloaded or host_bytes(vlm, processes) > room else kept,
        "pass_token": checkpointed if checkpointing else layer * layers,
        "checkpointed_token": checkpointed,
        # In float32: logits, their gradient, and the intermediate results of log-softmax.
        "logits": CHUNK * vlm.family.head.weight.shape[0] * 16,
        "cached_token": key_value_bytes(vlm),
    }


def host_bytes(vlm: Vlm, processes: int = 1) -> int:
    """Returns the host memory for masters, moments and gradient sums, maximum over processes, in bytes."""
    numbers = [p.numel() for p in vlm.trainable.values()]
    return 4 * sum(numbers) + 12 * max(sum(numbers[i] for i in part) for part in fair_parts(numbers, processes))


def host_room() -> int:
    """Returns the host memory available to each local process in bytes, within the limit of a container."""
    found = [psutil.virtual_memory().available]
    limits = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    with suppress(OSError, ValueError):
        # Without a limit, the file contains `max`.
        most, taken = (int(path.read_text()) for path in limits)
        found.append(most - taken)
    return min(found) // int(os.environ.get("LOCAL_WORLD_SIZE", 1))


def require_host_memory(vlm: Vlm, processes: int) -> None:
    """Raises WorkerError if an offloaded optimiser does not fit into host memory."""
    needed, available = host_bytes(vlm, processes), host_room()
    if needed > available:
        weights = sum(p.numel() for p in vlm.trainable.values())
        raise WorkerError(
            "out-of-memory",
            f"engine.offload: optimizer requires {needed / 1e9:.1f} GB of CPU memory for {weights / 1e9:.2f} "
            f"billion trained parameters (gradient sums, masters and moments), but only {available / 1e9:.1f} GB are "
            "available per process.",
            one_of(["use more machines (engine.nodes)", "train an adapter (engine.adapter)", "use a smaller model"]),
        )
