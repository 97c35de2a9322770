"""The schema that migrations make, what a failing one leaves behind, and the copies made before."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, create_engine, insert, inspect, text
from sqlalchemy.exc import IntegrityError

from tests.peers import postgres as postgres_peer
from tracker.errors import ConflictError, UnavailableError
from tracker.store import debts, destinations, payments, people, schema, upkeep
from tracker.store.db import Database, add, select
from tracker.store.schema import SCHEMA, require_current, schema_state
from tracker.store.tables import metadata
from tracker.store.upkeep import create_or_upgrade

ROOT = Path(__file__).parent.parent.parent
NEXT = f"{int(SCHEMA) + 1:04}"

PLANTED = """
import os
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{previous}"

def upgrade():
{body}
"""

ADD_A_COLUMN = 'op.add_column("person", sa.Column("mood", sa.Text()))'

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
BIG = 10**15

# A household as revision 0001 kept it. Every table numbers its rows from 1, in this order.
FIRST_ROWS: dict[str, list[dict[str, Any]]] = {
    "person": [
        {
            "handle": "li",
            "name": "Li",
            "locale": "zh_Hans_CN",
            "zone": "Asia/Shanghai",
            "currency": "CNY",
            "phone": "+8613800000123",
            "email": "li@example.org",
            "channels": "sms,console",
            "revision": 12,
            "created_at": AT,
        },
        {
            "handle": "ana",
            "name": "Ana",
            "locale": "en_GB",
            "zone": "Europe/London",
            "currency": "GBP",
            "channels": "console",
            "revision": 1,
            "created_at": AT + timedelta(hours=1),
        },
    ],
    "creditor": [
        {
            "person_id": 1,
            "handle": "north",
            "name": "北方银行",
            "zone": "Asia/Shanghai",
            "cutoff": "17:00",
            "clearing_days": 1,
            "created_at": AT,
        }
    ],
    "debt": [
        {
            "person_id": 1,
            "creditor_id": 1,
            "handle": "card",
            "word": "MAPLE",
            "kind": "ordinary",
            "currency": "CNY",
            "created_at": AT,
        }
    ],
    "statement": [
        {"person_id": 1, "debt_id": 1, "on_date": ON, "total_minor": 0, "recorded_at": AT},
        {
            "person_id": 1,
            "debt_id": 1,
            "on_date": ON,
            "principal_minor": BIG - 6,
            "interest_minor": 3,
            "penalties_minor": 2,
            "fees_minor": 1,
            "total_minor": BIG,
            "note": "对账单",
            "recorded_at": AT,
        },
    ],
    "plan": [
        {
            "person_id": 1,
            "debt_id": 1,
            "version": 1,
            "created_at": AT,
            "ended_at": AT + timedelta(hours=1),
            "ended_reason": "too much",
        },
        {"person_id": 1, "debt_id": 1, "version": 2, "created_at": AT + timedelta(hours=1)},
    ],
    "plan_version": [
        {
            "person_id": 1,
            "plan_id": plan,
            "number": number,
            "agreed_on": ON,
            "total_minor": BIG,
            "paid_by": "send",
            "rule": "monthly",
            "offsets": "-3,-1,0",
            "tolerance_minor": 5,
            "recorded_at": AT,
        }
        for plan, number in ((1, 1), (2, 1), (2, 2))
    ],
    "instalment": [
        {
            "person_id": 1,
            "plan_version_id": 3,
            "ref": f"r{seq}",
            "seq": seq,
            "due_on": ON + timedelta(days=30 * seq),
            "amount_minor": amount,
            "paid_minor": paid,
            "send_by_at": AT + timedelta(days=30 * seq - 1),
            "generation": seq,
            "opened_at": AT,
            "reopened_at": AT if seq == 2 else None,
            "sequence": 7,
            "changed_at": AT,
        }
        for seq, amount, paid in ((1, 100, 100), (2, BIG - 200, 50), (3, 100, 0))
    ],
    "payment": [
        {
            "person_id": 1,
            "debt_id": 1,
            "number": number,
            "kind": kind,
            "amount_minor": amount,
            "on_date": ON,
            "method": "transfer",
            "recorded_at": AT + timedelta(minutes=number),
            "reverses_id": reverses,
            "confirms_id": confirms,
            "for_ref": "r2" if number == 4 else None,
            "note": "租金",
        }
        for number, kind, amount, reverses, confirms in (
            (1, "payment", BIG, None, None),
            (2, "reversal", BIG, 1, None),
            (3, "scheduled", 150, None, None),
            (4, "payment", 150, None, 3),
        )
    ],
    "allocation": [
        {
            "debt_id": 1,
            "payment_id": 4,
            "ref": ref,
            "component": "instalment",
            "amount_minor": amount,
        }
        for ref, amount in (("r1", 100), ("r2", 50))
    ],
    "reminder": [
        {
            "person_id": 1,
            "debt_id": 1,
            "subject_ref": "r2",
            "kind": "reminder",
            "due_on": ON + timedelta(days=60),
            "offset_days": offset,
            "generation": 2,
            "moment_at": AT + timedelta(days=59 + offset),
            "useful_until_at": AT + timedelta(days=60 + offset),
            "created_at": AT,
        }
        for offset in (-3, -1)
    ],
    "message": [
        {
            "person_id": 1,
            "debt_id": 1,
            "channel": channel,
            "address": address,
            "body": f"李：青松第2（共3）。码{ref}",
            "ref": ref,
            "state": state,
            "not_before_at": AT,
            "useful_until_at": AT + timedelta(days=1),
            "owner": owner,
            "lease_until_at": AT if owner else None,
            "attempts": 1,
            "asked": 0,
            "provider_id": "SM1" if state == "sent" else None,
            "reason": reason,
            "replaces_id": replaces,
            "created_at": AT,
            "changed_at": AT,
        }
        for channel, address, ref, state, owner, reason, replaces in (
            ("sms", "+8613800000123", "K7Q2", "failed", None, "This channel is not set up.", None),
            ("console", "li", "P4R9", "sent", None, None, 1),
            ("sms", "+8613800000123", "M3N4", "sending", "home:start", None, None),
        )
    ],
    "message_reminder": [
        {"message_id": message, "reminder_id": reminder}
        for message, reminder in ((1, 1), (2, 1), (3, 2))
    ],
    "delivery_event": [
        {
            "message_id": message,
            "at": AT + timedelta(seconds=message),
            "from_state": "pending",
            "to_state": state,
            "detail": None,
        }
        for message, state in ((1, "failed"), (2, "sent"), (3, "sending"))
    ],
    "wake": [
        {"person_id": 1, "kind": kind, "subject_id": subject, "at": AT}
        for kind, subject in (("plan", 2), ("payment", 3))
    ],
}

# What their rows get from 0002; a plan gets a value by its row.
ADDED_BY_0002: dict[str, tuple[Any, ...]] = {
    "statement": (None, None, None),
    "plan_version": (
        *("list", "agreed", None, "contract", None, None),
        *(None, "forward", None, None, None, None),
    ),
    "instalment": (0, 0),
    "payment": (None, None, None, None),
}

# And from 0003; a reminder's ref in a message was the message's, and each number was in use.
ADDED_BY_0003: dict[str, tuple[Any, ...]] = {
    "message": ("reminder", False, 0, 0, False, None),
    "person": (None, None, None),
}
REFS = ("K7Q2", "P4R9", "M3N4")
DESTINATIONS = [
    {
        "person_id": 1,
        "channel": "sms",
        "address": "+8613800000123",
        "target": None,
        "added_at": AT,
        "confirmed_at": AT,
        "opted_out_at": None,
        "revoked_at": None,
        "code_sha256": None,
        "code_until_at": None,
        "tries": 0,
        "codes": 0,
    }
]

# What the tables that were copied since refuse, each as a change of one row.
STILL_REFUSED: dict[str, tuple[str, int, str]] = {
    "ck_wake_kind_known": ("wake", 1, "kind = 'alarm'"),
    "ck_statement_parts_sum_to_total": ("statement", 2, "fees_minor = 2"),
    "ck_statement_settled_somehow": ("statement", 1, "settled_how = 'they wrote'"),
    "ck_statement_total_not_negative": ("statement", 1, "total_minor = -1"),
    "ck_payment_amount_positive": ("payment", 1, "amount_minor = 0"),
    "ck_payment_confirmation_pays": ("payment", 3, "confirms_id = 1"),
    "ck_payment_exchange_whole": ("payment", 1, "sent_minor = 1"),
    "ck_payment_kind_known": ("payment", 1, "kind = 'gift'"),
    "ck_payment_method_known": ("payment", 1, "method = 'barter'"),
    "ck_payment_reversal_names": ("payment", 2, "reverses_id = NULL"),
    "ck_payment_sent_currency_length": (
        *("payment", 1),
        "sent_minor = 1, rate = '1', sent_currency = 'EURO'",
    ),
    "ck_payment_sent_positive": (
        *("payment", 1),
        "sent_minor = 0, rate = '1', sent_currency = 'EUR'",
    ),
    "ck_plan_ended_as_known": ("plan", 1, "ended_as = 'forgotten'"),
    "ck_plan_ended_as_when_ended": ("plan", 2, "ended_as = 'withdrawn'"),
    "ck_plan_version_basis_known": ("plan_version", 1, "basis = 'by moon'"),
    "ck_plan_version_change_known": ("plan_version", 1, "change = 'lost'"),
    "ck_plan_version_every_known": ("plan_version", 1, "every = 'hourly'"),
    "ck_plan_version_forgiven_not_negative": (
        *("plan_version", 1),
        "kind = 'settlement', forgiven_minor = -1",
    ),
    "ck_plan_version_forgiven_when_settled": ("plan_version", 1, "kind = 'settlement'"),
    "ck_plan_version_interest_known": ("plan_version", 1, "interest = 'some'"),
    "ck_plan_version_kind_known": ("plan_version", 1, "kind = 'wish'"),
    "ck_plan_version_number_counts": ("plan_version", 1, "number = 0"),
    "ck_plan_version_overpay_known": ("plan_version", 1, "overpay = 'gift'"),
    "ck_plan_version_paid_by_known": ("plan_version", 1, "paid_by = 'pigeon'"),
    "ck_plan_version_rate_per_known": (
        *("plan_version", 1),
        "interest = 'rate', rate_ppb = 1, rate_per = 'hour'",
    ),
    "ck_plan_version_rate_range": (
        *("plan_version", 1),
        "interest = 'rate', rate_ppb = -1, rate_per = 'year'",
    ),
    "ck_plan_version_rate_when_agreed": ("plan_version", 1, "interest = 'rate'"),
    "ck_plan_version_rate_whole": ("plan_version", 1, "rate_per = 'year'"),
    "ck_plan_version_second_day_range": (
        *("plan_version", 1),
        "every = 'twice-monthly', second_day = 32",
    ),
    "ck_plan_version_second_day_when_twice_monthly": ("plan_version", 1, "second_day = 15"),
    "ck_plan_version_tolerance_not_negative": ("plan_version", 1, "tolerance_minor = -1"),
    "ck_plan_version_total_positive": ("plan_version", 1, "total_minor = 0"),
    "ck_instalment_amount_positive": ("instalment", 3, "amount_minor = 0"),
    "ck_instalment_interest_within_amount": ("instalment", 1, "interest_minor = 101"),
    "ck_instalment_paid_within_amount": ("instalment", 1, "waived_minor = 1"),
    "ck_instalment_seq_counts": ("instalment", 1, "seq = 0"),
    "ck_instalment_waived_not_negative": ("instalment", 1, "waived_minor = -1"),
    "ck_message_counts": ("message", 1, "attempts = -1"),
    "ck_message_kind_known": ("message", 1, "kind = 'letter'"),
    "ck_message_more_counts": ("message", 1, "again = -1"),
    "ck_message_sending_has_owner": ("message", 3, "owner = NULL"),
    "ck_message_state_known": ("message", 1, "state = 'lost'"),
    "ck_person_alive_known": ("person", 1, "alive = 'noon'"),
    "ck_person_currency_length": ("person", 1, "currency = 'EURO'"),
    "ck_person_handle_length": ("person", 1, "handle = ''"),
    "ck_person_name_length": ("person", 1, "name = ''"),
    "ck_person_revision_counts": ("person", 1, "revision = -1"),
    "ck_reminder_kind_known": ("reminder", 1, "kind = 'threat'"),
    "ck_reminder_useful_after_moment": ("reminder", 1, "useful_until_at = moment_at"),
    # Beside the CHECKs: keys and links of the copies, and links to them.
    "uq_instalment_plan_version_id_seq": ("instalment", 1, "seq = 2"),
    "uq_payment_reverses_id": ("payment", 4, "kind='reversal', reverses_id=1, confirms_id=NULL"),
    "uq_plan_live_debt": ("plan", 1, "ended_at = NULL, ended_as = NULL"),
    "fk_payment_confirms_id": ("payment", 4, "confirms_id = 99"),
    "fk_instalment_plan_version_id": ("instalment", 1, "plan_version_id = 99"),
    "fk_allocation_payment_id": ("payment", 4, "id = 99"),
    "uq_message_address_ref": ("message", 3, "ref = 'K7Q2', person_id = 2"),
    "uq_message_person_id_ref": ("message", 2, "ref = 'K7Q2'"),
    "uq_message_replaces_id": ("message", 3, "replaces_id = 1"),
    "uq_message_reminder_message_id_reminder_id": ("message_reminder", 2, "message_id = 1"),
    "uq_person_handle": ("person", 2, "handle = 'li'"),
    "uq_reminder_once": ("reminder", 2, "offset_days = -3"),
    "fk_message_person_id": ("message", 1, "person_id = 99"),
    "fk_message_replaces_id": ("message", 2, "replaces_id = 99"),
    "fk_message_reminder_message_id": ("message_reminder", 3, "message_id = 99"),
    "fk_message_reminder_reminder_id": ("message_reminder", 3, "reminder_id = 99"),
    "fk_delivery_event_message_id": ("delivery_event", 3, "message_id = 99"),
    "fk_debt_person_id": ("person", 1, "id = 99"),
}


def reflected(database: Database) -> dict[str, Any]:
    """Everything that can be read back of the schema, constraints by name and text."""
    engine = create_engine(database.url)
    inspector = inspect(engine)
    found = {}
    for name in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        found[name] = {
            "columns": [
                (column["name"], repr(column["type"]), column["nullable"], column["default"])
                for column in inspector.get_columns(name)
            ],
            "primary key": inspector.get_pk_constraint(name)["name"],
            "checks": {
                check["name"]: check["sqltext"] for check in inspector.get_check_constraints(name)
            },
            "unique": {
                key["name"]: key["column_names"] for key in inspector.get_unique_constraints(name)
            },
            "links": {
                key["name"]: (key["constrained_columns"], key["referred_table"])
                for key in inspector.get_foreign_keys(name)
            },
            "indexes": {
                index["name"]: (
                    index["column_names"],
                    index["unique"],
                    {key: str(value) for key, value in index.get("dialect_options", {}).items()},
                )
                for index in inspector.get_indexes(name)
            },
        }
    engine.dispose()
    return found


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that the database has."""
    engine = create_engine(database.url)
    with engine.connect() as connection:
        rows = {
            name: [tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))]
            for name in inspect(connection).get_table_names()
        }
    engine.dispose()
    return rows


