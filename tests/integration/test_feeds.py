from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.peers import ics_checker
from tests.peers.desk import Desk
from tracker.actions.feeds import FeedFile, feed_bytes

TWO = "2026-12-04 100.00\n2027-01-04 100.00\n"


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.plan(rows=TWO, payee="Canary Bank plc", quote="REF-77", account="1234")
    return maple


def fetched(desk: Desk, token: str) -> FeedFile | None:
    return feed_bytes(desk.office, token, desk.clock.now())


def fetch(desk: Desk, token: str) -> FeedFile:
    file = fetched(desk, token)
    assert file is not None
    return file


def events(file: FeedFile) -> list[dict[str, str]]:
    """Each event's properties; of an alarm only its trigger."""
    text = re.sub(rb"\r\n[ \t]", b"", file.body).decode()
    found = []
    for block in re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", text, re.DOTALL):
        own = re.sub(r"BEGIN:VALARM.*?END:VALARM\r\n", "", block, flags=re.DOTALL)
        lines = [line.split(":", 1) for line in own.split("\r\n") if ":" in line]
        event = {name.split(";")[0]: value.replace("\\", "") for name, value in lines}
        event["TRIGGERS"] = ",".join(re.findall(r"TRIGGER[^:]*:(\S+)", block))
        found.append(event)
    return found


def summaries(file: FeedFile) -> list[str]:
    return [event["SUMMARY"] for event in events(file)]


def add(desk: Desk, **request: Any) -> str:
    token: str = desk.ask("feed.add", **request)["token"]
    return token


def test_a_feed_leads_with_the_day_to_send_and_stands_on_the_due_day(agreed: Desk) -> None:
    file = fetch(agreed, add(agreed))
    assert summaries(file) == [
        "MAPLE 1 of 2, send by Thu 3 Dec",
        "MAPLE 2 of 2, send by Thu 31 Dec",
    ]
    assert [event["DTSTART"] for event in events(file)] == ["20261204", "20270104"]
    plan = agreed.ask("plan.show", debt="maple")
    uids = [event["UID"] for event in events(file)]
    assert all(row["ref"] in uid for row, uid in zip(plan["instalments"], uids, strict=True))


def test_the_file_keeps_the_rules_of_its_format(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="100")
    assert ics_checker.problems(fetch(agreed, add(agreed, detail="full")).body) == []


def test_its_alarms_ring_when_the_reminders_go(agreed: Desk) -> None:
    triggers = events(fetch(agreed, add(agreed)))[0]["TRIGGERS"].split(",")
    # Nine on the 30th, the 2nd and the 3rd, from the midnight that begins the 4th.
    assert sorted(triggers) == ["-P1DT15H", "-P3DT15H", "-PT15H"]


def test_a_neutral_feed_says_neither_who_is_owed_nor_how_much(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="11.11")
    body = fetch(agreed, add(agreed)).body.decode()
    assert not re.search(r"Alder|Canary|100\.00|11\.11|88\.89|REF-77|1234\b|£|GBP", body)
    assert not re.search(r"debt|loan|pay|bank|credit", body, re.IGNORECASE)


def test_a_full_feed_says_who_how_much_and_how(agreed: Desk) -> None:
    agreed.ask("pay", debt="maple", amount="11.11")
    first = events(fetch(agreed, add(agreed, detail="full")))[0]
    assert first["SUMMARY"].startswith("Alder Bank 1 of 2")
    for said in ("£100.00", "£88.89", "Canary Bank plc", "REF-77", "1234"):
        assert said in first["DESCRIPTION"]


def test_the_tag_stays_while_neither_data_nor_month_changes(agreed: Desk) -> None:
    token = add(agreed)
    first = fetch(agreed, token)
    for _ in range(3):
        agreed.clock.forward(days=2)
        again = fetch(agreed, token)
        assert (again.etag, again.body, again.last_modified) == (
            first.etag,
            first.body,
            first.last_modified,
        )


