"""Writing messages: rows of the outbox, each for one address over one channel."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from tracker.actions import booking, whereabouts
from tracker.actions.delivery import routes, subjects
from tracker.actions.delivery.routes import Route
from tracker.actions.office import PersonContext
from tracker.channels import wording
from tracker.channels.segments import segments
from tracker.channels.words import REF_DIGITS, REF_LETTERS
from tracker.language import N_
from tracker.store import delivery, marks
from tracker.store.db import StoreError
from tracker.store.db import add as insert
from tracker.store.delivery import MessageReminderRow, MessageRow, ReminderRow
from tracker.store.destinations import DestinationRow
from tracker.store.restoring import RESTORED

log = logging.getLogger(__name__)

NO_ROUTE = N_("No number or address of the person is confirmed yet.")
URGENT = frozenset({"deadline"})
MOST_SEGMENTS = 3
"""A text never gets longer than this; more subjects make another text."""
CODE_LASTS = timedelta(minutes=30)
TEST_LASTS = timedelta(minutes=10)
# Two things of one morning go together if not more than this lies between.
TOGETHER_WITHIN = timedelta(hours=1)

_TURNS = 100
_LOOKS_AGAIN = timedelta(hours=12)


def deliver(ctx: PersonContext, reminder: ReminderRow) -> None:
    """A reminder under its key, in a message over the person's first way; once, however often.

    Several of one morning share a message. Call under the person's lock.
    """
    kept = delivery.remind(ctx.session, reminder)
    if kept is None:
        return
    ways = routes.usable(ctx.session, ctx.person)
    useful = ctx.now < kept.useful_until_at
    if useful and ways and kept.kind not in URGENT and _joined(ctx, kept, ways[0]):
        return
    write(ctx, [kept], ways[0] if ways else None, not_before=kept.moment_at)


def again(ctx: PersonContext, reminder: ReminderRow) -> None:
    """Another message for a reminder whose last one was cancelled for what holds no more."""
    ways = routes.usable(ctx.session, ctx.person)
    write(ctx, [reminder], ways[0] if ways else None, not_before=ctx.now)


def write(
    ctx: PersonContext,
    reminders: Sequence[ReminderRow],
    route: Route | None,
    *,
    not_before: datetime,
    replaces: MessageRow | None = None,
    state: str | None = None,
    reason: str | None = None,
    code: str | None = None,
    doubtful: bool = False,
) -> MessageRow:
    """A message for reminders: pending, too late, or held where there is no way to the person.

    `state` with its reason says it outright, for what is split off another message.
    """
    first = reminders[0]
    one_debt = len({each.debt_id for each in reminders}) == 1
    useful_until = max(each.useful_until_at for each in reminders)
    channel, to = (route.channel, route.address) if route else ("console", ctx.person.handle)
    if state is None:
        if ctx.now >= useful_until:
            state, reason = "expired", booking.TOO_LATE
        elif route is None:
            state, reason, code = "held", NO_ROUTE, "no-route"
            not_before = ctx.now + _LOOKS_AGAIN
        elif any(_may_have_gone(ctx, each) for each in reminders):
            # What was due before the restore may have been sent by the lost database.
            state, reason = "unknown", RESTORED
            settled_at = ctx.now + timedelta(seconds=ctx.settings.delivery.settle_seconds)
            not_before = max(not_before, settled_at)
        else:
            state = "pending"
    refs: list[str] = []
    for each in reminders:
        refs.append(_ref_of(ctx, each, to, drawn=refs))
    again = 0
    if replaces is not None and replaces.channel == channel and replaces.state == "undelivered":
        again = replaces.again + 1
    message = insert(
        ctx.session,
        MessageRow(
            person_id=ctx.person.id,
            debt_id=first.debt_id if one_debt else None,
            channel=channel,
            address=to,
            body="",
            ref=refs[0],
            state=state,
            reason=reason,
            code=code,
            not_before_at=not_before,
            useful_until_at=useful_until,
            replaces_id=replaces.id if replaces else None,
            urgent=any(each.kind in URGENT for each in reminders),
            again=again,
            doubtful=doubtful,
            created_at=ctx.now,
            changed_at=ctx.now,
        ),
    )
    for reminder, ref in zip(reminders, refs, strict=True):
        _link(ctx, message, reminder, ref)
    # What takes over from another must come to be, whatever can be said of it.
    message.body = _text(ctx, message, whole=state == "pending" and replaces is None)
    message.segments = cost(channel, message.body)
    insert(ctx.session, message)
    _opened(ctx, message)
    return message


def code(ctx: PersonContext, destination: DestinationRow, digits: str) -> MessageRow:
    """The code that proves a new number or address; goes at any hour, to that address alone."""
    until = ctx.now + CODE_LASTS
    ref = _fresh_ref(ctx, f"code/{destination.id}/{destination.codes}", destination.address)
    body = wording.code(digits, lang=ctx.language, name=ctx.person.name, ref=ref)
    return _plain(ctx, destination.channel, destination.address, "code", body, ref, until)


def test(ctx: PersonContext, channel: str, address: str) -> MessageRow:
    """A message that asks for nothing, to see whether a way works."""
    ref = _fresh_ref(ctx, f"test/{ctx.now.isoformat()}", address)
    body = wording.test(lang=ctx.language, name=ctx.person.name, ref=ref)
    return _plain(ctx, channel, address, "test", body, ref, ctx.now + TEST_LASTS)


def _plain(
    ctx: PersonContext, channel: str, to: str, kind: str, body: str, ref: str, until: datetime
) -> MessageRow:
    message = insert(
        ctx.session,
        MessageRow(
            person_id=ctx.person.id,
            channel=channel,
            address=to,
            body=body,
            ref=ref,
            kind=kind,
            urgent=True,
            state="pending",
            segments=cost(channel, body),
            not_before_at=ctx.now,
            useful_until_at=until,
            created_at=ctx.now,
            changed_at=ctx.now,
        ),
    )
    _opened(ctx, message)
    return message


def cost(channel: str, body: str) -> int:
    """What a text costs in parts of an SMS; nothing over any other channel."""
    return segments(body).count if channel == "sms" else 0


def composed(ctx: PersonContext, channel: str, said: Sequence[tuple[subjects.Subject, str]]) -> str:
    """The text about subjects, each with its ref; an e-mail gives each a line."""
    sayings = [subject.saying(ref) for subject, ref in said]
    name = ctx.person.name
    if channel == "mail":
        return "\n".join(wording.body(each, lang=ctx.language, name=name) for each in sayings)
    return wording.together(sayings, lang=ctx.language, name=name)


Said = Sequence[tuple[ReminderRow, subjects.Subject]]


def key(message: MessageRow) -> str:
    """The message's own name: the same at each try, and after a restore, as its ref is."""
    return f"{message.ref.lower()}-{message.person_id}"


