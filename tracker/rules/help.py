"""Where help costs nothing, or little: the places of rules/data/help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType

from tracker.rules import tables
from tracker.rules.tables import Table

KINDS = ("debt", "gambling", "crisis", "abuse", "law")
"""In the order in which they are told."""
WHOM = ("means", "home", "business", "women", "first-peoples", "banks", "in-full")
COSTS = ("small", "plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """One that helps. `phone` was read in a text (`source`); None where no number was.

    `kinds` begins with what it is there for. `whom` and `cost` are words of WHOM
    and COSTS, None for everybody and for nothing.
    """

    id: str
    kinds: tuple[str, ...]
    name: str
    local: str | None
    phone: str | None
    anytime: bool
    web: str | None
    languages: tuple[str, ...]
    whom: str | None
    cost: str | None
    source: str | None
    read_on: date


@cache
def places() -> Mapping[str, tuple[Help, ...]]:
    """All of them, by country or part of one."""
    found: dict[str, tuple[Help, ...]] = {}
    for file in tables.read_folder("help"):
        place, read_on = file.text("place"), file.day("as_of")
        found[place] = tuple(_help(table, read_on) for table in file.tables("help"))
        file.done()
    return MappingProxyType(found)


def near(place: str | None) -> tuple[Help, ...]:
    """Those of a place such as GB-SCT, or of its country; empty where none is known."""
    if place is None:
        return ()
    return places().get(place) or places().get(place.partition("-")[0], ())


def _help(table: Table, read_on: date) -> Help:
    phone = table.optional_text("phone")
    made = Help(
        id=table.text("id"),
        kinds=(table.choice("kind", KINDS), *table.texts("also")),
        name=table.text("name"),
        local=table.optional_text("local"),
        phone=phone,
        anytime=table.flag("anytime", default=False),
        web=table.optional_text("web"),
        languages=table.texts("languages"),
        whom=_word(table, "whom", WHOM),
        cost=_word(table, "cost", COSTS),
        source=table.optional_text("source"),
        read_on=read_on,
    )
    if phone is not None and made.source is None:
        raise ValueError(f"{table.where} has a phone, and no source for it")
    table.done()
    return made


def _word(table: Table, key: str, known: tuple[str, ...]) -> str | None:
    word = table.optional_text(key)
    if word is not None and word not in known:
        raise ValueError(f"{table.where}: {key} cannot be {word!r}")
    return word
