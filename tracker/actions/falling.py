"""What is to be sent within a time: in a silence, on a journey, between two pay days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.actions import booking, moments
from tracker.actions.office import Money, PersonContext, Result
from tracker.actions.terms import open_minor
from tracker.core.holds import REMINDERS, silences
from tracker.store import overviews
from tracker.store.overviews import Live
from tracker.store.payments import PaymentRow
from tracker.store.plans import InstalmentRow

# Money may take 30 working days, and a due day lies so far behind its last moment to send.
_CLEARING = timedelta(days=62)


class Falling(Result):
    """An open instalment. `scheduled`: a payment is ordered for it; `held`: its debt is on hold."""

    debt: str
    word: str
    creditor_name: str
    seq: int
    count: int
    due_on: date
    send_by_at: datetime
    open: Money
    paid_by: str
    scheduled: bool
    held: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """The same with the rows that it stands in; one of `count` of its plan."""

    live: Live
    row: InstalmentRow
    count: int
    scheduled: bool
    held: str | None

    @property
    def open_minor(self) -> int:
        return open_minor(self.row)

    def shown(self) -> Falling:
        return Falling(
            debt=self.live.debt.handle,
            word=self.live.debt.word,
            creditor_name=self.live.creditor_name,
            seq=self.row.seq,
            count=self.count,
            due_on=self.row.due_on,
            send_by_at=self.row.send_by_at,
            open=Money.of(self.open_minor, self.live.debt.currency),
            paid_by=self.live.terms.paid_by,
            scheduled=self.scheduled,
            held=self.held,
        )


def within(
    ctx: PersonContext, start: datetime, end: datetime, *, days: tuple[date, date] | None = None
) -> list[Open]:
    """Those whose last moment to send lies from `start` until `end`, or which are due then.

    In the order of that moment. Due days are compared with `days`, the first and the one
    after the last, else with the days of `start` and `end` at home. What is late already
    is no news and is left out.
    """
    zone = ZoneInfo(ctx.person.zone)
    first, after = days or (start.astimezone(zone).date(), end.astimezone(zone).date())
    found = [
        each
        for each in coming(ctx, after + _CLEARING)
        if start <= each.row.send_by_at < end
        or (each.row.send_by_at < start and first <= each.row.due_on < after)
    ]
    return sorted(found, key=lambda each: (each.row.send_by_at, each.live.debt.handle))


def coming(ctx: PersonContext, until: date) -> Iterator[Open]:
    """Every open instalment due up to a day, plan by plan, however many by as many statements."""
    held = overviews.holds(ctx.session, ctx.person.id, ctx.today)
    ordered: dict[int, list[PaymentRow]] = {}
    for payment in overviews.waiting(ctx.session, ctx.person.id, until):
        ordered.setdefault(payment.debt_id, []).append(payment)
    totals = overviews.totals(ctx.session, ctx.person.id)
    due = overviews.due(ctx.session, ctx.person.id, until)
    for live in overviews.live(ctx.session, ctx.person.id):
        rows = due.get(live.terms.id, [])
        kinds = [hold.kind for hold in held.get(live.debt.id, ())]
        covered = booking.covered(ordered.get(live.debt.id, []), rows, today=ctx.today)
        for row in rows:
            yield Open(
                live=live,
                row=row,
                count=totals[live.terms.id].rows,
                scheduled=row.ref in covered,
                held=silences(kinds, REMINDERS),
            )


def told(ctx: PersonContext, rows: Sequence[Open]) -> list[str]:
    """A line for each, and one for what is left to pay or schedule of them all."""
    lines = [f"  {_line(ctx, each)}" for each in rows]
    left = [each for each in rows if not each.scheduled and each.held is None]
    if len(left) > 1:
        lines.append("  " + ctx.language.text("Together {total}", total=_together(ctx, left)))
    return lines


def _line(ctx: PersonContext, each: Open) -> str:
    lang = ctx.language
    places = {
        "word": each.live.debt.word,
        "seq": each.row.seq,
        "count": each.count,
        "open": lang.money(each.open_minor, each.live.debt.currency),
        "at": moments.told(ctx, each.row.send_by_at),
        "day": lang.day(each.row.due_on),
    }
    if each.held is not None:
        return lang.text("{word} {seq} of {count}: on hold, due {day}", **places)
    if each.scheduled:
        return lang.text("{word} {seq} of {count}: {open} is scheduled, due {day}", **places)
    if each.live.terms.paid_by == "send":
        return lang.text("{word} {seq} of {count}: {open}, send by {at}, due {day}", **places)
    return lang.text("{word} {seq} of {count}: {open}, in place by {at}, due {day}", **places)


def _together(ctx: PersonContext, rows: Iterable[Open]) -> str:
    sums: dict[str, int] = {}
    for each in rows:
        currency = each.live.debt.currency
        sums[currency] = sums.get(currency, 0) + each.open_minor
    return ", ".join(ctx.language.money(minor, name) for name, minor in sorted(sums.items()))
