"""A run: a row of events made from a seed, played on a world, and shortened when it fails."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.simulation.delivery.books import Books
from tests.simulation.delivery.household import Household
from tests.simulation.delivery.looks import Looks
from tests.simulation.delivery.mishaps import DAY, Mishaps
from tests.simulation.delivery.provider import Broken
from tests.simulation.delivery.world import World

YEAR = 365 * DAY
ACTS_A_YEAR, MISHAPS_A_YEAR = 18, 10
MOST_TRIES = 120


@dataclass(frozen=True)
class Event:
    """At so many real seconds after the beginning, `kind` ("act" or "mishap") by its number."""

    at: float
    kind: str
    number: int


@dataclass(frozen=True)
class Script:
    seed: int
    years: float
    events: tuple[Event, ...]

    @staticmethod
    def of(seed: int, years: float) -> Script:
        chance = random.Random(f"script {seed}")
        kinds = ["act"] * int(ACTS_A_YEAR * years) + ["mishap"] * int(MISHAPS_A_YEAR * years)
        events = [
            Event(round(chance.uniform(0, years * YEAR), 1), kind, chance.randrange(2**32))
            for kind in kinds
        ]
        return Script(seed, years, tuple(sorted(events, key=lambda each: each.at)))

    def dump(self) -> str:
        events = [[each.at, each.kind, each.number] for each in self.events]
        return json.dumps({"seed": self.seed, "years": self.years, "events": events})

    @staticmethod
    def load(text: str) -> Script:
        given = json.loads(text)
        return Script(
            given["seed"], given["years"], tuple(Event(*each) for each in given["events"])
        )


@dataclass
class Report:
    years: float = 0.0
    runs: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)

    def add(self, other: Report) -> None:
        self.years += other.years
        self.runs += other.runs
        self.counts += other.counts
        self.taken += other.taken
        self.refused += other.refused
        self.happened += other.happened


@contextmanager
def home(template: Path) -> Iterator[Path]:
    """A folder with an empty database, in memory where there is such a place."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="delivery-", dir=place))
    try:
        shutil.copyfile(template, folder / "tracker.db")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play(script: Script, template: Path, tell: Callable[[str], None] | None = None) -> Report:
    """Play it to its end and beyond, until all is quiet. Raises Broken."""
    chance = random.Random(f"home {script.seed}")
    delivery = {"daily_cap": chance.choice([3, 6, 20, 20])}
    with home(template) as folder:
        world = World(folder, script.seed, delivery=delivery)
        books = Books(folder / "tracker.db")
        looks = Looks(world, books)
        household = Household(world, looks, books)
        world.providers["sms"].can_follow = chance.random() < 0.4
        manner = chance.choice(["alone", "alone", "many", "restores", "clocks"])
        mishaps = Mishaps(
            world,
            looks,
            household,
            many=manner == "many",
            restores=manner == "restores",
            clocks=manner == "clocks",
        )
        with world.running():
            household.found(chance)
            _play(script, world, looks, household, mishaps, tell)
        books.close()
        report = Report(script.years, 1, looks.counts, household.taken, household.refused)
        report.happened = mishaps.happened
        report.counts["beats"] = world.beats
        report.counts[f"runs {manner}"] = 1
        return report


def _play(
    script: Script,
    world: World,
    looks: Looks,
    household: Household,
    mishaps: Mishaps,
    tell: Callable[[str], None] | None,
) -> None:
    def beat_looked_at() -> bool:
        mishaps.pass_by()
        written = looks.look(world.beat_at)
        return household.run_errands() or written

    for event in script.events:
        world.live(event.at, beat_looked_at)
        before = household.taken + household.refused + mishaps.happened
        if event.kind == "act":
            household.act(event.number)
        else:
            mishaps.act(event.number)
        after = household.taken + household.refused + mishaps.happened
        if tell:
            tell(f"{world.clock.now():%Y-%m-%d %H:%M} {dict(after - before)}")
        looks.look()
    world.live(script.years * YEAR, beat_looked_at)
    mishaps.calm()
    household.repeat()
    looks.look()
    # Three weeks in which nothing goes wrong, and then nothing is left to do.
    world.live(world.clock.real + 21 * DAY, beat_looked_at)
    household.errands.clear()
    world.live(world.clock.real + DAY, beat_looked_at)
    looks.look_at_the_end()


def broken(script: Script, template: Path) -> str | None:
    try:
        play(script, template)
    except Broken as found:
        return str(found)
    return None


def shortest(script: Script, template: Path, sort: str) -> Script:
    """Leave out events for as long as it still breaks in the same way."""
    left: Sequence[Event] = script.events
    size, tries = max(len(left) // 2, 1), MOST_TRIES
    while tries:
        start = 0
        while start < len(left) and tries:
            fewer = (*left[:start], *left[start + size :])
            tries -= 1
            found = broken(replace(script, events=fewer), template)
            if found is not None and found[:3] == sort[:3]:
                left = fewer
            else:
                start += size
        if size == 1:
            break
        size //= 2
    return replace(script, events=tuple(left))
