"""One home of the tracker, on SQLite, with a clock that the simulation moves."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event

from tests.peers.channels import Scripted
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.simulation.naive import minor
from tracker.actions.office import Office
from tracker.config import load
from tracker.daemon.tick import Ticker
from tracker.store.db import Database

BEGINS = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLACES = (
    ("Europe/London", "GB", "en_GB", "+447700900123"),
    ("America/New_York", "US", "en_US", "+15555550100"),
    ("Asia/Shanghai", "CN", "zh_Hans_CN", "+8613800000000"),
)
Table = list[dict[str, Any]]


class Fault(AssertionError):
    """The tracker and the model do not agree, or a rule of the store is broken."""


class Home:
    """Its person lives in one of `PLACES`; the tables are read past the tracker's own store."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        path = folder / "tracker.db"
        self.database = Database(f"sqlite:///{path}")
        # What is lost with the power is no question here, and syncing takes most of the time.
        event.listen(self.database.engine, "connect", _without_syncing)
        self.clock = MovableClock(BEGINS)
        self.office = Office(settings=load(folder, {}), database=self.database, clock=self.clock)
        self.desk = Desk(self.office, self.clock)
        zone, self.country, locale, phone = chance.choice(PLACES)
        self.zone = ZoneInfo(zone)
        self.desk.li(zone=zone, country=self.country, locale=locale, phone=phone)
        self.sms = Scripted("sms")
        channels = {"sms": self.sms, "console": Scripted("console")}
        self.ticker = Ticker(office=self.office, channels=channels, home_id="home")
        self._reader = sqlite3.connect(path)

    def close(self) -> None:
        self._reader.close()
        self.database.dispose()

    @property
    def today(self) -> date:
        return self.clock.at.astimezone(self.zone).date()

    def query(self, statement: str) -> Table:
        cursor = self._reader.execute(statement)
        names = [each[0] for each in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def rows(self, table: str) -> Table:
        return self.query(f"SELECT * FROM {table}")

    def content(self) -> dict[str, list[Any]]:
        """Every row of every table."""
        names = [
            row["name"] for row in self.query("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: self._reader.execute(f"SELECT * FROM {name}").fetchall() for name in names}


def stored(text: str) -> datetime:
    """An instant as it lies in a table."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def amount(money: dict[str, Any], currency: str) -> int:
    if money["currency"] != currency:
        raise Fault(f"in {money['currency']}, not {currency}")
    return minor(money["amount"], currency)


def same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Fault(f"{what}: the tracker says\n  {found}\nand the model\n  {wanted}")


def _without_syncing(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
