"""The command line and the configuration: what is typed wrongly, and what stands around it."""

from __future__ import annotations

import ast
import fcntl
import os
import re
import signal
import socket
import sqlite3
import subprocess
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Done, Household, recorded, refused
from tests.peers.clock import MovableClock
from tests.peers.site import HEALTH, Client, running
from tracker import config
from tracker.actions.office import open_office
from tracker.web import app as web

SID = "AC" + "0" * 32
SENDER = f'[sms.twilio]\naccount_sid = "{SID}"\nfrom_number = "+15550100123"\n'


@pytest.fixture(scope="module")
def maple(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """What is refused changes nothing, so that one home serves for all of it."""
    return cli.household(tmp_path_factory.mktemp("cli") / "home", "en_GB")


@pytest.fixture
def own(maple: Household, tmp_path: Path) -> Household:
    """A home that a test may change."""
    return maple.copied(tmp_path / "home")


def misconfigured(household: Household, *names: str, process: bool = False) -> None:
    """Every command that needs the configuration says the same: each mistake on a line."""
    before = household.fingerprint()
    commands = (("config", "check"), ("pay", "maple", "5.00"), ("db", "upgrade"))
    ask = household.run if process else household.type
    for args in (("daemon",),) if process else commands:
        done = ask(*args)
        assert (done.code, done.out) == (2, ""), done
        first, *problems = done.err.splitlines()
        assert first == "Error: The configuration cannot be used:"
        assert len(problems) == len(names)
        for problem, name in zip(problems, names, strict=True):
            assert name in problem
            assert problem.endswith((".", "?"))
        assert "Traceback" not in done.err
    assert household.fingerprint() == before


# --- the configuration ---

CONFIGURATIONS = [
    pytest.param(
        '[reminders]\nhours = ["20:00", "09:00"]\n',
        "line 2 of config.toml: reminders.hours is ['20:00', '09:00']; it takes two times, the "
        "first before the second",
        id="row-36-hours-over-midnight",
    ),
    pytest.param(
        '[reminders]\nhours = ["09:00", "09:00"]\n',
        "line 2 of config.toml: reminders.hours is ['09:00', '09:00']; it takes two times",
        id="row-36-no-hour-at-all",
    ),
    pytest.param(
        '[reminders]\nhours = ["10:00", "20:00"]\nsend_time = "09:00"\n',
        "line 3 of config.toml: reminders.send_time is 09:00, outside of reminders.hours, which "
        "are 10:00 to 20:00",
        id="row-36-hour-outside",
    ),
    pytest.param(
        '[twilo]\naccount_sid = "x"\n',
        "line 2 of config.toml: there is no key twilo.account_sid; did you mean "
        "sms.twilio.account_sid?",
        id="row-56-unknown-key",
    ),
    pytest.param(
        "[web]\nlogin = true\nbind = \n",
        "line 3 of config.toml: this is no TOML: Invalid value.",
        id="row-57-syntax",
    ),
    pytest.param(
        '[sms.twilio]\naccount_sid = "AC123"\nfrom_number = "+15550100123"\n',
        "line 2 of config.toml: sms.twilio.account_sid is 'AC123'; it takes AC and 32 "
        "hexadecimal digits.",
        id="row-60-short-sid",
    ),
    pytest.param(
        f'[sms.twilio]\naccount_sid = "AC{"g" * 32}"\n',
        "it takes AC and 32 hexadecimal digits.",
        id="row-60-no-hexadecimal-digits",
    ),
    pytest.param(
        '[web]\nbind = "0.0.0.0:8765"\nlogin = false\n',
        "line 2 of config.toml: web.bind is '0.0.0.0:8765', which others can reach, while "
        "web.login is false; set web.login = true, or bind to 127.0.0.1.",
        id="row-70-everybody-without-login",
    ),
    pytest.param(
        '[web]\nbind = "[::]:8765"\nlogin = false\n',
        "web.bind is '[::]:8765', which others can reach",
        id="row-70-everybody-by-ipv6",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "problem"), CONFIGURATIONS)
def test_a_mistake_in_the_configuration_is_told_with_its_line(
    own: Household, text: str, problem: str
) -> None:
    misconfigured(own.configured(text), problem)


@pytest.mark.parametrize(
    ("mode", "content", "problem"),
    [
        pytest.param(
            0o644,
            "0" * 32,
            "others can read {path} (mode 0644); run chmod 600 {path}.",
            id="row-58-others-can-read-it",
        ),
        pytest.param(
            0o640,
            "0" * 32,
            "others can read {path} (mode 0640); run chmod 600 {path}.",
            id="row-58-the-group-can-read-it",
        ),
        pytest.param(0o600, "", "{path} is empty.", id="row-59-empty"),
        pytest.param(0o600, " \n", "{path} is empty.", id="row-59-blank"),
    ],
)
def test_a_token_is_private_and_there(
    own: Household, mode: int, content: str, problem: str
) -> None:
    path = own.home / "token"
    path.write_text(content)
    path.chmod(mode)
    own.configured(SENDER + 'auth_token_file = "token"\n')
    misconfigured(own, f"line 4 of config.toml: {problem.format(path=path)}")


@pytest.mark.parametrize("name", [pytest.param("TRACKER_WEB_BNID", id="row-56-in-the-environment")])
def test_a_variable_that_is_misspelt_is_told(maple: Household, name: str) -> None:
    done = maple.type("config", "check", **{name: "127.0.0.1:1"})
    assert (done.code, done.out) == (2, "")
    assert f"there is no key {name}; did you mean TRACKER_WEB_BIND?\n" in done.err


@pytest.mark.parametrize(
    "text",
    [pytest.param('[web]\nbind = "0.0.0.0:0"\nlogin = false\n', id="row-70-daemon-as-a-process")],
)
def test_the_daemon_does_not_start_for_everybody_without_login(own: Household, text: str) -> None:
    misconfigured(own.configured(text), "web.bind is '0.0.0.0:0', which others", process=True)


@pytest.mark.parametrize("password", [pytest.param("", id="row-70-no-password-is-no-key")])
def test_where_nobody_has_a_password_nobody_gets_in(own: Household, password: str) -> None:
    own.configured('[web]\nbind = "0.0.0.0:8765"\n')
    office = open_office(config.load(own.home, {}), MovableClock(datetime.fromisoformat(cli.NOW)))
    with running(web.pages_app(office, lambda: HEALTH)) as place:
        client = Client(place)
        assert client.get("/").status in (302, 303)
        for each in (password, "scrypt", "li-wei"):
            answer = client.sign_in("li-wei", each)
            assert answer.status != 303 or "/login" in answer.headers["location"]
            assert "Example Bank" not in client.get("/").text
    office.close()


# --- what is typed ---

UNKNOWN = [
    pytest.param(("pay", "mapel", "5.00"), 3, "There is no debt 'mapel'.", id="row-64-misspelt"),
    pytest.param(
        ("pay", "1 OR 1=1", "5.00"), 3, "There is no debt '1 OR 1=1'.", id="row-64-sql-for-a-debt"
    ),
    pytest.param(
        ("pay", "maple'; DROP TABLE debt; --", "5.00"),
        3,
        'There is no debt "maple\'; DROP TABLE debt; --".',
        id="row-64-sql-that-drops",
    ),
    pytest.param(("pay", "%", "5.00"), 3, "There is no debt '%'.", id="row-64-wildcard"),
    pytest.param(("pay", "", "5.00"), 3, "There is no debt ''.", id="row-64-empty"),
    pytest.param(
        ("payment", "void", "1 OR 1=1"),
        2,
        "payment is '1 OR 1=1', which is no payment number.",
        id="row-64-sql-for-a-number",
    ),
    pytest.param(("payment", "void", "99"), 3, "There is no payment #99.", id="row-64-payment"),
    pytest.param(("creditor", "show", "x"), 3, "There is no creditor 'x'.", id="row-64-creditor"),
    pytest.param(("feed", "revoke", "x"), 3, "There is no feed 'x'.", id="row-64-feed"),
    pytest.param(
        ("--person", "x", "pay", "maple", "5.00"),
        3,
        "There is no person called 'x'.",
        id="row-64-person",
    ),
    pytest.param(("pay", "--id", "1 OR 1=1"), 2, "No such option '--id'.", id="row-64-option"),
    pytest.param(("pya", "maple"), 2, "No such command 'pya'.", id="row-64-command"),
    pytest.param(("pay",), 2, "Missing argument 'DEBT'.", id="row-64-nothing"),
]


@pytest.mark.parametrize(("args", "code", "sentence"), UNKNOWN)
def test_what_is_not_there_is_named(
    maple: Household, args: tuple[str, ...], code: int, sentence: str
) -> None:
    refused(maple, *args, code=code, names=(sentence,))


CONTRADICTIONS = [
    pytest.param(
        ("pay", "maple", "5.00", "--on", "today", "--scheduled", "tomorrow"),
        "on and scheduled were both given: today and tomorrow.",
        id="row-68-left-and-to-leave",
    ),
    pytest.param(
        (
            "plan",
            "agree",
            "maple",
            "--revise",
            "new",
            "--agreed-by",
            "a call",
            "--yes",
            "--rows",
            "-",
            "--count",
            "3",
        ),
        "rows is a list, and count is a rule",
        id="row-68-list-and-rule",
    ),
    pytest.param(
        (
            *(
                "plan",
                "agree",
                "maple",
                "--revise",
                "new",
                "--agreed-by",
                "a call",
                "--yes",
                "--start",
                "2027-01-05",
            ),
            *("--total", "100.00", "--count", "3", "--amount", "5.00"),
        ),
        "total is 100.00, but 3 × 5.00 is 15.00.",
        id="row-68-total-and-product",
    ),
    pytest.param(
        (
            *("statement", "add", "maple", "--total", "100.00", "--principal", "60.00"),
            *("--fees", "30.00"),
        ),
        "total is 100.00, but its parts sum to 90.00.",
        id="row-68-total-and-parts",
    ),
]


@pytest.mark.parametrize(("args", "sentence"), CONTRADICTIONS)
def test_two_things_that_exclude_each_other_are_both_named(
    maple: Household, args: tuple[str, ...], sentence: str
) -> None:
    refused(maple, *args, stdin="2027-01-31 5.00\n", code=2, names=(sentence,))


# --- the home ---


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("pay", "maple", "5.00"), id="row-62-missing-to-pay"),
        pytest.param(("db", "upgrade"), id="row-62-missing-to-upgrade"),
        pytest.param(("config", "check"), id="row-62-missing-to-configure"),
    ],
)
def test_a_home_that_is_not_there_is_not_made_in_passing(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    nowhere = Household(tmp_path / "nowhere")
    names = (f"There is no tracker in {nowhere.home} yet.",)
    said = refused(nowhere, *args, code=3, names=names)
    assert said.endswith("Start with: tracker init\n")
    assert not nowhere.home.exists()


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("file", id="row-62-a-file"),
        pytest.param("file/home", id="row-62-below-a-file"),
    ],
)
def test_a_home_that_cannot_be_made_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    household = Household(tmp_path / place)
    args = ("init", "--no-input", "--name", "Li", "--locale", "en_GB", "--zone", "UTC")
    done = household.type(*args)
    assert (done.code, done.out) == (6, "")
    sentence, cure = done.err.splitlines()
    assert sentence.startswith(f"Error: The home {household.home} cannot be made: ")
    assert cure == "Choose another with --home or TRACKER_HOME."


