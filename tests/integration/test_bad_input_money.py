"""Amounts that must not be taken for others: what `Decimal` would read, and what is ambiguous.

Each is typed where amounts are typed: paying, the creditor's figure, a pasted list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused


@pytest.fixture(scope="module")
def british(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """What is refused changes nothing, so that one home serves for all of it."""
    return cli.household(tmp_path_factory.mktemp("en_GB") / "home", "en_GB")


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return cli.household(tmp_path_factory.mktemp("de_DE") / "home", "de_DE")


@pytest.fixture(scope="module")
def japanese(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """A debt in yen, of a person who otherwise reckons in pounds."""
    made = cli.household(tmp_path_factory.mktemp("yen") / "home", "en_GB")
    args = ("--new-creditor", "--handle", "yen", "--currency", "JPY", "--yes")
    done = made.type("debt", "add", "Sample Shop", *args, "--last-payment", "2026-10-01")
    assert done.code == 0, done
    return made


@dataclass(frozen=True)
class Command:
    """Where an amount is typed, and what its field is called in the answer."""

    field: str
    args: Callable[[str], tuple[str, ...]]
    stdin: Callable[[str], str] = lambda amount: ""


PAY = Command("amount", lambda amount: ("pay", "maple", amount))
STATEMENT = Command("fees", lambda amount: ("statement", "add", "maple", "--fees", amount))
ROWS = Command(
    "line 2",
    lambda amount: (
        "plan",
        "agree",
        "maple",
        "--revise",
        "new",
        "--agreed-by",
        "a call",
        "--yes",
        "--rows",
        "-",
    ),
    lambda amount: f"2027-01-31 10.00\n2027-02-28 {amount}\n",
)
TOTAL = Command(
    "total",
    lambda amount: ("debt", "add", "Sample Shop", "--new-creditor", "--yes", "--total", amount),
)
EACH = Command(
    "amount",
    lambda amount: (
        (
            *(
                "plan",
                "agree",
                "maple",
                "--revise",
                "new",
                "--agreed-by",
                "a call",
                "--yes",
                "--start",
                "2027-01-31",
            ),
            *("--amount", amount),
        )
    ),
)

NOT_AMOUNTS = [
    pytest.param("NaN", "not a finite number", id="row-01-nan"),
    pytest.param("Infinity", "not a finite number", id="row-02-infinity"),
    pytest.param("-0", "zero has no minus sign", id="row-03-minus-zero"),
    pytest.param("1e5", "an exponent is not read", id="row-04-exponent"),
    pytest.param("1_000", "underscore", id="row-05-underscore"),
    pytest.param("１２３", "only the digits 0 to 9", id="row-06-full-width"),
    pytest.param("১২", "only the digits 0 to 9", id="row-07-bengali"),
    pytest.param("12.345", "2 decimals or none", id="row-10-a-third-decimal"),
    pytest.param("-5", "never negative", id="row-13-negative"),
    pytest.param("9" * 40, "larger than any amount", id="row-14-forty-nines"),
    pytest.param("1E-400", "an exponent is not read", id="row-15-underflow"),
    pytest.param("¥100", "does not stand for GBP", id="row-16-another-sign"),
    pytest.param("100元", "does not stand for GBP", id="row-16-another-sign-behind"),
    pytest.param("100 CNY", "does not stand for GBP", id="row-16-another-code"),
    pytest.param("€100", "does not stand for GBP", id="row-18-a-second-currency"),
    pytest.param("0x10", "only decimal numbers", id="row-20-hexadecimal"),
]


@pytest.mark.parametrize("command", [PAY, STATEMENT, ROWS], ids=["pay", "statement", "rows"])
@pytest.mark.parametrize(("amount", "reason"), NOT_AMOUNTS)
def test_what_is_no_amount_is_refused_with_its_reason(
    british: Household, command: Command, amount: str, reason: str
) -> None:
    said = refused(
        british,
        *command.args(amount),
        stdin=command.stdin(amount),
        code=2,
        names=(f"{command.field} is {amount!r}; ", reason),
    )
    assert said.count("\n") == 2


@pytest.mark.parametrize("command", [TOTAL, EACH], ids=["debt", "plan"])
@pytest.mark.parametrize(
    "amount",
    [
        pytest.param("NaN", id="row-01-nan"),
        pytest.param("１２３", id="row-06-full-width"),
        pytest.param("-5", id="row-13-negative"),
        pytest.param("100 CNY", id="row-16-another-code"),
    ],
)
def test_a_debt_and_a_plan_read_amounts_as_strictly(
    british: Household, command: Command, amount: str
) -> None:
    names = (f"{command.field} is {amount!r}; ",)
    refused(british, *command.args(amount), code=2, names=names)


@pytest.mark.parametrize(
    "command",
    [pytest.param(PAY, id="row-12-nothing-paid"), pytest.param(ROWS, id="row-12-nothing-agreed")],
)
@pytest.mark.parametrize("amount", ["0", "0.00"])
def test_nothing_is_no_payment_and_no_instalment(
    british: Household, command: Command, amount: str
) -> None:
    names = (f"{command.field} is '{amount}'; it must be more than nothing.",)
    refused(british, *command.args(amount), stdin=command.stdin(amount), code=2, names=names)


@pytest.mark.parametrize(
    "amount", [pytest.param("", id="row-19-empty"), pytest.param("   ", id="row-19-spaces")]
)
def test_an_empty_amount_is_not_the_open_instalment(british: Household, amount: str) -> None:
    """As a shell gives it for a variable that is not set."""
    refused(british, *PAY.args(amount), code=2, names=("amount is empty.",))


@pytest.mark.parametrize("amount", [pytest.param("100.5", id="row-11-half-a-yen")])
def test_a_currency_without_decimals_takes_none(japanese: Household, amount: str) -> None:
    names = ("amount is '100.5'; JPY has no decimals.",)
    refused(japanese, "pay", "yen", amount, code=2, names=names)


@pytest.mark.parametrize("amount", [pytest.param("100 GBP", id="row-18-pounds-for-yen")])
def test_a_debt_is_in_one_currency(japanese: Household, amount: str) -> None:
    names = ("amount is '100 GBP'; 'GBP' does not stand for JPY.",)
    refused(japanese, "pay", "yen", amount, code=2, names=names)
    names = ("fees is '£5.00'; '£' does not stand for JPY.",)
    args = ("statement", "add", "yen", "--principal", "100", "--fees", "£5.00")
    refused(japanese, *args, code=2, names=names)


AMBIGUOUS = [
    pytest.param("1.234,56", "en_GB", "1234.56", id="row-09-german-text-in-britain"),
    pytest.param("1,50", "en_GB", "1234.56", id="row-09-a-decimal-comma-in-britain"),
    pytest.param("1,234.56", "de_DE", "1234,56", id="row-08-british-text-in-germany"),
    pytest.param("1.50", "de_DE", "1234,56", id="row-08-a-decimal-point-in-germany"),
]


@pytest.mark.parametrize(("amount", "locale", "example"), AMBIGUOUS)
def test_the_other_countrys_decimal_mark_is_refused_with_an_example(
    british: Household, german: Household, amount: str, locale: str, example: str
) -> None:
    household = german if locale == "de_DE" else british
    mark = "," if locale == "de_DE" else "."
    said = refused(
        household,
        *PAY.args(amount),
        code=2,
        names=(f"amount is {amount!r}; here {mark!r} is the decimal mark",),
    )
    assert said.endswith(f"Write it like {example}.\n")


@pytest.mark.parametrize(
    ("amount", "locale"),
    [
        pytest.param("1,234.56", "en_GB", id="row-08-in-britain"),
        pytest.param("1.234,56", "de_DE", id="row-09-in-germany"),
        pytest.param("£1,234.56", "en_GB", id="row-16-the-matching-sign"),
        pytest.param("1.234,56 EUR", "de_DE", id="row-16-the-matching-code"),
    ],
)
def test_one_own_way_to_write_it_is_read_as_it_is_meant(
    british: Household, german: Household, tmp_path: Path, amount: str, locale: str
) -> None:
    source, currency = (german, "EUR") if locale == "de_DE" else (british, "GBP")
    household = source.copied(tmp_path / "home")
    done = recorded(household, *PAY.args(amount))
    assert done.err == ""
    assert household.rows("SELECT amount_minor FROM payment") == [(123_456,)]
    shown = household.type("payment", "list").out
    assert f"1,234.56 {currency}" in shown


@pytest.mark.parametrize(
    ("amount", "over"),
    [
        pytest.param("1500.00", "£50.00", id="row-17-more-than-is-open"),
        pytest.param("10000000000000.00", "£9,999,999,998,550.00", id="row-17-the-largest"),
    ],
)
def test_more_than_is_open_is_recorded_as_overpaid_with_a_warning(
    british: Household, tmp_path: Path, amount: str, over: str
) -> None:
    household = british.copied(tmp_path / "home")
    done = recorded(household, *PAY.args(amount))
    assert "Nothing more is open in this plan.\n" in done.out
    assert done.err == (
        f"That is {over} more than the plan still asks; it is recorded as overpaid.\n"
    )
    assert household.rows("SELECT sum(amount_minor) FROM allocation") == [(145_000,)]
    # It is a payment like any other, and can be taken back.
    assert household.type("undo").code == 0


@pytest.mark.parametrize("amount", [pytest.param("NaN", id="row-01-as-a-process")])
def test_the_installed_command_refuses_as_well(british: Household, amount: str) -> None:
    names = ("amount is 'NaN'; that is not a finite number.",)
    refused(british, *PAY.args(amount), code=2, names=names, process=True)
