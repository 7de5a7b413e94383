"""The steps of a run, computed again from its pictures, its traces and its checkpoints: with transformers, autograd, an
AdamW of its own, and the equations of docs/papers.md (paper B's 1 to 5; R1 to R5, R7 to R10, R25, R47, R49 to R52).
Nothing of the program is used.

    python step_equations.py RUN...      prints a line of JSON for each: the largest deviation of each quantity
"""

import json
import math
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml  # type: ignore[import-untyped]
from peft import PeftModel
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoModelForImageTextToText, AutoProcessor

torch.set_num_threads(1)

Json = dict[str, Any]
# By pair, view and completion.
Values = list[list[list[float]]]
FORMAT = re.compile(
    r"\s*<think>(?:(?!</?think>|</?answer>).)*</think>\s*<answer>(?!\s*</answer>)(?:(?!</?think>|</?answer>).)*</answer>\s*",
    re.DOTALL,
)
# What advantages are divided by, the divisor of the variance, and the epsilon, as their programs have them (R7).
CONVENTIONS: dict[str, tuple[str, int, float]] = {
    "trl": ("set", 1, 1e-4),
    "trl-batch": ("batch", 1, 1e-4),
    "verl": ("set", 1, 1e-6),
    "openrlhf": ("set", 1, 1e-9),
    "deepseek": ("set", 0, 0.0),
    "dr-grpo": ("none", 1, 0.0),
}


def lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text().splitlines()]


class Deviations(dict[str, float]):
    def compare(self, name: str, recorded: float | str | None, computed: float | str | None, scale: float = 1) -> None:
        """Keeps the largest difference, in units of `scale`; what is no number is the same or infinitely far."""
        if isinstance(recorded, int | float) and isinstance(computed, int | float):
            distance = abs(recorded - computed) / scale
        else:
            distance = 0.0 if recorded == computed else math.inf
        self[name] = max(self.get(name, 0.0), distance if distance == distance else math.inf)


def deviation(values: list[float], ddof: int) -> float:
    return float(np.std(values, ddof=ddof)) if len(values) > ddof else 0.0


# Rewards, coupling, advantages


def penalties(views: list[list[float]], coupling: Json) -> tuple[float | None, list[list[float]]]:
    """Equations 2 to 4: the view with the higher mean of semantic rewards loses η|Δ| above δ."""
    lost = [[0.0] * len(values) for values in views]
    if len(views) < 2:
        return None, lost
    delta = float(np.mean(views[0]) - np.mean(views[1]))
    held = 0 if (delta >= 0) == (coupling["side"] == "better") else 1
    step = coupling["eta"] * abs(delta) if abs(delta) > max(coupling["dead_band"], 1e-8) else 0.0
    floor = {"none": -math.inf, "zero": 0.0, "threshold": coupling["threshold"]}[coupling["clamp"]]
    lost[held] = [max(0.0, min(step, x - floor)) if x > coupling["threshold"] else 0.0 for x in views[held]]
    return delta, lost


def advantages(rewards: Values, convention: str, scope: str) -> Values:
    """Centred rewards of a set, divided as the convention says; 0 in a set without spread."""
    scale, ddof, epsilon = CONVENTIONS[convention]
    batch = deviation([x for pair in rewards for view in pair for x in view], ddof)

    def normalised(values: list[float]) -> list[float]:
        own = deviation(values, ddof)
        if own < 1e-8:
            return [0.0] * len(values)
        centred = [x - float(np.mean(values)) for x in values]
        return centred if scale == "none" else [x / ((own if scale == "set" else batch) + epsilon) for x in centred]

    def of_pair(pair: list[list[float]]) -> list[list[float]]:
        if scope == "group":
            return [normalised(view) for view in pair]
        together = iter(normalised([x for view in pair for x in view]))
        return [[next(together) for _ in view] for view in pair]

    return [of_pair(pair) for pair in rewards]


def is_cut(completion: Json) -> bool:
    return any(segment["stop_reason"] == "length" for segment in completion["segments"])