@pytest.fixture
def copies(home: Path) -> Path:
    return home / "backups"


@pytest.fixture
def upgrade(copies: Path, now: datetime) -> Callable[[Database], upkeep.Upgraded]:
    return lambda database: create_or_upgrade(database, backup_folder=copies, now=now)


@pytest.fixture
def current(absent: Database, upgrade: Callable[[Database], upkeep.Upgraded]) -> Database:
    """A database of this version, made by the migrations, with a debt and two payments."""
    upgrade(absent)
    at = AT
    with absent.write() as session:
        li = add(session, a_person(at))
        north = debts.CreditorRow(
            person_id=li.id,
            handle="north",
            name="North",
            zone="Europe/London",
            cutoff="17:00",
            clearing_days=1,
            created_at=at,
        )
        add(session, north)
        card = debts.DebtRow(
            person_id=li.id,
            creditor_id=north.id,
            handle="card",
            word="MAPLE",
            kind="ordinary",
            currency="GBP",
            created_at=at,
        )
        add(session, card)
        for number in (1, 2):
            payment = payments.PaymentRow(
                person_id=li.id,
                debt_id=card.id,
                number=number,
                kind="payment",
                amount_minor=10**15,
                on_date=at.date(),
                method="transfer",
                recorded_at=at,
            )
            add(session, payment)
    return absent


