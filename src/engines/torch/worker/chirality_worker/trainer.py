"""Policy, reference model and optimiser."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import torch
from peft import PeftModel
from torch import Tensor, nn

from . import checkpoint
from .attention import our_attention
from .checkpoint import Tensors, detached
from .errors import WorkerError, first_line, is_out_of_memory
from .ferry import Ferry
from .memory import Budget, free_memory
from .packing import Group
from .passes import Piece, cut, passes, pieces_of
from .shards import Shards
from .team import team
from .transfer import sent
from .vlm import Vlm

Check = Callable[[], None]
"""Raises if the call was cancelled."""
Rows = list[list[list[float]]]
"""[group][completion][token]"""


@dataclass(frozen=True)
class AdamW:
    learning_rate: float
    betas: tuple[float, float]
    eps: float
    weight_decay: float
    grad_clip: float | None


class Trainer:
    def __init__(
        self,
        vlm: Vlm,
        micro_tokens: int | None,
        base_weights: Callable[[], Tensors],
        note: Callable[[str, str], None],
        *,
        offloaded: bool = False,
    ) -> None:
        """`offloaded`: gradient sums and optimiser are in host memory, also for a model on a GPU."""
        self.vlm = vlm
        self._fused = offloaded
        self._home = torch.device("cpu") if offloaded else vlm.device
        self._ferry = Ferry(self._home, vlm.trainable.values())
        self._micro_tokens = micro_tokens
        self.budgets = {False: Budget(micro_tokens, vlm.device, self._free), True: self._update_budget()}
        self.may_checkpoint = False
        """Whether gradient checkpointing can be enabled if not even the smallest pass fits without it."""
        self.note = note
        self.reference: Tensors | Literal["base"] | None = None
        """`base`: the policy with its adapter disabled."""
        self.packed: bool | None = None
        """Whether the packed pass matches the plain pass; None before the first comparison."""
        self._base_weights = base_weights
        self._shards = Shards(team, vlm.trainable, self._home)
        self.masters = masters_of({name: vlm.trainable[name] for name in self._shards.mine}, self._home)
        """Float32 parameters whose optimiser state this process has."""
        self._optimizer = new_optimizer(self.masters, fused=self._fused)
        self._sums: Tensors = {}
        """Accumulated gradients by parameter name of `vlm.trainable`."""
        vlm.adapter_changed()

    def scores(self, groups: list[Group], model: str, temperature: float, check: Check) -> tuple[Rows, Rows]:
        """Returns log-probabilities and entropies."""
        with self.weights_of(model), torch.no_grad():
            return self._each_pass(groups, temperature, check, lambda row, logprobs: None)

    def require_packed(self, group: Group) -> None:
        """Raises WorkerError if scoring does not use the packed pass, because only that pass can be inspected."""
        if self.packed is None:
            self.packed = self._agrees([group], 1.0)
        if self.packed is False:
            raise WorkerError(
                "cannot-look",
                "This model cannot be inspected, because its log-probabilities differ from the packed pass.",
            )

    def backward(
        self,
        groups: list[Group],
        weights: list[list[Tensor]],
        temperature: float,
        check: Check,
        pulls: list[list[Tensor]] | None = None,
    ) -> tuple[Rows, float]:
        """Adds the gradient of −Σ w·lp to the accumulated gradients. Returns the log-probabilities and the loss.
        `pulls`: for each completion, log-probabilities of a reference and a factor, [2, tokens]; they add factor ·
        (exp(reference − lp) − 1) to w."""
        parameters = list(self.vlm.trainable.values())
        losses: list[Tensor] = []

        def accumulate(row: list[Piece], logprobs: Tensor) -> None:
            w = of_row(weights, row, logprobs.device)
            if pulls is not None:
                reference, factor = of_row(pulls, row, logprobs.device)
                # The exponential can be infinite where the factor is 0.
                w = torch.where(factor > 0, w + factor * (reference - logprobs.detach()).expm1(), w)
            loss = -(logprobs * w).sum()
            # `backward()` would leave incomplete gradients if memory ran out during the pass.
            gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
            for name, gradient in zip(self.vlm.trainable, gradients, strict=True):
                if gradient is not None:
                    self._sums[name] = self._ferry.added(self._sums.get(name), gradient)
            losses.append(loss.detach())

        # Dropout in the adapter and gradient checkpointing only work in training mode.
        self.vlm.family.language.train()
        try:
            logprobs, _ = self._each_pass(groups, temperature, check, accumulate)
        except BaseException:
            self.clear_gradients()
            raise
        finally:
            self.vlm.family.language.eval()
        return logprobs, sum(float(loss) for loss in losses)

    def _each_pass(
        self,
        groups: list[Group],
        temperature: float,
        check: Check,
        use: Callable[[list[Piece], Tensor], None],
    ) -> tuple[Rows, Rows]:
        """Scores all groups, as many at a time as fit, and passes the log-probabilities of each packed row to `use`."""
        if self.packed is None:
            self.packed = self._agrees(groups, temperature)
        logprobs: Rows = [[[]] * len(group.completions) for group in groups]
        entropies: Rows = [[[]] * len(group.completions) for group in groups]
        budget = self.budgets[torch.is_grad_enabled()]
        planned = budget.tokens
        rows = passes(groups, pieces_of(groups), planned)
        while rows:
            check()
            row = rows.pop(0)
            part = cut(groups, row)
            try:
                found = self._pass(part, temperature, budget, partial(use, row))
            except Exception as error:
                smallest = sum(len(piece.completions) for piece in row) == 1
                can_checkpoint = self.may_checkpoint and torch.is_grad_enabled()
                if not is_out_of_memory(error) or (smallest and not can_checkpoint):
                    raise
                out_of_memory = first_line(error)
            else:
                for values, out in zip(found, (logprobs, entropies), strict=True):
                    scatter(part, row, values, out)
                if budget.tokens > planned:
                    planned = budget.tokens
                    rows = passes(groups, [piece for row in rows for piece in row], planned)
                continue
            # Inside the handler, the exception would still reference the memory of the failed pass.
            if smallest:
                self._checkpoint()
                budget = self.budgets[True]
            else:
                self._halve(budget, sum(group.size for group in part), out_of_memory)
            planned = budget.tokens
            rows = passes(groups, [piece for some in (row, *rows) for piece in some], planned)
        return logprobs, entropies

    def _pass(
        self, part: list[Group], temperature: float, budget: Budget, use: Callable[[Tensor], None]
    ) -> list[list[float]]:
        """Returns log-probabilities and entropies of one packed row. A separate method, so that no tensor of a failed
        pass stays in memory."""
        # Includes the backward pass in `use`, in which gradient checkpointing calls the layers again.
        with (
            budget.measured(sum(group.size for group in part)),
            nullcontext() if self.packed is False else our_attention(self.vlm.family.language),
        ):
            score = self.vlm.plain_scores if self.packed is False else self.vlm.packed_scores
            logprobs, entropies = score(part, temperature)
            use(logprobs)
        found: list[list[float]] = torch.stack([logprobs.detach(), entropies]).tolist()
        return found

    def _update_budget(self) -> Budget:
        def settled(told: str) -> None:
            self.note("memory", f"Passes with gradients have {told}.")

        return Budget(self._micro_tokens, self.vlm.device, self._free, settled)

    def _free(self, device: torch.device) -> int | None:
        """Returns the number of free bytes minus the future size of AdamW's moments, which the first step allocates."""
        free = free_memory(device)
        new = [master for master in self.masters.values() if master not in self._optimizer.state]
        to_come = sum(8 * master.numel() for master in new if master.device.type == device.type)
        return None if free is None else max(0, free - to_come)

    def _checkpoint(self) -> None:
        """Enables gradient checkpointing for the rest of the session."""
        self.may_checkpoint = False
        self.vlm.family.language.gradient_checkpointing_enable({"use_reentrant": False})
        self.budgets[True] = self._update_budget()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.note(
            "memory",
            "The activations of a single completion do not fit into memory, so gradient checkpointing is now "
            "turned on. Passes take about a third more time.",
        )

    @property
    def choices(self) -> dict[str, object]:
        """Settings chosen from measurements of memory and comparisons of passes, for a run that resumes elsewhere."""
        return {
            "tokens": [self.budgets[backwards].choice for backwards in (False, True)],
            "checkpointing": bool(self.vlm.family.language.is_activation_checkpointing),
            "packed": self.packed,
        }

    def resume_choices(self, choices: dict[str, Any]) -> None:
        self.packed = choices.get("packed", self.packed)
        if choices["checkpointing"] and self.may_checkpoint:
            self._checkpoint()
        for budget, tokens in zip(self.budgets.values(), choices["tokens"], strict=True):
            if tokens is not None:
                budget.resume(tokens)

    def _halve(self, budget: Budget, tokens: int, reason: str) -> None:
        budget.halve(tokens)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.note(
            "out-of-memory",
            f"A pass over {tokens} tokens did not fit into memory; from now on at most {budget.tokens} at a "
            f"time. {reason}",
        )

    def _agrees(self, groups: list[Group], temperature: float) -> bool | None:
        """Compares the packed with the plain pass on the first 16 tokens of two completions. Returns None if no group
        has a completion that the plain pass supports."""
        beginnings = ((group, [tokens[:16] for tokens in group.completions]) for group in groups)
        readable = (Group(g.prefix, [x for x in some if not self.vlm.shows_images(x)][:2]) for g, some in beginnings)
        some = next((group for group in readable if group.completions), None)
        if some is None:
            return None
        with torch.no_grad():
            packed, _ = self.vlm.packed_scores([some], temperature)
            plain, _ = self.vlm.plain_scores([some], temperature)
        gap = float((packed - plain).abs().mean())
        if gap <= self.vlm.rounding:
            return True
        self.note(
            "plain-path",
            f"Log-probabilities of the packed pass differ by {gap:.4f} on average for this model. Every completion "
            "is now computed with its own prompt, which is several times slower.",
        )
        return False

    def gradients(self) -> list[Tensor]:
        """Returns the accumulated gradients of all trainable parameters, with zeros for parameters without one."""
        for name, parameter in self.vlm.trainable.items():
            if name not in self._sums:
                self._sums[name] = torch.zeros_like(parameter, dtype=torch.float32, device=self._home)
        return [self._sums[name] for name in self.vlm.trainable]

    def step(self, options: AdamW) -> float | None:
        """Performs one AdamW step and clears the gradients. Returns the gradient norm before clipping; None if the norm
        is not finite, in which case the weights do not change."""
        total = torch.nn.utils.get_total_norm(self.gradients())
        norm = total.item()
        if isfinite(norm):
            for name, master in self.masters.items():
                master.grad = self._sums[name]
            if options.grad_clip is not None:
                torch.nn.utils.clip_grads_with_norm_(self.masters.values(), options.grad_clip, total)
            for group in self._optimizer.param_groups:
                group |= {"lr": options.learning_rate, "betas": options.betas, "eps": options.eps}
                group["weight_decay"] = options.weight_decay if group["decays"] else 0.0
            self._optimizer.step()
            self._round()
        self.clear_gradients()
        return norm if isfinite(norm) else None

    @torch.no_grad()
    def _round(self) -> None:
        """Copies the master weights to the model in every process, rounded to the model's precision."""
        for name, master in self.masters.items():
            if self.vlm.trainable[name] is not master:
                self._ferry.bring(master, self.vlm.trainable[name])
        self._shards.share()
        self.vlm.adapter_changed()

    def clear_gradients(self) -> None:
        self._sums.clear()
        self._optimizer.zero_grad()

    def set_reference(self, reference: str, folder: str | None) -> None:
        """Sets the reference model. `current`: a copy of the current policy (R52). `base`: the model before any
        training. `folder`: the policy of a checkpoint."""
        if reference == "current":
            self.reference = {name: x.clone() for name, x in detached(self.vlm.trainable).items()}
        elif reference == "folder" and folder is not None:
            self.reference = self._on_device(checkpoint.read_policy(Path(folder), self.vlm))
        elif isinstance(self.vlm.model, PeftModel):
            self.reference = "base"
        else:
            self.reference = self._on_device(self._base_weights())

    @contextmanager
    def weights_of(self, model: str) -> Iterator[None]:
        """Returns a context in which the model has the weights of the policy or of the reference."""
        if model == "policy":
            yield
            return
        if self.reference is None:
            raise WorkerError("no-reference", "The reference model is not set. Call setReference first.")
        if self.reference == "base":
            with self.vlm.model.disable_adapter():
                yield
            return
        with exchanged(self.vlm, self.reference), self.vlm.merged():
            yield

    def save(self, folder: Path, state: dict[str, object]) -> None:
        """Writes the state from which a run resumes. Every process must call this method; only the first one writes."""
        first = team.rank == 0
        exact = all(parameter.dtype == torch.float32 for parameter in self.vlm.trainable.values())
        whole = detached(self.vlm.trainable) if exact else self._shards.whole(detached(self.masters))
        team.gather(lambda: checkpoint.write_policy(folder, self.vlm, whole) if first else None)
        whole = self._moments()
        tensors = self.reference if isinstance(self.reference, dict) else None
        kind = "tensors" if tensors else self.reference
        state = {**state, "reference": kind}
        team.gather(lambda: checkpoint.write_state(folder, state, whole, tensors) if first else None)

    def load(self, folder: Path, everything: bool) -> dict[str, object]:
        """Loads a checkpoint. Returns the state passed to `save`; empty if only weights are loaded."""
        policy = checkpoint.read_policy(folder, self.vlm)
        state, moments, reference = checkpoint.read_state(folder, self._shards.mine) if everything else ({}, {}, None)
        with torch.no_grad():
            # Every process reads all weights, so that no process waits for another one that fails to read.
            for tensors in (self.vlm.trainable, self.masters):
                for name, tensor in tensors.items():
                    tensor.copy_(policy[name])
        self.vlm.adapter_changed()
        self._optimizer = new_optimizer(self.masters, fused=self._fused)
        self.clear_gradients()
        if everything:
            self._set_moments(moments)
            kind = state.pop("reference")
            if kind is not None:
                self.reference = self._on_device(reference) if reference is not None else kind
        return state

    def _moments(self) -> Tensors:
        """Returns moments and step counts of all weights; outside the first process, of some only."""
        state = {name: self._optimizer.state.get(master, {}) for name, master in self.masters.items()}
        # A process of a large team can have no weights, and so no step count.
        steps = team.gather(lambda: next((moments["step"] for moments in state.values() if moments), None))
        step = next((step for step in steps if step is not None), None)
        if step is None:
            return {}
        found = {f"step.{name}": step.clone() for name in self.vlm.trainable}
        for key in ("exp_avg", "exp_avg_sq"):
            whole = self._shards.whole({name: moments[key] for name, moments in state.items()})
            found |= {f"{key}.{name}": x for name, x in whole.items()}
        return found

    def _set_moments(self, moments: Tensors) -> None:
        for name, master in self.masters.items():
            keys = {key: f"{key}.{name}" for key in ("step", "exp_avg", "exp_avg_sq")}
            if keys["step"] in moments:
                self._optimizer.state[master] = {
                    # AdamW expects the step count on the CPU.
                    key: moments[full] if key == "step" else moments[full].to(self._home)
                    for key, full in keys.items()
                }

    def _on_device(self, tensors: Tensors) -> Tensors:
        """Returns the tensors on the device and in the precision of the model."""
        return {name: x.to(self.vlm.device, self.vlm.trainable[name].dtype) for name, x in tensors.items()}


