"""Bugs that programs of this sort have, to plant in the tracker: a run has to find each.

Every function here puts one wrong piece in the place of a real one, through pytest's
`monkeypatch`, and says in its first line what is wrong.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from tests.simulation.delivery import world
from tracker.actions.delivery import claim, following, messages, reconcile, send, steps
from tracker.actions.delivery.claim import Claimed, Verdict
from tracker.actions.office import Office
from tracker.channels.message import Accepted, ChannelError, Failure, Outgoing
from tracker.core import dates, due
from tracker.documents import calendar
from tracker.store import db, delivery, restoring

Plant = Callable[[pytest.MonkeyPatch], None]


def mark_then_send(patch: pytest.MonkeyPatch) -> None:
    """Writes down that it was sent and then sends; a crash between loses it."""

    def planted(office: Office, channels: Mapping[str, Any], claimed: Claimed) -> Failure | None:
        steps.reached("claimed")
        if claim.still_ours(office, claimed, office.clock.now()) is None:
            return None
        steps.reached("checked")
        with office.database.write() as session:
            message = delivery.message(session, claimed.message_id, locked=True)
            delivery.move(session, message, "sent", office.clock.now())
        steps.reached("answered")
        outgoing = Outgoing(ref=claimed.ref, address=claimed.address, body=claimed.body)
        try:
            accepted = channels[claimed.channel].send(outgoing)
        except ChannelError as error:
            return error.kind
        with office.database.write() as session:
            message = delivery.message(session, claimed.message_id, locked=True)
            message.provider_id = accepted.provider_id
            session.add(message)
        return None

    patch.setattr(send, "send", planted)


def send_then_mark(patch: pytest.MonkeyPatch) -> None:
    """Its claim is kept in memory alone; after a crash what was sent is sent again."""
    original = claim.abandon

    def planted(office: Office, now: datetime, *, home_id: str | None = None) -> int:
        count = original(office, now, home_id=home_id)
        with office.database.write() as session:
            for number in delivery.in_doubt(session, now.replace(year=2200)):
                message = delivery.message(session, number)
                if message.reason == claim.SENDER_GONE:
                    delivery.resume(session, message, now)
        return count

    patch.setattr(claim, "abandon", planted)


def blind_retry(patch: pytest.MonkeyPatch) -> None:
    """Takes a lost answer, or a 500, for a refusal, and sends again."""
    original = send.record

    def planted(office: Office, claimed: Claimed, outcome: Accepted | ChannelError) -> None:
        if isinstance(outcome, ChannelError) and outcome.kind is Failure.unknown:
            outcome = ChannelError(Failure.transient, outcome.reason, code=outcome.code)
        original(office, claimed, outcome)

    patch.setattr(send, "record", planted)


def no_look_at_the_lease(patch: pytest.MonkeyPatch) -> None:
    """A worker that slept past its lease sends what another one has sent meanwhile."""

    def planted(office: Office, claimed: Claimed, now: datetime) -> Verdict | None:
        with office.database.read() as session:
            message = delivery.message(session, claimed.message_id)
            ctx = claim._context(office, session, message, now)
            verdict = claim._judged(ctx, message, claimed=True)
        return replace(verdict, body=claimed.body) if verdict.state == "sending" else None

    patch.setattr(send, "still_ours", planted)


def no_look_at_the_payment(patch: pytest.MonkeyPatch) -> None:
    """Before the request it looks at its lease alone; what was paid meanwhile is sent."""

    def planted(office: Office, claimed: Claimed, now: datetime) -> Verdict | None:
        if now >= claimed.lease_until:
            return None
        with office.database.read() as session:
            if delivery.revision_under(session, claimed.message_id, claimed.owner) is None:
                return None
        return Verdict(state="sending", body=claimed.body)

    patch.setattr(send, "still_ours", planted)


def no_settling(patch: pytest.MonkeyPatch) -> None:
    """The provider's list is asked at once, when it may not have the message yet."""
    original = world._settings

    def planted(*given: Any) -> Any:
        settings = original(*given)
        return replace(settings, delivery=replace(settings.delivery, settle_seconds=0.0))

    patch.setattr(world, "_settings", planted)


def one_list_is_enough(patch: pytest.MonkeyPatch) -> None:
    """What is not in the first list is sent again, however old that list is."""
    patch.setattr(reconcile, "ABSENT_TWICE", 1)
    original = world._settings

    def planted(*given: Any) -> Any:
        settings = original(*given)
        return replace(settings, delivery=replace(settings.delivery, settle_seconds=100.0))

    patch.setattr(world, "_settings", planted)


