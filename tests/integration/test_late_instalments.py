"""Ways out for what is late: calm, in the person's language, and with help that is near."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.peers.clock import MovableClock
from tests.peers.desk import Desk

ROWS = "2026-12-04 100.00\n2026-12-18 100.00\n2027-01-15 100.00\n"
HARSH = (
    r"overdue|arrears|fail|default|warning|must|penalt|delinquen|fault|shame|bad\b|"
    r"逾期|失败|失敗|违约|違約|拖欠|欠款|警告|必须|必須|老赖"
)


@pytest.fixture
def late(maple: Desk, clock: MovableClock) -> Desk:
    """The first of three instalments has been open for six days."""
    maple.plan(rows=ROWS)
    clock.at = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    return maple


def way(told: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(each for each in told["ways"] if each["kind"] == kind)


def names(told: dict[str, Any], kind: str) -> list[str]:
    return [
        each["name"] for group in told["help"] if group["kind"] == kind for each in group["helpers"]
    ]


def everything(told: object) -> str:
    if isinstance(told, dict):
        return " ".join(everything(each) for each in told.values())
    if isinstance(told, list):
        return " ".join(map(everything, told))
    return str(told)


def test_what_is_late_and_what_can_be_asked_for_by_when(late: Desk) -> None:
    told = late.ask("debt.ways", debt="maple")
    assert [(each["seq"], each["open"]["amount"]) for each in told["late"]] == [(1, "100.00")]
    assert told["next"]["seq"] == 2
    assert [each["kind"] for each in told["ways"]] == [
        *("part", "date", "less", "pause", "hold", "quiet")
    ]
    date = way(told, "date")
    assert "£100.00 was due on 4 December 2026" in date["ask"]
    assert "before Fri 18 Dec" in date["by"]
    assert date["command"].startswith("tracker plan reschedule maple 1 --to DATE")


def test_what_is_paid_in_part_asks_for_the_rest(late: Desk) -> None:
    late.ask("pay", debt="maple", amount="30")
    told = late.ask("debt.ways", debt="maple")
    assert told["late"][0]["open"]["amount"] == "70.00"
    assert "£70.00" in way(told, "date")["ask"]


def test_nothing_late_says_so_and_still_tells_what_can_be_asked(
    maple: Desk, clock: MovableClock
) -> None:
    maple.plan(rows=ROWS)
    told = maple.ask("debt.ways", debt="maple")
    assert told["late"] == []
    assert told["first"][0] == "Nothing is late on MAPLE."
    date = way(told, "date")
    assert "£100.00 is due on 4 December 2026" in date["ask"]
    assert date["by"] == "Ask by Thu 3 Dec 16:00, the last moment to send."
    clock.at = datetime(2026, 12, 4, 9, 0, tzinfo=UTC)
    assert way(maple.ask("debt.ways", debt="maple"), "date")["by"] == "Ask today or tomorrow."


def test_where_all_is_paid_or_no_plan_runs_nothing_is_open_and_help_is_told(maple: Desk) -> None:
    for planned in (False, True):
        if planned:
            maple.plan(rows="2026-12-04 100.00\n")
            maple.ask("pay", debt="maple", amount="100")
        told = maple.ask("debt.ways", debt="maple")
        assert (told["late"], told["next"]) == ([], None)
        assert told["first"] == ["Nothing is open on MAPLE."]
        assert [each["kind"] for each in told["ways"]] == ["hold", "quiet"]
        assert told["help"]


def test_the_last_instalment_has_no_next_one_to_be_asked_before(
    maple: Desk, clock: MovableClock
) -> None:
    maple.plan(rows="2026-12-04 100.00\n")
    clock.at = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
    told = maple.ask("debt.ways", debt="maple")
    assert told["late"][0]["state"] == "missed"
    assert way(told, "date")["by"] == "Ask today or tomorrow."


def test_a_hold_is_said_before_anything_else_is_asked_or_paid(late: Desk) -> None:
    late.ask("debt.hold", debt="maple", kind="not-mine")
    first = late.ask("debt.ways", debt="maple")["first"]
    assert any("on hold (not-mine)" in each for each in first)


def test_where_a_letter_could_start_the_time_to_sue_again_it_is_said(
    li: Desk, clock: MovableClock
) -> None:
    li.debt("REED", "Birch Bank", last_payment="?", last_contact="?", accept=True)
    li.plan("reed", rows=ROWS, accept=True)
    clock.at = datetime(2026, 12, 10, 9, 0, tzinfo=UTC)
    first = li.ask("debt.ways", debt="reed")["first"]
    assert any(each.startswith("Before you write or pay:") for each in first)
    assert any("LIM-GB@" in each for each in first)
    li.debt()
    li.plan(rows=ROWS)
    assert not any("Before you" in each for each in li.ask("debt.ways", debt="maple")["first"])


def test_help_is_near_the_person_with_numbers_that_were_read(late: Desk) -> None:
    told = late.ask("debt.ways", debt="maple")
    assert "National Debtline" in names(told, "debt")
    assert "Samaritans" in names(told, "crisis")
    assert names(told, "gambling") == ["National Gambling Helpline"]
    assert "24 November 2026" in told["help_note"]
    assert "0808 808 4000" in everything(told)
    assert "0800 144 8848" not in everything(told)  # a number that nobody has read
    late.ask("person.edit", country="HK")
    told = late.ask("debt.ways", debt="maple")
    assert "2548 0803" not in everything(told)
    late.ask("person.edit", country="ES")
    told = late.ask("debt.ways", debt="maple")
    assert told["help"] == []
    assert told["help_note"] == "No free help in ES is known here."


def test_without_a_country_it_is_asked_for(li: Desk) -> None:
    li.ask("person.add", name="Wang", locale="en_GB", zone="UTC")
    wang = li.of("wang")
    wang.debt(jurisdiction="GB")
    assert "--country" in wang.ask("debt.ways", debt="maple")["help_note"]


@pytest.mark.parametrize("locale", ["en_GB", "zh_Hans_CN", "zh_Hant_TW", "zh_Hant_HK"])
def test_no_word_of_it_blames(late: Desk, locale: str) -> None:
    late.ask("person.edit", locale=locale)
    told = late.ask("debt.ways", debt="maple")
    sentences = [told["help_note"], *told["first"]]
    sentences += [each[part] or "" for each in told["ways"] for part in ("title", "text", "ask")]
    assert re.findall(HARSH, " ".join(sentences), re.IGNORECASE) == []


def test_a_chinese_reader_in_china_reads_chinese_names(late: Desk) -> None:
    late.ask("person.edit", locale="zh_Hans_CN", country="CN")
    told = late.ask("debt.ways", debt="maple")
    assert "全国统一心理援助热线 12356" in names(told, "gambling")
    assert all(not each.isascii() for each in names(told, "debt"))


def test_a_debt_that_is_not_there_is_refused(maple: Desk) -> None:
    error = maple.refused("debt.ways", debt="nothing")
    assert (error["exit"], error["field"]) == (3, "debt")
