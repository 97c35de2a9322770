"""Everything that is still to be paid, by currency and in the person's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from tracker.actions import exchange, figures, projections
from tracker.actions.exchange import ExchangeRate
from tracker.actions.office import Money, Nothing, PersonContext, Result
from tracker.actions.projections import Ahead
from tracker.core.periods import add_months
from tracker.store import debts, overviews, plans
from tracker.store import exchange as stored
from tracker.store.debts import DebtRow


class Unplanned(Result):
    """A debt without a plan: what it stands at, and what waiting for a month adds to it.

    None is what is not known: the balance without a statement, the month without terms.
    """

    debt: str
    word: str
    balance: Money | None
    month: Money | None


class Total(Result):
    """`to_pay`, `interest` and `fees` are those of the plans, `unplanned` is owed without one."""

    to_pay: Money
    interest: Money
    fees: Money
    unplanned: Money


class Outlook(Result):
    """`home` is everything in the person's currency by `rates`; None while one is missing."""

    today: date
    currency: str
    ends_on: date | None
    plans: list[Ahead]
    unplanned: list[Unplanned]
    totals: list[Total]
    home: Total | None
    rates: list[ExchangeRate]
    missing: list[str]


@dataclass(slots=True)
class _Sums:
    to_pay: int = 0
    interest: int = 0
    fees: int = 0
    unplanned: int = 0

    def told(self, currency: str) -> Total:
        return Total(
            to_pay=Money.of(self.to_pay, currency),
            interest=Money.of(self.interest, currency),
            fees=Money.of(self.fees, currency),
            unplanned=Money.of(self.unplanned, currency),
        )

    def add(self, other: _Sums, at: Callable[[int], int]) -> None:
        self.to_pay += at(other.to_pay)
        self.interest += at(other.interest)
        self.fees += at(other.fees)
        self.unplanned += at(other.unplanned)


def outlook(ctx: PersonContext, request: Nothing) -> Outlook:
    """Each live plan as it would run on, each other debt with the cost of waiting."""
    sums: dict[str, _Sums] = {}
    found: list[Ahead] = []
    said: list[str] = []
    live = overviews.live(ctx.session, ctx.person.id)
    for each in live:
        debt = each.debt
        book = figures.gather(ctx, debt)
        rows = plans.instalments(ctx.session, each.terms.id)
        projected = projections.course_of(ctx, each.terms, rows, book).projected()
        found.append(projections.ahead(debt, book, projected))
        said += projections.notes(ctx, debt, book, projected)
        of = sums.setdefault(debt.currency, _Sums())
        of.to_pay += projected.to_pay_minor
        of.interest += projected.interest_minor
        of.fees += projected.fees_minor
    planned = {each.debt.id for each in live}
    waiting = []
    for debt in debts.debts(ctx.session, ctx.person.id):
        if debt.id not in planned:
            minor, told = _unplanned(ctx, debt)
            if told is not None:
                waiting.append(told)
                said += _unknown(ctx, told)
                sums.setdefault(debt.currency, _Sums()).unplanned += minor
    # Nothing needs no rate.
    sums = {currency: each for currency, each in sums.items() if each != _Sums()}
    home, rates, missing = _at_home(ctx, sums)
    return Outlook(
        today=ctx.today,
        currency=ctx.person.currency,
        ends_on=max((each.ends_on for each in found if each.ends_on), default=None),
        plans=found,
        unplanned=waiting,
        totals=[each.told(currency) for currency, each in sorted(sums.items())],
        home=home,
        rates=rates,
        missing=missing,
        said=[*said, *(_missing_line(ctx, currency) for currency in missing)],
    )


def _unplanned(ctx: PersonContext, debt: DebtRow) -> tuple[int, Unplanned | None]:
    """Its balance, and nothing to tell where nothing is owed."""
    book = figures.gather(ctx, debt)
    balance = figures.balance_on(book, ctx.today)
    if book is None or balance is None:
        return 0, Unplanned(debt=debt.handle, word=debt.word, balance=None, month=None)
    if balance <= 0:
        return 0, None
    month = None
    if book.has_terms:
        then = book.on(add_months(ctx.today, 1)).balance_minor
        month = Money.of(then - balance, debt.currency)
    owed = Money.of(balance, debt.currency)
    return balance, Unplanned(debt=debt.handle, word=debt.word, balance=owed, month=month)


def _unknown(ctx: PersonContext, told: Unplanned) -> list[str]:
    if told.balance is None:
        return [
            ctx.language.text(
                "No statement says what is owed on {debt}, so it is in no total.", debt=told.debt
            )
        ]
    if told.month is None:
        return [
            ctx.language.text(
                "No terms are recorded for {debt}, so what waiting costs is not known.",
                debt=told.debt,
            )
        ]
    return []


def _at_home(
    ctx: PersonContext, sums: Mapping[str, _Sums]
) -> tuple[Total | None, list[ExchangeRate], list[str]]:
    """The sum in the person's currency, the rates it was made with, and the currencies without."""
    home = ctx.person.currency
    known = stored.rates(ctx.session, ctx.person.id)
    whole, used, missing = _Sums(), [], []
    for currency, each in sorted(sums.items()):
        if currency == home:
            whole.add(each, lambda minor: minor)
        elif (row := exchange.latest(known, currency, home)) is not None:
            whole.add(each, partial(exchange.worth, currency=currency, into=home, row=row))
            used.append(exchange.shown(row))
        else:
            missing.append(currency)
    return (None if missing else whole.told(home)), used, missing


def _missing_line(ctx: PersonContext, currency: str) -> str:
    return ctx.language.text(
        "No rate is recorded for {currency}, so there is no total in {home}; "
        "`tracker rate add {currency} RATE` records one.",
        currency=currency,
        home=ctx.person.currency,
    )
