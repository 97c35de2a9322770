"""A payment holiday: the rows of the next version when a plan pauses, and when it resumes.

A holiday covers the days from `from_on` to before `until_on`. Only open rows move;
what is late from before it stays late, and what is paid or waived stays. Either way
the rows keep their refs (see `revision.moved`).

Rows move in the plan's rhythm, by the dates they have: where a working-day shift
put one on another day, the caller shifts the result again or leaves it. The day
of the month is the one that most rows fit, so that 31 January, 28 February is a
plan for the ends of months; a row that does not fit it moves by its own day.
"""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations, count

from tracker.core.dates import Every
from tracker.core.periods import add_months
from tracker.core.revision import Changed, Standing, moved
from tracker.errors import InputError


class How(StrEnum):
    """What becomes of the instalments of a holiday."""

    SHIFT = "shift"  # they and all after them move later
    SKIP = "skip"  # they alone move, to behind the last


def paused(
    rows: Sequence[Standing],
    *,
    from_on: date,
    until_on: date,
    every: Every | None,
    how: How,
    tolerance_minor: int,
) -> list[Changed]:
    """The next version when nothing is to be paid from `from_on` to before `until_on`.

    Shift: every open row from `from_on` on moves later by so many periods that the
    first of them is due when the holiday is over. A list without a rhythm (`every`
    None) moves by the holiday's length: whole months, if it has them, else days.
    Skip: the open rows within the holiday move to behind the last row, in the plan's
    rhythm (monthly where it has none). A day that a row which stays has is passed over.

    InputError names `until` where the holiday has no day, `start` where no open
    row is due in it.
    """
    if until_on <= from_on:
        raise InputError(
            "The holiday ends on {until}, and begins on {day}; it has no day.",
            field="until",
            hint="Give the first day on which an instalment may be due again.",
            day=from_on.isoformat(),
            until=until_on.isoformat(),
        )
    to = _moves(rows, from_on, until_on, every, how, tolerance_minor)
    if not to:
        raise InputError(
            "No open instalment is due from {day} to before {until}.",
            field="start",
            hint="Look at the plan's due dates; what was late before the holiday stays late.",
            day=from_on.isoformat(),
            until=until_on.isoformat(),
        )
    return moved(rows, to, tolerance_minor=tolerance_minor)


def resumed(
    rows: Sequence[Standing],
    *,
    from_on: date,
    resumed_on: date,
    every: Every | None,
    how: How,
    tolerance_minor: int,
) -> list[Changed]:
    """The next version when a holiday that began on `from_on` ends early, on `resumed_on`.

    `rows` are those of the version *before* the pause, `every` and `how` the pause's
    own. What each has been paid by now comes from `allocate` over these rows and all
    payments, not from the paused version: there a row may have been parted in two.
    The answer is the pause as it would have been, had its end been known; before the
    first due date within it (or before `from_on`) everything is as it was.

    It knows nothing of what was agreed after the pause. Where another version came
    since, the caller refuses, or brings its changes into `rows` first.
    """
    to = _moves(rows, from_on, resumed_on, every, how, tolerance_minor)
    return moved(rows, to, tolerance_minor=tolerance_minor)


def _moves(
    rows: Sequence[Standing],
    from_on: date,
    until_on: date,
    every: Every | None,
    how: How,
    tolerance_minor: int,
) -> dict[str, date]:
    """The new day of each row that moves, by ref; none where no open row is in the holiday."""
    in_order = sorted(rows, key=lambda row: row.due_on)
    coming = [row for row in in_order if row.due_on >= from_on and not row.settled(tolerance_minor)]
    within = [row for row in coming if row.due_on < until_on]
    if not within:
        return {}
    rhythm = _rhythm([row.due_on for row in in_order], every)
    if how is How.SKIP:
        behind = rhythm.behind([row.due_on for row in in_order])
        later = (day for day in behind if day >= until_on)
        return {row.ref: day for row, day in zip(within, later, strict=False)}

    if every is not None:
        periods = next(n for n in count(1) if rhythm.later(within[0].due_on, n) >= until_on)
    elif months := _whole_months(from_on, until_on):
        periods = months
    else:
        rhythm, periods = _Days(step=1, phase=0), (until_on - from_on).days
    refs = {row.ref for row in coming}
    taken = {row.due_on for row in rows if row.ref not in refs}
    moves: dict[str, date] = {}
    previous = until_on - timedelta(days=1)
    for row in coming:
        days = (rhythm.later(row.due_on, n) for n in count(periods))
        previous = next(day for day in days if day > previous and day not in taken)
        moves[row.ref] = previous
    return moves


