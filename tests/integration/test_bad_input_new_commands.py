"""What is typed wrongly into the commands of terms, owners, changes of plans, and outlook.

Each option meets every row that it can meet, in one home whose database must be the
same afterwards. The few that may pass are tried on a copy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused

BY = ("--agreed-by", "a call")
AGREE = ("plan", "agree", "oak", "--yes")
RULE = (*AGREE, "--start", "2027-01-05", "--count", "6")
HOLIDAY = ("plan", "pause", "birch", "--start", "2027-03-01", "--until", "2027-06-01")
MOVE = ("plan", "reschedule", "river", "4", "--to", "2027-05-14")
SPLIT = ("payment", "split", "50.00", "--to", "oak", "--to", "river")
NEW_OWNER = ("sold", "river", "--to", "New Owner", "--new-creditor")
MOST, ABOVE = "10000000000000.00", "10000000000000.01"
"""10^15 minor units, which is the most, and one more."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """Oak has no plan and was sold; birch has all there is; river is to pause; fern is overpaid."""
    made = cli.household(tmp_path_factory.mktemp("new") / "home", "en_GB")
    _fill(made)
    return made


@pytest.fixture
def own(home: Household, tmp_path: Path) -> Household:
    """A home that a test may change."""
    return home.copied(tmp_path / "home")


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return cli.household(tmp_path_factory.mktemp("de_DE") / "home", "de_DE")


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Household:
    made = cli.household(tmp_path_factory.mktemp("zh") / "home", "zh_Hans_CN", name="李伟")
    _fill(made)
    return made


DEBTS: dict[str, tuple[str, ...]] = {
    "oak": ("Sample Shop", "--total", "900.00"),
    "birch": ("Example Energy", "--total", "600.00"),
    "river": ("Sample Loans", "--total", "800.00"),
    "fern": ("Example Water", "--total", "50.00"),
    "yen": ("Sample Rail", "--total", "100000", "--currency", "JPY"),
}
HAPPENINGS: list[tuple[str, ...]] = [
    *(
        (
            *("plan", "agree", name, "--start", "2026-12-04", "--count", count, "--yes"),
            *("--agreed-on", "2026-11-01", "--account", "1234"),
        )
        for name, count in (("birch", "12"), ("river", "8"))
    ),
    ("debt", "add", "Sample Books", "--new-creditor", "--yes", "--handle", "bare"),
    ("pay", "birch", "20.00"),
    ("pay", "birch", "5.00", "--scheduled", "2026-12-01"),
    ("pay", "fern", "60.00"),
    ("debt", "payee", "birch", "--account", "9876", "--told-by", "a letter"),
    ("debt", "sold", "oak", "--to", "Example Recovery", "--new-creditor"),
    ("debt", "charge", "oak", "fees", "30.00"),
    ("debt", "terms", "birch", "--rate", "12%"),
    ("debt", "order", "birch", "costs-first"),
    ("statement", "add", "birch", "--total", "650.00"),
    ("plan", "condition", "birch", "missed", "--most", "2"),
    ("plan", "pause", "river", "--start", "2027-03-01", "--until", "2027-06-01", *BY),
    ("rate", "add", "USD", "0.79"),
]


def _fill(household: Household) -> None:
    for handle, about in DEBTS.items():
        args = ("debt", "add", *about, "--new-creditor", "--yes", "--handle", handle)
        recorded(household, *args, "--as-of", "2026-11-01", "--last-payment", "2026-10-01")
    for args in HAPPENINGS:
        recorded(household, *args)


@dataclass(frozen=True)
class Place:
    """Where something is typed, and what its field is called in the answer."""

    field: str
    args: Callable[[str], tuple[str, ...]]


def place(field: str, *before: str, after: tuple[str, ...] = ()) -> Place:
    return Place(field, lambda typed: (*before, typed, *after))


def all_refused(
    household: Household, where: Place, rows: Mapping[str, tuple[str, str]], *, cure: bool = True
) -> None:
    """Every row is answered by a sentence with field, value and reason, and nothing is written."""
    before = household.fingerprint()
    for row, (typed, reason) in rows.items():
        done = household.type(*where.args(typed))
        assert (done.code, done.out) == (2, ""), (row, done)
        sentence, *rest = done.err.splitlines()
        starts = f"Error: {where.field} is " + (f"{typed!r}" if typed.strip() else "empty.")
        assert sentence.startswith(starts), (row, done.err)
        assert reason in sentence, (row, done.err)
        assert len(rest) == 1 or not cure, (row, done.err)
    assert household.fingerprint() == before


# --- amounts ---

AMOUNTS = {
    "charge": place("amount", "debt", "charge", "oak", "fees"),
    "waiver": place("amount", "debt", "waiver", "oak"),
    "waiver-of-a-part": place("amount", "debt", "waiver", "oak", "fees"),
    "late-fee": place("late_fee", "debt", "terms", "oak", "--late-fee"),
    "least-fee": place(
        "late_fee_min", "debt", "terms", "oak", "--late-fee-share", "5%", "--late-fee-min"
    ),
    "highest-fee": place(
        "late_fee_max", "debt", "terms", "oak", "--late-fee-share", "5%", "--late-fee-max"
    ),
    "total": place("total", *RULE, "--total"),
    "each": place("amount", *AGREE, "--start", "2027-01-05", "--amount"),
    "each-of-so-many": place("amount", *RULE, "--amount"),
    "amortising": place("amount", *AGREE, "--start", "2027-01-05", "--rate", "9.5%", "--amount"),
    "token": place("amount", *RULE, "--review", "2027-06-01", "--amount"),
    "first": place("first", *RULE, "--first"),
    "last": place("last", *RULE, "--last"),
    "balloon": place("balloon", *RULE, "--balloon"),
    "step": place("step", *RULE, "--first", "10.00", "--step"),
    "offered": place("offered", *AGREE, "--pay-by", "2027-01-31", "--offered"),
    "bill": place("amount", "plan", "condition", "river", "current-bill", "--day", "9", "--amount"),
    "extra": place("extra", "plan", "project", "river", "--extra"),
    "split": place("total", "payment", "split", after=("--to", "oak", "--to", "river")),
    "part": Place(
        "to",
        lambda typed: ("payment", "split", "50", "--to", f"oak={typed}", "--to", "river=20"),
    ),
    "refund": place("amount", "payment", "refund", "fern"),
}
OR_NOTHING = {
    "stated-costs": place("costs", "statement", "add", "oak", "--principal", "5.00", "--costs"),
    "tolerance": place("tolerance", *RULE, "--tolerance"),
    **{
        f"split-{part}": place(part, "payment", "stated", "1", f"--{part}")
        for part in ("principal", "interest", "penalties", "fees", "costs")
    },
}
"""These may be 0."""
SENT = place("sent", "pay", "river", "--sent", after=("--rate", "0.79"))

NOT_AMOUNTS = {
    "row-01-nan": ("NaN", "not a finite number"),
    "row-02-infinity": ("Infinity", "not a finite number"),
    "row-03-minus-zero": ("-0", "zero has no minus sign"),
    "row-04-exponent": ("1e5", "an exponent is not read"),
    "row-05-underscore": ("1_000", "underscore"),
    "row-06-full-width": ("１２３", "only the digits 0 to 9"),
    "row-07-bengali": ("১২", "only the digits 0 to 9"),
    "row-09-german-text": ("1.234,56", "here '.' is the decimal mark"),
    "row-10-a-third-decimal": ("12.345", "2 decimals or none"),
    "row-13-negative": ("-5", "never negative"),
    "row-14-forty-nines": ("9" * 40, "larger than any amount"),
    "row-14-one-above-the-most": (ABOVE, "larger than any amount"),
    "row-15-underflow": ("1E-400", "an exponent is not read"),
    "row-16-another-sign": ("¥100", "'¥' does not stand for"),
    "row-16-another-sign-behind": ("100元", "'元' does not stand for"),
    "row-18-a-second-currency": ("100 CNY", "'CNY' does not stand for"),
    "row-20-hexadecimal": ("0x10", "only decimal numbers"),
}
NOTHING = {
    "row-12-nothing": ("0", "more than nothing"),
    "row-12-nil": ("0.00", "more than nothing"),
}
BLANK = {"row-19-empty": ("", ""), "row-19-spaces": ("   ", "")}


@pytest.mark.parametrize("where", AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_is_read_strictly_wherever_it_is_typed(home: Household, where: Place) -> None:
    all_refused(home, where, NOT_AMOUNTS | NOTHING | BLANK)


@pytest.mark.parametrize("where", OR_NOTHING.values(), ids=OR_NOTHING)
def test_an_amount_that_may_be_nothing_is_read_as_strictly(home: Household, where: Place) -> None:
    all_refused(home, where, NOT_AMOUNTS | BLANK)


def test_what_was_sent_is_an_amount_beside_its_currency(home: Household) -> None:
    rows = (NOT_AMOUNTS | NOTHING).items()
    all_refused(home, SENT, {row: (f"{typed} USD", reason) for row, (typed, reason) in rows})
    for typed in ("", "   ", "100", "100 XXX", "100 dollars"):
        args = ("pay", "river", "--sent", typed, "--rate", "0.79")
        refused(home, *args, code=2, names=("sent is ",))


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("debt", "charge", "yen", "fees"), id="row-11-charge"),
        pytest.param(("debt", "waiver", "yen"), id="row-11-waiver"),
        pytest.param(("debt", "terms", "yen", "--late-fee"), id="row-11-late-fee"),
        pytest.param(("statement", "add", "yen", "--costs"), id="row-11-costs"),
        pytest.param(
            ("plan", "agree", "yen", "--yes", "--pay-by", "2027-01-05", "--offered"),
            id="row-11-plan",
        ),
    ],
)
def test_a_currency_without_decimals_takes_none(home: Household, args: tuple[str, ...]) -> None:
    refused(home, *args, "100.5", code=2, names=(" is '100.5'; JPY has no decimals.",))
    refused(home, *args, "£100", code=2, names=(" is '£100'; '£' does not stand for JPY.",))


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        pytest.param(
            ("debt", "waiver", "oak", "fees", "30.01"),
            2,
            "amount is 30.01, but only 30.00 is owed on 2026-11-24.",
            id="row-17-more-waived-than-is-owed",
        ),
        pytest.param(
            ("payment", "refund", "fern", "10.01"),
            4,
            "amount is 10.01 GBP, but only 10.00 GBP is overpaid on fern.",
            id="row-17-more-sent-back-than-was-overpaid",
        ),
        pytest.param(
            ("payment", "stated", "1", "--principal", "20.01"),
            2,
            "payment #1 was 20.00, but its parts make 20.01.",
            id="row-17-parts-of-more-than-was-paid",
        ),
        pytest.param(
            (*AGREE, "--pay-by", "2027-01-31", "--offered", "930.00"),
            2,
            "offered is 930.00, and 930.00 is owed; a settlement is less than that.",
            id="row-17-a-settlement-of-all",
        ),
        pytest.param(
            ("payment", "split", "50.00", "--to", "oak", "--to", "yen"),
            2,
            "to names yen in JPY and oak in GBP; one sum is of one currency.",
            id="row-18-one-sum-in-two-currencies",
        ),
        pytest.param(
            ("pay", "river", "--sent", "100 GBP", "--rate", "1"),
            2,
            "sent is '100 GBP', and river is in GBP itself.",
            id="row-18-no-other-money",
        ),
        pytest.param(
            ("rate", "add", "GBP", "1"), 2, "base and to are both GBP", id="row-18-no-other-side"
        ),
    ],
)
def test_an_amount_fits_what_it_is_for(
    home: Household, args: tuple[str, ...], code: int, said: str
) -> None:
    refused(home, *args, code=code, names=(said,))


def test_the_largest_amount_is_kept_to_the_last_unit(own: Household) -> None:
    recorded(own, "statement", "add", "bare", "--total", MOST, "--on", "2026-11-01")
    recorded(own, "debt", "charge", "bare", "fees", MOST)
    recorded(own, "debt", "terms", "bare", "--rate", "1000%", "--late-fee", MOST)
    shown = json.loads(own.type("debt", "show", "bare", "--on", "2100-12-31", "--json").out)["owed"]
    # 10^15 × 27,088 days / 365 × 10, rounded once.
    assert shown["parts"]["interest"]["amount"] == "7421369863013698.63"
    assert shown["parts"]["fees"]["amount"] == MOST
    recorded(own, *RULE, "--total", MOST)
    rows = json.loads(own.type("plan", "show", "oak", "--json").out)["instalments"]
    assert sum(int(row["amount"]["amount"].replace(".", "")) for row in rows) == 10**15


def test_parts_that_are_each_an_amount_do_not_make_more_than_one(home: Household) -> None:
    args = ("statement", "add", "oak", "--principal", MOST, "--costs", "0.01")
    refused(home, *args, code=2, names=(f"total is '{ABOVE}'; that is larger than any amount",))


# --- rates and shares ---

RATES = {
    "contract": place("rate", "debt", "terms", "oak", "--rate"),
    "penalty": place("penalty", "debt", "terms", "oak", "--penalty"),
    "of-a-plan": place("rate", *RULE, "--rate"),
    "beside-a-plan": place("rate", *RULE, "--interest", "rate", "--rate"),
}
SHARES = {
    "above": place("penalty_above", "debt", "terms", "oak", "--rate", "5%", "--penalty-above"),
    "late-fee-share": place("late_fee_share", "debt", "terms", "oak", "--late-fee-share"),
}
NOT_RATES = {
    "row-01-nan": ("NaN%", "cannot be read as a rate"),
    "row-02-infinity": ("Infinity%", "cannot be read as a rate"),
    "row-03-minus-zero": ("-0%", "cannot be read as a rate"),
    "row-04-exponent": ("1e2%", "cannot be read as a rate"),
    "row-05-underscore": ("1_0%", "cannot be read as a rate"),
    "row-06-full-width": ("１２%", "only the digits 0 to 9"),
    "row-07-bengali": ("১২%", "only the digits 0 to 9"),
    "row-08-grouped": ("1,234.56%", "cannot be read as a rate"),
    "row-09-a-decimal-comma": ("18,25%", "here '.' is the decimal mark"),
    "row-10-parts-that-are-not-kept": ("0.000000001%", "so many digits are not kept"),
    "row-13-negative": ("-5%", "cannot be read as a rate"),
    "row-14-forty-nines": ("9" * 40 + "%", "so many digits are not kept"),
    "row-15-underflow": ("1E-400%", "cannot be read as a rate"),
    "row-16-a-currency": ("5% CNY", "cannot be read as a rate"),
    "row-20-hexadecimal": ("0x10%", "cannot be read as a rate"),
    "row-20-no-unit": ("5000", "percent or basis points is not said"),
}


@pytest.mark.parametrize("where", [*RATES.values(), *SHARES.values()], ids=[*RATES, *SHARES])
def test_a_rate_is_read_strictly(home: Household, where: Place) -> None:
    all_refused(home, where, NOT_RATES | BLANK)


@pytest.mark.parametrize("where", RATES.values(), ids=RATES)
def test_basis_points_typed_as_percent_are_refused_with_what_may_be_meant(
    home: Household, where: Place
) -> None:
    names = (f"{where.field} is '5000%'; that is above 1,000 % a year.",)
    said = refused(home, *where.args("5000%"), code=2, names=names)
    assert said.endswith("If basis points were meant, write bps: 5000 bps is 50 %.\n")
    refused(home, *where.args("3% a day"), code=2, names=("above 1,000 % a year",))


@pytest.mark.parametrize("where", SHARES.values(), ids=SHARES)
def test_a_share_has_no_time_and_an_end(home: Household, where: Place) -> None:
    for typed in ("5000%", "5% a day"):
        names = (f"{where.field} is '{typed}'; a share is a percentage",)
        refused(home, *where.args(typed), code=2, names=names)


def test_a_step_in_percent_is_more_than_nothing_and_never_a_currency(home: Household) -> None:
    where = place("step", *RULE, "--first", "100.00", "--step")
    percent = {row: each for row, each in NOT_RATES.items() if each[0].endswith("%")}
    all_refused(home, where, percent)
    refused(home, *where.args("0%"), code=2, names=("The step must be more than nothing.",))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("0%", "0% a year"),
        ("100%", "100% a year"),
        ("100 %", "100% a year"),
        ("5000 bps", "50% a year"),
    ],
)
def test_the_rates_at_the_ends_are_what_they_say(own: Household, typed: str, told: str) -> None:
    done = recorded(own, "debt", "terms", "oak", "--rate", typed)
    assert done.out.startswith(f"oak: {told}, act/365f, not compounding; ")
    recorded(own, *RULE, "--rate", typed)
    rows = json.loads(own.type("plan", "show", "oak", "--json").out)["instalments"]
    principal = sum(
        int(row["amount"]["amount"].replace(".", ""))
        - int((row["interest"] or {"amount": "0"})["amount"].replace(".", ""))
        for row in rows
    )
    assert principal == int(recorded_total(own).replace(".", ""))


def recorded_total(household: Household) -> str:
    """What oak comes to today, in which the plan's rows were made."""
    shown = json.loads(household.type("ledger", "show", "oak", "--json").out)
    return str(shown["balance"]["amount"])


