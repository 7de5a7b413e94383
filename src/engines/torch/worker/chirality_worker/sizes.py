"""What parts of training take, for a dry run."""

import torch

from .head import CHUNK
from .loading import Options
from .sampling import key_value_bytes
from .team import fair_parts
from .vlm import Vlm


def remedies(options: Options) -> list[str]:
    """Changes of options with which a model takes less memory, the smallest first. A pass that did not fit was
    halved down to one completion, so fewer tokens in a pass are none."""
    whole = options.adapter is None
    found = {
        "set engine.gradient_checkpointing to true": options.gradient_checkpointing is False,
        "lower engine.max_pixels": True,
        "use more GPUs (engine.devices), which share the optimiser": whole,
        "train an adapter (engine.adapter)": whole,
        "set engine.quantization to 4bit": not whole and options.quantization == "none",
    }
    return [change for change, helps in found.items() if helps]


def model_sizes(vlm: Vlm, *, checkpointing: bool, processes: int = 1) -> dict[str, int]:
    """What parts of training take in the process that has most, in bytes. Weights are counted, the rest is reckoned
    from the model's shape."""
    config = vlm.family.language.config
    hidden, layers = config.hidden_size, config.num_hidden_layers
    wide = getattr(config, "intermediate_size", None) or 4 * hidden
    number = vlm.family.head.weight.element_size()
    # What a layer keeps of a token for its backward pass: four products of the MLP's width, and of the model's width
    # the inputs of both halves, queries, keys, values, their result, and norms in float32.
    layer = number * (12 * hidden + 4 * wide)
    checkpointed = number * hidden * layers + layer
    trained = list(vlm.trainable.values())
    # Both moments of AdamW and, below float32, a copy in float32.
    states = [p.numel() * (8 if p.dtype == torch.float32 else 12) for p in trained]
    shares = (sum(states[i] for i in part) for part in fair_parts([p.numel() for p in trained], processes))
    return {
        "weights": sum(p.numel() * p.element_size() for p in vlm.model.parameters()),
        # In every process, the sums of gradients and those of the pass that is added to them.
        "training": sum(p.numel() * (4 + p.element_size()) for p in trained) + max(shares),
        # The part that processes share out, all of it.
        "states": sum(states),
        "pass_token": checkpointed if checkpointing else layer * layers,
        "checkpointed_token": checkpointed,
        # In float32: logits, their gradient and what log-softmax makes of them.
        "logits": CHUNK * vlm.family.head.weight.shape[0] * 16,
        "cached_token": key_value_bytes(vlm),
    }
