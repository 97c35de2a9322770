"""Creditors and debts: recording, changing and showing them."""

from __future__ import annotations

from datetime import date

from tracker.actions import details, finding, gate, holds, owners, parties, statements
from tracker.actions.creditors import NewCreditor, new_creditor, refuse_taken
from tracker.actions.figures import balance_minor
from tracker.actions.office import Money, Nothing, PersonContext, Request, Result
from tracker.actions.owed import Owed, owed
from tracker.channels.cover import check_cover_word, default_cover_word
from tracker.core import money, reading, text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts, plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtDateRow, DebtRow

UNKNOWN_WORDS = ("?", "unknown", "don't know", "dont know")
NEVER_WORDS = ("never", "none", "no")


class NewDebt(Request):
    creditor: str
    new_creditor: bool = False
    handle: str | None = None
    word: str | None = None
    kind: str | None = None
    reference: str | None = None
    currency: str | None = None
    jurisdiction: str | None = None
    claim: str | None = None
    total: str | None = None
    principal: str | None = None
    interest: str | None = None
    penalties: str | None = None
    fees: str | None = None
    costs: str | None = None
    as_of: str | None = None
    first_missed: str | None = None
    defaulted: str | None = None
    last_payment: str | None = None
    last_contact: str | None = None
    judgment: str | None = None
    hold: str | None = None
    hold_until: str | None = None
    accept: bool = False


class DebtChange(Request):
    debt: str
    word: str | None = None
    kind: str | None = None
    reference: str | None = None
    jurisdiction: str | None = None
    claim: str | None = None
    first_missed: str | None = None
    defaulted: str | None = None
    last_payment: str | None = None
    last_contact: str | None = None
    judgment: str | None = None


class WhichDay(Request):
    debt: str
    on: str | None = None


class KnownDate(Result):
    state: str
    on: date | None


class PlanLine(Result):
    version: int
    done: int
    count: int
    ends_on: date
    state: str


class Debt(Result):
    handle: str
    word: str
    creditor: str
    creditor_name: str
    kind: str
    reference: str | None
    currency: str
    jurisdiction: str | None
    claim: str | None
    dates: dict[str, KnownDate]
    holds: list[holds.Hold]
    owners: list[owners.Owner]
    parties: list[parties.Party]
    payee_waiting: details.Waiting | None
    statement: statements.Statement | None
    balance: Money | None
    plan: PlanLine | None
    owed: Owed | None = None


class Debts(Result):
    debts: list[Debt]


def add(ctx: PersonContext, request: NewDebt) -> Debt:
    """Record a debt; the gate on admissions asks first where the time to sue matters."""
    creditor = (
        new_creditor(ctx, NewCreditor(name=request.creditor, country=request.jurisdiction or None))
        if request.new_creditor
        else finding.creditor(ctx, request.creditor)
    )
    rows = debts.debts(ctx.session, ctx.person.id)
    taken = {row.handle for row in rows}
    handle = (
        text.handle(request.handle, field="handle")
        if request.handle
        else text.handle_from(creditor.handle, taken=taken, fallback="debt")
    )
    refuse_taken(handle, taken)
    row = insert(
        ctx.session,
        DebtRow(
            person_id=ctx.person.id,
            creditor_id=creditor.id,
            handle=handle,
            word=_word(ctx, request.word, [each.word for each in rows]),
            kind=_kind(request.kind),
            reference=text.optional_line(request.reference, field="reference", longest=60),
            currency=money.currency_code(request.currency or ctx.person.currency),
            jurisdiction=gate.jurisdiction(
                request.jurisdiction or creditor.country or ctx.person.country
            ),
            claim=gate.claim(
                request.claim, request.jurisdiction or creditor.country or ctx.person.country
            ),
            created_at=ctx.now,
        ),
    )
    for kind in debts.DATES:
        _set_date(ctx, row, kind, getattr(request, kind))
    if any(getattr(request, figure) for figure in ("total", *statements.PARTS)):
        statements.record(
            ctx,
            row,
            on=request.as_of,
            total=request.total,
            principal=request.principal,
            interest=request.interest,
            penalties=request.penalties,
            fees=request.fees,
            costs=request.costs,
            note=None,
            day_field="as_of",
        )
    if request.hold:
        holds.place(ctx, row, request.hold, request.hold_until, None)
    gate.pass_or_ask(ctx, row, act="debt.add", accepted=request.accept)
    debt = shown(ctx, row)
    said = ctx.language.text(
        "Recorded: {handle}, {creditor}; its cover word is {word}.",
        handle=row.handle,
        creditor=creditor.name,
        word=row.word,
    )
    return debt.model_copy(update={"said": [said]})


