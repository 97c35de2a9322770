"""A connection to a server that ends in time, whatever the other side does.

A socket's own timeout counts from byte to byte, so a server that sends one every
second never meets it, and looking up a name has none at all. Here one deadline
holds for the whole errand: name, connecting, TLS and every byte after it.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time

from tracker.channels.message import ChannelError, Failure
from tracker.language import N_

NO_NAME = N_("The name of the server cannot be looked up; nothing was sent.")
NO_CONNECTION = N_("The server cannot be reached; nothing was sent.")
NO_TRUST = N_("What answers at the server's address has no valid certificate; nothing was sent.")
NO_TLS = N_("What answers at the server's address does not encrypt as it should; nothing was sent.")
NO_AUTHORITIES = N_("The file of certificates to trust (ca_file) cannot be used.")


class Deadline:
    """The end of an errand, `seconds` from now; use it as a context manager.

    When it comes, every connection that it watches is cut, so that whoever waits
    for a byte on one of them gets an error at once.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Deadline:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            for each in self._watched:
                each.close()
            self._watched.clear()

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end

    @property
    def left(self) -> float:
        """Seconds until the end. Never 0, which a socket takes for "do not wait"."""
        return max(0.001, self._end - time.monotonic())

    def watch(self, connection: socket.socket) -> None:
        """Cut this connection when the end comes.

        By a handle of its own, since TLS takes the socket over.
        """
        with self._lock:
            self._watched.append(connection.dup())
            if self._timer is None:
                self._timer = threading.Timer(self.left, self._cut)
                self._timer.daemon = True
                self._timer.start()

    def _cut(self) -> None:
        with self._lock:
            for each in self._watched:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def connect(host: str, port: int, deadline: Deadline) -> socket.socket:
    """A watched connection. Raises ChannelError (transient): nothing was sent."""
    found = _addresses(host, port, deadline.left)
    for number, (family, kind, protocol, _, address) in enumerate(found):
        if deadline.passed:
            break
        # A share for each, so that a dead IPv6 address leaves time for the next.
        with contextlib.suppress(OSError):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(deadline.left / (len(found) - number))
                connection.connect(address)
                deadline.watch(connection)
                connection.settimeout(deadline.left)
            except BaseException:
                connection.close()
                raise
            return connection
    raise ChannelError(Failure.transient, NO_CONNECTION)


def secured(
    connection: socket.socket, host: str, context: ssl.SSLContext, deadline: Deadline
) -> ssl.SSLSocket:
    """The same connection under TLS. Raises ChannelError as `connect` does."""
    reason = NO_CONNECTION
    try:
        connection.settimeout(deadline.left)
        return context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError:
        reason = NO_TRUST
    except ssl.SSLError:
        reason = NO_CONNECTION if deadline.passed else NO_TLS
    except (OSError, ValueError):
        pass
    connection.close()
    raise ChannelError(Failure.transient, reason)


def trust(ca_file: str = "") -> ssl.SSLContext:
    """Certificates are always checked: against the system's authorities, or this file's.

    Raises ChannelError (account) for a file that cannot be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ValueError):  # an SSLError is an OSError
        raise ChannelError(Failure.account, NO_AUTHORITIES) from None


def _addresses(
    host: str, port: int, seconds: float
) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    """Where the name leads to.

    On a thread that is left behind when it takes too long: nothing can end a
    lookup, though the system's own limits do so in the end.
    """
    found: list[list[tuple[int, int, int, str, tuple[object, ...]]]] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found.append([*socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise ChannelError(Failure.transient, NO_NAME)
    return found[0]