EXCHANGE = {
    "recorded": place("rate", "rate", "add", "EUR"),
    "of-a-payment": place("rate", "pay", "river", "--sent", "100 USD", "--rate"),
}
NOT_EXCHANGE = {
    "row-01-nan": ("NaN", "a plain decimal number"),
    "row-02-infinity": ("Infinity", "a plain decimal number"),
    "row-03-minus-zero": ("-0", "a plain decimal number"),
    "row-04-exponent": ("1e5", "a plain decimal number"),
    "row-05-underscore": ("1_000", "a plain decimal number"),
    "row-06-full-width": ("１２", "only the digits 0 to 9"),
    "row-07-bengali": ("১২", "only the digits 0 to 9"),
    "row-08-grouped": ("1,234.56", "a plain decimal number"),
    "row-09-a-decimal-comma": ("0,85", "a plain decimal number"),
    "row-10-too-long": ("0.0000000000001", "at most 12 digits"),
    "row-12-nothing": ("0.000", "more than nothing"),
    "row-13-negative": ("-0.85", "a plain decimal number"),
    "row-14-forty-nines": ("9" * 40, "at most 12 digits"),
    "row-15-underflow": ("1E-400", "a plain decimal number"),
    "row-16-with-a-code": ("0.85 GBP", "a plain decimal number"),
    "row-16-a-percentage": ("85%", "a plain decimal number"),
    "row-20-hexadecimal": ("0x10", "a plain decimal number"),
}


