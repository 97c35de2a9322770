"""A creditor's later figure beside the tracker's own, and what may explain the difference.

A statement is compared and never rewrites the ledger. The explanations are guesses
that fit to the minor unit: the ledger is replayed as if the creditor had not booked
a payment yet, counted days otherwise, compounded, and so on (core/guesses.py), and
what then agrees with the statement is named. What no guess explains stays open.

The guesses are tried alone, and for a statement with parts one about money together
with one about interest. A bare total would fit too much by chance for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.core import guesses
from tracker.core.components import NOTHING, Amounts, Component
from tracker.core.entries import Replayed
from tracker.core.facts import Fact, Payment, Statement
from tracker.core.guesses import Guess, Param
from tracker.core.ledger import replay
from tracker.core.periods import N_

MONEY_PARAMS = frozenset({"amount"})
"""The params of an explanation that are minor units, never below 0."""

TOTAL_ONLY = N_("The creditor states a total without its parts, so only the total is compared.")
MORE_CHARGED = N_("The creditor asks for {amount} more in {component} than is recorded here.")
LESS_CHARGED = N_("The creditor asks for {amount} less in {component} than is recorded here.")
OPEN_MORE = N_("Nothing recorded explains why {component} is {amount} higher.")
OPEN_LESS = N_("Nothing recorded explains why {component} is {amount} lower.")
TOTAL_MORE = N_("Nothing recorded explains why the total is {amount} higher.")
TOTAL_LESS = N_("Nothing recorded explains why the total is {amount} lower.")
OUTSIDE_MORE = N_("The creditor's total is {amount} higher without a part that says why.")
OUTSIDE_LESS = N_("The creditor's total is {amount} lower without a part that says why.")

_CHARGED = (Component.FEES, Component.COSTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A sentence, and the part of the difference that it accounts for, signed.

    Among the params are `amount` in minor units, `day` a date, `count`, and
    `component`, `basis`, `compounding` and `order`, values of the enums of the
    core. `open`: the sentence says only that there is a difference.
    """

    msgid: str
    params: Mapping[str, Param]
    minor: int
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The creditor's figure minus the tracker's own; above 0 where the creditor asks for more.

    `stated` and `difference` are None for a bare total. Otherwise a component that
    the creditor did not name is 0 in both beside a stated total, and counts as
    stated to be nothing where there is no total. The minors of the reasons sum to
    `difference_minor`.
    """

    own: Amounts
    overpaid_minor: int
    stated: Amounts | None
    difference: Amounts | None
    difference_minor: int
    split: bool
    reasons: tuple[Explained, ...]

    @property
    def agrees(self) -> bool:
        """In every part, not just in the sum."""
        return self.difference_minor == 0 and not any(self.difference or NOTHING)

    @property
    def explained(self) -> bool:
        """Nothing of the difference is left open."""
        return not any(reason.open for reason in self.reasons)


class _Gap(NamedTuple):
    """Stated minus own: by named component, and what lies outside all of them."""

    parts: Amounts
    outside: int

    @property
    def total(self) -> int:
        return self.parts.total + self.outside

    def places(self) -> frozenset[int]:
        return frozenset(place for place, minor in enumerate((*self.parts, self.outside)) if minor)

    def unexplained(self) -> int:
        """How many places stay open even if charges are unknown to the ledger."""
        charged = self.charged()
        return sum(place not in charged for place in self.places())

    def charged(self) -> frozenset[int]:
        """Fees and costs that differ, but where something else is off the other way."""
        signs = {minor > 0 for minor in (*self.parts, self.outside) if minor}
        if len(signs) != 1:
            return frozenset()
        return frozenset(list(Component).index(each) for each in _CHARGED) & self.places()


_Path = list[tuple[Guess, _Gap]]
"""Guesses on top of one another, each with what is left open after it."""


def compare(
    opening: Statement,
    facts: Sequence[Fact],
    statement: Statement,
    *,
    scheduled: Sequence[Payment] = (),
) -> Compared | None:
    """What the statement says against a replay to the end of its day.

    `scheduled` are payments that are not among the facts, since nobody has said
    yet that they went. None for a statement from before the opening, when nothing
    is known.
    """
    on = statement.stated_on
    if on < opening.stated_on:
        return None
    own = replay(opening, facts, until=on)
    gap = _gap(statement, own.balances, own.overpaid_minor)
    reasons = [] if statement.split else [Explained(msgid=TOTAL_ONLY, params={}, minor=0)]
    left = gap
    if gap.places():
        for guess, after in _best(opening, list(facts), statement, scheduled, own):
            minor = left.total - after.total
            reasons.append(Explained(msgid=guess.msgid, params=guess.params, minor=minor))
            left = after
        reasons += _left(left, split=statement.split)
    return Compared(
        own=own.balances,
        overpaid_minor=own.overpaid_minor,
        stated=Amounts(*(part or 0 for part in statement.parts())) if statement.split else None,
        difference=gap.parts if statement.split else None,
        difference_minor=gap.total,
        split=statement.split,
        reasons=tuple(reasons),
    )


def _gap(statement: Statement, owed: Amounts, overpaid_minor: int) -> _Gap:
    stated = statement.parts()
    if statement.total_minor is None:
        stated = tuple(part or 0 for part in stated)
    parts = Amounts._make(
        0 if part is None else part - own for part, own in zip(stated, owed, strict=True)
    )
    total = statement.balance_minor - (owed.total - overpaid_minor)
    return _Gap(parts, total - parts.total)


def _best(
    opening: Statement,
    facts: list[Fact],
    statement: Statement,
    scheduled: Sequence[Payment],
    own: Replayed,
) -> _Path:
    """The guess, or the two of them, that leave the least open; nothing where none helps.

    One helps where something agrees that did not, and all that agreed still does.
    """
    on = statement.stated_on
    gap = _gap(statement, own.balances, own.overpaid_minor)

    def tried(guess: Guess, before: Replayed) -> tuple[Guess, Replayed, _Gap]:
        after = before if guess.facts is None else replay(opening, guess.facts, until=on)
        owed = after.balances.plus(guess.parts)
        return guess, after, _gap(statement, owed, after.overpaid_minor)

    money = [tried(guess, own) for guess in guesses.about_money(opening, facts, own, scheduled)]
    reckoning = [tried(guess, own) for guess in guesses.about_reckoning(opening, facts, own)]
    orders = [tried(guess, own) for guess in guesses.about_order(opening, facts, on)]
    paths: list[_Path] = [[(guess, left)] for guess, _, left in (*money, *reckoning, *orders)]
    if statement.split and all(path[-1][1].places() for path in paths):
        for first, replayed, between in money:
            if first.facts is None:
                continue
            for guess in guesses.about_reckoning(opening, first.facts, replayed, rare=False):
                second, _, left = tried(guess, replayed)
                if left != between:
                    paths.append([(first, between), (second, left)])
    helping = [path for path in paths if path[-1][1].places() < gap.places()]
    if not helping:
        return []
    best = min(helping, key=_rank)
    last = best[-1][1]
    # Beside a charge that explains as much by itself, only what explains everything.
    return best if last.unexplained() < gap.unexplained() or not last.places() else []


def _rank(path: _Path) -> tuple[int, int, int]:
    left = path[-1][1]
    return left.unexplained(), len(left.places()), len(path)


def _left(gap: _Gap, *, split: bool) -> list[Explained]:
    """What no guess explains: a charge that is not recorded, or an open question."""
    found = []
    charged = gap.charged()
    for place, component in enumerate(Component):
        minor = gap.parts[place]
        if not minor:
            continue
        known = place in charged
        more, less = (MORE_CHARGED, LESS_CHARGED) if known else (OPEN_MORE, OPEN_LESS)
        params: dict[str, Param] = {"amount": abs(minor), "component": component.value}
        msgid = more if minor > 0 else less
        found.append(Explained(msgid=msgid, params=params, minor=minor, open=not known))
    if gap.outside:
        more, less = (OUTSIDE_MORE, OUTSIDE_LESS) if split else (TOTAL_MORE, TOTAL_LESS)
        msgid = more if gap.outside > 0 else less
        params = {"amount": abs(gap.outside)}
        found.append(Explained(msgid=msgid, params=params, minor=gap.outside, open=True))
    return found
