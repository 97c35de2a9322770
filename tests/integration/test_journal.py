from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.peers.desk import Desk
from tracker.store import journal, people


def check(desk: Desk, name: str) -> dict[str, object]:
    found: list[dict[str, object]] = desk.ask("doctor")["checks"]
    return next(each for each in found if each["name"] == name)


def a_history(desk: Desk) -> None:
    desk.debt()
    desk.plan()
    desk.ask("pay", debt="maple", amount="40")
    desk.ask("undo")
    desk.ask("debt.hold", debt="maple", kind="disputed")
    desk.ask("debt.release", debt="maple")
    desk.ask("person.edit", name="Li Wei")


def test_each_revision_has_one_line_and_the_chain_holds(li: Desk) -> None:
    a_history(li)
    with li.office.database.read() as session:
        person = people.find(session, "li")
        lines = journal.entries(session, person.id, 100)
        assert [line.revision for line in lines] == list(range(person.revision, 0, -1))
        assert journal.first_break(session, person.id) is None
    assert [line.action for line in reversed(lines)] == [
        "person.add",
        "debt.add",
        "plan.agree",
        "pay",
        "undo",
        "debt.hold",
        "debt.release",
        "person.edit",
    ]


def test_a_line_says_who_asked_for_what_and_when(maple: Desk) -> None:
    maple.answer("pay", {"debt": "maple", "amount": "40", "note": "李 paid"}, actor="web:li")
    line = maple.ask("journal.list", limit="1")["entries"][0]
    assert line["actor"] == "web:li"
    assert line["action"] == "pay"
    assert line["detail"] == {"debt": "maple", "amount": "40", "note": "李 paid"}
    assert line["at"].startswith("2026-11-24T09:00:00")


def test_what_was_refused_has_no_line_and_no_revision(maple: Desk) -> None:
    before = maple.ask("person.show")["revision"]
    maple.refused("pay", debt="maple", amount="0")
    maple.refused("pay", debt="oak", amount="1")
    assert maple.ask("person.show")["revision"] == before
    assert len(maple.ask("journal.list")["entries"]) == before


def test_each_person_has_a_chain_of_their_own(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana")
    desk.of("li").debt()
    desk.of("ana").debt()
    desk.of("li").ask("pay", debt="maple", amount="1")
    for name, count in (("li", 3), ("ana", 2)):
        lines = desk.of(name).ask("journal.list")["entries"]
        assert [line["revision"] for line in lines] == list(range(count, 0, -1))
    assert check(desk.of("li"), "journal")["ok"] is True


@pytest.mark.parametrize(
    "change",
    [
        'UPDATE journal SET detail = \'{"amount": "4", "debt": "maple"}\' WHERE revision = 4',
        "UPDATE journal SET actor = 'somebody' WHERE revision = 4",
        "UPDATE journal SET action = 'undo' WHERE revision = 4",
        "DELETE FROM journal WHERE revision = 4",
    ],
)
def test_a_line_changed_by_hand_is_found_at_its_revision(li: Desk, change: str) -> None:
    a_history(li)
    assert check(li, "journal")["ok"] is True
    with li.office.database.engine.begin() as connection:
        assert connection.execute(text(change)).rowcount == 1
    found = check(li, "journal")
    assert found["ok"] is False
    broken = 5 if change.startswith("DELETE") else 4
    assert str(broken) in str(found["sentence"])
    assert "li" in str(found["sentence"])


def test_the_list_is_newest_first_and_as_long_as_asked(li: Desk) -> None:
    a_history(li)
    lines = li.ask("journal.list", limit="3")["entries"]
    assert [line["action"] for line in lines] == ["person.edit", "debt.release", "debt.hold"]
    assert li.refused("journal.list", limit="0")["field"] == "limit"
