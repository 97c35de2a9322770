from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.channels.segments import Encoding, clean, segments

GSM, UCS = Encoding.gsm7, Encoding.ucs2


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", GSM, 0, 1),
        ("a" * 160, GSM, 160, 1),
        ("a" * 161, GSM, 161, 2),
        ("a" * 306, GSM, 306, 2),
        ("a" * 307, GSM, 307, 3),
        ("€" + "a" * 158, GSM, 160, 1),
        ("€" + "a" * 159, GSM, 161, 2),
        ("[]", GSM, 4, 1),
        ("¥£ñÇ@", GSM, 5, 1),
        ("还" * 70, UCS, 70, 1),
        ("还" * 71, UCS, 71, 2),
        ("还" * 134, UCS, 134, 2),
        ("还" * 135, UCS, 135, 3),
        ("a" * 70 + "\u2019", UCS, 71, 2),
        ("a" * 70 + "\N{NO-BREAK SPACE}", UCS, 71, 2),
        ("ç", UCS, 1, 1),
        ("\N{SEEDLING}" * 35, UCS, 70, 1),
    ],
)
def test_a_text_costs_what_the_networks_bill(
    text: str, encoding: Encoding, units: int, count: int
) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_an_escaped_character_is_not_cut_by_the_end_of_a_part() -> None:
    """306 units would fit two parts, if € could lie across their border."""
    assert segments("a" * 152 + "€" + "a" * 152).units == 306
    assert segments("a" * 152 + "€" + "a" * 152).count == 3


def test_an_emoji_is_not_cut_by_the_end_of_a_part() -> None:
    assert segments("还" * 66 + "\N{SEEDLING}" + "还" * 66).count == 3


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Anne\u2019s\N{NO-BREAK SPACE}room", "Anne's room"),
        ("\u201cLi\u201d \u2013 home", '"Li" - home'),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("Li\r\nEND:VEVENT\tx", "Li END:VEVENT x"),
        ("  Li   Na\u3000\u2028x ", "Li Na x"),
        ("Zoe\u0308", "Zoë"),
        ("\ud800Li", "Li"),
        ("李娜：“好”", '李娜："好"'),
    ],
)
def test_cleaning_drops_what_nobody_sees(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_one_odd_character_in_a_name_does_not_double_the_cost() -> None:
    text = "Anne\u2019s\N{NO-BREAK SPACE}" + "a" * 100
    assert segments(text).count == 2
    assert segments(clean(text)).count == 1


@example("e\u200b\u0308")
@given(st.text())
def test_a_cleaned_text_is_one_clean_line(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once.splitlines() in ([], [once])
    assert once == once.encode("utf-8").decode("utf-8")


@given(st.text(alphabet="ab€[还\N{SEEDLING}", max_size=400))
def test_the_parts_have_room_for_all_units(text: str) -> None:
    found = segments(text)
    alone, part = (160, 153) if found.encoding is GSM else (70, 67)
    assert (found.count == 1) == (found.units <= alone)
    if found.count > 1:
        assert found.units <= part * found.count
        assert found.units > (part - 1) * (found.count - 1)