@pytest.mark.parametrize("where", EXCHANGE.values(), ids=EXCHANGE)
def test_a_rate_of_exchange_is_a_plain_decimal(home: Household, where: Place) -> None:
    all_refused(home, where, NOT_EXCHANGE | BLANK)


@pytest.mark.parametrize(
    ("args", "typed"),
    [
        pytest.param(("debt", "terms", "maple", "--rate"), "18.25%", id="row-08-rate"),
        pytest.param(("debt", "terms", "maple", "--late-fee"), "1,234.56", id="row-08-fee"),
        pytest.param(("debt", "charge", "maple", "fees"), "5.50", id="row-08-charge"),
        pytest.param(("rate", "add", "USD"), "0.85", id="row-08-exchange"),
        pytest.param(("plan", "project", "maple", "--extra"), "1,234.56", id="row-08-extra"),
    ],
)
def test_british_text_is_refused_in_germany(
    german: Household, args: tuple[str, ...], typed: str
) -> None:
    refused(german, *args, typed, code=2, names=(f" is {typed!r}; ",))


@pytest.mark.parametrize(
    ("args", "told"),
    [
        pytest.param(("debt", "terms", "maple", "--rate", "18,25%"), "18,25%", id="row-09-rate"),
        pytest.param(("debt", "charge", "maple", "fees", "1.234,50"), "1.234,50", id="row-09-fee"),
        pytest.param(("rate", "add", "USD", "0,85"), "0.85", id="row-09-exchange"),
    ],
)
def test_german_text_is_read_there(
    german: Household, tmp_path: Path, args: tuple[str, ...], told: str
) -> None:
    assert told in recorded(german.copied(tmp_path / "home"), *args).out


# --- days ---

