"""Opened model: weights, adapter, images, and the two ways to score completions."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from peft.tuners.lora import Linear as LoraLinear
from torch import Tensor, nn

from .attention import Layout, our_attention
from .chat import Message
from .errors import WorkerError
from .families.base import Family, Features, Prefix
from .fused import Fused
from .head import token_scores
from .images import ImageFiles, Picture
from .memory import FIRST
from .packing import Group, PackedRow, pack
from .passes import filled
from .products import laid_out
from .transfer import sent

FEATURE_BYTES = 1 << 29
"""Size of the cache of image features in bytes, so that a frozen vision tower encodes each image once per step."""


class Vlm:
    def __init__(self, model: Any, family: Family, trainable: dict[str, nn.Parameter]) -> None:
        self.model = model
        """Whole model, with its adapter if it has one."""
        self.family = family
        self.trainable = trainable
        """Trainable parameters by name."""
        self.device: torch.device = family.head.weight.device
        self.merges = self.device.type == "cpu" and family.head.weight.dtype == torch.float32
        """Whether passes without gradients can add the adapter to copies of the weights. False on a GPU, where captured
        steps read the weights from fixed memory, and in lower precision, where the rounded sum would be a different
        policy."""
        self.rounding = 0.0
        """Maximum mean difference between two ways to compute log-probabilities; measured after opening."""
        self.fused: Fused | None = None
        """Fused layers; None if the model uses its own layers."""
        self.pass_tokens = FIRST
        """Maximum number of tokens in a pass over prompts alone."""
        self.files = ImageFiles()
        self.vision_learns = any(p.requires_grad for p in family.vision.parameters())
        self._features: OrderedDict[Picture, Features] = OrderedDict()
        self._feature_bytes = 0

    def encode(self, prompt: list[Message]) -> Prefix:
        """Encodes a prompt. Raises WorkerError if one of its images was not loaded."""
        pictures = [
            Picture(part["image"], part["view"])
            for message in prompt
            for part in message["content"]
            if not isinstance(part, str)
        ]
        sizes = [self.family.seen_size(*self.files.canvas(*self.files.size_of(picture))) for picture in pictures]
        return self.family.encode(prompt, pictures, sizes)

    def features(self, pictures: list[Picture]) -> dict[Picture, Features]:
        """Returns the features of images; runs the vision tower only for images that are not cached."""
        wanted = list(dict.fromkeys(pictures))
        known = {} if self.vision_learns else {p: self._features[p] for p in wanted if p in self._features}
        fresh = [picture for picture in wanted if picture not in known]
        if fresh:
            with torch.set_grad_enabled(self.vision_learns and torch.is_grad_enabled()):
                seen = self.family.features([self.files.decoded(picture) for picture in fresh])
            known |= zip(fresh, seen, strict=True)
        if not self.vision_learns:
            self._remember(known)
        return known

    def _remember(self, features: dict[Picture, Features]) -> None:
        for picture, seen in features.items():
            if picture not in self._features:
                self._feature_bytes += bytes_of(seen)
            self._features[picture] = seen
            self._features.move_to_end(picture)
        while self._feature_bytes > FEATURE_BYTES and len(self._features) > len(features):
            self._feature_bytes -= bytes_of(self._features.popitem(last=False)[1])

    def pack(self, groups: list[Group]) -> PackedRow:
        features = self.features([picture for group in groups for picture in group.prefix.pictures])
        return pack(
            groups,
            self.family.language.get_input_embeddings(),
            [[features[picture] for picture in group.prefix.pictures] for group in groups],
            self.family.bidirectional_prompt,
            self.device,
            joint=self.fused is not None and self.fused.on,
        )

    def hidden(self, embeddings: Tensor, positions: Tensor, layout: Layout, extra: dict[str, Any]) -> Tensor:
        """Returns the last hidden states of a row: embeddings (1, N, hidden), positions (axes, 1, N) → (N, hidden)."""
        with our_attention(self.family.language):
            out = self.family.language(
                inputs_embeds=embeddings,
                # Models with one position axis expect no dimension for it.
                position_ids=positions if len(positions) > 1 else positions[0],
                use_cache=False,
                layout=layout,
                **extra,
            )
        states: Tensor = out.last_hidden_state[0]
        return states

    def states_of(self, row: PackedRow) -> Tensor:
        """Returns the last hidden states of a packed row, (N, hidden)."""
        extra = self.family.language_inputs(row.image_places, row.deep)
        return self.hidden(row.embeddings, row.positions, row.layout, extra)

    def packed_scores(self, groups: list[Group], temperature: float) -> tuple[Tensor, Tensor]:
        """Returns log-probabilities and entropies of all completion tokens, concatenated."""
        row = self.pack(groups)
        hidden = self.states_of(row)
        return token_scores(
            hidden.index_select(0, row.places),
            self.family.head.weight,
            row.targets,
            temperature,
            self.family.softcap,
        )

    def shows_images(self, tokens: Tensor) -> bool:
        """Whether a completion has image placeholders, as only completions of external runs can."""
        return bool(torch.isin(tokens, tokens.new_tensor(self.family.placeholders)).any())

    def plain_scores(self, groups: list[Group], temperature: float) -> tuple[Tensor, Tensor]:
        """Returns the same from the model's own forward pass, one completion at a time, as a baseline."""
        logprobs: list[Tensor] = []
        entropies: list[Tensor] = []
        for group in groups:
            images = [self.files.decoded(picture) for picture in group.prefix.pictures]
            for tokens in group.completions:
                if self.shows_images(tokens):
                    raise WorkerError(
                        "bad-tokens",
                        "A completion contains an image placeholder, which this model cannot read.",
                    )
                inputs = self.family.plain_inputs(group.prefix, images, tokens)
                inputs = {name: x.to(self.device) for name, x in inputs.items()}
                out = self.model(**inputs, use_cache=False, logits_to_keep=len(tokens) + 1).logits[0, :-1]
                log_softmax = (out.float() / temperature).log_softmax(-1)
                logprobs.append(log_softmax.gather(-1, tokens[:, None].to(self.device))[:, 0])
                entropies.append(-(log_softmax.exp() * log_softmax).sum(-1).detach())
        return torch.cat(logprobs), torch.cat(entropies)

    def adapter_changed(self) -> None:
        """Updates copies of the adapter; call this after every change of the trainable weights."""
        if self.fused is not None:
            self.fused.renew()

    @contextmanager
    def merged(self, rows: int | None = None) -> Iterator[None]:
        """Returns a context without gradients in which the adapter of a model that `merges` is added to the weights.
        This saves two small products per projection and token. `rows`: number of rows of most products, if known."""
        if self.merges:
            with self.adapter_added(rows):
                yield
        else:
            yield

    @contextmanager
    def adapter_added(self, rows: int | None = None) -> Iterator[None]:
        """Returns a context in which the adapter is added to copies of the weights, in float32 and then rounded to the
        precision of the weights."""
        layers = [module for module in self.family.language.modules() if isinstance(module, LoraLinear)]
        if not layers:
            yield
            return
        kept = [layer.base_layer.weight.data for layer in layers]
        forwards = [vars(layer).get("forward") for layer in layers]
        try:
            for layer, weight in zip(layers, kept, strict=True):
                (name,) = layer.active_adapters
                delta = layer.get_delta_weight(name).float()
                added = (weight.float() + delta).to(weight.dtype)
                forward = None if rows is None else laid_out(added, layer.base_layer.bias, rows)
                if forward is not None:
                    layer.forward = forward
                    continue
                # Column-major order makes products with few rows, as in sampling, faster on a CPU.
                layer.base_layer.weight.data = added.t().contiguous().t() if self.merges else added
                layer.forward = layer.base_layer.forward
            yield
        finally:
            for layer, weight, forward in zip(layers, kept, forwards, strict=True):
                layer.base_layer.weight.data = weight
                del layer.forward
                if forward is not None:
                    layer.forward = forward

    def prefill(self, prefixes: list[Prefix]) -> tuple[Tensor, list[list[tuple[Tensor, Tensor]]]]:
        """Returns last hidden states (prompts, hidden), and keys and values, `[layer][prompt]`."""
        parts = [
            self._prefill([prefixes[i] for i in some])
            for some in filled([len(prefix) for prefix in prefixes], self.pass_tokens)
        ]
        by_layer = zip(*(captured for _, captured in parts), strict=True)
        return torch.cat([last for last, _ in parts]), [list(chain(*layer)) for layer in by_layer]

    def _prefill(self, prefixes: list[Prefix]) -> tuple[Tensor, list[list[tuple[Tensor, Tensor]]]]:
        """Returns the same as `prefill`, from one pass."""
        row = self.pack([Group(prefix, []) for prefix in prefixes])
        captured: list[list[tuple[Tensor, Tensor]]] = []
        row.layout.captured = captured
        hidden = self.states_of(row)
        ends = sent(torch.tensor([span.end - 1 for span in row.layout.spans]), self.device)
        return hidden.index_select(0, ends), captured


def bytes_of(features: Features) -> int:
    return sum(x.numel() * x.element_size() for x in (features.tokens, *features.deep))
