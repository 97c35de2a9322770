"""What is owed on any day, part by part, and what waiting longer adds to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TypeVar

from tracker.actions import figures, queries, rates
from tracker.actions.figures import Facts
from tracker.actions.office import Money, PersonContext, Result
from tracker.core.components import Component
from tracker.core.dates import month_day
from tracker.core.entries import Replayed
from tracker.core.facts import Charge, Concession, Fact, Payment, Refund, Reversal
from tracker.core.interest import Terms
from tracker.core.policy import ORDERS, Order, Policy
from tracker.language import N_
from tracker.store import debts
from tracker.store import terms as stored
from tracker.store.debts import DebtRow

Dated = TypeVar("Dated", Terms, Policy)


class Waiting(Result):
    """What one more day, week or month adds: in all, and to each part that it changes."""

    after: str
    on: date
    adds: Money
    parts: dict[str, Money]


class Owed(Result):
    """The ledger on a day. `known`: False on days before it opens; then there is no figure.

    `terms`, `granted` (by a plan) and `order` are in force on that day, in sentences;
    `goes_to` is the order that a payment on that day would take. `unsplit`: the
    opening figure had no parts, so that all of it counts as principal. `waiting`
    takes it that nothing is paid, charged or waived after the day. `overdue` is None
    on days on which something is, and nobody knows how much. `notes` say what
    a reader of the figures must know.
    """

    on: date
    known: bool
    parts: dict[str, Money]
    total: Money | None
    overpaid: Money | None
    overdue: Money | None
    days_overdue: int
    terms: str | None
    granted: str | None
    order: str | None
    goes_to: list[str]
    unsplit: bool
    waiting: list[Waiting]
    notes: list[str]


def owed(ctx: PersonContext, debt: DebtRow, day: date) -> Owed:
    book = figures.gather(ctx, debt, whole=True)
    if book is None or day < book.opening.stated_on:
        return _unknown(ctx, day, book)
    now = book.on(day)
    unsplit = _unsplit(ctx, debt, book)
    policy = _in_force(book, Policy, day)
    order = policy.at(now.days_overdue) if policy else Order.COSTS_FIRST
    notes = []
    if unsplit:
        notes.append(
            ctx.language.text(
                N_(
                    "The opening figure had no parts: the whole counts as principal until the "
                    "creditor names the parts."
                )
            )
        )
    terms = _in_force(book, Terms, day)
    grant = _granted(book, day)
    return Owed(
        on=day,
        known=True,
        parts=_parts(now, None, debt.currency),
        total=Money.of(now.balances.total, debt.currency),
        overpaid=Money.of(now.overpaid_minor, debt.currency) if now.overpaid_minor else None,
        overdue=Money.of(min(now.overdue_minor, now.balances.total), debt.currency)
        if now.overdue_minor or not now.days_overdue
        else None,
        days_overdue=now.days_overdue,
        terms=rates.terms_words(ctx.language, terms, debt.currency) if terms else None,
        granted=rates.granted_words(ctx.language, grant) if grant else None,
        order=_order(ctx, policy),
        goes_to=[component.value for component in ORDERS[order]],
        unsplit=unsplit,
        waiting=_waiting(book, now, debt.currency),
        notes=notes,
    )


def _unknown(ctx: PersonContext, day: date, book: Facts | None) -> Owed:
    if book is None:
        sentence = ctx.language.text(
            N_(
                "No statement opens this ledger yet; add the creditor's figure with "
                "`tracker statement add`."
            )
        )
    else:
        sentence = ctx.language.text(
            N_("Nothing is known of {day}: the ledger opens on {opening}."),
            day=ctx.language.date(day),
            opening=ctx.language.date(book.opening.stated_on),
        )
    return Owed(
        on=day,
        known=False,
        parts={},
        total=None,
        overpaid=None,
        overdue=None,
        days_overdue=0,
        terms=None,
        granted=None,
        order=None,
        goes_to=[],
        unsplit=False,
        waiting=[],
        notes=[sentence],
    )


def _in_force(book: Facts, kind: type[Dated], day: date) -> Dated | None:
    """The last that began by the day."""
    found = [fact for fact in book.later if isinstance(fact, kind) and fact.from_on <= day]
    return max(found, key=lambda fact: fact.from_on, default=None)


def _granted(book: Facts, day: date) -> Concession | None:
    found = [
        fact
        for fact in book.later
        if isinstance(fact, Concession)
        and fact.from_on <= day
        and (fact.until_on is None or day < fact.until_on)
    ]
    return max(found, key=lambda fact: fact.from_on, default=None)


def _order(ctx: PersonContext, policy: Policy | None) -> str:
    if policy is not None:
        return rates.order_words(ctx.language, policy)
    return ctx.language.text(
        N_("{order}, since no order is recorded"),
        order=rates.chain(ctx.language, Order.COSTS_FIRST),
    )


def _unsplit(ctx: PersonContext, debt: DebtRow, book: Facts) -> bool:
    """Opened by a total alone, and no statement with parts agrees with the ledger since."""
    if book.opening.split:
        return False
    stated = debts.statements(ctx.session, debt.id)
    taken = {row.statement_id for row in stored.charges(ctx.session, debt.id)}
    for row in stated:
        if row.principal_minor is None:
            continue
        found = queries.compared(ctx, debt, row, stated)
        if row.id in taken or (found is not None and not found.differs):
            return False
    return True


def _waiting(book: Facts, now: Replayed, currency: str) -> list[Waiting]:
    """Replays of later days on which nobody does anything; a late fee that falls in them shows."""
    left_alone = _left_alone(book, now.on)
    found = []
    for name, on in (
        ("day", now.on + timedelta(days=1)),
        ("week", now.on + timedelta(days=7)),
        ("month", month_day(now.on, 1, now.on.day)),
    ):
        then = left_alone.on(on)
        found.append(
            Waiting(
                after=name,
                on=on,
                adds=Money.of(then.balance_minor - now.balance_minor, currency),
                parts=_parts(then, now, currency),
            )
        )
    return found


def _left_alone(book: Facts, day: date) -> Facts:
    """Without what was paid, charged or waived after the day."""
    paid = {f.payment_id for f in book.later if isinstance(f, Payment) and f.paid_on <= day}

    def stays(fact: Fact) -> bool:
        if isinstance(fact, Payment):
            return fact.payment_id in paid
        if isinstance(fact, Reversal):
            return fact.payment_id in paid and fact.reversed_on <= day
        return not isinstance(fact, Refund | Charge) or fact.on <= day

    return Facts(
        opening=book.opening,
        later=tuple(fact for fact in book.later if stays(fact)),
        has_terms=book.has_terms,
    )


def _parts(then: Replayed, now: Replayed | None, currency: str) -> dict[str, Money]:
    """Each part with a figure, or with one that differs between two days."""
    found = {}
    for component in Component:
        minor = then.balances.of(component) - (now.balances.of(component) if now else 0)
        if minor:
            found[component.value] = Money.of(minor, currency)
    return found
