"""What the prose says of commands, keys and files is so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tests import commands
from tracker.cli import app
from tracker.config.keys import BY_NAME

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "deploy/README.md",
    "docs/calendars.md",
    "docs/design.md",
    "docs/operation.md",
    "docs/privacy-and-safety.md",
    "docs/worked-example.md",
    "docs/worked-example.zh-Hans.md",
)
SECTIONS = "|".join(sorted({name.rpartition(".")[0] for name in BY_NAME}, key=len, reverse=True))


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def spoken_commands(page: str) -> list[str]:
    """Every `tracker …` of a page, in code within a line and in indented blocks."""
    text = read(page)
    within = [code for code in re.findall(r"`([^`\n]+)`", text) if code.startswith("tracker ")]
    blocks = re.findall(r"^ {4,}(?:\$ )?(tracker .*)$", text, re.MULTILINE)
    # A table of commands explains each one behind a gap.
    return within + [re.split(r" {3,}", line)[0] for line in blocks]


def configured(page: str) -> set[str]:
    """Every key that a page names: `section.key` in code, and TOML blocks by their tables."""
    text = read(page)
    named = set(re.findall(rf"`((?:{SECTIONS})\.[a-z_]+)", text))
    table = ""
    for line in text.splitlines():
        if found := re.match(r"\s+\[([a-z.]+)\]$", line):
            table = found[1]
        elif found := re.match(r"\s+([a-z_]+) = ", line):
            named.add(f"{table}.{found[1]}")
    return named


ALL_COMMANDS = [(page, line) for page in PAGES for line in spoken_commands(page)]


def test_the_reference_of_commands_is_current() -> None:
    written = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert written == commands.document(), "python -m tests.commands > docs/commands.md"


def test_the_reference_names_every_command() -> None:
    headings = re.findall(r"^## tracker (.+)$", read("docs/commands.md"), re.MULTILINE)
    assert headings == app.commands()


def test_commands_are_found_in_the_prose() -> None:
    lines = [line for _, line in ALL_COMMANDS]
    assert "tracker pay maple 100" in lines
    assert "tracker db upgrade" in lines
    assert "tracker feed rotate" in lines


@pytest.mark.parametrize(("page", "line"), ALL_COMMANDS)
def test_every_command_in_the_prose_exists_and_takes_its_words(page: str, line: str) -> None:
    context = click.Context(app.tracker)
    command: click.Command = app.tracker
    words = shlex.split(line.partition(" > ")[0])[1:]
    while isinstance(command, click.Group):
        below = command.get_command(context, words[0] if words else "")
        if below is None and (default := getattr(command, "default", None)):
            below = command.get_command(context, default)
        elif below is None and (not words or words[0].startswith("-")):
            return  # `tracker` alone, or a noun spoken of
        else:
            words = words[1:]
        assert below is not None, f"{page}: there is no {line!r}"
        command = below
    # The parser alone: in running text a command may be named without what it needs.
    command.make_parser(click.Context(command)).parse_args(args=words)


@pytest.mark.parametrize("page", PAGES)
def test_every_key_in_the_prose_exists(page: str) -> None:
    files = {f"{key.name}_file" for key in BY_NAME.values() if key.by_file}
    assert configured(page) <= {*BY_NAME, *files}


def test_keys_are_found_in_the_prose() -> None:
    assert {"delivery.daily_cap", "reminders.offsets", "console.file"} <= configured("README.md")
    assert "sms.twilio.auth_token_file" in configured("deploy/README.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", read(page))
    missing = [each for each in targets if not (ROOT / page).parent.joinpath(each).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_numbers_in_the_prose_are_reserved_for_examples(page: str) -> None:
    numbers = re.findall(r"\+\d{8,15}", read(page))
    assert all(re.match(r"\+1555|\+447700900", each) for each in numbers), numbers
