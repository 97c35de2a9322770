"""Who is looking: sessions in a cookie, back-off for wrong passwords, tokens in forms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from tracker.actions import logins
from tracker.web import guard

if TYPE_CHECKING:
    from tracker.actions.office import Office

IDLE = timedelta(hours=2)
"""A browser that asks for nothing so long has to sign in again, and after LASTS in any case."""

FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = {"account": timedelta(minutes=5), "address": timedelta(minutes=30)}
"""An account's wait is the shorter one: others must not lock its owner out for long."""
FORGOTTEN_AFTER = timedelta(hours=1)
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`person` is a handle, or None before anybody signed in. `cookie` is what forms are bound to.

    `named` says that the address named the person, as it may where there is no login.
    """

    person: str | None
    cookie: str
    fresh: bool = False
    named: bool = False

    @property
    def query(self) -> str:
        """What links go on with, so that they stay with the person."""
        return f"?{urlencode({'person': self.person})}" if self.named else ""


class Backoff:
    """Failures per account and per address, in memory; each one past the free tries doubles a wait.

    A try counts as a failure until it is cleared, so that many at once are no way round.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures: OrderedDict[tuple[str, str], tuple[int, datetime]] = OrderedDict()

    def begin(self, *, account: str, address: str, now: datetime) -> timedelta:
        """Count a try. A wait longer than nothing means that it must not be made yet."""
        keys = (("account", account), ("address", address))
        with self._lock:
            wait = max(self._wait(key, now) for key in keys)
            if wait > timedelta(0):
                return wait
            for key in keys:
                self._failures[key] = (self._count(key, now) + 1, now)
                self._failures.move_to_end(key)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)
        return timedelta(0)

    def succeeded(self, *, account: str, address: str) -> None:
        """Forget the account's failures; the address keeps those that it had before."""
        with self._lock:
            self._failures.pop(("account", account), None)
            count, at = self._failures.pop(("address", address), (0, None))
            if at is not None and count > 1:
                self._failures["address", address] = (count - 1, at)

    def _count(self, key: tuple[str, str], now: datetime) -> int:
        count, at = self._failures.get(key, (0, now))
        return count if now - at < FORGOTTEN_AFTER else 0

    def _wait(self, key: tuple[str, str], now: datetime) -> timedelta:
        count = self._count(key, now)
        if count < FREE_TRIES:
            return timedelta(0)
        wait: timedelta = min(FIRST_WAIT * 2 ** min(count - FREE_TRIES, 20), LONGEST_WAIT[key[0]])
        since: timedelta = now - self._failures[key][1]
        return wait - since


class Door:
    """Opens sessions and checks them; the same object serves every request of a process."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.backoff = Backoff()
        self._key = secrets.token_bytes(32)
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._lock = Lock()
        self.login = office.settings.web.login
        self._public_url = office.settings.web.public_url
        self.https = self._public_url.startswith("https:")
        # Browsers take a __Host- cookie over https only, and never from a neighbour.
        self._cookie = "__Host-tracker" if self.https else "tracker"

    def visitor(self, request: Request) -> Visitor:
        """Who asks. Without login it is the person that the address names, or the only one."""
        cookie = request.cookies.get(self._cookie, "")
        if not self.login:
            wanted = request.query_params.get("person") or None
            return Visitor(
                person=wanted,
                cookie=cookie or secrets.token_urlsafe(32),
                fresh=not cookie,
                named=wanted is not None,
            )
        if not cookie:
            return Visitor(person=None, cookie=secrets.token_urlsafe(32), fresh=True)
        return Visitor(person=self._who(cookie), cookie=cookie)

    def sign_in(self, handle: str, password: str, old: Visitor) -> Visitor | None:
        """A session of its own for this browser, or None; whatever it had before has ended."""
        token = logins.sign_in(self._office, handle, password, self._office.clock.now())
        if token is None:
            return None
        if old.person is not None:
            self.sign_out(old)
        return Visitor(person=handle, cookie=token, fresh=True)

    def sign_out(self, visitor: Visitor) -> None:
        logins.sign_out(self._office, visitor.cookie)
        with self._lock:
            self._seen.pop(logins.token_sha256(visitor.cookie), None)

    def form_token(self, visitor: Visitor) -> str:
        """What a form must bring back; it fits this browser's cookie and this process alone."""
        bound = hashlib.sha256(visitor.cookie.encode()).digest()
        return hmac.new(self._key, bound, "sha256").hexdigest()

    def is_own_form(self, request: Request, visitor: Visitor, token: str) -> bool:
        """Whether a form came from a page that this browser got from us."""
        if visitor.fresh or not guard.same_origin(request, self._public_url):
            return False
        # Bytes, since compare_digest refuses text beyond ASCII.
        return hmac.compare_digest(self.form_token(visitor).encode(), token.encode())

    def keep(self, response: Response, visitor: Visitor) -> Response:
        """Give the browser its cookie, if it has not got it."""
        if visitor.fresh:
            response.set_cookie(
                self._cookie,
                visitor.cookie,
                max_age=int(logins.LASTS.total_seconds()),
                path="/",
                secure=self.https,
                httponly=True,
                samesite="strict",
            )
        return response

    def forget(self, response: Response) -> Response:
        response.delete_cookie(
            self._cookie, path="/", secure=self.https, httponly=True, samesite="strict"
        )
        return response

    def _who(self, cookie: str) -> str | None:
        now = self._office.clock.now()
        handle = logins.who(self._office, cookie, now)
        if handle is None:
            return None
        name = logins.token_sha256(cookie)
        with self._lock:
            idle = now - self._seen.get(name, now) > IDLE
            self._seen[name] = now
            self._seen.move_to_end(name)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        if idle:
            self.sign_out(Visitor(person=handle, cookie=cookie))
            return None
        return handle
