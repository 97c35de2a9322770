"""What is not kept for ever: the words and addresses of old messages, and then their rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from tracker.store.delivery import DeliveryEventRow, MessageReminderRow, MessageRow
from tracker.store.inbound import InboundRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow

_LATER = aliased(MessageRow)

FINAL = ("sent", "delivered", "undelivered", "failed", "expired", "cancelled")
BLANKED_AFTER = timedelta(days=90)
CODES_AFTER = timedelta(days=1)
DROPPED_AFTER = timedelta(days=400)
"""After this a message goes, if the debt that it was about has no plan any more since as long."""
AT_A_TIME = 500


def waits(session: Session, now: datetime) -> bool:
    """Whether there is anything to empty or to remove; only reads."""
    return any(
        session.exec(statement.limit(1)).first() is not None
        for statement in (_old_messages(now), _old_answers(now), _unneeded(now))
    )


def blank(session: Session, now: datetime) -> int:
    """Empty what old messages and answers said, and to whom; how many those were.

    Their states, refs and dates stay, as the proof of what was done.
    """
    old = session.exec(_old_messages(now).limit(AT_A_TIME)).all()
    for message_id in old:
        # The address is part of a key, so each gets one that is nobody's.
        session.connection().execute(
            update(MessageRow)
            .where(col(MessageRow.id) == message_id)
            .values(body="", address=f"gone:{message_id}")
        )
    heard = session.exec(_old_answers(now).limit(AT_A_TIME)).all()
    if heard:
        session.connection().execute(
            update(InboundRow).where(col(InboundRow.id).in_(heard)).values(body="", sender="")
        )
    return len(old) + len(heard)


def drop(session: Session, now: datetime) -> int:
    """Remove messages of debts whose plans ended long ago; how many those were."""
    old = session.exec(_unneeded(now).limit(AT_A_TIME)).all()
    if old:
        for table in (MessageReminderRow, DeliveryEventRow):
            session.connection().execute(delete(table).where(col(table.message_id).in_(old)))
        session.connection().execute(delete(MessageRow).where(col(MessageRow.id).in_(old)))
    return len(old)


def _old_messages(now: datetime) -> SelectOfScalar[int]:
    return (
        select(MessageRow.id)
        .where(
            col(MessageRow.state).in_(FINAL),
            or_(
                col(MessageRow.changed_at) < now - BLANKED_AFTER,
                (col(MessageRow.kind) == "code") & (col(MessageRow.changed_at) < now - CODES_AFTER),
            ),
            col(MessageRow.body) != "",
        )
        .order_by(col(MessageRow.id))
    )


def _old_answers(now: datetime) -> SelectOfScalar[int]:
    return select(InboundRow.id).where(
        col(InboundRow.seen_at) < now - BLANKED_AFTER, col(InboundRow.sender) != ""
    )


def _unneeded(now: datetime) -> SelectOfScalar[int]:
    before = now - DROPPED_AFTER
    # A plan that was kept to its end is over with its last day.
    asks = exists().where(
        col(InstalmentRow.plan_version_id) == col(PlanVersionRow.id),
        col(PlanVersionRow.plan_id) == col(PlanRow.id),
        col(PlanVersionRow.number) == col(PlanRow.version),
        or_(
            col(InstalmentRow.due_on) >= before.date(),
            col(InstalmentRow.amount_minor)
            > col(InstalmentRow.paid_minor) + col(InstalmentRow.waived_minor),
        ),
    )
    kept = exists().where(
        col(PlanRow.debt_id) == col(MessageRow.debt_id),
        or_(
            col(PlanRow.ended_at) >= before,
            and_(col(PlanRow.ended_at).is_(None), asks),
        ),
    )
    followed = exists().where(col(_LATER.replaces_id) == col(MessageRow.id))
    return (
        select(MessageRow.id)
        .where(
            col(MessageRow.state).in_(FINAL),
            col(MessageRow.changed_at) < before,
            ~kept,
            ~followed,
        )
        .order_by(col(MessageRow.id))
    )
