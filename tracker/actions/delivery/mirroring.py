"""Mirroring: what is to lie on calendars elsewhere is put there, changed and taken away.

As with messages: a short commit claims one file, the server is asked outside of any
transaction, and another commit records what came of it. Unlike a message, a file may
be written twice: after a lost answer, or a crash between the two commits, the same is
put once more, and the server says that it was there (412, and the same content).

Ours wins over what was changed or deleted by hand, at the next change of ours. But a
to-do that was ticked is heard before anything is written over it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.actions import mirrored
from tracker.actions.delivery import calendars, subjects, ticks
from tracker.actions.delivery.calendars import Done, Met, Server
from tracker.actions.delivery.mirrors import forget_secret
from tracker.actions.mirrored import Wanted
from tracker.actions.office import Office, PersonContext
from tracker.channels.items import is_ticked
from tracker.channels.message import ChannelError, Failure
from tracker.language import N_, Language
from tracker.store import mirrors, people
from tracker.store.db import Session
from tracker.store.mirrors import MirrorItemRow, MirrorRow

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
ACCOUNT_WAIT = timedelta(hours=1)
LEASE_REQUESTS = 12
"""The most requests that putting one file takes; for so many time limits it is claimed."""
AT_MOST = 100
"""Files of one mirror in one go, so that the others have their turn."""
REFUSED_IN_A_ROW = 3
"""Then the server is left alone for a while, whatever else waits for it."""
MET_AT_MOST = 3
"""So often a file is written at once again after another version was met."""
ANY_VERSION = "*"

DEFECT = N_("The tracker could not make or send it; it is tried again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """`taken`: files that the server took or gave up. `more`: something is to be done at once."""

    taken: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """One mirror, what it is to hold, and the items whose time has come, at one moment."""

    mirror: MirrorRow
    wanted: Mapping[str, Wanted]
    due: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One claimed file; `wanted` is None where it is to be taken away."""

    item_id: int
    uid: str
    wanted: Wanted | None
    sha256: str | None
    etag: str | None
    lease_at: datetime


def push(office: Office, mirror_id: int, *, stops: Callable[[], bool]) -> Pushed:
    """Do what is due for one mirror, as far as its server lets; no request begins after `stops`.

    Everything that a server can answer is recorded, so nothing is raised but for the
    store: UnavailableError.
    """
    picture = _picture(office, mirror_id)
    if picture is None:
        return Pushed()
    server = calendars.server(office, picture.mirror)
    taken = refused = met = 0
    for item_id in picture.due:
        if stops():
            return Pushed(taken=taken, more=True)
        errand = _claim(office, picture, item_id)
        if errand is None:
            continue
        outcome = _ask(server, errand)
        _record(office, picture.mirror, errand, outcome)
        if isinstance(outcome, Done):
            taken, refused = taken + 1, 0
        elif isinstance(outcome, Met):
            met += 1
        elif _stops_all(outcome):
            log.warning("the mirror %s waits: %s", picture.mirror.name, outcome)
            return Pushed(taken=taken)
        elif outcome.kind is not Failure.permanent:
            refused += 1
            if refused == REFUSED_IN_A_ROW:
                _refuses(office, picture.mirror, item_id, outcome)
                return Pushed(taken=taken)
    return Pushed(taken=taken, more=met > 0 or (taken > 0 and len(picture.due) == AT_MOST))


def _picture(office: Office, mirror_id: int) -> _Picture | None:
    now = office.clock.now()
    with office.database.read() as session:
        mirror = mirrors.mirror(session, mirror_id)
        rows = mirrors.due(session, mirror_id, now, AT_MOST)
        if mirror is None or not rows:
            return None
        ctx = subjects.context(office, session, people.by_id(session, mirror.person_id), now)
        wanted = mirrored.contents(ctx, mirror)
        return _Picture(mirror=mirror, wanted=wanted, due=tuple(row.id for row in rows))


def _claim(office: Office, picture: _Picture, item_id: int) -> _Errand | None:
    """None where another worker was faster, or where what is wanted is not known at the moment."""
    now = office.clock.now()
    with office.database.write() as session:
        people.hold(session, picture.mirror.person_id)
        row, mirror = mirrors.item(session, item_id), mirrors.mirror(session, picture.mirror.id)
        given_up = mirror is None or mirror.revoked_at != picture.mirror.revoked_at
        if given_up or not mirrors.is_due(row, now):
            return None
        wanted = picture.wanted.get(row.uid)
        if row.wanted_sha256 != (wanted.sha256 if wanted else None):
            mirrors.hurry(session, row.person_id, now)  # to be compared first
            return None
        lease = office.settings.caldav.timeout_seconds * LEASE_REQUESTS
        row.not_before_at = now + timedelta(seconds=lease)
        row.attempts += 1
        session.add(row)
        return _Errand(
            item_id=row.id,
            uid=row.uid,
            wanted=wanted,
            sha256=row.wanted_sha256,
            etag=row.etag,
            lease_at=row.not_before_at,
        )


