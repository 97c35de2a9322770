"""What a plan depends on: a bill to keep paid, no new card, how much lateness it bears.

A condition that the figures break is put to the person; that the plan is broken
is for the creditor to say (`tracker plan withdraw DEBT --broken`).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from tracker.actions import bills, booking, finding
from tracker.actions.office import PersonContext, Request, Result
from tracker.actions.terms import settled
from tracker.core import money, reading, text
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import conditions as stored
from tracker.store import plans, wakes
from tracker.store.conditions import ConditionRow
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

ENDED = N_("Its condition was ended.")


class NewCondition(Request):
    debt: str
    kind: str
    text: str | None = None
    day: str | None = None
    amount: str | None = None
    most: str | None = None


class WhichCondition(Request):
    debt: str
    number: str


class Breach(Request):
    debt: str
    number: str
    on: str | None = None


class WhichPlan(Request):
    debt: str


class Condition(Result):
    """`number` counts within the plan; `broken` is what the figures, or the person, say."""

    number: int
    kind: str
    sentence: str
    next_on: date | None
    broken: str | None


class Conditions(Result):
    debt: str
    conditions: list[Condition]


def add(ctx: PersonContext, request: NewCondition) -> Conditions:
    debt, plan = _plan(ctx, request.debt)
    kind = request.kind.strip().casefold()
    if kind not in stored.CONDITIONS:
        raise InputError(
            "kind is {value!r}; a condition is one of {known}.",
            field="kind",
            value=kind[:40],
            known=", ".join(stored.CONDITIONS),
        )
    said = text.optional_line(request.text, field="text", longest=300)
    day = reading.parse_count(request.day, field="day", most=31) if request.day else None
    most = reading.parse_count(request.most, field="most", most=3660) if request.most else None
    _refuse_unfit(
        kind,
        "day",
        day,
        kind == "current-bill",
        N_("For example: tracker plan condition maple current-bill --day 15"),
    )
    _refuse_unfit(
        kind,
        "most",
        most,
        kind in ("missed", "days-late"),
        N_("For example: tracker plan condition maple missed --most 2"),
    )
    if kind != "current-bill":
        _refuse_unfit(kind, "amount", request.amount, False, N_("Only a bill has an amount."))
    if kind == "other" and said is None:
        raise InputError(
            "text is missing; say what the condition is.",
            field="text",
            hint=N_("For example --text 'tell them of a new address'."),
        )
    amount = None
    if request.amount:
        amount = money.parse(
            request.amount, debt.currency, decimal_mark=ctx.decimal_mark, field="amount"
        )
    same = [each for each in stored.conditions(ctx.session, plan.id) if each.kind == kind]
    again = any(
        (each.due_day, each.amount_minor, each.said) == (day, amount, said) for each in same
    )
    if again or (same and kind in ("no-new-card", "missed", "days-late")):
        raise ConflictError(
            "The plan on {debt} has a condition of the kind {kind} already.",
            field="kind",
            hint=N_("End it first: `tracker plan condition-end {debt} NUMBER`."),
            debt=debt.handle,
            kind=kind,
        )
    row = insert(
        ctx.session,
        ConditionRow(
            person_id=ctx.person.id,
            plan_id=plan.id,
            ref=secrets.token_hex(8),
            kind=kind,
            said=said,
            due_day=day,
            amount_minor=amount,
            most=most,
            recorded_at=ctx.now,
        ),
    )
    if row.due_day is not None:
        wakes.set_wake(ctx.session, "condition", row.id, ctx.person.id, ctx.now)
    result = _shown(ctx, debt, plan)
    return result.model_copy(update={"said": [result.conditions[-1].sentence]})


def list_conditions(ctx: PersonContext, request: WhichPlan) -> Conditions:
    debt, plan = _plan(ctx, request.debt)
    return _shown(ctx, debt, plan)


def end(ctx: PersonContext, request: WhichCondition) -> Conditions:
    """It does not hold any more: agreed otherwise, or typed wrongly."""
    debt, plan = _plan(ctx, request.debt)
    row = _numbered(ctx, plan, request.number)
    _end(ctx, row)
    said = ctx.language.text("The condition is ended.")
    return _shown(ctx, debt, plan).model_copy(update={"said": [said]})


def breach(ctx: PersonContext, request: Breach) -> Conditions:
    """The person says that a condition was not kept, on a day."""
    debt, plan = _plan(ctx, request.debt)
    row = _numbered(ctx, plan, request.number)
    row.broken_on = reading.parse_date(
        request.on or "today",
        today=ctx.today,
        field="on",
        earliest=plans.versions(ctx.session, plan.id)[0].agreed_on,
        latest=ctx.today,
    )
    insert(ctx.session, row)
    said = ctx.language.text(
        "Recorded: the condition was not kept on {day}. Speak with the creditor before they do.",
        day=ctx.language.date(row.broken_on),
    )
    return _shown(ctx, debt, plan).model_copy(update={"said": [said]})


def silence(ctx: PersonContext, plan: PlanRow) -> None:
    """The plan ended: its conditions remind of nothing any more."""
    for row in stored.conditions(ctx.session, plan.id):
        _end(ctx, row)


def of_plan(
    ctx: PersonContext,
    plan: PlanRow,
    currency: str,
    terms: PlanVersionRow,
    rows: list[InstalmentRow],
) -> list[Condition]:
    return [
        Condition(
            number=number,
            kind=row.kind,
            sentence=sentence_of(ctx, row, currency),
            next_on=bills.next_day(row, ctx.today),
            broken=broken(ctx, row, terms, rows),
        )
        for number, row in enumerate(stored.conditions(ctx.session, plan.id), 1)
    ]


def _refuse_unfit(kind: str, field: str, given: object, wanted: bool, hint: str) -> None:
    if wanted == (given is not None):
        return
    raise InputError(
        N_("A condition of the kind {kind} needs {field}.")
        if wanted
        else N_("A condition of the kind {kind} has no place for {field}."),
        field=field,
        hint=hint,
        kind=kind,
    )


def sentence_of(ctx: PersonContext, row: ConditionRow, currency: str) -> str:
    lang = ctx.language
    match row.kind:
        case "current-bill" if row.amount_minor:
            sentence = lang.text(
                "The current bill is paid by day {day} of each month ({amount}).",
                day=row.due_day,
                amount=lang.money(row.amount_minor, currency),
            )
        case "current-bill":
            sentence = lang.text(
                "The current bill is paid by day {day} of each month.", day=row.due_day
            )
        case "no-new-card":
            sentence = lang.text("No other card or credit is applied for until it is paid.")
        case "missed":
            sentence = lang.text(
                "It counts as broken after {count} missed instalments.", count=row.most
            )
        case "days-late":
            sentence = lang.text(
                "It counts as broken once an instalment is {days} days late.", days=row.most
            )
        case _:
            return row.said or ""
    return lang.paragraph([sentence, row.said]) if row.said else sentence


def broken(
    ctx: PersonContext, row: ConditionRow, terms: PlanVersionRow, rows: Sequence[InstalmentRow]
) -> str | None:
    """Why a condition is not kept, or None; `rows` are at least those that are late."""
    if row.broken_on is not None:
        return ctx.language.text("not kept on {day}", day=ctx.language.date(row.broken_on))
    late = [each for each in rows if each.due_on < ctx.today and not settled(each, terms)]
    if not late or row.most is None:
        return None
    if row.kind == "missed" and len(late) >= row.most:
        return ctx.language.text("{count} instalments are missed", count=len(late))
    days = (ctx.today - late[0].due_on).days
    if row.kind == "days-late" and days >= row.most:
        return ctx.language.text("an instalment is {days} days late", days=days)
    return None


def _shown(ctx: PersonContext, debt: DebtRow, plan: PlanRow) -> Conditions:
    terms = plans.terms(ctx.session, plan)
    rows = plans.instalments(ctx.session, terms.id)
    return Conditions(debt=debt.handle, conditions=of_plan(ctx, plan, debt.currency, terms, rows))


def _plan(ctx: PersonContext, name: str) -> tuple[DebtRow, PlanRow]:
    debt = finding.debt(ctx, name)
    plan = finding.live_plan(ctx, debt)
    return debt, plan


def _numbered(ctx: PersonContext, plan: PlanRow, typed: str) -> ConditionRow:
    number = reading.parse_count(typed, field="number")
    rows = stored.conditions(ctx.session, plan.id)
    if number > len(rows):
        raise NotFoundError(
            "There is no condition {number}; the plan has {count}.",
            field="number",
            hint=N_("`tracker plan show` numbers them."),
            number=number,
            count=len(rows),
        )
    return rows[number - 1]


def _end(ctx: PersonContext, row: ConditionRow) -> None:
    row.ended_at = ctx.now
    insert(ctx.session, row)
    booking.withdraw_messages(ctx, f"bill:{row.ref}", ENDED)
    wakes.set_wake(ctx.session, "condition", row.id, ctx.person.id, None)
