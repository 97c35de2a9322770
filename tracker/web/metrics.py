"""/metrics for Prometheus: on the daemon's socket, and beside the pages for this machine alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker.config import addresses
from tracker.web import guard

Scrape: TypeAlias = Callable[[], str]
FORMAT = "text/plain; version=0.0.4; charset=utf-8"


def answer(scrape: Scrape) -> Callable[[Request], Response]:
    def counted(request: Request) -> Response:
        # By its header, since a media type would get a second charset.
        return Response(scrape(), headers={"Content-Type": FORMAT})

    return counted


def for_this_machine(scrape: Scrape) -> Callable[[Request], Response]:
    """The same for whoever asks from this machine under one of its own names.

    A proxy on this machine passes the name on under which it was asked, so what
    it is asked from outside is refused as if nothing were there.
    """
    counted = answer(scrape)

    def guarded(request: Request) -> Response:
        near = request.client is not None and addresses.is_loopback(request.client.host)
        name = guard.host_of(request.headers.get("host", ""))
        if not near or name not in guard.LOOPBACK:
            raise HTTPException(404)
        return counted(request)

    return guarded
