"""Claiming: take one message in a durable commit of its own, or settle it without sending.

A claim carries an owner and a lease. Before a request goes out the claim is read
again: a payment, a hold or another worker may have come between.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.actions import booking, whereabouts
from tracker.actions.delivery import messages, routes, steps, subjects
from tracker.actions.delivery.derive import DEFECT_WAITS
from tracker.actions.delivery.routes import Route
from tracker.actions.office import Office, PersonContext
from tracker.actions.terms import hours_of
from tracker.config import Settings
from tracker.core import due
from tracker.language import N_
from tracker.store import delivery, destinations, people
from tracker.store.db import BrokenRule, Session, StoreError
from tracker.store.delivery import MessageRow, ReminderRow

log = logging.getLogger(__name__)

DEFECT = N_("It could not be written; the daemon's log says why.")
NO_REMINDER = N_("Nothing is left that it was about.")
ON_HOLD = N_("The debt is on hold.")
AT_CAP = N_("The most messages of one day were reached.")
SENDER_GONE = N_("The sender stopped before the answer was recorded.")
CLOSED_HOURS = N_("It waits for the hours in which messages go.")
QUIET = N_("It waits until the quiet that was asked for ends.")
MOVED = N_("The number or address was changed; it goes to the new one.")
HOLD_LOOKS_AGAIN = timedelta(hours=12)
ROUTE_LOOKS_AGAIN = timedelta(hours=1)
UNASKED = frozenset({"mail", "push"})
"""The channels that cannot be asked whether they have a message."""
# For so long a verdict stands while nothing of the person was written.
VERDICT_STANDS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message that is ours to send until the lease ends.

    It was judged at `judged_at`, when the person stood at `revision`.
    """

    message_id: int
    person_id: int
    owner: str
    judged_at: datetime
    revision: int
    channel: str
    address: str = field(repr=False)
    body: str = field(repr=False)
    ref: str
    key: str
    subject: str
    calendar: bytes | None = field(repr=False)
    segments: int
    useful_until: datetime
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A reminder that cannot go with the others of its message: it gets a row of its own."""

    reminder: ReminderRow
    state: str
    reason: str
    code: str | None = None
    not_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to become of a message now. `state` "sending" means: send it, with `body`.

    `revision` is the person's, read before what the verdict rests on. `ref` is the
    first of those in the text, `target` where it goes; `aside` is what cannot go
    with the rest, or need not.
    """

    state: str
    reason: str | None = None
    code: str | None = None
    not_before: datetime | None = None
    body: str = ""
    ref: str = ""
    target: str = ""
    revision: int = 0
    said: tuple[tuple[ReminderRow, subjects.Subject], ...] = ()
    aside: tuple[Aside, ...] = ()


def claim(
    office: Office, now: datetime, *, owner: str, blocked: frozenset[str] = frozenset()
) -> Claimed | MessageRow | None:
    """Claim the next message: a claim to send, a row that was settled unsent, or None.

    Channels in `blocked` are passed over. The claim is durable when this returns.
    """
    taken: list[int] = []
    try:
        return _claim(office, now, owner, blocked, taken)
    except BrokenRule:
        # What cannot be written down must not keep the others waiting.
        log.exception("message %s cannot be claimed", taken)
        with office.database.write() as session:
            message = delivery.message(session, taken[0], locked=True)
            if message.state == "pending":
                message.reason, message.code = DEFECT, "defect"
                message.not_before_at = now + DEFECT_WAITS
                delivery.move(session, message, "held", now, DEFECT)
        return message


