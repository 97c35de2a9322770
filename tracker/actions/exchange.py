"""Rates of exchange as the person types them, each with its day; none is ever looked up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tracker.actions.office import Nothing, PersonContext, Request, Result
from tracker.core import exchange, money, reading
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import exchange as stored
from tracker.store.db import add as insert
from tracker.store.exchange import ExchangeRow


class NewRate(Request):
    base: str
    rate: str
    to: str | None = None
    on: str | None = None


class WhichRate(Request):
    base: str
    to: str | None = None
    on: str | None = None


class ExchangeRate(Result):
    """1 `base` is worth `rate` of `quote` on a day; `rate` has a point as its decimal mark."""

    base: str
    quote: str
    rate: str
    on: date


class Rates(Result):
    rates: list[ExchangeRate]


def add(ctx: PersonContext, request: NewRate) -> ExchangeRate:
    base, quote, on = _which(ctx, request.base, request.to, request.on)
    rate = exchange.parse_rate(request.rate, decimal_mark=ctx.decimal_mark)
    if (known := _of_day(ctx, base, quote, on)) is not None:
        raise ConflictError(
            "A rate between {base} and {quote} is recorded for {day} already: {known}.",
            field="rate",
            hint=N_(
                "If it was mistyped, take it back: "
                "`tracker rate drop {base} --to {quote} --on {day}`."
            ),
            base=known.base,
            quote=known.quote,
            day=on.isoformat(),
            known=_words(known),
        )
    row = insert(
        ctx.session,
        ExchangeRow(
            person_id=ctx.person.id,
            base=base,
            quote=quote,
            rate=rate,
            on_date=on,
            recorded_at=ctx.now,
        ),
    )
    said = ctx.language.text(
        "Recorded: {rate}, on {day}.", rate=_words(row), day=ctx.language.date(on)
    )
    return shown(row).model_copy(update={"said": [said]})


def list_rates(ctx: PersonContext, request: Nothing) -> Rates:
    """Newest first."""
    return Rates(rates=[shown(row) for row in stored.rates(ctx.session, ctx.person.id)])


def drop(ctx: PersonContext, request: WhichRate) -> ExchangeRate:
    """Take back a rate that was mistyped; payments keep the rate that they were made at."""
    base, quote, on = _which(ctx, request.base, request.to, request.on)
    row = _of_day(ctx, base, quote, on)
    if row is None:
        raise NotFoundError(
            "There is no rate between {base} and {quote} for {day}.",
            field="base",
            hint=N_("`tracker rate list` shows them; say the day with --on."),
            base=base,
            quote=quote,
            day=on.isoformat(),
        )
    said = ctx.language.text(
        "Taken back: {rate}, on {day}.", rate=_words(row), day=ctx.language.date(on)
    )
    result = shown(row).model_copy(update={"said": [said]})
    ctx.session.delete(row)
    return result


def shown(row: ExchangeRow) -> ExchangeRate:
    return ExchangeRate(base=row.base, quote=row.quote, rate=row.rate, on=row.on_date)


def latest(rows: Sequence[ExchangeRow], one: str, other: str) -> ExchangeRow | None:
    """The newest rate between two moneys, whichever of them it was typed for 1 of.

    `rows` are newest first, as the store gives them.
    """
    return next((row for row in rows if {row.base, row.quote} == {one, other}), None)


def worth(minor: int, currency: str, into: str, row: ExchangeRow) -> int:
    """An amount in minor units of another money at a rate between the two; half up."""
    if row.base == currency:
        return exchange.converted(minor, currency, row.rate, into)
    return exchange.converted_back(minor, currency, row.rate, into)


def _which(ctx: PersonContext, base: str, to: str | None, on: str | None) -> tuple[str, str, date]:
    one = money.currency_code(base, field="base")
    other = money.currency_code(to or ctx.person.currency, field="to")
    if one == other:
        raise InputError(
            "base and to are both {currency}; a rate is between two currencies.",
            field="to",
            hint=N_("Say the other one with --to."),
            currency=one,
        )
    day = reading.parse_date(on or "today", today=ctx.today, field="on", latest=ctx.today)
    return one, other, day


def _of_day(ctx: PersonContext, one: str, other: str, on: date) -> ExchangeRow | None:
    rows = [row for row in stored.rates(ctx.session, ctx.person.id) if row.on_date == on]
    return latest(rows, one, other)


def _words(row: ExchangeRow) -> str:
    return f"1 {row.base} = {row.rate} {row.quote}"
