"""From what was agreed to dated rows: equal parts, a fixed amount, or a pasted list.

Every way ends with 1 to `dates.MOST` rows on strictly increasing days, each of
at least one minor unit, that sum to the total exactly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from tracker.core import money
from tracker.core.dates import MOST
from tracker.core.reading import parse_date, shown
from tracker.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One agreed instalment, before a plan gives it a number and a ref.

    `interest_minor` is the part of the amount that is interest; the rest of it
    pays the debt itself.
    """

    due_on: date
    amount_minor: int
    interest_minor: int = 0


class Remainder(StrEnum):
    """Who gets the minor units that equal parts leave over."""

    LAST = "last"
    FIRST = "first"
    SPREAD = "spread"  # one each, from the first row on


def equal(
    total_minor: int,
    days: Sequence[date],
    *,
    remainder: Remainder = Remainder.LAST,
    first_minor: int | None = None,
    last_minor: int | None = None,
) -> list[Row]:
    """Equal parts of the total on `days`, around a fixed first or last amount.

    What does not divide goes to the last, the first or one unit each to the
    earliest of the rows that are not fixed. InputError names `total`,
    `first`, `last` or `days`.
    """
    check_total(total_minor)
    check_days(days)
    before = [] if first_minor is None else [fixed(first_minor, "first")]
    after = [] if last_minor is None else [fixed(last_minor, "last")]
    count = len(days) - len(before) - len(after)
    rest = total_minor - sum(before) - sum(after)
    if count < 0 or (count == 0 and rest != 0):
        raise InputError(
            "The fixed amounts do not make the total with {count} instalments.",
            field="first" if before else "last",
            hint="Leave one amount open, or add an instalment.",
            count=len(days),
        )
    if rest < count:
        raise InputError(
            "The total is too small for {count} instalments beside the fixed amounts.",
            field="total",
            hint="Choose fewer instalments or smaller fixed amounts.",
            count=len(days),
        )
    amounts = before + (parts(rest, count, remainder) if count else []) + after
    return [Row(due_on=day, amount_minor=amount) for day, amount in zip(days, amounts, strict=True)]


