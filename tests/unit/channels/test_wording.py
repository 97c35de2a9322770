from __future__ import annotations

from datetime import date

import pytest

from tracker import language
from tracker.channels.cover import family
from tracker.channels.message import COVER_WORDS, FORBIDDEN, Encoding, forbidden_in, segments
from tracker.channels.wording import How, Kind, Saying, body, code, together
from tracker.channels.wording import test as trial

FRIDAY = date(2026, 12, 4)
LOCALES = [*language.LOCALES, "de_DE"]
CHINESE = ["zh_Hans_CN", "zh_Hant_TW", "zh_Hant_HK"]
DATELESS = {Kind.reopened, Kind.still_open, Kind.receipt, Kind.leaving, Kind.alive}
EVERY = [(kind, how, day) for kind in Kind for how in How for day in (FRIDAY, None)]
DATED = [each for each in EVERY if each[2] or each[0] in DATELESS]


def said(
    kind: str,
    locale: str = "en_GB",
    *,
    how: str = How.send,
    day: date | None = FRIDAY,
    name: str = "Li",
    word: str = "MAPLE",
    seq: int = 7,
    count: int = 12,
    ref: str = "K7Q2",
) -> str:
    saying = Saying(
        kind=Kind(kind), word=word, ref=ref, seq=seq, count=count, day=day, how=How(how)
    )
    return body(saying, lang=language.of(locale), name=name)


def several(*kinds: str, locale: str = "en_GB", day: date | None = FRIDAY) -> str:
    """One text about MAPLE 1 of 9, KITE 2 of 9 and so on, each of one kind."""
    refs = ("K7Q2", "P4R9", "M3N4", "C8T5")
    words = ("MAPLE", "KITE", "FERRY", "OTTER")
    sayings = [
        Saying(kind=Kind(kind), word=word, ref=ref, seq=seq, count=9, day=day)
        for seq, (kind, word, ref) in enumerate(zip(kinds, words, refs, strict=False), 1)
    ]
    return together(sayings, lang=language.of(locale), name="Li")


@pytest.mark.parametrize(
    ("kind", "how", "text"),
    [
        ("reminder", "send", "Li: MAPLE 7 of 12, send by Fri 4 Dec. Ref K7Q2"),
        (
            "reminder",
            "standing-order",
            "Li: MAPLE 7 of 12, have it in place by Fri 4 Dec. Ref K7Q2",
        ),
        ("reminder", "collect", "Li: MAPLE 7 of 12, have it in place by Fri 4 Dec. Ref K7Q2"),
        ("reminder", "counter", "Li: MAPLE 7 of 12, take it by Fri 4 Dec. Ref K7Q2"),
        ("part-left", "send", "Li: MAPLE 7 of 12, part left, by Fri 4 Dec. Ref K7Q2"),
        (
            "went-through",
            "collect",
            "Li: MAPLE 7 of 12, did it go through on Fri 4 Dec? Ref K7Q2",
        ),
        ("reopened", "send", "Li: MAPLE 7 of 12 is open again, send by Fri 4 Dec. Ref K7Q2"),
        ("still-open", "send", "Li: MAPLE 7 of 12 is still open. Ref K7Q2"),
        ("call", "send", "Li: MAPLE, return the call by Fri 4 Dec. Ref K7Q2"),
        ("answer", "send", "Li: MAPLE, answer expected by Fri 4 Dec. Ref K7Q2"),
        ("promise", "send", "Li: MAPLE, it was promised by Fri 4 Dec. Ref K7Q2"),
        ("task", "send", "Li: MAPLE, to do by Fri 4 Dec. Ref K7Q2"),
        ("deadline", "send", "Li: MAPLE, the last day is Fri 4 Dec. Ref K7Q2"),
        ("bill", "send", "Li: MAPLE, the monthly one, by Fri 4 Dec. Ref K7Q2"),
        ("receipt", "send", "Li: MAPLE 7 of 12 is noted. Ref K7Q2"),
        ("leaving", "send", "Li: before you leave: MAPLE. Ref K7Q2"),
        ("alive", "send", "Li: all is well here. Next MAPLE, Fri 4 Dec. Ref K7Q2"),
    ],
)
def test_the_words_follow_how_a_plan_is_paid(kind: str, how: str, text: str) -> None:
    assert said(kind, how=how) == text


def test_what_is_open_again_after_its_day_asks_for_no_day() -> None:
    assert said("reopened", day=None) == "Li: MAPLE 7 of 12 is open again. Ref K7Q2"


def test_a_week_with_nothing_to_come_says_so() -> None:
    assert said("alive", day=None) == "Li: all is well here, nothing is waiting. Ref K7Q2"


