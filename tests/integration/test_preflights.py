"""The doctor's word on what stands in the way of messages, before one is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.peers import site
from tests.peers.desk import confirmed
from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER

TWILIO = {
    "TRACKER_SMS_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TRACKER_SMS_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "TRACKER_SMS_TWILIO_FROM_NUMBER": SENDER,
    "TRACKER_SMS_TWILIO_INBOUND": "poll",
}
PHONES = {"GB": "+447700900123", "CN": "+8613800138000", "US": "+15550100001"}


def examined(home: Path, template: Path, *phones: str, **environ: str) -> list[dict[str, Any]]:
    """The findings for people with these numbers, each with sms first."""
    desk = site.opened(home, template, **{**TWILIO, **environ})
    for number, phone in enumerate(phones):
        name = f"P{number}"
        desk.ask("person.add", name=name, locale="en_GB", zone="UTC", phone=phone)
        confirmed(desk.office, name.casefold())
    found: list[dict[str, Any]] = [
        each for each in desk.ask("doctor")["checks"] if each["name"] == "preflight"
    ]
    desk.office.close()
    return found


def test_nothing_stands_against_a_number_in_britain(home: Path, sqlite_template: Path) -> None:
    assert examined(home, sqlite_template, PHONES["GB"]) == []


def test_what_a_country_does_to_texts_is_told_once_for_everybody_there(
    home: Path, sqlite_template: Path
) -> None:
    found = examined(home, sqlite_template, PHONES["CN"], "+8613900139000", PHONES["GB"])
    told = [each["sentence"] for each in found]
    assert len(told) == len(set(told)) == 3
    assert all(each.startswith("p0, p1: ") for each in told)
    assert "texts with a link" in told[0]
    assert any("cannot be answered" in each for each in told)
    assert found[0]["ok"] is None
    assert "--channel mail" in found[0]["hint"]


def test_texts_to_oneself_in_america_are_warned_of(home: Path, sqlite_template: Path) -> None:
    (found,) = examined(home, sqlite_template, PHONES["US"])
    assert "30532" in found["sentence"]
    assert found["ok"] is None


def test_a_name_as_sender_cannot_be_answered_and_not_used_in_america(
    home: Path, sqlite_template: Path
) -> None:
    named = {"TRACKER_SMS_TWILIO_FROM_NUMBER": "Home 7", "TRACKER_SMS_TWILIO_INBOUND": "off"}
    found = examined(home, sqlite_template, PHONES["GB"], PHONES["US"], **named)
    assert found[0]["ok"] is False
    assert found[0]["sentence"] == ("p1: Texts to US cannot come from a name, only from a number.")
    assert "from_number" in found[0]["hint"]
    (name,) = [each for each in found if "Nobody can answer a name" in each["sentence"]]
    assert name["sentence"].startswith("p0, p1: ")
    assert not any("heard by nobody" in each["sentence"] for each in found)


def test_answers_that_nobody_reads_are_told_where_they_could_come(
    home: Path, sqlite_template: Path
) -> None:
    off = {"TRACKER_SMS_TWILIO_INBOUND": "off"}
    found = examined(home, sqlite_template, PHONES["GB"], PHONES["CN"], **off)
    (unheard,) = [each for each in found if "heard by nobody" in each["sentence"]]
    assert unheard["sentence"].startswith("p0: ")
    assert "poll" in unheard["hint"]


@pytest.mark.parametrize(("channel", "section"), [("mail", "[mail]"), ("sms", "[sms.twilio]")])
def test_a_channel_that_is_not_set_up_is_told(
    home: Path, sqlite_template: Path, channel: str, section: str
) -> None:
    desk = site.opened(home, sqlite_template)
    desk.ask(
        "person.add",
        name="Li",
        locale="en_GB",
        zone="UTC",
        phone=PHONES["GB"],
        email="li@example.org",
        channels=["console", channel],
    )
    (found,) = [each for each in desk.ask("doctor")["checks"] if each["name"] == "preflight"]
    desk.office.close()
    assert found["ok"] is None
    assert channel in found["sentence"]
    assert "takes over" in found["hint"]


def test_push_without_its_package_is_told(
    home: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    desk = site.opened(home, sqlite_template)
    desk.li(channels=["console"])
    with desk.office.database.write() as session:
        from tracker.store import people

        row = people.find(session, "li")
        row.channels = "push,console"
        session.add(row)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "apprise" else find(name)
    )
    (found,) = [each for each in desk.ask("doctor")["checks"] if each["name"] == "preflight"]
    desk.office.close()
    assert "package for it is missing" in found["sentence"]
    assert "tracker[push]" in found["hint"]


def test_a_number_that_became_a_landline_stops_nothing_silently(
    home: Path, sqlite_template: Path
) -> None:
    desk = site.opened(home, sqlite_template, **TWILIO)
    desk.li()
    with desk.office.database.write() as session:
        from tracker.store import people

        row = people.find(session, "li")
        row.phone = "+442079460000"
        session.add(row)
    found = [each for each in desk.ask("doctor")["checks"] if each["name"] == "preflight"]
    desk.office.close()
    assert found[0]["ok"] is False
    assert "landline" in found[0]["sentence"]
    assert "+44" not in found[0]["sentence"]
