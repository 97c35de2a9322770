"""Journeys: the days on which a person is away, by which clock they live, what to pay before."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from tracker.actions import booking, falling, moments, quiet
from tracker.actions.delivery.subjects import CALLED_OFF
from tracker.actions.falling import Falling
from tracker.actions.office import Nothing, PersonContext, Request, Result
from tracker.actions.terms import send_time_of
from tracker.core import reading, waits
from tracker.core.dates import instant
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import absences, wakes
from tracker.store.absences import AbsenceRow
from tracker.store.db import add as insert


class NewAbsence(Request):
    days: str
    zone: str | None = None


class WhichAbsence(Request):
    number: str | None = None


class Absence(Result):
    """`until_on` is the first day back. `number` counts those that are not over."""

    number: int
    from_on: date
    until_on: date
    zone: str
    begun: bool


class Absences(Result):
    absences: list[Absence]


class Leaving(Result):
    """`falls` is what is to be sent on the days away."""

    absence: Absence
    falls: list[Falling]


def add(ctx: PersonContext, request: NewAbsence) -> Leaving:
    first, last = waits.parse_span(request.days, today=ctx.today, field="days")
    zone = ctx.person.zone
    if request.zone is not None:
        zone = reading.parse_zone(request.zone, field="zone")
    until_on = last + timedelta(days=1)
    for known in _coming(ctx):
        if known.from_on < until_on and first < known.until_on:
            raise ConflictError(
                "You are away from {first} to {last} already.",
                field="days",
                hint=N_("`tracker away off` calls that off; `tracker away list` shows them."),
                first=known.from_on.isoformat(),
                last=_last(known).isoformat(),
            )
    row = insert(
        ctx.session,
        AbsenceRow(
            person_id=ctx.person.id,
            from_on=first,
            until_on=until_on,
            zone=zone,
            recorded_at=ctx.now,
        ),
    )
    wakes.set_wake(ctx.session, "absence", row.id, ctx.person.id, ctx.now)
    moments.renew(ctx)
    rows = falling.within(ctx, *_away(ctx, row), days=(first, until_on))
    return Leaving(
        absence=_shown(ctx, row),
        falls=[each.shown() for each in rows],
        said=_said(ctx, row, rows),
    )


def list_absences(ctx: PersonContext, request: Nothing) -> Absences:
    return Absences(absences=[_shown(ctx, row) for row in _coming(ctx)])


def off(ctx: PersonContext, request: WhichAbsence) -> Absences:
    """Call a journey off, or come back before its end."""
    row = _meant(ctx, request.number)
    row.ended_at = ctx.now
    insert(ctx.session, row)
    wakes.set_wake(ctx.session, "absence", row.id, ctx.person.id, None)
    booking.withdraw_messages(ctx, f"leaving:{row.id}", CALLED_OFF)
    moments.renew(ctx)
    said = ctx.language.text(
        "The journey from {first} to {last} is called off; messages go by the clock of {zone}.",
        first=ctx.language.day(row.from_on),
        last=ctx.language.day(_last(row)),
        zone=ctx.person.zone,
    )
    return list_absences(ctx, Nothing()).model_copy(update={"said": [said]})


def _away(ctx: PersonContext, row: AbsenceRow) -> tuple[datetime, datetime]:
    """From the beginning of the day of departure, here or there, until the first day back."""
    begins = min(instant(row.from_on, time(0), zone) for zone in (ctx.person.zone, row.zone))
    ends = max(instant(row.until_on, time(0), zone) for zone in (ctx.person.zone, row.zone))
    return max(begins, ctx.now), ends


def _said(ctx: PersonContext, row: AbsenceRow, rows: list[falling.Open]) -> list[str]:
    lang = ctx.language
    said = [
        lang.text(
            "Away from {first} to {last}; on these days messages go by the clock of {zone}.",
            first=lang.day(row.from_on),
            last=lang.day(_last(row)),
            zone=row.zone,
        )
    ]
    if rows:
        said.append(lang.text("To pay or schedule before you leave:"))
        said += falling.told(ctx, rows)
        eve = row.from_on - timedelta(days=1)
        at = instant(eve, send_time_of(None, ctx.person, ctx.settings), ctx.person.zone)
        if at > ctx.now:
            said.append(lang.text("A message says it again on {at}.", at=moments.told(ctx, at)))
    else:
        said.append(lang.text("Nothing is to be sent on these days."))
    said.append(lang.text("It is no silence: `tracker quiet` makes one, and a hold is another."))
    said.append(lang.text(quiet.DEADLINES))
    return said


def _coming(ctx: PersonContext) -> list[AbsenceRow]:
    """Those that are not over where the person is then."""
    return [
        row
        for row in absences.absences(ctx.session, ctx.person.id)
        if row.until_on > ctx.today_in(row.zone)
    ]


def _meant(ctx: PersonContext, typed: str | None) -> AbsenceRow:
    rows = _coming(ctx)
    if not rows:
        raise NotFoundError("You are not away, and no journey is planned.", field="number")
    if typed is None and len(rows) == 1:
        return rows[0]
    if typed is None:
        raise InputError(
            "number is missing; {count} journeys are planned.",
            field="number",
            hint=N_("`tracker away list` numbers them."),
            count=len(rows),
        )
    number = reading.parse_count(typed, field="number")
    if number > len(rows):
        raise NotFoundError(
            "There is no journey {number}; {count} are planned.",
            field="number",
            hint=N_("`tracker away list` numbers them."),
            number=number,
            count=len(rows),
        )
    return rows[number - 1]


def _last(row: AbsenceRow) -> date:
    return row.until_on - timedelta(days=1)


def _shown(ctx: PersonContext, row: AbsenceRow) -> Absence:
    number = [each.id for each in _coming(ctx)].index(row.id) + 1
    return Absence(
        number=number,
        from_on=row.from_on,
        until_on=row.until_on,
        zone=row.zone,
        begun=row.from_on <= ctx.today_in(row.zone),
    )
