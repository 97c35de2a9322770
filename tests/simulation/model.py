"""A naive model of debts, plans and payments: what each request must do, and which are refused.

It reads the same requests as the tracker, and imports nothing of it. `Refused` is
raised before anything has changed. A ref that the tracker makes up is None here
until the machine has learnt it; so is the day of an instalment that moved in a
plan whose rhythm is not told from its dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.simulation import schedules
from tests.simulation.books import MANY, Debt, Grant, Holiday, Plan, Version
from tests.simulation.naive import Money, Row, Terms, allocate, half_up, minor
from tests.simulation.schedules import Refused, Unsure, read_rate

Request = Mapping[str, Any]


@dataclass
class Model:
    """`today` and `now` are where and when the person is; the machine sets them.

    `works` says whether money moves on a day.
    """

    today: date
    now: datetime
    works: Callable[[date], bool]
    debts: dict[str, Debt] = field(default_factory=dict)
    last_number: int = 0

    def apply(self, action: str, q: Request) -> Debt:
        """Do it, or raise Refused; the debt that it was about."""
        handler = getattr(self, action.replace(".", "_").replace("-", "_"))
        debt: Debt = handler(q)
        return debt

    # Debts and their terms.

    def debt_add(self, q: Request) -> Debt:
        parts = {
            name: minor(q[name], q["currency"])
            for name in ("principal", "interest", "fees")
            if name in q
        }
        opening = parts or {"principal": minor(q["total"], q["currency"])}
        debt = Debt(q["handle"], q["currency"], date.fromisoformat(q["as_of"]), opening)
        self.debts[debt.handle] = debt
        return debt

    def debt_terms(self, q: Request) -> Debt:
        debt, since = self.debts[q["debt"]], date.fromisoformat(q["from_on"])
        if any(each.since == since for each in debt.terms):
            raise Refused
        rate, daily = read_rate(q["rate"])
        debt.terms.append(
            Terms(
                since,
                rate,
                "day" if daily else q["basis"],
                q.get("compounding", "none"),
                q.get("rounding", "carry") == "carry",
            )
        )
        return debt

    def debt_order(self, q: Request) -> Debt:
        debt, since = self.debts[q["debt"]], date.fromisoformat(q["from_on"])
        if any(since == known for known, _ in debt.orders):
            raise Refused
        debt.orders.append((since, q["order"]))
        return debt

    def debt_charge(self, q: Request) -> Debt:
        debt, on = self.debts[q["debt"]], self.day(q.get("on"))
        if on < debt.opened:
            raise Refused
        debt.claims.append((on, q["component"], minor(q["amount"], debt.currency)))
        return debt

    def debt_waiver(self, q: Request) -> Debt:
        debt, on = self.debts[q["debt"]], self.day(q.get("on"))
        found = debt.ledger().balance(on) if on >= debt.opened else (0, {})
        if found is None or found[1] is None:
            raise Unsure
        owed = sum(found[1].values())
        off = owed if q["amount"] == "all" else minor(q["amount"], debt.currency)
        if on < debt.opened or owed == 0 or off > owed:
            raise Refused
        debt.claims.append((on, "", None if q["amount"] == "all" else -off))
        return debt

    def day(self, typed: str | None) -> date:
        """A day that has come."""
        on = date.fromisoformat(typed) if typed else self.today
        if on > self.today:
            raise Refused
        return on

    # Plans.

    def plan_agree(self, q: Request) -> Debt:
        debt = self.debts[q["debt"]]
        live = debt.live
        agreed = self.day(q.get("agreed_on"))
        if (live is None) == ("revise" in q):
            raise Refused
        if live and ("agreed_by" not in q or agreed < live.now.agreed):
            raise Refused
        if live and any(agreed < each.on for each in debt.of_plan(live)):
            raise Refused
        day = max(agreed, debt.opened)
        new = schedules.read(q, debt.currency, agreed, self.works, lambda: debt.balance(day))
        old = live.now if live else Version(agreed, [])
        grant = self.granted(q, new, old if live else None)
        self.refuse_eaten(debt, new, agreed, grant)
        rows = self.revised(old, new.rows, agreed)
        version = Version(
            agreed,
            rows,
            new.kind,
            minor(q["tolerance"], debt.currency) if "tolerance" in q else old.tolerance,
            q.get("overpay", old.overpay),
            grant,
            new.rhythm,
        )
        if live:
            live.versions.append(version)
        else:
            debt.plans.append(Plan(self.last_number, [version]))
        return self.refreshed(debt)

    def granted(self, q: Request, new: schedules.Made, old: Version | None) -> Grant | None:
        """What runs while the plan is kept, which a change leaves as it was unless it says so."""
        if q.get("interest") == "frozen":
            return None, ""
        if new.grant:
            return new.grant
        if new.kind == "settlement" and (old is None or old.kind != "settlement"):
            return None, ""
        return old.grant if old else None

    def refuse_eaten(
        self, debt: Debt, new: schedules.Made, agreed: date, grant: Grant | None
    ) -> None:
        """Each of equal parts but the last must be more than the interest until its day."""
        rows = [(day, amount) for day, amount in new.rows if day >= agreed and amount]
        if new.kind not in ("equal", "amount") or len(rows) < 2:
            return
        bearing = sum(amount or 0 for _, amount in new.rows)
        if grant:
            terms = Terms(agreed, *grant)
        else:
            known = [each for each in debt.terms if each.since <= agreed]
            if not known:
                return
            terms = max(known, key=lambda each: each.since)
            found = debt.ledger().balance(max(agreed, debt.opened))
            if found is None or found[1] is None:
                raise Unsure
            bearing = min(bearing, found[1]["principal"])
        for day, amount in rows[:-1]:
            span = [agreed + timedelta(days=n) for n in range((day - agreed).days)]
            interest = half_up(bearing * sum((terms.of_day(each) for each in span), Fraction(0)))
            if interest and (amount or 0) <= interest:
                raise Refused
            bearing, agreed = max(bearing + interest - (amount or 0), 0), day

    def revised(self, old: Version, new: list[tuple[date, int | None]], agreed: date) -> list[Row]:
        """What was paid stays, what is new comes in the place of what was open."""
        done = {row.day for row in old.rows if row.settled(old.tolerance)}
        paid = [row.day for row in old.rows if row.paid and row.day < agreed]
        if any(day in done or day < max(paid, default=day) for day, _ in new):
            raise Refused
        coming = dict(new)
        result, lenders, kept = [], [], set()
        for row in old.rows:
            stays = row.paid + row.waived
            if row.day in done:
                result.append(self.kept(row))
            elif stays:
                amount = stays + (coming.pop(row.day, 0) or 0)
                result.append(self.kept(row, amount=amount))
            elif row.day in coming:
                result.append(self.kept(row, amount=coming.pop(row.day)))
            else:
                lenders.append(row)
                continue
            kept.add(row.day)
        # Between two rows that stay, the open ones lend their refs in order.
        for day in sorted(coming):
            between = [
                n
                for n in lenders
                if not any(min(n.day, day) < stop < max(n.day, day) for stop in kept)
            ]
            if between:
                lenders.remove(between[0])
                result.append(self.kept(between[0], due=day, amount=coming[day]))
            else:
                result.append(Row(None, day, coming[day], opened=self.now))
        return sorted(result, key=lambda row: row.day)

    def kept(self, row: Row, **changes: Any) -> Row:
        """The same obligation in the next version; its reminders begin anew if it changed."""
        new = replace(row, paid=0, **changes)
        if (new.due, new.amount, new.waived) != (row.due, row.amount, row.waived):
            new.opened, new.reopened = self.now, None
        return new

    def running(self, q: Request) -> tuple[Debt, Plan]:
        debt = self.debts[q["debt"]]
        if debt.live is None:
            raise Refused
        return debt, debt.live

    def changed(self, q: Request, plan: Plan) -> date:
        agreed = self.day(q.get("agreed_on"))
        if agreed < plan.now.agreed or "agreed_by" not in q:
            raise Refused
        return agreed

    def open_row(self, q: Request, plan: Plan) -> Row:
        seq = int(q["instalment"])
        if not 1 <= seq <= len(plan.rows) or plan.rows[seq - 1].settled(plan.now.tolerance):
            raise Refused
        return plan.rows[seq - 1]

    def plan_pause(self, q: Request) -> Debt:
        debt, plan = self.running(q)
        agreed = self.changed(q, plan)
        start, until = date.fromisoformat(q["start"]), date.fromisoformat(q["until"])
        how = q.get("how", "shift")
        if start < agreed or not start < until <= start + timedelta(days=732):
            raise Refused
        if any(each.start < until and start < each.ends for each in plan.holidays):
            raise Refused
        rows = self.paused(plan.now, plan.rows, start, until, how)
        if rows is None:
            raise Refused
        plan.versions.append(replace(plan.now, agreed=agreed, rows=rows))
        plan.holidays.append(Holiday(len(plan.versions), start, until, how))
        return self.refreshed(debt)

    def paused(
        self, version: Version, rows: list[Row], start: date, until: date, how: str
    ) -> list[Row] | None:
        """The rows after a holiday, None where none was open in it."""
        open_rows = [row for row in rows if not row.settled(version.tolerance)]
        coming = [row for row in open_rows if row.day >= start]
        within = [row for row in coming if row.day < until]
        if not within:
            return None
        moving = within if how == "skip" else coming
        rhythm = version.rhythm_days()
        to: list[date | None] = [None] * len(moving)
        if rhythm and how == "skip":
            last = max(row.day for row in rows)
            to = [*[day for day in rhythm if day > last and day >= until][: len(moving)]]
        elif rhythm:
            taken = {row.day for row in rows if row not in coming}
            first = rhythm.index(within[0].day)
            periods = next(n for n in range(1, MANY) if rhythm[first + n] >= until)
            at = -1
            for n, row in enumerate(moving):
                at = max(at + 1, rhythm.index(row.day) + periods)
                while rhythm[at] in taken:
                    at += 1
                to[n] = rhythm[at]
        result = [row for row in rows if row not in moving]
        stepped_over = how == "skip" and len(coming) > len(within)
        for row, day in zip(moving, to, strict=True):
            result += self.moved(row, day, leaves=stepped_over)
        return self.in_order(result, rows)

    def moved(self, row: Row, day: date | None, *, leaves: bool) -> list[Row]:
        """A row on another day; one that others step over leaves its paid part behind."""
        if row.paid and leaves:
            rest = Row(None, day, row.open)
            return [replace(row, amount=row.paid + row.waived), rest]
        return [replace(row, due=day)]

    def in_order(self, result: list[Row], before: list[Row]) -> list[Row]:
        old = {row.ref: row for row in before}
        found = []
        for row in result:
            was = old.get(row.ref) if row.ref else None
            same = was and (was.due, was.amount, was.waived) == (row.due, row.amount, row.waived)
            opened, reopened = (row.opened, row.reopened) if same else (self.now, None)
            found.append(replace(row, paid=0, opened=opened, reopened=reopened))
        return sorted(found, key=lambda row: row.due or date.max)

    def plan_resume(self, q: Request) -> Debt:
        debt, plan = self.running(q)
        on = date.fromisoformat(q["on"]) if "on" in q else self.today
        going = [each for each in plan.holidays if not each.resumed and each.until > self.today]
        last = min(going, key=lambda each: each.start, default=None)
        if last is None or not plan.now.agreed <= on < last.until:
            raise Refused
        if last.version != len(plan.versions) or "agreed_by" not in q:
            raise Refused
        before = plan.versions[last.version - 2]
        rows = [replace(row) for row in before.rows]
        self.pay_in(debt, plan, before, rows)
        result = self.paused(before, rows, last.start, on, last.how) or rows
        last.resumed = on
        current = {row.ref: row for row in plan.rows}
        for row in result:
            if row.ref:
                row.opened, row.reopened = current[row.ref].opened, current[row.ref].reopened
        rows = self.in_order(result, plan.rows)
        plan.versions.append(replace(plan.now, agreed=self.today, rows=rows))
        return self.refreshed(debt)

    def plan_waive(self, q: Request) -> Debt:
        debt, plan = self.running(q)
        agreed = self.changed(q, plan)
        row = self.open_row(q, plan)
        debt.claims.append((agreed, "", -row.open))
        rows = [
            replace(each, waived=row.waived + row.open) if each is row else each
            for each in plan.rows
        ]
        rows = self.in_order(rows, plan.rows)
        plan.versions.append(replace(plan.now, agreed=agreed, rows=rows))
        return self.refreshed(debt)

    def plan_reschedule(self, q: Request) -> Debt:
        debt, plan = self.running(q)
        agreed, to = self.changed(q, plan), date.fromisoformat(q["to"])
        row = self.open_row(q, plan)
        if to < self.today or any(each.due == to for each in plan.rows):
            raise Refused
        over = any(
            row.day < each.day < to and not each.settled(plan.now.tolerance) for each in plan.rows
        )
        result = [each for each in plan.rows if each is not row]
        result += self.moved(row, to, leaves=over)
        rows = self.in_order(result, plan.rows)
        plan.versions.append(replace(plan.now, agreed=agreed, rows=rows))
        return self.refreshed(debt)

    def plan_withdraw(self, q: Request) -> Debt:
        debt, plan = self.running(q)
        if plan.all_settled():
            raise Refused
        plan.ended = self.today
        plan.ended_as = "broken" if q.get("broken") else "withdrawn"
        return debt

    # Payments.

    def pay(self, q: Request) -> Debt:
        debt = self.debts[q["debt"]]
        if "scheduled" in q:
            on = date.fromisoformat(q["scheduled"])
            if on < self.today:
                raise Refused
        else:
            on = self.day(q.get("on"))
        plan = debt.live or (debt.plans[-1] if debt.plans else None)
        named = None
        if "instalment" in q:
            seq = int(q["instalment"])
            if plan is None or not 1 <= seq <= len(plan.rows):
                raise Refused
            named = plan.rows[seq - 1]
        if "amount" in q:
            amount = minor(q["amount"], debt.currency)
        elif named:
            amount = named.open
        else:
            tolerance = plan.now.tolerance if plan else 0
            opens = [row.open for row in plan.rows if not row.settled(tolerance)] if plan else []
            amount = opens[0] if opens else 0
        if amount <= 0:
            raise Refused
        kind = "scheduled" if "scheduled" in q else "payment"
        return self.record(debt, kind, amount, on, named.ref if named else None)

    def record(
        self, debt: Debt, kind: str, amount: int, on: date, for_ref: str | None = None
    ) -> Debt:
        self.last_number += 1
        debt.payments.append(Money(self.last_number, kind, amount, on, self.now, for_ref))
        return self.refreshed(debt)

    def found(self, typed: str) -> tuple[Debt, Money]:
        for debt in self.debts.values():
            for each in debt.payments:
                if each.number == int(typed):
                    return debt, each
        raise Refused

    def payment_confirm(self, q: Request) -> Debt:
        debt, each = self.found(q["payment"])
        if not each.waits:
            raise Refused
        if q["went"] == "no":
            return self.reversed(debt, each, each.on)
        on = self.day(q["on"]) if "on" in q else min(each.on, self.today)
        each.answered = True
        return self.record(debt, "payment", each.amount, on, each.for_ref)

    def payment_void(self, q: Request) -> Debt:
        debt, each = self.found(q["payment"])
        return self.reversed(debt, each, each.on)

    def bounced(self, q: Request) -> Debt:
        debt = self.debts[q["debt"]]
        if "payment" not in q:
            if not debt.counting():
                raise Refused
            return self.reversed(debt, debt.counting()[-1], self.today)
        owner, each = self.found(q["payment"])
        if owner is not debt:
            raise Refused
        return self.reversed(debt, each, self.today)

    def undo(self, q: Request) -> Debt:
        known = [
            (each.number, debt, each) for debt in self.debts.values() for each in debt.payments
        ]
        last = max(known, key=lambda each: each[0], default=None)
        if last is None or last[0] != self.last_number:
            raise Refused
        _, debt, each = last
        if self.now - each.recorded > timedelta(days=1):
            raise Refused
        return self.reversed(debt, each, each.on)

    def reversed(self, debt: Debt, each: Money, on: date) -> Debt:
        if not (each.counts or each.waits):
            raise Refused
        quiet = debt.covered(date.min) if each.waits else set()
        self.last_number += 1
        each.back = on
        heard = quiet - debt.covered(date.min)
        for row in debt.live.rows if debt.live else []:
            if row.ref in heard:
                row.opened = row.reopened = self.now
        return self.refreshed(debt)

    # What follows from it.

    def pay_in(self, debt: Debt, plan: Plan, version: Version, rows: list[Row]) -> None:
        """What each row has been paid by now; a row that is open again says so."""
        parts, _ = allocate(rows, debt.of_plan(plan), version.overpay)
        for row in rows:
            was = row.settled(version.tolerance)
            paid = sum(amount for (_, ref), amount in parts.items() if ref == row.ref)
            changed = paid != row.paid
            row.paid = paid
            if changed and was and not row.settled(version.tolerance):
                row.opened = row.reopened = self.now

    def refreshed(self, debt: Debt) -> Debt:
        """Only once every ref is known; the machine calls it again after learning them."""
        debt.parts = {}
        for plan in debt.plans:
            if any(row.ref is None or row.due is None or row.amount is None for row in plan.rows):
                continue
            self.pay_in(debt, plan, plan.now, plan.rows)
            debt.parts |= allocate(plan.rows, debt.of_plan(plan), plan.now.overpay)[0]
        return debt
