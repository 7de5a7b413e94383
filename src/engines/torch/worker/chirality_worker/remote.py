"""Client of a Tinker API server, based on the package `tinker`: session, models, rows to score, error messages."""

import logging
import os
import secrets
import warnings
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import numpy as np
import tinker
from tinker import types
from tinker.lib import internal_client_holder
from tinker.lib.client_connection_pool_type import ClientConnectionPoolType
from tinker.lib.public_interfaces import sampling_client

from .errors import Cancelled, WorkerError
from .server import Call, Operation

KEYS = {
    "policy": os.environ.pop("CHIRALITY_TINKER_KEY", ""),
    "reference": os.environ.pop("CHIRALITY_TINKER_REFERENCE_KEY", ""),
}
# The package reads keys, commands that print keys, and addresses from these variables, for any server.
for name in [name for name in os.environ if name.startswith(("TINKER_", "CLOUDFLARE_ACCESS_"))]:
    del os.environ[name]
os.environ |= {"TINKER_TELEMETRY": "0", "TINKER_TAGS": "chirality"}
NO_KEY = "tml-none"
"""Key for servers that need none, because the package requires a key."""
POLL_SECONDS = 0.2
UNLOAD_SECONDS = 5
HEALTH_SECONDS = 10.0
GRAD_NORMS = ("grad_norm", "grad_norm:mean", "skyrl.ai/grad_norm", "unclipped_grad_l2:mean")
"""Names of the gradient norm in the metrics of different servers."""
ARCHIVE_SECONDS = 60.0


def direct(**options: Any) -> tinker._client.AsyncTinker:
    """Returns a client that does not follow redirects, so that a key does not reach another server."""
    web = httpx.AsyncClient(timeout=httpx.Timeout(60.0, connect=5.0))
    return tinker._client.AsyncTinker(http_client=web, **options)


internal_client_holder.AsyncTinker = direct
# SkyRL 0.4 omits the sequence ids that the package requires and Chirality does not use.
sampling_client._attach_sequence_ids = lambda response, _: response
# `load_state` is deprecated, but SkyRL 0.4 supports no other way to load.
warnings.simplefilter("ignore", FutureWarning)
logging.getLogger("tinker.lib.public_interfaces.training_client").addFilter(
    lambda record: "DEPRECATED" not in record.getMessage()
)


class Server:
    """Session on a server, which the package keeps alive."""

    def __init__(self, url: str, key: str) -> None:
        if key and not key.startswith(("tml-", "eyJ")):
            raise WorkerError("bad-key", "The package tinker accepts only keys that start with tml-.")
        self.address = url.rstrip("/").removesuffix("/api/v1")
        self.key = key or NO_KEY
        require_answer(self.address)
        self.service = tinker.ServiceClient(base_url=self.address, api_key=self.key)

    def models(self) -> list[Any]:
        listed = tinker.RestClient(base_url=self.address, api_key=self.key).get_server_capabilities().result()
        return list(listed.supported_models)

    def close(self) -> None:
        # SkyRL 0.4 cannot close a session on request; it drops an idle session.
        with suppress(Exception):
            self.service.close("success").result(UNLOAD_SECONDS)


def require_answer(address: str) -> None:
    """Raises WorkerError at once where the package would retry for minutes without a message."""
    host = httpx.URL(address).host
    try:
        httpx.get(f"{address}/api/v1/healthz", timeout=HEALTH_SECONDS)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise WorkerError("unreachable", f"{host} cannot be reached: {error}") from error
    except httpx.DecodingError as error:
        raise WorkerError("bad-reply", f"The replies of {host} are not compressed as declared: {error}") from error
    except httpx.HTTPError:
        pass


class Adapter(NamedTuple):
    base_model: str
    rank: int
    seed: int


class Model:
    """Model with an adapter on a server. The package numbers the requests that change it, so that the server applies
    them in order and detects duplicates."""

    def __init__(self, server: Server, adapter: Adapter, call: Call) -> None:
        """Creates a new adapter, which does not affect the model's output yet."""
        self.server = server
        making = server.service.create_lora_training_client(
            adapter.base_model,
            rank=adapter.rank,
            seed=adapter.seed,
            # The default targets of the torch engine: attention and MLP, without the output layer.
            train_mlp=True,
            train_attn=True,
            train_unembed=False,
        )
        self.client: Any = wait(making, call)
        self.is_fresh = True
        """Whether the model is unused, so that weights can be loaded into it."""
        self._sampler: Any = None

    def load(self, path: str, everything: bool, call: Call) -> None:
        self.is_fresh = False
        wait((self.client.load_state_with_optimizer if everything else self.client.load_state)(path), call)

    def score(self, data: list[types.Datum], backward: bool) -> Any:
        """Requests log-probabilities; `backward` also adds the gradient of −Σ w·lp."""
        self.is_fresh = False
        return (self.client.forward_backward if backward else self.client.forward)(data, "cross_entropy")

    def step(self, params: types.AdamParams, call: Call) -> float | None:
        """Performs an optimiser step. Returns the gradient norm; None if the server does not return one."""
        self.is_fresh = False
        self._sampler = None
        metrics = wait(self.client.optim_step(params), call).metrics or {}
        return next((metrics[name] for name in GRAD_NORMS if metrics.get(name) is not None), None)

    def save(self, call: Call) -> str:
        """Saves weights and optimiser on the server. Returns their path after the server confirms it."""
        self.is_fresh = False
        path: str = wait(self.client.save_state(new_name()), call).path
        return path

    def sampler(self, call: Call) -> Any:
        """Returns the client that samples from the current weights."""
        self.is_fresh = False
        self._sampler = self._sampler or wait(self.client.save_weights_and_get_sampling_client(), call)
        return self._sampler

    def archive(self, file: Path, call: Call) -> None:
        """Downloads the adapter. The server usually redirects to a store, which never receives the key."""
        self.is_fresh = False
        name = new_name()
        wait(self.client.save_weights_for_sampler(name), call)
        url = f"{self.server.address}/api/v1/training_runs/{self.client.model_id}/checkpoints/{name}/archive"
        with httpx.Client(timeout=ARCHIVE_SECONDS) as web:
            with web.stream("GET", url, headers={"X-API-Key": self.server.key}) as offered:
                place = offered.next_request
                if place is None:
                    write_body(offered, file, call)
            if place is not None:
                with web.stream("GET", place.url) as packed:
                    write_body(packed, file, call)

    def unload(self) -> None:
        """Unloads the model, for which the package has no method. Servers that reject this free it with the session."""
        holder = self.client.holder

        async def post() -> None:
            with holder.aclient(ClientConnectionPoolType.TRAIN) as client:
                body = {"model_id": self.client.model_id, "type": "unload_model"}
                await client.post("/api/v1/unload_model", body=body, cast_to=object, options={"max_retries": 0})

        with suppress(Exception):
            holder.run_coroutine_threadsafe(post()).result(UNLOAD_SECONDS)