def _claim(
    office: Office, now: datetime, owner: str, blocked: frozenset[str], taken: list[int]
) -> Claimed | MessageRow | None:
    with office.database.write() as session:
        message = delivery.next_pending(session, now, blocked)
        if message is None:
            return None
        taken.append(message.id)
        steps.reached("claiming")
        ctx = _context(office, session, message, now)
        verdict = _judged(ctx, message)
        if verdict.state != "sending":
            settle(ctx, message, verdict)
            return message
        if message.attempts == 0 or message.channel not in UNASKED:
            # Where nobody can be asked the name must stay that of the first try.
            message.ref = verdict.ref
        set_aside(ctx, message, verdict.aside)
        lease = now + timedelta(seconds=office.settings.delivery.lease_seconds)
        message.owner = owner
        message.lease_until_at = lease
        message.attempts += 1
        message.asked = 0
        message.reason = message.code = None
        message.body = verdict.body
        message.segments = messages.cost(message.channel, verdict.body)
        delivery.move(session, message, "sending", now, owner)
        return Claimed(
            message_id=message.id,
            person_id=message.person_id,
            owner=owner,
            judged_at=now,
            revision=verdict.revision,
            channel=message.channel,
            address=verdict.target,
            body=message.body,
            ref=message.ref,
            key=messages.key(message),
            subject=messages.subject(ctx, message.channel, verdict.said),
            calendar=messages.calendar(ctx, message.channel, verdict.said),
            segments=message.segments,
            useful_until=message.useful_until_at,
            lease_until=lease,
        )


def still_ours(office: Office, claimed: Claimed, now: datetime) -> Verdict | None:
    """Read the claim again right before the request.

    None where the row is no longer ours to touch: the lease ran out, or another
    has it. Otherwise the verdict as it is now.
    """
    if now >= claimed.lease_until:
        return None
    with office.database.read() as session:
        found = delivery.revision_under(session, claimed.message_id, claimed.owner)
        if found is None:
            return None
        revision, left = found
        stands = timedelta(0) <= now - claimed.judged_at < VERDICT_STANDS
        if revision == claimed.revision and stands and not left:
            # Every payment, hold and setting would have counted the revision up; the
            # day's number may have been used up by another worker.
            message = delivery.message(session, claimed.message_id)
            if _at_cap(office.settings, session, message, now, claimed.segments, claimed=True):
                return _wait_for_cap(now)
            return Verdict(state="sending", body=claimed.body)
        message = delivery.message(session, claimed.message_id)
        ctx = _context(office, session, message, now)
        verdict = _judged(ctx, message, claimed=True)
        if verdict.state == "sending" and verdict.body != claimed.body:
            # What it says is no longer true: it is claimed anew with what is.
            return Verdict(state="pending", not_before=now)
        return verdict


def settle(ctx: PersonContext, message: MessageRow, verdict: Verdict) -> None:
    """Write down a verdict that is not to send; call in the transaction that holds the row."""
    if verdict.ref:
        message.ref = verdict.ref
    set_aside(ctx, message, verdict.aside)
    message.reason, message.code = verdict.reason, verdict.code
    if verdict.not_before is not None:
        message.not_before_at = verdict.not_before
    if verdict.state == message.state:
        message.changed_at = ctx.now
        ctx.session.add(message)
    else:
        delivery.move(ctx.session, message, verdict.state, ctx.now, verdict.reason)
    if verdict.code == "moved":
        ways = routes.usable(ctx.session, ctx.person)
        carried = [reminder for reminder, _ in verdict.said]
        messages.write(
            ctx, carried, ways[0] if ways else None, not_before=ctx.now, replaces=message
        )


def set_aside(ctx: PersonContext, message: MessageRow, aside: Sequence[Aside]) -> None:
    """Give each a row of its own, under the ref that it had here.

    `message.ref` must be one of those that stay.
    """
    if aside:
        ctx.session.add(message)
        ctx.session.flush()
    for each in aside:
        for link in delivery.links(ctx.session, message.id):
            if link.reminder_id == each.reminder.id:
                delivery.unlink(ctx.session, link)
        messages.write(
            ctx,
            [each.reminder],
            Route(channel=message.channel, address=message.address, target=""),
            not_before=each.not_before,
            state=each.state,
            reason=each.reason,
            code=each.code,
            doubtful=message.doubtful,
        )


def _context(office: Office, session: Session, message: MessageRow, now: datetime) -> PersonContext:
    person = people.by_id(session, message.person_id)
    return subjects.context(office, session, person, now)


