"""Messages over a pair of pipes.

Each message is one JSON object on a line of its own. If it contains `"bytes": n`, n raw bytes follow the line: images
are sent this way. Numbers of tokens are sent as JSON: shortest decimals are exact, and writing them takes a thousandth
of the time of computing them.
"""

import json
import threading
from collections.abc import Iterator
from math import isfinite
from typing import Any, BinaryIO

Message = dict[str, Any]


def only_finite(value: Any) -> Any:
    """A JSON value whose numbers are finite, or None."""
    if isinstance(value, dict):
        return {key: only_finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [only_finite(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value


class Wire:
    """Reads requests from one pipe and writes replies, from any thread, to the other."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self.requests = requests
        self.replies = replies
        self._lock = threading.Lock()

    def send(self, message: Message, payload: bytes = b"") -> None:
        """Writes one message. Numbers that are not finite are null, because JSON has no notation for them."""
        try:
            text = json.dumps(message, allow_nan=False, separators=(",", ":"))
        except ValueError:
            text = json.dumps(only_finite(message), separators=(",", ":"))
        line = text.encode()
        with self._lock:
            self.replies.write(line + b"\n" + payload)
            self.replies.flush()

    def receive(self) -> Iterator[tuple[Message, bytes]]:
        """Yields every request with the bytes that follow it, until the other side closes its end."""
        while line := self.requests.readline():
            message: Message = json.loads(line)
            size = int(message.get("bytes", 0))
            payload = self.requests.read(size) if size else b""
            if len(payload) < size:
                return
            yield message, payload
