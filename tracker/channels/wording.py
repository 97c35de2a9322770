"""The wording of messages.

A message goes to the person themself, so it may lie on a table with its screen
up. It says their name, the debt's cover word, the position, one plain verb, a
date and the ref that answers it: no creditor, no amount, no link, and none of
the words in `cover.FORBIDDEN`.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tracker.channels.segments import clean
from tracker.language import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracker.language import Language


class Kind(StrEnum):
    reminder = "reminder"
    part_left = "part-left"
    went_through = "went-through"
    reopened = "reopened"
    still_open = "still-open"
    bill = "bill"
    call = "call"
    answer = "answer"
    promise = "promise"
    task = "task"
    deadline = "deadline"
    receipt = "receipt"
    leaving = "leaving"
    alive = "alive"


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
    Kind.promise: N_("{name}: {word}, it was promised by {day}. Ref {ref}"),
    Kind.task: N_("{name}: {word}, to do by {day}. Ref {ref}"),
    Kind.deadline: N_("{name}: {word}, the last day is {day}. Ref {ref}"),
    Kind.receipt: N_("{name}: {word} {seq} of {count} is noted. Ref {ref}"),
    Kind.leaving: N_("{name}: before you leave: {word}. Ref {ref}"),
    Kind.alive: N_("{name}: all is well here. Next {word}, {day}. Ref {ref}"),
}
_OPEN_AGAIN = N_("{name}: {word} {seq} of {count} is open again. Ref {ref}")
_ALL_QUIET = N_("{name}: all is well here, nothing is waiting. Ref {ref}")
_DATELESS = {Kind.reopened, Kind.still_open, Kind.receipt, Kind.leaving, Kind.alive}

# One of several in a text: each keeps the ref that answers it.
_ITEMS = {
    Kind.went_through: N_("{word} {seq} of {count}, did it go through on {day}? {ref}"),
    Kind.still_open: N_("{word} {seq} of {count} is still open {ref}"),
    Kind.receipt: N_("{word} {seq} of {count} is noted {ref}"),
    Kind.answer: N_("{word}, answer by {day} {ref}"),
}
_NUMBERED = {Kind.reminder, Kind.part_left, Kind.reopened}
_ITEM = N_("{word} {seq} of {count} by {day} {ref}")
_ITEM_DATELESS = N_("{word} {seq} of {count} {ref}")
_ITEM_UNNUMBERED = N_("{word} by {day} {ref}")
_ITEM_WORD = N_("{word} {ref}")
_TOGETHER = N_("{name}: {items}")
_BETWEEN = N_("; ")
_CODE = N_("{name}: {code} is the code that confirms this address, good for 30 minutes. Ref {ref}")
_TEST = N_("{name}: a test, nothing to do. Ref {ref}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What is to be said of one subject.

    `day` is the last day on which the step can be done, and for `went-through`
    the day on which it was to happen; None where it has passed, or none is named.
    `seq` and `count` are not told of what has no number.
    """

    kind: Kind
    word: str
    ref: str
    seq: int = 0
    count: int = 0
    day: datetime.date | None = None
    how: How = How.send

    def __post_init__(self) -> None:
        if self.day is None and self.kind not in _DATELESS:
            raise ValueError(f"a message of the kind {self.kind} names a day")


def body(saying: Saying, *, lang: Language, name: str) -> str:
    """The text of one message about one subject, on one line."""
    kind = saying.kind
    # By standing order or collected, the person only keeps the money ready.
    how = How.collect if saying.how is How.standing_order else saying.how
    if saying.day is None and kind is Kind.reopened:
        msgid = _OPEN_AGAIN
    elif saying.day is None and kind is Kind.alive:
        msgid = _ALL_QUIET
    else:
        msgid = _BY_HOW[kind][how] if kind in _BY_HOW else _FOR_ALL[kind]
    return clean(lang.text(msgid, name=clean(name), **_places(saying, lang)))


def together(sayings: Sequence[Saying], *, lang: Language, name: str) -> str:
    """One text about several subjects; of one alone as `body`."""
    if len(sayings) == 1:
        return body(sayings[0], lang=lang, name=name)
    items = lang.text(_BETWEEN).join(
        lang.text(_item(each), **_places(each, lang)) for each in sayings
    )
    return clean(lang.text(_TOGETHER, name=clean(name), items=items))


def code(digits: str, *, lang: Language, name: str, ref: str) -> str:
    return clean(lang.text(_CODE, name=clean(name), code=digits, ref=ref))


def test(*, lang: Language, name: str, ref: str) -> str:
    return clean(lang.text(_TEST, name=clean(name), ref=ref))


def _item(saying: Saying) -> str:
    if saying.kind in _ITEMS:
        return _ITEMS[saying.kind]
    if saying.kind in _NUMBERED:
        return _ITEM if saying.day else _ITEM_DATELESS
    return _ITEM_UNNUMBERED if saying.day else _ITEM_WORD


def _places(saying: Saying, lang: Language) -> dict[str, object]:
    return {
        "word": clean(saying.word),
        "seq": saying.seq,
        "count": saying.count,
        "day": lang.day(saying.day) if saying.day else "",
        "ref": saying.ref,
    }
