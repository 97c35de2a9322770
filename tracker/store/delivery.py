"""Reminders, the messages that carry them, and their history."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, func, insert, or_
from sqlmodel import Field, Session, SQLModel, col, select

from tracker.store.columns import counter, identity, link, one_of, text
from tracker.store.db import insert_if_absent
from tracker.store.people import PersonRow
from tracker.store.wakes import WakeRow

KINDS = ("reminder", "reopened", "asked")
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

    `subject_ref` is an instalment's lineage ref, `payment:<id>` or `bill:<ref>`;
    `offset_days` counts from the send-by day (-3 = three days before).
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
    debt_id: int = link("debt.id")
    subject_ref: str = text()
    kind: str = text()
    due_on: date
    offset_days: int
    generation: int = counter()
    moment_at: datetime
    useful_until_at: datetime
    created_at: datetime


class MessageRow(SQLModel, table=True):
    """One text to one address over one channel. A fallback is a new row with `replaces_id`."""

    __tablename__ = "message"
    __table_args__ = (
        # What a person answers with, and what a provider's list is searched for by
        # recipient: two people may share a telephone.
        UniqueConstraint("person_id", "ref"),
        UniqueConstraint("address", "ref"),
        UniqueConstraint("replaces_id"),
        one_of("state", STATES),
        CheckConstraint("attempts >= 0 AND asked >= 0", name="counts"),
        CheckConstraint(
            "state <> 'sending' OR (owner IS NOT NULL AND lease_until_at IS NOT NULL)",
            name="sending_has_owner",
        ),
        Index("ix_message_state_not_before", "state", "not_before_at", "id"),
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
    provider_id: str | None = text(nullable=True)
    provider_status: str | None = text(nullable=True)
    code: str | None = text(nullable=True)
    reason: str | None = text(nullable=True)
    replaces_id: int | None = link("message.id", nullable=True, index=False)
    created_at: datetime
    changed_at: datetime


class MessageReminderRow(SQLModel, table=True):
    """Which reminders a message carries."""

    __tablename__ = "message_reminder"
    __table_args__ = (UniqueConstraint("message_id", "reminder_id"),)
    id: int = identity()
    message_id: int = link("message.id", index=False)
    reminder_id: int = link("reminder.id")


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
_NEWEST = select(func.max(col(DeliveryEventRow.at)))
_NEXT_MOMENTS = (
    select(func.min(col(WakeRow.at))),
    select(func.min(col(MessageRow.not_before_at))).where(
        col(MessageRow.state).in_(("pending", "unknown", "held"))
    ),
    select(func.min(col(MessageRow.lease_until_at))).where(col(MessageRow.state) == "sending"),
)
_MESSAGE = (
    select(MessageRow)
    .where(col(MessageRow.id) == bindparam("id"))
    .execution_options(populate_existing=True)
)
_MESSAGE_LOCKED = _MESSAGE.with_for_update()
_NEXT_PENDING = (
    select(MessageRow)
    .where(col(MessageRow.state) == "pending", col(MessageRow.not_before_at) <= bindparam("now"))
    .order_by(col(MessageRow.not_before_at), col(MessageRow.id))
    .limit(1)
    .with_for_update(skip_locked=True)
)
_REMINDERS_OF = (
    select(ReminderRow)
    .join(MessageReminderRow, col(MessageReminderRow.reminder_id) == col(ReminderRow.id))
    .where(col(MessageReminderRow.message_id) == bindparam("message_id"))
)
_REVISION_UNDER = (
    select(PersonRow.revision)
    .join(MessageRow, col(MessageRow.person_id) == col(PersonRow.id))
    .where(
        col(MessageRow.id) == bindparam("message_id"),
        col(MessageRow.state) == "sending",
        col(MessageRow.owner) == bindparam("owner"),
    )
)
_SENT_SINCE = (
    select(func.count())
    .select_from(MessageRow)
    .where(
        col(MessageRow.person_id) == bindparam("person_id"),
        or_(*(col(MessageRow.state) == state for state in GONE_STATES)),
        col(MessageRow.changed_at) >= bindparam("since"),
        col(MessageRow.channel) != "console",
    )
)
_EVENT = insert(DeliveryEventRow)


def next_moment(session: Session) -> datetime | None:
    """The earliest moment at which a tick has anything to do."""
    moments = [session.exec(statement).one() for statement in _NEXT_MOMENTS]
    known = [moment for moment in moments if moment is not None]
    return min(known) if known else None


def newest_instant(session: Session) -> datetime | None:
    """The newest instant the delivery has committed; an earlier clock is wrong."""
    return session.exec(_NEWEST).one()


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


def revision_under(session: Session, message_id: int, owner: str) -> int | None:
    """The person's revision, while the message is still claimed by `owner`; else None."""
    return session.exec(
        _REVISION_UNDER, params={"message_id": message_id, "owner": owner}
    ).one_or_none()


def reminders_of(session: Session, message_id: int) -> list[ReminderRow]:
    return list(session.exec(_REMINDERS_OF, params={"message_id": message_id}).all())


def messages_for(session: Session, subject_ref: str, states: tuple[str, ...]) -> list[MessageRow]:
    """The messages in `states` that carry a reminder about one subject, locked.

    Locked, so that a worker who claims one at this moment is waited for, and the
    row is then seen as it left it: a text on its way cannot be cancelled.
    """
    about = (
        select(MessageReminderRow.message_id)
        .join(ReminderRow, col(ReminderRow.id) == col(MessageReminderRow.reminder_id))
        .where(col(ReminderRow.subject_ref) == subject_ref)
    )
    return list(
        session.exec(
            select(MessageRow)
            .where(col(MessageRow.id).in_(about), col(MessageRow.state).in_(states))
            .order_by(col(MessageRow.id))
            .with_for_update()
            .execution_options(populate_existing=True)
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
    return (
        session.exec(
            select(MessageRow.id).where(
                or_(col(MessageRow.person_id) == person_id, col(MessageRow.address) == address),
                col(MessageRow.ref) == ref,
            )
        ).first()
        is not None
    )


def latest(
    session: Session, person_id: int, *, states: tuple[str, ...] | None, limit: int
) -> list[MessageRow]:
    statement = select(MessageRow).where(col(MessageRow.person_id) == person_id)
    if states:
        statement = statement.where(col(MessageRow.state).in_(states))
    return list(session.exec(statement.order_by(col(MessageRow.id).desc()).limit(limit)).all())


def sent_since(session: Session, person_id: int, since: datetime) -> int:
    """How many messages went, or may have gone, to a person since an instant."""
    return int(session.exec(_SENT_SINCE, params={"person_id": person_id, "since": since}).one())


def count_by_state(session: Session, person_id: int | None = None) -> dict[str, int]:
    statement = select(col(MessageRow.state), func.count()).group_by(col(MessageRow.state))
    if person_id is not None:
        statement = statement.where(col(MessageRow.person_id) == person_id)
    return {state: int(count) for state, count in session.exec(statement)}


def held(
    session: Session, code: str, *, until: datetime | None = None, debt_id: int | None = None
) -> list[MessageRow]:
    """Messages held for one reason (`account`, `hold`), locked.

    With `until`, those that were to be tried again by then; with `debt_id`, those
    about one debt.
    """
    statement = select(MessageRow).where(
        col(MessageRow.state) == "held", col(MessageRow.code) == code
    )
    if until is not None:
        statement = statement.where(col(MessageRow.not_before_at) <= until)
    if debt_id is not None:
        statement = statement.where(col(MessageRow.debt_id) == debt_id)
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
