"""Whose debts these are, and who is owed: person and creditor."""

from __future__ import annotations

import sys

import click

from tracker.cli import destinations, output
from tracker.cli.command import Action, Group, argument, option, read_stdin
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

_PERSON = (
    ("handle", N_("Handle")),
    ("name", N_("Name")),
    ("locale", N_("Locale")),
    ("zone", N_("Zone")),
    ("currency", N_("Currency")),
    ("country", N_("Country")),
    ("phone", N_("Phone")),
    ("email", N_("E-mail")),
    ("channels", N_("Channels")),
    ("send_time", N_("Reminders at")),
    ("offsets", N_("Reminders on")),
    ("hours", N_("Messages between")),
    ("alive", N_("Weekly line on")),
    ("quiet_until_at", N_("Quiet until")),
)
_CREDITOR = (
    ("handle", N_("Handle")),
    ("name", N_("Name")),
    ("country", N_("Country")),
    ("zone", N_("Zone")),
    ("cutoff", N_("Cut-off")),
    ("clearing_days", N_("Clearing days")),
)


def _person_options() -> list[click.Parameter]:
    return [
        option("--locale", help="Language and number format, such as en_GB or zh_Hans_CN."),
        option("--zone", help="Time zone, such as Europe/London."),
        option("--currency", help="The usual currency, such as GBP."),
        option("--country", help="Where the person lives, such as GB."),
        option("--phone", help="With + and country, for SMS."),
        option("--email", help="For mail."),
        option("--channel", "channels", multiple=True, help="A way out, in order of wish; repeat."),
        option("--send-time", help="When reminders go out, such as 09:00."),
        option("--hours", metavar="HOURS", help="When messages may go: 08:00-21:00, or default."),
        option("--alive", metavar="DAY", help="A weekly line that it still runs: mon … sun, off."),
        option(
            "--offset",
            "offsets",
            multiple=True,
            help="Days from the last day to send, such as -3d.",
        ),
    ]


def _creditor_options() -> list[click.Parameter]:
    return [
        option("--zone", help="The time zone its bank works in."),
        option("--country", help="Whose working days count, such as GB."),
        option("--cutoff", help="The last time of day at which money still counts: 15:00."),
        option("--clearing-days", help="Working days that money takes to arrive."),
    ]


def drop_empty_lists(request: Object) -> None:
    """An option that was not given at all leaves what is set as it is."""
    for field in ("channels", "offsets"):
        if request.get(field) == []:
            del request[field]


def _password(request: Object) -> None:
    if request.pop("password_stdin", False):
        request["password"] = read_stdin().rstrip("\r\n")
    elif sys.stdin.isatty():
        request["password"] = click.prompt(
            output.words().text("New password"), hide_input=True, confirmation_prompt=True, err=True
        )
    else:
        raise click.UsageError("No terminal to ask for the password; use --password-stdin.")


def _people(result: Object) -> None:
    output.table(output.objects(result, "people"), _PERSON[:9])


def _creditors(result: Object) -> None:
    rows = output.objects(result, "creditors")
    if not rows:
        output.line(output.words().text("No creditor yet. tracker add begins with one."))
        return
    output.table(rows, _CREDITOR)


def show_person(result: Object) -> None:
    for field in ("phone", "email"):
        state = str(result.get(f"{field}_state") or "")
        if result.get(field) and state and state != "confirmed":
            told = output.words().text(destinations.STATES[state])
            result[field] = f"{result[field]} ({told})"
    output.card(result, _PERSON)


def show_creditor(result: Object) -> None:
    output.card(result, _CREDITOR)


person = Group("person", help="Whose debts these are.")
creditor = Group("creditor", help="Who is owed.")

for _command in (
    Action(
        "add",
        "person.add",
        help="Add a person to this household.",
        example="tracker person add 'Li Wei' --locale en_GB --zone Europe/London",
        params=(argument("name"), option("--handle", help="A short name."), *_person_options()),
        fill=drop_empty_lists,
        show=show_person,
        writes=True,
    ),
    Action(
        "list",
        "person.list",
        help="Everybody in this household.",
        example="tracker person list",
        show=_people,
    ),
    Action(
        "show",
        "person.show",
        help="What is set for a person.",
        example="tracker person show --person li",
        show=show_person,
    ),
    Action(
        "edit",
        "person.edit",
        help="Change what is set for a person.",
        example="tracker person edit --channel sms --channel console --send-time 18:30",
        params=(option("--name", help="The name."), *_person_options()),
        fill=drop_empty_lists,
        show=show_person,
        writes=True,
    ),
    Action(
        "password",
        "person.password",
        help="Set the password for the pages.",
        example="tracker person password",
        params=(option("--password-stdin", is_flag=True, help="Read the password from stdin."),),
        fill=_password,
        writes=True,
    ),
    *destinations.COMMANDS,
):
    person.add_command(_command)

for _command in (
    Action(
        "add",
        "creditor.add",
        help="Add somebody who is owed.",
        example="tracker creditor add 'Example Bank' --country GB --clearing-days 1",
        params=(argument("name"), option("--handle", help="A short name."), *_creditor_options()),
        show=show_creditor,
        writes=True,
    ),
    Action(
        "list",
        "creditor.list",
        help="Everybody who is owed.",
        example="tracker creditor list",
        show=_creditors,
    ),
    Action(
        "show",
        "creditor.show",
        help="What is known of a creditor.",
        example="tracker creditor show example-bank",
        params=(argument("creditor"),),
        show=show_creditor,
    ),
    Action(
        "edit",
        "creditor.edit",
        help="Change what is known of a creditor.",
        example="tracker creditor edit example-bank --cutoff 15:00",
        params=(
            argument("creditor"),
            option("--name", help="The name."),
            *_creditor_options(),
        ),
        show=show_creditor,
        writes=True,
    ),
):
    creditor.add_command(_command)
