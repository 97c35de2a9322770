"""TOML, environment and secrets' own files, read once into frozen Settings.

A value comes from the environment (TRACKER_WEB_BIND), else from systemd's
credentials, else from `<home>/config.toml` or the file that a `…_file` key
names there, else from the table of defaults. Every mistake is told at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker import home as homes
from tracker.config.contradictions import contradictions
from tracker.config.keys import KEYS, example
from tracker.config.kinds import Value
from tracker.config.settings import (
    Caldav,
    Console,
    Daemon,
    Database,
    Delivery,
    Feed,
    Log,
    Mail,
    Push,
    Reminders,
    Settings,
    Sms,
    Twilio,
    Watch,
    Web,
    shown,
)
from tracker.config.sources import Found, read_environment, read_file, read_secrets
from tracker.errors import InputError

__all__ = ["KEYS", "ConfigError", "Settings", "example", "home_directory", "load", "shown"]


class ConfigError(InputError):
    """All that is wrong with the configuration, one line each."""

    code = "config"

    def __init__(self, problems: tuple[InputError, ...]) -> None:
        super().__init__(
            "The configuration cannot be used:\n{problems}",
            field=problems[0].field,
            problems=problems,
        )
        self.problems = problems

    def __str__(self) -> str:
        return self.msgid.format(problems="\n".join(str(each) for each in self.problems))


def home_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Where this household's files lie; `tracker.home` tells it without pathlib."""
    return Path(homes.directory(environ))


def load(home: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of a home. Raises ConfigError with everything that is wrong."""
    home = home_directory(environ) if home is None else Path(home).expanduser().absolute()
    found = Found()
    read_file(home, found)
    read_secrets(environ, found)
    read_environment(environ, home, found)
    wrong = {each.field for each in found.problems}
    for key in KEYS:
        found.values.setdefault(key.name, key.default)
    if not found.values["database.url"]:
        found.values["database.url"] = f"sqlite:///{home / 'tracker.db'}"
    socket = home / (str(found.values["daemon.socket"]) or "tracker.sock")
    found.values["daemon.socket"] = str(socket)
    if found.readable:  # with half of the values unknown, contradictions would be guesses
        found.problems += contradictions(found, wrong)
    if found.problems:
        raise ConfigError(tuple(found.problems))
    return _settings(home, found.values)


def _settings(home: Path, values: dict[str, Value]) -> Settings:
    def section(name: str) -> dict[str, Any]:
        """The section's values; that they fit the fields is what a test proves."""
        prefix = f"{name}."
        own = {key: each for key, each in values.items() if key.startswith(prefix)}
        return {key.removeprefix(prefix): each for key, each in own.items()}

    own = {name: each for name, each in section("sms").items() if "." not in name}
    return Settings(
        home=home,
        database=Database(**section("database")),
        daemon=Daemon(**section("daemon")),
        web=Web(**section("web")),
        feed=Feed(**section("feed")),
        delivery=Delivery(**section("delivery")),
        reminders=Reminders(**section("reminders")),
        console=Console(**section("console")),
        sms=Sms(**own, twilio=Twilio(**section("sms.twilio"))),
        mail=Mail(**section("mail")),
        push=Push(**section("push")),
        caldav=Caldav(**section("caldav")),
        watch=Watch(**section("watch")),
        log=Log(**section("log")),
    )
