"""The answer to a recorded payment: what it covered, what comes next."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tracker.actions.booking import Book
from tracker.actions.figures import balance_minor
from tracker.actions.office import Money, PersonContext, Result
from tracker.actions.terms import open_minor, settled
from tracker.language import N_
from tracker.store import wakes
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow
from tracker.store.plans import InstalmentRow


class Covered(Result):
    seq: int
    amount: Money
    state: str


class Next(Result):
    seq: int
    due_on: date
    send_by_at: datetime
    amount: Money


class Receipt(Result):
    payment: int
    debt: str
    word: str
    amount: Money
    on: date
    kind: str
    seq: int | None
    count: int | None
    covered: list[Covered]
    overpaid: Money | None
    next: Next | None
    balance: Money | None


def made(
    ctx: PersonContext, debt: DebtRow, row: PaymentRow, book: Book | None, warnings: list[str]
) -> Receipt:
    """The receipt of a payment, of one that is scheduled, or of a refund.

    The next tick sends word of a payment, to whoever has a way for that.
    """
    ways = ctx.person.channels.split(",")
    if row.kind == "payment" and not set(ways).isdisjoint(ctx.settings.reminders.receipts):
        wakes.set_wake(ctx.session, "receipt", row.id, ctx.person.id, ctx.now)
    lang = ctx.language
    receipt = _receipt(ctx, debt, row, book)
    amount = lang.money(row.amount_minor, debt.currency)
    # The year is said where it is another one: typed wrongly, it would not be seen.
    this_year = row.on_date.year == ctx.today.year
    day = lang.day(row.on_date) if this_year else lang.date(row.on_date)
    if row.kind == "scheduled":
        said = [
            lang.text(
                "Scheduled as #{number}: {amount} for {word} on {day}. It counts once you say "
                "that it went; you are asked the morning after.",
                number=row.number,
                amount=amount,
                word=debt.word,
                day=day,
            )
        ]
    else:
        said = [
            lang.text(
                N_("Recorded as #{number}: {amount} for {word} on {day}.")
                if row.kind == "payment"
                else N_("Refund recorded as #{number}: {amount} came back from {word} on {day}."),
                number=row.number,
                amount=amount,
                word=debt.word,
                day=day,
            )
        ]
    said += _covered_lines(ctx, book, receipt)
    said += _next_line(ctx, receipt)
    warned = list(warnings)
    if book is not None and row.kind == "payment" and row.on_date < book.begins:
        warned.append(
            lang.text(
                "The plan was agreed on {day} only, so this payment counts towards none of "
                "its instalments.",
                day=lang.date(book.begins),
            )
        )
    if over := _overpaid_minor(row, book):
        warned.append(
            lang.text(
                "That is {amount} more than the plan still asks; it is recorded as overpaid.",
                amount=lang.money(over, debt.currency),
            )
        )
    return receipt.model_copy(update={"said": said, "warnings": warned})


def voided(
    ctx: PersonContext,
    debt: DebtRow,
    row: PaymentRow,
    reversal: PaymentRow,
    book: Book | None,
) -> Receipt:
    """The receipt of a reversal: what is open again."""
    receipt = _receipt(ctx, debt, reversal, book)
    said = [
        ctx.language.text(
            "Voided: #{number}, {amount} for {word}; recorded as #{reversal}.",
            number=row.number,
            amount=ctx.language.money(row.amount_minor, debt.currency),
            word=debt.word,
            reversal=reversal.number,
        ),
        *_next_line(ctx, receipt),
    ]
    return receipt.model_copy(update={"said": said})


def _receipt(ctx: PersonContext, debt: DebtRow, row: PaymentRow, book: Book | None) -> Receipt:
    covered = _covered(debt, row, book)
    following = book.next_open() if book else None
    overpaid = _overpaid_minor(row, book)
    balance = balance_minor(ctx, debt, book.paid if book else None)
    return Receipt(
        payment=row.number,
        debt=debt.handle,
        word=debt.word,
        amount=Money.of(row.amount_minor, debt.currency),
        on=row.on_date,
        kind=row.kind,
        seq=covered[-1].seq if covered else None,
        count=len(book.rows) if book else None,
        covered=covered,
        overpaid=Money.of(overpaid, debt.currency) if overpaid else None,
        next=_next(debt, following) if following else None,
        balance=Money.of(balance, debt.currency) if balance is not None else None,
    )


def _overpaid_minor(row: PaymentRow, book: Book | None) -> int:
    return dict(book.allocated.overpaid).get(row.id, 0) if book else 0


def _covered(debt: DebtRow, row: PaymentRow, book: Book | None) -> list[Covered]:
    if book is None:
        return []
    rows = {each.ref: each for each in book.rows}
    return sorted(
        (
            Covered(
                seq=rows[part.ref].seq,
                amount=Money.of(part.amount_minor, debt.currency),
                state="paid" if settled(rows[part.ref], book.terms) else "part-paid",
            )
            for part in book.allocated.parts
            if part.payment_id == row.id
        ),
        key=lambda each: each.seq,
    )


def _next(debt: DebtRow, row: InstalmentRow) -> Next:
    return Next(
        seq=row.seq,
        due_on=row.due_on,
        send_by_at=row.send_by_at,
        amount=Money.of(open_minor(row), debt.currency),
    )


def _covered_lines(ctx: PersonContext, book: Book | None, receipt: Receipt) -> list[str]:
    """7 of 12 is paid; with a small gap, or with part left, said as it is."""
    if book is None:
        return []
    said = []
    for each in receipt.covered:
        row = book.row(each.seq)
        assert row is not None  # covered lists rows of this book
        gap = open_minor(row)
        currency = receipt.amount.currency
        if gap == 0:
            msgid = N_("{seq} of {count} is paid.")
        elif each.state == "paid":
            msgid = N_("{seq} of {count} counts as paid; {gap} is missing, within the tolerance.")
        else:
            msgid = N_("{seq} of {count}: part left, {gap}.")
        said.append(
            ctx.language.text(
                msgid,
                seq=each.seq,
                count=receipt.count,
                gap=ctx.language.money(gap, currency),
            )
        )
    return said


def _next_line(ctx: PersonContext, receipt: Receipt) -> list[str]:
    if receipt.next is None:
        if receipt.count is None:
            return []
        return [ctx.language.text("Nothing more is open in this plan.")]
    if receipt.next.due_on < ctx.today:
        # It can no longer be sent by a day that lies ahead.
        return [
            ctx.language.text(
                N_("Still open: {seq} of {count}, due {due}."),
                seq=receipt.next.seq,
                count=receipt.count,
                due=ctx.language.day(receipt.next.due_on),
            )
        ]
    send_by = receipt.next.send_by_at.astimezone(ZoneInfo(ctx.person.zone)).date()
    return [
        ctx.language.text(
            "Next: {seq} of {count}, due {due}, send by {send_by}.",
            seq=receipt.next.seq,
            count=receipt.count,
            due=ctx.language.day(receipt.next.due_on),
            send_by=ctx.language.day(send_by),
        )
    ]
