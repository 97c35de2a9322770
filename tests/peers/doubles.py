"""Doubles of recorded people: the rows of some, copied with other ids, names and telephones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tests.peers.seed import Rows
from tracker.store import journal
from tracker.store.tables import metadata


def copied(first: Rows, number: int, words: Mapping[str, str]) -> Rows:
    """The `number`-th copy of every row: ids moved on, `words` replaced, refs and hashes anew."""
    shift = {
        name: number * max((row["id"] for row in rows), default=0) for name, rows in first.items()
    }
    made: Rows = {}
    for table in metadata.sorted_tables:
        links = {
            column.name: next(iter(column.foreign_keys)).column.table.name
            for column in table.columns
            if column.foreign_keys
        } | {"id": table.name}
        made[table.name] = []
        for row in first[table.name]:
            copy = {
                name: words.get(value, value) if isinstance(value, str) else value
                for name, value in row.items()
            }
            for name, target in {**links, **_soft_links(table.name, row)}.items():
                if row[name] is not None:
                    copy[name] = row[name] + shift[target]
            if table.name == "instalment":
                copy["ref"] = hashlib.sha256(f"{number} {row['ref']}".encode()).hexdigest()[:16]
            made[table.name].append(copy)
    made["answer"] = []  # to requests that nobody repeats
    _chain(made["journal"])
    return made


def _soft_links(table: str, row: dict[str, Any]) -> dict[str, str]:
    """Columns that hold another row's id without saying so to the database."""
    return {"subject_id": str(row["kind"])} if table == "wake" else {}


def _chain(rows: list[dict[str, Any]]) -> None:
    """The journal's hashes, anew for their persons."""
    last: dict[int, str] = {}
    for row in sorted(rows, key=lambda row: int(row["revision"])):
        row["previous_sha256"] = last.get(row["person_id"], journal.GENESIS)
        row["sha256"] = last[row["person_id"]] = journal.digest(journal.JournalRow(**row))
