"""Codes: what was sent to a number or an address comes back before it is used.

Whoever mistypes a number would send to a stranger; so nothing but the code goes to
one that is not confirmed. Of the code only a hash is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from tracker.actions import reach
from tracker.actions.delivery import claim, messages
from tracker.actions.destinations import (
    GIVEN_UP,
    Destinations,
    WhichDestination,
    channel_of,
    give_up,
    let_go,
    meant,
    opted_out,
    shown,
    withdraw,
)
from tracker.actions.moments import told
from tracker.actions.office import Effect, PersonContext, Request
from tracker.core import reading
from tracker.errors import ConflictError, InputError, RefusedError
from tracker.language import N_
from tracker.store import delivery, destinations
from tracker.store.db import add as insert
from tracker.store.destinations import DestinationRow

MOST_CODES = 3
"""So many codes a day go to one address, whoever asks."""
MOST_TRIES = 5
NEWER = N_("A newer code took its place.")
_DAY = timedelta(days=1)
_ALL = 100_000


class Code(Request):
    code: str
    channel: str | None = None


def code(ctx: PersonContext, request: WhichDestination) -> Destinations:
    """Send a fresh code. Raises RefusedError when those of a day are used up."""
    row = meant(ctx, request.channel, _open)
    if row.opted_out_at is not None:
        raise ConflictError(
            "{address} has opted out of texts, so no code would arrive.",
            field="channel",
            hint=N_("`tracker person resume {channel}` takes that back."),
            address=row.address,
            channel=row.channel,
        )
    if row.revoked_at is None and row.confirmed_at is not None:
        raise ConflictError(
            "{address} is confirmed already.", field="channel", hint=None, address=row.address
        )
    if not reach.ready(ctx.settings, row.channel):
        raise ConflictError(
            "This home cannot send over {channel} yet, so no code can go out.",
            field="channel",
            hint=N_("Set up [{channel}] in its configuration; `tracker config example` shows it."),
            channel=row.channel,
        )
    wait_until = next_at(ctx, row)
    if wait_until is not None:
        raise RefusedError(
            "{most} codes went to {address} within a day; that is the most.",
            field="channel",
            hint=N_("The next one can go after {at}."),
            most=MOST_CODES,
            address=row.address,
            at=told(ctx, wait_until),
        )
    row.revoked_at = row.confirmed_at = None
    said = [send(ctx, row)]
    return shown(ctx).model_copy(update={"said": said})


def confirm(effect: Effect, request: Code) -> Destinations:
    """The code came back. A wrong one is counted even though the call is refused."""
    digits = _digits(request.code)
    wanted = channel_of(request.channel) if request.channel is not None else None
    with effect.read() as ctx:
        rows = _waiting(ctx, wanted)
        if not any(_is_live(ctx, row) for row in rows):
            raise _not_confirmed(rows, [])
    detail: dict[str, object] = {"channel": wanted or ",".join(row.channel for row in rows)}
    with effect.write("destination.confirm", detail) as ctx:
        rows = _waiting(ctx, wanted)
        live = [row for row in rows if _is_live(ctx, row)]
        found = _matching(live, digits)
        for row in live:
            row.tries += 1
            insert(ctx.session, row)
        detail["confirmed"] = found is not None
        if found is not None:
            said = _confirmed(ctx, found)
            return shown(ctx).model_copy(update={"said": said})
    raise _not_confirmed(rows, live)


def answered(ctx: PersonContext, sender: str, digits: str) -> bool:
    """A code came back by text from the very number that it went to. Counts a wrong one."""
    live = [row for row in _waiting(ctx, "sms") if _is_live(ctx, row) and row.address == sender]
    found = _matching(live, digits)
    for row in live:
        row.tries += 1
        insert(ctx.session, row)
    if found is not None:
        _confirmed(ctx, found)
    return found is not None


def send(ctx: PersonContext, row: DestinationRow) -> str:
    """A fresh code to an address; those that were sent before are worth nothing now."""
    for known in delivery.latest(ctx.session, ctx.person.id, states=("pending",), limit=_ALL):
        if known.kind == "code" and (known.channel, known.address) == (row.channel, row.address):
            message = delivery.message(ctx.session, known.id, locked=True)
            if message.state == "pending":
                claim.settle(ctx, message, claim.Verdict(state="cancelled", reason=NEWER))
    digits = f"{secrets.randbelow(10**6):06}"
    row.codes = 1 + (row.codes if _sent_lately(row, ctx.now) else 0)
    row.code_sha256 = _hashed(row, digits)
    row.code_until_at = ctx.now + messages.CODE_LASTS
    row.tries = 0
    insert(ctx.session, row)
    messages.code(ctx, row, digits)
    return ctx.language.text(
        "A code of six digits goes to {address}. It is good until {until}: "
        "`tracker person confirm CODE`.",
        address=row.address,
        until=told(ctx, row.code_until_at),
    )


def _hashed(row: DestinationRow, digits: str) -> str:
    return hashlib.sha256(f"{row.id}:{digits}".encode()).hexdigest()


def _sent_lately(row: DestinationRow, now: datetime) -> bool:
    """Whether the last code went within a day; when it went follows from when it ends."""
    return row.code_until_at is not None and now < row.code_until_at - messages.CODE_LASTS + _DAY


def next_at(ctx: PersonContext, row: DestinationRow) -> datetime | None:
    """When the next code may go to this address; None: now. Whoever asks, it is one address."""
    lately = [
        each
        for each in destinations.at(ctx.session, row.channel, row.address)
        if _sent_lately(each, ctx.now)
    ]
    if sum(each.codes for each in lately) < MOST_CODES:
        return None
    ends = [each.code_until_at for each in lately if each.code_until_at is not None]
    return max(ends) - messages.CODE_LASTS + _DAY


def _waiting(ctx: PersonContext, channel: str | None) -> list[DestinationRow]:
    return [
        row
        for row in destinations.of_person(ctx.session, ctx.person.id)
        if row.code_sha256 is not None and row.revoked_at is None and channel in (None, row.channel)
    ]


def _is_live(ctx: PersonContext, row: DestinationRow) -> bool:
    ends = row.code_until_at
    return ends is not None and ctx.now < ends and row.tries < MOST_TRIES


def _matching(rows: Sequence[DestinationRow], digits: str) -> DestinationRow | None:
    found = [
        row for row in rows if hmac.compare_digest(row.code_sha256 or "", _hashed(row, digits))
    ]
    return found[0] if found else None


def _confirmed(ctx: PersonContext, row: DestinationRow) -> list[str]:
    row.confirmed_at = ctx.now
    row.code_sha256 = row.code_until_at = None
    row.tries = 0
    insert(ctx.session, row)
    if row.channel == "push":
        # Messages go to one push address; the one that was confirmed last.
        others = [
            each
            for each in destinations.of_person(ctx.session, ctx.person.id)
            if each.channel == "push" and each.id != row.id and each.revoked_at is None
        ]
        give_up(ctx, others)
        withdraw(ctx, others, GIVEN_UP)
    said = [ctx.language.text("{address} is confirmed.", address=row.address)]
    if row.channel not in ctx.person.channels.split(","):
        words = " ".join(
            f"--channel {each}" for each in [row.channel, *ctx.person.channels.split(",")]
        )
        said.append(
            ctx.language.text(
                "{channel} is not one of your channels yet: `tracker person edit {words}`",
                channel=row.channel,
                words=words,
            )
        )
    elif row.opted_out_at is not None:
        said.append(opted_out(ctx, row))
    freed = let_go(ctx)
    if freed:
        said.append(
            ctx.language.plural(
                "One message that waited for a way goes out now.",
                "{count} messages that waited for a way go out now.",
                freed,
                count=freed,
            )
        )
    return said


def _not_confirmed(
    rows: Sequence[DestinationRow], live: Sequence[DestinationRow]
) -> InputError | ConflictError:
    again = N_("`tracker person code` sends another one.")
    if not rows:
        return ConflictError("No number or address waits for a code.", field="code", hint=again)
    left = max((MOST_TRIES - row.tries for row in live), default=0)
    if left > 0:
        return InputError(
            "code is not the one that was sent; so many tries are left: {left}.",
            field="code",
            hint=N_("Read the newest message once more; an older code is worth nothing."),
            left=left,
        )
    if any(row.tries >= MOST_TRIES for row in rows):
        return ConflictError(
            "code was wrong {most} times; that code is worth nothing now.",
            field="code",
            hint=again,
            most=MOST_TRIES,
        )
    return ConflictError(
        "code is too old; one is good for {minutes} minutes.",
        field="code",
        hint=again,
        minutes=int(messages.CODE_LASTS.total_seconds() // 60),
    )


def _digits(typed: str) -> str:
    bare = "".join(typed.split())
    reading.refuse_empty(bare, field="code", hint=N_("Type the six digits that were sent."))
    reading.refuse_foreign_digits(bare, field="code")
    if not (bare.isascii() and bare.isdigit() and len(bare) == 6):
        raise InputError(
            "code has six digits, and nothing else.",
            field="code",
            hint=N_("Type the six digits that were sent."),
        )
    return bare


def _open(row: DestinationRow) -> bool:
    return row.confirmed_at is None or row.revoked_at is not None
