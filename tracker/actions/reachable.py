"""What changes at this moment how a person is reached: quiet, a journey, a number that waits."""

from __future__ import annotations

from datetime import timedelta

from tracker.actions import absences, destinations, moments
from tracker.actions.delivery import routes
from tracker.actions.office import Nothing, PersonContext, Result
from tracker.store import destinations as stored

JOURNEYS_AHEAD = timedelta(days=14)
QUIET, AWAY, UNCONFIRMED = "quiet", "away", "unconfirmed"


class Notice(Result):
    """`command` ends it or mends it; `number` is that of a journey, as `away list` counts."""

    kind: str
    sentence: str
    command: str
    number: int | None = None


def notices(ctx: PersonContext) -> list[Notice]:
    return [*_quiet(ctx), *_journeys(ctx), *_waiting(ctx)]


def _quiet(ctx: PersonContext) -> list[Notice]:
    until_at = ctx.person.quiet_until_at
    if until_at is None or until_at <= ctx.now:
        return []
    sentence = ctx.language.text(
        "Quiet until {at}: only legal deadlines are told.", at=moments.told(ctx, until_at)
    )
    return [Notice(kind=QUIET, sentence=sentence, command="tracker quiet off")]


def _journeys(ctx: PersonContext) -> list[Notice]:
    """The one that runs, and those that begin soon."""
    day = ctx.language.day
    return [
        Notice(
            kind=AWAY,
            sentence=ctx.language.text(
                "Away from {first} to {last}: on these days messages go by the clock of {zone}.",
                first=day(each.from_on),
                last=day(each.until_on - timedelta(days=1)),
                zone=each.zone,
            ),
            command=f"tracker away off {each.number}",
            number=each.number,
        )
        for each in absences.list_absences(ctx, Nothing()).absences
        if each.from_on <= ctx.today + JOURNEYS_AHEAD
    ]


def _waiting(ctx: PersonContext) -> list[Notice]:
    """Channels of the person over which nothing goes, since no code has come back."""
    wanted = ctx.person.channels.split(",")
    found = []
    if not routes.usable(ctx.session, ctx.person):
        sentence = ctx.language.text(destinations.NO_WAY)
        found.append(Notice(kind=UNCONFIRMED, sentence=sentence, command="tracker person reach"))
    for channel in stored.CHANNELS:
        row = destinations.current(ctx, channel) if channel in wanted else None
        if row is None or destinations.state(row) != destinations.WAITING:
            continue
        live = row.code_until_at is not None and ctx.now < row.code_until_at
        found.append(
            Notice(
                kind=UNCONFIRMED,
                sentence=ctx.language.text(
                    "{address} waits to be confirmed; until then nothing goes there.",
                    address=destinations.masked(channel, row.address),
                ),
                command="tracker person confirm CODE" if live else f"tracker person code {channel}",
            )
        )
    return found
