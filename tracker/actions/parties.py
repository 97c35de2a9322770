"""Who owes a debt too: joint holders and guarantors. Named on the debt, told to no creditor."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from tracker.actions import finding
from tracker.actions.office import PersonContext, Request, Result
from tracker.core import text
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import owners
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.owners import PartyRow


class NewParty(Request):
    debt: str
    role: str
    name: str
    note: str | None = None


class PartyEnd(Request):
    debt: str
    name: str


class Party(Result):
    role: str
    name: str
    note: str | None
    since: date


class Parties(Result):
    debt: str
    parties: list[Party]


def add(ctx: PersonContext, request: NewParty) -> Parties:
    debt = finding.debt(ctx, request.debt)
    role = request.role.strip().casefold()
    if role not in owners.ROLES:
        raise InputError(
            "role is {value!r}; who owes a debt too is one of: {known}.",
            field="role",
            hint=N_("A joint holder owes all of it; a guarantor if you do not pay."),
            value=request.role[:40],
            known=", ".join(owners.ROLES),
        )
    name = text.line(request.name, field="name", longest=120)
    twin = _named(ctx, debt, name)
    if twin is not None:
        raise ConflictError(
            "{name} is named on {debt} already, as {role}.",
            field="name",
            hint=N_("End that first: `tracker debt party-end {debt} NAME`."),
            name=twin.name,
            debt=debt.handle,
            role=twin.role,
        )
    insert(
        ctx.session,
        PartyRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            role=role,
            name=name,
            note=text.optional_line(request.note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )
    said = ctx.language.text(
        "{name} is named on {debt} as {role}.", name=name, debt=debt.handle, role=role
    )
    return Parties(debt=debt.handle, parties=named(ctx, debt), said=[said])


def end(ctx: PersonContext, request: PartyEnd) -> Parties:
    debt = finding.debt(ctx, request.debt)
    row = _named(ctx, debt, text.line(request.name, field="name", longest=120))
    if row is None:
        known = [each.name for each in owners.parties(ctx.session, debt.id)]
        raise NotFoundError(
            "Nobody called {value!r} is named on {debt}.",
            field="name",
            hint=N_("Named are: {known}.")
            if known
            else N_("`tracker debt party {debt} joint-holder NAME` names somebody."),
            value=request.name[:40],
            debt=debt.handle,
            known=", ".join(known),
        )
    row.ended_at = ctx.now
    insert(ctx.session, row)
    said = ctx.language.text(
        "{name} is no longer named on {debt}.", name=row.name, debt=debt.handle
    )
    return Parties(debt=debt.handle, parties=named(ctx, debt), said=[said])


def named(ctx: PersonContext, debt: DebtRow) -> list[Party]:
    zone = ZoneInfo(ctx.person.zone)
    return [
        Party(
            role=row.role,
            name=row.name,
            note=row.note,
            since=row.recorded_at.astimezone(zone).date(),
        )
        for row in owners.parties(ctx.session, debt.id)
    ]


def _named(ctx: PersonContext, debt: DebtRow, name: str) -> PartyRow | None:
    rows = owners.parties(ctx.session, debt.id)
    return next((row for row in rows if text.same_name(row.name, name)), None)
