"""What is recorded late says what it changes of the days before."""

from __future__ import annotations

import pytest

from tests.peers.desk import Desk

FOUR = "2026-12-04 100.00\n2027-01-04 100.00\n2027-02-04 100.00\n2027-03-04 100.00\n"


@pytest.fixture
def late(maple: Desk) -> Desk:
    """On 10 January: the first is missed, the second late, nothing was recorded."""
    maple.plan(rows=FOUR)
    maple.clock.forward(days=47)
    return maple


def run_up_interest(desk: Desk) -> None:
    """36.5 % a year, 0.1 % a day, simple, from the day of the statement."""
    desk.ask("debt.terms", debt="maple", rate="36.5%", basis="act/365f", from_on="2026-11-24")


def changes(answer: dict[str, list[str]]) -> list[str]:
    return [line for line in answer["said"] if " was " in line or line.startswith("Interest")]


def test_a_late_payment_says_which_instalments_stand_otherwise(late: Desk) -> None:
    answer = late.ask("pay", debt="maple", amount="100", on="2026-12-03")
    assert changes(answer) == ["1 of 4 was missed and is now paid."]
    answer = late.ask("pay", debt="maple", amount="150", on="2027-01-08")
    assert changes(answer) == ["2 of 4 was late and is now paid late."]
    assert "3 of 4: part left, £50.00." in answer["said"]


def test_a_payment_of_today_says_nothing_of_the_days_before(late: Desk) -> None:
    assert changes(late.ask("pay", debt="maple", amount="200")) == []


def test_a_late_payment_moves_those_after_it(late: Desk) -> None:
    late.ask("pay", debt="maple", amount="100", on="2027-01-05")
    answer = late.ask("pay", debt="maple", amount="100", on="2026-12-04")
    # The money of 5 January now goes to the second, a day late, and the first was in time.
    assert changes(answer) == [
        "1 of 4 was paid late and is now paid.",
        "2 of 4 was late and is now paid late.",
    ]


def test_a_part_that_changes_no_state_says_none(late: Desk) -> None:
    assert changes(late.ask("pay", debt="maple", amount="1", on="2026-12-03")) == []


def test_taking_back_says_what_is_open_again(late: Desk) -> None:
    late.ask("pay", debt="maple", amount="300", on="2026-12-03")
    expected = [
        "1 of 4 was paid and is now missed.",
        "2 of 4 was paid and is now late.",
        "3 of 4 was paid and is now to come.",
    ]
    assert changes(late.ask("payment.void", payment="1")) == expected
    late.ask("pay", debt="maple", amount="300", on="2026-12-03")
    assert changes(late.ask("undo")) == expected
    late.ask("pay", debt="maple", amount="300", on="2026-12-03")
    assert changes(late.ask("bounced", debt="maple")) == expected
    late.ask("pay", debt="maple", amount="300")
    assert changes(late.ask("undo")) == []


def test_a_scheduled_payment_confirmed_late_says_it_too(late: Desk) -> None:
    late.ask("pay", debt="maple", amount="100", scheduled="2027-01-10")
    late.clock.forward(days=2)
    answer = late.ask("payment.confirm", payment="1", went="yes")
    assert changes(answer) == ["1 of 4 was missed and is now paid late."]
    late.ask("pay", debt="maple", amount="100", scheduled="2027-01-13")
    late.clock.forward(days=2)
    assert changes(late.ask("payment.confirm", payment="3", went="no")) == []


def test_of_many_changes_the_first_are_named_and_the_rest_counted(maple: Desk) -> None:
    maple.plan(rows="".join(f"2026-12-{day:02} 10.00\n" for day in range(1, 11)))
    maple.clock.forward(days=47)
    answer = maple.ask("pay", debt="maple", amount="100", on="2026-11-30")
    assert len(changes(answer)) == 6
    assert "4 more instalments stand otherwise than before." in answer["said"]


def test_where_interest_runs_the_difference_as_of_today_is_said(late: Desk) -> None:
    run_up_interest(late)
    # 88.00 of the principal gone 37 days earlier, at 0.1 % a day.
    answer = late.ask("pay", debt="maple", amount="100", on="2026-12-04")
    assert changes(answer) == [
        "1 of 4 was missed and is now paid.",
        "Interest and fees so far: £3.26 less.",
    ]
    assert changes(late.ask("payment.void", payment="1"))[-1] == (
        "Interest and fees so far: £3.26 more."
    )


def test_a_bounce_does_not_change_the_interest_of_the_time_before(late: Desk) -> None:
    run_up_interest(late)
    late.ask("pay", debt="maple", amount="100", on="2026-12-04")
    assert changes(late.ask("bounced", debt="maple")) == ["1 of 4 was paid and is now missed."]


def test_a_split_recorded_late_says_it_of_each_part(late: Desk) -> None:
    late.debt("RIVER", creditor="Birch Loans")
    late.plan(debt="river", rows="2027-01-12 100.00\n")
    late.clock.forward(days=5)
    answer = late.ask("payment.split", total="200", to=["maple=100", "river=100"], on="2027-01-12")
    assert changes(answer) == [
        "1 of 4 was missed and is now paid late.",
        "1 of 1 was late and is now paid.",
    ]


def test_money_from_before_the_plan_is_in_the_ledger_and_settles_no_instalment(
    maple: Desk,
) -> None:
    maple.clock.forward(days=3)
    maple.plan(rows=FOUR)
    answer = maple.ask("pay", debt="maple", amount="100", on="2026-11-25")
    assert (answer["covered"], changes(answer)) == ([], [])
    assert any("27 November 2026" in warning for warning in answer["warnings"])
    assert answer["balance"]["amount"] == "1100.00"
    (shown,) = maple.ask("payment.list")["payments"]
    assert (shown["on"], shown["state"]) == ("2026-11-25", "counts")
