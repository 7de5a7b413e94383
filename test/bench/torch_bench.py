"""One GRPO step of the torch engine against TRL's GRPOTrainer: same weights, processor time, peak memory.

    python torch_bench.py [PROMPT:COMPLETION]... [--prompts N] [--group G] [--steps N] [--only ENGINE...]

G = 8 unless --group says otherwise, β = 0.04, one thread, LoRA of rank 16 on all projections of the language model,
rewards stubbed, completions of exactly the given length. `trl` is without gradient checkpointing; `trl-default` has it
on, as TRL's default is. Ours may compute matrix products by oneDNN (products.py); `trl-onednn` is given the same, so
that its ratio shows what is due to shared prompts. Each has a process of its own, one after the other; of several steps
the first is not counted. Peak memory is that process's.

With every shape comes what a count of the operations of matrix products gives, and what share of a large product's rate
our step attains; with every ratio, what share it is of the count's. A ratio above the count's comes from faster
products or less work besides, one below from more.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "src/engines/torch/worker"), str(ROOT / "test/python")]

from chirality_worker.loading import Adapter, Options, open_vlm  # noqa: E402
from chirality_worker.packing import Group  # noqa: E402
from chirality_worker.products import onednn_is_faster, use_onednn  # noqa: E402
from chirality_worker.random_models import SIZES, write_model  # noqa: E402
from chirality_worker.sampling import Sampling, sample  # noqa: E402
from chirality_worker.trainer import AdamW, Trainer  # noqa: E402
from conftest import encoded  # noqa: E402

ENGINES = ["ours", "trl", "trl-onednn", "trl-default"]
SHAPES = ["300:100", "600:100", "1200:200", "600:300", "600:1000"]
G, BETA, RANK = 8, 0.04, 16
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# Width and height in pixels that take so much of a prompt: 28 × 28 pixels are a token.
IMAGES = {300: (448, 448), 600: (672, 560), 1200: (896, 896)}
STEP = AdamW(1e-4, (0.9, 0.999), 1e-8, 0.0, 1.0)
FILLER = "Is the red cube to the left of the blue ball? The green chair is behind the wooden table. "

clock = time.process_time


def question(processor: Any, prompt: int) -> str:
    """A text that fills a prompt with its image up to `prompt` tokens."""
    width, height = IMAGES[prompt]
    words = (FILLER * 40).split()
    room = prompt - width * height // 784

    def length(count: int) -> int:
        content = [{"type": "image"}, {"type": "text", "text": " ".join(words[:count])}]
        text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
        return len(processor.tokenizer(text)["input_ids"]) - 1

    count = max(n for n in range(len(words)) if length(n) <= room)
    return " ".join(words[:count])


def pictures(prompt: int, count: int) -> list[Image.Image]:
    draw = torch.Generator().manual_seed(0)
    width, height = IMAGES[prompt]
    noise = torch.randint(0, 256, (count, height, width, 3), generator=draw, dtype=torch.uint8)
    return [Image.fromarray(image.numpy()) for image in noise]


class Ours:
    def __init__(self, folder: Path, prompt: int, completion: int, prompts: int, steps: int) -> None:
        adapter = Adapter(RANK, 2 * RANK, 0.0, TARGETS, ["visual"])
        options = Options(str(folder), adapter, "float32", "none", None, 0, "cpu", 1, False, 1 << 20, "off")
        self.vlm = open_vlm(options, lambda *_: None)
        # Completions of a given length: nothing ends them.
        self.vlm.family.end_ids = []
        self.trainer = Trainer(self.vlm, prompt + G * completion, dict, lambda *_: None)
        self.trainer.packed = True
        self.trainer.set_reference("current", None)
        self.text = question(AutoProcessor.from_pretrained(folder), prompt)
        self.images = pictures(prompt, prompts * steps)
        self.sampling = Sampling(G, 1.0, 1.0, completion, [])
        self.prompts = prompts

    def step(self, number: int) -> dict[str, float]:
        laps: Counter[str] = Counter()
        files = [encoded(image) for image in self.images]
        last = start = clock()

        def lap(name: str) -> None:
            nonlocal last
            now = clock()
            laps[name] += now - last
            last = now

        prefixes = []
        for i in range(number * self.prompts, (number + 1) * self.prompts):
            self.vlm.files.put(str(i), files[i])
            content = [{"image": str(i), "view": "original"}, self.text]
            prefixes.append(self.vlm.encode([{"role": "user", "content": content}]))
        self.vlm.features([picture for prefix in prefixes for picture in prefix.pictures])
        lap("vision")
        drawn = sample(self.vlm, prefixes, self.sampling, [f"{number}/{i}" for i in range(self.prompts)], nobody)
        lap("generate")
        groups = [
            Group(prefix, [torch.tensor(draw.tokens) for draw in group])
            for prefix, group in zip(prefixes, drawn, strict=True)
        ]
        reference, _ = self.trainer.scores(groups, "reference", 1.0, nobody)
        lap("reference")
        weights = []
        for group, expected in zip(drawn, reference, strict=True):
            rewards = torch.tensor([float(sum(draw.tokens) % 7) for draw in group])
            advantages = (rewards - rewards.mean()) / (rewards.std() + 1e-4)
            weights.append(
                [
                    (advantage + BETA * (torch.tensor(ref) - torch.tensor(draw.logprobs)).expm1())
                    / (len(draw.tokens) * G * self.prompts)
                    for draw, ref, advantage in zip(group, expected, advantages, strict=True)
                ]
            )
        self.trainer.backward(groups, weights, 1.0, nobody)
        lap("update")
        self.trainer.step(STEP)
        lap("optimiser")
        return dict(laps) | {"step": clock() - start}


def nobody() -> None:
    """Cancels the call."""


def trl_steps(
    folder: Path, prompt: int, completion: int, prompts: int, steps: int, checkpointing: bool
) -> list[dict[str, float]]:
    """Runs TRL's own loop and times its parts from outside."""
    processor = AutoProcessor.from_pretrained(folder)
    text = question(processor, prompt)
    rows = [
        {"prompt": [{"role": "user", "content": text}], "image": image} for image in pictures(prompt, prompts * steps)
    ]
    laps: Counter[str] = Counter()
    done: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as out:
        config = GRPOConfig(
            output_dir=out,
            per_device_train_batch_size=G,
            gradient_accumulation_steps=prompts,
            num_generations=G,
            max_completion_length=completion,
            generation_kwargs={"min_new_tokens": completion},
            beta=BETA,
            learning_rate=STEP.learning_rate,
            max_steps=steps,
            loss_type="grpo",
            temperature=1.0,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=checkpointing,
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            shuffle_dataset=False,
        )
        trainer = GRPOTrainer(
            model=AutoModelForImageTextToText.from_pretrained(folder),
            reward_funcs=lambda completions, **_: [float(len(c[0]["content"]) % 7) for c in completions],
            args=config,
            train_dataset=Dataset.from_list(rows),
            processing_class=processor,
            peft_config=LoraConfig(
                r=RANK, lora_alpha=2 * RANK, target_modules=rf".*language_model.*\.(?:{'|'.join(TARGETS)})"
            ),
        )

        def timed(owner: Any, name: str, label: Callable[[], str]) -> None:
            inner = getattr(owner, name)

            def outer(*args: Any, **options: Any) -> Any:
                key, start = label(), clock()
                result = inner(*args, **options)
                laps[key] += clock() - start
                return result

            setattr(owner, name, outer)

        timed(trainer, "_generate_single_turn", lambda: "generate")
        timed(
            trainer,
            "_get_per_token_logps_and_entropies",
            lambda: "update" if torch.is_grad_enabled() else "reference",
        )
        timed(trainer.accelerator, "backward", lambda: "update")

        class Clock(TrainerCallback):
            def on_step_begin(self, *_: Any, **__: Any) -> None:
                laps.clear()
                self.start = clock()

            def on_step_end(self, *_: Any, **__: Any) -> None:
                done.append(dict(laps) | {"step": clock() - self.start})

        trainer.add_callback(Clock())
        trainer.train()
    return done


