"""Reminders and calendar of a plan as it changes, and of the current bill that it depends on.

Most tests use two instalments of 100.00, on 4 December and 4 January, of which Li
hears three days before, one day before and on the last day on which the money can leave,
and, since nothing is paid, three days after the due day that it is still open.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.integration.test_delivery import another, live, sent, without_ref
from tests.integration.test_feeds import add as add_feed
from tests.integration.test_feeds import events, fetch
from tests.integration.test_plan_life import (
    Change,
    at,
    change,
    condition,
    dues,
    pause,
    revise,
    show,
)
from tests.peers import ics_checker
from tests.peers.channels import Scripted, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker.channels.cover import forbidden_in
from tracker.daemon.tick import Ticker

# Reminders follow each change.

TO_SEND = {
    "2026-12-04": ("Thu 3 Dec", ("2026-11-30", "2026-12-02", "2026-12-03")),
    "2026-12-11": ("Thu 10 Dec", ("2026-12-07", "2026-12-09", "2026-12-10")),
    "2027-01-04": ("Thu 31 Dec", ("2026-12-28", "2026-12-30", "2026-12-31")),
    "2027-02-04": ("Wed 3 Feb", ("2027-01-31", "2027-02-02", "2027-02-03")),
}
"""The last day to send for a due day, and when Li hears of it."""
FIRST_MOVES: dict[str, tuple[Change, list[str]]] = {
    "reschedule": (
        lambda desk: change(desk, "reschedule", instalment="1", to="2026-12-11"),
        ["2026-12-11", "2027-01-04"],
    ),
    "shift": (
        lambda desk: pause(desk, start="2026-12-04", until="2027-01-01"),
        ["2027-01-04", "2027-02-04"],
    ),
    "skip": (
        lambda desk: pause(desk, start="2026-12-04", until="2027-01-01", how="skip"),
        ["2027-01-04", "2027-02-04"],
    ),
    "waive": (lambda desk: change(desk, "waive", instalment="1"), ["", "2027-01-04"]),
    "revise": (
        lambda desk: revise(desk, rows="2026-12-11 100\n2027-01-04 100\n"),
        ["2026-12-11", "2027-01-04"],
    ),
    "replace": (lambda desk: revise(desk, rows="2027-02-04 200\n"), ["2027-02-04"]),
}


def reminders(days: list[str]) -> list[tuple[datetime, str]]:
    """What is to be heard of a plan with these due days; "" stands for a waived one."""
    found = []
    for seq, day in enumerate(days, 1):
        if day:
            last, heard = TO_SEND[day]
            which = f"Li: MAPLE {seq} of {len(days)}"
            found += [(at(when), f"{which}, send by {last}. Ref #") for when in heard]
            found.append((at(late(day)), f"{which} is still open. Ref #"))
    return sorted(found)


def late(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=3)).isoformat()


@pytest.fixture
def two(maple: Desk) -> Desk:
    maple.plan(count="2", total="200", start="2026-12-04")
    return maple


@pytest.mark.parametrize("stage", ["underived", "pending", "sent"])
@pytest.mark.parametrize("name", FIRST_MOVES)
def test_after_a_change_the_new_dates_are_reminded_of_once_and_the_old_ones_never(
    two: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, name: str, stage: str
) -> None:
    act, days = FIRST_MOVES[name]
    heard: list[tuple[datetime, str]] = []
    if stage == "pending":
        clock.at = at("2026-11-30", 22)  # past the hours: it waits for the morning
        ticker.run()
        assert two.states() == ["pending"]
    if stage == "sent":
        heard = reminders(["2026-12-04", "2027-01-04"])[:1]
        live(ticker, clock, at("2026-11-30", 12))
        clock.at = at("2026-12-01", 22)
    act(two)
    assert "pending" not in two.states()
    shown = two.ask("remind.preview", days="400")["items"]
    another(ticker).run()
    live(ticker, clock, at("2027-02-20"))
    assert sent(two) == heard + reminders(days)
    assert len(sms.requests) == len(sent(two))
    assert len({each.body for each in two.messages()}) == len(two.messages())
    assert [(datetime.fromisoformat(each["at"]), each["due_on"]) for each in shown] == sorted(
        (at(when), day) for day in days if day for when in (*TO_SEND[day][1], late(day))
    )


@pytest.mark.parametrize("name", ["reschedule", "waive"])
def test_what_was_in_doubt_when_its_day_moved_is_not_sent_again(
    two: Desk, ticker: Ticker, clock: MovableClock, sms: Scripted, name: str
) -> None:
    act, days = FIRST_MOVES[name]
    sms.script.append(unknown())
    clock.at = at("2026-11-30")
    ticker.run()
    assert two.states() == ["unknown"]
    act(two)
    live(ticker, clock, at("2027-03-01"))
    assert two.states()[0] == "cancelled"
    assert sent(two) == reminders(days)


def test_moved_back_and_forth_each_date_is_told_in_its_own_generation(
    two: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at("2026-11-30", 12))
    change(two, "reschedule", instalment="1", to="2026-12-11")
    live(ticker, clock, at("2026-12-01", 12))
    change(two, "reschedule", instalment="1", to="2026-12-04")
    with_generations = {
        each["key"].rpartition("/")[2] for each in two.ask("remind.preview", days="400")["items"]
    }
    assert with_generations == {"0", "2"}
    live(ticker, clock, at("2027-01-31"))
    # What was said on the 30th is not said again; the 2nd and the 3rd are to come.
    assert sent(two) == reminders(["2026-12-04", "2027-01-04"])


def test_a_holiday_ended_early_reminds_of_the_dates_that_hold_again(
    two: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    pause(two, start="2026-12-04", until="2027-02-01")
    assert dues(show(two)) == ["2027-02-04", "2027-03-04"]
    clock.at = at("2026-12-20")
    ticker.run()
    change(two, "resume", on="2027-01-01")
    assert dues(show(two)) == ["2027-01-04", "2027-02-04"]
    live(ticker, clock, at("2027-03-02"))
    assert sent(two) == reminders(["2027-01-04", "2027-02-04"])


def test_a_moved_instalment_that_a_scheduled_payment_covers_stays_silent(
    two: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    two.ask("pay", debt="maple", amount="100", scheduled="2026-12-08")
    change(two, "reschedule", instalment="1", to="2026-12-11")
    live(ticker, clock, at("2026-12-09", 12))
    assert [text for _, text in sent(two)] == [
        "Li: MAPLE 1 of 2, did it go through on Tue 8 Dec? Ref #"
    ]
    number = two.ask("payment.list", debt="maple")["payments"][0]["number"]
    two.ask("payment.confirm", payment=str(number), went="yes")
    live(ticker, clock, at("2027-01-31"))
    second = [each for each in reminders(["2026-12-04", "2027-01-04"]) if "2 of 2" in each[1]]
    assert sent(two)[1:] == second


# The calendar follows too.


def by_uid(desk: Desk, token: str) -> dict[str, dict[str, str]]:
    file = fetch(desk, token)
    assert ics_checker.problems(file.body) == []
    return {event["UID"]: event for event in events(file)}


@pytest.mark.parametrize("name", FIRST_MOVES)
def test_in_the_calendar_a_moved_day_keeps_its_uid_and_a_dropped_one_is_cancelled(
    two: Desk, name: str
) -> None:
    token = add_feed(two)
    before = by_uid(two, token)
    two.clock.forward(hours=1)
    act, days = FIRST_MOVES[name]
    act(two)
    after = by_uid(two, token)
    standing = [each for each in after.values() if each["STATUS"] == "CONFIRMED"]
    asked = [day for day in days if day]
    assert sorted(each["DTSTART"] for each in standing) == [day.replace("-", "") for day in asked]
    for uid, old in before.items():
        new = after[uid]
        assert int(new["SEQUENCE"]) > int(old["SEQUENCE"])
        assert new["DTSTAMP"] > old["DTSTAMP"]
    gone = {uid for uid, each in after.items() if each["STATUS"] == "CANCELLED"}
    assert gone <= before.keys()
    assert len(gone) == len(before) - len(asked)
    assert all(after[uid]["TRIGGERS"] == "" for uid in gone)
    two.clock.at = at("2027-01-01", 12)
    assert not gone & by_uid(two, token).keys()


def test_through_several_changes_a_sequence_only_grows(two: Desk) -> None:
    token = add_feed(two)
    seen = by_uid(two, token)
    for act in (
        lambda: change(two, "reschedule", instalment="1", to="2026-12-11"),
        lambda: two.ask("pay", debt="maple", amount="50"),
        lambda: pause(two, start="2026-12-12", until="2027-02-01"),
        lambda: change(two, "resume", on="2026-12-20"),
        lambda: change(two, "waive", instalment="1"),
        lambda: two.ask("undo"),
        lambda: two.ask("plan.withdraw", debt="maple", reason="they sold it"),
    ):
        two.clock.forward(minutes=10)
        act()
        now = by_uid(two, token)
        for uid, old in seen.items():
            assert uid in now
            assert int(now[uid]["SEQUENCE"]) >= int(old["SEQUENCE"])
            told = {name: each for name, each in old.items() if name != "LAST-MODIFIED"}
            if {name: now[uid][name] for name in told} != told:
                assert int(now[uid]["SEQUENCE"]) > int(old["SEQUENCE"]), (uid, old, now[uid])
        seen = now


# The current bill that a plan depends on.

BILL = "Li: MAPLE, the monthly one, by {}. Ref #"


def bills(desk: Desk) -> list[tuple[datetime, str]]:
    return [each for each in sent(desk) if "monthly" in each[1]]


def heard(day: str, *whens: str) -> list[tuple[datetime, str]]:
    return [(at(when), BILL.format(day)) for when in whens]


@pytest.fixture
def far(maple: Desk) -> Desk:
    """A plan whose instalments are far away, so that only the bill is heard of."""
    maple.plan(count="4", total="400", start="2027-11-04")
    condition(maple, "current-bill", day="15")
    return maple


DECEMBER = heard("Tue 15 Dec", "2026-12-12", "2026-12-14", "2026-12-15")
JANUARY = heard("Fri 15 Jan", "2027-01-12", "2027-01-14", "2027-01-15")


def test_a_current_bill_is_reminded_of_each_month_at_the_plans_offsets(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at("2027-01-31"))
    assert sent(far) == DECEMBER + JANUARY
    another(ticker).run()
    ticker.run()
    assert far.states() == ["sent"] * 6


def test_a_bill_on_the_31st_falls_on_the_last_day_of_shorter_months(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    maple.plan(count="4", total="400", start="2027-11-04", offsets=["0d"], send_time="10:00")
    condition(maple, "current-bill", day="31")
    live(ticker, clock, at("2027-05-01"))
    days = ("2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30")
    summer = {"2027-03-31", "2027-04-30"}
    assert [when for when, _ in sent(maple)] == [
        at(day, 9 if day in summer else 10) for day in days
    ]
    assert sent(maple)[3][1] == BILL.format("Sun 28 Feb")


def test_no_hold_silences_a_bill(far: Desk, ticker: Ticker, clock: MovableClock) -> None:
    far.ask("debt.hold", debt="maple", kind="disputed")
    shown = far.ask("remind.preview", days="40")["items"]
    live(ticker, clock, at("2026-12-31"))
    assert sent(far) == DECEMBER
    assert [(at(each["at"][:10]), each["seq"]) for each in shown] == [
        (when, 0) for when, _ in DECEMBER
    ]


def test_what_the_preview_shows_of_bills_is_what_goes(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    shown = far.ask("remind.preview", days="60")["items"]
    assert len({each["key"] for each in shown}) == 6
    live(ticker, clock, at("2027-01-31"))
    assert [
        (datetime.fromisoformat(each["at"]), each["body"].replace("A2B3", "#")) for each in shown
    ] == sent(far)


@pytest.mark.parametrize(
    "act",
    [
        lambda desk: desk.ask("plan.condition-end", debt="maple", number="1"),
        lambda desk: desk.ask("plan.withdraw", debt="maple", reason="they sold it"),
        lambda desk: desk.ask("pay", debt="maple", amount="400"),
    ],
    ids=["ended", "withdrawn", "completed"],
)
def test_after_its_end_a_bill_is_never_heard_of_again(
    far: Desk, ticker: Ticker, clock: MovableClock, act: Change
) -> None:
    clock.at = at("2026-12-12", 22)  # past the hours: it waits for the morning
    ticker.run()
    assert far.states() == ["pending"]
    act(far)
    live(ticker, clock, at("2027-02-20"))
    assert (bills(far), far.states()) == ([], ["cancelled"])
    assert far.ask("remind.preview", days="60")["items"] == []


def test_money_that_comes_back_makes_the_bill_count_again(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    far.ask("pay", debt="maple", amount="400")
    live(ticker, clock, at("2026-12-20"))
    assert sent(far) == []
    far.ask("bounced", debt="maple")
    live(ticker, clock, at("2027-01-31"))
    assert bills(far) == JANUARY


def test_after_downtime_one_reminder_of_the_bill_goes_and_the_rest_is_shown_as_expired(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = at("2027-01-14", 12)
    ticker.run()
    live(ticker, clock, at("2027-01-31"))
    assert [(each.state, without_ref(each.body)[-14:]) for each in far.messages()] == [
        *[("expired", "Tue 15 Dec. Ref #"[-14:])] * 3,
        ("expired", "Fri 15 Jan. Ref #"[-14:]),
        *[("sent", "Fri 15 Jan. Ref #"[-14:])] * 2,
    ]
    assert sent(far) == [(at("2027-01-14", 12), BILL.format("Fri 15 Jan")), JANUARY[2]]


def test_a_change_of_hours_while_nobody_looked_hides_nothing_that_expired(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    clock.at = at("2027-01-10", 12)
    far.ask("person.edit", send_time="10:00")
    ticker.run()
    assert far.states() == ["expired"] * 3


def test_new_terms_with_an_earlier_offset_remind_of_the_bill_at_it(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    live(ticker, clock, at("2026-12-01"))
    revise(far, rows="2027-11-04 400\n", offsets=["-7d", "-1d"])
    live(ticker, clock, at("2027-01-01"))
    assert sent(far) == heard("Tue 15 Dec", "2026-12-08", "2026-12-14")


def test_an_offset_longer_than_a_month_finds_the_bill_after_the_next(
    maple: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    maple.plan(count="1", total="400", start="2027-11-04", offsets=["-40d"])
    condition(maple, "current-bill", day="15")
    live(ticker, clock, at("2027-01-31"))
    assert sent(maple) == [
        (at("2026-12-06"), BILL.format("Fri 15 Jan")),
        (at("2027-01-06"), BILL.format("Mon 15 Feb")),
    ]


def test_two_bills_of_one_plan_are_two_rows_of_reminders(
    far: Desk, ticker: Ticker, clock: MovableClock
) -> None:
    condition(far, "current-bill", day="20")
    live(ticker, clock, at("2026-12-31"))
    other = heard("Sun 20 Dec", "2026-12-17", "2026-12-19", "2026-12-20")
    assert sent(far) == DECEMBER + other


def test_the_calendar_has_each_bill_of_a_year_and_cancels_those_after_its_end(far: Desk) -> None:
    token = add_feed(far)
    full = add_feed(far, name="full", detail="full")
    found = {uid: each for uid, each in by_uid(far, token).items() if "monthly" in each["SUMMARY"]}
    days = sorted(each["DTSTART"] for each in found.values())
    assert days == [
        *("20261215", "20270115", "20270215", "20270315", "20270415", "20270515"),
        *("20270615", "20270715", "20270815", "20270915", "20271015", "20271115"),
    ]
    first = min(found.values(), key=lambda each: each["DTSTART"])
    assert first["SUMMARY"] == "MAPLE: the monthly one, by Tue 15 Dec"
    assert all(forbidden_in(each["SUMMARY"], "en_GB") is None for each in found.values())
    assert first["UID"].endswith("-20261215")
    assert first["TRIGGERS"].split(",") == ["-P2DT15H", "-PT15H", "PT9H"]
    assert "DESCRIPTION" not in first
    named = {each["SUMMARY"] for each in by_uid(far, full).values()}
    assert "Alder Bank: current bill, by Tue 15 Dec" in named
    # The bytes change with the month, not with the day.
    etag = fetch(far, token).etag
    far.clock.at = at("2026-11-29")
    assert fetch(far, token).etag == etag
    far.clock.at = at("2026-12-20")
    far.ask("plan.condition-end", debt="maple", number="1")
    after = by_uid(far, token)
    assert after[first["UID"]]["STATUS"] == "CONFIRMED"
    over = {uid for uid in found if after[uid]["STATUS"] == "CANCELLED"}
    assert over == found.keys() - {first["UID"]}
    assert all(after[uid]["SEQUENCE"] == "1" and after[uid]["TRIGGERS"] == "" for uid in over)
    far.clock.at = at("2027-02-01", 12)
    assert not found.keys() & by_uid(far, token).keys()


def test_a_withdrawn_plan_cancels_its_bills_in_the_calendar(far: Desk) -> None:
    token = add_feed(far)
    far.clock.forward(hours=1)
    far.ask("plan.withdraw", debt="maple", reason="they sold it")
    assert {each["STATUS"] for each in by_uid(far, token).values()} == {"CANCELLED"}
