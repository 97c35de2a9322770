"""Payment holidays: what is due in one is due later, with the creditor's consent.

A holiday is what the creditor grants, and no silence of messages.
"""

from __future__ import annotations

from datetime import date, timedelta

from tracker.actions import booking, figures, versions
from tracker.actions.changes import agreed_by_text, day_agreed, running, told, write
from tracker.actions.office import PersonContext, Request
from tracker.actions.plans import Plan
from tracker.core import holiday, reading, text
from tracker.core.dates import Every
from tracker.core.holiday import How
from tracker.core.revision import Standing
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import conditions, plans
from tracker.store.conditions import HolidayRow
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

LONGEST_HOLIDAY = timedelta(days=2 * 366)


class NewHoliday(Request):
    debt: str
    start: str
    until: str
    how: str | None = None
    agreed_by: str | None = None
    agreed_on: str | None = None
    reason: str | None = None


class Resumption(Request):
    debt: str
    on: str | None = None
    agreed_by: str | None = None
    reason: str | None = None


def pause(ctx: PersonContext, request: NewHoliday) -> Plan:
    """A payment holiday: the instalments within it are due later."""
    debt, plan, terms, rows = running(ctx, request.debt)
    agreed_on = day_agreed(ctx, request.agreed_on, terms)
    from_on = reading.parse_date(request.start, today=ctx.today, field="start", past=False)
    until_on = reading.parse_date(request.until, today=ctx.today, field="until", past=False)
    if from_on < agreed_on:
        raise InputError(
            "start is {value}, before {day}, on which the holiday was agreed.",
            field="start",
            hint=N_("What was due before stays late; begin on the day of the agreement."),
            value=from_on.isoformat(),
            day=agreed_on.isoformat(),
        )
    if until_on - from_on > LONGEST_HOLIDAY:
        raise InputError(
            "until is {value}, more than two years after the holiday begins.",
            field="until",
            hint=N_("Check the year."),
            value=until_on.isoformat(),
        )
    _refuse_overlap(ctx, plan, from_on, until_on)
    how = _how(request.how)
    agreed_by = agreed_by_text(request.agreed_by)
    changed = holiday.paused(
        versions.standing(rows),
        from_on=from_on,
        until_on=until_on,
        every=Every(terms.every) if terms.every else None,
        how=how,
        tolerance_minor=terms.tolerance_minor,
    )
    rule = _told_as(ctx, how, from_on, until_on)
    reason = text.line(request.reason or rule, field="reason", longest=500)
    made = ctx.language.paragraph([terms.rule, rule])
    new = write(ctx, debt, plan, terms, changed, "paused", agreed_on, agreed_by, reason, made)
    insert(
        ctx.session,
        HolidayRow(
            person_id=ctx.person.id,
            plan_id=plan.id,
            version=new.number,
            from_on=from_on,
            until_on=until_on,
            how=how.value,
            agreed_by=agreed_by,
            recorded_at=ctx.now,
        ),
    )
    said = [rule]
    if _bears(ctx, debt, terms):
        goes_on = N_("Interest goes on meanwhile, and the instalments stay as large as they were.")
        said.append(ctx.language.text(goes_on))
    return told(ctx, debt, plan, said)


