"""Agreeing a plan: its terms, its instalments with their lineage, and the sentence about both."""

from __future__ import annotations

import secrets
from datetime import date
from zoneinfo import ZoneInfo

from tracker.actions import booking, finding, gate, schedules
from tracker.actions.office import PersonContext
from tracker.actions.plans import Plan, shown
from tracker.actions.reach import offsets_text, send_time_within
from tracker.actions.terms import last_moment, settled
from tracker.core import money, reading, text
from tracker.core import plans as lines
from tracker.core.plans import PlanRow as Line
from tracker.core.schedule import Row
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import debts, plans
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
    made = schedules.make(ctx, debt, request)
    agreed_on = reading.parse_date(
        request.agreed_on or "today", today=ctx.today, field="agreed_on", latest=ctx.today
    )
    if live is None:
        plan = insert(
            ctx.session,
            PlanRow(person_id=ctx.person.id, debt_id=debt.id, version=1, created_at=ctx.now),
        )
        before: list[InstalmentRow] = []
        old_terms = None
    else:
        plan = live
        old_terms = plans.terms(ctx.session, plan)
        before = plans.instalments(ctx.session, old_terms.id)
        plan.version += 1
        insert(ctx.session, plan)
    terms = _terms(ctx, debt, request, plan, made, agreed_on, old_terms)
    _write_rows(ctx, debt, terms, made.rows, before, old_terms)
    booking.rebook(ctx, debt)
    shown_plan = shown(ctx, debt, plan)
    return shown_plan.model_copy(update={"said": _said(ctx, debt, shown_plan)})


def _terms(
    ctx: PersonContext,
    debt: DebtRow,
    request: NewPlan,
    plan: PlanRow,
    made: schedules.Made,
    agreed_on: date,
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
        send_time = send_time_within(request.send_time, ctx.settings.reminders.hours)
    return insert(
        ctx.session,
        PlanVersionRow(
            person_id=ctx.person.id,
            plan_id=plan.id,
            number=plan.version,
            agreed_on=agreed_on,
            total_minor=sum(row.amount_minor for row in made.rows),
            paid_by=paid_by,
            payee=text.optional_line(request.payee, field="payee", longest=120)
            or (old.payee if old else None),
            quote=text.optional_line(request.quote, field="quote", longest=60)
            or (old.quote if old else None),
            account_last4=_last4(request.account) or (old.account_last4 if old else None),
            rule=made.rule,
            offsets=offsets_text(request.offsets) or (old.offsets if old else None),
            send_time=send_time,
            tolerance_minor=tolerance,
            reason=text.optional_line(request.revise, field="revise", longest=500),
            recorded_at=ctx.now,
        ),
    )


def _write_rows(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    rows: list[Row],
    before: list[InstalmentRow],
    old_terms: PlanVersionRow | None,
) -> None:
    """Write the version's instalments, keeping the lineage of those before it.

    What was settled is repeated as it was: money that was paid must go on
    counting for the obligation that it was paid for.
    """
    creditor = debts.creditor(ctx.session, debt.creditor_id)
    done = [row for row in before if old_terms is not None and settled(row, old_terms)]
    done_dates = {row.due_on for row in done}
    kept = [Row(due_on=row.due_on, amount_minor=row.amount_minor) for row in done]
    for row in rows:
        if row.due_on in done_dates:
            raise InputError(
                "rows has an instalment on {day}, and the one of that day is paid already.",
                field="rows",
                hint=N_("A revision lists what is still to come; begin after that day."),
                day=row.due_on.isoformat(),
            )
    new = kept + rows
    old = {row.ref: row for row in before}
    placed = lines.lineage(
        [_line(row) for row in before],
        sorted(new, key=lambda row: row.due_on),
        lambda: secrets.token_hex(8),
        settled=frozenset(row.ref for row in done),
    )
    for line in placed:
        was = old.get(line.ref)
        same = (
            was is not None and was.due_on == line.due_on and was.amount_minor == line.amount_minor
        )
        moment = last_moment(ctx.person, creditor, terms.paid_by, line.due_on)
        insert(
            ctx.session,
            InstalmentRow(
                person_id=ctx.person.id,
                plan_version_id=terms.id,
                ref=line.ref,
                seq=line.seq,
                due_on=line.due_on,
                amount_minor=line.amount_minor,
                paid_minor=0,
                send_by_at=moment,
                generation=(was.generation + (0 if same else 1)) if was else 0,
                opened_at=was.opened_at if was and same else ctx.now,
                reopened_at=was.reopened_at if was and same else None,
                sequence=(was.sequence + 1) if was else 0,
                changed_at=ctx.now,
            ),
        )
        if was is not None and not same:
            booking.withdraw_messages(ctx, line.ref, booking.WITHDRAWN)
    for ref in lines.withdrawn([_line(row) for row in before], placed):
        booking.withdraw_messages(ctx, ref, booking.WITHDRAWN)


def _line(row: InstalmentRow) -> Line:
    return Line(seq=row.seq, ref=row.ref, due_on=row.due_on, amount_minor=row.amount_minor)


def _last4(typed: str | None) -> str | None:
    account = text.optional_line(typed, field="account", longest=40)
    if account is None:
        return None
    if not (len(account) == 4 and account.isascii() and account.isalnum()):
        raise InputError(
            "account is {value!r}; only its last four characters are kept.",
            field="account",
            hint=N_("Give the last four, for example 1234."),
            value=account,
        )
    return account


def _said(ctx: PersonContext, debt: DebtRow, plan: Plan) -> list[str]:
    lang = ctx.language
    first, last = plan.instalments[0], plan.instalments[-1]
    total = money.parse(plan.total.amount, debt.currency)
    said = [
        lang.text(
            "{debt}, version {version}: {count} instalments, together {total}, "
            "from {first} to {last}.",
            debt=debt.handle,
            version=plan.version,
            count=len(plan.instalments),
            total=lang.money(total, debt.currency),
            first=lang.date(first.due_on),
            last=lang.date(last.due_on),
        ),
        plan.rule,
    ]
    coming = [each for each in plan.instalments if each.state in ("upcoming", "due")]
    if coming:
        send_by = coming[0].send_by_at.astimezone(ZoneInfo(ctx.person.zone))
        said.append(
            lang.text(
                "The next is due on {due}; send it by {send_by}.",
                due=lang.date(coming[0].due_on),
                send_by=f"{lang.day(send_by.date())} {send_by:%H:%M}",
            )
        )
    return said
