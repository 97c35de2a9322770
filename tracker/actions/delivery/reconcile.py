"""Reconciling: what became of a message is asked of the provider's own list, never guessed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from tracker.actions.delivery import steps, subjects
from tracker.actions.delivery.claim import Aside, set_aside
from tracker.actions.delivery.send import FAILED_INSIDE, NOT_SET_UP, adopt
from tracker.actions.office import Office
from tracker.channels.message import Channel, ChannelError, Failure, Outgoing
from tracker.language import N_
from tracker.store import delivery, people
from tracker.store.restoring import RESTORED

log = logging.getLogger(__name__)

ABSENT_TWICE = 2
MAYBE_TWICE = N_("This channel cannot be asked; it is sent once more and may arrive twice.")
NOBODY_KNOWS = N_("Sent, once or twice; this channel cannot tell.")
NOT_TAKEN = N_("The provider's list does not have it; it is sent again.")
# A ref is not used again for 400 days, so the list may be searched far back; a
# machine whose clock was wrong must still find what it sent.
LOOK_BACK = timedelta(days=30)


def reconcile(
    office: Office, channels: Mapping[str, Channel], is_over: Callable[[], bool] = lambda: False
) -> int:
    """Ask about every message in doubt whose time has come; how many were asked about.

    Ends when `is_over` says so: a list that only times out must not keep others waiting.
    """
    with office.database.read() as session:
        waiting = delivery.in_doubt(session, office.clock.now())
    for count, message_id in enumerate(waiting):
        if is_over():
            return count
        _ask(office, channels, message_id)
    return len(waiting)


def _ask(office: Office, channels: Mapping[str, Channel], message_id: int) -> None:
    with office.database.read() as session:
        message = delivery.message(session, message_id)
    now = office.clock.now()
    if message.state != "unknown" or message.not_before_at > now:
        return  # another worker asked meanwhile
    channel = channels.get(message.channel)
    again_at = now + timedelta(seconds=office.settings.delivery.recheck_seconds)
    if channel is not None and not channel.can_ask:
        _cannot_ask(office, message_id)
        return
    if message.reason == RESTORED:
        _take_apart(office, message_id)
    try:
        if channel is None:
            raise ChannelError(Failure.transient, NOT_SET_UP)
        found = channel.find(
            Outgoing(ref=message.ref, address=message.address, body=message.body),
            # What was written while the clock was ahead may have gone before that.
            since=min(message.created_at, now) - LOOK_BACK,
        )
    except ChannelError as error:
        steps.reached("asked")
        _no_answer(office, message_id, error.reason, again_at)
        return
    except Exception:
        log.exception("the list of %s cannot be read", message.channel)
        _no_answer(office, message_id, FAILED_INSIDE, again_at)
        return
    steps.reached("asked")
    with office.database.write() as session:
        current = delivery.message(session, message_id, locked=True)
        if current.state != "unknown":
            return
        now = office.clock.now()
        if found is not None:
            adopt(session, current, found, now)
        elif current.not_before_at != message.not_before_at:
            return  # two lists at one moment are one list: the second look comes later
        elif current.asked + 1 < ABSENT_TWICE:
            current.asked += 1
            current.not_before_at = again_at
            session.add(current)
        else:
            current.asked = 0
            current.not_before_at = now
            current.reason = NOT_TAKEN
            delivery.move(session, current, "pending", now, NOT_TAKEN)
    steps.reached("reconciled")


def _take_apart(office: Office, message_id: int) -> None:
    """What a backup has in one text may have gone in several: each is asked about by its ref."""
    with office.database.write() as session:
        message = delivery.message(session, message_id, locked=True)
        carried = delivery.carried(session, message.id)
        if message.state != "unknown" or len(carried) < 2:
            return
        person = people.by_id(session, message.person_id)
        ctx = subjects.context(office, session, person, office.clock.now())
        message.ref = carried[0][1]
        aside = [
            Aside(
                reminder=reminder,
                state="unknown",
                reason=RESTORED,
                not_before=message.not_before_at,
            )
            for reminder, _ in carried[1:]
        ]
        set_aside(ctx, message, aside)


def _cannot_ask(office: Office, message_id: int) -> None:
    """Nobody can tell whether it went: once more, under the same name, and told as doubtful.

    A second time it stays at that: better one too few than one too many again.
    """
    now = office.clock.now()
    with office.database.write() as session:
        message = delivery.message(session, message_id, locked=True)
        if message.state != "unknown":
            return
        if message.doubtful:
            message.reason = NOBODY_KNOWS
            delivery.move(session, message, "sent", now, NOBODY_KNOWS)
            return
        message.doubtful = True
        message.not_before_at = now
        message.reason = MAYBE_TWICE
        delivery.move(session, message, "pending", now, MAYBE_TWICE)


def _no_answer(office: Office, message_id: int, reason: str, again_at: datetime) -> None:
    """No answer is never taken for "not sent": it stays in doubt, and visible."""
    with office.database.write() as session:
        current = delivery.message(session, message_id, locked=True)
        if current.state == "unknown":
            current.reason, current.not_before_at = reason, again_at
            session.add(current)
