"""Messages over a pair of pipes.

Each message is one line of JSON. If it contains `"bytes": n`, n raw bytes follow the line; images are sent this way.
Values of tokens are sent as JSON: shortest decimals are exact, and writing them takes a thousandth of their computation
time.
"""

import json
import threading
from collections.abc import Iterator
from math import isfinite
from typing import Any, BinaryIO

Message = dict[str, Any]


def only_finite(value: Any) -> Any:
    """Replaces non-finite numbers in a JSON value by None."""
    if isinstance(value, dict):
        return {key: only_finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [only_finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


class Wire:
    """Reader of requests from one pipe, and writer of replies, from any thread, to another pipe."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self.requests = requests
        self.replies = replies
        self._lock = threading.Lock()

    def send(self, message: Message, payload: bytes = b"") -> None:
        """Writes one message, with null for non-finite numbers, which JSON does not support."""
        try:
            text = json.dumps(message, allow_nan=False, separators=(",", ":"))
        except ValueError:
            text = json.dumps(only_finite(message), separators=(",", ":"))
        line = text.encode()
        with self._lock:
            self.replies.write(line + b"\n" + payload)
            self.replies.flush()

    def receive(self) -> Iterator[tuple[Message, bytes]]:
        """Yields every request with its bytes, until the caller closes the pipe."""
        while line := self.requests.readline():
            message: Message = json.loads(line)
            size = int(message.get("bytes", 0))
            payload = self.requests.read(size) if size else b""
            if len(payload) < size:
                return
            yield message, payload
