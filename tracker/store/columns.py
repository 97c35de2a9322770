"""The column kinds that every table is built from, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Text,
    false,
    func,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Field, SQLModel, cast

# A table's rows are never validated, so most of what pydantic would make for it is
# made when first asked for; for a daemon that is a megabyte.
SQLModel.model_config["defer_build"] = True

# Alembic can only change or drop what has a name.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite gives a rowid alias to INTEGER alone; PostgreSQL needs the eight bytes.
ID = BigInteger().with_variant(Integer(), "sqlite")


def identity() -> Any:
    return Field(default=None, sa_column=Column(ID, primary_key=True))


def link(target: str, *, nullable: bool = False, index: bool = True, unique: bool = False) -> Any:
    """A foreign key to `target` ("table.id"); indexed, since every owner is looked up by it."""
    return Field(
        default=None,
        sa_column=Column(
            ID, ForeignKey(target), nullable=nullable, index=index and not unique, unique=unique
        ),
    )


def minor(*, nullable: bool = False, default: int | None = None) -> Any:
    """Integer minor units of the row's currency, up to 10^15."""
    return Field(default=default, sa_column=Column(BigInteger, nullable=nullable))


def counter(default: int = 0) -> Any:
    return Field(default=default, sa_column=Column(BigInteger, nullable=False))


def added_minor(default: int = 0) -> Any:
    """Minor units in a column that came to a table which had rows already."""
    return Field(
        default=default,
        sa_column=Column(BigInteger, nullable=False, server_default=str(default)),
    )


def added_text(default: str) -> Any:
    """A text in a column that came to a table which had rows already."""
    return Field(default=default, sa_column=Column(Text, nullable=False, server_default=default))


def added_flag() -> Any:
    """A yes or no in a column that came to a table which had rows already; no by default."""
    return Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=false()))


def text(*, nullable: bool = False, index: bool = False, unique: bool = False) -> Any:
    return Field(
        default=None, sa_column=Column(Text, nullable=nullable, index=index, unique=unique)
    )


def one_of(column: str, values: Iterable[str], *, name: str | None = None) -> CheckConstraint:
    """A text column that holds one of `values` (or NULL where the column allows it)."""
    listed = ", ".join(f"'{value!s}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")


def total(amount: Any) -> ColumnElement[int]:
    """SUM as a whole number: PostgreSQL answers NUMERIC for BIGINT, SQLite NULL for no rows."""
    return cast(func.coalesce(func.sum(amount), 0), BigInteger)
