"""Disks that fail, fill up, turn read-only or give back other bytes, and a file that is locked.

Whatever happens: what can be read is read, the answer is one sentence, nothing is sent of
which the database would not know, and it goes on by itself once the disk is well again.
"""

from __future__ import annotations

import logging
import random  # noqa: TID251 - with a seed
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.peers import disk as peer
from tests.peers import planted, proof, seed, vfs
from tests.peers.channels import Scripted
from tests.peers.cli import Household
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.peers.disk import Disk, Fault
from tests.peers.power_cuts import Remains
from tests.peers.small_disk import NotAllowedError, SmallDisk, on_a_small_disk
from tracker.actions import feeds
from tracker.actions.delivery import claim, send
from tracker.actions.office import Office, open_office
from tracker.clock import Clock
from tracker.config import Settings, load
from tracker.daemon.tick import Ticker, beat
from tracker.errors import UnavailableError
from tracker.store import db, schema, upkeep
from tracker.store.db import Database

BEFORE = datetime(2026, 11, 30, 8, 59, tzinfo=UTC)
DUE = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
"""The first reminder's moment."""
AT_PROVIDER = ("sending", "unknown", "sent", "delivered", "undelivered")
UNAVAILABLE = (503, 6)
JOURNALS = ROLLBACK, AHEAD = "rollback journal", "write-ahead log"


@dataclass(slots=True)
class Home:
    """A home whose first reminder is due at this moment."""

    folder: Path
    settings: Settings
    database: Database
    clock: MovableClock = field(default_factory=lambda: MovableClock(DUE))
    sms: Scripted = field(default_factory=Scripted)
    office: Office = field(init=False)
    desk: Desk = field(init=False)
    ticker: Ticker = field(init=False)

    def __post_init__(self) -> None:
        self.office = Office(settings=self.settings, database=self.database, clock=self.clock)
        self.desk = Desk(self.office, self.clock)
        self.ticker = Ticker(office=self.office, channels={"sms": self.sms}, home_id="home")

    @classmethod
    def at(cls, folder: Path, settings: Settings) -> Home:
        return cls(folder, settings, Database(f"sqlite:///{folder / 'tracker.db'}"))

    def pays(self, key: str) -> tuple[int, dict[str, Any]]:
        return self.desk.answer("pay", {"debt": "maple", "amount": "1.00"}, key=key)

    def payments(self) -> int:
        return len(self.desk.ask("payment.list")["payments"])

    def later(self) -> None:
        """Tick as the heart does, for the hours in which everything in doubt is settled."""
        ends = self.clock.at + timedelta(hours=3)
        while self.clock.at < ends:
            beat(self.ticker)
            wanted = self.ticker.beats.next_wake_at
            self.clock.forward(minutes=1)
            if wanted is not None:
                self.clock.at = max(self.clock.at, min(wanted, ends))
        beat(self.ticker)


@pytest.fixture(params=JOURNALS)
def journal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of the store, whichever this machine's SQLite is given."""
    chosen: str = request.param
    monkeypatch.setattr(db, "wal_is_safe", lambda version: chosen == AHEAD)
    return chosen


@pytest.fixture
def rollback_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "wal_is_safe", lambda version: False)


