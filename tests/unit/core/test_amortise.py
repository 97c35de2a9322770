"""Level payments and their interest, to the last unit, against figures others published."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest

from tracker.core import schedule
from tracker.core.amortise import Level, amortise, amortise_by_payment
from tracker.core.dates import MOST, Every, occurrences
from tracker.core.daycount import Basis
from tracker.core.interest import Per, Rate, parse_rate
from tracker.core.money import MAX_MINOR
from tracker.core.schedule import Row
from tracker.errors import InputError

START = date(2027, 1, 1)
FIRST = date(2027, 2, 1)


def months(count: int) -> list[date]:
    return occurrences(FIRST, Every.MONTHLY, count)


def monthly(
    principal: int,
    percent: str,
    count: int,
    *,
    payment: int | None = None,
    level: Level = Level.UP,
) -> list[Row]:
    return amortise(
        principal,
        months(count),
        starts_on=START,
        rate=parse_rate(percent),
        basis=Basis.MONTHLY,
        currency="USD",
        payment_minor=payment,
        level=level,
    )


def by_payment(principal: int, percent: str, payment: int) -> list[Row]:
    return amortise_by_payment(
        principal,
        payment,
        months,
        starts_on=START,
        rate=parse_rate(percent),
        basis=Basis.MONTHLY,
        currency="USD",
    )


def balances(principal: int, rows: list[Row]) -> list[int]:
    left = []
    for row in rows:
        principal -= row.amount_minor - row.interest_minor
        left.append(principal)
    return left


def amounts(rows: list[Row]) -> list[int]:
    return [row.amount_minor for row in rows]


# by hand


def test_a_level_payment_of_a_thousand_at_one_percent_a_month() -> None:
    rows = monthly(100_000, "12%", 12)
    assert amounts(rows) == [88_85] * 11 + [88_84]
    # 1,000.00 × 1 % = 10.00; (1,000.00 - 78.85) × 1 % = 9.2115; and so on.
    assert [row.interest_minor for row in rows[:3]] == [10_00, 9_21, 8_42]
    assert [row.due_on for row in rows] == months(12)


def test_the_interest_column_is_that_of_a_computation_in_decimals() -> None:
    cent, balance = Decimal("0.01"), Decimal("1000.00")
    for row in monthly(100_000, "12%", 12):
        interest = (balance / 100).quantize(cent, ROUND_HALF_UP)
        assert Decimal(row.interest_minor) / 100 == interest
        balance += interest - Decimal(row.amount_minor) / 100
    assert balance == 0


def test_half_a_unit_of_interest_is_rounded_up() -> None:
    # 0.50 × 12 % ÷ 12 = 0.005
    assert [row.interest_minor for row in monthly(50, "12%", 1)] == [1]
    assert [row.interest_minor for row in monthly(49, "12%", 1)] == [0]


def test_interest_runs_by_the_days_of_each_period() -> None:
    rows = amortise(
        365_000,
        [date(2027, 1, 31), date(2027, 3, 2), date(2027, 3, 3)],
        starts_on=date(2027, 1, 1),
        rate=parse_rate("10%"),
        basis=Basis.ACT_365F,
        currency="GBP",
        payment_minor=1_030_00,
    )
    # 3,650.00 at 10 % is 1.00 a day: 30 days; then 2,650.00 for 30; then 1,641.78 for one.
    assert [row.interest_minor for row in rows] == [30_00, 21_78, 45]
    assert amounts(rows) == [1_030_00, 1_030_00, 1_642_23]


def test_a_daily_rate_counts_days_whatever_the_basis() -> None:
    rows = amortise(
        10_000_00,
        [date(2027, 1, 31)],
        starts_on=date(2027, 1, 1),
        rate=parse_rate("0.05% a day"),
        basis=Basis.THIRTY_360,
        currency="CNY",
    )
    assert rows == [Row(due_on=date(2027, 1, 31), amount_minor=10_150_00, interest_minor=150_00)]


@pytest.mark.parametrize("basis", list(Basis))
def test_no_interest_makes_equal_parts(basis: Basis) -> None:
    rows = amortise(
        100_00, months(3), starts_on=START, rate=parse_rate("0%"), basis=basis, currency="GBP"
    )
    assert rows == schedule.equal(100_00, months(3))
    assert amounts(rows) == [33_33, 33_33, 33_34]


@pytest.mark.parametrize("percent", ["100%", "5000bps"])
def test_dear_rates_amortise_too(percent: str) -> None:
    rows = monthly(100_000, percent, 24)
    assert balances(100_000, rows)[-1] == 0
    # 1,000.00 × 100 % ÷ 12 = 83.33; 50 %: 41.67
    assert rows[0].interest_minor == (83_33 if percent == "100%" else 41_67)
    assert all(row.amount_minor > row.interest_minor for row in rows)


def test_the_largest_debt_amortises_exactly() -> None:
    rows = monthly(MAX_MINOR, "12%", 600)
    assert sum(row.amount_minor - row.interest_minor for row in rows) == MAX_MINOR
    assert rows[0].interest_minor == MAX_MINOR // 100
    assert rows[-1].amount_minor <= rows[0].amount_minor


def test_many_rows_of_few_units_leave_the_rest_to_the_last() -> None:
    # 8 a month would be done after 13 rows; with 7 the last pays 9. A month of 1 % earns nothing.
    assert amounts(monthly(100, "1%", 14)) == [7] * 13 + [9]
    assert amounts(monthly(100, "1%", 14, level=Level.NEAREST)) == [7] * 13 + [9]
    assert amounts(monthly(100, "1%", 13)) == [8] * 12 + [4]


def test_a_debt_too_small_for_its_rows_is_refused_with_how_many_do() -> None:
    with pytest.raises(InputError) as caught:
        monthly(5, "1%", 12)
    assert caught.value.field == "total"
    assert str(caught.value) == "The total is too small for 12 instalments; 5 are enough."


def test_so_many_rows_that_a_long_month_outruns_them_are_refused_with_how_many_do() -> None:
    def made(count: int) -> list[Row]:
        return amortise(
            100_000,
            months(count),
            starts_on=START,
            rate=parse_rate("12%"),
            basis=Basis.ACT_365F,
            currency="GBP",
        )

    # Over fifty years it would be 10.03 a month, and 31 days cost 10.19.
    with pytest.raises(InputError, match="some would not cover their interest") as caught:
        made(600)
    assert caught.value.field == "count"
    rows = made(caught.value.params["fewer"])
    assert rows[0].amount_minor == 10_20
    assert balances(100_000, rows)[-1] == 0


@pytest.mark.parametrize("total", [0, -1, MAX_MINOR + 1])
def test_a_total_out_of_range_is_refused(total: int) -> None:
    with pytest.raises(InputError) as caught:
        monthly(total, "12%", 12)
    assert caught.value.field == "total"


def test_a_first_due_day_before_interest_begins_is_refused() -> None:
    with pytest.raises(InputError, match="2027-02-01 comes before 2027-02-02") as caught:
        amortise(
            100_00,
            months(3),
            starts_on=FIRST + timedelta(days=1),
            rate=parse_rate("12%"),
            basis=Basis.MONTHLY,
            currency="GBP",
        )
    assert caught.value.field == "days"


def test_a_row_larger_than_any_amount_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        monthly(MAX_MINOR, "12%", 1)
    assert caught.value.field == "total"


# a payment is given


def test_a_given_payment_leaves_the_rest_to_the_last_row() -> None:
    rows = monthly(100_000, "12%", 12, payment=80_00)
    assert amounts(rows)[:11] == [80_00] * 11
    # 1,000 × 1.01^12 - 80 × (1.01^12 - 1.01) ÷ 0.01 = 1,126.825 - 934.600
    assert amounts(rows)[11] == 192_22
    assert balances(100_000, rows)[-1] == 0


@pytest.mark.parametrize("payment", [1, 9_99, 10_00])
def test_a_payment_that_covers_only_interest_never_amortises(payment: int) -> None:
    with pytest.raises(InputError) as caught:
        monthly(100_000, "12%", 12, payment=payment)
    error = caught.value
    assert error.field == "amount"
    assert str(error) == (
        f"amount is {payment // 100}.{payment % 100:02d}, and the interest alone is 10.00; "
        "the balance would not fall."
    )
    assert error.hint is not None
    assert error.hint.format(**error.params) == "The smallest that works is 10.01."
    assert balances(100_000, monthly(100_000, "12%", 12, payment=10_01))[0] == 99_999


def test_a_payment_that_a_longer_period_outruns_is_refused() -> None:
    # 28 days of February cost 9.21, 31 days of March 10.19.
    with pytest.raises(InputError) as caught:
        amortise(
            100_000,
            [date(2027, 3, 1), date(2027, 4, 1), date(2027, 5, 1)],
            starts_on=date(2027, 2, 1),
            rate=parse_rate("12%"),
            basis=Basis.ACT_365F,
            currency="GBP",
            payment_minor=10_00,
        )
    assert "the interest alone is 10.18" in str(caught.value)
    assert caught.value.params["least"] == "10.19"


def test_a_payment_that_is_done_early_is_refused_with_how_many_do() -> None:
    with pytest.raises(InputError) as caught:
        monthly(100_000, "12%", 12, payment=100_00)
    assert caught.value.field == "amount"
    assert "the debt is paid off after 11 instalments, not 12" in str(caught.value)
    assert len(by_payment(100_000, "12%", 100_00)) == 11


# the number is derived


def test_the_number_follows_from_the_payment() -> None:
    rows = by_payment(100_000, "12%", 88_85)
    assert rows == monthly(100_000, "12%", 12)


def test_a_payment_that_pays_at_once_makes_one_row() -> None:
    assert amounts(by_payment(100_000, "12%", 1_010_00)) == [1_010_00]
    assert amounts(by_payment(100_000, "12%", 1_009_99)) == [1_009_99, 1]


def test_without_interest_the_number_is_that_of_equal_amounts() -> None:
    assert by_payment(100_00, "0%", 30_00) == schedule.by_amount(100_00, 30_00, months)


@pytest.mark.parametrize(
    ("payment", "said"),
    [
        (10_00, "amount is 10.00, and the interest alone is 10.00; the balance would not fall."),
        (10_01, "amount is 10.01; the debt would not be paid off within 600 instalments."),
    ],
)
def test_a_payment_too_small_names_the_smallest_that_works(payment: int, said: str) -> None:
    with pytest.raises(InputError) as caught:
        by_payment(100_000, "12%", payment)
    error = caught.value
    assert error.field == "amount"
    assert str(error) == said
    assert error.hint == "The smallest that works is {least}."
    least = int(error.params["least"].replace(".", ""))
    assert len(by_payment(100_000, "12%", least)) <= MOST
    with pytest.raises(InputError):
        by_payment(100_000, "12%", least - 1)


def test_the_smallest_is_the_level_payment_of_the_most_rows() -> None:
    with pytest.raises(InputError) as caught:
        by_payment(MAX_MINOR, "12%", 1)
    level = monthly(MAX_MINOR, "12%", MOST)[0].amount_minor
    assert int(caught.value.params["least"].replace(".", "")) == level


def test_a_yen_amount_has_no_decimals_in_the_sentence() -> None:
    with pytest.raises(InputError, match="amount is 500, and the interest alone is 1000;"):
        amortise_by_payment(
            100_000,
            500,
            months,
            starts_on=START,
            rate=Rate(ppb=120_000_000, per=Per.YEAR),
            basis=Basis.MONTHLY,
            currency="JPY",
        )


# published figures


NUMPY_FINANCIAL = """
    1  200.58   17.17  2299.42
    2  201.96   15.79  2097.46
    3  203.35   14.40  1894.11
    4  204.74   13.01  1689.37
    5  206.15   11.60  1483.22
    6  207.56   10.18  1275.66
    7  208.99    8.76  1066.67
    8  210.42    7.32   856.25
    9  211.87    5.88   644.38
   10  213.32    4.42   431.05
   11  214.79    2.96   216.26
   12  216.26    1.49     0.00
