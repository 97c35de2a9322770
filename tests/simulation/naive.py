"""The rules once more, in the plainest Python: days, parts, allocation, a day-by-day ledger.

Nothing here imports the tracker. It is slow and short on purpose: what it says is
held against what the tracker says, after every step of a simulation.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

DECIMALS = {"GBP": 2, "CNY": 2, "USD": 2, "JPY": 0, "KWD": 3}
ONE_DAY = timedelta(days=1)
ALWAYS = datetime(1990, 1, 1, tzinfo=UTC)


def minor(text: str, currency: str) -> int:
    return int(Decimal(text).scaleb(DECIMALS[currency]))


def plain(amount: int, currency: str) -> str:
    return f"{Decimal(amount).scaleb(-DECIMALS[currency]):.{DECIMALS[currency]}f}"


def half_up(value: Fraction) -> int:
    return (value + Fraction(1, 2)).__floor__()


def clamped(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def days(start: date, every: str, count: int) -> list[date]:
    """The due days of a rhythm, each counted from the first."""
    steps = {"weekly": 7, "fortnightly": 14, "four-weekly": 28}
    if every in steps:
        return [start + timedelta(days=steps[every] * n) for n in range(count)]
    found: list[date] = []
    month = start.year * 12 + start.month - 1
    second = start.day + 15 if start.day <= 15 else start.day - 15
    of_month = sorted([start.day, second]) if every == "twice-monthly" else [start.day]
    while len(found) < count:
        for day in of_month:
            due = clamped(month // 12, month % 12 + 1, day)
            if due >= start:
                found.append(due)
        month += 3 if every == "quarterly" else 1
    return found[:count]


def equal_parts(total: int, count: int, remainder: str) -> list[int]:
    found = [total // count] * count
    for n in range(total % count):
        found[{"last": -1, "first": 0, "spread": n}[remainder]] += 1
    return found


def by_weight(total: int, weights: list[int]) -> list[int]:
    """Rounded down, and a unit each to those that lost most, the earlier first."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    found = [each.__floor__() for each in exact]
    lost = sorted(range(len(exact)), key=lambda n: found[n] - exact[n])
    for n in lost[: total - sum(found)]:
        found[n] += 1
    return found


# What went to which instalment.


@dataclass(eq=False)
class Row:
    """An instalment; `opened` is the moment since which its reminders count.

    `reopened` where it was settled and is open again, which has to be said.
    """

    ref: str | None
    due: date | None
    amount: int | None
    waived: int = 0
    opened: datetime = ALWAYS
    reopened: datetime | None = None
    paid: int = 0

    @property
    def asked(self) -> int:
        assert self.amount is not None
        return self.amount - self.waived

    @property
    def open(self) -> int:
        return max(self.asked - self.paid, 0)

    @property
    def day(self) -> date:
        assert self.due is not None
        return self.due

    def settled(self, tolerance: int) -> bool:
        return self.open == 0 or (self.paid > 0 and self.open <= tolerance)


@dataclass
class Money:
    """A payment; `back` is the day on which it came back, if it did."""

    number: int
    kind: str
    amount: int
    on: date
    recorded: datetime
    for_ref: str | None = None
    back: date | None = None
    answered: bool = False

    @property
    def counts(self) -> bool:
        return self.kind == "payment" and self.back is None

    @property
    def waits(self) -> bool:
        return self.kind == "scheduled" and self.back is None and not self.answered


def allocate(
    rows: list[Row], payments: list[Money], overpay: str
) -> tuple[dict[tuple[int, str], int], int]:
    """Parts by (payment, ref), and what no instalment could take."""
    oldest_first = sorted(rows, key=lambda row: row.day)
    left = {row.ref: row.asked for row in rows}
    parts: dict[tuple[int, str], int] = {}
    overpaid = 0
    for payment in sorted(payments, key=lambda each: (each.on, each.number)):
        rest = payment.amount

        def give(ref: str | None, payment: Money = payment) -> None:
            nonlocal rest
            given = min(rest, left[ref])
            if given:
                assert ref is not None
                left[ref] -= given
                rest -= given
                parts[payment.number, ref] = parts.get((payment.number, ref), 0) + given

        if payment.for_ref in left:
            give(payment.for_ref)
        for row in oldest_first:
            if row.day <= payment.on:
                give(row.ref)
        ahead = [row for row in oldest_first if row.day > payment.on and left[row.ref]]
        for row in ahead if overpay == "forward" else ahead[:1]:
            give(row.ref)
        if overpay == "last":
            for row in reversed(oldest_first):
                give(row.ref)
        overpaid += rest
    return parts, overpaid


# What is owed, day by day.

ORDERS = {
    "costs-first": ("costs", "fees", "interest", "penalties", "principal"),
    "fees-first": ("fees", "costs", "penalties", "interest", "principal"),
    "interest-first": ("interest", "penalties", "fees", "costs", "principal"),
    "principal-first": ("principal", "interest", "penalties", "fees", "costs"),
}


