"""Trying a way out: one message that asks for nothing, sent now over one channel."""

from __future__ import annotations

from tracker.actions import destinations, reach
from tracker.actions.delivery import messages
from tracker.actions.office import PersonContext, Request, Result
from tracker.core import reading
from tracker.errors import ConflictError, InputError
from tracker.language import N_


class Trial(Request):
    channel: str | None = None


class Tried(Result):
    """`ref` names the message in the outbox, which says what becomes of it."""

    ref: str
    person: str
    channel: str
    address: str


def test(ctx: PersonContext, request: Trial) -> Tried:
    """Over the channel named, or else the person's first."""
    channel = (request.channel or ctx.person.channels.split(",")[0]).strip().casefold()
    if channel not in reach.CHANNELS:
        raise InputError(
            "channel is {value!r}, which is no channel.",
            field="channel",
            hint=N_("There are: {known}."),
            value=reading.shown(request.channel or ""),
            known=", ".join(reach.CHANNELS),
        )
    if not reach.ready(ctx.settings, channel):
        raise ConflictError(
            "This home cannot send over {channel} yet.",
            field="channel",
            hint=N_("Set up [{channel}] in its configuration; `tracker config example` shows it."),
            channel=channel,
        )
    address = _address(ctx, channel)
    message = messages.test(ctx, channel, address)
    return Tried(ref=message.ref, person=ctx.person.handle, channel=channel, address=address)


def _address(ctx: PersonContext, channel: str) -> str:
    if channel == "console":
        return ctx.person.handle
    row = destinations.meant(ctx, channel, lambda row: row.usable)
    state = destinations.state(row)
    if state == destinations.CONFIRMED:
        return row.address
    if state == destinations.OPTED_OUT:
        hint = N_("`tracker person resume {channel}` takes that back.")
    else:
        hint = N_("`tracker person code {channel}` sends a code to it.")
    raise ConflictError(
        N_("{address} has opted out.")
        if state == destinations.OPTED_OUT
        else N_("{address} is not confirmed, so nothing but a code goes there."),
        field="channel",
        hint=hint,
        address=row.address,
        channel=channel,
    )
