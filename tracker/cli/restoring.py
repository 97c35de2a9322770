"""Going back to a backup, so that nothing is sent a second time for it."""

from __future__ import annotations

import click

from tracker.cli import client, output
from tracker.cli.command import Own, argument, json_wanted, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from tracker.config import Settings


def _settings() -> Settings:
    from tracker import config as configuration

    client.require_home()
    return configuration.load()


def _settle(settings: Settings) -> timedelta:
    from datetime import timedelta

    return timedelta(seconds=settings.delivery.settle_seconds)


def _restore(as_json: bool, person: str | None, file: str, yes: bool) -> None:
    from pathlib import Path

    from tracker import clock
    from tracker.daemon.home import locked
    from tracker.store import restoring
    from tracker.store.db import Database

    settings = _settings()
    text = output.words().text
    with locked(settings.home):
        if not yes:
            question = text("Put {file} in the place of the database?", file=file)
            click.confirm(question, abort=True, err=True)
        done = restoring.restore(
            Database(settings.database.url),
            Path(file).expanduser().absolute(),
            folder=settings.home / "backups",
            now=clock.from_environment().now(),
            settle=_settle(settings),
        )
    newest = done.newest_at.isoformat() if done.newest_at else None
    if json_wanted(as_json):
        output.as_json(
            {
                "newest_at": newest,
                "replaced": str(done.replaced) if done.replaced else None,
                "asked": done.asked,
                "upgraded": done.upgraded,
            }
        )
        return
    output.line(
        text("The backup is in place; its last message is of {at}.", at=output.text(newest))
        if newest
        else text("The backup is in place; no message had gone by then.")
    )
    if done.replaced:
        output.line(text("What was there before is {path}.", path=done.replaced))
    output.line(
        text(
            "What may have been sent since is asked of the provider first. Payments that were "
            "recorded since are not in it: compare with your bank and record them again."
        )
    )


def _restored(as_json: bool, person: str | None) -> None:
    from tracker import clock
    from tracker.actions.office import open_office
    from tracker.daemon.home import locked
    from tracker.store import restoring

    settings = _settings()
    with locked(settings.home):
        office = open_office(settings, clock.from_environment())
        try:
            with office.database.write() as session:
                asked = restoring.mark(session, office.clock.now(), _settle(settings))
        finally:
            office.close()
    if json_wanted(as_json):
        output.as_json({"asked": asked})
        return
    output.line(
        output.words().text("Marked as put back from a backup; asked about first: {n}.", n=asked)
    )


restore = Own(
    "restore",
    help="Put a backup in the place of the database; nothing is sent twice for it.",
    example="tracker restore backups/backup-20261124T090000Z.db",
    params=(
        argument("file"),
        option("--yes", is_flag=True, help="Do not ask."),
    ),
    callback=_restore,
)
restored = Own(
    "restored",
    help="After pg_restore or a copy by hand: ask the provider before sending anything.",
    example="tracker db restored",
    callback=_restored,
)
