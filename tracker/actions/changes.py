"""What happens to a running plan by agreement: a waived or a moved instalment.

Each is the plan's next version, with its reason and the contact or document that
agreed it. Holidays are in actions/holidays.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tracker.actions import booking, finding, versions
from tracker.actions.office import PersonContext, Request
from tracker.actions.plans import Plan, next_line, shown
from tracker.actions.terms import open_minor
from tracker.core import reading, revision, text
from tracker.core.facts import Reason
from tracker.core.revision import Changed
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow
from tracker.store.terms import ChargeRow

FURTHEST_MOVE = timedelta(days=5 * 366)


class Waiver(Request):
    debt: str
    instalment: str
    agreed_by: str | None = None
    agreed_on: str | None = None
    reason: str | None = None


class NewDate(Request):
    debt: str
    instalment: str
    to: str
    agreed_by: str | None = None
    agreed_on: str | None = None
    reason: str | None = None


def waive(ctx: PersonContext, request: Waiver) -> Plan:
    """The creditor asks no more for the rest of one instalment: it is forgiven."""
    debt, plan, terms, rows = running(ctx, request.debt)
    seq = reading.parse_count(request.instalment, field="instalment")
    agreed_on = day_agreed(ctx, request.agreed_on, terms)
    agreed_by = agreed_by_text(request.agreed_by)
    changed = revision.waived(versions.standing(rows), seq, tolerance_minor=terms.tolerance_minor)
    row = next(each for each in rows if each.seq == seq)
    forgiven = open_minor(row)
    rule = ctx.language.text(
        N_("Instalment {seq}, due on {day}: {amount} of it is waived."),
        seq=seq,
        day=ctx.language.date(row.due_on),
        amount=ctx.language.money(forgiven, debt.currency),
    )
    reason = text.line(request.reason or rule, field="reason", longest=500)
    insert(
        ctx.session,
        ChargeRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            on_date=agreed_on,
            reason=Reason.WAIVER,
            amount_minor=-forgiven,
            note=reason,
            instalment_ref=row.ref,
            recorded_at=ctx.now,
        ),
    )
    made = ctx.language.paragraph([terms.rule, rule])
    write(ctx, debt, plan, terms, changed, "waived", agreed_on, agreed_by, reason, made)
    return told(ctx, debt, plan, [rule])


def reschedule(ctx: PersonContext, request: NewDate) -> Plan:
    """One instalment moves to another day; the others stay."""
    debt, plan, terms, rows = running(ctx, request.debt)
    seq = reading.parse_count(request.instalment, field="instalment")
    to = reading.parse_date(request.to, today=ctx.today, field="to", past=False)
    if not ctx.today <= to <= ctx.today + FURTHEST_MOVE:
        raise InputError(
            "to is {value}; an instalment moves to today or a day within five years.",
            field="to",
            hint=N_("Check the date."),
            value=to.isoformat(),
        )
    agreed_on = day_agreed(ctx, request.agreed_on, terms)
    agreed_by = agreed_by_text(request.agreed_by)
    changed = revision.rescheduled(
        versions.standing(rows), seq, to, tolerance_minor=terms.tolerance_minor
    )
    row = next(each for each in rows if each.seq == seq)
    rule = ctx.language.text(
        N_("Instalment {seq} moves from {old} to {new}."),
        seq=seq,
        old=ctx.language.date(row.due_on),
        new=ctx.language.date(to),
    )
    reason = text.line(request.reason or rule, field="reason", longest=500)
    made = ctx.language.paragraph([terms.rule, rule])
    new = write(ctx, debt, plan, terms, changed, "rescheduled", agreed_on, agreed_by, reason, made)
    said = [rule]
    now = next(each for each in plans.instalments(ctx.session, new.id) if each.ref == row.ref)
    if now.seq != seq:
        # They are numbered by their days: the old number is another's from now on.
        told_number = N_("By its new day it is number {seq} from now on.")
        said.append(ctx.language.text(told_number, seq=now.seq))
    return told(ctx, debt, plan, said)


def agreed_by_text(typed: str | None) -> str:
    """The contact or document that agreed a change; without one it is no agreement."""
    if typed is None or not typed.strip():
        raise InputError(
            "agreed_by is missing; a change of a plan rests on what the creditor agreed to.",
            field="agreed_by",
            hint=N_("Name the call, letter or e-mail: --agreed-by 'call with Ms Hill, 12 March'."),
        )
    return text.line(typed, field="agreed_by", longest=300)


def running(
    ctx: PersonContext, name: str
) -> tuple[DebtRow, PlanRow, PlanVersionRow, list[InstalmentRow]]:
    debt = finding.debt(ctx, name)
    plan = finding.live_plan(ctx, debt)
    terms = plans.terms(ctx.session, plan)
    return debt, plan, terms, plans.instalments(ctx.session, terms.id)


def day_agreed(ctx: PersonContext, typed: str | None, terms: PlanVersionRow) -> date:
    on = reading.parse_date(typed or "today", today=ctx.today, field="agreed_on", latest=ctx.today)
    if on < terms.agreed_on:
        raise InputError(
            "agreed_on is {value}, before {day}, when the terms that it changes were agreed.",
            field="agreed_on",
            hint=N_("Changes are recorded in the order in which they were agreed."),
            value=on.isoformat(),
            day=terms.agreed_on.isoformat(),
        )
    return on


def write(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    old: PlanVersionRow,
    changed: Sequence[Changed],
    change: str,
    agreed_on: date,
    agreed_by: str,
    reason: str,
    rule: str,
) -> PlanVersionRow:
    """The version after `old`, with its rows, and everything that follows from it.

    `rule` says by what the terms are made now, with what was changed in them.
    """
    before = plans.instalments(ctx.session, old.id)
    new = versions.next_terms(
        ctx,
        plan,
        old,
        changed,
        change=change,
        agreed_on=agreed_on,
        agreed_by=agreed_by,
        reason=reason,
        rule=rule,
    )
    versions.write(ctx, debt, new, changed, before)
    booking.rebook(ctx, debt)
    return new


def told(ctx: PersonContext, debt: DebtRow, plan: PlanRow, said: list[str]) -> Plan:
    """The plan as it is now, with what changed and what comes next."""
    result = shown(ctx, debt, plan)
    before = plans.version(ctx.session, plan.id, plan.version - 1)
    assert before is not None  # versions are counted without a gap
    rows = plans.instalments(ctx.session, before.id)
    return result.model_copy(
        update={
            "said": [*said, *next_line(ctx, result)],
            "warnings": versions.lent(ctx, debt, rows, plan),
        }
    )
