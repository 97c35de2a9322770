"""Putting off: the reminders of the next instalment wait, and then come once."""

from __future__ import annotations

from datetime import datetime

from tracker.actions import booking, finding, holds, moments, whereabouts
from tracker.actions.delivery.subjects import SNOOZED
from tracker.actions.office import PersonContext, Request, Result
from tracker.actions.terms import hours_of, send_time_of, settled
from tracker.core import due, waits
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import absences, plans, wakes
from tracker.store.absences import SnoozeRow
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanVersionRow

TOMORROW = "tomorrow"


class NewSnooze(Request):
    debt: str
    until: str | None = None


class Snooze(Result):
    """`goes_at` is `until_at`, or when messages may go again after it."""

    debt: str
    word: str
    seq: int
    count: int
    until_at: datetime
    goes_at: datetime
    send_by_at: datetime


def snooze(ctx: PersonContext, request: NewSnooze) -> Snooze:
    """Until tomorrow, or as said; never past the last moment to send."""
    debt = finding.debt(ctx, request.debt)
    terms = plans.terms(ctx.session, finding.live_plan(ctx, debt))
    rows = plans.instalments(ctx.session, terms.id)
    row = _next_open(debt, terms, rows)
    _refuse_held(ctx, debt)
    if row.send_by_at <= ctx.now:
        raise ConflictError(
            "The last moment to send {debt} {seq} of {count} was {at}; nothing is left to put off.",
            field="debt",
            hint=N_("Send it, or ask the creditor for another day: `tracker plan reschedule`."),
            debt=debt.handle,
            seq=row.seq,
            count=len(rows),
            at=moments.told(ctx, row.send_by_at),
        )
    where = whereabouts.of(ctx.session, ctx.person)
    until_at = waits.parse_moment(
        _without_until(request.until),
        now=ctx.now,
        zone=where.zone_at(ctx.now),
        at=send_time_of(terms, ctx.person, ctx.settings),
        field="until",
    )
    goes_at = due.within_hours(until_at, hours=hours_of(ctx.person, ctx.settings), where=where)
    _refuse_too_late(ctx, row, until_at, goes_at)
    earlier = absences.snooze(ctx.session, ctx.person.id, row.ref)
    if earlier is not None:
        wakes.set_wake(ctx.session, "snooze", earlier.id, ctx.person.id, None)
    made = insert(
        ctx.session,
        SnoozeRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            subject_ref=row.ref,
            recorded_at=ctx.now,
            until_at=until_at,
        ),
    )
    booking.withdraw_messages(ctx, row.ref, SNOOZED)
    wakes.set_wake(ctx.session, "snooze", made.id, ctx.person.id, until_at)
    moments.renew(ctx)
    return Snooze(
        debt=debt.handle,
        word=debt.word,
        seq=row.seq,
        count=len(rows),
        until_at=until_at,
        goes_at=goes_at,
        send_by_at=row.send_by_at,
        said=_said(ctx, debt, row, len(rows), goes_at),
        warnings=_warnings(ctx, row, goes_at),
    )


def _next_open(debt: DebtRow, terms: PlanVersionRow, rows: list[InstalmentRow]) -> InstalmentRow:
    row = next((each for each in rows if not settled(each, terms)), None)
    if row is None:
        raise ConflictError(
            "Nothing is open on {debt}, so nothing can be put off.",
            field="debt",
            hint=N_("`tracker plan show {debt}` shows what was paid."),
            debt=debt.handle,
        )
    return row


def _refuse_held(ctx: PersonContext, debt: DebtRow) -> None:
    kind = holds.silenced(ctx, debt.id)
    if kind is not None:
        raise ConflictError(
            "{debt} is on hold ({kind}) and says nothing anyway.",
            field="debt",
            hint=N_("`tracker debt release {debt}` ends the hold."),
            debt=debt.handle,
            kind=kind,
        )


def _refuse_too_late(
    ctx: PersonContext, row: InstalmentRow, until_at: datetime, goes_at: datetime
) -> None:
    last = moments.told(ctx, row.send_by_at)
    if until_at >= row.send_by_at:
        raise InputError(
            "until is {value}; the last moment to send is {last}.",
            field="until",
            hint=N_("Put it off to a time before that."),
            value=moments.told(ctx, until_at),
            last=last,
        )
    if goes_at >= row.send_by_at:
        raise InputError(
            "until is {value}, when no messages go; the next could go {at}, and the last moment "
            "to send is {last}.",
            field="until",
            hint=N_("Put it off to an hour at which messages go."),
            value=moments.told(ctx, until_at),
            at=moments.told(ctx, goes_at),
            last=last,
        )


def _said(
    ctx: PersonContext, debt: DebtRow, row: InstalmentRow, count: int, goes_at: datetime
) -> list[str]:
    lang = ctx.language
    return [
        lang.text(
            "{word} {seq} of {count}: silent until {at}, then one reminder. The last moment to "
            "send is {last}.",
            word=debt.word,
            seq=row.seq,
            count=count,
            at=moments.told(ctx, goes_at),
            last=moments.told(ctx, row.send_by_at),
        ),
        lang.text("Only this one is put off; legal deadlines and other plans go on."),
    ]


def _warnings(ctx: PersonContext, row: InstalmentRow, goes_at: datetime) -> list[str]:
    """A silence over everything may outlast it."""
    quiet = ctx.person.quiet_until_at
    if quiet is None or quiet <= goes_at:
        return []
    if quiet >= row.send_by_at:
        return [
            ctx.language.text(
                "It is quiet until {at}, past the last moment to send: no reminder will come. "
                "`tracker quiet off` ends that.",
                at=moments.told(ctx, quiet),
            )
        ]
    return [
        ctx.language.text(
            "It is quiet until {at}, so the reminder comes then.", at=moments.told(ctx, quiet)
        )
    ]


def _without_until(typed: str | None) -> str:
    """What was typed, as `until fri` or `fri`."""
    if typed is None:
        return TOMORROW
    words = typed.split()
    return " ".join(words[1:] if len(words) > 1 and words[0].casefold() == "until" else words)
