"""Reading what a person typed: days, times, zones, counts and offsets.

A text is read in one way or refused; nothing is guessed, because `fromisoformat`
would take "20261201" and "2026-W01-1" and mean by the second a day of 2025.
Month and weekday names are English; Chinese dates are read in figures.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable
from datetime import date, time, timedelta

from tracker.errors import InputError

FIRST_YEAR, LAST_YEAR = 1990, 2100
FURTHEST_OFFSET = -60
"""Earliest reminder, in days before the due date."""

_AREAS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia"),
    *("Atlantic", "Australia", "Europe", "Indian", "Pacific"),
)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RELATIVE = {"yesterday": -1, "today": 0, "tomorrow": 1}
_LUNAR = "农農曆历閏闰正腊臘初廿"

_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAY_MONTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ -]*([a-z]+)\.?(?:,?[ -]*([0-9]+))?")
_MONTH_DAY = re.compile(r"([a-z]+)\.? *([0-9]{1,2})(?:st|nd|rd|th)?(?:(?:, *| +)([0-9]+))?")
_CHINESE = re.compile(r"(?:([0-9]+) *年)? *([0-9]{1,2}) *月 *([0-9]{1,2}) *[日号號]")


def shown(text: str) -> str:
    """`text` as it is quoted back in a sentence: at most 60 characters of it."""
    return text if len(text) <= 60 else text[:59] + "…"


def refuse_empty(text: str, *, field: str, hint: str) -> None:
    if not text:
        raise InputError("{name} is empty.", field=field, hint=hint, name=field)


def refuse_foreign_digits(text: str, *, field: str) -> None:
    """Python's `int` reads full-width, Arabic and Bengali digits too; people misread them."""
    if any(c.isdigit() and not c.isascii() for c in text):
        raise InputError(
            "{name} is {value!r}; only the digits 0 to 9 are read.",
            field=field,
            hint="Type it again with the digits 0 to 9.",
            name=field,
            value=shown(text),
        )


def parse_date(
    text: str,
    *,
    today: date,
    field: str,
    past: bool = True,
    earliest: date | None = None,
    latest: date | None = None,
) -> date:
    """The day that `text` means, seen from `today`.

    Read are 2026-12-04, today, yesterday, tomorrow, a weekday (fri, friday), a
    day and a month with or without a year (5dec, 5 Dec 2026, dec 5) and
    2026年12月4日 or 12月4日. A weekday or a date without a year is the latest one
    up to today with `past`, else the first one from today on; today itself
    counts both ways. `earliest` and `latest` are the bounds that the caller
    sets, both included. InputError for all else, years outside 1990 to 2100
    and days that do not exist, with the reason.
    """
    said = {"name": field, "value": shown(text)}
    bare = text.strip()
    _refuse_texts(bare, said)
    day = _named(bare.lower(), today, past) or _written(bare, today, past, said)
    if day is None:
        _refuse_shapes(bare, said)
        raise InputError(
            "{name} is {value!r}; that is not a date known here.",
            field=field,
            hint="Write it like 2026-12-04, 4 dec, fri or today.",
            **said,
        )
    if earliest is not None and day < earliest:
        raise InputError(
            "{name} is {value!r}; it cannot be before {bound}.",
            field=field,
            hint="Look at the year and the month.",
            bound=earliest.isoformat(),
            **said,
        )
    if latest is not None and day > latest:
        raise InputError(
            "{name} is {value!r}; it cannot be after {bound}.",
            field=field,
            hint="Look at the year and the month.",
            bound=latest.isoformat(),
            **said,
        )
    return day


def parse_time(text: str, *, field: str) -> time:
    """A naive wall time of 24 hours, "08:30" or "8:30"; InputError otherwise."""
    said = {"name": field, "value": shown(text)}
    bare = text.strip()
    refuse_empty(bare, field=field, hint="Write a time, for example 08:30.")
    refuse_foreign_digits(bare, field=field)
    if re.fullmatch(r"(.*[T ])?24:00(:00)?", bare):
        raise InputError(
            "{name} is {value!r}; a day ends at 23:59, 24:00 belongs to the next one.",
            field=field,
            hint="Write 00:00 for midnight, or 23:59.",
            **said,
        )
    found = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})", bare)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise InputError(
            "{name} is {value!r}; that is no time of the day.",
            field=field,
            hint="Write hours and minutes of 24 hours, for example 08:30 or 17:00.",
            **said,
        )
    return time(int(found[1]), int(found[2]))


