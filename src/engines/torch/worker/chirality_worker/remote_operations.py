"""Operations of the worker for a model that a server shards, samples and trains through the Tinker API.

This process makes the tokens and positions of images. The server has no groups, so completions include their prompt.
"""

import json
import platform
from pathlib import Path
from typing import Any

import httpx
import tinker
from tinker import types

from .disk import sync
from .errors import Cancelled, WorkerError
from .remote import KEYS, Adapter, Model, Server, datum, explained, last, length_of, wait
from .remote_prompts import Prompts
from .server import Call, Operation

ROUNDING = 0.1
"""Tolerance between log-probabilities of sampler and trainer, which can be different programs in bfloat16."""
TOLERANCE = 0.1
"""Maximum relative deviation of a gradient's norm from the norm that its weights imply."""
CHECKPOINT = "tinker.json"


class Session:
    """State of a worker's open model, of which there is at most one."""

    adapter: Adapter
    prompts: Prompts
    server: Server
    model: Model
    standing: str | None
    """Location of the current weights on the server: a path, or `base`. None after weights changed without a save."""
    reference_url: str | None
    reference_server: Server | None = None
    reference: Model | None = None
    """Second model, which is never trained."""
    reference_path: str | None = None
    """Location of the reference weights: a path, or `base`."""


session = Session()


def open_model(call: Call) -> dict[str, Any]:
    args = call.args
    session.adapter = Adapter(args["base_model"], args["rank"], args["seed"])
    session.prompts = prompts = Prompts(Path(args["processor"]), args["max_pixels"])
    session.reference_url = args["reference_url"]
    session.server = server = Server(args["url"], KEYS["policy"])
    listed = server.models()
    names = [model.model_name for model in listed]
    if names and session.adapter.base_model not in names:
        raise WorkerError(
            "unknown-model",
            f'{server.address} has no model "{session.adapter.base_model}". '
            f"Available models: {', '.join(str(name) for name in names)}.",
        )
    prompts.context = next((m.max_context_length for m in listed if m.model_name == session.adapter.base_model), None)
    session.model = Model(server, session.adapter, call)
    session.standing = "base"
    require_linear(server, call)
    return {
        "sees": prompts.images is not None,
        "context_tokens": prompts.context,
        "images_kept": prompts.files.KEPT,
        "coordinates": prompts.coordinates,
        "runtime": f"Tinker API at {server.address}, tinker {tinker.__version__}, Python {platform.python_version()}",
        "rounding": ROUNDING,
    }


def require_linear(server: Server, call: Call) -> None:
    """Raises WorkerError unless weights scale gradients as in −Σ w·lp, also negative ones.

    SkyRL's JAX backend instead divides each row by the sum of its weights, or by 1e-9 if that sum is negative. Tested
    on a second model. Servers that hold only one model, or return no gradient norms, are not tested.
    """
    try:
        model = Model(server, session.adapter, call)
    except tinker.TinkerError:
        return
    still = types.AdamParams(learning_rate=0, beta1=0.9, beta2=0.95, eps=1e-8)
    prompt = session.prompts.chunks([{"role": "user", "content": [""]}])

    def length(weight: float) -> float | None:
        wait(model.score([datum(prompt, [session.prompts.ends[0]], [weight])], backward=True), call)
        return model.step(still, call)

    try:
        once, twice = length(1), length(-2)
    finally:
        model.unload()
    if once and twice and abs(twice / once / 2 - 1) > TOLERANCE:
        raise WorkerError(
            "not-linear",
            f"{server.address} does not sum weighted log-probabilities: the weight −2 gives a gradient "
            f"{twice / once:.3g} times as long as the weight 1, not twice.",
            "Start SkyRL with --backend fsdp instead of its JAX backend.",
        )


def recall_image(call: Call) -> dict[str, Any] | None:
    hash = call.args["hash"]
    return session.prompts.seen(hash) if session.prompts.files.recall(hash) else None


def put_image(call: Call) -> dict[str, Any]:
    session.prompts.files.put(call.args["hash"], call.payload)
    return session.prompts.seen(call.args["hash"])


def encode(call: Call) -> dict[str, list[int]]:
    prompts, target = session.prompts, call.args.get("target")
    ids: list[int] = []
    for chunk in chunks_of(call.args["prompt"]):
        ids += [prompts.placeholder or 0] * chunk.length if isinstance(chunk, types.ImageChunk) else chunk.tokens
    return {"prompt": ids, "target": [] if target is None else prompts.target(target)}


