"""`tracker init`: a home, its configuration, its database and the first person."""

from __future__ import annotations

import os
import sys

import click

from tracker import home as homes
from tracker import language
from tracker.cli import client, founding, output
from tracker.cli.command import Own, json_wanted, option, read_stdin
from tracker.errors import ConflictError, TrackerError
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.actions.office import Office
    from tracker.cli.output import Object

CONFIG = """\
# The tracker's configuration. Every key may be left out; config.example.toml, or
# `tracker config example`, shows them all with their defaults.
"""
_ASKED = (
    ("locale", N_("Language and number format")),
    ("name", N_("Your name, as messages to you begin with it")),
    ("zone", N_("Your time zone")),
    ("country", N_("The country you live in")),
    ("currency", N_("Your usual currency")),
    ("phone", N_("Mobile number for SMS, with + and country; Enter for none")),
    ("email", N_("E-mail address; Enter for none")),
    ("channels", N_("How reminders reach you, in order of wish")),
)


def _init(
    as_json: bool,
    person: str | None,
    no_input: bool,
    password_stdin: bool,
    bind: str | None,
    database_url: str | None,
    channels: tuple[str, ...],
    **typed: str | None,
) -> None:
    from tracker import clock

    if client.has_home():
        raise founding.exists()
    asks = not no_input and sys.stdin.isatty()
    request: Object = {field: value for field, value in typed.items() if value is not None}
    if person:
        request["handle"] = person
    if channels:
        request["channels"] = [each.strip() for part in channels for each in part.split(",")]
    if password_stdin:
        request["password"] = read_stdin().rstrip("\r\n")
    if asks:
        _ask_all(request, with_password=not password_stdin)
    for field, value in (("locale", _locale()), ("zone", founding.system_zone())):
        request.setdefault(field, value)
    if "name" not in request:
        raise click.UsageError("The name is missing; give it with --name.")
    with founding.locked_home():
        office = founding.make_home(_config(bind, database_url), clock.from_environment())
        try:
            result = _first_person(office, request, asks)
        except BaseException:
            os.unlink(os.path.join(homes.directory(), "config.toml"))
            raise
        finally:
            office.close()
    if json_wanted(as_json):
        output.as_json(result)
        return
    text = output.words().text
    output.said(result)
    output.line(text("The tracker's home is {home}.", home=homes.directory()))
    if note := _carrier_note(request):
        output.aside(note)
    output.line(
        text("Next: tracker add asks for the first debt; tracker daemon starts the service.")
    )


def _first_person(office: Office, request: Object, asks: bool) -> Object:
    """Add the person; what is refused is asked again. A database with people is not taken over."""
    if output.objects(founding.answered(office, "person.list", {}), "people"):
        raise ConflictError(
            "The database holds people already; nothing was changed.",
            hint="Put a config.toml into {home}, or choose another database.",
            home=homes.directory(),
        )
    while True:
        try:
            return founding.answered(office, "person.add", request)
        except client.AnsweredError as error:
            if not asks or error.field not in {*request, "name"}:
                raise
            output.told(error.sentence, error.hint)
            if error.field == "password":
                _ask_password(request)
            else:
                request.pop(error.field, None)
                _ask(request, error.field, dict(_ASKED).get(error.field, error.field))


def _ask_all(request: Object, *, with_password: bool) -> None:
    for field, question in _ASKED:
        if field not in request:
            _ask(request, field, question)
    if with_password:
        _ask_password(request)


def _ask(request: Object, field: str, question: str) -> None:
    text = output.words().text
    default = _default(field, request)
    if field == "locale":
        names = list(language.LOCALES)
        for number, name in enumerate(names, start=1):
            output.aside(f"  {number}  {language.LOCALES[name]}")
    elif field == "channels":
        output.aside("  " + ", ".join(_channels(request)))
        if note := _carrier_note(request):
            output.aside(note)
    typed = click.prompt(
        text(question), default=default, show_default=bool(default), err=True
    ).strip()
    if field == "locale" and typed.isdecimal() and 1 <= int(typed) <= len(language.LOCALES):
        typed = list(language.LOCALES)[int(typed) - 1]
    if field == "channels":
        request[field] = [each.strip() for each in typed.split(",") if each.strip()]
    elif typed:
        request[field] = typed


def _ask_password(request: Object) -> None:
    request.pop("password", None)
    typed = click.prompt(
        output.words().text("Password for the pages; Enter for none yet"),
        default="",
        show_default=False,
        hide_input=True,
        err=True,
    )
    if typed:
        request["password"] = typed


def _default(field: str, request: Object) -> str:
    from tracker.actions.people import default_currency

    locale = str(request.get("locale") or _locale())
    if field == "locale":
        return locale
    if field == "zone":
        return founding.system_zone()
    if field == "country":
        territory = locale.replace("-", "_").rpartition("_")[2]
        return territory if len(territory) == 2 and territory.isupper() else ""
    if field == "currency":
        try:
            return default_currency(locale)
        except TrackerError:
            return ""
    return ", ".join(_channels(request)) if field == "channels" else ""


def _channels(request: Object) -> list[str]:
    """What can reach this person; where SMS may be refused, the others come first."""
    from tracker.actions.reach import CHANNELS

    able = [
        each
        for each in CHANNELS
        if {"sms": "phone", "mail": "email", "console": "name"}.get(each) in request
    ]
    if _carrier_note(request):
        able.sort(key=lambda each: each == "sms")
    return able


def _carrier_note(request: Object) -> str | None:
    phone = str(request.get("phone") or "")
    if not phone or not (phone.startswith("+1") or request.get("country") == "US"):
        return None
    return output.words().text(
        "A note on this number: carriers in the United States may refuse personal reminder texts "
        "from a sender without a registered campaign, so let another channel stand first."
    )


def _locale() -> str:
    return output.words().locale


def _config(bind: str | None, database_url: str | None) -> str:
    import json

    lines = [CONFIG]
    if database_url:
        lines.append(f"\n[database]\nurl = {json.dumps(database_url)}\n")
    if bind:
        lines.append(f"\n[web]\nbind = {json.dumps(bind)}\n")
    return "".join(lines)


init = Own(
    "init",
    help="Make a home and its first person. Asks for what is not given.",
    example="tracker init\n"
    "tracker init --no-input --name 'Li Wei' --locale en_GB --zone Europe/London",
    params=(
        option("--name", help="The first person's name."),
        option("--locale", help="Language and number format, such as en_GB or zh_Hans_CN."),
        option("--zone", help="Time zone; otherwise this machine's."),
        option("--currency", help="The usual currency; otherwise the locale's."),
        option("--country", help="Where the person lives, such as GB."),
        option("--phone", help="Mobile number, with + and country."),
        option("--email", help="E-mail address."),
        option("--channels", multiple=True, help="How reminders go, in order: sms,console."),
        option("--password-stdin", is_flag=True, help="Read the pages' password from stdin."),
        option("--bind", metavar="HOST:PORT", help="Where the pages listen."),
        option("--database-url", help="A PostgreSQL database, instead of a file in the home."),
        option("--no-input", is_flag=True, help="Ask nothing; take the defaults."),
    ),
    callback=_init,
)
