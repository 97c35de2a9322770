"""Agreed plans: made from a list or a rule, shown, revised, withdrawn."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from tracker.actions import booking, conditions, details, finding
from tracker.actions.office import Money, Nothing, PersonContext, Request, Result
from tracker.actions.reach import offset_days
from tracker.actions.terms import asked_minor, count_settled, settled, state
from tracker.core import reading, text
from tracker.core.interest import Per, Rate, rate_text
from tracker.errors import ConflictError, NotFoundError
from tracker.language import N_
from tracker.store import debts, owners, plans, wakes
from tracker.store.conditions import holidays
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


class WhichPlan(Request):
    debt: str
    version: str | None = None


class Withdrawal(Request):
    debt: str
    reason: str
    broken: bool = False


class Instalment(Result):
    seq: int
    ref: str
    due_on: date
    send_by_at: datetime
    amount: Money
    paid: Money
    state: str
    waived: Money | None = None
    interest: Money | None = None


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
    payee_note: str | None
    payee_waiting: details.Waiting | None
    rule: str
    reason: str | None
    offsets: list[str] | None
    send_time: str | None
    tolerance: Money
    state: str
    progress: PlanProgress
    ends_on: date
    instalments: list[Instalment]
    kind: str
    change: str
    agreed_by: str | None
    ended_reason: str | None
    interest: str
    rate: str | None
    overpay: str
    forgiven: Money | None
    review_on: date | None
    paused_until: date | None
    conditions: list[conditions.Condition]


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
    """End the live plan, withdrawn or broken; its instalments ask for nothing more."""
    debt = finding.debt(ctx, request.debt)
    plan = finding.live_plan(ctx, debt)
    terms = plans.terms(ctx.session, plan)
    rows = plans.instalments(ctx.session, terms.id)
    if all(settled(row, terms) for row in rows):
        raise ConflictError(
            "The plan on {debt} is kept to the end already; there is nothing to withdraw.",
            field="debt",
            hint=N_("What is still owed can be agreed with `tracker plan agree {debt} --revise`."),
            debt=debt.handle,
        )
    plan.ended_at = ctx.now
    plan.ended_as = "broken" if request.broken else "withdrawn"
    plan.ended_reason = text.line(request.reason, field="reason", longest=500)
    insert(ctx.session, plan)
    for row in rows:
        if not settled(row, terms):
            booking.withdraw_messages(ctx, row.ref, booking.WITHDRAWN)
            row.sequence += 1
            row.changed_at = ctx.now
            insert(ctx.session, row)
    wakes.set_wake(ctx.session, "plan", plan.id, ctx.person.id, None)
    conditions.silence(ctx, plan)
    said = ctx.language.text(
        N_("The plan on {debt} is recorded as broken.")
        if request.broken
        else N_("The plan on {debt} is withdrawn."),
        debt=debt.handle,
    )
    return shown(ctx, debt, plan).model_copy(update={"said": [said]})


def plan_state(
    ctx: PersonContext, plan: PlanRow, terms: PlanVersionRow, rows: list[InstalmentRow]
) -> str:
    """Where the plan as a whole stands today; derived, but for how it was ended."""
    if terms.number != plan.version:
        return "replaced"
    if plan.ended_at is not None:
        return plan.ended_as or "withdrawn"
    if all(settled(row, terms) for row in rows):
        return "settled" if terms.kind == "settlement" else "completed"
    if paused_until(ctx, plan) is not None:
        return "paused"
    return "live"


def paused_until(ctx: PersonContext, plan: PlanRow) -> date | None:
    """The day before which a payment holiday of today runs, or None."""
    for each in holidays(ctx.session, plan.id):
        until = each.resumed_on or each.until_on
        if each.from_on <= ctx.today < until:
            return until
    return None


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
    total = sum(asked_minor(row) for row in rows)

    def amount(minor: int) -> Money:
        return Money.of(minor, debt.currency)

    # What was agreed before, or has ended, stays as it was.
    newest = terms.number == plan.version
    in_force = newest and plan.ended_at is None
    day = _last_day(ctx, plan, versions, terms)
    sales = owners.assignments(ctx.session, debt.id)
    pay_to = details.told(ctx, debt, plan, terms, sales) if in_force else details.of_terms(terms)
    return Plan(
        debt=debt.handle,
        word=debt.word,
        creditor_name=debts.creditor(ctx.session, debt.creditor_id).name,
        version=terms.number,
        versions=len(versions),
        agreed_on=terms.agreed_on,
        total=amount(total),
        paid_by=terms.paid_by,
        payee=pay_to.payee,
        quote=pay_to.quote,
        account=pay_to.account,
        payee_note=details.note(ctx, debt, plan, terms, sales) if in_force else None,
        payee_waiting=details.waiting(ctx, debt) if in_force else None,
        rule=terms.rule,
        reason=terms.reason,
        offsets=[f"{days}d" for days in offset_days(terms.offsets)] if terms.offsets else None,
        send_time=terms.send_time,
        tolerance=amount(terms.tolerance_minor),
        state=plan_state(ctx, plan, terms, rows),
        progress=PlanProgress(
            paid=amount(paid),
            open=amount(total - paid),
            done=count_settled(rows, terms.tolerance_minor),
            count=len(rows),
        ),
        ends_on=max((row.due_on for row in rows if asked_minor(row)), default=rows[-1].due_on),
        instalments=[
            Instalment(
                seq=row.seq,
                ref=row.ref,
                due_on=row.due_on,
                send_by_at=row.send_by_at,
                amount=amount(row.amount_minor),
                paid=amount(row.paid_minor),
                state=state(row, terms, day),
                waived=amount(row.waived_minor) if row.waived_minor else None,
                interest=amount(row.interest_minor) if row.interest_minor else None,
            )
            for row in rows
        ],
        kind=terms.kind,
        change=terms.change,
        agreed_by=terms.agreed_by,
        ended_reason=plan.ended_reason if newest else None,
        interest=terms.interest,
        rate=rate_of(terms),
        overpay=terms.overpay,
        forgiven=None if terms.forgiven_minor is None else amount(terms.forgiven_minor),
        review_on=terms.review_on,
        paused_until=paused_until(ctx, plan) if in_force else None,
        conditions=conditions.of_plan(ctx, plan, debt.currency, terms, rows) if newest else [],
    )


def _last_day(
    ctx: PersonContext,
    plan: PlanRow,
    versions: list[PlanVersionRow],
    terms: PlanVersionRow,
) -> date:
    """Today, or the day on which these terms were replaced or the plan ended."""
    following = next((each for each in versions if each.number == terms.number + 1), None)
    until = following.recorded_at if following else plan.ended_at
    return (
        min(ctx.today, until.astimezone(ZoneInfo(ctx.person.zone)).date()) if until else ctx.today
    )


def rate_of(terms: PlanVersionRow) -> str | None:
    """The plan's own rate with its day count, as it can be typed again."""
    if terms.rate_ppb is None or terms.rate_per is None:
        return None
    rate = rate_text(Rate(ppb=terms.rate_ppb, per=Per(terms.rate_per)))
    return f"{rate} ({terms.basis})"


def next_line(ctx: PersonContext, plan: Plan) -> list[str]:
    """When the next instalment is due, if one is still to come."""
    lang = ctx.language
    coming = [each for each in plan.instalments if each.state in ("upcoming", "due")]
    if not coming:
        return []
    send_by = coming[0].send_by_at.astimezone(ZoneInfo(ctx.person.zone))
    return [
        lang.text(
            "The next is due on {due}; send it by {send_by}.",
            due=lang.date(coming[0].due_on),
            send_by=f"{lang.day(send_by.date())} {send_by:%H:%M}",
        )
    ]
