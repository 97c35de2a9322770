"""Numbers and addresses of a person: what state each is in, giving one up, resuming one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from tracker.actions.delivery import claim, routes, subjects
from tracker.actions.office import Nothing, PersonContext, Request, Result
from tracker.core import reading
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import delivery, destinations
from tracker.store.db import add as insert
from tracker.store.delivery import MessageRow
from tracker.store.destinations import DestinationRow

_ALL = 100_000

CONFIRMED, WAITING, OPTED_OUT, REVOKED = "confirmed", "waiting", "opted-out", "revoked"
GIVEN_UP = N_("Its number or address was given up.")
NO_WAY = N_(
    "There is no way left on which messages reach you: they wait until a number or address "
    "is confirmed, or until console is one of the channels."
)


class WhichDestination(Request):
    channel: str | None = None


class Destination(Result):
    """`in_use`: the one of its channel that messages would go to. `state` says if they may."""

    channel: str
    address: str
    masked: str
    state: str
    in_use: bool
    added_at: datetime
    confirmed_at: datetime | None


class Destinations(Result):
    """`ways` are the channels that messages take now, the first one first."""

    destinations: list[Destination]
    channels: list[str]
    ways: list[str]


def list_destinations(ctx: PersonContext, request: Nothing) -> Destinations:
    return shown(ctx)


def revoke(ctx: PersonContext, request: WhichDestination) -> Destinations:
    """Nothing goes there any more; what waited takes another way, or waits for one."""
    row = meant(ctx, request.channel, lambda row: row.revoked_at is None)
    if row.revoked_at is not None:
        raise ConflictError("{address} was given up already.", field="channel", address=row.address)
    give_up(ctx, [row])
    withdraw(ctx, [row], GIVEN_UP)
    result = shown(ctx)
    said = ctx.language.text("Nothing goes to {address} any more.", address=row.address)
    return result.model_copy(update={"said": [said]})


def resume(ctx: PersonContext, request: WhichDestination) -> Destinations:
    """After a STOP: the tracker texts again. The provider's own list it cannot change."""
    row = meant(ctx, request.channel, lambda row: row.opted_out_at is not None)
    if row.opted_out_at is None:
        raise ConflictError("{address} has not opted out.", field="channel", address=row.address)
    row.opted_out_at = None
    insert(ctx.session, row)
    said = [
        ctx.language.text("{address} takes messages of the tracker again.", address=row.address)
    ]
    if row.channel == "sms":
        sender = ctx.settings.sms.twilio.from_number
        said.append(
            ctx.language.text(
                "Twilio keeps a list of its own: text START from that phone to {sender}, or it "
                "lets nothing through.",
                sender=sender or ctx.language.text("the number that the texts came from"),
            )
        )
    if row.usable:
        let_go(ctx)
    return shown(ctx).model_copy(update={"said": said})


def shared(ctx: PersonContext, channel: str, address: str) -> list[str]:
    """A warning where somebody else of the home has this number too: STOP counts for both."""
    others = [
        row
        for row in destinations.at(ctx.session, channel, address)
        if row.person_id != ctx.person.id and row.revoked_at is None
    ]
    if not others or channel != "sms":
        return []
    return [
        ctx.language.text(
            "Somebody else of this home is reached at {address} too. STOP, texted from it by one "
            "of you, ends the texts to both.",
            address=address,
        )
    ]


def give_up(ctx: PersonContext, rows: Iterable[DestinationRow]) -> None:
    """Without a new code none of these is used again."""
    for row in rows:
        row.revoked_at = ctx.now
        row.code_sha256 = row.code_until_at = None
        insert(ctx.session, row)


def withdraw(ctx: PersonContext, rows: Sequence[DestinationRow], reason: str) -> tuple[int, int]:
    """Cancel what waits for addresses that were given up; how many, and how many go elsewhere.

    No reminder is lost by it: what has something to say is written anew, for another way,
    or held until there is one.
    """
    places = {(row.channel, row.address) for row in rows}
    cancelled = elsewhere = 0
    for known in delivery.latest(
        ctx.session, ctx.person.id, states=("pending", "held"), limit=_ALL
    ):
        if (known.channel, known.address) not in places:
            continue
        # Locked and read again: a worker may have claimed it at this moment.
        message = delivery.message(ctx.session, known.id, locked=True)
        if message.state not in ("pending", "held"):
            continue
        cancelled += 1
        elsewhere += _cancel(ctx, message, reason)
    return cancelled, elsewhere


