"""A typed rate, and what it makes of a sum."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.core.exchange import converted, parse_rate
from tracker.errors import InputError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("7.10", "7.10"),
        ("7", "7"),
        (" 0.000001 ", "0.000001"),
        ("123456789012", "123456789012"),
        ("0.79", "0.79"),
    ],
)
def test_a_plain_decimal_is_kept_as_typed(typed: str, kept: str) -> None:
    assert parse_rate(typed) == kept


def test_a_comma_is_read_where_it_is_the_decimal_mark_and_kept_as_a_point() -> None:
    assert parse_rate("7,10", decimal_mark=",") == "7.10"
    with pytest.raises(InputError, match=r"'7\.10'"):
        parse_rate("7.10", decimal_mark=",")


@pytest.mark.parametrize(
    "typed",
    [
        *("", "0", "0.0", "-1", "+1", "NaN", "inf", "1e5", "1_0", "1,000.5", "7,1", "7.", ".5"),
        *("07.1", "7%", "7.1 CNY", "\u0667", "\uff17", "1234567890123", "1.234567890123", "7.1\n8"),
    ],
)
def test_everything_else_is_refused_by_field_and_value(typed: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_rate(typed)
    assert refused.value.field == "rate"
    assert "rate" in str(refused.value)


@pytest.mark.parametrize(
    ("minor", "currency", "rate", "into", "made"),
    [
        (10_000, "USD", "7.10", "CNY", 71_000),
        (10_000, "USD", "0.79", "GBP", 7_900),
        (1, "USD", "0.5", "GBP", 1),  # half up
        (1, "USD", "0.49", "GBP", 0),
        (10_000, "JPY", "0.0052", "GBP", 5_200),
        (10_000, "GBP", "192.5", "JPY", 19_250),
        (1_000, "KWD", "2.567", "GBP", 257),
    ],
)
def test_a_sum_is_converted_by_minor_units_and_rounded_half_up_once(
    minor: int, currency: str, rate: str, into: str, made: int
) -> None:
    assert converted(minor, currency, rate, into) == made


@given(minor=st.integers(1, 10**15), whole=st.integers(0, 10**6), decimals=st.integers(1, 10**6))
def test_no_conversion_is_off_by_more_than_half_a_minor_unit(
    minor: int, whole: int, decimals: int
) -> None:
    rate = f"{whole}.{decimals:07}"
    exact = Fraction(minor) * Fraction(rate)
    assert -Fraction(1, 2) <= exact - converted(minor, "GBP", rate, "USD") < Fraction(1, 2)
