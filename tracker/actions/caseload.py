"""An adviser's view: what is due or late, of everybody, page by page.

It names persons and debts by their handles and cover words, never a creditor. Who
may ask is who can open the local socket; the web does not know it.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from tracker.actions.office import Context, Money, Request, Result
from tracker.core import plans as lines
from tracker.core import reading
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import overviews
from tracker.store.debts import HoldRow
from tracker.store.overviews import Case

DAYS, LIMIT = "7", "100"
MOST_DAYS, MOST_ROWS = 366, 1_000


class WhichDue(Request):
    """`after` is the `next` of the page before; `count`: say how many there are in all."""

    days: str | None = None
    limit: str | None = None
    after: str | None = None
    count: bool = False


class DueCase(Result):
    person: str
    debt: str
    word: str
    seq: int
    count: int
    due_on: date
    send_by_at: datetime
    zone: str
    open: Money
    state: str
    held: str | None


class Caseload(Result):
    """`total` is None where it was not asked for and does not follow from the page itself."""

    until: date
    due: list[DueCase]
    more: bool
    next: str | None
    total: int | None


def due(ctx: Context, request: WhichDue) -> Caseload:
    """Open instalments due up to `days` from today (UTC), however late, in order of their days."""
    days = reading.parse_count(request.days or DAYS, field="days", least=0, most=MOST_DAYS)
    limit = reading.parse_count(request.limit or LIMIT, field="limit", most=MOST_ROWS)
    until = ctx.today_in("UTC") + timedelta(days=days)
    after = _place(request.after) if request.after is not None else None
    # One more than is told, to know whether there is more.
    found = overviews.page_due(ctx.session, until, limit=limit + 1, after=after)
    page, more = found[:limit], len(found) > limit
    held = overviews.standing_holds(ctx.session, list({each.debt_id for each in page}))
    total = None
    if request.count:
        total = overviews.count_due(ctx.session, until)
    elif after is None and not more:
        total = len(page)
    return Caseload(
        until=until,
        due=[_told(ctx, each, held.get(each.debt_id, [])) for each in page],
        more=more,
        next=f"{page[-1].due_on:%Y%m%d}-{page[-1].id}" if more else None,
        total=total,
    )


def _told(ctx: Context, each: Case, holds: list[HoldRow]) -> DueCase:
    today = ctx.today_in(each.zone)
    state = lines.state(
        due_on=each.due_on,
        amount_minor=each.asked_minor,
        paid_minor=each.paid_minor,
        today=today,
        tolerance_minor=each.tolerance_minor,
    )
    in_force = (
        row.kind
        for row in holds
        if row.from_on <= today and (row.until_on is None or today < row.until_on)
    )
    return DueCase(
        person=each.person,
        debt=each.debt,
        word=each.word,
        seq=each.seq,
        count=each.rows,
        due_on=each.due_on,
        send_by_at=each.send_by_at,
        zone=each.zone,
        open=Money.of(each.asked_minor - each.paid_minor, each.currency),
        state=state.value,
        held=next(in_force, None),
    )


def _place(typed: str) -> tuple[date, int]:
    """The due day and the id of the last row of a page, as `next` gave them."""
    if re.fullmatch(r"[0-9]{8}-[0-9]{1,18}", typed):
        day, _, number = typed.partition("-")
        try:
            return date(int(day[:4]), int(day[4:6]), int(day[6:])), int(number)
        except ValueError:
            pass
    raise InputError(
        "after is {value!r}, which no page ended with.",
        field="after",
        hint=N_("Take it from the end of the page before."),
        value=typed[:40],
    )