DAYS = {
    "terms": place("from_on", "debt", "terms", "oak", "--rate", "5%", "--from"),
    "terms-drop": place("from_on", "debt", "terms-drop", "birch", "--from"),
    "order": place("from_on", "debt", "order", "oak", "costs-first", "--from"),
    "order-drop": place("from_on", "debt", "order-drop", "birch", "--from"),
    "charge": place("on", "debt", "charge", "oak", "fees", "5.00", "--on"),
    "waiver": place("on", "debt", "waiver", "oak", "fees", "5.00", "--on"),
    "sold": place("on", "sold", "river", "--to", "Example Recovery", "--on"),
    "debt-show": place("on", "debt", "show", "oak", "--on"),
    "ledger-show": place("on", "ledger", "show", "oak", "--on"),
    "statement": place("on", "statement", "add", "oak", "--costs", "5.00", "--on"),
    "agreed": place("agreed_on", *RULE, "--agreed-on"),
    "start": place("start", *AGREE, "--count", "6", "--start"),
    "pay-by": place("pay_by", *AGREE, "--offered", "100.00", "--pay-by"),
    "review": place("review", *RULE, "--amount", "5.00", "--review"),
    "pause-start": place(
        "start", "plan", "pause", "birch", "--until", "2027-06-01", *BY, "--start"
    ),
    "pause-until": place(
        "until", "plan", "pause", "birch", "--start", "2027-03-01", *BY, "--until"
    ),
    "pause-agreed": place("agreed_on", *HOLIDAY, *BY, "--agreed-on"),
    "resume": place("on", "plan", "resume", "river", *BY, "--on"),
    "waive": place("agreed_on", "plan", "waive", "river", "4", *BY, "--agreed-on"),
    "reschedule": place("to", "plan", "reschedule", "river", "4", *BY, "--to"),
    "reschedule-agreed": place("agreed_on", *MOVE, *BY, "--agreed-on"),
    "broken": place("on", "plan", "condition-broken", "birch", "1", "--on"),
    "project": place("on", "plan", "project", "river", "--extra", "50.00", "--on"),
    "split": place("on", *SPLIT, "--on"),
    "refund": place("on", "payment", "refund", "fern", "5.00", "--on"),
    "confirm": place("on", "payment", "confirm", "2", "yes", "--on"),
    "rate": place("on", "rate", "add", "EUR", "0.85", "--on"),
    "rate-drop": place("on", "rate", "drop", "USD", "--on"),
}
NOT_DAYS = {
    "row-19-empty": ("", ""),
    "row-19-spaces": ("  ", ""),
    "row-21-no-leap-year": ("2026-02-29", "no such day in 2026"),
    "row-22-iso-week": ("2026-W01-1", "weeks of the year are not read"),
    "row-23-no-dashes": ("20261201", "eight digits in a row"),
    "row-24-two-days": ("01/02/2026", "can mean two days"),
    "row-25-short": ("2026-1-5", "four, two and two digits"),
    "row-26-year-1": ("0001-01-01", "from 1990 to 2100"),
    "row-26-year-9999": ("9999-12-31", "from 1990 to 2100"),
    "row-27-day-minus-one": ("-1", "not a date known here"),
    "row-31-end-of-day": ("2026-12-01T24:00", "a date stands without a time"),
    "row-37-lunar": ("腊月初八", "lunar calendar"),
    "row-37-thirtieth-of-february": ("2026年2月30日", "no such day in 2026"),
}


@pytest.mark.parametrize("where", DAYS.values(), ids=DAYS)
def test_a_day_is_read_strictly_wherever_it_is_typed(home: Household, where: Place) -> None:
    all_refused(home, where, NOT_DAYS)


HAPPENED = (
    *("charge", "waiver", "sold", "statement", "agreed", "pause-agreed", "waive"),
    *("reschedule-agreed", "broken", "split", "refund", "confirm", "rate", "rate-drop"),
)


@pytest.mark.parametrize("name", HAPPENED)
def test_what_has_happened_has_no_day_to_come(home: Household, name: str) -> None:
    where = DAYS[name]
    for row in ("2026-11-25", "2027-11-24"):  # row-35-tomorrow, and a year too late
        refused(home, *where.args(row), code=2, names=(f"{where.field} is ", row))


BOUNDS = {
    "row-35-charge": ("charge", "2026-10-31", "before the statement of 2026-11-01"),
    "row-35-waiver": ("waiver", "2026-10-31", "before the statement of 2026-11-01"),
    "row-35-older-statement": ("statement", "2026-10-31", "before the statement of 2026-11-01"),
    "row-35-before-the-plan": ("broken", "2026-10-31", "cannot be before 2026-11-01"),
    "row-35-holiday": ("pause-agreed", "2026-10-31", "before 2026-11-01, when the terms"),
    "row-35-waive": ("waive", "2026-11-23", "before 2026-11-24, when the terms"),
    "row-35-reschedule": ("reschedule-agreed", "2026-11-23", "before 2026-11-24, when the terms"),
    "row-26-terms-far-away": ("terms", "2032-01-01", "cannot be after 2031-11-28"),
    "row-26-order-far-away": ("order", "2032-01-01", "cannot be after 2031-11-28"),
    "row-26-start-far-away": ("start", "2032-01-01", "more than five years away"),
    "row-26-pay-by-far-away": ("pay-by", "2032-01-01", "cannot be after 2031-11-28"),
    "row-26-review-far-away": ("review", "2032-01-01", "cannot be after 2031-11-28"),
    "row-26-move-far-away": ("reschedule", "2032-01-01", "a day within five years"),
    "row-28-pay-by": ("pay-by", "2026-11-23", "before 2026-11-24, when it was agreed"),
    "row-28-review": ("review", "2026-11-24", "not after the day of the agreement"),
    "row-28-moved-to-the-past": ("reschedule", "2026-11-23", "moves to today or a day within"),
    "row-28-holiday-in-the-past": (
        "pause-start",
        "2026-11-23",
        "before 2026-11-24, on which the holiday",
    ),
    "row-28-holiday-without-end": ("pause-until", "2029-06-01", "more than two years"),
    "row-28-resumed-after-its-end": (
        "resume",
        "2027-06-01",
        "the holiday ends by itself on 2027-06-01",
    ),
    "row-28-resumed-before-it": (
        "resume",
        "2026-11-23",
        "before 2026-11-24, when the holiday was agreed",
    ),
    "row-28-an-extra-payment-in-the-past": ("project", "2026-11-23", "cannot be before 2026-11-24"),
    "row-28-an-extra-payment-after-the-end": (
        "project",
        "2027-10-05",
        "cannot be after 2027-10-04",
    ),
}


@pytest.mark.parametrize(("name", "day", "said"), BOUNDS.values(), ids=BOUNDS)
def test_a_day_lies_where_it_can(home: Household, name: str, day: str, said: str) -> None:
    where = DAYS[name]
    refused(home, *where.args(day), code=2, names=(f"{where.field} is ", day, said))


@pytest.mark.parametrize("until", [pytest.param("2027-03-01", id="row-28-no-day"), "2027-02-28"])
def test_a_holiday_does_not_end_before_it_starts(home: Household, until: str) -> None:
    names = (f"The holiday ends on {until}, and begins on 2027-03-01; it has no day.",)
    refused(home, *DAYS["pause-until"].args(until), code=2, names=names)


# --- numbers ---

