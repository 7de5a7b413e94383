"""Operations of the worker. Field names are snake_case; shapes are those of the engine contract."""

import gc
import platform
import shutil
import warnings
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import peft
import torch
import transformers
from torch import Tensor

from . import checkpoint, windows
from .captured import Captures
from .decoding import Decoder
from .errors import WorkerError, memory_remedies
from .families.base import Prefix
from .gpu_use import GpuUse, reader_of
from .inspecting import Asked, Located, Wanted, inspect, locate
from .loading import Options, base_weights, device_of, folder_of, loading_shown, open_vlm, options_from
from .memory import forget_peak, peak_memory, room
from .packing import Group
from .products import stop_onednn
from .random_models import write_3b, write_model
from .rates import Shape, copied_a_second, products_a_second, work_of
from .sampling import AT_ONCE, AT_ONCE_CUDA, Draw, RowLimit, Sampling, sample, shown_text
from .seeing_model import write_seeing_model
from .server import Call, Operation
from .sizes import model_sizes, remedies, require_host_memory
from .team import team
from .trainer import AdamW, Trainer
from .trial import Trial, on_device
from .untested import cannot_use, is_tested, require_agreement
from .vlm import Vlm

transformers.utils.logging.set_verbosity_error()
# Warnings about future changes of libraries do not help a user who reads the log of a run.
warnings.simplefilter("ignore", FutureWarning)


class Session:
    """State of a worker's open model, of which there is at most one."""

    options: Options
    vlm: Vlm
    trainer: Trainer
    captures: Captures | None
    """Captured decoding; None on the CPU, or if the config disables it."""
    gpu_use: GpuUse | None
    """Monitor of GPU utilisation; None if the driver does not report it."""
    row_limit: RowLimit
    draws: int
    """Number of calls of `sample` without a seed; each call uses the next random stream of the seed of `open`."""


session = Session()


@cache
def trial_of(device: torch.device) -> Trial:
    """Returns the trial on a device, which all models of this process share."""
    return on_device(device)


def close_model() -> None:
    """Frees the open model and all state measured for it, so that the next model starts as in a new process."""
    if getattr(session, "gpu_use", None):
        session.gpu_use.stop()  # type: ignore[union-attr]
    vars(session).clear()
    windows.forget()
    stop_onednn()
    gc.collect()
    forget_peak()


def open_model(call: Call) -> dict[str, Any]:
    close_model()
    session.options = options = options_from(call.args)
    windows.tell = call.note
    # The remedies of the previous model do not reduce the size of the weights that are loaded next.
    memory_remedies.clear()

    def mine() -> None:
        device = device_of(options.device, team.local_rank)
        captured = device.type == "cuda" and options.captured == "auto"
        ours = device.type == "cuda" and options.precision != "float32"
        trial = trial_of(device) if captured or ours else None
        failure = None

        def trial_ends() -> str | None:
            nonlocal failure
            failure = trial.failure() if trial else None
            return failure

        tested = is_tested(transformers.__version__)
        try:
            session.vlm = open_vlm(options, call.progress, device, trial_ends, call.note)
            told = None if tested else require_agreement(session.vlm)
            if options.offload == "optimizer":
                require_host_memory(session.vlm, team.size)
        except (AttributeError, ImportError, KeyError, TypeError) as error:
            raise error if tested else cannot_use(error) from error
        if told is not None and team.rank == 0:
            call.note("untested-version", told)
        session.captures = Captures(call.note, failure) if captured else None
        read = reader_of(device)
        session.gpu_use = GpuUse(read) if read else None

    team.gather(mine)
    vlm, offloaded = session.vlm, options.offload == "optimizer"
    team.agree(list(vlm.trainable.values()))
    if team.rank > 0:
        # Each process needs its own random stream for dropout.
        torch.manual_seed(options.seed + team.rank)
    memory_remedies[:] = remedies(options)
    session.trainer = Trainer(vlm, options.micro_tokens, lambda: base_weights(options), call.note, offloaded=offloaded)
    session.trainer.may_checkpoint = options.gradient_checkpointing is None
    session.row_limit = RowLimit(call.note)
    session.draws = 0
    least = min((found for found in team.gather(lambda: room(vlm.device)) if found is not None), default=None)
    device = torch.cuda.get_device_name() if vlm.device.type == "cuda" else f"cpu, {torch.get_num_threads()} threads"
    sizes = model_sizes(
        vlm, checkpointing=bool(options.gradient_checkpointing), processes=team.size, offloaded=offloaded
    )
    home = ", optimiser in the computer's memory" if offloaded else ""
    processes = f", {team.size} processes" if team.size > 1 else ""
    return {
        "parameters": vlm.model.num_parameters(),
        "trainable_parameters": sum(p.numel() for p in vlm.trainable.values()),
        "layers": len(vlm.family.language.layers),
        "folder": folder_of(options.model),
        "sizes": sizes | {"room": least},
        "context_tokens": context_tokens(),
        "images_kept": vlm.files.KEPT,
        "completions_at_once": AT_ONCE_CUDA if vlm.device.type == "cuda" else AT_ONCE,
        "coordinates": vlm.family.coordinates,
        "refuses": vlm.family.refuses,
        "runtime": f"torch {torch.__version__}, transformers {transformers.__version__}, peft {peft.__version__}, "
        f"Python {platform.python_version()}, {device}{processes}{home}",
        "exact_resume": vlm.device.type == "cpu",
        "rounding": vlm.rounding,
    }


