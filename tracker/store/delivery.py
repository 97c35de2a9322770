"""Reminders, the messages that carry them, and their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    Index,
    UniqueConstraint,
    bindparam,
    case,
    column,
    exists,
    func,
    insert,
    null,
    or_,
    union_all,
)
from sqlmodel import Field, Session, SQLModel, col, select

from tracker.store.columns import (
    added_flag,
    added_minor,
    added_text,
    counter,
    identity,
    link,
    one_of,
    text,
)
from tracker.store.db import insert_if_absent
from tracker.store.destinations import DestinationRow
from tracker.store.marks import MarkRow
from tracker.store.people import PersonRow
from tracker.store.wakes import WakeRow

KINDS = (
    "reminder",
    "reopened",
    "asked",
    "late",
    "snoozed",
    "answer",
    "call",
    "promise",
    "task",
    "deadline",
    "receipt",
    "leaving",
    "alive",
)
MESSAGES = ("reminder", "code", "test")
STATES = (
    "pending",
    "sending",
    "unknown",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "expired",
    "held",
    "cancelled",
)
GONE_STATES = ("sending", "unknown", "sent", "delivered", "undelivered")


class ReminderRow(SQLModel, table=True):
    """That somebody is to be reminded, without saying how. Its key makes it once only.

    `subject_ref` is an instalment's lineage ref, or names what it is with a prefix:
    `payment:<id>`, `receipt:<payment id>`, `bill:<ref>`, `followup:<ref>`,
    `leaving:<absence id>`, `alive:<ISO week>`. `offset_days` counts from the send-by
    day (-3 = three days before).
    """

    __tablename__ = "reminder"
    __table_args__ = (
        # The promise "never twice" is this key, not a lock in memory.
        UniqueConstraint(
            "subject_ref",
            "kind",
            "due_on",
            "offset_days",
            "person_id",
            "generation",
            name="uq_reminder_once",  # the convention's name is too long for PostgreSQL
        ),
        one_of("kind", KINDS),
        CheckConstraint("useful_until_at > moment_at", name="useful_after_moment"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int | None = link("debt.id", nullable=True)
    subject_ref: str = text()
    kind: str = text()
    due_on: date
    offset_days: int
    generation: int = counter()
    moment_at: datetime
    useful_until_at: datetime
    created_at: datetime


Key = tuple[str, str, date, int, int]
"""Subject, kind, due date, offset and generation: with the person, what makes a reminder one."""


class MessageRow(SQLModel, table=True):
    """One text to one address over one channel. A fallback is a new row with `replaces_id`.

    `urgent` passes through digest, quiet and absence. `segments` is what the text
    costs as SMS; `follow_at` when the provider is asked next what became of it;
    `again` how many messages over the same channel it comes after; `doubtful` that
    it may have arrived twice.
    """

    __tablename__ = "message"
    __table_args__ = (
        # What a person answers with, and what a provider's list is searched for by
        # recipient: two people may share a telephone.
        UniqueConstraint("person_id", "ref"),
        UniqueConstraint("address", "ref"),
        UniqueConstraint("replaces_id"),
        one_of("state", STATES),
        one_of("kind", MESSAGES),
        CheckConstraint("attempts >= 0 AND asked >= 0", name="counts"),
        CheckConstraint("segments >= 0 AND again >= 0", name="more_counts"),
        CheckConstraint(
            "state <> 'sending' OR (owner IS NOT NULL AND lease_until_at IS NOT NULL)",
            name="sending_has_owner",
        ),
        Index("ix_message_state_not_before", "state", "not_before_at", "id"),
        Index(
            "ix_message_follow_at",
            "follow_at",
            sqlite_where=column("follow_at").is_not(None),
        ),
    )
    id: int = identity()
    person_id: int = link("person.id")
    debt_id: int | None = link("debt.id", nullable=True)
    channel: str = text()
    address: str = text()
    body: str = text()
    ref: str = text()
    state: str = text()
    not_before_at: datetime
    useful_until_at: datetime
    owner: str | None = text(nullable=True)
    lease_until_at: datetime | None = None
    attempts: int = counter()
    asked: int = counter()
    provider_id: str | None = text(nullable=True, index=True)
    provider_status: str | None = text(nullable=True)
    code: str | None = text(nullable=True)
    reason: str | None = text(nullable=True)
    replaces_id: int | None = link("message.id", nullable=True, index=False)
    created_at: datetime
    changed_at: datetime
    kind: str = added_text("reminder")
    urgent: bool = added_flag()
    segments: int = added_minor()
    again: int = added_minor()
    doubtful: bool = added_flag()
    follow_at: datetime | None = None


class MessageReminderRow(SQLModel, table=True):
    """Which reminders a message carries, each under a `ref` that answers it alone."""

    __tablename__ = "message_reminder"
    __table_args__ = (UniqueConstraint("message_id", "reminder_id"),)
    id: int = identity()
    message_id: int = link("message.id", index=False)
    reminder_id: int = link("reminder.id")
    ref: str = text(index=True)


class DeliveryEventRow(SQLModel, table=True):
    """One transition of one message; append-only."""

    __tablename__ = "delivery_event"
    id: int = identity()
    message_id: int = link("message.id")
    at: datetime = Field(index=True)
    from_state: str | None = text(nullable=True)
    to_state: str = text()
    detail: str | None = text(nullable=True)


# Each tick and each message asks with these; made once, since making one costs as much
# as running it.
_SET_RIGHT = (
    select(MarkRow).where(col(MarkRow.kind) == "clock").order_by(col(MarkRow.id).desc()).limit(1)
)
_SET_AT, _SET_AFTER = (
    _SET_RIGHT.with_only_columns(each).scalar_subquery()
    for each in (col(MarkRow.at), col(MarkRow.event_id))
)
_SINCE_SET = (
    select(col(DeliveryEventRow.at))
    .where(col(DeliveryEventRow.id) > _SET_AFTER)
    .order_by(col(DeliveryEventRow.id).desc())
    .limit(100)
    .subquery()
)
_EVER = select(func.max(col(DeliveryEventRow.at))).scalar_subquery()
# Unmarked, the index of instants answers at once. What a wrong clock left there could
# be much and would be read each time, so after a mark the newest events are asked instead.
_INSTANTS = union_all(
    select(case((exists(_SET_RIGHT), null()), else_=_EVER).label("at")),
    select(_SET_AT),
    select(func.max(_SINCE_SET.c.at)),
).subquery()
_NEWEST = select(func.max(_INSTANTS.c.at))
_NEXT_MOMENTS = (
    select(func.min(col(WakeRow.at))),
    select(func.min(col(MessageRow.not_before_at))).where(
        col(MessageRow.state).in_(("pending", "unknown", "held"))
    ),
    select(func.min(col(MessageRow.lease_until_at))).where(col(MessageRow.state) == "sending"),
    select(func.min(col(MessageRow.follow_at))).where(col(MessageRow.follow_at).is_not(None)),
)
_MESSAGE = (
    select(MessageRow)
    .where(col(MessageRow.id) == bindparam("id"))
    .execution_options(populate_existing=True)
)
_MESSAGE_LOCKED = _MESSAGE.with_for_update()
# What is still to be derived may belong into the same text.
_TO_DERIVE = exists().where(
    col(WakeRow.person_id) == col(MessageRow.person_id), col(WakeRow.at) <= bindparam("now")
)
_NEXT_PENDING = (
    select(MessageRow)
    .where(
        col(MessageRow.state) == "pending",
        col(MessageRow.not_before_at) <= bindparam("now"),
        ~_TO_DERIVE,
    )
    .order_by(col(MessageRow.not_before_at), col(MessageRow.id))
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CARRIED = (
    select(ReminderRow, col(MessageReminderRow.ref))
    .join(MessageReminderRow, col(MessageReminderRow.reminder_id) == col(ReminderRow.id))
    .where(col(MessageReminderRow.message_id) == bindparam("message_id"))
    .order_by(col(MessageReminderRow.id))
)
# An address that was given up or opted out of counts no revision up.
_LEFT = exists().where(
    col(DestinationRow.channel) == col(MessageRow.channel),
    col(DestinationRow.address) == col(MessageRow.address),
    col(DestinationRow.person_id) == col(MessageRow.person_id),
    or_(col(DestinationRow.opted_out_at).is_not(None), col(DestinationRow.revoked_at).is_not(None)),
)
_REVISION_UNDER = (
    select(PersonRow.revision, _LEFT)
    .join(MessageRow, col(MessageRow.person_id) == col(PersonRow.id))
    .where(
        col(MessageRow.id) == bindparam("message_id"),
        col(MessageRow.state) == "sending",
        col(MessageRow.owner) == bindparam("owner"),
    )
)
_BY_PERSON = col(MessageRow.person_id) == bindparam("person_id")
_BY_ADDRESS = col(MessageRow.address) == bindparam("address")
_USED_SINCE = select(
    func.count(case((_BY_PERSON, 1))),
    func.coalesce(func.sum(case((_BY_PERSON, col(MessageRow.segments)))), 0),
    func.coalesce(func.sum(case((_BY_ADDRESS, col(MessageRow.segments)))), 0),
).where(
    or_(_BY_PERSON, _BY_ADDRESS),
    or_(*(col(MessageRow.state) == state for state in GONE_STATES)),
    col(MessageRow.changed_at) >= bindparam("since"),
    col(MessageRow.channel) != "console",
)
_EVENT = insert(DeliveryEventRow)


def next_moment(session: Session) -> datetime | None:
    """The earliest moment at which a tick has anything to do."""
    moments = [session.exec(statement).one() for statement in _NEXT_MOMENTS]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def newest_instant(session: Session) -> datetime | None:
    """The newest instant the delivery has committed; an earlier clock is wrong.

    Where a clock that had been wrong was set right (a mark), that moment and what came
    after it are the evidence, and nothing from before.
    """
    newest: datetime | None = session.exec(_NEWEST).one()
    return newest


def move(
    session: Session, message: MessageRow, state: str, now: datetime, detail: str | None = None
) -> None:
    """One transition and its event."""
    session.connection().execute(
        _EVENT,
        {
            "message_id": message.id,
            "at": now,
            "from_state": message.state,
            "to_state": state,
            "detail": detail,
        },
    )
    message.state = state
    message.changed_at = now
    if state != "sending":
        message.owner = None
        message.lease_until_at = None
    session.add(message)
    session.flush()


def next_pending(session: Session, now: datetime, without: frozenset[str]) -> MessageRow | None:
    """One message whose time has come, locked; rows another worker holds are skipped."""
    statement = _NEXT_PENDING
    if without:
        statement = statement.where(col(MessageRow.channel).not_in(without))
    return session.exec(statement, params={"now": now}).one_or_none()


def in_doubt(session: Session, now: datetime) -> list[int]:
    """Messages of unknown fate whose settling time has passed."""
    return list(
        session.exec(
            select(MessageRow.id)
            .where(col(MessageRow.state) == "unknown", col(MessageRow.not_before_at) <= now)
            .order_by(col(MessageRow.not_before_at), col(MessageRow.id))
        ).all()
    )


def abandoned(session: Session, now: datetime, owner_prefix: str | None) -> list[MessageRow]:
    """Rows left in `sending`: by a dead start of this home, or past their lease."""
    gone = col(MessageRow.lease_until_at) < now
    if owner_prefix is not None:
        gone = or_(gone, col(MessageRow.owner).startswith(owner_prefix, autoescape=True))
    return list(
        session.exec(
            select(MessageRow)
            .where(col(MessageRow.state) == "sending", gone)
            .with_for_update(skip_locked=True)
        ).all()
    )


def message(session: Session, message_id: int, *, locked: bool = False) -> MessageRow:
    statement = _MESSAGE_LOCKED if locked else _MESSAGE
    return session.exec(statement, params={"id": message_id}).one()


def revision_under(session: Session, message_id: int, owner: str) -> tuple[int, bool] | None:
    """The person's revision, and whether the address was given up, while `owner` has the claim."""
    row = session.exec(
        _REVISION_UNDER, params={"message_id": message_id, "owner": owner}
    ).one_or_none()
    return None if row is None else (row[0], bool(row[1]))


