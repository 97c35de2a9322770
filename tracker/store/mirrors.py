"""Calendars elsewhere that are kept like the tracker's own: CalDAV items and WebDAV files."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, bindparam, func, or_, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import counter, identity, link, one_of, text
from tracker.store.wakes import WakeRow

KINDS = ("caldav", "webdav")
DETAILS = ("neutral", "full")
STATES = ("pending", "put", "withdrawn", "failed")
FURTHEST = timedelta(days=2)
"""No item waits for longer; a moment beyond was set by a clock that was wrong."""


class MirrorRow(SQLModel, table=True):
    """One calendar collection, or one feed file, on somebody's server.

    `secret` is the password there. `problem` is why the last try failed; it stays
    until a try succeeds. Like an item's `reason` it is a msgid, and where the server
    gave a code that belongs into it, a tab and the code.

    With `revoked_at` nothing new goes there; what lies there is taken away, and the
    secret is blanked when that is done or given up.
    """

    __tablename__ = "mirror"
    __table_args__ = (
        UniqueConstraint("person_id", "name"),
        one_of("kind", KINDS),
        one_of("detail", DETAILS),
        CheckConstraint("length(name) BETWEEN 1 AND 40", name="name_length"),
    )
    id: int = identity()
    person_id: int = link("person.id", index=False)
    name: str = text()
    kind: str = text()
    url: str = text()
    username: str = text()
    secret: str = text()
    detail: str = text()
    added_at: datetime
    revoked_at: datetime | None = None
    problem: str | None = text(nullable=True)


class MirrorItemRow(SQLModel, table=True):
    """One file that a mirror is to hold: an event, a to-do or a whole feed.

    `wanted_sha256` is of what the file that should be there says, NULL when none
    should; `put_sha256` of the one that the server took last, NULL when it has none
    or it is not known which. `subject_ref` is the instalment of a to-do.

    In `pending`, `not_before_at` is also the lease: whoever works on the item has
    moved it, and only whoever finds it unmoved may record what came of it.
    """

    __tablename__ = "mirror_item"
    __table_args__ = (
        UniqueConstraint("mirror_id", "uid"),
        one_of("state", STATES),
        CheckConstraint("attempts >= 0", name="counts"),
        Index("ix_mirror_item_state_not_before", "state", "not_before_at"),
    )
    id: int = identity()
    person_id: int = link("person.id")
    mirror_id: int = link("mirror.id", index=False)
    uid: str = text()
    subject_ref: str | None = text(nullable=True)
    wanted_sha256: str | None = text(nullable=True)
    put_sha256: str | None = text(nullable=True)
    etag: str | None = text(nullable=True)
    state: str = text()
    not_before_at: datetime
    attempts: int = counter()
    reason: str | None = text(nullable=True)
    changed_at: datetime


# Asked with every write of a person: the row is there only for those who have a mirror.
_HURRY = (
    update(WakeRow)
    .where(
        col(WakeRow.kind) == "mirror",
        col(WakeRow.subject_id) == bindparam("whose"),
        col(WakeRow.at) > bindparam("now"),
    )
    .values(at=bindparam("now"))
    .execution_options(synchronize_session=False)
)


def hurry(session: Session, person_id: int, now: datetime) -> None:
    """What the mirrors of a person should hold may have changed; without any, nothing happens."""
    session.connection().execute(_HURRY, {"whose": person_id, "now": now})


def hurry_all(session: Session, now: datetime) -> None:
    """Look at every mirror anew: the program or its configuration may be another one."""
    session.connection().execute(
        update(WakeRow)
        .where(col(WakeRow.kind) == "mirror", col(WakeRow.at) > now)
        .values(at=now)
        .execution_options(synchronize_session=False)
    )


def mirrors(session: Session, person_id: int | None = None) -> list[MirrorRow]:
    """Those in use, of one person or of everybody."""
    statement = select(MirrorRow).where(col(MirrorRow.revoked_at).is_(None))
    if person_id is not None:
        statement = statement.where(col(MirrorRow.person_id) == person_id)
    return list(session.exec(statement.order_by(col(MirrorRow.id))).all())


def ever(session: Session, person_id: int) -> list[MirrorRow]:
    """Those in use and those that were."""
    return list(
        session.exec(
            select(MirrorRow)
            .where(col(MirrorRow.person_id) == person_id)
            .order_by(col(MirrorRow.id))
        ).all()
    )


def at(session: Session, url: str) -> list[MirrorRow]:
    """Everybody's with this address, in use or not."""
    return list(session.exec(select(MirrorRow).where(col(MirrorRow.url) == url)).all())


