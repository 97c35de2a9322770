"""Sending: one request outside any transaction, then its outcome on record."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from tracker.actions import whereabouts
from tracker.actions.delivery import messages, routes, steps, subjects
from tracker.actions.delivery.claim import Claimed, Verdict, settle, still_ours
from tracker.actions.office import Office, PersonContext
from tracker.actions.terms import hours_of
from tracker.channels.codes import OPTED_OUT
from tracker.channels.message import Accepted, Channel, ChannelError, Failure, Outgoing
from tracker.core import due
from tracker.language import N_
from tracker.store import delivery, destinations, people
from tracker.store.db import Session
from tracker.store.delivery import MessageRow

log = logging.getLogger(__name__)

NOT_SET_UP = N_("This channel is not set up.")
FAILED_INSIDE = N_("The channel failed; the message may have gone.")
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
ACCOUNT_WAIT = timedelta(minutes=15)
# The channels that tell later what became of a message, and when they are asked first.
FOLLOWED = frozenset({"sms"})
FIRST_FOLLOW = timedelta(minutes=2)


def send(office: Office, channels: Mapping[str, Channel], claimed: Claimed) -> Failure | None:
    """Send what was claimed and record what came of it; the kind of failure, if one.

    The clock is read anew at each step: a request may take half a minute.
    """
    steps.reached("claimed")
    verdict = still_ours(office, claimed, office.clock.now())
    if verdict is None:
        log.warning("message %s was no longer ours before it was sent", claimed.message_id)
        return None
    if verdict.state != "sending":
        _record_unsent(office, claimed, verdict)
        return None
    steps.reached("checked")
    channel = channels.get(claimed.channel)
    outcome: Accepted | ChannelError
    if channel is None:
        outcome = ChannelError(Failure.permanent, NOT_SET_UP)
    else:
        now = office.clock.now()
        seconds = int((claimed.useful_until - now).total_seconds())
        try:
            outcome = channel.send(
                Outgoing(
                    ref=claimed.ref,
                    address=claimed.address,
                    body=claimed.body,
                    valid_seconds=max(seconds, 1),
                    key=claimed.key,
                    subject=claimed.subject,
                    calendar=claimed.calendar,
                )
            )
        except ChannelError as error:
            outcome = error
        except Exception:
            # It may have gone before that: asked about, never sent blindly again.
            log.exception("the channel %s failed with message %s", claimed.channel, claimed.ref)
            outcome = ChannelError(Failure.unknown, FAILED_INSIDE)
    steps.reached("answered")
    record(office, claimed, outcome)
    steps.reached("recorded")
    return outcome.kind if isinstance(outcome, ChannelError) else None


def record(office: Office, claimed: Claimed, outcome: Accepted | ChannelError) -> None:
    """Write the outcome to the row, if it is still ours; a late answer is kept all the same."""
    now = office.clock.now()
    with office.database.write() as session:
        message = delivery.message(session, claimed.message_id, locked=True)
        ours = message.state == "sending" and message.owner == claimed.owner
        if isinstance(outcome, Accepted):
            if ours or message.state in ("unknown", "pending", "held"):
                adopt(session, message, outcome, now)
            else:
                log.error(
                    "message %s was taken by the provider although its row says %s: "
                    "it may have arrived twice",
                    message.id,
                    message.state,
                )
                message.doubtful = True
                session.add(message)
                detail = f"may have arrived twice: {outcome.provider_id}"
                session.add(
                    delivery.DeliveryEventRow(
                        message_id=message.id,
                        at=now,
                        from_state=message.state,
                        to_state=message.state,
                        detail=detail,
                    )
                )
        elif ours:
            _refused(office, session, message, outcome, now)


def adopt(session: Session, message: MessageRow, accepted: Accepted, now: datetime) -> None:
    """The provider has it: keep its id and its word."""
    message.provider_id = accepted.provider_id
    message.provider_status = accepted.status
    message.reason = message.code = None
    state = "delivered" if accepted.status == "delivered" else "sent"
    if state == "sent" and message.channel in FOLLOWED:
        message.follow_at = now + FIRST_FOLLOW
    delivery.move(session, message, state, now, accepted.provider_id)


def _refused(
    office: Office, session: Session, message: MessageRow, error: ChannelError, now: datetime
) -> None:
    message.reason, message.code = error.reason, error.code
    if error.kind is Failure.permanent:
        delivery.move(session, message, "failed", now, error.code)
        if error.code == str(OPTED_OUT):
            opt_out(session, message, now)
        replace(office, session, message, now)
    elif error.kind is Failure.transient:
        waited = FIRST_WAIT * 2 ** min(message.attempts - 1, 10)
        if error.retry_after is not None:
            waited = max(timedelta(seconds=error.retry_after), timedelta(seconds=1))
        message.not_before_at = now + min(waited, LONGEST_WAIT)
        delivery.move(session, message, "pending", now, error.code)
    elif error.kind is Failure.account:
        # Not its fault: no attempt is used up, and it is tried again by itself.
        message.attempts -= 1
        message.code = "account"
        message.not_before_at = now + ACCOUNT_WAIT
        delivery.move(session, message, "held", now, error.code)
    else:
        message.not_before_at = now + timedelta(seconds=office.settings.delivery.settle_seconds)
        delivery.move(session, message, "unknown", now, error.code)


def opt_out(session: Session, message: MessageRow, now: datetime) -> None:
    """The provider says that this number answered STOP: it stops for all who share it."""
    for row in destinations.at(session, message.channel, message.address):
        if row.opted_out_at is None:
            row.opted_out_at = now
            session.add(row)
    session.flush()


def replace(
    office: Office,
    session: Session,
    message: MessageRow,
    now: datetime,
    *,
    again_at: datetime | None = None,
) -> None:
    """Another row takes over, once: the person's next way, or from `again_at` the same one.

    The next one too where `again_at` would be too late. What is a code or a test, was
    settled meanwhile, or has no use any more, ends here.
    """
    if message.kind != "reminder":
        return
    person = people.by_id(session, message.person_id)
    ctx = subjects.context(office, session, person, now)
    left = [
        reminder
        for reminder, _ in delivery.carried(session, message.id)
        if now < reminder.useful_until_at and not subjects.is_silent(ctx, reminder)
    ]
    ways = routes.usable(session, person)
    # Only what comes after it in the person's order, so that no two take turns; or the
    # same channel with a number or an address that was set meanwhile.
    order = person.channels.split(",")
    place = order.index(message.channel) if message.channel in order else -1
    others = [
        each
        for each in ways
        if order.index(each.channel) > place
        or (each.channel == message.channel and each.address != message.address)
    ]
    if again_at is not None:
        same = [each for each in ways if each.channel == message.channel]
        in_time = [r for r in left if _opens(ctx, again_at) < r.useful_until_at]
        if same and in_time and (len(in_time) == len(left) or not others):
            messages.write(ctx, in_time, same[0], not_before=again_at, replaces=message)
            return
    if left and others:
        messages.write(ctx, left, others[0], not_before=now, replaces=message)


def _opens(ctx: PersonContext, at: datetime) -> datetime:
    """The first moment from `at` on at which messages may go where the person is."""
    return due.within_hours(
        at,
        hours=hours_of(ctx.person, ctx.settings),
        where=whereabouts.of(ctx.session, ctx.person),
    )


def _record_unsent(office: Office, claimed: Claimed, verdict: Verdict) -> None:
    with office.database.write() as session:
        message = delivery.message(session, claimed.message_id, locked=True)
        if message.state == "sending" and message.owner == claimed.owner:
            message.attempts -= 1
            person = people.by_id(session, message.person_id)
            ctx = subjects.context(office, session, person, office.clock.now())
            settle(ctx, message, verdict)
