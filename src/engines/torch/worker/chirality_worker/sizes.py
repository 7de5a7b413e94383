"""What parts of training take, for a dry run."""

import torch

from .head import CHUNK
from .sampling import key_value_bytes
from .vlm import Vlm


def model_sizes(vlm: Vlm, *, checkpointing: bool) -> dict[str, int]:
    """What parts of training take, in bytes. Weights are counted, the rest is reckoned from the model's shape."""
    config = vlm.family.language.config
    hidden, layers = config.hidden_size, config.num_hidden_layers
    wide = getattr(config, "intermediate_size", None) or 4 * hidden
    number = vlm.family.head.weight.element_size()
    # What a layer keeps of a token for its backward pass: four products of the MLP's width, and of the model's width
    # the inputs of both halves, queries, keys, values, their result, and norms in float32.
    layer = number * (12 * hidden + 4 * wide)
    masters = {p.dtype: 4 if p.dtype != torch.float32 else 0 for p in vlm.trainable.values()}
    return {
        "weights": sum(p.numel() * p.element_size() for p in vlm.model.parameters()),
        # Gradients, both moments of AdamW and, below float32, a copy in float32.
        "training": sum(p.numel() * (p.element_size() + 8 + masters[p.dtype]) for p in vlm.trainable.values()),
        "pass_token": number * hidden * layers + layer if checkpointing else layer * layers,
        # In float32: logits, their gradient and what log-softmax makes of them.
        "logits": CHUNK * vlm.family.head.weight.shape[0] * 16,
        "cached_token": key_value_bytes(vlm),
    }