NUMBERS = {
    "compounds-on": place(
        *("compounds_on", "debt", "terms", "oak", "--rate", "5%"),
        *("--compounding", "monthly", "--compounds-on"),
    ),
    "grace": place("grace", "debt", "terms", "oak", "--rate", "5%", "--grace"),
    "after-days": place(
        *("after_days", "debt", "order", "oak", "interest-first"),
        *("--then", "principal-first", "--after-days"),
    ),
    "count": place("count", *AGREE, "--start", "2027-01-05", "--count"),
    "second-day": place("second_day", *RULE, "--every", "twice-monthly", "--second-day"),
    "step-every": place(
        "step_every", *RULE, "--first", "100.00", "--step", "10.00", "--step-every"
    ),
    "bill-day": place("day", "plan", "condition", "river", "current-bill", "--day"),
    "missed": place("most", "plan", "condition", "river", "missed", "--most"),
    "days-late": place("most", "plan", "condition", "river", "days-late", "--most"),
    "waive": place("instalment", "plan", "waive", "river", after=BY),
    "reschedule": place(
        "instalment", "plan", "reschedule", "river", after=(*BY, "--to", "2027-05-14")
    ),
    "condition-end": place("number", "plan", "condition-end", "birch"),
    "condition-broken": place("number", "plan", "condition-broken", "birch"),
    "old": place("old", "plan", "compare", "river", "--old"),
    "new": place("new", "plan", "compare", "river", "--new"),
    "version": place("version", "plan", "show", "river", "--version"),
    "statement": place("statement", "statement", "settle", "birch", "--how", "ok", "--statement"),
    "charge-drop": place("charge", "debt", "charge-drop"),
    "instalment": place("instalment", "pay", "river", "5.00", "--instalment"),
    "days": place("days", "due", "--days"),
    "limit": place("limit", "due", "--limit"),
    "clearing-days": place("clearing_days", *NEW_OWNER, "--clearing-days"),
}
NOT_NUMBERS = {
    "row-01-nan": ("NaN", ""),
    "row-04-exponent": ("1e1", ""),
    "row-05-underscore": ("1_0", ""),
    "row-06-full-width": ("１２", "only the digits 0 to 9"),
    "row-07-bengali": ("১২", "only the digits 0 to 9"),
    "row-10-a-half": ("1.5", ""),
    "row-13-minus-three": ("-3", ""),
    "row-14-forty-nines": ("9" * 40, ""),
    "row-20-hexadecimal": ("0x1", ""),
}


@pytest.mark.parametrize("where", NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_read_strictly_wherever_it_is_typed(home: Household, where: Place) -> None:
    all_refused(home, where, NOT_NUMBERS | BLANK)


@pytest.mark.parametrize("command", ["void", "stated", "proof", "confirm"])
def test_a_payment_is_named_by_its_number(home: Household, command: str) -> None:
    rest = {"stated": ("--fees", "1.00"), "proof": (__file__,), "confirm": ("yes",)}
    for typed in (*(each for each, _ in NOT_NUMBERS.values()), "", "  "):
        args = ("payment", command, typed, *rest.get(command, ()))
        names = (f"payment is {typed!r}, which is no payment number.",)
        refused(home, *args, code=2, names=names)


@pytest.mark.parametrize("typed", ["0", "20261204", "20261301-1", "2026-12-04", "NaN", "", "１２"])
def test_a_page_goes_on_where_one_ended(home: Household, typed: str) -> None:
    names = (f"after is {typed!r}, which no page ended with." if typed else "after is empty.",)
    refused(home, "due", "--after", typed, code=2, names=names)


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        pytest.param("compounds-on", "0", "from 1 to 31", id="row-27-no-day"),
        pytest.param("compounds-on", "32", "from 1 to 31", id="row-27-day-32"),
        pytest.param("second-day", "32", "from 1 to 31", id="row-27-second-day-32"),
        pytest.param("bill-day", "0", "from 1 to 31", id="row-27-bill"),
        pytest.param("bill-day", "32", "from 1 to 31", id="row-27-bill-32"),
        pytest.param("grace", "367", "from 0 to 366", id="row-29-grace"),
        pytest.param("after-days", "0", "from 1 to 3660", id="row-29-no-overdue-days"),
        pytest.param("count", "0", "from 1 to 600", id="row-29-none"),
        pytest.param("count", "-3", "from 1 to 600", id="row-29-minus-three"),
        pytest.param("count", "1000000", "from 1 to 600", id="row-29-a-million"),
        pytest.param("step-every", "0", "from 1 to 600", id="row-29-no-step"),
        pytest.param("missed", "0", "from 1 to 3660", id="row-29-none-missed"),
        pytest.param("days-late", "1000000", "from 1 to 3660", id="row-29-a-million-days"),
        pytest.param("days", "367", "from 0 to 366", id="row-29-days-ahead"),
        pytest.param("limit", "0", "from 1 to 1000", id="row-29-none-at-a-time"),
        pytest.param("limit", "1000000", "from 1 to 1000", id="row-29-a-million-at-a-time"),
    ],
)
def test_a_number_has_its_ends(home: Household, name: str, typed: str, said: str) -> None:
    where = NUMBERS[name]
    names = (f"{where.field} is {typed!r}; it must be {said}.",)
    refused(home, *where.args(typed), code=2, names=names)


# --- times, zones, rhythms, and words of a set ---

WORDS = {
    "order": place("order", "debt", "order", "oak"),
    "then": place("then", "debt", "order", "oak", "costs-first", "--after-days", "9", "--then"),
    "basis": place("basis", "debt", "terms", "oak", "--rate", "5%", "--basis"),
    "compounding": place("compounding", "debt", "terms", "oak", "--rate", "5%", "--compounding"),
    "penalty-on": place("penalty_on", "debt", "terms", "oak", "--penalty", "5%", "--penalty-on"),
    "fee-every": place(
        "late_fee_every", "debt", "terms", "oak", "--late-fee", "5.00", "--late-fee-every"
    ),
    "bears": place("bears", "debt", "terms", "oak", "--rate", "5%", "--bears"),
    "rounding": place("rounding", "debt", "terms", "oak", "--rate", "5%", "--rounding"),
    "component": place("component", "debt", "charge", "oak", after=("5.00",)),
    "waived": place("component", "debt", "waiver", "oak", after=("5.00",)),
    "adjusted": place(
        *("component", "statement", "settle", "birch", "--how", "ok", "--adjust"), "--component"
    ),
    "kind": place("kind", *RULE, "--kind"),
    "every": place("every", *RULE, "--every"),
    "shift": place("shift", *RULE, "--shift"),
    "remainder": place("remainder", *RULE, "--remainder"),
    "paid-by": place("paid_by", *RULE, "--paid-by"),
    "overpay": place("overpay", *RULE, "--overpay"),
    "interest": place("interest", *RULE, "--interest"),
    "basis-of-a-plan": place("basis", *RULE, "--rate", "5%", "--basis"),
    "months": place("months", *RULE, "--months"),
    "how": place("how", *HOLIDAY, *BY, "--how"),
    "condition": place("kind", "plan", "condition", "river"),
    "role": place("role", "debt", "party", "oak", after=("Ana Example",)),
    "method": place("method", *SPLIT, "--method"),
    "method-of-a-refund": place("method", "payment", "refund", "fern", "5.00", "--method"),
    "base": place("base", "rate", "add", after=("0.85",)),
    "to": place("to", "rate", "add", "EUR", "0.85", "--to"),
    "send-time": place("send_time", *RULE, "--send-time"),
    "cutoff": place("cutoff", *NEW_OWNER, "--cutoff"),
    "zone": place("zone", *NEW_OWNER, "--zone"),
}


