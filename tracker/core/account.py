"""The account behind a ledger while it is replayed: what is owed, and what runs on it.

It is told the facts in the order of their dates by core/ledger.py, and nothing
else; between two of them it adds what the terms say.
"""

from __future__ import annotations

from datetime import date, timedelta

from tracker.core.accruing import Accruing
from tracker.core.arrears import Arrears
from tracker.core.components import NOTHING, Amounts
from tracker.core.entries import Accrual, Entry, Kind, Replayed
from tracker.core.facts import (
    Asked,
    Charge,
    Concession,
    Payment,
    Reason,
    Refund,
    Reversal,
    Statement,
)
from tracker.core.interest import Terms
from tracker.core.latefees import LateFees
from tracker.core.overpaid import Overpaid
from tracker.core.policy import Order, Policy, divide, divide_as_stated
from tracker.core.running import Running

_KINDS = {
    Reason.CHARGE: Kind.CHARGE,
    Reason.WAIVER: Kind.WAIVER,
    Reason.ADJUSTMENT: Kind.ADJUSTMENT,
}
_ONE_DAY = timedelta(days=1)


class Account:
    """`owed` are the five components, `overpaid` the money beyond them; none is below 0."""

    def __init__(self, opening: Statement) -> None:
        self.entries: list[Entry] = []
        self.today = opening.stated_on
        # A creditor may state a balance in the person's favour.
        stated = opening.amounts()
        self.owed = NOTHING
        self.overpaid = Overpaid(sum(max(-minor, 0) for minor in stated))
        self.policy: Policy | None = None
        self.running = Running()
        self.arrears = Arrears()
        self._accruing = Accruing(self.today, self.running, self.arrears)
        self._late_fees = LateFees(self.today, self.running, self.arrears)
        self._compounds_on: date | None = None
        # Of each payment: what it covered, what it overpaid, the capital in it.
        self._covered: dict[int, tuple[Amounts, int, int]] = {}
        self._write(Kind.OPENING, Amounts._make(max(each, 0) for each in stated), opening.note)
        self._use_credit()

    # What the terms do from day to day.

    def advance(self, on: date, *, settled: bool) -> None:
        """Go on to a day: compound, and charge monthly late fees, up to it.

        The fee of the day itself waits until what is overdue on it is `settled`.
        """
        while True:
            compounds, fee = self._compounds_on, self._late_fees.on
            if fee == on and not settled:
                fee = None
            if compounds is not None and compounds <= on and (fee is None or compounds <= fee):
                self.today = compounds
                self._post()
                self._accruing.capital = self.owed.interest
                self._compounds_on = self.running.next_compounding(compounds)
            elif fee is not None and fee <= on:
                self.today = fee
                if self._late_fees.monthly:
                    self._post()
                self._charge_late_fee(self._late_fees.month(fee, self.owed))
            else:
                self.today = on
                return

    def closed(self, on: date) -> Replayed:
        self._post()
        return Replayed(
            on=on,
            entries=tuple(self.entries),
            balances=self.owed,
            overpaid_minor=self.overpaid.minor,
            overdue_minor=self.arrears.due(on, self.owed),
            days_overdue=self.arrears.days(on, self.owed),
        )

    # Settings: each closes the stretch before it.

    def take_terms(self, terms: Terms) -> None:
        self._post()
        self.running.take(terms)
        self._settle()

    def take_policy(self, policy: Policy) -> None:
        self.policy = policy

    def grant(self, concession: Concession) -> None:
        self._post()
        self.running.grant(concession)
        self._settle()

    def end_grant(self, concession: Concession) -> None:
        self._post()
        self.running.end(concession)
        self._settle()

    def _settle(self) -> None:
        # Opened on a compounding day: the interest of the statement bears interest at once.
        opens = self.today == self.entries[0].on
        after = self.today - _ONE_DAY if opens else self.today
        self._compounds_on = self.running.next_compounding(after)
        # A fee of this very day is charged by what holds from it on.
        self._late_fees.go_on(self.today - _ONE_DAY, self.owed)

    # What is asked for, and what of it is overdue.

    def ask(self, asked: Asked) -> None:
        self._touch()
        self.arrears.ask(asked)

    def was_overdue(self, minor: int | None, since: date) -> None:
        """Due before this was asked in its present form: overdue, but no new late fee.

        None is all that is owed, here and in `becomes_overdue`.
        """
        self._touch()
        self._count_overdue(minor, since)
        self._late_fees.go_on(self.today, self.owed)

    def becomes_overdue(self, minor: int | None) -> None:
        """The grace of a due date is over: penalty interest runs, and a late fee may be due."""
        self._touch(for_a_fee=self.arrears.misses(minor))
        new = self._count_overdue(minor, self.today)
        if new > 0:
            self._charge_late_fee(self._late_fees.at_once(new, self.today, self.owed))

    def _count_overdue(self, minor: int | None, since: date) -> int:
        """By how much it makes more overdue; monthly late fees run from where nothing was."""
        before = self.arrears.past_grace(self.owed)
        self.arrears.count(minor)
        now = self.arrears.past_grace(self.owed)
        if now and not before:
            self._late_fees.begin(since)
        return now - before

    def _charge_late_fee(self, overdue_minor: int) -> None:
        fee = self.running.late_fee
        minor = fee.on(overdue_minor) if fee is not None else 0
        if minor:
            self._write(Kind.LATE_FEE, Amounts(fees=minor), "", overdue_minor)
            self._use_credit()

    # Money.

    def charge(self, fact: Charge) -> None:
        self._post()
        kind, amount, owed = _KINDS[fact.reason], fact.amount_minor, self.owed
        if amount is not None and amount > 0:
            assert fact.component is not None
            self._write(kind, Amounts.one(fact.component, amount), fact.note)
        else:
            off = owed.total if amount is None else -amount
            if fact.component is None:
                taken, rest = divide(off, owed, self._order())
            else:
                part = min(off, owed.of(fact.component))
                taken, rest = Amounts.one(fact.component, part), off - part
            self._accruing.uncapital(taken)
            if fact.reason is Reason.ADJUSTMENT:
                # Too much had been asked for what is paid already.
                self.overpaid.minor += rest
            self._write(kind, taken.negative(), fact.note, sum_minor=-off)
        self._use_credit()

    def pay(self, fact: Payment) -> None:
        self._post()
        minor, stated, order = fact.amount_minor, fact.stated, self._order()
        if order is Order.AS_STATED and stated is not None:
            taken, rest = divide_as_stated(minor, self.owed, stated)
        else:
            taken, rest = divide(minor, self.owed, order)
        capital = self._accruing.uncapital(taken)
        self.overpaid.minor += rest
        self.arrears.pay(minor)
        self._covered[fact.payment_id] = (taken, rest, capital)
        self._write(Kind.PAYMENT, taken.negative(), fact.note, stated, -minor)

    def give_back(self, fact: Payment, reversal: Reversal) -> None:
        """The money came back on this day: what it covered is owed again, in the same parts."""
        self._post()
        # What a payment from before the opening had covered is not known.
        unknown = (Amounts(principal=fact.amount_minor), 0, 0)
        taken, rest, capital = self._covered.pop(fact.payment_id, unknown)
        self.arrears.take_back(fact.paid_on, fact.amount_minor)
        covered, more = self.overpaid.uncover(self.overpaid.take_out(rest), self._order())
        self._accruing.capital += capital + more
        back = taken.plus(covered)
        self._write(Kind.REVERSAL, back, reversal.note, sum_minor=fact.amount_minor)
        self._use_credit()
        self._late_fees.go_on(self.today, self.owed)

    def void(self, fact: Payment, reversal: Reversal) -> None:
        """A payment that never was: two lines for the trail, which move nothing."""
        self._write(Kind.VOID, NOTHING, fact.note, sum_minor=-fact.amount_minor)
        self._write(Kind.VOID, NOTHING, reversal.note, sum_minor=fact.amount_minor)

    def refund(self, fact: Refund) -> None:
        """Out of what was overpaid; anything beyond it is owed again, as principal."""
        self._post()
        short = self.overpaid.take_out(fact.amount_minor)
        self.arrears.pay(-fact.amount_minor)
        self._write(Kind.REFUND, Amounts(principal=short), fact.note, sum_minor=fact.amount_minor)
        self._late_fees.go_on(self.today, self.owed)

    # The work behind it.

    def _write(
        self,
        kind: Kind,
        change: Amounts,
        note: str = "",
        detail: Accrual | Amounts | int | None = None,
        sum_minor: int = 0,
    ) -> None:
        """The one place where what is owed changes: with its line."""
        self.owed = owed = self.owed.plus(change)
        self.entries.append(
            Entry(self.today, kind, change, owed, self.overpaid.minor, note, detail, sum_minor)
        )

    def _use_credit(self) -> None:
        """Money overpaid covers what comes to be owed after it."""
        if self.overpaid.minor and any(self.owed):
            taken = self.overpaid.cover(self.owed, self._order())
            self.overpaid.remember(taken, self._accruing.uncapital(taken))
            self._write(Kind.CREDIT, taken.negative())

    def _order(self) -> Order:
        policy = self.policy
        if policy is None:
            return Order.COSTS_FIRST
        if policy.switch_days is None:
            return policy.order
        return policy.at(self.arrears.days(self.today, self.owed))

    def _touch(self, *, for_a_fee: bool = False) -> None:
        """Close a stretch because what interest runs on may be about to change.

        Only penalty interest minds what is overdue, and a late fee that is charged.
        Where each posting drops its fraction, this is none: the lender's posting
        days are those of the facts.
        """
        running = self.running
        fee = for_a_fee and running.late_fee is not None
        if fee or (running.penalty is not None and running.carries):
            self._post()
        elif running.penalty is not None:
            self._accruing.cut(self.today, self.owed)

    def _post(self) -> None:
        """Post what has accrued since the last posting, each kind as one line."""
        postings = self._accruing.post(self.today, self.owed)
        for kind, change, accrual in postings:
            self._write(kind, change, "", accrual)
        if postings:
            self._use_credit()
