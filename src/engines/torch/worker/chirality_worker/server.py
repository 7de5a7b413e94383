"""Answers requests one by one, in order of arrival.

A reader thread receives cancellations while the model computes; another thread sends heartbeats; the main thread does
the work.
"""

import os
import queue
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .errors import Cancelled, WorkerError, described
from .wire import Message, Wire

HEARTBEAT_SECONDS = 5.0
END_SECONDS = 10.0
"""Maximum duration of work after the caller is gone, in seconds."""


class Call:
    """Request in progress."""

    def __init__(self, wire: Wire, message: Message, payload: bytes) -> None:
        self.wire = wire
        self.id: int = message["id"]
        self.op: str = message["op"]
        self.args: dict[str, Any] = message.get("args", {})
        self.payload = payload
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    def check(self) -> None:
        """Raises Cancelled if the call was cancelled. Called between tokens and between packed passes."""
        if self._cancelled.is_set():
            raise Cancelled

    def progress(self, phase: str, done: int, total: int) -> None:
        self.wire.send({"event": "progress", "id": self.id, "phase": phase, "done": done, "total": total})

    def note(self, kind: str, message: str) -> None:
        """Sends a note for the events of the run."""
        self.wire.send({"event": "note", "kind": kind, "message": message})


Operation = Callable[[Call], Any]


def serve(wire: Wire, operation: Callable[[str], Operation]) -> None:
    """Serves requests until the caller closes the pipe, which also happens when it crashes."""
    calls: queue.Queue[Call | None] = queue.Queue()
    open_calls: dict[int, Call] = {}
    gone, ended = threading.Event(), threading.Event()

    def read() -> None:
        # Raised if another process of the team ended.
        with suppress(ConnectionError):
            for message, payload in wire.receive():
                if message["op"] == "cancel":
                    call = open_calls.get(message["args"]["id"])
                    if call:
                        call.cancel()
                else:
                    call = Call(wire, message, payload)
                    open_calls[call.id] = call
                    calls.put(call)
        gone.set()
        for call in list(open_calls.values()):
            call.cancel()
        calls.put(None)
        last = threading.Timer(END_SECONDS, os._exit, [1])
        last.daemon = True
        last.start()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            wire.send({"event": "heartbeat"})

    for work in (read, beat):
        threading.Thread(target=work, daemon=True).start()
    while (call := calls.get()) is not None and not gone.is_set():
        answer(wire, call, operation)
        open_calls.pop(call.id, None)
    ended.set()


def answer(wire: Wire, call: Call, operation: Callable[[str], Operation]) -> None:
    try:
        wire.send({"id": call.id, "result": operation(call.op)(call)})
    except Exception as error:
        if not isinstance(error, (Cancelled, WorkerError)):
            traceback.print_exc()
        wire.send({"id": call.id, "error": described(error)})
