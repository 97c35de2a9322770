"""Hearing: what came in by text, each once, whether it was polled for or posted to us.

A sender can be forged. So STOP is believed, since the worst of it is silence that
shows; PAID only makes a claim, which the person confirms or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, cast

from tracker.actions import codes, payment_claims
from tracker.actions.delivery import subjects
from tracker.actions.office import Office, PersonContext
from tracker.channels import words
from tracker.channels.message import Channel, Heard
from tracker.language import N_
from tracker.store import delivery, destinations, inbound, journal, people
from tracker.store.db import Session, insert_if_absent
from tracker.store.destinations import DestinationRow
from tracker.store.inbound import InboundRow

STRANGER = N_("It came from a number that is nobody's here.")
STOPPED = N_("No more texts go to this number.")
STARTED = N_("Texts go to this number again.")
CONFIRMED = N_("The code was right; the number is confirmed.")
WRONG_CODE = N_("No code that waits is this one.")
NOT_UNDERSTOOD = N_("It was not understood; nothing was done.")
# A restart must not miss what came while nothing ran.
FIRST_LOOK_BACK, OVERLAP = timedelta(days=3), timedelta(hours=1)


class Listening(Protocol):
    """A channel whose inbound texts can be listed."""

    def heard(self, since: datetime, /) -> list[Heard]:
        """Oldest first. Raises ChannelError (transient or account)."""


def poll(office: Office, channels: Mapping[str, Channel]) -> int:
    """Read the provider's list; how many texts were new. Raises ChannelError."""
    channel = channels.get("sms")
    if channel is None:
        return 0
    now = office.clock.now()
    with office.database.read() as session:
        newest = inbound.newest(session, "sms")
    # By a clock that was ahead what came last may lie in the future.
    since = min(newest, now) - OVERLAP if newest is not None else now - FIRST_LOOK_BACK
    return sum(hear(office, each) for each in cast(Listening, channel).heard(since))


def hear(office: Office, heard: Heard) -> bool:
    """Take in one text and do what it asks for; False if it had been taken in before."""
    now = office.clock.now()
    word = words.understand(heard.body)
    with office.database.write() as session:
        rows = destinations.at(session, "sms", heard.sender)
        text = InboundRow(
            channel="sms",
            provider_id=heard.provider_id,
            sender=heard.sender,
            # What a stranger writes is not kept, nor is a code.
            body=heard.body[:1600] if rows and word.verb != "code" else "",
            verb=word.verb,
            said_at=heard.at,
            seen_at=now,
        )
        if not insert_if_absent(session, text):
            return False
        kept = inbound.heard(session, "sms", heard.provider_id)
        assert kept is not None
        if rows:
            kept.outcome = _answer(office, session, kept, word, rows, now)
            if len({row.person_id for row in rows}) == 1:
                kept.person_id = rows[0].person_id
        else:
            kept.outcome = STRANGER
        session.add(kept)
    return True


def _answer(
    office: Office,
    session: Session,
    text: InboundRow,
    word: words.Word,
    rows: Sequence[DestinationRow],
    now: datetime,
) -> str:
    """Do what a text asks for, for everybody who has this number; what came of it."""
    contexts = _held(office, session, rows, now)
    if word.verb in ("stop", "start"):
        for row in rows:
            row.opted_out_at = (row.opted_out_at or now) if word.verb == "stop" else None
            session.add(row)
        session.flush()
        for ctx in contexts:
            if word.verb == "start":
                for message in delivery.held(session, "no-route", person_id=ctx.person.id):
                    delivery.resume(session, message, now)
            _journal(ctx, f"destination.{word.verb}", {"channel": "sms"})
        return STOPPED if word.verb == "stop" else STARTED
    if word.verb == "code":
        for ctx in contexts:
            if codes.answered(ctx, text.sender, word.refs[0]):
                _journal(ctx, "destination.confirm", {"channel": "sms", "confirmed": True})
                return CONFIRMED
        return WRONG_CODE
    if word.verb == "paid":
        confirmed = {row.person_id for row in rows if row.confirmed_at is not None}
        able = [ctx for ctx in contexts if ctx.person.id in confirmed]
        return payment_claims.claimed(able, text, word.refs)
    return NOT_UNDERSTOOD


def _held(
    office: Office, session: Session, rows: Sequence[DestinationRow], now: datetime
) -> list[PersonContext]:
    """Everybody with this number, locked in one order."""
    return [
        subjects.context(office, session, people.hold(session, person_id), now)
        for person_id in sorted({row.person_id for row in rows})
    ]


def _journal(ctx: PersonContext, action: str, detail: dict[str, object]) -> None:
    """STOP, START and a code change what the person has set: a revision, and a line for it."""
    ctx.person.revision += 1
    ctx.session.add(ctx.person)
    journal.write(
        ctx.session,
        person_id=ctx.person.id,
        revision=ctx.person.revision,
        at=ctx.now,
        actor="sms",
        action=action,
        detail=detail,
    )