def sample(call: Call) -> list[list[dict[str, Any]]]:
    args, n = call.args, call.args["n"]
    params = types.SamplingParams(
        max_tokens=args["max_tokens"],
        temperature=args["temperature"],
        top_p=args["top_p"],
        stop=session.prompts.ends,
    )
    prompts: list[list[Any] | None] = []
    for prompt in args["prompts"]:
        chunks = session.prompts.chunks(prompt)
        has_room = fits(chunks, args["max_tokens"])
        if not (has_room or args["cut"]):
            raise too_long(chunks, args["max_tokens"])
        prompts.append(chunks if has_room else None)
    sampler = session.model.sampler(call)
    drawn = [p and sampler.sample(types.ModelInput(chunks=p), n, params) for p in prompts]
    try:
        return [completions(wait(one, call), n) if one else [CUT_OFF] * n for one in drawn]
    except Cancelled:
        for one in drawn:
            if one:
                one.future().cancel()
        raise


CUT_OFF: dict[str, Any] = {"text": "", "stop_reason": "length", "tokens": [], "logprobs": [], "entropies": []}


def completions(answer: Any, n: int) -> list[dict[str, Any]]:
    if len(answer.sequences) != n:
        raise WorkerError("bad-reply", f"The server returned {len(answer.sequences)} of {n} completions.")
    return [completion(sequence) for sequence in answer.sequences]


def completion(sequence: Any) -> dict[str, Any]:
    tokens, logprobs = sequence.tokens, sequence.logprobs
    if logprobs is None or len(logprobs) != len(tokens):
        raise WorkerError("bad-reply", "The server returns no log-probabilities with samples, which training requires.")
    # A sampled placeholder has no image and could not be scored, so the completion is truncated before it. A completion
    # that begins with a placeholder counts as empty.
    is_odd = session.prompts.placeholder in tokens
    if is_odd:
        tokens = tokens[: tokens.index(session.prompts.placeholder)] or [session.prompts.ends[0]]
    return {
        "text": session.prompts.text(tokens),
        "stop_reason": "end" if sequence.stop_reason == "stop" and not is_odd else "length",
        "tokens": list(tokens),
        "logprobs": list(logprobs[: len(tokens)]),
        "entropies": None,
    }


def forward(call: Call) -> dict[str, Any]:
    model = session.model if call.args["model"] == "policy" else session.reference
    if model is None:
        raise WorkerError("no-reference", "The reference model is not set. Call setReference first.")
    return {"logprobs": scores(model, call, backward=False), "entropies": None}


def forward_backward(call: Call) -> dict[str, Any]:
    logprobs = scores(session.model, call, backward=True)
    loss = 0.0
    for group, rows in zip(call.args["groups"], logprobs, strict=True):
        for row, given in zip(group["rows"], rows, strict=True):
            loss -= sum(weight * lp for weight, lp in zip(row["weights"], given, strict=True))
    return {"logprobs": logprobs, "loss": loss}


def scores(model: Model, call: Call, *, backward: bool) -> list[list[list[float]]]:
    """Returns log-probabilities of completions, `[group][row][token]`."""
    if call.args["temperature"] != 1:
        raise WorkerError(
            "bad-options", "A Tinker server scores at temperature 1 only.", "Set sampling.temperature to 1."
        )
    groups = call.args["groups"]
    data: list[types.Datum] = []
    for group in groups:
        chunks = chunks_of(group["prompt"], max(len(row["tokens"]) for row in group["rows"]))
        for row in group["rows"]:
            data.append(datum(chunks, row["tokens"], row["weights"] or [0.0] * len(row["tokens"])))
    outputs = iter(wait(model.score(data, backward), call).loss_fn_outputs)
    return [[last(next(outputs, None), len(row["tokens"])) for row in group["rows"]] for group in groups]


def optim_step(call: Call) -> dict[str, float | bool | None]:
    args = call.args
    session.standing = None
    params = types.AdamParams(
        learning_rate=args["learning_rate"],
        beta1=args["betas"][0],
        beta2=args["betas"][1],
        eps=args["eps"],
        weight_decay=args["weight_decay"],
        grad_clip_norm=args["grad_clip"] or 0,
    )
    return {"grad_norm": session.model.step(params, call), "skipped": False}


def set_reference(call: Call) -> None:
    kind = call.args["reference"]
    if kind == "current":
        place_reference(session.standing or persist(call), call)
    else:
        place_reference("base" if kind == "base" else read_checkpoint(Path(call.args["folder"]))["path"], call)


