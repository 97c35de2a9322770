"""A power cut at any moment loses no payment that was answered, and sends nothing twice.

A home lives through some weeks of payments and reminders on a disk that is watched
(tests/peers/disk.py). For many moments of it, everything that a power cut could have left of
the files (tests/peers/power_cuts.py) is opened by the real store and judged: the file is
sound, what was answered is there, and the engine, started on it, brings every text to its
end once. That the judge can say no is shown with weaker settings and with a planted bug.
"""

from __future__ import annotations

import logging
import random  # noqa: TID251 - with a seed
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.peers import disk as peer
from tests.peers import planted, proof, seed, vfs
from tests.peers.channels import Lost, Scripted, transient, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.peers.disk import Disk
from tests.peers.power_cuts import WAYS, Image, Remains
from tracker.actions.delivery import claim, send, steps
from tracker.actions.office import Office
from tracker.channels.message import Accepted, ChannelError, Outgoing
from tracker.clock import Clock
from tracker.config import Settings
from tracker.daemon.tick import Ticker
from tracker.store import db, upkeep
from tracker.store.db import Database

SEED = 20261124
BEGINS_AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
AT_PROVIDER = ("sending", "unknown", "sent", "delivered", "undelivered")

LOST, REPEATED = "a payment that was answered is lost", "a payment that was repeated is not there"
DAMAGED, FORGOTTEN = "the file is damaged", "a text that the provider has is not known"
TWICE, UNFINISHED = "a text went twice", "a text that the provider has did not come to its end"
DOUBTED = "the doctor says no"
UNRECORDED = "a text that was recorded as sent is not"

JOURNALS = ("rollback journal", "write-ahead log")
Pragmas = Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A way to lose what was answered, and what must be found of it."""

    name: str
    journal: str
    shows_as: str
    pragmas: Pragmas = field(default_factory=dict, hash=False)
    bug: Callable[[], None] | None = None
    after: str = "paid"
    """Right after such marks it shows first."""


ROLLBACK, AHEAD = JOURNALS
PLANTS = (
    Plant(
        name="the journal is deleted, and the folder not synced",
        journal=ROLLBACK,
        shows_as=LOST,
        pragmas={"journal_mode": "DELETE"},
    ),
    Plant(name="NORMAL", journal=ROLLBACK, shows_as=LOST, pragmas={"synchronous": "NORMAL"}),
    Plant(name="OFF", journal=ROLLBACK, shows_as=DAMAGED, pragmas={"synchronous": "OFF"}),
    Plant(name="NORMAL", journal=AHEAD, shows_as=LOST, pragmas={"synchronous": "NORMAL"}),
    Plant(name="OFF", journal=AHEAD, shows_as=DAMAGED, pragmas={"synchronous": "OFF"}),
    Plant(
        name="sent first, and marked afterwards",
        journal=ROLLBACK,
        shows_as=TWICE,
        bug=planted.send_then_mark,
        after="taken",
    ),
)


@dataclass
class Provider(Scripted):
    """Tells the disk what it took."""

    mark: Callable[[str], None] = lambda what: None
    answered: set[str] = field(default_factory=set)

    def take(self, message: Outgoing) -> Accepted:
        accepted = super().take(message)
        self.mark(f"taken {message.ref}")
        return accepted

    def send(self, message: Outgoing) -> Accepted:
        accepted = super().send(message)
        self.answered.add(message.ref)
        return accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What was watched, and what is needed to judge what is left of it."""

    disk: Disk
    settings: Settings
    taken: list[Outgoing]


