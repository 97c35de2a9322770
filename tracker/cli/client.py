"""The door of the command line: the daemon's socket, or the same dispatch in this process.

One HTTP/1.1 request is written by hand, since http.client alone costs more than
the whole call. Without a daemon the action runs here, but only when the socket is
absent or refuses *and* the home's lock is free: the daemon, `db upgrade` and a
restore hold it exclusively. Once bytes were sent the daemon may have recorded the
request, so there is no second way; the same key goes out again, and whoever
answers gives the stored answer.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time

from tracker import home
from tracker.errors import InputError, NotFoundError, TrackerError, UnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker.cli.output import Object

STARTING_SECONDS = 5.0
"""How long a held lock without a socket is taken for a daemon that starts."""
REPEAT_SECONDS = 10.0
"""How long a lost answer is asked for again."""
ANSWER_SECONDS = 60.0
"""A report's first PDF on a small machine is the slowest answer."""
_HEALTH_SECONDS = 5.0
_PAUSE = 0.1
_LONGEST_ADDRESS = 100
"""Of the 108 bytes of sun_path."""


class AnsweredError(Exception):
    """A refusal as the other side of the door told it, already in the reader's language."""

    def __init__(self, error: Object) -> None:
        super().__init__(error.get("sentence"))
        self.code = str(error.get("code"))
        self.sentence = str(error.get("sentence"))
        self.hint = str(error["hint"]) if error.get("hint") else None
        self.field = str(error["field"]) if error.get("field") else None
        exit_code = error.get("exit")
        self.exit_code = exit_code if isinstance(exit_code, int) else 70


class _NoDaemonError(Exception):
    """Nothing listens, and nothing was sent."""


class _LostAnswerError(Exception):
    """Bytes were sent, and no whole answer came."""


def new_key() -> str:
    """An idempotency key, made before the first try."""
    return os.urandom(16).hex()


def call(
    name: str, request: Object, *, person: str | None = None, key: str | None = None
) -> Object:
    """Ask for one action and return its result.

    Raises AnsweredError for a refusal, NotFoundError without a home, and
    UnavailableError when nobody can answer now.
    """
    body: Object = {"request": request, "person": person, "key": key}
    try:
        status, answer = _over_socket(name, body, key)
    except _NoDaemonError:
        status, answer = _without_daemon(name, body, key)
    if status == 200 and isinstance(result := answer.get("result"), dict):
        return result
    if isinstance(error := answer.get("error"), dict) and error.get("sentence"):
        raise AnsweredError(error)
    raise TrackerError("The daemon's answer to {name} cannot be understood.", name=name)


