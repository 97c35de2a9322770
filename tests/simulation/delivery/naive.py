"""When a person is to be reminded of what, said once more and in the plainest way.

Nothing here imports the tracker. It reads rows as they lie in the tables, and what it
says is held against what the engine makes of them.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.simulation.delivery.books import Books, Row, day, instant
from tests.simulation.naive import Money, allocate
from tests.simulation.naive import Row as Part

OFFSETS, AT = (-3, -1, 0), time(9)
HOURS = (time(9), time(20))
ONE_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
SILENT_HOLDS = {"unverified-owner", "disputed", "moratorium", "insolvency", "not-mine"}

Key = tuple[str, str, str, int, int, int]
"""Subject, kind, due date, offset, person, generation."""


@dataclass(frozen=True)
class Due:
    """One reminder: its key, its moment, and when it stops being of use."""

    key: Key
    at: datetime
    until: datetime


# Where the person is.


@lru_cache(maxsize=100_000)
def wall(on: date, at: time, zone: str) -> datetime:
    """The first instant at which the clocks there show this or, in a gap, more."""
    wanted = datetime.combine(on, at)
    rules = ZoneInfo(zone)
    guess = datetime.combine(on, at, UTC)
    offsets = {
        (guess + timedelta(hours=n)).astimezone(rules).utcoffset() for n in range(-30, 31, 6)
    }
    found = [
        guess - offset
        for offset in offsets
        if offset is not None and (guess - offset).astimezone(rules).replace(tzinfo=None) == wanted
    ]
    if found:
        return min(found)
    # A gap: minute by minute, until the clocks have passed it.
    minute = guess - max(offset for offset in offsets if offset is not None)
    while minute.astimezone(rules).replace(tzinfo=None) < wanted:
        minute += MINUTE
    return minute


def journeys(books: Books, person: Row) -> list[Row]:
    return [
        row
        for row in books.rows("absence")
        if row["person_id"] == person["id"] and row["ended_at"] is None
    ]


def zone_on(books: Books, person: Row, on: date) -> str:
    for row in journeys(books, person):
        if day(row["from_on"]) <= on < day(row["until_on"]):
            return str(row["zone"])
    return str(person["zone"])


def zone_at(books: Books, person: Row, now: datetime) -> str:
    for row in journeys(books, person):
        there = now.astimezone(ZoneInfo(row["zone"])).date()
        if day(row["from_on"]) <= there < day(row["until_on"]):
            return str(row["zone"])
    return str(person["zone"])


def today(person: Row, now: datetime) -> date:
    return now.astimezone(ZoneInfo(person["zone"])).date()


def hours(person: Row) -> tuple[time, time]:
    if not person["hours"]:
        return HOURS
    first, last = person["hours"].split(",")
    return time.fromisoformat(first), time.fromisoformat(last)


def awake(books: Books, person: Row, now: datetime) -> bool:
    """Whether it is an hour for messages where the person is."""
    first, last = hours(person)
    return first <= now.astimezone(ZoneInfo(zone_at(books, person, now))).time() < last


def send_time(person: Row, terms: Row | None) -> time:
    text = (terms["send_time"] if terms else None) or person["send_time"]
    at = time.fromisoformat(text) if text else AT
    first, last = hours(person)
    if at < first:
        return first
    return at if at < last else max(first, time(last.hour - 1 if last.hour else 0, last.minute))


# What there is to remind of.


def of_instalment(books: Books, person: Row, terms: Row, row: Row) -> list[Due]:
    """All that one open instalment can ever call for, in order."""
    at = send_time(person, terms)
    due_on, send_by = day(row["due_on"]), instant(row["send_by_at"])
    home = send_by.astimezone(ZoneInfo(person["zone"])).date()
    there = send_by.astimezone(ZoneInfo(zone_on(books, person, home)))
    last = there.date() if there.time() > at else there.date() - ONE_DAY
    last = min(last, due_on)

    def morning(on: date) -> datetime:
        return wall(on, at, zone_on(books, person, on))

    def end(on: date) -> datetime:
        return wall(on + ONE_DAY, time(0), zone_on(books, person, on))

    def key(kind: str, offset: int) -> Key:
        return (row["ref"], kind, due_on.isoformat(), offset, person["id"], row["generation"])

    text = terms["offsets"] or person["offsets"]
    offsets = sorted(int(each) for each in text.split(",")) if text else sorted(OFFSETS)
    found = []
    for n, offset in enumerate(offsets):
        following = morning(last + timedelta(days=offsets[n + 1])) if n + 1 < len(offsets) else None
        start = morning(last + timedelta(days=offset))
        found.append(Due(key("reminder", offset), start, following or end(due_on)))
    if terms["paid_by"] in ("standing-order", "collect"):
        found.append(
            Due(key("asked", 1), morning(due_on + ONE_DAY), end(due_on + timedelta(days=3)))
        )
    found.append(
        Due(
            key("late", 3),
            morning(due_on + timedelta(days=3)),
            end(due_on + timedelta(days=9)),
        )
    )
    if row["reopened_at"] is not None:
        opened = instant(row["reopened_at"])
        found.append(Due(key("reopened", 0), opened, max(end(due_on), opened + ONE_DAY)))
    # On a journey two mornings can be one instant, and the first has no use then.
    return [each for each in found if each.at < each.until]


def settled(terms: Row, row: Row) -> bool:
    left = row["amount_minor"] - row["waived_minor"] - row["paid_minor"]
    return left <= 0 or (row["paid_minor"] > 0 and left <= terms["tolerance_minor"])


def waiting_payments(books: Books, debt_id: int) -> list[Row]:
    """Scheduled, and nobody said yet whether they went."""
    rows = [row for row in books.rows("payment") if row["debt_id"] == debt_id]
    answered = {row["confirms_id"] for row in rows} | {row["reverses_id"] for row in rows}
    return [row for row in rows if row["kind"] == "scheduled" and row["id"] not in answered]


def covered(books: Books, person: Row, debt_id: int, now: datetime) -> set[str]:
    """The instalments that scheduled payments will settle, if they go."""
    since = today(person, now) - ONE_DAY
    coming = [row for row in waiting_payments(books, debt_id) if day(row["on_date"]) >= since]
    if not coming:
        return set()
    parts = [
        Part(
            row["ref"],
            day(row["due_on"]),
            row["amount_minor"] - row["waived_minor"] - row["paid_minor"],
        )
        for plan, _, row in books.live()
        if plan["debt_id"] == debt_id
        and row["amount_minor"] - row["waived_minor"] > row["paid_minor"]
    ]
    sums = [
        Money(
            row["number"],
            "payment",
            row["amount_minor"],
            day(row["on_date"]),
            instant(row["recorded_at"]),
            row["for_ref"],
        )
        for row in coming
    ]
    given, _ = allocate(parts, sums, "forward")
    got: dict[str | None, int] = {}
    for (_, ref), amount in given.items():
        got[ref] = got.get(ref, 0) + amount
    return {str(part.ref) for part in parts if got.get(part.ref, 0) >= part.asked}


def on_hold(books: Books, person: Row, debt_id: int, now: datetime) -> bool:
    on = today(person, now)
    return any(
        row["debt_id"] == debt_id
        and row["released_at"] is None
        and row["kind"] in SILENT_HOLDS
        and day(row["from_on"]) <= on
        and (row["until_on"] is None or on < day(row["until_on"]))
        for row in books.rows("hold")
    )


def newest_snooze(books: Books, person_id: int, ref: str) -> Row | None:
    found = [
        row
        for row in books.rows("snooze")
        if row["person_id"] == person_id and row["subject_ref"] == ref
    ]
    return found[-1] if found else None


def called(books: Books, now: datetime) -> Iterator[tuple[Due, bool]]:
    """What may have been derived by now, as things stand, and whether it must."""
    people = {row["id"]: row for row in books.persons()}
    quiet: dict[int, tuple[bool, set[str]]] = {}
    for plan, terms, row in books.live():
        if settled(terms, row):
            continue
        person, debt = people[plan["person_id"]], plan["debt_id"]
        if debt not in quiet:
            # A silence that ends with a day is over from the hour of sending on.
            hour = now.astimezone(ZoneInfo(person["zone"])).time()
            looks = [now] if hour >= send_time(person, terms) else [now, now - ONE_DAY]
            quiet[debt] = (
                any(on_hold(books, person, debt, look) for look in looks),
                set().union(*(covered(books, person, debt, look) for look in looks)),
            )
        must = not quiet[debt][0] and row["ref"] not in quiet[debt][1]
        since = instant(row["opened_at"])
        snooze = newest_snooze(books, person["id"], row["ref"])
        if snooze is not None:
            since = max(since, instant(snooze["until_at"]))
        for each in of_instalment(books, person, terms, row):
            if since <= each.at <= now:
                yield each, must
        if snooze is not None and instant(snooze["until_at"]) <= now:
            # Once, of what it was about then.
            opened = instant(row["opened_at"]) > instant(snooze["until_at"])
            yield _snoozed(books, person, row, snooze), must and not opened
    for each in _others(books, people, now):
        yield each, now >= each.at + ONE_DAY


def _snoozed(books: Books, person: Row, row: Row, snooze: Row) -> Due:
    due_on, at = day(row["due_on"]), instant(snooze["until_at"])
    ends = wall(due_on + ONE_DAY, time(0), zone_on(books, person, due_on))
    key = (row["ref"], "snoozed", due_on.isoformat(), 0, person["id"], snooze["id"])
    return Due(key, at, max(ends, at + ONE_DAY))


def _others(books: Books, people: dict[int, Row], now: datetime) -> Iterator[Due]:
    for debt_id in {row["debt_id"] for row in books.rows("payment")}:
        for row in waiting_payments(books, debt_id):
            person = people[row["person_id"]]
            terms = next(
                (terms for plan, terms, _ in books.live() if plan["debt_id"] == debt_id), None
            )
            on = day(row["on_date"])
            asked = on + ONE_DAY
            at = wall(asked, send_time(person, terms), zone_on(books, person, asked))
            last = on + timedelta(days=3)
            until = wall(last + ONE_DAY, time(0), zone_on(books, person, last))
            if at <= now:
                key = (f"payment:{row['id']}", "asked", on.isoformat(), 1, person["id"], 0)
                yield Due(key, at, until)
    for row in books.rows("followup"):
        if row["closed_at"] is None:
            for each in of_followup(books, people[row["person_id"]], row):
                if instant(row["opened_at"]) <= each.at <= now:
                    yield each


def of_followup(books: Books, person: Row, row: Row) -> list[Due]:
    offsets = (-7, -3, -1, 0) if row["kind"] == "deadline" else (0,)
    due_on, at = day(row["due_on"]), send_time(person, None)
    days = [due_on + timedelta(days=offset) for offset in offsets]
    starts = [wall(on, at, zone_on(books, person, on)) for on in days]
    last = due_on + timedelta(days=3)
    ends = [*starts[1:], wall(last, time(0), zone_on(books, person, last))]
    subject = f"followup:{row['ref']}"
    return [
        Due((subject, row["kind"], due_on.isoformat(), offset, person["id"], 0), start, end)
        for offset, start, end in zip(offsets, starts, ends, strict=True)
        if start < end
    ]


def bill_days(row: Row, first: date, last: date) -> Iterable[date]:
    month = first.replace(day=1)
    while month <= last:
        length = calendar.monthrange(month.year, month.month)[1]
        on = month.replace(day=min(row["due_day"], length))
        if first <= on <= last:
            yield on
        month = (month + timedelta(days=31)).replace(day=1)


# Whether there is anything to say.


def silent(books: Books, reminder: Row, now: datetime) -> str | None:
    """Why nothing is to be said of a reminder as things stand; None where it is to be said."""
    subject = str(reminder["subject_ref"])
    prefix, colon, name = subject.partition(":")
    people = {row["id"]: row for row in books.persons()}
    person = people[reminder["person_id"]]
    if not colon:
        return _silent_instalment(books, person, reminder, now)
    if prefix == "payment":
        waits = {row["id"] for row in waiting_payments(books, reminder["debt_id"])}
        gone = int(name) not in waits
        if not gone and on_hold(books, person, reminder["debt_id"], now):
            return "on hold"
        return "answered" if gone else None
    if prefix == "receipt":
        rows = books.rows("payment")
        back = {row["reverses_id"] for row in rows}
        return "taken back" if int(name) in back else None
    if prefix == "bill":
        rows = [row for row in books.rows("plan_condition") if row["ref"] == name]
        if not rows or rows[0]["ended_at"] is not None:
            return "ended"
        open_rows = [
            row
            for plan, terms, row in books.live()
            if plan["id"] == rows[0]["plan_id"] and not settled(terms, row)
        ]
        return None if open_rows else "nothing depends on it"
    if prefix == "followup":
        rows = [row for row in books.rows("followup") if row["ref"] == name]
        stands = (
            rows
            and rows[0]["closed_at"] is None
            and day(rows[0]["due_on"]) == day(reminder["due_on"])
        )
        return None if stands else "closed"
    if prefix == "leaving":
        rows = [row for row in books.rows("absence") if row["id"] == int(name)]
        if not rows or rows[0]["ended_at"] is not None:
            return "called off"
        coming = [
            row
            for plan, terms, row in books.live()
            if plan["person_id"] == person["id"]
            and not settled(terms, row)
            and day(row["due_on"]) <= day(rows[0]["until_on"])
            and not on_hold(books, person, plan["debt_id"], now)
        ]
        return None if coming else "nothing falls due meanwhile"
    return None


def _silent_instalment(books: Books, person: Row, reminder: Row, now: datetime) -> str | None:
    ref, kind = reminder["subject_ref"], reminder["kind"]
    found = [
        (terms, row)
        for plan, terms, row in books.live()
        if row["ref"] == ref and plan["debt_id"] == reminder["debt_id"]
    ]
    if not found:
        return "withdrawn"
    terms, row = found[0]
    if kind != "snoozed" and row["generation"] != reminder["generation"]:
        return "opened anew since"
    if settled(terms, row):
        return "settled"
    if ref in covered(books, person, reminder["debt_id"], now):
        return "scheduled"
    if on_hold(books, person, reminder["debt_id"], now):
        return "on hold"
    snooze = newest_snooze(books, person["id"], ref)
    if snooze is not None:
        if kind == "snoozed":
            return None if snooze["id"] == reminder["generation"] else "put off again"
        if instant(reminder["moment_at"]) < instant(snooze["until_at"]) and now < instant(
            snooze["until_at"]
        ):
            return "put off"
    return None