@dataclass(slots=True)
class Known:
    """What was known outside of the machine when the power went."""

    at: datetime = BEGINS_AT
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Amount and key of each payment that was begun."""
    paid: list[tuple[str, str]] = field(default_factory=list)
    """Number and amount of each that was answered."""
    taken: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, marks: list[str]) -> Known:
        known = cls()
        for mark in marks:
            what, *said = mark.split(" ")
            match what:
                case "at":
                    known.at = datetime.fromisoformat(said[0])
                case "asked":
                    known.asked.append((said[0], said[1]))
                case "paid":
                    known.paid.append((said[0], said[1]))
                case "taken":
                    known.taken.append(said[0])
                case "recorded":
                    known.recorded.append(said[0])
        return known


@dataclass(slots=True)
class Findings:
    """How many images there were, and what was wrong with which."""

    images: int = 0
    rolled_back: int = 0
    """Images with a journal from which a transaction had to be rolled back."""
    wrong: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kinds(self) -> set[str]:
        return {kind for each in self.wrong.values() for kind in each}


@pytest.fixture
def watched(tmp_path: Path, sqlite_template: Path, beginnings: dict[str, seed.Rows]) -> Path:
    """A folder with a database in which Li owes Alder Bank."""
    try:
        peer.require()
    except vfs.NotHereError as error:
        pytest.skip(f"no power can be cut here: {error}")
    folder = tmp_path / "watched"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "tracker.db")
    database = Database(f"sqlite:///{folder / 'tracker.db'}")
    seed.put(database, beginnings["maple"])
    database.dispose()
    return folder


def use(journal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of the store are tried, whichever this machine's SQLite is given."""
    monkeypatch.setattr(db, "wal_is_safe", lambda version: journal == AHEAD)


def opened(folder: Path, pragmas: Pragmas) -> Database:
    """The real store, with a setting or two that differ from its own."""
    database = Database(f"sqlite:///{folder / 'tracker.db'}")

    def set_(connection: Any, _: object) -> None:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name} = {value}").fetchall()

    event.listen(database.engine, "connect", set_)
    return database


def lived(folder: Path, settings: Settings, weeks: int, pragmas: Pragmas) -> Life:
    """Some weeks: reminders go, some of the answers are lost, and Li pays now and then."""
    clock = MovableClock(BEGINS_AT)
    lot = random.Random(SEED)
    answers: list[Callable[[], ChannelError]] = [Lost, transient, unknown]
    with Disk(folder) as disk:
        # The log is carried over often, so that this too is under way at some of the cuts.
        database = opened(folder, {"wal_autocheckpoint": 60, **pragmas})
        desk = Desk(Office(settings=settings, database=database, clock=clock), clock)
        sms = Provider(mark=disk.mark)
        ticker = Ticker(office=desk.office, channels={"sms": sms}, home_id="home")

        def reached(step: str) -> None:
            if step == "recorded" and sms.requests[-1].ref in sms.answered:
                disk.mark(f"recorded {sms.requests[-1].ref}")

        steps.watch(reached)
        try:
            desk.plan(start="2026-11-30", every="weekly", count="12")
            while (wanted := ticker.run()) and wanted < BEGINS_AT + timedelta(weeks=weeks):
                clock.at = max(wanted, clock.at + timedelta(minutes=1))
                disk.mark(f"at {clock.at.isoformat()}")
                if lot.random() < 0.5:
                    pay(desk, disk, f"{lot.randint(100, 999) / 100:.2f}")
                if not sms.script and lot.random() < 0.3:
                    sms.script.append(lot.choice(answers)())
        finally:
            steps.watch(None)
        database.dispose()
    return Life(disk=disk, settings=settings, taken=sms.taken)


def pay(desk: Desk, disk: Disk, amount: str) -> None:
    key = f"key-{desk.clock.at.timestamp():.0f}"
    disk.mark(f"asked {amount} {key}")
    status, body = desk.answer("pay", {"debt": "maple", "amount": amount}, key=key)
    assert status == 200, body
    disk.mark(f"paid {body['result']['payment']} {amount}")


def moments(life: Life, wanted: int, after: tuple[str, ...]) -> list[int]:
    """Places in the record: two of three anywhere, the others right after such marks.

    With marks of one kind, all are after those, as far as there are so many.
    """
    lot = random.Random(SEED)
    events = life.disk.events
    marked = [
        place
        for place, each in enumerate(events, 1)
        if each.what == "mark" and each.name.startswith(after)
    ]
    share = wanted // 3 if len(after) > 1 else wanted
    chosen = set(lot.sample(marked, min(share, len(marked))))
    if len(after) > 1:
        rest = [place for place in range(1, len(events) + 1) if place not in chosen]
        chosen.update(lot.sample(rest, wanted - len(chosen)))
    return sorted(chosen)


