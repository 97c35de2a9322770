"""Creditors: recording, changing and showing them."""

from __future__ import annotations

from tracker.actions import finding
from tracker.actions.office import Nothing, PersonContext, Request, Result
from tracker.actions.reach import country_code
from tracker.core import reading, text
from tracker.errors import ConflictError
from tracker.language import N_
from tracker.store import debts, plans
from tracker.store.db import add as insert
from tracker.store.debts import CreditorRow

DEFAULT_CUTOFF = "16:00"


DEFAULT_CLEARING_DAYS = 1


class NewCreditor(Request):
    name: str
    handle: str | None = None
    zone: str | None = None
    country: str | None = None
    cutoff: str | None = None
    clearing_days: str | None = None


class CreditorChange(Request):
    creditor: str
    name: str | None = None
    zone: str | None = None
    country: str | None = None
    cutoff: str | None = None
    clearing_days: str | None = None


class OneCreditor(Request):
    creditor: str


class Creditor(Result):
    handle: str
    name: str
    zone: str
    country: str | None
    cutoff: str
    clearing_days: int


class Creditors(Result):
    creditors: list[Creditor]


def add(ctx: PersonContext, request: NewCreditor) -> Creditor:
    return shown(new_creditor(ctx, request))


def new_creditor(ctx: PersonContext, request: NewCreditor) -> CreditorRow:
    name = text.line(request.name, field="creditor", longest=120)
    rows = debts.creditors(ctx.session, ctx.person.id)
    _refuse_twin(name, rows, field="creditor")
    taken = {row.handle for row in rows}
    handle = (
        text.handle(request.handle, field="handle")
        if request.handle
        else text.handle_from(name, taken=taken, fallback="creditor")
    )
    refuse_taken(handle, taken)
    row = CreditorRow(
        person_id=ctx.person.id,
        handle=handle,
        name=name,
        zone=reading.parse_zone(request.zone or ctx.person.zone, field="zone"),
        country=country_code(request.country) if request.country else ctx.person.country,
        cutoff=_time(request.cutoff or DEFAULT_CUTOFF),
        clearing_days=_clearing_days(request.clearing_days),
        created_at=ctx.now,
    )
    return insert(ctx.session, row)


def edit(ctx: PersonContext, request: CreditorChange) -> Creditor:
    row = finding.creditor(ctx, request.creditor)
    if request.name is not None:
        name = text.line(request.name, field="name", longest=120)
        everyone = debts.creditors(ctx.session, ctx.person.id)
        _refuse_twin(name, [each for each in everyone if each.id != row.id], field="name")
        row.name = name
    if request.zone is not None:
        row.zone = reading.parse_zone(request.zone, field="zone")
    if request.country is not None:
        row.country = country_code(request.country)
    if request.cutoff is not None:
        row.cutoff = _time(request.cutoff)
    if request.clearing_days is not None:
        row.clearing_days = _clearing_days(request.clearing_days)
    insert(ctx.session, row)
    # How long money travels decides every send-by that is still to come.
    from tracker.actions.terms import renew_send_by

    for debt in debts.debts(ctx.session, ctx.person.id):
        plan = plans.live(ctx.session, debt.id)
        if debt.creditor_id == row.id and plan is not None:
            renew_send_by(ctx, plan, row)
    return shown(row)


def list_creditors(ctx: PersonContext, request: Nothing) -> Creditors:
    rows = debts.creditors(ctx.session, ctx.person.id)
    return Creditors(creditors=[shown(row) for row in rows])


def show(ctx: PersonContext, request: OneCreditor) -> Creditor:
    return shown(finding.creditor(ctx, request.creditor))


def shown(row: CreditorRow) -> Creditor:
    return Creditor(
        handle=row.handle,
        name=row.name,
        zone=row.zone,
        country=row.country,
        cutoff=row.cutoff,
        clearing_days=row.clearing_days,
    )


def _refuse_twin(name: str, rows: list[CreditorRow], *, field: str) -> None:
    """Two creditors whose names look the same would be paid for one another."""
    for row in rows:
        if text.same_name(row.name, name):
            raise ConflictError(
                "creditor {value!r} is recorded already, as {handle}.",
                field=field,
                hint=N_("Use it, or choose a name that differs by more than width or case."),
                value=name[:40],
                handle=row.handle,
            )


def refuse_taken(handle: str, taken: set[str]) -> None:
    if handle in taken:
        raise ConflictError(
            "handle {handle!r} is in use already.",
            field="handle",
            hint=N_("Choose another with --handle."),
            handle=handle,
        )


def _time(typed: str) -> str:
    return reading.parse_time(typed, field="cutoff").isoformat("minutes")


def _clearing_days(typed: str | None) -> int:
    if typed is None or not typed.strip():
        return DEFAULT_CLEARING_DAYS
    return reading.parse_count(typed, field="clearing_days", least=0, most=15)
