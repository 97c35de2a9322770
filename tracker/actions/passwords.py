"""Web passwords: stored as scrypt, checked in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from tracker.actions.office import PersonContext, Request, Result
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import people
from tracker.store.db import add as insert

if TYPE_CHECKING:
    pass


SHORTEST_PASSWORD = 10


# scrypt with n = 2^14, r = 8, p = 1: 16 MiB and some 30 ms on a small server.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}


class NewPassword(Request):
    password: str


def set_password(ctx: PersonContext, request: NewPassword) -> Result:
    ctx.person.password = hashed(request.password)
    insert(ctx.session, ctx.person)
    people.log_out_everywhere(ctx.session, ctx.person.id)
    return Result(said=[ctx.language.text("The password is set; open sessions have ended.")])


def hashed(password: str) -> str:
    """scrypt (RFC 7914) with a salt of its own, as `scrypt$salt$hash` in hex."""
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(
            "password has {length} characters; {shortest} are the least.",
            field="password",
            hint=N_("A few words in a row are easy to remember and hard to guess."),
            length=len(password),
            shortest=SHORTEST_PASSWORD,
        )
    salt = os.urandom(16)
    digest = hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)
    return f"scrypt${salt.hex()}${digest.hex()}"


def matches(password: str, stored: str | None) -> bool:
    """In constant time; as slow for a person without a password as for a wrong one."""
    _, salt, expected = (stored or f"scrypt${'00' * 16}${'00' * 64}").split("$")
    digest = hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), **_SCRYPT)
    return hmac.compare_digest(digest.hex(), expected) and stored is not None
