"""What the mirrors of a person are to hold, set beside what they hold; nothing is sent here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from tracker.actions import mirrored
from tracker.actions.mirrored import Wanted
from tracker.actions.office import PersonContext
from tracker.language import N_
from tracker.store import mirrors
from tracker.store.db import Session
from tracker.store.mirrors import MirrorItemRow, MirrorRow
from tracker.store.wakes import WakeRow

GIVEN_UP_AFTER = timedelta(days=3)
"""So long the tracker tries to take away what a mirror held that was given up."""
GAVE_UP = N_("The mirror was given up before the server let this be taken away.")


def derive(ctx: PersonContext, wake: WakeRow) -> datetime | None:
    """When to look again; None for a person without a mirror."""
    return compare(ctx)


def compare(ctx: PersonContext) -> datetime | None:
    """Set what each mirror is to hold beside what it holds. Call under the person's lock."""
    moments: list[datetime] = []
    for mirror in mirrors.ever(ctx.session, ctx.person.id):
        if mirror.revoked_at is None:
            _compare(ctx, mirror, mirrored.contents(ctx, mirror))
            moments.append(mirrored.changes_at(ctx))
        elif mirrors.unfinished(ctx.session, mirror.id):
            _compare(ctx, mirror, {})
            until = mirror.revoked_at + GIVEN_UP_AFTER
            if ctx.now < until:
                moments.append(until)
            else:
                _give_up(ctx, mirror)
        else:
            forget_secret(ctx.session, mirror)
    return min(moments, default=None)


def _compare(ctx: PersonContext, mirror: MirrorRow, wanted: Mapping[str, Wanted]) -> None:
    there = {row.uid: row for row in mirrors.items(ctx.session, mirror.id)}
    for uid, each in wanted.items():
        row = there.pop(uid, None)
        if row is None:
            row = MirrorItemRow(
                person_id=mirror.person_id,
                mirror_id=mirror.id,
                uid=uid,
                state="pending",
                not_before_at=ctx.now,
                changed_at=ctx.now,
            )
        elif row.wanted_sha256 == each.sha256:
            continue
        row.subject_ref = each.subject_ref
        _want(ctx, row, each.sha256)
    for row in there.values():
        if row.wanted_sha256 is not None:
            _want(ctx, row, None)
    ctx.session.flush()


def _want(ctx: PersonContext, row: MirrorItemRow, sha256: str | None) -> None:
    """Whoever has it claimed finds that out when recording; so what is pending keeps its moment."""
    row.wanted_sha256 = sha256
    row.changed_at = ctx.now
    if row.state != "pending":
        row.state, row.not_before_at = "pending", ctx.now
        row.attempts, row.reason = 0, None
    ctx.session.add(row)


def _give_up(ctx: PersonContext, mirror: MirrorRow) -> None:
    for row in mirrors.unfinished(ctx.session, mirror.id):
        row.state, row.reason, row.changed_at = "failed", GAVE_UP, ctx.now
        ctx.session.add(row)
    forget_secret(ctx.session, mirror)


def forget_secret(session: Session, mirror: MirrorRow) -> None:
    if mirror.secret:
        mirror.secret = ""
        session.add(mirror)
