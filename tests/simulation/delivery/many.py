"""Many runs, one process for each processor; what they did, and which of them broke a rule."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.delivery.provider import Broken
from tests.simulation.delivery.script import Report, Script, broken, play, rule_of, shortest


@dataclass(frozen=True)
class Failure:
    """A run that broke a rule, and the shortest that was found to break it too."""

    script: Script
    what: str
    short: Script

    def __str__(self) -> str:
        return f"seed {self.script.seed}: {self.what}\nShortest way to play it: {self.short}"


def scripts(first: int, years: int) -> Iterator[Script]:
    """The runs of the seeds from `first` on, until so many years are in them."""
    for seed in count(first):
        if years <= 0:
            return
        script = Script.of(seed)
        years -= script.years
        yield script


def play_all(
    wanted: Iterator[Script], template: Path, *, jobs: int | None = None
) -> Iterator[Report | Failure]:
    """As they end. A failure is shortened before it is told, which takes a while."""
    if jobs == 1:
        for script in wanted:
            yield played(script, template)
        return
    # A fork would take the database's connections along.
    with ProcessPoolExecutor(jobs or os.cpu_count(), get_context("spawn")) as pool:
        running: list[Future[Report | Failure]] = [
            pool.submit(played, script, template) for script in wanted
        ]
        try:
            for done in as_completed(running):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def played(script: Script, template: Path) -> Report | Failure:
    try:
        return play(script, template)
    except Broken as found:
        what = str(found)
    short = shortest(script, template, rule_of(what))
    return Failure(script, broken(short, template) or what, short)
