"""Numbers and addresses: person reach, code, confirm, push, revoke, resume; and lost-phone."""

from __future__ import annotations

import sys

import click

from tracker.cli import output
from tracker.cli.command import Action, argument, option, read_stdin
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

STATES = {
    "confirmed": N_("confirmed"),
    "waiting": N_("waits for its code"),
    "opted-out": N_("opted out"),
    "revoked": N_("given up"),
}
LONGEST_FILE = 10_000
"""Bytes of a file with an address; what is longer is not one."""


def _reach(result: Object) -> None:
    text = output.words().text
    rows = output.objects(result, "destinations")
    if not rows:
        output.line(text("No number or address is recorded; tracker person edit takes one."))
    for row in rows:
        row["state"] = text(STATES.get(str(row.get("state")), ""))
    output.table(
        rows,
        (
            ("channel", N_("Channel")),
            ("address", N_("Address")),
            ("state", N_("State")),
            ("in_use", N_("In use")),
            ("confirmed_at", N_("Confirmed")),
        ),
    )
    if ways := output.texts(result, "ways"):
        output.line(text("Messages go over {ways}.", ways=", ".join(ways)))


def _push(request: Object) -> None:
    """The address is a secret: from a prompt, a file or stdin, and never from an argument."""
    path, from_stdin = request.pop("file", None), request.pop("stdin", False)
    if path and from_stdin:
        raise click.UsageError("Give --file or --stdin, not both.")
    if isinstance(path, str):
        request["target"] = _from_file(path)
    elif from_stdin:
        request["target"] = read_stdin().strip()
    elif sys.stdin.isatty():
        request["target"] = click.prompt(
            output.words().text("Push address"), hide_input=True, err=True
        ).strip()
    else:
        raise click.UsageError("No terminal to ask for the address; use --stdin or --file.")


def _from_file(path: str) -> str:
    from pathlib import Path

    from tracker.errors import InputError

    try:
        with Path(path).expanduser().open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
        if len(content) > LONGEST_FILE:
            raise ValueError
        return content.decode("utf-8-sig").strip()
    except OSError as error:
        raise InputError(
            "file is {value!r}, which cannot be read: {reason}.",
            field="file",
            hint="Look at its name and at who owns it.",
            value=path[:200],
            reason=error.strerror or str(error),
        ) from None
    except ValueError:
        raise InputError(
            "file is {value!r}, which holds no address.",
            field="file",
            hint="It holds one line, the address as the push service shows it.",
            value=path[:200],
        ) from None


def _channel() -> click.Argument:
    return argument("channel", required=False, metavar="[sms|mail|push]")


COMMANDS = (
    Action(
        "reach",
        "destination.list",
        help="Where messages reach a person: numbers, addresses, and their state.",
        example="tracker person reach",
        show=_reach,
    ),
    Action(
        "code",
        "destination.code",
        help="Send a fresh code to a number or address that waits to be confirmed.",
        example="tracker person code sms",
        params=(_channel(),),
        show=_reach,
        writes=True,
    ),
    Action(
        "confirm",
        "destination.confirm",
        help="Type the code that was sent; from then on messages may go there.",
        example="tracker person confirm 123456",
        params=(
            argument("code"),
            option("--channel", metavar="sms|mail|push", help="Of which, if several wait."),
        ),
        show=_reach,
        writes=True,
    ),
    Action(
        "push",
        "destination.push",
        help="Add an address for push messages, as Apprise writes them. It is asked for, since "
        "whoever has it can send there.",
        example="tracker person push\ntracker person push --file push-address.txt",
        params=(
            option("--file", metavar="FILE", help="A file whose only line is the address."),
            option("--stdin", is_flag=True, help="Read the address from stdin."),
        ),
        fill=_push,
        show=_reach,
        writes=True,
    ),
    Action(
        "revoke",
        "destination.revoke",
        help="Give up a number or address: nothing goes there until a new code is confirmed.",
        example="tracker person revoke mail",
        params=(_channel(),),
        show=_reach,
        writes=True,
    ),
    Action(
        "resume",
        "destination.resume",
        help="After a STOP: let messages go there again.",
        example="tracker person resume sms",
        params=(_channel(),),
        show=_reach,
        writes=True,
    ),
)

lost_phone = Action(
    "lost-phone",
    "lost-phone",
    help="A phone is lost or stolen: stop what goes to it, close what it could open.",
    example="tracker lost-phone",
    writes=True,
    gate=True,
)