def parse_zone(text: str, *, field: str) -> str:
    """An IANA zone by area and place ("Asia/Shanghai"), or UTC; InputError otherwise.

    Short names such as EST5EDT, CST or GMT+8 are refused: they name an offset,
    or several, and often not the clock changes of the place that is meant.
    """
    said = {"name": field, "value": shown(text)}
    bare = text.strip()
    refuse_empty(bare, field=field, hint="Write area and place, for example Europe/London.")
    if bare == "UTC":
        return bare
    known = {z for z in zoneinfo.available_timezones() if z.partition("/")[0] in _AREAS}
    if bare in known:
        return bare
    if "/" not in bare:
        raise InputError(
            "{name} is {value!r}; a zone is named by area and place.",
            field=field,
            hint="Write it like Europe/London, America/New_York or Asia/Shanghai.",
            **said,
        )
    by_lower = {zone.lower(): zone for zone in known}
    from difflib import get_close_matches

    near = get_close_matches(bare.lower(), sorted(by_lower), n=1) or ["europe/london"]
    raise InputError(
        "{name} is {value!r}; there is no such time zone.",
        field=field,
        hint="Write area and place as in {near}.",
        near=by_lower.get(near[0], "Europe/London"),
        **said,
    )


def parse_count(text: str, *, field: str, least: int = 1, most: int = 600) -> int:
    """A whole number from `least` to `most`; InputError otherwise."""
    said = {"name": field, "value": shown(text)}
    bare = text.strip()
    refuse_empty(bare, field=field, hint="Write a whole number.")
    refuse_foreign_digits(bare, field=field)
    if not re.fullmatch(r"-?[0-9]+", bare):
        raise InputError(
            "{name} is {value!r}; that is not a whole number.",
            field=field,
            hint="Write it in the digits 0 to 9.",
            **said,
        )
    # Cut to what is far out of any range already: `int` refuses thousands of digits.
    number = int(bare[:19])
    if not least <= number <= most:
        raise InputError(
            "{name} is {value!r}; it must be from {least} to {most}.",
            field=field,
            hint="Write a whole number from {least} to {most}.",
            least=least,
            most=most,
            **said,
        )
    return number


def parse_offset(text: str, *, field: str) -> int:
    """Days from the due date, 0 or negative: "-3d" is -3, "0d" the day itself."""
    said = {"name": field, "value": shown(text)}
    bare = text.strip().lower()
    refuse_empty(bare, field=field, hint="Write -3d for three days before, 0d for the day itself.")
    refuse_foreign_digits(bare, field=field)
    found = re.fullmatch(r"([+-]?)([0-9]{1,9})d", bare)
    if found is None:
        raise InputError(
            "{name} is {value!r}; that is not a number of days.",
            field=field,
            hint="Write -3d for three days before, 0d for the day itself.",
            **said,
        )
    days = -int(found[2]) if found[1] == "-" else int(found[2])
    if days > 0:
        raise InputError(
            "{name} is {value!r}; a reminder comes before the date, not after it.",
            field=field,
            hint="Write -{days}d for {days} days before.",
            days=days,
            **said,
        )
    if days < FURTHEST_OFFSET:
        raise InputError(
            "{name} is {value!r}; a reminder comes at most {most} days before.",
            field=field,
            hint="Write -{most}d or less.",
            most=-FURTHEST_OFFSET,
            **said,
        )
    return days


def parse_offsets(texts: Iterable[str], *, field: str = "offsets") -> tuple[int, ...]:
    """Several offsets, the furthest before the date first; one twice is refused."""
    days: set[int] = set()
    for text in texts:
        offset = parse_offset(text, field=field)
        if offset in days:
            raise InputError(
                "{name} is {value!r} a second time; one reminder a day is enough.",
                field=field,
                hint="Leave one of them out.",
                name=field,
                value=shown(text),
            )
        days.add(offset)
    return tuple(sorted(days))