@pytest.mark.parametrize("where", WORDS.values(), ids=WORDS)
def test_a_word_is_one_of_those_that_are_known(home: Household, where: Place) -> None:
    """Blank is none of them either: it comes from a shell's variable that is not set."""
    before = home.fingerprint()
    for typed in ("", "  ", "0", "0 days", "nonsense", "x" * 5000):  # row-30-no-days
        done = home.type(*where.args(typed))
        assert (done.code, done.out) == (2, ""), (typed[:9], done)
        sentence, *rest = done.err.splitlines()
        assert sentence.startswith(f"Error: {where.field} is "), (typed[:9], done.err)
        assert typed.strip()[:9] in sentence
        assert len(rest) <= 1
        assert len(done.err) < 400
    assert home.fingerprint() == before


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param((*RULE, "--send-time", "24:00"), "a day ends at 23:59", id="row-31-reminder"),
        pytest.param((*NEW_OWNER, "--cutoff", "24:00"), "a day ends at 23:59", id="row-31-cut-off"),
        pytest.param((*NEW_OWNER, "--zone", "Mars/Olympus"), "no such time zone", id="row-32-mars"),
        pytest.param((*NEW_OWNER, "--zone", "EST5EDT"), "named by area and place", id="row-32-est"),
        pytest.param((*NEW_OWNER, "--zone", ""), "zone is empty.", id="row-32-empty"),
        pytest.param((*RULE, "--send-time", "02:30"), "between 09:00 and 20:00", id="row-33-night"),
        pytest.param((*RULE, "--offset", "-400d"), "at most 60 days before", id="row-34-far"),
        pytest.param((*RULE, "--offset", "0 days"), "not a number of days", id="row-34-words"),
        pytest.param(
            (*RULE, "--offset", "0d", "--offset", "-0d"), "a second time", id="row-34-twice"
        ),
        pytest.param((*RULE, "--every", "0 days"), "every is '0 days'", id="row-30-no-days"),
        pytest.param((*RULE, "--months", "13:1"), "months are 1 to 12", id="row-27-month-13"),
        pytest.param((*RULE, "--months", "7:-1"), "it is month:weight", id="row-13-weight"),
        pytest.param((*RULE, "--months", "7:1e2"), "it is month:weight", id="row-04-weight"),
        pytest.param((*NEW_OWNER, "--country", "x" * 5000), "are not known", id="row-49-country"),
    ],
)
def test_times_zones_and_rhythms_are_those_of_this_world(
    home: Household, args: tuple[str, ...], said: str
) -> None:
    told = refused(home, *args, code=2, names=(said,), hint="every" not in said)
    assert len(told) < 300


# --- texts ---

TEXTS = {
    "terms": place("note", "debt", "terms", "oak", "--rate", "5%", "--note"),
    "order": place("note", "debt", "order", "oak", "costs-first", "--note"),
    "charge": place("note", "debt", "charge", "oak", "fees", "5.00", "--note"),
    "waiver": place("note", "debt", "waiver", "oak", "fees", "5.00", "--note"),
    "proof": place("proof", "debt", "verify", "oak", "--proof"),
    "new-owner": place("creditor", "sold", "river", "--new-creditor", "--to"),
    "told-by": place("told_by", "sold", "river", "--to", "Example Recovery", "--told-by"),
    "reference": place("reference", "sold", "river", "--to", "Example Recovery", "--reference"),
    "payee": place("payee", "debt", "payee", "river", "--told-by", "a letter", "--payee"),
    "quote": place("quote", "debt", "payee", "river", "--told-by", "a letter", "--quote"),
    "account": place("account", "debt", "payee", "river", "--told-by", "a letter", "--account"),
    "payee-told-by": place("told_by", "debt", "payee", "river", "--quote", "X1", "--told-by"),
    "rejected": place("called", "debt", "payee-check", "birch", "--reject", "--called"),
    "called": place("called", "debt", "payee-check", "birch", "--called"),
    "party": place("name", "debt", "party", "oak", "guarantor"),
    "party-note": place("note", "debt", "party", "oak", "guarantor", "Ana Example", "--note"),
    "party-end": place("name", "debt", "party-end", "oak"),
    "statement": place("note", "statement", "add", "oak", "--costs", "5.00", "--note"),
    "how": place("how", "statement", "settle", "birch", "--how"),
    "agreed-by": place("agreed_by", *RULE, "--agreed-by"),
    "plan-payee": place("payee", *RULE, "--payee"),
    "plan-quote": place("quote", *RULE, "--quote"),
    "revise": place(
        *("revise", "plan", "agree", "river", "--yes", *BY, "--start", "2027-01-05"),
        *("--count", "6", "--revise"),
    ),
    "pause-by": place("agreed_by", *HOLIDAY, "--agreed-by"),
    "pause-reason": place("reason", *HOLIDAY, *BY, "--reason"),
    "resume-by": place("agreed_by", "plan", "resume", "river", "--agreed-by"),
    "resume-reason": place("reason", "plan", "resume", "river", *BY, "--reason"),
    "waive-by": place("agreed_by", "plan", "waive", "river", "4", "--agreed-by"),
    "waive-reason": place("reason", "plan", "waive", "river", "4", *BY, "--reason"),
    "move-by": place("agreed_by", *MOVE, "--agreed-by"),
    "move-reason": place("reason", *MOVE, *BY, "--reason"),
    "condition": place("text", "plan", "condition", "river", "other", "--text"),
    "split-ref": place("ref", *SPLIT, "--ref"),
    "split-note": place("note", *SPLIT, "--note"),
    "refund-ref": place("ref", "payment", "refund", "fern", "5.00", "--ref"),
    "refund-note": place("note", "payment", "refund", "fern", "5.00", "--note"),
}
NEEDED = (
    *("proof", "new-owner", "payee-told-by", "called", "party", "party-end", "how", "revise"),
    *("pause-by", "resume-by", "waive-by", "move-by", "condition"),
)
BREAKS = {
    "row-46-line-ends": ("Bank\r\nEND:VEVENT", "contains the character U+000D"),
    "row-47-nul-and-escape": ("a\x00b\x1b[31m", "contains the character U+0000"),
    "row-48-right-to-left-override": ("knaB \u202eelpmaxE", "contains the character U+202E"),
    "row-49-five-thousand": ("x" * 5000, "has 5000 characters (xxxxxxxxxxxxxxxxxxxx…); "),
}


@pytest.mark.parametrize("where", TEXTS.values(), ids=TEXTS)
def test_what_breaks_a_line_is_refused_by_its_code(home: Household, where: Place) -> None:
    before = home.fingerprint()
    for row, (typed, reason) in BREAKS.items():
        done = home.type(*where.args(typed))
        assert (done.code, done.out) == (2, ""), (row, done)
        assert done.err.startswith(f"Error: {where.field} {reason}"), (row, done.err)
        assert done.err.count("\n") == 2
        assert not set(done.err) & set("\x00\x1b\u202e\r")
    assert home.fingerprint() == before


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("typed", ["", "   "], ids=["row-51-nothing", "row-51-spaces"])
def test_a_text_that_is_needed_says_something(home: Household, name: str, typed: str) -> None:
    where = TEXTS[name]
    refused(home, *where.args(typed), code=2, names=(f"{where.field} is ",))


