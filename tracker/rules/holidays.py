"""Working days of a country, from the `holidays` library, loaded on first use.

Monday to Friday without public holidays. Where a country's weekend is another
one, that counts; where a Saturday or Sunday is made a working day in exchange
for a longer holiday (China), it is one, as far as it has been announced: such
days are known for the current year only, usually from November before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from threading import Lock

from tracker.errors import InputError

PLACE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
SUNDAY = 6
WEEKEND = frozenset({5, SUNDAY})

# Nationwide holidays alone would leave out what all of the place's banks keep:
# Easter Monday and the August bank holiday are none in Scotland.
_USUAL_PART = {"GB": "ENG"}


def working_day(country: str | None) -> Callable[[date], bool]:
    """Whether a day is a working day in `country`, e.g. GB, GB-SCT, US-NY, CN.

    None knows no holidays, only Monday to Friday. Raises InputError for a place
    whose holidays are not known.
    """
    if country is None:
        return _weekday
    return _place(country.strip().upper())


def _weekday(day: date) -> bool:
    return day.weekday() not in WEEKEND


@cache
def _place(name: str) -> Callable[[date], bool]:
    import holidays

    country, _, part = name.partition("-")
    try:
        if not PLACE.fullmatch(name):
            raise NotImplementedError
        calendar = holidays.country_holidays(
            country, subdiv=part or _USUAL_PART.get(country), expand=True
        )
    except NotImplementedError:
        raise InputError(
            "The holidays of {value!r} are not known.",
            field="country",
            hint="Give a country code such as GB or CN, or a part of it such as GB-SCT or US-NY.",
            value=name[:40],
        ) from None
    # Some places list Sunday only; their banks and offices keep Saturday too.
    weekend = WEEKEND if calendar.weekend == {SUNDAY} else calendar.weekend
    filling = Lock()

    def is_working(day: date) -> bool:
        # The first look at a year fills it in; two threads must not meet there.
        with filling:
            holiday = day in calendar
        if day.weekday() in weekend:
            return day in calendar.weekend_workdays
        return not holiday

    return is_working
