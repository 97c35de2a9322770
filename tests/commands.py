"""The reference of commands, from the code: `python -m tests.commands > docs/commands.md`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from tracker.cli import app
from tracker.cli.command import Own

INTRODUCTION = """\
# Commands

Made from the code by `python -m tests.commands > docs/commands.md`; a test keeps it current.

Every command answers `--help` with an example. Those that read or write take `--json` (the result
as JSON, an error as one object on stderr) and `--person HANDLE` (whose data, if several people),
here or right after `tracker`; those that write take `--key`, to repeat a command whose answer was
lost and have it count once.
`--home DIR` right after `tracker` chooses the home instead of `TRACKER_HOME`.

DEBT is a debt's handle, its cover word, or a beginning of either that only one has. DATE is
`2026-12-04`, `4 dec`, `today`, `yesterday`, `fri`. AMOUNT is written as the locale does.

`tracker` alone says what is due, what came late and what to decide.
"""
EVERYWHERE = {"as_json", "person", "key"}


def document() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for path, command in app.walk():
        parts.append("\n".join(_command(path, command)) + "\n")
    return "\n".join(parts)


def _command(path: str, command: Own) -> Iterator[str]:
    yield f"## tracker {path}"
    yield ""
    yield inspect.cleandoc(command.help or "")
    yield ""
    context = click.Context(command, info_name=path)
    usage = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    yield f"    {' '.join(['tracker', path, *usage])}"
    options = [
        param
        for param in command.params
        if isinstance(param, click.Option) and param.name not in EVERYWHERE
    ]
    if options:
        yield ""
        yield "| option | |"
        yield "|---|---|"
        yield from (_row(option, context) for option in options)
    yield ""
    yield "Example:"
    yield ""
    yield from (f"    {line}" for line in command.example.splitlines())


def _row(option: click.Option, context: click.Context) -> str:
    names = ", ".join(option.opts)
    if not option.is_flag:
        names = f"{names} {option.make_metavar(context)}"
    told = [option.help or ""]
    if option.show_default and option.default is not None:
        told.append(f"Otherwise {option.default}.")
    if option.multiple and "epeat" not in told[0]:
        told.append("May be repeated.")
    if option.required:
        told.append("Always needed.")
    # A bar inside a cell would end it, even in code.
    cells = (cell.replace("|", "\\|") for cell in (f"`{names}`", " ".join(told)))
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(document(), end="")