def judged(
    life: Life,
    folder: Path,
    wanted: int,
    *,
    after: tuple[str, ...] = ("paid", "taken", "recorded"),
    until: str | None = None,
) -> Findings:
    """Cut the power at so many moments, and look at everything that it may leave.

    With `until`, go on only until that is found.
    """
    found = Findings()
    lot = random.Random(SEED)
    remains = Remains(life.disk.before, life.disk.events)
    database = opened(folder, {"synchronous": "OFF"})  # while we look, the power stays on
    for place in moments(life, wanted, after):
        remains.go_to(place)
        for way, image in remains.images(lot):
            found.images += 1
            found.rolled_back += any(image.get("tracker.db-journal", b"")[:8])
            put_down(image, folder)
            wrong = wrong_in(life, database, Known.of(remains.marks))
            database.dispose()
            if wrong:
                found.wrong[f"{way} at {place}"] = wrong
            if until in wrong:
                return found
    return found


def put_down(image: Image, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in image.items():
        (folder / name).write_bytes(content)


def wrong_in(life: Life, database: Database, known: Known) -> list[str]:
    """What is wrong when the power is back, a minute later."""
    if upkeep.integrity(database):
        return [DAMAGED]
    clock = MovableClock(known.at + timedelta(minutes=1))
    desk = Desk(Office(settings=life.settings, database=database, clock=clock), clock)
    refused = [
        DOUBTED
        for each in desk.ask("doctor")["checks"]
        if each["name"] in ("database", "figures", "journal") and not each["ok"]
    ]
    return refused + _payments(desk, known) + _texts(desk, life, known)


def _payments(desk: Desk, known: Known) -> list[str]:
    """Each that was answered is there; the last, asked again with its key, is there once."""
    listed = desk.ask("payment.list")["payments"]
    there = {(str(each["number"]), each["amount"]["amount"]) for each in listed}
    wrong = [] if there.issuperset(known.paid) else [LOST]
    if known.asked:
        amount, key = known.asked[-1]
        status, _ = desk.answer("pay", {"debt": "maple", "amount": amount}, key=key)
        after = desk.ask("payment.list")["payments"]
        if status != 200 or len(after) != len(known.asked):
            wrong.append(REPEATED)
    return wrong


def _texts(desk: Desk, life: Life, known: Known) -> list[str]:
    """What the provider has is known as such; and after some hours it is sent, and once."""
    wrong = set()
    states = {each.ref: each.state for each in desk.messages()}
    if any(states.get(ref) not in AT_PROVIDER for ref in known.taken):
        wrong.add(FORGOTTEN)
    if any(states.get(ref) != "sent" for ref in known.recorded):
        wrong.add(UNRECORDED)
    sms = Scripted(taken=life.taken[: len(known.taken)])
    ticker = Ticker(office=desk.office, channels={"sms": sms}, home_id="home")
    ends = desk.clock.at + timedelta(hours=3)
    ticker.start()
    while (wanted := ticker.run()) and wanted < ends:
        desk.clock.at = max(wanted, desk.clock.at + timedelta(minutes=1))
    times = Counter(each.ref for each in sms.taken)
    if any(count > 1 for count in times.values()):
        wrong.add(TWICE)
    if any(each.state != "sent" for each in desk.messages() if times[each.ref]):
        wrong.add(UNFINISHED)
    return sorted(wrong)


@pytest.mark.parametrize("journal", JOURNALS)
def test_whatever_a_power_cut_leaves_nothing_that_was_answered_is_lost(
    journal: str,
    watched: Path,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(journal, monkeypatch)
    life = lived(watched, settings, weeks=2, pragmas={})

    found = judged(life, tmp_path / "left", wanted=6)

    assert found.wrong == {}
    assert found.images == 36
    assert found.rolled_back >= 5 or journal == AHEAD


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.journal}: {plant.name}")
def test_what_would_lose_something_is_found(
    plant: Plant,
    watched: Path,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = planted_life(plant, watched, settings, 2, monkeypatch)

    found = judged(life, tmp_path / "left", 20, after=(plant.after,), until=plant.shows_as)

    assert plant.shows_as in found.kinds, found


def planted_life(
    plant: Plant, folder: Path, settings: Settings, weeks: int, monkeypatch: pytest.MonkeyPatch
) -> Life:
    use(plant.journal, monkeypatch)
    if plant.bug is not None:
        # What the bug exchanges comes back at the end of the test.
        monkeypatch.setattr(claim, "claim", claim.claim)
        monkeypatch.setattr(send, "still_ours", claim.still_ours)
        plant.bug()
    return lived(folder, settings, weeks, plant.pragmas)


IMAGES_OF_THE_PROOF = 780
PLANTED_IMAGES_OF_THE_PROOF = 120
ABOUT = """\
Seed {seed}, SQLite {sqlite}, {day}. Some weeks of reminders and payments are lived through on a
disk that is watched; some of the provider's answers are lost. At moments drawn by lot, a third of
them right after somebody learned something, the files are put together as a power cut may leave
them: what was synced is there; of what was written since, nothing, all, some writes, or some
sectors of some; a name that was made or deleted counts for sure once its folder was synced. Each
is opened by the real store, checked, and the engine goes on from it. Both journals are tried;
this SQLite is given the {own}.
"""


@pytest.mark.prove
def test_the_proof_of_the_power_cuts(
    watched: Path,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Hundreds of images of each journal, and every plant; writes its part of docs/proof.md."""
    caplog.set_level(logging.CRITICAL)
    own = AHEAD if db.wal_is_safe(sqlite3.sqlite_version_info) else ROLLBACK
    lives, found = {}, {}
    for journal in JOURNALS:
        use(journal, monkeypatch)
        folder = shutil.copytree(watched, tmp_path / f"watched by {journal}")
        lives[journal] = lived(folder, settings, weeks=6, pragmas={})
        found[journal] = judged(lives[journal], tmp_path / "left", IMAGES_OF_THE_PROOF // WAYS)
    spoilt = {}
    for number, plant in enumerate(PLANTS):
        with monkeypatch.context() as patch:
            folder = shutil.copytree(watched, tmp_path / f"planted {number}")
            life = planted_life(plant, folder, settings, 6, patch)
            spoilt[plant] = judged(life, tmp_path / "left", PLANTED_IMAGES_OF_THE_PROOF // WAYS)

    proof.add("Power cuts", told(own, lives, found, spoilt))
    for journal, each in found.items():
        assert each.wrong == {}
        assert each.images >= 750
        marks = Counter(mark.partition(" ")[0] for mark in _marks(lives[journal]))
        assert min(marks["paid"], marks["taken"]) >= 15, marks
        assert 5 <= marks["recorded"] < marks["taken"], marks
        # The log was carried over into the file, too.
        assert any(
            (event.what, event.name) == ("write", "tracker.db")
            for event in lives[journal].disk.events
        )
    for plant, each in spoilt.items():
        assert plant.shows_as in each.kinds, plant


def _marks(life: Life) -> list[str]:
    return [event.name for event in life.disk.events if event.what == "mark"]


def told(
    own: str,
    lives: Mapping[str, Life],
    found: Mapping[str, Findings],
    spoilt: Mapping[Plant, Findings],
) -> str:
    def images_with(each: Findings, *kinds: str) -> str:
        return str(sum(any(kind in wrong for kind in kinds) for wrong in each.wrong.values()))

    def known(journal: str, what: str) -> str:
        return str(sum(mark.startswith(what) for mark in _marks(lives[journal])))

    findings = (
        ("files that are damaged or contradict themselves", (DAMAGED, DOUBTED)),
        ("payments lost", (LOST, REPEATED)),
        ("texts forgotten, sent twice or unfinished", (FORGOTTEN, UNRECORDED, TWICE, UNFINISHED)),
    )
    rows = [
        ["payments answered", *(known(each, "paid") for each in found)],
        ["texts taken by the provider", *(known(each, "taken") for each in found)],
        ["calls of the disk", *(str(len(lives[each].disk.events)) for each in found)],
        ["images", *(str(each.images) for each in found.values())],
        ["with a write to roll back", *(str(each.rolled_back) for each in found.values())],
        *(
            [f"**{name}**", *(f"**{images_with(each, *kinds)}**" for each in found.values())]
            for name, kinds in findings
        ),
    ]
    plants = [
        [
            f"{plant.journal}: {plant.name}",
            str(each.images),
            *(images_with(each, *kinds) for _, kinds in findings),
        ]
        for plant, each in spoilt.items()
    ]
    about = ABOUT.format(
        seed=SEED, sqlite=sqlite3.sqlite_version, day=Clock().now().date().isoformat(), own=own
    )
    return "\n".join(
        [
            about,
            proof.table(["", *found], rows),
            "Images in which something is wrong, with what would be weaker:\n",
            proof.table(["planted", "images", *(name for name, _ in findings)], plants),
        ]
    )