def test_an_instalment_that_is_late_changes_nothing_in_the_file(agreed: Desk) -> None:
    token = add(agreed)
    agreed.clock.at = datetime(2026, 12, 3, 12, tzinfo=UTC)
    before = fetch(agreed, token)
    agreed.clock.at = datetime(2026, 12, 30, 12, tzinfo=UTC)
    assert fetch(agreed, token).body == before.body


def test_the_tag_changes_with_the_month_where_the_person_is(agreed: Desk) -> None:
    token = add(agreed)
    agreed.ask("person.edit", zone="Pacific/Auckland")
    agreed.clock.at = datetime(2026, 11, 30, 10, 59, tzinfo=UTC)
    november = fetch(agreed, token)
    agreed.clock.at = datetime(2026, 11, 30, 11, tzinfo=UTC)
    assert fetch(agreed, token).etag != november.etag


def test_a_payment_changes_the_tag_and_marks_the_instalment_as_done(agreed: Desk) -> None:
    token = add(agreed)
    before = fetch(agreed, token)
    agreed.clock.forward(hours=1)
    agreed.ask("pay", debt="maple", amount="100")
    after = fetch(agreed, token)
    assert after.etag != before.etag
    assert after.last_modified > before.last_modified
    assert summaries(after)[0] == "MAPLE 1 of 2: done"
    assert events(after)[0]["TRIGGERS"] == ""
    old, new = events(before), events(after)
    assert new[0]["UID"] == old[0]["UID"]
    assert int(new[0]["SEQUENCE"]) > int(old[0]["SEQUENCE"])
    assert new[1] == old[1]


def test_a_payment_taken_back_opens_the_event_again_with_a_higher_sequence(agreed: Desk) -> None:
    token = add(agreed)
    agreed.ask("pay", debt="maple", amount="100")
    paid = events(fetch(agreed, token))[0]
    agreed.ask("undo")
    again = events(fetch(agreed, token))[0]
    assert again["SUMMARY"] == "MAPLE 1 of 2, send by Thu 3 Dec"
    assert int(again["SEQUENCE"]) > int(paid["SEQUENCE"])


def test_a_withdrawn_plan_is_cancelled_for_a_while_and_then_gone(agreed: Desk) -> None:
    token = add(agreed)
    agreed.ask("pay", debt="maple", amount="100")
    before = events(fetch(agreed, token))
    agreed.ask("plan.withdraw", debt="maple", reason="sold")
    done, cancelled = events(fetch(agreed, token))
    assert done["SUMMARY"] == "MAPLE 1 of 2: done"
    assert (cancelled["STATUS"], cancelled["UID"]) == ("CANCELLED", before[1]["UID"])
    assert int(cancelled["SEQUENCE"]) > int(before[1]["SEQUENCE"])
    assert cancelled["TRIGGERS"] == ""
    agreed.clock.at = datetime(2026, 12, 24, tzinfo=UTC)
    assert "STATUS" in events(fetch(agreed, token))[1]
    agreed.clock.at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert [event["UID"] for event in events(fetch(agreed, token))] == [done["UID"]]


def test_a_row_that_a_revision_dropped_is_cancelled(agreed: Desk) -> None:
    token = add(agreed)
    before = events(fetch(agreed, token))
    agreed.plan(rows="2026-12-04 200.00\n", agreed_by="call of 24 November", revise="all at once")
    first, second = events(fetch(agreed, token))
    assert first["SUMMARY"] == "MAPLE 1 of 1, send by Thu 3 Dec"
    assert (second["UID"], second["STATUS"]) == (before[1]["UID"], "CANCELLED")


def test_the_rows_of_a_withdrawn_plan_stay_cancelled_beside_the_plan_that_follows(
    agreed: Desk,
) -> None:
    token = add(agreed)
    old = {event["UID"] for event in events(fetch(agreed, token))}
    agreed.ask("plan.withdraw", debt="maple", reason="other terms")
    agreed.plan(rows=TWO)
    found = events(fetch(agreed, token))
    cancelled = {event["UID"] for event in found if event.get("STATUS") == "CANCELLED"}
    assert cancelled == old
    assert len(found) == 4