def place_reference(path: str, call: Call) -> None:
    """Loads the weights at `path` as the reference. Raises WorkerError if only another server has them."""
    if session.reference_path == path or session.reference_url is None:
        return
    is_elsewhere = session.reference_url.rstrip("/") != session.server.address
    if is_elsewhere and path != "base":
        raise WorkerError(
            "no-reference",
            f"Only {session.server.address} has the weights of the reference model.",
            "Set engine.reference_url to engine.url if that server holds several models, start from the base model, or "
            "set loss.beta to 0.",
        )
    if session.reference:
        session.reference.unload()
    if session.reference_server is None:
        session.reference_server = Server(session.reference_url, KEYS["reference"]) if is_elsewhere else session.server
    session.reference = Model(session.reference_server, session.adapter, call)
    if path != "base":
        session.reference.load(path, False, call)
    session.reference_path = path


def save(call: Call) -> None:
    """Writes the server path of the weights and the optimiser, which remain on the server."""
    folder = Path(call.args["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    saved = {"base_model": session.adapter.base_model, "path": persist(call), "reference": session.reference_path}
    (folder / CHECKPOINT).write_text(json.dumps(saved, indent=2) + "\n", "utf-8")
    sync(folder)


def load(call: Call) -> None:
    everything = call.args["everything"]
    saved = read_checkpoint(Path(call.args["folder"]))
    # Servers load only into a new model, which also drops accumulated gradients. Some hold only one at a time.
    if not session.model.is_fresh:
        session.model.unload()
        session.model = Model(session.server, session.adapter, call)
    session.model.load(saved["path"], everything, call)
    session.standing = saved["path"]
    if everything and saved["reference"] is not None:
        place_reference(saved["reference"], call)


def export(call: Call) -> None:
    """Writes the adapter as packed by the server: PEFT's files in `adapter.tar.gz`."""
    folder = Path(call.args["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        session.model.archive(folder / "adapter.tar.gz", call)
    except httpx.HTTPError as error:
        raise WorkerError(
            "no-archive",
            f"The server does not provide the adapter: {error}",
            f"`tinker checkpoint download {session.standing or persist(call)}` gets it from Thinking Machines.",
        ) from error
    sync(folder)


def usage(_: Call) -> dict[str, None]:
    """Returns no values, because the API has none for memory and GPUs of the server."""
    return {"peak_memory": None, "gpu_use": None, "windows": None}


def close() -> None:
    """Unloads the models and closes the servers."""
    for model in (session.reference, getattr(session, "model", None)):
        if model is not None:
            model.unload()
    for server in {session.reference_server, getattr(session, "server", None)}:
        if server is not None:
            server.close()


def persist(call: Call) -> str:
    session.standing = session.model.save(call)
    return session.standing


def read_checkpoint(folder: Path) -> dict[str, Any]:
    file = folder / CHECKPOINT
    try:
        saved: dict[str, Any] = json.loads(file.read_text("utf-8"))
        base_model, _ = saved["base_model"], (saved["path"], saved["reference"])
    except (ValueError, KeyError, TypeError) as error:
        raise WorkerError("bad-checkpoint", f"{file} is not a checkpoint of the tinker engine: {error}") from error
    if base_model != session.adapter.base_model:
        raise WorkerError(
            "bad-checkpoint", f"{file} is a checkpoint of {base_model}, not of {session.adapter.base_model}."
        )
    return saved


def chunks_of(prompt: list[dict[str, Any]], room: int = 1) -> list[Any]:
    """Encodes a prompt. Raises WorkerError if a completion of `room` tokens does not fit after the prompt."""
    chunks = session.prompts.chunks(prompt)
    if not fits(chunks, room):
        raise too_long(chunks, room)
    return chunks


def fits(chunks: list[Any], room: int) -> bool:
    return session.prompts.context is None or length_of(chunks) + room <= session.prompts.context


def too_long(chunks: list[Any], room: int) -> WorkerError:
    return WorkerError(
        "too-long",
        f"A prompt of {length_of(chunks)} tokens and a completion of {room} exceed the server's context of "
        f"{session.prompts.context}.",
        "Lower sampling.max_tokens or engine.max_pixels.",
    )


OPERATIONS: dict[str, Operation] = {
    name: explained(operation)
    for name, operation in {
        "open": open_model,
        "recall_image": recall_image,
        "put_image": put_image,
        "encode": encode,
        "sample": sample,
        "forward": forward,
        "forward_backward": forward_backward,
        "optim_step": optim_step,
        "set_reference": set_reference,
        "save": save,
        "load": load,
        "export": export,
        "usage": usage,
    }.items()
}