def subject(ctx: PersonContext, channel: str, said: Said) -> str:
    """The line above a mail or a push: as neutral as the text."""
    if channel not in ("mail", "push"):
        return ""
    words = list(dict.fromkeys(each.word for _, each in said if each.word))
    return ", ".join([ctx.person.name, *words[:3]])


def calendar(ctx: PersonContext, channel: str, said: Said) -> bytes | None:
    """The instalments that a mail speaks of, as a file for a calendar."""
    if channel != "mail":
        return None
    from tracker.actions import events

    refs = {reminder.subject_ref for reminder, _ in said if ":" not in reminder.subject_ref}
    return events.file_of(ctx, refs) if refs else None


def _joined(ctx: PersonContext, reminder: ReminderRow, route: Route) -> bool:
    """Whether a reminder found its place in a message that waits for the same morning."""
    if _may_have_gone(ctx, reminder):
        return False
    waiting = delivery.joinable(
        ctx.session, ctx.person.id, route.channel, route.address, reminder.moment_at
    )
    zone = ZoneInfo(whereabouts.of(ctx.session, ctx.person).zone_at(reminder.moment_at))
    for message in waiting:
        apart = abs(message.not_before_at - reminder.moment_at)
        one_day = (
            message.not_before_at.astimezone(zone).date()
            == reminder.moment_at.astimezone(zone).date()
        )
        if apart > TOGETHER_WITHIN or not one_day:
            continue
        link = _link(ctx, message, reminder, _ref_of(ctx, reminder, route.address))
        body = _text(ctx, message)
        if cost(route.channel, body) > MOST_SEGMENTS:
            delivery.unlink(ctx.session, link)
            continue
        message.body, message.segments = body, cost(route.channel, body)
        message.useful_until_at = max(message.useful_until_at, reminder.useful_until_at)
        message.not_before_at = max(message.not_before_at, reminder.moment_at)
        message.debt_id = message.debt_id if message.debt_id == reminder.debt_id else None
        message.changed_at = ctx.now
        insert(ctx.session, message)
        return True
    return False


