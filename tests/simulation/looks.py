"""What is compared after a step: figures, tables, messages, wakes and the calendar."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from tests.simulation.books import Debt, Plan
from tests.simulation.home import BEGINS, Fault, Home, amount, same, stored
from tests.simulation.model import Model
from tests.simulation.naive import Row, plain
from tests.simulation.workdays import send_by
from tracker.actions import events
from tracker.actions.delivery import subjects
from tracker.store import people

OFFSETS, AT = (-3, -1, 0), time(9)


class Looks:
    """Remembers what must not change any more, and what a calendar was shown."""

    def __init__(self, home: Home, model: Model) -> None:
        self.home, self.model = home, model
        self.frozen: dict[int, dict[str, Any]] = {}
        self.calendar: dict[str, tuple[int, object]] = {}

    def look(self, model: Model, about: str, chance: random.Random) -> None:
        """The debt that a step was about in full; of all, what is in the tables.

        What costs most is looked at now and then; it does not mend itself.
        """
        self.model = model
        self.look_at(self.model.debts[about], chance)
        self.look_at_tables()
        if chance.random() < 0.5:
            self.look_at_calendar()
        if chance.random() < 0.5:
            self.ask_the_doctor()

    def ask_the_doctor(self) -> None:
        for each in self.home.desk.ask("doctor")["checks"]:
            if each["name"] in ("database", "figures", "journal") and not each["ok"]:
                raise Fault(f"the doctor: {each['sentence']}")

    def look_at(self, debt: Debt, chance: random.Random) -> None:
        days = [self.home.today, self.home.today + timedelta(days=chance.randint(-60, 120))]
        for day in days[: chance.choice([1, 2])]:
            book = self.home.desk.ask("ledger.show", debt=debt.handle, on=day.isoformat())
            if day < debt.opened:
                same("an unopened ledger", book["entries"], [])
                continue
            found = debt.ledger().balance(day)
            if found is not None:
                same(
                    f"{debt.handle}: balance on {day}",
                    book["balance"]["amount"],
                    plain(found[0], debt.currency),
                )
            if found is not None and found[1] is not None:
                parts = {
                    part: plain(amount, debt.currency)
                    for part, amount in found[1].items()
                    if amount
                }
                same(
                    f"{debt.handle}: parts on {day}",
                    {part: each["amount"] for part, each in book["parts"].items()},
                    parts,
                )
        balance = debt.balance(self.home.today) if chance.random() < 0.3 else None
        if balance is not None:
            shown = self.home.desk.ask("debt.show", debt=debt.handle)
            same(
                f"{debt.handle}: balance", shown["balance"]["amount"], plain(balance, debt.currency)
            )
        if debt.plans:
            self.look_at_plan(debt, debt.live or debt.plans[-1])

    def look_at_plan(self, debt: Debt, plan: Plan) -> None:
        shown = self.home.desk.ask("plan.show", debt=debt.handle)
        wanted = [
            (
                seq,
                row.ref,
                row.day.isoformat(),
                plain(row.amount or 0, debt.currency),
                plain(row.paid, debt.currency),
                plan.row_state(row, self.home.today),
                row.waived,
            )
            for seq, row in enumerate(plan.rows, 1)
        ]
        found = [
            (
                each["seq"],
                each["ref"],
                each["due_on"],
                each["amount"]["amount"],
                each["paid"]["amount"],
                each["state"],
                amount(each["waived"], debt.currency) if each["waived"] else 0,
            )
            for each in shown["instalments"]
        ]
        same(f"{debt.handle}: instalments", found, wanted)
        asked = sum(row.asked for row in plan.rows)
        paid = sum(row.paid for row in plan.rows)
        tolerance = plan.now.tolerance
        figures = {
            "version": len(plan.versions),
            "agreed_on": plan.now.agreed.isoformat(),
            "total": plain(asked, debt.currency),
            "state": plan.state(self.home.today),
            "paid": plain(paid, debt.currency),
            "open": plain(asked - paid, debt.currency),
            "done": sum(row.settled(tolerance) for row in plan.rows),
            "overpay": plan.now.overpay,
            "kind": plan.now.kind,
        }
        progress = shown["progress"]
        same(
            f"{debt.handle}: plan",
            {
                **{
                    name: shown[name]
                    for name in ("version", "agreed_on", "state", "overpay", "kind")
                },
                "total": shown["total"]["amount"],
                "paid": progress["paid"]["amount"],
                "open": progress["open"]["amount"],
                "done": progress["done"],
            },
            figures,
        )
        for row, each in zip(plan.rows, shown["instalments"], strict=True):
            moment = send_by(row.day, self.home.country, self.home.zone)
            same(f"{debt.handle}: send by, for {row.day}", _instant(each["send_by_at"]), moment)
        counted = sum(each.amount for each in debt.of_plan(plan))
        over = counted - sum(
            amount
            for (number, _), amount in debt.parts.items()
            if number in {each.number for each in debt.of_plan(plan)}
        )
        if over < 0 or counted != over + paid:
            raise Fault(f"{debt.handle}: {counted} was paid, {paid} allocated, {over} is over")

    def look_at_tables(self) -> None:
        payments = {row["id"]: row for row in self.home.rows("payment")}
        parts = {
            (payments[row["payment_id"]]["number"], row["ref"]): row["amount_minor"]
            for row in self.home.rows("allocation")
        }
        wanted: dict[tuple[int, str], int] = {}
        for debt in self.model.debts.values():
            wanted |= debt.parts
        same("allocations", parts, wanted)
        self.look_at_old_versions()
        live = {row.ref: row for _, _, row in self.live_rows()}
        open_now = {
            row.ref for _, plan, row in self.live_rows() if not row.settled(plan.now.tolerance)
        }
        for message in self.home.query(
            "SELECT r.subject_ref, r.due_on, m.state FROM message m"
            " JOIN message_reminder l ON l.message_id = m.id"
            " JOIN reminder r ON r.id = l.reminder_id"
            " WHERE m.state IN ('pending', 'held', 'sending')"
        ):
            ref = message["subject_ref"]
            if ref.startswith("payment:"):
                number = payments[int(ref.partition(":")[2])]["number"]
                if not any(
                    each.waits and each.number == number
                    for debt in self.model.debts.values()
                    for each in debt.payments
                ):
                    raise Fault(f"pending about the answered payment #{number}")
            elif ref not in open_now or live[ref].day.isoformat() != message["due_on"]:
                raise Fault(f"pending about an instalment that asks for nothing: {message}")
        self.look_at_wakes()

    def look_at_old_versions(self) -> None:
        old = self.home.query(
            "SELECT i.* FROM instalment i JOIN plan_version v ON v.id = i.plan_version_id"
            " JOIN plan p ON p.id = v.plan_id WHERE v.number < p.version"
        )
        now = {row["id"]: row for row in old}
        for key, row in self.frozen.items():
            if now.get(key) != row:
                raise Fault(f"an instalment of an earlier version changed: {row} {now.get(key)}")
        self.frozen = now

    def look_at_wakes(self) -> None:
        """Whoever has a moment to come is looked at again by then."""
        wakes = {
            row["subject_id"]: stored(row["at"])
            for row in self.home.rows("wake")
            if row["kind"] == "plan"
        }
        ids = self.plan_ids()
        for debt, plan, row in self.live_rows():
            if row.settled(plan.now.tolerance):
                continue
            coming = [at for _, at in self.moments(row) if at > self.home.clock.at]
            at = wakes.get(ids[debt.handle])
            if coming and (at is None or at > coming[0]):
                raise Fault(f"{debt.handle}: nothing wakes for {coming[0]}, of {row}")

    def expect_reminders(self, model: Model) -> int:
        """Just derived: each moment that has come since a row opened has its reminder, once.

        How many reminders there are.
        """
        self.model = model
        known = Counter(
            (row["subject_ref"], row["due_on"], row["offset_days"])
            for row in self.home.rows("reminder")
            if row["kind"] == "reminder" and stored(row["moment_at"]) >= BEGINS
        )
        told = {
            (row["subject_ref"], stored(row["moment_at"]))
            for row in self.home.rows("reminder")
            if row["kind"] == "reopened"
        }
        sent = Counter(
            row["reminder_id"]
            for row in self.home.query(
                "SELECT l.reminder_id FROM message_reminder l JOIN message m"
                " ON m.id = l.message_id WHERE m.state = 'sent'"
            )
        )
        if twice := [key for key, times in sent.items() if times > 1]:
            raise Fault(f"sent twice: the reminders {twice}")
        refs = Counter(message.ref for message in self.home.sms.taken)
        if refs and refs.most_common(1)[0][1] > 1:
            raise Fault(f"sent twice: {refs.most_common(1)}")
        for debt, plan, row in self.live_rows():
            if row.settled(plan.now.tolerance):
                continue
            # Heard again from the second morning after a scheduled payment's day.
            if row.ref in debt.covered(self.home.today - timedelta(days=2)):
                continue
            for offset, at in self.moments(row):
                if (
                    row.opened <= at <= self.home.clock.at
                    and not known[row.ref or "", row.day.isoformat(), offset]
                ):
                    raise Fault(f"{debt.handle}: no reminder {offset} at {at} of {row}")
            if row.reopened and (row.ref, row.reopened) not in told:
                raise Fault(f"{debt.handle}: nobody was told that this is open again: {row}")
        return len(known)

    def moments(self, row: Row) -> list[tuple[int, datetime]]:
        local = send_by(row.day, self.home.country, self.home.zone).astimezone(self.home.zone)
        last = local.date() if local.time() > AT else local.date() - timedelta(days=1)
        return [
            (
                offset,
                datetime.combine(last + timedelta(days=offset), AT, self.home.zone).astimezone(UTC),
            )
            for offset in OFFSETS
        ]

    def look_at_calendar(self) -> None:
        with self.home.database.read() as session:
            person = people.everyone(session)[0]
            context = subjects.context(self.home.office, session, person, self.home.clock.at)
            found = events.of_person(context, "full")
        uids = Counter(each.uid for each in found)
        if uids and uids.most_common(1)[0][1] > 1:
            raise Fault(f"twice in the calendar: {uids.most_common(1)}")
        earliest = self.home.today.replace(year=self.home.today.year - 1, day=1)
        wanted = {
            row.ref: row.day
            for _, _, row in self.live_rows()
            if row.day >= earliest and not (row.waived and row.open == 0)
        }
        shown = {each.uid: each.on for each in found if not each.cancelled}
        done = {
            row.ref
            for debt in self.model.debts.values()
            for plan in debt.plans
            if plan.ended
            for row in plan.rows
        }
        same("calendar", {uid: on for uid, on in shown.items() if uid not in done}, wanted)
        for each in found:
            content = (each.on, each.summary, each.description, each.alarms, each.cancelled)
            sequence, before = self.calendar.get(each.uid, (-1, None))
            if each.sequence < sequence or (each.sequence == sequence and content != before):
                raise Fault(f"a calendar would not notice {before} becoming {content}")
            self.calendar[each.uid] = each.sequence, content

    def live_rows(self) -> Iterator[tuple[Debt, Plan, Row]]:
        for debt in self.model.debts.values():
            if plan := debt.live:
                for row in plan.rows:
                    yield debt, plan, row

    def plan_ids(self) -> dict[str, int]:
        return {
            row["handle"]: row["id"]
            for row in self.home.query(
                "SELECT d.handle, p.id FROM plan p JOIN debt d ON d.id = p.debt_id"
                " WHERE p.ended_at IS NULL"
            )
        }


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
