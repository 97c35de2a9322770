"""A payment that left in another money than the debt's: the sum sent, and the rate as a fact."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.actions.office import PersonContext
from tracker.core import exchange, money, reading
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.debts import DebtRow

# A bank's own fee and the rounding of its rate stay within it; a mistyped rate does not.
DIFFERS_ABOVE_PERCENT = 1
# The code stands behind the amount or before it: what else is wrong has a reason of its own.
_BEHIND = re.compile(r"(.*?)(?<![A-Za-z])([A-Za-z]{3})\s*", re.DOTALL)
_BEFORE = re.compile(r"\s*([A-Za-z]{3})(?![A-Za-z])(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What left, and what it makes of the debt's money (`amount_minor`) at the rate."""

    minor: int
    currency: str
    rate: str
    amount_minor: int


def read(ctx: PersonContext, debt: DebtRow, sent: str | None, rate: str | None) -> Sent:
    """Raises InputError for one without the other, and for what cannot be meant."""
    if sent is None:
        raise InputError(
            "rate is {value!r}, but sent is missing.",
            field="sent",
            hint=N_("Say what left, with its currency: --sent '100 USD'."),
            value=(rate or "")[:40],
        )
    if rate is None:
        raise InputError(
            "sent is {value!r}, but rate is missing.",
            field="rate",
            hint=N_("Say how much {currency} 1 of it was worth: --rate 7.10."),
            value=sent[:40],
            currency=debt.currency,
        )
    number, currency = _apart(sent)
    if currency == debt.currency:
        raise InputError(
            "sent is {value!r}, and {debt} is in {currency} itself.",
            field="sent",
            hint=N_("Leave --sent and --rate out, and give the amount."),
            value=sent[:40],
            debt=debt.handle,
            currency=currency,
        )
    try:
        minor = money.parse(number, currency, decimal_mark=ctx.decimal_mark, field="sent")
    except InputError as error:
        # The value is what was typed, with its currency.
        error.params["value"] = reading.shown(sent)
        raise
    known = exchange.parse_rate(rate, decimal_mark=ctx.decimal_mark)
    amount = exchange.converted(minor, currency, known, debt.currency)
    if not 0 < amount <= money.MAX_MINOR:
        raise InputError(
            "rate is {value!r}; {sent} would then make {amount}, which is no amount kept here.",
            field="rate",
            hint=N_("The rate is what 1 {from_currency} was worth in {currency}."),
            value=rate[:40],
            sent=f"{money.plain(minor, currency)} {currency}",
            amount=f"{money.plain(amount, debt.currency)} {debt.currency}",
            from_currency=currency,
            currency=debt.currency,
        )
    return Sent(minor=minor, currency=currency, rate=known, amount_minor=amount)


def said(ctx: PersonContext, sent: Sent, debt: DebtRow) -> str:
    return ctx.language.text(
        "Sent: {sent}, at {rate} {currency} for 1 {from_currency}.",
        sent=ctx.language.money(sent.minor, sent.currency),
        rate=sent.rate,
        currency=debt.currency,
        from_currency=sent.currency,
    )


def warnings(ctx: PersonContext, debt: DebtRow, sent: Sent, amount_minor: int) -> list[str]:
    """An amount that was typed as well stands; far from the rate's, it is not in silence."""
    apart = abs(amount_minor - sent.amount_minor)
    if apart * 100 <= sent.amount_minor * DIFFERS_ABOVE_PERCENT:
        return []
    return [
        ctx.language.text(
            "At {rate} that would be {amount}; {typed} was typed, and stands.",
            rate=sent.rate,
            amount=ctx.language.money(sent.amount_minor, debt.currency),
            typed=ctx.language.money(amount_minor, debt.currency),
        )
    ]


def _apart(sent: str) -> tuple[str, str]:
    """The amount and its currency; the whole text where it is nothing but a code."""
    if found := _BEHIND.fullmatch(sent):
        number, code = found.groups()
    elif found := _BEFORE.fullmatch(sent):
        code, number = found.groups()
    else:
        raise InputError(
            "sent is {value!r}; it does not say in which currency.",
            field="sent",
            hint=N_("Write the amount and the three letters of its currency, like 100 USD."),
            value=sent[:40],
        )
    return number if number.strip() else sent, money.currency_code(code, field="sent")