def a_person(at: datetime) -> people.PersonRow:
    return people.PersonRow(
        handle="li",
        name="Li",
        locale="en_GB",
        zone="Europe/London",
        currency="GBP",
        channels="console",
        created_at=at,
    )


@pytest.fixture
def first(absent: Database, upgrade: Callable[[Database], upkeep.Upgraded]) -> Database:
    """A database of revision 0001, with every row of FIRST_ROWS."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "SCHEMA", "0001")
        upgrade(absent)
    with absent.engine.begin() as connection:
        for name, rows in FIRST_ROWS.items():
            table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
            for row in rows:
                connection.execute(insert(table).values(row))
    return absent


@pytest.fixture
def declared(postgres: postgres_peer.Server, tmp_path: Path) -> Callable[[Database], Any]:
    """What the declared tables come to on the kind of database that is given."""

    def schema_of(like: Database) -> dict[str, Any]:
        url = f"sqlite:///{tmp_path / 'declared.db'}" if like.is_sqlite else None
        database = Database(url or postgres.fresh_database())
        metadata.create_all(database.engine)
        database.dispose()
        return reflected(database)

    return schema_of


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Give this version of the tracker one more revision that does what is said."""
    # Not in tmp_path, which nobody but its owner may enter.
    parent = Path(tempfile.mkdtemp(prefix="planted-"))
    parent.chmod(0o755)
    folder = parent / "migrations"

    def planted(*lines: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
        body = "\n".join(f"    {line}" for line in lines)
        planted = PLANTED.format(revision=NEXT, previous=SCHEMA, body=body)
        (folder / "versions" / f"{NEXT}_planted.py").write_text(planted)
        monkeypatch.setattr(upkeep, "migrations_folder", lambda: folder)
        monkeypatch.setattr(schema, "SCHEMA", NEXT)

    yield planted
    shutil.rmtree(parent)


def test_the_newest_migration_is_the_schema_of_this_version() -> None:
    script = ScriptDirectory(str(upkeep.migrations_folder()))
    revisions = [each.revision for each in script.walk_revisions()]
    assert script.get_heads() == [SCHEMA]
    # Their order must be that of their names: `schema_state` compares those.
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]