def by_amount(total_minor: int, amount_minor: int, days: Callable[[int], list[date]]) -> list[Row]:
    """As many rows of `amount_minor` as the total needs; the last takes the rest.

    `days` gives so many due days when it is told the number, which is known
    only here. InputError names `total` or `amount`.
    """
    check_total(total_minor)
    fixed(amount_minor, "amount")
    count = -(-total_minor // amount_minor)
    if count > MOST:
        raise InputError(
            "At this amount it takes {count} instalments; a plan has at most {most}.",
            field="amount",
            hint="Choose a larger amount for each instalment.",
            count=count,
            most=MOST,
        )
    due = days(count)
    check_days(due)
    amounts = [amount_minor] * (count - 1) + [total_minor - amount_minor * (count - 1)]
    return [Row(due_on=day, amount_minor=amount) for day, amount in zip(due, amounts, strict=True)]


def _line(decimals: str) -> re.Pattern[str]:
    """Where the date ends and the amount begins.

    A four-digit number after day and month is their year, unless it goes on
    like an amount ("5 dec 2000.50"); `decimals` says which marks do that.
    """
    year = rf"[0-9]{{4}}(?![0-9]|[{decimals}][0-9])"
    ordinal = r"[0-9]{1,2}(?:st|nd|rd|th)?"
    days = (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        r"(?:[0-9]+\s*年\s*)?[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*[日号號]",
        rf"{ordinal}[ -]*[a-z]+\.?(?:,?[ -]*{year})?",
        rf"[a-z]+\.?[ ]*{ordinal}(?:(?:,[ ]*|[ ]+){year})?",
        r"[^\s;,]+",  # whatever it is, the date's own reason is the better one
    )
    return re.compile(rf"(?P<day>{'|'.join(days)})(?P<amount>(?:[\s;,].*)?)", re.IGNORECASE)


# With a decimal comma, "2000,50" is one amount; with a point the comma only
# stands between two columns ("31 Jan 2027,100.00").
_LINES = {".": _line("."), ",": _line(".,")}


def custom(text: str, currency: str, *, today: date, decimal_mark: str = ".") -> list[Row]:
    """Rows from pasted lines: a date, then an amount ("31 Jan 2027 100.00").

    Spaces, tabs, commas or semicolons stand between them; blank lines and lines
    that begin with # are skipped. A date without a year is the first one from
    `today` on. Days strictly increase: no day repeats, since two amounts on one
    day are one instalment. One InputError tells of all bad lines, by number;
    its field is the line's, or `rows` when there are several.
    """
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if not 1 <= len(lines) <= MOST:
        raise InputError(
            "There are {count} instalments in the text; a plan has 1 to {most}.",
            field="rows",
            hint="Write a date and an amount on each line.",
            count=len(lines),
            most=MOST,
        )
    rows: list[Row] = []
    wrong: list[InputError] = []
    for number, line in lines:
        try:
            row = _row(line, currency, today, decimal_mark, f"line {number}")
            if rows and row.due_on <= rows[-1].due_on:
                _refuse_order(line, row.due_on, rows[-1].due_on, f"line {number}")
            rows.append(row)
        except InputError as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise InputError(
            "{count} lines cannot be used: {problems}",
            field="rows",
            hint="Write a date and an amount on each line, for example 2027-01-31 100.00",
            count=len(wrong),
            problems=" ".join(str(error) for error in wrong),
        )
    check_total(sum(row.amount_minor for row in rows))
    return rows


def _row(line: str, currency: str, today: date, decimal_mark: str, name: str) -> Row:
    found = _LINES[decimal_mark].fullmatch(line)
    amount = found["amount"].strip(" \t;,") if found else ""
    if found is None or not amount:
        raise InputError(
            "{name} is {value!r}; a date and an amount must stand on it.",
            field=name,
            hint="Write it like 2027-01-31 100.00",
            name=name,
            value=shown(line),
        )
    return Row(
        due_on=parse_date(found["day"], today=today, field=name, past=False),
        amount_minor=money.parse(amount, currency, decimal_mark=decimal_mark, field=name),
    )


def _refuse_order(line: str, day: date, previous: date, name: str) -> None:
    if day == previous:
        raise InputError(
            "{name} is {value!r}; {day} stands on an earlier line already.",
            field=name,
            hint="Add both amounts to one instalment.",
            name=name,
            value=shown(line),
            day=day.isoformat(),
        )
    raise InputError(
        "{name} is {value!r}; {day} comes before {previous} on an earlier line.",
        field=name,
        hint="Put the lines in the order of their dates; look at the year.",
        name=name,
        value=shown(line),
        day=day.isoformat(),
        previous=previous.isoformat(),
    )


def parts(rest: int, count: int, remainder: Remainder) -> list[int]:
    """`rest` in `count` equal parts, the remainder where it belongs; `rest` is at least `count`."""
    if remainder is Remainder.SPREAD:
        return money.split(rest, [1] * count)
    part, over = divmod(rest, count)
    amounts = [part] * count
    amounts[0 if remainder is Remainder.FIRST else -1] += over
    return amounts


def fixed(amount_minor: int, field: str) -> int:
    """An amount that was given, as it is; InputError names `field` when it is nothing."""
    if amount_minor < 1:
        raise InputError(
            "The {name} must be more than nothing.",
            field=field,
            hint="Write an amount above zero.",
            name=field,
        )
    return amount_minor


def check_total(total_minor: int) -> None:
    """InputError unless it is 1 to `money.MAX_MINOR`."""
    if not 1 <= total_minor <= money.MAX_MINOR:
        raise InputError(
            "The total must be more than nothing, and not larger than any debt kept here.",
            field="total",
            hint="Look at the total and its digits.",
        )


def check_days(days: Sequence[date]) -> None:
    """InputError unless there are 1 to `MOST` days, each after the one before."""
    if not 1 <= len(days) <= MOST:
        raise InputError(
            "{name} is {value}; a plan has 1 to {most} instalments.",
            field="count",
            hint="Choose another amount or another rhythm.",
            name="count",
            value=len(days),
            most=MOST,
        )
    for before, after in pairwise(days):
        if after <= before:
            raise InputError(
                "{day} does not come after {previous}; due days must increase.",
                field="days",
                hint="Working-day shifts can put two due days on one; choose another rhythm.",
                day=after.isoformat(),
                previous=before.isoformat(),
            )
