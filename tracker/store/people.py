"""Persons, their logins, and the lock and revision that every write starts with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint, bindparam, delete
from sqlmodel import Field, Session, SQLModel, col, select

from tracker.errors import InputError, NotFoundError
from tracker.language import N_
from tracker.store.columns import counter, identity, link, one_of, text

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PersonRow(SQLModel, table=True):
    """Whose debts these are. NULL in a reminder setting means the configured default.

    `hours` are two times of day between which messages may go; `alive` is the
    weekday (mon … sun) of the weekly line that says the tracker still runs.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("handle"),
        CheckConstraint("length(handle) BETWEEN 1 AND 40", name="handle_length"),
        CheckConstraint("length(name) BETWEEN 1 AND 80", name="name_length"),
        CheckConstraint("length(currency) = 3", name="currency_length"),
        CheckConstraint("revision >= 0", name="revision_counts"),
        one_of("alive", WEEKDAYS),
    )
    id: int = identity()
    handle: str = text()
    name: str = text()
    locale: str = text()
    zone: str = text()
    currency: str = text()
    country: str | None = text(nullable=True)
    phone: str | None = text(nullable=True)
    email: str | None = text(nullable=True)
    channels: str = text()
    offsets: str | None = text(nullable=True)
    send_time: str | None = text(nullable=True)
    password: str | None = text(nullable=True)
    revision: int = counter()
    created_at: datetime
    hours: str | None = text(nullable=True)
    quiet_until_at: datetime | None = None
    alive: str | None = text(nullable=True)


class LoginRow(SQLModel, table=True):
    """One signed-in browser; only the SHA-256 of its cookie is kept."""

    __tablename__ = "login"
    id: int = identity()
    person_id: int = link("person.id")
    token_sha256: str = text(unique=True)
    created_at: datetime
    expires_at: datetime = Field(index=True)


# Made once: each message and each request asks for these.
_BY_ID = select(PersonRow).where(col(PersonRow.id) == bindparam("id"))
_TOLD = 8
_FIRST = select(PersonRow).order_by(col(PersonRow.handle)).limit(_TOLD + 1)
# NO KEY: whoever writes a row of this person's, such as a message, need not wait for it. A
# worker who holds a message and one who holds its person would wait for each other.
_HELD = _BY_ID.with_for_update(key_share=True).execution_options(populate_existing=True)


def lock(session: Session, person_id: int) -> PersonRow:
    """Lock the person's row for a write and add 1 to the revision.

    FOR NO KEY UPDATE compiles to nothing on SQLite, where BEGIN IMMEDIATE holds the
    whole file; on PostgreSQL two writers of one person wait for each other,
    writers of two persons do not.
    """
    person = hold(session, person_id)
    person.revision += 1
    session.add(person)
    return person


def hold(session: Session, person_id: int) -> PersonRow:
    """Lock without a new revision: for the delivery, whose history is `delivery_event`."""
    person = session.exec(_HELD, params={"id": person_id}).one_or_none()
    if person is None:
        raise NotFoundError("There is no person number {number}.", field="person", number=person_id)
    return person


def everyone(session: Session) -> list[PersonRow]:
    return list(session.exec(select(PersonRow).order_by(col(PersonRow.handle))).all())


def locales(session: Session) -> list[str]:
    """Each locale that somebody reads in, once."""
    return sorted(session.exec(select(PersonRow.locale).distinct()).all())


def find(session: Session, handle: str | None) -> PersonRow:
    """The person called `handle`; without one, the only person of the home.

    Raises InputError when a name is needed, NotFoundError when it is unknown.
    """
    if handle:
        person = session.exec(
            select(PersonRow).where(col(PersonRow.handle) == handle)
        ).one_or_none()
        if person is None:
            raise NotFoundError(
                "There is no person called {handle!r}.",
                field="person",
                hint=N_("`tracker person list` shows who there is."),
                handle=handle,
            )
        return person
    # A charity has thousands: no more of them are read than are told of.
    people = session.exec(_FIRST).all()
    if len(people) == 1:
        return people[0]
    if not people:
        raise NotFoundError(
            "Nobody is recorded here yet.",
            field="person",
            hint=N_("Add somebody with `tracker person add`; its help has an example."),
        )
    raise InputError(
        "It is not clear whose debts are meant: {people}.",
        field="person",
        hint=N_("Say it with --person NAME or TRACKER_PERSON."),
        people=", ".join(person.handle for person in people[:_TOLD])
        + (", …" if len(people) > _TOLD else ""),
    )


def by_id(session: Session, person_id: int) -> PersonRow:
    return session.exec(_BY_ID, params={"id": person_id}).one()


def login(session: Session, token_sha256: str, now: datetime) -> PersonRow | None:
    return session.exec(
        select(PersonRow)
        .join(LoginRow, col(LoginRow.person_id) == col(PersonRow.id))
        .where(col(LoginRow.token_sha256) == token_sha256, col(LoginRow.expires_at) > now)
    ).one_or_none()


def drop_expired(session: Session, now: datetime) -> None:
    session.connection().execute(delete(LoginRow).where(col(LoginRow.expires_at) <= now))


def log_out(session: Session, token_sha256: str) -> None:
    for row in session.exec(select(LoginRow).where(col(LoginRow.token_sha256) == token_sha256)):
        session.delete(row)


def log_out_everywhere(session: Session, person_id: int) -> int:
    """How many browsers that signs out."""
    rows = session.exec(select(LoginRow).where(col(LoginRow.person_id) == person_id)).all()
    for row in rows:
        session.delete(row)
    return len(rows)