@contextmanager
def exchanged(vlm: Vlm, tensors: Tensors) -> Iterator[None]:
    kept = {name: parameter.data for name, parameter in vlm.trainable.items()}
    try:
        for name, parameter in vlm.trainable.items():
            parameter.data = tensors[name]
        vlm.adapter_changed()
        yield
    finally:
        for name, parameter in vlm.trainable.items():
            parameter.data = kept[name]
        vlm.adapter_changed()


def masters_of(trainable: dict[str, nn.Parameter], home: torch.device) -> dict[str, nn.Parameter]:
    """Returns the parameters that the optimiser updates, on the device `home`. Updates of bfloat16 weights would mostly
    be rounded away, so the optimiser updates a float32 copy; float32 weights on `home` are used without a copy."""
    exact = {name: p.dtype == torch.float32 and p.device.type == home.type for name, p in trainable.items()}
    return {name: p if exact[name] else nn.Parameter(p.detach().to(home).float()) for name, p in trainable.items()}


def new_optimizer(masters: dict[str, nn.Parameter], *, fused: bool = False) -> torch.optim.AdamW:
    """Returns an AdamW that applies weight decay to matrices only. It updates tensors one by one, because a joint
    update, the default on a GPU, would need memory for another copy of all. `fused`: one pass over the values of a
    tensor, several times faster on a CPU, with different rounding."""
    matrices = [p for p in masters.values() if p.ndim > 1]
    vectors = [p for p in masters.values() if p.ndim <= 1]
    groups = [{"params": matrices, "decays": True}, {"params": vectors, "decays": False}]
    return torch.optim.AdamW(groups, foreach=False, fused=fused)


def of_row(values: list[list[Tensor]], row: list[Piece], device: torch.device) -> Tensor:
    """Returns token values of all completions (last dimension) in the order of a packed row."""
    return sent(torch.cat([values[piece.group][c] for piece in row for c in piece.completions], -1), device)


def scatter(part: list[Group], row: list[Piece], values: list[float], out: Rows) -> None:
    """Writes the values of a packed row to the entries of its completions in `out`."""
    at = 0
    for group, piece in zip(part, row, strict=True):
        for c, tokens in zip(piece.completions, group.completions, strict=True):
            out[piece.group][c] = values[at : at + len(tokens)]
            at += len(tokens)