def health() -> Object | None:
    """What the daemon says about itself; None when none runs."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        return _exchange(home.socket_path(), request, _HEALTH_SECONDS)[1]
    except (_NoDaemonError, _LostAnswerError, TrackerError):
        return None


def has_home() -> bool:
    return os.path.exists(os.path.join(home.directory(), "config.toml"))


def require_home() -> None:
    """Raises NotFoundError where `tracker init` has not been."""
    if not has_home():
        raise NotFoundError(
            "There is no tracker in {home} yet.",
            hint="Start with: tracker init",
            home=home.directory(),
        )


def open_lock() -> int | None:
    """A descriptor that shares the home's lock, or None while somebody holds it alone.

    Closing it gives the lock back.
    """
    import fcntl

    path = os.path.join(home.directory(), "lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        try:
            lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise UnavailableError(
                "The lock {path} cannot be opened: {reason}.",
                hint="The home must be a directory that you may write to.",
                path=path,
                reason=error.strerror,
            ) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _over_socket(name: str, body: Object, key: str | None) -> tuple[int, Object]:
    path = home.socket_path()
    message = _message(name, body)
    try:
        return _exchange(path, message, ANSWER_SECONDS)
    except _LostAnswerError:
        pass
    for _ in _moments(REPEAT_SECONDS):
        try:
            return _exchange(path, message, REPEAT_SECONDS)
        except (_LostAnswerError, _NoDaemonError):
            continue
    if key is None:
        raise UnavailableError("The daemon went away before it answered.", hint="Try again.")
    raise UnavailableError(
        "The daemon's answer was lost, so this may be recorded already (key {key}).",
        hint="Repeat it like this and it counts once: {command}",
        key=key,
        command=_again(body, key),
    )


def _again(body: Object, key: str) -> str:
    """The command as typed, with its key, and with the yes that was given to a question."""
    import shlex

    request, typed = body["request"], sys.argv[1:]
    if isinstance(request, dict) and request.get("accept") and "--yes" not in typed:
        typed = [*typed, "--yes"]
    if "--key" not in typed:
        typed = [*typed, "--key", key]
    return shlex.join(["tracker", *typed])


def _without_daemon(name: str, body: Object, key: str | None) -> tuple[int, Object]:
    require_home()
    lock = open_lock()
    if lock is None:
        for _ in _moments(STARTING_SECONDS):
            try:
                return _over_socket(name, body, key)
            except _NoDaemonError:
                lock = open_lock()
            if lock is not None:
                break
    if lock is None:
        raise UnavailableError(
            "The daemon is starting or an upgrade runs.", hint="Try again in a moment."
        )
    try:
        return _in_process(name, body)
    finally:
        os.close(lock)


def _in_process(name: str, body: Object) -> tuple[int, Object]:
    """The caller holds the home's lock."""
    import logging
    from pathlib import Path

    from tracker import clock, config
    from tracker.actions import dispatch
    from tracker.actions.office import open_office

    if not os.environ.get("TRACKER_DEBUG"):
        # Without a daemon there is no log, and stderr is for sentences.
        logging.getLogger("tracker").addHandler(logging.NullHandler())
    office = open_office(config.load(Path(home.directory())), clock.from_environment())
    try:
        status, answer = dispatch.answer(office, name, body)
    finally:
        office.close()
    if status == TrackerError.http_status:
        answer["error"]["hint"] = "TRACKER_DEBUG=1 shows where."
    return status, answer


def _moments(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(_PAUSE)
        yield


def _message(name: str, body: Object) -> bytes:
    try:
        content = json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(
            "What was typed is not valid UTF-8.", hint="Set the terminal to UTF-8."
        ) from None
    head = (
        f"POST /api/v1/{name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _exchange(path: str, message: bytes, seconds: float) -> tuple[int, Object]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(seconds)
        _connect(connection, path)
        try:
            connection.sendall(message)
            received = _until_end(connection)
        except OSError:
            raise _LostAnswerError from None
    return _read(received)


def _connect(connection: socket.socket, path: str) -> None:
    """Raises _NoDaemonError. A path beyond sun_path goes by way of its directory."""
    try:
        if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
            connection.connect(path)
            return
        directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            connection.connect(f"/proc/self/fd/{directory}/{os.path.basename(path)}")
        finally:
            os.close(directory)
    except PermissionError:
        raise UnavailableError(
            "The daemon's socket {path} belongs to somebody else.",
            hint="Run the command as the user who runs the daemon.",
            path=path,
        ) from None
    except OSError:
        raise _NoDaemonError from None


def _until_end(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def _read(received: bytes) -> tuple[int, Object]:
    """Status and body of a whole answer; raises _LostAnswerError for a part of one."""
    head, gap, content = received.partition(b"\r\n\r\n")
    if not gap:
        raise _LostAnswerError
    first, *headers = head.split(b"\r\n")
    for header in headers:
        field, _, value = header.partition(b":")
        if field.lower() == b"content-length" and len(content) < int(value):
            raise _LostAnswerError
    try:
        status = int(first.split(b" ", 2)[1])
        body = json.loads(content)
    except (IndexError, ValueError):
        raise _unknown_peer() from None
    if not isinstance(body, dict):
        raise _unknown_peer()
    return status, body


def _unknown_peer() -> UnavailableError:
    return UnavailableError(
        "What listens on the socket {path} does not speak the tracker's language.",
        hint="See which program it is, or set another socket in config.toml.",
        path=home.socket_path(),
    )
