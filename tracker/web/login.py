"""Signing in and out."""

from __future__ import annotations

import math
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracker.web import render
from tracker.web.auth import Door, Visitor
from tracker.web.frame import Fields, Frame, html, to

if TYPE_CHECKING:
    from tracker.actions.office import Office

AT_ONCE = 2
"""So many passwords are compared at a time; each takes 16 MiB and a core."""


class Login:
    def __init__(self, office: Office, frame: Frame, door: Door) -> None:
        self._office = office
        self._frame = frame
        self._door = door

    def routes(self) -> list[Route]:
        route = self._frame.route
        return [
            route("/login", self.login, open_=True),
            route("/login", self.sign_in, "POST", open_=True, limiter=CapacityLimiter(AT_ONCE)),
            route("/logout", self.sign_out, "POST"),
        ]

    def login(self, request: Request, visitor: Visitor, _: Fields) -> Response:
        if visitor.person is not None:
            return to("/")
        return self._page(request, visitor)

    def sign_in(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        """Every answer to a wrong name equals that to a wrong password, in words and in work."""
        handle = unicodedata.normalize("NFKC", fields.get("person", "")).strip().casefold()[:80]
        address = request.client.host if request.client else ""
        now = self._office.clock.now()
        wait = self._door.backoff.begin(account=handle, address=address, now=now)
        if wait > timedelta(0):
            seconds = math.ceil(wait.total_seconds())
            problem = render.reader_of(request).lang.text(
                "Too many tries. Please wait {seconds} seconds and try again.", seconds=seconds
            )
            answer = self._page(request, visitor, problem, handle, status=429)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        opened = self._door.sign_in(handle, fields.get("password", ""), visitor)
        if opened is None:
            problem = render.reader_of(request).lang.text("Name and password do not fit together.")
            return self._page(request, visitor, problem, handle, status=403)
        self._door.backoff.succeeded(account=handle, address=address)
        return self._door.keep(to("/"), opened)

    def sign_out(self, request: Request, visitor: Visitor, _: Fields) -> Response:
        self._door.sign_out(visitor)
        return self._door.forget(to("/login"))

    def _page(
        self,
        request: Request,
        visitor: Visitor,
        problem: str | None = None,
        handle: str = "",
        status: int = 200,
    ) -> Response:
        page = render.reader_of(request).page(
            "login.html.j2",
            token=self._door.form_token(visitor),
            problem=problem,
            handle=handle,
        )
        return html(page, status)
