"""What becomes of a running plan: changes, conditions, its end, and its history.

Most tests use four instalments of 100.00, on the 4th of December to March.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.integration.test_registry import everything_stored
from tests.peers.desk import Desk

CALL = {"agreed_by": "call with Ms Hill, 24 November"}
HOLIDAY = {"start": "2027-01-01", "until": "2027-03-01"}
Change = Callable[[Desk], Any]


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(count="4", total="400", start="2026-12-04")
    return maple


def at(day: str, hour: int = 9, minute: int = 0) -> datetime:
    on = date.fromisoformat(day)
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=UTC)


def move_to(desk: Desk, day: str) -> None:
    desk.clock.at = at(day, 12)


def change(desk: Desk, name: str, **request: Any) -> Any:
    return desk.ask(f"plan.{name}", **{"debt": "maple", **CALL, **request})


def pause(desk: Desk, **request: Any) -> Any:
    return change(desk, "pause", **HOLIDAY | request)


def revise(desk: Desk, **request: Any) -> Any:
    return change(desk, "agree", revise="hours were cut", **request)


def show(desk: Desk, version: str | None = None) -> Any:
    return desk.ask("plan.show", debt="maple", version=version)


def dues(plan: Any) -> list[str]:
    return [row["due_on"] for row in plan["instalments"]]


def refs(plan: Any) -> list[str]:
    return [row["ref"] for row in plan["instalments"]]


def paid(plan: Any) -> list[str]:
    return [row["paid"]["amount"] for row in plan["instalments"]]


def states(plan: Any) -> list[str]:
    return [row["state"] for row in plan["instalments"]]


def pence(money: Any) -> int:
    return int(money["amount"].replace(".", "")) if money else 0


def balance(desk: Desk, on: str | None = None) -> str:
    figure: str = desk.ask("ledger.show", debt="maple", on=on)["balance"]["amount"]
    return figure


def assert_sound(desk: Desk) -> None:
    """The figures agree with a replay, and what was paid is what the rows have of it."""
    checks = {each["name"]: each for each in desk.ask("doctor")["checks"]}
    assert checks["figures"]["ok"], checks["figures"]["sentence"]
    plan = show(desk)
    assert plan["instalments"] == sorted(plan["instalments"], key=lambda row: row["due_on"])
    assert [row["seq"] for row in plan["instalments"]] == list(range(1, len(dues(plan)) + 1))
    assert len({*dues(plan)}) == len({*refs(plan)}) == len(dues(plan))


# A payment holiday.


def test_a_holiday_that_shifts_moves_what_is_due_in_it_and_all_after(agreed: Desk) -> None:
    before = show(agreed)
    plan = pause(agreed)
    assert dues(plan) == ["2026-12-04", "2027-03-04", "2027-04-04", "2027-05-04"]
    assert refs(plan) == refs(before)
    assert (plan["version"], plan["change"], plan["agreed_by"]) == (2, "paused", CALL["agreed_by"])
    told = (
        "Payment holiday from 1 January 2027 until before 1 March 2027: those due in it and all "
        "after move."
    )
    assert plan["reason"] == told
    assert plan["rule"] == f"{before['rule']} {told}"
    assert plan["said"] == [
        told,
        "The next is due on 4 December 2026; send it by Thu 3 Dec 16:00.",
    ]
    assert_sound(agreed)


def test_a_holiday_that_skips_moves_those_within_to_the_end(agreed: Desk) -> None:
    before = refs(show(agreed))
    plan = pause(agreed, how="skip", reason="between two jobs")
    assert dues(plan) == ["2026-12-04", "2027-03-04", "2027-04-04", "2027-05-04"]
    assert refs(plan) == [before[0], before[3], before[1], before[2]]
    assert plan["reason"] == "between two jobs"
    assert "those due in it go to the end" in plan["rule"]


def test_the_plan_is_paused_on_the_days_of_its_holiday_alone(agreed: Desk) -> None:
    pause(agreed)
    seen = {}
    for day in ("2026-12-31", "2027-01-01", "2027-02-28", "2027-03-01"):
        move_to(agreed, day)
        plan = show(agreed)
        seen[day] = (plan["state"], plan["paused_until"])
    assert seen == {
        "2026-12-31": ("live", None),
        "2027-01-01": ("paused", "2027-03-01"),
        "2027-02-28": ("paused", "2027-03-01"),
        "2027-03-01": ("live", None),
    }


def test_resumed_early_the_dates_are_as_if_it_had_been_agreed_so(agreed: Desk) -> None:
    before = refs(show(agreed))
    pause(agreed)
    move_to(agreed, "2027-01-20")
    plan = change(agreed, "resume", on="2027-02-01")
    assert dues(plan) == ["2026-12-04", "2027-02-04", "2027-03-04", "2027-04-04"]
    assert refs(plan) == before
    assert (plan["change"], plan["reason"]) == (
        "resumed",
        "The payment holiday ended on 1 February 2027.",
    )
    assert plan["rule"].endswith(
        "does not divide. Payment holiday from 1 January 2027 until before 1 February 2027: "
        "those due in it and all after move."
    )
    move_to(agreed, "2027-02-01")
    assert show(agreed)["state"] == "live"
    error = agreed.refused("plan.resume", debt="maple", **CALL)
    assert error["exit"] == 4
    assert_sound(agreed)


def test_a_holiday_called_off_before_it_begins_leaves_everything_as_it_was(agreed: Desk) -> None:
    before = show(agreed)
    pause(agreed)
    plan = change(agreed, "resume")
    assert (dues(plan), refs(plan)) == (dues(before), refs(before))
    assert plan["reason"] == "The payment holiday is called off."
    assert plan["rule"] == before["rule"]
    move_to(agreed, "2027-01-15")
    assert show(agreed)["state"] == "live"
    assert agreed.refused("plan.resume", debt="maple", **CALL)["exit"] == 4
    # Its days are free for another.
    move_to(agreed, "2027-01-16")
    pause(agreed, start="2027-02-01")


def test_what_was_paid_in_a_holiday_counts_when_it_ends_early(agreed: Desk) -> None:
    move_to(agreed, "2026-12-03")
    agreed.ask("pay", debt="maple", amount="130")
    plan = pause(agreed, how="skip")
    # The part that was paid stays where it was paid.
    assert dues(plan) == [
        *("2026-12-04", "2027-01-04", "2027-03-04"),
        *("2027-04-04", "2027-05-04"),
    ]
    assert paid(plan) == ["100.00", "30.00", "0.00", "0.00", "0.00"]
    move_to(agreed, "2027-01-10")
    agreed.ask("pay", debt="maple", amount="50")
    move_to(agreed, "2027-01-20")
    plan = change(agreed, "resume", on="2027-01-25")
    assert dues(plan)[:2] == ["2026-12-04", "2027-01-04"]
    assert sum(map(pence, (row["paid"] for row in plan["instalments"]))) == 18000
    assert sum(map(pence, (row["amount"] for row in plan["instalments"]))) == 40000
    assert_sound(agreed)


def test_of_two_holidays_the_one_that_runs_is_ended_or_nothing(agreed: Desk) -> None:
    pause(agreed)
    pause(agreed, start="2027-04-01", until="2027-05-01")
    move_to(agreed, "2027-01-20")
    before = everything_stored(agreed.office.database)
    error = agreed.refused("plan.resume", debt="maple", **CALL)
    assert (error["exit"], "changed after its holiday" in error["sentence"]) == (4, True)
    assert everything_stored(agreed.office.database) == before


def test_that_interest_goes_on_in_a_holiday_is_said(maple: Desk) -> None:
    maple.plan(count="4", total="400", start="2026-12-04", rate="12%")
    said = pause(maple)["said"]
    assert said[1] == "Interest goes on meanwhile, and the instalments stay as large as they were."
    assert dues(change(maple, "resume"))[1] == "2027-01-04"
    revise(maple, count="4", total="400", start="2026-12-04", interest="frozen")
    assert "Interest goes on" not in " ".join(pause(maple)["said"])


# One instalment.


def test_a_waived_instalment_is_a_waiver_of_its_open_part_on_that_day(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="130")
    move_to(agreed, "2026-12-20")
    plan = change(agreed, "waive", instalment="2", agreed_on="2026-12-18")
    second = plan["instalments"][1]
    assert (second["state"], second["waived"]["amount"]) == ("waived", "70.00")
    assert plan["said"][0] == "Instalment 2, due on 4 January 2027: £70.00 of it is waived."
    assert (plan["total"]["amount"], plan["progress"]["open"]["amount"]) == ("330.00", "200.00")
    entries = agreed.ask("ledger.show", debt="maple")["entries"]
    assert [
        (each["on"], each["amount"]["amount"]) for each in entries if each["kind"] == "waiver"
    ] == [("2026-12-18", "-70.00")]
    assert balance(agreed, "2026-12-17") == "1070.00"
    assert balance(agreed) == "1000.00"
    assert_sound(agreed)


def test_money_returned_from_a_waived_instalment_opens_what_was_paid_of_it_alone(
    agreed: Desk,
) -> None:
    agreed.ask("pay", debt="maple", amount="40")
    change(agreed, "waive", instalment="1")
    move_to(agreed, "2026-11-26")
    agreed.ask("bounced", debt="maple")
    plan = show(agreed)
    assert (states(plan)[0], paid(plan)[0]) == ("upcoming", "0.00")
    agreed.ask("pay", debt="maple", amount="40")
    assert states(show(agreed))[:2] == ["waived", "upcoming"]
    assert balance(agreed) == "1100.00"


def test_with_the_last_open_instalment_waived_the_plan_is_completed_and_ends_earlier(
    agreed: Desk,
) -> None:
    agreed.ask("pay", debt="maple", amount="300")
    plan = change(agreed, "waive", instalment="4")
    assert (plan["state"], plan["ends_on"]) == ("completed", "2027-02-04")
    history = agreed.ask("plan.history", debt="maple")["versions"]
    assert [(each["count"], each["ends_on"], each["total"]["amount"]) for each in history] == [
        (4, "2027-03-04", "400.00"),
        (3, "2027-02-04", "300.00"),
    ]


def test_one_instalment_moves_and_takes_its_number_by_its_date(agreed: Desk) -> None:
    before = refs(show(agreed))
    plan = change(agreed, "reschedule", instalment="2", to="2027-02-20")
    assert dues(plan) == ["2026-12-04", "2027-02-04", "2027-02-20", "2027-03-04"]
    assert refs(plan) == [before[0], before[2], before[1], before[3]]
    assert plan["said"][0] == "Instalment 2 moves from 4 January 2027 to 20 February 2027."
    assert_sound(agreed)


def test_a_late_instalment_moves_to_today_and_is_due(agreed: Desk) -> None:
    move_to(agreed, "2026-12-10")
    assert states(show(agreed))[0] == "late"
    plan = change(agreed, "reschedule", instalment="1", to="2026-12-10")
    assert states(plan)[0] == "due"


def test_moved_before_a_paid_one_it_is_given_that_ones_money_and_that_is_said(
    agreed: Desk,
) -> None:
    agreed.ask("pay", debt="maple", amount="100", instalment="1")
    agreed.ask("pay", debt="maple", amount="100")
    plan = change(agreed, "reschedule", instalment="4", to="2026-12-01")
    assert plan["warnings"] == [
        "What was paid for the instalment of 4 January 2027 counts for an older one now."
    ]
    assert paid(plan) == ["100.00", "100.00", "0.00", "0.00"]
    assert_sound(agreed)


# Each change, with rows in each state.


def nothing(desk: Desk) -> None:
    pass


def part_paid(desk: Desk) -> None:
    desk.ask("pay", debt="maple", amount="30")


def late(desk: Desk) -> None:
    move_to(desk, "2026-12-09")
    desk.ask("pay", debt="maple", amount="30")


def prepaid(desk: Desk) -> None:
    desk.ask("pay", debt="maple", amount="100", instalment="3")
    desk.ask("pay", debt="maple", amount="150")


def scheduled(desk: Desk) -> None:
    desk.ask("pay", debt="maple", amount="100", scheduled="2026-12-02")


def forgiven(desk: Desk) -> None:
    desk.ask("pay", debt="maple", amount="20")
    change(desk, "waive", instalment="1")


BEFORE = [nothing, part_paid, late, prepaid, scheduled, forgiven]
CHANGES: dict[str, Change] = {
    "shift": pause,
    "skip": lambda desk: pause(desk, how="skip"),
    "waive": lambda desk: change(desk, "waive", instalment="4"),
    "reschedule": lambda desk: change(desk, "reschedule", instalment="4", to="2027-01-20"),
    "revise": lambda desk: revise(
        desk, rows="2027-02-11 80\n2027-04-04 80\n2027-05-04 80\n2027-06-04 80\n"
    ),
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("name", CHANGES)
def test_no_change_loses_or_doubles_a_paid_unit_or_touches_what_is_done(
    agreed: Desk, name: str, before: Change
) -> None:
    before(agreed)
    old = show(agreed)
    waiting = agreed.ask("payment.list", debt="maple")["payments"]
    plan = CHANGES[name](agreed)
    assert plan["version"] == old["version"] + 1
    assert plan["progress"]["paid"] == old["progress"]["paid"]
    done = {
        row["ref"]: (row["due_on"], row["amount"], row["paid"], row["state"])
        for row in old["instalments"]
        if row["state"] in ("paid", "waived")
    }
    now = {
        row["ref"]: (row["due_on"], row["amount"], row["paid"], row["state"])
        for row in plan["instalments"]
    }
    if not plan["warnings"]:
        assert {ref: now[ref] for ref in done} == done
    if name in ("shift", "skip", "reschedule"):
        assert plan["total"] == old["total"]
    elif name == "revise":
        assert pence(plan["progress"]["open"]) == 32000
    assert agreed.ask("payment.list", debt="maple")["payments"] == waiting
    # Late stays late: no change reaches back.
    if before is late and name != "revise":
        assert plan["instalments"][0]["state"] == "late"
    # The version before stays readable as it was.
    replaced = show(agreed, str(old["version"]))
    assert replaced["state"] == "replaced"
    assert (dues(replaced), paid(replaced), states(replaced)) == (
        dues(old),
        paid(old),
        states(old),
    )
    assert_sound(agreed)
    move_to(agreed, "2027-09-01")
    agreed.ask("pay", debt="maple")
    assert_sound(agreed)


def test_three_changes_in_a_row_each_begin_where_the_last_ended(agreed: Desk) -> None:
    first = show(agreed)
    agreed.ask("pay", debt="maple", amount="130")
    move_to(agreed, "2026-12-20")
    change(agreed, "reschedule", instalment="3", to="2027-02-11")
    pause(agreed, how="shift", until="2027-02-01")
    move_to(agreed, "2027-01-08")
    change(agreed, "waive", instalment="4")
    plan = revise(agreed, rows="2027-02-18 50\n2027-03-18 50\n")
    assert plan["version"] == plan["versions"] == 5
    assert plan["progress"]["paid"]["amount"] == "130.00"
    assert plan["progress"]["open"]["amount"] == "100.00"
    assert refs(plan)[0] == refs(first)[0]
    history = agreed.ask("plan.history", debt="maple")["versions"]
    assert [each["change"] for each in history] == [
        *("agreed", "rescheduled", "paused", "waived", "revised"),
    ]
    assert [each["agreed_on"] for each in history] == [
        *("2026-11-24", "2026-12-20", "2026-12-20", "2027-01-08", "2027-01-08"),
    ]
    for number in range(1, 6):
        version = show(agreed, str(number))
        assert (version["version"], version["change"]) == (number, history[number - 1]["change"])
    assert_sound(agreed)


# Refused.


def refusals(desk: Desk) -> list[tuple[str, dict[str, Any], int, str]]:
    agree = {"revise": "hours were cut", "rows": "2027-04-04 300\n"}
    # The plan was agreed on 24 November; 100.00 was paid on 3 December, for 4 December.
    return [
        ("agree", {**agree, "agreed_on": "2026-11-23"}, 2, "agreed_on"),
        ("agree", {**agree, "agreed_on": "2026-12-02"}, 2, "agreed_on"),
        ("agree", {**agree, "rows": "2026-12-04 300\n"}, 2, "rows"),
        ("agree", {**agree, "rows": "2026-12-01 300\n"}, 2, "rows"),
        ("agree", {**agree, "agreed_by": " "}, 2, "agreed_by"),
        ("pause", {"start": "2027-01-05", "until": "2027-02-04"}, 2, "start"),
        ("pause", {"start": "2027-01-01", "until": "2027-01-01"}, 2, "until"),
        ("pause", {"start": "2027-02-01", "until": "2027-01-01"}, 2, "until"),
        ("pause", {"start": "2026-12-09", "until": "2027-01-01"}, 2, "start"),
        ("pause", {"start": "2027-01-01", "until": "2029-06-01"}, 2, "until"),
        ("pause", {**HOLIDAY, "how": "drop"}, 2, "how"),
        ("pause", {**HOLIDAY, "agreed_on": "2026-11-23"}, 2, "agreed_on"),
        ("pause", {**HOLIDAY, "agreed_by": None}, 2, "agreed_by"),
        ("resume", {}, 4, "debt"),
        ("waive", {"instalment": "1"}, 4, "instalment"),
        ("waive", {"instalment": "5"}, 2, "instalment"),
        ("waive", {"instalment": "2", "agreed_by": ""}, 2, "agreed_by"),
        ("waive", {"instalment": "2", "agreed_on": "2026-12-11"}, 2, "agreed_on"),
        ("reschedule", {"instalment": "2", "to": "2027-02-04"}, 4, "to"),
        ("reschedule", {"instalment": "2", "to": "2027-01-04"}, 2, "to"),
        ("reschedule", {"instalment": "2", "to": "2026-12-09"}, 2, "to"),
        ("reschedule", {"instalment": "2", "to": "2037-01-04"}, 2, "to"),
        ("reschedule", {"instalment": "1", "to": "2027-01-20"}, 4, "instalment"),
        ("reschedule", {"instalment": "2", "to": "2027-01-20", "agreed_by": None}, 2, "agreed_by"),
        ("compare", {}, 4, "debt"),
        ("condition", {"kind": "vow"}, 2, "kind"),
        ("condition", {"kind": "current-bill"}, 2, "day"),
        ("condition", {"kind": "current-bill", "day": "32"}, 2, "day"),
        ("condition", {"kind": "current-bill", "day": "5", "most": "2"}, 2, "most"),
        ("condition", {"kind": "missed"}, 2, "most"),
        ("condition", {"kind": "days-late", "most": "0"}, 2, "most"),
        ("condition", {"kind": "missed", "most": "2", "day": "5"}, 2, "day"),
        ("condition", {"kind": "missed", "most": "2", "amount": "5"}, 2, "amount"),
        ("condition", {"kind": "other"}, 2, "text"),
        ("condition-end", {"number": "1"}, 3, "number"),
        ("condition-broken", {"number": "1"}, 3, "number"),
    ]


def test_what_cannot_be_agreed_is_one_sentence_and_changes_nothing(agreed: Desk) -> None:
    move_to(agreed, "2026-12-03")
    agreed.ask("pay", debt="maple", amount="100")
    move_to(agreed, "2026-12-10")
    before = everything_stored(agreed.office.database)
    for name, request, exit_code, field in refusals(agreed):
        by = {} if name.startswith(("compare", "condition")) else CALL
        error = agreed.refused(f"plan.{name}", **{"debt": "maple", **by, **request})
        assert (error["exit"], error["field"]) == (exit_code, field), (name, request, error)
        assert "\n" not in error["sentence"]
        assert error["sentence"].endswith(".")
    assert everything_stored(agreed.office.database) == before


@pytest.mark.parametrize(
    ("start", "until"),
    [
        ("2027-02-28", "2027-04-01"),
        ("2026-12-15", "2027-01-02"),
        ("2027-01-10", "2027-01-20"),
        ("2026-12-15", "2027-06-01"),
    ],
)
def test_holidays_do_not_overlap_but_may_follow_one_another(
    agreed: Desk, start: str, until: str
) -> None:
    pause(agreed)
    before = everything_stored(agreed.office.database)
    error = agreed.refused("plan.pause", debt="maple", start=start, until=until, **CALL)
    assert (error["exit"], error["field"]) == (4, "start")
    assert error["sentence"] == (
        "A payment holiday from 2027-01-01 until before 2027-03-01 is agreed already."
    )
    assert everything_stored(agreed.office.database) == before
    assert dues(pause(agreed, start="2027-03-01", until="2027-04-01"))[1] == "2027-04-04"


def test_nothing_is_changed_on_a_debt_without_a_running_plan(maple: Desk) -> None:
    maple.plan(count="4", total="400", start="2026-12-04")
    maple.ask("plan.withdraw", debt="maple", reason="they sold it")
    for name, request in (
        ("pause", HOLIDAY),
        ("resume", {}),
        ("waive", {"instalment": "2"}),
        ("reschedule", {"instalment": "2", "to": "2027-01-20"}),
    ):
        error = maple.refused(f"plan.{name}", **{"debt": "maple", **CALL, **request})
        assert (error["exit"], error["field"]) == (4, "debt")
    assert maple.refused("plan.condition", debt="maple", kind="no-new-card")["exit"] == 4


# How it ends.


def test_a_plan_is_live_completed_withdrawn_or_broken(agreed: Desk) -> None:
    assert show(agreed)["state"] == "live"
    agreed.ask("pay", debt="maple", amount="400")
    assert show(agreed)["state"] == "completed"
    error = agreed.refused("plan.withdraw", debt="maple", reason="a slip")
    assert (error["exit"], error["field"]) == (4, "debt")
    agreed.ask("undo")
    assert show(agreed)["state"] == "live"
    plan = agreed.ask("plan.withdraw", debt="maple", reason="two were missed", broken=True)
    assert plan["state"] == "broken"
    assert plan["said"] == ["The plan on maple is recorded as broken."]
    assert show(agreed)["ended_reason"] == "two were missed"
    assert agreed.ask("plan.history", debt="maple")["versions"][-1]["ended"] == "broken"
    agreed.plan(count="2", total="400", start="2026-12-11")
    history = agreed.ask("plan.history", debt="maple")["versions"]
    assert [(each["plan"], each["version"], each["ended"]) for each in history] == [
        (1, 1, "broken"),
        (2, 1, None),
    ]


def test_what_was_left_of_an_ended_plan_stays_as_it_stood_on_that_day(agreed: Desk) -> None:
    move_to(agreed, "2026-12-10")
    agreed.ask("plan.withdraw", debt="maple", reason="they sold it")
    move_to(agreed, "2027-06-01")
    assert states(show(agreed)) == ["late", "upcoming", "upcoming", "upcoming"]


# Side by side.


def test_two_versions_are_compared_by_total_end_and_month(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100")
    revise(agreed, rows="2027-01-04 75\n2027-01-20 75\n2027-04-04 75\n2027-05-04 75\n")
    told = agreed.ask("plan.compare", debt="maple")
    old, new = told["old"], told["new"]
    assert (old["version"], new["version"], told["more"]["amount"]) == (1, 2, "0.00")
    assert (old["count"], old["ends_on"], old["highest_month"]["amount"]) == (
        *(4, "2027-03-04", "100.00"),
    )
    assert (new["count"], new["ends_on"], new["highest_month"]["amount"]) == (
        *(5, "2027-05-04", "150.00"),
    )
    assert (old["average_month"]["amount"], new["average_month"]["amount"]) == ("100.00", "66.67")
    assert told["said"] == [
        "Version 1: £400.00, until 4 March 2027, at most £100.00 in a month.",
        "Version 2: £400.00, until 4 May 2027, at most £150.00 in a month.",
    ]
    change(agreed, "waive", instalment="5")
    assert agreed.ask("plan.compare", debt="maple", old="1")["more"]["amount"] == "-75.00"
    for request, code in (({"new": "9"}, 3), ({"old": "2", "new": "2"}, 2), ({"new": "1"}, 2)):
        assert agreed.refused("plan.compare", debt="maple", **request)["exit"] == code


def test_interest_in_the_rows_is_counted_once_where_a_row_was_parted(maple: Desk) -> None:
    plan = maple.plan(count="4", total="400", start="2026-12-04", rate="12%")
    interest = sum(pence(row["interest"]) for row in plan["instalments"])
    maple.ask("pay", debt="maple", amount="30")
    parted = change(maple, "reschedule", instalment="1", to="2027-01-20")
    assert len(parted["instalments"]) == 5
    assert sum(pence(row["interest"]) for row in parted["instalments"]) == interest
    told = maple.ask("plan.compare", debt="maple")
    assert told["old"]["interest"] == told["new"]["interest"]


# Conditions.


def condition(desk: Desk, kind: str, **request: Any) -> Any:
    return desk.ask("plan.condition", debt="maple", kind=kind, **request)


def broken(desk: Desk) -> list[str | None]:
    return [each["broken"] for each in show(desk)["conditions"]]


def to_decide(desk: Desk) -> list[tuple[str, str]]:
    decide = desk.ask("overview")["decide"]
    return [(each["sentence"], each["command"]) for each in decide if each["kind"] == "condition"]


def test_each_condition_is_a_sentence_with_its_number_and_its_next_day(agreed: Desk) -> None:
    told = condition(agreed, "current-bill", day="31", amount="80", text="the water")
    assert told["said"] == [
        "The current bill is paid by day 31 of each month (£80.00). the water",
    ]
    condition(agreed, "no-new-card")
    condition(agreed, "missed", most="2")
    condition(agreed, "days-late", most="14")
    condition(agreed, "other", text="Tell them of a new address.")
    found = agreed.ask("plan.conditions", debt="maple")["conditions"]
    assert found == show(agreed)["conditions"]
    assert [(each["number"], each["kind"], each["next_on"]) for each in found] == [
        (1, "current-bill", "2026-11-30"),
        (2, "no-new-card", None),
        (3, "missed", None),
        (4, "days-late", None),
        (5, "other", None),
    ]
    assert [each["sentence"] for each in found[1:]] == [
        "No other card or credit is applied for until it is paid.",
        "It counts as broken after 2 missed instalments.",
        "It counts as broken once an instalment is 14 days late.",
        "Tell them of a new address.",
    ]
    assert broken(agreed) == [None] * 5
    for again in ({"kind": "no-new-card"}, {"kind": "missed", "most": "3"}):
        assert agreed.refused("plan.condition", debt="maple", **again)["exit"] == 4
    agreed.ask("plan.condition-end", debt="maple", number="2")
    assert [each["kind"] for each in show(agreed)["conditions"]] == [
        *("current-bill", "missed", "days-late", "other"),
    ]
    condition(agreed, "no-new-card")


def test_a_condition_that_the_figures_break_comes_up_for_a_decision_until_it_is_mended(
    agreed: Desk,
) -> None:
    condition(agreed, "missed", most="2")
    condition(agreed, "days-late", most="14")
    command = "tracker plan agree maple --revise REASON"
    move_to(agreed, "2026-12-17")
    assert (broken(agreed), to_decide(agreed)) == ([None, None], [])
    move_to(agreed, "2026-12-18")
    late = "an instalment is 14 days late"
    assert broken(agreed) == [None, late]
    assert to_decide(agreed) == [
        (
            (
                f"MAPLE: a condition of the plan is not kept ({late}); "
                "speak with Alder Bank before they do."
            ),
            command,
        )
    ]
    move_to(agreed, "2027-01-05")
    assert broken(agreed) == ["2 instalments are missed", "an instalment is 32 days late"]
    assert len(to_decide(agreed)) == 2
    agreed.ask("pay", debt="maple", amount="100")
    assert (broken(agreed), to_decide(agreed)) == ([None, None], [])
    # What was late before a holiday stays late in it.
    pause(agreed, start="2027-01-05", until="2027-03-01")
    move_to(agreed, "2027-02-20")
    assert broken(agreed) == [None, "an instalment is 47 days late"]


def test_what_the_person_says_was_not_kept_stays_said_until_it_is_ended(agreed: Desk) -> None:
    condition(agreed, "missed", most="2")
    condition(agreed, "current-bill", day="15")
    move_to(agreed, "2026-12-16")
    told = agreed.ask("plan.condition-broken", debt="maple", number="2", on="2026-12-15")
    assert told["conditions"][1]["broken"] == "not kept on 15 December 2026"
    assert (
        agreed.refused("plan.condition-broken", debt="maple", number="2", on="2026-12-17")["exit"]
        == 2
    )
    assert to_decide(agreed) == [
        (
            (
                "MAPLE: a condition of the plan is not kept (not kept on 15 December 2026); speak "
                "with Alder Bank before they do."
            ),
            "tracker plan condition-end maple 2",
        )
    ]
    change(agreed, "reschedule", instalment="3", to="2027-02-10")
    assert broken(agreed) == [None, "not kept on 15 December 2026"]
    assert show(agreed, "1")["conditions"] == []
    agreed.ask("plan.condition-end", debt="maple", number="2")
    assert to_decide(agreed) == []


def test_with_the_plan_its_conditions_end(agreed: Desk) -> None:
    condition(agreed, "days-late", most="1")
    move_to(agreed, "2026-12-18")
    assert len(to_decide(agreed)) == 1
    agreed.ask("plan.withdraw", debt="maple", reason="they sold it", broken=True)
    assert (to_decide(agreed), show(agreed)["conditions"]) == ([], [])
    agreed.plan(count="2", total="400", start="2026-12-24")
    assert show(agreed)["conditions"] == []
