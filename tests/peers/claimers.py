"""Workers that claim as fast as they can, each a process of its own, and what they got."""

from __future__ import annotations

import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import insert
from sqlmodel import SQLModel, col, select

from tests.peers.harness import environment
from tests.peers.household import OFFSETS, RECORDED_AT
from tests.peers.zygote import Zygote
from tracker import config
from tracker.actions.delivery import claim
from tracker.actions.office import Office
from tracker.clock import Clock
from tracker.store.db import Database
from tracker.store.delivery import MessageReminderRow, MessageRow, ReminderRow
from tracker.store.people import PersonRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

GATE = 20270104
"""The advisory lock that all wait for, so that they begin together."""
AT_THE_GATE = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s"
)
NO_LIMITS = {
    "TRACKER_REMINDERS_HOURS": "00:00, 23:59",
    "TRACKER_DELIVERY_DAILY_CAP": "1000000",
    "TRACKER_SMS_SEGMENTS_PER_DAY": "10000000",
    "TRACKER_SMS_SEGMENTS_PER_PERSON": "100000",
    "TRACKER_SMS_SEGMENTS_PER_NUMBER": "100000",
}
NAIVE = """
UPDATE message SET state = 'sending', owner = %s, lease_until_at = not_before_at
WHERE id = (SELECT id FROM message WHERE state = 'pending' ORDER BY not_before_at, id LIMIT 1)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Claims:
    """Which rows each worker got."""

    by_worker: tuple[tuple[int, ...], ...]

    @property
    def taken(self) -> Counter[int]:
        return Counter(row for each in self.by_worker for row in each)

    @property
    def twice(self) -> list[int]:
        return [row for row, times in self.taken.items() if times > 1]


def real(url: str, owner: str, now: datetime) -> Callable[[], int | None]:
    """The engine's claim; a row that it settles unsent fails the trial."""
    settings = config.load(Path("/nowhere"), NO_LIMITS)
    office = Office(settings=settings, database=Database(url), clock=Clock(origin=now))

    def next_one() -> int | None:
        claimed = claim.claim(office, now, owner=owner)
        if claimed is None:
            return None
        assert isinstance(claimed, claim.Claimed), claimed
        return claimed.message_id

    return next_one


def naive(url: str, owner: str, now: datetime) -> Callable[[], int | None]:
    """An update of the row that a subquery picked: two may pick the same."""
    connection = psycopg.connect(url, autocommit=True)

    def next_one() -> int | None:
        found = connection.execute(NAIVE, (owner,)).fetchone()
        return None if found is None else int(found[0])

    return next_one


WAYS: Mapping[str, Callable[[str, str, datetime], Callable[[], int | None]]] = {
    "real": real,
    "naive": naive,
}


def work(way: str, url: str, owner: str, now: str, told: str) -> None:
    """In a process of its own: claim until nothing is left, and write down what was got."""
    next_one = WAYS[way](url, owner, datetime.fromisoformat(now))
    with psycopg.connect(url, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock_shared(%s)", (GATE,))
    got = list(iter(next_one, None))
    Path(told).write_text(json.dumps(got))
    os._exit(0)  # pools and connections end with the process


def claimed(
    way: str, url: str, workers: int, folder: Path, now: datetime, *, seconds: float = 300.0
) -> Claims:
    """Let so many workers claim everything that is pending in a PostgreSQL database."""
    told = [folder / f"worker-{number}" for number in range(workers)]
    with Zygote() as zygote, (folder / "claimers.log").open("ab") as log:
        with psycopg.connect(url, autocommit=True) as gate:
            gate.execute("SELECT pg_advisory_lock(%s)", (GATE,))
            children = [
                zygote.start(
                    "tests.peers.claimers:work",
                    *(way, url, f"home-{number}:start", now.isoformat(), str(path)),
                    env=environment(folder),
                    stderr=log,
                )
                for number, path in enumerate(told)
            ]
            ends = time.monotonic() + seconds
            while gate.execute(AT_THE_GATE, (GATE,)).fetchone() != (workers,):
                assert time.monotonic() < ends, (folder / "claimers.log").read_text()
                time.sleep(0.01)
        codes = [child.wait(max(ends - time.monotonic(), 0.1)) for child in children]
    assert codes == [0] * workers, (folder / "claimers.log").read_text()
    return Claims(tuple(tuple(json.loads(path.read_text())) for path in told))


def fill(url: str, count: int) -> None:
    """Give a household's database so many messages that could go at once, numbered from 1."""
    database = Database(url, pooled=False)
    with database.write() as session:
        found = session.exec(
            select(InstalmentRow, PlanRow.debt_id, PersonRow.phone)
            .join(PlanVersionRow, col(PlanVersionRow.id) == col(InstalmentRow.plan_version_id))
            .join(PlanRow, col(PlanRow.id) == col(PlanVersionRow.plan_id))
            .join(PersonRow, col(PersonRow.id) == col(InstalmentRow.person_id))
            .order_by(col(InstalmentRow.id))
        ).all()
        picked = list(islice(product(OFFSETS, found), count))
        assert len(picked) == count
        rows: dict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        for number, (offset, (instalment, debt_id, phone)) in enumerate(picked, start=1):
            reminder = ReminderRow(
                person_id=instalment.person_id,
                debt_id=debt_id,
                subject_ref=instalment.ref,
                kind="reminder",
                due_on=instalment.due_on,
                offset_days=offset,
                moment_at=RECORDED_AT,
                useful_until_at=RECORDED_AT + timedelta(days=30),
                created_at=RECORDED_AT,
            )
            message = MessageRow(
                person_id=instalment.person_id,
                debt_id=debt_id,
                channel="sms",
                address=phone or "",
                body="",
                ref=f"N{number}",
                state="pending",
                not_before_at=RECORDED_AT,
                useful_until_at=RECORDED_AT + timedelta(days=30),
                created_at=RECORDED_AT,
                changed_at=RECORDED_AT,
            )
            link = MessageReminderRow(message_id=number, reminder_id=number, ref=message.ref)
            for row in (reminder, message, link):
                rows[type(row)].append(row.model_dump() | {"id": number})
        for model, made in rows.items():
            session.connection().execute(insert(model), made)
    database.dispose()
