from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import inspect, text

from tests.peers.desk import CLEAR, Desk
from tracker.actions import dispatch
from tracker.actions.registry import ACTIONS
from tracker.store.db import Database


def everything_stored(database: Database) -> str:
    """All that stands in the database, as one text."""
    with database.engine.connect() as connection:
        return "\n".join(
            repr(row)
            for table in inspect(database.engine).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        )


def payments(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.ask("payment.list")["payments"]
    return found


def test_every_name_of_the_table_leads_to_a_function_with_a_request() -> None:
    for action in ACTIONS.values():
        function, request = dispatch._resolved(action.target)
        assert callable(function)
        assert hasattr(request, "model_validate")


def test_an_unknown_action_is_refused_and_named(desk: Desk) -> None:
    error = desk.refused("debt.forget")
    assert (error["code"], error["exit"]) == ("input", 2)
    assert "debt.forget" in error["sentence"]


def test_an_unknown_field_is_refused_and_nothing_is_written(maple: Desk) -> None:
    error = maple.refused("pay", debt="maple", amount="10", amuont="100")
    assert (error["field"], error["exit"]) == ("amuont", 2)
    assert payments(maple) == []


@pytest.mark.parametrize("amount", [100.5, 100.0, 100, True, ["100"]])
def test_an_amount_that_is_no_text_is_refused(maple: Desk, amount: object) -> None:
    error = maple.refused("pay", debt="maple", amount=amount)
    assert (error["field"], error["exit"]) == ("amount", 2)
    assert payments(maple) == []


def test_a_missing_field_is_named(maple: Desk) -> None:
    error = maple.refused("pay", amount="100")
    assert error["field"] == "debt"
    assert error["sentence"] == "debt is missing."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"request": None},
        {"request": []},
        {"request": {}, "key": 7},
        {"request": {}, "key": ""},
        {"request": {}, "person": ["li"]},
        {"request": {}, "key": "k" * 201},
    ],
)
def test_a_call_of_another_form_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    status, answer = dispatch.answer(desk.office, "overview", body)
    assert status == 422
    assert answer["error"]["field"] == "request"


def test_the_same_key_gives_the_same_answer_and_one_payment(maple: Desk) -> None:
    first = maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1")
    maple.clock.forward(hours=3)
    assert maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1") == first
    assert first[0] == 200
    assert len(payments(maple)) == 1


def test_a_repeat_leaves_no_second_line_in_the_journal(maple: Desk) -> None:
    maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1")
    before = maple.ask("journal.list")["entries"]
    maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1")
    assert maple.ask("journal.list")["entries"] == before


def test_the_same_key_with_another_request_is_a_conflict_and_writes_nothing(maple: Desk) -> None:
    maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1")
    for name, request in (
        ("pay", {"debt": "maple", "amount": "200"}),
        ("bounced", {"debt": "maple"}),
    ):
        status, body = maple.answer(name, request, key="k1")
        assert (status, body["error"]["exit"], body["error"]["field"]) == (409, 4, "key")
    assert [each["amount"]["amount"] for each in payments(maple)] == ["100.00"]


def test_a_key_whose_request_was_refused_may_be_used_again(maple: Desk) -> None:
    assert maple.answer("pay", {"debt": "maple", "amount": "-5"}, key="k1")[0] == 422
    assert maple.answer("pay", {"debt": "maple", "amount": "5"}, key="k1")[0] == 200
    assert len(payments(maple)) == 1


