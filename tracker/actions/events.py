"""The events of a calendar feed: every instalment of every plan, as data and month have it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from tracker.actions import bills, details, whereabouts
from tracker.actions.details import NOTHING, Details
from tracker.actions.office import PersonContext
from tracker.actions.terms import asked_minor, offsets_of, open_minor, send_time_of, settled
from tracker.core import due
from tracker.documents import calendar
from tracker.store import debts, owners, plans
from tracker.store.debts import DebtRow
from tracker.store.owners import AssignmentRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

MONTHS_BACK = 12


WITHDRAWN_FOR_MONTHS = 1


def of_person(ctx: PersonContext, detail: str) -> list[calendar.Event]:
    """Every instalment of every live plan, and for a while the withdrawn ones, by date.

    With them the bills that a plan depends on.
    """
    month = ctx.today.replace(day=1)
    earliest = _months_before(month, MONTHS_BACK)
    withdrawn_since = _months_before(month, WITHDRAWN_FOR_MONTHS)
    found: list[calendar.Event] = []
    sold = owners.assignments_of_person(ctx.session, ctx.person.id)
    for debt in debts.debts(ctx.session, ctx.person.id):
        sales = sold.get(debt.id, [])
        doubtful = owners.is_unverified(sales)
        name = debt.word if doubtful else _name(ctx, debt, detail)
        # What was paid to an owner before is none of the present one's.
        done_name = debt.word if sales else name
        for plan in plans.of_debt(ctx.session, debt.id):
            terms = plans.terms(ctx.session, plan)
            rows = plans.instalments(ctx.session, terms.id)
            pay_to = _pay_to(ctx, debt, plan, terms, sales) if detail == "full" else None
            for row in rows:
                done = settled(row, terms)
                if row.due_on < earliest:
                    continue
                if row.waived_minor and open_minor(row) == 0:
                    # Nobody asks for it any more.
                    if _day(ctx, row.changed_at) >= withdrawn_since:
                        found.append(_cancelled(ctx, row, len(rows), name))
                    continue
                if doubtful and plan.ended_at is None and not done:
                    found.append(_doubtful(ctx, debt, row, len(rows), detail))
                elif plan.ended_at is None or done:
                    called = done_name if done else name
                    description = _description(
                        ctx, debt, row, NOTHING if pay_to is not None and done and sales else pay_to
                    )
                    found.append(_event(ctx, terms, row, len(rows), called, description, done=done))
                elif _day(ctx, row.changed_at) >= withdrawn_since:
                    found.append(_cancelled(ctx, row, len(rows), name))
            there = {row.ref for row in rows}
            found += _dropped(ctx, plan, there, withdrawn_since, name)
            found += bills.events(
                ctx,
                debt,
                plan,
                terms,
                rows,
                name=name,
                detail=detail,
                cancelled_since=withdrawn_since,
            )
    return sorted(found, key=lambda event: (event.on, event.uid))


def file_of(ctx: PersonContext, refs: set[str]) -> bytes:
    """A neutral calendar file of some instalments, as it goes with a mail."""
    found = [event for event in of_person(ctx, "neutral") if event.uid in refs]
    return rendered(ctx, found)


def rendered(ctx: PersonContext, found: list[calendar.Event]) -> bytes:
    return calendar.feed(
        ctx.language.text("Dates"), found, language_tag=ctx.language.locale.replace("_", "-")
    )


def _name(ctx: PersonContext, debt: DebtRow, detail: str) -> str:
    if detail != "full":
        return debt.word
    return debts.creditor(ctx.session, debt.creditor_id).name


def _pay_to(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    sales: list[AssignmentRow],
) -> Details:
    """Where the instalments go; the debt's own reference, where no other is to be quoted."""
    if owners.is_unverified(sales):
        return NOTHING
    return details.told(ctx, debt, plan, terms, sales).over(Details(quote=debt.reference))


def _dropped(
    ctx: PersonContext, plan: PlanRow, there: set[str], since: date, name: str
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
                found[row.ref] = _cancelled(ctx, gone, len(rows), name)
    return list(found.values())


def _event(
    ctx: PersonContext,
    terms: PlanVersionRow,
    row: InstalmentRow,
    count: int,
    name: str,
    description: str,
    *,
    done: bool,
) -> calendar.Event:
    lang = ctx.language
    send_time = send_time_of(terms, ctx.person, ctx.settings)
    last_day = due.send_by_day(
        row.due_on, row.send_by_at, where=whereabouts.at_home(ctx.person), send_time=send_time
    )
    places = {
        "name": name,
        "seq": row.seq,
        "count": count,
        "day": lang.day(last_day),
    }
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
        description=description,
        alarms=tuple(alarms),
        sequence=row.sequence,
        stamp=row.changed_at,
    )


def _doubtful(
    ctx: PersonContext, debt: DebtRow, row: InstalmentRow, count: int, detail: str
) -> calendar.Event:
    """While nobody knows whom to pay, the day stands there and asks for nothing."""
    lang = ctx.language
    return calendar.Event(
        uid=row.ref,
        on=row.due_on,
        summary=lang.text(
            "{name} {seq} of {count}: on hold", name=debt.word, seq=row.seq, count=count
        ),
        description=lang.text("The new owner is being checked: pay them nothing before.")
        if detail == "full"
        else "",
        alarms=(),
        sequence=row.sequence,
        stamp=row.changed_at,
    )


def _cancelled(ctx: PersonContext, row: InstalmentRow, count: int, name: str) -> calendar.Event:
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
    ctx: PersonContext, debt: DebtRow, row: InstalmentRow, pay_to: Details | None
) -> str:
    """How much, and to whom; nothing (`pay_to` None) in a feed that says no details."""
    if pay_to is None:
        return ""
    lang = ctx.language
    lines = [lang.money(asked_minor(row), debt.currency)]
    if row.paid_minor:
        left = open_minor(row)
        lines.append(lang.text("Open: {amount}", amount=lang.money(left, debt.currency)))
    if pay_to.payee:
        lines.append(lang.text("To: {payee}", payee=pay_to.payee))
    if pay_to.account:
        lines.append(lang.text("Account ending {last4}", last4=pay_to.account))
    if pay_to.quote:
        lines.append(lang.text("Quote: {reference}", reference=pay_to.quote))
    return "\n".join(lines)


def _day(ctx: PersonContext, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(ctx.person.zone)).date()


def _months_before(month: date, count: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 - count, 12)
    return date(years, index + 1, 1)
