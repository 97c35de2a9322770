from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message

from tests import catalogs
from tracker import language
from tracker.errors import ConflictError, InputError

FRIDAY = date(2026, 12, 4)
SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("locale", "long", "short"),
    [
        ("en_GB", "4 December 2026", "Fri 4 Dec"),
        ("en_US", "December 4, 2026", "Fri Dec 4"),
        ("zh_Hans_CN", "2026年12月4日", "12月4日周五"),
        ("zh_Hant_TW", "2026年12月4日", "12月4日（五）"),
        ("zh_Hant_HK", "2026年12月4日", "12月4日（五）"),
        ("de_DE", "4. Dezember 2026", "Fr., 4. Dez."),
    ],
)
def test_a_date_reads_as_its_locale_writes_it(locale: str, long: str, short: str) -> None:
    lang = language.of(locale)
    assert lang.date(FRIDAY) == long
    assert lang.day(FRIDAY) == short


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "expected"),
    [
        ("en_GB", 123_450, "GBP", "£1,234.50"),
        ("en_GB", -500, "GBP", "-£5.00"),
        ("en_US", 123_450, "USD", "$1,234.50"),
        ("zh_Hans_CN", 123_450, "CNY", "¥1,234.50"),
        ("zh_Hant_HK", 123_450, "HKD", "HK$1,234.50"),
        ("zh_Hant_TW", 1_234_500, "TWD", "NT$12,345"),
        ("zh_Hant_TW", 1_234_550, "TWD", "NT$12,345.50"),
        ("en_GB", 1_234, "JPY", "JP¥1,234"),
        ("en_GB", 1_234_500, "KWD", f"KWD{SPACE}1,234.500"),
        ("en_GB", 100, "IQD", f"IQD{SPACE}0.100"),
        ("de_DE", 123_450, "EUR", f"1.234,50{SPACE}€"),
        ("en_GB", 10**15, "GBP", "£10,000,000,000,000.00"),
    ],
)
def test_an_amount_has_its_currencys_decimals_in_the_locales_form(
    locale: str, minor: int, currency: str, expected: str
) -> None:
    assert language.of(locale).money(minor, currency) == expected


def test_the_decimals_shown_are_those_that_amounts_are_kept_with() -> None:
    from babel.core import get_global

    from tracker.core import money

    compared = 0
    for currency in get_global("all_currencies"):
        try:
            kept = money.exponent(currency)
        except InputError:
            continue
        compared += 1
        expected = money.plain(1, currency) if currency != "TWD" else "0.01"
        shown = language.of("en_GB").money(1, currency)
        assert shown.endswith(expected), (currency, shown, kept)
    assert compared > 100


def test_a_locale_may_be_written_in_other_ways() -> None:
    assert language.of("zh-Hant-TW") is language.of("zh_Hant_TW")
    assert language.of("zh_TW") is language.of("zh_Hant_TW")
    assert language.of("en_GB.UTF-8") is language.of("en_GB")


@pytest.mark.parametrize("locale", ["", "C", "xx", "../../etc", "en_GB\n", "klingon"])
def test_an_unknown_locale_is_refused_by_name(locale: str) -> None:
    with pytest.raises(InputError) as caught:
        language.of(locale)
    assert repr(locale) in str(caught.value)
    assert caught.value.field == "locale"


def test_only_some_locales_write_a_decimal_comma() -> None:
    assert {language.decimal_mark(each) for each in language.LOCALES} == {"."}
    assert language.decimal_mark("de_DE") == ","


def test_an_error_is_told_with_its_hint_and_without() -> None:
    lang = language.of("en_GB")
    error = ConflictError(
        "{debt} has a plan.", hint="End plan {number} first.", debt="oak", number=3
    )
    assert lang.error(error) == ("oak has a plan.", "End plan 3 first.")
    assert lang.error(InputError("No.")) == ("No.", None)