def _judged(ctx: PersonContext, message: MessageRow, *, claimed: bool = False) -> Verdict:
    """The verdict; one that cannot be reached holds this message and no other."""
    try:
        return judge(ctx, message, claimed=claimed)
    except StoreError:
        raise
    except Exception:
        log.exception("message %s cannot be judged", message.id)
        again = ctx.now + DEFECT_WAITS
        return Verdict(state="held", reason=DEFECT, code="defect", not_before=again)


def judge(ctx: PersonContext, message: MessageRow, *, claimed: bool = False) -> Verdict:
    """What is right for a message at this moment, whatever was right when it was written.

    With `claimed`, it counts among the day's messages already.
    """
    now = ctx.now
    if message.kind != "reminder":
        return _judge_plain(ctx, message, claimed=claimed)
    found, broken = _found(ctx, message)
    if broken and not found:
        first, *rest = broken
        return Verdict(
            state=first.state,
            reason=first.reason,
            code=first.code,
            not_before=first.not_before,
            aside=tuple(rest),
        )
    silent = [
        Aside(reminder=each[0], state="cancelled", reason=each[2].silence, not_before=now)
        for each in found
        if each[2].silence is not None
    ]
    speaking = [each for each in found if each[2].silence is None]
    if not speaking:
        return Verdict(
            state="cancelled",
            reason=silent[0].reason if silent else NO_REMINDER,
            aside=(*silent[1:], *broken),
        )
    late = [each for each in speaking if now >= each[0].useful_until_at]
    held = [each for each in speaking if each not in late and each[2].held is not None]
    ready = [each for each in speaking if each not in late and each not in held]
    too_late = tuple(
        Aside(reminder=each[0], state="expired", reason=booking.TOO_LATE, not_before=now)
        for each in late
    )
    look_again = now + HOLD_LOOKS_AGAIN
    if not ready and not held:
        return Verdict(state="expired", reason=booking.TOO_LATE, aside=(*silent, *broken))
    if not ready:
        return Verdict(
            state="held",
            reason=ON_HOLD,
            code="hold",
            not_before=look_again,
            ref=held[0][1],
            aside=(*silent, *broken, *too_late),
        )
    on_hold = tuple(
        Aside(reminder=each[0], state="held", reason=ON_HOLD, code="hold", not_before=look_again)
        for each in held
    )
    said = tuple((reminder, subject) for reminder, _, subject in ready)
    aside = (*silent, *broken, *too_late, *on_hold)
    body = messages.composed(ctx, message.channel, [(subject, ref) for _, ref, subject in ready])
    waits = _waits(ctx, message, said, aside, body, claimed=claimed)
    if isinstance(waits, Verdict):
        return waits
    return Verdict(
        state="sending",
        body=body,
        ref=ready[0][1],
        target=waits.target,
        revision=ctx.person.revision,
        said=said,
        aside=aside,
    )


def _found(
    ctx: PersonContext, message: MessageRow
) -> tuple[list[tuple[ReminderRow, str, subjects.Subject]], list[Aside]]:
    """What a message carries; and those of which nothing can be said, for a defect."""
    found, broken = [], []
    for reminder, ref in delivery.carried(ctx.session, message.id):
        try:
            subject = subjects.find(ctx, reminder)
            if subject.silence is None:
                subject.saying(ref)
        except StoreError:
            raise
        except Exception:
            log.exception("reminder %s of message %s cannot be judged", reminder.id, message.id)
            again = ctx.now + DEFECT_WAITS
            broken.append(
                Aside(
                    reminder=reminder, state="held", reason=DEFECT, code="defect", not_before=again
                )
            )
        else:
            found.append((reminder, ref, subject))
    return found, broken


