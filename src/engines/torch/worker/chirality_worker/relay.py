"""Passes requests to every process of a team.

Only the first process talks to the caller. It forwards each request over a socket, and also cancellations and the end
of all requests. Back come notes for the run's events and, when a socket closes, the information that a process is lost.
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
"""Requests that the first process answers without the others."""


class FirstWire(Wire):
    """The wire of the first process, which forwards each request that it reads to the others."""

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
                    # The thread that listens to a process reports it when it is gone.
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
    """The wire of any other process. Its results are sent by `Team.gather`; its open socket shows that it is alive."""

    def send(self, message: Message, payload: bytes = b"") -> None:
        if message.get("event") == "note":
            super().send(message, payload)
        # An unforeseen error may have happened in this process alone; the others would wait for it forever.
        elif message.get("error", {}).get("code") == "failed":
            os._exit(1)


def connect(caller: Wire) -> Wire:
    """Connects to the other processes. After this, only the first one uses `caller`."""
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
