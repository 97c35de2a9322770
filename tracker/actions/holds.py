"""Holds on a debt: placing one, releasing it, and what it keeps silent meanwhile."""

from __future__ import annotations

from datetime import date

from tracker.actions import finding
from tracker.actions.office import PersonContext, Request, Result
from tracker.core import reading, text
from tracker.core.holds import LETTERS, OFFERS, REMINDERS, REPORTS, SILENCES, silences
from tracker.errors import ConflictError, InputError, RefusedError
from tracker.language import N_
from tracker.store import debts, delivery, owners, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow, HoldRow

OWNER = "unverified-owner"
QUIET = {
    REMINDERS: N_("reminders"),
    OFFERS: N_("offers"),
    LETTERS: N_("letters"),
    REPORTS: N_("reports"),
}


class NewHold(Request):
    debt: str
    kind: str
    until: str | None = None
    note: str | None = None


class Release(Request):
    debt: str
    kind: str | None = None


class Hold(Result):
    kind: str
    from_on: date
    until: date | None
    note: str | None
    silences: list[str]


class Holds(Result):
    debt: str
    holds: list[Hold]


def hold(ctx: PersonContext, request: NewHold) -> Holds:
    debt = finding.debt(ctx, request.debt)
    row = place(ctx, debt, request.kind, request.until, request.note)
    quiet = quiet_text(ctx, row.kind)
    if row.until_on is None:
        said = ctx.language.text(
            "{debt} is on hold ({kind}); silent until released: {quiet}.",
            debt=debt.handle,
            kind=row.kind,
            quiet=quiet,
        )
    else:
        said = ctx.language.text(
            "{debt} is on hold ({kind}) until before {until}; silent: {quiet}.",
            debt=debt.handle,
            kind=row.kind,
            quiet=quiet,
            until=ctx.language.date(row.until_on),
        )
    return Holds(debt=debt.handle, holds=in_force(ctx, debt.id), said=[said])


def release(ctx: PersonContext, request: Release) -> Holds:
    debt = finding.debt(ctx, request.debt)
    rows = debts.holds(ctx.session, debt.id, ctx.today)
    if request.kind:
        rows = [row for row in rows if row.kind == request.kind.strip().casefold()]
    if not rows:
        raise ConflictError(
            "{debt} has no such hold in force.",
            field="debt",
            hint=N_("`tracker debt show {debt}` lists its holds."),
            debt=debt.handle,
        )
    kept: list[str] = []
    if owners.is_unverified(owners.assignments(ctx.session, debt.id)):
        others = [row for row in rows if row.kind != OWNER]
        if not others:
            raise RefusedError(
                "{debt} was sold, and its new owner is not verified: attach the proof.",
                field="debt",
                hint=N_("`tracker debt verify {debt} --proof TEXT` ends the hold."),
                debt=debt.handle,
            )
        if len(others) < len(rows):
            kept.append(
                ctx.language.text(
                    "The hold on its owner stays until `tracker debt verify {debt}`.",
                    debt=debt.handle,
                )
            )
        rows = others
    lift(ctx, debt, rows)
    said = ctx.language.text("The hold on {debt} is released.", debt=debt.handle)
    return Holds(debt=debt.handle, holds=in_force(ctx, debt.id), said=[said], warnings=kept)


def lift(ctx: PersonContext, debt: DebtRow, rows: list[HoldRow]) -> None:
    """End these holds, and let what they held go on."""
    for row in rows:
        row.released_at = ctx.now
        insert(ctx.session, row)
    for message in delivery.held(ctx.session, "hold", debt_id=debt.id):
        delivery.resume(ctx.session, message, ctx.now)
    wake_plan(ctx, debt)


def of_owner(ctx: PersonContext, debt_id: int) -> list[HoldRow]:
    return [row for row in debts.holds(ctx.session, debt_id, ctx.today) if row.kind == OWNER]


def doubt_owner(ctx: PersonContext, debt: DebtRow, note: str) -> None:
    """Hold the debt until its new owner is verified; one that would end before gives way."""
    for row in of_owner(ctx, debt.id):
        row.released_at = ctx.now
        insert(ctx.session, row)
    place(ctx, debt, OWNER, None, note)


def place(
    ctx: PersonContext, debt: DebtRow, kind: str, until: str | None, note: str | None
) -> HoldRow:
    wanted = kind.strip().casefold()
    if wanted not in debts.HOLDS:
        raise InputError(
            "kind is {value!r}, which is no kind of hold.",
            field="kind",
            hint=N_("There are: {known}."),
            value=kind[:40],
            known=", ".join(debts.HOLDS),
        )
    if any(row.kind == wanted for row in debts.holds(ctx.session, debt.id, ctx.today)):
        raise ConflictError(
            "{debt} is on hold as {kind} already.",
            field="kind",
            hint=N_("Release it first with `tracker debt release {debt}`."),
            debt=debt.handle,
            kind=wanted,
        )
    until_on = None
    if until and until.strip():
        until_on = reading.parse_date(until, today=ctx.today, field="until", past=False)
        if until_on <= ctx.today:
            raise InputError(
                "until is {value!r}, which is not after today.",
                field="until",
                hint=N_("Give a later day, or leave it out: until released."),
                value=until,
            )
    row = insert(
        ctx.session,
        HoldRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            kind=wanted,
            from_on=ctx.today,
            until_on=until_on,
            note=text.optional_line(note, field="note", longest=500),
            created_at=ctx.now,
        ),
    )
    wake_plan(ctx, debt)
    return row


def in_force(ctx: PersonContext, debt_id: int) -> list[Hold]:
    return [
        Hold(
            kind=row.kind,
            from_on=row.from_on,
            until=row.until_on,
            note=row.note,
            silences=sorted(SILENCES[row.kind]),
        )
        for row in debts.holds(ctx.session, debt_id, ctx.today)
    ]


def quiet_text(ctx: PersonContext, kind: str) -> str:
    """What a kind of hold silences, in the person's language."""
    return ", ".join(ctx.language.text(QUIET[what]) for what in sorted(SILENCES[kind]))


def silenced(ctx: PersonContext, debt_id: int, what: str = REMINDERS) -> str | None:
    """The kind of hold that keeps `what` silent on this debt today, or None."""
    return silences((row.kind for row in debts.holds(ctx.session, debt_id, ctx.today)), what)


def wake_plan(ctx: PersonContext, debt: DebtRow) -> None:
    """Let the next tick look at the debt's plan again: what may be said has changed."""
    plan = plans.live(ctx.session, debt.id)
    if plan is not None:
        wakes.set_wake(ctx.session, "plan", plan.id, ctx.person.id, ctx.now)
