"""Two real steps of TRL with the coupled reward, on a tiny model.

    python trl_spatial_grpo.py MODEL ROWS FOLDER [unpaired|worlds|evaluated|streamed|noted]

ROWS is a `*.qa.jsonl` with mirrors, or what `chirality convert --to trl` made of it. With `unpaired`, TRL's own
trainer shuffles rows, so that pairs are torn apart. With `worlds`, ROWS is a seed: scenes are drawn, and the rewards
are those of the `chirality` program. With `evaluated`, ROWS and a stream of it are evaluated after each step, and the
rewards are asynchronous. With `streamed`, training itself reads ROWS as a stream. With `noted`,
notes are kept beside TRL's files.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).parents[2] / "python/src"))

from datasets import load_dataset
from peft import LoraConfig
from transformers import AutoModelForImageTextToText, AutoProcessor
from trl import GRPOConfig, GRPOTrainer

from chirality.notes import with_notes
from chirality.spatial_grpo.trl import CoupledReward, PairedGRPOTrainer, load_pairs, ready_reward
from chirality.worlds import draw_worlds

COMPLETIONS = 2


def letters(completions: list[Any], **_: Any) -> list[float]:
    """The share of letters: it varies for a model that says nothing sensible."""
    texts = [completion[0]["content"] for completion in completions]
    return [sum(character.isalpha() for character in text) / max(1, len(text)) for text in texts]


def even(completions: list[Any], **_: Any) -> list[float]:
    """A reward of right and wrong."""
    return [float(len(completion[0]["content"]) % 2 == 0) for completion in completions]


async def letters_later(completions: list[Any], **_: Any) -> list[float]:
    await asyncio.sleep(0.01)
    return letters(completions)


def semantic(completions: list[Any], **columns: Any) -> list[float]:
    """Our reward, of all that was written: the model never closes an answer."""
    closed = [f"<think>…</think><answer>{completion[0]['content']}</answer>" for completion in completions]
    return ready_reward("semantic")(completions=closed, **columns)


def parquet(rows: str, streaming: bool = False) -> Any:
    return load_dataset("parquet", data_files=rows, streaming=streaming)["train"]


def main(model_folder: str, rows: str, folder: str, *mode: str) -> None:
    torch.set_num_threads(1)
    targets = "q_proj|k_proj|v_proj|o_proj"
    trainer_class = GRPOTrainer if "unpaired" in mode else PairedGRPOTrainer
    rewarded: list[Any] = [CoupledReward(letters, threshold=0.0)]
    evaluation: dict[str, Any] = {}
    if "worlds" in mode:
        rows = str(draw_worlds(Path(folder, "worlds"), 6, seed=int(rows), options=["--size", "56"]))
        rewarded = [CoupledReward(semantic, threshold=0.0), letters]
    if "noted" in mode:
        rewarded.append(with_notes(even, folder))
    if "evaluated" in mode:
        rewarded = [CoupledReward(letters_later, threshold=0.0)]
        evaluation = {"whole": parquet(rows).select(range(6)), "stream": parquet(rows, streaming=True).take(4)}
    trainer = trainer_class(
        model=AutoModelForImageTextToText.from_pretrained(model_folder),
        reward_funcs=rewarded,
        args=GRPOConfig(
            output_dir=folder,
            max_steps=2,
            per_device_train_batch_size=2 * COMPLETIONS,
            per_device_eval_batch_size=2 * COMPLETIONS,
            eval_strategy="steps" if evaluation else "no",
            eval_steps=1,
            gradient_accumulation_steps=1,
            num_generations=COMPLETIONS,
            max_completion_length=8,
            learning_rate=1e-3,
            logging_steps=1,
            save_steps=2,
            log_completions=True,
            seed=3,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to=[],
        ),
        train_dataset=parquet(rows, "streamed" in mode) if rows.endswith(".parquet") else load_pairs(rows),
        eval_dataset=evaluation or None,
        processing_class=AutoProcessor.from_pretrained(model_folder, padding_side="left"),
        peft_config=LoraConfig(r=4, lora_alpha=8, target_modules=rf".*language_model.*\.(?:{targets})"),
    )
    trainer.train()


if __name__ == "__main__":
    main(*sys.argv[1:])
