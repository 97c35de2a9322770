from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.channels.cover import COVER_WORDS, FORBIDDEN
from tracker.channels.preflight import COUNTRIES, Note, check_text, is_example, preflight

NUMBER, NAME = "+15550100000", "Home 7"
PHONES = {
    "US": "+15550100001",
    "CA": "+16135550123",
    "GB": "+447700900123",
    "CN": "+8613800138000",
    "HK": "+85251234567",
    "TW": "+886912345678",
    "SG": "+6581234567",
    "AU": "+61491570006",
}


def told(notes: list[Note], level: str = "") -> str:
    return "\n".join(
        each.msgid.format(**each.params) for each in notes if not level or each.level == level
    )


@pytest.mark.parametrize("country", PHONES)
def test_a_mobile_phone_can_be_tried_from_a_number_everywhere(country: str) -> None:
    assert told(preflight(NUMBER, False, PHONES[country]), "stop") == ""
    assert told(preflight(None, True, PHONES[country]), "stop") == ""


@pytest.mark.parametrize(
    ("to", "why"),
    [
        ("13800138000", "no telephone number with its country code"),
        ("+86138001380000", "No such number can exist in CN"),
        ("+861012345678", "a landline"),
        ("+442079460000", "a landline"),
        ("110", "no telephone number"),
        ("+86110", "an emergency number"),
        ("+1911", "an emergency number"),
        ("+999123456", "no telephone number"),
        ("+86\u0661\u0663800138000", "no telephone number"),
        ("+8613800138000\n", "no telephone number"),
        ("+445612345678", "internet telephony"),
        ("+18885551234", "a service line"),
        ("+1", "no telephone number"),
        ("", "no telephone number"),
    ],
)
def test_no_text_goes_to_what_is_no_phone(to: str, why: str) -> None:
    assert why in told(preflight(NUMBER, False, to), "stop")


@pytest.mark.parametrize(
    ("country", "level", "words"),
    [
        ("US", "warn", "registers none for reminders to oneself (error 30532)"),
        ("CA", "warn", "debts and credit repair (30863, 30869)"),
        ("CN", "warn", "block texts about finance, loans and credit cards"),
        ("CN", "info", "replaced by a local number"),
        ("CN", "info", "cannot be answered: neither PAID nor STOP"),
        ("HK", "warn", "about money or loans are prohibited in HK"),
        ("TW", "warn", "about money or loans are prohibited in TW"),
        ("TW", "info", "cannot be answered"),
        ("SG", "info", "cannot be answered"),
        ("AU", "info", "is not known here; see https://www.twilio.com/en/guidelines/au/sms"),
    ],
)
def test_each_country_says_what_stands_against_texts(country: str, level: str, words: str) -> None:
    assert words in told(preflight(NUMBER, False, PHONES[country]), level)


def test_nothing_stands_against_a_text_to_britain() -> None:
    assert preflight(NUMBER, False, PHONES["GB"]) == []


def test_each_fact_has_its_source() -> None:
    for code, country in COUNTRIES.items():
        assert code == country.code
        assert country.source.startswith("https://www.twilio.com/")
    for code in ("CN", "HK", "TW"):
        warned = told(preflight(NUMBER, False, PHONES[code]), "warn")
        assert COUNTRIES[code].source in warned
        assert "2026-11-24" in warned


@pytest.mark.parametrize("country", ["US", "CA"])
def test_a_name_cannot_text_to_north_america(country: str) -> None:
    assert "cannot come from a name" in told(preflight(NAME, False, PHONES[country]), "stop")


def test_a_name_must_be_registered_in_singapore() -> None:
    assert "must be registered in SG" in told(preflight(NAME, False, PHONES["SG"]), "warn")
    assert "registered" not in told(preflight(NAME, False, PHONES["GB"]))


