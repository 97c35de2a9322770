"""Before a debt is written down, agreed or reported, its age is asked about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.peers.desk import CLEAR, Desk
from tracker.store import debts, people
from tracker.store.debts import ConsentRow

OLD = CLEAR | {"first_missed": "2019-01-10", "last_payment": "2019-01-05", "last_contact": "never"}
NEAR = CLEAR | {"first_missed": "2021-02-01", "last_payment": "2021-02-01", "last_contact": "never"}
ASKED = CLEAR | {"last_payment": "?"}
CITE = re.compile(r"LIM-GB@\S+")


def request(**dates: str) -> dict[str, Any]:
    return {
        "creditor": "Alder Bank",
        "new_creditor": True,
        "word": "MAPLE",
        "handle": "maple",
        "total": "1200",
        **CLEAR,
        **dates,
    }


def consents(desk: Desk) -> list[ConsentRow]:
    with desk.office.database.read() as session:
        person = people.find(session, "li")
        return [
            consent
            for debt in debts.debts(session, person.id)
            for consent in debts.consents(session, debt.id)
        ]


def sources(sentence: str) -> bool:
    """A rule with its revision, and where it can be read."""
    return bool(CITE.search(sentence)) and "Limitation Act 1980" in sentence


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (OLD, "may have ended on 10 January 2025"),
        (NEAR, "may end soon, on 1 February 2027"),
        (ASKED, "not known"),
        (CLEAR | {"judgment": "2024-05-01"}, "1 May 2024"),
    ],
)
def test_the_gate_stops_with_the_reason_the_rule_and_its_source_and_writes_nothing(
    li: Desk, dates: dict[str, str], said: str
) -> None:
    error = li.refused("debt.add", **request(**dates))
    assert (error["code"], error["exit"], error["field"]) == ("refused", 5, "accept")
    assert said in error["sentence"], error["sentence"]
    assert sources(error["sentence"]), error["sentence"]
    assert "--yes" in error["hint"]
    assert li.ask("debt.list")["debts"] == []
    assert li.ask("creditor.list")["creditors"] == []
    assert li.ask("person.show")["revision"] == 1


def test_a_debt_of_which_nothing_was_asked_yet_stops(li: Desk) -> None:
    request = {"creditor": "Alder Bank", "new_creditor": True, "total": "5", "jurisdiction": "GB"}
    assert "not asked" in li.refused("debt.add", **request)["sentence"]


def test_a_place_without_a_rule_stops_too_and_says_that_none_is_known(li: Desk) -> None:
    error = li.refused("debt.add", **request(jurisdiction="BR"))
    assert error["exit"] == 5
    assert "No rule is known" in error["sentence"]


def test_a_clear_debt_passes_in_silence_through_every_act(li: Desk, tmp_path: Path) -> None:
    li.debt()
    li.plan(start="2026-11-24")
    made = li.ask("report.make", debt="maple", period="2026-11", out=str(tmp_path))
    assert made["number"] == 1
    assert consents(li) == []


def test_a_yes_lets_it_through_and_is_logged(li: Desk) -> None:
    assert li.ask("debt.add", **request(**OLD), accept=True)["handle"] == "maple"
    (consent,) = consents(li)
    assert (consent.act, consent.verdict, consent.actor) == ("debt.add", "past", "cli")
    assert CITE.fullmatch(consent.cites)
    assert consent.said_at == li.clock.now()
    assert li.ask("journal.list")["entries"][0]["detail"]["accept"] is True


def test_it_stops_once_for_a_debt_and_verdict(li: Desk) -> None:
    li.ask("debt.add", **request(**OLD), accept=True)
    assert li.plan()["version"] == 1
    assert len(consents(li)) == 1


def test_it_stops_again_where_the_verdict_is_another(li: Desk) -> None:
    li.ask("debt.add", **request(**ASKED), accept=True)
    li.ask("debt.edit", debt="maple", **{k: v for k, v in OLD.items() if k != "jurisdiction"})
    rule = {"debt": "maple", "total": "1200", "count": "12", "start": "2027-01-31"}
    assert "may have ended" in li.refused("plan.agree", **rule)["sentence"]
    li.ask("plan.agree", **rule, accept=True)
    assert [consent.verdict for consent in consents(li)] == ["unknown", "past"]
    assert consents(li)[1].act == "plan.agree"


def test_a_yes_to_one_debt_is_none_to_another(li: Desk) -> None:
    li.ask("debt.add", **request(**OLD), accept=True)
    other = request(**OLD) | {"creditor": "Birch Loans", "word": "KITE", "handle": "kite"}
    assert li.refused("debt.add", **other)["exit"] == 5


def test_agreeing_stops_and_writes_no_plan(maple: Desk) -> None:
    maple.ask("debt.edit", debt="maple", last_payment="?")
    rule = {"debt": "maple", "total": "1200", "count": "12", "start": "2027-01-31"}
    error = maple.refused("plan.agree", **rule)
    assert error["exit"] == 5
    assert sources(error["sentence"])
    assert maple.ask("plan.list")["plans"] == []
    assert maple.refused("plan.show", debt="maple")["exit"] == 3
    assert maple.ask("plan.agree", **rule, accept=True)["version"] == 1


def test_a_report_stops_and_leaves_no_file_and_no_number(maple: Desk, tmp_path: Path) -> None:
    maple.plan(start="2026-11-24")
    maple.ask("debt.edit", debt="maple", last_payment="?")
    revision = maple.ask("person.show")["revision"]
    wanted = {"debt": "maple", "period": "2026-11", "out": str(tmp_path)}
    error = maple.refused("report.make", **wanted)
    assert error["exit"] == 5
    assert sources(error["sentence"])
    assert list(tmp_path.glob("maple*")) == []
    assert maple.ask("report.list")["reports"] == []
    assert maple.ask("person.show")["revision"] == revision
    assert maple.ask("report.make", **wanted, accept=True)["number"] == 1
    assert [consent.act for consent in consents(maple)] == ["report.make"]


def test_a_payment_is_never_stopped_by_the_gate(maple: Desk) -> None:
    maple.ask("debt.edit", debt="maple", last_payment="?")
    assert maple.ask("pay", debt="maple", amount="5")["payment"] == 1


def test_the_gate_speaks_the_language_of_the_person(desk: Desk) -> None:
    desk.li(locale="zh_Hans_CN")
    error = desk.refused("debt.add", **request(**OLD) | {"word": "青松"})
    assert "2025年1月10日" in error["sentence"]
    assert CITE.search(error["sentence"])


def test_the_same_place_is_judged_by_its_own_time(li: Desk) -> None:
    five_years_and_a_bit = {
        "first_missed": "2021-09-01",
        "last_payment": "2021-09-01",
        "last_contact": "never",
    }
    assert li.ask("debt.add", **request(**five_years_and_a_bit))["handle"] == "maple"
    scottish = request(**five_years_and_a_bit, jurisdiction="GB-SCT")
    scottish |= {"creditor": "Birch Loans", "word": "KITE", "handle": "kite"}
    error = li.refused("debt.add", **scottish)
    assert "LIM-GB-SCT@" in error["sentence"]
