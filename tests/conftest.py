"""What every test stands on: a clean environment, a fixed instant, an empty database."""

from __future__ import annotations

import logging
import os
import re
import shutil
import zlib
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.peers import canaries, compiled, schema
from tests.peers import postgres as postgres_peer
from tracker.store.db import Database

# The machine's own settings are not the tests'. Here, before the first test is collected.
for _name in list(os.environ):
    if _name.startswith("TRACKER_") or _name.lower().endswith("_proxy"):
        del os.environ[_name]

compiled.share()

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

_overheard = canaries.Overheard()


def pytest_configure() -> None:
    logging.getLogger().addHandler(_overheard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    """No test may leave a number, an address or a secret in any log."""
    result = yield
    if found := _overheard.taken():
        pytest.fail("it stands in the log:\n" + "\n".join(found), pytrace=False)
    return result


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What a thread wrote after the last test."""
    if _overheard.taken():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_peer.Server]:
    with postgres_peer.running() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "tracker.db"
    schema.create(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url(postgres: postgres_peer.Server) -> str:
    """The one database that the tests take in turns."""
    url = postgres.fresh_database()
    schema.create(url)
    return url


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with the whole schema, on SQLite and on PostgreSQL.

    A test that changes the schema or its stamp begins with `absent` instead.
    """
    if request.param == "sqlite":
        path = tmp_path / "tracker.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        path.chmod(0o600)
        yield from _opened(f"sqlite:///{path}")
    else:
        server: postgres_peer.Server = request.getfixturevalue("postgres")
        url: str = request.getfixturevalue("postgres_url")
        server.empty(url)
        yield from _opened(url)


@pytest.fixture(params=BOTH)
def absent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a schema: no file yet on SQLite, no table yet on PostgreSQL."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'tracker.db'}")
    else:
        server: postgres_peer.Server = request.getfixturevalue("postgres")
        url = server.fresh_database()
        yield from _opened(url)
        server.drop(url)


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.dispose()


# What only PostgreSQL does otherwise: locks, claims, migrations, query plans, the engine.
ALWAYS_ON_BOTH = re.compile(
    r"test_(aging|answers_by_text|caps|claims_by_many_workers|concurrency|delivery|digest|following"
    r"|hooks|journal|migrations|mirrors|occasions|overviews|payments|restore|routes|store|the_clock)\b"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole", action="store_true", help="every test on PostgreSQL too, not a third of them"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of tests that are about no database, a third is repeated on PostgreSQL, always the same.

    `make test` has fifteen minutes. With --whole, as `make prove` asks for, all are.
    """
    if config.getoption("--whole"):
        return
    left_out = [
        item
        for item in items
        if item.get_closest_marker("postgres")
        and not ALWAYS_ON_BOTH.search(item.path.stem)
        and "e2e" not in item.path.parts
        and zlib.crc32(item.nodeid.encode()) % 3
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in gone]