def plain_begin(patch: pytest.MonkeyPatch) -> None:
    """A writer begins like a reader; of two that meet one is told that it is locked out."""
    patch.setattr(db, "_begin_sqlite", lambda connection: connection.exec_driver_sql("BEGIN"))


def begun_by_the_driver(patch: pytest.MonkeyPatch) -> None:
    """The driver begins after the first SELECT; of two that meet one undoes the other's."""
    original = db._prepare_sqlite

    def planted(connection: sqlite3.Connection, record: object) -> None:
        original(connection, record)
        connection.isolation_level = ""

    patch.setattr(db, "_prepare_sqlite", planted)
    patch.setattr(db, "_begin_sqlite", lambda connection: None)


def no_key(patch: pytest.MonkeyPatch) -> None:
    """Nothing but the good will of the code keeps a reminder from being there twice."""
    from tracker.store.delivery import ReminderRow

    table = ReminderRow.__table__  # type: ignore[attr-defined]
    key = next(each for each in table.constraints if each.name == "uq_reminder_once")
    patch.setattr(table, "constraints", table.constraints - {key})


def stamped_with_the_hour(patch: pytest.MonkeyPatch) -> None:
    """DTSTAMP is the moment of asking, as the standard seems to want."""
    original = calendar.feed
    asked = iter(range(10**6))

    def planted(name: str, events: Any, **more: Any) -> bytes:
        now = datetime.fromtimestamp(1_800_000_000 + next(asked)).astimezone()
        return original(name, [replace(each, stamp=now) for each in events], **more)

    patch.setattr(calendar, "feed", planted)


def chained_months(patch: pytest.MonkeyPatch) -> None:
    """Each month is counted from the one before: 31 January, 28 February, 28 March."""
    original = dates.month_day

    def planted(anchor: date, months: int, day: int) -> date:
        for _ in range(months):
            anchor = original(anchor, 1, min(day, anchor.day))
        return anchor

    patch.setattr(dates, "month_day", planted)


def restored_and_not_asked(patch: pytest.MonkeyPatch) -> None:
    """After a restore everything that was sent since the backup is sent again."""
    patch.setattr(restoring, "mark", lambda session, now, settle: 0)


def random_refs(patch: pytest.MonkeyPatch) -> None:
    """A restored database cannot find in the provider's list what it does not know the name of."""
    import secrets

    original = messages._fresh_ref
    patch.setattr(
        messages,
        "_fresh_ref",
        lambda ctx, seed, *given, **more: original(
            ctx, seed + secrets.token_hex(4), *given, **more
        ),
    )


def at_home_wherever_they_are(patch: pytest.MonkeyPatch) -> None:
    """Hours for messages are those at home, while the person is on the other side of the world."""
    original = due.within_hours

    def planted(now: datetime, *, hours: Any, where: Any) -> datetime:
        return original(now, hours=hours, where=replace(where, away=()))

    patch.setattr(due, "within_hours", planted)


def stop_is_not_heard(patch: pytest.MonkeyPatch) -> None:
    """Who said STOP is written to all the same."""
    from tracker.store.destinations import DestinationRow

    usable = property(lambda row: row.confirmed_at is not None and row.revoked_at is None)
    patch.setattr(DestinationRow, "usable", usable)


def no_end_of_use(patch: pytest.MonkeyPatch) -> None:
    """After days without power everything goes out that was due meanwhile."""
    patch.setattr(due, "moments", _for_ever(due.moments))


def _for_ever(original: Callable[..., Any]) -> Callable[..., Any]:
    def planted(*given: Any, **more: Any) -> Any:
        found = original(*given, **more)
        last = max(each.useful_until for each in found)
        return [replace(each, useful_until=last) for each in found]

    return planted


def unfollowed(patch: pytest.MonkeyPatch) -> None:
    """A text that never arrived counts as delivered."""
    original = following.settle

    def planted(office: Office, message_id: int, fate: Any) -> bool:
        return original(office, message_id, replace(fate, state="delivered"))

    patch.setattr(following, "settle", planted)


PLANTED: dict[Plant, int] = {
    mark_then_send: 1,
    send_then_mark: 8,
    blind_retry: 1,
    no_look_at_the_lease: 27,
    no_look_at_the_payment: 6,
    no_settling: 45,
    one_list_is_enough: 21,
    plain_begin: 21,
    begun_by_the_driver: 21,
    no_key: 1,
    stamped_with_the_hour: 3,
    chained_months: 8,
    restored_and_not_asked: 20,
    random_refs: 20,
    at_home_wherever_they_are: 11,
    stop_is_not_heard: 20,
    no_end_of_use: 1,
    unfollowed: 18,
}
"""With the seed from which on a run finds it soon; from seed 1 on it takes more of them."""
