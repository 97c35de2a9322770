"""Following: what became of a message after the provider had accepted it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import cast

from tracker.actions.delivery import send, steps
from tracker.actions.office import Office
from tracker.channels.message import Channel, ChannelError, Failure, Fate, Following
from tracker.store import delivery
from tracker.store.db import BrokenRule, Session
from tracker.store.delivery import MessageRow

log = logging.getLogger(__name__)

AT_MOST = 100
# Asked again ever more rarely; where a carrier gives no receipts "sent" is all there will be.
WAITS = tuple(timedelta(minutes=each) for each in (10, 60, 360, 1440))
GIVEN_UP_AFTER = timedelta(days=3)
# A phone that was off: once or twice more, hours apart.
AGAIN_AFTER, AGAIN_AT_MOST = timedelta(hours=3), 2


def follow(
    office: Office, channels: Mapping[str, Channel], is_over: Callable[[], bool] = lambda: False
) -> int:
    """Ask about messages whose time for that has come; how many were asked about.

    Ends when `is_over` says so, or a provider cannot be had: it would not answer the next.
    """
    with office.database.read() as session:
        waiting = delivery.to_follow(session, office.clock.now(), AT_MOST)
    for count, message in enumerate(waiting):
        if is_over():
            return count
        channel = channels.get(message.channel)
        if channel is None or not channel.can_follow or message.provider_id is None:
            _put_off(office, message.id, None)
            continue
        try:
            fate = cast(Following, channel).follow(message.provider_id)
        except ChannelError as error:
            steps.reached("asked")
            _put_off(office, message.id, error.reason)
            return count + 1
        steps.reached("asked")
        try:
            settle(office, message.id, fate)
        except BrokenRule:
            # What cannot be written down must not keep the others waiting.
            log.exception("what became of message %s cannot be written down", message.id)
            _put_off(office, message.id, fate.status)
    return len(waiting)


def told(office: Office, channel: str, provider_id: str, fate: Fate) -> bool:
    """The provider says by itself what became of a message; False where nothing came of it.

    Of an id that is not on record (another program's text, or ours before its answer
    was recorded) nothing is made: whoever sent it asks later.
    """
    with office.database.read() as session:
        message_id = delivery.by_provider_id(session, channel, provider_id)
    return message_id is not None and settle(office, message_id, fate)


def settle(office: Office, message_id: int, fate: Fate) -> bool:
    """Write down what became of a message; False where that was known, or nothing is final yet.

    States go forward only: what comes late, twice or out of order changes nothing.
    """
    now = office.clock.now()
    with office.database.write() as session:
        message = delivery.message(session, message_id, locked=True)
        if message.state not in ("sent", "unknown", "sending"):
            if message.follow_at is not None:
                message.follow_at = None
                session.add(message)
            return False
        message.provider_status = fate.status
        if message.state != "sent" or fate.state == "sent":
            # Reconciling and recording have the word while the answer is still out.
            message.follow_at = _next(message, now)
            session.add(message)
            return False
        message.follow_at = None
        if fate.state == "delivered":
            message.reason = message.code = None
            delivery.move(session, message, "delivered", now, fate.status)
            return True
        message.reason, message.code = fate.reason, fate.code
        delivery.move(session, message, "undelivered", now, fate.code or fate.status)
        _take_over(office, session, message, fate, now)
    return True


def _take_over(
    office: Office, session: Session, message: MessageRow, fate: Fate, now: datetime
) -> None:
    if fate.kind is Failure.transient and message.again < AGAIN_AT_MOST:
        send.replace(office, session, message, now, again_at=now + AGAIN_AFTER)
    else:
        send.replace(office, session, message, now)


def _put_off(office: Office, message_id: int, reason: str | None) -> None:
    now = office.clock.now()
    with office.database.write() as session:
        message = delivery.message(session, message_id, locked=True)
        # Meanwhile it may have said by itself what became of it.
        goes_on = reason is not None and message.state == "sent"
        message.follow_at = _next(message, now) if goes_on else None
        session.add(message)


def _next(message: MessageRow, now: datetime) -> datetime | None:
    age = now - message.changed_at
    if age >= GIVEN_UP_AFTER:
        return None
    wait = next((each for each in WAITS if age < each), WAITS[-1])
    return now + wait
