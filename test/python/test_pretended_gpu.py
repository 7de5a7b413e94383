"""The whole worker on a GPU that is not there: every operation, against the same on the processor."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kernels_on_cpu  # noqa: F401
import pytest
import torch

from chirality_worker import attention, memory, operations, trial
from chirality_worker.memory import free_memory
from chirality_worker.packing import Packed, span_of
from chirality_worker.random_models import MAKERS
from chirality_worker.sampling import Sampling, row_bytes
from chirality_worker.server import Call
from conftest import ALL, few, png, slow, worst
from pretended_gpu import Freed, PretendedGpu

A, B, MIRRORED = (
    {"image": hash, "view": view} for hash, view in (("a", "original"), ("b", "original"), ("a", "mirror"))
)
QUESTION = "Is the red cube left of the ball?"
STEP = {"learning_rate": 1e-3, "betas": [0.9, 0.99], "eps": 1e-8, "weight_decay": 0.01, "grad_clip": 1.0}


class TrialHere:
    """The trial of captured steps, in this process."""

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def failure(self) -> str | None:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            return said.getvalue() if trial.main(self.device) else None


class Worker:
    """Answers requests as the worker's process does, with an opened model."""

    def __init__(self, folder: Path, device: str, **options: Any) -> None:
        self.sent: list[dict[str, Any]] = []
        lora = {"rank": 8, "alpha": 16, "dropout": 0.0, "targets": ALL, "excludes": ["visual", "vision_tower"]}
        common = {"precision": "float32", "quantization": "none", "max_pixels": 28 * 28 * 24, "seed": 0, "threads": 1}
        more = {"gradient_checkpointing": False, "micro_tokens": None, "captured": "auto", "adapter": lora}
        more["offload"] = "none"
        self.opened = self("open", model=str(folder), device=device, **common | more | options)
        self.vlm, self.trainer = operations.session.vlm, operations.session.trainer
        draw = torch.Generator("cpu").manual_seed(1)
        with torch.no_grad():
            for name, parameter in self.vlm.trainable.items():
                if "lora_B" in name:
                    parameter.copy_((torch.randn(parameter.shape, generator=draw) * 0.05).to(parameter.device))
        self.vlm.adapter_changed()
        # Many tokens end a completion, so that rows and whole prompts leave early.
        self.vlm.family.end_ids = [*self.vlm.family.end_ids, *range(20, 60)]
        self("put_image", png(200, 150, (200, 30, 30)), hash="a")
        self("put_image", png(150, 230, (30, 60, 200)), hash="b")

    def __call__(self, op: str, payload: bytes = b"", **args: Any) -> Any:
        answer = operations.OPERATIONS[op](Call(self, {"id": 1, "op": op, "args": args}, payload))  # type: ignore[arg-type]
        return json.loads(json.dumps(answer, allow_nan=False))

    def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def notes(self) -> list[str]:
        return [message["message"] for message in self.sent if message.get("event") == "note"]

    @property
    def prompts(self) -> list[Any]:
        """One image; two images and the beginning of an answer; the mirrored image."""
        if "several-images" in self.vlm.family.refuses:
            return [[{"role": "user", "content": [image, "Is it red?"]}] for image in (A, B, MIRRORED)]
        asked = ({"role": "user", "content": [image, QUESTION]} for image in (A, MIRRORED))
        several = [
            {"role": "system", "content": ["Look first."]},
            {"role": "user", "content": ["First ", B, " then ", A, "What moved?"]},
            {"role": "assistant", "content": ["<think>"]},
        ]
        first, last = ([message] for message in asked)
        return [first, several, last]

    def sample(self, prompts: list[Any] | None = None, **sampling: Any) -> Any:
        defaults = {"n": 4, "temperature": 0.9, "top_p": 1.0, "max_tokens": 12, "stop": [], "seed": "s", "cut": False}
        return self("sample", prompts=prompts or self.prompts, **defaults | sampling)

    @property
    def groups(self) -> list[Any]:
        draw = torch.Generator("cpu").manual_seed(0)

        def row(tokens: int) -> dict[str, Any]:
            ids = torch.randint(70, 400, (tokens,), generator=draw)
            return {"tokens": ids.tolist(), "weights": torch.randn(tokens, generator=draw).tolist()}

        return [{"prompt": prompt, "rows": [row(tokens) for tokens in (1, 7, 18)]} for prompt in self.prompts]

    def forward(self, model: str = "policy") -> Any:
        return self("forward", groups=self.groups, model=model, temperature=0.9)

    def train(self) -> Any:
        passed = self("forward_backward", groups=self.groups, temperature=0.9)
        return passed, self("optim_step", **STEP)


