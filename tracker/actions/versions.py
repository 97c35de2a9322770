"""Writing the next version of a plan: its instalments, and what that withdraws or opens again.

The one way by which a plan's rows come to be, whether it was agreed, revised,
paused, or changed in one row; so reminders and feed follow each change alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date

from tracker.actions import booking
from tracker.actions.office import PersonContext
from tracker.actions.terms import last_moment
from tracker.core import revision
from tracker.core.revision import Changed, Standing
from tracker.store import conditions, debts, plans, wakes
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


def standing(
    rows: Sequence[InstalmentRow], paid: Mapping[str, int] | None = None
) -> list[Standing]:
    """The rows of a version as they stand now, or with what is `paid` on each, by ref."""
    return [
        Standing(
            seq=row.seq,
            ref=row.ref,
            due_on=row.due_on,
            amount_minor=row.amount_minor,
            paid_minor=row.paid_minor if paid is None else paid.get(row.ref, 0),
            waived_minor=row.waived_minor,
        )
        for row in rows
    ]


def write(
    ctx: PersonContext,
    debt: DebtRow,
    terms: PlanVersionRow,
    changed: Sequence[Changed],
    before: Sequence[InstalmentRow],
    *,
    interest: Mapping[date, int] | None = None,
) -> None:
    """Write a version's instalments; `changed` is in order of the due dates.

    An obligation whose date or amount changed begins its next generation of
    reminders; what waits to be sent about it, or about one that is no longer
    there, is withdrawn. `interest` is the interest within the rows, by due date.
    """
    creditor = debts.creditor(ctx.session, debt.creditor_id)
    old = {row.ref: row for row in before}
    there: set[str] = set()
    for seq, line in enumerate(changed, 1):
        ref = line.ref or secrets.token_hex(8)
        there.add(ref)
        was = old.get(ref)
        same = was is not None and (was.due_on, was.amount_minor, was.waived_minor) == (
            line.due_on,
            line.amount_minor,
            line.waived_minor,
        )
        known = (interest or {}).get(line.due_on)
        if known is None:
            source = old.get(line.was or "")
            known = source.interest_minor if source else 0
            if source is not None and line.ref is None:
                # The part that was paid stayed behind, and the interest in it.
                known = max(known - _left_behind(changed, source), 0)
        insert(
            ctx.session,
            InstalmentRow(
                person_id=ctx.person.id,
                plan_version_id=terms.id,
                ref=ref,
                seq=seq,
                due_on=line.due_on,
                amount_minor=line.amount_minor,
                paid_minor=0,
                send_by_at=was.send_by_at
                if was and was.due_on == line.due_on < ctx.today
                else last_moment(ctx.person, creditor, terms.paid_by, line.due_on),
                generation=(was.generation + (0 if same else 1)) if was else 0,
                opened_at=was.opened_at if was and same else ctx.now,
                reopened_at=was.reopened_at if was and same else None,
                sequence=(was.sequence + 1) if was else 0,
                changed_at=ctx.now,
                waived_minor=line.waived_minor,
                interest_minor=min(known, line.amount_minor),
            ),
        )
        if was is not None and not same:
            booking.withdraw_messages(ctx, ref, booking.WITHDRAWN)
    for ref in old.keys() - there:
        booking.withdraw_messages(ctx, ref, booking.WITHDRAWN)
    # New terms can remind earlier of the current bill as well.
    for bill in conditions.conditions(ctx.session, terms.plan_id):
        if bill.due_day is not None:
            wakes.hurry(ctx.session, "condition", bill.id, ctx.person.id, ctx.now)


def _left_behind(changed: Sequence[Changed], source: InstalmentRow) -> int:
    """What stays on the old day of a row that was parted."""
    return next((line.amount_minor for line in changed if line.ref == source.ref), 0)


def lent(
    ctx: PersonContext, debt: DebtRow, before: Sequence[InstalmentRow], plan: PlanRow
) -> list[str]:
    """Warnings of money that counts for an older instalment than it did; after booking.

    An instalment that came to stand before a paid one is given that one's money.
    """
    rows = plans.instalments(ctx.session, plans.terms(ctx.session, plan).id)
    moved = revision.lent(standing(before), {row.ref: row.paid_minor for row in rows})
    due = {row.ref: row.due_on for row in before}
    return [
        ctx.language.text(
            "What was paid for the instalment of {day} counts for an older one now.",
            day=ctx.language.date(due[ref]),
        )
        for ref in moved
    ]


def next_terms(
    ctx: PersonContext,
    plan: PlanRow,
    old: PlanVersionRow,
    changed: Sequence[Changed],
    *,
    change: str,
    agreed_on: date,
    agreed_by: str,
    reason: str,
    rule: str,
) -> PlanVersionRow:
    """The version row of a change that leaves everything but the rows as it was."""
    plan.version += 1
    insert(ctx.session, plan)
    kept = old.model_dump(exclude={"id"})
    return insert(
        ctx.session,
        PlanVersionRow(
            **kept
            | {
                "number": plan.version,
                "agreed_on": agreed_on,
                "total_minor": sum(row.amount_minor for row in changed),
                "change": change,
                "agreed_by": agreed_by,
                "reason": reason,
                "rule": rule,
                "recorded_at": ctx.now,
            }
        ),
    )
