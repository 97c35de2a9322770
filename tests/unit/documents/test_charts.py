from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from tracker import language
from tracker.documents import charts

SVG = "{http://www.w3.org/2000/svg}"
PLANNED = [
    (date(2026, 1, 10), 120_000),
    *((date(2026, month, 28), 120_000 - 10_000 * month) for month in range(1, 13)),
]
ACTUAL = PLANNED[:6]


def drawn(
    planned: list[tuple[date, int]],
    actual: list[tuple[date, int]],
    *,
    locale: str = "en_GB",
    currency: str = "GBP",
    today: date = date(2026, 7, 1),
) -> str:
    return charts.burn_down(
        planned, actual, currency=currency, lang=language.of(locale), today=today
    )


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def diamonds(svg: str) -> list[str]:
    return re.findall(r'l5\.5 5\.5-5\.5 5\.5-5\.5-5\.5z" fill="(#\w+)"', svg)


def test_the_picture_has_a_title_and_says_in_words_what_it_shows() -> None:
    root = ElementTree.fromstring(drawn(PLANNED, ACTUAL))
    assert root.attrib["role"] == "img"
    named = root.attrib["aria-labelledby"].split()
    assert [root[0].attrib["id"], root[1].attrib["id"]] == named
    assert "£1,200.00" in (root[1].text or "")
    assert "28 May 2026" in (root[1].text or "")


def test_milestones_are_filled_once_they_are_reached() -> None:
    filled, empty = "#1f6f78", "#ffffff"
    assert diamonds(drawn(PLANNED, ACTUAL)) == [filled, empty, empty, empty]
    assert diamonds(drawn(PLANNED, PLANNED[:1])) == [empty] * 4
    assert diamonds(drawn(PLANNED, PLANNED)) == [filled] * 4


def test_milestones_on_one_day_are_shown_as_the_last_of_them() -> None:
    svg = drawn([(date(2026, 1, 1), 500), (date(2026, 2, 1), 0)], [])
    assert len(diamonds(svg)) == 1
    assert "complete" in texts(svg)
    assert "half" not in texts(svg)


def test_the_actual_line_stops_today_and_the_planned_one_at_its_end() -> None:
    def end(svg: str, width: str) -> float:
        path = next(
            each.attrib["d"]
            for each in ElementTree.fromstring(svg).iter(f"{SVG}path")
            if each.attrib.get("stroke-width") == width
        )
        return float(re.findall(r"[HM]([\d.]+)", path)[-1])

    early, later = (drawn(PLANNED, ACTUAL, today=date(2026, month, 1)) for month in (7, 9))
    assert end(early, "2.6") < end(later, "2.6") < end(later, "1.6") == charts.WIDTH - 24


@pytest.mark.parametrize("top", [1, 7, 99, 120_000, 123_457, 10**15])
def test_the_scale_has_few_lines_and_reaches_the_whole_sum(top: int) -> None:
    svg = drawn([(date(2026, 1, 1), top), (date(2026, 6, 1), 0)], [], currency="JPY")
    amounts = [int(re.sub(r"\D", "", text)) for text in texts(svg) if text.startswith("JP¥")]
    assert 2 <= len(amounts) <= 6
    assert amounts[0] == 0
    assert amounts[-1] >= top


@pytest.mark.parametrize(
    ("planned", "actual"),
    [
        ([], []),
        ([(date(2026, 1, 1), 0)], []),
        ([(date(2026, 1, 1), 100)], [(date(2026, 1, 1), 100)]),
        (PLANNED, [(date(2025, 12, 1), 150_000), (date(2027, 3, 1), -500)]),
    ],
)
def test_odd_points_still_give_a_picture(
    planned: list[tuple[date, int]], actual: list[tuple[date, int]]
) -> None:
    svg = drawn(planned, actual)
    numbers = [float(each) for each in re.findall(r'(?:x|y)="(-?[\d.]+)"', svg)]
    assert all(0 <= number <= charts.WIDTH for number in numbers)


def test_the_picture_needs_no_script_no_style_and_no_red() -> None:
    svg = drawn(PLANNED, ACTUAL)
    assert not re.search(r"<script|<style|style=|href|url\(|on\w+=", svg)
    for red, green, blue in re.findall(r"#(\w\w)(\w\w)(\w\w)", svg):
        assert int(red, 16) <= max(int(green, 16), int(blue, 16))


def test_a_chinese_reader_gets_the_forms_of_the_place_first() -> None:
    for locale, first in (("zh_Hans_CN", "SC"), ("zh_Hant_TW", "TC"), ("zh_Hant_HK", "TC")):
        svg = drawn(PLANNED, ACTUAL, locale=locale, currency="CNY")
        assert re.findall(r"Noto Sans (..)", svg)[0] == first
        assert "2026年" in svg
