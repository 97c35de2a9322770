"""A household of any size: who owes what when, and what of it the database still has to do.

Each debt has a weekly plan, and a reminder on each of the seven days up to its
due date, so that every debt calls for one text a day. The hours are spread over
the day and over three zones.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tracker import clock, config
from tracker.actions import dispatch
from tracker.actions.office import open_office
from tracker.channels.cover import COVER_WORDS

RECORDED_AT = datetime(2027, 1, 3, 22, 0, tzinfo=UTC)
FIRST_DUE = date(2027, 1, 4)
OFFSETS = tuple(range(-6, 1))
INSTALMENTS = 12
AMOUNT_MINOR = 10_000
ZONES = ("Asia/Shanghai", "UTC", "America/Los_Angeles")
OPEN_STATES = ("pending", "sending", "unknown", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    person: str
    phone: str
    handle: str
    word: str
    zone: str
    send_time: str
    first_due: date

    def due_on(self, seq: int) -> date:
        return self.first_due + timedelta(weeks=seq - 1)

    def moment(self, seq: int, offset: int) -> datetime:
        """When the reminder of one instalment so many days from its due date is due."""
        return self._at(self.due_on(seq) + timedelta(days=offset), self.send_time)

    def useful_until(self, seq: int, offset: int) -> datetime:
        """The next one's moment; for the last, the end of the due day."""
        if offset < 0:
            return self.moment(seq, offset + 1)
        return self._at(self.due_on(seq) + timedelta(days=1), "00:00")

    def _at(self, day: date, wall: str) -> datetime:
        at = datetime.combine(day, wall_time.fromisoformat(wall), ZoneInfo(self.zone))
        return at.astimezone(UTC)


def planned(people: int = 14, debts: int = 12) -> list[Debt]:
    """The debts to record. Send times lie between 00:15 and noon, so that none is left too late."""
    made = []
    for number in range(people * debts):
        person, place = divmod(number, debts)
        minutes = 15 + 705 * (number * 37 % (people * debts)) // (people * debts)
        made.append(
            Debt(
                person=f"p{person + 1:02}",
                phone=f"+447700900{person + 1:03}",
                handle=f"debt-{place + 1}",
                word=COVER_WORDS["en"][place],
                zone=ZONES[person % len(ZONES)],
                send_time=f"{minutes // 60:02}:{minutes % 60:02}",
                # Monday to Friday: a due date on which money moves is its own send-by day.
                first_due=FIRST_DUE + timedelta(days=number % 5),
            )
        )
    return made


def build(url: str, household: list[Debt]) -> None:
    """Record the household in a database that has the schema, through the product's actions."""
    standing = clock.Clock(origin=RECORDED_AT, started=time.monotonic(), speed=1e-9)
    environ = {"TRACKER_DATABASE_URL": url, "TRACKER_REMINDERS_HOURS": "00:00, 23:59"}
    office = open_office(config.load(Path("/nowhere"), environ), standing)

    def act(action: str, owner: str | None, **request: object) -> None:
        body: dict[str, Any] = {"request": request, "person": owner, "key": None}
        status, answer = dispatch.answer(office, action, body)
        assert status == 200, answer

    try:
        for debt in household:
            if debt.handle == "debt-1":
                act(
                    "person.add",
                    None,
                    name=debt.person.upper(),
                    handle=debt.person,
                    locale="en_GB",
                    zone=debt.zone,
                    currency="GBP",
                    phone=debt.phone,
                    channels=["sms"],
                )
                act(
                    "creditor.add",
                    debt.person,
                    name="Harbour Bank",
                    handle="bank",
                    cutoff="23:30",
                    clearing_days="0",
                )
            total = f"{AMOUNT_MINOR * INSTALMENTS / 100:.2f}"
            act(
                "debt.add",
                debt.person,
                creditor="bank",
                handle=debt.handle,
                word=debt.word,
                total=total,
                accept=True,
            )
            act(
                "plan.agree",
                debt.person,
                debt=debt.handle,
                total=total,
                count=str(INSTALMENTS),
                every="weekly",
                start=debt.first_due.isoformat(),
                offsets=[f"{each}d" for each in OFFSETS],
                send_time=debt.send_time,
                accept=True,
            )
    finally:
        office.close()


def rows(url: str, statement: str) -> list[dict[str, Any]]:
    """What the database holds, read without the product. Instants come as aware UTC."""
    address = url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        found = [dict(each) for each in connection.execute(text(statement)).mappings()]
    engine.dispose()
    for row in found:
        for name, value in row.items():
            if name.endswith("_at") and value is not None:
                row[name] = _aware(value)
    return found


def _aware(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def undone(url: str, cut: datetime) -> int:
    """What fell due by `cut` and is neither sent nor given up."""
    states = ", ".join(f"'{each}'" for each in OPEN_STATES)
    waiting = rows(
        url,
        "SELECT r.moment_at FROM message m JOIN message_reminder l ON l.message_id = m.id "
        f"JOIN reminder r ON r.id = l.reminder_id WHERE m.state IN ({states})",
    )
    wakes = rows(url, "SELECT at AS wake_at FROM wake")
    moments = [each["moment_at"] for each in waiting] + [each["wake_at"] for each in wakes]
    return len([at for at in moments if at <= cut])
