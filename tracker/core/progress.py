"""How a plan went over a period, for the report to its creditor.

Periods are half-open, [start, end). Everything is told as it is known on `today`:
an instalment that fell due in the period and was paid after it shows the day it
was made good. Only the figures that say so are confined to the period.

There is no streak and no score here, by intent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.core import plans
from tracker.core.allocation import Open, Overpay, Paid, allocate
from tracker.core.plans import PlanRow
from tracker.core.reading import FIRST_YEAR, LAST_YEAR
from tracker.errors import InputError

LONGEST_YEARS = 5


class Outcome(StrEnum):
    """What became of one instalment by `today`."""

    KEPT = "kept"
    """Paid, within the tolerance, by its due date."""
    LATE = "late"
    """Paid, within the tolerance, after its due date."""
    OVERDUE = "overdue"
    """Due date passed, not paid, not yet missed."""
    MISSED = "missed"
    TO_COME = "to-come"
    """Due today or later, not paid yet."""
    WAIVED = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One instalment of the period with its money."""

    row: PlanRow
    outcome: Outcome
    paid_minor: int
    gap_minor: int
    """What is open, also where the tolerance lets it count as paid; 0 if waived."""
    settled_on: date | None
    """The day on which it counted as paid; None while it does not."""
    last_paid_on: date | None
    """The day of the last payment that filled a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Counts of the period's instalments, and the plan's money.

    `due_count` = kept + late + overdue + missed + to_come; waived ones are apart.
    """

    start: date
    end: date
    lines: tuple[Line, ...]
    due_count: int
    kept: int
    late: int
    overdue: int
    missed: int
    to_come: int
    waived: int
    due_minor: int
    """The full amounts of the instalments that fall due in the period, without the waived."""
    paid_minor: int
    """All money that went in the period, whichever instalment it filled."""
    total_paid_minor: int
    """All money since the plan began, up to `today`."""
    overpaid_minor: int
    balance_minor: int
    """What the plan still asks: the open part of every instalment, past and to come."""
    next_row: PlanRow | None
    """The first unpaid instalment due on or after `today`."""


def progress(
    rows: Iterable[PlanRow],
    payments: Iterable[Paid],
    *,
    period: tuple[date, date],
    today: date,
    tolerance_minor: int = 0,
    missed_after_days: int = 30,
    waived: frozenset[str] = frozenset(),
    overpay: Overpay = Overpay.FORWARD,
) -> Progress:
    """Tell the period from the plan's rows and every payment that counts.

    Payments dated after `today` are left out. Pass the end of an old period as
    `today` for the picture as it was then.
    """
    start, end = period
    in_order = sorted(rows, key=lambda row: (row.due_on, row.seq))
    gone = [payment for payment in payments if payment.paid_on <= today]
    asked = [row for row in in_order if row.ref not in waived]
    allocated = allocate(
        (Open(ref=row.ref, due_on=row.due_on, amount_minor=row.amount_minor) for row in asked),
        gone,
        overpay=overpay,
    )
    totals = allocated.totals()
    amounts = {row.ref: row.amount_minor for row in asked}
    dates = {payment.payment_id: payment.paid_on for payment in gone}

    settled_on: dict[str, date] = {}
    last_paid_on: dict[str, date] = {}
    so_far: dict[str, int] = {}
    for part in allocated.parts:
        so_far[part.ref] = so_far.get(part.ref, 0) + part.amount_minor
        last_paid_on[part.ref] = dates[part.payment_id]
        if plans.is_settled(amounts[part.ref], so_far[part.ref], tolerance_minor):
            settled_on.setdefault(part.ref, dates[part.payment_id])

    def line(row: PlanRow) -> Line:
        paid = totals.get(row.ref, 0)
        outcome = Outcome.WAIVED
        if row.ref not in waived:
            outcome = _outcome(
                row, paid, settled_on.get(row.ref), today, tolerance_minor, missed_after_days
            )
        return Line(
            row=row,
            outcome=outcome,
            paid_minor=paid,
            gap_minor=0 if row.ref in waived else plans.gap(row.amount_minor, paid),
            settled_on=settled_on.get(row.ref),
            last_paid_on=last_paid_on.get(row.ref),
        )

    lines = tuple(line(row) for row in in_order if start <= row.due_on < end)
    counts = dict.fromkeys(Outcome, 0)
    for each in lines:
        counts[each.outcome] += 1
    coming = (
        row
        for row in asked
        if row.due_on >= today
        and not plans.is_settled(row.amount_minor, totals.get(row.ref, 0), tolerance_minor)
    )
    return Progress(
        start=start,
        end=end,
        lines=lines,
        due_count=len(lines) - counts[Outcome.WAIVED],
        kept=counts[Outcome.KEPT],
        late=counts[Outcome.LATE],
        overdue=counts[Outcome.OVERDUE],
        missed=counts[Outcome.MISSED],
        to_come=counts[Outcome.TO_COME],
        waived=counts[Outcome.WAIVED],
        due_minor=sum(
            each.row.amount_minor for each in lines if each.outcome is not Outcome.WAIVED
        ),
        paid_minor=sum(each.amount_minor for each in gone if start <= each.paid_on < end),
        total_paid_minor=sum(each.amount_minor for each in gone),
        overpaid_minor=allocated.overpaid_minor,
        balance_minor=sum(plans.gap(row.amount_minor, totals.get(row.ref, 0)) for row in asked),
        next_row=next(coming, None),
    )