@pytest.mark.parametrize("kind", sorted(set(Kind) - DATELESS))
def test_what_names_a_day_without_one_is_a_mistake(kind: str) -> None:
    with pytest.raises(ValueError, match=kind):
        said(kind, day=None)


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        (
            ("reminder", "reminder"),
            "Li: MAPLE 1 of 9 by Fri 4 Dec K7Q2; KITE 2 of 9 by Fri 4 Dec P4R9",
        ),
        (
            ("part-left", "reopened"),
            "Li: MAPLE 1 of 9 by Fri 4 Dec K7Q2; KITE 2 of 9 by Fri 4 Dec P4R9",
        ),
        (
            ("went-through", "still-open"),
            (
                "Li: MAPLE 1 of 9, did it go through on Fri 4 Dec? K7Q2; "
                "KITE 2 of 9 is still open P4R9"
            ),
        ),
        (
            ("bill", "task", "answer"),
            "Li: MAPLE by Fri 4 Dec K7Q2; KITE by Fri 4 Dec P4R9; FERRY, answer by Fri 4 Dec M3N4",
        ),
        (("receipt", "alive"), "Li: MAPLE 1 of 9 is noted K7Q2; KITE by Fri 4 Dec P4R9"),
    ],
)
def test_several_in_one_text_keep_each_their_day_and_their_ref(
    kinds: tuple[str, ...], text: str
) -> None:
    assert several(*kinds) == text


def test_of_several_what_has_no_day_names_none() -> None:
    text = several("reopened", "leaving", "still-open", day=None)
    assert text == "Li: MAPLE 1 of 9 K7Q2; KITE P4R9; FERRY 3 of 9 is still open M3N4"


def test_of_several_one_alone_reads_as_ever() -> None:
    assert several("reminder") == "Li: MAPLE 1 of 9, send by Fri 4 Dec. Ref K7Q2"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", Kind)
def test_no_text_about_several_says_what_they_are_about(kind: str, locale: str) -> None:
    text = several(kind, kind, locale=locale)
    for each in {family(locale), "en"}:
        assert forbidden_in(text, each) is None
    assert text.count("K7Q2") == text.count("P4R9") == 1


def test_four_things_of_a_morning_are_two_parts_of_an_sms_in_english() -> None:
    assert segments(several(*["reminder"] * 2)).count == 1
    assert segments(several(*["reminder"] * 4)).count == 1
    assert segments(several(*["went-through"] * 4)).count == 2


@pytest.mark.parametrize("locale", LOCALES)
def test_a_code_and_a_test_are_one_part_and_say_whose_they_are(locale: str) -> None:
    lang = language.of(locale)
    for text in (
        code("123456", lang=lang, name="Li", ref="K7Q2"),
        trial(lang=lang, name="Li", ref="K7Q2"),
    ):
        assert text.startswith("Li")
        assert "K7Q2" in text
        assert segments(text).count == 1
        assert forbidden_in(text, family(locale)) is None
    assert code("123456", lang=lang, name="Li", ref="K7Q2").count("123456") == 1


@pytest.mark.parametrize(
    ("locale", "name", "word", "text"),
    [
        ("en_US", "Li", "MAPLE", "Li: MAPLE 7 of 12, send by Fri Dec 4. Ref K7Q2"),
        ("zh_Hans_CN", "李", "青松", "李：青松第7（共12），12月4日周五前办好。码K7Q2"),
        ("zh_Hant_TW", "李", "青松", "李：青松第7（共12），12月4日（五）前辦好。代碼K7Q2"),
        ("zh_Hant_HK", "李", "青松", "李：青松第7（共12），12月4日（五）前辦妥。編號K7Q2"),
    ],
)
def test_a_reminder_reads_naturally_in_each_language(
    locale: str, name: str, word: str, text: str
) -> None:
    assert said("reminder", locale, name=name, word=word) == text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("kind", "how", "day"), DATED)
def test_no_text_says_what_it_is_about(kind: str, how: str, day: date | None, locale: str) -> None:
    word = COVER_WORDS[family(locale)][0]
    text = said(kind, locale, how=how, day=day, word=word)
    for each in {family(locale), "en"}:
        assert forbidden_in(text, each) is None
    assert "http" not in text


@pytest.mark.parametrize("locale", CHINESE)
@pytest.mark.parametrize(("kind", "how", "day"), DATED)
def test_every_text_is_translated(kind: str, how: str, day: date | None, locale: str) -> None:
    text = said(kind, locale, how=how, day=day, name="李", word="青松")
    assert not any(each.isascii() and each.isalpha() for each in text.replace("K7Q2", ""))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(("kind", "how", "day"), DATED)
def test_every_text_is_one_part(kind: str, how: str, day: date | None, locale: str) -> None:
    """With a name, a word and numbers as long as they are apt to get."""
    chinese = locale in CHINESE
    text = said(
        kind,
        locale,
        how=how,
        day=date(2026, 9, 30),
        name="欧阳娜娜" if chinese else "Christopher-James",
        word=COVER_WORDS[family(locale)][0] if chinese else "UMBRELLA",
        seq=118,
        count=120,
    )
    found = segments(text)
    assert found.count == 1
    assert found.encoding is (Encoding.ucs2 if chinese else Encoding.gsm7)


def test_a_name_cannot_bend_the_text() -> None:
    text = said("reminder", name="L\u202ei\r\nRef {ref}", word="{0}")
    assert text == "Li Ref {ref}: {0} 7 of 12, send by Fri 4 Dec. Ref K7Q2"


@pytest.mark.parametrize("language_family", FORBIDDEN)
def test_each_forbidden_word_is_found(language_family: str) -> None:
    """The search itself: planted in a text, each word is seen."""
    for word in FORBIDDEN[language_family]:
        for planted in (f"Li: {word}, send by", f"李：{word.upper()}第7"):
            assert forbidden_in(planted, language_family) is not None


def test_a_word_inside_another_is_not_taken_for_it() -> None:
    assert forbidden_in("Li: a cashmere trolley, translate", "en_GB") is None
