"""Agreeing a plan: its terms, its instalments with their lineage, and the sentence about both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tracker.actions import (
    booking,
    details,
    finding,
    gate,
    incomes,
    payees,
    schedules,
    versions,
)
from tracker.actions.changes import agreed_by_text
from tracker.actions.office import PersonContext
from tracker.actions.plans import Plan, next_line, shown
from tracker.actions.reach import offsets_text, send_time_within
from tracker.actions.terms import hours_of
from tracker.core import money, reading, text
from tracker.core.allocation import Overpay
from tracker.core.revision import Changed, revised
from tracker.core.schedule import Row
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import payments, plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


class NewPlan(schedules.NewSchedule):
    debt: str
    agreed_on: str | None = None
    paid_by: str | None = None
    payee: str | None = None
    quote: str | None = None
    account: str | None = None
    offsets: list[str] | None = None
    send_time: str | None = None
    tolerance: str | None = None
    overpay: str | None = None
    agreed_by: str | None = None
    revise: str | None = None
    accept: bool = False


def agree(ctx: PersonContext, request: NewPlan) -> Plan:
    """Record agreed terms; with `revise`, the next version of the live plan."""
    debt = finding.debt(ctx, request.debt)
    live = plans.live(ctx.session, debt.id)
    if live is not None and not request.revise:
        raise ConflictError(
            "{debt} has a plan already (version {version}).",
            field="debt",
            hint=N_("Show it with `tracker plan show {debt}`; change it with --revise REASON."),
            debt=debt.handle,
            version=live.version,
        )
    if live is None and request.revise:
        raise ConflictError(
            "{debt} has no plan that could be revised.",
            field="revise",
            hint=N_("Leave --revise out to agree the first."),
            debt=debt.handle,
        )
    gate.pass_or_ask(ctx, debt, act="plan.agree", accepted=request.accept)
    agreed_on = reading.parse_date(
        request.agreed_on or "today", today=ctx.today, field="agreed_on", latest=ctx.today
    )
    if live is None:
        agreed_by = text.optional_line(request.agreed_by, field="agreed_by", longest=300)
        made = schedules.make(ctx, debt, request, agreed_on)
        plan = insert(
            ctx.session,
            PlanRow(
                person_id=ctx.person.id,
                debt_id=debt.id,
                version=1,
                created_at=ctx.now,
                after_payment=payments.next_number(ctx.session, ctx.person.id) - 1,
            ),
        )
        terms = _terms(ctx, debt, request, plan, made, agreed_on, agreed_by, None)
        changed = [
            Changed(ref=None, due_on=r.due_on, amount_minor=r.amount_minor) for r in made.rows
        ]
        before: list[InstalmentRow] = []
    else:
        plan, agreed_by = live, agreed_by_text(request.agreed_by)
        old = plans.terms(ctx.session, plan)
        before = plans.instalments(ctx.session, old.id)
        _refuse_earlier(ctx, plan, agreed_on, old)
        made = schedules.make(ctx, debt, request, agreed_on, old)
        changed = revised(
            versions.standing(before),
            made.rows,
            agreed_on=agreed_on,
            tolerance_minor=old.tolerance_minor,
        )
        plan.version += 1
        insert(ctx.session, plan)
        terms = _terms(ctx, debt, request, plan, made, agreed_on, agreed_by, old)
    terms.total_minor = sum(row.amount_minor for row in changed)
    interest = {row.due_on: row.interest_minor for row in made.rows}
    versions.write(ctx, debt, terms, changed, before, interest=interest)
    booking.rebook(ctx, debt)
    result = shown(ctx, debt, plan)
    return result.model_copy(
        update={
            "said": _said(ctx, debt, result, changed),
            "warnings": [
                *_before_agreed(ctx, made.rows, agreed_on),
                *versions.lent(ctx, debt, before, plan),
                *incomes.guard(ctx, debt_id=debt.id),
            ],
        }
    )


def _before_agreed(ctx: PersonContext, rows: list[Row], agreed_on: date) -> list[str]:
    """Instalments due before the agreement: what was paid on them then counts to none."""
    early = sum(row.due_on < agreed_on for row in rows)
    if not early:
        return []
    return [
        ctx.language.plural(
            "One instalment is due before {day}, the day of the agreement; if it was agreed "
            "earlier, withdraw this and say --agreed-on.",
            "{count} instalments are due before {day}, the day of the agreement; if it was agreed "
            "earlier, withdraw this and say --agreed-on.",
            early,
            count=early,
            day=ctx.language.date(agreed_on),
        )
    ]


def _refuse_earlier(
    ctx: PersonContext, plan: PlanRow, agreed_on: date, old: PlanVersionRow
) -> None:
    """A revision comes after the terms that it changes, and after what was paid under them."""
    if agreed_on < old.agreed_on:
        raise InputError(
            "agreed_on is {value}, before {day}, when the terms that it changes were agreed.",
            field="agreed_on",
            hint=N_("Changes are recorded in the order in which they were agreed."),
            value=agreed_on.isoformat(),
            day=old.agreed_on.isoformat(),
        )
    paid = booking.for_plan(ctx, plan, payments.of_debt(ctx.session, plan.debt_id))
    last = max((row.on_date for row in paid), default=agreed_on)
    if agreed_on < last:
        raise InputError(
            "agreed_on is {value}, before {day}, when an instalment was paid under the terms "
            "that it changes.",
            field="agreed_on",
            hint=N_("Agree what is still to come, as of that day or later."),
            value=agreed_on.isoformat(),
            day=last.isoformat(),
        )


def _terms(
    ctx: PersonContext,
    debt: DebtRow,
    request: NewPlan,
    plan: PlanRow,
    made: schedules.Made,
    agreed_on: date,
    agreed_by: str | None,
    old: PlanVersionRow | None,
) -> PlanVersionRow:
    """The version row; a revision keeps what it does not say otherwise."""
    paid_by = (request.paid_by or (old.paid_by if old else "send")).strip().casefold()
    if paid_by not in plans.PAID_BY:
        raise InputError(
            "paid_by is {value!r}; a plan is paid by {known}.",
            field="paid_by",
            hint=N_("send: you make each transfer yourself; collect: they take it."),
            value=paid_by[:40],
            known=", ".join(plans.PAID_BY),
        )
    tolerance = old.tolerance_minor if old else 0
    if request.tolerance:
        tolerance = money.parse(
            request.tolerance,
            debt.currency,
            decimal_mark=ctx.decimal_mark,
            field="tolerance",
            zero_ok=True,
        )
    send_time = old.send_time if old else None
    if request.send_time:
        send_time = send_time_within(request.send_time, hours_of(ctx.person, ctx.settings))
    pay_to = payees.agreed(
        ctx,
        debt,
        details.typed(request.payee, request.quote, request.account),
        plan,
        old,
        told_by=request.revise or agreed_by,
    )
    return insert(
        ctx.session,
        PlanVersionRow(
            person_id=ctx.person.id,
            plan_id=plan.id,
            number=plan.version,
            agreed_on=agreed_on,
            total_minor=sum(row.amount_minor for row in made.rows),
            paid_by=paid_by,
            payee=pay_to.payee,
            quote=pay_to.quote,
            account_last4=pay_to.account,
            rule=made.rule,
            offsets=offsets_text(request.offsets) or (old.offsets if old else None),
            send_time=send_time,
            tolerance_minor=tolerance,
            reason=text.optional_line(request.revise, field="revise", longest=500),
            recorded_at=ctx.now,
            kind=made.kind,
            change="agreed" if old is None else "revised",
            agreed_by=agreed_by,
            interest=made.interest,
            rate_ppb=made.rate.ppb if made.rate else None,
            rate_per=made.rate.per.value if made.rate else None,
            basis=made.basis.value if made.basis else None,
            overpay=_overpay(request.overpay, old),
            forgiven_minor=made.forgiven_minor,
            review_on=made.review_on,
            every=made.every.value if made.every else None,
            second_day=made.second_day,
        ),
    )


def _overpay(typed: str | None, old: PlanVersionRow | None) -> str:
    wanted = (typed or (old.overpay if old else Overpay.FORWARD.value)).strip().casefold()
    if wanted not in {each.value for each in Overpay}:
        raise InputError(
            "overpay is {value!r}; what is paid too much goes forward, last or refund.",
            field="overpay",
            hint=N_(
                "forward: to the next ones; last: from the last one back; refund: it comes back."
            ),
            value=wanted[:40],
        )
    return wanted


def _said(ctx: PersonContext, debt: DebtRow, plan: Plan, rows: Sequence[Changed]) -> list[str]:
    lang = ctx.language
    asked = [row for row in rows if row.asked_minor]
    # Not parsed: with its interest a plan can come to more than any one amount may.
    total = sum(row.asked_minor for row in asked)
    places = {
        "debt": debt.handle,
        "version": plan.version,
        "total": lang.money(total, debt.currency),
        "first": lang.date(asked[0].due_on),
    }
    if len(asked) == 1:
        sentence = lang.text("{debt}, version {version}: {total}, due on {first}.", **places)
    else:
        sentence = lang.text(
            "{debt}, version {version}: {count} instalments, together {total}, "
            "from {first} to {last}.",
            count=len(asked),
            last=lang.date(asked[-1].due_on),
            **places,
        )
    said = [sentence, plan.rule]
    said += next_line(ctx, plan)
    if plan.payee_note:
        said.append(plan.payee_note)
    if plan.payee_waiting:
        said.append(plan.payee_waiting.sentence)
    return said