def median(steps: list[dict[str, float]]) -> dict[str, float]:
    counted = steps[1:] or steps
    return {key: round(statistics.median(step.get(key, 0.0) for step in counted), 2) for key in counted[-1]}


def operations(prompt: int, completion: int, prompts: int) -> dict[str, float]:
    """Multiplications and additions of matrix products in a step: as plain code does it, and with shared prompts.
    Adapters are left out, and so are the weights' own gradients: the base is frozen."""
    hidden, inner, layers, heads, kv_heads = SIZES["medium"]["language"]
    v_hidden, v_inner, v_layers, _ = SIZES["medium"]["vision"]
    kv = hidden // heads * kv_heads
    linear = 2 * layers * (2 * hidden**2 + 2 * hidden * kv + 3 * hidden * inner)
    head = 2 * hidden * SIZES["medium"]["vocabulary"]
    patches = 4 * IMAGES[prompt][0] * IMAGES[prompt][1] // 784
    tower = 2 * (v_layers * (4 * v_hidden**2 + 3 * v_hidden * v_inner) + (1176 + 4 * v_hidden + hidden) * v_hidden)
    # All layers but the last see windows of 8 × 8 patches.
    tower = patches * (tower + 4 * v_hidden * (patches + 64 * (v_layers - 1)))

    def attention(queries: int, keys: float) -> float:
        return 4 * layers * hidden * queries * keys

    one_prompt = prompt * linear + attention(prompt, prompt / 2)
    answers = G * (completion * (linear + head) + attention(completion, prompt + completion / 2))
    # Sampling; then the reference, the policy, and its gradient with respect to what it reads.
    shared = tower + (one_prompt + answers) + 3 * (one_prompt + answers)
    plain = 3 * G * tower + (G * one_prompt + answers) + 3 * (G * one_prompt + answers)
    return {"shared": prompts * shared, "plain": prompts * plain}


