"""The three apps of the daemon: pages on TCP, actions on the socket, feeds for the LAN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tracker.web import api, auth, frame, guard, hooks, login, metrics, pages, public, render
from tracker.web.api import Health
from tracker.web.metrics import Scrape

if TYPE_CHECKING:
    from tracker.actions.office import Office


def pages_app(office: Office, health: Health, scrape: Scrape | None = None) -> Starlette:
    """What a browser sees, and the feeds unless they have a listener of their own.

    With `scrape`, /metrics too, for this machine alone.
    """
    settings = office.settings
    door = auth.Door(office)
    site = frame.Frame(office, door)
    routes = [
        *pages.Pages(office, site, health).routes(),
        Route("/static/{name}", render.static),
        Route("/healthz", api.health_check(health)),
        *hooks.Hooks(office).routes(),
    ]
    if scrape is not None:
        routes.append(Route("/metrics", metrics.for_this_machine(scrape)))
    if door.login:
        routes += login.Login(office, site, door).routes()
    if not settings.feed.bind:
        routes.append(_feed_route(office))
    return _made(
        Starlette(
            routes=routes,
            exception_handlers=dict.fromkeys((400, 404, 405, 413), frame.missing),
            middleware=[
                Middleware(guard.Shield, broken=frame.broken, https=door.https),
                Middleware(guard.Hosts, names=guard.known_hosts(settings)),
            ],
        )
    )


def socket_app(office: Office, health: Health, scrape: Scrape | None = None) -> Starlette:
    """The command line's door. Whoever may open the socket may call every action."""
    routes = [
        Route("/api/v1/{action}", api.Api(office).act, methods=["POST"]),
        Route("/healthz", api.health_check(health)),
    ]
    if scrape is not None:
        routes.append(Route("/metrics", metrics.answer(scrape)))
    return _made(
        Starlette(
            routes=routes,
            exception_handlers=dict.fromkeys((400, 404, 405, 413, 415), api.failed),
            middleware=[Middleware(guard.Shield, broken=api.broken, https=False)],
        )
    )


def feed_app(office: Office) -> Starlette:
    """Nothing but feeds. Any name may ask, since only the token opens anything."""
    return _made(
        Starlette(
            routes=[_feed_route(office)],
            exception_handlers={404: _not_here, 405: _not_here},
            middleware=[Middleware(guard.Shield, broken=_broken, https=False)],
        )
    )


def _feed_route(office: Office) -> Route:
    return Route("/feed/{token}.ics", public.Feeds(office).feed)


def _made(app: Starlette) -> Starlette:
    # A redirect to the address without its slash would repeat whatever Host was sent.
    app.router.redirect_slashes = False
    return app


async def _not_here(request: Request, error: Exception) -> Response:
    return PlainTextResponse("Not found\n", status_code=404)


def _broken() -> Response:
    return PlainTextResponse("The tracker made a mistake of its own.\n", status_code=500)
