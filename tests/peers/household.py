"""A household of any size: who owes what when, and what of it the database still has to do.

Each debt has a weekly plan, and a reminder on each of the seven days up to its
due date, so that every debt calls for one text a day. The hours are spread over
the day and over three zones.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.peers import seed
from tests.peers.desk import confirmed
from tests.peers.doubles import copied
from tracker import clock, config
from tracker.actions import dispatch
from tracker.actions.delivery import derive
from tracker.actions.office import Office
from tracker.channels.cover import COVER_WORDS
from tracker.store.db import Database
from tracker.store.tables import metadata

RECORDED_AT = datetime(2027, 1, 3, 22, 0, tzinfo=UTC)
FIRST_DUE = date(2027, 1, 4)
OFFSETS = tuple(range(-6, 1))
CALLS = (*(("reminder", offset) for offset in OFFSETS), ("late", 3))
"""Of each instalment that stays open: kind, and days from its due date."""
LATE_USEFUL_DAYS = 10
INSTALMENTS = 8
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
    like: str
    """Whose double this person is: themself, or the one whose rows are copied."""

    def due_on(self, seq: int) -> date:
        return self.first_due + timedelta(weeks=seq - 1)

    def moment(self, seq: int, kind: str, offset: int) -> datetime:
        """When one of the CALLS of an instalment is due."""
        return self._at(self.due_on(seq) + timedelta(days=offset), self.send_time)

    def useful_until(self, seq: int, kind: str, offset: int) -> datetime:
        """The next one's moment; for the last, the end of the due day."""
        if offset < 0:
            return self.moment(seq, kind, offset + 1)
        days = LATE_USEFUL_DAYS if kind == "late" else 1
        return self._at(self.due_on(seq) + timedelta(days=days), "00:00")

    def _at(self, day: date, wall: str) -> datetime:
        at = datetime.combine(day, wall_time.fromisoformat(wall), ZoneInfo(self.zone))
        return at.astimezone(UTC)


def planned(people: int = 14, debts: int = 12, *, copies: int = 1) -> list[Debt]:
    """The debts to record. Send times lie between 00:15 and noon, so that none is left too late.

    Every third person has one time for all of theirs, so that one text says it. With
    `copies`, each person has so many doubles, who differ in name and telephone alone.
    """
    made = []
    for copy in range(copies):
        for number in range(people * debts):
            person, place = divmod(number, debts)
            spread = number if person % 3 else person * debts
            minutes = 15 + 705 * (spread * 17 % (people * debts)) // (people * debts)
            made.append(
                Debt(
                    person=_handle(copy * people + person),
                    phone=f"+447700900{copy * people + person + 1:03}",
                    handle=f"debt-{place + 1}",
                    word=COVER_WORDS["en"][place],
                    zone=ZONES[person % len(ZONES)],
                    send_time=f"{minutes // 60:02}:{minutes % 60:02}",
                    # Monday to Friday: a due date on which money moves is its own send-by day.
                    first_due=FIRST_DUE + timedelta(days=number % 5),
                    like=_handle(person),
                )
            )
    return made


def _handle(number: int) -> str:
    return f"p{number + 1:03}"


def build(url: str, household: list[Debt]) -> None:
    """Record the household in an empty database that has the schema.

    The first of those who are alike is recorded through the product's actions, once for
    all databases, and the doubles are copies of their rows.
    """
    database = Database(url, pooled=False)
    seed.put(database, _recorded(tuple(household)))
    database.dispose()


@cache
def _recorded(household: tuple[Debt, ...]) -> seed.Rows:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/tracker.db")
        metadata.create_all(database.engine)
        _record(database, [debt for debt in household if debt.person == debt.like])
        first = seed.taken(database)
        database.dispose()
    doubles = defaultdict(list)
    for debt in {debt.person: debt for debt in household}.values():
        doubles[debt.like].append(debt)
    originals, *more = zip(*doubles.values(), strict=True)
    rows = {name: list(made) for name, made in first.items()}
    for number, people in enumerate(more, start=1):
        words: dict[str, str] = {}
        for like, debt in zip(originals, people, strict=True):
            words |= {like.person: debt.person, like.phone: debt.phone}
            words[like.person.upper()] = debt.person.upper()
        for name, made in copied(first, number, words).items():
            rows[name] += made
    return rows


def _record(database: Database, household: list[Debt]) -> None:
    """Through the product's actions, on a clock that stands."""
    standing = clock.Clock(origin=RECORDED_AT, started=time.monotonic(), speed=1e-9)
    settings = config.load(Path("/nowhere"), {"TRACKER_REMINDERS_HOURS": "00:00, 23:59"})
    office = Office(settings=settings, database=database, clock=standing)

    def act(action: str, owner: str | None, **request: object) -> None:
        body: dict[str, Any] = {"request": request, "person": owner, "key": None}
        status, answer = dispatch.answer(office, action, body)
        assert status == 200, answer

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
            confirmed(office, debt.person)
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
    # Nothing is due yet; each wake moves on to when something is.
    derive.derive(office, RECORDED_AT, at_most=len(household))


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


def next_at(url: str) -> datetime | None:
    """When what is to be done next was, or is, due."""
    waiting = rows(
        url,
        "SELECT min(at) AS due_at FROM wake UNION ALL "
        "SELECT min(not_before_at) FROM message WHERE state = 'pending'",
    )
    return min((each["due_at"] for each in waiting if each["due_at"]), default=None)
