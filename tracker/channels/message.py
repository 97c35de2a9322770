"""What every way out shares: the values, the errors, the protocol and the wording.

A message goes to the person themself, so it may lie on a table with its screen
up. It says their name, the debt's cover word, the position, one plain verb, a
date and the ref that answers it: no creditor, no amount, no link, and none of
the words in `cover.FORBIDDEN`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from tracker.channels.cover import (
    COVER_WORDS,
    FORBIDDEN,
    check_cover_word,
    default_cover_word,
    forbidden_in,
)
from tracker.channels.segments import Encoding, Segments, clean, segments
from tracker.language import N_

if TYPE_CHECKING:
    from tracker.language import Language

__all__ = [
    "COVER_WORDS",
    "FORBIDDEN",
    "Accepted",
    "Channel",
    "ChannelError",
    "Encoding",
    "Failure",
    "How",
    "Kind",
    "Outgoing",
    "Segments",
    "body",
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
    late; None leaves that to the provider.
    """

    ref: str
    address: str
    body: str
    valid_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider has it. `status` is the provider's own word."""

    provider_id: str
    status: str


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

    `can_ask` says whether `find` can be used at all. `send` raises ChannelError
    and nothing else.
    """

    @property
    def name(self) -> str: ...

    @property
    def can_ask(self) -> bool: ...

    def send(self, message: Outgoing, /) -> Accepted: ...

    def find(self, message: Outgoing, /, since: datetime.datetime) -> Accepted | None:
        """What the provider's own list says: taken at or after `since`, or None.

        Raises ChannelError (transient or account) if the list cannot be had, or
        cannot be trusted to be complete: no answer is never taken for "not sent".
        """


class Kind(StrEnum):
    reminder = "reminder"
    part_left = "part-left"
    went_through = "went-through"
    reopened = "reopened"
    still_open = "still-open"
    bill = "bill"
    call = "call"
    answer = "answer"


class How(StrEnum):
    """How a plan is paid."""

    send = "send"
    standing_order = "standing-order"
    collect = "collect"
    counter = "counter"


_BY_HOW = {
    Kind.reminder: {
        How.send: N_("{name}: {word} {seq} of {count}, send by {day}. Ref {ref}"),
        How.collect: N_("{name}: {word} {seq} of {count}, have it in place by {day}. Ref {ref}"),
        How.counter: N_("{name}: {word} {seq} of {count}, take it by {day}. Ref {ref}"),
    },
    Kind.reopened: {
        How.send: N_("{name}: {word} {seq} of {count} is open again, send by {day}. Ref {ref}"),
        How.collect: N_(
            "{name}: {word} {seq} of {count} is open again, have it in place by {day}. Ref {ref}"
        ),
        How.counter: N_(
            "{name}: {word} {seq} of {count} is open again, take it by {day}. Ref {ref}"
        ),
    },
}
_FOR_ALL = {
    Kind.part_left: N_("{name}: {word} {seq} of {count}, part left, by {day}. Ref {ref}"),
    Kind.went_through: N_("{name}: {word} {seq} of {count}, did it go through on {day}? Ref {ref}"),
    Kind.still_open: N_("{name}: {word} {seq} of {count} is still open. Ref {ref}"),
    Kind.bill: N_("{name}: {word}, the monthly one, by {day}. Ref {ref}"),
    Kind.call: N_("{name}: {word}, return the call by {day}. Ref {ref}"),
    Kind.answer: N_("{name}: {word}, answer expected by {day}. Ref {ref}"),
}
_OPEN_AGAIN = N_("{name}: {word} {seq} of {count} is open again. Ref {ref}")
_DATELESS = {Kind.reopened, Kind.still_open}


def body(
    kind: str,
    *,
    lang: Language,
    name: str,
    word: str,
    seq: int,
    count: int,
    day: datetime.date | None,
    ref: str,
    how: str,
) -> str:
    """The text of one message, on one line.

    `day` is the last day on which the step can be done, and for `went-through`
    the day on which it was to happen. It may be None for `reopened`, when that
    day has passed, and for `still-open`, which names none. `seq` and `count` are
    not told for `bill`, `call` and `answer`. `kind` and `how` are values of Kind and How.
    """
    kind, how = Kind(kind), How(how)
    if day is None and kind not in _DATELESS:
        raise ValueError(f"a message of the kind {kind} names a day")
    if how is How.standing_order:
        how = How.collect  # either way the person only keeps the money ready
    if kind is Kind.reopened and day is None:
        msgid = _OPEN_AGAIN
    else:
        msgid = _BY_HOW[kind][how] if kind in _BY_HOW else _FOR_ALL[kind]
    text = lang.text(
        msgid,
        name=clean(name),
        word=clean(word),
        seq=seq,
        count=count,
        day=lang.day(day) if day else "",
        ref=ref,
    )
    return clean(text)
