"""What rows a request for a plan makes, by the rules as they are told to a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.simulation.naive import by_weight, days, equal_parts, half_up, minor


class Refused(Exception):
    """The tracker has to refuse this, and to change nothing."""


class Unsure(Exception):
    """What the tracker has to do hangs on something that the model cannot tell."""


@dataclass
class Made:
    """An amount of None is one that the tracker finds out itself (see `amortised`)."""

    kind: str
    rows: list[tuple[date, int | None]]
    total: int
    grant: tuple[Fraction | None, str] | None = None
    rhythm: tuple[date, str] | None = None


def read_rate(text: str) -> tuple[Fraction, bool]:
    """A share, and whether it is for a day."""
    number, _, per = text.partition("%")
    return Fraction(number) / 100, per.strip() == "a day"


def shifted(due: list[date], how: str, works: Callable[[date], bool]) -> list[date]:
    """Moved off the days on which no money moves."""
    found = []
    for day in due:
        step = timedelta(days=-1 if how == "preceding" else 1)
        moved = day
        while not works(moved):
            moved += step
            if how == "modified-following" and moved.month != day.month:
                moved, step = day, timedelta(days=-1)
        found.append(moved)
    if any(after <= before for before, after in pairwise(found)):
        raise Refused
    return found


def read(
    q: Mapping[str, Any],
    currency: str,
    agreed: date,
    works: Callable[[date], bool],
    balance: Callable[[], int | None],
) -> Made:
    """`works` says whether money moves on a day, `balance` what is owed without a total."""

    def amount(name: str) -> int:
        return minor(q[name], currency)

    kind = q.get("kind", "list" if "rows" in q else "equal")
    if kind == "list":
        lines = [line.split() for line in q["rows"].splitlines()]
        rows = [(date.fromisoformat(day), minor(text, currency)) for day, text in lines]
        if any(after <= before for (before, _), (after, _) in pairwise(rows)):
            raise Refused
        return Made(kind, list(rows), sum(each for _, each in rows))
    total = amount("total") if "total" in q else balance() or 0
    if total <= 0:
        raise Refused
    count = int(q["count"]) if "count" in q else 1
    if kind == "settlement":
        offered, pay_by = amount("offered"), date.fromisoformat(q["pay_by"])
        due = [pay_by]
        if "count" in q:
            due = days(date.fromisoformat(q["start"]), q["every"], count)
            due = shifted(due, q["shift"], works) if "shift" in q else due
        if offered >= total or due[-1] > pay_by or pay_by < agreed or offered < count:
            raise Refused
        rhythm = (date.fromisoformat(q["start"]), q["every"]) if "count" in q else None
        parts = equal_parts(offered, count, "last")
        return Made(kind, list(zip(due, parts, strict=True)), total, None, rhythm)
    start = date.fromisoformat(q["start"])
    if kind == "amount":
        count = -(-total // amount("amount"))
    due = days(start, q["every"], count)
    if "shift" in q:
        due = shifted(due, q["shift"], works)
    rhythm = start, q["every"]
    if kind == "amount":
        parts = [amount("amount")] * (count - 1)
        parts.append(total - sum(parts))
    elif kind == "amortising":
        if due[0] < agreed:
            raise Refused
        rate, _ = read_rate(q["rate"])
        return Made(kind, [(day, None) for day in due], total, (rate, q["basis"]), rhythm)
    elif kind == "step-up":
        parts, step = [amount("first")], amount("step")
        while len(parts) < count:
            parts.append(parts[0] + len(parts) // int(q.get("step_every", "1")) * step)
        if not sum(parts[:-1]) < total <= sum(parts):
            raise Refused
        parts[-1] = total - sum(parts[:-1])
    elif kind == "seasonal":
        weights = dict.fromkeys(range(1, 13), 1)
        for each in q["months"].split(","):
            month, weight = each.split(":")
            weights[int(month)] = int(weight)
        due = [day for day in due if weights[day.month]]
        parts = by_weight(total, [weights[day.month] for day in due]) if due else []
        if not due or 0 in parts:
            raise Refused
    elif kind == "token":
        parts = [amount("amount")] * count
        if sum(parts) >= total or date.fromisoformat(q["review"]) <= agreed:
            raise Refused
    elif kind == "balloon":
        parts = [*equal_parts(total - amount("balloon"), count - 1, "last"), amount("balloon")]
        if parts[0] < 1 or parts[-1] < parts[-2]:
            raise Refused
    else:
        first = [amount("first")] if "first" in q else []
        last = [amount("last")] if "last" in q else []
        between, rest = count - len(first) - len(last), total - sum(first) - sum(last)
        if rest < between or between < 0 or (between == 0 and rest):
            raise Refused
        middle = equal_parts(rest, between, q.get("remainder", "last")) if between else []
        parts = [*first, *middle, *last]
    return Made(kind, list(zip(due, parts, strict=True)), total, None, rhythm)


def amortised(total: int, start: date, rate: Fraction, rows: list[tuple[date, int]]) -> str | None:
    """What is wrong with level payments on 365ths of a year; None where they pay it off."""
    if len({amount for _, amount in rows[:-1]}) > 1:
        return "the payments are not level"
    for day, amount in rows:
        total += half_up(total * rate * (day - start).days / 365) - amount
        start = day
    return f"{total} is left after the last" if total else None