@pytest.fixture(autouse=True)
def trial_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "on_device", TrialHere)
    operations.trial_of.cache_clear()


@pytest.fixture
def gpu() -> Iterator[PretendedGpu]:
    with PretendedGpu() as gpu:
        yield gpu


def every_operation(worker: Worker, folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = {"rounding": worker.opened["rounding"]}
    one, two, three = worker.prompts
    found["sampled"] = worker.sample()
    assert gap_of(worker, found["sampled"]) <= worker.opened["rounding"]
    found["greedy"] = worker.sample([one, two], n=3, temperature=0.0, max_tokens=20, stop=["e"])
    found["nucleus"] = worker.sample([three, two, one], top_p=0.9, max_tokens=20)
    found["scored"] = worker.forward()
    worker("set_reference", reference="current")
    found["trained"] = worker.train()
    found["reference"] = worker.forward("reference")
    # The kept graphs, with other weights.
    assert gap_of(worker, worker.sample()) <= worker.opened["rounding"]
    worker("save", folder=str(folder / "checkpoint"))
    found["trained further"] = worker.train(), worker.forward()
    worker("load", folder=str(folder / "checkpoint"), everything=True)
    assert (worker.train(), worker.forward()) == found["trained further"]
    worker("set_reference", reference="base")
    found["base"] = worker.forward("reference")
    found["seen"] = seen(worker)
    worker("export", folder=str(folder / "export"), merged=False)
    worker("export", folder=str(folder / "merged"), merged=True)
    assert worker("usage")["peak_memory"] > 0
    return found


def gap_of(worker: Worker, sampled: Any) -> float:
    """How far the log-probabilities of sampled tokens are from those of the same tokens in a pass, on average."""
    groups = [
        {"prompt": prompt, "rows": [{"tokens": row["tokens"]} for row in rows]}
        for prompt, rows in zip(worker.prompts, sampled, strict=True)
    ]
    scored = worker("forward", groups=groups, model="policy", temperature=0.9)["logprobs"]
    pairs = zip(
        [row["logprobs"] for rows in sampled for row in rows], [row for rows in scored for row in rows], strict=True
    )
    gaps = [abs(a - b) for own, other in pairs for a, b in zip(own, other, strict=True)]
    return sum(gaps) / len(gaps)


def seen(worker: Worker) -> Any:
    case = {"prompt": worker.prompts[0], "completion": "The red cube is left", "model": "policy"}
    [located] = worker("locate", cases=[case])
    first, cells = located["prompt"], located["grid"]["rows"] * located["grid"]["cols"]
    asked = {
        "queries": [[first - 1], [first, first + 1]],
        "parts": [[0, 1, 2]],
        "boxes": [[1.0] * 3 + [0.0] * (cells - 3)],
        "hidden": [["query", 0], ["box", 0]],
        "words_at": 0,
    }
    other = case | {"prompt": worker.prompts[2], "model": "reference"}
    return worker(
        "inspect",
        cases=[case | asked, other | asked],
        layers=list(range(worker.opened["layers"])),
        attention="heads",
        sources=True,
        words=["red", "left"],
        blocks=[{"keys": keys, "indices": [0, 0], "layers": [0, 1]} for keys in ("picture", "box", "part")],
        patch={"from": 1, "positions": "picture"},
    )


def assert_close(found: Any, expected: Any, tolerance: float, where: str = "") -> None:
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_close(found[key], value, tolerance, f"{where} {key}")
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected), where
        for i, value in enumerate(expected):
            assert_close(found[i], value, tolerance, f"{where} {i}")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=tolerance, rel=tolerance), where
    elif not where.endswith("data"):
        assert found == expected, where