def recall_image(call: Call) -> dict[str, Any] | None:
    known = session.vlm.files.recall(call.args["hash"])
    return seen(call.args["hash"]) if known else None


def put_image(call: Call) -> dict[str, Any]:
    session.vlm.files.put(call.args["hash"], call.payload)
    return seen(call.args["hash"])


def seen(hash: str) -> dict[str, Any]:
    family = session.vlm.family
    files = session.vlm.files
    width, height = family.seen_size(*files.canvas(*files.size(hash)))
    return {"hash": hash, "width": width, "height": height, "tokens": family.image_tokens(width, height)}


def encode(call: Call) -> dict[str, list[int]]:
    family, target = session.vlm.family, call.args.get("target")
    tokens = [] if target is None else family.tokenizer(target, add_special_tokens=False)["input_ids"]
    reserved = [id for id in tokens if id in family.placeholders]
    if reserved:
        raise WorkerError(
            "bad-prompt",
            f"An answer must not contain {family.tokenizer.decode(reserved[:1])}, the image placeholder.",
            "Remove it from the answer of the row.",
        )
    return {
        "prompt": prefix_of(call.args["prompt"]).ids.tolist(),
        "target": [] if target is None else [*tokens, family.end_ids[0]],
    }


def sample_completions(call: Call) -> list[list[dict[str, Any]]]:
    args = call.args
    seed = args.get("seed")
    if seed is None:
        seed = f"{session.options.seed}/draw-{session.draws}"
        session.draws += 1
    sampling = Sampling(args["n"], args["temperature"], args["top_p"], args["max_tokens"], args["stop"])

    def mine(places: list[int]) -> list[list[dict[str, Any]]]:
        prefixes = {p: session.vlm.encode(args["prompts"][p]) for p in places}
        if args["cut"]:
            prefixes = {p: prefix for p, prefix in prefixes.items() if has_room(prefix, sampling.max_tokens)}
        for prefix in prefixes.values():
            require_room(prefix, sampling.max_tokens)
        seeds = [f"{seed}/{p}" for p in prefixes]
        decoder = session.captures.decoder if session.captures else Decoder
        drawn = sample(session.vlm, [*prefixes.values()], sampling, seeds, call.check, decoder, session.row_limit)
        if session.captures:
            session.captures.settle(session.vlm)
        groups = dict(zip(prefixes, drawn, strict=True))
        return [
            [completion(draw, sampling.stop) for draw in groups[p]] if p in groups else [CUT_OFF] * sampling.n
            for p in places
        ]

    return team.spread([1] * len(args["prompts"]), mine)


CUT_OFF: dict[str, Any] = {"text": "", "stop_reason": "length", "tokens": [], "logprobs": [], "entropies": []}


def completion(draw: Draw, stop: list[str]) -> dict[str, Any]:
    return {
        "text": shown_text(draw, session.vlm.family, stop),
        "stop_reason": draw.reason,
        "tokens": draw.tokens,
        "logprobs": draw.logprobs,
        "entropies": draw.entropies,
    }


def forward(call: Call) -> dict[str, Any]:
    args = call.args

    def mine(places: list[int]) -> list[tuple[list[list[float]], list[list[float]]]]:
        groups = [group_of(args["groups"][g]) for g in places]
        return list(zip(*session.trainer.scores(groups, args["model"], args["temperature"], call.check), strict=True))

    scores = team.spread(sizes_of(args["groups"]), mine)
    return {"logprobs": [lp for lp, _ in scores], "entropies": [entropy for _, entropy in scores]}


