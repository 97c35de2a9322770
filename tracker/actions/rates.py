"""Terms, orders and what a line of interest was computed from, in sentences to check by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tracker.core.components import Component
from tracker.core.entries import Accrual
from tracker.core.facts import Concession
from tracker.core.interest import (
    Compounding,
    LateFee,
    Penalty,
    Per,
    Rate,
    Reach,
    Rounding,
    Terms,
    Times,
    share_text,
)
from tracker.core.policy import ORDERS, Order, Policy
from tracker.core.running import Running
from tracker.language import N_, Language, decimal_mark

NAMES = {
    Component.PRINCIPAL: N_("principal"),
    Component.INTEREST: N_("interest"),
    Component.PENALTIES: N_("penalties"),
    Component.FEES: N_("fees"),
    Component.COSTS: N_("costs"),
}
ARROW = " → "


def terms_words(lang: Language, terms: Terms, currency: str) -> str:
    """All of the terms: interest; grace; penalty interest; late fee; and from which day."""
    clauses = [_interest(lang, terms)]
    if terms.grace_days:
        clauses.append(
            lang.plural(
                "one day of grace after a due date",
                "{n} days of grace after a due date",
                terms.grace_days,
            )
        )
    if terms.penalty is not None:
        clauses.append(_penalty(lang, terms.penalty, terms.rate))
    if terms.late_fee is not None:
        clauses.append(_late_fee(lang, terms.late_fee, currency))
    clauses.append(lang.text("from {day}", day=lang.date(terms.from_on)))
    return _clauses(lang, clauses)


def order_words(lang: Language, policy: Policy) -> str:
    """The order spelled out, its change, and from which day."""
    clauses = [chain(lang, policy.order)]
    if policy.switch_days is not None and policy.then is not None:
        clauses.append(
            lang.text(
                "from the {nth} day overdue: {order}",
                nth=_nth(lang, policy.switch_days + 1),
                order=chain(lang, policy.then),
            )
        )
    clauses.append(lang.text("from {day}", day=lang.date(policy.from_on)))
    return _clauses(lang, clauses)


def chain(lang: Language, order: Order) -> str:
    """ "costs → fees → interest → penalties → principal"."""
    spelled = ARROW.join(component_word(lang, each) for each in ORDERS[order])
    if order is Order.AS_STATED:
        return lang.text("as the creditor splits each payment, else {order}", order=spelled)
    return spelled


def component_word(lang: Language, component: Component) -> str:
    return lang.text(NAMES[component])


def granted_words(lang: Language, grant: Concession) -> str:
    """What an agreed plan puts in the place of the contract's terms."""
    if grant.rate is None:
        return lang.text(
            "Agreed with the plan from {day}: no interest, penalties or late fees run.",
            day=lang.date(grant.from_on),
        )
    return lang.text(
        "Agreed with the plan from {day}: interest at {rate}.",
        day=lang.date(grant.from_on),
        rate=rate_words(lang, grant.rate),
    )


def accrual_words(lang: Language, accrual: Accrual, until: date, currency: str) -> str:
    """ "31 days from 10 January 2026 on £1,000.00 at 18.25% a year (act/365f)"."""
    told = {
        "day": lang.date(accrual.from_on),
        "base": lang.money(accrual.base_minor, currency),
        "rate": rate_words(lang, accrual.rate),
    }
    days = (until - accrual.from_on).days
    if accrual.rate.per is Per.DAY:
        return lang.plural(
            "one day from {day} on {base} at {rate}",
            "{n} days from {day} on {base} at {rate}",
            days,
            **told,
        )
    return lang.plural(
        "one day from {day} on {base} at {rate} ({basis})",
        "{n} days from {day} on {base} at {rate} ({basis})",
        days,
        basis=accrual.basis.value,
        **told,
    )


def rate_words(lang: Language, rate: Rate) -> str:
    if rate.per is Per.DAY:
        return lang.text("{percent} a day", percent=_percent(lang, rate.ppb))
    return lang.text("{percent} a year", percent=_percent(lang, rate.ppb))


