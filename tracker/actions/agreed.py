"""What a debt's plans mean for its ledger: what is asked by when, granted, and settled."""

from __future__ import annotations

from datetime import date
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from tracker.actions.office import PersonContext
from tracker.actions.terms import settled
from tracker.core import facts
from tracker.core.daycount import Basis
from tracker.core.facts import Fact
from tracker.core.interest import Compounding, Per, Rate
from tracker.store import debts, payments, plans
from tracker.store.debts import DebtRow
from tracker.store.payments import PaymentRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


def agreed(ctx: PersonContext, debt: DebtRow, rows: list[PaymentRow], *, minds: bool) -> list[Fact]:
    """What the plans say: what is asked by when, what is granted, what a settlement ends.

    Without terms or policies (`minds`) nothing depends on what is overdue.
    """
    found: list[Fact] = []
    called_in, missed_on = _called_in(ctx, debt) if minds else (None, None)
    if called_in is not None:
        begins = min(called_in, missed_on or called_in)
        found.append(facts.Asked(from_on=begins, whole_from=called_in, missed_on=missed_on))
    counting = payments.counting(rows)
    for plan in plans.of_debt(ctx.session, debt.id):
        versions = plans.versions(ctx.session, plan.id)
        ends = None
        if plan.ended_at is not None:
            ends = plan.ended_at.astimezone(ZoneInfo(ctx.person.zone)).date()
        begins = versions[0].agreed_on
        found += _granted(versions, ends)
        for terms in versions if minds else []:
            instalments = plans.instalments(ctx.session, terms.id)
            before = _paid_before(rows, begins, terms.agreed_on)
            if terms.number == 1:
                # Paid on the day of the agreement, before it: not towards the plan.
                before -= sum(
                    row.amount_minor
                    for row in counting
                    if row.on_date == begins and row.number <= plan.after_payment
                )
            found.append(_asked(terms, instalments, before))
        if minds and ends is not None and (called_in or plan.ended_as == "broken"):
            found.append(
                facts.Asked(from_on=ends, whole_from=called_in or ends, missed_on=missed_on)
            )
        found += _settlement(ctx, plan, versions[-1], counting)
    return found


def _paid_before(rows: list[PaymentRow], begins: date, day: date) -> int:
    """What had gone to the creditor, and stood, in the days from `begins` until before `day`."""
    came_back = {row.reverses_id: row.on_date for row in rows if row.reverses_id is not None}
    total = 0
    for row in rows:
        stood = row.id not in came_back or came_back[row.id] >= day
        if row.kind in ("payment", "refund") and begins <= row.on_date < day and stood:
            total += row.amount_minor if row.kind == "payment" else -row.amount_minor
    return total


def _called_in(ctx: PersonContext, debt: DebtRow) -> tuple[date | None, date | None]:
    """The day from which everything owed is overdue, and that of the first missed payment.

    The former is the day of the default, else the latter.
    """
    known = debts.dates(ctx.session, debt.id)
    missed_on = known["first_missed"].on_date if "first_missed" in known else None
    defaulted = known["defaulted"].on_date if "defaulted" in known else None
    return defaulted or missed_on, missed_on


def _granted(versions: list[PlanVersionRow], ends: date | None) -> list[Fact]:
    """What the versions grant; those that grant the same one after another are one grant."""
    found: list[Fact] = []
    runs = [list(run) for _, run in groupby(versions, key=_what_runs)]
    for run, following in pairwise([*runs, []]):
        first = run[0]
        if first.interest != "contract":
            found.append(
                facts.Concession(
                    from_on=first.agreed_on,
                    until_on=following[0].agreed_on if following else ends,
                    rate=rate_of(first.rate_ppb, first.rate_per),
                    basis=Basis(first.basis) if first.basis else None,
                    compounding=Compounding.NONE,
                    whole=first.interest == "rate",
                )
            )
    return found


def _what_runs(terms: PlanVersionRow) -> tuple[str, int | None, str | None, str | None]:
    return terms.interest, terms.rate_ppb, terms.rate_per, terms.basis


def _asked(terms: PlanVersionRow, rows: list[InstalmentRow], paid_minor: int) -> facts.Asked:
    return facts.Asked(
        from_on=terms.agreed_on,
        dues=tuple((row.due_on, row.amount_minor - row.waived_minor) for row in rows),
        paid_minor=paid_minor,
    )


def _settlement(
    ctx: PersonContext,
    plan: PlanRow,
    terms: PlanVersionRow,
    counting: list[PaymentRow],
) -> list[Fact]:
    """Once a settlement is paid as agreed, what it left out is forgiven, on that day."""
    if terms.kind != "settlement" or plan.ended_at is not None:
        return []
    rows = plans.instalments(ctx.session, terms.id)
    if not all(settled(row, terms) for row in rows):
        return []
    refs = {row.ref for row in rows}
    towards = {
        part.payment_id
        for part in payments.allocations(ctx.session, plan.debt_id)
        if part.ref in refs
    }
    # Money that came later went to none of them, and moves nothing.
    on = max([terms.agreed_on, *(row.on_date for row in counting if row.id in towards)])
    return [
        facts.Charge(
            charge_id=-plan.id,
            on=on,
            reason=facts.Reason.WAIVER,
            amount_minor=None,
            note="settled",
            after_opening=True,
        )
    ]


def rate_of(ppb: int | None, per: str | None) -> Rate | None:
    return None if ppb is None or per is None else Rate(ppb=ppb, per=Per(per))
