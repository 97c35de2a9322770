"""Where a person is reached: each number and address, and whether it may be used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, bindparam
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import counter, identity, link, one_of, text

CHANNELS = ("sms", "mail", "push")


class DestinationRow(SQLModel, table=True):
    """One number or address of one person over one channel.

    `address` is E.164, an e-mail address or, for push, a name that gives nothing
    away; `target` is then the whole address, with its secret. A code that was
    sent to it comes back before it is used; of the code only a hash is kept.
    """

    __tablename__ = "destination"
    __table_args__ = (
        UniqueConstraint("person_id", "channel", "address"),
        one_of("channel", CHANNELS),
        CheckConstraint("length(address) BETWEEN 1 AND 254", name="address_length"),
        CheckConstraint("(channel = 'push') = (target IS NOT NULL)", name="push_has_a_target"),
        CheckConstraint("(code_sha256 IS NULL) = (code_until_at IS NULL)", name="code_whole"),
        CheckConstraint("tries >= 0 AND codes >= 0", name="counts"),
    )
    id: int = identity()
    person_id: int = link("person.id", index=False)
    channel: str = text()
    address: str = text(index=True)
    target: str | None = text(nullable=True)
    added_at: datetime
    confirmed_at: datetime | None = None
    opted_out_at: datetime | None = None
    revoked_at: datetime | None = None
    code_sha256: str | None = text(nullable=True)
    code_until_at: datetime | None = None
    tries: int = counter()
    codes: int = counter()

    @property
    def usable(self) -> bool:
        return (
            self.confirmed_at is not None and self.opted_out_at is None and self.revoked_at is None
        )


_OF_PERSON = (
    select(DestinationRow)
    .where(col(DestinationRow.person_id) == bindparam("person_id"))
    .order_by(col(DestinationRow.id))
)


def of_person(session: Session, person_id: int) -> list[DestinationRow]:
    """Oldest first; those that may not be used too."""
    return list(session.exec(_OF_PERSON, params={"person_id": person_id}).all())


def find(session: Session, person_id: int, channel: str, address: str) -> DestinationRow | None:
    return session.exec(
        select(DestinationRow).where(
            col(DestinationRow.person_id) == person_id,
            col(DestinationRow.channel) == channel,
            col(DestinationRow.address) == address,
        )
    ).one_or_none()


def at(session: Session, channel: str, address: str) -> list[DestinationRow]:
    """Everybody's with this address: two people may share a telephone."""
    return list(
        session.exec(
            select(DestinationRow)
            .where(col(DestinationRow.channel) == channel, col(DestinationRow.address) == address)
            .order_by(col(DestinationRow.id))
        ).all()
    )
