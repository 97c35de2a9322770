"""uvicorn with our own sockets and our own end: no signal handlers, no idle loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn

from tracker.errors import InputError
from tracker.language import N_


class Server(uvicorn.Server):
    """Serves until `stop` is set.

    uvicorn's own signal handler raises SIGTERM again at the end (exit -15), and
    its main loop wakes ten times a second for a Date header that we leave out.
    """

    def __init__(self, app: Any, stop: asyncio.Event) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                access_log=False,  # it would write feed tokens down
                date_header=False,
                server_header=False,
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=2,
                timeout_keep_alive=15,
                ws="none",
            )
        )
        self._stop = stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self._stop.wait()


def bound(address: str, key: str) -> socket.socket:
    """A TCP listener on `host:port`. Raises InputError where the port is taken."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise InputError(
            "{key} is {address!r}, which cannot be listened on: {reason}.",
            field=key,
            hint=N_("Choose another address or port, or stop what uses this one."),
            key=key,
            address=address,
            reason=error.strerror or str(error),
        ) from error
    listener.setblocking(False)
    return listener


def serve(parts: list[tuple[Any, list[socket.socket]]], stop: asyncio.Event) -> Any:
    """Every app on its sockets, until `stop`."""
    servers = [(Server(app, stop), sockets) for app, sockets in parts]
    return asyncio.gather(*(server.serve(sockets=sockets) for server, sockets in servers))