@pytest.fixture
def locked_away(own: Household) -> Iterator[Household]:
    for path in (*own.home.iterdir(), own.home):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        own.run_without_rights("--version")
    except (OSError, subprocess.SubprocessError):
        pytest.skip("root keeps its rights here, since the bounding set cannot be changed")
    yield own
    own.home.chmod(0o700)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        pytest.param(
            ("pay", "maple", "5.00"), "The database cannot be used: ", id="row-62-read-only-to-pay"
        ),
        pytest.param(("daemon",), "The lock {home}/lock cannot be ", id="row-62-read-only-daemon"),
        pytest.param(
            ("db", "backup"), "The backup {home}/backups could not be ", id="row-62-read-only-copy"
        ),
    ],
)
def test_a_home_that_cannot_be_written_to_is_told(
    locked_away: Household, args: tuple[str, ...], sentence: str
) -> None:
    before = locked_away.fingerprint()
    done = locked_away.run_without_rights(*args)
    assert (done.code, done.out) == (6, ""), done
    told, cure = done.err.splitlines()
    assert told.startswith("Error: " + sentence.format(home=locked_away.home))
    assert "rights of the f" in cure or "may write to" in cure
    assert locked_away.fingerprint() == before


@pytest.mark.parametrize("args", [pytest.param(("plan", "list"), id="row-62-read-only-to-read")])
def test_a_home_that_cannot_be_written_to_can_be_read(
    locked_away: Household, args: tuple[str, ...]
) -> None:
    done = locked_away.run_without_rights(*args)
    assert (done.code, done.err) == (0, "")
    assert "Example Bank" in done.out


