"""Compiles each Triton kernel for GPUs that are not there, down to their machine code.

The interpreter (interpreted_kernels.py) runs a kernel as Python. This finds what the compiler alone refuses, such as a
variable that changes its type in a loop, and kernels that need more shared memory than a card has.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "src/engines/torch/worker"))

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from chirality_worker import triton_kernels as ours

SHARED = {80: 163, 86: 99, 90: 227}
"""KiB of shared memory that a program can have, by compute capability: A100, RTX 30 and A10, H100."""
POINTERS = {"place": "*i64", "lengths": "*i32", "copies": "*i32"}
NUMBERS = {"scale": "fp32"} | dict.fromkeys(
    ["stride", "g_stride", "row", "head", "prompt_row", "prompt_head", "width", "most", "size"], "i32"
)


def shared_memory(kernel: Any, capability: int, **constants: int) -> int:
    types = {
        name: "constexpr" if name in constants else NUMBERS.get(name, POINTERS.get(name, "*bf16"))
        for name in kernel.arg_names
    }
    places = {(kernel.arg_names.index(name),): value for name, value in constants.items()}
    source = ASTSource(fn=kernel, signature=types, constexprs=places)
    return triton.compile(source, target=GPUTarget("cuda", capability, 32)).metadata.shared


for capability, most in SHARED.items():
    for heads, kv, dim in ((16, 2, 128), (4, 4, 64)):
        pads = {"PAD_H": ours.power_of_two(heads), "PAD_K": ours.power_of_two(kv), "HALF": dim // 2}
        both = heads + kv
        group = heads // kv
        found = [
            shared_memory(ours.turn_kernel, capability, HEADS=both, PAD=ours.power_of_two(both), HALF=dim // 2),
            shared_memory(ours.keep_kernel, capability, H=heads, K=kv, **pads),
            shared_memory(ours.collect_kernel, capability, H=heads, K=kv, **pads),
            shared_memory(
                ours.decode_kernel,
                capability,
                SHARED=group,
                PAD=max(16, ours.power_of_two(group)),
                D=dim,
                BLOCK=ours.BLOCK,
            ),
            shared_memory(ours.activate_kernel, capability, WIDE=ours.WIDE),
            shared_memory(ours.activate_backward_kernel, capability, WIDE=ours.WIDE),
        ]
        assert max(found) <= most << 10, (capability, found)
