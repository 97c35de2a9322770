"""Signed-in browsers: a password turns into a token of which only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from tracker.actions.office import Office
from tracker.actions.passwords import matches
from tracker.errors import NotFoundError
from tracker.store import people
from tracker.store.db import add as insert
from tracker.store.people import LoginRow

LASTS = timedelta(hours=12)
"""After this long the password is asked for again, however busy the browser was."""


def sign_in(office: Office, handle: str, password: str, now: datetime) -> str | None:
    """A new session's token (256 bits), or None when handle and password do not fit.

    An unknown handle costs the same work as a wrong password.
    """
    with office.database.read() as session:
        try:
            person = people.find(session, handle) if handle else None
        except NotFoundError:
            person = None
    if not matches(password, person.password if person else None) or person is None:
        return None
    token = secrets.token_urlsafe(32)
    with office.database.write() as session:
        # The password was changed while it was being compared: that ended every session.
        if people.hold(session, person.id).password != person.password:
            return None
        people.drop_expired(session, now)
        insert(
            session,
            LoginRow(
                person_id=person.id,
                token_sha256=token_sha256(token),
                created_at=now,
                expires_at=now + LASTS,
            ),
        )
    return token


def who(office: Office, token: str, now: datetime) -> str | None:
    """The handle of the person whose session this is, or None when it is nobody's any more."""
    with office.database.read() as session:
        person = people.login(session, token_sha256(token), now)
        return person.handle if person else None


def sign_out(office: Office, token: str) -> None:
    with office.database.write() as session:
        people.log_out(session, token_sha256(token))


def token_sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
