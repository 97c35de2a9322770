"""Days, times, zones and rhythms that must not be taken for others, where each is typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused


@pytest.fixture(scope="module")
def maple(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """What is refused changes nothing, so that one home serves for all of it."""
    return cli.household(tmp_path_factory.mktemp("dates") / "home", "en_GB")


@pytest.fixture
def own(maple: Household, tmp_path: Path) -> Household:
    """A home that a test may change."""
    return maple.copied(tmp_path / "home")


@dataclass(frozen=True)
class Command:
    """Where a day is typed, and what its field is called in the answer."""

    field: str
    args: Callable[[str], tuple[str, ...]]
    stdin: Callable[[str], str] = lambda day: ""


def revised(*args: str) -> tuple[str, ...]:
    return ("plan", "agree", "maple", "--revise", "new", "--agreed-by", "a call", "--yes", *args)


COMMANDS = {
    "paid": Command("on", lambda day: ("pay", "maple", "5.00", "--on", day)),
    "stated": Command(
        "on", lambda day: ("statement", "add", "maple", "--total", "5.00", "--on", day)
    ),
    "started": Command("start", lambda day: revised("--start", day, "--count", "3")),
    "listed": Command(
        "line 2", lambda day: revised("--rows", "-"), lambda day: f"2026-11-30 5.00\n{day} 5.00\n"
    ),
}

NOT_DAYS = [
    pytest.param("2026-02-29", "no such day in 2026", id="row-21-no-leap-year"),
    pytest.param("2026-W01-1", "weeks of the year are not read", id="row-22-iso-week"),
    pytest.param("20261201", "eight digits in a row", id="row-23-no-dashes"),
    pytest.param("01/02/2026", "can mean two days", id="row-24-two-days"),
    pytest.param("1.2.2026", "can mean two days", id="row-24-two-days-with-points"),
    pytest.param("2026-1-5", "four, two and two digits", id="row-25-short"),
    pytest.param("0001-01-01", "from 1990 to 2100", id="row-26-year-1"),
    pytest.param("9999-12-31", "from 1990 to 2100", id="row-26-year-9999"),
    pytest.param("2026-12-01T24:00", "a date stands without a time", id="row-31-end-of-day"),
    pytest.param("腊月初八", "lunar calendar", id="row-37-lunar"),
    pytest.param("2026年2月30日", "no such day in 2026", id="row-37-thirtieth-of-february"),
]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("day", "reason"), NOT_DAYS)
def test_what_is_no_day_is_refused_with_its_reason(
    maple: Household, command: Command, day: str, reason: str
) -> None:
    refused(
        maple,
        *command.args(day),
        stdin=command.stdin(day),
        code=2,
        names=(f"{command.field} is {day!r}; ", reason),
    )


@pytest.mark.parametrize("day", [pytest.param("20261201", id="row-23-as-a-process")])
def test_the_installed_command_refuses_as_well(maple: Household, day: str) -> None:
    names = ("on is '20261201'; eight digits in a row are easily mistyped.",)
    refused(maple, *COMMANDS["paid"].args(day), code=2, names=names, process=True)


# --- rhythms ---

RULES = [
    pytest.param(("--start", "-1", "--count", "3"), ("start is '-1'",), id="row-27-day-minus-one"),
    pytest.param(
        (
            *("--start", "2027-01-05", "--every", "twice-monthly", "--count", "3"),
            *("--second-day", "-1"),
        ),
        ("second_day is '-1'; it must be from 1 to 31.",),
        id="row-27-second-day-minus-one",
    ),
    pytest.param(
        ("--start", "2027-01-05", "--count", "0"),
        ("count is '0'; it must be from 1 to 600.",),
        id="row-29-none",
    ),
    pytest.param(
        ("--start", "2027-01-05", "--count", "-3"),
        ("count is '-3'; it must be from 1 to 600.",),
        id="row-29-minus-three",
    ),
    pytest.param(
        ("--start", "2027-01-05", "--count", "1000000"),
        ("count is '1000000'; it must be from 1 to 600.",),
        id="row-29-a-million",
    ),
    pytest.param(
        ("--start", "2027-01-05", "--amount", "0.01"),
        ("At this amount it takes 145000 instalments; a plan has at most 600.",),
        id="row-29-a-hundred-thousand-by-their-amount",
    ),
]


@pytest.mark.parametrize(("args", "names"), RULES)
def test_a_rule_that_makes_no_plan_is_refused(
    maple: Household, args: tuple[str, ...], names: tuple[str, ...]
) -> None:
    refused(maple, *revised(*args), code=2, names=names)


@pytest.mark.parametrize(
    "every", [pytest.param("0 days", id="row-30-no-days"), pytest.param("0", id="row-30-zero")]
)
def test_a_rhythm_is_one_of_those_that_are_named(maple: Household, every: str) -> None:
    # The rhythms stand in the sentence, which needs no further cure.
    args = revised("--start", "2027-01-05", "--count", "3", "--every", every)
    names = (f"every is {every!r}; it is one of weekly, fortnightly, ",)
    refused(maple, *args, code=2, names=names, hint=False)


@pytest.mark.parametrize("day", [pytest.param("2027-01-31", id="row-27-the-thirty-first")])
def test_the_thirty_first_is_the_last_day_of_shorter_months(own: Household, day: str) -> None:
    recorded(own, *revised("--start", day, "--count", "4"))
    shown = json.loads(own.type("plan", "show", "maple", "--json").out)
    days = [row["due_on"] for row in shown["instalments"]]
    assert days == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]


@pytest.mark.parametrize(
    "period",
    [
        pytest.param("2026-12-31..2026-10-01", id="row-28-report"),
        pytest.param("2026-12-31..2025-12-31", id="row-28-report-the-year-before"),
    ],
)
def test_a_period_does_not_end_before_it_starts(maple: Household, period: str) -> None:
    names = (f"The period {period!r} ends before it starts.",)
    refused(maple, "report", "maple", "--period", period, "--yes", code=2, names=names)


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        pytest.param(
            "2027-02-28 5.00\n2027-01-31 5.00\n",
            ("line 2 is '2027-01-31 5.00'; 2027-01-31 comes before 2027-02-28",),
            id="row-28-list-backwards",
        ),
        pytest.param(
            "2027-01-31 5.00\n2027-01-31 5.00\n",
            ("line 2 is '2027-01-31 5.00'; 2027-01-31 stands on an earlier line already.",),
            id="row-28-one-day-twice",
        ),
    ],
)
def test_a_list_goes_on_in_time(maple: Household, rows: str, names: tuple[str, ...]) -> None:
    refused(maple, *revised("--rows", "-"), stdin=rows, code=2, names=names)


@pytest.mark.parametrize(
    ("until", "names"),
    [
        pytest.param(
            "2026-11-01", ("until is '2026-11-01', which is not after today.",), id="row-28-hold"
        )
    ],
)
def test_a_hold_does_not_end_before_today(
    maple: Household, until: str, names: tuple[str, ...]
) -> None:
    refused(maple, "hold", "maple", "disputed", "--until", until, code=2, names=names)


# --- times and zones ---


@pytest.mark.parametrize(
    ("args", "field"),
    [
        pytest.param(
            ("creditor", "edit", "example-bank", "--cutoff", "24:00"), "cutoff", id="row-31-cut-off"
        ),
        pytest.param(("person", "edit", "--send-time", "24:00"), "send_time", id="row-31-reminder"),
    ],
)
def test_a_day_has_no_twenty_fourth_hour(
    maple: Household, args: tuple[str, ...], field: str
) -> None:
    names = (f"{field} is '24:00'; a day ends at 23:59",)
    said = refused(maple, *args, code=2, names=names)
    assert said.endswith("Write 00:00 for midnight, or 23:59.\n")


ZONES = [
    pytest.param("Mars/Olympus", "there is no such time zone", id="row-32-mars"),
    pytest.param("EST5EDT", "named by area and place", id="row-32-offsets-for-a-name"),
    pytest.param("", "zone is empty.", id="row-32-empty"),
    pytest.param("   ", "zone is empty.", id="row-32-spaces"),
    pytest.param("../../etc/passwd", "there is no such time zone", id="row-32-a-path"),
]


@pytest.mark.parametrize(("zone", "reason"), ZONES)
@pytest.mark.parametrize(
    "args",
    [("person", "edit"), ("creditor", "edit", "example-bank")],
    ids=["person", "creditor"],
)
def test_a_zone_is_a_place_on_earth(
    maple: Household, args: tuple[str, ...], zone: str, reason: str
) -> None:
    refused(maple, *args, "--zone", zone, code=2, names=(reason, zone.strip()))


@pytest.mark.parametrize("zone", [pytest.param("Mars/Olympus", id="row-32-at-the-start")])
def test_init_with_a_zone_that_is_none_leaves_no_home_behind(tmp_path: Path, zone: str) -> None:
    household = Household(tmp_path / "home")
    args = ("init", "--no-input", "--name", "Li", "--locale", "en_GB", "--zone", zone)
    done = household.type(*args)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: zone is 'Mars/Olympus'; there is no such time zone.\n")
    assert not (household.home / "config.toml").exists()


@pytest.mark.parametrize("time", [pytest.param("02:30", id="row-33-outside-of-the-hours")])
def test_a_reminder_at_night_is_refused(maple: Household, time: str) -> None:
    names = ("send_time is 02:30; messages go between 09:00 and 20:00 only.",)
    refused(maple, "person", "edit", "--send-time", time, code=2, names=names)


@pytest.mark.parametrize("time", [pytest.param("02:30", id="row-33-in-the-gap")])
def test_a_reminder_in_the_hour_that_is_left_out_goes_at_the_first_moment_after(
    own: Household, time: str
) -> None:
    """In Berlin 02:00 is 03:00 on 28 March 2027: the first moment after is 01:00 UTC."""
    own.configured('[reminders]\nhours = ["00:00", "23:59"]\n')
    recorded(own, "person", "edit", "--zone", "Europe/Berlin", "--send-time", time)
    offsets = [arg for days in range(1, 8) for arg in ("--offset", f"-{days}d")]
    recorded(own, *revised("--start", "2027-04-01", "--count", "1", *offsets))
    coming = json.loads(own.type("remind", "preview", "--days", "200", "--json").out)["items"]
    at = {item["at"][:10]: item["at"] for item in coming}
    assert at["2027-03-27"] == "2027-03-27T01:30:00Z"
    assert at["2027-03-28"] == "2027-03-28T01:00:00Z"
    assert at["2027-03-29"] == "2027-03-29T00:30:00Z"


# --- reminders ---

OFFSETS = [
    pytest.param(("-400d",), "offsets is '-400d'; a reminder comes at most 60", id="row-34-far"),
    pytest.param(("0d", "0d"), "offsets is '0d' a second time", id="row-34-twice"),
    pytest.param(("0d", "-0d"), "offsets is '-0d' a second time", id="row-34-twice-otherwise"),
    pytest.param(("0 days", "0 days"), "offsets is '0 days'; that is not a", id="row-34-words"),
]  # fmt: skip


@pytest.mark.parametrize(("offsets", "reason"), OFFSETS)
@pytest.mark.parametrize("target", ["person", "plan"])
def test_offsets_are_near_and_each_once(
    maple: Household, offsets: tuple[str, ...], reason: str, target: str
) -> None:
    typed = [arg for offset in offsets for arg in ("--offset", offset)]
    plan = revised("--start", "2027-01-05", "--count", "3", *typed)
    args = ("person", "edit", *typed) if target == "person" else plan
    refused(maple, *args, code=2, names=(reason,))


# --- when it was paid ---


@pytest.mark.parametrize(
    "day",
    [
        pytest.param("2026-11-25", id="row-35-tomorrow"),
        pytest.param("2027-11-24", id="row-35-a-year-too-late"),
    ],
)
def test_money_cannot_have_left_on_a_day_to_come(
    maple: Household, tmp_path: Path, day: str
) -> None:
    names = (f"on is {day}, which is still to come.",)
    said = refused(maple, "pay", "maple", "5.00", "--on", day, code=2, names=names)
    assert said.endswith(f"For money that is to leave on that day, say --scheduled {day}.\n")
    # The cure works as it is written.
    own = maple.copied(tmp_path / "home")
    recorded(own, "pay", "maple", "5.00", "--scheduled", day)
    assert own.rows("SELECT kind, on_date FROM payment") == [("scheduled", day)]


@pytest.mark.parametrize("day", [pytest.param("2026-11-23", id="row-35-scheduled-yesterday")])
def test_money_cannot_be_scheduled_for_a_day_that_has_passed(maple: Household, day: str) -> None:
    names = ("scheduled is 2026-11-23, which has passed.",)
    said = refused(maple, "pay", "maple", "5.00", "--scheduled", day, code=2, names=names)
    assert said.endswith("If the money left on that day, say --on 2026-11-23.\n")


@pytest.mark.parametrize("day", [pytest.param("1995-01-01", id="row-35-before-the-debt")])
def test_money_from_before_the_plan_is_recorded_and_said_to_count_for_nothing(
    own: Household, day: str
) -> None:
    done = recorded(own, "pay", "maple", "5.00", "--on", day)
    assert "on 1 January 1995.\n" in done.out
    assert done.err == (
        "The plan was agreed on 1 November 2026 only, so this payment counts towards none of "
        "its instalments.\n"
    )
    assert own.rows("SELECT count(*) FROM allocation") == [(0,)]


@pytest.mark.parametrize(
    ("args", "field"),
    [
        pytest.param(
            ("statement", "add", "maple", "--total", "5.00", "--on"), "on", id="row-35-statement"
        ),
        pytest.param(("debt", "edit", "maple", "--judgment"), "judgment", id="row-35-judgment"),
        pytest.param(
            revised("--start", "2027-01-05", "--count", "3", "--agreed-on"),
            "agreed_on",
            id="row-35-agreed",
        ),
    ],
)
def test_what_was_stated_judged_or_agreed_lies_not_ahead(
    maple: Household, args: tuple[str, ...], field: str
) -> None:
    names = (f"{field} is '2027-11-24'; it cannot be after 2026-11-24.",)
    refused(maple, *args, "2027-11-24", code=2, names=names)


@pytest.mark.parametrize("flag", ["--on", "--scheduled"])
@pytest.mark.parametrize("day", [pytest.param("", id="row-35-empty")])
def test_an_empty_day_is_not_today(maple: Household, flag: str, day: str) -> None:
    names = (f"{flag.removeprefix('--')} is empty.",)
    refused(maple, "pay", "maple", "5.00", flag, day, code=2, names=names)