CASES: list[Any] = [
    pytest.param("qwen2_5_vl", {"precision": "bfloat16"}, 1, id="adapter in bfloat16 on the second card"),
    *(pytest.param(kind, {}, 0, id=f"{kind} in float32", marks=slow) for kind in MAKERS),
    *(pytest.param(kind, {"precision": "bfloat16"}, 0, id=f"{kind} in bfloat16", marks=slow) for kind in MAKERS),
    pytest.param("qwen2_5_vl", {"adapter": None, "precision": "bfloat16"}, 0, id="all weights in bfloat16", marks=slow),
    pytest.param("qwen3_vl", {"adapter": None}, 0, id="all weights in float32", marks=slow),
    pytest.param("qwen2_5_vl", {"gradient_checkpointing": True, "captured": "off"}, 0, id="checkpointed", marks=slow),
]


@pytest.mark.parametrize(("kind", "options", "index"), CASES)
def test_every_operation_gives_the_numbers_of_the_processor(
    kind: str,
    options: dict[str, Any],
    index: int,
    folder_of: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = every_operation(Worker(folder_of(kind), "cpu", **options), tmp_path)
    with PretendedGpu(index=index) as gpu:
        monkeypatch.setattr(operations.team, "local_rank", index)
        worker = Worker(folder_of(kind), "auto", **options)
        found = every_operation(worker, tmp_path)
        assert worker.vlm.device == torch.device("cuda", index)
    assert worker.notes == []
    low = "precision" in options
    assert (worker.vlm.fused is not None) == (low and kind != "paligemma2")
    if low:
        # Steps of other shapes round otherwise, and so may draw another token.
        for name in ("sampled", "greedy", "nucleus"):
            del found[name], expected[name]
    assert_close(found, expected, 0.02 if low else 1e-4)
    assert bool(gpu.graphs) == (options.get("captured") != "off")
    assert all(graph.replays for graph in gpu.graphs)


def test_the_trial_captures_on_the_card_that_it_is_for() -> None:
    with PretendedGpu(index=1) as gpu:
        assert trial.main(gpu.device) == 0
    assert gpu.graphs


def test_an_exclusive_card_is_free_for_the_trial(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    users: list[str] = []

    class Elsewhere:
        def __init__(self, device: torch.device) -> None:
            users.append("trial")

        def failure(self) -> str | None:
            assert gpu.launches == gpu.peak == 0
            users.remove("trial")
            return None

    def set_device(device: Any) -> None:
        assert users == []
        users.append("worker")

    monkeypatch.setattr(operations, "on_device", Elsewhere)
    operations.trial_of.cache_clear()
    monkeypatch.setattr(torch.cuda, "set_device", set_device)
    Worker(folder_of("qwen2_5_vl"), "auto")
    assert users == ["worker"]


@slow
def test_prompts_are_read_in_passes_of_the_size_that_is_set(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for most in (None, 60):
        worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off", micro_tokens=most)
        sizes: list[int] = []
        own = worker.vlm.states_of
        monkeypatch.setattr(
            worker.vlm,
            "states_of",
            lambda row, own=own, sizes=sizes: (  # type: ignore[misc]
                sizes.append(row.embeddings.shape[1]),
                own(row),
            )[1],
        )
        found.append(worker.sample(worker.prompts * 2))
        lengths = [len(worker.vlm.encode(prompt)) for prompt in worker.prompts * 2]
        assert sum(sizes) == sum(lengths)
        assert len(sizes) == 1 if most is None else max(sizes) <= max(60, *lengths)
    assert_close(found[1], found[0], 1e-4)


@slow
def test_prompts_count_in_the_memory_that_rows_take(folder_of: Callable[[str], Path], gpu: PretendedGpu) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off", max_pixels=28 * 28 * 200)
    prompt = [worker.prompts[0]]
    tokens = len(worker.vlm.encode(prompt[0]))
    peaks = []
    for rows in (2, 2, 10):
        before = gpu.peak = gpu.allocated
        worker.sample(prompt * rows, n=1, max_tokens=4)
        peaks.append(gpu.peak - before)
    # The first call keeps the features of pictures.
    reckoned = row_bytes(worker.vlm, Sampling(1, 0.9, 1.0, 4, []), tokens)
    assert (peaks[2] - peaks[1]) / 8 < reckoned


def test_it_refuses_what_cuda_refuses(gpu: PretendedGpu) -> None:
    there, here = torch.ones(3, 3, device="cuda"), torch.ones(3, 3)
    with pytest.raises(RuntimeError, match="two devices"):
        there + here
    with pytest.raises(RuntimeError, match="two devices"):
        torch.cat([there, here])
    with pytest.raises(TypeError, match="numpy"):
        there.numpy()
    with pytest.raises(RuntimeError, match="not implemented"):
        there.long() @ there.long()
    with pytest.raises(RuntimeError, match="generator"):
        torch.rand(3, device="cuda", generator=torch.Generator())
    assert (there + torch.tensor(2.0)).device == gpu.device
    assert (there @ there.T).sum().item() == 27


def test_it_tells_what_the_processor_waits_for(gpu: PretendedGpu) -> None:
    x = torch.arange(6, device="cuda")
    with gpu.counted() as waits:
        (x * 2 + 1).cumsum(0).masked_fill(x > 3, 0).float().softmax(-1)
        x.index_select(0, x).index_put((x,), x)
    assert waits == []
    with gpu.counted() as waits:
        bool(x.any()), x[x > 3], x.tolist(), x.unique(), torch.tensor([1], device="cuda"), x[[1, 2]], x.cpu()
    assert len(waits) == 7
    copy = x.to("cpu", non_blocking=True)
    done = torch.cuda.Event()
    done.record()
    assert copy.tolist() != x.tolist()
    done.synchronize()
    assert copy.tolist() == x.tolist()


def captured_on(x: torch.Tensor, step: Callable[[torch.Tensor], torch.Tensor]) -> tuple[Any, torch.Tensor]:
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        out = step(x)
    return graph, out


def test_a_graph_repeats_operations_on_the_same_memory(gpu: PretendedGpu) -> None:
    x, by = torch.ones(3, device="cuda"), 2
    graph, out = captured_on(x, lambda x: x.view(3, 1)[1:] * by + 1)
    x.fill_(5)
    by = 100
    graph.replay()
    assert out.flatten().tolist() == [11, 11]
    with pytest.raises(RuntimeError, match="capturing"):
        captured_on(x, lambda x: x + x.sum().item())
    with pytest.raises(RuntimeError, match="capturing"):
        captured_on(x, lambda x: x + torch.tensor([1.0, 2.0, 3.0], device="cuda"))
    del x
    with pytest.raises(Freed):
        graph.replay()


def test_memory_is_counted_and_ends(gpu: PretendedGpu) -> None:
    gpu.memory = 1 << 20
    x = torch.zeros(1 << 17, device="cuda")
    assert torch.cuda.memory_allocated() == 1 << 19
    with pytest.raises(torch.OutOfMemoryError):
        x.repeat(3)
    del x
    assert torch.cuda.memory_allocated() == 0
    assert torch.cuda.max_memory_allocated() == 1 << 19


@slow
def test_while_it_samples_the_processor_waits_for_every_token_once(
    folder_of: Callable[[str], Path], gpu: PretendedGpu
) -> None:
    found = []
    for captured in ("off", "auto"):
        worker = Worker(folder_of("qwen2_5_vl"), "auto", captured=captured)
        worker.sample(max_tokens=40)
        with gpu.counted() as waits:
            found.append(worker.sample(max_tokens=40))
        lengths = [len(row["tokens"]) for rows in found[-1] for row in rows]
        # Rows and whole prompts leave on the way.
        assert min(lengths) < max(lengths) / 2
        assert [wait.what for wait in waits] == ["event"] * max(lengths)
    assert_close(found[1], found[0], 1e-4)
    assert all(graph.replays for graph in gpu.graphs)


@slow
def test_captured_steps_share_a_stream_and_a_memory_that_is_not_free_for_others(
    folder_of: Callable[[str], Path], gpu: PretendedGpu
) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto")
    one, two, three = worker.prompts
    for some in ([one], [two, three], [one, two, three], [one]):
        worker.sample(some, max_tokens=30)
    assert len(gpu.graphs) > 6
    # The trial has a process of its own.
    assert gpu.streams == 2
    assert sum(graph.bytes for graph in gpu.graphs) > 2 * gpu.pooled > 0
    free = free_memory(gpu.device)
    assert free == gpu.memory - gpu.allocated - gpu.pooled
    operations.session.captures._arena.steps.clear()  # type: ignore[union-attr]
    worker.sample(max_tokens=30)


def test_a_pass_waits_for_its_results_alone(folder_of: Callable[[str], Path], gpu: PretendedGpu) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto", micro_tokens=150)
    worker.train()
    with gpu.counted() as waits:
        worker("forward_backward", groups=worker.groups, temperature=0.9)
    assert [wait.what for wait in waits] == ["tolist"] * 3 + ["aten._local_scalar_dense.default"] * 3
    with gpu.counted() as waits:
        worker("optim_step", **STEP)
    assert len(waits) == 1


def scarce(gpu: PretendedGpu, share: float, work: Callable[[], Any]) -> Any:
    """What some work finds with all memory, after which there is only this share of what it took."""
    gpu.memory, gpu.peak = 80 << 30, gpu.allocated
    before = gpu.allocated
    found = work()
    gpu.memory = before + int(share * (gpu.peak - before))
    return found


@slow
def test_it_tells_how_much_memory_it_has_or_can_get(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    others, free = 1 << 30, torch.cuda.mem_get_info
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _=None: (free()[0] - others, free()[1]))
    assert Worker(folder_of("qwen2_5_vl"), "auto", captured="off").opened["sizes"]["room"] == gpu.memory - others
    assert Worker(folder_of("qwen2_5_vl"), "cpu").opened["sizes"]["room"] is None


def learnt(worker: Worker) -> tuple[Any, list[torch.Tensor]]:
    found = worker("forward_backward", groups=worker.groups, temperature=0.9)
    gradients = [gradient.to("cpu") for gradient in worker.trainer.gradients()]
    worker.trainer.clear_gradients()
    return found, gradients


@pytest.mark.parametrize("precision", few(["bfloat16", "float32"]))
def test_an_optimiser_in_the_computers_memory_leaves_the_card_the_weights(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, tmp_path: Path, precision: str
) -> None:
    options = {"adapter": None, "precision": precision, "captured": "off"}
    states, kept = [], 0
    for offload in ("none", "optimizer"):
        before = gpu.allocated
        worker = Worker(folder_of("qwen2_5_vl"), "auto", **options, offload=offload)
        norms = [worker.train()[1] for _ in range(2)]
        worker("save", folder=str(tmp_path / offload))
        worker("load", folder=str(tmp_path / offload), everything=True)
        held = gpu.allocated - before
        kept = kept or held
        norms.append(worker.train()[1])
        states.append((norms, [x.detach().to("cpu") for x in worker.trainer.masters.values()]))
        if offload == "optimizer":
            # Both moments and, below float32, a copy of the weights in float32.
            numbers = sum(x.numel() for x in worker.trainer.masters.values())
            assert kept - held == pytest.approx((8 if precision == "float32" else 12) * numbers, rel=0.02)
            assert all(x.device.type == "cpu" for x in worker.trainer.masters.values())
            assert "optimiser in the computer's memory" in worker.opened["runtime"]
        del worker
    (norms, plain), (others, moved) = states
    assert_close(others, norms, 1e-4 if precision == "float32" else 1e-2)
    assert max(float((a - b).abs().max()) for a, b in zip(plain, moved, strict=True)) < 1e-4


def test_where_memory_ends_a_pass_is_halved(folder_of: Callable[[str], Path], gpu: PretendedGpu) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off")
    learnt(worker)
    expected, slope = scarce(gpu, 0.65, lambda: learnt(worker))
    found, gradients = learnt(worker)
    [note] = worker.notes
    assert "did not fit into memory; from now on at most" in note
    assert_close(found, expected, 1e-4)
    assert worst(gradients, slope) < 1e-4


@slow
def test_checkpointing_comes_only_where_the_smallest_pass_does_not_fit(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, tmp_path: Path
) -> None:
    def opened() -> Worker:
        return Worker(folder_of("qwen2_5_vl"), "auto", captured="off", gradient_checkpointing=None)

    # What every pass of one completion takes, with checkpointing and without.
    taken = {}
    for on in (True, False):
        worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off", gradient_checkpointing=on, micro_tokens=1)
        learnt(worker)
        before, gpu.peak = gpu.allocated, gpu.allocated
        expected, slope = learnt(worker)
        taken[on] = gpu.peak - before
    assert taken[True] < taken[False]
    worker = opened()
    learnt(worker)
    assert not worker.trainer.choices["checkpointing"]
    assert not any("checkpointing" in note for note in worker.notes)
    worker = opened()
    worker.forward()
    gpu.memory = gpu.allocated + (taken[True] + taken[False]) // 2
    found, gradients = learnt(worker)
    assert sum("checkpointing" in note for note in worker.notes) == 1
    assert_close(found, expected, 1e-4)
    assert worst(gradients, slope) < 1e-4
    # A run that goes on knows it from the first pass.
    worker("save", folder=str(tmp_path / "c"))
    choices = worker.trainer.choices
    gpu.memory = 80 << 30
    worker = opened()
    worker("load", folder=str(tmp_path / "c"), everything=True)
    assert worker.trainer.choices == choices
    assert choices["checkpointing"] is True


@slow
def test_nothing_stays_of_a_pass_whose_gradients_did_not_fit(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off")
    worker.train()
    starts: list[int] = []
    own_scores, own_gradients = worker.vlm.packed_scores, torch.autograd.grad

    def scores(*args: Any) -> Any:
        starts.append(gpu.allocated)
        return own_scores(*args)

    def gradients(*args: Any, **options: Any) -> Any:
        if len(starts) == 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return own_gradients(*args, **options)

    monkeypatch.setattr(worker.vlm, "packed_scores", scores)
    monkeypatch.setattr(torch.autograd, "grad", gradients)
    worker("forward_backward", groups=worker.groups, temperature=0.9)
    assert len(worker.notes) == 1
    assert starts[1] == starts[0]


@slow
def test_where_memory_ends_fewer_rows_are_sampled_at_once_and_the_same(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off")
    worker.sample(n=16)
    expected = scarce(gpu, 0.7, lambda: worker.sample(n=16))
    # What memory there is, is told wrongly, as where it is in pieces.
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _=None: (80 << 30, 80 << 30))
    starts: list[int] = []
    own = worker.vlm.prefill
    monkeypatch.setattr(worker.vlm, "prefill", lambda some: (starts.append(gpu.allocated), own(some))[1])
    found = worker.sample(n=16)
    assert_close(found, expected, 1e-4)
    assert set(starts) == {starts[0]}
    assert "completions at once did not fit into memory" in worker.notes[0]


@slow
@pytest.mark.parametrize("top_p", [1.0, 0.9])
def test_a_row_takes_no_more_memory_than_is_reckoned_with(
    top_p: float, folder_of: Callable[[str], Path], gpu: PretendedGpu
) -> None:
    worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off")
    worker.vlm.family.end_ids = []
    peaks = []
    for n in (4, 20):
        before = gpu.peak = gpu.allocated
        worker.sample(worker.prompts[:1], n=n, max_tokens=130, top_p=top_p)
        peaks.append(gpu.peak - before)
    reckoned = row_bytes(worker.vlm, Sampling(1, 0.9, top_p, 130, []), 0)
    assert 0.5 * reckoned < (peaks[1] - peaks[0]) / 16 < 1.25 * reckoned


@slow
def test_passes_grow_to_the_memory_there_is_and_not_beyond(
    folder_of: Callable[[str], Path], gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "SMALL", 60)
    worker = Worker(folder_of("qwen2_5_vl"), "auto", captured="off")
    limits = worker.trainer.budgets
    sizes: list[int] = []
    score = worker.vlm.packed_scores

    def scores(part: Any, temperature: float) -> Any:
        sizes.append(sum(group.size for group in part))
        return score(part, temperature)

    monkeypatch.setattr(worker.vlm, "packed_scores", scores)
    # Within one call, from pass to pass.
    worker("forward_backward", groups=worker.groups * 4, temperature=0.9)
    assert max(sizes) > 200 > 2 * sizes[1]
    assert limits[True].tokens > 480
    assert limits[False].tokens == 60
    # In as much memory as a pass over one group needs twice, three quarters are used, and that is told.
    worker.trainer.clear_gradients()
    scarce(gpu, 2.5, lambda: worker("forward_backward", groups=worker.groups[:1], temperature=0.9))
    limits[True] = worker.trainer._update_budget()
    gpu.peak = gpu.allocated
    for _ in range(2):
        worker("forward_backward", groups=worker.groups * 4, temperature=0.9)
    assert limits[True].choice == limits[True].tokens
    assert 60 < limits[True].tokens < 480
    assert gpu.peak < gpu.memory
    [note] = worker.notes
    assert note.startswith(f"Passes with gradients have at most {limits[True].tokens} tokens: one takes 0.")


def test_heads_that_share_keys_share_them_until_the_backward_pass(
    gpu: PretendedGpu, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One layer with the heads of Qwen2.5-VL-3B, a prompt of 60 tokens and 8 completions of up to 10."""
    lengths = [10, 10, 7, 10, 1, 10, 10, 10]
    layout = Packed([span_of(0, 60, lengths, gpu.device)], False)
    draw = torch.Generator("cpu").manual_seed(0)
    made = [torch.randn(1, heads, 60 + sum(lengths), 128, generator=draw).bfloat16() for heads in (16, 2, 2)]
    inputs = [x.to("cuda").requires_grad_() for x in made]

    def attended() -> tuple[int, list[torch.Tensor]]:
        before = gpu.allocated
        out = layout.attend(0, *inputs, 128**-0.5, None)
        kept = gpu.allocated - before
        return kept, [x.float().to("cpu") for x in (out, *torch.autograd.grad(out.square().sum(), inputs))]

    shared, found = attended()
    monkeypatch.setattr(attention, "has_flash", lambda *_: False)
    repeated, expected = attended()
    keys = 2 * 8 * 70 * 128 * 2
    assert repeated - shared > (16 - 2) * keys
    for one, other in zip(found, expected, strict=True):
        assert (one - other).norm() < 0.01 * other.norm()


@slow
def test_all_weights_take_eighteen_bytes_each(folder_of: Callable[[str], Path], gpu: PretendedGpu) -> None:
    before = gpu.allocated
    worker = Worker(folder_of("qwen2_5_vl"), "auto", adapter=None, precision="bfloat16", captured="off")
    worker.train()
    worker("forward_backward", groups=worker.groups, temperature=0.9)
    weights = [p.numel() for p in worker.vlm.trainable.values()]
    held = gpu.allocated - before
    assert held == pytest.approx(18 * sum(weights), rel=0.02)
    gpu.peak = gpu.allocated
    worker("optim_step", **STEP)
    # A few numbers for each weight of one tensor, and not of all.
    assert gpu.peak - before - held < 4 * 4 * max(weights)
