"""The two kinds of command: one that asks an action, and one that does its own work.

Both carry `--json`, `--person` and an example, so that no command can forget them.
"""

from __future__ import annotations

import importlib
import os
import sys

import click

from tracker.cli import client, output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from tracker.cli.output import Object

NOTE_LIMIT = 100_000
"""Bytes of a note on stdin; what is longer is not a note."""
_WORDS = frozenset({None, "TEXT", "NAME", "FILE", "LAST4", "COUNTRY"})
"""What an option is called in the help that takes free text: nothing at all may be meant by it."""


class Own(click.Command):
    """A command with an example, `--json` and `--person`, given to its function as an Asked."""

    def __init__(self, name: str, *, example: str, json: bool = True, **settings: Any) -> None:
        self.example = example
        params = list(settings.pop("params", ()))
        if json:
            params += [
                click.Option(["--json", "as_json"], is_flag=True, help="Print the result as JSON."),
                click.Option(["--person"], metavar="HANDLE", help="Whose data, if several people."),
            ]
        super().__init__(name, params=params, **settings)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`-5` is an amount and no option: the action says why it cannot be one."""
        try:
            return super().parse_args(ctx, list(args))
        except click.NoSuchOption as error:
            if not error.option_name[1:2].isdecimal():
                raise
            ctx.ignore_unknown_options = True
            return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Example"):
            formatter.write("".join(f"  {each}\n" for each in self.example.splitlines()))


class Action(Own):
    """Sends what was typed to one action and shows what came back.

    `fill` may change the request before it goes; `show` draws a result for a
    person, after the sentences of a write. `gate`: a rule may ask for a yes first.
    """

    def __init__(
        self,
        name: str,
        action: str,
        *,
        help: str,
        example: str,
        params: Sequence[click.Parameter] = (),
        show: Callable[[Object], None] | None = None,
        fill: Callable[[Object], None] | None = None,
        writes: bool = False,
        gate: bool = False,
        **settings: Any,
    ) -> None:
        self.action, self.show, self.fill = action, show, fill
        self.writes, self.gate = writes, gate
        params = list(params)
        if gate:
            params.append(
                click.Option(["--yes", "accept"], is_flag=True, help="I have read the warning.")
            )
        if writes:
            params.append(
                click.Option(["--key"], help="Repeat a command whose answer was lost, once.")
            )
        super().__init__(
            name, help=help, example=example, params=params, callback=self._run, **settings
        )

    def _run(self, as_json: bool, person: str | None, key: str | None = None, **typed: Any) -> None:
        request = {name: _plain(value) for name, value in typed.items() if value is not None}
        if self.fill:
            self.fill(request)
        self._refuse_blank(request)
        result = ask(
            self.action, request, person=person, key=key, writes=self.writes, gate=self.gate
        )
        if json_wanted(as_json):
            output.as_json(result)
            return
        output.clock.ask = lambda: str(ask("person.show", {}, person=person)["zone"])
        if self.writes:
            output.said(result)
        if self.show and not (self.writes and result.get("said")):
            self.show(result)
        if not self.writes:
            output.warn(result)

    def _refuse_blank(self, request: Object) -> None:
        """A shell gives "" for a variable that is not set: that is not the same as saying nothing.

        What has to be given is left to its action, which says better what is wrong.
        """
        from tracker.errors import InputError

        for param in self.params:
            value = request.get(param.name or "")
            free = isinstance(param, click.Option) and param.metavar in _WORDS
            if isinstance(value, str) and not value.strip() and not (free or param.required):
                raise InputError(
                    "{name} is empty.",
                    field=param.name,
                    hint="Leave it out, or say what it is.",
                    name=param.name,
                )


class Group(click.Group):
    """A noun. `default` is the command that is meant when none is named."""

    def __init__(self, name: str, *, default: str | None = None, **settings: Any) -> None:
        super().__init__(name, **settings)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if self.default and self._means_default(args):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _means_default(self, args: list[str]) -> bool:
        """Words that are no command's name; without words, a default that needs none."""
        if args:
            return args[0] not in {*self.commands, "--help"}
        return not any(param.required for param in self.commands[self.default or ""].params)


class LazyGroup(click.Group):
    """Commands by name as `module:attribute` below tracker.cli, imported when one is called."""

    def __init__(self, name: str, table: Mapping[str, str], **settings: Any) -> None:
        super().__init__(name, **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = self.table.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(
            importlib.import_module(f"tracker.cli.{module}"), attribute
        )
        return command


def ask(
    action: str,
    request: Object,
    *,
    person: str | None = None,
    key: str | None = None,
    writes: bool = False,
    gate: bool = False,
) -> Object:
    """Call an action; where a rule asks for a yes and a person is there, put it to them."""
    person = person or _settled("person")
    if writes and key is None:
        key = client.new_key()
    try:
        return client.call(action, request, person=person, key=key)
    except client.AnsweredError as error:
        asks = gate and error.code == "refused" and error.field == "accept"
        if not asks or not sys.stdin.isatty():
            raise
        output.aside(error.sentence)
        if not confirmed(output.words().text("Go on all the same?")):
            raise click.Abort from None
    # Another request than the one that was refused, so another key.
    return client.call(action, {**request, "accept": True}, person=person, key=client.new_key())


def confirmed(question: str) -> bool:
    return click.confirm(question, default=False, err=True)


def json_wanted(as_json: bool) -> bool:
    """Here or before the command's name."""
    return as_json or bool(_settled("as_json"))


def argument(name: str, *, required: bool = True, **settings: Any) -> click.Argument:
    complete = _debts if name == "debt" else None
    return click.Argument([name], required=required, shell_complete=complete, **settings)


def option(*names: str, help: str, **settings: Any) -> click.Option:
    return click.Option(list(names), help=help, **settings)


def absolute(request: Object, field: str) -> None:
    """A path as it is meant here: the daemon stands in another directory."""
    if isinstance(path := request.get(field), str) and path:
        request[field] = os.path.abspath(os.path.expanduser(path))


def note_from_stdin(request: Object) -> None:
    """`--note -`: from stdin, or from an editor, so that it stays out of the shell's history."""
    if request.get("note") == "-":
        request["note"] = from_stdin_or_editor()


def from_stdin_or_editor() -> str:
    if sys.stdin.isatty():
        return (click.edit("") or "").strip()
    return read_stdin().strip()


def read_stdin() -> str:
    """Raises InputError for what is too long or not UTF-8."""
    from tracker.errors import InputError

    content = sys.stdin.buffer.read(NOTE_LIMIT + 1)
    if len(content) > NOTE_LIMIT:
        raise InputError("What came on stdin is longer than {limit} bytes.", limit=NOTE_LIMIT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            "What came on stdin is not UTF-8.", hint="Save it as UTF-8 and try again."
        ) from None


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _settled(name: str) -> Any:
    """What was said before the command's name (`tracker --person li pay …`)."""
    context = click.get_current_context(silent=True)
    return context.find_root().params.get(name) if context else None


def _debts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """For the shell's completion: silent when nobody answers."""
    try:
        result = ask("debt.list", {}, person=ctx.params.get("person"))
    except Exception:
        return []
    names = [str(debt.get("handle")) for debt in output.objects(result, "debts")]
    return [name for name in names if name.startswith(incomplete)]
