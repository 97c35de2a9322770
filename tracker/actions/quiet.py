"""Silence for a while: no message but a legal deadline goes out before it ends."""

from __future__ import annotations

from datetime import datetime, time

from tracker.actions import falling, moments
from tracker.actions.delivery import routes
from tracker.actions.falling import Falling
from tracker.actions.office import Nothing, PersonContext, Request, Result
from tracker.core import waits
from tracker.errors import ConflictError
from tracker.language import N_
from tracker.store.db import add as insert

DEADLINES = N_("Legal deadlines are told all the same.")


class NewQuiet(Request):
    until: str


class Quiet(Result):
    """`falls` is what is to be sent, or due, before it ends. `until_at` None: it is not quiet."""

    until_at: datetime | None
    falls: list[Falling]


def begin(ctx: PersonContext, request: NewQuiet) -> Quiet:
    """From now on. Another silence that runs gives way to this one."""
    until_at = waits.parse_moment(
        request.until, now=ctx.now, zone=ctx.person.zone, at=time(0), field="until"
    )
    ctx.person.quiet_until_at = until_at
    insert(ctx.session, ctx.person)
    moments.renew(ctx)
    return _told(ctx, until_at)


def show(ctx: PersonContext, request: Nothing) -> Quiet:
    until_at = ctx.person.quiet_until_at
    if until_at is None or until_at <= ctx.now:
        return Quiet(
            until_at=None,
            falls=[],
            said=[ctx.language.text("It is not quiet: messages go out as they fall due.")],
        )
    return _told(ctx, until_at)


def end(ctx: PersonContext, request: Nothing) -> Quiet:
    until_at = ctx.person.quiet_until_at
    if until_at is None or until_at <= ctx.now:
        raise ConflictError(
            "It is not quiet now.", field="until", hint=N_("`tracker quiet 3d` makes it so.")
        )
    ctx.person.quiet_until_at = None
    insert(ctx.session, ctx.person)
    moments.renew(ctx)
    said = ctx.language.text("The silence is over; what waited and is still of use goes out.")
    return Quiet(until_at=None, falls=[], said=[said])


def _told(ctx: PersonContext, until_at: datetime) -> Quiet:
    lang = ctx.language
    rows = falling.within(ctx, ctx.now, until_at)
    said = [
        lang.text("Quiet until {at}: no message goes out before.", at=moments.told(ctx, until_at)),
        lang.text(DEADLINES),
    ]
    if any(way.channel == "console" for way in routes.usable(ctx.session, ctx.person)):
        said.append(lang.text("The console, which disturbs nobody, goes on."))
    if rows:
        said.append(lang.text("These fall due while it is quiet, and are not spoken of:"))
        said += falling.told(ctx, rows)
        said.append(lang.text("Pay or schedule them now; `tracker quiet off` ends the silence."))
    else:
        said.append(lang.text("Nothing is to be sent in this time."))
    return Quiet(until_at=until_at, falls=[each.shown() for each in rows], said=said)
