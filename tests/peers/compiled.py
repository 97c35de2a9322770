"""Statements are compiled once in a test run, not once more for each test's own database.

SQLAlchemy keeps what it has compiled with the engine, and by its dialect object. A test
has an engine of its own, and more than a third of its time went into compiling the
same statements. All engines of a run speak to one version of each database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache

_SIZE = 5000
_compiled: LRUCache[Any, Any] = LRUCache(_SIZE)


def share() -> None:
    """From here on, for every engine that is made in this process."""
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
        dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    Engine._compiled_cache = property(  # type: ignore[assignment]
        lambda self: _compiled, lambda self, own: None
    )
