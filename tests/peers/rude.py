"""A server on loopback that behaves badly, to order: each connection goes to one function.

    def hang(talk: Talk) -> None:
        talk.wait()

    with Rude(hang) as server: ...

It ends with its `with`, and a function that still talks then gets an error.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST_SECONDS = 20.0
"""No conversation lasts longer, so that a test that fails does so soon."""


@dataclass
class Talk:
    """One connection as the server sees it."""

    connection: socket.socket
    stopping: threading.Event
    heard: bytearray

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def line(self) -> bytes:
        """The next line, with its end; b"" when the other side has gone."""
        line = bytearray()
        while not line.endswith(b"\n"):
            byte = self.connection.recv(1)
            if not byte:
                break
            line += byte
        self.heard += line
        return bytes(line)

    def until(self, end: bytes) -> None:
        """Read up to and including `end`."""
        while not self.heard.endswith(end):
            if not self.line():
                break

    def drip(self, data: bytes, every: float) -> None:
        for each in data:
            if self.stopping.wait(every):
                break
            self.say(bytes([each]))

    def wait(self) -> None:
        """Keep the connection open and say nothing."""
        self.stopping.wait(LONGEST_SECONDS)


@dataclass
class Rude:
    """`heard` is everything that was read, `visits` the number of connections."""

    behave: Callable[[Talk], None]
    heard: bytearray = field(default_factory=bytearray)
    visits: int = 0

    def __enter__(self) -> Rude:
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for each in (self._accepting, *self._threads):
            each.join(5)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                connection, _ = self._listener.accept()
                self.visits += 1
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(LONGEST_SECONDS)
            self.behave(Talk(connection, self._stopping, self.heard))


def closed_port() -> int:
    """One on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
