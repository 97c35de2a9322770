"""The credit-recovery timeline: milestones of the plans, and when each mark leaves its register.

Every date of a mark cites the rule it was computed by; one that cannot be known
is shown as such, with its reason.
"""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from tracker.actions import finding
from tracker.actions.credit import Item, WhichDebt, plan_end, removals
from tracker.actions.office import PersonContext, Result
from tracker.actions.terms import settled
from tracker.language import N_
from tracker.store import credit as entries
from tracker.store import debts, plans
from tracker.store.debts import DebtRow

CHANGED = {
    "revised": N_("Plan revised, {count} instalments"),
    "paused": N_("Payment holiday agreed"),
    "resumed": N_("Payment holiday ended"),
    "waived": N_("An instalment waived"),
    "rescheduled": N_("An instalment moved"),
}


class Timeline(Result):
    today: date
    items: list[Item]


def timeline(ctx: PersonContext, request: WhichDebt) -> Timeline:
    """By date; what has no date comes last."""
    chosen = (
        [finding.debt(ctx, request.debt)]
        if request.debt
        else debts.debts(ctx.session, ctx.person.id)
    )
    items: list[Item] = []
    for debt in chosen:
        items += _milestones(ctx, debt)
        for row in entries.entries(ctx.session, ctx.person.id, debt.id):
            items += removals(ctx, debt, row)
    return Timeline(
        today=ctx.today,
        items=sorted(items, key=lambda item: (item.on or date.max, item.debt, item.title)),
    )


def _milestones(ctx: PersonContext, debt: DebtRow) -> list[Item]:
    """Where the plan began, how far it is, and where it ends if it is kept."""
    plan = plans.latest(ctx.session, debt.id)
    if plan is None:
        return []
    lang = ctx.language
    terms = plans.terms(ctx.session, plan)
    first = plans.version(ctx.session, plan.id, 1)
    assert first is not None
    rows = plans.instalments(ctx.session, terms.id)
    done = [row for row in rows if settled(row, terms)]

    def item(on: date | None, kind: str, title: str, status: str, reason: str) -> Item:
        return Item(
            on=on,
            latest=None,
            kind=kind,
            debt=debt.handle,
            title=title,
            status=status,
            reason=reason,
            cites=[],
            confidence=None,
            source=None,
        )

    begun = plans.instalments(ctx.session, first.id)
    agreed = lang.text("Plan agreed, {count} instalments", count=len(begun))
    items = [item(first.agreed_on, "plan-start", agreed, "done", first.rule)]
    items += [
        item(
            version.agreed_on,
            "plan-change",
            lang.text(
                CHANGED[version.change], count=len(plans.instalments(ctx.session, version.id))
            ),
            "done",
            lang.paragraph([part for part in (version.rule, version.agreed_by) if part]),
        )
        for version in plans.versions(ctx.session, plan.id)[1:]
    ]
    if terms.review_on is not None:
        review = lang.text("The creditor looks at the plan again")
        items.append(item(terms.review_on, "plan-review", review, "planned", ""))
    half = rows[(len(rows) - 1) // 2]
    if len(rows) > 2:
        items.append(
            item(
                half.due_on,
                "instalment",
                lang.text("Half of the plan: {seq} of {count}", seq=half.seq, count=len(rows)),
                "done" if settled(half, terms) else "planned",
                lang.text("{done} of {count} are paid.", done=len(done), count=len(rows)),
            )
        )
    if plan.ended_at is not None:
        ended = lang.text(
            N_("The plan was broken: {reason}")
            if plan.ended_as == "broken"
            else N_("The plan was withdrawn: {reason}"),
            reason=plan.ended_reason or "–",
        )
        items.append(
            item(
                plan.ended_at.astimezone(ZoneInfo(ctx.person.zone)).date(),
                "plan-end",
                lang.text("Plan ended"),
                "ended",
                ended,
            )
        )
    elif len(done) == len(rows):
        items.append(item(rows[-1].due_on, "plan-end", lang.text("Plan completed"), "done", ""))
    else:
        kept = lang.text("If each instalment is paid by its date.")
        ends = lang.text("Projected end of the plan")
        items.append(item(plan_end(ctx, debt), "plan-end", ends, "projected", kept))
    return items
