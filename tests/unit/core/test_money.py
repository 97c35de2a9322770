"""Amounts as they are typed, kept and divided."""

from __future__ import annotations

import pytest

from tracker.core import money
from tracker.errors import InputError


def refusal(text: str, currency: str = "GBP", **options: str) -> InputError:
    with pytest.raises(InputError) as caught:
        money.parse(text, currency, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("120", "GBP", 12000),
        ("120.50", "GBP", 12050),
        (" 0.01 ", "GBP", 1),
        ("1,234", "GBP", 123400),
        ("1,234.56", "GBP", 123456),
        ("1,234,567.00", "GBP", 123456700),
        ("100", "JPY", 100),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12345),
        ("£120", "GBP", 12000),
        ("120 GBP", "GBP", 12000),
        ("gbp 120", "GBP", 12000),
        ("¥100", "CNY", 10000),
        ("¥100", "JPY", 100),
        ("\uffe5100", "CNY", 10000),
        ("100元", "CNY", 10000),
        ("100元", "TWD", 10000),
        ("100 CNY", "CNY", 10000),
        ("HK$1,000.00", "HKD", 100000),
        ("$5", "USD", 500),
        ("€\u00a05", "EUR", 500),
    ],
)
def test_an_amount_is_read_in_minor_units(text: str, currency: str, minor: int) -> None:
    assert money.parse(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "minor"),
    [("1.234,56", 123456), ("1.234", 123400), ("12,50", 1250), ("1.234.567 EUR", 123456700)],
)
def test_with_a_decimal_comma_the_point_groups(text: str, minor: int) -> None:
    assert money.parse(text, "EUR", decimal_mark=",") == minor


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NaN", "not a finite number"),
        ("Infinity", "not a finite number"),
        ("-inf", "not a finite number"),
        ("-0", "zero has no minus sign"),
        ("-0.00", "zero has no minus sign"),
        ("1e5", "an exponent is not read"),
        ("1E-400", "an exponent is not read"),
        ("1_000", "an underscore does not group"),
        ("\uff11\uff12\uff13", "only the digits 0 to 9"),
        ("\u09e7\u09e8", "only the digits 0 to 9"),
        ("\u0661\u0662", "only the digits 0 to 9"),
        ("1\u00b2", "only the digits 0 to 9"),
        ("12.345", "GBP is written with 2 decimals or none"),
        ("12.5", "GBP is written with 2 decimals or none"),
        ("0", "more than nothing"),
        ("0.00", "more than nothing"),
        ("-5", "never negative"),
        ("\u22125", "never negative"),
        ("£-5", "never negative"),
        ("5-", "never negative"),
        ("9" * 40, "larger than any amount"),
        ("9" * 400, "too long for an amount"),
        ("¥100", "'¥' does not stand for GBP"),
        ("100元", "'元' does not stand for GBP"),
        ("100 CNY", "'CNY' does not stand for GBP"),
        ("$100", "'$' does not stand for GBP"),
        ("+5", "'+' does not stand for GBP"),
        ("twelve", "there is no number in it"),
        ("0x10", "only decimal numbers"),
        (".50", "digits on both sides"),
        ("5.", "digits on both sides"),
        ("100 200", "' ' cannot stand among the digits"),
        ("1'000", "cannot stand among the digits"),
        ("10-20", "'-' cannot stand among the digits"),
        ("5\x00", "does not stand for GBP"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_reason(text: str, reason: str) -> None:
    error = refusal(text, field="amount")
    assert reason in str(error)
    quoted = text if len(text) <= 60 else text[:59] + "…"
    assert str(error).startswith(f"amount is {quoted!r}; ")
    assert error.field == "amount"
    assert error.hint
    assert error.hint.format(**error.params)


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\u3000"])
def test_an_empty_amount_is_refused_by_the_name_of_its_field(text: str) -> None:
    assert str(refusal(text, field="first amount")) == "first amount is empty."


def test_a_currency_without_decimals_takes_none() -> None:
    assert "JPY has no decimals" in str(refusal("100.5", "JPY"))
    assert "JPY has no decimals" in str(refusal("100.00", "JPY"))


@pytest.mark.parametrize(
    "text",
    ["1.234,56", "12,5", "1234,56", "1,23", "1,2345", "12,34,567", "0,123", "1.2.3", ",,1,1"],
)
def test_marks_that_a_decimal_point_leaves_unclear_are_refused(text: str) -> None:
    error = refusal(text)
    if text.startswith(","):
        assert "digits on both sides" in str(error)
    else:
        assert "here '.' is the decimal mark, and ',' only groups thousands" in str(error)
        assert error.params["example"] == "1234.56"


@pytest.mark.parametrize("text", ["1,234.56", "12.50", "1234.56", "1.23.456"])
def test_marks_of_the_other_locale_are_refused_under_a_decimal_comma(text: str) -> None:
    error = refusal(text, "EUR", decimal_mark=",")
    assert "here ',' is the decimal mark, and '.' only groups thousands" in str(error)
    assert error.params["example"] == "1234,56"


def test_nothing_can_be_meant_where_the_caller_allows_it() -> None:
    assert money.parse("0", "GBP", zero_ok=True) == 0
    with pytest.raises(InputError, match="no minus sign"):
        money.parse("-0", "GBP", zero_ok=True)


def test_the_largest_amount_is_read_and_one_more_is_not() -> None:
    assert money.parse(money.plain(money.MAX_MINOR, "GBP"), "GBP") == money.MAX_MINOR
    assert "larger than any" in str(refusal(money.plain(money.MAX_MINOR + 1, "GBP")))


def test_a_decimal_mark_that_is_none_is_the_caller_s_mistake() -> None:
    with pytest.raises(ValueError, match="decimal mark"):
        money.parse("1", "GBP", decimal_mark="'")


@pytest.mark.parametrize(
    ("code", "places"),
    [("GBP", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("UYW", 4), ("ISK", 0), ("HUF", 2)],
)
def test_the_decimals_are_those_of_iso_4217(code: str, places: int) -> None:
    assert money.exponent(code) == places


@pytest.mark.parametrize("text", ["GB", "XYZ", "", "£", "XAU", "XXX", "HRK", "\uff27BP"])
def test_an_unknown_currency_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        money.currency_code(text, field="currency")
    assert str(caught.value) == (
        f"currency is {text!r}; that is no active currency code of ISO 4217."
    )
    with pytest.raises(InputError):
        money.exponent(text)


def test_a_currency_code_may_be_typed_small() -> None:
    assert money.currency_code(" gbp ") == "GBP"


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123450, "GBP", "1234.50"),
        (5, "GBP", "0.05"),
        (-5, "GBP", "-0.05"),
        (0, "GBP", "0.00"),
        (100, "JPY", "100"),
        (-100, "JPY", "-100"),
        (1, "KWD", "0.001"),
        (12345, "CLF", "1.2345"),
    ],
)
def test_a_plain_amount_has_all_its_decimals(minor: int, currency: str, text: str) -> None:
    assert money.plain(minor, currency) == text


def test_what_does_not_divide_goes_to_the_largest_fractions_and_then_to_the_earlier() -> None:
    assert money.split(100, [1, 1, 1]) == [34, 33, 33]
    assert money.split(10, [7, 2, 1]) == [7, 2, 1]
    assert money.split(5, [1, 3]) == [1, 4]
    assert money.split(7, [1, 2, 4, 0]) == [1, 2, 4, 0]
    assert money.split(-100, [1, 1, 1]) == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_total_is_not_split_without_a_positive_weight(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.split(100, weights)
