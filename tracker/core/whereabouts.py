"""Where a person is: at home, but for the days on which they are away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """From `from_on` until before `until_on`, in `zone` (an IANA name)."""

    from_on: date
    until_on: date
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """`home` is an IANA zone; absences do not overlap."""

    home: str
    away: Sequence[Away] = ()

    def zone_on(self, day: date) -> str:
        """The zone in which a day is lived."""
        for each in self.away:
            if each.from_on <= day < each.until_on:
                return each.zone
        return self.home

    def zone_at(self, now: datetime) -> str:
        """The zone at an instant: of a journey while it is one of its days where it goes."""
        for each in self.away:
            if each.from_on <= now.astimezone(ZoneInfo(each.zone)).date() < each.until_on:
                return each.zone
        return self.home

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone_at(now))).date()
