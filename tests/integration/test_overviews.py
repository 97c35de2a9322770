"""The overviews: what they say, by how many statements, and by which indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from tests.benchmarks import stock
from tests.peers.desk import Desk
from tracker.store import overviews
from tracker.store.db import Database

WORDS = ("MAPLE", "KITE", "DOVE", "HARBOUR", "LARK", "REED")


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile, each with its values."""
    seen: list[tuple[str, Any]] = []

    def heard(_c: object, _cursor: object, statement: str, values: Any, *_: object) -> None:
        seen.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", heard)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", heard)


def number(desk: Desk, action: str, **request: Any) -> int:
    desk.ask(action, **request)  # what is read once a process
    with statements(desk.office.database) as seen:
        desk.ask(action, **request)
    return len([said for said, _ in seen if said.lstrip().upper().startswith(("SELECT", "WITH"))])


def household(desk: Desk, words: tuple[str, ...]) -> None:
    """Debts with plans, something paid, something scheduled, and something on hold."""
    for word in words:
        handle = word.casefold()
        desk.debt(word, f"Bank of {word}")
        desk.plan(handle, start="2026-12-04")
        desk.ask("pay", debt=handle, amount="100")
        desk.ask("pay", debt=handle, amount="50", scheduled="2026-11-25")
        desk.ask("debt.hold", debt=handle, kind="adviser")
        desk.ask("debt.payee", debt=handle, account="1234", told_by="letter of 3 March")


def of(told: dict[str, Any], section: str) -> list[tuple[str, int]]:
    return [(each["debt"], each["seq"]) for each in told[section]]


# What it says.


def test_what_is_settled_waived_paid_in_part_or_replaced_is_told_as_it_stands(li: Desk) -> None:
    for word in ("MAPLE", "KITE", "DOVE"):
        li.debt(word, f"Bank of {word}")
    rows = "2026-12-01 100.00\n2026-12-04 100.00\n2026-12-20 100.00\n"
    li.plan("maple", rows=rows, tolerance="1.00")
    li.plan("kite", rows=rows)
    li.plan("dove", rows=rows)
    li.ask("pay", debt="maple", amount="99.50")
    li.ask("pay", debt="kite", amount="140")
    li.ask("plan.waive", debt="kite", instalment="3", agreed_by="letter of 1 November")
    li.ask("plan.withdraw", debt="dove", reason="a new offer")
    told = li.ask("overview")
    assert (of(told, "due"), of(told, "late")) == ([("maple", 2), ("kite", 2)][::-1], [])
    assert [each["open"]["amount"] for each in told["due"]] == ["60.00", "100.00"]
    assert [each["state"] for each in told["due"]] == ["part-paid", "upcoming"]
    kite, maple = told["plans"]
    assert (kite["done"], kite["count"], kite["next_due_on"]) == (2, 3, "2026-12-04")
    assert (kite["paid"]["amount"], kite["open"]["amount"]) == ("140.00", "60.00")
    assert (maple["done"], maple["count"], maple["next_due_on"]) == (1, 3, "2026-12-04")
    assert (maple["paid"]["amount"], maple["open"]["amount"]) == ("99.50", "200.50")
    assert maple["ends_on"] == "2026-12-20"


def test_each_plan_agrees_with_what_is_shown_of_it_alone(li: Desk) -> None:
    household(li, WORDS[:3])
    li.ask("plan.agree", debt="kite", total="600", count="6", start="2026-12-15",
           revise="less a month", agreed_by="call of 20 November", accept=True)  # fmt: skip
    li.clock.forward(days=40)
    told = li.ask("overview")
    for stand in told["plans"]:
        shown = li.ask("plan.show", debt=stand["debt"])
        progress = {name: shown["progress"][name] for name in ("paid", "open", "done", "count")}
        assert {name: stand[name] for name in progress} == progress
        assert stand["ends_on"] == shown["ends_on"]
        late = [row["seq"] for row in shown["instalments"] if row["state"] in ("late", "missed")]
        assert [each["seq"] for each in told["late"] if each["debt"] == stand["debt"]] == late
        due = [
            row["seq"]
            for row in shown["instalments"]
            if row["state"] in ("upcoming", "due", "part-paid") and row["due_on"] <= "2027-01-17"
        ]
        assert [each["seq"] for each in told["due"] if each["debt"] == stand["debt"]] == due
    assert told["late"]
    assert told["due"]