def rewards_of(pairs: list[Json], config: Json, found: Deviations) -> tuple[Values, list[bool]]:
    """Compares rewards and what follows from them; returns the advantages, and which pairs are trained on."""
    weights = {name: part["weight"] for name, part in config["rewards"].items() if part["weight"]}
    rewards: Values = []
    for pair in pairs:
        semantic = [[c["rewards"]["semantic"]["value"] for c in view["group"]] for view in pair["views"]]
        delta, lost = penalties(semantic, config["coupling"])
        found.compare("delta", pair["delta"], delta)
        of_pair = []
        for view, lost_of_view in zip(pair["views"], lost, strict=True):
            of_view = []
            for completion, penalty in zip(view["group"], lost_of_view, strict=True):
                parts = completion["rewards"]
                matches = FORMAT.fullmatch(completion["segments"][-1]["text"]) is not None
                found.compare("format", parts["format"]["value"], float(matches))
                # Equation 1.
                reward = sum(w * parts[name]["value"] for name, w in weights.items())
                reward -= weights.get("semantic", 0) * penalty
                if config["loss"]["truncated"] == "penalise" and is_cut(completion):
                    reward = min(reward, 0.0)
                found.compare("penalty", completion["penalty"], penalty)
                found.compare("reward", completion["reward"], reward)
                of_view.append(reward)
            of_pair.append(of_view)
        rewards.append(of_pair)
    scope, sampling = config["advantages"]["scope"], config["dynamic_sampling"]
    computed = advantages(rewards, config["advantages"]["convention"], scope)
    kept = []
    for pair, of_pair, theirs in zip(pairs, rewards, computed, strict=True):
        for view, mine in zip(pair["views"], theirs, strict=True):
            for completion, advantage in zip(view["group"], mine, strict=True):
                found.compare("advantage", completion["advantage"], advantage)
        judged = (
            of_pair
            if sampling["signal"] == "reward"
            else [[float(c["right"] or False) for c in view["group"]] for view in pair["views"]]
        )
        sets = judged if scope == "group" else [[x for view in judged for x in view]]
        kept.append(sampling["mode"] == "off" or any(deviation(values, 1) > sampling["min_std"] for values in sets))
        found.compare("kept", str(pair["kept"]), str(kept[-1]))
    return computed, kept


# The model


