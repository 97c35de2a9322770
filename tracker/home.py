"""Where this household's files lie: cheap enough for every command.

No pathlib and no TOML here: `tracker pay` finds the daemon's socket with this
module alone. Everything else asks `tracker.config`.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def directory(environ: Mapping[str, str] = os.environ) -> str:
    """The home, absolute: TRACKER_HOME, else tracker/ where the user's data lie (XDG)."""
    chosen = environ.get("TRACKER_HOME", "")
    if chosen:
        return os.path.abspath(os.path.expanduser(chosen))
    data = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(data):  # the XDG specification: a relative path is to be ignored
        user = environ.get("HOME") or os.path.expanduser("~")
        data = os.path.join(user, ".local", "share")
    return os.path.join(data, "tracker")


def socket_path(environ: Mapping[str, str] = os.environ) -> str:
    """The daemon's socket; TOML is read only where the file says something of one.

    A mistake in the file gives the default: this asks where the daemon listens,
    and one that runs has read its configuration; `tracker.config` tells mistakes.
    """
    home = directory(environ)
    chosen = environ.get("TRACKER_DAEMON_SOCKET") or _configured(os.path.join(home, "config.toml"))
    return os.path.join(home, chosen or "tracker.sock")


def _configured(path: str) -> str:
    """`daemon.socket` of the file, or nothing."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return ""
    if not any(b"socket" in line and not _silent(line) for line in content.splitlines()):
        return ""
    import tomllib

    try:
        daemon = tomllib.loads(content.decode("utf-8-sig")).get("daemon")
    except ValueError:  # no TOML, or no UTF-8
        return ""
    socket = daemon.get("socket") if isinstance(daemon, dict) else None
    return socket if isinstance(socket, str) else ""


def _silent(line: bytes) -> bool:
    return line.lstrip().startswith(b"#") or line.replace(b" ", b"").strip() == b'socket=""'
