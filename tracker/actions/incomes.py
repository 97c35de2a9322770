"""Days on which money comes in, and the instalments that lie badly against them."""

from __future__ import annotations

from datetime import date, timedelta

from tracker.actions import falling, whereabouts
from tracker.actions.contract import chosen
from tracker.actions.office import Money, Nothing, PersonContext, Request, Result
from tracker.actions.terms import send_time_of
from tracker.core import due, money, paydays, reading, text
from tracker.core.dates import Every, month_day
from tracker.core.paydays import Coming, Income, Short, Tight
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import absences
from tracker.store.absences import IncomeRow
from tracker.store.db import add as insert

AHEAD = timedelta(days=366)
FURTHEST = timedelta(days=3660)
_BY_MONTH = (Every.MONTHLY, Every.TWICE_MONTHLY)


class NewIncome(Request):
    name: str
    on: str
    every: str | None = None
    amount: str | None = None
    currency: str | None = None


class WhichIncome(Request):
    income: str


class IncomeDates(Result):
    """`every` None: once. `next_on` None: it came in and does not come again."""

    name: str
    every: str | None
    amount: Money | None
    next_on: date | None


class Incomes(Result):
    incomes: list[IncomeDates]


def add(ctx: PersonContext, request: NewIncome) -> Incomes:
    name = text.line(request.name, field="name", longest=80)
    if any(text.same_name(name, row.name) for row in absences.incomes(ctx.session, ctx.person.id)):
        raise ConflictError(
            "There is an income {name!r} already.",
            field="name",
            hint=N_("End it first with `tracker income end`, or choose another name."),
            name=name,
        )
    every = chosen(Every, request.every, "every", Every.MONTHLY) if request.every else None
    amount = currency = None
    if request.amount is not None:
        currency = money.currency_code(request.currency or ctx.person.currency)
        amount = money.parse(
            request.amount, currency, decimal_mark=ctx.decimal_mark, field="amount"
        )
    elif request.currency is not None:
        raise InputError(
            "currency says nothing without an amount.",
            field="currency",
            hint=N_("Give --amount too, or leave --currency out."),
        )
    row = insert(
        ctx.session,
        IncomeRow(
            person_id=ctx.person.id,
            name=name,
            amount_minor=amount,
            currency=currency,
            every=every.value if every else None,
            anchor_on=_anchor(ctx, request.on, every),
            recorded_at=ctx.now,
        ),
    )
    said = ctx.language.text(
        "{name} comes in on {day}.", name=name, day=ctx.language.day(_next_on(ctx, row))
    )
    return list_incomes(ctx, Nothing()).model_copy(update={"said": [said]})


def list_incomes(ctx: PersonContext, request: Nothing) -> Incomes:
    rows = absences.incomes(ctx.session, ctx.person.id)
    return Incomes(incomes=[_shown(ctx, row) for row in rows], warnings=guard(ctx))


def end(ctx: PersonContext, request: WhichIncome) -> Incomes:
    """It does not come in any more, or was typed wrongly."""
    row = _find(ctx, request.income)
    row.ended_at = ctx.now
    insert(ctx.session, row)
    said = ctx.language.text("{name} is counted on no more.", name=row.name)
    return list_incomes(ctx, Nothing()).model_copy(update={"said": [said]})


def guard(ctx: PersonContext, *, debt_id: int | None = None, ahead: timedelta = AHEAD) -> list[str]:
    """What lies badly against the days on which money comes in, a sentence each.

    With `debt_id`: the instalments of this debt, and the pay periods that one of them
    lies in. Empty where no income is recorded.
    """
    incomes = [as_income(row) for row in absences.incomes(ctx.session, ctx.person.id)]
    if not incomes:
        return []
    where = whereabouts.at_home(ctx.person)
    coming = []
    rows: dict[int, falling.Open] = {}
    for each in falling.coming(ctx, ctx.today + ahead):
        send_on = due.send_by_day(
            each.row.due_on,
            each.row.send_by_at,
            where=where,
            send_time=send_time_of(each.live.terms, ctx.person, ctx.settings),
        )
        if send_on < ctx.today or each.scheduled or each.held is not None:
            continue
        rows[each.row.id] = each
        coming.append(
            Coming(
                key=each.row.id,
                send_on=send_on,
                amount_minor=each.open_minor,
                currency=each.live.debt.currency,
            )
        )
    mine = [each for each in coming if debt_id in (None, rows[each.key].live.debt.id)]
    short = [
        period
        for period in paydays.short(incomes, coming)
        if any(period.from_on <= each.send_on < period.until_on for each in mine)
    ]
    return [*_tight(ctx, paydays.tight(incomes, mine), rows), *_short(ctx, short)]


