"""A run: a row of events made from a seed, played on a world, and shortened when it fails."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.simulation.delivery.books import Books
from tests.simulation.delivery.household import Household
from tests.simulation.delivery.looks import Looks
from tests.simulation.delivery.mishaps import DAY, MANNERS, Mishaps
from tests.simulation.delivery.provider import Broken
from tests.simulation.delivery.world import World

YEAR = 365 * DAY
ACTS_A_YEAR, MISHAPS_A_YEAR = 18, 10
LENGTHS = (1, 1, 1, 1, 2, 3)
MOST_TRIES = 120


@dataclass(frozen=True)
class Event:
    """At so many real seconds after the beginning, `kind` ("act" or "mishap") by its number.

    `place` is where it stands in its seed's row of events.
    """

    place: int
    at: float
    kind: str
    number: int


@dataclass(frozen=True)
class Script:
    """What happens in a run of `seed`, over `years`; all of it hangs on the seed alone."""

    seed: int
    years: int
    events: tuple[Event, ...]

    @staticmethod
    def of(seed: int, places: Collection[int] | None = None) -> Script:
        """With `places`, only the events that stand there. Most runs last a year."""
        chance = random.Random(f"script {seed}")
        years = chance.choice(LENGTHS)
        kinds = ["act"] * (ACTS_A_YEAR * years) + ["mishap"] * (MISHAPS_A_YEAR * years)
        drawn = sorted(
            (round(chance.uniform(0, years * YEAR), 1), kind, chance.randrange(2**32))
            for kind in kinds
        )
        events = (Event(place, *each) for place, each in enumerate(drawn))
        return Script(
            seed, years, tuple(each for each in events if places is None or each.place in places)
        )

    def __str__(self) -> str:
        """The command that plays it."""
        command = f"make simulate SEED={self.seed} YEARS={self.years}"
        if self.events == Script.of(self.seed).events:
            return command
        return f"{command} EVENTS={','.join(str(each.place) for each in self.events) or 'none'}"


@dataclass
class Report:
    """What runs did: `counts` of the engine, requests `taken` and `refused`, mishaps `happened`."""

    years: int = 0
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
        manner = chance.choice(["alone", *MANNERS])
        mishaps = Mishaps(world, looks, household, manner)
        if manner == "many":
            for _ in range(chance.choice([1, 1, 2])):
                world.add_worker()
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
    """Which rule a run breaks, beginning with its name; None if none."""
    try:
        play(script, template)
    except Broken as found:
        return str(found)
    return None


def shortest(script: Script, template: Path, rule: str) -> Script:
    """Leave out events for as long as what is left still breaks `rule`."""
    left: Sequence[Event] = script.events
    size, tries = max(len(left) // 2, 1), MOST_TRIES
    while tries:
        start = 0
        while start < len(left) and tries:
            fewer = (*left[:start], *left[start + size :])
            tries -= 1
            if (broken(replace(script, events=fewer), template) or "").startswith(rule):
                left = fewer
            else:
                start += size
        if size == 1:
            break
        size //= 2
    return replace(script, events=tuple(left))


def rule_of(what: str) -> str:
    """The beginning by which the same fault is known again: "I2", or the first words."""
    return what.partition(":")[0][:20]
