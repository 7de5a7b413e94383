"""The benchmark's model in PyTorch eager: one training step per line of input, its milliseconds of processor time as the answer."""

import math
import sys
import time

import torch
import torch.nn.functional as F

threads, groups, size = map(int, sys.argv[1:])
torch.set_num_threads(threads)
V, D, L, H, IMAGE, PROMPT, COMPLETION = 512, 128, 4, 4, 64, 65, 64
B, T = groups * size, IMAGE + PROMPT + COMPLETION - 1

dims = dict(patch=[192, D], row=[8, D], column=[8, D], token=[V, D], position=[PROMPT + COMPLETION, D], gain=[D])
for i in range(L):
    dims |= {f"{i}.{name}": [D, D] for name in ("query", "key", "value", "out")}
    dims |= {f"{i}.up": [D, 4 * D], f"{i}.down": [4 * D, D]}
w = {name: (torch.rand(d) * 0.1 - 0.05).requires_grad_() for name, d in dims.items()}
patches = torch.randn(B, IMAGE, 192)
tokens = torch.randint(8, V, (B, PROMPT + COMPLETION - 1))
targets = torch.randint(8, V, (B, COMPLETION, 1))
t = torch.arange(T)
mask = torch.where((t[None] < IMAGE) | (t[None] <= t[:, None]), 0.0, -math.inf)


def norm(x):
    return F.rms_norm(x, (D,), eps=1e-5)


def step():
    place = (w["row"][:, None] + w["column"][None]).reshape(IMAGE, D)
    text = w["token"][tokens] * math.sqrt(D) + w["position"][: PROMPT + COMPLETION - 1]
    x = torch.cat([patches @ w["patch"] + place, text], 1)
    for i in range(L):
        n = norm(x)
        q, k, v = ((n @ w[f"{i}.{name}"]).view(B, T, H, D // H).transpose(1, 2) for name in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + mixed.transpose(1, 2).reshape(B, T, D) @ w[f"{i}.out"]
        x = x + F.relu(norm(x) @ w[f"{i}.up"]) @ w[f"{i}.down"]
    logits = norm(x[:, -COMPLETION:]) * w["gain"] @ w["token"].T
    (-logits.log_softmax(-1).gather(-1, targets).sum() * 1e-3).backward()


for _ in sys.stdin:
    for p in w.values():
        p.grad = None
    start = time.process_time()
    step()
    print((time.process_time() - start) * 1e3, flush=True)