def as_income(row: IncomeRow) -> Income:
    return Income(
        name=row.name,
        anchor_on=row.anchor_on,
        every=Every(row.every) if row.every else None,
        amount_minor=row.amount_minor,
        currency=row.currency,
    )


def _tight(ctx: PersonContext, found: list[Tight], rows: dict[int, falling.Open]) -> list[str]:
    """One sentence for each plan: what is true of one of its months is true of most."""
    by_debt: dict[int, list[Tight]] = {}
    for each in found:
        by_debt.setdefault(rows[each.coming.key].live.debt.id, []).append(each)
    said = []
    for of_debt in by_debt.values():
        first = min(of_debt, key=lambda each: each.coming.send_on)
        row = rows[first.coming.key]
        lang = ctx.language
        sentence = lang.text(
            "{word} {seq} of {count} is to be sent by {day}, {days} before {income} comes in "
            "({on}): ask for a later day.",
            word=row.live.debt.word,
            seq=row.row.seq,
            count=row.count,
            day=lang.day(first.coming.send_on),
            days=lang.plural("one day", "{n} days", first.days),
            income=first.income.name,
            on=lang.day(first.on),
        )
        more = len(of_debt) - 1
        also = lang.plural("So is one more of it.", "So are {n} more of it.", more) if more else ""
        said.append(lang.paragraph([sentence, also]))
    return said


def _short(ctx: PersonContext, found: list[Short]) -> list[str]:
    """The first such pay period, and how many there are besides."""
    if not found:
        return []
    first, lang = found[0], ctx.language
    sentence = lang.text(
        "From {first} until before {until} {needed} is to be sent, and {arrives} comes in.",
        first=lang.day(first.from_on),
        until=lang.day(first.until_on),
        needed=lang.money(first.needed_minor, first.currency),
        arrives=lang.money(first.arrives_minor, first.currency),
    )
    more = len(found) - 1
    also = (
        lang.plural(
            "One more such pay period follows.",
            "{n} more such pay periods follow.",
            more,
        )
        if more
        else ""
    )
    return [lang.paragraph([sentence, also])]


def _anchor(ctx: PersonContext, typed: str, every: Every | None) -> date:
    """The day it was typed for; of a day of the month the last one that there was.

    From the last month that has such a day, so that the 31st stays the 31st.
    """
    bare = typed.strip()
    if bare.isascii() and bare.isdigit() and len(bare) <= 2:
        if every not in _BY_MONTH:
            raise InputError(
                "on is {value!r}; a day of the month goes with monthly or twice-monthly.",
                field="on",
                hint=N_("Write the next such day, or say --every monthly."),
                value=bare,
            )
        day = reading.parse_count(bare, field="on", most=31)
        back = range(0, -13, -1)
        days = [month_day(ctx.today.replace(day=1), months, day) for months in back]
        return next(each for each in days if each.day == day and each <= ctx.today)
    return reading.parse_date(
        typed,
        today=ctx.today,
        field="on",
        past=False,
        earliest=ctx.today if every is None else ctx.today - AHEAD,
        latest=ctx.today + FURTHEST,
    )


def _next_on(ctx: PersonContext, row: IncomeRow) -> date:
    found = paydays.days(as_income(row), ctx.today, ctx.today + FURTHEST + AHEAD)
    return found[0]


def _shown(ctx: PersonContext, row: IncomeRow) -> IncomeDates:
    coming = paydays.days(as_income(row), ctx.today, ctx.today + FURTHEST + AHEAD)
    known = row.amount_minor is not None and row.currency is not None
    return IncomeDates(
        name=row.name,
        every=row.every,
        amount=Money.of(row.amount_minor or 0, row.currency or "") if known else None,
        next_on=coming[0] if coming else None,
    )


def _find(ctx: PersonContext, typed: str) -> IncomeRow:
    for row in absences.incomes(ctx.session, ctx.person.id):
        if text.same_name(row.name, typed):
            return row
    raise NotFoundError(
        "There is no income {value!r}.",
        field="income",
        hint=N_("`tracker income list` shows them."),
        value=reading.shown(typed),
    )
