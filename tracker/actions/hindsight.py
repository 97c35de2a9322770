"""What something recorded late changes of the days before: said at once, on its receipt.

Looked at only where a fact is dated before today; the ordinary payment never comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.actions import figures
from tracker.actions.office import PersonContext
from tracker.actions.receipts import Receipt
from tracker.actions.terms import asked_minor, state
from tracker.core.entries import Kind
from tracker.core.plans import State, is_settled
from tracker.language import N_
from tracker.store import payments, plans
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow
from tracker.store.plans import InstalmentRow, PlanVersionRow

PAID_LATE = "paid-late"
_WORDS = {
    State.UPCOMING.value: N_("to come"),
    State.DUE.value: N_("due today"),
    State.PART_PAID.value: N_("paid in part"),
    State.PAID.value: N_("paid"),
    PAID_LATE: N_("paid late"),
    State.LATE.value: N_("late"),
    State.MISSED.value: N_("missed"),
    State.WAIVED.value: N_("waived"),
}
# As nothing but an ordinary payment changes it; the receipt has a line for that anyway.
_BEFORE_ITS_DAY = (State.UPCOMING.value, State.DUE.value, State.PART_PAID.value)
_RUNNING = (Kind.INTEREST, Kind.PENALTY, Kind.LATE_FEE)
MOST_LINES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A debt as it stood before a late fact: states by number, and what had accrued by today.

    `accrued_minor` is None where nothing runs on the debt, or nothing is known of it.
    """

    states: Mapping[int, str]
    accrued_minor: int | None

    def told(self, ctx: PersonContext, debt: DebtRow, receipt: Receipt) -> Receipt:
        """The receipt, with what is no longer as it was before."""
        now = seen(ctx, debt)
        lines = [*self._states(ctx, now, receipt), *self._accrued(ctx, debt, now)]
        return receipt.model_copy(update={"said": [*receipt.said, *lines]})

    def _states(self, ctx: PersonContext, now: Seen, receipt: Receipt) -> list[str]:
        told = {each.seq for each in receipt.covered}
        changed = [
            (seq, before, now.states[seq])
            for seq, before in self.states.items()
            if now.states.get(seq, before) != before
            and not (seq in told and before in _BEFORE_ITS_DAY)
        ]
        said = [
            ctx.language.text(
                "{seq} of {count} was {before} and is now {after}.",
                seq=seq,
                count=len(now.states),
                before=ctx.language.text(_WORDS[before]),
                after=ctx.language.text(_WORDS[after]),
            )
            for seq, before, after in changed[:MOST_LINES]
        ]
        if len(changed) > MOST_LINES:
            said.append(
                ctx.language.plural(
                    "One more instalment stands otherwise than before.",
                    "{n} more instalments stand otherwise than before.",
                    len(changed) - MOST_LINES,
                )
            )
        return said

    def _accrued(self, ctx: PersonContext, debt: DebtRow, now: Seen) -> list[str]:
        if self.accrued_minor is None or now.accrued_minor is None:
            return []
        more = now.accrued_minor - self.accrued_minor
        if not more:
            return []
        return [
            ctx.language.text(
                N_("Interest and fees so far: {amount} more.")
                if more > 0
                else N_("Interest and fees so far: {amount} less."),
                amount=ctx.language.money(abs(more), debt.currency),
            )
        ]


def seen(ctx: PersonContext, debt: DebtRow) -> Seen:
    """The debt as it stands now: its newest plan, and what has accrued up to today."""
    paid = payments.of_debt(ctx.session, debt.id)
    return Seen(states=_states(ctx, debt, paid), accrued_minor=_accrued(ctx, debt, paid))


def _states(ctx: PersonContext, debt: DebtRow, paid: Sequence[PaymentRow]) -> dict[int, str]:
    plan = plans.latest(ctx.session, debt.id)
    if plan is None:
        return {}
    terms = plans.terms(ctx.session, plan)
    rows = plans.instalments(ctx.session, terms.id)
    settled_on = _settled_on(ctx, debt, paid, rows, terms)
    found: dict[int, str] = {}
    for row in rows:
        known = state(row, terms, ctx.today)
        late = known == State.PAID.value and settled_on.get(row.ref, date.min) > row.due_on
        found[row.seq] = PAID_LATE if late else known
    return found


def _settled_on(
    ctx: PersonContext,
    debt: DebtRow,
    paid: Sequence[PaymentRow],
    rows: Sequence[InstalmentRow],
    terms: PlanVersionRow,
) -> dict[str, date]:
    """The day on which each instalment came to count as paid, by ref."""
    days = {row.id: row.on_date for row in paid}
    asked = {row.ref: asked_minor(row) for row in rows}
    parts = [each for each in payments.allocations(ctx.session, debt.id) if each.ref in asked]
    so_far: dict[str, int] = {}
    found: dict[str, date] = {}
    for part in sorted(parts, key=lambda each: (days[each.payment_id], each.payment_id)):
        so_far[part.ref] = so_far.get(part.ref, 0) + part.amount_minor
        if is_settled(asked[part.ref], so_far[part.ref], terms.tolerance_minor):
            found.setdefault(part.ref, days[part.payment_id])
    return found


def _accrued(ctx: PersonContext, debt: DebtRow, paid: list[PaymentRow]) -> int | None:
    """Interest, penalty interest and late fees that the ledger has run up, paid or not."""
    book = figures.gather(ctx, debt, paid)
    if book is None or not book.has_terms:
        return None
    entries = book.on(ctx.today).entries
    return sum(entry.amount_minor for entry in entries if entry.kind in _RUNNING)