def test_a_moved_instalment_keeps_its_uid(agreed: Desk) -> None:
    token = add(agreed)
    before = events(fetch(agreed, token))
    agreed.plan(
        rows="2026-12-04 100.00\n2027-01-11 100.00\n",
        agreed_by="call of 24 November",
        revise="a week later",
    )
    after = events(fetch(agreed, token))
    assert [event["UID"] for event in after] == [event["UID"] for event in before]
    assert after[1]["DTSTART"] == "20270111"
    assert int(after[1]["SEQUENCE"]) > int(before[1]["SEQUENCE"])


def test_one_person_never_sees_the_dates_of_another(desk: Desk) -> None:
    tokens = {}
    for name, word in (("Li", "MAPLE"), ("Ana", "KITE")):
        desk.li(name=name)
        own = desk.of(name.casefold())
        own.debt(word)
        own.plan(word.casefold(), rows=TWO)
        tokens[word] = add(own)
    assert {summary[:5].strip() for summary in summaries(fetch(desk, tokens["KITE"]))} == {"KITE"}


def test_an_unknown_token_is_nobodys(agreed: Desk) -> None:
    add(agreed)
    assert fetched(agreed, "x" * 43) is None
    assert fetched(agreed, "") is None


def test_a_revoked_token_is_nobodys_at_once(agreed: Desk) -> None:
    token = add(agreed)
    fetch(agreed, token)
    assert agreed.ask("feed.revoke", feed="calendar")["revoked_at"]
    assert fetched(agreed, token) is None


def test_a_rotated_feed_answers_at_its_new_address_alone(agreed: Desk) -> None:
    token = add(agreed)
    before = fetch(agreed, token)
    told = agreed.ask("feed.rotate", feed="calendar")
    assert told["token"] != token
    assert told["url"].endswith(f"/feed/{told['token']}.ics")
    assert fetched(agreed, token) is None
    assert fetch(agreed, told["token"]).body == before.body
    agreed.ask("feed.revoke", feed="calendar")
    again = agreed.ask("feed.rotate", feed="calendar")["token"]
    assert fetched(agreed, again) is not None


def test_a_name_is_taken_once_and_an_unknown_one_is_named(li: Desk) -> None:
    add(li, name="phone")
    assert li.refused("feed.add", name="phone")["exit"] == 4
    assert li.refused("feed.rotate", feed="tablet")["exit"] == 3
    assert li.refused("feed.add", detail="everything")["field"] == "detail"
    assert [feed["feed"] for feed in li.ask("feed.list")["feeds"]] == ["phone"]


def test_the_list_never_shows_a_token(li: Desk) -> None:
    token = add(li)
    assert token not in str(li.ask("feed.list"))
    assert token not in str(li.ask("journal.list"))


def test_pushed_into_a_folder_the_file_changes_only_with_the_data(
    agreed: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    token = add(agreed, name="phone")
    pushed = agreed.ask("feed.push", folder=str(folder), feed="phone")
    assert (pushed["changed"], pushed["events"]) == (True, 2)
    assert (folder / "phone.ics").read_bytes() == fetch(agreed, token).body
    assert agreed.ask("feed.push", folder=str(folder), feed="phone")["changed"] is False
    agreed.ask("pay", debt="maple", amount="100")
    assert agreed.ask("feed.push", folder=str(folder), feed="phone")["changed"] is True
    assert [path.name for path in folder.iterdir()] == ["phone.ics"]
    error = agreed.refused("feed.push", folder=str(tmp_path / "nowhere"))
    assert (error["field"], error["exit"]) == ("folder", 2)


def test_events_older_than_a_year_leave_the_window(agreed: Desk) -> None:
    token = add(agreed)
    agreed.clock.at = datetime(2027, 12, 31, tzinfo=UTC)
    assert len(summaries(fetch(agreed, token))) == 2
    agreed.clock.at = datetime(2028, 1, 1, tzinfo=UTC)
    assert [event["DTSTART"] for event in events(fetch(agreed, token))] == ["20270104"]
