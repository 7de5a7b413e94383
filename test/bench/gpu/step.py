"""One GRPO step with the same weights by Chirality, by transformers' generate and by TRL, on one GPU.

    python step.py MODEL RESULT.json SECONDS

Times are by the wall clock, after the device has finished. What there is no time for is left out and noted.
"""

import gc
import io
import json
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from chirality_worker import windows
from chirality_worker.captured import Captures
from chirality_worker.decoding import Decoder
from chirality_worker.families.base import Prefix
from chirality_worker.loading import Adapter, Options, open_vlm
from chirality_worker.packing import Group
from chirality_worker.rates import Shape as RatedShape
from chirality_worker.rates import copied_a_second, products_a_second, work_of
from chirality_worker.sampling import Draw, RowLimit, Sampling, sample
from chirality_worker.trainer import AdamW, Trainer
from chirality_worker.trial import on_device
from chirality_worker.vlm import Vlm

MODEL, RESULT, END = sys.argv[1], Path(sys.argv[2]), time.time() + float(sys.argv[3])
CUDA = torch.cuda.is_available()
DEVICE = torch.device("cuda", 0) if CUDA else torch.device("cpu")
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
FILLER = "Is the red cube to the left of the blue ball? The green chair is behind the wooden table. " * 20
G, BETA = 8, 0.04
STEP = AdamW(1e-5, (0.9, 0.999), 1e-8, 0.0, 1.0)

found: dict[str, Any] = {"notes": []}


@dataclass(frozen=True)
class Shape:
    name: str
    prompts: int
    words: int
    """Length of the text of a prompt, in characters."""
    completion: int
    size: tuple[int, int]
    """Of the image, in pixels."""


SHAPES = (
    [
        Shape("s1 8x8x64 p300", 8, 200, 64, (448, 448)),
        Shape("s2 8x8x256 p300", 8, 200, 256, (448, 448)),
        Shape("s3 8x8x256 p600", 8, 500, 256, (672, 560)),
    ]
    if CUDA
    else [Shape("s1", 1, 200, 24, (112, 112)), Shape("s2", 2, 200, 24, (112, 112))]
)
COMPARED = SHAPES[1]


def note(kind: str, message: str) -> None:
    found["notes"].append(f"{kind}: {message}")
    print("NOTE", kind, message, flush=True)


def put(key: str, value: Any) -> None:
    found[key] = value
    print(key, json.dumps(value), flush=True)
    RESULT.write_text(json.dumps(found, indent=1))


def synchronized() -> float:
    """The time when the device has finished."""
    if CUDA:
        torch.cuda.synchronize()
    return time.time()


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    start = synchronized()
    result = call()
    return result, synchronized() - start


def peak() -> float:
    return round(torch.cuda.max_memory_allocated() / 1e9, 1) if CUDA else 0


def free() -> None:
    gc.collect()
    if CUDA:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def has_time(seconds: float) -> bool:
    return not CUDA or END - time.time() > seconds


def picture(seed: int, size: tuple[int, int]) -> Image.Image:
    draw = torch.Generator().manual_seed(seed)
    return Image.fromarray(torch.randint(0, 256, (size[1], size[0], 3), generator=draw, dtype=torch.uint8).numpy())


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def nobody() -> None:
    """Nobody cancels a call."""


def attempt(what: str, seconds: float, call: Callable[[], None]) -> None:
    """Does something if there is time for it; what fails is noted."""
    if not has_time(seconds):
        note("skipped", what)
        return
    try:
        call()
    except Exception:
        note("failed", what + traceback.format_exc()[-2500:])


