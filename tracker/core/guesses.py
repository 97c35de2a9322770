"""How a creditor may have come to another figure: each guess is a debt's facts, changed.

core/reconcile.py replays them and keeps what agrees with the statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tracker.core.components import NOTHING, Amounts
from tracker.core.daycount import Basis
from tracker.core.entries import Kind, Replayed
from tracker.core.facts import Charge, Fact, Payment, Refund, Reversal, Statement
from tracker.core.interest import Compounding, Rounding, Terms
from tracker.core.ledger import replay
from tracker.core.periods import N_
from tracker.core.policy import Order, Policy

WINDOW = timedelta(days=14)
"""How long before a statement's day a payment may have come too late for it."""

NOT_BOOKED = N_("The creditor has not booked the payment of {amount} on {day} yet.")
NONE_BOOKED = N_("The creditor has not booked the last {count} payments yet, {amount} together.")
SCHEDULED = N_("The creditor has booked the payment of {amount} on {day}, only scheduled here.")
REVERSED = N_("The creditor still counts the payment of {amount} on {day}, which was reversed.")
DAY_COUNT = N_("The creditor's interest is that of the day count {basis}.")
COMPOUNDED = N_("The creditor adds interest on interest ({compounding}).")
SIMPLE = N_("The creditor adds no interest on interest.")
ROUNDED = N_("The creditor rounds the interest anew at each posting.")
CARRIED = N_("The creditor carries on what rounding the interest gains or loses.")
DAY_MORE = N_("The creditor has added one more day of interest.")
DAY_LESS = N_("The creditor has added one day of interest less.")
OTHER_ORDER = N_("The creditor has set the payments off in another order ({order}).")

_LATEST = 3  # so many payments are tried, alone and together
_ONE_DAY = timedelta(days=1)

Param = int | str | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """`facts` to replay in place of those of the guess before; None: only add `parts`."""

    msgid: str
    params: Mapping[str, Param]
    facts: list[Fact] | None = None
    parts: Amounts = NOTHING


def about_money(
    opening: Statement, facts: list[Fact], own: Replayed, scheduled: Sequence[Payment]
) -> Iterator[Guess]:
    """Payments that only one of the two sides has booked."""
    back = {fact.payment_id: fact for fact in facts if isinstance(fact, Reversal)}
    known = sorted(
        (fact for fact in facts if isinstance(fact, Payment) and _counts(fact, opening, own.on)),
        key=lambda fact: (fact.paid_on, fact.payment_id),
        reverse=True,
    )
    gone = [
        fact
        for fact in known
        if fact.paid_on >= own.on - WINDOW
        and (fact.payment_id not in back or back[fact.payment_id].reversed_on > own.on)
    ][:_LATEST]
    for payment in gone:
        yield from _unbooked([payment], facts, own)
    for count in range(2, len(gone) + 1):
        yield from _unbooked(gone[:count], facts, own)
    for payment in scheduled:
        if payment.paid_on <= own.on:
            yield Guess(msgid=SCHEDULED, params=_told(payment), facts=[*facts, payment])
    returned = [fact for fact in known if fact.payment_id in back]
    for payment in [p for p in returned if back[p.payment_id].reversed_on <= own.on][:_LATEST]:
        kept = [fact for fact in facts if fact is not back[payment.payment_id]]
        yield Guess(msgid=REVERSED, params=_told(payment), facts=kept)


def _counts(payment: Payment, opening: Statement, on: date) -> bool:
    start = opening.stated_on
    after = payment.paid_on > start or (payment.paid_on == start and payment.after_opening)
    return after and payment.paid_on <= on


def _told(payment: Payment) -> dict[str, Param]:
    return {"amount": payment.amount_minor, "day": payment.paid_on}


def _unbooked(payments: list[Payment], facts: list[Fact], own: Replayed) -> Iterator[Guess]:
    """Once with the interest that would have run on, once without: booked late, but as of then."""
    msgid, params = NOT_BOOKED, _told(payments[0])
    if len(payments) > 1:
        amount = sum(each.amount_minor for each in payments)
        msgid, params = NONE_BOOKED, {"amount": amount, "count": len(payments)}
    ids = {each.payment_id for each in payments}
    rest = [
        fact
        for fact in facts
        if not (isinstance(fact, Payment | Reversal) and fact.payment_id in ids)
    ]
    yield Guess(msgid=msgid, params=params, facts=rest)
    parts = NOTHING
    for payment in payments:
        covered = next(
            entry.amounts
            for entry in own.entries
            if entry.kind is Kind.PAYMENT
            and (entry.on, entry.sum_minor) == (payment.paid_on, -payment.amount_minor)
            and entry.note == payment.note
        )
        parts = parts.plus(covered.negative())
    yield Guess(msgid=msgid, params=params, parts=parts)


