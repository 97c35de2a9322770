"""A conversation of `tracker add`: what is known, what was answered, what a question is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from tracker import language
from tracker.cli import output
from tracker.cli.command import ask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

PARTS = ("principal", "interest", "penalties", "fees")
DATES = ("last_payment", "last_contact", "judgment", "first_missed")


@dataclass(slots=True, kw_only=True)
class Talk:
    """What is known of the person, and what was answered so far."""

    person: str
    currency: str
    country: str
    decimal_mark: str
    today: date
    creditors: dict[str, str]
    """Handle and name of those known already."""
    locale: str
    words: list[str]
    """Cover words in use."""
    answers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, person: str | None) -> Talk:
        from zoneinfo import ZoneInfo

        from tracker import clock

        who = ask("person.show", {}, person=person)
        handle, locale = str(who["handle"]), str(who["locale"])
        creditors = output.objects(ask("creditor.list", {}, person=handle), "creditors")
        debts = output.objects(ask("debt.list", {}, person=handle), "debts")
        now = clock.from_environment().now()
        return cls(
            person=handle,
            currency=str(who["currency"]),
            country=str(who.get("country") or ""),
            decimal_mark=language.decimal_mark(locale),
            today=now.astimezone(ZoneInfo(str(who["zone"]))).date(),
            creditors={str(each["handle"]): str(each["name"]) for each in creditors},
            locale=locale,
            words=[str(each["word"]) for each in debts],
        )

    def debt(self) -> Object:
        """What was answered of the debt, as `debt.add` takes it."""
        given = self._given("creditor", "currency", "total", *PARTS, "as_of", "reference", "kind",
                            "jurisdiction", *DATES, "hold", "word")  # fmt: skip
        if given.get("total") in ("?", "parts"):
            del given["total"]
        if given.get("hold") == "none":
            del given["hold"]
        return {**given, "new_creditor": self.answers.get("creditor") not in self.creditors}

    def plan(self) -> Object:
        """What was answered of the plan, as `plan.agree` takes it."""
        by = {
            "paste": ("rows",),
            "rule": ("every", "second_day", "start"),
        }[self.answers["how"]]
        given = self._given(*by, "agreed_on", "paid_by", "payee", "quote", "account")
        if self.answers["how"] == "rule":
            each = self.answers["parts_of"]
            given["count" if each.startswith("x") else "amount"] = each.removeprefix("x")
        return {**given, "debt": self.answers["debt"]}

    def _given(self, *fields: str) -> dict[str, str]:
        return {each: self.answers[each] for each in fields if self.answers.get(each)}


Check = Callable[[Talk, str], str]
"""The answer as it is kept; raises InputError with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`unknown`: "?" is an answer here, and not a wish for the hint."""

    field: str
    text: str
    hint: str
    check: Check
    label: str = ""
    """How the summary calls it, where the question is too long for that."""
    applies: Callable[[Talk], bool] = lambda talk: True
    default: Callable[[Talk], str] = lambda talk: ""
    choices: Callable[[Talk], list[tuple[str, str]]] = lambda talk: []
    unknown: bool = False
    many_lines: bool = False