"""


def test_numpy_financial_s_table_of_a_year() -> None:
    """numpy_financial.ipmt, "Examples": 2,500 over 12 months at 8.24 %, its amounts unsigned.

    It pays 217.7486 a month and keeps fractions of a cent; the 217.75 that can be
    paid is 0.0014 more, which comes to a cent of interest and two of principal by the last row.
    """
    rows = monthly(250_000, "8.24%", 12)
    assert amounts(rows) == [217_75] * 11 + [217_72]
    table = [
        [int(each.replace(".", "")) for each in line.split()]
        for line in NUMPY_FINANCIAL.strip().splitlines()
    ]
    interest = [row.interest_minor for row in rows]
    principal = [row.amount_minor - row.interest_minor for row in rows]
    assert interest[:11] == [line[2] for line in table[:11]]
    assert interest[11] == table[11][2] - 1
    assert principal[11] == table[11][1] - 2
    for ours, (_, theirs, _, _) in zip(principal[:11], table, strict=False):
        assert abs(ours - theirs) <= 1
    for left, (_, _, _, theirs) in zip(balances(250_000, rows), table, strict=True):
        assert abs(left - theirs) <= 2
    # Its interest comes to 112.98.
    assert sum(interest) == 112_97


@pytest.mark.parametrize(
    ("principal", "percent", "count", "published"),
    [
        # Regulation Z, 12 CFR 1026 appendix H, form H-25(B): $162,000 at 3.875 %, 30 years.
        (162_000_00, "3.875%", 360, 761_78),
        # The same, form H-14: $10,000, 30 years, an initial rate of 12.41 %.
        (10_000_00, "12.41%", 360, 106_03),
        # numpy_financial.pmt, "Examples": 200,000 in 15 years at 7.5 %, -1854.0247…
        (200_000_00, "7.5%", 180, 1_854_02),
        # Visual FoxPro reference, PAYMENT( ): 100,000 in 20 years at 10.5 %, 998.38
        (100_000_00, "10.5%", 240, 998_38),
        # MATLAB Financial Toolbox, amortize: 100,000 in 30 years at 12 %, 1028.61
        (100_000_00, "12%", 360, 1_028_61),
        # SAS/ETS LOAN procedure, "Refinancing a Loan": $78,500 in 15 years at 9 %, 796.20
        (78_500_00, "9%", 180, 796_20),
        # SAS/ETS LOAN procedure, "Prepayments on a Loan": $240,000 in 30 years at 8.25 %
        (240_000_00, "8.25%", 360, 1_803_04),
    ],
)
def test_a_published_level_payment(
    principal: int, percent: str, count: int, published: int
) -> None:
    rows = monthly(principal, percent, count, level=Level.NEAREST)
    assert rows[0].amount_minor == published
    assert balances(principal, rows)[-1] == 0
    up = monthly(principal, percent, count)
    assert up[0].amount_minor in (published, published + 1)
    assert up[-1].amount_minor <= up[0].amount_minor


def test_the_interest_of_a_whole_loan_as_sas_prints_it() -> None:
    """SAS/ETS LOAN procedure, "Prepayments on a Loan", output without prepayments:
    total interest 409,094.17, total payment 649,094.17."""
    rows = monthly(240_000_00, "8.25%", 360, level=Level.NEAREST)
    assert sum(row.interest_minor for row in rows) == 409_094_17
    assert sum(row.amount_minor for row in rows) == 649_094_17


def test_a_balance_on_the_way_as_sas_prints_it() -> None:
    """SAS/ETS LOAN procedure, "Refinancing a Loan": June 1995 to February 1998, 32 payments;
    outstanding 71,028.75, interest paid 18,007.15."""
    rows = monthly(78_500_00, "9%", 180, level=Level.NEAREST)
    assert balances(78_500_00, rows)[31] == 71_028_75
    assert sum(row.interest_minor for row in rows[:32]) == 18_007_15


def test_an_adjustable_rate_as_regulation_z_samples_it() -> None:
    """12 CFR 1026 appendix H, form H-14: $10,000 over 30 years begin at 12.41 %; at most two
    points more a year and five in all, the payment of 106.03 can rise to 145.34 in the fourth
    year. Each year the level payment is found anew for what is left."""
    balance, payments = 10_000_00, []
    for year, percent in enumerate(("12.41%", "14.41%", "16.41%", "17.41%")):
        rows = monthly(balance, percent, 360 - 12 * year, level=Level.NEAREST)
        payments.append(rows[0].amount_minor)
        balance = balances(balance, rows)[11]
    assert (payments[0], payments[3]) == (106_03, 145_34)


def test_a_published_payment_can_be_given_as_it_is() -> None:
    """Regulation Z, form H-25(B), again: the creditor's 761.78 makes a last row of 764.68."""
    rows = monthly(162_000_00, "3.875%", 360, payment=761_78)
    assert rows == monthly(162_000_00, "3.875%", 360, level=Level.NEAREST)
    assert rows[-1].amount_minor == 764_68
    assert all(a.due_on < b.due_on for a, b in pairwise(rows))
