"""The named steps of a send, where a test may cut the process short."""

from __future__ import annotations

from collections.abc import Callable

STEPS = (
    "deriving",
    "derived",
    "claiming",
    "claimed",
    "checked",
    "answered",
    "recorded",
    "asked",
    "reconciled",
)

_watcher: Callable[[str], None] | None = None


def watch(watcher: Callable[[str], None] | None) -> None:
    """Have `watcher` called at each step, in the thread that reaches it."""
    global _watcher  # noqa: PLW0603 - one process has one engine
    _watcher = watcher


def reached(step: str) -> None:
    if _watcher is not None:
        _watcher(step)