def test_an_error_within_an_error_is_told_in_the_same_sentence() -> None:
    lines = (InputError("Line {n}.", n=1), InputError("Line {n}.", n=2))
    error = InputError("Two:\n{lines}\n{one}", lines=lines, one=lines[0])
    assert lang_lines(error) == ["Two:", "Line 1.", "Line 2.", "Line 1."]


def lang_lines(error: InputError) -> list[str]:
    return language.of("en_GB").error(error)[0].splitlines()


def test_one_and_many_take_their_own_forms() -> None:
    lang = language.of("en_GB")
    assert [lang.plural("one day", "{n} days", n) for n in (0, 1, 2)] == [
        "0 days",
        "one day",
        "2 days",
    ]


def test_an_empty_sentence_stays_empty() -> None:
    assert language.of("zh_Hans_CN").text("") == ""


def test_importing_it_brings_neither_gettext_nor_babel() -> None:
    script = (
        "import sys, tracker.language as language; language.of('en_GB');"
        "print([m for m in ('gettext', 'babel', 'decimal', 'dataclasses') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=catalogs.ROOT,
    )
    assert done.stdout.strip() == "[]"


def translations() -> list[tuple[str, Message]]:
    return [
        (name, message)
        for name in catalogs.LANGUAGES
        for message in catalogs.read(name)
        if message.id
    ]


@pytest.mark.parametrize("name", catalogs.LANGUAGES)
def test_a_catalog_holds_exactly_what_the_source_says(name: str) -> None:
    kept = {each.id if isinstance(each.id, str) else tuple(each.id) for each in catalogs.read(name)}
    assert kept - {""} == set(catalogs.sentences()), "run make locale"


@pytest.mark.parametrize("name", catalogs.LANGUAGES)
def test_a_compiled_catalog_is_its_source_compiled(name: str) -> None:
    compiled = catalogs.po_path(name).with_suffix(".mo").read_bytes()
    assert compiled == catalogs.mo_bytes(catalogs.read(name)), "run make locale"


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_a_translation_fills_no_place_that_the_sentence_has_not() -> None:
    for name, message in translations():
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        known = set().union(*(places(each) for each in ids))
        strings = (
            [message.string] if isinstance(message.string, str) else list(message.string or ())
        )
        for string in strings:
            assert places(string) <= known, (name, message.id, string)


def test_the_extractor_finds_hints_conditions_and_plurals() -> None:
    source = (
        "raise InputError('A', hint='B' if x else 'C', value='not this')\n"
        "lang.text(N_('D'))\nlanguage.text('E')\nlang.plural('one F', '{n} F', n)\nother('G')\n"
    )
    assert set(catalogs.in_python(source)) == {"A", "B", "C", "D", "E", ("one F", "{n} F")}
    template = (
        "{{ language.text('A', n=1) }}{% if _('B') %}{{ lang.plural('c', 'd', 2) }}{% endif %}"
    )
    assert set(catalogs.in_template(template)) == {"A", "B", ("c", "d")}


def test_updating_keeps_translations_and_those_of_sentences_that_have_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "DIRECTORY", tmp_path)
    said: list[catalogs.Sentence] = ["Stays.", "Goes."]
    monkeypatch.setattr(catalogs, "sentences", lambda: said)
    path = catalogs.po_path("zh_Hans")
    path.parent.mkdir(parents=True)
    catalog = catalogs.updated("zh_Hans")
    catalog["Stays."].string, catalog["Goes."].string = "留下。", "走了。"
    path.write_text(catalogs.po_text(catalog), "utf-8")

    said[:] = ["Stays.", "New."]
    gone = catalogs.po_text(catalogs.updated("zh_Hans"))
    path.write_text(gone, "utf-8")
    assert 'msgstr "留下。"' in gone
    assert '#~ msgstr "走了。"' in gone
    assert catalogs.po_text(catalogs.updated("zh_Hans")) == gone

    said[:] = ["Goes.", "Stays."]
    back = catalogs.updated("zh_Hans")
    assert [back[each].string for each in ("Goes.", "Stays.")] == ["走了。", "留下。"]
    assert not back.obsolete
