"""How a plan came to be as it is: its versions in order, and two of them side by side."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tracker.actions import finding
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.terms import asked_minor
from tracker.core import reading
from tracker.core.compare import Figures, compare, figures
from tracker.core.schedule import Row
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import plans
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


class WhichHistory(Request):
    debt: str


class WhichVersions(Request):
    debt: str
    old: str | None = None
    new: str | None = None


class VersionLine(Result):
    """One agreement; `recorded_on` is where the person is."""

    plan: int
    version: int
    change: str
    agreed_on: date
    recorded_on: date
    agreed_by: str | None
    reason: str | None
    rule: str
    total: Money
    count: int
    ends_on: date
    ended: str | None


class History(Result):
    debt: str
    versions: list[VersionLine]


class Side(Result):
    version: int
    count: int
    total: Money
    interest: Money
    ends_on: date | None
    highest_month: Money
    average_month: Money


class Comparison(Result):
    debt: str
    old: Side
    new: Side
    more: Money
    """The new total minus the old one."""


def history(ctx: PersonContext, request: WhichHistory) -> History:
    """Every version of every plan of a debt, oldest first."""
    debt = finding.debt(ctx, request.debt)
    found: list[VersionLine] = []
    for number, plan in enumerate(plans.of_debt(ctx.session, debt.id), 1):
        for terms in plans.versions(ctx.session, plan.id):
            rows = plans.instalments(ctx.session, terms.id)
            found.append(_line(ctx, debt, number, plan, terms, rows))
    if not found:
        raise _no_plan(debt)
    return History(debt=debt.handle, versions=found)


def compared(ctx: PersonContext, request: WhichVersions) -> Comparison:
    """Two versions of the newest plan; unsaid, the one in force and the one before it."""
    debt = finding.debt(ctx, request.debt)
    plan = plans.latest(ctx.session, debt.id)
    if plan is None:
        raise _no_plan(debt)
    if plan.version == 1:
        raise ConflictError(
            "The plan on {debt} has one version only; there is nothing to compare.",
            field="debt",
            hint=N_("A revision, a holiday or a waived instalment makes the next."),
            debt=debt.handle,
        )
    new = _number(request.new, "new", plan.version)
    old = _number(request.old, "old", max(new - 1, 1))
    if old == new:
        raise InputError(
            "old and new are both {number}; two versions are compared.",
            field="new",
            hint=N_("`tracker plan history {debt}` numbers them."),
            number=new,
            debt=debt.handle,
        )
    sides = []
    for name, number in (("old", old), ("new", new)):
        terms = plans.version(ctx.session, plan.id, number)
        if terms is None:
            raise NotFoundError(
                "The plan on {debt} has no version {number}; the newest is {newest}.",
                field=name,
                debt=debt.handle,
                number=number,
                newest=plan.version,
            )
        sides.append(as_rows(plans.instalments(ctx.session, terms.id)))
    told = compare(*sides)
    lang = ctx.language
    more = told.new.total_minor - told.old.total_minor
    said = [
        lang.text(
            "Version {old}: {total}, until {end}, at most {month} in a month.",
            old=number,
            total=lang.money(side.total_minor, debt.currency),
            end=lang.date(side.ends_on) if side.ends_on else "–",
            month=lang.money(side.highest_month_minor, debt.currency),
        )
        for number, side in ((old, told.old), (new, told.new))
    ]
    return Comparison(
        debt=debt.handle,
        old=_side(old, told.old, debt.currency),
        new=_side(new, told.new, debt.currency),
        more=Money.of(more, debt.currency),
        said=said,
    )


def as_rows(rows: list[InstalmentRow]) -> list[Row]:
    """What is asked by the rows of a version; one that was waived as a whole is none of them."""
    return [
        Row(
            due_on=row.due_on,
            amount_minor=asked_minor(row),
            interest_minor=min(row.interest_minor, asked_minor(row)),
        )
        for row in rows
        if asked_minor(row)
    ]


def _number(typed: str | None, field: str, default: int) -> int:
    return reading.parse_count(typed, field=field) if typed else default


def _side(number: int, figures: Figures, currency: str) -> Side:
    return Side(
        version=number,
        count=figures.count,
        total=Money.of(figures.total_minor, currency),
        interest=Money.of(figures.interest_minor, currency),
        ends_on=figures.ends_on,
        highest_month=Money.of(figures.highest_month_minor, currency),
        average_month=Money.of(figures.average_month_minor, currency),
    )


def _line(
    ctx: PersonContext,
    debt: DebtRow,
    number: int,
    plan: PlanRow,
    terms: PlanVersionRow,
    rows: list[InstalmentRow],
) -> VersionLine:
    last = terms.number == plan.version
    told = figures(as_rows(rows))
    return VersionLine(
        plan=number,
        version=terms.number,
        change=terms.change,
        agreed_on=terms.agreed_on,
        recorded_on=_day(ctx, terms.recorded_at),
        agreed_by=terms.agreed_by,
        reason=terms.reason,
        rule=terms.rule,
        total=Money.of(told.total_minor, debt.currency),
        count=told.count,
        ends_on=told.ends_on or rows[-1].due_on,
        ended=(plan.ended_as or "withdrawn") if last and plan.ended_at else None,
    )


def _day(ctx: PersonContext, at: datetime) -> date:
    return at.astimezone(ZoneInfo(ctx.person.zone)).date()


def _no_plan(debt: DebtRow) -> NotFoundError:
    return NotFoundError(
        "{debt} has no plan yet.",
        field="debt",
        hint=N_("Record what was agreed with `tracker plan agree {debt}`."),
        debt=debt.handle,
    )