def _waits(
    ctx: PersonContext,
    message: MessageRow,
    said: tuple[tuple[ReminderRow, subjects.Subject], ...],
    aside: tuple[Aside, ...],
    body: str,
    *,
    claimed: bool,
) -> Verdict | Route:
    """Why a message that has something to say cannot go now; else the way that it goes."""
    now, person = ctx.now, ctx.person
    ways = routes.usable(ctx.session, person)
    if not ways:
        again = now + ROUTE_LOOKS_AGAIN
        return Verdict(
            state="held", reason=messages.NO_ROUTE, code="no-route", not_before=again, aside=aside
        )
    way = next(
        (
            each
            for each in ways
            if (each.channel, each.address) == (message.channel, message.address)
        ),
        None,
    )
    if way is None:
        return Verdict(state="cancelled", reason=MOVED, code="moved", said=said, aside=aside)
    if message.channel != "console":
        quiet = person.quiet_until_at
        if quiet is not None and quiet > now and not message.urgent:
            return Verdict(state="pending", reason=QUIET, not_before=quiet)
        opens_at = due.within_hours(
            now,
            hours=hours_of(person, ctx.settings),
            where=whereabouts.of(ctx.session, person),
        )
        if opens_at > now:
            return Verdict(state="pending", reason=CLOSED_HOURS, not_before=opens_at)
        parts = messages.cost(message.channel, body)
        if _at_cap(ctx.settings, ctx.session, message, now, parts, claimed=claimed):
            return _wait_for_cap(now)
    return way


def _judge_plain(ctx: PersonContext, message: MessageRow, *, claimed: bool) -> Verdict:
    """A code or a test: for now or not at all, at any hour, to one address alone."""
    if ctx.now >= message.useful_until_at:
        return Verdict(state="expired", reason=booking.TOO_LATE)
    if message.channel == "console":
        target: str | None = message.address
    else:
        row = destinations.find(ctx.session, ctx.person.id, message.channel, message.address)
        gone = row is None or row.revoked_at is not None or row.opted_out_at is not None
        target = None if row is None or gone else row.target or row.address
    if target is None:
        return Verdict(state="cancelled", reason=messages.NO_ROUTE)
    parts = message.segments
    if _at_cap(ctx.settings, ctx.session, message, ctx.now, parts, claimed=claimed):
        return _wait_for_cap(ctx.now)
    return Verdict(
        state="sending",
        body=message.body,
        ref=message.ref,
        target=target,
        revision=ctx.person.revision,
    )


def _at_cap(
    settings: Settings,
    session: Session,
    message: MessageRow,
    now: datetime,
    parts: int,
    *,
    claimed: bool,
) -> bool:
    """Whether `parts` more are over the person's or the number's share of a day.

    The home's is the tick's to mind.
    """
    if message.channel == "console":
        return False
    used = delivery.used_since(session, message.person_id, message.address, now - timedelta(days=1))
    own = int(claimed)
    if used.messages - own >= settings.delivery.daily_cap:
        return True
    more = parts - (message.segments if claimed else 0)
    return message.channel == "sms" and (
        used.of_person + more > settings.sms.segments_per_person
        or used.of_address + more > settings.sms.segments_per_number
    )


def _wait_for_cap(now: datetime) -> Verdict:
    return Verdict(state="pending", reason=AT_CAP, not_before=now + timedelta(hours=1))


def abandon(office: Office, now: datetime, *, home_id: str | None = None) -> int:
    """Rows whose sender is gone become unknown; how many those were.

    With `home_id`, every row claimed by an earlier start of that home: the home's
    lock proves that it is dead. Without, those whose lease has run out.
    """
    settle_at = now + timedelta(seconds=office.settings.delivery.settle_seconds)
    with office.database.write() as session:
        rows = delivery.abandoned(session, now, f"{home_id}:" if home_id else None)
        for message in rows:
            message.reason = SENDER_GONE
            message.not_before_at = settle_at
            delivery.move(session, message, "unknown", now, SENDER_GONE)
    return len(rows)


def resume_held(office: Office, now: datetime, code: str, *, at_once: bool = False) -> int:
    """Messages held for `code` whose time has come may go again; how many those were."""
    with office.database.write() as session:
        rows = delivery.held(session, code, until=None if at_once else now)
        for message in rows:
            delivery.resume(session, message, now)
    return len(rows)