def forward_backward(call: Call) -> dict[str, Any]:
    args = call.args

    def mine(places: list[int]) -> list[tuple[list[list[float]], float]]:
        some = [args["groups"][g] for g in places]
        weights = [[torch.tensor(row["weights"], dtype=torch.float32) for row in group["rows"]] for group in some]
        pulled = any("pull" in row for group in some for row in group["rows"])
        pulls = [[pull_of(row) for row in group["rows"]] for group in some] if pulled else None
        groups = [group_of(group) for group in some]
        logprobs, loss = session.trainer.backward(groups, weights, args["temperature"], call.check, pulls)
        # `loss` is the sum over all groups of this process, so only the first group returns it.
        return [(rows, 0.0 if g else loss) for g, rows in enumerate(logprobs)]

    try:
        scores = team.spread(sizes_of(args["groups"]), mine)
    except BaseException:
        session.trainer.clear_gradients()
        raise
    return {"logprobs": [lp for lp, _ in scores], "loss": sum(loss for _, loss in scores)}


def pull_of(row: dict[str, Any]) -> Tensor:
    """Returns the reference's log-probabilities and the factor of a row's KL term, [2, tokens]; zeros without one."""
    if "pull" not in row:
        return torch.zeros(2, len(row["tokens"]))
    reference = torch.tensor(row["pull"]["reference"], dtype=torch.float32)
    return torch.stack([reference, torch.full_like(reference, row["pull"]["factor"])])


def sizes_of(groups: list[dict[str, Any]]) -> list[int]:
    """Returns the number of completion tokens of each group, as an estimate of its work."""
    return [sum(len(row["tokens"]) for row in group["rows"]) for group in groups]


def optim_step(call: Call) -> dict[str, float | bool | None]:
    args = call.args
    team.add_up(session.trainer.gradients())
    norm = session.trainer.step(AdamW(**{**args, "betas": tuple(args["betas"])}))
    return {"grad_norm": norm, "skipped": norm is None}


def set_reference(call: Call) -> None:
    team.gather(lambda: session.trainer.set_reference(call.args["reference"], call.args.get("folder")))


def save(call: Call) -> None:
    folder = Path(call.args["folder"])
    team.gather(lambda: checkpoint.write_random(folder, team.rank))
    session.trainer.save(folder, {"draws": session.draws, "passes": session.trainer.choices})


def load(call: Call) -> None:
    folder, everything = Path(call.args["folder"]), call.args["everything"]

    def mine() -> None:
        state = session.trainer.load(folder, everything)
        session.draws = int(state.get("draws", session.draws))  # type: ignore[call-overload]
        if everything:
            checkpoint.read_random(folder, team.rank)
        if "passes" in state:
            session.trainer.resume_choices(state["passes"])  # type: ignore[arg-type]

    team.gather(mine)


def export(call: Call) -> None:
    write = checkpoint.export_model if call.args["merged"] else checkpoint.export_adapter

    def mine() -> None:
        if team.rank == 0:
            write(Path(call.args["folder"]), session.vlm)

    team.gather(mine)


def locate_cases(call: Call) -> list[dict[str, Any]]:
    """Locates the texts and the image of each case among its tokens."""
    found = [located(case) for case in call.args["cases"]]
    return [
        {
            "tokens": [asdict(token) for token in one.tokens],
            "prompt": one.prompt,
            "grid": one.grid and asdict(one.grid),
        }
        for one in found
    ]


def inspect_cases(call: Call) -> list[dict[str, Any]]:
    args = call.args
    wanted = Wanted(args["layers"], args["attention"], args["sources"], args["words"])
    blocks = [(b["keys"], b["indices"], range(b["layers"][0], b["layers"][1] + 1)) for b in args["blocks"]]
    patch = (args["patch"]["from"], args["patch"]["positions"]) if args["patch"] else None

    def mine(places: list[int]) -> list[dict[str, Any]]:
        cases = [asked_of(case) for case in args["cases"]]
        models = [case["model"] for case in args["cases"]]
        with torch.no_grad():
            for case in cases[:1]:
                session.trainer.require_packed(case.located.group)
            return inspect(
                session.vlm,
                cases,
                wanted,
                blocks,
                patch,
                places,
                lambda i: session.trainer.weights_of(models[i]),
                call.check,
            )

    return team.spread([1] * len(args["cases"]), mine)