class Ours:
    def __init__(self) -> None:
        start = time.time()
        trial = on_device(DEVICE) if CUDA else None
        failures: list[str | None] = []
        windows.tell = note
        options = Options(
            model=MODEL,
            adapter=Adapter(16, 32, 0.0, TARGETS, ["visual"]),
            precision="bfloat16",
            quantization="none",
            max_pixels=None,
            seed=0,
            device=DEVICE.type,
            threads=None,
            gradient_checkpointing=False,
            micro_tokens=None,
            captured="auto",
        )

        def trial_ends() -> str | None:
            failures.append(trial.failure() if trial else None)
            return failures[-1]

        self.vlm: Vlm = open_vlm(options, lambda *_: None, DEVICE, trial_ends, note)
        self.captures = Captures(note, failures[0]) if CUDA else None
        # Completions of equal length, as TRL's below.
        self.vlm.family.end_ids = []
        self.trainer = Trainer(self.vlm, None, dict, note)
        self.trainer.set_reference("current", None)
        opened = {
            "seconds": round(time.time() - start, 1),
            "rounding": self.vlm.rounding,
            "trial": failures,
            "parameters": self.vlm.model.num_parameters(),
            "peak": peak(),
        }
        put("opened", opened)

    def prefixes(self, shape: Shape) -> list[Prefix]:
        prefixes = []
        for i in range(shape.prompts):
            name = f"{shape.name}{i}"
            self.vlm.files.put(name, encoded(picture(i, shape.size)))
            content = [{"image": name, "view": "original"}, FILLER[: shape.words]]
            prefixes.append(self.vlm.encode([{"role": "user", "content": content}]))
        return prefixes

    def generate(self, shape: Shape, prefixes: list[Prefix], rows: dict[str, Any]) -> tuple[list[list[Draw]], float]:
        """The completions, and the seconds of the fastest call."""
        sampling = Sampling(G, 1.0, 1.0, shape.completion, [])
        seeds = [f"{shape.name}/{i}" for i in range(shape.prompts)]
        calls: list[tuple[str, Any]] = [("plain first", Decoder)] if shape.completion < 100 else []
        if self.captures:
            calls += [("captured first", self.captures.decoder), ("captured again", self.captures.decoder)]
        best, drawn = float("inf"), []
        for name, decoder in calls:
            drawn, seconds = timed(
                lambda decoder=decoder: sample(self.vlm, prefixes, sampling, seeds, nobody, decoder, RowLimit(note))
            )
            tokens = sum(len(draw.tokens) for group in drawn for draw in group)
            a_step = f"{1e3 * seconds / shape.completion:.2f} ms a token step"
            rows[f"generate {name}"] = [round(seconds, 2), round(tokens / seconds), a_step]
            best = min(best, seconds)
        rows["peak generate"] = peak()
        return drawn, best

    def step(self, shape: Shape) -> None:
        prefixes = self.prefixes(shape)
        _, vision = timed(lambda: self.vlm.features([p for prefix in prefixes for p in prefix.pictures]))
        rows: dict[str, Any] = {
            "prompt": len(prefixes[0]),
            "prompts": shape.prompts,
            "completion": shape.completion,
            "vision": round(vision, 3),
        }
        free()
        drawn, generation = self.generate(shape, prefixes, rows)
        free()
        groups = [
            Group(prefix, [torch.tensor(draw.tokens) for draw in group])
            for prefix, group in zip(prefixes, drawn, strict=True)
        ]
        trainer = self.trainer
        for turn in range(2):
            (reference, _), t_reference = timed(lambda: trainer.scores(groups, "reference", 1.0, nobody))
            weights = weights_of(drawn, reference)
            (scored, _), t_update = timed(lambda weights=weights: trainer.backward(groups, weights, 1.0, nobody))
            norm, t_optimiser = timed(lambda: trainer.step(STEP))
            if turn == 0:
                # Later, the weights are no longer those that sampled.
                rows["drawn vs scored"] = round(gap(drawn, scored), 5)
            rows[f"reference {turn}"] = round(t_reference, 2)
            rows[f"update {turn}"] = round(t_update, 2)
            rows[f"optimiser {turn}"] = round(t_optimiser, 3)
        rated = work_of(self.vlm, RatedShape(shape.prompts, len(prefixes[0]), G, shape.completion))
        rows["TFLOP of reference and update"] = [round(rated.reference / 1e12, 1), round(rated.update / 1e12, 1)]
        rows["GB of a token step"] = round(rated.token_step / 1e9, 2)
        rows["grad norm"], rows["peak update"], rows["windows"] = norm, peak(), windows.ran
        rows["budget"] = {str(backwards): budget.tokens for backwards, budget in trainer.budgets.items()}
        rows["step"] = round(vision + generation + t_reference + t_update + t_optimiser, 2)
        put(f"ours {shape.name}", rows)

    def profiles(self) -> None:
        """Where a captured token step, the update and the reference spend their time."""
        from torch.profiler import ProfilerActivity, profile

        assert self.captures
        prefixes = self.prefixes(COMPARED)
        with torch.no_grad():
            decoder = self.captures.decoder(self.vlm, prefixes, G)

            def token_steps(count: int) -> None:
                for _ in range(count):
                    decoder.put(decoder.logits().argmax(-1))

            token_steps(3)
            synchronized()
            with profile(activities=[ProfilerActivity.CUDA]) as profiled:
                timed(lambda: token_steps(5))
        put("profile of 5 captured token steps", table(profiled))
        length = COMPARED.completion
        groups = [Group(prefix, [torch.randint(0, 5000, (length,)) for _ in range(G)]) for prefix in prefixes]
        weights = [[torch.full((length,), 1e-3) for _ in range(G)] for _ in groups]
        calls: dict[str, Callable[[], Any]] = {
            "update": lambda: self.trainer.backward(groups, weights, 1.0, nobody),
            "reference": lambda: self.trainer.scores(groups, "reference", 1.0, nobody),
        }
        for name, call in calls.items():
            with profile(activities=[ProfilerActivity.CUDA]) as profiled:
                _, seconds = timed(call)
            put(f"profile of {name}, {seconds:.2f} s", table(profiled))


