"""Writes randomly initialised models of the real classes as folders that AutoProcessor and AutoModel open: tiny models
for tests, and one with the shapes of Qwen2.5-VL-3B for measurements.

    python -m chirality_worker.random_models FOLDER KIND...      writes FOLDER/KIND
"""

import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import transformers as hf

from .tokenizing import QWEN_CHAT, bpe_tokenizer, qwen_tokenizer

# Numbers of the language model and of the vision tower: see `SHAPE`.
SIZES: dict[str, dict[str, Any]] = {
    "tiny": {"language": (64, 128, 2, 4, 2), "vision": (32, 64, 2, 2), "vocabulary": 1024},
    "small": {"language": (128, 384, 4, 8, 2), "vision": (64, 128, 2, 4), "vocabulary": 1024},
    # Heads of dimension 32, the minimum of vLLM on a CPU.
    "wide": {"language": (128, 256, 2, 4, 2), "vision": (64, 128, 2, 2), "vocabulary": 1024},
    "deep": {"language": (128, 384, 8, 8, 2), "vision": (64, 128, 2, 4), "vocabulary": 1024},
    # The output layer has the same share of all operations as in the 3B model.
    "medium": {"language": (512, 1536, 8, 8, 2), "vision": (256, 768, 4, 4), "vocabulary": 6144},
    "3b": {"language": (2048, 11008, 36, 16, 2), "vision": (1280, 3420, 32, 16), "vocabulary": 151936},
}


# Names of the numbers in `SIZES`, in order.
SHAPE = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads")


def shape(part: str, size: str) -> dict[str, int]:
    return dict(zip(SHAPE, SIZES[size][part], strict=False))


def sentences(count: int = 3000) -> Iterator[str]:
    draw = random.Random(0)
    things = ["red cube", "blue ball", "green chair", "wooden table", "white mug", "person in the red shirt"]
    relations = [
        "left of",
        "right of",
        "in front of",
        "behind",
        "above",
        "below",
        "closer than",
        "taller than",
    ]
    for _ in range(count):
        a, b = draw.sample(things, 2)
        relation = draw.choice(relations)
        yield f"Is the {a} {relation} the {b}?"
        yield (
            f"<think>The {a} is {relation} the {b}, {draw.uniform(0, 900):.1f} centimeters away.</think> "
            f"<answer>{draw.choice(['yes', 'no', 'left', 'right'])}</answer>"
        )
        yield "You are a helpful assistant. user system assistant Estimate the gap; bounding box [12, 34, 56, 78]."


