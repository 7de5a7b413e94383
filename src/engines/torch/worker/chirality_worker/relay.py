"""Forwards requests to every process of a team.

Only the first process communicates with the caller. It forwards requests, cancellations and the end of requests over
sockets. It receives notes for the events of the run; a closed socket indicates a lost process.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import torch.distributed as dist

from .team import team
from .wire import Message, Wire

ALONE = ("encode",)
"""Requests for the first process only."""


class FirstWire(Wire):
    """Wire of the first process, which forwards each request to the others."""

    def __init__(self, caller: Wire, others: dict[int, socket.socket]) -> None:
        super().__init__(caller.requests, caller.replies)
        self._sockets = list(others.values())
        self._others = {rank: over(connection) for rank, connection in others.items()}
        self._ending = False
        for rank, other in self._others.items():
            threading.Thread(target=self._listen, args=(rank, other), daemon=True).start()

    def receive(self) -> Iterator[tuple[Message, bytes]]:
        for message, payload in super().receive():
            if message["op"] not in ALONE:
                for other in self._others.values():
                    # The listener thread of a process reports its loss.
                    with suppress(OSError):
                        other.send(message, payload)
            yield message, payload
        self._ending = True
        for connection in self._sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_WR)

    def _listen(self, rank: int, other: Wire) -> None:
        with suppress(OSError):
            for message, _ in other.receive():
                self.send(message)
        if not self._ending:
            self.send({"event": "lost", "process": rank + 1, "processes": team.size})


class OtherWire(Wire):
    """Wire of any other process. `Team.gather` sends its results; its open socket shows that it is alive."""

    def send(self, message: Message, payload: bytes = b"") -> None:
        if message.get("event") == "note":
            super().send(message, payload)
        # An unexpected error can be in this process alone, and the others would wait forever.
        elif message.get("error", {}).get("code") == "failed":
            os._exit(1)


def connect(caller: Wire) -> Wire:
    """Connects to the other processes. Afterwards, only the first process uses `caller`."""
    team.join()
    one_machine = os.environ["LOCAL_WORLD_SIZE"] == os.environ["WORLD_SIZE"]
    address = [("127.0.0.1" if one_machine else os.environ["MASTER_ADDR"], 0)]
    if team.rank > 0:
        dist.broadcast_object_list(address, src=0)
        connection = socket.create_connection(address[0])
        over(connection).send({"rank": team.rank})
        return over(connection, OtherWire)
    with socket.create_server((address[0][0] if one_machine else "", 0)) as server:
        address[0] = (address[0][0], server.getsockname()[1])
        dist.broadcast_object_list(address, src=0)
        others: dict[int, socket.socket] = {}
        while len(others) < team.size - 1:
            connection, _ = server.accept()
            greeting, _ = next(over(connection).receive())
            others[greeting["rank"]] = connection
    return FirstWire(caller, others)


def over(connection: socket.socket, kind: type[Wire] = Wire) -> Wire:
    return kind(connection.makefile("rb"), connection.makefile("wb"))