def _ask(server: Server, errand: _Errand) -> Done | Met | ChannelError:
    try:
        if errand.wanted is None:
            return server.delete(errand.uid, errand.etag)
        return server.put(errand.uid, errand.wanted.content(), errand.etag)
    except ChannelError as error:
        return error
    except Exception:
        log.exception("the item %s of a mirror could not be put", errand.uid)
        return ChannelError(Failure.transient, DEFECT)


def _record(
    office: Office, seen: MirrorRow, errand: _Errand, outcome: Done | Met | ChannelError
) -> None:
    """Write down what came of it, if the claim is still ours."""
    now = office.clock.now()
    with office.database.write() as session:
        person = people.hold(session, seen.person_id)
        row, mirror = mirrors.item(session, errand.item_id), mirrors.mirror(session, seen.id)
        assert mirror is not None
        if isinstance(outcome, Done) and mirror.problem is not None:
            mirror.problem = None
            mirrors.relieve(session, mirror.id)
            session.refresh(row)
        if row.state != "pending" or row.not_before_at != errand.lease_at:
            return
        if isinstance(outcome, Done):
            _done(session, mirror, row, errand, outcome, now)
        elif isinstance(outcome, Met):
            _met(subjects.context(office, session, person, now), mirror, row, outcome)
        else:
            _failed(session, mirror, row, outcome, now)
        session.add(row)
        session.add(mirror)


def _done(
    session: Session,
    mirror: MirrorRow,
    row: MirrorItemRow,
    errand: _Errand,
    done: Done,
    now: datetime,
) -> None:
    row.put_sha256, row.etag = errand.sha256, done.etag
    row.attempts, row.reason, row.changed_at, row.not_before_at = 0, None, now, now
    # What is wanted may have changed while the server was asked.
    if row.wanted_sha256 == row.put_sha256:
        row.state = "withdrawn" if row.wanted_sha256 is None else "put"
    session.add(row)
    session.flush()
    if mirror.revoked_at is not None and not mirrors.unfinished(session, mirror.id):
        forget_secret(session, mirror)


def _met(ctx: PersonContext, mirror: MirrorRow, row: MirrorItemRow, met: Met) -> None:
    """Ours wins, but what was ticked is heard first."""
    row.etag = met.etag or ANY_VERSION
    row.put_sha256, row.changed_at = None, ctx.now
    row.not_before_at = ctx.now + (
        _wait(row.attempts) if row.attempts > MET_AT_MOST else timedelta(0)
    )
    ctx.session.add(row)
    if row.subject_ref is not None and is_ticked(met.ics):
        ticks.heard(ctx, mirror, row, met.ics)


def _failed(
    session: Session, mirror: MirrorRow, row: MirrorItemRow, error: ChannelError, now: datetime
) -> None:
    row.reason, row.changed_at = kept(error), now
    if error.kind is Failure.permanent:
        row.state, row.not_before_at = "failed", now
        return
    if error.kind is Failure.account:
        row.attempts = max(row.attempts - 1, 0)  # not its fault
    row.not_before_at = _until(row, error, now)
    if _stops_all(error):
        session.add(row)
        session.flush()
        _leave_alone(session, mirror, error, row.not_before_at)


def _leave_alone(session: Session, mirror: MirrorRow, error: ChannelError, until: datetime) -> None:
    """No more requests for a while, and each time for longer, unless an account is refused."""
    mirror.problem = kept(error)
    session.add(mirror)
    tried = error.kind is not Failure.account
    mirrors.postpone(session, mirror.id, until, tried=tried)


def _refuses(office: Office, seen: MirrorRow, item_id: int, error: ChannelError) -> None:
    """Whatever it is asked for, the server says no."""
    with office.database.write() as session:
        people.hold(session, seen.person_id)
        row, mirror = mirrors.item(session, item_id), mirrors.mirror(session, seen.id)
        assert mirror is not None
        _leave_alone(session, mirror, error, row.not_before_at)


def kept(error: ChannelError) -> str:
    """A reason with its code, as the store has it."""
    return error.reason if error.code is None else f"{error.reason}\t{error.code}"


def told(language: Language, reason: str) -> str:
    msgid, _, code = reason.partition("\t")
    return language.text(msgid, code=code)


def _stops_all(error: ChannelError) -> bool:
    """What concerns the server and not the one file: no sign-in, or no answer at all."""
    return error.kind is Failure.account or (
        error.kind is not Failure.permanent and error.code is None
    )


def _until(row: MirrorItemRow, error: ChannelError, now: datetime) -> datetime:
    if error.kind is Failure.account:
        return now + ACCOUNT_WAIT
    wait = _wait(row.attempts)
    if error.retry_after is not None:
        wait = max(wait, timedelta(seconds=error.retry_after))
    return now + min(wait, mirrors.FURTHEST)


def _wait(attempts: int) -> timedelta:
    doubled: int = 2 ** min(max(attempts, 1) - 1, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)