def test_the_five_recorded_last_are_told_with_what_became_of_them(maple: Desk) -> None:
    for pounds in range(1, 8):
        maple.ask("pay", debt="maple", amount=str(pounds))
    maple.ask("payment.void", payment="6", reason="mistyped")
    recent = maple.ask("overview")["recent"]
    assert [(each["number"], each["state"]) for each in recent] == [
        (8, "reversal"),
        (7, "counts"),
        (6, "void"),
        (5, "counts"),
        (4, "counts"),
    ]


def test_one_persons_overview_has_nothing_of_another(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana", phone="+447700900124")
    household(desk.of("li"), WORDS[:2])
    told = desk.of("ana").ask("overview")
    for section in ("due", "late", "decide", "recent", "plans"):
        assert told[section] == []


def test_a_scheduled_payment_that_was_answered_is_not_asked_about_again(maple: Desk) -> None:
    maple.plan()
    for day in ("2026-11-24", "2026-11-25", "2026-11-26"):
        maple.ask("pay", debt="maple", amount="10", scheduled=day)
    maple.clock.forward(days=1)
    maple.ask("payment.confirm", payment="1", went="yes")
    asked = [each["payment"] for each in maple.ask("overview")["decide"]]
    assert asked == [2]


# By how many statements, and by which indexes.


def test_the_statements_of_an_overview_are_as_many_for_six_debts_as_for_one(desk: Desk) -> None:
    desk.li()
    desk.li(name="Ana", phone="+447700900124")
    household(desk.of("li"), WORDS[:1])
    household(desk.of("ana"), WORDS)
    desk.clock.forward(days=2)
    assert number(desk.of("li"), "overview") == number(desk.of("ana"), "overview")


def test_the_statements_of_a_page_of_what_is_due_do_not_grow_with_it(desk: Desk) -> None:
    desk.li()
    household(desk, WORDS[:1])
    few = number(desk, "caseload.due", days="30", count=True)
    household(desk, WORDS[1:])
    assert number(desk, "caseload.due", days="30", count=True) == few


@pytest.fixture(params=["a household", "a charity"])
def filled(request: pytest.FixtureRequest, desk: Desk, database: Database) -> Desk:
    """Three debts of one person, of which SQLite knows nothing; or 400, and it knows how many."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by how much there is, which is little here")
    if request.param == "a household":
        desk.li(handle="p7")
        household(desk, WORDS[:3])
    else:
        stock.fill(database, plans=400, each=12, days=28, of=4)
        desk.clock.at = stock.called_at(7)
    return desk.of("p7")


def test_an_overview_searches_by_its_person(filled: Desk) -> None:
    steps = explained(filled, "overview")
    assert [step for step in steps if step.startswith("SEARCH instalment USING")]
    for table in ("instalment", "plan", "plan_version", "payment", "debt", "hold", "payee"):
        assert not [step for step in steps if step.startswith(f"SCAN {table}")]


@pytest.mark.parametrize("request_", [{}, {"after": "20261201-1"}, {"count": True}])
def test_what_is_due_is_found_by_the_index_of_open_instalments(
    filled: Desk, request_: dict[str, Any]
) -> None:
    steps = explained(filled, "caseload.due", **request_)
    by_day = "SEARCH instalment USING INDEX ix_instalment_open_due (due_on"
    assert [step for step in steps if step.startswith(by_day)]
    for table in ("instalment", "plan", "plan_version", "debt", "hold"):
        assert not [step for step in steps if step.startswith(f"SCAN {table}")]


def test_a_page_of_what_is_due_is_walked_in_order_and_not_sorted(filled: Desk) -> None:
    steps = explained(filled, "caseload.due")
    begins = next(place for place, step in enumerate(steps) if "ix_instalment_open_due" in step)
    ends = next(place for place, step in enumerate(steps) if step.startswith("SCAN "))
    assert not [step for step in steps[begins:ends] if "TEMP B-TREE" in step]


def explained(desk: Desk, action: str, **request: Any) -> list[str]:
    """The steps by which SQLite answers each statement of a read."""
    database = desk.office.database
    with statements(database) as seen:
        desk.ask(action, **request)
    with database.engine.connect() as connection:
        return [
            str(row[3])
            for statement, values in seen
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]


# What is due of everybody.


@pytest.fixture
def two(desk: Desk) -> Desk:
    """Li and Ana, who is in Shanghai, with three instalments each in the first half of December."""
    desk.li()
    desk.li(name="Ana", phone="+447700900124", zone="Asia/Shanghai")
    for person, word, days in (("li", "MAPLE", (1, 5, 9)), ("ana", "KITE", (2, 5, 12))):
        desk.of(person).debt(word, f"Bank of {word}")
        rows = "\n".join(f"2026-12-{day:02} 400.00" for day in days)
        desk.of(person).plan(word.casefold(), rows=rows)
    return desk


def test_what_is_due_of_everybody_comes_in_the_order_of_its_days(two: Desk) -> None:
    told = two.ask("caseload.due", days="11")
    assert told["until"] == "2026-12-05"
    assert [(each["person"], each["due_on"], each["seq"]) for each in told["due"]] == [
        ("li", "2026-12-01", 1),
        ("ana", "2026-12-02", 1),
        ("li", "2026-12-05", 2),
        ("ana", "2026-12-05", 2),
    ]
    assert (told["total"], told["more"], told["next"]) == (4, False, None)
    first = told["due"][0]
    assert (first["debt"], first["word"], first["count"]) == ("maple", "MAPLE", 3)
    assert first["open"] == {"amount": "400.00", "currency": "GBP"}
    assert (first["state"], first["held"]) == ("upcoming", None)
    assert "Bank of" not in str(told)


def test_seven_days_and_a_hundred_rows_are_meant_where_nothing_is_said(two: Desk) -> None:
    told = two.ask("caseload.due")
    assert [each["due_on"] for each in told["due"]] == ["2026-12-01"]


def test_what_is_late_stays_until_it_is_paid_waived_or_withdrawn(two: Desk) -> None:
    two.clock.forward(days=60)
    assert len(two.ask("caseload.due")["due"]) == 6
    assert {each["state"] for each in two.ask("caseload.due")["due"]} == {"missed"}
    two.of("li").ask("pay", debt="maple", amount="500")
    two.of("li").ask("plan.waive", debt="maple", instalment="3", agreed_by="letter of 1 January")
    two.of("ana").ask("plan.withdraw", debt="kite", reason="a new offer")
    (left,) = two.ask("caseload.due")["due"]
    assert (left["seq"], left["open"]["amount"]) == (2, "300.00")


def test_a_gap_within_the_tolerance_is_not_due(maple: Desk) -> None:
    maple.plan(start="2026-12-01", tolerance="1.00")
    maple.ask("pay", debt="maple", amount="99.50")
    assert maple.ask("caseload.due")["due"] == []


def test_an_instalment_of_a_replaced_version_is_not_due(maple: Desk) -> None:
    maple.plan(start="2026-12-01")
    maple.ask("plan.agree", debt="maple", total="1200", count="6", start="2026-12-02",
              revise="larger ones", agreed_by="call of 20 November", accept=True)  # fmt: skip
    assert [each["due_on"] for each in maple.ask("caseload.due", days="8")["due"]] == ["2026-12-02"]


def test_a_hold_shows_by_the_day_where_the_person_is(two: Desk) -> None:
    two.of("li").ask("debt.hold", debt="maple", kind="disputed", until="2026-11-26")
    two.of("ana").ask("debt.hold", debt="kite", kind="adviser", until="2026-11-26")

    def held() -> dict[str, str | None]:
        return {each["debt"]: each["held"] for each in two.ask("caseload.due", days="30")["due"]}

    assert held() == {"maple": "disputed", "kite": "adviser"}
    two.clock.forward(days=1, hours=10)  # 19:00 in London on the 25th, 3:00 in Shanghai on the 26th
    assert held() == {"maple": "disputed", "kite": None}


@pytest.mark.parametrize("limit", ["1", "2", "3", "4", "5"])
def test_pages_follow_each_other_without_a_gap_or_a_double(two: Desk, limit: str) -> None:
    whole = two.ask("caseload.due", days="30")["due"]
    assert len(whole) == 6
    seen: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    for _ in range(6):
        page = two.ask("caseload.due", days="30", limit=limit, **after)
        assert len(page["due"]) <= int(limit)
        assert page["total"] is None
        seen += page["due"]
        if not page["more"]:
            break
        after = {"after": page["next"]}
    assert seen == whole


def test_how_many_there_are_in_all_is_said_where_it_is_asked_for(two: Desk) -> None:
    page = two.ask("caseload.due", days="30", limit="2", count=True)
    assert (len(page["due"]), page["more"], page["total"]) == (2, True, 6)


def test_nobody_and_nothing_due_is_no_error(desk: Desk) -> None:
    told = desk.ask("caseload.due")
    assert (told["due"], told["more"], told["total"]) == ([], False, 0)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"days": "-1"}, "days"),
        ({"days": "367"}, "days"),
        ({"days": "week"}, "days"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"after": ""}, "after"),
        ({"after": "20261301-5"}, "after"),
        ({"after": "2026-12-01"}, "after"),
        ({"after": "20261201-" + "9" * 30}, "after"),
    ],
)
def test_a_page_that_cannot_be_is_one_sentence(li: Desk, typed: dict[str, str], field: str) -> None:
    error = li.refused("caseload.due", **typed)
    assert (error["field"], error["exit"]) == (field, 2)
    assert "\n" not in error["sentence"]
    assert error["hint"]


def test_the_tolerance_is_read_as_the_instalments_own_state_reads_it(maple: Desk) -> None:
    """The condition in SQL and the one in core say the same of every row."""
    maple.plan(start="2026-12-01", tolerance="5.00")
    cases = ((0, 0), (0, 10_000), (9_500, 0), (9_499, 0), (1, 9_998), (1, 9_000), (0, 9_600))
    with maple.office.database.engine.begin() as connection:
        for seq, (paid, waived) in enumerate(cases, 1):
            connection.execute(
                text(
                    "UPDATE instalment SET paid_minor = :paid, waived_minor = :waived"
                    " WHERE seq = :seq"
                ),
                {"paid": paid, "waived": waived, "seq": seq},
            )
    maple.clock.forward(days=400)
    with maple.office.database.read() as session:
        (rows,) = overviews.due(session, 1, date(2028, 1, 1)).values()
        (sums,) = overviews.totals(session, 1).values()
    shown = maple.ask("plan.show", debt="maple")["instalments"]
    open_ones = [row["seq"] for row in shown if row["state"] not in ("paid", "waived")]
    assert [row.seq for row in rows] == open_ones
    assert open_ones == [1, 4, 6, 7, 8, 9, 10, 11, 12]
    assert sums.done == 12 - len(open_ones)
    everybodys = maple.ask("caseload.due", days="366")["due"]
    assert [row["seq"] for row in everybodys] == open_ones