def test_the_migrations_make_the_declared_tables(
    current: Database, declared: Callable[[Database], Any]
) -> None:
    with current.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    assert reflected(current) == declared(current)


def test_a_household_of_the_first_schema_is_kept_whole(
    first: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    declared: Callable[[Database], Any],
) -> None:
    before = contents(first)
    assert {name: len(rows) for name, rows in before.items() if rows} == {
        "alembic_version": 1,
        **{name: len(rows) for name, rows in FIRST_ROWS.items()},
    }
    done = upgrade(first)
    assert (done.from_revision, done.to_revision) == ("0001", SCHEMA)
    assert reflected(first) == declared(first)
    after = contents(first)
    assert after.pop("alembic_version") == [(SCHEMA,)]
    del before["alembic_version"]
    # The first plan was withdrawn, which was not written down in a word of its own yet.
    ended = [
        (*row, word, 0) for row, word in zip(before.pop("plan"), ("withdrawn", None), strict=True)
    ]
    assert sorted(after.pop("plan")) == ended
    refs = [(*row, ref) for row, ref in zip(before.pop("message_reminder"), REFS, strict=True)]
    assert sorted(after.pop("message_reminder")) == refs
    del after["destination"]
    with first.read() as session:
        found = session.exec(select(destinations.DestinationRow)).all()
        assert [each.model_dump(exclude={"id"}) for each in found] == DESTINATIONS
        assert all(each.usable for each in found)
    for name, rows in after.items():
        added = (*ADDED_BY_0002.get(name, ()), *ADDED_BY_0003.get(name, ()))
        assert sorted(rows) == [(*row, *added) for row in before.get(name, [])], name