def test_a_list_of_debts_is_two_or_more_and_none_twice(home: Household) -> None:
    for args, said in (
        (("50.00", "--to", "oak"), "to names 'oak'; a sum is split over two debts or more."),
        (("50.00", "--to", "oak", "--to", "oak"), "to names oak twice."),
        (("50.00", "--to", "oak=50", "--to", "river"), "to names no amount for river"),
        (("50.00", "--to", "oak=30", "--to", "river=30"), "total is 50.00, but the parts make"),
    ):
        refused(home, "payment", "split", *args, code=2, names=(said,))


# --- the families of refusals ---

UNKNOWN = [
    (("debt", "show", "mapel", "--on", "2026-12-01"), "There is no debt 'mapel'."),
    (("debt", "charge-drop", "99"), "There is no charge #99."),
    (("statement", "settle", "birch", "--how", "ok", "--statement", "9"), "no statement #9"),
    (("payment", "stated", "99", "--fees", "1.00"), "There is no payment #99."),
    (("payment", "proof", "0", __file__), "There is no payment #0."),
    (("payment", "split", "9", "--to", "oak", "--to", "mapel"), "There is no debt 'mapel'."),
    (("plan", "condition-end", "birch", "2"), "There is no condition 2; the plan has 1."),
    (("plan", "condition-broken", "birch", "9"), "There is no condition 9"),
    (("plan", "compare", "river", "--old", "9"), "The plan on river has no version 9"),
    (("plan", "show", "river", "--version", "9"), "The plan on river has no version 9"),
    (("plan", "history", "oak"), "oak has no plan yet."),
    (("rate", "drop", "EUR"), "There is no rate between EUR and GBP for 2026-11-24."),
    (("debt", "party-end", "oak", "Nobody"), "Nobody called 'Nobody' is named on oak."),
    (("sold", "river", "--to", "Nobody"), "Nobody"),
]
CONTRADICTED = [
    (
        ("debt", "terms", "birch", "--rate", "5%", "--from", "2026-11-01"),
        "other terms from 2026-11-01 already",
    ),
    (
        ("debt", "order", "birch", "fees-first", "--from", "2026-11-01"),
        "another order from 2026-11-01 already",
    ),
    (("debt", "terms-drop", "birch", "--from", "2026-11-02"), "birch has no terms from 2026-11-02"),
    (("debt", "terms-drop", "oak"), "oak has no terms to take back"),
    (("debt", "order-drop", "oak"), "oak has no order to take back"),
    (("debt", "charge", "bare", "fees", "5.00"), "bare has no statement yet"),
    (("debt", "waiver", "bare", "5.00"), "bare has no statement yet"),
    (
        ("plan", "pause", "river", "--start", "2027-05-31", "--until", "2027-07-01", *BY),
        "from 2027-03-01 until before 2027-06-01",
    ),
    (("plan", "resume", "birch", *BY), "birch is on no payment holiday"),
    (
        ("plan", "condition", "birch", "missed", "--most", "3"),
        "a condition of the kind missed already",
    ),
    (("plan", "compare", "birch"), "has one version only"),
    (("plan", "project", "oak"), "oak has no live plan"),
    (("rate", "add", "USD", "0.80"), "is recorded for 2026-11-24 already"),
    (("rate", "add", "GBP", "1.25", "--to", "USD"), "is recorded for 2026-11-24 already"),
    (("debt", "verify", "river", "--proof", "a notice"), "river was never sold"),
    (
        ("debt", "payee-check", "river", "--called", "a letter"),
        "no changed payment details that wait",
    ),
    (("debt", "payee", "birch", "--account", "5555", "--told-by", "a letter"), "birch"),
    (("sold", "oak", "--to", "Example Recovery"), "oak belongs to Example Recovery already"),
    (("statement", "settle", "oak", "--how", "ok"), "oak has no open query"),
]


@pytest.mark.parametrize(("args", "said"), UNKNOWN, ids=[" ".join(each[0][:3]) for each in UNKNOWN])
def test_what_is_not_there_is_not_found(home: Household, args: tuple[str, ...], said: str) -> None:
    refused(home, *args, code=3, names=(said,), hint="version" not in said)


@pytest.mark.parametrize(
    ("args", "said"), CONTRADICTED, ids=[" ".join(each[0][:3]) for each in CONTRADICTED]
)
def test_what_contradicts_the_record_is_a_conflict(
    home: Household, args: tuple[str, ...], said: str
) -> None:
    refused(home, *args, code=4, names=(said,))


def test_what_a_rule_forbids_is_refused(home: Household) -> None:
    args = ("debt", "payee-check", "birch", "--called", "the number on a statement")
    refused(home, *args, code=5, names=("The changed details of birch wait for 48 hours",))


# --- what the money engine must not take ---


@pytest.mark.parametrize(
    ("before", "terms", "interest"),
    [
        pytest.param((), ("--rate", "9.5%"), "10.06", id="a-rate-of-the-plan"),
        pytest.param(("--rate", "0.05% a day"), (), "18.90", id="a-contract-by-the-day"),
        pytest.param(("--rate", "24%"), ("--interest", "contract"), "24.85", id="a-contract"),
    ],
)
def test_a_payment_below_the_interest_is_refused_with_the_smallest_that_works(
    own: Household, before: tuple[str, ...], terms: tuple[str, ...], interest: str
) -> None:
    if before:
        recorded(own, "debt", "terms", "oak", *before)
    args = (*AGREE, "--start", "2027-01-05", *terms, "--amount")
    names = (f"amount is 5.00, and the interest alone is {interest}; the balance would not fall.",)
    said = refused(own, *args, "5.00", code=2, names=names)
    found = re.search(r"The smallest that works is ([0-9]+)\.([0-9]{2})", said)
    assert found
    least = int(found[1] + found[2])
    less = f"{(least - 1) // 100}.{(least - 1) % 100:02d}"
    refused(own, *args, less, code=2, names=(f"amount is {less}",))
    recorded(own, *args, f"{found[1]}.{found[2]}")


def test_terms_and_orders_do_not_begin_on_one_day(own: Household) -> None:
    recorded(own, "debt", "terms", "birch", "--rate", "5%", "--from", "2026-11-02")
    for day in ("2026-11-01", "2026-11-02"):
        said = refused(
            own,
            *("debt", "terms", "birch", "--rate", "6%", "--from", day),
            code=4,
            names=(f"birch has other terms from {day} already.",),
        )
        # The cure works as it is written.
        command = said.split("`")[1].split()[1:]
        recorded(own, *command)
        recorded(own, "debt", "terms", "birch", "--rate", "6%", "--from", day)


def test_a_revision_is_not_older_than_an_instalment_paid_under_the_old_terms(
    own: Household,
) -> None:
    args = ("plan", "agree", "birch", "--yes", "--revise", "less", *BY)
    rule = ("--start", "2027-01-05", "--count", "6", "--agreed-on")
    names = ("agreed_on is 2026-11-23, before 2026-11-24, when an instalment was paid",)
    refused(own, *args, *rule, "2026-11-23", code=2, names=names)
    recorded(own, *args, *rule, "2026-11-24")


