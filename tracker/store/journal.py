"""The journal of changes, one hash chain per person, and the answers kept for repeated requests."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Session, SQLModel, col, select

from tracker.store.columns import counter, identity, link, text

GENESIS = "0" * 64


class JournalRow(SQLModel, table=True):
    """Who changed what through which door. `sha256` covers the row and the one before it."""

    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("person_id", "revision"),)
    id: int = identity()
    person_id: int = link("person.id", index=False)
    revision: int = counter()
    at: datetime
    actor: str = text()
    action: str = text()
    detail: str = text()
    previous_sha256: str = text()
    sha256: str = text()


class AnswerRow(SQLModel, table=True):
    """The stored answer to one idempotency key, and a hash of the request it answered."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("key"),)
    id: int = identity()
    key: str = text()
    action: str = text()
    request_sha256: str = text()
    answer: str = text()
    at: datetime


def write(
    session: Session,
    *,
    person_id: int,
    revision: int,
    at: datetime,
    actor: str,
    action: str,
    detail: dict[str, object],
) -> JournalRow:
    """Append the change of one revision. Call under the person's lock."""
    previous = session.exec(
        select(JournalRow.sha256)
        .where(col(JournalRow.person_id) == person_id)
        .order_by(col(JournalRow.revision).desc())
        .limit(1)
    ).one_or_none()
    row = JournalRow(
        person_id=person_id,
        revision=revision,
        at=at,
        actor=actor,
        action=action,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
        previous_sha256=previous or GENESIS,
        sha256="",
    )
    row.sha256 = digest(row)
    session.add(row)
    session.flush()
    return row


def digest(row: JournalRow) -> str:
    parts = (
        str(row.person_id),
        str(row.revision),
        row.at.isoformat(),
        row.actor,
        row.action,
        row.detail,
        row.previous_sha256,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def first_break(session: Session, person_id: int) -> int | None:
    """The revision at which the chain of a person no longer holds, or None."""
    expected = GENESIS
    for row in session.exec(
        select(JournalRow)
        .where(col(JournalRow.person_id) == person_id)
        .order_by(col(JournalRow.revision))
    ):
        if row.previous_sha256 != expected or digest(row) != row.sha256:
            return row.revision
        expected = row.sha256
    return None


def keep_answer(session: Session, key: str, kept: str) -> None:
    """Fill in the answer of a key that was claimed in this transaction."""
    session.connection().execute(
        update(AnswerRow).where(col(AnswerRow.key) == key).values(answer=kept)
    )


def answer(session: Session, key: str) -> AnswerRow | None:
    return session.exec(select(AnswerRow).where(col(AnswerRow.key) == key)).one_or_none()


def entries(session: Session, person_id: int, limit: int) -> list[JournalRow]:
    """Newest first."""
    return list(
        session.exec(
            select(JournalRow)
            .where(col(JournalRow.person_id) == person_id)
            .order_by(col(JournalRow.revision).desc())
            .limit(limit)
        ).all()
    )