def weights_of(drawn: list[list[Draw]], reference: list[list[list[float]]]) -> list[list[torch.Tensor]]:
    """The weight of every token in the loss, for a reward that any model can earn."""
    weights = []
    for group, scores in zip(drawn, reference, strict=True):
        rewards = torch.tensor([float(sum(draw.tokens) % 7) for draw in group])
        advantages = (rewards - rewards.mean()) / (rewards.std() + 1e-4)
        weights.append(
            [
                (advantage + BETA * (torch.tensor(score) - torch.tensor(draw.logprobs)).expm1())
                / (len(draw.tokens) * G * len(drawn))
                for draw, score, advantage in zip(group, scores, advantages, strict=True)
            ]
        )
    return weights


def gap(drawn: list[list[Draw]], scored: list[list[list[float]]]) -> float:
    """Mean difference between log-probabilities as drawn and as scored."""
    return statistics.mean(
        abs(a - b)
        for group, scores in zip(drawn, scored, strict=True)
        for draw, score in zip(group, scores, strict=True)
        for a, b in zip(draw.logprobs, score, strict=True)
    )


def table(profiled: Any) -> dict[str, Any]:
    events = [event for event in profiled.key_averages() if event.self_device_time_total > 0]
    events.sort(key=lambda event: -event.self_device_time_total)
    return {
        "device ms": round(sum(event.self_device_time_total for event in events) / 1e3, 1),
        "launches": sum(event.count for event in events),
        "top": [[event.key[:80], event.count, round(event.self_device_time_total / 1e3, 1)] for event in events[:14]],
    }


