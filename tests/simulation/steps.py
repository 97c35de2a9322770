"""What is done next: a request chosen by chance from what the model knows.

Everything hangs on the one number of the step, so a step can be repeated, and a
failing run can be told by its numbers. Most requests are meant to be taken; some
are meant to be refused, and of many the model has to say.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.simulation.books import Debt, Plan
from tests.simulation.model import Model
from tests.simulation.naive import DECIMALS, days, plain

EVERY = ("weekly", "fortnightly", "four-weekly", "twice-monthly", "monthly", "monthly", "quarterly")
WORDS = ("MAPLE", "KITE", "OTTER", "ZEBRA")
CALL = "call with Ms Hill"


@dataclass(frozen=True)
class Step:
    """`refused`: the tracker must not take it; None leaves that to the model."""

    action: str
    request: dict[str, Any]
    refused: bool | None = None
    why: str = ""


USUAL = {
    "pay": 30,
    "schedule": 7,
    "confirm": 8,
    "void": 6,
    "bounce": 6,
    "undo": 4,
    "terms": 4,
    "order": 2,
    "charge": 3,
    "waive_some": 3,
    "nonsense": 8,
    "revise": 10,
    "pause": 8,
    "resume": 4,
    "waive": 6,
    "reschedule": 7,
    "withdraw": 4,
    "agree": 40,
}
NEED_A_PLAN = ("revise", "pause", "resume", "waive", "reschedule", "withdraw")


def manner(chance: random.Random) -> dict[str, int]:
    """What a run likes to do: some things often, others seldom or never.

    What needs several of one sort in a row would hardly come up where all is mixed alike.
    """
    found = {name: weight * chance.choice([0, 1, 1, 4]) for name, weight in USUAL.items()}
    return found | {name: found[name] or USUAL[name] for name in ("pay", "agree")}


class Chooser:
    def __init__(
        self, number: int, model: Model, *, most_debts: int, weights: dict[str, int]
    ) -> None:
        self.chance = random.Random(number)
        self.model, self.today = model, model.today
        self.most_debts, self.weights = most_debts, weights

    def step(self) -> Step | None:
        """None where what was chosen makes no sense now."""
        chance, debts = self.chance, list(self.model.debts.values())
        if not debts or (len(debts) < self.most_debts and chance.random() < 0.15):
            return self.add_debt(len(debts))
        debt = chance.choice(debts)
        without = ("agree",) if debt.live else NEED_A_PLAN
        weights = {name: each for name, each in self.weights.items() if name not in without}
        if debt.live and any(
            each.version == len(debt.live.versions) and each.until > self.today
            for each in debt.live.holidays
        ):
            weights["resume"] = 40
        # Now and then all the same, to be refused.
        if not debt.live:
            weights |= dict.fromkeys(("withdraw", "resume"), 1)
        name = chance.choices(list(weights), list(weights.values()))[0]
        chosen: Callable[[Debt], Step | None] = getattr(self, name)
        return chosen(debt)

    # Days and amounts.

    def some_day(self, least: int, most: int) -> date:
        return self.today + timedelta(days=self.chance.randint(least, most))

    def sum_of(self, debt: Debt, least: int = 1, most: int = 40) -> int:
        """Round sums and odd ones, in the debt's own decimals."""
        unit: int = 10 ** DECIMALS[debt.currency]
        whole = self.chance.randint(least, most) * 10 * unit
        return whole + self.chance.choice([0, 0, 1, unit // 3 + 1])

    def agreed(self, plan: Plan | None) -> dict[str, str]:
        """The agreement of a change, now and then of an earlier day."""
        found = {"agreed_by": CALL}
        if self.chance.random() < 0.3:
            least = -30 if plan is None else min((plan.now.agreed - self.today).days - 2, 0)
            found["agreed_on"] = self.some_day(max(least, -30), 0).isoformat()
        return found

    # Debts.

    def add_debt(self, known: int) -> Step:
        word, currency = WORDS[known], self.chance.choice(list(DECIMALS))
        debt = Debt(word.casefold(), currency, self.today, {})
        request = {
            "creditor": f"Lender {word}",
            "new_creditor": True,
            "word": word,
            "handle": debt.handle,
            "currency": currency,
            "as_of": self.some_day(-90, 0).isoformat(),
            "jurisdiction": "GB",
            "first_missed": "2026-03-01",
            "last_payment": "2026-08-01",
            "last_contact": "2026-08-01",
            "judgment": "never",
            "accept": True,
        }
        figure = self.sum_of(debt, 60, 400)
        if self.chance.random() < 0.4:
            request["principal"] = plain(figure, currency)
            request["interest"] = plain(figure // 10, currency)
            request["fees"] = plain(figure // 25, currency)
        else:
            request["total"] = plain(figure, currency)
        return Step("debt.add", request, refused=False)

    def terms(self, debt: Debt) -> Step | None:
        if len(debt.terms) > 2:
            return None
        daily = self.chance.random() < 0.2
        request = {
            "debt": debt.handle,
            "from_on": self.some_day(-100, 30).isoformat(),
            "rate": self.chance.choice(
                ["0.05% a day", "0.031% a day"] if daily else ["9.5%", "18.25%", "0%", "24%"]
            ),
            "basis": self.chance.choice(["act/365f", "act/360", "act/act"]),
            "compounding": self.chance.choice(["none", "none", "monthly", "daily"]),
            "rounding": self.chance.choice(["carry", "each"]),
        }
        return Step("debt.terms", request)

    def order(self, debt: Debt) -> Step:
        order = self.chance.choice(
            ["costs-first", "fees-first", "interest-first", "principal-first"]
        )
        day = self.some_day(-60, 20).isoformat()
        return Step("debt.order", {"debt": debt.handle, "order": order, "from_on": day})

    def charge(self, debt: Debt) -> Step:
        return Step(
            "debt.charge",
            {
                "debt": debt.handle,
                "component": self.chance.choice(["fees", "costs", "interest"]),
                "amount": plain(self.sum_of(debt, 1, 4), debt.currency),
                "on": self.some_day(-30, 0).isoformat(),
            },
        )

    def waive_some(self, debt: Debt) -> Step:
        on = self.some_day(-20, 0)
        amount = plain(self.sum_of(debt, 1, 6), debt.currency)
        if self.chance.random() < 0.1:
            amount = "all"
        return Step("debt.waiver", {"debt": debt.handle, "amount": amount, "on": on.isoformat()})

    # Plans.

    def agree(self, debt: Debt) -> Step:
        return self.terms_of_a_plan(debt, None)

    def revise(self, debt: Debt) -> Step:
        return self.terms_of_a_plan(debt, debt.live)

    def terms_of_a_plan(self, debt: Debt, plan: Plan | None) -> Step:
        chance = self.chance
        request: dict[str, Any] = {"debt": debt.handle, "accept": True, **self.agreed(plan)}
        if plan is not None:
            request["revise"] = "asked for"
        balance = debt.balance(self.today)
        left = sum(row.open for row in plan.rows) if plan else balance or 0
        if left < 500:
            left = self.sum_of(debt, 30, 200)
        total = left if chance.random() < 0.6 else self.sum_of(debt, 30, 200)
        kinds = [
            "equal",
            "equal",
            "amount",
            "list",
            "balloon",
            "step-up",
            "seasonal",
            "settlement",
            "token",
        ]
        # What the tracker finds out itself is learnt once, not mixed with what stays.
        if plan is None:
            kinds.append("amortising")
        kind = chance.choice(kinds)
        request |= self.rule(debt, kind, total, balance)
        if chance.random() < 0.5:
            request["overpay"] = chance.choice(["forward", "last", "refund"])
        if chance.random() < 0.25:
            request["tolerance"] = plain(chance.randint(1, 60), debt.currency)
        if chance.random() < 0.2 and kind not in ("amortising", "settlement"):
            request["interest"] = "frozen"
        return Step("plan.agree", request)

    def rule(self, debt: Debt, kind: str, total: int, balance: int | None) -> dict[str, Any]:
        chance = self.chance
        start = self.some_day(chance.choice([-10, 1, 1]), chance.choice([3, 40]))
        every, count = chance.choice(EVERY), chance.randint(2, 9)

        def money(amount: int) -> str:
            return plain(max(amount, 1), debt.currency)

        rhythm = {"start": start.isoformat(), "every": every}
        if chance.random() < 0.1:
            rhythm["shift"] = chance.choice(["following", "modified-following", "preceding"])
        request: dict[str, Any] = {"kind": kind, "total": money(total), "count": str(count)}
        if kind == "list":
            due = sorted({start + timedelta(days=chance.randint(0, 150)) for _ in range(count)})
            lines = [f"{day} {money(total // count + chance.randint(0, 9))}" for day in due]
            return {"rows": "\n".join(lines)}
        if kind == "settlement":
            request["offered"] = money(total * chance.randint(30, 80) // 100)
            if chance.random() < 0.5:
                last = days(start, every, count)[-1]
                return {**request, **rhythm, "pay_by": (last + timedelta(days=3)).isoformat()}
            del request["count"]
            return {**request, "pay_by": start.isoformat()}
        request |= rhythm
        if kind == "amount":
            del request["count"]
            request["amount"] = money(total // count + chance.randint(0, 3))
        elif kind == "amortising":
            request |= {"rate": chance.choice(["9.5%", "18%", "4.75%"]), "basis": "act/365f"}
        elif kind == "step-up":
            every_rows = chance.choice([1, 1, count - 1])
            first, step = total // (2 * count) + 1, max(total // count // count, 1)
            sums = [first + n // every_rows * step for n in range(count)]
            total = sum(sums[:-1]) + chance.randint(1, sums[-1])
            request |= {"first": money(first), "step": money(step), "total": money(total)}
            request["step_every"] = str(every_rows)
        elif kind == "seasonal":
            request["months"] = chance.choice(["7:0,12:2", "1:3", "2:0,3:0,4:5"])
        elif kind == "token":
            request["amount"] = money(total // count // chance.randint(1, 5))
            request["review"] = self.some_day(-1, 200).isoformat()
        elif kind == "balloon":
            request["balloon"] = money(total * chance.randint(20, 70) // 100)
        else:
            request["remainder"] = chance.choice(["last", "first", "spread"])
            if balance and chance.random() < 0.2:
                del request["total"]
            elif chance.random() < 0.3:
                request[chance.choice(["first", "last"])] = money(total // count // 2)
        return request

    def pause(self, debt: Debt) -> Step:
        plan = live(debt)
        opens = [row.day for row in plan.rows if row.open and row.day >= self.today]
        start = self.some_day(0, 20)
        if opens and self.chance.random() < 0.8:
            first = self.chance.choice(opens[:2])
            start = max(first - timedelta(days=self.chance.randint(0, 9)), self.today)
        until = start + timedelta(days=self.chance.choice([-1, 15, 30, 61, 92, 120]))
        request = {
            "debt": debt.handle,
            "start": start.isoformat(),
            "until": until.isoformat(),
            "how": self.chance.choice(["shift", "skip"]),
            **self.agreed(plan),
        }
        return Step("plan.pause", request)

    def resume(self, debt: Debt) -> Step:
        request = {"debt": debt.handle, "agreed_by": CALL}
        if self.chance.random() < 0.7:
            holidays = debt.live.holidays if debt.live else []
            last = max([(each.until - self.today).days for each in holidays], default=0)
            request["on"] = self.some_day(-1, max(last, 5)).isoformat()
        return Step("plan.resume", request)

    def waive(self, debt: Debt) -> Step:
        plan = live(debt)
        seq = self.chance.randint(1, len(plan.rows))
        return Step(
            "plan.waive", {"debt": debt.handle, "instalment": str(seq), **self.agreed(plan)}
        )

    def reschedule(self, debt: Debt) -> Step:
        plan = live(debt)
        seq = self.chance.randint(1, len(plan.rows))
        to = self.some_day(-1, 90)
        if self.chance.random() < 0.15:
            to = self.chance.choice(plan.rows).day
        request = {"debt": debt.handle, "instalment": str(seq), "to": to.isoformat()}
        return Step("plan.reschedule", {**request, **self.agreed(plan)})

    def withdraw(self, debt: Debt) -> Step:
        broken = self.chance.random() < 0.3
        return Step("plan.withdraw", {"debt": debt.handle, "reason": "over", "broken": broken})

    # Payments.

    def pay(self, debt: Debt) -> Step:
        chance, request = self.chance, {"debt": debt.handle}
        plan = debt.live
        opens = [row for row in plan.rows if row.open] if plan else []
        if opens and chance.random() < 0.85:
            asked = chance.choice([opens[0].open, opens[0].open, sum(row.open for row in opens)])
            wanted = chance.choice([asked, asked, asked // 2, asked - 1, asked + 1, asked * 5 // 2])
            request["amount"] = plain(max(wanted, 1), debt.currency)
        elif chance.random() < 0.5:
            request["amount"] = plain(self.sum_of(debt), debt.currency)
        if chance.random() < 0.2 and plan:
            request["instalment"] = str(chance.randint(1, len(plan.rows)))
        if chance.random() < 0.4:
            request["on"] = self.some_day(-45, 0).isoformat()
        return Step("pay", request)

    def schedule(self, debt: Debt) -> Step:
        step = self.pay(debt)
        step.request.pop("on", None)
        return Step("pay", {**step.request, "scheduled": self.some_day(-1, 12).isoformat()})

    def numbered(self, debt: Debt) -> str | None:
        known = [each for each in debt.payments if each.waits or each.counts]
        if self.chance.random() < 0.1:
            known = debt.payments
        return str(self.chance.choice(known).number) if known else None

    def confirm(self, debt: Debt) -> Step | None:
        waiting = [each for each in debt.payments if each.waits]
        if not waiting:
            return None
        number = self.chance.choice(waiting).number
        request = {"payment": str(number), "went": self.chance.choice(["yes", "yes", "no"])}
        if request["went"] == "yes" and self.chance.random() < 0.4:
            request["on"] = self.some_day(-5, 0).isoformat()
        return Step("payment.confirm", request)

    def void(self, debt: Debt) -> Step | None:
        number = self.numbered(debt)
        return Step("payment.void", {"payment": number}) if number else None

    def bounce(self, debt: Debt) -> Step:
        request = {"debt": debt.handle}
        number = self.numbered(debt)
        if number and self.chance.random() < 0.7:
            request["payment"] = number
        return Step("bounced", request)

    def undo(self, debt: Debt) -> Step:
        return Step("undo", {})

    # What nobody may take.

    def nonsense(self, debt: Debt) -> Step:
        """Mistakes of all sorts, most of which the model could not even read."""
        name, tomorrow = debt.handle, self.some_day(1, 1).isoformat()
        yesterday = self.some_day(-1, -1).isoformat()
        agreed = {"debt": name, "agreed_by": CALL}
        twice = f"{tomorrow} 10\n{tomorrow} 10"
        bad: list[tuple[str, dict[str, Any]]] = [
            ("pay", {"debt": name, "amount": "-5"}),
            ("pay", {"debt": name, "amount": "0"}),
            ("pay", {"debt": name, "amount": "1e3"}),
            ("pay", {"debt": name, "amount": "1.00001"}),
            ("pay", {"debt": name, "amount": "10", "on": tomorrow}),
            ("pay", {"debt": name, "amount": "10", "scheduled": yesterday}),
            ("pay", {"debt": name, "amount": "10", "on": yesterday, "scheduled": tomorrow}),
            ("pay", {"debt": name, "amount": "10", "instalment": "99"}),
            ("pay", {"debt": "nobody", "amount": "10"}),
            ("payment.void", {"payment": "99999"}),
            ("payment.confirm", {"payment": "99999", "went": "yes"}),
            ("bounced", {"debt": name, "payment": "99999"}),
            ("plan.agree", {**agreed, "rows": twice, "accept": True}),
            ("plan.agree", {**agreed, "revise": "asked for", "rows": twice, "accept": True}),
            ("plan.agree", {**agreed, "count": "0", "start": tomorrow, "accept": True}),
            ("plan.agree", {"debt": name, "revise": "x", "rows": f"{tomorrow} 10"}),
            ("plan.agree", {**agreed, "rows": f"{tomorrow} 10", "agreed_on": tomorrow}),
            ("plan.pause", {**agreed, "start": tomorrow, "until": yesterday}),
            ("plan.pause", {"debt": name, "start": tomorrow, "until": "2099-01-01"}),
            ("plan.waive", {**agreed, "instalment": "99"}),
            ("plan.waive", {"debt": name, "instalment": "1"}),
            ("plan.reschedule", {**agreed, "instalment": "1", "to": yesterday}),
            ("plan.reschedule", {**agreed, "instalment": "0", "to": tomorrow}),
            ("plan.withdraw", {"debt": name, "reason": ""}),
            ("debt.terms", {"debt": name, "rate": "18"}),
            ("debt.terms", {"debt": name, "rate": "18%", "basis": "act/366"}),
            ("debt.order", {"debt": name, "order": "mine-first"}),
            ("debt.charge", {"debt": name, "component": "fees", "amount": "5", "on": tomorrow}),
        ]
        action, request = self.chance.choice(bad)
        return Step(action, request, refused=True)


def live(debt: Debt) -> Plan:
    assert debt.live is not None
    return debt.live
