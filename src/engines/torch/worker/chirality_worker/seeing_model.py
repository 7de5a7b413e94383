"""Writes a small, randomly initialised Qwen2.5-VL that learns to see compact worlds within minutes on a CPU.

    python -m chirality_worker.seeing_model FOLDER ROWS.qa.jsonl

Its vocabulary is the words of these rows: of questions, thoughts and answers.

The class is the real one. A miniature of the published configuration learns the format of answers long before it
learns to see. The differences are:

- **Positions** reach the language model only through its rotary embedding: the vision tower encodes distances
  between patches but no edges, and columns have the slowest rotations in Qwen2.5-VL. With the published base of 10⁶
  and heads this narrow, four columns rotate a key by less than 0.001 radian. The base of this model is 3.
- **Biases of queries and keys** let attention depend on positions alone; usually they start at zero.
- **Word** embeddings start at the scale of attention's output, and have a separate output head. With the usual std of
  0.02, which requires long training, the mean of all other tokens exceeds a token in the first layer.
- **Scale.** Matrices initially preserve the variance of their inputs, so that image features keep their size. Their
  output to the residual stream is divided by √(2·layers), except in the first attention, which adds positions.
- Each word is one token, and an image has 4 × 4 cells instead of 2 × 2.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
import transformers as hf
from torch import nn

from .tokenizing import QWEN_CHAT, qwen_tokenizer

SIDE, PATCH, MERGE = 64, 8, 2
LAYERS = 3


def seeing_model(texts: list[str]) -> tuple[Any, Any]:
    tokenizer = qwen_tokenizer(1024, texts, r" ?\S+|\s+")
    id_of = tokenizer.convert_tokens_to_ids
    config = hf.Qwen2_5_VLConfig(
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": 96,
            "intermediate_size": 256,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": 3,
            "num_key_value_heads": 3,
            "max_position_embeddings": 1024,
            "bos_token_id": id_of("<|endoftext|>"),
            "eos_token_id": id_of("<|im_end|>"),
            "pad_token_id": id_of("<|endoftext|>"),
            "rope_parameters": {"rope_type": "default", "rope_theta": 3.0, "mrope_section": [4, 6, 6]},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_heads": 2,
            "out_hidden_size": 96,
            "patch_size": PATCH,
            "spatial_merge_size": MERGE,
            "temporal_patch_size": 2,
            "fullatt_block_indexes": [0, 1],
        },
        image_token_id=id_of("<|image_pad|>"),
        video_token_id=id_of("<|video_pad|>"),
        vision_start_token_id=id_of("<|vision_start|>"),
        vision_end_token_id=id_of("<|vision_end|>"),
        tie_word_embeddings=False,
    )
    model = hf.Qwen2_5_VLForConditionalGeneration(config)
    initialise(model)
    model.generation_config.eos_token_id = [id_of("<|im_end|>"), id_of("<|endoftext|>")]
    cells = {"patch_size": PATCH, "merge_size": MERGE, "temporal_patch_size": 2}
    processor = hf.Qwen2_5_VLProcessor(
        image_processor=hf.Qwen2VLImageProcessor(
            size={"shortest_edge": SIDE**2, "longest_edge": SIDE**2},
            # Rendered worlds are brighter than photographs and have less contrast.
            image_mean=[0.63] * 3,
            image_std=[0.2] * 3,
            **cells,
        ),
        tokenizer=tokenizer,
        video_processor=hf.Qwen2VLVideoProcessor(**cells),
        chat_template=QWEN_CHAT,
    )
    return model, processor


@torch.no_grad()
def initialise(model: nn.Module) -> None:
    for name, weight in model.named_parameters():
        if "embed_tokens" in name:
            nn.init.normal_(weight, std=0.5)
        elif "lm_head" in name:
            nn.init.normal_(weight, std=0.02)
        elif name.endswith(("q_proj.bias", "k_proj.bias")):
            nn.init.normal_(weight, std=2)
        elif weight.ndim > 1:
            adds = any(part in name for part in ("o_proj", "down_proj", "attn.proj")) and "layers.0.self" not in name
            nn.init.normal_(weight, std=(weight[0].numel() * (2 * LAYERS if adds else 1)) ** -0.5)


def write_seeing_model(folder: Path, rows: Path) -> None:
    torch.manual_seed(0)
    with rows.open(encoding="utf-8") as lines:
        samples = [json.loads(line) for line in lines]
    target = "<think> {reasoning} </think> <answer> {answer} </answer>"
    texts = [text for row in samples for text in (row["question"], target.format(**row))]
    model, processor = seeing_model([*texts, "system\nYou are a helpful assistant.\nuser\nassistant\n"])
    for part in (model, processor):
        part.save_pretrained(folder)


if __name__ == "__main__":
    write_seeing_model(Path(sys.argv[1]), Path(sys.argv[2]))
