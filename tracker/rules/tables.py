"""Reading rules from TOML, field by field.

A mistake in package data is a mistake of ours: everything here raises
ValueError that names the rule and the field, and a test reads every file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import cast

from tracker.core.periods import Confidence, Period, Source

DATA = files("tracker.rules") / "data"
LEVELS = ("low", "medium", "high")


class Table:
    """One TOML table; `done` makes sure that nothing in it was left unread."""

    def __init__(self, raw: Mapping[str, object], where: str) -> None:
        self._raw = dict(raw)
        self.where = where

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            raise ValueError(f"{self.where} has no {key}")
        return value

    def optional_text(self, key: str) -> str | None:
        value = self._raw.pop(key, None)
        if value is None or (isinstance(value, str) and value):
            return value
        raise self._wrong(key, value)

    def choice(self, key: str, allowed: Sequence[str]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self._wrong(key, value)
        return value

    def confidence(self) -> Confidence:
        return cast("Confidence", self.choice("confidence", LEVELS))

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        value = self._raw.pop(key, default)
        if not isinstance(value, bool):
            raise self._wrong(key, value)
        return value

    def day(self, key: str) -> date:
        value = self._raw.pop(key, None)
        if not isinstance(value, date):
            raise self._wrong(key, value)
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._raw.pop(key, [])
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise self._wrong(key, value)

    def table(self, key: str) -> Table | None:
        value = self._raw.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(key, value)
        return Table(value, f"{self.where}.{key}")

    def tables(self, key: str) -> list[Table]:
        value = self._raw.pop(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, value)
        return [Table(item, f"{self.where} {key} {item.get('id', '?')}") for item in value]

    def period(self, key: str) -> Period | None:
        part = self.table(key)
        if part is None:
            return None
        lengths = {name: part.number(name) for name in Period.__dataclass_fields__}
        part.done()
        return Period(**lengths)

    def number(self, key: str) -> int:
        value = self._raw.pop(key, 0)
        if not isinstance(value, int) or value < 0:
            raise self._wrong(key, value)
        return value

    def source(self) -> Source:
        part = self.table("source")
        if part is None:
            raise ValueError(f"{self.where} has no source")
        source = Source(
            title=part.text("title"), ref=part.text("ref"), url=part.optional_text("url")
        )
        part.done()
        return source

    def names(self) -> list[str]:
        return list(self._raw)

    def done(self) -> None:
        if self._raw:
            raise ValueError(f"{self.where} has unknown fields: {', '.join(self._raw)}")

    def _wrong(self, key: str, value: object) -> ValueError:
        return ValueError(f"{self.where}: {key} cannot be {value!r}")


def read(name: str) -> Table:
    """One file below rules/data."""
    return Table(tomllib.loads((DATA / name).read_text(encoding="utf-8")), name)


def read_folder(folder: str) -> Iterator[Table]:
    """Its TOML files by place, a country before its parts."""
    names = [entry.name for entry in (DATA / folder).iterdir()]
    places = sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))
    return (read(f"{folder}/{place}.toml") for place in places)
