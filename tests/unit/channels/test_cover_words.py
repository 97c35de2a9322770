from __future__ import annotations

import pytest

from tracker.channels.cover import COVER_WORDS, check_cover_word, default_cover_word, family
from tracker.errors import InputError


def refusal(text: str, locale: str = "en_GB", taken: tuple[str, ...] = ()) -> InputError:
    with pytest.raises(InputError) as caught:
        check_cover_word(text, locale=locale, taken=taken)
    assert caught.value.field == "cover_word"
    assert caught.value.hint is not None
    assert caught.value.hint.format(**caught.value.params)
    return caught.value


@pytest.mark.parametrize(
    ("locale", "name"),
    [
        ("en_GB", "en"),
        ("de_DE", "en"),
        ("zh_Hans_CN", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh_Hant_TW", "zh_Hant"),
        ("zh_HK", "zh_Hant"),
    ],
)
def test_a_locale_reads_the_lists_of_its_family(locale: str, name: str) -> None:
    assert family(locale) == name


@pytest.mark.parametrize("locale", COVER_WORDS)
def test_every_default_word_passes_its_own_check(locale: str) -> None:
    for word in COVER_WORDS[locale]:
        assert check_cover_word(word, locale=locale, taken=()) == word
        assert len(word) == 2 if locale.startswith("zh") else 4 <= len(word) <= 8


@pytest.mark.parametrize("locale", COVER_WORDS)
def test_the_first_words_begin_differently(locale: str) -> None:
    taken: list[str] = []
    for _ in range(25):
        taken.append(default_cover_word(locale, taken))
    assert len({word[0] for word in taken}) == 25


def test_the_default_avoids_the_beginnings_of_own_words() -> None:
    assert default_cover_word("en_GB", ()) == "MAPLE"
    assert default_cover_word("en_GB", ["Marble", "HOUSE"]) == "LANTERN"


@pytest.mark.parametrize("locale", COVER_WORDS)
def test_the_list_is_used_up_before_it_refuses(locale: str) -> None:
    taken: list[str] = []
    for _ in COVER_WORDS[locale]:
        taken.append(default_cover_word(locale, taken))
    assert sorted(taken) == sorted(COVER_WORDS[locale])
    with pytest.raises(InputError, match="in use"):
        default_cover_word(locale, taken)


@pytest.mark.parametrize(
    ("typed", "word"),
    [("  maple ", "MAPLE"), ("\uff2d\uff21\uff30le", "MAPLE"), ("图书馆", "图书馆")],
)
def test_a_word_is_shown_in_capitals(typed: str, word: str) -> None:
    assert check_cover_word(typed, locale="zh_Hans_CN", taken=["KITE"]) == word


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stop", "mobile networks"),
        ("CANCEL", "mobile networks"),
        ("end", "mobile networks"),
        ("退订", "mobile networks"),
        ("Red", "colour"),
        ("黑猫", "colour"),
        ("藍天", "colour"),
        ("debt", "money"),
        ("Mint", "money"),
        ("overdue", "money"),
        ("还书", "money"),
        ("銀河", "money"),
        ("Rose", "first name"),
        ("茉莉", "first name"),
        ("clinic", "medical"),
        ("URGENT", "money"),
        ("verify", "spam"),
        ("alpha", "ranks"),
        ("甲", "ranks"),
        ("四海", "ranks"),
        ("1234", "digits"),
        ("１２", "digits"),
        ("MAPLE2", "letters alone"),
        ("two words", "letters alone"),
        ("<b>", "letters alone"),
        ("", "empty"),
        ("\u202e \u200b", "empty"),
        ("ox", "characters"),
        ("CONSTELLATION", "characters"),
        ("松", "characters"),
    ],
)
def test_a_word_that_says_too_much_is_refused_with_the_reason(text: str, why: str) -> None:
    assert why in str(refusal(text))


def test_a_word_in_use_is_refused_whatever_its_case() -> None:
    assert "another debt" in str(refusal("maple", taken=("Maple",)))


def test_the_hint_offers_a_word_that_is_free() -> None:
    error = refusal("maple", taken=("MAPLE", "HARBOUR"))
    assert error.params["example"] == "LANTERN"
