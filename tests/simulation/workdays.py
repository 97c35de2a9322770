"""The last moment to send money, counted back by hand on a public calendar of holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

CUTOFF = time(16)
ONE_DAY = timedelta(days=1)


@cache
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv="ENG" if country == "GB" else None)


def works(day: date, country: str) -> bool:
    found = _calendar(country)
    if day.weekday() >= 5:
        return day in found and day in found.weekend_workdays
    return day not in found


def moves(day: date, country: str) -> bool:
    """Money moves where the person is and in England, where all the creditors are."""
    return works(day, country) and works(day, "GB")


@cache
def send_by(due: date, country: str, zone: ZoneInfo) -> datetime:
    """Four in the afternoon, a working day before the due day or before the last one until it."""

    def last_until(day: date) -> date:
        while not moves(day, country):
            day -= ONE_DAY
        return day

    day = last_until(last_until(due) - ONE_DAY)
    return datetime.combine(day, CUTOFF, zone).astimezone(UTC)
