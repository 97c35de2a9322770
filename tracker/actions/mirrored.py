"""What a calendar elsewhere is to hold: the feed's events, and a to-do for what is still open.

- Every event of the feed that is not withdrawn is an item; a withdrawn one is taken away.
- An open instalment has a to-do beside its event, while reminders of its debt may go.
- The to-do of one that is done stays, ticked, until the end of the month after.
- Where it is said to be paid but not confirmed, the to-do is ticked and the event rings on.
- A current bill has no to-do: nobody records that it was paid.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tracker.actions import holds
from tracker.actions.office import PersonContext
from tracker.actions.terms import open_minor, settled
from tracker.core import dates
from tracker.core.periods import add_months
from tracker.store import debts, inbound, owners, plans
from tracker.store.mirrors import MirrorRow

if TYPE_CHECKING:
    from tracker.documents.calendar import Event

WRITTEN = "1"
"""Counts up when the same event is to be written otherwise; a test keeps watch over that."""
FEED = "feed"
"""The name of the one item of a mirror that is a whole file."""
DONE_STAYS_MONTHS = 1


@dataclass(frozen=True, slots=True)
class ToDo:
    debt_id: int
    done: bool
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file. `sha256` tells it from any other without making it; `subject_ref` is of a to-do."""

    events: tuple[Event, ...]
    sha256: str
    subject_ref: str | None = None
    done: bool = False
    name: str = ""
    language_tag: str = ""

    def content(self) -> bytes:
        if self.name:
            from tracker.documents import calendar

            return calendar.feed(self.name, self.events, language_tag=self.language_tag)
        from tracker.documents import todo

        (event,) = self.events
        return todo.item(event, todo=self.subject_ref is not None, done=self.done)


def contents(ctx: PersonContext, mirror: MirrorRow) -> dict[str, Wanted]:
    """By the names of the files; nothing for a mirror that was given up."""
    from tracker.actions import events

    if mirror.revoked_at is not None:
        return {}
    found = events.of_person(ctx, mirror.detail)
    if mirror.kind == "webdav":
        return {FEED: _feed(ctx, tuple(found))}
    return dict(_items(found, to_dos(ctx)))


def to_dos(ctx: PersonContext) -> dict[str, ToDo]:
    """By the refs of the instalments as they stand; those of earlier versions are not there."""
    since = add_months(ctx.today.replace(day=1), -DONE_STAYS_MONTHS)
    said = {row.instalment_ref for row in inbound.claims(ctx.session, ctx.person.id, state="open")}
    sold = owners.assignments_of_person(ctx.session, ctx.person.id)
    found: dict[str, ToDo] = {}
    for debt in debts.debts(ctx.session, ctx.person.id):
        silent = owners.is_unverified(sold.get(debt.id, [])) or holds.silenced(ctx, debt.id)
        for plan in plans.of_debt(ctx.session, debt.id):
            terms = plans.terms(ctx.session, plan)
            for row in plans.instalments(ctx.session, terms.id):
                if settled(row, terms):
                    done_on = row.changed_at.astimezone(ZoneInfo(ctx.person.zone)).date()
                    waived = row.waived_minor > 0 and open_minor(row) == 0
                    shown = done_on >= since and not waived
                    found[row.ref] = ToDo(debt.id, done=True, shown=shown)
                else:
                    shown = plan.ended_at is None and not silent
                    found[row.ref] = ToDo(debt.id, done=row.ref in said, shown=shown)
    return found


def changes_at(ctx: PersonContext) -> datetime:
    """When what is wanted changes without a write: at a month's beginning, at a hold's end."""
    month = add_months(ctx.today.replace(day=1), 1)
    days = [month]
    for debt in debts.debts(ctx.session, ctx.person.id):
        for hold in debts.holds(ctx.session, debt.id, ctx.today):
            if hold.until_on is not None:
                days.append(hold.until_on)
    return dates.instant(min(days), time(0), ctx.person.zone)


def _items(found: list[Event], tasks: Mapping[str, ToDo]) -> Iterator[tuple[str, Wanted]]:
    from tracker.documents import todo

    for event in found:
        if event.cancelled:
            continue
        sha = _sha("event", event)
        yield todo.uid(event, todo=False), Wanted(events=(event,), sha256=sha)
        task = tasks.get(event.uid)
        if task is not None and task.shown:
            kind = "done" if task.done else "open"
            yield (
                todo.uid(event, todo=True),
                Wanted(
                    events=(event,),
                    sha256=_sha(kind, event),
                    subject_ref=event.uid,
                    done=task.done,
                ),
            )


def _feed(ctx: PersonContext, found: tuple[Event, ...]) -> Wanted:
    name, tag = ctx.language.text("Dates"), ctx.language.locale.replace("_", "-")
    return Wanted(events=found, sha256=_sha(name, tag, *found), name=name, language_tag=tag)


def _sha(*parts: str | Event) -> str:
    """Of what a file is made from: some thousand times cheaper than to make it each time."""
    whole = "\x1f".join(
        [WRITTEN, *(each if isinstance(each, str) else _told(each) for each in parts)]
    )
    return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()


def _told(event: Event) -> str:
    return repr(
        (
            event.uid,
            event.on.isoformat(),
            event.summary,
            event.description,
            [each.total_seconds() for each in event.alarms],
            event.sequence,
            event.stamp.timestamp(),
            event.cancelled,
        )
    )
