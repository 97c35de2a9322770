"""What every way out shares: the values, the errors and the protocol."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tracker.channels.cover import (
    COVER_WORDS,
    FORBIDDEN,
    check_cover_word,
    default_cover_word,
    forbidden_in,
)
from tracker.channels.segments import Encoding, Segments, clean, segments

__all__ = [
    "COVER_WORDS",
    "FORBIDDEN",
    "Accepted",
    "Channel",
    "ChannelError",
    "Encoding",
    "Failure",
    "Fate",
    "Following",
    "Heard",
    "Outgoing",
    "Segments",
    "check_cover_word",
    "clean",
    "default_cover_word",
    "forbidden_in",
    "segments",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One text to one address. `ref` stands in `body` as a word of its own.

    After `valid_seconds` the provider should rather drop it than deliver it
    late; None leaves that to the provider. `key` names this message for ever, so
    that a second copy can be known as one (an e-mail's Message-ID is made of it);
    `subject` and `calendar`, an iCalendar file, are for channels that have a
    place for them.
    """

    ref: str
    address: str
    body: str
    valid_seconds: int | None = None
    key: str = ""
    subject: str = ""
    calendar: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider has it. `status` is the provider's own word."""

    provider_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a message that the provider had accepted.

    `state` is "sent" (nothing final yet), "delivered" or "undelivered"; `status`
    is the provider's own word. Where it did not arrive, `kind` says what that
    means for another try, and `reason` and `code` why, as in ChannelError.
    """

    state: str
    status: str
    kind: Failure | None = None
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A text that came in. `sender` can be forged: it proves nothing."""

    provider_id: str
    sender: str
    body: str
    at: datetime.datetime


class Failure(StrEnum):
    """What a refusal means for the message and for those behind it."""

    permanent = "permanent"
    """This text to this address will never go this way."""
    transient = "transient"
    """It was certainly not taken: the same request may be repeated."""
    account = "account"
    """Nothing will go until somebody sees to the account: hold everything."""
    unknown = "unknown"
    """It may have been taken. Ask before sending again."""


class ChannelError(Exception):
    """A channel did not take a message, or cannot say whether it did.

    `reason` is a msgid for a person, with at most the place `{code}`; `code` is
    the provider's own. `retry_after` is in seconds. None of them holds an
    address, a text or a secret, so that the error may be logged.
    """

    def __init__(
        self,
        kind: Failure,
        reason: str,
        *,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.code = code
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.reason.format(code=self.code)


class Channel(Protocol):
    """One way out.

    `can_ask` says whether `find` can be used at all, `can_follow` whether the
    channel tells later what became of a message. `send` raises ChannelError
    and nothing else.
    """

    @property
    def name(self) -> str: ...

    @property
    def can_ask(self) -> bool: ...

    @property
    def can_follow(self) -> bool: ...

    def send(self, message: Outgoing, /) -> Accepted: ...

    def find(self, message: Outgoing, /, since: datetime.datetime) -> Accepted | None:
        """What the provider's own list says: taken at or after `since`, or None.

        Raises ChannelError (transient or account) if the list cannot be had, or
        cannot be trusted to be complete: no answer is never taken for "not sent".
        """


class Following(Protocol):
    """A channel whose messages can be followed after they were accepted."""

    def follow(self, provider_id: str, /) -> Fate:
        """What became of it by now. Raises ChannelError (transient or account)."""