def mirror(session: Session, mirror_id: int) -> MirrorRow | None:
    return session.exec(
        select(MirrorRow)
        .where(col(MirrorRow.id) == mirror_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def items(session: Session, mirror_id: int) -> list[MirrorItemRow]:
    return list(
        session.exec(
            select(MirrorItemRow)
            .where(col(MirrorItemRow.mirror_id) == mirror_id)
            .order_by(col(MirrorItemRow.uid))
            .execution_options(populate_existing=True)
        ).all()
    )


def item(session: Session, item_id: int) -> MirrorItemRow:
    return session.exec(
        select(MirrorItemRow)
        .where(col(MirrorItemRow.id) == item_id)
        .execution_options(populate_existing=True)
    ).one()


def unfinished(session: Session, mirror_id: int) -> list[MirrorItemRow]:
    """What a mirror that was given up still holds, as far as anybody tries to mend that."""
    return list(
        session.exec(
            select(MirrorItemRow).where(
                col(MirrorItemRow.mirror_id) == mirror_id,
                col(MirrorItemRow.state).in_(("pending", "put")),
            )
        ).all()
    )


def is_due(row: MirrorItemRow, now: datetime) -> bool:
    waits = now < row.not_before_at <= now + FURTHEST
    return row.state == "pending" and not waits


def due(session: Session, mirror_id: int, now: datetime, limit: int) -> list[MirrorItemRow]:
    """Items whose time has come; what failed before comes after what did not."""
    return list(
        session.exec(
            select(MirrorItemRow)
            .where(col(MirrorItemRow.mirror_id) == mirror_id, *_due(now))
            .order_by(col(MirrorItemRow.attempts), col(MirrorItemRow.id))
            .limit(limit)
        ).all()
    )


def with_work(session: Session, now: datetime) -> list[int]:
    """Mirrors of which an item's time has come."""
    return list(
        session.exec(
            select(MirrorItemRow.mirror_id)
            .where(*_due(now))
            .distinct()
            .order_by(col(MirrorItemRow.mirror_id))
        ).all()
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    moment = col(MirrorItemRow.not_before_at)
    return (
        col(MirrorItemRow.state) == "pending",
        or_(moment <= now, moment > now + FURTHEST),
    )


def next_due(session: Session) -> datetime | None:
    return session.exec(
        select(func.min(col(MirrorItemRow.not_before_at))).where(
            col(MirrorItemRow.state) == "pending"
        )
    ).one()


def waits_in_vain(session: Session, mirror_id: int) -> bool:
    """Whether something waits that a server was asked to take and did not."""
    found = session.exec(
        select(MirrorItemRow.id)
        .where(
            col(MirrorItemRow.mirror_id) == mirror_id,
            col(MirrorItemRow.state) == "pending",
            col(MirrorItemRow.reason).is_not(None),
        )
        .limit(1)
    ).first()
    return found is not None


def postpone(session: Session, mirror_id: int, until: datetime, *, tried: bool) -> None:
    """Let everything that waits for a mirror wait until then at least.

    With `tried` each counts one more attempt, so that the next wait is a longer one.
    """
    session.connection().execute(
        update(MirrorItemRow)
        .where(
            col(MirrorItemRow.mirror_id) == mirror_id,
            col(MirrorItemRow.state) == "pending",
            col(MirrorItemRow.not_before_at) < until,
        )
        .values(not_before_at=until, attempts=col(MirrorItemRow.attempts) + int(tried))
    )


def relieve(session: Session, mirror_id: int) -> None:
    """The server is there again: what was tried in vain counts as never tried."""
    session.connection().execute(
        update(MirrorItemRow)
        .where(
            col(MirrorItemRow.mirror_id) == mirror_id,
            col(MirrorItemRow.state) == "pending",
            col(MirrorItemRow.attempts) > 0,
        )
        .values(attempts=0)
    )
