"""Rates as they are typed, and the sums they make."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.daycount import Basis
from tracker.core.interest import (
    LateFee,
    Penalty,
    Per,
    Rate,
    interest_minor,
    parse_rate,
    parse_share,
    rate_text,
    rounded,
    share_text,
)
from tracker.errors import InputError


@pytest.mark.parametrize(
    ("text", "ppb", "per"),
    [
        ("18.25%", 182_500_000, Per.YEAR),
        (" 18.25 % ", 182_500_000, Per.YEAR),
        ("18.25％", 182_500_000, Per.YEAR),
        ("18.25 percent a year", 182_500_000, Per.YEAR),
        ("18 per cent p.a.", 180_000_000, Per.YEAR),
        ("18%/年", 180_000_000, Per.YEAR),
        ("1825 bps", 182_500_000, Per.YEAR),
        ("1 bp", 100_000, Per.YEAR),
        ("12‰", 12_000_000, Per.YEAR),
        ("0.05% a day", 500_000, Per.DAY),
        ("0.05%/day", 500_000, Per.DAY),
        ("5bps/day", 500_000, Per.DAY),
        ("0.05%/日", 500_000, Per.DAY),
        ("1.75 bps per day", 175_000, Per.DAY),
        ("1.5% a month", 180_000_000, Per.YEAR),
        ("1.5%/月", 180_000_000, Per.YEAR),
        ("0%", 0, Per.YEAR),
        ("0.000%", 0, Per.YEAR),
        ("100%", 1_000_000_000, Per.YEAR),
        ("1000%", 10_000_000_000, Per.YEAR),
        ("5000 bps", 500_000_000, Per.YEAR),
        ("0.0000001%", 1, Per.YEAR),
        ("18.250000000000%", 182_500_000, Per.YEAR),
    ],
)
def test_a_rate_is_read_as_it_is_meant(text: str, ppb: int, per: Per) -> None:
    assert parse_rate(text) == Rate(ppb=ppb, per=per)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("18", "percent or basis points is not said"),
        ("18.25", "percent or basis points is not said"),
        ("18 a year", "percent or basis points is not said"),
        ("5000%", "above 1,000 % a year"),
        ("1000.0000001%", "above 1,000 % a year"),
        ("3% a day", "above 1,000 % a year"),
        ("90% a month", "above 1,000 % a year"),
        ("１２%", "only the digits 0 to 9"),
        ("١٨%", "only the digits 0 to 9"),
        ("18²%", "only the digits 0 to 9"),
        ("18,25%", "'.' is the decimal mark"),
        ("1,825 bps", "'.' is the decimal mark"),
        ("-5%", "cannot be read as a rate"),
        ("+5%", "cannot be read as a rate"),
        ("5%%", "cannot be read as a rate"),
        ("18.%", "cannot be read as a rate"),
        (".5%", "cannot be read as a rate"),
        ("1.825,5%", "cannot be read as a rate"),
        ("1e1%", "cannot be read as a rate"),
        ("18% a fortnight", "cannot be read as a rate"),
        ("eighteen percent", "cannot be read as a rate"),
        ("nan%", "cannot be read as a rate"),
        ("18% 19%", "cannot be read as a rate"),
        ("0.00000001%", "so many digits"),
        ("9999999999%", "so many digits"),
        ("9" * 5_000 + "%", "so many digits"),
        ("0." + "1" * 5_000 + "%", "so many digits"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_rate(text, field="penalty")
    assert reason in str(refused.value)
    assert str(refused.value).startswith("penalty is ")
    assert refused.value.field == "penalty"
    assert refused.value.hint is not None
    assert refused.value.hint.format(**refused.value.params)
    assert len(str(refused.value)) < 160


def test_the_hint_to_a_bare_number_can_be_typed() -> None:
    with pytest.raises(InputError) as refused:
        parse_rate("18 a year")
    assert refused.value.hint is not None
    assert refused.value.hint.format(**refused.value.params) == "Write 18% or 18 bps."


def test_basis_points_typed_as_percent_are_told_apart() -> None:
    with pytest.raises(InputError) as refused:
        parse_rate("5000%")
    assert refused.value.hint == "If basis points were meant, write bps: 5000 bps is 50 %."


def test_with_a_decimal_comma_a_point_is_refused() -> None:
    """1.825 bps would be a thousand times less or more."""
    assert parse_rate("18,25%", decimal_mark=",") == Rate(ppb=182_500_000)
    for text in ("18.25%", "1.825 bps"):
        with pytest.raises(InputError, match="decimal mark") as refused:
            parse_rate(text, decimal_mark=",")
        assert refused.value.hint is not None
        assert refused.value.hint.format(**refused.value.params) == "Write it like 18,25%."


@pytest.mark.parametrize(
    ("text", "ppb"),
    [("5%", 50_000_000), ("50 %", 500_000_000), ("0%", 0), ("100%", 10**9), ("50bps", 5_000_000)],
)
def test_a_share_is_read(text: str, ppb: int) -> None:
    assert parse_share(text, field="late_fee_share") == ppb


@pytest.mark.parametrize(
    "text", ["", "5", "5000%", "5% a day", "5% a year", "5% a month", "１%", "5,5%", "-5%", "five"]
)
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_share(text, field="late_fee_share")
    assert refused.value.field == "late_fee_share"
    assert str(refused.value)


@pytest.mark.parametrize("text", ["18.25%", "0.05% a day", "0%", "100%", "0.0000001%", "1.5%"])
def test_a_rate_is_written_as_it_can_be_typed_again(text: str) -> None:
    assert rate_text(parse_rate(text)) == text


def test_a_share_is_written_without_needless_digits() -> None:
    assert [share_text(ppb) for ppb in (50_000_000, 5_000_000, 0, 1)] == [
        "5%",
        "0.5%",
        "0%",
        "0.0000001%",
    ]


def test_interest_of_one_period_is_rounded_half_up_once() -> None:
    start, end = date(2026, 1, 1), date(2026, 1, 31)
    # 30 days at 18.25 % by act/365 are 1.5 %.
    assert interest_minor(100_000, parse_rate("18.25%"), start, end, Basis.ACT_365F) == 1_500
    assert interest_minor(100, parse_rate("18.25%"), start, end, Basis.ACT_365F) == 2  # 1.5
    assert interest_minor(99, parse_rate("18.25%"), start, end, Basis.ACT_365F) == 1  # 1.485
    assert interest_minor(100, parse_rate("0.05% a day"), start, end, Basis.THIRTY_360) == 2
    assert interest_minor(10**15, Rate(ppb=1), start, date(2027, 1, 1), Basis.ACT_365F) == 10**6
    assert interest_minor(100_000, parse_rate("18.25%"), start, start, Basis.ACT_365F) == 0


def test_half_is_rounded_towards_plus_infinity() -> None:
    assert [rounded(n, 4) for n in (1, 2, 3, 5, 6, -1, -2, -3)] == [0, 1, 1, 1, 2, 0, 0, -1]


def test_a_penalty_has_one_rate() -> None:
    for rate, above in ((None, None), (Rate(ppb=1), 1)):
        with pytest.raises(InputError, match="rate of its own or a share") as refused:
            Penalty(rate=rate, above_ppb=above)
        assert refused.value.field == "penalty"


def test_a_penalty_above_the_contract_rate_follows_it() -> None:
    daily = Rate(ppb=500_000, per=Per.DAY)
    assert Penalty(above_ppb=500_000_000).at(daily) == Rate(ppb=250_000, per=Per.DAY)
    assert Penalty(above_ppb=500_000_000, instead=True).at(daily) == Rate(ppb=750_000, per=Per.DAY)
    assert Penalty(above_ppb=500_000_000).at(None) is None
    assert Penalty(rate=daily).at(None) == daily


def test_a_late_fee_is_a_sum_or_a_share() -> None:
    for flat, share in ((None, None), (1, 1)):
        with pytest.raises(InputError, match="flat sum or a share"):
            LateFee(flat_minor=flat, share_ppb=share)
    with pytest.raises(InputError, match="cap is below its minimum") as refused:
        LateFee(share_ppb=1, least_minor=10, most_minor=9)
    assert refused.value.field == "late_fee_cap"


def test_a_late_fee_keeps_to_its_bounds_and_is_nothing_on_nothing() -> None:
    fee = LateFee(share_ppb=50_000_000, least_minor=10, most_minor=20)
    assert [fee.on(overdue) for overdue in (-5, 0, 1, 200, 210, 290, 400, 9_999)] == [
        0,
        0,
        10,
        10,
        11,  # 10.5
        15,  # 14.5
        20,
        20,
    ]
    assert LateFee(flat_minor=7).on(0) == 0
    assert LateFee(flat_minor=7).on(1) == 7
