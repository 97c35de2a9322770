"""The questions of `tracker add`, in order: what they ask, and when they apply."""

from __future__ import annotations

from collections.abc import Callable

from tracker.cli import answers
from tracker.cli.debts import HOLDS
from tracker.cli.talk import Question, Talk
from tracker.core import reading
from tracker.language import N_

EVERY = ("monthly", "weekly", "fortnightly", "four-weekly", "twice-monthly", "quarterly")


def _has_plan(talk: Talk) -> bool:
    return talk.answers.get("how") in ("paste", "rule")


def _is(name: str, value: str) -> Callable[[Talk], bool]:
    return lambda talk: talk.answers.get(name) == value


def _fixed(value: str) -> Callable[[Talk], str]:
    return lambda talk: value


def _choices(*pairs: tuple[str, str]) -> Callable[[Talk], list[tuple[str, str]]]:
    return lambda talk: list(pairs)


def _known_date(name: str, text: str, label: str) -> Question:
    return Question(
        field=name,
        text=text,
        hint="",
        check=answers.date(name, unknown=True),
        label=label,
        default=_fixed("?"),
        unknown=True,
    )


def _part(name: str, text: str, default: str) -> Question:
    return Question(
        field=name,
        text=text,
        hint=N_("As the creditor's letter says; 0 if it names none."),
        check=answers.amount(name, zero_ok=True),
        applies=_is("total", "parts"),
        default=_fixed(default),
    )


_HOLD_LABELS = {
    "unverified-owner": N_("I am not sure who owns it now"),
    "disputed": N_("I dispute it"),
    "moratorium": N_("A pause was granted"),
    "adviser": N_("It is with an adviser"),
    "insolvency": N_("It is part of an insolvency"),
    "not-mine": N_("It is not mine, or I was made to sign"),
}

