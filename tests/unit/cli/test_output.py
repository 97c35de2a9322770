"""What is printed: columns, amounts, instants; nothing that a terminal would obey."""

from __future__ import annotations

import json

import pytest

from tracker.cli import output


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("maple", 5),
        ("青松", 4),
        ("a青b", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("\uff21\uff22", 4),
        ("", 0),
    ],
)
def test_wide_characters_take_two_columns_and_combining_ones_none(text: str, columns: int) -> None:
    assert output.width(text) == columns


@pytest.mark.parametrize(
    "driver",
    ["\x1b", "\x07", "\x00", "\r", "\x7f", "\x9b", "\x85", "\u2028", "\u202e", "\u2066", "\u200f"],
)
def test_what_drives_a_terminal_is_taken_out(driver: str) -> None:
    assert output.clean(f"a{driver}b") == "ab"


def test_tabs_newlines_and_letters_of_every_script_stay() -> None:
    assert output.clean("a\tb\n青松 é 👩‍👩‍👧") == "a\tb\n青松 é 👩‍👩‍👧"


def test_a_lone_surrogate_does_not_end_the_command() -> None:
    assert output.clean("a\udcffb") == "a?b"


def test_a_table_lines_up_with_wide_characters_and_amounts_to_the_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows: list[output.Object] = [
        {"word": "青松", "open": {"amount": "1234.50", "currency": "GBP"}, "note": None},
        {"word": "MAPLE", "open": {"amount": "5.00", "currency": "GBP"}, "note": None},
    ]
    output.table(rows, (("word", "Word"), ("open", "Open"), ("note", "Note")))
    assert capsys.readouterr().out.splitlines() == [
        "Word           Open",
        "青松   1,234.50 GBP",
        "MAPLE      5.00 GBP",
    ]


def test_a_newline_in_a_field_cannot_fake_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    output.table([{"word": "MAPLE\n99  paid"}], (("word", "Word"),))
    assert capsys.readouterr().out == "Word\nMAPLE 99 paid\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        ("2026-12-03T16:00:00Z", "2026-12-03 16:00"),
        ("2026-12-03T16:00:00+08:00", "2026-12-03 16:00"),
        ("2026-12-03", "2026-12-03"),
        (["sms", "console"], "sms, console"),
        ({"amount": "-1234567.891", "currency": "KWD"}, "-1,234,567.891 KWD"),
        ({"amount": "1200", "currency": "JPY"}, "1,200 JPY"),
        ({"kind": "disputed", "until": None}, "kind disputed"),
        (True, "yes"),
    ],
)
def test_fields_are_told_for_people(value: output.Json, shown: str) -> None:
    assert output.text(value) == shown


def test_json_keeps_every_character_but_none_that_drives(
    capsys: pytest.CaptureFixture[str],
) -> None:
    result: output.Object = {"b": "青\u202e\x9b\x1b\u2028", "a": [1, None, True]}
    output.as_json(result)
    printed = capsys.readouterr().out
    assert json.loads(printed) == result
    assert printed.index('"a"') < printed.index('"b"')
    assert "青" in printed
    assert not set(printed) & set("\u202e\x9b\x1b\u2028")


@pytest.mark.parametrize(
    ("variable", "locale"),
    [
        ("zh_CN.UTF-8", "zh_Hans_CN"),
        ("zh_TW", "zh_Hant_TW"),
        ("zh_HK.UTF-8", "zh_Hant_HK"),
        ("en_US.UTF-8", "en_US"),
        ("C.UTF-8", "en_GB"),
        ("", "en_GB"),
    ],
)
def test_headings_are_in_the_terminals_language(
    monkeypatch: pytest.MonkeyPatch, variable: str, locale: str
) -> None:
    monkeypatch.setenv("LANG", variable)
    assert output.words().locale == locale