def test_what_the_first_schema_refused_is_refused_after_the_upgrade(
    first: Database, upgrade: Callable[[Database], upkeep.Upgraded]
) -> None:
    upgrade(first)
    changed = {table for table, _, _ in STILL_REFUSED.values()}
    checks = {name for table in changed for name in reflected(first)[table]["checks"]}
    assert checks == {name for name in STILL_REFUSED if name.startswith("ck_")}
    accepted = []
    for name, (table, row, values) in STILL_REFUSED.items():
        said = refusal(first, f"UPDATE {table} SET {values} WHERE id = {row}")
        kind = {"uq": "UNIQUE constraint", "fk": "FOREIGN KEY constraint"}.get(name[:2], name)
        if not first.is_sqlite:
            # Of several tables that refer to a row PostgreSQL names the first that it looks at.
            kind = "foreign key constraint" if values == "id = 99" else name
        if said is None or kind not in said:
            accepted.append((name, said))
    assert accepted == []


def test_an_upgraded_household_goes_on_with_the_next_number(
    first: Database, upgrade: Callable[[Database], upkeep.Upgraded]
) -> None:
    upgrade(first)
    with first.write() as session:
        (whole,) = payments.counting(payments.of_debt(session, 1))
        sent = payments.PaymentRow(
            person_id=1,
            debt_id=1,
            number=payments.next_number(session, 1),
            kind="refund",
            amount_minor=BIG,
            on_date=ON,
            method="transfer",
            recorded_at=AT,
            sent_minor=BIG,
            sent_currency="EUR",
            rate="7.8",
        )
        assert (whole.number, whole.sent_minor, add(session, sent).id) == (4, None, 5)


def refusal(database: Database, statement: str) -> str | None:
    """What the database says against it, or None when it does it (and takes it back)."""
    with database.engine.connect() as connection:
        try:
            connection.execute(text(statement))
        except IntegrityError as error:
            return str(error.orig)
    return None


def test_upgrading_twice_changes_nothing(
    current: Database, upgrade: Callable[[Database], upkeep.Upgraded], copies: Path
) -> None:
    before = contents(current)
    again = upgrade(current)
    assert (again.backup, again.from_revision, again.to_revision) == (None, SCHEMA, SCHEMA)
    assert contents(current) == before
    assert not copies.exists()


