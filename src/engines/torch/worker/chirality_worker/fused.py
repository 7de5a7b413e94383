"""Decoder layers in few kernels, on a GPU.

The layers of Qwen2.5-VL, Qwen3-VL and Llama are alike: norm, attention, norm, gated product. A fused layer computes the
same as a layer of transformers. Projections of one input and their adapters are one product, and the operations between
two products are one kernel (kernels.py). Modules and parameters stay those of transformers and PEFT. Fused layers run
only for layouts that attend to joint heads. Other layouts and models use the original layers, with which the fused
layers are compared when a model is opened.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from peft.tuners.lora import Linear as LoraLinear
from torch import Tensor, nn

from .errors import first_line, is_out_of_memory
from .head import token_scores
from .kernels import have_kernels, ops
from .packing import Group

FEW = 1024
"""Maximum number of rows for which adapters are added to the wide result, as in sampling."""
ALIGNED = 8
"""Alignment of matrix rows in elements: fast products need multiples of 16 bytes."""
SLOPE = 0.2
"""Maximum relative difference of two correct gradients, in bfloat16 over many layers."""


class JointLayout(Protocol):
    """Layout that attends to queries, keys and values in one tensor."""

    joint: bool

    def attend_joint(self, layer: int, x: Tensor, cos: Tensor, sin: Tensor, heads: int, scale: float) -> Tensor:
        """Attends: x (N, H + 2 K, D) before rotation, cos and sin of its positions (N, D) → (N, H · D)."""


class Joint:
    """Linear layers of one input. If their weights are frozen, one matrix contains them, with copies of the adapters:

        [ W  s·B ]   W: joint weights, of which each module has its rows as a view
        [ A   0  ]   s·B: a matrix of blocks, one for each adapter, scaled

    Training uses the upper rows, [x, x Aᵀ] [W, s·B]ᵀ, which adds the adapters without another pass over a wide result.
    Sampling of few rows uses the left columns. Copies are renewed when the adapters change."""

    def __init__(self, modules: list[nn.Module]) -> None:
        self.modules = modules
        bases = [base_of(module) for module in modules]
        self.frozen = not any(p.requires_grad for base in bases for p in base.parameters())
        self.adapted: list[LoraLinear] = [module for module in modules if isinstance(module, LoraLinear)]
        if not self.frozen:
            return
        names = [name for module in self.adapted for name in module.active_adapters]
        self.factors = [
            factor[name].weight
            for module, name in zip(self.adapted, names, strict=True)
            for factor in (module.lora_A, module.lora_B)
        ]
        # All adapters have the same rank and alpha (loading.with_adapter).
        self.scaling = next((module.scaling[name] for module, name in zip(self.adapted, names, strict=True)), 1.0)
        self.ranks = [len(a) for a in self.factors[::2]]
        rank = -(-sum(self.ranks) // ALIGNED) * ALIGNED
        outs = [base.out_features for base in bases]
        self.size, self.into = sum(outs), bases[0].in_features
        self.all = bases[0].weight.new_zeros(self.size + rank, self.into + rank)
        for base, rows in zip(bases, self.w.split(outs), strict=True):
            rows.copy_(base.weight.data)
            base.weight.data = rows
        biases = [base.weight.new_zeros(base.out_features) if base.bias is None else base.bias.data for base in bases]
        self.bias = None if all(base.bias is None for base in bases) else torch.cat(biases)
        self.wide_bias = None if self.bias is None else F.pad(self.bias, (0, rank))
        starts = [sum(outs[:i]) for i in range(len(outs))]
        self._rows = [slice(starts[i], starts[i] + outs[i]) for i in map(modules.index, self.adapted)]
        ends = [sum(self.ranks[: i + 1]) for i in range(len(self.ranks))]
        self._columns = [slice(end - rank, end) for end, rank in zip(ends, self.ranks, strict=True)]
        self.renew()

    @property
    def w(self) -> Tensor:
        return self.all[: self.size, : self.into]

    @property
    def a(self) -> Tensor:
        return self.all[self.size :, : self.into]

    @property
    def b(self) -> Tensor:
        return self.all[: self.size, self.into :]

    def a_of(self, x: Tensor) -> list[Tensor]:
        """Returns the part of each adapter in a matrix like `a`."""
        return [x[columns] for columns in self._columns]

    def b_of(self, x: Tensor) -> list[Tensor]:
        """Returns the part of each adapter in a matrix like `b`."""
        return [x[rows, columns] for rows, columns in zip(self._rows, self._columns, strict=True)]

    @torch.no_grad()
    def renew(self) -> None:
        """Copies the current values of the adapters."""
        if not self.frozen:
            return
        for to, a in zip(self.a_of(self.a), self.factors[::2], strict=True):
            to.copy_(a)
        for to, b in zip(self.b_of(self.b), self.factors[1::2], strict=True):
            to.copy_(b * self.scaling)

    def __call__(self, x: Tensor) -> Tensor:
        """Applies all layers: x (N, in) → (N, all outputs)."""
        if not self.frozen:
            parts = [module(x) for module in self.modules]
            return parts[0] if len(parts) == 1 else torch.cat(parts, -1)
        if not self.adapted or self.adapted[0].disable_adapters:
            return F.linear(x, self.w, self.bias)
        if torch.is_grad_enabled():
            product: Tensor = JointProduct.apply(x, self, *self.factors)
            return product
        if len(x) > FEW:
            return self.product(self.both(x))
        left = self.all[:, : self.into]
        y = x @ left.T if self.wide_bias is None else torch.addmm(self.wide_bias, x, left.T)
        out = y[:, : self.size]
        return out.addmm_(y[:, self.size :], self.b.T)

    def both(self, x: Tensor) -> Tensor:
        """Returns [x, x Aᵀ]."""
        both = x.new_empty(len(x), self.all.shape[1])
        both[:, : self.into] = x
        torch.mm(x, self.a.T, out=both[:, self.into :])
        return both

    def product(self, both: Tensor) -> Tensor:
        upper = self.all[: self.size]
        return both @ upper.T if self.bias is None else torch.addmm(self.bias, both, upper.T)


class JointProduct(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, joint: Joint, *factors: Tensor) -> Tensor:
        both = joint.both(x)
        ctx.save_for_backward(both)
        ctx.joint = joint
        return joint.product(both)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (both,), joint = ctx.saved_tensors, ctx.joint
        x, inner = both[:, : joint.into], both[:, joint.into :]
        dx = None
        if ctx.needs_input_grad[0]:
            d = g @ joint.all[: joint.size]
            dx, d_inner = d[:, : joint.into], d[:, joint.into :]
            dx.addmm_(d_inner, joint.a)
        else:
            d_inner = g @ joint.b
        d_a = joint.a_of((d_inner.T @ x).float())
        d_b = joint.b_of((g.T @ inner).float() * joint.scaling)
        return dx, None, *(d for pair in zip(d_a, d_b, strict=True) for d in pair)


class Activate(torch.autograd.Function):
    """Gated activation, silu(gate) · up of (N, 2 I)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return ops.activate(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return ops.activate_backward(g if g.stride(-1) == 1 else g.contiguous(), x)


class Layer:
    """Decoder layer, with its original forward pass for layouts that do not attend to joint heads."""

    def __init__(self, layer: Any) -> None:
        attention, mlp = layer.self_attn, layer.mlp
        self.own: Callable[..., Tensor] = layer.forward
        self.attention = attention
        self.norms = layer.input_layernorm, layer.post_attention_layernorm
        self.head_norms = getattr(attention, "q_norm", None), getattr(attention, "k_norm", None)
        self.into_heads = Joint([attention.q_proj, attention.k_proj, attention.v_proj])
        self.out_of_heads = Joint([attention.o_proj])
        self.into_mlp = Joint([mlp.gate_proj, mlp.up_proj])
        self.out_of_mlp = Joint([mlp.down_proj])
        self.heads = base_of(attention.q_proj).out_features // attention.head_dim
        self.shared = base_of(attention.k_proj).out_features // attention.head_dim
        layer.forward = self.forward

    @property
    def joints(self) -> list[Joint]:
        return [self.into_heads, self.out_of_heads, self.into_mlp, self.out_of_mlp]

    def forward(self, hidden_states: Tensor, *args: Any, **options: Any) -> Tensor:
        layout: JointLayout | None = options.get("layout")
        if not getattr(layout, "joint", False):
            return self.own(hidden_states, *args, **options)
        cos, sin = (x.squeeze(0).contiguous() for x in options["position_embeddings"])
        return self.joint_forward(hidden_states.squeeze(0), layout, cos, sin)[None]

    def joint_forward(self, h: Tensor, layout: Any, cos: Tensor, sin: Tensor) -> Tensor:
        """Computes the layer: h (N, hidden), cos and sin (N, D) → (N, hidden)."""
        before, after = self.norms
        x = self.into_heads(normed(h, before)).unflatten(-1, (-1, self.attention.head_dim))
        q_norm, k_norm = self.head_norms
        if q_norm is not None:
            q, k, v = x.split([self.heads, self.shared, self.shared], 1)
            x = torch.cat([normed(q, q_norm), normed(k, k_norm), v], 1)
        seen = layout.attend_joint(self.attention.layer_idx, x, cos, sin, self.heads, self.attention.scaling)
        h = h + self.out_of_heads(seen)
        inner = self.into_mlp(normed(h, after))
        return h + self.out_of_mlp(Activate.apply(inner))


class Fused:
    """Fused layers of a language model."""

    def __init__(self, language: Any) -> None:
        self.layers = [Layer(layer) for layer in language.layers]
        self.on = True

    def renew(self) -> None:
        for layer in self.layers:
            for joint in layer.joints:
                joint.renew()

    @contextmanager
    def off(self) -> Iterator[None]:
        """Returns a context in which new layouts use the original layers."""
        before, self.on = self.on, False
        try:
            yield
        finally:
            self.on = before


def normed(x: Tensor, norm: Any) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], norm.weight, norm.variance_epsilon)


