"""The errors a user can meet: one sentence, a cure, an exit code and an HTTP status.

Core marks message ids only; the door that answers translates them
(`tracker.language`), so that this module needs nothing.
"""

from __future__ import annotations

from typing import Any, ClassVar


class TrackerError(Exception):
    """Something the user should read as one sentence.

    `msgid` is an English sentence with `{name}` places, and the id of its
    translations; `params` fill the places. `field` names what was wrong in the
    request, `hint` (a msgid too, same params) says how to mend it.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 70
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        msgid: str,
        /,
        *,
        field: str | None = None,
        hint: str | None = None,
        **params: Any,
    ) -> None:
        super().__init__(msgid)
        self.msgid = msgid
        self.field = field
        self.hint = hint
        # A sentence may name the field itself.
        self.params = params if field is None else {"field": field, **params}

    def __str__(self) -> str:
        return self.msgid.format(**self.params)


class InputError(TrackerError):
    """What was typed cannot be meant, or leaves more than one meaning."""

    code = "input"
    exit_code = 2
    http_status = 422


class NotFoundError(TrackerError):
    """The named thing does not exist, or belongs to somebody else."""

    code = "not-found"
    exit_code = 3
    http_status = 404


class ConflictError(TrackerError):
    """It contradicts what is recorded already."""

    code = "conflict"
    exit_code = 4
    http_status = 409


class RefusedError(TrackerError):
    """A rule forbids it, or asks for an explicit yes first."""

    code = "refused"
    exit_code = 5
    http_status = 403


class UnavailableError(TrackerError):
    """The store or a provider cannot be used at the moment."""

    code = "unavailable"
    exit_code = 6
    http_status = 503


class AlreadyRunningError(TrackerError):
    """Another daemon holds this home."""

    code = "already-running"
    exit_code = 75
    http_status = 503
