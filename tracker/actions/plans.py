"""Agreed plans: made from a list or a rule, shown, revised, withdrawn."""

from __future__ import annotations

from datetime import date, datetime

from tracker.actions import booking, finding
from tracker.actions.office import Money, Nothing, PersonContext, Request, Result
from tracker.actions.reach import offset_days
from tracker.actions.terms import count_settled, settled
from tracker.core import plans as lines
from tracker.core import reading, text
from tracker.errors import ConflictError, NotFoundError
from tracker.language import N_
from tracker.store import debts, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


class WhichPlan(Request):
    debt: str
    version: str | None = None


class Withdrawal(Request):
    debt: str
    reason: str


class Instalment(Result):
    seq: int
    ref: str
    due_on: date
    send_by_at: datetime
    amount: Money
    paid: Money
    state: str


class PlanProgress(Result):
    paid: Money
    open: Money
    done: int
    count: int


class Plan(Result):
    debt: str
    word: str
    creditor_name: str
    version: int
    versions: int
    agreed_on: date
    total: Money
    paid_by: str
    payee: str | None
    quote: str | None
    account: str | None
    rule: str
    reason: str | None
    offsets: list[str] | None
    send_time: str | None
    tolerance: Money
    state: str
    progress: PlanProgress
    ends_on: date
    instalments: list[Instalment]


class Plans(Result):
    plans: list[Plan]


def show(ctx: PersonContext, request: WhichPlan) -> Plan:
    debt = finding.debt(ctx, request.debt)
    plan = plans.latest(ctx.session, debt.id)
    if plan is None:
        raise NotFoundError(
            "{debt} has no plan yet.",
            field="debt",
            hint=N_("Record what was agreed with `tracker plan agree {debt}`."),
            debt=debt.handle,
        )
    number = None
    if request.version:
        number = reading.parse_count(request.version, field="version")
    return shown(ctx, debt, plan, number)


def list_plans(ctx: PersonContext, request: Nothing) -> Plans:
    found = []
    for debt in debts.debts(ctx.session, ctx.person.id):
        plan = plans.latest(ctx.session, debt.id)
        if plan is not None:
            found.append(shown(ctx, debt, plan))
    return Plans(plans=found)


def withdraw(ctx: PersonContext, request: Withdrawal) -> Plan:
    """End the live plan; its instalments stay readable and ask for nothing more."""
    debt = finding.debt(ctx, request.debt)
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        raise ConflictError(
            "{debt} has no live plan.",
            field="debt",
            hint=N_("`tracker plan list` shows which debts have one."),
            debt=debt.handle,
        )
    plan.ended_at = ctx.now
    plan.ended_reason = text.line(request.reason, field="reason", longest=500)
    insert(ctx.session, plan)
    terms = plans.terms(ctx.session, plan)
    for row in plans.instalments(ctx.session, terms.id):
        if not settled(row, terms):
            booking.withdraw_messages(ctx, row.ref, booking.WITHDRAWN)
            row.sequence += 1
            row.changed_at = ctx.now
            insert(ctx.session, row)
    wakes.set_wake(ctx.session, "plan", plan.id, ctx.person.id, None)
    said = ctx.language.text("The plan on {debt} is withdrawn.", debt=debt.handle)
    return shown(ctx, debt, plan).model_copy(update={"said": [said]})


def shown(ctx: PersonContext, debt: DebtRow, plan: PlanRow, number: int | None = None) -> Plan:
    versions = plans.versions(ctx.session, plan.id)
    terms = next((each for each in versions if each.number == (number or plan.version)), None)
    if terms is None:
        raise NotFoundError(
            "The plan on {debt} has no version {number}; the newest is {newest}.",
            field="version",
            debt=debt.handle,
            number=number,
            newest=plan.version,
        )
    rows = plans.instalments(ctx.session, terms.id)
    paid = sum(row.paid_minor for row in rows)
    total = sum(row.amount_minor for row in rows)

    def amount(minor: int) -> Money:
        return Money.of(minor, debt.currency)

    return Plan(
        debt=debt.handle,
        word=debt.word,
        creditor_name=debts.creditor(ctx.session, debt.creditor_id).name,
        version=terms.number,
        versions=len(versions),
        agreed_on=terms.agreed_on,
        total=amount(total),
        paid_by=terms.paid_by,
        payee=terms.payee,
        quote=terms.quote,
        account=terms.account_last4,
        rule=terms.rule,
        reason=terms.reason,
        offsets=[f"{days}d" for days in offset_days(terms.offsets)] if terms.offsets else None,
        send_time=terms.send_time,
        tolerance=amount(terms.tolerance_minor),
        state="live" if plan.ended_at is None else "ended",
        progress=PlanProgress(
            paid=amount(paid),
            open=amount(total - paid),
            done=count_settled(rows, terms.tolerance_minor),
            count=len(rows),
        ),
        ends_on=rows[-1].due_on,
        instalments=[
            Instalment(
                seq=row.seq,
                ref=row.ref,
                due_on=row.due_on,
                send_by_at=row.send_by_at,
                amount=amount(row.amount_minor),
                paid=amount(row.paid_minor),
                state=state(row, terms, ctx.today),
            )
            for row in rows
        ],
    )


def state(row: InstalmentRow, terms: PlanVersionRow, today: date) -> str:
    return lines.state(
        due_on=row.due_on,
        amount_minor=row.amount_minor,
        paid_minor=row.paid_minor,
        today=today,
        tolerance_minor=terms.tolerance_minor,
    ).value