def test_two_persons_cannot_answer_each_other_by_a_key(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana", phone="+447700900124")
    desk.of("li").debt()
    desk.of("ana").debt()
    pay = {"debt": "maple", "amount": "100"}
    assert desk.answer("pay", pay, key="k1", person="li")[0] == 200
    assert desk.answer("pay", pay, key="k1", person="ana")[0] == 409
    assert payments(desk.of("ana")) == []


def test_eight_threads_with_one_key_record_one_payment_and_hear_the_same(maple: Desk) -> None:
    start = threading.Barrier(8)
    heard: list[tuple[int, dict[str, Any]]] = []

    def pay() -> None:
        start.wait()
        heard.append(maple.answer("pay", {"debt": "maple", "amount": "100"}, key="once"))

    threads = [threading.Thread(target=pay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(heard) == 8
    assert heard[0][0] == 200
    assert all(each == heard[0] for each in heard)
    assert len(payments(maple)) == 1


def test_four_threads_with_keys_of_their_own_lose_no_payment(maple: Desk) -> None:
    start = threading.Barrier(4)
    refused: list[Any] = []

    def pay() -> None:
        start.wait()
        for _ in range(5):
            status, body = maple.answer("pay", {"debt": "maple", "amount": "1"})
            if status != 200:
                refused.append(body)

    threads = [threading.Thread(target=pay) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert refused == []
    assert sorted(each["number"] for each in payments(maple)) == list(range(1, 21))


# Which person.


def test_the_only_person_need_not_be_named(li: Desk) -> None:
    assert li.ask("person.show")["handle"] == "li"


def test_a_home_without_anybody_says_how_to_begin(desk: Desk) -> None:
    error = desk.refused("overview")
    assert (error["code"], error["exit"]) == ("not-found", 3)
    assert "`tracker " in error["hint"]


def test_of_two_persons_the_one_named_is_meant(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    assert desk.of("ana").ask("person.show")["name"] == "Ana"
    error = desk.of("bo").refused("person.show")
    assert (error["exit"], "bo" in error["sentence"]) == (3, True)


def test_a_handle_that_only_one_person_has_tells_who_is_meant(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    desk.of("ana").debt("KITE")
    assert desk.ask("pay", debt="kite", amount="10")["debt"] == "kite"
    assert len(payments(desk.of("ana"))) == 1
    assert payments(desk.of("li")) == []


def test_a_handle_that_both_have_asks_who_is_meant_and_names_them(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    desk.of("ana").debt()
    for name, request in (("pay", {"debt": "maple", "amount": "10"}), ("overview", {})):
        status, body = desk.answer(name, request)
        assert (status, body["error"]["exit"]) == (422, 2)
        assert "li" in body["error"]["sentence"]
        assert "ana" in body["error"]["sentence"]
    assert payments(desk.of("li")) == payments(desk.of("ana")) == []


def test_the_name_given_goes_before_the_owner_of_the_handle(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    assert desk.of("ana").refused("pay", debt="maple", amount="10")["exit"] == 3
    assert payments(desk.of("li")) == []


# Languages and secrets.


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh_Hans_CN", "没有"), ("zh_Hant_TW", "沒有"), ("en_GB", "There is no debt")],
)
def test_an_error_is_told_in_the_language_of_the_person(desk: Desk, locale: str, said: str) -> None:
    desk.li(locale=locale)
    error = desk.refused("debt.show", debt="oak")
    assert said in error["sentence"]
    assert "oak" in error["sentence"]


def test_with_two_persons_the_error_speaks_the_language_of_the_one_meant(desk: Desk) -> None:
    desk.li()
    desk.li(name="Wei", handle="wei", locale="zh_Hans_CN")
    desk.of("wei").debt("青松", handle="songshu")
    error = desk.refused("pay", debt="songshu", amount="x")
    assert "金额" in error["sentence"] or "amount" in error["sentence"]
    assert not error["hint"].isascii()


def test_a_defect_answers_calmly_and_changes_nothing(
    maple: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a canary of the inside")

    monkeypatch.setattr("tracker.actions.receipts.made", broken)
    status, body = maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1")
    assert (status, body["error"]["exit"]) == (500, 70)
    assert "canary" not in str(body)
    assert "a canary of the inside" in caplog.text
    assert payments(maple) == []
    monkeypatch.undo()
    assert maple.answer("pay", {"debt": "maple", "amount": "100"}, key="k1")[0] == 200


def test_a_password_stands_nowhere_in_the_database_and_no_fast_hash_of_it(desk: Desk) -> None:
    password = "four plain words here"
    desk.li(password=password)
    body = {"password": password}
    status, _ = desk.answer("person.password", body, key="k1")
    assert status == 200
    assert password not in everything_stored(desk.office.database)
    guess = dispatch._fingerprint("person.password", dispatch.Envelope(body, key="k1"))
    other = dispatch._fingerprint(
        "person.password", dispatch.Envelope({"password": "another guess"}, key="k1")
    )
    assert guess == other, "a guess at the password can be checked against the stored hash"
    (newest, *_) = desk.ask("journal.list")["entries"]
    assert newest["detail"] == {"password": "(secret)"}


def test_the_token_of_a_feed_stands_nowhere_in_the_database(li: Desk) -> None:
    made = li.ask("feed.add")
    again = li.ask("feed.rotate", feed="calendar")
    stored = everything_stored(li.office.database)
    assert len(made["token"]) >= 43
    assert made["token"] not in stored
    assert again["token"] not in stored


def test_a_repeated_call_for_a_feed_does_not_make_a_second_one(li: Desk) -> None:
    status, first = li.answer("feed.add", {}, key="k1")
    repeated = li.answer("feed.add", {}, key="k1")[1]
    assert status == 200
    assert repeated["result"]["feed"] == first["result"]["feed"]
    assert len(li.ask("feed.list")["feeds"]) == 1


def test_a_result_inside_a_result_has_no_voice_of_its_own(maple: Desk) -> None:
    plan = maple.plan()
    assert plan["said"]
    assert all("said" not in row and "warnings" not in row for row in plan["instalments"])


def test_a_read_changes_nothing(maple: Desk) -> None:
    maple.plan()
    before = everything_stored(maple.office.database)
    for name in ("overview", "debt.list", "plan.list", "timeline", "remind.preview", "doctor"):
        maple.ask(name)
    for name in ("debt.show", "plan.show", "ledger.show", "statement.list"):
        maple.ask(name, debt="maple")
    assert everything_stored(maple.office.database) == before


def test_what_the_gate_knows_of_the_sample_debt_is_clear(li: Desk) -> None:
    assert li.debt()["dates"]["judgment"] == {"state": "never", "on": None}
    assert CLEAR["judgment"] == "never"