class Policy:
    """The model of a run, and its reference: the one with which it began."""

    def __init__(self, run: Path, config: Json) -> None:
        engine = config["engine"]
        self.run, self.temperature = run, config["sampling"]["temperature"]
        self.root = Path(config["data"]["root"])
        self.processor = AutoProcessor.from_pretrained(engine["model"])
        self.has_adapter = engine["adapter"]["kind"] == "lora"
        self.model = self._opened(engine["model"])
        self.reference = self._opened(engine["model"])

    def _opened(self, folder: str) -> Any:
        model = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager"
        ).eval()
        if self.has_adapter:
            model = PeftModel.from_pretrained(model, str(self.folder(0)), is_trainable=True).eval()
        return model

    def folder(self, step: int) -> Path:
        return self.run / "start" if step == 0 else self.run / f"checkpoints/step-{step:06d}"

    def parameters(self) -> dict[str, Tensor]:
        named = self.model.named_parameters()
        return {name: p for name, p in named if not self.has_adapter or "lora_" in name}

    def saved(self, step: int) -> dict[str, Tensor]:
        """The weights after a step."""
        if not self.has_adapter:
            tensors = load_file(self.folder(step) / "model.safetensors")
        else:
            stored = load_file(self.folder(step) / "adapter_model.safetensors")
            tensors = {re.sub(r"(lora_[AB])\.weight$", r"\1.default.weight", name): t for name, t in stored.items()}
        return {name: tensors[name].float() for name in self.parameters()}

    def moments(self, step: int) -> tuple[dict[str, Tensor], dict[str, Tensor], int]:
        """AdamW's moments after a step, and the number of its updates."""
        names = list(self.parameters())
        tensors = load_file(self.folder(step) / "optimizer.safetensors") if step > 0 else {}
        # No update was taken yet.
        if f"step.{names[0]}" not in tensors:
            zeros = {name: torch.zeros_like(p) for name, p in self.parameters().items()}
            return zeros, {name: t.clone() for name, t in zeros.items()}, 0
        first, second = ({n: tensors[f"{key}.{n}"].float() for n in names} for key in ("exp_avg", "exp_avg_sq"))
        return first, second, int(tensors[f"step.{names[0]}"])

    def set(self, weights: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, parameter in self.parameters().items():
                parameter.copy_(weights[name])

    def inputs(self, view: Json, text: str) -> dict[str, Tensor]:
        images = []
        for image in view["images"]:
            picture = Image.open(self.root / image["path"]).convert("RGB")
            turned = view["view"] == "mirror"
            images.append(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if turned else picture)
        content = [*({"type": "image"} for _ in images), {"type": "text", "text": text}]
        messages = [{"role": "user", "content": content}]
        prompt = self.processor.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        return dict(self.processor(text=[prompt], images=images, return_tensors="pt"))

    def logprobs(self, model: Any, inputs: dict[str, Tensor], tokens: Tensor) -> Tensor:
        """log p of the tokens at the sampling temperature, before top-p (R51)."""
        length = inputs["input_ids"].shape[1]
        whole = {**inputs, "input_ids": torch.cat([inputs["input_ids"], tokens[None]], 1)}
        whole["attention_mask"] = torch.ones_like(whole["input_ids"])
        if "mm_token_type_ids" in whole:
            kinds = whole["mm_token_type_ids"]
            whole["mm_token_type_ids"] = torch.cat([kinds, torch.zeros_like(tokens[None])], 1)
        logits = model(**whole).logits[0, length - 1 : -1] / self.temperature
        return torch.log_softmax(logits, -1).gather(1, tokens[:, None])[:, 0]


# The update


@dataclass
class Stage:
    inputs: dict[str, Tensor]
    tokens: Tensor
    old: Tensor
    # As the trace has them: of each update, and under the reference.
    updates: list[Tensor]
    reference: Tensor | None
    # log p under the reference, computed here.
    anchor: Tensor | None = None


@dataclass
class Trained:
    advantage: float
    stages: list[Stage] = field(default_factory=list)
    updates: list[Json] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        return sum(len(stage.tokens) for stage in self.stages)


def trained_of(pairs: list[Json], values: Values, policy: Policy, config: Json, arrays: bytes) -> Iterator[Trained]:
    """The completions of pairs that are kept, with the stages that are trained."""
    graph = config.get("graph")

    def array(ref: Json, dtype: str) -> Tensor:
        return torch.from_numpy(np.frombuffer(arrays, dtype, ref["n"], ref["at"]).copy())

    for pair, of_pair in zip(pairs, values, strict=True):
        for view, of_view in zip(pair["views"], of_pair, strict=True):
            for completion, advantage in zip(view["group"], of_view, strict=True):
                one = Trained(advantage, updates=completion["updates"])
                texts = [segment["text"] for segment in completion["segments"]]
                for number, segment in enumerate(completion["segments"]):
                    template = graph["prompt"] if graph and number == 0 else config["prompt"]
                    text = template.replace("{question}", view["question"]).replace("{graph}", texts[0])
                    inputs = policy.inputs(view, text)
                    prompt = (view if number == 0 else segment).get("prompt_tokens")
                    if prompt is not None and array(prompt, "<i4").tolist() != inputs["input_ids"][0].tolist():
                        raise ValueError(f"The tokens of a prompt are not those of {text!r}")
                    masked = config["loss"]["truncated"] == "mask" and is_cut(completion)
                    if masked or (graph and graph["trained"] not in ("both", segment["stage"])):
                        continue
                    tokens = array(segment["tokens"], "<i4").long()
                    if len(tokens) == 0:
                        continue
                    updates = [array(ref, "<f4") for ref in segment["update_logprobs"]]
                    old = array(segment["old_logprobs"], "<f4") if "old_logprobs" in segment else updates[0]
                    reference = array(segment["ref_logprobs"], "<f4") if "ref_logprobs" in segment else None
                    one.stages.append(Stage(inputs, tokens, old, updates, reference))
                yield one


def normaliser(one: Trained, config: Json, completions: int, tokens: int) -> float:
    """c of each token (R49)."""
    longest = config["sampling"]["max_tokens"] + (config["graph"]["max_tokens"] if config.get("graph") else 0)
    aggregation = config["loss"]["aggregation"]
    if aggregation == "token-mean":
        return 1 / tokens
    return 1 / (completions * (one.tokens if aggregation == "sequence-mean" else longest))


def update(
    policy: Policy, items: list[Trained], config: Json, completions: int, number: int, found: Deviations
) -> dict[str, float | None]:
    """Equation 5: the clipped objective with the k3 penalty, whose gradient autograd leaves in the parameters."""
    loss = config["loss"]
    beta, low, high = loss["beta"], 1 - loss["clip_low"], 1 + loss["clip_high"]
    tokens = sum(one.tokens for one in items)
    for parameter in policy.parameters().values():
        parameter.grad = None
    total = kl = 0.0
    shares_low, shares_high, clipped_low, clipped_high = [], [], 0, 0
    for one in items:
        c = normaliser(one, config, completions, tokens) if one.tokens else 0.0
        ours = {"loss": 0.0, "kl": 0.0, "low": 0, "high": 0}
        for stage in one.stages:
            lp = policy.logprobs(policy.model, stage.inputs, stage.tokens)
            found.compare("logprobs of updates", float((lp.detach() - stage.updates[number]).abs().max()), 0.0)
            # In the first update, the policy is the one that sampled.
            ratio = torch.exp(lp - (lp.detach() if number == 0 else stage.old))
            objective = torch.minimum(ratio * one.advantage, ratio.clamp(low, high) * one.advantage)
            if beta > 0 and stage.anchor is not None and stage.reference is not None:
                found.compare("ref_logprobs", float((stage.anchor - stage.reference).abs().max()), 0.0)
                gap = stage.anchor - lp
                k3 = torch.expm1(gap) - gap
                objective = objective - beta * k3
                ours["kl"] += float(k3.detach().sum())
            part = -c * objective.sum()
            part.backward()
            ours["loss"] += float(part.detach())
            ours["low"] += int(((ratio < low) & (one.advantage < 0)).sum())
            ours["high"] += int(((ratio > high) & (one.advantage > 0)).sum())
        sums = one.updates[number]
        found.compare("tokens", sums["tokens"], one.tokens)
        found.compare("clipped tokens", sums.get("clipped_low", 0), ours["low"])
        found.compare("clipped tokens", sums.get("clipped_high", 0), ours["high"])
        found.compare("loss of completions", sums["loss"], ours["loss"], max(1.0, abs(ours["loss"])))
        total, kl = total + ours["loss"], kl + ours["kl"]
        clipped_low, clipped_high = clipped_low + int(ours["low"]), clipped_high + int(ours["high"])
        if one.tokens:
            shares_low.append(ours["low"] / one.tokens)
            shares_high.append(ours["high"] / one.tokens)
    gradients = [p.grad for p in policy.parameters().values() if p.grad is not None]
    return {
        "loss": total,
        "kl": kl / tokens if beta > 0 else None,
        "clip_ratio/low_mean": clipped_low / tokens,
        "clip_ratio/high_mean": clipped_high / tokens,
        "clip_ratio/region_mean": (clipped_low + clipped_high) / tokens,
        "clip_ratio/low_min": min(shares_low),
        "clip_ratio/high_max": max(shares_high),
        "grad_norm": math.sqrt(sum(float((g.double() ** 2).sum()) for g in gradients)),
    }


def rate_of(step: int, config: Json) -> float:
    optimizer = config["optimizer"]
    peak, warmup, last = optimizer["learning_rate"], optimizer["warmup_steps"], optimizer["final_share"]
    if step <= warmup:
        return float(peak * step / warmup)
    if optimizer["schedule"] == "constant":
        return float(peak)
    progress = ((step if last > 0 else step - 1) - warmup) / max(1, config["steps"] - warmup)
    left = 1 - progress if optimizer["schedule"] == "linear" else (1 + math.cos(math.pi * progress)) / 2
    return float(peak * (last + (1 - last) * left))


@torch.no_grad()
def adamw(
    policy: Policy,
    moments: tuple[dict[str, Tensor], dict[str, Tensor]],
    count: int,
    rate: float,
    norm: float,
    optimizer: Json,
) -> None:
    """AdamW with decay of matrices only, of a gradient that is at most `grad_clip` long."""
    limit = optimizer["grad_clip"]
    scale = min(1.0, limit / (norm + 1e-6)) if limit > 0 else 1.0
    beta1, beta2 = optimizer["betas"]
    for name, parameter in policy.parameters().items():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad * scale
        first, second = moments[0][name], moments[1][name]
        first.mul_(beta1).add_(gradient, alpha=1 - beta1)
        second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        if parameter.ndim > 1:
            parameter.mul_(1 - rate * optimizer["weight_decay"])
        parameter.sub_(rate * (first / (1 - beta1**count)) / ((second / (1 - beta2**count)).sqrt() + optimizer["eps"]))


def check_weights(policy: Policy, step: int, rate: float, found: Deviations, moments: dict[str, Tensor]) -> None:
    """Compares weights and first moments after a step with what the program has saved."""
    saved = policy.saved(step)
    theirs, _, _ = policy.moments(step)
    off = torch.cat([((p.detach() - saved[n]).abs() / rate).flatten() for n, p in policy.parameters().items()])
    found.compare("weights / rate, 99.9 %", float(np.quantile(off.numpy(), 0.999)), 0.0)
    largest = max(float(moment.abs().max()) for moment in moments.values())
    worst = max(float((theirs[name] - moment).abs().max()) for name, moment in moments.items())
    found.compare("moments", worst, 0.0, max(largest, 1e-30))


def check_own_adamw(policy: Policy, step: int, rate: float, config: Json, found: Deviations) -> None:
    """The recorded weights by this AdamW on the recorded moments: in one update a step, whatever the gradient was."""
    optimizer = config["optimizer"]
    before, after = policy.saved(step - 1), policy.saved(step)
    first, second, count = policy.moments(step)
    beta1, beta2 = optimizer["betas"]
    for name, weights in before.items():
        decay = rate * optimizer["weight_decay"] if weights.ndim > 1 else 0.0
        slope = first[name].double() / (1 - beta1**count)
        size = (second[name].double() / (1 - beta2**count)).sqrt() + optimizer["eps"]
        wanted = weights.double() * (1 - decay) - rate * slope / size
        found.compare("weights by moments", float((wanted - after[name].double()).abs().max()), 0.0)


def check(run: Path) -> Deviations:
    config: Json = yaml.safe_load((run / "run.yaml").read_text())
    policy = Policy(run, config)
    found = Deviations()
    trained = 0
    for metrics in lines(run / "metrics.jsonl"):
        step = int(metrics["step"])
        trace = run / f"traces/step-{step:06d}.jsonl"
        pairs = lines(trace)
        values, kept = rewards_of(pairs, config, found)
        counted = [pair for pair, keeps in zip(pairs, kept, strict=True) if keeps]
        of_kept = [of_pair for of_pair, keeps in zip(values, kept, strict=True) if keeps]
        completions = sum(
            len(view["group"])
            for pair in (pairs if config["dynamic_sampling"]["mode"] == "skip" else counted)
            for view in pair["views"]
        )
        rate = rate_of(step, config)
        found.compare("learning_rate", metrics["learning_rate"], rate, rate)
        policy.set(policy.saved(step - 1))
        items = list(trained_of(counted, of_kept, policy, config, trace.with_suffix(".bin").read_bytes()))
        trained += sum(one.tokens for one in items)
        found.compare("num_tokens", metrics["num_tokens"], trained)
        found["groups dropped"] = found.get("groups dropped", 0.0) + sum(
            len(pair["views"]) for pair, keeps in zip(pairs, kept, strict=True) if not keeps
        )
        if not any(one.tokens for one in items):
            found.compare("loss", metrics["loss"], None)
            continue
        if config["loss"]["beta"] > 0:
            with torch.no_grad():
                for stage in (stage for one in items for stage in one.stages):
                    stage.anchor = policy.logprobs(policy.reference, stage.inputs, stage.tokens)
        first, second, count = policy.moments(step - 1)
        computed: dict[str, float | None] = {}
        for number in range(config["loss"]["iterations"]):
            computed = update(policy, items, config, completions, number, found)
            adamw(policy, (first, second), count + number + 1, rate, computed["grad_norm"] or 0.0, config["optimizer"])
        # A step's metrics are those of its last update.
        for name, value in computed.items():
            scale = max(value or 0.0, 1e-12) if name == "grad_norm" else max(1.0, abs(value or 0.0))
            found.compare(name, metrics[name], value, scale)
        found["largest gradient"] = max(found.get("largest gradient", 0.0), computed["grad_norm"] or 0.0)
        found["share clipped"] = max(found.get("share clipped", 0.0), metrics["clip_ratio/region_mean"])
        check_weights(policy, step, rate, found, first)
        if config["loss"]["iterations"] == 1:
            check_own_adamw(policy, step, rate, config, found)
    return found


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        print(json.dumps({"run": Path(folder).name, "deviations": check(Path(folder))}), flush=True)