@pytest.mark.parametrize("country", ["GB", "HK", "AU", "CN"])
def test_nobody_can_answer_a_name(country: str) -> None:
    notes = preflight(NAME, False, PHONES[country])
    assert "Nobody can answer a name: neither PAID nor STOP" in told(notes, "warn")
    assert told(notes, "stop") == ""
    assert "a name" not in told(preflight(NUMBER, False, PHONES[country]))


@pytest.mark.parametrize(
    "name", ["TwelveLetter", "12345", "Home!", "家", " Home", "Home ", "Home\n", "a" * 2000]
)
def test_a_name_is_eleven_letters_digits_and_spaces_at_most(name: str) -> None:
    assert "cannot be a sender" in told(preflight(name, False, PHONES["GB"]), "stop")


def test_there_must_be_something_to_send_from() -> None:
    assert "nothing to send from" in told(preflight(None, False, PHONES["GB"]), "stop")


def test_the_worst_is_told_first() -> None:
    levels = [each.level for each in preflight(NAME, False, PHONES["US"])]
    assert levels == sorted(levels, key=["stop", "warn", "info"].index)
    assert levels[0] == "stop"


def test_no_note_repeats_the_number() -> None:
    for phone in (*PHONES.values(), "+861012345678", "+86138001380000"):
        for each in (*preflight(NAME, False, phone), *check_text("http://x.cn 还款", phone)):
            assert phone[3:] not in told([each])


@given(st.one_of(st.none(), st.text()), st.booleans(), st.text(), st.text())
def test_nothing_that_is_typed_is_an_error(
    sender: str | None, service: bool, to: str, body: str
) -> None:
    assert all(told([each]) for each in (*preflight(sender, service, to), *check_text(body, to)))


@pytest.mark.parametrize("number", ["+15550100001", "+12125550123", "+447700900999"])
def test_numbers_kept_for_examples_can_be_tried(number: str) -> None:
    assert is_example(number)
    assert told(preflight(NUMBER, False, number), "stop") == ""


@pytest.mark.parametrize(
    ("body", "country", "level", "words"),
    [
        ("x" * 460, "GB", "stop", "has 4 parts; more than 3"),
        ("还" * 202, "CN", "stop", "has 4 parts; more than 3"),
        ("See https://home.example", "CN", "stop", "networks in CN block texts with links"),
        ("见 www.home.example", "TW", "stop", "networks in TW block texts with links"),
        ("bit.ly/abc", "CN", "stop", "block texts with links"),
        ("See http://home.example", "GB", "warn", "look like a fraud"),
        ("Your debt is due", "HK", "warn", "says 'debt'"),
        ("李：还款", "GB", "warn", "says '还款'"),
        ("李：還錢", "GB", "warn", "says '還錢'"),
    ],
)
def test_a_text_that_will_not_pass_is_told_beforehand(
    body: str, country: str, level: str, words: str
) -> None:
    assert words in told(check_text(body, PHONES[country]), level)


@pytest.mark.parametrize("country", PHONES)
def test_a_text_as_we_write_them_passes_everywhere(country: str) -> None:
    body = "Li: MAPLE 7 of 12, send by Fri 4 Dec. Ref K7Q2"
    assert check_text(body, PHONES[country]) == []
    assert check_text("x" * 459, PHONES[country]) == []
    assert check_text("一" * 201, PHONES[country]) == []


def test_each_forbidden_word_is_found_and_no_cover_word_is() -> None:
    for word in [each for every in FORBIDDEN.values() for each in every]:
        assert told(check_text(f"Li: {word}, by Friday", PHONES["GB"]), "warn"), word
    for word in [each for every in COVER_WORDS.values() for each in every]:
        assert check_text(f"Li: {word}, by Friday", PHONES["GB"]) == [], word


def test_the_numbers_of_the_world_are_read_only_when_they_are_asked_for() -> None:
    code = (
        "import sys, tracker.channels.preflight, tracker.channels.hooks, tracker.channels.words;"
        "print(sorted({'phonenumbers', 'twilio', 'requests'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        check=True,
    )
    assert done.stdout.strip() == "[]"
