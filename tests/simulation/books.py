"""What the model keeps: debts, their plans in versions, and what is told of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from tests.simulation.naive import Ledger, Money, Row, Terms, allocate, days

Grant = tuple[Fraction | None, str]
MANY = 700


@dataclass
class Version:
    agreed: date
    rows: list[Row]
    kind: str = "equal"
    tolerance: int = 0
    overpay: str = "forward"
    grant: Grant | None = None
    rhythm: tuple[date, str] | None = None

    def rhythm_days(self) -> list[date] | None:
        """The days of its rhythm, where its dates leave no doubt about it."""
        if self.rhythm is None:
            return None
        start, every = self.rhythm
        found = days(start, every, MANY)
        dues = {row.due for row in self.rows}
        if not dues <= set(found):
            return None
        of_month = {day.day for day in dues if day}
        if every in ("monthly", "quarterly") and start.day not in of_month:
            return None
        if every == "twice-monthly" and len({start.day, found[1].day} & of_month) < 2:
            return None
        return found


@dataclass
class Holiday:
    version: int
    start: date
    until: date
    how: str
    resumed: date | None = None

    @property
    def ends(self) -> date:
        return max(self.resumed or self.until, self.start)


@dataclass
class Plan:
    """`after` is the number of the last payment that was recorded before it."""

    after: int
    versions: list[Version]
    ended: date | None = None
    ended_as: str = ""
    holidays: list[Holiday] = field(default_factory=list)

    @property
    def now(self) -> Version:
        return self.versions[-1]

    @property
    def rows(self) -> list[Row]:
        return self.now.rows

    def before(self, payment: Money) -> bool:
        begins = self.versions[0].agreed
        return payment.on < begins or (payment.on == begins and payment.number <= self.after)

    def all_settled(self) -> bool:
        return all(row.settled(self.now.tolerance) for row in self.rows)

    def state(self, today: date) -> str:
        if self.ended:
            return self.ended_as
        if self.all_settled():
            return "settled" if self.now.kind == "settlement" else "completed"
        for each in self.holidays:
            if each.start <= today < (each.resumed or each.until):
                return "paused"
        return "live"

    def row_state(self, row: Row, today: date) -> str:
        if row.waived and row.open == 0:
            return "waived"
        if row.settled(self.now.tolerance):
            return "paid"
        late = (min(today, self.ended or today) - row.day).days
        if late > 30:
            return "missed"
        if late > 0:
            return "late"
        if row.paid:
            return "part-paid"
        return "due" if late == 0 else "upcoming"


@dataclass
class Debt:
    handle: str
    currency: str
    opened: date
    opening: dict[str, int]
    plans: list[Plan] = field(default_factory=list)
    payments: list[Money] = field(default_factory=list)
    terms: list[Terms] = field(default_factory=list)
    orders: list[tuple[date, str]] = field(default_factory=list)
    claims: list[tuple[date, str, int | None]] = field(default_factory=list)
    parts: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def live(self) -> Plan | None:
        return next((plan for plan in self.plans if plan.ended is None), None)

    def counting(self) -> list[Money]:
        return [each for each in self.payments if each.counts]

    def of_plan(self, plan: Plan) -> list[Money]:
        """Each payment counts to the newest plan that it does not come before."""
        found = []
        for payment in self.counting():
            takers = [each for each in self.plans if not each.before(payment)]
            if takers and takers[-1] is plan:
                found.append(payment)
        return found

    def ledger(self) -> Ledger:
        grants = []
        claims = list(self.claims)
        for plan in self.plans:
            # A change that leaves what is granted as it was ends nothing.
            kinds = [
                (n, version)
                for n, version in enumerate(plan.versions)
                if n == 0 or version.grant != plan.versions[n - 1].grant
            ]
            ends = [version.agreed for _, version in kinds[1:]] + [plan.ended or date.max]
            for (_, version), until in zip(kinds, ends, strict=True):
                if version.grant:
                    rate, basis = version.grant
                    whole = rate is not None
                    grants.append(Terms(version.agreed, rate, basis, until=until, whole=whole))
            if plan.now.kind == "settlement" and plan.ended is None and plan.all_settled():
                refs = {row.ref for row in plan.rows}
                towards = {number for number, ref in self.parts if ref in refs}
                paid = [each.on for each in self.payments if each.number in towards]
                claims.append((max([plan.now.agreed, *paid]), "", None))
        return Ledger(
            self.opened, self.opening, self.terms, grants, self.orders, claims, self.payments
        )

    def balance(self, day: date) -> int | None:
        found = self.ledger().balance(day)
        return None if found is None else found[0]

    def covered(self, since: date) -> set[str | None]:
        """What scheduled payments of a day on or after `since` settle, if they go."""
        plan = self.live
        if plan is None:
            return set()
        coming = [each for each in self.payments if each.waits and each.on >= since]
        rows = [replace(row, amount=row.open, waived=0) for row in plan.rows if row.open]
        parts, _ = allocate(rows, coming, "forward")
        got: dict[str | None, int] = {}
        for (_, ref), amount in parts.items():
            got[ref] = got.get(ref, 0) + amount
        return {row.ref for row in rows if got.get(row.ref, 0) >= row.asked}