def _named(word: str, today: date, past: bool) -> date | None:
    """today, yesterday, tomorrow, or a weekday by its name or first three letters or more."""
    if word in _RELATIVE:
        return today + timedelta(days=_RELATIVE[word])
    if len(word) >= 3:
        for number, name in enumerate(_WEEKDAYS):
            if name.startswith(word):
                ahead = (number - today.weekday()) % 7
                return today + timedelta(days=ahead - 7 if past and ahead else ahead)
    return None


def _written(text: str, today: date, past: bool, said: dict[str, str]) -> date | None:
    """A day and a month in one of the written forms; None when it is none of them."""
    parts = _parts(text.lower())
    if parts is None:
        return None
    year, month, day = parts
    if not year:
        wanted, here = (month, day), (today.month, today.day)
        if past:
            return _existing(today.year - (wanted > here), month, day, said)
        return _existing(today.year + (wanted < here), month, day, said)
    if len(year) != 4:
        raise InputError(
            "{name} is {value!r}; the year needs four digits.",
            field=said["name"],
            hint="Write it like 2026-12-04 or 4 dec 2026.",
            **said,
        )
    return _existing(int(year), month, day, said)


def _parts(text: str) -> tuple[str, int, int] | None:
    """Year as typed ("" when left out), month and day, not yet checked against a calendar."""
    if found := _ISO.fullmatch(text) or _CHINESE.fullmatch(text):
        return found[1] or "", int(found[2]), int(found[3])
    if found := _DAY_MONTH.fullmatch(text):
        year, name, day = found[3], found[2], found[1]
    elif found := _MONTH_DAY.fullmatch(text):
        year, name, day = found[3], found[1], found[2]
    else:
        return None
    month = next((i for i, known in enumerate(_MONTHS, 1) if _is_month(name, known)), None)
    return None if month is None else (year or "", month, int(day))


def _is_month(word: str, name: str) -> bool:
    return len(word) >= 3 and name.startswith(word)


def _existing(year: int, month: int, day: int, said: dict[str, str]) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InputError(
            "{name} is {value!r}; the year must be from {first} to {last}.",
            field=said["name"],
            hint="Look at the year; dates of the Gregorian calendar are read.",
            first=FIRST_YEAR,
            last=LAST_YEAR,
            **said,
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise InputError(
            "{name} is {value!r}; there is no such day in {year}.",
            field=said["name"],
            hint="Look at the month and at its last day.",
            year=year,
            **said,
        ) from None


def _refuse_texts(text: str, said: dict[str, str]) -> None:
    refuse_empty(text, field=said["name"], hint="Write a date, for example 2026-12-04 or today.")
    refuse_foreign_digits(text, field=said["name"])
    if any(c in _LUNAR for c in text):
        raise InputError(
            "{name} is {value!r}; dates of the lunar calendar are not read.",
            field=said["name"],
            hint="Write the day of the Gregorian calendar, for example 2026年12月4日.",
            **said,
        )


def _refuse_shapes(text: str, said: dict[str, str]) -> None:
    """The forms that other programs read, each with the reason why not here."""
    field = said["name"]
    if re.fullmatch(r"[0-9]{8}", text):
        raise InputError(
            "{name} is {value!r}; eight digits in a row are easily mistyped.",
            field=field,
            hint="Write it with dashes, like 2026-12-01.",
            **said,
        )
    if re.fullmatch(r"[0-9]{4}-?W.*", text, re.IGNORECASE):
        raise InputError(
            "{name} is {value!r}; weeks of the year are not read.",
            field=field,
            hint="Write the day itself, like 2026-12-01.",
            **said,
        )
    if re.fullmatch(r"[0-9]{1,4}[/.][0-9]{1,2}([/.][0-9]{1,4})?", text):
        raise InputError(
            "{name} is {value!r}; that can mean two days, since day and month may be swapped.",
            field=field,
            hint="Write it like 2026-02-01 or 1 feb 2026.",
            **said,
        )
    if re.fullmatch(r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,4}", text):
        raise InputError(
            "{name} is {value!r}; year, month and day need four, two and two digits.",
            field=field,
            hint="Write it like 2026-01-05.",
            **said,
        )
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*", text, re.IGNORECASE):
        raise InputError(
            "{name} is {value!r}; a date stands without a time.",
            field=field,
            hint="Write the day alone, like 2026-12-01.",
            **said,
        )
