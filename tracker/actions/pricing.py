"""What a debt costs and how a payment is split: recording terms and orders, taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

from tracker.actions import finding, rates
from tracker.actions.contract import BESIDE, NewOrder, NewTerms, read_policy, read_terms
from tracker.actions.figures import as_policy, as_terms, balance_minor
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.core import reading, text
from tracker.core.interest import Reach, Times
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import debts
from tracker.store import terms as stored
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.terms import DebtPolicyRow, DebtTermsRow

FURTHEST_START = timedelta(days=5 * 366)

Row = TypeVar("Row", DebtTermsRow, DebtPolicyRow)


class _Noun(NamedTuple):
    """What is said of terms, and the same of orders."""

    command: str
    taken: str
    none: str
    several: str
    unknown: str


_TERMS = _Noun(
    "terms",
    N_("{debt} has other terms from {day} already."),
    N_("{debt} has no terms to take back."),
    N_("from_on is missing; {debt} has terms from {days}."),
    N_("{debt} has no terms from {day}; it has some from {days}."),
)
_ORDER = _Noun(
    "order",
    N_("{debt} has another order from {day} already."),
    N_("{debt} has no order to take back."),
    N_("from_on is missing; {debt} has an order from each of {days}."),
    N_("{debt} has no order from {day}; it has one from each of {days}."),
)


class Which(Request):
    debt: str
    from_on: str | None = None


class Line(Result):
    """What stands from a day on, in a sentence that can be checked by hand."""

    from_on: date
    sentence: str
    note: str | None


class Pricing(Result):
    debt: str
    terms: list[Line]
    orders: list[Line]
    balance: Money | None


def terms(ctx: PersonContext, request: NewTerms) -> Pricing:
    """Record the contract's terms from a day on."""
    debt = finding.debt(ctx, request.debt)
    known = stored.terms(ctx.session, debt.id)
    from_on = _from_on(ctx, debt, request.from_on, known, _TERMS)
    new = read_terms(ctx, debt, request, from_on)
    before = balance_minor(ctx, debt)
    insert(
        ctx.session,
        DebtTermsRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            from_on=from_on,
            rate_ppb=new.rate.ppb if new.rate else None,
            rate_per=new.rate.per if new.rate else None,
            basis=new.basis,
            compounding=new.compounding,
            compounds_on=new.compounds_on,
            grace_days=new.grace_days,
            penalty_ppb=new.penalty.rate.ppb if new.penalty and new.penalty.rate else None,
            penalty_per=new.penalty.rate.per if new.penalty and new.penalty.rate else None,
            penalty_above_ppb=new.penalty.above_ppb if new.penalty else None,
            penalty_reach=new.penalty.reach if new.penalty else Reach.OVERDUE,
            penalty_instead=new.penalty.instead if new.penalty else False,
            late_fee_minor=new.late_fee.flat_minor if new.late_fee else None,
            late_fee_ppb=new.late_fee.share_ppb if new.late_fee else None,
            late_fee_least_minor=new.late_fee.least_minor if new.late_fee else 0,
            late_fee_most_minor=new.late_fee.most_minor if new.late_fee else None,
            late_fee_times=new.late_fee.times if new.late_fee else Times.ONCE,
            bears=",".join(each for each in BESIDE if each in new.bears),
            rounding=new.rounding,
            note=text.optional_line(request.note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )
    words = rates.terms_words(ctx.language, new, debt.currency)
    said = ctx.language.text(N_("{debt}: {terms}."), debt=debt.handle, terms=words)
    return _answered(ctx, debt, said, before)


def terms_drop(ctx: PersonContext, request: Which) -> Pricing:
    """Terms that were recorded by mistake: as if they had never been."""
    debt = finding.debt(ctx, request.debt)
    row = _standing(ctx, debt, request.from_on, stored.terms(ctx.session, debt.id), _TERMS)
    words = rates.terms_words(ctx.language, as_terms(row), debt.currency)
    before = balance_minor(ctx, debt)
    row.withdrawn_at = ctx.now
    insert(ctx.session, row)
    said = ctx.language.text(N_("Taken back: {terms}."), terms=words)
    return _answered(ctx, debt, said, before)


def order(ctx: PersonContext, request: NewOrder) -> Pricing:
    """Record in which order a payment goes to the components, from a day on."""
    debt = finding.debt(ctx, request.debt)
    known = stored.policies(ctx.session, debt.id)
    from_on = _from_on(ctx, debt, request.from_on, known, _ORDER)
    policy = read_policy(request, from_on)
    before = balance_minor(ctx, debt)
    insert(
        ctx.session,
        DebtPolicyRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            from_on=from_on,
            ordering=policy.order,
            switch_days=policy.switch_days,
            then_ordering=policy.then,
            note=text.optional_line(request.note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )
    words = rates.order_words(ctx.language, policy)
    said = ctx.language.text(N_("{debt}: payments go to {order}."), debt=debt.handle, order=words)
    return _answered(ctx, debt, said, before)


def order_drop(ctx: PersonContext, request: Which) -> Pricing:
    debt = finding.debt(ctx, request.debt)
    row = _standing(ctx, debt, request.from_on, stored.policies(ctx.session, debt.id), _ORDER)
    words = rates.order_words(ctx.language, as_policy(row))
    before = balance_minor(ctx, debt)
    row.withdrawn_at = ctx.now
    insert(ctx.session, row)
    said = ctx.language.text(N_("Taken back: {terms}."), terms=words)
    return _answered(ctx, debt, said, before)


def balance_line(ctx: PersonContext, debt: DebtRow, before: int | None) -> list[str]:
    """What a change of the past does to today's balance, where it does anything."""
    after = balance_minor(ctx, debt)
    if before is None or after is None or before == after:
        return []
    return [
        ctx.language.text(
            N_("The balance today is {after}; before this it was {before}."),
            after=ctx.language.money(after, debt.currency),
            before=ctx.language.money(before, debt.currency),
        )
    ]


def _answered(ctx: PersonContext, debt: DebtRow, said: str, before: int | None) -> Pricing:
    lang = ctx.language
    after = balance_minor(ctx, debt)
    return Pricing(
        debt=debt.handle,
        terms=[
            Line(
                from_on=row.from_on,
                sentence=rates.terms_words(lang, as_terms(row), debt.currency),
                note=row.note,
            )
            for row in stored.terms(ctx.session, debt.id)
        ],
        orders=[
            Line(
                from_on=row.from_on,
                sentence=rates.order_words(lang, as_policy(row)),
                note=row.note,
            )
            for row in stored.policies(ctx.session, debt.id)
        ],
        balance=None if after is None else Money.of(after, debt.currency),
        said=[said, *balance_line(ctx, debt, before)],
    )


def _from_on(
    ctx: PersonContext,
    debt: DebtRow,
    typed: str | None,
    known: Sequence[DebtTermsRow] | Sequence[DebtPolicyRow],
    noun: _Noun,
) -> date:
    """The day that was typed; else of the first ones the opening's day, of later ones today."""
    from_on = ctx.today
    if typed is not None:
        from_on = reading.parse_date(
            typed,
            today=ctx.today,
            field="from_on",
            past=False,
            latest=ctx.today + FURTHEST_START,
        )
    elif not known and (stated := debts.statements(ctx.session, debt.id)):
        from_on = stated[0].on_date
    if any(row.from_on == from_on for row in known):
        raise ConflictError(
            noun.taken,
            field="from_on",
            hint=N_("Take the old back first: `tracker debt {noun}-drop {debt} --from {day}`."),
            debt=debt.handle,
            noun=noun.command,
            day=from_on.isoformat(),
        )
    return from_on


def _standing(
    ctx: PersonContext, debt: DebtRow, typed: str | None, known: Sequence[Row], noun: _Noun
) -> Row:
    """The ones from the day that was typed; without a day the only ones there are."""
    days = ", ".join(row.from_on.isoformat() for row in known)
    if not known:
        raise ConflictError(
            noun.none,
            field="debt",
            hint=N_("`tracker debt show {debt}` says what is in force."),
            debt=debt.handle,
        )
    if typed is None:
        if len(known) == 1:
            return known[0]
        raise InputError(
            noun.several,
            field="from_on",
            hint=N_("Say which with --from."),
            debt=debt.handle,
            days=days,
        )
    from_on = reading.parse_date(typed, today=ctx.today, field="from_on")
    found = next((row for row in known if row.from_on == from_on), None)
    if found is None:
        raise ConflictError(
            noun.unknown,
            field="from_on",
            hint=N_("Say which with --from."),
            debt=debt.handle,
            day=from_on.isoformat(),
            days=days,
        )
    return found
