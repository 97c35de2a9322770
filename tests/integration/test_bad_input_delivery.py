"""What is typed wrongly into the commands of numbers, silence, journeys, follow-ups and incomes.

One home serves for all of it, whose database must be the same afterwards.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused

PHONE = "+447700900123"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """Li in London with the plan MAPLE: 4 December and on, the first to be sent by the 3rd."""
    made = cli.household(tmp_path_factory.mktemp("delivery") / "home", "en_GB")
    for args in (
        ("person", "edit", "--phone", PHONE, "--channel", "sms", "--channel", "console"),
        ("away", "add", "20dec..3jan"),
        ("income", "add", "Salary", "--every", "monthly", "--on", "25"),
    ):
        recorded(made, *args)
    return made


@pytest.fixture
def own(home: Household, tmp_path: Path) -> Household:
    """A home that a test may change."""
    return home.copied(tmp_path / "home")


# --- numbers ---

PHONES = [
    pytest.param("+86138001380000", "no such number can exist", id="row-39-too-long"),
    pytest.param("+861012345678", "a landline", id="row-40-landline"),
    pytest.param("+442079460018", "a landline", id="row-40-landline-at-home"),
    pytest.param("110", "no such number can exist", id="row-41-emergency"),
    pytest.param("999", "no such number can exist", id="row-41-emergency-at-home"),
    pytest.param("+99912345678", "no telephone number", id="row-42-no-country"),
    pytest.param("\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "no telephone number",
                 id="row-43-arabic-digits"),
    pytest.param("call me", "no telephone number", id="words"),
    pytest.param("+44 7700 900123 ext. 5 or so", "no telephone number", id="an-extension"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "reason"), PHONES)
def test_a_number_that_cannot_take_texts_is_refused(
    home: Household, typed: str, reason: str
) -> None:
    names = (f"phone is {typed!r}", reason)
    refused(home, "person", "edit", "--phone", typed, code=2, names=names)
    refused(home, "person", "add", "Ana", "--locale", "en_GB", "--zone", "Europe/London",
            "--country", "GB", "--phone", typed, code=2, names=names)  # fmt: skip


@pytest.mark.parametrize("typed", [pytest.param("13800138000", id="row-38-without-a-country")])
def test_a_number_without_its_country_is_refused_where_none_is_known(
    home: Household, typed: str
) -> None:
    args = ("person", "add", "Ana", "--locale", "en_GB", "--zone", "Europe/London")
    names = (f"phone is {typed!r}", "with its country code")
    refused(home, *args, "--phone", typed, code=2, names=names)


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(f"{PHONE}\n", id="row-43-trailing-newline"),
        pytest.param("07700 900 123", id="the-local-way"),
        pytest.param("+44\u00a07700\u2009900123", id="odd-spaces"),
    ],
)
def test_the_same_number_typed_otherwise_is_kept_in_one_form(own: Household, typed: str) -> None:
    recorded(own, "person", "edit", "--phone", typed)
    assert own.rows("SELECT phone FROM person") == [(PHONE,)]
    assert own.rows("SELECT address FROM destination") == [(PHONE,)]


NO_WAY = [
    (("person", "edit", "--channel", "pigeon"), 2, "channels names 'pigeon'", True),
    (("person", "edit", "--channel", ""), 2, "channels names ''", True),
    (("person", "edit", "--channel", "mail"), 2, "there is no e-mail address", True),
    (("person", "edit", "--channel", "push"), 2, "there is no push address", True),
    (("person", "edit", "--channel", "sms", "--channel", "SMS"), 2, "one channel twice", False),
    (("person", "edit", "--email", "li at example"), 2, "email is 'li at example'", True),
    (("person", "code", "console"), 2, "channel is 'console'", False),
    (("person", "code", "mail"), 3, "There is no e-mail address", True),
    (("person", "code", "sms"), 4, "cannot send over sms", True),
    (("person", "confirm", "12345"), 2, "code has six digits", True),
    (("person", "confirm", "1e5000"), 2, "code has six digits", True),
    (("person", "confirm", "\uff11\uff12\uff13456"), 2, "only the digits 0 to 9", True),
    (("person", "confirm", ""), 2, "code is empty.", True),
    (("person", "confirm", "123456"), 4, "No number or address waits for a code.", True),
    (("person", "confirm", "123456", "--channel", "x"), 2, "channel is 'x'", False),
    (("person", "revoke", "push"), 3, "There is no push address", True),
    (("person", "resume", "sms"), 4, "has not opted out", False),
    (("person", "resume"), 3, "no number or address that this could be about", True),
    (("remind", "test", "--channel", "sms"), 4, "cannot send over sms", True),
    (("remind", "test", "--channel", "fax"), 2, "channel is 'fax'", True),
]


@pytest.mark.parametrize(("args", "code", "said", "hint"), NO_WAY)
def test_what_no_message_could_go_to_is_refused(
    home: Household, args: tuple[str, ...], code: int, said: str, hint: bool
) -> None:
    refused(home, *args, code=code, names=(said,), hint=hint)


def test_a_push_address_is_never_repeated(home: Household, tmp_path: Path) -> None:
    secret = "ntfys://topic-4711.example.org/a b"
    said = refused(home, "person", "push", "--stdin", stdin=secret, code=2, names=("push",))
    assert "4711" not in said
    refused(home, "person", "push", "--stdin", stdin="", code=2, names=("target is empty.",))
    missing = tmp_path / "none.txt"
    args = ("person", "push", "--file", str(missing))
    refused(home, *args, code=2, names=("which cannot be read",))
    missing.write_bytes(b"\xff\xfe\x00")
    refused(home, *args, code=2, names=("which holds no address",))
    missing.write_bytes(b"x" * 10_001)
    refused(home, *args, code=2, names=("which holds no address",))
    refused(home, "person", "push", code=2, names=("use --stdin or --file",))
    refused(home, "person", "push", "--stdin", "--file", str(missing), code=2, names=("not both",))


# --- hours ---

HOURS = [
    pytest.param("20:00-09:00", "such hours never open", id="row-36-over-midnight"),
    pytest.param("09:00-09:00", "such hours never open", id="row-36-start-is-end"),
    pytest.param("09:00-09:30", "less than one hour", id="row-36-hardly-open"),
    pytest.param("08:00-24:00", "a day ends at 23:59", id="row-31-midnight"),
    pytest.param("8-21", "no time of the day", id="without-minutes"),
    pytest.param("09:00", "two times are needed", id="one-time"),
    pytest.param("", "hours is empty.", id="empty"),
    pytest.param("10:00-20:00x", "no time of the day", id="trailing"),
]


@pytest.mark.parametrize(("typed", "reason"), HOURS)
def test_hours_that_would_let_nothing_through_are_refused(
    home: Household, typed: str, reason: str
) -> None:
    refused(home, "person", "edit", "--hours", typed, code=2, names=("hours ", reason))


@pytest.mark.parametrize("time", [pytest.param("02:30", id="row-33-outside-of-the-hours"), "21:00"])
def test_the_hour_of_reminders_lies_inside_the_hours(home: Household, time: str) -> None:
    names = (f"send_time is {time}; messages go between 08:00 and 21:00 only.",)
    args = ("person", "edit", "--hours", "08:00-21:00", "--send-time", time)
    refused(home, *args, code=2, names=names)


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        pytest.param(("--offset", "-400d"), "at most 60 days before", id="row-34-far"),
        pytest.param(("--offset", "0d", "--offset", "-0d"), "second time", id="row-34-twice"),
        pytest.param(("--zone", "Mars/Olympus"), "no such time zone", id="row-32-mars"),
        pytest.param(("--alive", "someday"), "no weekday", id="no-weekday"),
        pytest.param(("--alive", ""), "alive is empty.", id="empty-weekday"),
    ],
)
def test_other_settings_of_messages_are_read_as_strictly(
    home: Household, args: tuple[str, ...], reason: str
) -> None:
    refused(home, "person", "edit", *args, code=2, names=(reason,))


# --- until when ---

MOMENTS = [
    pytest.param("2026-02-29", "no such day", id="row-21-no-such-day"),
    pytest.param("2026-W50-1", "weeks of the year", id="row-22-a-week"),
    pytest.param("20261201", "easily mistyped", id="row-23-eight-digits"),
    pytest.param("01/02/2027", "can mean two days", id="row-24-two-days"),
    pytest.param("2026-12-5", "four, two and two digits", id="row-25-one-digit"),
    pytest.param("9999-12-31", "the year must be", id="row-26-far"),
    pytest.param("0001-01-01", "the year must be", id="row-26-long-ago"),
    pytest.param("0d", "not after now", id="row-30-nothing"),
    pytest.param("2026-12-01T24:00", "a day ends at 23:59", id="row-31-midnight"),
    pytest.param("2026-11-23", "not after now", id="row-35-yesterday"),
    pytest.param("2026年2月30日", "no such day", id="row-37-no-such-day"),
    pytest.param("正月初一", "lunar", id="row-37-lunar"),
    pytest.param("-3d", "not a date known here", id="negative"),
    pytest.param("３d", "only the digits 0 to 9", id="row-06-full-width"),
    pytest.param("400d", "a year is the longest", id="row-34-far"),
    pytest.param("1e5h", "not a date known here", id="row-04-exponent"),
    pytest.param("9" * 40 + "d", "not a date known here", id="row-14-forty-nines"),
]


@pytest.mark.parametrize(("typed", "reason"), MOMENTS)
@pytest.mark.parametrize("before", [("quiet", "for"), ("quiet", "until"), ("snooze", "maple")])
def test_a_moment_to_come_is_read_strictly(
    home: Household, before: tuple[str, ...], typed: str, reason: str
) -> None:
    # Behind `--`, since a shell's user may begin with a minus.
    refused(home, *before, "--", typed, code=2, names=("until is ", reason))


@pytest.mark.parametrize("typed", ["", "  "])
def test_nothing_in_the_place_of_a_moment_is_not_as_if_it_had_not_been_typed(
    home: Household, typed: str
) -> None:
    refused(home, "quiet", "for", typed, code=2, names=("until is empty.",))
    refused(home, "quiet", "until", typed, code=2, names=("until is empty.",))
    refused(home, "snooze", "maple", typed, code=2, names=("until is empty.",))


@pytest.mark.parametrize("typed", ["3 dec 16:00", "until 4 dec", "2026-12-04", "10d"])
def test_nothing_is_put_off_past_its_last_moment(home: Household, typed: str) -> None:
    names = ("until is ", "the last moment to send is Thu 3 Dec 16:00")
    refused(home, "snooze", "maple", *typed.split(), code=2, names=names)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("quiet", "off"), 4, "It is not quiet now."),
        (("snooze", "oak"), 3, "There is no debt 'oak'."),
        (("snooze", ""), 3, "There is no debt ''."),
        (("away", "off", "2"), 3, "There is no journey 2; 1 are planned."),
        (("away", "off", "x"), 2, "number is 'x'"),
        (("away", "21dec..22dec"), 4, "You are away from 2026-12-20 to 2027-01-03 already."),
        (("followup", "close", "zzzzzz"), 3, "There is no follow-up 'zzzzzz'."),
        (("followup", "move", "", "fri"), 3, "There is no follow-up ''."),
        (("followup", "reopen", "1 OR 1=1"), 3, "There is no follow-up '1 OR 1=1'."),
        (("followups", "oak"), 3, "There is no debt 'oak'."),
        (("income", "end", "Wage"), 3, "There is no income 'Wage'."),
        (("income", "add", "salary", "--on", "fri"), 4, "income 'salary' already"),
    ],
)
def test_what_is_not_there_or_contradicts_the_record_is_said(
    home: Household, args: tuple[str, ...], code: int, said: str
) -> None:
    refused(home, *args, code=code, names=(said,))


# --- journeys ---

SPANS = [
    pytest.param("2026-12-10..2026-12-01", "comes before", id="row-28-end-before-start"),
    pytest.param("2026-11-20..2026-12-01", "has passed", id="row-35-in-the-past"),
    pytest.param("2026-12-01..2027-12-03", "a year is the longest", id="longer-than-a-year"),
    pytest.param("1dec", "a first and a last day", id="one-day-alone"),
    pytest.param("1dec-10dec", "a first and a last day", id="a-dash"),
    pytest.param("", "days is empty.", id="empty"),
    pytest.param("2026-02-29..1mar", "no such day", id="row-21-no-such-day"),
    pytest.param("20261201..20261202", "easily mistyped", id="row-23-eight-digits"),
    pytest.param("2026年2月30日..3月1日", "no such day", id="row-37-no-such-day"),
]


@pytest.mark.parametrize(("typed", "reason"), SPANS)
def test_a_journey_has_two_days_to_come(home: Household, typed: str, reason: str) -> None:
    refused(home, "away", "add", typed, code=2, names=(reason,))


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        pytest.param("Mars/Olympus", "no such time zone", id="row-32-mars"),
        pytest.param("EST5EDT", "named by area and place", id="row-32-offsets-for-a-name"),
        pytest.param("", "zone is empty.", id="row-32-empty"),
        pytest.param("../../etc/passwd", "no such time zone", id="row-32-a-path"),
    ],
)
def test_a_journey_goes_to_a_place_on_earth(home: Household, zone: str, reason: str) -> None:
    refused(home, "away", "1dec..2dec", "--zone", zone, code=2, names=(reason,))


@pytest.mark.parametrize("time", [pytest.param("01:30", id="row-33-in-the-gap")])
def test_a_time_that_the_clocks_leave_out_is_the_first_moment_after_it(
    own: Household, time: str
) -> None:
    """In London 01:00 is 02:00 on 28 March 2027: the first moment after is 01:00 UTC."""
    own.type("person", "edit", "--hours", "00:00-23:00")
    done = own.type("quiet", "until", "2027-03-28", time, "--json")
    assert json.loads(done.out)["until_at"] == "2027-03-28T01:00:00Z"


# --- follow-ups and incomes ---


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("maple", "", "--by", "fri"), "text is empty."),
        (("maple", "a\x1b[31m", "--by", "fri"), "text contains the character U+001B"),
        (("maple", "a\u202eb", "--by", "fri"), "text contains the character U+202E"),
        (("maple", "x" * 5000, "--by", "fri"), "text has 5000 characters"),
        (("maple", "call", "--by", "2026-11-23"), "by is '2026-11-23'"),
        (("maple", "call", "--by", ""), "by is empty."),
        (("maple", "call", "--by", "fri", "--kind", "STOP"), "kind is 'STOP'"),
    ],
)
def test_a_follow_up_is_one_line_by_a_day(
    home: Household, args: tuple[str, ...], said: str
) -> None:
    hint = "kind is" not in said
    refused(home, "followup", "add", *args, code=2, names=(said,), hint=hint)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("Wage", "--on", "25"), "on is '25'; a day of the month goes with"),
        (("Wage", "--on", "31", "--every", "daily"), "every is 'daily'"),
        (("Wage", "--on", "32", "--every", "monthly"), "on is '32'"),
        (("Wage", "--on", "-1", "--every", "monthly"), "on is '-1'"),
        (("Wage", "--on", "fri", "--amount", "1e5"), "amount is '1e5'"),
        (("Wage", "--on", "fri", "--amount", "0"), "amount is '0'"),
        (("Wage", "--on", "fri", "--amount", "100 CNY"), "amount is '100 CNY'"),
        (("Wage", "--on", "fri", "--amount", "5", "--currency", "XXX"), "currency is 'XXX'"),
        (("  ", "--on", "fri"), "name is empty."),
    ],
)
def test_an_income_comes_on_a_day_and_is_an_amount(
    home: Household, args: tuple[str, ...], said: str
) -> None:
    refused(home, "income", "add", *args, code=2, names=(said,))


# --- as JSON ---

SAMPLE = [
    (("quiet", "for", "0d"), 2, "input", "until"),
    (("away", "1dec"), 2, "input", "days"),
    (("person", "edit", "--hours", "20:00-09:00"), 2, "input", "hours"),
    (("person", "code", "sms"), 4, "conflict", "channel"),
    (("snooze", "maple", "10d"), 2, "input", "until"),
    (("followup", "close", "zz"), 3, "not-found", "followup"),
    (("lost-phone",), 5, "refused", "accept"),
]


@pytest.mark.parametrize(("args", "code", "kind", "field"), SAMPLE)
def test_an_error_as_json_is_one_object_on_stderr(
    home: Household, args: tuple[str, ...], code: int, kind: str, field: str
) -> None:
    unchanged = home.fingerprint()
    plain = home.type(*args)
    done = home.type(*args, "--json")
    sentence, hint = plain.err.splitlines()
    assert (done.code, done.out) == (code, "")
    assert json.loads(done.err) == {
        "error": {
            "code": kind,
            "exit": code,
            "field": field,
            "hint": hint,
            "sentence": sentence.removeprefix("Error: "),
        }
    }
    assert home.fingerprint() == unchanged
