"""The tracker and the naive model side by side: one step after the other, compared after each.

`Machine.run` ends at the first difference with `Fault`. What is compared reads the
tracker through its own actions and, behind them, the rows of its tables.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.simulation.books import Debt
from tests.simulation.home import Fault, Home, amount
from tests.simulation.looks import Looks
from tests.simulation.model import Model
from tests.simulation.schedules import Refused, Unsure, amortised, read_rate
from tests.simulation.steps import Chooser, Step, manner
from tests.simulation.workdays import moves
from tracker.actions.delivery import derive


@dataclass
class Report:
    """What a run did: each step in words, by action how often taken, and how often refused."""

    told: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    reminders: int = 0

    def add(self, other: Report) -> None:
        self.taken += other.taken
        self.refused += other.refused
        self.reminders += other.reminders


class Machine:
    """`numbers` are the steps; the same numbers make the same run."""

    def __init__(self, folder: Path, seed: int, *, most_debts: int = 3) -> None:
        chance = random.Random(seed)
        self.home = Home(folder, chance)
        self.weights = manner(chance)
        works = partial(moves, country=self.home.country)
        self.model = Model(self.home.today, self.home.clock.at, works)
        self.looks = Looks(self.home, self.model)
        self.most_debts = most_debts
        self.report = Report()
        self.refs: set[str] = set()

    def close(self) -> None:
        self.home.close()

    def run(self, numbers: Sequence[int]) -> Report:
        for number in numbers:
            self.step(number)
        return self.report

    # A step.

    def step(self, number: int) -> None:
        chance = random.Random(number)
        self.pass_time(chance)
        chooser = Chooser(
            chance.randrange(2**32), self.model, most_debts=self.most_debts, weights=self.weights
        )
        step = chooser.step()
        about = self.do(step) if step is not None else None
        # What was refused changed nothing, but the days pass all the same.
        if self.model.debts and (about or chance.random() < 0.2):
            self.looks.look(self.model, about or chance.choice([*self.model.debts]), chance)

    def pass_time(self, chance: random.Random) -> None:
        """Minutes, or days up to six weeks; the reminders of the time between go out or wait."""
        days = chance.choice([0, 0, 0, 1, 2, 5, 9, 18, 30, 42]) if chance.random() < 0.6 else 0
        self.home.clock.forward(days=days, minutes=chance.randint(1, 300))
        self.model.today, self.model.now = self.home.today, self.home.clock.at
        looked = chance.random()
        if looked < 0.35:
            self.home.ticker.run()
        elif looked < 0.5:
            derive.derive(self.home.office, self.home.clock.at)
        if looked < 0.5:
            self.report.reminders = self.looks.expect_reminders(self.model)

    def do(self, step: Step) -> str | None:
        """The debt that it changed."""
        before = self.home.content()
        expected = copy.deepcopy(self.model)
        must_refuse = step.refused
        touched: Debt | None = None
        if must_refuse is not True:
            try:
                touched = expected.apply(step.action, step.request)
                must_refuse = False
            except Refused:
                must_refuse = True
            except Unsure:
                return None
        status, body = self.home.desk.answer(step.action, step.request)
        outcome = "refused" if status != 200 else "taken"
        self.report.told.append(
            f"{self.home.clock.at:%Y-%m-%d %H:%M} {step.action} {step.request} {outcome}"
        )
        if status >= 500:
            raise Fault(f"the tracker failed: {body}")
        if must_refuse != (status != 200):
            raise Fault(f"this had to be {'refused' if must_refuse else 'taken'}: {body}")
        if must_refuse:
            self.report.refused[step.action] += 1
            if self.home.content() != before:
                raise Fault("what was refused changed something")
            return None
        assert touched is not None
        self.report.taken[step.action] += 1
        self.model = expected
        if touched.plans:
            self.learn(touched, step)
        return touched.handle

    # Learning what only the tracker can know, and checking it as far as it can be.

    def learn(self, debt: Debt, step: Step) -> None:
        plan = debt.live or debt.plans[-1]
        shown = self.home.desk.ask("plan.show", debt=debt.handle)["instalments"]
        by_ref = {each["ref"]: each for each in shown}
        for row in plan.rows:
            if row.ref and row.ref not in by_ref:
                raise Fault(f"the instalment {row.ref} of {row.due} is gone")
        known = {row.ref for row in plan.rows}
        fresh = [each for each in shown if each["ref"] not in known]
        unknown = [row for row in plan.rows if row.ref is None]
        if len(fresh) != len(unknown):
            raise Fault(f"{len(fresh)} instalments are new, and {len(unknown)} should be")
        if reused := {each["ref"] for each in fresh} & self.refs:
            raise Fault(f"used before: {reused}")
        for row, each in zip(unknown, fresh, strict=True):
            row.ref = each["ref"]
        moved = [row for row in plan.rows if row.due is None]
        for row in plan.rows:
            assert row.ref is not None
            each = by_ref[row.ref]
            row.due = row.due or date.fromisoformat(each["due_on"])
            if row.amount is None:
                row.amount = amount(each["amount"], debt.currency)
        if any(after.day <= before.day for before, after in pairwise(moved)):
            raise Fault("what moved is in another order")
        if step.action == "plan.pause" and any(
            row.day < date.fromisoformat(step.request["until"]) for row in moved
        ):
            raise Fault("moved, and still within the holiday")
        plan.rows.sort(key=lambda row: row.day)
        if step.request.get("kind") == "amortising" and step.action == "plan.agree":
            rate, _ = read_rate(step.request["rate"])
            rows = [(row.day, row.amount or 0) for row in plan.rows]
            total = sum(amount(each["amount"], debt.currency) for each in shown) - sum(
                amount(each["interest"], debt.currency) for each in shown if each["interest"]
            )
            if wrong := amortised(total, plan.now.agreed, rate, rows):
                raise Fault(wrong)
        self.refs |= set(by_ref)
        self.model.refreshed(debt)