@dataclass(frozen=True)
class Terms:
    """`rate` is for a year, or for a day with the basis "day"; None where nothing runs."""

    since: date
    rate: Fraction | None
    basis: str = "act/365f"
    compounding: str = "none"
    carry: bool = True
    until: date = date.max
    whole: bool = False

    def of_day(self, day: date) -> Fraction:
        """What one minor unit earns on a day."""
        if self.rate is None:
            return Fraction(0)
        length = {
            "act/365f": 365,
            "act/360": 360,
            "act/act": 366 if calendar.isleap(day.year) else 365,
            "day": 1,
        }
        return self.rate / length[self.basis]

    def compounds(self, day: date) -> bool:
        if self.compounding == "monthly":
            return day == clamped(day.year, day.month, self.since.day)
        return self.compounding == "daily"


@dataclass
class Ledger:
    """The facts of one debt.

    A claim is more on a part, or less (below 0) in the order of a payment; None is
    all that is left at the end of the day.
    """

    opened: date
    opening: dict[str, int]
    terms: list[Terms] = field(default_factory=list)
    grants: list[Terms] = field(default_factory=list)
    orders: list[tuple[date, str]] = field(default_factory=list)
    claims: list[tuple[date, str, int | None]] = field(default_factory=list)
    payments: list[Money] = field(default_factory=list)

    def balance(self, until: date) -> tuple[int, dict[str, int] | None] | None:
        """What is owed at the end of a day less what is overpaid, and its parts.

        Where money that had been overpaid, and had covered something since, came
        back, which part is owed again is more than this can say: no parts then, and
        nothing at all where interest depends on them.
        """
        owed = {part: self.opening.get(part, 0) for part in ORDERS["costs-first"]}
        pot, capital = 0, 0
        pending = Fraction(0)
        posted = self.opened
        covered: dict[int, tuple[dict[str, int], int, int]] = {}
        terms: Terms | None = None
        grant: Terms | None = None
        granted: list[Terms] = []
        interest_runs = bool(self.terms or any(each.rate for each in self.grants))
        unsure = False

        def post() -> None:
            nonlocal pending, posted
            if day > posted and pending:
                whole = half_up(pending)
                carries = not (grant and grant.whole) and (terms is None or terms.carry)
                pending = pending - whole if carries else Fraction(0)
                owed["interest"] += whole
                cover()
            posted = day

        def order() -> tuple[str, ...]:
            known = [(since, n) for n, (since, _) in enumerate(self.orders) if since <= day]
            return ORDERS[self.orders[max(known)[1]][1] if known else "costs-first"]

        def take(amount: int) -> tuple[dict[str, int], int, int]:
            nonlocal capital
            taken = {}
            for part in order():
                taken[part] = min(owed[part], amount)
                owed[part] -= taken[part]
                amount -= taken[part]
            of_capital = min(capital, taken["interest"])
            capital -= of_capital
            return taken, amount, of_capital

        def cover() -> None:
            nonlocal pot
            if pot:
                pot = take(pot)[1]

        day = self.opened
        while day <= until:
            running = grant or terms
            if day > self.opened and running:
                base = sum(owed.values()) if grant and grant.whole else owed["principal"] + capital
                pending += base * running.of_day(day - ONE_DAY)
            after = terms and not grant and day > max(terms.since, self.opened)
            if terms and after and terms.compounds(day):
                post()
                capital = owed["interest"]
            fresh = [each for each in self.terms if max(each.since, self.opened) == day]
            begun = [each for each in self.grants if max(each.since, self.opened) == day]
            begun = [each for each in begun if each.until > max(each.since, self.opened)]
            ended = [each for each in granted if each.until == day]
            if fresh or begun or ended:
                post()
                terms = max(fresh, key=lambda each: each.since) if fresh else terms
                # Of a statement on a compounding day the interest bears interest at once.
                if terms and fresh and day == self.opened and terms.compounds(day):
                    capital = owed["interest"]
                granted = [each for each in granted if each not in ended]
                granted += sorted(begun, key=lambda each: each.since)
                grant = granted[-1] if granted else None
            for on, part, amount in self.claims:
                if on == day and amount is not None:
                    post()
                    if amount > 0:
                        owed[part] += amount
                        cover()
                    else:
                        take(-amount)
            for each in sorted(self.payments, key=lambda each: each.number):
                if each.kind != "payment" or (each.back is not None and each.back <= each.on):
                    continue
                if each.on == day:
                    post()
                    taken, rest, of_capital = take(each.amount)
                    pot += rest
                    covered[each.number] = taken, rest, of_capital
            for each in sorted(self.payments, key=lambda each: each.number):
                if each.kind == "payment" and each.back == day and each.back > each.on:
                    post()
                    unknown = {"principal": each.amount}, 0, 0
                    taken, rest, of_capital = covered.pop(each.number, unknown)
                    short = max(rest - pot, 0)
                    unsure = unsure or short > 0
                    pot -= rest - short
                    capital += of_capital
                    for part, amount in taken.items():
                        owed[part] += amount
                    owed["principal"] += short
                    cover()
            if (day, "", None) in self.claims:
                post()
                take(sum(owed.values()))
            if day == until:
                post()
            day += ONE_DAY
        if unsure and interest_runs:
            return None
        return sum(owed.values()) - pot, None if unsure else owed