def edit(ctx: PersonContext, request: DebtChange) -> Debt:
    row = finding.debt(ctx, request.debt)
    if request.word is not None:
        others = [
            each.word for each in debts.debts(ctx.session, ctx.person.id) if each.id != row.id
        ]
        row.word = _word(ctx, request.word, others)
    if request.kind is not None:
        row.kind = _kind(request.kind)
    if request.reference is not None:
        row.reference = text.optional_line(request.reference, field="reference", longest=60)
    if request.jurisdiction is not None:
        row.jurisdiction = gate.jurisdiction(request.jurisdiction)
    if request.claim is not None:
        row.claim = gate.claim(request.claim, row.jurisdiction)
    insert(ctx.session, row)
    for kind in debts.DATES:
        _set_date(ctx, row, kind, getattr(request, kind))
    return shown(ctx, row)


def list_debts(ctx: PersonContext, request: Nothing) -> Debts:
    rows = debts.debts(ctx.session, ctx.person.id)
    return Debts(debts=[shown(ctx, row) for row in rows])


def show(ctx: PersonContext, request: WhichDay) -> Debt:
    """With what is owed today, or on any other day."""
    row = finding.debt(ctx, request.debt)
    day = reading.parse_date(request.on or "today", today=ctx.today, field="on", past=False)
    return shown(ctx, row).model_copy(update={"owed": owed(ctx, row, day)})


def shown(ctx: PersonContext, row: DebtRow) -> Debt:
    creditor = debts.creditor(ctx.session, row.creditor_id)
    stated = debts.statements(ctx.session, row.id)
    balance = balance_minor(ctx, row)
    return Debt(
        handle=row.handle,
        word=row.word,
        creditor=creditor.handle,
        creditor_name=creditor.name,
        kind=row.kind,
        reference=row.reference,
        currency=row.currency,
        jurisdiction=row.jurisdiction,
        claim=row.claim,
        dates=_dates(ctx, row),
        holds=holds.in_force(ctx, row.id),
        owners=owners.history(ctx, row).owners,
        parties=parties.named(ctx, row),
        payee_waiting=details.waiting(ctx, row),
        statement=statements.shown(stated[-1], stated, row.currency) if stated else None,
        balance=Money.of(balance, row.currency) if balance is not None else None,
        plan=_plan_line(ctx, row),
    )


def _plan_line(ctx: PersonContext, row: DebtRow) -> PlanLine | None:
    from tracker.actions.terms import count_settled

    plan = plans.latest(ctx.session, row.id)
    if plan is None:
        return None
    terms = plans.terms(ctx.session, plan)
    rows = plans.instalments(ctx.session, terms.id)
    return PlanLine(
        version=plan.version,
        done=count_settled(rows, terms.tolerance_minor),
        count=len(rows),
        ends_on=rows[-1].due_on,
        state="live" if plan.ended_at is None else "ended",
    )


def _dates(ctx: PersonContext, row: DebtRow) -> dict[str, KnownDate]:
    """What is known of each date; a payment recorded here may be later than the one told."""
    known = debts.dates(ctx.session, row.id)
    found = {
        kind: KnownDate(state=known[kind].state, on=known[kind].on_date)
        if kind in known
        else KnownDate(state="not-asked", on=None)
        for kind in debts.DATES
    }
    paid_on = gate.last_paid_on(ctx, row)
    told = found["last_payment"].on
    if paid_on is not None and (told is None or paid_on > told):
        found["last_payment"] = KnownDate(state="known", on=paid_on)
    return found


def _word(ctx: PersonContext, typed: str | None, taken: list[str]) -> str:
    if typed:
        return check_cover_word(typed, locale=ctx.person.locale, taken=taken)
    return default_cover_word(ctx.person.locale, taken)


def _kind(typed: str | None) -> str:
    kind = (typed or "ordinary").strip().casefold()
    if kind not in debts.KINDS:
        raise InputError(
            "kind is {value!r}; a debt is priority or ordinary.",
            field="kind",
            hint=N_("Priority are those whose loss costs home, energy or freedom."),
            value=kind[:40],
        )
    return kind


def _set_date(ctx: PersonContext, debt: DebtRow, kind: str, typed: str | None) -> None:
    """Record what is known of a date: a day, "?" (don't know) or "never"."""
    if typed is None or not typed.strip():
        return
    word = typed.strip().casefold()
    row = debts.dates(ctx.session, debt.id).get(kind) or DebtDateRow(
        debt_id=debt.id, kind=kind, state="unknown"
    )
    if word in UNKNOWN_WORDS:
        row.state, row.on_date = "unknown", None
    elif word in NEVER_WORDS:
        row.state, row.on_date = "never", None
    else:
        row.state, row.on_date = (
            "known",
            reading.parse_date(word, today=ctx.today, field=kind, latest=ctx.today),
        )
    insert(ctx.session, row)
