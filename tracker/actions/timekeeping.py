"""The machine's clock against what was recorded: what it says, and that it is right after all.

While the clock stands before the newest instant in the database nothing is sent.
If a clock once was years ahead, and messages were settled by it, that would be for
years; so somebody may say that the clock is right now.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tracker import clock as clocks
from tracker import language
from tracker.actions import moments
from tracker.actions.office import Context, Nothing, PersonContext, Result
from tracker.errors import ConflictError, RefusedError
from tracker.language import N_
from tracker.store import delivery, marks, people, vitals
from tracker.store.db import add as insert
from tracker.store.delivery import MessageRow
from tracker.store.people import PersonRow

# No machine that runs this has a clock before it was written.
BUILT_AT = datetime(2026, 11, 24, tzinfo=UTC)
# A little backwards is ordinary: another process committed, the clock was trimmed.
SLACK = timedelta(minutes=2)
SET_RIGHT = N_("The clock was set right.")
_OPEN = ("pending", "sending", "unknown", "held", "sent", "expired")
_ALL = 1_000_000


class ClockState(Result):
    """`earliest_at` is the newest instant that is evidence; `behind` says that sends are held."""

    now: datetime
    newest_at: datetime | None
    earliest_at: datetime | None
    behind: bool
    accepted_at: datetime | None


class Accepted(Result):
    now: datetime
    messages: int


def floor(newest: datetime | None, *, simulated: bool) -> datetime:
    """The earliest that it can be. A clock of tests may stand before this program was written."""
    known = [each for each in (newest, None if simulated else BUILT_AT) if each is not None]
    return max(known, default=datetime.min.replace(tzinfo=UTC))


def show(ctx: Context, request: Nothing) -> ClockState:
    newest = delivery.newest_instant(ctx.session)
    earliest = floor(newest, simulated=clocks.from_environment().simulated)
    accepted = marks.latest(ctx.session, "clock")
    return ClockState(
        now=ctx.now,
        newest_at=newest,
        earliest_at=earliest if earliest.year > 1 else None,
        behind=ctx.now + SLACK < earliest,
        accepted_at=accepted.at if accepted else None,
    )


def accept(ctx: Context, request: Nothing) -> Accepted:
    """Mark that the clock is right now, whatever was recorded, and undo what a wrong one settled.

    Raises ConflictError where nothing is held, RefusedError where the clock stands
    before this program was written.
    """
    if not show(ctx, request).behind:
        raise ConflictError(
            "The clock stands after all that was recorded; there is nothing to accept.",
            hint=N_("`tracker clock` shows it."),
        )
    if ctx.now < BUILT_AT and not clocks.from_environment().simulated:
        raise RefusedError(
            "The clock says {now}, which was before this version was made.",
            hint=N_("Set the machine's clock first."),
            now=f"{ctx.now:%Y-%m-%d %H:%M} UTC",
        )
    insert(
        ctx.session,
        marks.MarkRow(kind="clock", at=ctx.now, event_id=vitals.newest_event(ctx.session)),
    )
    count = 0
    for person in people.everyone(ctx.session):
        of_person = _as(ctx, people.hold(ctx.session, person.id))
        for message in delivery.latest(ctx.session, person.id, states=_OPEN, limit=_ALL):
            count += _put_right(of_person, message.id)
        moments.renew(of_person)
    return Accepted(
        now=ctx.now,
        messages=count,
        said=[
            ctx.language.text(
                "The clock counts as right from now on; {count} messages are judged anew.",
                count=count,
            )
        ],
    )


def _put_right(ctx: PersonContext, message_id: int) -> bool:
    """What was settled or put off at an instant that has not come; whether it was such a one."""
    message = delivery.message(ctx.session, message_id, locked=True)
    if message.state not in _OPEN or message.changed_at <= ctx.now:
        return False
    if message.follow_at is not None:
        message.follow_at = min(message.follow_at, ctx.now)
    if message.state == "sending":
        lease = timedelta(seconds=ctx.settings.delivery.lease_seconds)
        message.lease_until_at = ctx.now + lease
    elif message.state != "sent":
        message.not_before_at = min(message.not_before_at, _moment(ctx, message))
    message.changed_at = ctx.now
    if message.state == "expired" and message.useful_until_at > ctx.now:
        message.reason = message.code = None
        delivery.move(ctx.session, message, "pending", ctx.now, SET_RIGHT)
    else:
        insert(ctx.session, message)
    return True


def _moment(ctx: PersonContext, message: MessageRow) -> datetime:
    """When a message was to go, or now if that has passed."""
    carried = delivery.carried(ctx.session, message.id)
    return max([ctx.now, *(reminder.moment_at for reminder, _ in carried)])


def _as(ctx: Context, person: PersonRow) -> PersonContext:
    return PersonContext(
        session=ctx.session,
        now=ctx.now,
        actor=ctx.actor,
        settings=ctx.settings,
        language=language.of(person.locale),
        person=person,
    )