def product_rate() -> float:
    """Operations a second of a large matrix product."""
    x = torch.randn(1024, 1024)
    rates = []
    for _ in range(8):
        start = clock()
        x @ x
        rates.append(2 * 1024**3 / (clock() - start))
    return max(rates)


def measure(model: Path, engine: str, prompt: int, completion: int, prompts: int, steps: int) -> dict[str, float]:
    """Within a process of its own: median seconds of each part of a step, and the peak of memory in MB."""
    torch.set_num_threads(1)
    if engine == "ours":
        ours = Ours(model, prompt, completion, prompts, steps)
        found = median([ours.step(i) for i in range(steps)])
    else:
        if engine == "trl-onednn" and onednn_is_faster():
            use_onednn()
        found = median(trl_steps(model, prompt, completion, prompts, steps, engine == "trl-default"))
    # Kilobytes, but bytes on a Mac.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return found | {"peak_mb": round(peak), "rate": product_rate()}


def main() -> None:
    global G
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", default=SHAPES, help="%(default)s")
    parser.add_argument("--prompts", type=int, default=2)
    parser.add_argument("--group", type=int, default=G)
    parser.add_argument("--steps", type=int, default=3, help="the first of several is not counted")
    parser.add_argument("--only", nargs="*", choices=ENGINES, default=ENGINES, metavar="ENGINE", help="%(default)s")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    G = options.group
    shapes = [tuple(map(int, shape.split(":"))) for shape in options.shapes]
    if options.measure:
        ((prompt, completion),) = shapes
        (engine,) = options.only
        print(json.dumps(measure(options.measure, engine, prompt, completion, options.prompts, options.steps)))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = write_model("qwen2_5_vl", Path(folder), "medium")
        for prompt, completion in shapes:
            work = operations(prompt, completion, options.prompts)
            shape = f"{prompt}:{completion}"
            print(f"{shape} operations {work['plain'] / work['shared']:.1f}×, {work['shared'] / 1e9:.0f} G shared")
            ours: float | None = None
            for engine in options.only:
                argv = [shape, "--only", engine, "--measure", str(model), "--prompts", str(options.prompts)]
                argv += ["--group", str(G)]
                child = [sys.executable, __file__, *argv, "--steps", str(options.steps)]
                printed = subprocess.run(child, stdout=subprocess.PIPE, text=True, check=True).stdout
                found = json.loads(printed.splitlines()[-1])
                rate = found.pop("rate")
                if engine == "ours":
                    ours = found["step"]
                    found["share_of_product_rate"] = round(work["shared"] / ours / rate, 2)
                ratio = ""
                if ours:
                    times, bound = found["step"] / ours, work["plain"] / work["shared"]
                    ratio = f" {times:.1f}×, {times / bound:.0%} of the bound by operations"
                print(f"{shape} {engine}{ratio} {json.dumps(found)}", flush=True)


main()
