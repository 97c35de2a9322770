"""`tracker`: the tree of commands, and the one place that turns an error into a sentence.

The table holds names only. `tracker pay` imports click, the client and its own
module; a test keeps it so, since a person waits for it.
"""

from __future__ import annotations

import os
import sys

import click

from tracker.cli import output
from tracker.cli.client import AnsweredError
from tracker.cli.command import Group, LazyGroup, Own
from tracker.errors import InputError, TrackerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

COMMANDS = {
    "add": "add:add",
    "pay": "payments:pay",
    "bounced": "payments:bounced",
    "undo": "payments:undo",
    "hold": "debts:hold",
    "sold": "owners:sold",
    "snooze": "calm:snooze",
    "quiet": "calm:quiet",
    "away": "calm:away",
    "ways": "ways:ways",
    "followups": "followups:followups",
    "lost-phone": "destinations:lost_phone",
    "outlook": "outlook:outlook",
    "timeline": "reports:timeline",
    "report": "reports:report",
    "person": "people:person",
    "creditor": "people:creditor",
    "debt": "debts:debt",
    "statement": "statements:statement",
    "ledger": "statements:ledger",
    "plan": "changes:plan",
    "payment": "recorded:payment",
    "followup": "followups:followup",
    "income": "incomes:income",
    "rate": "outlook:rate",
    "credit": "reports:credit",
    "feed": "feeds:feed",
    "mirror": "mirrors:mirror",
    "remind": "delivery:remind",
    "outbox": "delivery:outbox",
    "journal": "delivery:journal",
    "due": "outlook:due",
    "init": "setup:init",
    "demo": "demo:demo",
    "daemon": "service:daemon",
    "tick": "service:tick",
    "doctor": "service:doctor",
    "clock": "watching:clock",
    "restore": "restoring:restore",
    "db": "service:db",
    "config": "service:config",
    "completion": "service:completion",
}
_HEADINGS = (
    (
        "Every day",
        (
            *("add", "pay", "bounced", "undo", "hold", "sold", "snooze", "quiet", "away"),
            *("ways", "followups", "lost-phone", "outlook", "timeline", "report"),
        ),
    ),
    (
        "What is kept",
        (
            *("person", "creditor", "debt", "statement", "ledger", "plan", "payment", "followup"),
            *("income", "rate", "credit"),
        ),
    ),
    ("On its way", ("feed", "mirror", "remind", "outbox", "journal")),
    ("For an adviser", ("due",)),
    (
        "The service",
        (
            *("init", "demo", "daemon", "tick", "doctor", "clock", "restore", "db", "config"),
            "completion",
        ),
    ),
)
INTERRUPTED, BROKEN_PIPE = 130, 141
"""128 and the signal's number, as a shell tells it."""


class Tracker(LazyGroup):
    """The root; its help shows the commands by what they are for."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for heading, names in _HEADINGS:
            rows = [
                (name, command.get_short_help_str(70))
                for name in names
                if (command := self.get_command(ctx, name))
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Example"):
            formatter.write("  tracker pay maple 85.00 --on fri\n")


def _home(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        os.environ["TRACKER_HOME"] = value


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from tracker import __version__

        output.line(f"tracker {__version__}")
        ctx.exit()


def _overview(as_json: bool, person: str | None, **_: Any) -> None:
    if click.get_current_context().invoked_subcommand is None:
        from tracker.cli import home

        home.overview(as_json=as_json, person=person)


tracker = Tracker(
    "tracker",
    COMMANDS,
    help="Keep to agreed repayment plans: what is due, paid and promised.\n\n"
    "Without a command: what is due, and what to decide.",
    invoke_without_command=True,
    callback=_overview,
    params=[
        click.Option(
            ["--home"],
            metavar="DIR",
            is_eager=True,
            expose_value=False,
            callback=_home,
            help="The home to work on, instead of TRACKER_HOME.",
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Print the version.",
        ),
        click.Option(["--json", "as_json"], is_flag=True, help="Print the result as JSON."),
        click.Option(
            ["--person"],
            envvar="TRACKER_PERSON",
            metavar="HANDLE",
            help="Whose data, if several people.",
        ),
    ],
)


def main(args: Sequence[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    sys.exit(run(list(sys.argv[1:] if args is None else args)))


def run(args: list[str]) -> int:
    """One command; every end that a user can meet becomes a sentence and an exit code."""
    _prepare_streams()
    try:
        _refuse_undecodable(args)
        code = _invoke(args)
        sys.stdout.flush()
    except AnsweredError as error:
        return _told(
            args, error.exit_code, error.code, error.sentence, error.hint, field=error.field
        )
    except TrackerError as error:
        sentence, hint = output.words().error(error)
        return _told(args, error.exit_code, error.code, sentence, hint, field=error.field)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.UsageError as error:
        return _told(args, 2, InputError.code, error.format_message(), _usage_hint(error))
    except click.ClickException as error:
        return _told(args, 2, InputError.code, error.format_message(), None)
    except (KeyboardInterrupt, click.Abort):
        output.aside("")
        return INTERRUPTED
    except BrokenPipeError:
        # What is still buffered has no reader; Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:
        return _defect(args, error)
    return code if isinstance(code, int) else 0


def _invoke(args: list[str]) -> object:
    """Without click's own main(), which answers a closed stdout with the code of an error."""
    if "_TRACKER_COMPLETE" in os.environ:
        return tracker.main(args, prog_name="tracker", standalone_mode=False)
    # Click takes the words out of the list that it is given.
    with tracker.make_context("tracker", list(args)) as context:
        return tracker.invoke(context)


def commands() -> list[str]:
    """Every command that does something, as it is typed after `tracker`, in the help's order."""
    return [path for path, _ in walk()]


def walk() -> Iterator[tuple[str, Own]]:
    """Each command with the words that lead to it."""
    context = click.Context(tracker)
    for name in COMMANDS:
        command = tracker.get_command(context, name)
        if isinstance(command, Group):
            for below, each in command.commands.items():
                assert isinstance(each, Own)
                yield f"{name} {below}", each
        else:
            assert isinstance(command, Own)
            yield name, command


def _prepare_streams() -> None:
    """A stream that cannot write a character shows its escape; it does not end the command.

    One that the caller closed leads nowhere, so that nothing that is opened later
    takes its number and is written to in its place.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if stream.encoding.lower() != "utf-8":
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _refuse_undecodable(args: Sequence[str]) -> None:
    for number, each in enumerate(args, start=1):
        if not each.isascii():
            try:
                each.encode()
            except UnicodeEncodeError:
                raise InputError(
                    "Argument {number} is not valid UTF-8.",
                    hint="Set the terminal to UTF-8 and type it again.",
                    number=number,
                ) from None


def _usage_hint(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "tracker"
    return f"See: {path} --help"


def _told(
    args: Sequence[str],
    exit_code: int,
    code: str,
    sentence: str,
    hint: str | None,
    *,
    field: str | None = None,
) -> int:
    """An error on stderr: for a person, or with `--json` as the wire has it."""
    if "--json" in args:
        output.told_as_json(code, exit_code, sentence, hint, field)
    else:
        output.told(sentence, hint)
    return exit_code


def _defect(args: Sequence[str], error: Exception) -> int:
    if os.environ.get("TRACKER_DEBUG"):
        import traceback

        traceback.print_exc()
    return _told(
        args,
        TrackerError.exit_code,
        TrackerError.code,
        f"The tracker made a mistake of its own ({type(error).__name__}).",
        "TRACKER_DEBUG=1 shows where; what was recorded before is safe.",
    )
