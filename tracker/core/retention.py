"""Rules that say how long a mark stays on a credit file, which apply, and what they answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from tracker.core.periods import N_, Confidence, Period, Source

Family = Literal["A", "B", "C", "D", "rolling", "none"]
"""What a payment does to the date; see `tracker.core.credit`."""


PAYMENT_EFFECTS: Mapping[Family, str] = {
    "A": N_("Paying does not change this date; the mark then shows as paid."),
    "B": N_("Nothing expires while it is open: clearing it starts the clock."),
    "C": N_("Paying in full, or keeping to the plan, can take this mark off early."),
    "D": N_("A payment, even a small one, can move this date later."),
    "rolling": N_("Each month's mark drops by itself; paying on time adds good months."),
    "none": N_("Paying does not touch this mark."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Combine:
    """Several rules apply and the earliest, or the latest, date counts."""

    pick: Literal["earliest", "latest"]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The rule holds only if `event` came within a period of `of`, its last day included."""

    event: str
    within: Period
    of: str
    otherwise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """An event that ends the mark sooner, and how long after it."""

    event: str
    after: Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A one-off that held for marks of a certain time, if cleared by its last day."""

    closed_on: date
    arose_from: date
    arose_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long one register shows one kind of mark. Fields: rules/data/README.md."""

    id: str
    revision: str
    as_of: date
    jurisdiction: str
    register: str
    entry: str
    clock: str
    family: Family
    effect_of_payment: str
    confidence: Confidence
    confirmed: bool
    source: Source
    retention: Period | None = None
    note: str = ""
    covers: tuple[str, ...] = ()
    otherwise_clock: str | None = None
    combine: Combine | None = None
    condition: Condition | None = None
    early: Early | None = None
    no_earlier_than: str | None = None
    when_cleared: str | None = None
    limit: str | None = None
    ceiling: bool = False
    replaces: tuple[str, ...] = ()
    window: Window | None = None

    @property
    def cite(self) -> str:
        return f"{self.id}@{self.revision}"


class Status(StrEnum):
    KNOWN = "known"
    PROJECTED = "projected"
    WAITING = "waiting"
    NOT_SHOWN = "not-shown"
    NEVER_WHILE_OPEN = "never-while-open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """When a mark goes, and why.

    `reason` is a msgid for `params`; text among the params is a msgid as well.
    `earliest` and `latest` bound `on` where the rule leaves a range: a month
    known without its day, a lawful limit beyond usual practice, a second date
    still missing.
    """

    status: Status
    reason: str
    params: Mapping[str, str | date] = field(default_factory=dict)
    on: date | None = None
    earliest: date | None = None
    latest: date | None = None
    gone: bool = False
    cites: tuple[str, ...] = ()
    confidence: Confidence = "low"
    payment_effect: str = PAYMENT_EFFECTS["none"]

    @property
    def check_with_register(self) -> bool:
        return self.confidence != "high"


def choose(
    rules: Iterable[RetentionRule],
    fallbacks: Mapping[str, Sequence[str]],
    jurisdiction: str,
    entry: str,
    register: str | None = None,
) -> list[RetentionRule]:
    """The rules for a mark, one for each register that keeps it.

    A part of a country (GB-SCT, CA-ON) has its country's rules too, except those
    its own replace. In a register a rule for the very mark goes before one that
    covers it. If nothing is found, the fallbacks are tried in order. Members of
    one combination or limit count once; closed windows are never chosen. An
    empty list means unknown.
    """
    parent = jurisdiction.partition("-")[0]
    here = [r for r in rules if r.jurisdiction in (jurisdiction, parent) and not r.window]
    replaced = {id_ for r in here if r.jurisdiction == jurisdiction for id_ in r.replaces}
    here = [
        r for r in here if r.id not in replaced and (register is None or r.register == register)
    ]
    for name in (entry, *fallbacks.get(entry, ())):
        found = [r for r in here if r.entry == name]
        exact = {r.register for r in found}
        found += [r for r in here if name in r.covers and r.register not in exact]
        if found:
            return _one_each(found)
    return []


def _one_each(found: list[RetentionRule]) -> list[RetentionRule]:
    hidden = {r.limit for r in found if r.limit}
    kept: list[RetentionRule] = []
    for rule in found:
        if rule.id in hidden:
            continue
        kept.append(rule)
        if rule.combine:
            hidden.update(rule.combine.ids)
    return kept