def listening(household: Household, daemon: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + cli.DEADLINE_SECONDS
    while not (household.home / "tracker.sock").exists():
        assert daemon.poll() is None, daemon.stderr.read() if daemon.stderr else ""
        assert time.monotonic() < ends
        time.sleep(0.02)


def ended(process: subprocess.Popen[bytes]) -> Done:
    out, err = process.communicate(timeout=cli.DEADLINE_SECONDS)
    return Done(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize(
    "others", [pytest.param((("daemon",), ("tick",), ("db", "upgrade")), id="row-63-two-daemons")]
)
def test_of_two_daemons_the_second_gives_way(
    own: Household, others: tuple[tuple[str, ...], ...]
) -> None:
    own.configured('[web]\nbind = "127.0.0.1:0"\n')
    with own.started("daemon") as first:
        listening(own, first)
        with (
            own.started(*others[0]) as one,
            own.started(*others[1]) as two,
            own.started(*others[2]) as three,
        ):
            for process in (one, two, three):
                done = ended(process)
                assert (done.code, done.out) == (75, ""), done
                sentence, cure = done.err.splitlines()
                assert sentence == f"Error: Another daemon, or an upgrade, holds {own.home}."
                assert cure.startswith("Only one runs at a time; ")
        # The first has not noticed.
        assert own.type("pay", "maple", "5.00").code == 0
        first.send_signal(signal.SIGTERM)
        assert ended(first).code == 0
    assert own.rows("SELECT amount_minor FROM payment") == [(500,)]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        pytest.param('[web]\nbind = "127.0.0.1:{port}"\n', "web.bind", id="row-69-pages"),
        pytest.param(
            '[web]\nenabled = false\n[feed]\nbind = "127.0.0.1:{port}"\n',
            "feed.bind",
            id="row-69-feeds",
        ),
    ],
)
def test_a_port_in_use_is_named_with_its_key(own: Household, text: str, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        own.configured(text.format(port=port))
        names = (f"{key} is '127.0.0.1:{port}', which cannot be listened on: ",)
        said = refused(own, "daemon", code=2, names=names, process=True)
    assert said.endswith("Choose another address or port, or stop what uses this one.\n")


# --- the database ---


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")


def others(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE song (title TEXT)")


DATABASES = [
    pytest.param(newer, "was made by a newer version of the tracker.", id="row-71-newer"),
    pytest.param(others, "was not made by the tracker.", id="row-71-another-programs"),
    pytest.param(
        lambda path: path.write_text("milk, bread\n" * 500),
        "was not made by the tracker.",
        id="row-71-no-sqlite",
    ),
    pytest.param(lambda path: path.write_bytes(b""), "has 0 bytes", id="row-71-zero-bytes"),
    pytest.param(
        lambda path: path.write_bytes(path.read_bytes()[:3000]),
        "cannot be read: database disk image is malformed.",
        id="row-71-broken-off",
    ),
]


@pytest.mark.parametrize(("spoil", "reason"), DATABASES)
def test_a_database_that_is_not_ours_is_left_as_it_is(
    own: Household, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(own.database)
    before = own.database.read_bytes()
    names = (f"The database {own.database} {reason}",)
    for args in (("pay", "maple", "5.00"), ("plan", "list"), ("db", "upgrade"), ("doctor",)):
        refused(own, *args, code=6, names=names)
    assert own.database.read_bytes() == before
    assert not (own.home / "backups").exists()


@pytest.mark.parametrize(("spoil", "reason"), [DATABASES[1], DATABASES[2], DATABASES[3]])
def test_what_is_no_database_of_ours_is_not_copied_as_one(
    own: Household, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(own.database)
    copy = own.home / "copy.db"
    names = (f"The database {own.database} {reason}",)
    refused(own, "db", "backup", "--out", str(copy), code=6, names=names)
    assert not copy.exists()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(
            lambda path: path.write_bytes(b""), "has 0 bytes", id="row-71-zero-bytes-as-a-process"
        )
    ],
)
def test_the_daemon_does_not_start_on_it(
    own: Household, spoil: Callable[[Path], object], reason: str
) -> None:
    spoil(own.database)
    refused(own, "daemon", code=6, names=(reason,), process=True)
    assert own.database.read_bytes() == b""


@pytest.mark.parametrize("args", [pytest.param(("pay", "maple", "5.00"), id="row-71-missing")])
def test_a_database_that_has_gone_is_not_made_anew_in_passing(
    own: Household, args: tuple[str, ...]
) -> None:
    own.database.unlink()
    names = (f"There is no database at {own.database} yet.",)
    said = refused(own, *args, code=6, names=names)
    assert not own.database.exists()
    # The cure does what it says: an empty database, then somebody in it.
    assert "`tracker db upgrade`" in said
    assert own.type("db", "upgrade").code == 0
    said = refused(own, *args, code=3, names=("Nobody is recorded here yet.",))
    assert "`tracker person add`" in said
    person = ("person", "add", "Li Wei", "--locale", "en_GB", "--zone", "Europe/London")
    assert own.type(*person).code == 0


# --- the terminal ---


@pytest.mark.parametrize(
    "locale",
    [
        pytest.param("C", id="row-65-c"),
        pytest.param("POSIX", id="row-65-posix"),
        pytest.param("en_GB.UTF-8", id="row-65-utf-8"),
    ],
)
def test_what_is_not_utf8_is_refused_by_its_place(maple: Household, locale: str) -> None:
    before = maple.fingerprint()
    done = maple.run("pay", "maple", "5.00", "--note", b"caf\xe9", LANG=locale, LC_ALL=locale)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "Error: Argument 5 is not valid UTF-8.\nSet the terminal to UTF-8 and type it again.\n"
    )
    assert maple.fingerprint() == before


@pytest.mark.parametrize("note", [pytest.param("还款 é", id="row-65-utf-8-under-c")])
def test_what_is_utf8_is_kept_even_where_the_terminal_says_it_is_ascii(
    own: Household, note: str
) -> None:
    ascii_only = {"LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    done = own.run("pay", "maple", "5.00", "--note", note, **ascii_only)
    assert done.code == 0, done
    assert own.rows("SELECT note FROM payment") == [(note,)]
    listed = own.run("payment", "list", **ascii_only)
    assert listed.code == 0
    assert "\\u8fd8\\u6b3e" in listed.out


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("pay", "maple", "5.00", "--note", "-"), id="row-65-note-on-stdin"),
        pytest.param(
            (
                "plan",
                "agree",
                "maple",
                "--revise",
                "new",
                "--agreed-by",
                "a call",
                "--yes",
                "--rows",
                "-",
            ),
            id="row-65-rows-on-stdin",
        ),
    ],
)
def test_stdin_that_is_not_utf8_is_refused(maple: Household, args: tuple[str, ...]) -> None:
    names = ("What came on stdin is not UTF-8.",)
    refused(maple, *args, stdin=b"\xff\xfe1\x00", code=2, names=names)


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(("plan", "show", "maple"), id="row-66-table"),
        pytest.param(("--help",), id="row-66-help"),
        pytest.param(("config", "example"), id="row-66-example"),
        pytest.param(("--json", "journal", "list"), id="row-66-json"),
    ],
)
def test_a_reader_that_has_gone_ends_it_in_silence(maple: Household, args: tuple[str, ...]) -> None:
    assert unread(maple, *args) == Done(141, "", "")


