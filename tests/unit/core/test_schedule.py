"""From what was agreed to dated rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tracker.core import schedule
from tracker.core.dates import Every, occurrences
from tracker.core.schedule import Remainder, Row
from tracker.errors import InputError

TODAY = date(2026, 11, 24)
ANCHOR = date(2026, 12, 4)


def months(count: int) -> list[date]:
    return occurrences(ANCHOR, Every.MONTHLY, count)


def amounts(rows: list[Row]) -> list[int]:
    return [row.amount_minor for row in rows]


def custom(text: str, currency: str = "GBP", decimal_mark: str = ".") -> list[tuple[str, int]]:
    rows = schedule.custom(text, currency, today=TODAY, decimal_mark=decimal_mark)
    return [(row.due_on.isoformat(), row.amount_minor) for row in rows]


def refusal(text: str, currency: str = "GBP", decimal_mark: str = ".") -> InputError:
    with pytest.raises(InputError) as caught:
        schedule.custom(text, currency, today=TODAY, decimal_mark=decimal_mark)
    return caught.value


# equal parts


@pytest.mark.parametrize(
    ("remainder", "expected"),
    [
        (Remainder.LAST, [2500, 2500, 2500, 2503]),
        (Remainder.FIRST, [2503, 2500, 2500, 2500]),
        (Remainder.SPREAD, [2501, 2501, 2501, 2500]),
    ],
)
def test_what_does_not_divide_goes_where_it_was_agreed(
    remainder: Remainder, expected: list[int]
) -> None:
    rows = schedule.equal(10003, months(4), remainder=remainder)
    assert amounts(rows) == expected
    assert [row.due_on for row in rows] == months(4)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (5000, None, [5000, 1666, 1666, 1668]),
        (None, 5000, [1666, 1666, 1668, 5000]),
        (4000, 5000, [4000, 500, 500, 5000]),
    ],
)
def test_a_first_or_last_amount_can_be_fixed(
    first: int | None, last: int | None, expected: list[int]
) -> None:
    rows = schedule.equal(10000, months(4), first_minor=first, last_minor=last)
    assert amounts(rows) == expected


def test_fixed_amounts_alone_can_make_the_total() -> None:
    assert amounts(schedule.equal(100, months(1), first_minor=100)) == [100]
    assert amounts(schedule.equal(100, months(2), first_minor=60, last_minor=40)) == [60, 40]


@pytest.mark.parametrize(
    ("total", "count", "first", "last", "reason", "field"),
    [
        (0, 2, None, None, "must be more than nothing", "total"),
        (10**15 + 1, 2, None, None, "not larger than any debt", "total"),
        (3, 4, None, None, "too small for 4 instalments", "total"),
        (100, 4, 98, None, "too small for 4 instalments", "total"),
        (100, 4, 90, 20, "too small for 4 instalments", "total"),
        (100, 1, 60, None, "do not make the total", "first"),
        (100, 2, 60, 30, "do not make the total", "first"),
        (100, 1, 60, 40, "do not make the total", "first"),
        (100, 1, None, 40, "do not make the total", "last"),
        (100, 2, 0, None, "The first must be more than nothing", "first"),
        (100, 2, None, -5, "The last must be more than nothing", "last"),
        (100, 0, None, None, "count is 0; a plan has 1 to 600 instalments", "count"),
    ],
)
def test_parts_that_do_not_add_up_are_refused(
    total: int, count: int, first: int | None, last: int | None, reason: str, field: str
) -> None:
    days = months(count) if count else []
    with pytest.raises(InputError) as caught:
        schedule.equal(total, days, first_minor=first, last_minor=last)
    assert reason in str(caught.value)
    assert caught.value.field == field


def test_more_than_six_hundred_days_are_refused() -> None:
    days = [ANCHOR + timedelta(days=i) for i in range(601)]
    assert len(schedule.equal(60000, days[:600])) == 600
    with pytest.raises(InputError, match="count is 601; a plan has 1 to 600"):
        schedule.equal(60000, days)


@pytest.mark.parametrize("days", [[ANCHOR, ANCHOR], [ANCHOR, ANCHOR - timedelta(days=1)]])
def test_due_days_must_increase(days: list[date]) -> None:
    with pytest.raises(InputError, match=f"{days[1]} does not come after 2026-12-04"):
        schedule.equal(100, days)


# a fixed amount


@pytest.mark.parametrize(
    ("total", "amount", "expected"),
    [
        (10000, 3000, [3000, 3000, 3000, 1000]),
        (9000, 3000, [3000, 3000, 3000]),
        (9001, 3000, [3000, 3000, 3000, 1]),
        (2000, 3000, [2000]),
    ],
)
def test_the_number_follows_from_the_amount_and_the_last_takes_the_rest(
    total: int, amount: int, expected: list[int]
) -> None:
    rows = schedule.by_amount(total, amount, months)
    assert amounts(rows) == expected
    assert [row.due_on for row in rows] == months(len(expected))


@pytest.mark.parametrize(
    ("total", "amount", "reason", "field"),
    [
        (10000, 0, "The amount must be more than nothing", "amount"),
        (10000, -5, "The amount must be more than nothing", "amount"),
        (0, 100, "must be more than nothing", "total"),
        (601, 1, "it takes 601 instalments; a plan has at most 600", "amount"),
        (10**15, 1, "it takes 1000000000000000 instalments", "amount"),
    ],
)
def test_an_amount_that_leads_nowhere_is_refused(
    total: int, amount: int, reason: str, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        schedule.by_amount(total, amount, months)
    assert reason in str(caught.value)
    assert caught.value.field == field


# a pasted list


def test_pasted_lines_are_read_with_the_separators_people_use() -> None:
    text = """
    # as agreed on the phone
    31 Jan 2027 100.00
    2027-02-28\t100.00

    31 Mar 2027, 1,100.50
    2027-04-30;100
    2027-05-31,£100.00
    Jun 30, 2027, 100.00 GBP
    2027年7月31日 100.00;
    31 Aug 2027,1,234.00
    """
    assert custom(text) == [
        ("2027-01-31", 10000),
        ("2027-02-28", 10000),
        ("2027-03-31", 110050),
        ("2027-04-30", 10000),
        ("2027-05-31", 10000),
        ("2027-06-30", 10000),
        ("2027-07-31", 10000),
        ("2027-08-31", 123400),
    ]


def test_a_date_without_a_year_is_the_coming_one() -> None:
    assert custom("4 dec 50.00\n4 jan 2000.50") == [("2026-12-04", 5000), ("2027-01-04", 200050)]
    assert custom("12月4日 50元", "CNY") == [("2026-12-04", 5000)]


def test_a_year_is_never_taken_for_money_nor_money_for_a_year() -> None:
    assert "a date and an amount must stand on it" in str(refusal("5 dec 2000"))
    assert custom("5 dec 2000,50", "EUR", ",") == [("2026-12-05", 200050)]
    assert "',' is the decimal mark" in str(refusal("31 Jan 2027,100,00", "EUR", ","))
    assert custom("31 Jan 2027;100,00", "EUR", ",") == [("2027-01-31", 10000)]


def test_a_plan_may_have_begun_in_the_past() -> None:
    assert custom("2026-01-31 10.00\n2026-12-31 10.00")[0] == ("2026-01-31", 1000)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2027-02-29 100.00", "there is no such day in 2027"),
        ("01/02/2027 100.00", "that can mean two days"),
        ("20270131 100.00", "eight digits in a row"),
        ("2027-01-31", "a date and an amount must stand on it"),
        ("2027-01-31 ;", "a date and an amount must stand on it"),
        ("2027-01-31 0", "more than nothing"),
        ("2027-01-31 -5", "never negative"),
        ("2027-01-31 100,00", "here '.' is the decimal mark"),
        ("2027-01-31 100.00 EUR", "'EUR' does not stand for GBP"),
        ("Date, Amount", "not a date known here"),
    ],
)
def test_a_bad_line_is_named_by_its_number(line: str, reason: str) -> None:
    error = refusal(f"2027-01-30 1.00\n\n{line}")
    assert str(error).startswith("line 3 is '")
    assert reason in str(error)
    assert error.field == "line 3"


def test_all_bad_lines_are_told_at_once() -> None:
    error = refusal("2027-01-31 1e5\n2027-02-28 10.00\nsoon 10.00\n2027-02-30 10.00")
    sentence = str(error)
    assert sentence.startswith("3 lines cannot be used: line 1 is '1e5'; an exponent is not read.")
    assert "line 3 is 'soon'; that is not a date known here." in sentence
    assert "line 4 is '2027-02-30'; there is no such day in 2027." in sentence
    assert error.field == "rows"


def test_days_of_pasted_lines_must_increase_and_may_not_repeat() -> None:
    error = refusal("2027-01-31 10.00\n2027-01-31 20.00")
    assert str(error) == (
        "line 2 is '2027-01-31 20.00'; 2027-01-31 stands on an earlier line already."
    )
    error = refusal("2027-01-31 10.00\n2026-12-31 10.00")
    assert "2026-12-31 comes before 2027-01-31 on an earlier line" in str(error)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("\n# nothing yet\n", 0), ("x\n" * 601, 601)])
def test_an_empty_or_endless_paste_is_refused(text: str, count: int) -> None:
    error = refusal(text)
    assert str(error) == f"There are {count} instalments in the text; a plan has 1 to 600."
    assert error.field == "rows"


def test_pasted_lines_cannot_sum_to_more_than_a_debt_may_be() -> None:
    most = "10000000000000.00"
    assert "not larger than any debt" in str(refusal(f"2027-01-31 {most}\n2027-02-28 {most}"))
