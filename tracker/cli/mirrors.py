"""Calendars elsewhere: mirror."""

from __future__ import annotations

import sys

import click

from tracker.cli import output
from tracker.cli.command import Action, Group, argument, option, read_stdin
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

STATES = {
    "current": N_("up to date"),
    "waiting": N_("not all there yet"),
    "troubled": N_("needs a look"),
    "ending": N_("being taken away"),
}
LONGEST_FILE = 10_000
"""Bytes of a file with a password; what is longer is not one."""


def _password(request: Object) -> None:
    """From a prompt, a file or stdin, and never from an argument, which others can see."""
    path, from_stdin = request.pop("password_file", None), request.pop("password_stdin", False)
    if path and from_stdin:
        raise click.UsageError("Give --password-file or --password-stdin, not both.")
    if isinstance(path, str):
        request["password"] = _from_file(path)
    elif from_stdin:
        request["password"] = read_stdin().rstrip("\r\n")
    elif not request.get("user"):
        return  # the server asks nobody who is there
    elif sys.stdin.isatty():
        request["password"] = click.prompt(
            output.words().text("Password at the server"), hide_input=True, err=True
        )
    else:
        raise click.UsageError(
            "No terminal to ask for the password; use --password-stdin or --password-file."
        )


def _from_file(path: str) -> str:
    from pathlib import Path

    from tracker.errors import InputError

    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
        if len(content) > LONGEST_FILE:
            raise ValueError
        return content.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise InputError(
            "file is {value!r}, which cannot be read: {reason}.",
            field="password_file",
            hint="Look at its name and at who owns it.",
            value=path[:200],
            reason=error.strerror or str(error),
        ) from None
    except ValueError:
        raise InputError(
            "file is {value!r}, which holds no password.",
            field="password_file",
            hint="It holds one line, the password alone.",
            value=path[:200],
        ) from None


def _mirrors(result: Object) -> None:
    text = output.words().text
    rows = output.objects(result, "mirrors")
    if not rows:
        output.line(
            text("No mirror yet. tracker mirror add keeps a calendar elsewhere like this one.")
        )
        return
    for row in rows:
        row["state"] = text(STATES.get(str(row.get("state")), ""))
    output.table(
        rows,
        (
            ("mirror", N_("Mirror")),
            ("kind", N_("Kind")),
            ("url", N_("Address")),
            ("detail", N_("Detail")),
            ("state", N_("State")),
            ("held", N_("There")),
            ("waiting", N_("Waiting")),
            ("failed", N_("Refused")),
            ("last_at", N_("Last")),
        ),
    )
    for row in rows:
        if row.get("problem"):
            output.line(f"{row['mirror']}: {row['problem']}")


mirror = Group("mirror", help="Calendars elsewhere that are kept like the tracker's own.")

for _command in (
    Action(
        "add",
        "mirror.add",
        help="Keep a calendar on a server (caldav), or one file with all of it (webdav). "
        "With the same address again: under another user, password or name.",
        example="tracker mirror add caldav https://cloud.example/dav/calendars/li/dates/ --user li",
        params=(
            argument("kind", metavar="[caldav|webdav]"),
            argument("url"),
            option("--user", metavar="NAME", help="Who signs in there; the password is asked for."),
            option("--name", metavar="NAME", help="A short name for it."),
            option("--detail", metavar="neutral|full", help="How much the entries say."),
            option("--password-stdin", is_flag=True, help="Read the password from stdin."),
            option("--password-file", metavar="FILE", help="Read the password from a file."),
        ),
        fill=_password,
        writes=True,
    ),
    Action(
        "list",
        "mirror.list",
        help="Every mirror: what is there, what waits, and what is wrong.",
        example="tracker mirror list",
        show=_mirrors,
    ),
    Action(
        "sync",
        "mirror.sync",
        help="Look through a mirror now; what was changed or deleted there is put back.",
        example="tracker mirror sync calendar",
        params=(argument("mirror"),),
        writes=True,
    ),
    Action(
        "remove",
        "mirror.remove",
        help="End a mirror and take its entries away from the server.",
        example="tracker mirror remove calendar",
        params=(
            argument("mirror"),
            option("--keep", is_flag=True, help="Leave there what is there."),
        ),
        writes=True,
    ),
):
    mirror.add_command(_command)