def base_of(module: Any) -> nn.Linear:
    base: nn.Linear = module.base_layer if isinstance(module, LoraLinear) else module
    return base


@torch.no_grad()
def fuse(vlm: Any, groups: list[Group], note: Callable[[str, str], None]) -> None:
    """Fuses a model's layers if kernels exist, the layers have the form, and both ways agree on these groups."""
    family = vlm.family
    weight = family.head.weight
    if not have_kernels(weight.device, weight.dtype) or family.bidirectional_prompt or family.softcap is not None:
        return
    if not can_fuse(family.language):
        return
    vlm.fused = Fused(family.language)
    # The freed memory of the separate weights has gaps that no joint matrix fits into.
    torch.cuda.empty_cache()
    try:
        found, slope = scores_and_slope(vlm, groups)
    except Exception as error:
        if is_out_of_memory(error):
            raise
        why = f"do not work here: {first_line(error)}"
    else:
        with vlm.fused.off():
            expected, other = scores_and_slope(vlm, groups)
        gap, turn = float((found - expected).abs().mean()), float((slope - other).norm() / other.norm())
        # NaN counts as a mismatch.
        if gap <= vlm.rounding and turn <= SLOPE:
            return
        why = f"are off by {gap:.4f} on average, and their gradients by {turn:.0%}"
    vlm.fused = None
    note("plain-layers", f"Fused layers {why}. Layers now use more kernels, which is slower.")


