"""A small daemon on a Unix socket, which answers as it is told, call by call."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

Reply = Callable[[dict[str, Any]], bytes]


def answer(body: dict[str, Any], status: int = 200) -> bytes:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def result(**fields: Any) -> bytes:
    return answer({"result": fields})


def refusal(sentence: str, *, status: int, code: str, exit_code: int, **more: Any) -> bytes:
    error = {"code": code, "sentence": sentence, "hint": None, "field": None, "exit": exit_code}
    return answer({"error": {**error, **more}}, status)


class Daemon:
    """Replies in order, the last one for ever; `calls` holds what was asked.

    A reply of b"" closes the connection without an answer.
    """

    def __init__(self, path: Path, *replies: bytes | Reply) -> None:
        self.replies = list(replies)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(16)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Daemon:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, content = received.partition(b"\r\n\r\n")
        length = next(
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        while len(content) < length:
            content += connection.recv(65536)
        envelope = json.loads(content)
        self.calls.append((head.split(b" ")[1].decode(), envelope))
        reply = self.replies[0] if len(self.replies) == 1 else self.replies.pop(0)
        with suppress(OSError):  # whoever asked may have gone
            connection.sendall(reply(envelope) if callable(reply) else reply)
