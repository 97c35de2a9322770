"""Follow-ups: an answer, a call, a promise, a task or a legal deadline, each by a day."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta

from tracker.actions import booking, finding
from tracker.actions.delivery.subjects import CLOSED
from tracker.actions.office import PersonContext, Request, Result
from tracker.actions.terms import send_time_of
from tracker.core import reading, text
from tracker.core.dates import instant
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import debts, delivery, followups, wakes
from tracker.store.db import add as insert
from tracker.store.followups import KINDS, FollowupRow

MOVED = N_("It was moved to another day.")
DONE = N_("done")
NO_DEBT = "-"
"""What is typed where a follow-up is about no debt."""
FURTHEST = timedelta(days=3660)

# Letters and digits that cannot be taken for one another, in an order that makes no word.
_LETTERS, _DIGITS = "cdfghjkmnpqrtvwxy", "23456789"


class NewFollowup(Request):
    debt: str
    text: str
    by: str
    kind: str | None = None


class WhichFollowups(Request):
    debt: str | None = None
    closed: bool = False


class OneFollowup(Request):
    followup: str


class Closing(Request):
    followup: str
    how: str | None = None


class Moving(Request):
    followup: str
    by: str


class Followup(Result):
    """`days` is how many days are left; below 0 it is overdue. `word` is the debt's cover word."""

    ref: str
    kind: str
    debt: str | None
    word: str | None
    text: str
    by: date
    days: int
    overdue: bool
    closed_at: datetime | None
    closed_how: str | None


class Followups(Result):
    """The open ones first, the earliest day first, so that the overdue lead."""

    followups: list[Followup]


def add(ctx: PersonContext, request: NewFollowup) -> Followup:
    debt_id = None
    if request.debt.strip() != NO_DEBT:
        debt_id = finding.debt(ctx, request.debt).id
    kind = (request.kind or "task").strip().casefold()
    if kind not in KINDS:
        raise InputError(
            "kind is {value!r}; a follow-up is one of {known}.",
            field="kind",
            value=reading.shown(request.kind or ""),
            known=", ".join(KINDS),
        )
    row = insert(
        ctx.session,
        FollowupRow(
            person_id=ctx.person.id,
            debt_id=debt_id,
            ref=_fresh_ref(ctx),
            kind=kind,
            said=text.line(request.text, field="text", longest=500),
            due_on=_day(ctx, request.by),
            opened_at=ctx.now,
        ),
    )
    wakes.set_wake(ctx.session, "followup", row.id, ctx.person.id, ctx.now)
    return _shown(ctx, row).model_copy(update={"said": [_line(ctx, row), *_reminded(ctx, row)]})


def list_followups(ctx: PersonContext, request: WhichFollowups) -> Followups:
    wanted = finding.debt(ctx, request.debt).id if request.debt else None
    rows = followups.of_person(ctx.session, ctx.person.id, closed=request.closed)
    rows = [row for row in rows if wanted is None or row.debt_id == wanted]
    rows.sort(key=lambda row: row.closed_at is not None)
    return Followups(followups=shown(ctx, rows))


def close(ctx: PersonContext, request: Closing) -> Followup:
    """It came, or was done. `followup reopen` takes it back."""
    row = _find(ctx, request.followup)
    if row.closed_at is not None:
        raise ConflictError(
            "{ref} is closed already.",
            field="followup",
            hint=N_("`tracker followup reopen {ref}` opens it again."),
            ref=row.ref,
        )
    how = text.optional_line(request.how, field="how", longest=500)
    row.closed_at = ctx.now
    row.closed_how = how or ctx.language.text(DONE)
    insert(ctx.session, row)
    booking.withdraw_messages(ctx, _subject(row), CLOSED)
    wakes.set_wake(ctx.session, "followup", row.id, ctx.person.id, None)
    said = ctx.language.text(
        "Closed: {text} ({how}). `tracker followup reopen {ref}` takes it back.",
        text=row.said,
        how=row.closed_how,
        ref=row.ref,
    )
    return _shown(ctx, row).model_copy(update={"said": [said]})


