"""What people do: pay, take back, agree anew, move house, go quiet. Each by one number."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tests.peers.desk import CLEAR
from tests.simulation.delivery import naive
from tests.simulation.delivery.books import Books, Row, day
from tests.simulation.delivery.looks import Looks, about_of, unsettled
from tests.simulation.delivery.provider import Broken
from tests.simulation.delivery.world import World
from tests.simulation.naive import days
from tracker.actions.registry import ACTIONS
from tracker.store.destinations import DestinationRow

PLACES = (
    ("Europe/London", "GB", "en_GB", "+447700900"),
    ("America/New_York", "US", "en_US", "+15550100"),
    ("Asia/Shanghai", "CN", "zh_Hans_CN", "+86138000000"),
    ("Australia/Lord_Howe", "AU", "en_GB", "+447700900"),
    ("America/Santiago", "CL", "en_GB", "+15550100"),
    ("America/Havana", "US", "en_GB", "+15550100"),
    ("Africa/Casablanca", "GB", "en_GB", "+447700900"),
    ("Pacific/Chatham", "NZ", "en_GB", "+447700900"),
    ("Antarctica/Troll", "GB", "en_GB", "+447700900"),
    ("Asia/Kathmandu", "GB", "en_GB", "+447700900"),
)
HOMES = ((1, 1),) * 14 + ((1, 2), (1, 3), (1, 4), (2, 1), (2, 2), (3, 1))
"""People, and debts of each."""
NAMES = ("Li", "Ana", "Tom")
WORDS = ("MAPLE", "KITE", "FERRY", "ANCHOR")
RHYTHMS = ("quarterly",) * 5 + ("monthly", "monthly", "four-weekly")
CALL = "call with Ms Hill"

USUAL: Mapping[str, int] = {
    "pay": 40,
    "schedule": 8,
    "confirm": 8,
    "void": 4,
    "bounce": 4,
    "undo": 2,
    "hold": 4,
    "release": 6,
    "revise": 3,
    "reschedule": 3,
    "waive": 2,
    "pause": 2,
    "resume": 2,
    "withdraw": 1,
    "agree": 40,
    "move_house": 4,
    "other_habits": 4,
    "bill": 2,
    "bill_ends": 2,
    "quiet": 4,
    "quiet_ends": 2,
    "away": 4,
    "stay": 1,
    "snooze": 6,
    "follow_up": 4,
    "follow_up_done": 4,
    "follow_up_moves": 2,
    "stop": 3,
    "other_phone": 4,
    "other_order": 3,
    "look_at_feed": 5,
}


@dataclass(frozen=True)
class Asked:
    """A request that got no answer, to be repeated with its key."""

    action: str
    request: dict[str, Any]
    person: str
    key: str


@dataclass
class Household:
    world: World
    looks: Looks
    books: Books
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: list[Asked] = field(default_factory=list)
    acknowledged: dict[tuple[str, int], int] = field(default_factory=dict)
    """By person and number, the amount of each payment that was said to be recorded."""
    errands: list[tuple[float, str, int]] = field(default_factory=list)
    """What somebody will do by a real moment; whose it is."""
    tokens: dict[str, str] = field(default_factory=dict)
    """By person, the secret name of a calendar."""
    calendars: dict[str, bytes] = field(default_factory=dict)
    """By ETag, the bytes that stood behind it."""

    def found(self, chance: random.Random) -> None:
        """People with their numbers, debts and plans, all in good order.

        Most homes are small, as they are; what is rare there comes in many years.
        """
        most, words = chance.choice(HOMES)
        for n in range(most):
            zone, country, locale, numbers = chance.choice(PLACES)
            channels = chance.choice(
                [["sms", "console"], ["sms"], ["sms", "mail"], ["mail", "sms"], ["mail"]]
            )
            # Two people may share a telephone.
            found = self._ask(
                "person.add",
                {
                    "name": NAMES[n],
                    "locale": locale,
                    "zone": zone,
                    "country": country,
                    "currency": "GBP",
                    "phone": _number(chance, numbers),
                    "email": f"{NAMES[n].casefold()}@example.org",
                    "channels": ["sms", "console"],
                    **self._habits(chance),
                },
            )
            assert found, self.refused
            self._confirmed(n + 1, channels)
            self._ask("feed.add", {"name": "phone"}, NAMES[n].casefold())
        for n in range(most):
            for word in WORDS[:words]:
                self._debt(n, word)
                self._plan(chance, NAMES[n].casefold(), word.casefold(), revise=False)

    def _confirmed(self, person: int, channels: list[str]) -> None:
        """The person's addresses, as if each code had come back."""
        now = self.world.clock.now()
        with self.world.database.write() as session:
            from tracker.store import destinations, people

            row = people.by_id(session, person)
            row.channels = ",".join(channels)
            session.add(row)
            for channel, address in (("sms", row.phone), ("mail", row.email)):
                assert address is not None
                known = destinations.find(session, person, channel, address)
                known = known or DestinationRow(
                    person_id=person, channel=channel, address=address, added_at=now
                )
                known.confirmed_at = now
                known.code_sha256 = known.code_until_at = None
                session.add(known)

    def _habits(self, chance: random.Random) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if chance.random() < 0.4:
            found["send_time"] = chance.choice(["09:00", "12:30", "18:45", "19:30"])
        if chance.random() < 0.4:
            found["offsets"] = chance.choice([["-1d"], ["-7d", "-2d"], ["-5d", "-1d", "0d"]])
        return found

    def _debt(self, person: int, word: str) -> None:
        self._ask(
            "debt.add",
            {
                "creditor": f"Bank {person} {word.title()}",
                "new_creditor": True,
                "word": word,
                "handle": word.casefold(),
                "total": "24000.00",
                "accept": True,
                **CLEAR,
            },
            NAMES[person].casefold(),
        )

    def _plan(self, chance: random.Random, person: str, debt: str, *, revise: bool) -> bool:
        today = self.world.clock.now().date()
        start = today + timedelta(days=chance.randint(2, 45))
        request = {
            "debt": debt,
            "total": f"{chance.choice([1200, 2400, 9000])}.00",
            "count": str(chance.choice([3, 12, 24, 60])),
            "start": start.isoformat(),
            "every": chance.choice(RHYTHMS),
            "paid_by": chance.choice(["send", "send", "counter", "collect", "standing-order"]),
            "accept": True,
        }
        if chance.random() < 0.3:
            request["tolerance"] = "1.00"
        if revise:
            request |= {"revise": "asked for", "agreed_by": CALL}
        taken = self._ask("plan.agree", request, person)
        if taken and not self.unanswered:
            self._check_days(person, debt, start, request)
        return taken

    def _check_days(self, person: str, debt: str, start: date, request: dict[str, Any]) -> None:
        """Each day is counted from the first, and not from the one before."""
        self.books.changed()
        people = {row["handle"]: row["id"] for row in self.books.persons()}
        rows = [
            row
            for plan, _, row in self.books.live()
            if plan["person_id"] == people[person]
            and any(
                each["id"] == plan["debt_id"] and each["handle"] == debt
                for each in self.books.rows("debt")
            )
        ]
        wanted = days(start, request["every"], int(request["count"]))
        found = [day(row["due_on"]) for row in rows if day(row["due_on"]) >= start]
        if not set(wanted) <= set(found):
            raise Broken(f"due on {found}, not {wanted}")

    # One thing, by its number.

    def act(self, number: int) -> None:
        """Whatever comes to somebody's mind, if it makes sense now."""
        chance = random.Random(number)
        self.repeat()
        self.books.changed()
        people = list(self.books.persons())
        if not people:
            return
        person = chance.choice(people)
        name = chance.choices(list(USUAL), list(USUAL.values()))[0]
        do: Callable[[random.Random, Row], bool] = getattr(self, name)
        before = self.looks.acted
        self.looks.acted = do(chance, person) or before
        self.books.changed()
        self.looks.look_at_money()
        self.check_acknowledged()

    def accept_clock(self) -> bool:
        """Somebody says that the clock is right; False where the database could not be had."""
        if self.world.storage.fails is not None:
            return False
        self._ask("clock.accept", {})
        self.looks.acted = True
        return True

    def run_errands(self) -> bool:
        """What somebody had meant to do by now; whether anything was."""
        now = self.world.clock.real
        come = [each for each in self.errands if each[0] <= now]
        if not come or self.world.storage.fails is not None:
            return False
        self.errands = [each for each in self.errands if each[0] > now]
        self.books.changed()
        for at, name, number in come:
            person = next(row for row in self.books.persons() if row["id"] == number)
            do: Callable[[random.Random, Row], bool] = getattr(self, name)
            do(random.Random(at), person)
        self.looks.acted = True
        self.world.hurry()
        return True

    def _soon(self, chance: random.Random, name: str, person: Row, *, most: float) -> None:
        at = self.world.clock.real + chance.uniform(300, most)
        self.world.stops.append(at)
        self.errands.append((at, name, person["id"]))

    def repeat(self) -> None:
        """What got no answer is asked again, with its key."""
        waiting, self.unanswered = self.unanswered, []
        for each in waiting:
            self._ask(each.action, each.request, each.person, key=each.key)

    def _ask(
        self,
        action: str,
        request: dict[str, Any],
        person: str | None = None,
        *,
        key: str | None = None,
    ) -> bool:
        if action not in ACTIONS:
            return False
        key = key or f"key-{self.world.seed}-{self.taken.total()}-{self.refused.total()}"
        faults = self.world.storage.faults
        status, body = self.world.desk.answer(action, request, key=key, person=person)
        if status == 200:
            self.taken[action] += 1
            if action == "feed.add" and person:
                self.tokens[person] = body["result"]["token"]
            self._acknowledge(action, person, body["result"])
            return True
        if status >= 500:
            if self.world.storage.faults == faults:
                raise Broken(f"{action} {request} failed: {body}")
            assert person is not None
            self.unanswered.append(Asked(action, request, person, key))
            return True
        self.refused[action] += 1
        return False

    def _acknowledge(self, action: str, person: str | None, result: dict[str, Any]) -> None:
        payment = result.get("payment")
        if action in ("pay", "payment.confirm") and person and isinstance(payment, dict):
            self.acknowledged[person, payment["number"]] = int(
                payment["amount"]["amount"].replace(".", "")
            )

    def check_acknowledged(self) -> None:
        """I7: what was said to be recorded is there, as it was said."""
        people = {row["id"]: row["handle"] for row in self.books.persons()}
        known = {
            (people[row["person_id"]], row["number"]): row["amount_minor"]
            for row in self.books.rows("payment")
        }
        for which, amount in self.acknowledged.items():
            if known.get(which) != amount:
                raise Broken(f"I7: payment {which} of {amount} is {known.get(which)}")

    def forget(self) -> None:
        """The database is one of earlier."""
        people = {row["id"]: row["handle"] for row in self.books.persons()}
        known = {(people[row["person_id"]], row["number"]) for row in self.books.rows("payment")}
        self.acknowledged = {
            which: amount for which, amount in self.acknowledged.items() if which in known
        }
        self.unanswered.clear()

    # Money.

    def _instalment(self, chance: random.Random, person: Row) -> tuple[Row, Row, str] | None:
        """An open one, mostly one that is due about now; its plan and its debt's handle."""
        today = naive.today(person, self.world.clock.now())
        debts = {row["id"]: row["handle"] for row in self.books.rows("debt")}
        plans = {row["id"]: plan for plan, _, row in self.books.live()}
        mine = [row for row in unsettled(self.books) if row["person_id"] == person["id"]]
        near = [row for row in mine if abs((day(row["due_on"]) - today).days) < 12]
        among = near if near and chance.random() < 0.9 else mine[:6]
        if not among:
            return None
        row = chance.choice(among)
        plan = plans[row["id"]]
        return row, plan, debts[plan["debt_id"]]

    def pay(self, chance: random.Random, person: Row) -> bool:
        found = self._instalment(chance, person)
        if found is None:
            return False
        row, plan, debt = found
        left = row["amount_minor"] - row["waived_minor"] - row["paid_minor"]
        if chance.random() < 0.6:
            # All that fell due by now, and this one.
            left = sum(
                each["amount_minor"] - each["waived_minor"] - each["paid_minor"]
                for of, _, each in self.books.live()
                if of["id"] == plan["id"] and day(each["due_on"]) <= day(row["due_on"])
            )
        part = chance.choice([1.0, 1.0, 1.0, 1.0, 0.5, 1.7])
        request = {"debt": debt, "amount": _money(int(left * part))}
        if chance.random() < 0.3:
            request["instalment"] = str(row["seq"])
        return self._ask("pay", request, person["handle"])

    def schedule(self, chance: random.Random, person: Row) -> bool:
        found = self._instalment(chance, person)
        if found is None:
            return False
        row, _, debt = found
        today = naive.today(person, self.world.clock.now())
        on = max(today, day(row["due_on"]) - timedelta(days=chance.randint(0, 4)))
        left = row["amount_minor"] - row["waived_minor"] - row["paid_minor"]
        request = {"debt": debt, "amount": _money(left), "scheduled": on.isoformat()}
        return self._ask("pay", request, person["handle"])

    def confirm(self, chance: random.Random, person: Row) -> bool:
        debts = {row["debt_id"] for row in self.books.rows("payment")}
        waiting = [
            row
            for debt in sorted(debts)
            for row in naive.waiting_payments(self.books, debt)
            if row["person_id"] == person["id"]
        ]
        if not waiting:
            return False
        request = {
            "payment": str(chance.choice(waiting)["number"]),
            "went": chance.choice(["yes", "yes", "no"]),
        }
        return self._ask("payment.confirm", request, person["handle"])

    def _standing(self, person: Row) -> list[Row]:
        rows = [row for row in self.books.rows("payment") if row["person_id"] == person["id"]]
        back = {row["reverses_id"] for row in rows}
        return [row for row in rows if row["kind"] == "payment" and row["id"] not in back]

    def void(self, chance: random.Random, person: Row) -> bool:
        standing = self._standing(person)[-4:]
        if not standing:
            return False
        which = str(chance.choice(standing)["number"])
        return self._ask("payment.void", {"payment": which}, person["handle"])

    def bounce(self, chance: random.Random, person: Row) -> bool:
        standing = self._standing(person)[-3:]
        if not standing:
            return False
        row = chance.choice(standing)
        debt = next(each for each in self.books.rows("debt") if each["id"] == row["debt_id"])
        request = {"debt": debt["handle"], "payment": str(row["number"])}
        return self._ask("bounced", request, person["handle"])

    def undo(self, chance: random.Random, person: Row) -> bool:
        return self._ask("undo", {}, person["handle"])

    # Plans.

    def _a_debt(self, chance: random.Random, person: Row, *, live: bool) -> str | None:
        running = {plan["debt_id"] for plan, _, _ in self.books.live()}
        mine = [
            row["handle"]
            for row in self.books.rows("debt")
            if row["person_id"] == person["id"] and (row["id"] in running) == live
        ]
        return chance.choice(mine) if mine else None

    def agree(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=False)
        return debt is not None and self._plan(chance, person["handle"], debt, revise=False)

    def revise(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        return debt is not None and self._plan(chance, person["handle"], debt, revise=True)

    def _changed(self, chance: random.Random, person: Row, action: str, **more: str) -> bool:
        found = self._instalment(chance, person)
        if found is None:
            return False
        row, _, debt = found
        request = {"debt": debt, "instalment": str(row["seq"]), "agreed_by": CALL, **more}
        return self._ask(action, request, person["handle"])

    def _later(self, chance: random.Random, person: Row, least: int, most: int) -> date:
        today = naive.today(person, self.world.clock.now())
        return today + timedelta(days=chance.randint(least, most))

    def reschedule(self, chance: random.Random, person: Row) -> bool:
        to = self._later(chance, person, 1, 30).isoformat()
        return self._changed(chance, person, "plan.reschedule", to=to)

    def waive(self, chance: random.Random, person: Row) -> bool:
        return self._changed(chance, person, "plan.waive")

    def pause(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        start = self._later(chance, person, 1, 10)
        request = {
            "debt": debt,
            "start": start.isoformat(),
            "until": (start + timedelta(days=chance.randint(20, 90))).isoformat(),
            "how": chance.choice(["shift", "skip"]),
            "agreed_by": CALL,
        }
        return debt is not None and self._ask("plan.pause", request, person["handle"])

    def resume(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        request = {"debt": debt, "agreed_by": CALL}
        return debt is not None and self._ask("plan.resume", request, person["handle"])

    def withdraw(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        request = {"debt": debt, "reason": "they sold it"}
        return debt is not None and self._ask("plan.withdraw", request, person["handle"])

    def hold(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        request = {"debt": debt, "kind": chance.choice(["disputed", "moratorium", "adviser"])}
        if chance.random() < 0.8:
            request["until"] = self._later(chance, person, 1, 30).isoformat()
        return debt is not None and self._ask("debt.hold", request, person["handle"])

    def release(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        return debt is not None and self._ask("debt.release", {"debt": debt}, person["handle"])

    def bill(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        request = {"debt": debt, "kind": "current-bill", "day": str(chance.randint(1, 31))}
        return debt is not None and self._ask("plan.condition", request, person["handle"])

    def bill_ends(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        request = {"debt": debt, "number": "1"}
        return debt is not None and self._ask("plan.condition-end", request, person["handle"])

    def look_at_feed(self, chance: random.Random, person: Row) -> bool:
        """I10: the bytes depend on what is recorded, and on nothing else."""
        from tracker.actions import feeds

        now = self.world.clock.now()
        later = now + timedelta(hours=chance.randint(1, 70))
        for at in (now, later):
            feeds._files.clear()
            file = feeds.feed_bytes(self.world.office, self.tokens[person["handle"]], at)
            if file is None:
                raise Broken("I10: the feed is gone")
            if self.calendars.setdefault(file.etag, file.body) != file.body:
                raise Broken("I10: other bytes behind one ETag")
        return False

    # Where people are, and how they are reached.

    def move_house(self, chance: random.Random, person: Row) -> bool:
        zone = chance.choice(PLACES)[0]
        return self._ask("person.edit", {"zone": zone}, person["handle"])

    def other_habits(self, chance: random.Random, person: Row) -> bool:
        habits = self._habits(chance) or {"send_time": "10:00"}
        return self._ask("person.edit", habits, person["handle"])

    def other_order(self, chance: random.Random, person: Row) -> bool:
        order = chance.choice([["sms", "console"], ["sms", "mail"], ["mail", "sms"], ["sms"]])
        return self._ask("person.edit", {"channels": order}, person["handle"])

    def other_phone(self, chance: random.Random, person: Row) -> bool:
        phone = _number(chance, chance.choice(PLACES)[3])
        self._soon(chance, "code", person, most=1_500)
        return self._ask("person.edit", {"phone": phone}, person["handle"])

    def code(self, chance: random.Random, person: Row) -> bool:
        """Somebody types the newest code that came; or asks for one, and types it later."""
        for taken in reversed(self.world.providers["sms"].accepted()[-12:]):
            message = about_of(taken).message
            digits = re.search(r"(?<!\d)\d{6}(?!\d)", taken.message.body)
            if message["kind"] == "code" and digits and message["person_id"] == person["id"]:
                request = {"code": digits[0]}
                if self._ask("destination.confirm", request, person["handle"]):
                    return True
                break
        if chance.random() < 0.1:
            return False
        if self._ask("destination.code", {}, person["handle"]):
            self._soon(chance, "code", person, most=1_500)
        return True

    def stop(self, chance: random.Random, person: Row) -> bool:
        self._soon(chance, "start", person, most=chance.choice([40_000, 400_000]))
        return self._opted(person, out=True)

    def start(self, chance: random.Random, person: Row) -> bool:
        return self._opted(person, out=False)

    def _opted(self, person: Row, *, out: bool) -> bool:
        """STOP and START as the provider tells of them: it comes from the phone, not the desk."""
        if self.world.storage.fails is not None:
            return False
        from tracker.actions.delivery import subjects
        from tracker.store import destinations, people

        now = self.world.clock.now()
        with self.world.database.write() as session:
            rows = destinations.at(session, "sms", person["phone"])
            for row in rows:
                row.opted_out_at = now if out else None
                session.add(row)
            if not out:
                from tracker.actions.destinations import let_go

                mine = people.lock(session, person["id"])
                let_go(subjects.context(self.world.office, session, mine, now))
        self.taken["STOP" if out else "START"] += 1
        return True

    def quiet(self, chance: random.Random, person: Row) -> bool:
        until = self._later(chance, person, 1, 9).isoformat()
        return self._ask("quiet.begin", {"until": until}, person["handle"])

    def quiet_ends(self, chance: random.Random, person: Row) -> bool:
        return self._ask("quiet.end", {}, person["handle"])

    def away(self, chance: random.Random, person: Row) -> bool:
        start = self._later(chance, person, 1, 9)
        end = start + timedelta(days=chance.randint(1, 25))
        request = {
            "days": f"{start.isoformat()}..{end.isoformat()}",
            "zone": chance.choice(PLACES)[0],
        }
        return self._ask("away.add", request, person["handle"])

    def stay(self, chance: random.Random, person: Row) -> bool:
        return self._ask("away.off", {}, person["handle"])

    def snooze(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        until = self._later(chance, person, 1, 5).isoformat()
        request = {"debt": debt, "until": until}
        return debt is not None and self._ask("snooze", request, person["handle"])

    def follow_up(self, chance: random.Random, person: Row) -> bool:
        debt = self._a_debt(chance, person, live=True)
        request = {
            "debt": debt,
            "text": "their answer",
            "by": self._later(chance, person, 1, 30).isoformat(),
            "kind": chance.choice(["answer", "call", "promise", "task", "deadline"]),
        }
        return debt is not None and self._ask("followup.add", request, person["handle"])

    def _a_follow_up(self, chance: random.Random, person: Row) -> str | None:
        mine = [
            row["ref"]
            for row in self.books.rows("followup")
            if row["person_id"] == person["id"] and row["closed_at"] is None
        ]
        return chance.choice(mine) if mine else None

    def follow_up_done(self, chance: random.Random, person: Row) -> bool:
        ref = self._a_follow_up(chance, person)
        return ref is not None and self._ask("followup.close", {"followup": ref}, person["handle"])

    def follow_up_moves(self, chance: random.Random, person: Row) -> bool:
        ref = self._a_follow_up(chance, person)
        request = {"followup": ref, "by": self._later(chance, person, 1, 20).isoformat()}
        return ref is not None and self._ask("followup.move", request, person["handle"])


def _money(minor: int) -> str:
    return f"{max(minor, 1) // 100}.{max(minor, 1) % 100:02}"


def _number(chance: random.Random, start: str) -> str:
    """Of those kept free for examples; the Chinese one is only as long as they are."""
    digits = 2 if start.startswith("+86") else 3
    return f"{start}{chance.choice([100, 101, 102, 140, 141, 150]) % 10**digits:0{digits}}"
