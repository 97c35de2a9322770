"""What is said in English is said in Chinese too, with the same places."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from tests import catalogs
from tracker import language

CHINESE = ("zh_Hans", "zh_Hant")
TRANSLATED = (*CHINESE, *catalogs.PARTIAL)

SHAME = {
    "zh_Hans": "老赖|失信|恶意|赖账|拖欠|欠款|催收|违约者|不良记录|失败",
    "zh_Hant": "卡奴|賴帳|惡意|拖欠|積欠|欠款|走數|爛賬|呆帳|不良紀錄|失敗",
}
"""Words that blame; domain notes on letters list them."""


def pairs(name: str) -> list[tuple[str, str]]:
    """Each sentence with its complete translation; of a plural, the many."""
    found = []
    for message in catalogs.read(name):
        if message.id and catalogs.is_translated(message):
            said, told = message.id, message.string
            found.append(
                (
                    said if isinstance(said, str) else said[-1],
                    told if isinstance(told, str) else list(told or ())[-1],
                )
            )
    return found


def places(sentence: str) -> set[tuple[str, str, str | None]]:
    """The places with their format and conversion: `{value!r}` is not `{value}`."""
    return {
        (name, spec or "", conversion)
        for _, name, spec, conversion in Formatter().parse(sentence)
        if name is not None
    }


@pytest.mark.parametrize("name", CHINESE)
def test_every_sentence_is_translated(name: str) -> None:
    told = {said for said, _ in pairs(name)}
    missing = [
        each
        for each in catalogs.sentences()
        if (each if isinstance(each, str) else each[-1]) not in told
    ]
    assert missing == [], "run make locale, then translate"


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_the_places_of_its_sentence(name: str) -> None:
    differing = [(said, told) for said, told in pairs(name) if places(said) != places(told)]
    assert differing == []
    assert pairs(name)


@pytest.mark.parametrize("name", CHINESE)
def test_commands_and_options_are_not_translated(name: str) -> None:
    typed = re.compile(r"`[^`]+`|(?<![\w-])--[a-z]+|\b[A-Z]+_[A-Z]+\b|\b[a-z]+\.[a-z_]+\b")
    compared = 0
    for said, told in pairs(name):
        for each in typed.findall(said):
            compared += 1
            assert each in told, (said, told)
    assert compared > 50


@pytest.mark.parametrize("name", TRANSLATED)
def test_no_translation_shames(name: str) -> None:
    words = re.compile(SHAME["zh_Hans" if name == "zh_Hans" else "zh_Hant"])
    assert [told for _, told in pairs(name) if words.search(told)] == []


@pytest.mark.parametrize("name", TRANSLATED)
def test_a_translation_has_chinese_punctuation(name: str) -> None:
    """A stop, comma or question mark right behind a Chinese character is a full-width one."""
    halved = re.compile(r"[\u4e00-\u9fff][,.;:?!]")
    assert [told for _, told in pairs(name) if halved.search(told)] == []


@pytest.mark.parametrize("name", catalogs.PARTIAL)
def test_a_partial_catalog_says_only_what_differs(name: str) -> None:
    inherited = dict(pairs(name.rpartition("_")[0]))
    assert pairs(name)
    for said, told in pairs(name):
        assert said in inherited, "no such sentence"
        assert told != inherited[said]


@pytest.mark.parametrize("name", TRANSLATED)
def test_the_compiled_catalog_is_the_written_one(name: str) -> None:
    compiled = catalogs.po_path(name).with_suffix(".mo").read_bytes()
    assert compiled == catalogs.mo_bytes(catalogs.read(name)), "run make locale"


def test_hong_kong_says_what_differs_and_inherits_the_rest() -> None:
    taipei, hong_kong = language.of("zh_Hant_TW"), language.of("zh_Hant_HK")
    assert taipei.text("bank transfer") == "銀行轉帳"
    assert hong_kong.text("bank transfer") == "銀行轉賬"
    assert hong_kong.text("cash") == taipei.text("cash") == "現金"
    for n in (1, 3):
        said = hong_kong.plural("{date}, one payment", "{date}, {n} payments", n, date="12月4日")
        assert said == f"12月4日，共{n}筆"


def test_what_an_error_class_says_by_itself_is_found_too() -> None:
    source = "super().__init__('A', hint='B')\n_text(ctx, 'C', n=1)\nrow.text('D')\n"
    assert set(catalogs.in_python(source)) == {"A", "B", "C", "D"}
    assert set(catalogs.in_python(source, first=frozenset())) == {"B", "C"}
