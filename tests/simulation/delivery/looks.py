"""The rules, held against every request and after every beat: `Broken` names the one that is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.delivery import naive
from tests.simulation.delivery.books import Books, Row, day, instant
from tests.simulation.delivery.naive import Key
from tests.simulation.delivery.provider import Broken, Taken, says
from tests.simulation.delivery.workers import Worker
from tests.simulation.delivery.world import World
from tracker.channels.message import Outgoing

FORWARD: dict[str | None, set[str]] = {
    None: {"pending", "expired", "held", "unknown", "cancelled"},
    "pending": {"sending", "expired", "held", "cancelled", "unknown", "sent", "delivered"},
    "sending": {
        "sent",
        "delivered",
        "unknown",
        "pending",
        "held",
        "failed",
        "cancelled",
        "expired",
    },
    "unknown": {"sent", "delivered", "pending", "cancelled", "expired"},
    "held": {"pending", "expired", "cancelled", "sent", "delivered", "unknown"},
    "sent": {"delivered", "undelivered"},
    "delivered": set(),
    "undelivered": set(),
    "failed": set(),
    "expired": set(),
    "cancelled": set(),
}
"""What may follow a state. A late answer may find its row pending or held again."""
SET_RIGHT = "The clock was set right."
ARRIVED = ("sent", "delivered", "undelivered")
ENDED = ("failed", "expired", "cancelled")
TOGETHER = timedelta(hours=1, minutes=2)
"""So late may a reminder be in good times: what is due within an hour goes together."""


@dataclass(eq=False)
class About:
    """What a request was about, and whether its sender had been frozen since it looked."""

    message: Row
    said: list[Row]
    frozen: bool


@dataclass(eq=False)
class Looks:
    world: World
    books: Books
    states: dict[int, str] = field(default_factory=dict)
    reminders: dict[Key, Row] = field(default_factory=dict)
    arrived: dict[Key, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    sent_to: dict[int, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    told: set[Key] = field(default_factory=set)
    """Of which a row said, with its reason, why they did not go; old rows are tidied away."""
    seen: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    calm_since: datetime | None = None
    own_calm_since: dict[int, datetime] = field(default_factory=dict)
    """Of one person, whom something keeps from hearing."""
    acted: bool = True
    """Whether somebody wrote something while the daemons were at work."""
    restored_at: float = 0.0
    _last_event: int = 0
    _last_reminder: int = 0

    def __post_init__(self) -> None:
        self.world.on_request = self.asked
        self.world.on_look = self.looked
        self.world.on_trouble = self.trouble

    # Calm and trouble.

    def trouble(self) -> None:
        """From here on nobody can expect that all goes well and in time."""
        now = self.world.clock.now()
        # By a clock that was ahead it was trouble until then; but for no longer than that matters.
        self.calm_since = max(now, min(self.calm_since or now, now + timedelta(days=2)))

    def troubled(self) -> bool:
        world = self.world
        return (
            world.storage.fails is not None
            or any(
                each.weather or each.no_account or each.refused for each in world.providers.values()
            )
            or any(
                each.running or each.down_until > world.clock.real or each.frozen
                for each in world.workers
            )
        )

    def was_calm(self, person: int, since: datetime) -> bool:
        for calm in (self.calm_since, self.own_calm_since.get(person)):
            if calm is not None and since <= calm:
                return False
        now = self.world.clock.now()
        row = next(each for each in self.books.persons() if each["id"] == person)
        quiet = row["quiet_until_at"]
        if quiet is not None and instant(quiet) > since:
            return False
        recent = sum(now - each.said_at < timedelta(days=2) for each in self.sent_to[person])
        return recent < self.world.settings.delivery.daily_cap - 1

    def look_at_people(self) -> None:
        """Whoever cannot be reached now, or has a debt on hold, misses things with reason."""
        now = self.world.clock.now()
        for person in self.books.persons():
            held = any(
                naive.on_hold(self.books, person, row["id"], now)
                for row in self.books.rows("debt")
                if row["person_id"] == person["id"]
            )
            if held or not self.ways(person):
                self.own_calm_since[person["id"]] = now

    def ways(self, person: Row) -> list[str]:
        """The channels over which somebody can be reached, in their order."""
        message = {"person_id": person["id"], "kind": "reminder"}
        address = {"sms": person["phone"], "mail": person["email"]}
        return [
            channel
            for channel in person["channels"].split(",")
            if channel == "console"
            or not self._no_way(
                person, {**message, "channel": channel, "address": address.get(channel)}
            )
        ]

    # A request.

    def looked(self, worker: Worker) -> None:
        """The engine has just looked for the last time: what should it have seen?"""
        self.books.changed()
        worker.looked = {
            row["id"]: self.problem(row, self.carried(row["id"]))
            for row in self.books.query(
                "SELECT * FROM message WHERE state = 'sending' AND owner LIKE :owner",
                owner=f"{worker.name}:%",
            )
        }

    def asked(self, worker: Worker | None, channel: str, message: Outgoing) -> About:
        """A provider was asked to send this: may it be?"""
        self.counts["requests"] += 1
        found = self.books.query(
            "SELECT * FROM message WHERE ref = :ref AND channel = :channel",
            ref=message.ref,
            channel=channel,
        )
        found = [row for row in found if self._goes_to(row, message.address)]
        if len(found) != 1:
            raise Broken(f"stray: {len(found)} rows are about a request with {message.ref}")
        (row,) = found
        links = self.carried(row["id"])
        if worker is not None and row["id"] in worker.looked:
            problem = worker.looked.pop(row["id"])
        else:
            self.books.changed()
            problem = self.problem({**row, "body": message.body}, links)
        if problem is not None:
            raise Broken(f"{problem}: {message.body!r} at {self.world.clock.now()}")
        said = [each for each in links if says(message.body, each["link_ref"])]
        if row["kind"] == "reminder" and not said:
            raise Broken(f"a text says nothing of what it carries: {message.body!r}")
        return About(row, said, frozen=worker is not None and worker.frozen)

    def _goes_to(self, row: Row, address: str) -> bool:
        if row["address"] == address:
            return True
        return any(
            each["address"] == row["address"] and each["target"] == address
            for each in self.books.query("SELECT * FROM destination")
        )

    def carried(self, message_id: int) -> list[Row]:
        return self.books.query(
            "SELECT r.*, l.ref AS link_ref FROM reminder r"
            " JOIN message_reminder l ON l.reminder_id = r.id"
            " WHERE l.message_id = :id ORDER BY l.id",
            id=message_id,
        )

    def problem(self, message: Row, links: list[Row]) -> str | None:
        """Why a message must not go out now, as things stand."""
        now, books = self.world.clock.now(), self.books
        person = next(row for row in books.persons() if row["id"] == message["person_id"])
        if message["channel"] != "console":
            reason = self._no_way(person, message)
            if reason:
                return f"I3: {reason}"
        if message["kind"] != "reminder":
            return None
        for row in links:
            if says(message["body"], row["link_ref"]):
                reason = naive.silent(books, row, now)
                if reason:
                    return f"I3: said though {reason}"
                if now >= instant(row["useful_until_at"]):
                    return "I2: said too late to be of use"
            elif naive.silent(books, row, now) is None and now < instant(row["useful_until_at"]):
                return f"I2: left out, though it is to be said: {row['subject_ref']}"
        if message["channel"] == "console":
            return None
        urgent = any(row["kind"] == "deadline" for row in links)
        quiet = person["quiet_until_at"]
        if quiet is not None and instant(quiet) > now and not urgent:
            return "I4: within the quiet"
        if not naive.awake(books, person, now):
            return "I4: outside the hours"
        return None

    def _no_way(self, person: Row, message: Row) -> str | None:
        rows = [
            row
            for row in self.books.rows("destination")
            if row["person_id"] == person["id"]
            and row["channel"] == message["channel"]
            and row["address"] == message["address"]
        ]
        if not rows:
            return "the address was never known"
        if rows[0]["opted_out_at"] is not None:
            return "they said STOP"
        if rows[0]["revoked_at"] is not None:
            return "the address was given up"
        if message["kind"] == "code":
            return None
        if rows[0]["confirmed_at"] is None:
            return "the address is not confirmed"
        mine = {"sms": person["phone"], "mail": person["email"]}
        if message["channel"] in mine and mine[message["channel"]] != message["address"]:
            return "the address is another one by now"
        return None

    # After a beat, or after something was done.

    def look(self, beat_at: datetime | None = None) -> bool:
        """Whether anything was written. `beat_at` is when a beat that has just ended began."""
        if self.troubled():
            self.trouble()
        for provider in self.world.providers.values():
            taken = provider.accepted()
            for each in taken[self.seen[provider.name] :]:
                self.accepted(each)
            self.seen[provider.name] = len(taken)
        changed = self.books.changed()
        self.look_at_people()
        if not changed:
            return False
        clean = (
            beat_at is not None
            and not self.acted
            and all(
                each.clean and each.ticker is not None and not each.ticker.beats.clock_holds
                for each in self.world.workers
            )
        )
        self.acted = False
        self.begin_again()
        self.look_at_reminders(beat_at if clean else None)
        self.look_at_events(clean)
        self.look_at_doubles()
        return True

    def begin_again(self) -> None:
        """Old rows are tidied away; where none is left, SQLite counts from the beginning again."""
        self._last_event = min(self._last_event, _greatest(self.books, "delivery_event"))
        self._last_reminder = min(self._last_reminder, _greatest(self.books, "reminder"))
        known = {row["id"] for row in self.books.query("SELECT id FROM message")}
        self.states = {id: state for id, state in self.states.items() if id in known}

    def accepted(self, taken: Taken) -> None:
        about = about_of(taken)
        self.counts["accepted"] += 1
        person = about.message["person_id"]
        for row in about.said:
            key = key_of(row)
            for earlier in self.arrived[key]:
                self.twice(key, earlier, taken)
            self.arrived[key].append(taken)
            late = taken.said_at - instant(row["moment_at"])
            if late > TOGETHER and self._should_have_gone(row, taken):
                raise Broken(f"I2: {late} late, for no reason: {taken.message.body!r}")
        if taken.channel != "console":
            self.look_at_cap(person, taken)

    def _should_have_gone(self, row: Row, taken: Taken) -> bool:
        at = max(instant(row["moment_at"]), instant(row["created_at"]) - timedelta(minutes=2))
        person = next(each for each in self.books.persons() if each["id"] == row["person_id"])
        return (
            taken.said_at - at > TOGETHER
            and self.was_calm(row["person_id"], at)
            and naive.awake(self.books, person, at)
        )

    def twice(self, key: Key, earlier: Taken, later: Taken) -> None:
        """One reminder arrived a second time; there are not many reasons for which it may."""
        for each in (earlier, later):
            if about_of(each).frozen:
                self.counts["twice, by one that was frozen"] += 1
                return
        if earlier.asked < self.restored_at <= later.asked and moment_of(earlier, key) != moment_of(
            later, key
        ):
            # What the backup does not know of has happened anew.
            return
        if earlier.fate == "undelivered" and earlier.told <= later.asked:
            self.counts["again, undelivered before"] += 1
            return
        if earlier.channel == later.channel and not self.world.providers[later.channel].can_ask:  # noqa: SIM102
            if (
                earlier.message.key == later.message.key
                and self._is_doubtful(later)
                and len([each for each in self.arrived[key] if each.channel == later.channel]) < 2
            ):
                self.counts["again, and nobody could be asked"] += 1
                return
        raise Broken(
            f"I1: twice: {key}, {earlier.message.body!r} at {earlier.said_at}"
            f" and {later.message.body!r} at {later.said_at}"
        )

    def _is_doubtful(self, taken: Taken) -> bool:
        found = self.books.query(
            "SELECT doubtful FROM message WHERE id = :id", id=about_of(taken).message["id"]
        )
        return bool(found and found[0]["doubtful"])

    def look_at_cap(self, person: int, taken: Taken) -> None:
        """No more than the cap within a day, by the clock that the tracker had."""
        known = self.sent_to[person]
        known.append(taken)
        cap = self.world.settings.delivery.daily_cap
        day_before = taken.said_at - timedelta(days=1)
        within = [each for each in known if day_before < each.said_at <= taken.said_at]
        # One that nobody could ask about, or that a frozen worker repeated, is one message.
        messages = {about_of(each).message["id"] for each in within}
        if len(messages) > cap:
            raise Broken(f"I9: {len(messages)} messages within a day, and {cap} is the most")

    def look_at_reminders(self, beat_at: datetime | None) -> None:
        fresh = self.books.query(
            "SELECT * FROM reminder WHERE id > :last ORDER BY id", last=self._last_reminder
        )
        for row in fresh:
            self._last_reminder = row["id"]
            key = key_of(row)
            if key in self.reminders:
                raise Broken(f"I1: two reminders with one key: {key}")
            self.reminders[key] = row
        if beat_at is None:
            return
        wanted = {}
        for due, must in naive.called(self.books, beat_at):
            wanted[due.key] = due
            if must and due.key not in self.reminders:
                key = due.key
                raise Broken(f"I2: never derived: {key}, due at {due.at}")
        for row in fresh:
            found = wanted.get(key_of(row))
            if found is None:
                if row["subject_ref"].partition(":")[0] in ("bill", "receipt", "leaving", "alive"):
                    continue
                raise Broken(f"stray: nothing calls for {key_of(row)} at {row['moment_at']}")
            if (found.at, found.until) != (
                instant(row["moment_at"]),
                instant(row["useful_until_at"]),
            ):
                raise Broken(f"due at {found}, not {row['moment_at']} to {row['useful_until_at']}")

    def look_at_events(self, clean: bool) -> None:
        fresh = self.books.query(
            "SELECT * FROM delivery_event WHERE id > :last ORDER BY id", last=self._last_event
        )
        moved: dict[int, Row] = {}
        for event in fresh:
            self._last_event = event["id"]
            number, before, after = event["message_id"], event["from_state"], event["to_state"]
            if self.states.get(number) != before:
                raise Broken(
                    f"I5: message {number} went from {before} to {after},"
                    f" and was {self.states.get(number)}"
                )
            undone = event["detail"] == SET_RIGHT and (before, after) == ("expired", "pending")
            if before != after and after not in FORWARD[before] and not undone:
                raise Broken(f"I5: message {number} went back from {before} to {after}")
            self.states[number] = after
            if before != after:
                self.counts[after] += 1
                moved[number] = event
        for row in self.books.query("SELECT * FROM message ORDER BY id"):
            if self.states.get(row["id"]) != row["state"]:
                raise Broken(f"I5: message {row['id']} is {row['state']} without an event")
            if row["id"] in moved:
                self.look_at_state(row, clean)

    def look_at_state(self, row: Row, clean: bool) -> None:
        state = row["state"]
        if state in (*ENDED, "held") and not row["reason"]:
            raise Broken(f"I2: message {row['id']} is {state} for no reason that is told")
        if state in ("sent", "delivered") and not self._is_in_the_log(row):
            raise Broken(f"I2: lost: message {row['id']} is {state}, and the provider has it not")
        if state == "delivered" and self._did_not_arrive(row):
            raise Broken(f"I2: message {row['id']} is delivered, and the provider knows better")
        links = self.carried(row["id"])
        if state in (*ENDED, "held") or row["doubtful"]:
            self.told |= {key_of(each) for each in links}
        if state == "expired":
            for each in links:
                at = instant(each["moment_at"])
                late = instant(each["created_at"]) - at > timedelta(hours=1)
                if clean and not late and self.was_calm(row["person_id"], at):
                    raise Broken(f"I2: expired without any need: {key_of(each)}, due {at}")
        if state == "cancelled" and clean and row["kind"] == "reminder":
            replaced = self.books.query(
                "SELECT id FROM message WHERE replaces_id = :id", id=row["id"]
            )
            now = self.world.clock.now()
            for each in links:
                if not replaced and naive.silent(self.books, each, now) is None:
                    raise Broken(f"I2: cancelled, though it is to be said: {key_of(each)}")
        if state == "failed" and row["ref"] not in self.world.providers[row["channel"]].refusals:
            raise Broken(f"I2: message {row['id']} failed, and nobody had refused it")

    def _did_not_arrive(self, row: Row) -> bool:
        provider = self.world.providers[row["channel"]]
        return provider.can_follow and any(
            each.provider_id == row["provider_id"] and each.fate == "undelivered"
            for each in provider.accepted()
        )

    def _is_in_the_log(self, row: Row) -> bool:
        if row["provider_id"] is None:
            # Sent once or twice over a channel that cannot tell.
            return bool(row["doubtful"]) and not self.world.providers[row["channel"]].can_ask
        for taken in self.world.providers[row["channel"]].accepted():
            if taken.provider_id == row["provider_id"]:
                return says(taken.message.body, row["ref"])
        return False

    def look_at_doubles(self) -> None:
        """A provider's id stands in one row, unless its one text spoke for several."""
        for twin in self.books.query(
            "SELECT channel, provider_id, count(*) AS n FROM message"
            " WHERE provider_id IS NOT NULL GROUP BY channel, provider_id HAVING count(*) > 1"
        ):
            rows = self.books.query(
                "SELECT * FROM message WHERE channel = :channel AND provider_id = :id",
                channel=twin["channel"],
                id=twin["provider_id"],
            )
            if not all(self._is_in_the_log(row) for row in rows):
                raise Broken(f"I5: {twin['provider_id']} stands in {twin['n']} rows")

    # Money.

    def look_at_money(self) -> None:
        """Whole numbers, and each payment's parts within it."""
        if self.books.query(
            "SELECT id FROM payment WHERE amount_minor <> CAST(amount_minor AS INTEGER) LIMIT 1"
        ):
            raise Broken("I6: an amount is no whole number")
        over = self.books.query(
            "SELECT p.id FROM payment p JOIN allocation a ON a.payment_id = p.id"
            " GROUP BY p.id, p.amount_minor HAVING sum(a.amount_minor) > p.amount_minor"
        )
        if over:
            raise Broken(f"I6: more is allocated than was paid: {over}")
        parts: Counter[str] = Counter()
        for row in self.books.query(
            "SELECT ref, sum(amount_minor) AS paid FROM allocation GROUP BY ref"
        ):
            parts[row["ref"]] = int(row["paid"])
        for _, _, row in self.books.live():
            if row["paid_minor"] != parts[row["ref"]]:
                raise Broken(
                    f"I6: {row['ref']} is paid {row['paid_minor']}, not {parts[row['ref']]}"
                )

    # The end.

    def look_at_the_end(self) -> None:
        """All is calm, and time passed: what was to be said is said, or it is told why not."""
        now = self.world.clock.now()
        for row in self.books.query("SELECT * FROM message"):
            if row["state"] in ("sending", "unknown"):
                raise Broken(f"I8: message {row['id']} is still {row['state']}")
            if row["state"] == "pending" and instant(row["not_before_at"]) <= now:
                raise Broken(f"I8: message {row['id']} waits, and its time has come")
        for key, reminder in self.reminders.items():
            states = self.fates(reminder["id"])
            if not self.arrived[key] and key not in self.told and "pending" not in states:
                raise Broken(f"I2: lost: {key}, {states}")

    def fates(self, reminder_id: int) -> list[str]:
        return [
            row["state"]
            for row in self.books.query(
                "SELECT m.state FROM message m JOIN message_reminder l ON l.message_id = m.id"
                " WHERE l.reminder_id = :id ORDER BY m.id",
                id=reminder_id,
            )
        ]

    def forget(self) -> None:
        """The database is one of earlier: what it does not have was never."""
        self.restored_at = self.world.clock.real
        self.books.close()
        self.books.changed()
        self.states = {
            row["id"]: row["state"] for row in self.books.query("SELECT id, state FROM message")
        }
        self.reminders = {key_of(row): row for row in self.books.query("SELECT * FROM reminder")}
        self._last_event = _greatest(self.books, "delivery_event")
        self._last_reminder = _greatest(self.books, "reminder")
        self.acted = True
        self.trouble()


def about_of(taken: Taken) -> About:
    assert isinstance(taken.about, About)
    return taken.about


def moment_of(taken: Taken, key: Key) -> datetime:
    """When the reminder of that key, which the text carried, was due."""
    return next(instant(row["moment_at"]) for row in about_of(taken).said if key_of(row) == key)


def key_of(row: Row) -> Key:
    return (
        row["subject_ref"],
        row["kind"],
        day(row["due_on"]).isoformat(),
        row["offset_days"],
        row["person_id"],
        row["generation"],
    )


def _greatest(books: Books, table: str) -> int:
    return int(books.query(f"SELECT coalesce(max(id), 0) AS n FROM {table}")[0]["n"])


def unsettled(books: Books) -> Iterator[Row]:
    """The instalments that are still open, the next first."""
    found = [row for _, terms, row in books.live() if not naive.settled(terms, row)]
    yield from sorted(found, key=lambda row: day(row["due_on"]))
