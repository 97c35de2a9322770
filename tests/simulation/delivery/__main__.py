"""`make simulate SEED=7 YEARS=50`: households over years, in which everything goes wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from tests.peers import schema
from tests.simulation.delivery.many import Failure, play_all, scripts
from tests.simulation.delivery.provider import Broken
from tests.simulation.delivery.script import Report, Script, play


def _places(_: click.Context, __: click.Parameter, given: str | None) -> set[int] | None:
    if not given:
        return None
    try:
        return {int(each) for each in given.split(",")} if given != "none" else set()
    except ValueError:
        raise click.BadParameter(
            f"{given!r} is no list of numbers like 3,17,40; a failing run prints one."
        ) from None


@click.command()
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--years", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--events", callback=_places, help="Play only these of the seed's events.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; one for each processor.")
def main(seed: int, years: int, events: set[int] | None, jobs: int | None) -> None:
    """Play simulated years from SEED on, and hold the rules against every step.

    With --events one run alone, telling what happens. A run that breaks a rule prints the
    shortest way to play it again, and the exit code is 1.
    """
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "tracker.db"
        schema.create(f"sqlite:///{template}")
        if events is None:
            _play_many(seed, years, template, jobs)
        else:
            there = {each.place for each in Script.of(seed).events}
            if unknown := sorted(events - there):
                raise click.UsageError(
                    f"Seed {seed} has no event {unknown[0]}; its events are 0 to {max(there)}."
                )
            _play_one(Script.of(seed, events), template)


def _play_many(seed: int, years: int, template: Path, jobs: int | None) -> None:
    whole, failures = Report(), []
    runs = scripts(seed, years)
    with click.progressbar(length=years, label=f"{years} years from seed {seed} on") as bar:
        for found in play_all(runs, template, jobs=jobs):
            if isinstance(found, Failure):
                failures.append(found)
                bar.update(found.script.years)
            else:
                whole.add(found)
                bar.update(found.years)
    for line in told(whole):
        click.echo(line)
    for failure in failures:
        click.echo(str(failure), err=True)
    if failures:
        raise SystemExit(1)
    click.echo("No rule was broken.")


def _play_one(script: Script, template: Path) -> None:
    try:
        play(script, template, click.echo)
    except Broken as found:
        click.echo(str(found), err=True)
        raise SystemExit(1) from None
    click.echo("No rule was broken.")


def told(report: Report) -> Iterator[str]:
    """What happened, in figures."""
    yield f"{report.years} years in {report.runs} runs"
    for name in ("counts", "taken", "refused", "happened"):
        found = getattr(report, name)
        yield f"{name}: " + ", ".join(f"{key} {found[key]}" for key in sorted(found))


main()