def test_a_reversal_is_never_reversed(own: Household) -> None:
    recorded(own, "payment", "void", "1")
    reversal = own.rows("SELECT number FROM payment WHERE kind = 'reversal'")[0][0]
    number = str(reversal)
    for args in (
        ("payment", "void", number),
        ("payment", "void", "1"),
        ("bounced", "birch", "--payment", number),
        ("bounced", "birch", "--payment", "1"),
    ):
        refused(own, *args, code=4, names=("does not count any more; it cannot be voided again.",))
    refused(own, "undo", code=4, names=("There is no payment to undo",))
    names = (f"payment #{number} is of the kind reversal",)
    refused(own, "payment", "stated", number, "--fees", "20.00", code=2, names=names)


def test_one_condition_is_not_recorded_twice(own: Household) -> None:
    bill = ("plan", "condition", "birch", "current-bill", "--day", "15")
    recorded(own, *bill)
    names = ("The plan on birch has a condition of the kind current-bill already.",)
    refused(own, *bill, code=4, names=names)
    # Another bill on the same day is another one.
    recorded(own, *bill, "--text", "water")


def test_an_instalment_that_moves_past_others_says_its_new_number(own: Household) -> None:
    said = recorded(own, "plan", "reschedule", "birch", "5", "--to", "2027-01-20", *BY).out
    assert "By its new day it is number 3 from now on." in said
    names = ("Instalment 3 is due on 2027-01-20 already",)
    refused(own, "plan", "reschedule", "birch", "3", "--to", "2027-01-20", *BY, code=2, names=names)


def test_a_rate_that_was_mistyped_is_taken_back_as_it_is_said(own: Household) -> None:
    earlier = ("rate", "add", "USD", "--on", "2026-11-20")
    recorded(own, *earlier, "0.80")
    said = refused(own, *earlier, "0.81", code=4, names=("1 USD = 0.80 GBP",))
    recorded(own, *said.split("`")[1].split()[1:])
    recorded(own, *earlier, "0.81")


def test_a_charge_and_a_waiver_are_taken_back_once(own: Household) -> None:
    recorded(own, "debt", "charge-drop", "1")
    refused(own, "debt", "charge-drop", "1", code=4, names=("#1 was taken back already",))


# --- an unset variable of the shell ---


@pytest.mark.parametrize(
    ("args", "field"),
    [
        (("debt", "waiver", "oak", "", "5.00"), "component"),
        (("pay", "river", "5.00", "--instalment", ""), "instalment"),
        (("payment", "list", "", "--limit", "5"), "debt"),
        (("debt", "show", "oak", "--on", ""), "on"),
        (("plan", "condition", "river", "current-bill", "--day", "9", "--amount", ""), "amount"),
        ((*RULE, "--balloon", " "), "balloon"),
        (("rate", "drop", "USD", "--on", ""), "on"),
        (("due", "--days", ""), "days"),
    ],
)
def test_nothing_in_the_place_of_something_is_not_as_if_it_had_not_been_typed(
    home: Household, args: tuple[str, ...], field: str
) -> None:
    refused(home, *args, code=2, names=(f"{field} is empty.",))


def test_a_note_may_be_nothing(own: Household) -> None:
    recorded(own, "debt", "charge", "oak", "fees", "5.00", "--note", "")
    assert own.rows("SELECT note FROM charge ORDER BY id DESC LIMIT 1") == [(None,)]


# --- as JSON, and in Chinese ---

SAMPLE = [
    (("debt", "charge", "oak", "fees", "NaN"), 2, "amount"),
    (("debt", "terms", "oak", "--rate", "5000%"), 2, "rate"),
    (("debt", "terms", "birch", "--rate", "5%", "--from", "2026-11-01"), 4, "from_on"),
    (("debt", "order", "oak", "nonsense"), 2, "order"),
    (
        (
            "plan",
            "agree",
            "oak",
            "--yes",
            "--start",
            "2027-01-05",
            "--rate",
            "9.5%",
            "--amount",
            "5.00",
        ),
        2,
        "amount",
    ),
    (("plan", "pause", "birch", "--start", "2027-03-01", "--until", "2029-06-01", *BY), 2, "until"),
    (("payment", "refund", "fern", "10.01"), 4, "amount"),
    (("payment", "stated", "99", "--fees", "1.00"), 3, "payment"),
    (("rate", "add", "EUR", "1e5"), 2, "rate"),
    (("debt", "payee-check", "birch", "--called", "the number on a statement"), 5, "debt"),
    (("due", "--days", "367"), 2, "days"),
    (("due", "--days", ""), 2, "days"),
]
CODES = {2: "input", 3: "not-found", 4: "conflict", 5: "refused"}


@pytest.mark.parametrize(("args", "code", "field"), SAMPLE)
@pytest.mark.parametrize("before", [True, False], ids=["before-the-command", "behind-it"])
def test_an_error_as_json_is_one_object_on_stderr(
    home: Household, args: tuple[str, ...], code: int, field: str, before: bool
) -> None:
    unchanged = home.fingerprint()
    plain = home.type(*args)
    done = home.type(*(("--json", *args) if before else (*args, "--json")))
    sentence, hint = plain.err.splitlines()
    assert (done.code, done.out) == (code, "")
    assert json.loads(done.err) == {
        "error": {
            "code": CODES[code],
            "exit": code,
            "field": field,
            "hint": hint,
            "sentence": sentence.removeprefix("Error: "),
        }
    }
    assert home.fingerprint() == unchanged


@pytest.mark.parametrize("args", [("debt", "charg"), ("due", "--dayz", "3"), ("rate", "add")])
def test_a_command_that_there_is_not_is_an_object_too(
    home: Household, args: tuple[str, ...]
) -> None:
    done = home.type(*args, "--json")
    assert (done.code, done.out) == (2, "")
    assert json.loads(done.err)["error"]["code"] == "input"


@pytest.mark.parametrize(("args", "code", "field"), SAMPLE)
def test_a_chinese_reader_is_told_in_chinese(
    chinese: Household, args: tuple[str, ...], code: int, field: str
) -> None:
    said = refused(chinese, *args, code=code, names=(), LANG="zh_CN.UTF-8")
    sentence, hint = said.splitlines()
    assert re.search(r"[\u4e00-\u9fff]{2}", sentence)
    assert re.search(r"[\u4e00-\u9fff]{2}", hint)
    english = refused_english(sentence)
    assert not english, english


def refused_english(sentence: str) -> list[str]:
    """English words that are neither a name of a field, a value nor a command."""
    bare = re.sub(r"'[^']*'|`[^`]*`|#?[0-9][^ ，。；]*", "", sentence.removeprefix("Error: "))
    known = {"amount", "birch", "days", "debt", "from_on", "oak", "fern", "order", "payment"}
    known |= {"rate", "until", "GBP", "bps"}
    return [word for word in re.findall(r"[A-Za-z_]{3,}", bare) if word not in known]
