"""A phone is lost or stolen: nothing goes to it any more, and what it could open is closed."""

from __future__ import annotations

from tracker.actions import destinations
from tracker.actions.delivery import routes
from tracker.actions.office import PersonContext, Request, Result
from tracker.errors import RefusedError
from tracker.language import N_
from tracker.store import delivery, mirrors, people, reports
from tracker.store import destinations as stored
from tracker.store.db import add as insert
from tracker.store.destinations import DestinationRow

LOST = N_("It was for a phone that is lost.")
_ON_PHONES = ("sms", "push")
_ALL = 100_000


class Lost(Request):
    accept: bool = False


class Closed(Result):
    """How much was closed. `on_their_way`: messages that may still arrive on the phone."""

    addresses: list[str]
    cancelled: int
    elsewhere: int
    on_their_way: int
    feeds: int
    mirrors: int
    logins: int


def lost_phone(ctx: PersonContext, request: Lost) -> Closed:
    """Asks for a yes first, unless there is nothing to close."""
    rows = [
        row
        for row in stored.of_person(ctx.session, ctx.person.id)
        if row.channel in _ON_PHONES and row.revoked_at is None
    ]
    feeds = [row for row in reports.feeds(ctx.session, ctx.person.id) if row.revoked_at is None]
    kept = mirrors.mirrors(ctx.session, ctx.person.id)
    logins = people.log_out_everywhere(ctx.session, ctx.person.id)
    if not (rows or feeds or kept or logins):
        nothing = ctx.language.text("Nothing was left to close.")
        return _closed().model_copy(update={"said": [nothing, *_next(ctx)]})
    if not request.accept:
        # What was signed out above is signed in again: a refusal writes nothing.
        raise RefusedError(
            "This ends texts and push messages to you, every calendar address and every signed-in "
            "browser; it cannot be taken back, only set up anew.",
            field="accept",
            hint=N_("Say it with --yes, if the phone is lost."),
        )
    on_their_way = _on_their_way(ctx, rows)
    destinations.give_up(ctx, rows)
    cancelled, elsewhere = destinations.withdraw(ctx, rows, LOST)
    for feed in feeds:
        feed.revoked_at = ctx.now
        insert(ctx.session, feed)
    for mirror in kept:
        mirror.revoked_at = ctx.now
        insert(ctx.session, mirror)
    closed = Closed(
        addresses=[row.address for row in rows],
        cancelled=cancelled,
        elsewhere=elsewhere,
        on_their_way=on_their_way,
        feeds=len(feeds),
        mirrors=len(kept),
        logins=logins,
    )
    said = [*_done(ctx, closed), *_next(ctx)]
    ways = routes.usable(ctx.session, ctx.person)
    warnings = [] if ways else [ctx.language.text(destinations.NO_WAY)]
    return closed.model_copy(update={"said": said, "warnings": warnings})


def _closed() -> Closed:
    return Closed(
        addresses=[], cancelled=0, elsewhere=0, on_their_way=0, feeds=0, mirrors=0, logins=0
    )


def _on_their_way(ctx: PersonContext, rows: list[DestinationRow]) -> int:
    places = {(row.channel, row.address) for row in rows}
    moving = delivery.latest(ctx.session, ctx.person.id, states=("sending", "unknown"), limit=_ALL)
    return sum((message.channel, message.address) in places for message in moving)


def _done(ctx: PersonContext, closed: Closed) -> list[str]:
    lang = ctx.language
    said = [
        lang.text("Nothing goes to {address} any more.", address=address)
        for address in closed.addresses
    ]
    if closed.cancelled:
        said.append(
            lang.plural(
                "One message for it was cancelled.",
                "{n} messages for it were cancelled.",
                closed.cancelled,
            )
        )
    if closed.elsewhere:
        said.append(
            lang.plural(
                "One of them goes another way.", "{n} of them go another way.", closed.elsewhere
            )
        )
    if closed.on_their_way:
        said.append(
            lang.plural(
                "One message was on its way and may still arrive there; nothing can stop it.",
                "{n} messages were on their way and may still arrive there; nothing can stop them.",
                closed.on_their_way,
            )
        )
    if closed.feeds:
        said.append(
            lang.plural(
                "One calendar address is closed.",
                "{n} calendar addresses are closed.",
                closed.feeds,
            )
        )
    if closed.mirrors:
        said.append(
            lang.plural(
                "One calendar elsewhere is kept no longer.",
                "{n} calendars elsewhere are kept no longer.",
                closed.mirrors,
            )
        )
    if closed.logins:
        said.append(
            lang.plural("One browser is signed out.", "{n} browsers are signed out.", closed.logins)
        )
    return said


def _next(ctx: PersonContext) -> list[str]:
    lang = ctx.language
    return [
        lang.text("What to do now:"),
        "  " + lang.text("Have the SIM blocked by the mobile network, if it is not yet."),
        "  " + lang.text("Change the passwords of the e-mail and calendar that were on the phone."),
        "  "
        + lang.text(
            "With a new SIM: `tracker person edit --phone NUMBER`, or with the same number "
            "`tracker person code sms`; then `tracker person confirm CODE`."
        ),
        "  " + lang.text("For a calendar on the new phone: `tracker feed rotate FEED`."),
    ]
