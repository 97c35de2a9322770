"""The events of a calendar feed: every instalment of every plan, as data and month have it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tracker.actions.office import PersonContext
from tracker.actions.terms import offsets_of, send_time_of, settled
from tracker.core import due
from tracker.documents import calendar
from tracker.store import debts, plans
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

MONTHS_BACK = 12


WITHDRAWN_FOR_MONTHS = 1


def of_person(ctx: PersonContext, detail: str) -> list[calendar.Event]:
    """Every instalment of every live plan, and for a while the withdrawn ones, by date."""
    month = ctx.today.replace(day=1)
    earliest = _months_before(month, MONTHS_BACK)
    withdrawn_since = _months_before(month, WITHDRAWN_FOR_MONTHS)
    found: list[calendar.Event] = []
    for debt in debts.debts(ctx.session, ctx.person.id):
        for plan in plans.of_debt(ctx.session, debt.id):
            terms = plans.terms(ctx.session, plan)
            rows = plans.instalments(ctx.session, terms.id)
            for row in rows:
                done = settled(row, terms)
                if row.due_on < earliest:
                    continue
                if plan.ended_at is None or done:
                    found.append(_event(ctx, debt, terms, row, len(rows), detail, done=done))
                elif _day(ctx, row.changed_at) >= withdrawn_since:
                    found.append(_cancelled(ctx, debt, terms, row, len(rows), detail))
            there = {row.ref for row in rows}
            found += _dropped(ctx, debt, plan, there, withdrawn_since, detail)
    return sorted(found, key=lambda event: (event.on, event.uid))


def _dropped(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    there: set[str],
    since: date,
    detail: str,
) -> list[calendar.Event]:
    """Instalments of earlier versions that the current one no longer has."""
    found: dict[str, calendar.Event] = {}
    versions = plans.versions(ctx.session, plan.id)
    for terms, following in pairwise(versions):
        if _day(ctx, following.recorded_at) < since:
            continue
        rows = plans.instalments(ctx.session, terms.id)
        for row in rows:
            if row.ref not in there:
                gone = row.model_copy(
                    update={"sequence": row.sequence + 1, "changed_at": following.recorded_at}
                )
                found[row.ref] = _cancelled(ctx, debt, terms, gone, len(rows), detail)
    return list(found.values())


def _event(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    row: InstalmentRow,
    count: int,
    detail: str,
    *,
    done: bool,
) -> calendar.Event:
    lang = ctx.language
    send_time = send_time_of(terms, ctx.person, ctx.settings)
    last_day = due.send_by_day(
        row.due_on, row.send_by_at, zone=ctx.person.zone, send_time=send_time
    )
    places = {
        "name": debt.word,
        "seq": row.seq,
        "count": count,
        "day": lang.day(last_day),
    }
    if detail == "full":
        places["name"] = debts.creditor(ctx.session, debt.creditor_id).name
    if done:
        summary = lang.text("{name} {seq} of {count}: done", **places)
    elif terms.paid_by == "send":
        summary = lang.text("{name} {seq} of {count}, send by {day}", **places)
    elif terms.paid_by == "counter":
        summary = lang.text("{name} {seq} of {count}, take it by {day}", **places)
    else:
        summary = lang.text("{name} {seq} of {count}, have it in place by {day}", **places)
    alarms = [] if done else _alarms(ctx, terms, row, last_day, send_time)
    return calendar.Event(
        uid=row.ref,
        on=row.due_on,
        summary=summary,
        description=_description(ctx, debt, terms, row, detail),
        alarms=tuple(alarms),
        sequence=row.sequence,
        stamp=row.changed_at,
    )


def _cancelled(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    row: InstalmentRow,
    count: int,
    detail: str,
) -> calendar.Event:
    name = debts.creditor(ctx.session, debt.creditor_id).name if detail == "full" else debt.word
    return calendar.Event(
        uid=row.ref,
        on=row.due_on,
        summary=ctx.language.text(
            "{name} {seq} of {count}: withdrawn", name=name, seq=row.seq, count=count
        ),
        description="",
        alarms=(),
        sequence=row.sequence,
        stamp=row.changed_at,
        cancelled=True,
    )


def _alarms(
    ctx: PersonContext, terms: PlanVersionRow, row: InstalmentRow, last_day: date, at: time
) -> list[timedelta]:
    """From local midnight of the due day; an all-day event has no other anchor."""
    hour = timedelta(hours=at.hour, minutes=at.minute)
    return [
        (last_day + timedelta(days=offset) - row.due_on) + hour
        for offset in offsets_of(terms, ctx.person, ctx.settings)
    ]


def _description(
    ctx: PersonContext, debt: DebtRow, terms: PlanVersionRow, row: InstalmentRow, detail: str
) -> str:
    if detail != "full":
        return ""
    lang = ctx.language
    lines = [lang.money(row.amount_minor, debt.currency)]
    if row.paid_minor:
        left = row.amount_minor - row.paid_minor
        lines.append(lang.text("Open: {amount}", amount=lang.money(left, debt.currency)))
    if terms.payee:
        lines.append(lang.text("To: {payee}", payee=terms.payee))
    if terms.account_last4:
        lines.append(lang.text("Account ending {last4}", last4=terms.account_last4))
    if terms.quote or debt.reference:
        lines.append(lang.text("Quote: {reference}", reference=terms.quote or debt.reference))
    return "\n".join(lines)


def _day(ctx: PersonContext, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(ctx.person.zone)).date()


def _months_before(month: date, count: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, index + 1, 1)