def qwen_vl(kind: str, size: str) -> tuple[Any, Any]:
    hidden, _, _, heads, _ = SIZES[size]["language"]
    v_hidden, v_inner, v_layers, v_heads = SIZES[size]["vision"]
    newer = kind == "qwen3_vl"
    tokenizer = qwen_tokenizer(SIZES[size]["vocabulary"], sentences())
    id_of = tokenizer.convert_tokens_to_ids
    half = hidden // heads // 2
    side = half * 3 // 8
    text = {
        "vocab_size": max(SIZES[size]["vocabulary"], len(tokenizer)),
        **shape("language", size),
        "max_position_embeddings": 32768,
        "rms_norm_eps": 1e-6,
        "bos_token_id": id_of("<|endoftext|>"),
        "eos_token_id": id_of("<|im_end|>"),
        "pad_token_id": id_of("<|endoftext|>"),
        # As in the 3B model, a quarter of the rotary dimensions is for time, the rest for rows and columns.
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 5e6 if newer else 1e6,
            "mrope_section": [half - 2 * side, side, side],
            **({"mrope_interleaved": True} if newer else {}),
        },
        **({"head_dim": hidden // heads} if newer else {}),
    }
    patch = 16 if newer else 14
    vision = {
        "depth": v_layers,
        "hidden_size": v_hidden,
        "intermediate_size": v_inner,
        "num_heads": v_heads,
        "out_hidden_size": hidden,
        "patch_size": patch,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        **(
            {"num_position_embeddings": 256, "deepstack_visual_indexes": [0]}
            if newer
            else {"window_size": 112, "fullatt_block_indexes": list(range(v_layers - 1, -1, -8))[::-1]}
        ),
    }
    marks = {
        "image_token_id": id_of("<|image_pad|>"),
        "video_token_id": id_of("<|video_pad|>"),
        "vision_start_token_id": id_of("<|vision_start|>"),
        "vision_end_token_id": id_of("<|vision_end|>"),
    }
    name = "Qwen3VL" if newer else "Qwen2_5_VL"
    config = getattr(hf, f"{name}Config")(text_config=text, vision_config=vision, tie_word_embeddings=True, **marks)
    model = getattr(hf, f"{name}ForConditionalGeneration")(config)
    model.generation_config.eos_token_id = [id_of("<|im_end|>"), id_of("<|endoftext|>")]
    cells = {"patch_size": patch, "merge_size": 2, "temporal_patch_size": 2}
    size_limits = {"shortest_edge": 4 * 28 * 28, "longest_edge": 1280 * 28 * 28}
    processor = getattr(hf, f"{name}Processor")(
        image_processor=hf.Qwen2VLImageProcessor(size=size_limits, **cells),
        tokenizer=tokenizer,
        video_processor=(hf.Qwen3VLVideoProcessor if newer else hf.Qwen2VLVideoProcessor)(**cells),
        chat_template=QWEN_CHAT,
    )
    return model, processor


SQUARE = {"side": 56, "patch": 14}


def image_tokenizer(size: str, start: str, end: str) -> Any:
    """Returns a tokenizer with `<image>` and the given tokens for the start and the end of a sequence."""
    return bpe_tokenizer(
        [start, end, "<pad>", "<image>"],
        SIZES[size]["vocabulary"],
        sentences(),
        bos_token=start,
        eos_token=end,
        pad_token="<pad>",
        extra_special_tokens={"image_token": "<image>"},
    )


def paligemma2(_: str, size: str) -> tuple[Any, Any]:
    hidden, _, _, heads, _ = SIZES[size]["language"]
    tokenizer = image_tokenizer(size, "<bos>", "<eos>")
    places = (SQUARE["side"] // SQUARE["patch"]) ** 2
    edges = {"height": SQUARE["side"], "width": SQUARE["side"]}
    images = hf.SiglipImageProcessor(size=edges, image_seq_length=places)
    # The processor adds location and segmentation tokens.
    processor = hf.PaliGemmaProcessor(image_processor=images, tokenizer=tokenizer)
    id_of = tokenizer.convert_tokens_to_ids
    config = hf.PaliGemmaConfig(
        text_config={
            "model_type": "gemma2",
            "vocab_size": len(tokenizer),
            **shape("language", size),
            "head_dim": hidden // heads,
            "query_pre_attn_scalar": hidden // heads,
            "max_position_embeddings": 8192,
            "bos_token_id": id_of("<bos>"),
            "eos_token_id": id_of("<eos>"),
            "pad_token_id": id_of("<pad>"),
        },
        vision_config={"model_type": "siglip_vision_model", "projection_dim": hidden, **tower(size)},
        image_token_id=id_of("<image>"),
        projection_dim=hidden,
    )
    return hf.PaliGemmaForConditionalGeneration(config), processor


LLAVA_CHAT = """\
{%- for m in messages %}{{ m.role | upper + ': ' }}
{%- for part in m.content %}
{%- if part.type == 'image' %}{{ '<image>\n' }}{% else %}{{ part.text }}{% endif %}{% endfor %}
{{- '</s>' if m.role == 'assistant' else ' ' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"""


def llava(_: str, size: str) -> tuple[Any, Any]:
    tokenizer = image_tokenizer(size, "<s>", "</s>")
    edges = {"height": SQUARE["side"], "width": SQUARE["side"]}
    processor = hf.LlavaProcessor(
        image_processor=hf.CLIPImageProcessor(size={"shortest_edge": SQUARE["side"]}, crop_size=edges),
        tokenizer=tokenizer,
        patch_size=SQUARE["patch"],
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=LLAVA_CHAT,
    )
    id_of = tokenizer.convert_tokens_to_ids
    config = hf.LlavaConfig(
        text_config={
            "model_type": "llama",
            "vocab_size": len(tokenizer),
            **shape("language", size),
            "max_position_embeddings": 4096,
            "bos_token_id": id_of("<s>"),
            "eos_token_id": id_of("</s>"),
            "pad_token_id": id_of("<pad>"),
        },
        vision_config={"model_type": "clip_vision_model", **tower(size)},
        image_token_id=id_of("<image>"),
        vision_feature_layer=-2,
        vision_feature_select_strategy="default",
    )
    return hf.LlavaForConditionalGeneration(config), processor


def tower(size: str) -> dict[str, int]:
    """Returns the config of a vision tower for square images."""
    return {**shape("vision", size), "image_size": SQUARE["side"], "patch_size": SQUARE["patch"]}


MAKERS = {"qwen2_5_vl": qwen_vl, "qwen3_vl": qwen_vl, "paligemma2": paligemma2, "llava": llava}


def write_model(kind: str, folder: Path, size: str = "tiny", head: float = 1, seed: int = 0) -> Path:
    """Writes a tiny model. `head` scales the output embeddings and so the logits, which are large in trained models."""
    torch.manual_seed(seed)
    model, processor = MAKERS[kind](kind, size)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            # With initial weights, a model's outputs are nearly uniform, so tests would miss many errors.
            if weight.ndim > 1:
                weight.mul_(head if "embed_tokens" in name or "lm_head" in name else 2)
    return written(folder, model, processor)


def write_3b(folder: Path) -> Path:
    """Writes 7.5 GB in bfloat16, generated on a GPU if there is one, because a CPU takes minutes."""
    torch.manual_seed(0)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            model, processor = qwen_vl("qwen2_5_vl", "3b")
    finally:
        torch.set_default_dtype(usual)
    return written(folder, model, processor)


def written(folder: Path, *parts: Any) -> Path:
    for part in parts:
        part.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    for kind in sys.argv[2:]:
        if kind == "3b":
            write_3b(Path(sys.argv[1]) / kind)
        else:
            write_model(kind, Path(sys.argv[1]) / kind)