def carried(session: Session, message_id: int) -> list[tuple[ReminderRow, str]]:
    """The reminders of a message, each with the ref that answers it."""
    found = session.exec(_CARRIED, params={"message_id": message_id}).all()
    return [(reminder, ref) for reminder, ref in found]


def reminder_by_ref(session: Session, person_id: int, address: str, ref: str) -> ReminderRow | None:
    """What a text to this address, under this ref, reminded a person of."""
    return session.exec(
        select(ReminderRow)
        .join(MessageReminderRow, col(MessageReminderRow.reminder_id) == col(ReminderRow.id))
        .join(MessageRow, col(MessageRow.id) == col(MessageReminderRow.message_id))
        .where(
            col(MessageReminderRow.ref) == ref,
            col(MessageRow.person_id) == person_id,
            col(MessageRow.address) == address,
        )
        .order_by(col(MessageRow.id).desc())
        .limit(1)
    ).first()


def carriers(session: Session, reminder_id: int) -> int:
    """In how many messages a reminder has been."""
    return int(
        session.exec(
            select(func.count())
            .select_from(MessageReminderRow)
            .where(col(MessageReminderRow.reminder_id) == reminder_id)
        ).one()
    )


def joinable(
    session: Session, person_id: int, channel: str, address: str, near: datetime
) -> list[MessageRow]:
    """Messages that wait and were never tried, locked; those whose moment is within a day."""
    return list(
        session.exec(
            select(MessageRow)
            .where(
                col(MessageRow.person_id) == person_id,
                col(MessageRow.state) == "pending",
                col(MessageRow.channel) == channel,
                col(MessageRow.address) == address,
                col(MessageRow.kind) == "reminder",
                col(MessageRow.urgent).is_(False),
                col(MessageRow.attempts) == 0,
                col(MessageRow.doubtful).is_(False),
                col(MessageRow.replaces_id).is_(None),
                col(MessageRow.not_before_at) > near - timedelta(days=1),
            )
            .order_by(col(MessageRow.not_before_at), col(MessageRow.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    )


def unlink(session: Session, link: MessageReminderRow) -> None:
    session.delete(link)
    session.flush()


def links(session: Session, message_id: int) -> list[MessageReminderRow]:
    return list(
        session.exec(
            select(MessageReminderRow)
            .where(col(MessageReminderRow.message_id) == message_id)
            .order_by(col(MessageReminderRow.id))
        ).all()
    )


def messages_for(session: Session, subject_ref: str, states: tuple[str, ...]) -> list[MessageRow]:
    """The messages in `states` that speak of one subject and of no other, locked.

    Locked, so that a worker who claims one at this moment is waited for, and the
    row is then seen as it left it: a text on its way cannot be cancelled.
    """
    about, others = (
        select(MessageReminderRow.message_id)
        .join(ReminderRow, col(ReminderRow.id) == col(MessageReminderRow.reminder_id))
        .where(each)
        for each in (
            col(ReminderRow.subject_ref) == subject_ref,
            col(ReminderRow.subject_ref) != subject_ref,
        )
    )
    return list(
        session.exec(
            select(MessageRow)
            .where(
                col(MessageRow.id).in_(about),
                col(MessageRow.state).in_(states),
                ~others.where(col(MessageReminderRow.message_id) == col(MessageRow.id)).exists(),
            )
            .order_by(col(MessageRow.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    )


def is_left(session: Session, now: datetime, codes: tuple[str, ...]) -> bool:
    """Whether a claim has outlived its lease, or something held for one of `codes` may go on."""
    state, code = col(MessageRow.state), col(MessageRow.code)
    gone = select(MessageRow.id).where(state == "sending", col(MessageRow.lease_until_at) < now)
    held = select(MessageRow.id).where(
        state == "held", code.in_(codes), col(MessageRow.not_before_at) <= now
    )
    return any(session.exec(each.limit(1)).first() is not None for each in (gone, held))


def keys_of(session: Session, person_id: int, subject_refs: list[str]) -> set[Key]:
    """The keys of the reminders that there are about some subjects, in one read."""
    found = session.exec(
        select(ReminderRow).where(
            col(ReminderRow.person_id) == person_id, col(ReminderRow.subject_ref).in_(subject_refs)
        )
    )
    return {key_of(reminder) for reminder in found}


def key_of(reminder: ReminderRow) -> Key:
    return (
        reminder.subject_ref,
        reminder.kind,
        reminder.due_on,
        reminder.offset_days,
        reminder.generation,
    )


def cancelled(
    session: Session, subject_refs: list[str], reason: str, now: datetime
) -> list[ReminderRow]:
    """Reminders of use about some subjects, whose newest message was cancelled for `reason`."""
    if not subject_refs:
        return []
    newest = (
        select(func.max(col(MessageReminderRow.message_id)))
        .where(col(MessageReminderRow.reminder_id) == col(ReminderRow.id))
        .scalar_subquery()
    )
    return list(
        session.exec(
            select(ReminderRow)
            .join(MessageRow, col(MessageRow.id) == newest)
            .where(
                col(ReminderRow.subject_ref).in_(subject_refs),
                col(ReminderRow.useful_until_at) > now,
                col(MessageRow.state) == "cancelled",
                col(MessageRow.reason) == reason,
            )
            .order_by(col(ReminderRow.moment_at))
        ).all()
    )


def remind(session: Session, reminder: ReminderRow) -> ReminderRow | None:
    """Insert a reminder under its key; None if it is there already."""
    if not insert_if_absent(session, reminder):
        return None
    return session.exec(
        select(ReminderRow).where(
            col(ReminderRow.person_id) == reminder.person_id,
            col(ReminderRow.subject_ref) == reminder.subject_ref,
            col(ReminderRow.kind) == reminder.kind,
            col(ReminderRow.due_on) == reminder.due_on,
            col(ReminderRow.offset_days) == reminder.offset_days,
            col(ReminderRow.generation) == reminder.generation,
        )
    ).one()


def ref_taken(session: Session, person_id: int, address: str, ref: str) -> bool:
    """Whether this person, or anybody at this address, had a message with this ref."""
    whose = or_(col(MessageRow.person_id) == person_id, col(MessageRow.address) == address)
    linked = (
        select(MessageRow.id)
        .join(MessageReminderRow, col(MessageReminderRow.message_id) == col(MessageRow.id))
        .where(col(MessageReminderRow.ref) == ref, whose)
    )
    own = select(MessageRow.id).where(whose, col(MessageRow.ref) == ref)
    return any(session.exec(each.limit(1)).first() is not None for each in (own, linked))


def latest(
    session: Session, person_id: int, *, states: tuple[str, ...] | None, limit: int
) -> list[MessageRow]:
    statement = select(MessageRow).where(col(MessageRow.person_id) == person_id)
    if states:
        statement = statement.where(col(MessageRow.state).in_(states))
    return list(session.exec(statement.order_by(col(MessageRow.id).desc()).limit(limit)).all())


@dataclass(frozen=True, slots=True)
class Used:
    """What went, or may have gone: messages to a person, parts of SMS to them and to a number."""

    messages: int
    of_person: int
    of_address: int


def used_since(session: Session, person_id: int, address: str, since: datetime) -> Used:
    params = {"person_id": person_id, "address": address, "since": since}
    found = session.exec(_USED_SINCE, params=params).one()
    return Used(*(int(each) for each in found))


def segments_since(session: Session, since: datetime) -> int:
    """Parts of SMS that went, or may have gone, from everybody here since an instant."""
    begun = (
        select(DeliveryEventRow.message_id)
        .where(col(DeliveryEventRow.at) >= since, col(DeliveryEventRow.to_state) == "sending")
        .distinct()
    )
    return int(
        session.exec(
            select(func.coalesce(func.sum(col(MessageRow.segments)), 0)).where(
                col(MessageRow.id).in_(begun),
                or_(*(col(MessageRow.state) == state for state in GONE_STATES)),
                col(MessageRow.channel) == "sms",
            )
        ).one()
    )


def by_provider_id(session: Session, channel: str, provider_id: str) -> int | None:
    return session.exec(
        select(MessageRow.id).where(
            col(MessageRow.provider_id) == provider_id, col(MessageRow.channel) == channel
        )
    ).first()


def to_follow(session: Session, now: datetime, at_most: int) -> list[MessageRow]:
    """Accepted messages of which the provider is to be asked what became of them."""
    return list(
        session.exec(
            select(MessageRow)
            .where(col(MessageRow.follow_at).is_not(None), col(MessageRow.follow_at) <= now)
            .order_by(col(MessageRow.follow_at), col(MessageRow.id))
            .limit(at_most)
        ).all()
    )


def count_by_state(session: Session, person_id: int | None = None) -> dict[str, int]:
    statement = select(col(MessageRow.state), func.count()).group_by(col(MessageRow.state))
    if person_id is not None:
        statement = statement.where(col(MessageRow.person_id) == person_id)
    return {state: int(count) for state, count in session.exec(statement)}


def held(
    session: Session,
    code: str,
    *,
    until: datetime | None = None,
    debt_id: int | None = None,
    person_id: int | None = None,
) -> list[MessageRow]:
    """Messages held for one reason (`account`, `hold`, `no-route`), locked.

    With `until`, those that were to be tried again by then; with `debt_id`, those
    about one debt; with `person_id`, of one person.
    """
    statement = select(MessageRow).where(
        col(MessageRow.state) == "held", col(MessageRow.code) == code
    )
    if until is not None:
        statement = statement.where(col(MessageRow.not_before_at) <= until)
    if debt_id is not None:
        # One about several debts names none of them in its own row.
        carries = (
            select(MessageReminderRow.id)
            .join(ReminderRow, col(ReminderRow.id) == col(MessageReminderRow.reminder_id))
            .where(
                col(MessageReminderRow.message_id) == col(MessageRow.id),
                col(ReminderRow.debt_id) == debt_id,
            )
        )
        statement = statement.where(carries.exists())
    if person_id is not None:
        statement = statement.where(col(MessageRow.person_id) == person_id)
    return list(session.exec(statement.with_for_update(skip_locked=True)).all())


def resume(session: Session, message: MessageRow, now: datetime) -> None:
    """A held message may go again, at once."""
    message.not_before_at = min(message.not_before_at, now)
    message.reason = message.code = None
    move(session, message, "pending", now)


def oldest_in_doubt(session: Session) -> datetime | None:
    """When the message that has been in doubt the longest came to be so."""
    return session.exec(
        select(func.min(col(MessageRow.changed_at))).where(
            col(MessageRow.state).in_(("sending", "unknown"))
        )
    ).one()
