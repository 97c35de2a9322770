"""How long marks stay on credit files: the rules of rules/data/retention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import cast

from tracker.core import credit
from tracker.core.clocks import EVENTS, STANDING
from tracker.core.periods import Period
from tracker.core.retention import Combine, Condition, Early, Family, RetentionRule, Window
from tracker.errors import NotFoundError
from tracker.rules import tables
from tracker.rules.tables import Table

FAMILIES = ("A", "B", "C", "D", "rolling", "none")


@cache
def rules() -> Mapping[str, RetentionRule]:
    """Every rule by its id, closed windows included."""
    found: dict[str, RetentionRule] = {}
    for file in tables.read_folder("retention"):
        jurisdiction, as_of = file.text("jurisdiction"), file.day("as_of")
        for table in file.tables("rule"):
            rule = _rule(table, jurisdiction, as_of)
            if rule.id in found:
                raise ValueError(f"{rule.id} stands twice")
            found[rule.id] = rule
        file.done()
    return MappingProxyType(found)


@cache
def fallbacks() -> Mapping[str, tuple[str, ...]]:
    """Under which marks to look when a place has no rule for one."""
    file = tables.read("fallbacks.toml")
    file.day("as_of")
    table = file.table("fallback")
    file.done()
    if table is None:
        raise ValueError("fallbacks.toml has no fallback")
    return MappingProxyType({name: table.texts(name) for name in table.names()})


def choose(jurisdiction: str, entry: str, register: str | None = None) -> list[RetentionRule]:
    """The rules for a mark, one for each register; empty = unknown (core.credit.choose)."""
    return credit.choose(rules().values(), fallbacks(), jurisdiction, entry, register)


def cited(cite: str) -> RetentionRule:
    """The rule behind `id` or `id@revision`.

    Raises NotFoundError if there is none, or it has another revision by now.
    """
    id_, _, revision = cite.partition("@")
    rule = rules().get(id_)
    if rule is None or (revision and revision != rule.revision):
        raise NotFoundError(
            "There is no retention rule {cite}.",
            field="rule",
            hint="`tracker rule list` shows the rules and their revisions.",
            cite=cite,
        )
    return rule


def jurisdictions() -> tuple[str, ...]:
    """Places with rules of their own, countries before their parts."""
    return tuple(sorted({rule.jurisdiction for rule in rules().values()}))


def entries(jurisdiction: str) -> tuple[str, ...]:
    """The marks for which `choose` finds a rule there without a fallback."""
    here = (jurisdiction, jurisdiction.partition("-")[0])
    names = {
        name
        for rule in rules().values()
        if rule.jurisdiction in here
        for name in (rule.entry, *rule.covers)
    }
    found = rules().values()
    return tuple(sorted(name for name in names if credit.choose(found, {}, jurisdiction, name)))


def _rule(table: Table, jurisdiction: str, as_of: date) -> RetentionRule:
    rule = RetentionRule(
        id=table.text("id"),
        revision=table.text("revision"),
        as_of=as_of,
        jurisdiction=jurisdiction,
        register=table.text("register"),
        entry=table.text("entry"),
        covers=table.texts("covers"),
        retention=table.period("retention"),
        clock=table.choice("clock", (*EVENTS, *STANDING)),
        otherwise_clock=_event(table, "otherwise_clock"),
        family=cast("Family", table.choice("family", FAMILIES)),
        combine=_combine(table.table("combine")),
        condition=_condition(table.table("condition")),
        early=_early(table.table("early")),
        no_earlier_than=_event(table, "no_earlier_than"),
        when_cleared=table.optional_text("when_cleared"),
        limit=table.optional_text("limit"),
        ceiling=table.flag("ceiling", default=False),
        replaces=table.texts("replaces"),
        window=_window(table.table("window")),
        effect_of_payment=table.text("effect_of_payment"),
        note=table.optional_text("note") or "",
        confidence=table.confidence(),
        confirmed=table.flag("confirmed"),
        source=table.source(),
    )
    table.done()
    return rule


def _event(table: Table, key: str) -> str | None:
    name = table.optional_text(key)
    if name is not None and name not in EVENTS:
        raise ValueError(f"{table.where}: {key} cannot be {name!r}")
    return name


def _required_event(table: Table, key: str) -> str:
    return table.choice(key, tuple(EVENTS))


def _required_period(table: Table, key: str) -> Period:
    period = table.period(key)
    if period is None:
        raise ValueError(f"{table.where} has no {key}")
    return period


def _combine(table: Table | None) -> Combine | None:
    if table is None:
        return None
    earliest, latest = table.texts("earliest_of"), table.texts("latest_of")
    table.done()
    if bool(earliest) == bool(latest):
        raise ValueError(f"{table.where} takes earliest_of or latest_of")
    return Combine(pick="earliest" if earliest else "latest", ids=earliest or latest)


def _condition(table: Table | None) -> Condition | None:
    if table is None:
        return None
    condition = Condition(
        event=_required_event(table, "event"),
        within=_required_period(table, "within"),
        of=_required_event(table, "of"),
        otherwise=table.text("otherwise"),
    )
    table.done()
    return condition


def _early(table: Table | None) -> Early | None:
    if table is None:
        return None
    early = Early(event=_required_event(table, "event"), after=_required_period(table, "after"))
    table.done()
    return early


def _window(table: Table | None) -> Window | None:
    if table is None:
        return None
    window = Window(
        closed_on=table.day("closed_on"),
        arose_from=table.day("arose_from"),
        arose_to=table.day("arose_to"),
    )
    table.done()
    return window