def _text(ctx: PersonContext, message: MessageRow, *, whole: bool = False) -> str:
    """What would be said now; when it goes out it is composed anew.

    What cannot be said for a defect is left out, and raised only if it is to be `whole`.
    """
    said = []
    for reminder, ref in delivery.carried(ctx.session, message.id):
        try:
            subject = subjects.find(ctx, reminder)
            if subject.silence is None:
                subject.saying(ref)
        except StoreError:
            raise
        except Exception:
            if whole:
                raise
            log.exception("reminder %s of message %s cannot be told", reminder.id, message.id)
        else:
            said.append((subject, ref))
    open_ones = [each for each in said if each[0].silence is None] or said[:1]
    return composed(ctx, message.channel, open_ones) if open_ones else ""


def _link(
    ctx: PersonContext, message: MessageRow, reminder: ReminderRow, ref: str
) -> MessageReminderRow:
    return insert(
        ctx.session,
        MessageReminderRow(message_id=message.id, reminder_id=reminder.id, ref=ref),
    )


def _opened(ctx: PersonContext, message: MessageRow) -> None:
    insert(
        ctx.session,
        delivery.DeliveryEventRow(
            message_id=message.id,
            at=ctx.now,
            from_state=None,
            to_state=message.state,
            detail=message.reason,
        ),
    )


def _may_have_gone(ctx: PersonContext, reminder: ReminderRow) -> bool:
    restored_at = marks.restored_at(ctx.session)
    return restored_at is not None and reminder.moment_at <= restored_at


def _ref_of(
    ctx: PersonContext, reminder: ReminderRow, address: str, *, drawn: Sequence[str] = ()
) -> str:
    """The ref of a reminder's next message.

    Of the reminder's key and the number of its messages alone, so that a database
    put back from a backup arrives at the refs which are in the provider's list.
    """
    key = (
        reminder.subject_ref,
        reminder.kind,
        reminder.due_on.isoformat(),
        str(reminder.offset_days),
        str(reminder.generation),
        str(delivery.carriers(ctx.session, reminder.id)),
    )
    return _fresh_ref(ctx, "/".join(key), address, drawn=drawn)


def _fresh_ref(ctx: PersonContext, seed: str, address: str, *, drawn: Sequence[str] = ()) -> str:
    """A ref, such as K7Q2, that no message of this person or to this address has had.

    Nor one of `drawn`. That none is given twice at one moment is the schema's rule.
    """
    for turn in count():
        digest = hashlib.sha256(f"{ctx.person.id}/{seed}/{turn}".encode()).digest()
        # After decades four characters may be used up.
        pairs = 2 if turn < _TURNS else 3
        ref = "".join(
            alphabet[byte % len(alphabet)]
            for alphabet, byte in zip((REF_LETTERS, REF_DIGITS) * pairs, digest, strict=False)
        )
        if ref not in drawn and not delivery.ref_taken(ctx.session, ctx.person.id, address, ref):
            return ref
    raise AssertionError
