"""Looking at the delivery: what will be said, and what became of what was."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tracker.actions import bills, booking, finding, holds, whereabouts
from tracker.actions.delivery import derive, messages, routes, subjects
from tracker.actions.office import PersonContext, Request, Result
from tracker.actions.terms import settled
from tracker.core import reading
from tracker.core.reading import FURTHEST_OFFSET
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import conditions, debts, delivery, plans
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

DEFAULT_DAYS = 14
# What the ref will be is decided when the message is written.
REF_TO_COME = "A2B3"


class Preview(Request):
    days: str | None = None
    debt: str | None = None


class Coming(Result):
    at: datetime
    channel: str
    body: str
    debt: str
    seq: int
    due_on: date
    key: str


class Comings(Result):
    items: list[Coming]


class WhichMessages(Request):
    state: str | None = None
    limit: str | None = None


class Message(Result):
    ref: str
    state: str
    channel: str
    body: str
    not_before_at: datetime
    useful_until_at: datetime
    changed_at: datetime
    provider_id: str | None
    code: str | None
    reason: str | None
    attempts: int


class Messages(Result):
    messages: list[Message]
    counts: dict[str, int]


def preview(ctx: PersonContext, request: Preview) -> Comings:
    """What would be sent in the coming days if nothing changed; nothing is sent or stored.

    A bill that a plan depends on has the `seq` 0.
    """
    days = reading.parse_count(request.days or str(DEFAULT_DAYS), field="days", most=400)
    until = ctx.now + timedelta(days=days)
    wanted = finding.debt(ctx, request.debt).id if request.debt else None
    items: list[Coming] = []
    for debt in debts.debts(ctx.session, ctx.person.id):
        plan = plans.live(ctx.session, debt.id)
        if plan is None or (wanted is not None and debt.id != wanted):
            continue
        terms = plans.terms(ctx.session, plan)
        rows = plans.instalments(ctx.session, terms.id)
        items += _bills(ctx, debt, plan, terms, rows, until)
        if holds.silenced(ctx, debt.id):
            continue
        where = whereabouts.of(ctx.session, ctx.person)
        quiet = booking.covered_by_schedule(ctx, debt.id, rows, today=ctx.today)
        for row in rows:
            if settled(row, terms) or row.ref in quiet:
                continue
            for moment in derive.candidates(ctx, terms, row, where):
                if not ctx.now < moment.at <= until:
                    continue
                subject = subjects.instalment(ctx, debt, terms, row, len(rows), moment.kind)
                items.append(
                    Coming(
                        at=moment.at,
                        channel=_channel(ctx),
                        body=messages.composed(ctx, _channel(ctx), [(subject, REF_TO_COME)]),
                        debt=debt.handle,
                        seq=row.seq,
                        due_on=row.due_on,
                        key=f"{row.ref}/{moment.kind}/{row.due_on}/{moment.offset_days}d"
                        f"/{row.generation}",
                    )
                )
    return Comings(items=sorted(items, key=lambda item: (item.at, item.debt, item.seq)))


def _bills(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    rows: list[InstalmentRow],
    until: datetime,
) -> list[Coming]:
    """Of the current bills that a plan depends on; no hold silences them."""
    if not bills.depends(terms, rows):
        return []
    found: list[Coming] = []
    ahead = timedelta(days=1 - FURTHEST_OFFSET)
    where = whereabouts.of(ctx.session, ctx.person)
    for row in conditions.conditions(ctx.session, plan.id):
        for day in bills.days(row, ctx.today, (until + ahead).date()):
            for moment in bills.moments(ctx, terms, day, where):
                if not ctx.now < moment.at <= until:
                    continue
                subject = subjects.bill(debt, day)
                found.append(
                    Coming(
                        at=moment.at,
                        channel=_channel(ctx),
                        body=messages.composed(ctx, _channel(ctx), [(subject, REF_TO_COME)]),
                        debt=debt.handle,
                        seq=0,
                        due_on=day,
                        key=f"bill:{row.ref}/{moment.kind}/{day}/{moment.offset_days}d/0",
                    )
                )
    return found


def _channel(ctx: PersonContext) -> str:
    """The way that a message would take today."""
    ways = routes.usable(ctx.session, ctx.person)
    return ways[0].channel if ways else ctx.person.channels.split(",")[0]


def list_messages(ctx: PersonContext, request: WhichMessages) -> Messages:
    """Newest first."""
    limit = reading.parse_count(request.limit or "50", field="limit", most=10_000)
    state = request.state.strip().casefold() if request.state else None
    if state is not None and state not in delivery.STATES:
        raise InputError(
            "state is {value!r}; it is one of {known}.",
            field="state",
            hint=N_("Leave it out to see all."),
            value=state[:40],
            known=", ".join(delivery.STATES),
        )
    rows = delivery.latest(
        ctx.session, ctx.person.id, states=(state,) if state else None, limit=limit
    )
    return Messages(
        messages=[
            Message(
                ref=row.ref,
                state=row.state,
                channel=row.channel,
                body=row.body,
                not_before_at=row.not_before_at,
                useful_until_at=row.useful_until_at,
                changed_at=row.changed_at,
                provider_id=row.provider_id,
                code=row.code,
                reason=ctx.language.text(row.reason, code=row.code) if row.reason else None,
                attempts=row.attempts,
            )
            for row in rows
        ],
        counts=delivery.count_by_state(ctx.session, ctx.person.id),
    )