def _whole_months(start: date, end: date) -> int:
    """The months from `start` to `end`, 0 where days are left over."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if months > 0 and add_months(start, months) == end else 0


class _Rhythm:
    """Steps from a due date to those after it; `fits` tells the plan's own days from others."""

    def fits(self, day: date) -> bool:
        raise NotImplementedError

    def later(self, day: date, periods: int) -> date:
        raise NotImplementedError

    def behind(self, days: Sequence[date]) -> Iterator[date]:
        """Without end: the rhythm's days after the last of `days`."""
        # One that was moved by itself would take the rhythm along.
        anchor = max(filter(self.fits, days), default=days[-1])
        later = (self.later(anchor, n) for n in count(1))
        return (day for day in later if day > days[-1])


@dataclass(frozen=True, slots=True)
class _Days(_Rhythm):
    """Every `step` days."""

    step: int
    phase: int

    def fits(self, day: date) -> bool:
        return day.toordinal() % self.step == self.phase

    def later(self, day: date, periods: int) -> date:
        return day + timedelta(days=self.step * periods)


@dataclass(frozen=True, slots=True)
class _Months(_Rhythm):
    """On the same days of every `step` months: `on` has one of them, or two ascending."""

    step: int
    on: tuple[int, ...]

    def fits(self, day: date) -> bool:
        return any(day.day == _clamped(day, on) for on in self.on)

    def later(self, day: date, periods: int) -> date:
        on = self.on if self.fits(day) else self._own(day)
        index = next(i for i, each in enumerate(on) if day.day == _clamped(day, each))
        turns, index = divmod(index + periods, len(on))
        month = add_months(day.replace(day=1), turns * self.step)
        return month.replace(day=_clamped(month, on[index]))

    def _own(self, day: date) -> tuple[int, ...]:
        """The days of a row that fits not: as `dates.occurrences` would go on from it."""
        if len(self.on) == 1:
            return (day.day,)
        return _halves(day.day)


def _rhythm(days: Sequence[date], every: Every | None) -> _Rhythm:
    match every:
        case Every.WEEKLY | Every.FORTNIGHTLY | Every.FOUR_WEEKLY:
            step = {Every.WEEKLY: 7, Every.FORTNIGHTLY: 14, Every.FOUR_WEEKLY: 28}[every]
            phases = Counter(day.toordinal() % step for day in days)
            return _Days(step=step, phase=phases.most_common(1)[0][0])
        case Every.TWICE_MONTHLY:
            return _Months(step=1, on=_days_of_month(days, 2))
        case Every.QUARTERLY:
            return _Months(step=3, on=_days_of_month(days, 1))
        case Every.MONTHLY:
            return _Months(step=1, on=_days_of_month(days, 1))
        case None:
            # A list has no days of its own: the last row says how it would go on.
            met = [
                day
                for day in {each.day for each in days}
                if _clamped(days[-1], day) == days[-1].day
            ]
            return _Months(step=1, on=max(((day,) for day in sorted(met)), key=_fitting(days)))


def _days_of_month(days: Sequence[date], many: int) -> tuple[int, ...]:
    """The `many` days of the month that most of `days` fit, by the end of short months too.

    Of equals the lowest: a single row on 30 April is one for the 30th. Where they
    are all on one day, the second lies half a month away.
    """
    found = sorted({day.day for day in days})
    # Two days that would be one in February are no pair.
    choices = [each for each in combinations(found, many) if many == 1 or each[0] < 28]
    if not choices:
        return _halves(found[0])
    return max(choices, key=_fitting(days))


def _halves(day: int) -> tuple[int, int]:
    return (day, day + 15) if day <= 15 else (day - 15, day)


def _fitting(days: Sequence[date]) -> Callable[[tuple[int, ...]], int]:
    """How many of `days` are on one of these days of the month, or its end before them."""
    seen = Counter((day.day, _clamped(day, 31)) for day in days)
    return lambda on: sum(
        times for (day, last), times in seen.items() if any(day == min(each, last) for each in on)
    )


def _clamped(month: date, day: int) -> int:
    return min(day, calendar.monthrange(month.year, month.month)[1])