@pytest.fixture(scope="session")
def waiting(
    sqlite_template: Path,
    beginnings: dict[str, seed.Rows],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A database file in which everything waits for nine o'clock."""
    path = tmp_path_factory.mktemp("waiting") / "tracker.db"
    shutil.copyfile(sqlite_template, path)
    home = Home.at(path.parent, load(path.parent, {}))
    seed.put(home.database, beginnings["maple"])
    home.clock.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    home.desk.plan(rows="2026-12-04 100.00\n")
    home.clock.at = BEFORE
    home.ticker.run()
    home.database.dispose()
    return path


@pytest.fixture
def home(tmp_path: Path, waiting: Path) -> Iterator[Home]:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    shutil.copyfile(waiting, folder / "tracker.db")
    made = Home.at(folder, load(folder, {}))
    yield made
    made.database.dispose()


@pytest.fixture
def faulty(home: Home) -> Iterator[Disk]:
    try:
        peer.require()
    except vfs.NotHereError as error:
        pytest.skip(f"no disk can be made to fail here: {error}")
    with Disk(home.folder, syncs=False) as disk:
        yield disk
        home.database.dispose()


def refused(answer: tuple[int, dict[str, Any]]) -> str:
    """It was refused as something that passes: one sentence, exit 6."""
    status, body = answer
    error = body.get("error", {})
    assert (status, error.get("exit")) == UNAVAILABLE, body
    sentence: str = error["sentence"]
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


# Every call that the database makes of the disk fails once.

FAULTS: dict[str, Callable[[int], Fault]] = {
    "once": Fault,
    "from there on": lambda at: Fault(at, lasting=True),
    "full": lambda at: Fault(at, lasting=True, code=sqlite3.SQLITE_FULL),
    "done all the same": lambda at: Fault(at, done=True),
}


def fresh(home: Home, waiting: Path) -> None:
    home.database.dispose()
    for path in home.folder.glob("tracker.db*"):
        path.unlink()
    shutil.copyfile(waiting, home.folder / "tracker.db")
    home.clock.at = DUE
    home.sms.taken.clear()
    home.sms.requests.clear()


def wrong_after_a_payment(home: Home, disk: Disk, fault: Fault) -> list[str]:
    with disk.failing(fault):
        status, body = home.pays("key")
    wrong = []
    if status != 200 and (status, body["error"]["exit"]) != UNAVAILABLE:
        wrong.append(f"it was answered {status}: {body}")
    there = home.payments()
    if there > 1 or (status == 200 and there != 1):
        wrong.append(f"it was answered {status}, and is there {there} times")
    status, body = home.pays("key")
    if (status, home.payments()) != (200, 1):
        wrong.append(f"repeated, it was answered {status}, and is there {home.payments()} times")
    return wrong


def wrong_after_a_send(home: Home, disk: Disk, fault: Fault) -> list[str]:
    with disk.failing(fault):
        for _ in range(4):  # what is due together waits a little for the rest of it
            beat(home.ticker)
            home.clock.forward(minutes=1)
    assert fault.hit or len(home.sms.taken) == 1
    wrong = []
    states = {each.ref: each.state for each in home.desk.messages()}
    if any(states.get(each.ref) not in AT_PROVIDER for each in home.sms.taken):
        wrong.append(f"sent without a record: {states}")
    home.later()
    if home.ticker.beats.problem:
        wrong.append(f"the tick does not go on: {home.ticker.beats.problem}")
    times = Counter(each.ref for each in home.sms.taken)
    if list(times.values()) != [1]:
        wrong.append(f"the provider has {times}")
    if home.desk.states() != ["sent"]:
        wrong.append(f"it ended as {home.desk.states()}")
    return wrong


AFTER = {"a payment": wrong_after_a_payment, "a send": wrong_after_a_send}


def swept(
    home: Home, disk: Disk, waiting: Path, what: str, kind: str, *, first: int, step: int
) -> tuple[Counter[str], list[str]]:
    """Let the calls number first, first + step, … fail, until there are no more."""
    hit: Counter[str] = Counter()
    found: list[str] = []
    at = first
    while True:
        fresh(home, waiting)
        fault = FAULTS[kind](at)
        wrong = AFTER[what](home, disk, fault)
        if not fault.hit:
            return hit, found
        hit[fault.hit] += 1
        wrong += upkeep.integrity(home.database)
        wrong += [
            f"the doctor says no to {each['name']}"
            for each in home.desk.ask("doctor")["checks"]
            if each["name"] in ("database", "figures", "journal") and not each["ok"]
        ]
        found += [f"{fault.hit}, call {at}, {kind}: {each}" for each in wrong]
        at += step


@pytest.mark.parametrize("what", AFTER)
def test_a_call_of_the_disk_that_fails_loses_and_doubles_nothing(
    journal: str, what: str, home: Home, faulty: Disk, waiting: Path
) -> None:
    """Every so many calls, with the kinds of failure in turn; all of them are in the proof."""
    hit: Counter[str] = Counter()
    for first, kind in enumerate(FAULTS, 1):
        struck, wrong = swept(home, faulty, waiting, what, kind, first=first * 5, step=23)
        assert wrong == []
        hit += struck
    assert hit["write"] >= 4, hit
    assert hit["read"] >= 4, hit
    assert hit.total() >= 16, hit


@pytest.mark.usefixtures("rollback_journal")
def test_a_send_that_is_marked_afterwards_is_found_by_the_same_calls(
    home: Home, faulty: Disk, waiting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "claim", claim.claim)
    monkeypatch.setattr(send, "still_ours", claim.still_ours)
    planted.send_then_mark()

    _, wrong = swept(home, faulty, waiting, "a send", "from there on", first=150, step=25)

    assert any("sent without a record" in each for each in wrong), wrong
    assert any("the provider has" in each for each in wrong), wrong


# A disk that is full, or only to be read, for a while.


@dataclass(frozen=True, slots=True)
class Trouble:
    """How it begins and how it ends; `hides`: nothing can be read meanwhile either."""

    begins: Callable[[], None]
    ends: Callable[[], None]
    says: str
    hides: bool = False


def endures(home: Home, trouble: Trouble) -> None:
    """Reads go on, writes say why not, nothing is sent, and then all goes on by itself."""
    token = home.desk.ask("feed.add")["token"]
    assert home.pays("before")[0] == 200
    trouble.begins()

    assert trouble.says in refused(home.pays("during"))
    beat(home.ticker)
    assert trouble.says in str(home.ticker.beats.problem)
    assert home.sms.taken == []
    if trouble.hides:
        assert trouble.says in refused(home.desk.answer("overview"))
    else:
        assert home.payments() == 1
        assert home.desk.ask("overview")
        feeds._files.clear()
        assert feeds.feed_bytes(home.office, token, home.clock.at) is not None
        assert set(home.desk.states()) <= {"pending"}

    trouble.ends()
    # A connection that was opened for reading is found out by the first write, and let go.
    assert 200 in [home.pays("during")[0] for _ in range(2)]
    home.later()
    assert home.ticker.beats.problem is None
    assert len(home.sms.taken) == 1
    assert home.desk.states() == ["sent"]
    assert home.payments() == 2
    assert upkeep.integrity(home.database) == []


def test_a_full_disk_is_endured(journal: str, home: Home, faulty: Disk) -> None:
    def full(yes: bool) -> Callable[[], None]:
        return lambda: setattr(faulty, "full", yes)

    endures(home, Trouble(full(True), full(False), "database or disk is full"))


def test_a_disk_that_is_only_to_be_read_is_endured(journal: str, home: Home, faulty: Disk) -> None:
    endures(home, read_only(home, journal, lambda yes: setattr(faulty, "read_only", yes)))


def read_only(home: Home, journal: str, remount: Callable[[bool], None]) -> Trouble:
    """What was opened before is closed, or there would be no remount; what is opened
    meanwhile nobody closes.
    """

    def begins() -> None:
        home.database.dispose()
        remount(True)

    # A log has to be written to even to be read (sqlite.org/wal.html).
    log = journal == AHEAD
    says = "unable to open database file" if log else "attempt to write a readonly database"
    return Trouble(begins, lambda: remount(False), says, hides=log)


def on_its_own(tmp_path: Path, waiting: Path, work: Callable[[Home, SmallDisk], None]) -> None:
    """With a home on a real disk of four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()

    def begin(disk: SmallDisk) -> None:
        shutil.copyfile(waiting, folder / "tracker.db")
        home = Home.at(folder, load(folder, {}))
        try:
            work(home, disk)
        finally:
            home.database.dispose()

    try:
        on_a_small_disk(folder, 4_000_000, begin)
    except NotAllowedError as error:
        pytest.skip(f"no disk of its own can be made here: {error}")


def test_a_real_disk_that_is_full_is_endured(journal: str, tmp_path: Path, waiting: Path) -> None:
    def work(home: Home, disk: SmallDisk) -> None:
        endures(home, Trouble(disk.fill, disk.free, "database or disk is full"))

    on_its_own(tmp_path, waiting, work)


def test_a_real_disk_that_is_remounted_to_be_read_is_endured(
    journal: str, tmp_path: Path, waiting: Path
) -> None:
    def work(home: Home, disk: SmallDisk) -> None:
        endures(home, read_only(home, journal, disk.read_only))

    on_its_own(tmp_path, waiting, work)


def test_the_commands_say_on_a_full_disk_what_is_wrong(tmp_path: Path, waiting: Path) -> None:
    def work(home: Home, disk: SmallDisk) -> None:
        typed = Household(home.folder).configured("")
        assert typed.type("tick", TRACKER_CLOCK=BEFORE.isoformat()).code == 0
        now = {"TRACKER_CLOCK": DUE.isoformat()}
        disk.fill()
        for words in (("pay", "maple", "5.00"), ("tick",)):
            done = typed.type(*words, **now)
            assert (done.code, done.out) == (6, ""), done
            sentence, hint = done.err.splitlines()
            assert sentence == "Error: The database cannot be used: database or disk is full."
            assert hint
        assert typed.type("plan", "list", **now).code == 0
        disk.free()
        assert typed.type("pay", "maple", "5.00", **now).code == 0

    on_its_own(tmp_path, waiting, work)


# A file that somebody else keeps.

HOLD = """
import sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.readline()
file.execute("ROLLBACK")
"""


@contextmanager
def held_by_another_process(path: Path) -> Iterator[Callable[[], object]]:
    """Gives what lets it go."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield lambda: process.communicate("go\n", timeout=30)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_a_file_that_is_locked_for_too_long_is_waited_for_again(
    journal: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_TIMEOUT_SECONDS", 0.1)
    with held_by_another_process(home.folder / "tracker.db") as let_go:
        assert "locked" in refused(home.pays("key"))
        beat(home.ticker)
        assert "locked" in str(home.ticker.beats.problem)
        assert home.sms.taken == []
        let_go()
        assert home.pays("key")[0] == 200
        home.later()
    assert home.payments() == 1
    assert (len(home.sms.taken), home.desk.states()) == (1, ["sent"])
    assert home.ticker.beats.problem is None


# A file that gives back something else than was written.


def opened_office(home: Home) -> str | None:
    """What the daemon does before its first tick; the sentence of its refusal, with the cure."""
    place = replace(home.settings.database, url=f"sqlite:///{home.folder / 'tracker.db'}")
    said = None
    try:
        open_office(replace(home.settings, database=place), home.clock).close()
        home.ticker.start()
    except UnavailableError as error:
        said = f"{error} {str(error.hint).format(**error.params)}"
    assert "\n" not in (said or "")
    return said


def backed_up(home: Home) -> Path:
    (home.folder / "backups").mkdir()
    copy = home.folder / "backups" / "backup-20261129T000000Z.db"
    upkeep.backup(home.database, copy)
    home.database.dispose()
    return copy


def corrupt(path: Path) -> None:
    """Overwrite the last page in use, which is a table's or an index's."""
    content = bytearray(path.read_bytes())
    content[-4096:] = bytes(b"\xff" * 4096)
    path.write_bytes(content)


def test_with_a_damaged_page_nothing_is_sent_and_the_newest_whole_copy_is_named(
    home: Home,
) -> None:
    good = backed_up(home)
    newer = home.folder / "backups" / "tracker-20261130T000000Z-0001.db"
    shutil.copyfile(good, newer)
    corrupt(newer)
    corrupt(home.folder / "tracker.db")
    damaged = (home.folder / "tracker.db").read_bytes()

    said = opened_office(home)

    assert said is not None
    assert said.startswith(f"The database {home.folder / 'tracker.db'} is damaged: ")
    assert f"copy {good} there" in said
    assert home.sms.requests == []
    assert (home.folder / "tracker.db").read_bytes() == damaged
    good.unlink()
    assert f"There is no whole copy of it in {home.folder / 'backups'}." in str(opened_office(home))


@pytest.mark.parametrize(
    ("left", "says"),
    [
        pytest.param(b"", "has 0 bytes", id="empty"),
        pytest.param(b"x" * 8192, "was not made by the tracker", id="no database"),
        pytest.param(None, "There is no database at", id="gone"),
    ],
)
def test_a_file_that_is_no_database_any_more_is_never_made_anew(
    left: bytes | None, says: str, home: Home
) -> None:
    path = home.folder / "tracker.db"
    home.database.dispose()
    path.unlink()
    if left is not None:
        path.write_bytes(left)

    assert says in str(opened_office(home))
    # Neither does an engine make one that had begun before.
    beat(home.ticker)
    assert home.ticker.beats.problem
    assert refused(home.pays("key"))
    assert home.sms.requests == []
    if left:
        assert path.read_bytes() == left
    else:
        assert schema.contents(home.database)[0] in (None, set())


@pytest.mark.usefixtures("rollback_journal")
def test_a_deleted_journal_lets_nothing_go_that_went_before(
    home: Home, faulty: Disk, tmp_path: Path
) -> None:
    """A write was cut off, and somebody removes the journal that would have mended it."""
    home.later()
    assert len(home.sms.taken) == 1
    before, begun = faulty.before, len(faulty.events)
    assert home.pays("key")[0] == 200
    outcomes: Counter[str] = Counter()
    remains = Remains(before, faulty.events)
    for place, each in enumerate(faulty.events, 1):
        remains.go_to(place)
        if place <= begun or (each.what, each.name) != ("write", "tracker.db"):
            continue
        image = dict(remains.images(random.Random(place)))["everything"]
        image.pop("tracker.db-journal", None)
        folder = tmp_path / f"left-{place}"
        folder.mkdir()
        for name, content in image.items():
            (folder / name).write_bytes(content)
        left = Home.at(folder, load(folder, {}))
        left.clock.at = home.clock.at + timedelta(minutes=1)
        said = opened_office(left)
        outcomes["refused" if said else "opened"] += 1
        if said is None:
            left.sms.taken.extend(home.sms.taken)
            left.later()
        assert left.sms.requests == []
        left.database.dispose()
    assert outcomes["refused"] >= 1, outcomes


def flipped(good: bytes, lot: random.Random) -> bytes:
    """Some bits of one page in use, or a sector of it, are others."""
    content = bytearray(good)
    pages = [at for at in range(0, len(good), 4096) if any(good[at : at + 4096])]
    page = lot.choice(pages)
    used = [at for at in range(page, page + 4096) if good[at]]
    if lot.random() < 0.25:
        sector = lot.choice(used) // 512 * 512
        content[sector : sector + 512] = lot.randbytes(512)
    else:
        for _ in range(lot.choice((1, 1, 4))):
            content[lot.choice(used)] ^= 1 << lot.randrange(8)
    return bytes(content)


def after_flips(home: Home, waiting: Path, times: int, seed: int) -> Counter[str]:
    """What came of it, each time; the first impossible outcome fails the test."""
    outcomes: Counter[str] = Counter()
    lot = random.Random(seed)
    good = waiting.read_bytes()
    path = home.folder / "tracker.db"
    for number in range(times):
        fresh(home, waiting)
        path.write_bytes(flipped(good, lot))
        damaged = upkeep.integrity(home.database)
        said = opened_office(home)
        if said is None:
            home.later()
        times_taken = Counter(each.ref for each in home.sms.taken)
        assert max(times_taken.values(), default=0) <= 1, f"{number}: sent twice"
        assert path.stat().st_size >= len(good), f"{number}: made anew"
        if said:
            outcomes["refused at the start"] += 1
            assert home.sms.requests == []
        elif home.ticker.beats.problem:
            outcomes["refused in the tick"] += 1
            assert home.sms.requests == []
        else:
            outcomes["sent, and damaged" if damaged else "sent, and sound"] += 1
        status, body = home.pays("key")
        assert status == 200 or "\n" not in body["error"]["sentence"], body
    return outcomes


def test_bytes_that_come_back_as_others_have_nothing_sent_twice(home: Home, waiting: Path) -> None:
    outcomes = after_flips(home, waiting, times=30, seed=20261124)

    assert outcomes["refused at the start"] >= 5, outcomes
    assert outcomes["sent, and damaged"] == 0, outcomes


FLIPS_OF_THE_PROOF = 200
SWEEPS_OF_THE_PROOF = {
    "once": (1, 1),
    "done all the same": (1, 1),
    # Alike but for the error: each of them strikes every other call.
    "from there on": (1, 2),
    "full": (2, 2),
}
ABOUT = """\
{day}. For one payment and one send each, every call that SQLite makes of the disk fails, one after
the other: once; once although it took effect; from there on, as a broken or as a full disk.
Afterwards the disk is well: the payment is there if and only if it was answered, and once after it
was repeated with its key; the text went once and is recorded. Then {flips} times bits or a sector
of the file come back as others: what is found damaged at the start sends nothing.
"""


@pytest.mark.prove
def test_the_proof_of_the_disk_faults(
    home: Home,
    faulty: Disk,
    waiting: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Every call, with every kind of failure; writes its part of docs/proof.md."""
    caplog.set_level(logging.CRITICAL)
    rows = []
    found = []
    for journal in JOURNALS:
        monkeypatch.setattr(db, "wal_is_safe", lambda version, j=journal: j == AHEAD)
        for what in AFTER:
            hit: Counter[str] = Counter()
            wrong: list[str] = []
            for kind, (first, step) in SWEEPS_OF_THE_PROOF.items():
                struck, more = swept(home, faulty, waiting, what, kind, first=first, step=step)
                hit += struck
                wrong += more
            calls = ", ".join(f"{name} {count}" for name, count in hit.most_common())
            rows.append([f"{journal}: {what}", calls, str(hit.total()), f"**{len(wrong)}**"])
            found += wrong
    outcomes = after_flips(home, waiting, FLIPS_OF_THE_PROOF, seed=20261124)

    about = ABOUT.format(day=Clock().now().date().isoformat(), flips=FLIPS_OF_THE_PROOF)
    proof.add(
        "Disk faults",
        "\n".join(
            [
                about,
                proof.table(["", "the calls that failed", "failures", "something wrong"], rows),
                proof.table(
                    ["other bytes", "times"],
                    [[name, str(count)] for name, count in outcomes.most_common()],
                ),
            ]
        ),
    )
    assert found == []
    assert outcomes["sent, and damaged"] == 0
