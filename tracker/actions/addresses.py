"""An address that a person has from now on: a number, an e-mail address, a push target."""

from __future__ import annotations

from tracker.actions import codes, reach
from tracker.actions.destinations import Destinations, opted_out, shown
from tracker.actions.office import Effect, PersonContext, Request
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import destinations
from tracker.store.db import add as insert
from tracker.store.destinations import DestinationRow


class NewPush(Request):
    target: str


def keep(ctx: PersonContext, channel: str, address: str, *, target: str | None = None) -> list[str]:
    """An address that the person now has: what there is to say of it.

    A new one waits for its code, which goes out at once if it can. The same one again
    keeps its state; one that was given up begins anew.
    """
    row = destinations.find(ctx.session, ctx.person.id, channel, address)
    if row is None:
        row = DestinationRow(
            person_id=ctx.person.id,
            channel=channel,
            address=address,
            target=target,
            added_at=ctx.now,
        )
    elif row.revoked_at is not None:
        row.revoked_at = row.confirmed_at = None
        row.added_at = ctx.now
    insert(ctx.session, row)
    if row.opted_out_at is not None:
        return [opted_out(ctx, row)]
    if row.confirmed_at is not None:
        return []
    places = {"channel": channel, "address": row.address}
    if not reach.ready(ctx.settings, channel):
        return [
            ctx.language.text(
                "{address} waits to be confirmed, but this home cannot send over {channel} yet: "
                "see [{channel}] in its configuration. Then `tracker person code {channel}` "
                "sends a code.",
                **places,
            )
        ]
    if codes.next_at(ctx, row) is not None:
        return [
            ctx.language.text(
                "{address} waits to be confirmed; the codes of this day are used up.", **places
            )
        ]
    return [codes.send(ctx, row)]


def notes(ctx: PersonContext) -> list[str]:
    """What stands against texts to the person's number, before the first one is sent."""
    from tracker.channels.preflight import preflight

    twilio = ctx.settings.sms.twilio
    if ctx.person.phone is None or not reach.ready(ctx.settings, "sms"):
        return []
    found = preflight(
        twilio.from_number or None, bool(twilio.messaging_service_sid), ctx.person.phone
    )
    return [ctx.language.text(each.msgid, **each.params) for each in found if each.level != "info"]


def push(effect: Effect, request: NewPush) -> Destinations:
    """Add a push address; the whole of it is secret and is kept apart from its name.

    It is looked at before the write: that takes a program of its own, and seconds.
    """
    from tracker.channels import push as channel

    if not request.target.strip():
        raise InputError(
            "target is empty.",
            field="target",
            hint=N_("Paste the whole address, as Apprise writes it: ntfys://ntfy.example/topic"),
        )
    try:
        target = channel.check_target(request.target)
    except InputError as error:
        error.field = "target"
        raise
    label = channel.label(target)
    with effect.write("destination.push", {"label": label}) as ctx:
        said = keep(ctx, "push", _named(ctx, label, target), target=target)
        return shown(ctx).model_copy(update={"said": said})


def _named(ctx: PersonContext, label: str, target: str) -> str:
    """The name of a push address, unlike that of any other one of the person."""
    name, number = label, 1
    while (row := destinations.find(ctx.session, ctx.person.id, "push", name)) is not None:
        if row.target == target:
            return name
        number += 1
        name = f"{label} ({number})"
    return name
