"""What the tracker's own ledger says of a debt on a day: replayed from the recorded facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.actions.agreed import agreed, rate_of
from tracker.actions.office import PersonContext
from tracker.core import facts, ledger
from tracker.core.components import Amounts, Component
from tracker.core.daycount import Basis
from tracker.core.entries import Replayed
from tracker.core.facts import Fact
from tracker.core.interest import (
    Compounding,
    LateFee,
    Penalty,
    Reach,
    Rounding,
    Terms,
    Times,
)
from tracker.core.policy import Order, Policy
from tracker.store import debts, payments
from tracker.store import terms as stored
from tracker.store.debts import DebtRow, StatementRow
from tracker.store.payments import PaymentRow
from tracker.store.terms import ChargeRow, DebtPolicyRow, DebtTermsRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a debt's ledger is replayed from; `opening` is the first statement."""

    opening: facts.Statement
    later: tuple[Fact, ...]
    has_terms: bool

    def terms_on(self, day: date) -> Terms | None:
        """The contract's terms in force on a day; a plan's own are not looked at."""
        known = [fact for fact in self.later if isinstance(fact, Terms) and fact.from_on <= day]
        return max(known, key=lambda each: each.from_on, default=None)

    def on(self, day: date) -> Replayed:
        return ledger.replay(self.opening, self.later, until=day)

    def with_(self, more: Sequence[Fact]) -> Facts:
        return Facts(opening=self.opening, later=(*self.later, *more), has_terms=self.has_terms)


def gather(
    ctx: PersonContext,
    debt: DebtRow,
    rows: list[PaymentRow] | None = None,
    *,
    whole: bool = False,
) -> Facts | None:
    """None while no statement opens the ledger. `rows` are the debt's payments, if at hand.

    What is overdue, and how the creditor splits payments, is looked at where a balance
    depends on it, and with `whole`.
    """
    stated = debts.statements(ctx.session, debt.id)
    if not stated:
        return None
    if rows is None:
        rows = payments.of_debt(ctx.session, debt.id)
    there = stored.recorded(ctx.session, debt.id)
    # The creditor's own splits matter where an order of payment does.
    found = _payments(ctx, debt, rows, stated[0], splits=there.policies or whole)
    terms = stored.terms(ctx.session, debt.id) if there.terms else []
    policies = stored.policies(ctx.session, debt.id) if there.policies else []
    charges = stored.charges(ctx.session, debt.id) if there.charges else []
    found += [as_terms(row) for row in terms]
    found += [as_policy(row) for row in policies]
    found += [as_charge(row, stated[0]) for row in charges]
    minds = whole or there.terms or there.policies
    plans_say = agreed(ctx, debt, rows, minds=minds) if minds or there.agreed else []
    found += plans_say
    runs = there.terms or any(isinstance(fact, facts.Concession) for fact in plans_say)
    return Facts(opening=as_statement(stated[0]), later=tuple(found), has_terms=runs)


def balance_minor(
    ctx: PersonContext, debt: DebtRow, rows: list[PaymentRow] | None = None
) -> int | None:
    """The balance today, or None while no statement says where it began."""
    return balance_on(gather(ctx, debt, rows), ctx.today)


def balance_on(found: Facts | None, day: date) -> int | None:
    """None where there is no ledger, or on days before it opens, of which nothing is known."""
    if found is None or day < found.opening.stated_on:
        return None
    return found.on(day).balance_minor


def as_statement(row: StatementRow) -> facts.Statement:
    return facts.Statement(
        stated_on=row.on_date,
        total_minor=row.total_minor,
        principal_minor=row.principal_minor,
        interest_minor=row.interest_minor,
        penalties_minor=row.penalties_minor,
        fees_minor=row.fees_minor,
        costs_minor=row.costs_minor,
        note=row.note or "",
    )


def as_terms(row: DebtTermsRow) -> Terms:
    penalty = late_fee = None
    if row.penalty_ppb is not None or row.penalty_above_ppb is not None:
        penalty = Penalty(
            rate=rate_of(row.penalty_ppb, row.penalty_per),
            above_ppb=row.penalty_above_ppb,
            reach=Reach(row.penalty_reach),
            instead=row.penalty_instead,
        )
    if row.late_fee_minor is not None or row.late_fee_ppb is not None:
        late_fee = LateFee(
            flat_minor=row.late_fee_minor,
            share_ppb=row.late_fee_ppb,
            least_minor=row.late_fee_least_minor,
            most_minor=row.late_fee_most_minor,
            times=Times(row.late_fee_times),
        )
    beside = (Component(each) for each in row.bears.split(",") if each)
    return Terms(
        from_on=row.from_on,
        rate=rate_of(row.rate_ppb, row.rate_per),
        basis=Basis(row.basis),
        compounding=Compounding(row.compounding),
        compounds_on=row.compounds_on,
        grace_days=row.grace_days,
        penalty=penalty,
        late_fee=late_fee,
        bears=frozenset({Component.PRINCIPAL, *beside}),
        rounding=Rounding(row.rounding),
    )


def as_policy(row: DebtPolicyRow) -> Policy:
    return Policy(
        from_on=row.from_on,
        order=Order(row.ordering),
        switch_days=row.switch_days,
        then=Order(row.then_ordering) if row.then_ordering else None,
    )


def as_charge(row: ChargeRow, opening: StatementRow) -> facts.Charge:
    return facts.Charge(
        charge_id=row.id,
        on=row.on_date,
        reason=facts.Reason(row.reason),
        amount_minor=row.amount_minor,
        component=Component(row.component) if row.component else None,
        note=row.note or "",
        after_opening=row.recorded_at >= opening.recorded_at,
    )


def _payments(
    ctx: PersonContext,
    debt: DebtRow,
    rows: list[PaymentRow],
    opening: StatementRow,
    *,
    splits: bool,
) -> list[Fact]:
    stated: dict[int, Amounts] = {}
    for split in payments.splits(ctx.session, debt.id) if splits else []:
        part = Amounts.one(Component(split.component), split.amount_minor)
        stated[split.payment_id] = stated.get(split.payment_id, Amounts()).plus(part)
    paid = {row.id: row for row in rows if row.kind == "payment"}
    found: list[Fact] = [
        facts.Payment(
            payment_id=row.id,
            paid_on=row.on_date,
            amount_minor=row.amount_minor,
            note=f"#{row.number}",
            after_opening=row.recorded_at >= opening.recorded_at,
            stated=stated.get(row.id),
        )
        for row in paid.values()
    ]
    for row in rows:
        if row.reverses_id in paid:
            assert row.reverses_id is not None
            found.append(
                facts.Reversal(
                    payment_id=row.reverses_id, reversed_on=row.on_date, note=f"#{row.number}"
                )
            )
        elif row.kind == "refund" and not any(other.reverses_id == row.id for other in rows):
            found.append(
                facts.Refund(
                    refund_id=row.id,
                    on=row.on_date,
                    amount_minor=row.amount_minor,
                    note=f"#{row.number}",
                )
            )
    return found