def about_reckoning(
    opening: Statement, facts: list[Fact], replayed: Replayed, *, rare: bool = True
) -> Iterator[Guess]:
    """Other ways to reckon interest on the same money; `replayed` are the facts to the day.

    Without the `rare` ones nothing is compounded daily, which takes long to replay,
    and nothing rounded otherwise.
    """
    terms = [fact for fact in facts if isinstance(fact, Terms) and fact.from_on <= replayed.on]
    if any(each.rate for each in terms):
        yield from _otherwise(facts, terms, rare=rare)
        for msgid, days in ((DAY_MORE, 1), (DAY_LESS, -1)):
            yield Guess(msgid=msgid, params={}, parts=_day(opening, facts, replayed, days))


def about_order(opening: Statement, facts: list[Fact], on: date) -> Iterator[Guess]:
    """Payments set off otherwise; what the creditor states of each is not looked at."""
    in_force = {fact.order for fact in facts if isinstance(fact, Policy) and fact.from_on <= on}
    if any(isinstance(fact, Payment) for fact in facts):
        others = [fact for fact in facts if not isinstance(fact, Policy)]
        for order in Order:
            if order is not Order.AS_STATED and in_force != {order}:
                policy = Policy(from_on=opening.stated_on, order=order)
                yield Guess(
                    msgid=OTHER_ORDER, params={"order": order.value}, facts=[*others, policy]
                )


def _otherwise(facts: list[Fact], terms: list[Terms], *, rare: bool) -> Iterator[Guess]:
    for basis in Basis:
        if {each.basis for each in terms} != {basis}:
            changed = _changed(facts, basis=basis)
            yield Guess(msgid=DAY_COUNT, params={"basis": basis.value}, facts=changed)
    for how in Compounding:
        if (rare or how is not Compounding.DAILY) and {each.compounding for each in terms} != {how}:
            simple = how is Compounding.NONE
            yield Guess(
                msgid=SIMPLE if simple else COMPOUNDED,
                params={} if simple else {"compounding": how.value},
                facts=_changed(facts, compounding=how),
            )
    for msgid, rounding in ((ROUNDED, Rounding.EACH), (CARRIED, Rounding.CARRY)):
        if rare and {each.rounding for each in terms} != {rounding}:
            yield Guess(msgid=msgid, params={}, facts=_changed(facts, rounding=rounding))


def _changed(
    facts: list[Fact],
    *,
    basis: Basis | None = None,
    compounding: Compounding | None = None,
    rounding: Rounding | None = None,
) -> list[Fact]:
    return [
        replace(
            fact,
            basis=basis or fact.basis,
            compounding=compounding or fact.compounding,
            rounding=rounding or fact.rounding,
        )
        if isinstance(fact, Terms)
        else fact
        for fact in facts
    ]


def _day(opening: Statement, facts: list[Fact], replayed: Replayed, days: int) -> Amounts:
    """The interest of the day after, or that of the day before, below 0."""
    on = replayed.on
    other = on + days * _ONE_DAY
    if other < opening.stated_on:
        return NOTHING
    ids = {each.payment_id for each in facts if isinstance(each, Payment) and each.paid_on <= on}
    known = [
        fact
        for fact in facts
        if (fact.payment_id in ids if isinstance(fact, Reversal) else _begins(fact) <= on)
    ]
    return _posted(replay(opening, known, until=other)).plus(_posted(replayed).negative())


def _posted(replayed: Replayed) -> Amounts:
    posted = NOTHING
    for entry in replayed.entries:
        if entry.kind in (Kind.INTEREST, Kind.PENALTY):
            posted = posted.plus(entry.amounts)
    return posted


def _begins(fact: Fact) -> date:
    match fact:
        case Payment():
            return fact.paid_on
        case Reversal():
            return fact.reversed_on
        case Refund() | Charge():
            return fact.on
        case _:
            return fact.from_on
