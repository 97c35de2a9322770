"""Several processes write at once: nothing is lost, and nobody is told that the store is locked.

Run as a program, this file is one of those processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypedDict

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session, col, select

from tracker.store import debts, delivery, payments, people, wakes
from tracker.store.db import Database, add, insert_if_absent
from tracker.store.delivery import MessageRow
from tracker.store.people import PersonRow

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PROCESSES = 4
ROOT = Path(__file__).parent.parent.parent


class Outcome(TypedDict):
    done: int
    errors: list[str]


def pay(database: Database, times: int) -> int:
    """Read-modify-writes as every action does them: under the person's lock."""
    for _ in range(times):
        with database.write() as session:
            people.lock(session, 1)
            add(
                session,
                payments.PaymentRow(
                    person_id=1,
                    debt_id=1,
                    number=payments.next_number(session, 1),
                    kind="payment",
                    amount_minor=100,
                    on_date=date(2026, 11, 24),
                    method="transfer",
                    recorded_at=AT,
                ),
            )
    return times


def pay_unlocked(database: Database, times: int) -> int:
    """The planted bug: the driver's own transactions, and no lock on the row."""
    engine = create_engine(database.url, connect_args={"timeout": 60} if database.is_sqlite else {})
    for _ in range(times):
        with Session(engine) as session, session.begin():
            person = session.exec(select(PersonRow).where(col(PersonRow.id) == 1)).one()
            person.revision += 1
            session.add(person)
    engine.dispose()
    return times


def claim(database: Database, times: int) -> int:
    """Claim messages until there are none; the answer is how many this process got."""
    claimed = 0
    while True:
        with database.write() as session:
            message = delivery.next_pending(session, AT, without=frozenset())
            if message is None:
                return claimed
            delivery.move(session, message, "sent", AT)
            claimed += 1


def answer_once(database: Database, times: int) -> int:
    """Insert the same wakes as everybody else; the answer is how many were new."""
    new = 0
    for subject in range(times):
        with database.write() as session:
            row = wakes.WakeRow(kind="plan", subject_id=subject, person_id=1, at=AT)
            new += insert_if_absent(session, row)
    return new


WORK: dict[str, Callable[[Database, int], int]] = {
    "pay": pay,
    "pay_unlocked": pay_unlocked,
    "claim": claim,
    "answer_once": answer_once,
}


def main(url: str, work: str, times: str) -> None:
    database = Database(url)
    outcome = Outcome(done=0, errors=[])
    with database.read() as session:  # connected before the start is given
        people.everyone(session)
    print("ready", flush=True)
    sys.stdin.readline()
    try:
        outcome["done"] = WORK[work](database, int(times))
    except Exception as error:
        outcome["errors"].append(f"{type(error).__name__}: {error}")
    database.dispose()
    print(json.dumps(outcome))


def at_once(database: Database, work: str, times: int) -> list[Outcome]:
    """Start the processes, let them go together, and read what they say."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.integration.test_concurrency", url, work, str(times)]
    processes = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate(timeout=240)[0] for process in processes]
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
    return [json.loads(line) for line in said]


def revision(database: Database) -> int:
    with database.read() as session:
        return people.by_id(session, 1).revision


@pytest.fixture
def household(database: Database) -> Database:
    """One person with one debt, both number 1."""
    with database.write() as session:
        add(
            session,
            PersonRow(
                handle="li",
                name="Li",
                locale="en_GB",
                zone="Europe/London",
                currency="GBP",
                channels="console",
                created_at=AT,
            ),
        )
        add(
            session,
            debts.CreditorRow(
                person_id=1,
                handle="north",
                name="North",
                zone="Europe/London",
                cutoff="17:00",
                clearing_days=1,
                created_at=AT,
            ),
        )
        add(
            session,
            debts.DebtRow(
                person_id=1,
                creditor_id=1,
                handle="card",
                word="MAPLE",
                kind="ordinary",
                currency="GBP",
                created_at=AT,
            ),
        )
    return database


def test_four_processes_lose_no_payment_and_no_revision(household: Database) -> None:
    outcomes = at_once(household, "pay", 300)
    assert [outcome["errors"] for outcome in outcomes] == [[]] * PROCESSES
    assert revision(household) == PROCESSES * 300
    with household.read() as session:
        numbers = [row.number for row in payments.of_person(session, 1)]
    assert numbers == list(range(1, PROCESSES * 300 + 1))


def test_without_the_lock_the_same_work_loses_updates(household: Database) -> None:
    """The proof that the test above can fail."""
    outcomes = at_once(household, "pay_unlocked", 100)
    assert [outcome["errors"] for outcome in outcomes] == [[]] * PROCESSES
    assert 0 < revision(household) < PROCESSES * 100


def test_each_message_is_claimed_by_one_process(household: Database) -> None:
    with household.write() as session:
        for number in range(200):
            session.add(
                MessageRow(
                    person_id=1,
                    channel="console",
                    address="li",
                    body="Li: MAPLE 1 of 3",
                    ref=f"R{number}",
                    state="pending",
                    not_before_at=AT,
                    useful_until_at=AT,
                    created_at=AT,
                    changed_at=AT,
                )
            )
    outcomes = at_once(household, "claim", 0)
    assert [outcome["errors"] for outcome in outcomes] == [[]] * PROCESSES
    assert sum(outcome["done"] for outcome in outcomes) == 200
    with household.read() as session:
        assert len(session.exec(select(delivery.DeliveryEventRow)).all()) == 200


def test_the_same_rows_are_inserted_once(household: Database) -> None:
    outcomes = at_once(household, "answer_once", 100)
    assert [outcome["errors"] for outcome in outcomes] == [[]] * PROCESSES
    assert sum(outcome["done"] for outcome in outcomes) == 100


if __name__ == "__main__":
    main(*sys.argv[1:])
