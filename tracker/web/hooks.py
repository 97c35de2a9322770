"""What Twilio posts: what became of a text, and a text that came in. Off unless configured.

Nothing is believed before its signature. A request that is posted again does
nothing: states go forward only, and a text that came in is known by its id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tracker.channels import hooks
from tracker.errors import TrackerError
from tracker.web import guard

if TYPE_CHECKING:
    from tracker.actions.office import Office

log = logging.getLogger(__name__)

# Twilio reads an answer as instructions; this one says: do nothing.
_NOTHING = "<Response/>"
TOLD_EVERY_SECONDS = 600.0
"""Anybody may post here, and a log has an end: one reason is told so often at the most."""


class Hooks:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._told: dict[str, float] = {}

    def routes(self) -> list[Route]:
        """Those that the configuration asks for; none without an account."""
        twilio = self._office.settings.sms.twilio
        found = []
        if twilio.account_sid and twilio.status_callbacks:
            found.append(self._route(hooks.STATUS_PATH, self._status))
        if twilio.account_sid and twilio.inbound == "webhook":
            found.append(self._route(hooks.INBOUND_PATH, self._inbound))
        return found

    def _route(self, path: str, take: Callable[[hooks.Params], None]) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await guard.body(request)
            return await to_thread.run_sync(self._answer, request, path, body, take)

        return Route(path, endpoint, methods=["POST"])

    def _answer(
        self, request: Request, path: str, body: bytes, take: Callable[[hooks.Params], None]
    ) -> Response:
        settings = self._office.settings
        twilio = settings.sms.twilio
        query = f"?{request.url.query}" if request.url.query else ""
        try:
            params = hooks.read_form(request.headers.get("content-type"), body)
            hooks.verify(
                # As Twilio knows it: behind a proxy the request itself says another.
                url=f"{settings.hooks_url}{path}{query}",
                params=params,
                signature=request.headers.get(hooks.SIGNATURE),
                algorithm=request.headers.get(hooks.SETTINGS),
                auth_token=twilio.auth_token,
                account_sid=twilio.account_sid,
            )
            take(params)
        except TrackerError as error:
            self._tell(path, error)
            return PlainTextResponse(f"{error}\n", status_code=error.http_status)
        return Response(_NOTHING, media_type="text/xml")

    def _tell(self, path: str, error: TrackerError) -> None:
        """In the log, where whoever set up the address at Twilio finds what is wrong with it."""
        now, which = self._office.clock.elapsed(), f"{path} {error.msgid}"
        if which not in self._told or now - self._told[which] >= TOLD_EVERY_SECONDS:
            self._told[which] = now
            log.warning("a post to %s was refused: %s", path, error)

    def _status(self, params: hooks.Params) -> None:
        from tracker.actions.delivery import following
        from tracker.channels import sms

        news = hooks.parse_status(params)
        following.told(self._office, "sms", news.sid, sms.fate(news.status, news.error_code))

    def _inbound(self, params: hooks.Params) -> None:
        from tracker.actions.delivery import hearing

        hearing.hear(self._office, hooks.parse_inbound(params, at=self._office.clock.now()))