def scores_and_slope(vlm: Any, groups: list[Group]) -> tuple[Tensor, Tensor]:
    """Returns log-probabilities of the completions, and the gradient of their sum by all inputs of the first layer."""
    with torch.enable_grad():
        row = vlm.pack(groups)
        inputs = row.embeddings.detach().requires_grad_()
        hidden = vlm.states_of(replace(row, embeddings=inputs))
        head = vlm.family.head.weight.detach()
        scores, _ = token_scores(hidden.index_select(0, row.places), head, row.targets, 1.0, None)
        (slope,) = torch.autograd.grad(scores.sum(), inputs)
    return scores.detach(), slope.float()


def can_fuse(language: Any) -> bool:
    """Whether all layers have the form that fused layers support."""
    return all(has_form(layer) for layer in language.layers)


def has_form(layer: Any) -> bool:
    parts = dict(layer.named_children())
    if set(parts) != {"self_attn", "mlp", "input_layernorm", "post_attention_layernorm"}:
        return False
    attention, mlp = dict(parts["self_attn"].named_children()), dict(parts["mlp"].named_children())
    projections = [attention.get(f"{name}_proj") for name in "qkvo"]
    projections += [mlp.get(f"{name}_proj") for name in ("gate", "up", "down")]
    norms = [parts["input_layernorm"], parts["post_attention_layernorm"]]
    norms += [attention[name] for name in ("q_norm", "k_norm") if name in attention]
    dim = parts["self_attn"].head_dim
    return (
        set(attention) <= {"q_proj", "k_proj", "v_proj", "o_proj", "q_norm", "k_norm"}
        and set(mlp) == {"gate_proj", "up_proj", "down_proj", "act_fn"}
        and type(mlp["act_fn"]).__name__.startswith("SiLU")
        and getattr(parts["self_attn"], "sliding_window", None) is None
        and 16 <= dim <= 128
        and dim & (dim - 1) == 0
        and all(hasattr(norm, "variance_epsilon") for norm in norms)
        and all(is_plain(projection) for projection in projections)
    )


def is_plain(module: Any) -> bool:
    """Whether a projection has no adapter, or one without dropout, variants and biases."""
    if not isinstance(module, LoraLinear):
        return type(module) is nn.Linear
    (name,) = module.active_adapters
    return (
        type(module.base_layer) is nn.Linear
        and isinstance(module.lora_dropout[name], nn.Identity)
        and name not in module.lora_variant
        and module.lora_A[name].bias is None
        and module.lora_B[name].bias is None
    )
