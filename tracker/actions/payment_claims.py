"""Claims that an instalment was paid: from an answered text or a ticked to-do, to be confirmed.

A claim never counts as a payment and never reaches a report. The person accepts
it, which records the payment, or dismisses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.actions import payments, reversals
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.payments import NewPayment
from tracker.actions.receipts import Receipt
from tracker.actions.terms import open_minor, settled
from tracker.core import reading
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import debts, delivery, inbound, mirrors, plans
from tracker.store import payments as stored
from tracker.store.db import add as insert
from tracker.store.delivery import ReminderRow
from tracker.store.inbound import InboundRow, PaymentClaimRow
from tracker.store.plans import InstalmentRow, PlanVersionRow

NOTED = N_("It is noted as said to be paid; the person confirms it.")
WITHOUT_REF = N_("It names no ref, so it is not clear which one is meant.")
UNKNOWN_REF = N_("No text with such a ref went to this number.")
PAID_ALREADY = N_("That one was recorded as paid already.")
SAID_ALREADY = N_("The same was said before, and waits to be confirmed.")
NOT_PAYABLE = N_("What that text was about is nothing to be paid.")
TOO_MANY = N_("Too many such texts came in a day; this one was left out.")
MOST_A_DAY = 20
SCHEDULED = "payment:"
"""Before the id of a scheduled payment, where a claim is the answer to the question about it."""


class WhichClaims(Request):
    all: bool = False


class Accepted(Request):
    """`amount` left out: what is open of the instalment; `on` left out: the day it was said."""

    claim: str
    amount: str | None = None
    on: str | None = None
    method: str | None = None
    ref: str | None = None


class Dismissed(Request):
    claim: str


class Claim(Result):
    claim: int
    debt: str
    word: str
    seq: int
    open: Money
    said_at: datetime
    channel: str
    state: str


class Claims(Result):
    claims: list[Claim]


def claimed(people: Sequence[PersonContext], text: InboundRow, refs: Sequence[str]) -> str:
    """Claims for the refs that a text names; what came of it (a msgid).

    Only a ref that went to this very number counts. Call under the persons' locks.
    """
    if not refs:
        return WITHOUT_REF
    outcomes = [_claimed(people, text, ref) for ref in refs]
    # Of several the one that asks for attention is told.
    return next((each for each in outcomes if each != NOTED), NOTED)


def _claimed(people: Sequence[PersonContext], text: InboundRow, ref: str) -> str:
    for ctx in people:
        reminder = delivery.reminder_by_ref(ctx.session, ctx.person.id, text.sender, ref)
        if reminder is not None:
            return note(ctx, text, reminder)
    return UNKNOWN_REF


def note(ctx: PersonContext, text: InboundRow, reminder: ReminderRow) -> str:
    """One claim on what a reminder was about."""
    if reminder.debt_id is None:
        return NOT_PAYABLE
    if reminder.subject_ref.startswith(SCHEDULED):
        if _scheduled(ctx, reminder.debt_id, reminder.subject_ref) is None:
            return PAID_ALREADY
        return _noted(ctx, text, reminder.debt_id, reminder.subject_ref)
    if ":" in reminder.subject_ref:
        return NOT_PAYABLE
    return of_instalment(ctx, text, reminder.debt_id, reminder.subject_ref)


def of_instalment(ctx: PersonContext, text: InboundRow, debt_id: int, ref: str) -> str:
    """One claim on an instalment; a second while the first waits is none."""
    row, terms = _instalment(ctx, debt_id, ref)
    if row is None or terms is None:
        return NOT_PAYABLE
    if settled(row, terms):
        return PAID_ALREADY
    return _noted(ctx, text, debt_id, ref)


def _scheduled(ctx: PersonContext, debt_id: int, subject_ref: str) -> stored.PaymentRow | None:
    """The scheduled payment that a question was about, while it waits for an answer."""
    waiting = stored.unconfirmed(stored.of_debt(ctx.session, debt_id))
    named = subject_ref.removeprefix(SCHEDULED)
    return next((each for each in waiting if str(each.id) == named), None)


def _noted(ctx: PersonContext, text: InboundRow, debt_id: int, ref: str) -> str:
    if inbound.open_claim(ctx.session, ctx.person.id, ref) is not None:
        return SAID_ALREADY
    if inbound.claims_since(ctx.session, ctx.person.id, ctx.now - timedelta(days=1)) >= MOST_A_DAY:
        return TOO_MANY
    insert(
        ctx.session,
        PaymentClaimRow(
            person_id=ctx.person.id,
            number=inbound.next_number(ctx.session, ctx.person.id),
            debt_id=debt_id,
            instalment_ref=ref,
            inbound_id=text.id,
            said_at=text.said_at,
            state="open",
        ),
    )
    mirrors.hurry(ctx.session, ctx.person.id, ctx.now)
    return NOTED


def list_claims(ctx: PersonContext, request: WhichClaims) -> Claims:
    """Those that wait, or all of them; oldest first."""
    state = None if request.all else "open"
    found = (_shown(ctx, row) for row in inbound.claims(ctx.session, ctx.person.id, state=state))
    return Claims(claims=[each for each in found if each is not None])


def accept(ctx: PersonContext, request: Accepted) -> Receipt:
    """It was paid: record the payment, towards the instalment that was named."""
    row = _open(ctx, request.claim)
    debt = debts.debt(ctx.session, row.debt_id)
    if row.instalment_ref.startswith(SCHEDULED):
        return _went(ctx, row, request)
    about, terms = _instalment(ctx, row.debt_id, row.instalment_ref)
    if about is None or terms is None or settled(about, terms):
        raise ConflictError(
            "What claim {number} is about is settled already.",
            field="claim",
            hint=N_("`tracker payment dismiss {number}` closes it."),
            number=row.number,
        )
    # The sender's clock may be ahead of ours.
    day: date = min(row.said_at, ctx.now).astimezone(ZoneInfo(ctx.person.zone)).date()
    done = payments.pay(
        ctx,
        NewPayment(
            debt=debt.handle,
            amount=request.amount,
            on=request.on or day.isoformat(),
            method=request.method,
            ref=request.ref,
            instalment=str(about.seq),
        ),
    )
    row.state, row.decided_at = "accepted", ctx.now
    paid = stored.numbered(ctx.session, ctx.person.id, done.payment)
    row.payment_id = paid.id if paid else None
    insert(ctx.session, row)
    return done


def _went(ctx: PersonContext, row: PaymentClaimRow, request: Accepted) -> Receipt:
    """The scheduled payment that was asked about went: that is said once, and not paid again."""
    scheduled = _scheduled(ctx, row.debt_id, row.instalment_ref)
    if scheduled is None:
        raise ConflictError(
            "What claim {number} is about is settled already.",
            field="claim",
            hint=N_("`tracker payment dismiss {number}` closes it."),
            number=row.number,
        )
    if request.amount is not None:
        raise InputError(
            "amount is {value!r}; a scheduled payment went as it was scheduled.",
            field="amount",
            hint=N_("Leave it out; another sum is recorded with `tracker pay`."),
            value=request.amount[:40],
        )
    asked = reversals.Confirmation(payment=str(scheduled.number), went="yes", on=request.on)
    done = reversals.confirm(ctx, asked)
    row.state, row.decided_at = "accepted", ctx.now
    paid = stored.numbered(ctx.session, ctx.person.id, done.payment)
    row.payment_id = paid.id if paid else None
    insert(ctx.session, row)
    return done


def dismiss(ctx: PersonContext, request: Dismissed) -> Claims:
    """It was not paid, or it was said by mistake; reminders go on as before."""
    row = _open(ctx, request.claim)
    row.state, row.decided_at = "dismissed", ctx.now
    insert(ctx.session, row)
    said = ctx.language.text("Claim {number} is dismissed.", number=row.number)
    return list_claims(ctx, WhichClaims()).model_copy(update={"said": [said]})


def _open(ctx: PersonContext, typed: str) -> PaymentClaimRow:
    number = reading.parse_count(typed, field="claim", most=10**9)
    row = inbound.claim(ctx.session, ctx.person.id, number)
    if row is None:
        raise NotFoundError(
            "There is no claim {number}.",
            field="claim",
            hint=N_("`tracker payment claims` lists them."),
            number=number,
        )
    if row.state != "open":
        raise ConflictError(
            "Claim {number} is closed already.",
            field="claim",
            hint=N_("`tracker payment claims --all` lists closed ones too."),
            number=number,
        )
    return row


def _instalment(
    ctx: PersonContext, debt_id: int, ref: str
) -> tuple[InstalmentRow | None, PlanVersionRow | None]:
    terms = plans.in_force(ctx.session, debt_id)
    rows = plans.instalments(ctx.session, terms.id) if terms else []
    return next((each for each in rows if each.ref == ref), None), terms


def _shown(ctx: PersonContext, row: PaymentClaimRow) -> Claim | None:
    debt = debts.debt(ctx.session, row.debt_id)
    ref = row.instalment_ref
    if ref.startswith(SCHEDULED):
        scheduled = _scheduled(ctx, row.debt_id, ref)
        ref = (scheduled.for_ref if scheduled else None) or ref
    about, _ = _instalment(ctx, row.debt_id, ref)
    heard = inbound.by_id(ctx.session, row.inbound_id)
    return Claim(
        claim=row.number,
        debt=debt.handle,
        word=debt.word,
        seq=about.seq if about else 0,
        open=Money.of(open_minor(about) if about else 0, debt.currency),
        said_at=row.said_at,
        channel=heard.channel,
        state=row.state,
    )