def _outcome(
    row: PlanRow,
    paid_minor: int,
    settled_on: date | None,
    today: date,
    tolerance_minor: int,
    missed_after_days: int,
) -> Outcome:
    if settled_on is not None:
        return Outcome.KEPT if settled_on <= row.due_on else Outcome.LATE
    match plans.state(
        due_on=row.due_on,
        amount_minor=row.amount_minor,
        paid_minor=paid_minor,
        today=today,
        tolerance_minor=tolerance_minor,
        missed_after_days=missed_after_days,
    ):
        case plans.State.MISSED:
            return Outcome.MISSED
        case plans.State.LATE:
            return Outcome.OVERDUE
        case plans.State.PAID:
            # Only an instalment of 0 is paid without a payment: there was nothing to miss.
            return Outcome.KEPT
        case _:
            return Outcome.TO_COME


_YEAR = re.compile(r"[0-9]{4}")
_QUARTER = re.compile(r"([0-9]{4})-[Qq]([0-9]{1,2})")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_period(text: str) -> tuple[date, date]:
    """Read `2026`, `2026-Q4`, `2026-11` or `2026-10-01..2026-12-31` as [start, end).

    A typed last day is meant to be included, so the end is the day after it. Raises
    InputError for anything else, for years outside 1990–2100 and for more than five
    years at once.
    """
    typed = text.strip()
    if _YEAR.fullmatch(typed):
        return _months(int(typed), 1, 12, text)
    if found := _QUARTER.fullmatch(typed):
        quarter = int(found[2])
        if not 1 <= quarter <= 4:
            raise InputError(
                "The period {value!r} names a quarter that does not exist.",
                field="period",
                hint="The quarters are Q1 to Q4.",
                value=text,
            )
        return _months(int(found[1]), 3 * quarter - 2, 3, text)
    if found := _MONTH.fullmatch(typed):
        month = int(found[2])
        if not 1 <= month <= 12:
            raise InputError(
                "The period {value!r} names a month that does not exist.",
                field="period",
                hint="The months are 01 to 12.",
                value=text,
            )
        return _months(int(found[1]), month, 1, text)
    first, _, last = (part.strip() for part in typed.partition(".."))
    if not (_DAY.fullmatch(first) and _DAY.fullmatch(last)):
        raise InputError(
            "The period {value!r} cannot be read.",
            field="period",
            hint="Type a year (2026), a quarter (2026-Q4), a month (2026-11) "
            "or two days (2026-10-01..2026-12-31).",
            value=text,
        )
    return _days(_day(first, text), _day(last, text), text)


def _days(start: date, last_day: date, text: str) -> tuple[date, date]:
    if last_day < start:
        raise InputError(
            "The period {value!r} ends before it starts.",
            field="period",
            hint="Put the earlier day first.",
            value=text,
        )
    # A tuple, since a period that starts on 29 February has no such day five years on.
    five_years_on = (start.year + LONGEST_YEARS, start.month, start.day)
    if (last_day.year, last_day.month, last_day.day) >= five_years_on:
        raise InputError(
            "The period {value!r} is longer than {years} years.",
            field="period",
            hint="Ask for at most {years} years at once.",
            value=text,
            years=LONGEST_YEARS,
        )
    return start, last_day + timedelta(days=1)


def _months(year: int, month: int, count: int, text: str) -> tuple[date, date]:
    _check_year(year, text)
    after = month - 1 + count
    return date(year, month, 1), date(year + after // 12, after % 12 + 1, 1)


def _day(typed: str, text: str) -> date:
    _check_year(int(typed[:4]), text)
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise InputError(
            "The period {value!r} names {day}, a day that does not exist.",
            field="period",
            hint="Look the day up in a calendar.",
            value=text,
            day=typed,
        ) from None


def _check_year(year: int, text: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            "The period {value!r} is outside the years {earliest} to {latest}.",
            field="period",
            hint="Check the year for a slip of the finger.",
            value=text,
            earliest=FIRST_YEAR,
            latest=LAST_YEAR,
        )