def reopen(ctx: PersonContext, request: OneFollowup) -> Followup:
    row = _find(ctx, request.followup)
    if row.closed_at is None:
        raise ConflictError("{ref} is open.", field="followup", ref=row.ref)
    row.closed_at = row.closed_how = None
    insert(ctx.session, row)
    # Its reminders were made already, so that nothing would make these messages again.
    for message in delivery.messages_for(ctx.session, _subject(row), ("cancelled",)):
        if message.reason == CLOSED and ctx.now < message.useful_until_at:
            delivery.resume(ctx.session, message, ctx.now)
    wakes.set_wake(ctx.session, "followup", row.id, ctx.person.id, ctx.now)
    return _shown(ctx, row).model_copy(update={"said": [_line(ctx, row), *_reminded(ctx, row)]})


def move(ctx: PersonContext, request: Moving) -> Followup:
    row = _find(ctx, request.followup)
    if row.closed_at is not None:
        raise ConflictError(
            "{ref} is closed.",
            field="followup",
            hint=N_("`tracker followup reopen {ref}` opens it again."),
            ref=row.ref,
        )
    by = _day(ctx, request.by)
    if by == row.due_on:
        raise ConflictError(
            "{ref} is for {day} already.", field="by", ref=row.ref, day=by.isoformat()
        )
    row.due_on = by
    insert(ctx.session, row)
    booking.withdraw_messages(ctx, _subject(row), MOVED)
    wakes.set_wake(ctx.session, "followup", row.id, ctx.person.id, ctx.now)
    return _shown(ctx, row).model_copy(update={"said": [_line(ctx, row), *_reminded(ctx, row)]})


def shown(ctx: PersonContext, rows: list[FollowupRow]) -> list[Followup]:
    names = {debt.id: debt for debt in debts.debts(ctx.session, ctx.person.id)}
    found = []
    for row in rows:
        debt = names[row.debt_id] if row.debt_id is not None else None
        days = (row.due_on - ctx.today).days
        found.append(
            Followup(
                ref=row.ref,
                kind=row.kind,
                debt=debt.handle if debt else None,
                word=debt.word if debt else None,
                text=row.said,
                by=row.due_on,
                days=days,
                overdue=days < 0 and row.closed_at is None,
                closed_at=row.closed_at,
                closed_how=row.closed_how,
            )
        )
    return found


def _shown(ctx: PersonContext, row: FollowupRow) -> Followup:
    return shown(ctx, [row])[0]


def _subject(row: FollowupRow) -> str:
    return f"followup:{row.ref}"


def _line(ctx: PersonContext, row: FollowupRow) -> str:
    return ctx.language.text(
        "{ref}: {text}, by {day}.", ref=row.ref, text=row.said, day=ctx.language.day(row.due_on)
    )


def _reminded(ctx: PersonContext, row: FollowupRow) -> list[str]:
    at = send_time_of(None, ctx.person, ctx.settings)
    said = []
    if instant(row.due_on, at, ctx.person.zone) <= ctx.now:
        said.append(
            ctx.language.text(
                "No message comes of it any more; it stays among what is open until it is closed."
            )
        )
    elif row.kind == "deadline":
        said.append(
            ctx.language.text(
                "A legal deadline: its messages come however quiet it is, and for themselves."
            )
        )
    return said


def _day(ctx: PersonContext, typed: str) -> date:
    return reading.parse_date(
        typed,
        today=ctx.today,
        field="by",
        past=False,
        earliest=ctx.today,
        latest=ctx.today + FURTHEST,
    )


def _find(ctx: PersonContext, typed: str) -> FollowupRow:
    """The one with this ref, or the only one that begins so."""
    rows = followups.of_person(ctx.session, ctx.person.id, closed=True)
    wanted = typed.strip().casefold()
    found = [row for row in rows if row.ref == wanted]
    found = found or [row for row in rows if wanted and row.ref.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            "followup is {value!r}, which could be any of {choices}.",
            field="followup",
            hint=N_("Type one more letter."),
            value=reading.shown(typed),
            choices=", ".join(row.ref for row in found[:8]),
        )
    raise NotFoundError(
        "There is no follow-up {value!r}.",
        field="followup",
        hint=N_("`tracker followups` shows them, each with its ref."),
        value=reading.shown(typed),
    )


def _fresh_ref(ctx: PersonContext) -> str:
    while True:
        ref = "".join(secrets.choice(each) for each in (_LETTERS, _DIGITS) * 3)
        if followups.by_ref(ctx.session, ref) is None:
            return ref