QUESTIONS: tuple[Question, ...] = (
    Question(
        field="creditor",
        text=N_("Who is owed?"),
        label=N_("Creditor"),
        hint=N_("The name on the last letter. Nobody but you sees it in a reminder."),
        check=answers.creditor,
        choices=lambda talk: list(talk.creditors.items()),
    ),
    Question(
        field="currency",
        text=N_("In which currency?"),
        label=N_("Currency"),
        hint=N_("Three letters, such as GBP."),
        check=answers.currency,
        default=lambda talk: talk.currency,
    ),
    Question(
        field="total",
        text=N_("How much in all? (? = don't know, parts = principal, interest, fees apart)"),
        label=N_("In all"),
        hint="",
        check=answers.amount("total", words=("?", "parts")),
        unknown=True,
    ),
    _part("principal", N_("Principal"), ""),
    _part("interest", N_("Interest"), "0"),
    _part("penalties", N_("Penalties"), "0"),
    _part("fees", N_("Fees"), "0"),
    Question(
        field="as_of",
        text=N_("On which day was that right?"),
        label=N_("As of"),
        hint=N_("The date of the letter or of the call."),
        check=answers.date("as_of"),
        applies=lambda talk: talk.answers.get("total") != "?",
        default=_fixed("today"),
    ),
    Question(
        field="reference",
        text=N_("Their reference (Enter = none)"),
        label=N_("Reference"),
        hint=N_("The number they want quoted; it goes into reports and payments."),
        check=answers.optional,
    ),
    Question(
        field="kind",
        text=N_("Which kind?"),
        label=N_("Kind"),
        hint=N_("Priority debts are those whose loss costs home, energy or freedom."),
        check=answers.one_of("kind", ("ordinary", "priority")),
        default=_fixed("ordinary"),
        choices=_choices(
            ("ordinary", N_("ordinary: cards, loans, shops")),
            ("priority", N_("priority: rent, energy, taxes, fines")),
        ),
    ),
    Question(
        field="jurisdiction",
        text=N_("Which country's law?"),
        label=N_("Law"),
        hint=N_("Where the contract was made, such as GB, US, DE, CN; time limits follow from it."),
        check=answers.optional,
        default=lambda talk: talk.country,
    ),
    _known_date(
        "last_payment",
        N_("When was the last payment? (a date, never, ? = don't know)"),
        N_("Last payment"),
    ),
    _known_date(
        "last_contact",
        N_("When did you last write about it? (a date, never, ?)"),
        N_("Last written contact"),
    ),
    _known_date(
        "judgment",
        N_("When did a court decide on it? (a date, never, ?)"),
        N_("Judgment"),
    ),
    _known_date(
        "first_missed",
        N_("When was the first payment missed? (a date, never, ?)"),
        N_("First missed"),
    ),
    Question(
        field="hold",
        text=N_("Is there a reason not to simply pay it?"),
        label=N_("Hold"),
        hint=N_("A hold silences reminders to pay; legal deadlines are never silenced."),
        check=answers.one_of("hold", ("none", *HOLDS)),
        default=_fixed("none"),
        choices=_choices(("none", N_("no")), *((kind, _HOLD_LABELS[kind]) for kind in HOLDS)),
    ),
    Question(
        field="word",
        text=N_("Cover word"),
        hint=N_("It stands for this debt on a lock screen: a plain thing or place."),
        check=answers.word,
        default=answers.free_word,
    ),
    Question(
        field="how",
        text=N_("What was agreed?"),
        label=N_("Agreed"),
        hint=N_("Nothing yet is fine; tracker plan agree records it later."),
        check=answers.one_of("how", ("paste", "rule", "none")),
        default=lambda talk: "paste" if talk.answers.get("hold") == "none" else "none",
        choices=_choices(
            ("paste", N_("a list of dates and amounts")),
            ("rule", N_("the same again and again")),
            ("none", N_("nothing yet")),
        ),
    ),
    Question(
        field="rows",
        text=N_("Paste dates and amounts, one on each line; an empty line ends"),
        label=N_("Dates and amounts"),
        hint=N_("For example 31 Jan 2027 100.00"),
        check=answers.rows,
        applies=_is("how", "paste"),
        many_lines=True,
    ),
    Question(
        field="every",
        text=N_("How often?"),
        label=N_("How often"),
        hint=N_("Twice monthly takes two days of the month."),
        check=answers.one_of("every", EVERY),
        applies=_is("how", "rule"),
        default=_fixed("monthly"),
        choices=lambda talk: [(each, each) for each in EVERY],
    ),
    Question(
        field="start",
        text=N_("When is the first due?"),
        label=N_("First due"),
        hint=N_("For example 4dec, or 2026-12-04."),
        check=answers.date("start", past=False),
        applies=_is("how", "rule"),
    ),
    Question(
        field="second_day",
        text=N_("The other day of the month"),
        hint=N_("A number from 1 to 31."),
        check=lambda talk, typed: str(reading.parse_count(typed, field="second_day", most=31)),
        applies=lambda talk: _is("every", "twice-monthly")(talk) and _is("how", "rule")(talk),
    ),
    Question(
        field="parts_of",
        text=N_("How much each time, or how many times (x12)?"),
        label=N_("Each time"),
        hint=N_("85.00 is the amount of each; x12 divides what is owed by twelve."),
        check=answers.parts_of,
        applies=_is("how", "rule"),
    ),
    Question(
        field="agreed_on",
        text=N_("When was it agreed?"),
        label=N_("Agreed on"),
        hint=N_("The date of their letter or of the call."),
        check=answers.date("agreed_on"),
        applies=_has_plan,
        default=_fixed("today"),
    ),
    Question(
        field="paid_by",
        text=N_("How is it paid?"),
        label=N_("How it is paid"),
        hint=N_("Reminders ask for what is yours to do."),
        check=answers.one_of("paid_by", ("send", "standing-order", "collect", "counter")),
        applies=_has_plan,
        default=_fixed("send"),
        choices=_choices(
            ("send", N_("I send it each time")),
            ("standing-order", N_("a standing order")),
            ("collect", N_("they collect it")),
            ("counter", N_("in cash, at a counter")),
        ),
    ),
    Question(
        field="payee",
        text=N_("To whom does the money go?"),
        label=N_("Payee"),
        hint=N_("The name on the account."),
        check=answers.optional,
        applies=_has_plan,
        default=lambda talk: talk.creditors.get(
            talk.answers.get("creditor", ""), talk.answers.get("creditor", "")
        ),
    ),
    Question(
        field="quote",
        text=N_("Reference to quote (Enter = none)"),
        label=N_("Reference to quote"),
        hint=N_("Without it a payment can end up with nobody."),
        check=answers.optional,
        applies=_has_plan,
        default=lambda talk: talk.answers.get("reference", ""),
    ),
    Question(
        field="account",
        text=N_("Last four of the account (Enter = none)"),
        label=N_("Account"),
        hint=N_("Only these four are kept, to tell a wrong account."),
        check=answers.account,
        applies=_has_plan,
    ),
)
