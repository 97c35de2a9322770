"""A mirror as a whole: what it should be is put back, and how a try went is noted."""

from __future__ import annotations

from tracker.actions.delivery import calendars, subjects, ticks
from tracker.actions.delivery.mirroring import kept
from tracker.actions.delivery.mirrors import compare
from tracker.actions.office import Office
from tracker.channels.caldav import CalDav
from tracker.channels.message import ChannelError
from tracker.store import mirrors, people
from tracker.store.mirrors import MirrorRow


def mend(office: Office, mirror: MirrorRow) -> None:
    """Let everything be put anew that is not there as it should be. Raises ChannelError.

    What waited or was refused is tried again at once.
    """
    there: dict[str, str | None] | None = None
    if mirror.kind == "caldav":
        ticks.listen(office, mirror, None, mending=True)
        there = CalDav(calendars.account(office, mirror)).list()
    now = office.clock.now()
    with office.database.write() as session:
        person = people.hold(session, mirror.person_id)
        for row in mirrors.items(session, mirror.id):
            if row.state == "put" and there is not None and there.get(row.uid, "") == row.etag:
                continue
            if row.state != "withdrawn":
                row.state, row.not_before_at, row.put_sha256 = "pending", now, None
                row.attempts, row.reason, row.changed_at = 0, None, now
                session.add(row)
        compare(subjects.context(office, session, person, now))


def note(office: Office, seen: MirrorRow, error: ChannelError | None) -> None:
    """How a try went that was about the whole mirror."""
    problem = None if error is None else kept(error)
    if problem == seen.problem:
        return
    with office.database.write() as session:
        people.hold(session, seen.person_id)
        mirror = mirrors.mirror(session, seen.id)
        assert mirror is not None
        if problem is None and mirrors.waits_in_vain(session, seen.id):
            return  # it may be read, but not written
        mirror.problem = problem
        session.add(mirror)
