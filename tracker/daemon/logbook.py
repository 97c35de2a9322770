"""The log on stderr: what happened and where, and nobody's data.

The message of an exception holds whatever the code was at work with: a number, a
text, a password in an address. So of an exception the log keeps its type and where
it was raised, and of its message only what is known to hold no data.
"""

from __future__ import annotations

import copy
import logging
import sys
import threading
import traceback
from types import TracebackType

from tracker.errors import TrackerError

log = logging.getLogger(__name__)

_BECAUSE = "\nbecause of which:\n\n"


class Reserved(logging.Formatter):
    """Writes exceptions without their messages."""

    def __init__(self) -> None:
        super().__init__(fmt="%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        ours = copy.copy(record)
        # Another handler may have left there what it made of the exception.
        ours.exc_text = None
        if ours.name == "asyncio":
            # What follows the first line are the values of the task that failed.
            ours.msg, ours.args = ours.getMessage().partition("\n")[0], ()
        return super().format(ours)

    def formatException(
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        error = ei[1]
        return "".join(_told(error, set())).rstrip("\n") if error is not None else ""


def begin(level: str) -> None:
    """Write the log to stderr from now on, for this whole process and all its threads."""
    write(level)
    # A record that cannot be written would be shown with all its values.
    logging.raiseExceptions = False
    threading.excepthook = _thread_ended


def write(level: str) -> None:
    """The log to stderr, unless it goes somewhere already."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Reserved())
    logging.basicConfig(level=level.upper(), handlers=[handler])
    # The heart would say at each beat that it beats, and at each long tick that it skips.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    # It would write down the addresses that are asked, and they are secrets.
    logging.getLogger("urllib3").setLevel(logging.WARNING)


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "a thread"
    log.critical("%s ended", name, exc_info=args.exc_value)


def _told(error: BaseException, seen: set[int]) -> list[str]:
    seen.add(id(error))
    lines = []
    before = error.__cause__
    if before is None and not error.__suppress_context__:
        before = error.__context__
    if before is not None and id(before) not in seen:
        lines += [*_told(before, seen), _BECAUSE]
    lines.append("Traceback (most recent call last):\n")
    lines += traceback.format_tb(error.__traceback__)
    lines.append(f"{type(error).__module__}.{type(error).__qualname__}{_message(error)}\n")
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            lines += ["\none of them:\n\n", *_told(each, seen)]
    return lines


def _message(error: BaseException) -> str:
    """What an exception says without anybody's data: codes, and sentences with open places."""
    if isinstance(error, TrackerError):
        return f": {error.msgid}"
    if isinstance(error, OSError) and error.errno is not None:
        return f": [Errno {error.errno}]"
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return f": {type(cause).__qualname__} {code}" if isinstance(code, str) else ""