def _cancel(ctx: PersonContext, message: MessageRow, reason: str) -> bool:
    """Whether it goes another way."""
    if message.kind != "reminder":
        claim.settle(ctx, message, claim.Verdict(state="cancelled", reason=reason))
        return False
    said = tuple(
        (reminder, subjects.find(ctx, reminder))
        for reminder, _ in delivery.carried(ctx.session, message.id)
    )
    speaks = any(subject.silence is None for _, subject in said)
    verdict = claim.Verdict(
        state="cancelled", reason=reason, code="moved" if speaks else None, said=said
    )
    claim.settle(ctx, message, verdict)
    return speaks and bool(routes.usable(ctx.session, ctx.person))


def let_go(ctx: PersonContext) -> int:
    """What was held because nothing could reach the person may go; how many those were."""
    rows = delivery.held(ctx.session, "no-route", person_id=ctx.person.id)
    for message in rows:
        delivery.resume(ctx.session, message, ctx.now)
    return len(rows)


def current(ctx: PersonContext, channel: str) -> DestinationRow | None:
    """The one that messages over a channel would go to, fit for use or not."""
    rows = [
        row for row in destinations.of_person(ctx.session, ctx.person.id) if row.channel == channel
    ]
    if channel == "push":
        fit = [row for row in rows if row.usable] or [r for r in rows if r.revoked_at is None]
        return next(reversed(fit or rows), None)
    wanted = ctx.person.phone if channel == "sms" else ctx.person.email
    return next((row for row in rows if row.address == wanted), None)


def state(row: DestinationRow) -> str:
    if row.revoked_at is not None:
        return REVOKED
    if row.opted_out_at is not None:
        return OPTED_OUT
    return WAITING if row.confirmed_at is None else CONFIRMED


def masked(channel: str, address: str) -> str:
    """As much of an address as tells its owner which one is meant."""
    if channel == "sms":
        return f"{address[:3]}•••{address[-4:]}"
    if channel == "mail":
        name, _, host = address.rpartition("@")
        return f"{name[:1]}•••@{host}"
    return address


def shown(ctx: PersonContext) -> Destinations:
    rows = destinations.of_person(ctx.session, ctx.person.id)
    ways = [route.channel for route in routes.usable(ctx.session, ctx.person)]
    used = {row.id for channel in destinations.CHANNELS if (row := current(ctx, channel))}
    warnings = [] if ways else [ctx.language.text(NO_WAY)]
    if ctx.person.phone is not None:
        warnings += shared(ctx, "sms", ctx.person.phone)
    return Destinations(
        destinations=[
            Destination(
                channel=row.channel,
                address=row.address,
                masked=masked(row.channel, row.address),
                state=state(row),
                in_use=row.id in used,
                added_at=row.added_at,
                confirmed_at=row.confirmed_at,
            )
            for row in rows
        ],
        channels=ctx.person.channels.split(","),
        ways=ways,
        warnings=warnings,
    )


def opted_out(ctx: PersonContext, row: DestinationRow) -> str:
    return ctx.language.text(
        "{address} has opted out; `tracker person resume {channel}` takes that back.",
        address=row.address,
        channel=row.channel,
    )


def channel_of(typed: str) -> str:
    channel = typed.strip().casefold()
    if channel not in destinations.CHANNELS:
        raise InputError(
            "channel is {value!r}; only these have an address: {known}.",
            field="channel",
            value=reading.shown(typed),
            known=", ".join(destinations.CHANNELS),
        )
    return channel


def meant(
    ctx: PersonContext, typed: str | None, fits: Callable[[DestinationRow], bool]
) -> DestinationRow:
    """The destination of a channel, or without one the only one that it can be about."""
    if typed is not None:
        channel = channel_of(typed)
        row = current(ctx, channel)
        if row is None:
            sentence, hint = _NONE[channel]
            raise NotFoundError(sentence, field="channel", hint=hint)
        return row
    rows = [row for each in destinations.CHANNELS if (row := current(ctx, each)) is not None]
    found = [row for row in rows if fits(row)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFoundError(
            "There is no number or address that this could be about.",
            field="channel",
            hint=N_("`tracker person reach` shows what there is."),
        )
    raise InputError(
        "It is not clear which is meant: {known}.",
        field="channel",
        hint=N_("Name one of them."),
        known=", ".join(row.channel for row in found),
    )


_NONE = {
    "sms": (
        N_("There is no phone number that this could be about."),
        N_("Give it with `tracker person edit --phone NUMBER`."),
    ),
    "mail": (
        N_("There is no e-mail address that this could be about."),
        N_("Give it with `tracker person edit --email ADDRESS`."),
    ),
    "push": (
        N_("There is no push address that this could be about."),
        N_("Give it with `tracker person push`."),
    ),
}
