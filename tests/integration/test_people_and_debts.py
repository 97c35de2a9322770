from __future__ import annotations

from typing import Any

import pytest

from tests.peers.desk import CLEAR, Desk


def wide(text: str) -> str:
    """The full-width twin, as a Chinese keyboard types it."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def handles(desk: Desk) -> list[str]:
    return [each["handle"] for each in desk.ask("debt.list")["debts"]]


# People.


def test_a_person_is_kept_as_typed_and_read_back_whole(desk: Desk) -> None:
    desk.li(send_time="10:30", offsets=["-5d", "0d"], email="li@example.org")
    assert desk.ask("person.show") == {
        "handle": "li",
        "name": "Li",
        "locale": "en_GB",
        "zone": "Europe/London",
        "currency": "GBP",
        "country": "GB",
        "phone": "+447700900123",
        "phone_state": "confirmed",
        "email": "li@example.org",
        "email_state": "confirmed",
        "channels": ["sms", "console"],
        "send_time": "10:30",
        "hours": None,
        "offsets": ["-5d", "0d"],
        "alive": None,
        "quiet_until_at": None,
        "has_password": False,
        "revision": 1,
        "said": [],
        "warnings": [],
    }


def test_a_number_typed_the_local_way_is_kept_in_its_international_form(desk: Desk) -> None:
    assert desk.li(phone="07700 900 123")["phone"] == "+447700900123"


@pytest.mark.parametrize(
    ("field", "value", "extra"),
    [
        ("zone", "Europe/Londn", {}),
        ("locale", "xx_YY", {}),
        ("phone", "999", {}),
        ("phone", "+44 20 7946 0018", {}),
        ("email", "li at example", {}),
        ("channels", ["pigeon"], {}),
        ("channels", ["sms", "sms"], {}),
        ("channels", ["sms"], {"phone": None}),
        ("send_time", "03:00", {}),
        ("offsets", ["3 days"], {}),
        ("currency", "GPB", {}),
        ("name", "", {}),
        ("name", "L\ti", {}),
        ("password", "short", {}),
    ],
)
def test_a_person_that_cannot_be_meant_is_refused_by_field(
    desk: Desk, field: str, value: object, extra: dict[str, Any]
) -> None:
    request = {"name": "Li", "locale": "en_GB", "zone": "Europe/London", "country": "GB"}
    request |= {"phone": "+447700900123", **extra, field: value}  # type: ignore[dict-item]
    error = desk.refused("person.add", **request)
    assert (error["field"], error["exit"]) == (field, 2)
    assert desk.ask("person.list")["people"] == []


def test_a_second_person_of_one_name_gets_a_handle_of_their_own(li: Desk) -> None:
    assert li.li()["handle"] == "li-2"
    assert li.refused("person.add", name="X", handle="li", locale="en_GB", zone="UTC")["exit"] == 4


def test_a_chinese_name_is_kept_and_its_person_can_be_named(desk: Desk) -> None:
    made = desk.li(name="李伟", locale="zh_Hans_CN")
    assert (made["name"], made["handle"]) == ("李伟", "person")
    assert desk.of("person").ask("person.show")["name"] == "李伟"


def test_a_change_leaves_what_it_does_not_name(li: Desk) -> None:
    before = li.ask("person.show")
    after = li.ask("person.edit", zone="Asia/Shanghai")
    assert after == before | {"zone": "Asia/Shanghai", "revision": 2}


# Finding a debt.


@pytest.mark.parametrize("name", ["maple", "MAPLE", "Maple", " maple ", "map", "m", wide("MAPLE")])
def test_a_debt_is_found_by_handle_word_or_the_beginning_of_either(li: Desk, name: str) -> None:
    li.debt()
    li.debt("KITE", creditor="Birch Loans")
    assert li.ask("debt.show", debt=name)["handle"] == "maple"


def test_a_debt_is_found_by_its_cover_word_where_the_handle_differs(li: Desk) -> None:
    li.debt("MAPLE", handle="visa-2024")
    assert li.ask("pay", debt="maple", amount="1")["debt"] == "visa-2024"
    assert li.ask("pay", debt="visa", amount="1")["debt"] == "visa-2024"


def test_a_beginning_that_two_debts_share_asks_for_one_more_letter(li: Desk) -> None:
    li.debt("MAPLE")
    li.debt("MANOR", creditor="Birch Loans")
    error = li.refused("pay", debt="ma", amount="5")
    assert (error["field"], error["exit"]) == ("debt", 2)
    assert "maple" in error["sentence"]
    assert "manor" in error["sentence"]
    assert li.ask("pay", debt="map", amount="5")["debt"] == "maple"


def test_a_whole_name_goes_before_a_longer_one_that_begins_with_it(li: Desk) -> None:
    li.debt("MAPLE", handle="visa")
    li.debt("KITE", creditor="Birch Loans", handle="visa-old")
    assert li.ask("debt.show", debt="visa")["handle"] == "visa"


@pytest.mark.parametrize("name", ["oak", "", " ", "aple", "maplee"])
def test_an_unknown_name_is_not_guessed_and_the_known_ones_are_listed(li: Desk, name: str) -> None:
    li.debt()
    error = li.refused("debt.show", debt=name)
    assert (error["field"], error["exit"]) == ("debt", 3)
    assert "maple" in error["hint"]


def test_nobody_finds_the_debt_of_somebody_else(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    for name in ("debt.show", "plan.show", "ledger.show", "statement.list"):
        assert desk.of("ana").refused(name, debt="maple")["exit"] == 3
    assert handles(desk.of("ana")) == []


# Recording a debt.


@pytest.mark.parametrize(
    "twin", ["Alder Bank", "ALDER BANK", wide("Alder") + " Bank", "Alder  Bank"]
)
def test_a_creditor_that_differs_by_width_case_or_spaces_is_the_same(
    maple: Desk, twin: str
) -> None:
    error = maple.refused("debt.add", creditor=twin, new_creditor=True, word="KITE", **CLEAR)
    assert (error["exit"], "alder-bank" in error["sentence"]) == (4, True)
    assert maple.refused("creditor.add", name=twin)["exit"] == 4
    assert len(maple.ask("creditor.list")["creditors"]) == 1
    assert handles(maple) == ["maple"]


def test_a_creditor_that_differs_by_composition_is_the_same(li: Desk) -> None:
    li.ask("creditor.add", name="Caf\u00e9 Cr\u00e9dit")
    assert li.refused("creditor.add", name="Cafe\u0301 Cre\u0301dit")["exit"] == 4


def test_a_rename_cannot_make_two_creditors_look_the_same(maple: Desk) -> None:
    maple.ask("creditor.add", name="Birch Loans")
    assert maple.refused("creditor.edit", creditor="birch-loans", name="alder bank")["exit"] == 4
    assert maple.ask("creditor.show", creditor="birch-loans")["name"] == "Birch Loans"


def test_an_unknown_creditor_is_no_new_one_unless_that_is_said(li: Desk) -> None:
    error = li.refused("debt.add", creditor="Alder Bank", word="MAPLE", total="5", **CLEAR)
    assert (error["field"], error["exit"]) == ("creditor", 3)
    assert li.ask("creditor.list")["creditors"] == []


def test_two_debts_at_one_creditor_get_handles_of_their_own(maple: Desk) -> None:
    made = maple.ask("debt.add", creditor="alder", total="50", **CLEAR)
    again = maple.ask("debt.add", creditor="Alder Bank", total="60", **CLEAR)
    assert [made["handle"], again["handle"]] == ["alder-bank", "alder-bank-2"]
    assert len({made["word"], again["word"], "MAPLE"}) == 3


@pytest.mark.parametrize("word", ["RED", "CREDITOR", "STOP", "MAPLE", "ROSE", "12", "TWO WORDS"])
def test_a_cover_word_that_says_too_much_or_is_taken_is_refused(maple: Desk, word: str) -> None:
    error = maple.refused("debt.add", creditor="alder", word=word, total="5", **CLEAR)
    assert error["exit"] == 2
    assert handles(maple) == ["maple"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("2026-03-01", {"state": "known", "on": "2026-03-01"}),
        ("yesterday", {"state": "known", "on": "2026-11-23"}),
        ("?", {"state": "unknown", "on": None}),
        ("don't know", {"state": "unknown", "on": None}),
        ("never", {"state": "never", "on": None}),
    ],
)
def test_a_date_may_be_known_unknown_or_never(
    maple: Desk, typed: str, kept: dict[str, Any]
) -> None:
    assert maple.ask("debt.edit", debt="maple", judgment=typed)["dates"]["judgment"] == kept
    assert maple.ask("debt.show", debt="maple")["dates"]["defaulted"]["state"] == "not-asked"


def test_a_date_that_is_still_to_come_did_not_happen(maple: Desk) -> None:
    error = maple.refused("debt.edit", debt="maple", last_payment="2026-11-25")
    assert (error["field"], error["exit"]) == ("last_payment", 2)
    assert maple.ask("debt.show", debt="maple")["dates"]["last_payment"]["on"] == "2026-08-01"


# Statements and the ledger.


def test_the_parts_of_a_statement_must_sum_to_its_total(maple: Desk) -> None:
    error = maple.refused(
        "statement.add", debt="maple", total="100", principal="80", interest="15", fees="4.99"
    )
    assert (error["field"], error["exit"]) == ("total", 2)
    assert "99.99" in error["sentence"]
    assert len(maple.ask("statement.list", debt="maple")["statements"]) == 1


def test_the_parts_alone_make_the_total(maple: Desk) -> None:
    made = maple.ask("statement.add", debt="maple", principal="80", interest="15.50", fees="4.50")
    assert made["total"] == {"amount": "100.00", "currency": "GBP"}
    assert made["penalties"] == {"amount": "0.00", "currency": "GBP"}


def test_a_debt_whose_parts_do_not_sum_is_not_recorded_at_all(li: Desk) -> None:
    request = {"creditor": "Alder Bank", "new_creditor": True, "word": "MAPLE", **CLEAR}
    assert li.refused("debt.add", **request, total="10", principal="9")["exit"] == 2
    assert handles(li) == []
    assert li.ask("creditor.list")["creditors"] == []


def test_a_later_statement_is_compared_and_never_adopted_in_silence(maple: Desk) -> None:
    maple.clock.forward(minutes=1)
    maple.ask("pay", debt="maple", amount="200")
    made = maple.ask("statement.add", debt="maple", total="1010.00")
    assert made["difference"] == {"amount": "10.00", "currency": "GBP"}
    assert any("10.00" in sentence for sentence in made["said"])
    ledger = maple.ask("ledger.show", debt="maple")
    assert ledger["balance"] == {"amount": "1000.00", "currency": "GBP"}


def test_the_ledger_tells_each_fact_with_the_balance_after_it(maple: Desk) -> None:
    maple.clock.forward(minutes=1)
    maple.ask("pay", debt="maple", amount="200")
    maple.clock.forward(days=2)
    maple.ask("bounced", debt="maple")
    entries = maple.ask("ledger.show", debt="maple")["entries"]
    assert [(each["on"], each["balance"]["amount"]) for each in entries] == [
        ("2026-11-24", "1200.00"),
        ("2026-11-24", "1000.00"),
        ("2026-11-26", "1200.00"),
    ]


def test_a_ledger_without_a_statement_says_what_is_missing(li: Desk) -> None:
    li.debt(total=None)
    ledger = li.ask("ledger.show", debt="maple")
    assert (ledger["entries"], ledger["balance"]) == ([], None)
    assert "tracker statement add" in ledger["said"][0]


@pytest.mark.parametrize("amount", ["1e3", "NaN", "1_000", wide("100"), "12.345", "-5", "$5", ""])
def test_a_figure_that_cannot_be_meant_is_refused(maple: Desk, amount: str) -> None:
    assert maple.refused("statement.add", debt="maple", total=amount)["exit"] == 2
    assert len(maple.ask("statement.list", debt="maple")["statements"]) == 1


def test_a_german_comma_and_a_currency_without_cents_are_read_as_meant(desk: Desk) -> None:
    desk.li(locale="de_DE", zone="Europe/Berlin", country="DE", currency="EUR")
    request = {"creditor": "Erle", "new_creditor": True, **CLEAR, "jurisdiction": "GB"}
    made = desk.ask("debt.add", **request, handle="erle", total="1234,50")
    assert made["balance"] == {"amount": "1234.50", "currency": "EUR"}
    request |= {"creditor": "Kiri"}
    made = desk.ask("debt.add", **request, handle="kiri", total="5000", currency="JPY")
    assert made["balance"] == {"amount": "5000", "currency": "JPY"}
    assert desk.refused("pay", debt="kiri", amount="5,50")["exit"] == 2
