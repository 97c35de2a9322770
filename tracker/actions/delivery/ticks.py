"""Ticks: a to-do that was ticked on a phone claims that its instalment was paid.

Each once, whether it was met by listening or when something was to be written over
it, and by however many daemons. It never counts as a payment.
"""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import UTC, datetime

from tracker.actions import mirrored, payment_claims
from tracker.actions.delivery import calendars, subjects
from tracker.actions.delivery.mirrors import compare
from tracker.actions.office import Office, PersonContext
from tracker.channels.caldav import CalDav, Item
from tracker.channels.items import completed, is_ticked, same
from tracker.store import inbound, mirrors, people
from tracker.store.db import insert_if_absent
from tracker.store.inbound import InboundRow
from tracker.store.mirrors import MirrorItemRow, MirrorRow

log = logging.getLogger(__name__)

HEARD_STATES = ("put", "failed")
"""What is pending is looked at when it is written."""


def listen(
    office: Office, mirror: MirrorRow, known: str | None, *, mending: bool = False
) -> str | None:
    """Hear the ticks of one calendar; its ctag, for `known` of the next time.

    Where the calendar says that nothing changed since `known`, one request is all.
    With `mending`, a to-do that was changed otherwise is to be put anew.
    Raises ChannelError.
    """
    client = CalDav(calendars.account(office, mirror))
    ctag = client.ctag()
    if ctag is not None and ctag == known:
        return ctag
    there = client.list()
    with office.database.read() as session:
        rows = [
            row
            for row in mirrors.items(session, mirror.id)
            if row.subject_ref is not None and row.state in HEARD_STATES and row.uid in there
        ]
    changed = [row for row in rows if there[row.uid] is None or there[row.uid] != row.etag]
    for row in changed:
        found = client.get(row.uid)
        if found is not None:
            look(office, row, found, mending=mending)
    return ctag


def look(office: Office, seen: MirrorItemRow, found: Item, *, mending: bool = False) -> None:
    """Take note of a to-do that is not as we put it: of its version, and of a tick."""
    now = office.clock.now()
    with office.database.write() as session:
        person = people.hold(session, seen.person_id)
        row = mirrors.item(session, seen.id)
        if row.etag != seen.etag or row.state not in HEARD_STATES:
            return  # somebody else was here meanwhile
        mirror = mirrors.mirror(session, row.mirror_id)
        assert mirror is not None
        row.etag = found.etag
        session.add(row)
        ctx = subjects.context(office, session, person, now)
        wanted = mirrored.contents(ctx, mirror).get(row.uid)
        if wanted is None:
            return
        if wanted.done or not is_ticked(found.ics):
            if mending and not same(wanted.content(), found.ics):
                row.put_sha256, row.state, row.not_before_at = None, "pending", now
            return
        heard(ctx, mirror, row, found.ics)
        after = mirrored.contents(ctx, mirror).get(row.uid)
        if after is not None and after.done:
            # What lies there is as good as what would be put.
            row.put_sha256 = row.wanted_sha256 = after.sha256
            row.state, row.attempts, row.reason = "put", 0, None
        else:
            row.put_sha256, row.state, row.not_before_at = None, "pending", now
        row.changed_at = now
        session.add(row)


def heard(ctx: PersonContext, mirror: MirrorRow, row: MirrorItemRow, ics: bytes) -> None:
    """What a tick brings about, once; and what the person's mirrors are to hold after it.

    Call under the person's lock.
    """
    stamp = completed(ics)
    which = hashlib.sha256(stamp.encode() or ics).hexdigest()[:32]
    tick = InboundRow(
        channel="caldav",
        provider_id=f"{mirror.id}:{row.uid}:{which}",
        sender=mirror.name,
        body="",
        verb="paid",
        person_id=ctx.person.id,
        said_at=_said_at(stamp, mirror, ctx.now),
        seen_at=ctx.now,
    )
    if insert_if_absent(ctx.session, tick):
        kept = inbound.heard(ctx.session, "caldav", tick.provider_id)
        assert kept is not None
        task = mirrored.to_dos(ctx).get(row.subject_ref or "")
        kept.outcome = (
            payment_claims.of_instalment(ctx, kept, task.debt_id, row.subject_ref or "")
            if task is not None
            else payment_claims.NOT_PAYABLE
        )
        ctx.session.add(kept)
        ctx.session.flush()
    compare(ctx)


def _said_at(stamp: str, mirror: MirrorRow, now: datetime) -> datetime:
    """A phone may tell later what was ticked before; one whose clock is wrong is not believed."""
    if not re.fullmatch(r"\d{8}T\d{6}Z", stamp, re.ASCII):
        return now
    try:
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return now
    return at if mirror.added_at <= at <= now else now
