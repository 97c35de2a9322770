"""Claiming: take one message in a durable commit of its own, or settle it without sending.

A claim carries an owner and a lease. Before a request goes out the claim is read
again: a payment, a hold or another worker may have come between.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.actions import booking
from tracker.actions.delivery import steps, subjects
from tracker.actions.delivery.derive import DEFECT_WAITS
from tracker.actions.office import Office, PersonContext
from tracker.core import due
from tracker.language import N_
from tracker.store import delivery, people
from tracker.store.db import Session, StoreError
from tracker.store.delivery import MessageRow, ReminderRow

log = logging.getLogger(__name__)

DEFECT = N_("It could not be written; the daemon's log says why.")
NO_REMINDER = N_("Nothing is left that it was about.")
ON_HOLD = N_("The debt is on hold.")
AT_CAP = N_("The most messages of one day were reached.")
SENDER_GONE = N_("The sender stopped before the answer was recorded.")
QUIET = N_("It waits for the hours in which messages go.")
HOLD_LOOKS_AGAIN = timedelta(hours=12)
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
    address: str
    body: str
    ref: str
    useful_until: datetime
    lease_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to become of a message now. `state` "sending" means: send it, with `body`.

    `revision` is the person's, read before what the verdict rests on.
    """

    state: str
    reason: str | None = None
    code: str | None = None
    not_before: datetime | None = None
    body: str = ""
    revision: int = 0


def claim(
    office: Office, now: datetime, *, owner: str, blocked: frozenset[str] = frozenset()
) -> Claimed | MessageRow | None:
    """Claim the next message: a claim to send, a row that was settled unsent, or None.

    Channels in `blocked` are passed over. The claim is durable when this returns.
    """
    with office.database.write() as session:
        message = delivery.next_pending(session, now, blocked)
        if message is None:
            return None
        steps.reached("claiming")
        verdict = _judged(office, session, message, now)
        if verdict.state != "sending":
            settle(session, message, verdict, now)
            return message
        lease = now + timedelta(seconds=office.settings.delivery.lease_seconds)
        message.owner = owner
        message.lease_until_at = lease
        message.attempts += 1
        message.asked = 0
        message.reason = message.code = None
        message.body = verdict.body
        delivery.move(session, message, "sending", now, owner)
        return Claimed(
            message_id=message.id,
            person_id=message.person_id,
            owner=owner,
            judged_at=now,
            revision=verdict.revision,
            channel=message.channel,
            address=message.address,
            body=message.body,
            ref=message.ref,
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
        revision = delivery.revision_under(session, claimed.message_id, claimed.owner)
        if revision is None:
            return None
        stands = timedelta(0) <= now - claimed.judged_at < VERDICT_STANDS
        if revision == claimed.revision and stands:
            # Every payment, hold and setting would have counted the revision up; the
            # day's number may have been used up by another worker.
            if _at_cap(office, session, claimed.person_id, claimed.channel, now, claimed=True):
                return _wait_for_cap(now)
            return Verdict(state="sending", body=claimed.body)
        message = delivery.message(session, claimed.message_id)
        return _judged(office, session, message, now, claimed=True)


def settle(session: Session, message: MessageRow, verdict: Verdict, now: datetime) -> None:
    """Write down a verdict that is not to send."""
    message.reason, message.code = verdict.reason, verdict.code
    if verdict.not_before is not None:
        message.not_before_at = verdict.not_before
    if verdict.state == message.state:
        message.changed_at = now
        session.add(message)
    else:
        delivery.move(session, message, verdict.state, now, verdict.reason)


def _judged(
    office: Office, session: Session, message: MessageRow, now: datetime, *, claimed: bool = False
) -> Verdict:
    """The verdict; one that cannot be reached holds this message and no other."""
    try:
        return judge(office, session, message, now, claimed=claimed)
    except StoreError:
        raise
    except Exception:
        log.exception("message %s cannot be judged", message.id)
        return Verdict(state="held", reason=DEFECT, code="defect", not_before=now + DEFECT_WAITS)


def judge(
    office: Office,
    session: Session,
    message: MessageRow,
    now: datetime,
    *,
    claimed: bool = False,
) -> Verdict:
    """What is right for a message at this moment, whatever was right when it was written.

    With `claimed`, it counts among the day's messages already.
    """
    person = people.by_id(session, message.person_id)
    ctx = subjects.context(office, session, person, now)
    reminders = delivery.reminders_of(session, message.id)
    spoken, silence, held = _subject(ctx, reminders, message.ref)
    if silence is not None:
        return Verdict(state="cancelled", reason=silence)
    if now >= message.useful_until_at:
        return Verdict(state="expired", reason=booking.TOO_LATE)
    if held is not None:
        return Verdict(state="held", reason=ON_HOLD, code="hold", not_before=now + HOLD_LOOKS_AGAIN)
    hours = office.settings.reminders.window
    opens_at = due.within_hours(now, hours=hours, zone=person.zone)
    if opens_at > now and message.channel != "console":
        return Verdict(state="pending", reason=QUIET, not_before=opens_at)
    if _at_cap(office, session, person.id, message.channel, now, claimed=claimed):
        return _wait_for_cap(now)
    return Verdict(state="sending", body=spoken, revision=person.revision)


def _at_cap(
    office: Office,
    session: Session,
    person_id: int,
    channel: str,
    now: datetime,
    *,
    claimed: bool,
) -> bool:
    if channel == "console":
        return False
    used = delivery.sent_since(session, person_id, now - timedelta(days=1))
    return used - int(claimed) >= office.settings.delivery.daily_cap


def _wait_for_cap(now: datetime) -> Verdict:
    return Verdict(state="pending", reason=AT_CAP, not_before=now + timedelta(hours=1))


def _subject(
    ctx: PersonContext, reminders: list[ReminderRow], ref: str
) -> tuple[str, str | None, str | None]:
    """The text of today, a reason for silence, and a hold; silent only if all subjects are."""
    silence: str | None = NO_REMINDER
    held: str | None = None
    for reminder in reminders:
        subject = subjects.find(ctx, reminder)
        silence = subject.silence
        if silence is None:
            return subjects.body(ctx, subject, reminder.kind, ref), None, subject.held
    return "", silence, held


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
