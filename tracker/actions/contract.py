"""A contract's terms and orders as they were typed: read, checked, and made values of."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar

from tracker.actions.office import PersonContext, Request
from tracker.core import money, reading
from tracker.core.components import Component
from tracker.core.daycount import Basis
from tracker.core.interest import (
    Compounding,
    LateFee,
    Penalty,
    Rate,
    Reach,
    Rounding,
    Terms,
    Times,
    parse_rate,
    parse_share,
)
from tracker.core.policy import PRESETS, Order, Policy
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.debts import DebtRow

LONGEST_GRACE_DAYS = 366
LATEST_SWITCH_DAYS = 3660
BESIDE = tuple(each for each in Component if each not in (Component.PRINCIPAL, Component.INTEREST))
"""What contract interest may run on beside the principal; on interest it does by compounding."""

Choice = TypeVar("Choice", bound=StrEnum)


class NewTerms(Request):
    debt: str
    from_on: str | None = None
    rate: str | None = None
    basis: str | None = None
    compounding: str | None = None
    compounds_on: str | None = None
    grace: str | None = None
    penalty: str | None = None
    penalty_above: str | None = None
    penalty_on: str | None = None
    penalty_instead: bool = False
    late_fee: str | None = None
    late_fee_share: str | None = None
    late_fee_min: str | None = None
    late_fee_max: str | None = None
    late_fee_every: str | None = None
    bears: str | None = None
    rounding: str | None = None
    note: str | None = None


class NewOrder(Request):
    debt: str
    order: str
    from_on: str | None = None
    after_days: str | None = None
    then: str | None = None
    note: str | None = None


def read_terms(ctx: PersonContext, debt: DebtRow, request: NewTerms, from_on: date) -> Terms:
    """Raises InputError for what cannot be meant, or what would do nothing."""
    rate = _rate(ctx, request.rate, "rate")
    penalty = _penalty(ctx, request, rate)
    late_fee = _late_fee(ctx, debt, request)
    if rate is None and penalty is None and late_fee is None:
        raise InputError(
            "rate is missing, and there is no penalty and no late fee either.",
            field="rate",
            hint=N_("Give --rate, --penalty or --late-fee; a debt without interest has --rate 0%."),
        )
    compounding = chosen(Compounding, request.compounding, "compounding", Compounding.NONE)
    if compounding is not Compounding.NONE and rate is None:
        raise _idle("compounding", "rate")
    compounds_on = None
    if request.compounds_on is not None:
        if compounding in (Compounding.NONE, Compounding.DAILY):
            raise InputError(
                "compounds_on is {value!r}, but nothing compounds by the month.",
                field="compounds_on",
                hint=N_("It goes with --compounding monthly, quarterly or yearly."),
                value=reading.shown(request.compounds_on),
            )
        compounds_on = reading.parse_count(request.compounds_on, field="compounds_on", most=31)
    grace = 0
    if request.grace is not None:
        grace = reading.parse_count(request.grace, field="grace", least=0, most=LONGEST_GRACE_DAYS)
    return Terms(
        from_on=from_on,
        rate=rate,
        basis=chosen(Basis, request.basis, "basis", Basis.ACT_365F),
        compounding=compounding,
        compounds_on=compounds_on,
        grace_days=grace,
        penalty=penalty,
        late_fee=late_fee,
        bears=_bears(request.bears, rate),
        rounding=chosen(Rounding, request.rounding, "rounding", Rounding.CARRY),
    )


def read_policy(request: NewOrder, from_on: date) -> Policy:
    """Raises InputError for an order that is unknown, or half of a change."""
    wanted = request.order.strip().casefold()
    if wanted not in PRESETS:
        raise InputError(
            "order is {value!r}, which is none of those known here.",
            field="order",
            hint=N_("There are: {known}."),
            value=reading.shown(request.order),
            known=", ".join(PRESETS),
        )
    order, switch_days, then = PRESETS[wanted]
    if request.after_days is not None or request.then is not None:
        if then is not None:
            raise InputError(
                "order is {value}, which has its own change after {days} days.",
                field="after_days",
                hint=N_("Leave --after-days and --then out, or name the two orders yourself."),
                value=wanted,
                days=switch_days,
            )
        if request.after_days is not None:
            switch_days = reading.parse_count(
                request.after_days, field="after_days", most=LATEST_SWITCH_DAYS
            )
        if request.then is not None:
            then = chosen(Order, request.then, "then", order)
    if then is order:
        raise InputError(
            "then is {value}, the order that there is before.",
            field="then",
            hint=N_("Name another order, or leave --after-days and --then out."),
            value=order.value,
        )
    return Policy(from_on=from_on, order=order, switch_days=switch_days, then=then)


def read_component(typed: str) -> Component:
    return chosen(Component, typed, "component", Component.PRINCIPAL)


def chosen(choice: type[Choice], typed: str | None, field: str, usual: Choice) -> Choice:
    """The one of a set that was typed; InputError names the set."""
    if typed is None:
        return usual
    wanted = typed.strip().casefold()
    found = next((each for each in choice if each.value == wanted), None)
    if found is None:
        raise InputError(
            "{name} is {value!r}, which is none of those known here.",
            field=field,
            hint=N_("There are: {known}."),
            name=field,
            value=reading.shown(typed),
            known=", ".join(choice),
        )
    return found


def _rate(ctx: PersonContext, typed: str | None, field: str) -> Rate | None:
    if typed is None:
        return None
    return parse_rate(typed, field=field, decimal_mark=ctx.decimal_mark)


def _share(ctx: PersonContext, typed: str | None, field: str) -> int | None:
    if typed is None:
        return None
    return parse_share(typed, field=field, decimal_mark=ctx.decimal_mark)


def _penalty(ctx: PersonContext, request: NewTerms, contract: Rate | None) -> Penalty | None:
    rate = _rate(ctx, request.penalty, "penalty")
    above = _share(ctx, request.penalty_above, "penalty_above")
    if rate is None and above is None:
        for field in ("penalty_on", "penalty_instead"):
            if getattr(request, field):
                raise _idle(field, "penalty")
        return None
    if rate is not None and above is not None:
        raise _both("penalty", "penalty_above")
    if above is not None and contract is None:
        raise _idle("penalty_above", "rate")
    return Penalty(
        rate=rate,
        above_ppb=above,
        reach=chosen(Reach, request.penalty_on, "penalty_on", Reach.OVERDUE),
        instead=request.penalty_instead,
    )


def _late_fee(ctx: PersonContext, debt: DebtRow, request: NewTerms) -> LateFee | None:
    def amount(typed: str | None, field: str) -> int | None:
        if typed is None:
            return None
        return money.parse(typed, debt.currency, decimal_mark=ctx.decimal_mark, field=field)

    flat = amount(request.late_fee, "late_fee")
    share = _share(ctx, request.late_fee_share, "late_fee_share")
    least = amount(request.late_fee_min, "late_fee_min")
    most = amount(request.late_fee_max, "late_fee_max")
    if flat is not None and share is not None:
        raise _both("late_fee", "late_fee_share")
    if share is None:
        for field in ("late_fee_min", "late_fee_max"):
            if getattr(request, field) is not None:
                raise _idle(field, "late_fee_share")
    if flat is None and share is None:
        if request.late_fee_every is not None:
            raise _idle("late_fee_every", "late_fee")
        return None
    if least is not None and most is not None and most < least:
        raise InputError(
            "late_fee_max is {most}, below late_fee_min, which is {least}.",
            field="late_fee_max",
            hint=N_("Look at both once more."),
            most=money.plain(most, debt.currency),
            least=money.plain(least, debt.currency),
        )
    return LateFee(
        flat_minor=flat,
        share_ppb=share,
        least_minor=least or 0,
        most_minor=most,
        times=chosen(Times, request.late_fee_every, "late_fee_every", Times.ONCE),
    )


def _bears(typed: str | None, rate: Rate | None) -> frozenset[Component]:
    """The principal, and what else was typed, by commas."""
    if typed is None:
        return frozenset({Component.PRINCIPAL})
    if rate is None:
        raise _idle("bears", "rate")
    found = {
        chosen(Component, each, "bears", Component.PRINCIPAL)
        for each in typed.split(",")
        if each.strip()
    }
    if Component.INTEREST in found:
        raise InputError(
            "bears is {value!r}; interest bears interest by compounding alone.",
            field="bears",
            hint=N_("Give --compounding monthly, or as the contract says."),
            value=reading.shown(typed),
        )
    return frozenset({Component.PRINCIPAL, *found})


def _both(one: str, other: str) -> InputError:
    return InputError(
        "{one} and {other} were both given; the contract has one of the two.",
        field=other,
        hint=N_("Leave one of them out."),
        one=one,
        other=other,
    )


def _idle(field: str, needs: str) -> InputError:
    return InputError(
        "{name} says nothing without {needs}.",
        field=field,
        hint=N_("Give {needs} too, or leave {name} out."),
        name=field,
        needs=needs,
    )
