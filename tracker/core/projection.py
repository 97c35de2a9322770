"""What is still to come of a plan: its end, its cost, and what another payment would change.

Each open instalment is paid on its day, a late one today, and the debt's ledger is
replayed with these payments. So a projection is no second reckoning beside the
ledger: if everything is paid as assumed, the ledger will say the same.

Where interest or fees run, agreed rows seldom meet what is owed to the last minor
unit, and the last payments are cut to it. Where nothing runs, the rows are what was
agreed, and what they ask beyond the ledger is told as `left_minor` below 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from tracker.core import ledger
from tracker.core.allocation import Open, Overpay, Paid, allocate
from tracker.core.entries import Entry, Kind
from tracker.core.facts import Fact, Payment, Statement
from tracker.core.periods import add_months


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An instalment of which `open_minor` (above 0) is still to be paid."""

    ref: str
    due_on: date
    open_minor: int

    def __post_init__(self) -> None:
        if self.open_minor <= 0:
            raise ValueError(f"instalment {self.ref}: nothing is open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Projected:
    """`ends_on` is the day of the last payment, `clears_on` that on which nothing is owed any more.

    `fees_minor` are late fees and penalty interest. `left_minor` is what is owed
    after the last instalment: above 0 where the plan does not cover what accrues,
    below 0 where it asks for more than is owed. `forgiven_minor` is what a
    settlement leaves out. Without open instalments there is no end.
    """

    ends_on: date | None
    to_pay_minor: int
    interest_minor: int
    fees_minor: int
    left_minor: int
    clears_on: date | None
    forgiven_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What another payment saves in interest, and when the payments end with it."""

    interest_minor: int
    days_earlier: int
    ends_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What it costs to pay `ref` on `paid_on` only, a period late."""

    ref: str
    paid_on: date
    interest_minor: int
    fees_minor: int


class _Pay(NamedTuple):
    on: date
    minor: int


class _Run(NamedTuple):
    """What happens from today on: what accrues, and which payment clears the debt.

    `cleared` counts payments from 0, None where something stays owed; `used` is
    what of that payment was owed. `balance` stands at the end.
    """

    interest: int
    fees: int
    balance: int
    cleared: int | None
    used: int

    @property
    def accrues(self) -> bool:
        return self.interest != 0 or self.fees != 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A running plan with the facts of its debt, as they stand on `today`.

    `opening` is None where no statement opened a ledger: then nothing accrues and
    the dates are the plan's. `rows` are what is open, in order of their due dates.
    `settles`: what is owed after the last row is forgiven.
    """

    opening: Statement | None
    facts: tuple[Fact, ...]
    rows: tuple[Due, ...]
    today: date
    overpay: Overpay = Overpay.FORWARD
    settles: bool = False

    def projected(self) -> Projected:
        """Everything paid on its day."""
        pays = self._as_agreed()
        run = self._run(pays, _end(pays, self.today))
        return self._told(pays, run, cuts=run.accrues)

    def extra(self, amount_minor: int, on: date) -> Saved:
        """`amount_minor` above 0 paid beside the plan on a day, not before today.

        It goes where the plan's rule on overpayments puts it; what comes back by
        that rule saves nothing.
        """
        if amount_minor <= 0 or on < self.today:
            raise ValueError("an extra payment is more than nothing, today or later")
        agreed = self._as_agreed()
        ahead = [row for row in self.rows if row.due_on > on]
        allocated = allocate(
            [Open(ref=row.ref, due_on=row.due_on, amount_minor=row.open_minor) for row in ahead],
            [Paid(payment_id=0, paid_on=on, amount_minor=amount_minor)],
            overpay=self.overpay,
        )
        comes_back = allocated.overpaid_minor if self.overpay is Overpay.REFUND else 0
        taken = allocated.totals()
        rest = [_Pay(row.due_on, row.open_minor - taken.get(row.ref, 0)) for row in ahead]
        pays = [each for each in agreed if each.on <= on]
        pays += [each for each in (_Pay(on, amount_minor - comes_back), *rest) if each.minor > 0]

        until = _end([*agreed, *pays], self.today)
        before, after = self._run(agreed, until), self._run(pays, until)
        cuts = before.accrues or after.accrues
        ends = self._told(agreed, before, cuts=cuts).ends_on
        earlier = self._told(pays, after, cuts=cuts).ends_on
        return Saved(
            interest_minor=before.interest - after.interest,
            days_earlier=(ends - earlier).days if ends and earlier else 0,
            ends_on=earlier,
        )

    def missed(self) -> Cost | None:
        """The next instalment paid together with the one after it; None where none is to come.

        The last one comes as much later as it came after the one before it, or a month.
        """
        place = next((i for i, row in enumerate(self.rows) if row.due_on >= self.today), None)
        if place is None:
            return None
        row = self.rows[place]
        if place + 1 < len(self.rows):
            later = self.rows[place + 1].due_on
        elif place > 0:
            later = row.due_on + (row.due_on - self.rows[place - 1].due_on)
        else:
            later = add_months(row.due_on, 1)
        agreed = self._as_agreed()
        pays = sorted([*agreed[:place], *agreed[place + 1 :], _Pay(later, row.open_minor)])
        until = _end(pays, self.today)
        before, after = self._run(agreed, until), self._run(pays, until)
        return Cost(
            ref=row.ref,
            paid_on=later,
            interest_minor=after.interest - before.interest,
            fees_minor=after.fees - before.fees,
        )

    def _as_agreed(self) -> list[_Pay]:
        return [_Pay(max(row.due_on, self.today), row.open_minor) for row in self.rows]

    def _told(self, pays: Sequence[_Pay], run: _Run, *, cuts: bool) -> Projected:
        """A run as an answer; `cuts`: what is not owed is not paid."""
        total = sum(each.minor for each in pays)
        ends_on = pays[-1].on if pays else None
        clears_on, left, forgiven = None, run.balance, 0
        if run.cleared is not None:
            clears_on = pays[run.cleared].on
            left = sum(each.minor for each in pays[: run.cleared]) + run.used - total
            if cuts:
                total += left
                last = run.cleared if run.used else run.cleared - 1
                ends_on = pays[last].on if last >= 0 else None
        elif self.settles and pays:
            clears_on, left, forgiven = ends_on, 0, left
        return Projected(
            ends_on=ends_on,
            to_pay_minor=total,
            interest_minor=run.interest,
            fees_minor=run.fees,
            left_minor=left,
            clears_on=clears_on,
            forgiven_minor=forgiven,
        )

    def _run(self, pays: Sequence[_Pay], until: date) -> _Run:
        """Replay with these payments, in order of their days.

        All of them are made, owed or not, so that none is overdue; nothing runs on
        what is overpaid.
        """
        if self.opening is None:
            return _Run(0, 0, 0, None, 0)
        last = max((f.payment_id for f in self.facts if isinstance(f, Payment)), default=0)
        more = [
            Payment(payment_id=id_, paid_on=pay.on, amount_minor=pay.minor, after_opening=True)
            for id_, pay in enumerate(pays, last + 1)
        ]
        now = ledger.replay(self.opening, self.facts, until=self.today)
        then = ledger.replay(self.opening, (*self.facts, *more), until=until)
        paid = sum(entry.kind is Kind.PAYMENT for entry in now.entries)
        cleared, used = _clearing(then.entries, paid)
        interest = _sum(then.entries, Kind.INTEREST) - _sum(now.entries, Kind.INTEREST)
        fees = _sum(then.entries, Kind.PENALTY, Kind.LATE_FEE)
        fees -= _sum(now.entries, Kind.PENALTY, Kind.LATE_FEE)
        return _Run(interest, fees, then.balance_minor, cleared, used)


def _clearing(entries: Sequence[Entry], before: int) -> tuple[int | None, int]:
    """The first payment, without the `before` first ones, after which nothing is owed.

    Told are its count among those looked at, and what of it was owed.
    """
    paid = [entry for entry in entries if entry.kind is Kind.PAYMENT]
    for count, entry in enumerate(paid[before:]):
        if entry.balances.total == 0:
            return count, -entry.amounts.total
    return None, 0


def _sum(entries: Iterable[Entry], *kinds: Kind) -> int:
    return sum(entry.amounts.total for entry in entries if entry.kind in kinds)


def _end(pays: Iterable[_Pay], today: date) -> date:
    return max((each.on for each in pays), default=today)
