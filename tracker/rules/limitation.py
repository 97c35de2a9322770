"""How long a creditor can sue: the rules of rules/data/limitation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import cast

from tracker.core.limitation import Effect, LimitationRule, Restarts
from tracker.errors import InputError, NotFoundError
from tracker.rules import tables
from tracker.rules.tables import Table

EFFECTS = ("yes", "no", "unknown", "by-state", "case-by-case", "when-invoked")


@cache
def rules() -> Mapping[str, LimitationRule]:
    """Every rule by its id."""
    found: dict[str, LimitationRule] = {}
    for file in tables.read_folder("limitation"):
        jurisdiction, as_of = file.text("jurisdiction"), file.day("as_of")
        for table in file.tables("rule"):
            rule = _rule(table, jurisdiction, as_of)
            if rule.id in found:
                raise ValueError(f"{rule.id} stands twice")
            found[rule.id] = rule
        file.done()
    return MappingProxyType(found)


def claims(jurisdiction: str) -> Mapping[str, str]:
    """The kinds of claim with a rule there, the default first, each with its description."""
    here = sorted(_here(jurisdiction), key=lambda rule: not rule.default)
    return {rule.claim: rule.claim_type for rule in here}


def choose(jurisdiction: str, claim: str | None = None) -> list[LimitationRule]:
    """The rules to assess for a debt: that of the claim, and what goes along with it.

    Without `claim` the usual kind is assumed. A part of a country without rules
    of its own has its country's. Empty = no rule for the place (core.limitation.unlisted).
    Raises InputError for a claim that has no rule there.
    """
    here = _here(jurisdiction)
    if not here:
        return []
    chosen = [rule for rule in here if (rule.claim == claim if claim else rule.default)]
    if not chosen:
        raise InputError(
            "{place} has no limitation rule for {claim!r}.",
            field="claim",
            hint="Known there: {known}.",
            place=jurisdiction,
            claim=claim,
            known=", ".join(claims(jurisdiction)),
        )
    return [*chosen, *(rules()[id_] for rule in chosen for id_ in rule.companions)]


def cited(cite: str) -> LimitationRule:
    """The rule behind `id` or `id@revision`.

    Raises NotFoundError if there is none, or it has another revision by now.
    """
    id_, _, revision = cite.partition("@")
    rule = rules().get(id_)
    if rule is None or (revision and revision != rule.revision):
        raise NotFoundError(
            "There is no limitation rule {cite}.",
            field="rule",
            hint="`tracker rule list` shows the rules and their revisions.",
            cite=cite,
        )
    return rule


def _here(jurisdiction: str) -> list[LimitationRule]:
    own = [rule for rule in rules().values() if rule.jurisdiction == jurisdiction]
    country = jurisdiction.partition("-")[0]
    return own or [rule for rule in rules().values() if rule.jurisdiction == country]


def _rule(table: Table, jurisdiction: str, as_of: date) -> LimitationRule:
    rule = LimitationRule(
        id=table.text("id"),
        revision=table.text("revision"),
        as_of=as_of,
        jurisdiction=jurisdiction,
        claim=table.text("claim"),
        default=table.flag("default"),
        companions=table.texts("companions"),
        claim_type=table.text("claim_type"),
        period=table.period("period"),
        period_text=table.optional_text("period_text"),
        start_event=table.text("start_event"),
        start_text=table.text("start_text"),
        long_stop=table.period("long_stop"),
        after_judgment=table.optional_text("after_judgment"),
        restarts=_restarts(table.table("restarts"), table.where),
        restart_notes=table.text("restart_notes"),
        revivable=_effect(table, "revivable"),
        revival_how=table.text("revival_how"),
        extinguishes=_effect(table, "extinguishes"),
        computable=table.flag("computable"),
        computable_reason=table.text("computable_reason"),
        advice=table.text("advice"),
        note=table.optional_text("note") or "",
        confidence=table.confidence(),
        confirmed=table.flag("confirmed"),
        source=table.source(),
    )
    table.done()
    return rule


def _effect(table: Table, key: str) -> Effect:
    return cast("Effect", table.choice(key, EFFECTS))


def _restarts(table: Table | None, where: str) -> Restarts:
    if table is None:
        raise ValueError(f"{where} has no restarts")
    restarts = Restarts(
        acknowledgement=_effect(table, "acknowledgement"),
        part_payment=_effect(table, "part_payment"),
        plan=_effect(table, "plan"),
        demand=_effect(table, "demand"),
    )
    table.done()
    return restarts