def datum(prompt: list[Any], tokens: list[int], weights: list[float]) -> types.Datum:
    """Returns a row to score: the input omits the last token, the targets the first; prompt tokens have weight 0."""
    before = length_of(prompt) - 1
    written = [types.EncodedTextChunk(tokens=tokens[:-1])] if len(tokens) > 1 else []
    return types.Datum(
        model_input=types.ModelInput(chunks=[*prompt, *written]),
        loss_fn_inputs={
            "target_tokens": types.TensorData(data=np.array([0] * before + tokens), dtype="int64"),
            "weights": types.TensorData(data=np.array([0.0] * before + weights), dtype="float32"),
        },
    )


def length_of(chunks: list[Any]) -> int:
    return sum(chunk.length for chunk in chunks)


def last(output: Any, count: int) -> list[float]:
    """Returns the log-probabilities of a row's completion."""
    given = output["logprobs"].data if output else []
    if len(given) < count:
        raise WorkerError("bad-reply", f"The server scored {len(given)} tokens of a row instead of at least {count}.")
    return [float(x) for x in given[len(given) - count :]]


def write_body(response: httpx.Response, file: Path, call: Call) -> None:
    response.raise_for_status()
    with file.open("wb") as out:
        for part in response.iter_bytes():
            call.check()
            out.write(part)


def new_name() -> str:
    """Returns a random name, because checkpoint names on a server must be unique."""
    return f"chirality-{secrets.token_hex(8)}"


def wait(answer: Any, call: Call) -> Any:
    """Waits for the server's response and returns it. Raises Cancelled if the call was cancelled."""
    future = answer.future()
    while True:
        try:
            return future.result(POLL_SECONDS)
        except TimeoutError:
            if future.done():
                raise
            try:
                call.check()
            except Cancelled:
                future.cancel()
                raise


def explained(operation: Operation) -> Operation:
    """Wraps an operation so that its errors are readable and omit the key, which a server might echo."""

    @wraps(operation)
    def explaining(call: Call) -> Any:
        try:
            return operation(call)
        except (tinker.TinkerError, RuntimeError, ValueError) as error:
            code, message, fix = in_words(error.__cause__ if isinstance(error.__cause__, tinker.TinkerError) else error)
            raise WorkerError(code, without_keys(message), fix) from error

    return explaining


def in_words(error: BaseException) -> tuple[str, str, str | None]:
    said = said_by(error)
    quoted = f" Server message: {said}" if said else ""
    match error:
        case tinker.AuthenticationError() | tinker.PermissionDeniedError():
            return "bad-key", f"The server rejected the key. Check the key.{quoted}", None
        case tinker.APIStatusError(status_code=402):
            return "quota", f"The account has no credit left. Add credit.{quoted}", None
        case tinker.APIStatusError(status_code=415 | 422) if asked(error) == "forward_backward":
            fix = "Use SkyRL 0.4 or later, which accepts protocol buffers."
            return "refused", f"The server rejected {asked(error)} ({error.status_code}).{quoted}", fix
        case tinker.APIStatusError():
            return "refused", f"The server rejected {asked(error)} ({error.status_code}).{quoted}", None
        case tinker.APIConnectionError():
            return "unreachable", f"{error.request.url.host} cannot be reached: {error.__cause__ or error}", None
        case tinker.APIResponseValidationError():
            return "bad-reply", f"{asked(error)} got no reply from the Tinker API.", "Check that it is a Tinker server."
        case _:
            return "failed", f"The request failed.{quoted}", None


def asked(error: Any) -> str:
    return str(error.request.url.path).rsplit("/", 1)[-1]


def said_by(error: BaseException) -> str:
    body = getattr(error, "body", None)
    said = body.get("detail") or body.get("error") or body.get("message") if isinstance(body, dict) else body
    text = str(said or getattr(error, "message", None) or error)
    return "".join(c if c.isprintable() else " " for c in text)[:500]


def without_keys(text: str) -> str:
    for key in KEYS.values():
        # Keys of fewer than 8 characters are placeholders whose text can occur in a response.
        text = text.replace(key, "***") if len(key) >= 8 else text
    return text