@pytest.mark.parametrize(
    "args", [pytest.param(("pay", "maple", "5.00"), id="row-66-after-a-payment")]
)
def test_what_was_recorded_stays_recorded_when_nobody_reads_the_answer(
    own: Household, args: tuple[str, ...]
) -> None:
    assert unread(own, *args) == Done(141, "", "")
    assert own.rows("SELECT amount_minor FROM payment") == [(500,)]


def unread(household: Household, *args: str) -> Done:
    """Run with a stdout that nobody reads any more, as behind `| head`."""
    reading, writing = os.pipe()
    os.close(reading)
    with (
        os.fdopen(writing, "wb") as gone,
        household.started(*args, stdout=gone) as process,
    ):
        _, err = process.communicate(timeout=cli.DEADLINE_SECONDS)
    return Done(process.returncode, "", err.decode())


@pytest.mark.parametrize(
    "args",
    [
        pytest.param(
            (
                "plan",
                "agree",
                "maple",
                "--revise",
                "new",
                "--agreed-by",
                "a call",
                "--yes",
                "--rows",
                "-",
            ),
            id="row-67-while-a-list-is-pasted",
        ),
        pytest.param(("pay", "maple", "5.00", "--note", "-"), id="row-67-while-a-note-is-typed"),
    ],
)
def test_ctrl_c_while_it_reads_leaves_nothing_half_done(
    maple: Household, args: tuple[str, ...]
) -> None:
    before = maple.fingerprint()
    with maple.started(*args) as process:
        assert process.stdin is not None
        process.stdin.write(b"2027-01-31 5.00\n")
        process.stdin.flush()
        until(lambda: not unread_bytes(process.stdin))
        process.send_signal(signal.SIGINT)
        assert interrupted(process)
    assert maple.fingerprint() == before