def located(case: dict[str, Any]) -> Located:
    one = locate(session.vlm, case["prompt"], case["completion"])
    require_room(one.prefix, len(one.tokens) - one.prompt)
    return one


def asked_of(case: dict[str, Any]) -> Asked:
    one = located(case)
    boxes = torch.tensor(case["boxes"], dtype=torch.float32, device=session.vlm.device)
    return Asked(
        one,
        case["queries"],
        case["parts"],
        boxes.reshape(len(case["boxes"]), len(one.cells)),
        [(kind, index) for kind, index in case["hidden"]],
        case["words_at"],
    )


def usage(_: Call) -> dict[str, Any]:
    """Returns the maximum memory and the mean use of the GPUs over all processes, and the attention methods that the
    first process used within windows of images."""

    def mine() -> tuple[int, float | None]:
        return peak_memory(session.vlm.device), session.gpu_use.since_last() if session.gpu_use else None

    memory, uses = zip(*team.gather(mine), strict=True)
    known = [use for use in uses if use is not None]
    return {"peak_memory": max(memory), "gpu_use": sum(known) / len(known) if known else None, "windows": windows.ran}


def rates(call: Call) -> dict[str, float]:
    """Returns the measured speed of the device, and the work of a training step of the given shape."""
    vlm = session.vlm
    return {
        "products": products_a_second(vlm.device, vlm.family.head.weight.dtype),
        "copies": copied_a_second(vlm.device),
        **asdict(work_of(vlm, Shape(**call.args))),
    }


def make_model(call: Call) -> None:
    """Writes a model with random weights, in this process because it has already imported the libraries."""
    kind, folder = call.args["kind"], Path(call.args["folder"])
    # The new model might need the memory of the open model.
    close_model()
    with loading_shown(call.progress):
        if kind == "seeing":
            write_seeing_model(folder, Path(call.args["rows"]))
        elif kind == "3b":
            free = shutil.disk_usage(folder.parent).free
            if free < 8e9:
                raise WorkerError(
                    "no-space",
                    f"The test model requires 7.5 GB, but the temporary folder has {free / 1e9:.1f} GB.",
                    "Set TMPDIR to a folder with more space.",
                )
            write_3b(folder)
        else:
            write_model(kind, folder)
    gc.collect()
    forget_peak()


def prefix_of(prompt: list[dict[str, Any]], room: int = 1) -> Prefix:
    """Encodes a prompt. Raises WorkerError if a completion of `room` tokens does not fit after the prompt."""
    prefix = session.vlm.encode(prompt)
    require_room(prefix, room)
    return prefix


def context_tokens() -> int:
    limit: int = session.vlm.family.language.config.max_position_embeddings
    return limit


def has_room(prefix: Prefix, room: int) -> bool:
    return len(prefix) + room <= context_tokens()


def require_room(prefix: Prefix, room: int) -> None:
    if not has_room(prefix, room):
        raise WorkerError(
            "too-long",
            f"A prompt of {len(prefix)} tokens and a completion of {room} exceed the model's context of "
            f"{context_tokens()}.",
            "Lower sampling.max_tokens or engine.max_pixels.",
        )


def group_of(group: dict[str, Any]) -> Group:
    vocabulary = session.vlm.family.head.weight.shape[0]
    completions: list[Tensor] = []
    for row in group["rows"]:
        if not all(isinstance(id, int) and 0 <= id < vocabulary for id in row["tokens"]):
            raise WorkerError("bad-tokens", f"Tokens must be ids from 0 to {vocabulary - 1}.")
        completions.append(torch.tensor(row["tokens"]))
    longest = max(len(tokens) for tokens in completions)
    return Group(prefix_of(group["prompt"], longest), completions)


OPERATIONS: dict[str, Operation] = {
    "open": open_model,
    "recall_image": recall_image,
    "put_image": put_image,
    "encode": encode,
    "sample": sample_completions,
    "forward": forward,
    "forward_backward": forward_backward,
    "optim_step": optim_step,
    "set_reference": set_reference,
    "save": save,
    "load": load,
    "export": export,
    "locate": locate_cases,
    "inspect": inspect_cases,
    "usage": usage,
    "rates": rates,
    "make_model": make_model,
}
