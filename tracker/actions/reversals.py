"""Taking payments back, and saying whether a scheduled one went: by a row of its own."""

from __future__ import annotations

from datetime import date, timedelta

from tracker.actions import booking, finding, hindsight, receipts
from tracker.actions.office import PersonContext, Request
from tracker.actions.receipts import Receipt
from tracker.core import reading, text
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import debts, payments, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow

UNDO_WITHIN = timedelta(hours=24)


class Bounced(Request):
    debt: str
    payment: str | None = None
    reason: str | None = None


class Void(Request):
    payment: str
    reason: str | None = None


class Confirmation(Request):
    payment: str
    went: str
    on: str | None = None


class Undo(Request):
    """The payment recorded last."""


def bounced(ctx: PersonContext, request: Bounced) -> Receipt:
    """The money came back: void the payment as of today."""
    debt = finding.debt(ctx, request.debt)
    if request.payment:
        row = finding.payment(ctx, request.payment)
        if row.debt_id != debt.id:
            raise InputError(
                "payment #{number} does not belong to {debt}.",
                field="payment",
                hint=N_("`tracker payment list {debt}` shows its payments."),
                number=row.number,
                debt=debt.handle,
            )
        if row.kind == "refund":
            raise InputError(
                "payment #{number} is a refund; only money that you sent can bounce.",
                field="payment",
                hint=N_("If it never came: `tracker payment void {number}`."),
                number=row.number,
            )
    else:
        counting = payments.counting(payments.of_debt(ctx.session, debt.id))
        if not counting:
            raise ConflictError(
                "{debt} has no payment that could have bounced.",
                field="debt",
                hint=N_("`tracker payment list {debt}` shows its payments."),
                debt=debt.handle,
            )
        row = counting[-1]
    return _reverse(ctx, row, on=ctx.today, reason=request.reason or "bounced")


def undo(ctx: PersonContext, request: Undo) -> Receipt:
    """Void the payment recorded last, if that was within a day; a split as a whole."""
    rows = payments.of_person(ctx.session, ctx.person.id)
    open_rows = _standing(rows)
    last = max(open_rows, key=lambda row: row.number, default=None)
    if last is None or (rows and rows[-1].number != last.number):
        raise ConflictError(
            "There is no payment to undo; the last thing recorded was not one.",
            field="payment",
            hint=N_("Void an older one with `tracker payment void NUMBER`."),
        )
    if ctx.now - last.recorded_at > UNDO_WITHIN:
        raise ConflictError(
            "payment #{number} was recorded more than a day ago.",
            field="payment",
            hint=N_("If it is wrong all the same: `tracker payment void {number}`."),
            number=last.number,
        )
    parts = [row for row in open_rows if row.batch == last.batch] if last.batch else [last]
    undone = [_reverse(ctx, row, on=row.on_date, reason="undone") for row in parts]
    said = [line for each in undone for line in each.said]
    return undone[-1].model_copy(update={"said": said})


def void(ctx: PersonContext, request: Void) -> Receipt:
    """A payment that never was: void it as of its own date."""
    row = finding.payment(ctx, request.payment)
    return _reverse(ctx, row, on=row.on_date, reason=request.reason or "mistake")


def confirm(ctx: PersonContext, request: Confirmation) -> Receipt:
    """Say whether a scheduled payment went; only then does it count."""
    row = finding.payment(ctx, request.payment)
    rows = payments.of_debt(ctx.session, row.debt_id)
    if row.id not in {each.id for each in payments.unconfirmed(rows)}:
        raise ConflictError(
            "payment #{number} is not waiting for an answer.",
            field="payment",
            hint=N_("Only scheduled payments are confirmed, each once."),
            number=row.number,
        )
    went = request.went.strip().casefold()
    if went in ("no", "n"):
        return _reverse(ctx, row, on=row.on_date, reason="did not go")
    if went not in ("yes", "y"):
        raise InputError(
            "went is {value!r}; the answer is yes or no.", field="went", value=went[:40]
        )
    on = min(row.on_date, ctx.today)
    if request.on:
        on = reading.parse_date(request.on, today=ctx.today, field="on", latest=ctx.today)
    debt = debts.debt(ctx.session, row.debt_id)
    seen = hindsight.seen(ctx, debt) if on < ctx.today else None
    paid = insert(
        ctx.session,
        PaymentRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            number=payments.next_number(ctx.session, ctx.person.id),
            kind="payment",
            amount_minor=row.amount_minor,
            on_date=on,
            method=row.method,
            reference=row.reference,
            note=row.note,
            for_ref=row.for_ref,
            confirms_id=row.id,
            recorded_at=ctx.now,
            sent_minor=row.sent_minor,
            sent_currency=row.sent_currency,
            rate=row.rate,
        ),
    )
    _stop_asking(ctx, row)
    receipt = receipts.made(ctx, debt, paid, booking.rebook(ctx, debt), [])
    return seen.told(ctx, debt, receipt) if seen else receipt


def _reverse(ctx: PersonContext, row: PaymentRow, *, on: date, reason: str) -> Receipt:
    rows = payments.of_debt(ctx.session, row.debt_id)
    if row.id not in {each.id for each in _standing(rows)}:
        raise ConflictError(
            "payment #{number} does not count any more; it cannot be voided again.",
            field="payment",
            hint=N_("`tracker payment list` shows what became of it."),
            number=row.number,
        )
    debt = debts.debt(ctx.session, row.debt_id)
    covered = _covered(ctx, debt) if row.kind == "scheduled" else set()
    changes_history = row.kind != "scheduled" and min(on, row.on_date) < ctx.today
    seen = hindsight.seen(ctx, debt) if changes_history else None
    reversal = insert(
        ctx.session,
        PaymentRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            number=payments.next_number(ctx.session, ctx.person.id),
            kind="reversal",
            amount_minor=row.amount_minor,
            on_date=on,
            method=row.method,
            reverses_id=row.id,
            reason=text.line(reason, field="reason", longest=200),
            recorded_at=ctx.now,
        ),
    )
    if row.kind == "scheduled":
        _stop_asking(ctx, row)
        # What was quiet because of it must be heard again.
        for instalment in _open_rows(ctx, debt):
            if instalment.ref in covered - _covered(ctx, debt):
                booking.reopen(ctx, instalment)
    book = booking.rebook(ctx, debt)
    receipt = receipts.voided(ctx, debt, row, reversal, book)
    return seen.told(ctx, debt, receipt) if seen else receipt


def _standing(rows: list[PaymentRow]) -> list[PaymentRow]:
    """What can still be taken back: payments, scheduled ones, and refunds."""
    return payments.counting(rows) + payments.unconfirmed(rows) + payments.refunds(rows)


def _covered(ctx: PersonContext, debt: DebtRow) -> set[str]:
    return booking.covered_by_schedule(ctx, debt.id, _open_rows(ctx, debt), today=date.min)


def _open_rows(ctx: PersonContext, debt: DebtRow) -> list[plans.InstalmentRow]:
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        return []
    return plans.instalments(ctx.session, plans.terms(ctx.session, plan).id)


def _stop_asking(ctx: PersonContext, row: PaymentRow) -> None:
    booking.withdraw_messages(ctx, f"payment:{row.id}", booking.ANSWERED)
    wakes.set_wake(ctx.session, "payment", row.id, ctx.person.id, None)
