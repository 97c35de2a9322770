"""A person's moments: told on their clock, and worked out anew when something moves them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.actions import whereabouts
from tracker.actions.office import PersonContext
from tracker.store import absences, delivery, followups, plans, wakes
from tracker.store.conditions import conditions
from tracker.store.db import add as insert

_ALL = 100_000


def told(ctx: PersonContext, at: datetime) -> str:
    """An instant to the minute on the clock that the person lives by then; another one is named."""
    zone = whereabouts.of(ctx.session, ctx.person).zone_at(at)
    local = at.astimezone(ZoneInfo(zone))
    said = f"{ctx.language.day(local.date())} {local:%H:%M}"
    return said if zone == ctx.person.zone else f"{said} ({zone})"


def renew(ctx: PersonContext) -> None:
    """Let the next tick look at all that the person is reminded of, and at what waits."""
    session, me = ctx.session, ctx.person.id
    for plan in plans.of_person(session, me):
        if plan.ended_at is None:
            wakes.set_wake(session, "plan", plan.id, me, ctx.now)
            # Here and below a wake that nobody has seen to yet says since when to look.
            for bill in conditions(session, plan.id):
                if bill.due_day is not None:
                    wakes.hurry(session, "condition", bill.id, me, ctx.now)
    for followup in followups.of_person(session, me):
        wakes.hurry(session, "followup", followup.id, me, ctx.now)
    for absence in absences.absences(session, me):
        if absence.until_on >= ctx.today:
            wakes.hurry(session, "absence", absence.id, me, ctx.now)
    if ctx.person.alive is not None:
        wakes.hurry(session, "alive", me, me, ctx.now)
    _judge_again(ctx)


def _judge_again(ctx: PersonContext) -> None:
    """What waits for a silence or an hour to end is judged by what holds now.

    A message that was tried waits for its provider and is left alone.
    """
    for known in delivery.latest(ctx.session, ctx.person.id, states=("pending",), limit=_ALL):
        if known.attempts or known.not_before_at <= ctx.now:
            continue
        message = delivery.message(ctx.session, known.id, locked=True)
        if message.state == "pending" and not message.attempts and message.reason is not None:
            message.not_before_at = min(message.not_before_at, ctx.now)
            insert(ctx.session, message)
