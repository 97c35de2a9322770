"""What whoever watches the service counts: messages by state and age, and nobody's data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from tracker.store.delivery import DeliveryEventRow, MessageRow
from tracker.store.destinations import DestinationRow

_HELD = (
    select(func.coalesce(col(MessageRow.code), ""), func.count())
    .where(col(MessageRow.state) == "held")
    .group_by(col(MessageRow.code))
)
_OLDEST_PENDING = select(func.min(col(MessageRow.not_before_at))).where(
    col(MessageRow.state) == "pending"
)
_NEWEST_EVENT = select(func.max(col(DeliveryEventRow.id)))


def held_by_code(session: Session) -> dict[str, int]:
    """Messages that are held, by the code of the reason (`account`, `hold`, `no-route`)."""
    return {str(code): int(count) for code, count in session.exec(_HELD)}


def oldest_pending(session: Session) -> datetime | None:
    """The earliest moment at which a message may go that has not gone."""
    return session.exec(_OLDEST_PENDING).one()


def newest_event(session: Session) -> int:
    """The number of the newest transition of any message; no count changes without one."""
    return session.exec(_NEWEST_EVENT).one() or 0


def unconfirmed(session: Session) -> int:
    """Numbers and addresses in use that nobody has confirmed, so that nothing goes to them."""
    return int(
        session.exec(
            select(func.count())
            .select_from(DestinationRow)
            .where(
                col(DestinationRow.confirmed_at).is_(None),
                col(DestinationRow.revoked_at).is_(None),
            )
        ).one()
    )