def by_transformers() -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    processor = AutoProcessor.from_pretrained(MODEL)
    model = AutoModelForImageTextToText.from_pretrained(MODEL, dtype=torch.bfloat16).to(DEVICE).eval()
    content = [{"type": "image"}, {"type": "text", "text": FILLER[: COMPARED.words]}]
    text = processor.apply_chat_template([{"role": "user", "content": content}], add_generation_prompt=True)
    images = [picture(i, COMPARED.size) for i in range(COMPARED.prompts) for _ in range(G)]
    batch = processor(text=[text] * len(images), images=images, return_tensors="pt", padding=True).to(DEVICE)
    length = COMPARED.completion
    _, seconds = timed(
        lambda: model.generate(
            **batch, max_new_tokens=length, min_new_tokens=length, do_sample=True, top_k=0, pad_token_id=0
        )
    )
    a_step = f"{1e3 * seconds / length:.2f} ms a token step"
    put("transformers generate 0", [round(seconds, 2), round(len(images) * length / seconds), a_step, peak()])


def by_trl() -> None:
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForImageTextToText, AutoProcessor, TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    processor = AutoProcessor.from_pretrained(MODEL)
    question = [{"role": "user", "content": FILLER[: COMPARED.words]}]
    rows = [{"prompt": question, "image": picture(i, COMPARED.size)} for i in range(COMPARED.prompts * 3)]
    config = GRPOConfig(
        output_dir="/tmp/trl",
        per_device_train_batch_size=G,
        gradient_accumulation_steps=COMPARED.prompts,
        num_generations=G,
        max_completion_length=COMPARED.completion,
        generation_kwargs={"min_new_tokens": COMPARED.completion},
        beta=BETA,
        learning_rate=STEP.learning_rate,
        max_steps=2,
        loss_type="grpo",
        temperature=1.0,
        use_cpu=not CUDA,
        bf16=CUDA,
        gradient_checkpointing=False,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        shuffle_dataset=False,
    )
    trainer = GRPOTrainer(
        model=AutoModelForImageTextToText.from_pretrained(MODEL, dtype=torch.bfloat16 if CUDA else torch.float32),
        reward_funcs=lambda completions, **_: [float(len(c[0]["content"]) % 7) for c in completions],
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=processor,
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules=rf".*language_model.*\.(?:{'|'.join(TARGETS)})"),
    )
    laps: dict[str, float] = {}
    steps: list[dict[str, float]] = []

    def time_calls(owner: Any, name: str, label: Callable[[], str]) -> None:
        inner = getattr(owner, name)

        def outer(*args: Any, **options: Any) -> Any:
            key = label()
            result, seconds = timed(lambda: inner(*args, **options))
            laps[key] = laps.get(key, 0) + seconds
            return result

        setattr(owner, name, outer)

    time_calls(trainer, "_generate_single_turn", lambda: "generate")
    time_calls(
        trainer,
        "_get_per_token_logps_and_entropies",
        lambda: "update" if torch.is_grad_enabled() else "reference",
    )
    time_calls(trainer.accelerator, "backward", lambda: "update")

    class Clock(TrainerCallback):
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            laps.clear()
            self.start = synchronized()

        def on_step_end(self, *_: Any, **__: Any) -> None:
            step = round(synchronized() - self.start, 2)
            steps.append({**{key: round(seconds, 2) for key, seconds in laps.items()}, "step": step})
            put("trl steps", steps)

    trainer.add_callback(Clock())
    trainer.train()
    put("trl", {"steps": steps, "peak": peak()})


def ours() -> None:
    engine = Ours()
    for shape in SHAPES:
        attempt(shape.name, 45, lambda shape=shape: engine.step(shape))
    if CUDA:
        attempt("profiles", 60, engine.profiles)


if __name__ == "__main__":
    if CUDA:
        put("bf16_tflops", round(products_a_second(DEVICE, torch.bfloat16) / 1e12))
        put("copy_tb_s", round(copied_a_second(DEVICE) / 1e12, 2))
        free()
    attempt("ours", 60, ours)
    free()
    attempt("transformers", 25, by_transformers)
    free()
    attempt("TRL", 35, by_trl)
    put("seconds left", round(END - time.time()))
