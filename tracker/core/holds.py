"""Holds: why a debt must not simply be paid now, and what each kind keeps silent.

Legal deadlines and ongoing bills are never silenced by any of them.
"""

from __future__ import annotations

from collections.abc import Iterable

REMINDERS, OFFERS, LETTERS, REPORTS = "reminders", "offers", "letters", "reports"

SILENCES: dict[str, frozenset[str]] = {
    # Money to somebody who cannot show that he owns the debt may have to be paid twice.
    "unverified-owner": frozenset({REMINDERS, OFFERS, REPORTS}),
    # A payment or a report would contradict the objection; letters carry it.
    "disputed": frozenset({REMINDERS, OFFERS, REPORTS}),
    # While a moratorium runs, creditors must wait and contact goes through the adviser.
    "moratorium": frozenset({REMINDERS, OFFERS, LETTERS, REPORTS}),
    # The adviser speaks; what is agreed already goes on being paid.
    "adviser": frozenset({OFFERS, LETTERS, REPORTS}),
    # One creditor must not be preferred before or in an insolvency.
    "insolvency": frozenset({REMINDERS, OFFERS, LETTERS, REPORTS}),
    "not-mine": frozenset({REMINDERS, OFFERS, LETTERS, REPORTS}),
}


def silences(kinds: Iterable[str], what: str) -> str | None:
    """The first of the holds that keeps `what` silent, or None."""
    return next((kind for kind in kinds if what in SILENCES[kind]), None)
