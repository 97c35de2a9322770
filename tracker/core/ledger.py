"""What is owed from day to day: one replay of a debt's facts into a dated ledger.

The opening figure is a creditor's statement (or the person's own figure) that was
adopted as the start. A statement that was not adopted is only compared
(core/reconcile.py).

The rule of the opening day: a statement already includes everything dated on or
before its own date, but for what is known to have come after it on that very day,
and agreed adjustments. The rest makes no entry, or it would count twice.

The rule of interest: it runs from a day until before the next (a payment on its
day stops the interest on what it repays from that day on), is summed exactly, and
is rounded half up when it is posted: before each fact, on each compounding day,
and on the day asked for. What rounding gains or loses is carried on or dropped, as
the terms say. So the day asked for never changes a later figure.

The rule of the trail: a payment that never was stays readable and moves nothing;
one whose money came back later gives back what it had covered, on that later day.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from operator import attrgetter, itemgetter
from typing import TypeVar

from tracker.core.account import Account
from tracker.core.components import NOTHING
from tracker.core.entries import Replayed
from tracker.core.facts import (
    Asked,
    Charge,
    Concession,
    Fact,
    Payment,
    Reason,
    Refund,
    Reversal,
    Statement,
)
from tracker.core.interest import Terms
from tracker.core.policy import Policy

Move = tuple[date, int, int, Callable[[], None]]
"""A day, its place within the day, an id, and what then happens to the account."""
Setting = TypeVar("Setting", Terms, Policy, Concession, Asked)
Grace = tuple[date, timedelta]
"""The first day of terms, and from a due date until its grace is over."""

_WHEN = itemgetter(0, 1, 2)
_ONE_DAY = timedelta(days=1)

# The order within a day. A due date becomes overdue before the payment that is late;
# an adjustment makes good a statement's figure at the end of the day, and what is left
# to be waived is what the day's payments have left.
_TERMS, _POLICY, _CONCESSION, _ASKED, _OVERDUE = range(5)
_CHARGE, _PAYMENT, _REFUND, _REVERSAL, _ADJUSTMENT = range(5, 10)


def replay(opening: Statement, facts: Iterable[Fact], *, until: date) -> Replayed:
    """The entries in order of their dates up to the end of `until`, the opening first.

    On one day: terms, policies, concessions and what is asked; then charges,
    payments, refunds, reversals, and at last adjustments and waivers of all that is
    left, each by its id, so that the order of the input does not matter; only of two
    settings of one kind from one day the one given last counts. A reversal dated before
    its payment takes effect with it.
    Raises ValueError where an id occurs twice, or a payment is reversed twice or
    without being among the facts.
    """
    if until < opening.stated_on:
        return Replayed(
            on=until,
            entries=(),
            balances=NOTHING,
            overpaid_minor=0,
            overdue_minor=0,
            days_overdue=0,
            before_opening=True,
        )
    account = Account(opening)
    moves = _moves(account, opening, list(facts), until)
    for on, place, _, act in sorted(moves, key=_WHEN):
        if on > until:
            break
        account.advance(on, settled=place > _OVERDUE)
        act()
    account.advance(until, settled=True)
    return account.closed(until)


def _moves(account: Account, opening: Statement, facts: list[Fact], until: date) -> Iterator[Move]:
    start = opening.stated_on
    yield from _payments(account, start, facts)
    yield from _claims(account, start, facts)
    terms = _settings(Terms, facts)
    for index, each in enumerate(terms):
        yield max(each.from_on, start), _TERMS, index, partial(account.take_terms, each)
    policies = _settings(Policy, facts)
    for index, policy in enumerate(policies):
        yield max(policy.from_on, start), _POLICY, index, partial(account.take_policy, policy)
    grants = _settings(Concession, facts)
    for index, grant in enumerate(grants):
        if grant.until_on is None or grant.until_on > max(grant.from_on, start):
            yield max(grant.from_on, start), _CONCESSION, index, partial(account.grant, grant)
            if grant.until_on is not None:
                yield grant.until_on, _CONCESSION, -1, partial(account.end_grant, grant)
    fined = any(each.penalty or each.late_fee for each in terms)
    graces = [(each.from_on, timedelta(days=1 + each.grace_days)) for each in terms]
    asked = _settings(Asked, facts)
    for index, wanted in enumerate(asked):
        ends = asked[index + 1].from_on if index + 1 < len(asked) else date.max
        begins = max(wanted.from_on, start)
        # Of two that begin on one day only the one given last is ever asked.
        if ends > begins:
            if wanted.from_on <= start:
                wanted = _as_it_opens(wanted, start, facts)
            yield begins, _ASKED, 0, partial(account.ask, wanted)
            if fined:
                yield from _overdue(account, wanted, graces, (begins, min(ends, until + _ONE_DAY)))


def _settings(kind: type[Setting], facts: list[Fact]) -> list[Setting]:
    """Those of one kind in the order in which they begin to hold."""
    found = [fact for fact in facts if isinstance(fact, kind)]
    return sorted(found, key=attrgetter("from_on"))


def _as_it_opens(asked: Asked, start: date, facts: list[Fact]) -> Asked:
    """What is asked on the opening day, with what had been paid towards it by then.

    Such payments make no entry, being in the statement, yet they are no longer due.
    """
    back = {f.payment_id for f in facts if isinstance(f, Reversal) and f.reversed_on <= start}
    paid = sum(
        fact.amount_minor
        for fact in facts
        if isinstance(fact, Payment)
        and asked.from_on <= fact.paid_on <= start
        and not (fact.paid_on == start and fact.after_opening)
        and fact.payment_id not in back
    )
    return replace(asked, from_on=start, paid_minor=asked.paid_minor + paid)


def _overdue(
    account: Account, asked: Asked, graces: list[Grace], span: tuple[date, date]
) -> Iterator[Move]:
    """Each day within a span, half-open, on which the grace of a due date is over."""
    begins, ends = span
    before = 0
    oldest = begins  # the first day, before the span, on which something unpaid was overdue
    for index, (due_on, amount) in enumerate(asked.dues):
        if due_on >= ends:
            break
        # Not in the order of the due dates where the grace has become shorter.
        day = _grace_over(due_on, graces)
        if day <= begins:
            before += amount
            if before > asked.paid_minor:
                oldest = min(oldest, day)
        elif day < ends:
            yield day, _OVERDUE, index, partial(account.becomes_overdue, amount)
    if before:
        yield begins, _OVERDUE, -1, partial(account.was_overdue, before, oldest)
    if asked.whole_from is not None:
        day = _grace_over(asked.whole_from, graces)
        if day <= begins:
            yield begins, _OVERDUE, len(asked.dues), partial(account.was_overdue, None, day)
        elif day < ends:
            yield day, _OVERDUE, len(asked.dues), partial(account.becomes_overdue, None)


def _grace_over(due_on: date, graces: list[Grace]) -> date:
    """The day after the due date and the grace of the terms that were in force on it."""
    over = _ONE_DAY
    for from_on, after in graces:
        if from_on <= due_on:
            over = after
    return due_on + over


def _payments(account: Account, start: date, facts: list[Fact]) -> Iterator[Move]:
    paid: dict[int, Payment] = {}
    back: dict[int, Reversal] = {}
    for fact in facts:
        if isinstance(fact, Payment):
            _once(fact.payment_id, paid, "payment {} occurs twice")
            paid[fact.payment_id] = fact
        elif isinstance(fact, Reversal):
            _once(fact.payment_id, back, "payment {} is reversed twice")
            back[fact.payment_id] = fact
    if unknown := sorted(back.keys() - paid.keys()):
        raise ValueError(f"reversed but unknown: payment {unknown[0]}")
    for key, payment in paid.items():
        reversal = back.get(key)
        # On the opening day only what came after the statement was taken down.
        after = payment.after_opening
        counts = payment.paid_on > start or (payment.paid_on == start and after)
        if reversal is not None and reversal.reversed_on <= payment.paid_on:
            if counts:
                yield payment.paid_on, _PAYMENT, key, partial(account.void, payment, reversal)
            continue
        if counts:
            yield payment.paid_on, _PAYMENT, key, partial(account.pay, payment)
        if reversal is not None and (
            reversal.reversed_on > start or (reversal.reversed_on == start and after)
        ):
            on = reversal.reversed_on
            yield on, _REVERSAL, key, partial(account.give_back, payment, reversal)


def _claims(account: Account, start: date, facts: list[Fact]) -> Iterator[Move]:
    charges: dict[int, Charge] = {}
    refunds: dict[int, Refund] = {}
    for fact in facts:
        if isinstance(fact, Charge):
            _once(fact.charge_id, charges, "charge {} occurs twice")
            charges[fact.charge_id] = fact
            adjusts = fact.reason is Reason.ADJUSTMENT
            if fact.on > start or (fact.on == start and (adjusts or fact.after_opening)):
                whole = fact.amount_minor is None
                place = _ADJUSTMENT if adjusts or whole else _CHARGE
                yield fact.on, place, fact.charge_id, partial(account.charge, fact)
        elif isinstance(fact, Refund):
            _once(fact.refund_id, refunds, "refund {} occurs twice")
            refunds[fact.refund_id] = fact
            if fact.on >= start:
                yield fact.on, _REFUND, fact.refund_id, partial(account.refund, fact)


def _once(key: int, seen: Container[int], sentence: str) -> None:
    if key in seen:
        raise ValueError(sentence.format(key))
