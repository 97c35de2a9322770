"""What every request passes: known hosts, capped bodies, and headers on every answer."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.config import Settings, addresses

log = logging.getLogger(__name__)

BODY_BYTES = 64 * 1024
LOOPBACK = ("localhost", "127.0.0.1", "::1")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""An answer may set its own Referrer-Policy and Cache-Control; the rest always holds."""


class Shield:
    """Puts HEADERS on every answer and turns a defect into an answer of its own.

    `broken` makes that answer. The log names the exception and no address, since
    an address can hold a token.
    """

    def __init__(self, app: ASGIApp, *, broken: Callable[[], Response], https: bool) -> None:
        self._app = app
        self._broken = broken
        self._headers = dict(HEADERS)
        if https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def shielded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, shielded)
        except ClientDisconnect:
            return
        except Exception:
            log.exception("a request failed")
            if started:
                raise
            await self._broken()(scope, receive, shielded)


class Hosts:
    """Answers only under known names, so that a foreign name resolved to this machine is refused.

    The address at which a connection arrived is known too: a name is what can be
    made to point here, an address cannot.
    """

    def __init__(self, app: ASGIApp, *, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(_folded(name) for name in names if not name.startswith("*."))
        self._ends = tuple(name[1:].lower() for name in names if name.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._known(scope):
            refusal = PlainTextResponse(
                "This name is not known here. If it is this machine's, add it to "
                "web.allowed_hosts in config.toml.\n",
                status_code=400,
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        values = Headers(scope=scope).getlist("host")
        host = host_of(values[0]) if len(values) == 1 else None
        if host is None:
            return False
        server = scope.get("server")
        return (
            host in self._names
            or host.endswith(self._ends)
            or (server is not None and host == _folded(str(server[0])))
        )


def known_hosts(settings: Settings) -> list[str]:
    """The names under which the pages may be asked for; `*.home.example` stands for any below."""
    names = [*LOOPBACK, *settings.web.allowed_hosts, addresses.split(settings.web.bind)[0]]
    for url in (
        settings.web.public_url,
        settings.feed.public_url,
        settings.sms.twilio.public_url,
    ):
        if url:
            names.append(urlsplit(url).hostname or "")
    return [name for name in names if name]


def host_of(header: str) -> str | None:
    """`[::1]:8765` as `::1`, `NAS.local:8765` as `nas.local`; None for what is no host."""
    if any(each in header for each in "/@?#\\") or header != header.strip():
        return None
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port  # raises ValueError for a bad one
    except ValueError:
        return None
    return _folded(parts.hostname) if parts.hostname else None


def _folded(name: str) -> str:
    name = name.strip("[]").lower()
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.removesuffix(".")


async def body(request: Request) -> bytes:
    """The whole body. Raises HTTPException 413 beyond BODY_BYTES, before more of it is read."""
    try:
        announced = int(request.headers.get("content-length", "0"))
    except ValueError:
        raise HTTPException(400) from None
    if announced > BODY_BYTES:
        raise HTTPException(413)
    received = bytearray()
    async for part in request.stream():
        received += part
        if len(received) > BODY_BYTES:
            raise HTTPException(413)
    return bytes(received)


def same_origin(request: Request, public_url: str) -> bool:
    """Whether a form was sent from a page of ours, by what the browser says of it.

    Old browsers say nothing; then the form's own token decides alone.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {f"{scheme}://{request.headers.get('host', '')}" for scheme in ("http", "https")}
    if public_url:
        parts = urlsplit(public_url)
        ours.add(f"{parts.scheme}://{parts.netloc}")
    return origin.lower() in {each.lower() for each in ours}
