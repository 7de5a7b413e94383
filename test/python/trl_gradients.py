"""TRL's gradients on given rollouts, for the parity test.

    python trl_gradients.py MODEL FOLDER

FOLDER holds the pictures `0.png` and `1.png`. Written there: `adapter`, from which both sides start; `rollouts.json`;
and for every kind of loss `<case>.safetensors` with the gradient of each of the adapter's weights.
"""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model_state_dict
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoModelForImageTextToText, AutoProcessor
from trl import GRPOConfig, GRPOTrainer

QUESTION = "What colour is the left half?"
GROUPS, COMPLETIONS, LONGEST = 2, 4, 24
LOSSES = ("grpo", "dr_grpo", "dapo")


def main(model_folder: str, folder: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    processor = AutoProcessor.from_pretrained(model_folder)
    trainer = open_trainer(model_folder, processor, folder)
    rows = batch(processor, folder)
    with torch.no_grad():
        current = logprobs(trainer, rows)
        noise = torch.randn(current.shape)
    # Far enough from the policy that both sides of the clip act.
    off_policy, reference = current + 0.3 * noise, current - 0.2 * noise.flip(0)
    rows["advantages"] = torch.tensor([1.2, -0.7, 0.1, -0.6, -1.5, 0.5, 0.5, 0.5])
    cases: list[dict[str, Any]] = []
    for loss in LOSSES:
        for beta in (0.0, 0.04):
            for on_policy in (True, False):
                name = f"{loss}-{beta}-{'on' if on_policy else 'off'}"
                trainer.loss_type, trainer.beta = loss, beta
                inputs = rows | ({} if on_policy else {"old_per_token_logps": off_policy})
                inputs |= {"ref_per_token_logps": reference} if beta else {}
                trainer.model.zero_grad()
                trainer._compute_loss(trainer.model, inputs).backward()
                save_file(gradients_of(trainer.model), folder / f"{name}.safetensors")
                cases.append({"name": name, "loss": loss, "beta": beta, "on_policy": on_policy})
    lengths = rows["completion_mask"].sum(1).tolist()

    def cut(values: Tensor) -> list[list[float]]:
        return [row[:length] for row, length in zip(values.tolist(), lengths, strict=True)]

    rollouts = {
        "question": QUESTION,
        "cases": cases,
        "max_tokens": LONGEST,
        "advantages": rows["advantages"].tolist(),
        "tokens": cut(rows["completion_ids"]),
        "logprobs": cut(current),
        "old": cut(off_policy),
        "reference": cut(reference),
    }
    (folder / "rollouts.json").write_text(json.dumps(rollouts))


def open_trainer(model_folder: str, processor: Any, folder: Path) -> GRPOTrainer:
    model = AutoModelForImageTextToText.from_pretrained(model_folder)
    targets = "q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj"
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=GRPOConfig(
            output_dir=str(folder / "trl"),
            per_device_train_batch_size=GROUPS * COMPLETIONS,
            gradient_accumulation_steps=1,
            num_generations=COMPLETIONS,
            max_completion_length=LONGEST,
            temperature=0.9,
            # With 0 it would not prepare for a reference at all.
            beta=0.04,
            # Ours is the penalty of the papers (R9); TRL's newer default multiplies it by the ratio.
            use_bias_correction_kl=False,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to=[],
        ),
        train_dataset=Dataset.from_list([{"prompt": [{"role": "user", "content": QUESTION}]}] * GROUPS),
        processing_class=processor,
        peft_config=LoraConfig(r=8, lora_alpha=16, target_modules=rf".*language_model.*\.(?:{targets})"),
    )
    trainer.current_gradient_accumulation_steps = 1
    with torch.no_grad():
        for name, parameter in trainer.model.named_parameters():
            if "lora_B" in name and parameter.requires_grad:
                parameter.copy_(torch.randn(parameter.shape) * 0.05)
    trainer.model.save_pretrained(folder / "adapter", selected_adapters=["default"])
    return trainer


def batch(processor: Any, folder: Path) -> dict[str, Any]:
    """Rows as TRL's own pipeline makes them: one copy of prompt and image per completion."""
    messages = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}]
    text = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    images = [Image.open(folder / f"{g}.png") for g in range(GROUPS) for _ in range(COMPLETIONS)]
    prompt = processor(text=[text] * len(images), images=images, return_tensors="pt")
    lengths = torch.randint(3, LONGEST + 1, (len(images), 1))
    mask = (torch.arange(LONGEST) < lengths).int()
    completions = torch.randint(10, 400, (len(images), LONGEST)) * mask
    return {
        "prompt_ids": prompt["input_ids"],
        "prompt_mask": prompt["attention_mask"],
        "completion_ids": completions,
        "completion_mask": mask,
        "pixel_values": prompt["pixel_values"],
        "image_grid_thw": prompt["image_grid_thw"],
        "num_images": [1] * len(images),
        "mm_token_type_ids": torch.cat([prompt["mm_token_type_ids"], torch.zeros_like(completions)], 1).int(),
        "num_items_in_batch": mask.sum(),
    }


def logprobs(trainer: GRPOTrainer, rows: dict[str, Any]) -> Tensor:
    return trainer._get_per_token_logps_and_entropies(
        trainer.model,
        torch.cat([rows["prompt_ids"], rows["completion_ids"]], 1),
        torch.cat([rows["prompt_mask"], rows["completion_mask"]], 1),
        LONGEST,
        pixel_values=rows["pixel_values"],
        image_grid_thw=rows["image_grid_thw"],
        num_images=rows["num_images"],
        mm_token_type_ids=rows["mm_token_type_ids"],
    )[0]


def gradients_of(model: Any) -> dict[str, Tensor]:
    """By the names that an adapter's file has."""
    found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
    return get_peft_model_state_dict(model, state_dict=found, adapter_name="default")


main(sys.argv[1], Path(sys.argv[2]))
