"""Tests Chirality's kernels and captures of steps with a tiny model in a separate process, before the worker uses them
with a real model.

    python -m chirality_worker.trial DEVICE

A driver error in a kernel or during capture would break CUDA for the worker, or end it. In a trial, it ends the trial
only.
"""

import subprocess
import sys
from functools import cache
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn
from transformers import Qwen2Config, Qwen2Model

from .captured import Captures
from .families.base import Prefix, line_of_positions
from .fused import Fused, scores_and_slope
from .kernels import have_kernels
from .packing import Group
from .signals import end_with_parent
from .vlm import Vlm

LIMIT_S = 120
"""Maximum duration of a trial in seconds. Most of it is imports, while the worker loads its own model."""


class Trial:
    """Trial in progress."""

    def __init__(self, argv: list[str], limit: float = LIMIT_S) -> None:
        self._limit = limit
        self._process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    @cache  # noqa: B019
    def failure(self) -> str | None:
        """Waits for the end of the trial. Returns the reason of its failure; None on success."""
        try:
            said, _ = self._process.communicate(timeout=self._limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return f"a trial in another process took longer than {self._limit:g} s"
        code = self._process.returncode
        return None if code == 0 else said.strip() or f"a trial in another process ended with code {code}"


def on_device(device: torch.device) -> Trial:
    return Trial([sys.executable, "-m", "chirality_worker.trial", str(device)])


def tiny(device: torch.device) -> Vlm:
    """Returns a language model with random weights in bfloat16, without vision."""
    config = Qwen2Config(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    torch.manual_seed(0)
    language = Qwen2Model(config).to(device, torch.bfloat16).eval().requires_grad_(False)
    family: Any = SimpleNamespace(
        language=language,
        head=nn.Linear(32, 64, bias=False, device=device, dtype=torch.bfloat16),
        softcap=None,
        vision=nn.Module(),
        bidirectional_prompt=False,
        language_inputs=lambda *_: {},
    )
    vlm = Vlm(language, family, {})
    vlm.rounding = 0.05
    if have_kernels(device, torch.bfloat16):
        vlm.fused = Fused(language)
    return vlm


def main(device: torch.device) -> int:
    """Runs the trial and prints its failures. Returns their number as exit code, so 0 on success."""
    if device.type == "cuda":
        # Streams, and therefore captures, belong to the current device.
        torch.cuda.set_device(device)
    vlm = tiny(device)
    prompts = [torch.arange(length) for length in (9, 5)]
    prefixes = [
        Prefix(ids, [], [], line_of_positions(len(ids), 0), len(ids), torch.zeros_like(ids, dtype=torch.bool))
        for ids in prompts
    ]
    failures: list[str] = []
    captures = Captures(lambda kind, message: failures.append(message) if kind == "plain-decoding" else None)
    with torch.no_grad():
        captures.decoder(vlm, prefixes, 2)
    # Runs the kernels of a backward pass. `fuse` checks their results in the worker.
    if vlm.fused is not None:
        scores_and_slope(vlm, [Group(prefix, [torch.arange(7), torch.arange(3)]) for prefix in prefixes])
    print(*failures)
    return len(failures)


if __name__ == "__main__":
    end_with_parent()
    sys.exit(main(torch.device(sys.argv[1])))
