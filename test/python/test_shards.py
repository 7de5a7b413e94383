"""Masters and moments that are shared out to processes, which are forked here and speak through gloo."""

import os
import socket
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from safetensors.torch import load_file
from torch import Tensor

from chirality_worker.sizes import model_sizes
from chirality_worker.team import fair_parts, team
from chirality_worker.trainer import AdamW, Trainer, new_optimizer
from chirality_worker.vlm import Vlm
from conftest import LORA, few, opened, prompts, ragged, slow

STEP = AdamW(1e-3, (0.9, 0.99), 1e-8, 0.01, 1.0)
Bytes = dict[str, int]


def never() -> None:
    """A call that nobody cancels."""


def in_team(size: int, work: Callable[[], Any]) -> list[Any]:
    """The results of `work` in so many processes, by rank."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

        def process(rank: int) -> None:
            os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
            os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
            try:
                team.join()
                torch.save(work(), f"{folder}/{rank}")
                dist.barrier()
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)

        probe.close()
        # Forked, so that what the test has opened is there.
        processes = [mp.get_context("fork").Process(target=process, args=(rank,)) for rank in range(size)]
        for each in processes:
            each.start()
        for each in processes:
            each.join()
        assert [each.exitcode for each in processes] == [0] * size
        return [torch.load(f"{folder}/{rank}") for rank in range(size)]


def steps(vlm: Vlm, trainer: Trainer, numbers: range) -> None:
    groups = ragged(vlm, prompts(vlm))
    mine = fair_parts([1] * len(groups), team.size)[team.rank]
    for number in numbers:
        draw = torch.Generator().manual_seed(number)
        weights = [[torch.randn(len(tokens), generator=draw) / 100 for tokens in g.completions] for g in groups]
        if mine:
            trainer.backward([groups[i] for i in mine], [weights[i] for i in mine], 1.0, never)
        team.add_up(trainer.gradients())
        assert trainer.step(STEP) is not None


def held(vlm: Vlm, trainer: Trainer) -> Bytes:
    """Bytes that this process has of each kind."""
    own = {x.data_ptr() for x in vlm.trainable.values()}
    moments = [m[key] for m in trainer._optimizer.state.values() for key in ("exp_avg", "exp_avg_sq")]

    def size(tensors: list[Tensor]) -> int:
        return sum(x.numel() * x.element_size() for x in tensors)

    return {
        "masters": size([x for x in trainer.masters.values() if x.data_ptr() not in own]),
        "moments": size(moments),
        "sums": size(trainer.gradients()),
    }


def run(
    vlm: Vlm, size: int, numbers: range, to: Path, source: Path | None = None
) -> tuple[list[Bytes], dict[str, Tensor]]:
    """Takes steps in so many processes. Returns bytes by process, and all tensors of the files that are written."""

    def work() -> tuple[Bytes, dict[str, Tensor]]:
        trainer = Trainer(vlm, 10_000, dict, lambda *_: None)
        trainer.packed = True
        if source:
            trainer.load(source, True)
        else:
            trainer.set_reference("current", None)
        steps(vlm, trainer, numbers)
        trainer.save(to, {})
        return held(vlm, trainer), {name: x.detach() for name, x in vlm.trainable.items()}

    results = in_team(size, work)
    for _, weights in results[1:]:
        assert all(torch.equal(weights[name], x) for name, x in results[0][1].items())
    files = {
        f"{path.name}/{name}": x for path in sorted(to.glob("*.safetensors")) for name, x in load_file(path).items()
    }
    return [found for found, _ in results], files | {f"model/{name}": x for name, x in results[0][1].items()}


def gap(a: dict[str, Tensor], b: dict[str, Tensor]) -> float:
    assert a.keys() == b.keys()
    return max(float((a[name].float() - b[name].float()).abs().max()) for name in a)


@pytest.mark.parametrize("size", few([2, 4]))
@pytest.mark.parametrize("adapter", few([LORA, None]))
def test_several_processes_equal_one_to_rounding(
    folder_of: Callable[[str], Path], tmp_path: Path, adapter: Any, size: int
) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), adapter)
    before = {f"model/{name}": x.detach().clone() for name, x in vlm.trainable.items()}
    _, one = run(vlm, 1, range(2), tmp_path / "one")
    _, several = run(vlm, size, range(2), tmp_path / "several")
    assert gap(several, one) < 1e-5
    assert gap(before, {name: x for name, x in one.items() if name in before}) > 1e-4


@slow
@pytest.mark.parametrize("size", [2, 4])
def test_a_run_continues_bit_by_bit_and_on_any_number_of_processes(
    folder_of: Callable[[str], Path], tmp_path: Path, size: int
) -> None:
    vlm = opened(folder_of("qwen2_5_vl"), None, "bfloat16")
    found, straight = run(vlm, size, range(4), tmp_path / "straight")
    _, half = run(vlm, size, range(2), tmp_path / "half")
    assert gap(straight, half) > 0
    _, continued = run(vlm, size, range(2, 4), tmp_path / "continued", tmp_path / "half")
    assert gap(straight, continued) == 0
    for other in (1, 2, 4):
        _, same = run(vlm, other, range(0), tmp_path / str(other), tmp_path / "half")
        assert gap(half, same) == 0
    # Each process has its share of masters and moments, but for one tensor, and all sums of gradients.
    numbers = [x.numel() for x in vlm.trainable.values()]
    assert sum(each["masters"] for each in found) == 4 * sum(numbers)
    assert sum(each["moments"] for each in found) == 8 * sum(numbers)
    reckoned = model_sizes(vlm, checkpointing=False, processes=size)["training"]
    # Without the gradients of a pass, which are gone.
    assert max(sum(each.values()) for each in found) == reckoned - 2 * sum(numbers)
    for each in found:
        assert each["moments"] == 2 * each["masters"]
        assert abs(each["masters"] - 4 * sum(numbers) / size) <= 4 * max(numbers)
        assert each["sums"] == 4 * sum(numbers)


def test_a_process_without_weights_takes_a_step() -> None:
    new_optimizer({}).step()