@pytest.mark.parametrize("args", [pytest.param(("pay", "maple", "5.00"), id="row-67-in-the-queue")])
def test_ctrl_c_while_it_waits_for_another_writer_records_nothing(
    own: Household, args: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(own.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with own.started(*args) as process:
            until(lambda: own.database.name in opened(process))
            process.send_signal(signal.SIGINT)
            other.execute("ROLLBACK")
            assert interrupted(process)
    assert own.rows("SELECT count(*) FROM payment") == [(0,)]
    recorded(own, *args)
    assert own.rows("SELECT count(*) FROM payment") == [(1,)]


def interrupted(process: subprocess.Popen[bytes]) -> bool:
    done = ended(process)
    assert (done.code, done.out, done.err.strip()) == (130, "", "")
    return True


def unread_bytes(pipe: object) -> int:
    answer = fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4)  # type: ignore[call-overload]
    return int.from_bytes(answer, "little")


def opened(process: subprocess.Popen[bytes]) -> set[str]:
    folder = Path(f"/proc/{process.pid}/fd")
    names = set()
    for each in folder.iterdir():
        try:
            names.add(os.path.basename(os.readlink(each)))
        except FileNotFoundError:
            continue
    return names


def until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + cli.DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


# --- which rows of the table of bad inputs are covered ---

ROWS = {*range(1, 72)}
"""Money, dates and schedules; phones and text; the command line and the configuration."""
NOT_HERE = {
    54: "people write no templates; the wording of every message is the program's own",
    61: "whether a number may send is known to Twilio alone, which answers it per message: see "
    "test_sms_against_a_loopback_twilio; its form is checked with the configuration",
}
"""Rows that no command of this product can meet, and why."""


def covered() -> set[int]:
    """The rows that the ids in these files name."""
    found = set()
    for path in Path(__file__).parent.glob("test_bad_input_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {int(row) for row in re.findall(r"\brow-(\d\d)-[a-z0-9-]+", node.value)}
    return found


def test_every_row_is_covered_or_has_its_reason() -> None:
    assert covered() == ROWS - set(NOT_HERE)
    assert all(len(reason) > 20 for reason in NOT_HERE.values())
