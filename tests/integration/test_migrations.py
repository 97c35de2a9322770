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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from tests.peers import postgres as postgres_peer
from tracker.errors import ConflictError, UnavailableError
from tracker.store import debts, payments, people, schema, upkeep
from tracker.store.db import Database, add
from tracker.store.schema import SCHEMA, require_current, schema_state
from tracker.store.tables import metadata
from tracker.store.upkeep import create_or_upgrade

ROOT = Path(__file__).parent.parent.parent

PLANTED = """
import os
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
{body}
"""

ADD_A_COLUMN = 'op.add_column("person", sa.Column("mood", sa.Text()))'


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
def first(absent: Database, upgrade: Callable[[Database], upkeep.Upgraded]) -> Database:
    """A database of revision 0001, made by its migration, with a debt and two payments."""
    upgrade(absent)
    at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
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
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Give this version of the tracker a revision 0002 that does what is said."""
    # Not in tmp_path, which nobody but its owner may enter.
    parent = Path(tempfile.mkdtemp(prefix="planted-"))
    parent.chmod(0o755)
    folder = parent / "migrations"

    def planted(*lines: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
        body = "\n".join(f"    {line}" for line in lines)
        (folder / "versions" / "0002_planted.py").write_text(PLANTED.format(body=body))
        monkeypatch.setattr(upkeep, "migrations_folder", lambda: folder)
        monkeypatch.setattr(schema, "SCHEMA", "0002")

    yield planted
    shutil.rmtree(parent)


def test_the_newest_migration_is_the_schema_of_this_version() -> None:
    script = ScriptDirectory(str(upkeep.migrations_folder()))
    revisions = [each.revision for each in script.walk_revisions()]
    assert script.get_heads() == [SCHEMA]
    # Their order must be that of their names: `schema_state` compares those.
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]


def test_the_migrations_make_the_declared_tables(
    first: Database, postgres: postgres_peer.Server, tmp_path: Path
) -> None:
    with first.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
    url = f"sqlite:///{tmp_path / 'declared.db'}" if first.is_sqlite else postgres.fresh_database()
    declared = Database(url)
    metadata.create_all(declared.engine)
    declared.dispose()
    assert reflected(first) == reflected(declared)


def test_upgrading_twice_changes_nothing(
    first: Database, upgrade: Callable[[Database], upkeep.Upgraded], copies: Path
) -> None:
    before = contents(first)
    again = upgrade(first)
    assert (again.backup, again.from_revision, again.to_revision) == (None, SCHEMA, SCHEMA)
    assert contents(first) == before
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
    first: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
    copies: Path,
) -> None:
    before = contents(first)
    plant(ADD_A_COLUMN)
    assert schema_state(first) == "old"
    done = upgrade(first)
    assert (done.from_revision, done.to_revision) == ("0001", "0002")
    assert schema_state(first) == "current"
    after = contents(first)
    assert after["payment"] == before["payment"]
    assert after["person"] == [(*row, None) for row in before["person"]]
    if not first.is_sqlite:
        assert done.backup is None
        return
    assert done.backup == copies / "tracker-20261124T090000Z-0001.db"
    assert stat.S_IMODE(done.backup.stat().st_mode) == 0o600
    assert [each.name for each in copies.iterdir()] == [done.backup.name]
    copy = Database(f"sqlite:///{done.backup}")
    assert contents(copy) == before
    copy.dispose()


def test_a_table_with_children_is_rebuilt_without_losing_them(
    first: Database, upgrade: Callable[[Database], upkeep.Upgraded], plant: Callable[..., None]
) -> None:
    before = contents(first)
    plant(
        'with op.batch_alter_table("debt", recreate="auto") as batch:',
        '    batch.add_column(sa.Column("mood", sa.Text()))',
        '    batch.alter_column("reference", new_column_name="account")',
        '    batch.create_check_constraint("mood_calm", "mood = \'calm\'")',
    )
    upgrade(first)
    after = contents(first)
    assert after["payment"] == before["payment"]
    assert [row[:5] for row in after["debt"]] == [row[:5] for row in before["debt"]]
    assert "mood_calm" in "".join(reflected(first)["debt"]["checks"])


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
    first: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
    copies: Path,
) -> None:
    lines, reason = FAILING[fault]
    before = reflected(first), contents(first)
    plant(*lines)
    with pytest.raises(UnavailableError, match=reason) as caught:
        upgrade(first)
    assert "as it was before" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (reflected(first), contents(first)) == before
    assert schema_state(first) == "old"
    # The mended migration finds its way from there, and the copy of the first try stays.
    plant(ADD_A_COLUMN)
    done = upgrade(first)
    assert schema_state(first) == "current"
    if first.is_sqlite:
        assert done.backup == copies / "tracker-20261124T090000Z-0001-2.db"
        assert len(list(copies.iterdir())) == 2


def test_an_upgrade_killed_half_way_leaves_the_old_schema_and_every_row(
    first: Database, upgrade: Callable[[Database], upkeep.Upgraded], plant: Callable[..., None]
) -> None:
    before = reflected(first), contents(first)
    plant(
        ADD_A_COLUMN, 'op.execute("UPDATE payment SET amount_minor = 1")', "os.kill(os.getpid(), 9)"
    )
    killed = run_upgrade(first, upkeep.migrations_folder(), schema.SCHEMA)
    assert killed.wait(60) == -signal.SIGKILL
    assert (reflected(first), contents(first)) == before
    assert schema_state(first) == "old"
    plant(ADD_A_COLUMN)
    upgrade(first)
    assert schema_state(first) == "current"


def test_of_two_upgrades_at_once_one_does_the_work_and_both_are_content(
    first: Database, plant: Callable[..., None]
) -> None:
    before = contents(first)["payment"]
    plant(ADD_A_COLUMN)
    both = [run_upgrade(first, upkeep.migrations_folder(), schema.SCHEMA) for _ in range(2)]
    assert [each.wait(60) for each in both] == [0, 0]
    assert schema_state(first) == "current"
    assert contents(first)["payment"] == before


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


def test_there_is_no_downgrade(first: Database) -> None:
    with pytest.raises(NotImplementedError, match="backup"):
        command.downgrade(upkeep.alembic_config(first), "base")
    assert schema_state(first) == "current"


def test_a_drafted_migration_can_be_run(
    first: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
) -> None:
    """What the template makes, with the types of SQLModel that it must import."""
    plant("pass")
    versions = upkeep.migrations_folder() / "versions"
    (versions / "0002_planted.py").unlink()
    with first.engine.begin() as connection:  # so that there is a difference to draft
        connection.execute(text("DROP TABLE login"))
    command.revision(
        upkeep.alembic_config(first), message="login", autogenerate=True, rev_id="0002"
    )
    assert "UTCDateTime" in (versions / "0002_login.py").read_text()
    upgrade(first)
    assert "login" in reflected(first)


def test_the_migrations_are_found_in_a_checkout_and_in_a_wheel(tmp_path: Path) -> None:
    assert upkeep.migrations_folder() == ROOT / "migrations"
    package = tmp_path / "site-packages" / "tracker"
    with pytest.raises(UnavailableError, match="migrations"):
        upkeep.migrations_folder(package)
    shutil.copytree(ROOT / "migrations", package / "_migrations")
    assert upkeep.migrations_folder(package) == package / "_migrations"


def test_the_state_is_known_without_alembic(first: Database) -> None:
    program = (
        "import sys\n"
        "from tracker.store import schema\n"
        "from tracker.store.db import Database\n"
        "schema.require_current(Database(sys.argv[1]))\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    url = first.url.render_as_string(hide_password=False)
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
    first: Database, plant: Callable[..., None]
) -> None:
    plant(ADD_A_COLUMN)
    with pytest.raises(UnavailableError, match="older version") as caught:
        require_current(first)
    assert "`tracker db upgrade`" in str(caught.value.hint)


def test_a_newer_database_is_left_alone(
    first: Database,
    upgrade: Callable[[Database], upkeep.Upgraded],
    plant: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    copies: Path,
    now: datetime,
) -> None:
    plant(ADD_A_COLUMN)
    upgrade(first)
    monkeypatch.setattr(schema, "SCHEMA", "0001")
    before = reflected(first), contents(first)
    assert schema_state(first) == "newer"
    sentence, hint = refused(first, copies, now)
    assert "newer version" in sentence
    assert "Install that version" in hint
    assert (reflected(first), contents(first)) == before


def test_the_tables_of_another_program_are_left_alone(
    absent: Database, copies: Path, now: datetime
) -> None:
    with absent.engine.begin() as connection:
        connection.execute(text("CREATE TABLE song (title TEXT)"))
    assert schema_state(absent) == "foreign"
    assert "was not made by the tracker" in refused(absent, copies, now)[0]


@pytest.mark.parametrize("stamp", [["fe45ac9d"], ["0001", "0002"]])
def test_the_stamp_of_another_program_is_left_alone(
    stamp: list[str], first: Database, copies: Path, now: datetime
) -> None:
    with first.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        for each in stamp:
            connection.execute(text("INSERT INTO alembic_version VALUES (:id)"), {"id": each})
    assert schema_state(first) == "foreign"
    assert "was not made by the tracker" in refused(first, copies, now)[0]


def test_a_file_of_zero_bytes_is_refused_and_named(
    tmp_path: Path, copies: Path, now: datetime
) -> None:
    path = tmp_path / "tracker.db"
    path.touch()
    sentence, hint = refused(Database(f"sqlite:///{path}"), copies, now)
    assert "0 bytes" in sentence
    assert "folder backups" in hint
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
        for number in range(10):
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


def test_a_copy_never_replaces_a_file(tmp_path: Path, first: Database) -> None:
    target = tmp_path / "taken.db"
    target.write_text("letters")
    expected = ConflictError if first.is_sqlite else UnavailableError
    with pytest.raises(expected, match="already" if first.is_sqlite else "PostgreSQL"):
        upkeep.backup(first, target)
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
