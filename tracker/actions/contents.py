"""What a progress report says, filled from the recorded facts: the allow-list of one creditor."""

from __future__ import annotations

from datetime import date

from tracker.actions import booking, figures
from tracker.actions.office import PersonContext
from tracker.core import ledger, progress
from tracker.core.plans import PlanRow, State
from tracker.core.progress import Line, Outcome
from tracker.documents.content import (
    REQUESTS,
    ReportContent,
    ReportPayment,
    ReportRow,
    ReportStatement,
)
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import debts, payments, plans
from tracker.store import reports as stored
from tracker.store.debts import DebtRow


def content(
    ctx: PersonContext, debt: DebtRow, period: tuple[date, date], locale: str
) -> ReportContent:
    """Everything the creditor is shown, and nothing else: the allow-list is filled here."""
    plan = plans.latest(ctx.session, debt.id)
    if plan is None:
        raise ConflictError(
            "{debt} has no agreed plan to report on.",
            field="debt",
            hint=N_("Record it with `tracker plan agree {debt}`."),
            debt=debt.handle,
        )
    if period[0] > ctx.today:
        raise InputError(
            "period begins on {start}, which is still to come.",
            field="period",
            hint=N_("A report tells what was; choose a period that has begun."),
            start=period[0].isoformat(),
        )
    terms = plans.terms(ctx.session, plan)
    first = plans.version(ctx.session, plan.id, 1)
    assert first is not None
    rows = plans.instalments(ctx.session, terms.id)
    paid = booking.for_plan(ctx, plan, payments.of_debt(ctx.session, debt.id))

    def tell(span: tuple[date, date]) -> progress.Progress:
        return progress.progress(
            [
                PlanRow(seq=r.seq, ref=r.ref, due_on=r.due_on, amount_minor=r.amount_minor)
                for r in rows
            ],
            booking.as_paid(paid),
            period=span,
            today=ctx.today,
            tolerance_minor=terms.tolerance_minor,
        )

    told = tell(period)
    whole = tell((date.min, date.max))
    entries = figures.entries(ctx, debt)
    balance = ledger.balance(entries, ctx.today)
    statement = _statement(ctx, debt, entries)
    requests = [REQUESTS["confirm-balance"], REQUESTS["freeze-interest"]]
    if statement and statement.own_minor not in (None, statement.total_minor):
        requests.append(REQUESTS["name-difference"])
    return ReportContent(
        number=stored.next_number(ctx.session, debt.id),
        made_on=ctx.today,
        period_start=period[0],
        period_end=period[1],
        person_name=ctx.person.name,
        creditor_name=debts.creditor(ctx.session, debt.creditor_id).name,
        reference=debt.reference or terms.quote or "–",
        agreed_on=first.agreed_on,
        count=len(rows),
        rows=tuple(_row(line) for line in whole.lines),
        payments=tuple(
            ReportPayment(
                paid_on=row.on_date,
                amount_minor=row.amount_minor,
                method=row.method,
                reference=row.reference or "",
            )
            for row in paid
            if period[0] <= row.on_date < period[1]
        ),
        kept=told.kept,
        late=told.late,
        missed=told.overdue + told.missed,
        paid_in_period_minor=told.paid_minor,
        due_in_period_minor=told.due_minor,
        paid_total_minor=told.total_paid_minor,
        balance_minor=told.balance_minor if balance is None else balance,
        statement=statement,
        next_due=_next(whole),
        requests=tuple(requests),
        currency=debt.currency,
        locale=locale,
        contact=ctx.person.email,
    )


def _row(line: Line) -> ReportRow:
    state = {
        Outcome.KEPT: State.PAID,
        Outcome.LATE: State.LATE,
        Outcome.OVERDUE: State.LATE,
        Outcome.MISSED: State.MISSED,
        Outcome.WAIVED: State.WAIVED,
        Outcome.TO_COME: State.PART_PAID if line.paid_minor else State.UPCOMING,
    }[line.outcome]
    return ReportRow(
        seq=line.row.seq,
        due_on=line.row.due_on,
        amount_minor=line.row.amount_minor,
        paid_minor=line.paid_minor,
        paid_on=line.last_paid_on,
        state=state.value,
    )


def _next(whole: progress.Progress) -> tuple[date, int] | None:
    """When the next payment is due, and what of it is still open."""
    if whole.next_row is None:
        return None
    gap = next(line.gap_minor for line in whole.lines if line.row.ref == whole.next_row.ref)
    return whole.next_row.due_on, gap


def _statement(
    ctx: PersonContext, debt: DebtRow, entries: list[ledger.Entry]
) -> ReportStatement | None:
    rows = debts.statements(ctx.session, debt.id)
    if not rows:
        return None
    return ReportStatement(
        on=rows[-1].on_date,
        total_minor=rows[-1].total_minor,
        own_minor=ledger.balance(entries, rows[-1].on_date) if len(rows) > 1 else None,
    )
