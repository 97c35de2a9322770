"""The service's own commands: daemon, tick, doctor, db, config, completion."""

from __future__ import annotations

import click

from tracker.cli import client, output, watching
from tracker.cli.command import Group, Own, argument, ask, json_wanted, option
from tracker.cli.restoring import restored
from tracker.errors import UnavailableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object
    from tracker.config import Settings
    from tracker.store.db import Database


def _settings() -> Settings:
    """The configuration of a home that exists."""
    from tracker import config as configuration

    client.require_home()
    return configuration.load()


def _answer(as_json: bool, result: Object, sentence: str) -> None:
    if json_wanted(as_json):
        output.as_json(result)
    else:
        output.line(sentence)


def _daemon() -> int:
    from tracker.daemon.main import run

    return run(_settings())


def _tick(as_json: bool, person: str | None) -> None:
    from tracker import clock
    from tracker.daemon import logbook
    from tracker.daemon.home import locked
    from tracker.daemon.tick import run_once

    settings = _settings()
    logbook.write("warning")
    with locked(settings.home):
        beats = run_once(settings, clock.from_environment())
    next_at = beats.next_wake_at.isoformat() if beats.next_wake_at else None
    text = output.words().text
    _answer(
        as_json,
        {"next_at": next_at, "clock_holds": beats.clock_holds},
        text("Nothing was sent: the clock stands before what was recorded last.")
        if beats.clock_holds
        else text("Done; there is something to do again at {at}.", at=output.text(next_at))
        if next_at
        else text("Done; nothing is waiting."),
    )


def _doctor(as_json: bool, person: str | None) -> int:
    result = ask("doctor", {}, person=person)
    checks = [watching.daemon(client.health()), *output.objects(result, "checks")]
    result["checks"] = [*checks]
    if json_wanted(as_json):
        output.as_json(result)
    else:
        for check in checks:
            ok = check.get("ok")
            mark = "--" if not isinstance(ok, bool) else "ok" if ok else "no"
            output.line(f"{mark}  {output.text(check.get('sentence'))}")
            if check.get("hint") and check.get("ok") is not True:
                output.line(f"      {output.text(check['hint'])}")
    wrong = any(check.get("ok") is False for check in checks)
    return UnavailableError.exit_code if wrong else 0


def _database(settings: Settings) -> Database:
    from tracker.store.db import Database

    return Database(settings.database.url)


def _db_status(as_json: bool, person: str | None) -> None:
    from tracker.store import schema

    database = _database(_settings())
    state = schema.schema_state(database)
    place = database.path or database.url.render_as_string(hide_password=True)
    _answer(
        as_json,
        {"state": state, "schema": schema.SCHEMA, "place": place},
        output.words().text(
            "The database {place} is {state}; this version works with schema {schema}.",
            place=place,
            state=state,
            schema=schema.SCHEMA,
        ),
    )


def _db_upgrade(as_json: bool, person: str | None) -> None:
    from tracker import clock
    from tracker.daemon.home import locked
    from tracker.store import upkeep

    settings = _settings()
    with locked(settings.home):
        done = upkeep.create_or_upgrade(
            _database(settings),
            backup_folder=settings.home / "backups",
            now=clock.from_environment().now(),
            keep=settings.database.backup_keep,
        )
    text = output.words().text
    _answer(
        as_json,
        {
            "from": done.from_revision,
            "to": done.to_revision,
            "backup": str(done.backup) if done.backup else None,
        },
        text("The database is current already ({schema}).", schema=done.to_revision)
        if done.from_revision == done.to_revision
        else text("Upgraded to schema {schema}.", schema=done.to_revision),
    )
    if done.backup and not json_wanted(as_json):
        output.line(text("The copy from before is {path}.", path=done.backup))


def _db_backup(as_json: bool, person: str | None, out: str | None) -> None:
    from pathlib import Path

    from tracker import clock
    from tracker.store import upkeep

    settings = _settings()
    if out:
        target = Path(out).expanduser().absolute()
    else:
        folder = settings.home / "backups"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise UnavailableError(
                "The backup {target} could not be made: {reason}.",
                hint="Nothing was changed. Look for free space and the rights of the folder.",
                target=str(folder),
                reason=error.strerror,
            ) from None
        target = folder / f"backup-{clock.from_environment().now():%Y%m%dT%H%M%SZ}.db"
    upkeep.backup(_database(settings), target)
    _answer(
        as_json,
        {"path": str(target)},
        output.words().text("A checked copy is {path}.", path=target),
    )


def _config_show(as_json: bool, person: str | None) -> None:
    from tracker import config as configuration

    values = configuration.shown(_settings())
    result: Object = {
        name: list(value)
        if isinstance(value, tuple)
        else str(value)
        if isinstance(value, float)
        else value
        for name, value in values.items()
    }
    if json_wanted(as_json):
        output.as_json(result)
        return
    wide = max(map(len, result))
    for name, value in result.items():
        output.line(f"{name:<{wide}}  {output.text(value)}".rstrip())


def _config_check(as_json: bool, person: str | None) -> None:
    settings = _settings()
    _answer(
        as_json,
        {"home": str(settings.home), "ok": True},
        output.words().text("The configuration in {home} is fine.", home=settings.home),
    )


def _config_example() -> None:
    from tracker import config as configuration

    output.line(configuration.example().rstrip("\n"))


def _completion(shell: str) -> None:
    from click.shell_completion import get_completion_class

    from tracker.cli.app import tracker

    kind = get_completion_class(shell)
    assert kind is not None
    output.line(kind(tracker, {}, "tracker", "_TRACKER_COMPLETE").source().rstrip("\n"))


daemon = Own(
    "daemon",
    help="Run the service in the foreground: reminders, pages, feeds.",
    example="tracker daemon",
    json=False,
    callback=_daemon,
)
tick = Own(
    "tick",
    help="Send what is due, once; for timers, where no daemon runs.",
    example="tracker tick",
    callback=_tick,
)
doctor = Own(
    "doctor",
    help="Check what could keep a reminder from going out.",
    example="tracker doctor",
    callback=_doctor,
)

db = Group("db", help="The database: its state, upgrades, copies.")
config = Group("config", help="The configuration.")

for _command in (
    Own(
        "status",
        help="What state the database is in.",
        example="tracker db status",
        callback=_db_status,
    ),
    Own(
        "upgrade",
        help="Bring the database to this version's schema, after a checked copy.",
        example="tracker db upgrade",
        callback=_db_upgrade,
    ),
    Own(
        "backup",
        help="Make a checked copy of the database, while everything goes on.",
        example="tracker db backup --out /media/stick/tracker.db",
        params=(option("--out", metavar="FILE", help="Where to; otherwise into the home."),),
        callback=_db_backup,
    ),
    restored,
):
    db.add_command(_command)

for _command in (
    Own(
        "show",
        help="Every setting with its value; secrets as stars.",
        example="tracker config show",
        callback=_config_show,
    ),
    Own(
        "check",
        help="Say what is wrong with the configuration, all at once.",
        example="tracker config check",
        callback=_config_check,
    ),
    Own(
        "example",
        help="Print every key with its default.",
        example="tracker config example > config.example.toml",
        json=False,
        callback=_config_example,
    ),
):
    config.add_command(_command)

completion = Own(
    "completion",
    help="Print the shell's completion script.",
    example="tracker completion bash > ~/.local/share/bash-completion/completions/tracker",
    json=False,
    params=(argument("shell", type=click.Choice(["bash", "zsh", "fish"])),),
    callback=_completion,
)