def resume(ctx: PersonContext, request: Resumption) -> Plan:
    """End a holiday before its time: as if it had been agreed so from the start."""
    debt, plan, terms, _ = running(ctx, request.debt)
    on = reading.parse_date(request.on or "today", today=ctx.today, field="on", past=False)
    # One that has not begun is called off; of two, the one that runs ends first.
    last = min(
        (
            each
            for each in conditions.holidays(ctx.session, plan.id)
            if each.resumed_on is None and each.until_on > ctx.today
        ),
        key=lambda each: each.from_on,
        default=None,
    )
    if last is None:
        raise ConflictError(
            "{debt} is on no payment holiday.",
            field="debt",
            hint=N_("`tracker plan history {debt}` shows what was agreed."),
            debt=debt.handle,
        )
    if on >= last.until_on:
        raise InputError(
            "on is {value}; the holiday ends by itself on {until}.",
            field="on",
            hint=N_("Give an earlier day."),
            value=on.isoformat(),
            until=last.until_on.isoformat(),
        )
    if on < terms.agreed_on:
        raise InputError(
            "on is {value}, before {day}, when the holiday was agreed.",
            field="on",
            hint=N_("Give the day from which it holds no longer."),
            value=on.isoformat(),
            day=terms.agreed_on.isoformat(),
        )
    if last.version != plan.version:
        raise ConflictError(
            "The plan on {debt} was changed after its holiday began (version {version}).",
            field="debt",
            hint=N_("Agree the dates that hold now with `tracker plan agree {debt} --revise`."),
            debt=debt.handle,
            version=plan.version,
        )
    before = plans.version(ctx.session, plan.id, last.version - 1)
    assert before is not None  # versions are counted without a gap
    agreed_by = agreed_by_text(request.agreed_by)
    then = plans.instalments(ctx.session, before.id)
    changed = holiday.resumed(
        _with_payments(ctx, debt, plan, before, then),
        from_on=last.from_on,
        resumed_on=on,
        every=Every(before.every) if before.every else None,
        how=How(last.how),
        tolerance_minor=before.tolerance_minor,
    )
    if on > last.from_on:
        said = ctx.language.text(
            N_("The payment holiday ended on {day}."), day=ctx.language.date(on)
        )
        short = _told_as(ctx, How(last.how), last.from_on, on)
        made = ctx.language.paragraph([before.rule, short])
    else:
        said = ctx.language.text(N_("The payment holiday is called off."))
        made = before.rule
    reason = text.line(request.reason or said, field="reason", longest=500)
    last.resumed_on = on
    insert(ctx.session, last)
    write(ctx, debt, plan, terms, changed, "resumed", ctx.today, agreed_by, reason, made)
    return told(ctx, debt, plan, [said])


def _told_as(ctx: PersonContext, how: How, from_on: date, until_on: date) -> str:
    """The holiday as the plan's terms say it."""
    return ctx.language.text(
        N_("Payment holiday from {start} until before {until}: those due in it and all after move.")
        if how is How.SHIFT
        else N_(
            "Payment holiday from {start} until before {until}: those due in it go to the end."
        ),
        start=ctx.language.date(from_on),
        until=ctx.language.date(until_on),
    )


def _refuse_overlap(ctx: PersonContext, plan: PlanRow, from_on: date, until_on: date) -> None:
    for each in conditions.holidays(ctx.session, plan.id):
        if each.from_on < until_on and max(from_on, each.from_on) < _ends(each):
            raise ConflictError(
                "A payment holiday from {start} until before {until} is agreed already.",
                field="start",
                hint=N_("End that one first with `tracker plan resume`, or begin on {until}."),
                start=each.from_on.isoformat(),
                until=_ends(each).isoformat(),
            )


def _ends(row: HolidayRow) -> date:
    """The first day after a holiday; of one that was called off, its own first."""
    return max(row.resumed_on or row.until_on, row.from_on)


def _bears(ctx: PersonContext, debt: DebtRow, terms: PlanVersionRow) -> bool:
    if terms.interest != "contract":
        return bool(terms.rate_ppb)
    book = figures.gather(ctx, debt)
    contract = book.terms_on(ctx.today) if book else None
    return contract is not None and contract.rate is not None


def _how(typed: str | None) -> How:
    wanted = (typed or How.SHIFT.value).strip().casefold()
    if wanted not in {each.value for each in How}:
        raise InputError(
            "how is {value!r}; a holiday is shift or skip.",
            field="how",
            hint=N_("shift: all later dates move too; skip: those in it go to the end."),
            value=wanted[:40],
        )
    return How(wanted)


def _with_payments(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    rows: list[InstalmentRow],
) -> list[Standing]:
    """The rows of an earlier version with what has been paid on them by now."""
    totals = booking.replayed(ctx, debt, plan, terms, rows).totals()
    return versions.standing(rows, totals)