def _interest(lang: Language, terms: Terms) -> str:
    if terms.rate is None:
        return lang.text("no contract interest")
    parts = [rate_words(lang, terms.rate)]
    if terms.rate.per is Per.YEAR:
        parts.append(terms.basis.value)
    parts.append(_compounding(lang, terms))
    beside = [each for each in Component if each in terms.bears and each != Component.PRINCIPAL]
    if beside:
        named = _listed(lang, (component_word(lang, each) for each in beside))
        parts.append(lang.text("running on {components} too", components=named))
    if terms.rounding is Rounding.EACH:
        parts.append(lang.text("each posting rounded for itself"))
    return _listed(lang, parts)


def _compounding(lang: Language, terms: Terms) -> str:
    how = terms.compounding
    if how is Compounding.NONE:
        return lang.text("not compounding")
    if how is Compounding.DAILY:
        return lang.text("compounding daily")
    if how is Compounding.MONTHLY:
        day = terms.compounds_on or terms.from_on.day
        return lang.text("compounding monthly on the {nth}", nth=_nth(lang, day))
    running = Running()
    running.take(terms)
    first = running.next_compounding(terms.from_on)
    assert first is not None
    if how is Compounding.QUARTERLY:
        return lang.text("compounding every three months, first on {day}", day=lang.date(first))
    return lang.text("compounding every year, first on {day}", day=lang.date(first))


def _penalty(lang: Language, penalty: Penalty, contract: Rate | None) -> str:
    """The rate that it comes to, in full, and what it runs on."""
    rate = penalty.at(contract)
    assert rate is not None
    percent = rate_words(lang, rate)
    if penalty.above_ppb is not None:
        percent = lang.text(
            "{rate} (the contract rate raised by {share})"
            if penalty.instead
            else "{rate} ({share} of the contract rate)",
            rate=percent,
            share=_percent(lang, penalty.above_ppb),
        )
    if penalty.reach is Reach.BALANCE and penalty.instead:
        return lang.text(
            "penalty interest of {rate} on the whole principal while anything is overdue, "
            "in place of the contract interest",
            rate=percent,
        )
    if penalty.reach is Reach.BALANCE:
        return lang.text(
            "penalty interest of {rate} on the whole principal while anything is overdue, "
            "on top of the contract interest",
            rate=percent,
        )
    if penalty.instead:
        return lang.text(
            "penalty interest of {rate} on the overdue part, in place of the contract interest",
            rate=percent,
        )
    return lang.text(
        "penalty interest of {rate} on the overdue part, on top of the contract interest",
        rate=percent,
    )


def _late_fee(lang: Language, fee: LateFee, currency: str) -> str:
    if fee.flat_minor is not None:
        parts = [lang.text("late fee {amount}", amount=lang.money(fee.flat_minor, currency))]
    else:
        assert fee.share_ppb is not None
        share = _percent(lang, fee.share_ppb)
        parts = [lang.text("late fee {share} of the overdue part", share=share)]
    if fee.least_minor:
        parts.append(lang.text("at least {amount}", amount=lang.money(fee.least_minor, currency)))
    if fee.most_minor is not None:
        parts.append(lang.text("at most {amount}", amount=lang.money(fee.most_minor, currency)))
    parts.append(
        lang.text("for each due date missed")
        if fee.times is Times.ONCE
        else lang.text("every month while anything is overdue")
    )
    return _listed(lang, parts)


def _percent(lang: Language, ppb: int) -> str:
    return share_text(ppb).replace(".", decimal_mark(lang.locale))


def _nth(lang: Language, number: int) -> str:
    """1st, 2nd, 91st; the bare figure where the language puts its own words around it."""
    if lang.locale.startswith("zh"):
        return str(number)
    teen = 10 <= number % 100 <= 20
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _listed(lang: Language, parts: Iterable[str]) -> str:
    return ("，" if lang.locale.startswith("zh") else ", ").join(parts)


def _clauses(lang: Language, parts: Iterable[str]) -> str:
    return ("；" if lang.locale.startswith("zh") else "; ").join(parts)
