"""What a progress report says, filled from the recorded facts: the allow-list of one creditor."""

from __future__ import annotations

from datetime import date

from tracker.actions import booking, details, figures
from tracker.actions.office import PersonContext
from tracker.actions.terms import asked_minor
from tracker.core import progress
from tracker.core.allocation import Overpay
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
from tracker.store import debts, owners, payments, plans
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
    of_debt = payments.of_debt(ctx.session, debt.id)
    counted = booking.paid_for(ctx, plan, of_debt)
    kept_minor = {each.payment_id: each.amount_minor for each in counted}

    def tell(span: tuple[date, date]) -> progress.Progress:
        return progress.progress(
            [
                PlanRow(seq=r.seq, ref=r.ref, due_on=r.due_on, amount_minor=asked_minor(r))
                for r in rows
            ],
            counted,
            period=span,
            today=ctx.today,
            tolerance_minor=terms.tolerance_minor,
            waived=frozenset(row.ref for row in rows if not asked_minor(row)),
            overpay=Overpay(terms.overpay),
        )

    told = tell(period)
    whole = tell((date.min, date.max))
    book = figures.gather(ctx, debt)
    balance = figures.balance_on(book, ctx.today)
    statement = _statement(ctx, debt, book)
    requests = [REQUESTS["confirm-balance"], REQUESTS["freeze-interest"]]
    if statement and statement.own_minor not in (None, statement.total_minor):
        requests.append(REQUESTS["name-difference"])
    sales = owners.assignments(ctx.session, debt.id)
    # The reference that an earlier owner wanted quoted is none of the present one's.
    quote = details.own(ctx, debt, plan, terms, sales).quote
    return ReportContent(
        number=stored.next_number(ctx.session, debt.id),
        made_on=ctx.today,
        period_start=period[0],
        period_end=period[1],
        person_name=ctx.person.name,
        creditor_name=debts.creditor(ctx.session, debt.creditor_id).name,
        reference=debt.reference or quote or "–",
        agreed_on=first.agreed_on,
        count=len(rows),
        rows=tuple(_row(line) for line in whole.lines),
        payments=tuple(
            ReportPayment(
                paid_on=row.on_date,
                amount_minor=kept_minor[row.id],
                method=row.method,
                reference=row.reference or "",
            )
            for row in booking.for_plan(ctx, plan, of_debt)
            if row.id in kept_minor and period[0] <= row.on_date < period[1]
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
    ctx: PersonContext, debt: DebtRow, book: figures.Facts | None
) -> ReportStatement | None:
    rows = debts.statements(ctx.session, debt.id)
    if not rows:
        return None
    return ReportStatement(
        on=rows[-1].on_date,
        total_minor=rows[-1].total_minor,
        own_minor=figures.balance_on(book, rows[-1].on_date) if len(rows) > 1 else None,
    )
