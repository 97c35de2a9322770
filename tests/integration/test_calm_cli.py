"""The commands of numbers, silence, journeys, follow-ups and incomes, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded

PHONE = "+447700900123"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return cli.household(tmp_path_factory.mktemp("calm") / "home", "en_GB")


@pytest.fixture
def own(home: Household, tmp_path: Path) -> Household:
    return home.copied(tmp_path / "home")


def told(household: Household, *args: str) -> str:
    done = household.type(*args)
    assert (done.code, "Traceback" in done.err) == (0, False), done
    return done.out


def answer(household: Household, *args: str) -> dict[str, Any]:
    done = household.type(*args, "--json")
    assert done.code == 0, done
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_init_tells_what_a_new_number_waits_for(tmp_path: Path) -> None:
    household = Household(tmp_path / "home")
    args = ("init", "--no-input", "--name", "Li", "--locale", "en_GB", "--zone", "Europe/London")
    out = told(household, *args, "--phone", PHONE, "--email", "li@example.org")
    assert f"{PHONE} waits to be confirmed" in out
    assert "`tracker person code mail`" in out
    person = answer(household, "person", "show")
    assert person["channels"] == ["sms", "mail", "console"]
    assert f"{PHONE} (waits for its code)" in told(household, "person", "show")


def test_reach_shows_each_address_its_state_and_what_messages_go_over(own: Household) -> None:
    assert "tracker person edit takes one" in told(own, "person", "reach")
    recorded(own, "person", "edit", "--phone", PHONE)
    lines = told(own, "person", "reach").splitlines()
    assert lines[0].split() == ["Channel", "Address", "State", "In", "use"]
    assert lines[1].split() == ["sms", PHONE, "waits", "for", "its", "code", "yes"]
    assert lines[2] == "Messages go over console."


def test_a_push_address_comes_from_stdin_or_a_file_and_stands_in_no_argument(
    own: Household, tmp_path: Path
) -> None:
    path = tmp_path / "push.txt"
    path.write_text("ntfys://ntfy.example.org/secret-topic\n")
    out = recorded(own, "person", "push", "--file", str(path)).out
    assert "ntfys://ntfy.example.org" in out
    assert "secret-topic" not in out
    assert "secret-topic" not in told(own, "journal")
    assert own.rows("SELECT target FROM destination") == [
        ("ntfys://ntfy.example.org/secret-topic",)
    ]


def test_quiet_in_the_words_that_one_types(own: Household) -> None:
    assert "Quiet until Fri 27 Nov 00:00" in recorded(own, "quiet", "3d").out
    assert "Quiet until Tue 24 Nov 22:00" in recorded(own, "quiet", "for", "12h").out
    out = recorded(own, "quiet", "until", "2026-12-04", "18:00").out
    assert "Quiet until Fri 4 Dec 18:00" in out
    assert "MAPLE 1 of 12: £120.83, send by Thu 3 Dec 16:00, due Fri 4 Dec" in out
    assert told(own, "quiet", "show") == out
    assert "Quiet until  2026-12-04 18:00" in told(own, "person", "show")
    assert "is over" in recorded(own, "quiet", "off").out
    assert "It is not quiet" in told(own, "quiet", "show")


def test_away_in_the_words_that_one_types(own: Household) -> None:
    assert "No journey is planned." in told(own, "away", "list")
    out = recorded(own, "away", "1dec..10dec", "--zone", "Asia/Shanghai").out
    assert "Away from Tue 1 Dec to Thu 10 Dec" in out
    assert "MAPLE 1 of 12: £120.83" in out
    assert "2026-12-01" in told(own, "away", "list")
    assert "called off" in recorded(own, "away", "off").out


def test_snooze_in_the_words_that_one_types(own: Household) -> None:
    assert "until Wed 25 Nov 09:00" in recorded(own, "snooze", "maple").out
    assert "until Fri 27 Nov 18:00" in recorded(own, "snooze", "maple", "fri", "18:00").out
    assert "until Fri 27 Nov 09:00" in recorded(own, "snooze", "maple", "until", "fri").out
    assert answer(own, "snooze", "maple", "2h")["until_at"].startswith("2026-11-24T12:00")


def test_follow_ups_from_the_first_word_to_the_last(own: Household) -> None:
    assert "Nothing is to follow up." in told(own, "followups")
    args = ("followup", "add", "maple", "no answer by the 26th", "--by", "26 nov")
    made = answer(own, *args, "--kind", "answer")
    assert (made["kind"], made["by"], made["word"]) == ("answer", "2026-11-26", "MAPLE")
    recorded(own, "followup", "add", "-", "-", "--by", "fri", stdin="renew the passport")
    shown = told(own, "followups")
    assert "no answer by the 26th" in shown.splitlines()[1]
    assert "renew the passport" in shown.splitlines()[2]
    assert "passport" not in told(own, "followups", "maple")
    assert "To follow up" in told(own)
    recorded(own, "followup", "move", made["ref"], "27 nov")
    recorded(own, "followup", "close", made["ref"], "they wrote")
    assert "no answer" not in told(own, "followups")
    assert "they wrote" in told(own, "followups", "--closed")
    recorded(own, "followup", "reopen", made["ref"])
    assert "no answer" in told(own, "followups")


def test_incomes_from_the_first_word_to_the_last(own: Household) -> None:
    assert "No income is recorded." in told(own, "income")
    args = ("income", "add", "Salary", "--every", "monthly", "--on", "5", "--amount", "100.00")
    done = recorded(own, *args)
    assert "Salary comes in on Sat 5 Dec." in done.out
    assert "MAPLE 1 of 12 is to be sent by Thu 3 Dec, 2 days before Salary" in done.err
    listed = own.type("income", "list")
    assert "100.00 GBP" in listed.out
    assert "£120.83 is to be sent, and £100.00 comes in" in listed.err
    assert "2 days before Salary comes in" in told(own)
    recorded(own, "income", "end", "salary")
    assert "2 days before" not in told(own)


def test_a_trial_over_the_console_is_sent_and_told_without_a_daemon(own: Household) -> None:
    done = own.type("remind", "test", "--channel", "console")
    assert done.code == 0, done
    assert "The daemon does not run" in done.err
    assert "Li Wei: a test, nothing to do." in done.out
    assert done.out.splitlines()[-1] == "  It was delivered."
    assert own.rows("SELECT kind, state FROM message") == [("test", "delivered")]


def test_a_lost_phone_wants_a_yes_and_says_what_to_do_next(own: Household) -> None:
    recorded(own, "person", "edit", "--phone", PHONE)
    recorded(own, "feed", "add")
    refused = own.type("lost-phone")
    assert (refused.code, refused.out) == (5, "")
    out = recorded(own, "lost-phone", "--yes").out
    assert f"Nothing goes to {PHONE} any more." in out
    assert "One calendar address is closed." in out
    assert "SIM" in out
    assert f"{PHONE} (given up)" in told(own, "person", "show")
    assert "Nothing was left to close." in told(own, "lost-phone")
