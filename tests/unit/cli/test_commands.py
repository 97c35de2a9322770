"""The tree of commands: complete, documented, and in step with the actions behind it."""

from __future__ import annotations

import importlib
from typing import get_type_hints

import click
import pytest
from click.testing import CliRunner

from tracker.actions.registry import ACTIONS, READ
from tracker.cli import app
from tracker.cli.command import Action, Own

WALKED = dict(app.walk())
ACTIONS_BEHIND = {path: command for path, command in WALKED.items() if isinstance(command, Action)}
# Fields that the command line takes apart, or adds, before they go out.
TAKEN_APART = {
    "credit add": {"events"},
    "mirror add": {"password_stdin", "password_file"},
    "person password": {"password_stdin"},
    "person push": {"file", "stdin"},
    "remind preview": {"dry_run"},
}
SPOKEN_TO_BY_ADD = {"debt.add", "plan.agree", "creditor.list"}


def test_the_list_of_commands_comes_from_the_tree() -> None:
    commands = app.commands()
    assert commands == list(WALKED)
    assert {"pay", "report make", "completion", "plan agree", "init"} <= set(commands)
    assert len(commands) == len(set(commands))


def test_the_help_names_every_command() -> None:
    shown = CliRunner().invoke(app.tracker, ["--help"]).output
    named = {line.split()[0] for line in shown.splitlines() if line.startswith("  ")}
    assert set(app.COMMANDS) <= named


@pytest.mark.parametrize("path", list(WALKED))
def test_every_command_has_help_with_an_example_that_parses(path: str) -> None:
    shown = CliRunner().invoke(app.tracker, [*path.split(), "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.output
    command = WALKED[path]
    assert command.help
    for example in command.example.splitlines():
        assert example.startswith("tracker ")
        _parses(example)


def _parses(example: str) -> None:
    """Every word of the example is taken by the command that it calls."""
    import shlex

    words = shlex.split(example.partition(">")[0])[1:]
    context = click.Context(app.tracker)
    command: click.Command = app.tracker
    while isinstance(command, click.Group):
        name = words[0] if words else ""
        below = command.get_command(context, name)
        if below is None:
            below = command.get_command(context, getattr(command, "default", None) or "")
        else:
            words = words[1:]
        assert below is not None, example
        command = below
    command.make_context(example, words)


@pytest.mark.parametrize("path", list(WALKED))
def test_every_command_that_reads_or_writes_takes_json_and_person(path: str) -> None:
    options = {name for param in WALKED[path].params for name in param.opts}
    prints_only = {"daemon", "config example", "completion"}
    assert (path in prints_only) != ({"--json", "--person"} <= options)


@pytest.mark.parametrize("path", list(ACTIONS_BEHIND))
def test_every_field_that_can_be_typed_is_one_the_action_takes(path: str) -> None:
    command = ACTIONS_BEHIND[path]
    action = ACTIONS[command.action]
    assert command.writes == (action.kind != READ)
    module, _, name = action.target.partition(":")
    function = getattr(importlib.import_module(f"tracker.actions.{module}"), name)
    fields = get_type_hints(function)["request"].model_fields
    typed = {param.name for param in command.params} - {"as_json", "person", "key"}
    assert typed - TAKEN_APART.get(path, set()) <= set(fields)
    needed = {name for name, field in fields.items() if field.is_required()}
    assert needed - {"password", "events", "target"} <= {
        param.name for param in command.params if param.required or param.name in {"locale", "zone"}
    }


def test_every_action_has_a_command() -> None:
    own: dict[str, Own] = {path: WALKED[path] for path in WALKED if path not in ACTIONS_BEHIND}
    reached = {command.action for command in ACTIONS_BEHIND.values()} | {"overview"}
    assert "doctor" in own
    assert set(ACTIONS) - reached == {"doctor"}


def test_a_default_command_stands_in_for_its_group() -> None:
    report = app.tracker.get_command(click.Context(app.tracker), "report")
    assert report is not None
    context = report.make_context("report", ["maple", "--period", "2026-Q4"])
    assert [*context._protected_args, *context.args] == ["make", "maple", "--period", "2026-Q4"]
    context = report.make_context("report", ["list"])
    assert [*context._protected_args, *context.args] == ["list"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str) -> None:
    done = CliRunner().invoke(app.tracker, ["completion", shell])
    assert done.exit_code == 0
    assert "_TRACKER_COMPLETE" in done.output