def test_a_new_database_is_private_and_leaves_nothing_beside_it(
    tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "new folder?" / "tracker.db"
    database = Database(f"sqlite:///{tmp_path}").url.set(database=str(path))
    previous = os.umask(0o022)
    try:
        made = create_or_upgrade(Database(database), backup_folder=tmp_path / "b", now=now)
    finally:
        os.umask(previous)
    assert (made.backup, made.from_revision, made.to_revision) == (None, None, SCHEMA)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["tracker.db"]
    assert not (tmp_path / "b").exists()


def test_an_upgrade_keeps_the_data_and_makes_a_copy_first(
    current: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
    copies: Path,
) -> None:
    before = contents(current)
    plant(ADD_A_COLUMN)
    assert schema_state(current) == "old"
    done = upgrade(current)
    assert (done.from_revision, done.to_revision) == (SCHEMA, NEXT)
    assert schema_state(current) == "current"
    after = contents(current)
    assert after["payment"] == before["payment"]
    assert after["person"] == [(*row, None) for row in before["person"]]
    if not current.is_sqlite:
        assert done.backup is None
        return
    assert done.backup == copies / f"tracker-20261124T090000Z-{SCHEMA}.db"
    assert stat.S_IMODE(done.backup.stat().st_mode) == 0o600
    assert [each.name for each in copies.iterdir()] == [done.backup.name]
    copy = Database(f"sqlite:///{done.backup}")
    assert contents(copy) == before
    copy.dispose()


def test_a_table_with_children_is_rebuilt_without_losing_them(
    current: Database, upgrade: Callable[[Database], upkeep.Upgraded], plant: Callable[..., None]
) -> None:
    before = contents(current)
    plant(
        'with op.batch_alter_table("debt", recreate="auto") as batch:',
        '    batch.add_column(sa.Column("mood", sa.Text()))',
        '    batch.alter_column("reference", new_column_name="account")',
        '    batch.create_check_constraint("mood_calm", "mood = \'calm\'")',
    )
    upgrade(current)
    after = contents(current)
    assert after["payment"] == before["payment"]
    assert [row[:5] for row in after["debt"]] == [row[:5] for row in before["debt"]]
    assert "mood_calm" in "".join(reflected(current)["debt"]["checks"])


FAILING = {
    "an error": ([ADD_A_COLUMN, 'raise RuntimeError("no luck")'], "no luck"),
    "a lost row": ([ADD_A_COLUMN, 'op.execute("DELETE FROM payment")'], "payment had 2, has 0"),
    "a lost table": ([ADD_A_COLUMN, 'op.drop_table("payment")'], "payment had 2, has 0|depend"),
    "a dangling link": (
        [ADD_A_COLUMN, 'op.execute("UPDATE debt SET creditor_id = 99")'],
        "debt row 1 refers to a creditor|foreign key",
    ),
    "a broken statement": ([ADD_A_COLUMN, 'op.execute("ALTER nonsense")'], "syntax"),
}


@pytest.mark.parametrize("fault", FAILING)
def test_a_failing_migration_leaves_the_old_schema_and_every_row(
    fault: str,
    current: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
    copies: Path,
) -> None:
    lines, reason = FAILING[fault]
    before = reflected(current), contents(current)
    plant(*lines)
    with pytest.raises(UnavailableError, match=reason) as caught:
        upgrade(current)
    assert "as it was before" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (reflected(current), contents(current)) == before
    assert schema_state(current) == "old"
    # The mended migration finds its way from there, and the copy of the first try stays.
    plant(ADD_A_COLUMN)
    done = upgrade(current)
    assert schema_state(current) == "current"
    if current.is_sqlite:
        assert done.backup == copies / f"tracker-20261124T090000Z-{SCHEMA}-2.db"
        assert len(list(copies.iterdir())) == 2


def test_an_upgrade_killed_half_way_leaves_the_old_schema_and_every_row(
    current: Database, upgrade: Callable[[Database], upkeep.Upgraded], plant: Callable[..., None]
) -> None:
    before = reflected(current), contents(current)
    plant(
        ADD_A_COLUMN, 'op.execute("UPDATE payment SET amount_minor = 1")', "os.kill(os.getpid(), 9)"
    )
    killed = run_upgrade(current, upkeep.migrations_folder(), schema.SCHEMA)
    assert killed.wait(60) == -signal.SIGKILL
    assert (reflected(current), contents(current)) == before
    assert schema_state(current) == "old"
    plant(ADD_A_COLUMN)
    upgrade(current)
    assert schema_state(current) == "current"


def test_of_two_upgrades_at_once_one_does_the_work_and_both_are_content(
    current: Database, plant: Callable[..., None]
) -> None:
    before = contents(current)["payment"]
    plant(ADD_A_COLUMN)
    both = [run_upgrade(current, upkeep.migrations_folder(), schema.SCHEMA) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert schema_state(current) == "current"
    assert contents(current)["payment"] == before


def run_upgrade(database: Database, folder: Path, revision: str) -> subprocess.Popen[bytes]:
    program = (
        "import pathlib, sys\n"
        "from tracker.store import schema, upkeep\n"
        "from tracker.store.db import Database\n"
        "upkeep.migrations_folder = lambda: pathlib.Path(sys.argv[2])\n"
        "schema.SCHEMA = sys.argv[3]\n"
        "upkeep._migrate(Database(sys.argv[1]), None)\n"
    )
    url = database.url.render_as_string(hide_password=False)
    return subprocess.Popen([sys.executable, "-c", program, url, str(folder), revision], cwd=ROOT)


def test_there_is_no_downgrade(current: Database) -> None:
    with pytest.raises(NotImplementedError, match="backup"):
        command.downgrade(upkeep.alembic_config(current), "base")
    assert schema_state(current) == "current"


def test_a_drafted_migration_can_be_run(
    current: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
) -> None:
    """What the template makes, with the types of SQLModel that it must import."""
    plant("pass")
    versions = upkeep.migrations_folder() / "versions"
    (versions / f"{NEXT}_planted.py").unlink()
    with current.engine.begin() as connection:  # so that there is a difference to draft
        connection.execute(text("DROP TABLE login"))
    command.revision(
        upkeep.alembic_config(current), message="login", autogenerate=True, rev_id=NEXT
    )
    assert "UTCDateTime" in (versions / f"{NEXT}_login.py").read_text()
    upgrade(current)
    assert "login" in reflected(current)


def test_the_migrations_are_found_in_a_checkout_and_in_a_wheel(tmp_path: Path) -> None:
    assert upkeep.migrations_folder() == ROOT / "migrations"
    package = tmp_path / "site-packages" / "tracker"
    with pytest.raises(UnavailableError, match="migrations"):
        upkeep.migrations_folder(package)
    shutil.copytree(ROOT / "migrations", package / "_migrations")
    assert upkeep.migrations_folder(package) == package / "_migrations"


def test_the_state_is_known_without_alembic(current: Database) -> None:
    program = (
        "import sys\n"
        "from tracker.store import schema\n"
        "from tracker.store.db import Database\n"
        "schema.require_current(Database(sys.argv[1]))\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    url = current.url.render_as_string(hide_password=False)
    assert subprocess.run([sys.executable, "-c", program, url], cwd=ROOT).returncode == 0


# What may stand in the place of the database, and what is said about it.


def refused(database: Database, copies: Path, now: datetime) -> tuple[str, str]:
    """The sentence and the hint, the same from the check and from the upgrade."""
    with pytest.raises(UnavailableError) as checked:
        require_current(database)
    with pytest.raises(UnavailableError) as upgraded:
        create_or_upgrade(database, backup_folder=copies, now=now)
    database.dispose()
    assert str(checked.value) == str(upgraded.value)
    assert "\n" not in str(checked.value)
    assert checked.value.hint is not None
    return str(checked.value), checked.value.hint


def test_nothing_there_yet_is_said_with_the_command_that_begins(absent: Database) -> None:
    assert schema_state(absent) == "absent"
    with pytest.raises(UnavailableError, match="There is no database") as caught:
        require_current(absent)
    assert caught.value.hint is not None
    assert "`tracker db upgrade`" in caught.value.hint
    if absent.path:
        assert not Path(absent.path).exists()


def test_an_older_database_is_said_with_the_command_that_upgrades(
    current: Database, plant: Callable[..., None]
) -> None:
    plant(ADD_A_COLUMN)
    with pytest.raises(UnavailableError, match="older version") as caught:
        require_current(current)
    assert "`tracker db upgrade`" in str(caught.value.hint)


def test_a_newer_database_is_left_alone(
    current: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    copies: Path,
    now: datetime,
) -> None:
    plant(ADD_A_COLUMN)
    upgrade(current)
    monkeypatch.setattr(schema, "SCHEMA", SCHEMA)
    before = reflected(current), contents(current)
    assert schema_state(current) == "newer"
    sentence, hint = refused(current, copies, now)
    assert "newer version" in sentence
    assert "Install that version" in hint
    assert (reflected(current), contents(current)) == before


def test_the_tables_of_another_program_are_left_alone(
    absent: Database, copies: Path, now: datetime
) -> None:
    with absent.engine.begin() as connection:
        connection.execute(text("CREATE TABLE song (title TEXT)"))
    assert schema_state(absent) == "foreign"
    assert "was not made by the tracker" in refused(absent, copies, now)[0]


@pytest.mark.parametrize("stamp", [["fe45ac9d"], ["0001", "0002"]])
def test_the_stamp_of_another_program_is_left_alone(
    stamp: list[str], current: Database, copies: Path, now: datetime
) -> None:
    with current.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        for each in stamp:
            connection.execute(text("INSERT INTO alembic_version VALUES (:id)"), {"id": each})
    assert schema_state(current) == "foreign"
    assert "was not made by the tracker" in refused(current, copies, now)[0]


def test_a_file_of_zero_bytes_is_refused_and_named(
    tmp_path: Path, copies: Path, now: datetime
) -> None:
    path = tmp_path / "tracker.db"
    path.touch()
    sentence, hint = refused(Database(f"sqlite:///{path}"), copies, now)
    assert "0 bytes" in sentence
    assert "tracker restore" in hint
    assert path.stat().st_size == 0


def test_a_file_that_is_no_database_is_left_alone(
    tmp_path: Path, copies: Path, now: datetime
) -> None:
    path = tmp_path / "tracker.db"
    path.write_text("Dear Sir or Madam, " * 500)
    before = path.read_bytes()
    assert "was not made" in refused(Database(f"sqlite:///{path}"), copies, now)[0]
    assert path.read_bytes() == before


def test_a_folder_in_the_place_of_the_database_is_said(
    tmp_path: Path, copies: Path, now: datetime
) -> None:
    assert "cannot be read" in refused(Database(f"sqlite:///{tmp_path}"), copies, now)[0]


@contextmanager
def as_nobody(*paths: Path) -> Iterator[None]:
    """Without the rights of root, which ignores what a file allows."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def readonly(now: datetime) -> Iterator[Path]:
    """A database that may be read and not written, in a folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="readonly-"))
    path = folder / "tracker.db"
    create_or_upgrade(Database(f"sqlite:///{path}"), backup_folder=folder, now=now)
    path.chmod(0o444)
    folder.chmod(0o555)
    yield path
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_database_that_cannot_be_written_can_be_read_and_says_so(
    readonly: Path, now: datetime
) -> None:
    database = Database(f"sqlite:///{readonly}")

    def write() -> None:
        with database.write() as session:
            add(session, a_person(now))

    with as_nobody():
        assert schema_state(database) == "current"
        with database.read() as session:
            assert people.everyone(session) == []
        with pytest.raises(UnavailableError, match="readonly database") as caught:
            write()
    database.dispose()
    assert "\n" not in str(caught.value)


def test_a_database_that_cannot_be_written_is_not_upgraded(
    readonly: Path, plant: Callable[..., None], now: datetime
) -> None:
    plant(ADD_A_COLUMN)
    database = Database(f"sqlite:///{readonly}")
    copies = Path(tempfile.mkdtemp(prefix="copies-"))
    copies.chmod(0o777)
    with as_nobody(), pytest.raises(UnavailableError, match="readonly database"):
        create_or_upgrade(database, backup_folder=copies, now=now)
    assert schema_state(database) == "old"
    shutil.rmtree(copies)


def test_a_new_database_in_a_folder_that_cannot_be_written_is_one_sentence(
    readonly: Path, now: datetime
) -> None:
    path = readonly.with_name("other.db")
    with as_nobody(), pytest.raises(UnavailableError, match="could not be made: Permission"):
        create_or_upgrade(Database(f"sqlite:///{path}"), backup_folder=path.parent, now=now)


# Copies and the check of a file.


def test_a_copy_is_whole_while_others_write(tmp_path: Path, home: Path, now: datetime) -> None:
    path = home / "tracker.db"
    database = Database(f"sqlite:///{path}")
    create_or_upgrade(database, backup_folder=home, now=now)
    program = (
        "import sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)\n"
        "print('ready', flush=True)\n"
        "for number in range(100_000):\n"
        "    connection.execute('BEGIN IMMEDIATE')\n"
        "    for half in 'ab':\n"
        '        connection.execute("INSERT INTO answer (key, action, request_sha256, answer, at)'
        " VALUES (?, 'a', '0', '{}', '2026-11-24 09:00:00.000000')\", (f'{number}{half}',))\n"
        "    connection.execute('COMMIT')\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == b"ready\n"
        counts = []
        for number in range(4):
            target = tmp_path / f"{number}.db"
            upkeep.backup(database, target)
            copy = Database(f"sqlite:///{target}")
            assert upkeep.integrity(copy) == []
            counts.append(len(contents(copy)["answer"]))
            copy.dispose()
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    assert all(count % 2 == 0 for count in counts)
    assert counts[0] < counts[-1]
    database.dispose()


def test_a_copy_never_replaces_a_file(tmp_path: Path, current: Database) -> None:
    target = tmp_path / "taken.db"
    target.write_text("letters")
    expected = ConflictError if current.is_sqlite else UnavailableError
    with pytest.raises(expected, match="already" if current.is_sqlite else "PostgreSQL"):
        upkeep.backup(current, target)
    assert target.read_text() == "letters"


def test_a_copy_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, home: Path, now: datetime
) -> None:
    database = Database(f"sqlite:///{home / 'tracker.db'}")
    create_or_upgrade(database, backup_folder=home, now=now)
    with pytest.raises(UnavailableError, match="No such file"):
        upkeep.backup(database, tmp_path / "nowhere" / "copy.db")
    with closing(sqlite3.connect(home / "tracker.db")) as connection:
        connection.execute("INSERT INTO entry_event (entry_id, name, on_date) VALUES (7, 'x', 'y')")
        connection.commit()
    found = ["entry_event row 1 refers to a entry that is not there"]
    assert upkeep.integrity(database) == found
    with pytest.raises(UnavailableError, match=r"damaged: entry_event row 1"):
        upkeep.backup(database, tmp_path / "copy.db")
    assert [each for each in tmp_path.iterdir() if each.is_file()] == []


def test_a_torn_file_is_found_out(home: Path, now: datetime) -> None:
    path = home / "tracker.db"
    database = Database(f"sqlite:///{path}")
    create_or_upgrade(database, backup_folder=home, now=now)
    assert upkeep.integrity(database) == []
    database.dispose()
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert upkeep.integrity(database) != []
    path.write_bytes(b"not a database at all" * 100)
    assert upkeep.integrity(database) == ["file is not a database"]


def test_the_newest_ten_copies_are_kept(
    home: Path, copies: Path, plant: Callable[..., None], now: datetime
) -> None:
    database = Database(f"sqlite:///{home / 'tracker.db'}")
    create_or_upgrade(database, backup_folder=copies, now=now)
    copies.mkdir()
    (copies / "tracker-by-hand.db").write_text("kept")
    for day in range(1, 13):
        (copies / f"tracker-202610{day:02}T090000Z-0001.db").write_text("older")
    plant(ADD_A_COLUMN)
    done = create_or_upgrade(database, backup_folder=copies, now=now + timedelta(days=1))
    database.dispose()
    kept = sorted(each.name for each in copies.iterdir())
    assert done.backup is not None
    assert kept == [
        *(f"tracker-202610{day:02}T090000Z-0001.db" for day in range(4, 13)),
        done.backup.name,
        "tracker-by-hand.db",
    ]
