"""Pictures as SVG, the same in the page and in the PDF.

Drawn from a template, with presentation attributes only: no script, no style
element and no style attribute, so that the strictest content policy lets them
through. Calm colours, and never by colour alone: lines also differ in their dash.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.language import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from jinja2 import Environment

    from tracker.language import Language

TEMPLATES = Path(__file__).parent / "templates"

WIDTH, HEIGHT = 680, 290
_TOP, _RIGHT, _BOTTOM = 30, 24, 62
_LETTER = 6.4  # average width of a Latin letter at the labels' size, in units of the picture

# Parts of the way, in quarters still open, with their words.
_MILESTONES = (
    (3, N_("a quarter")),
    (2, N_("half")),
    (1, N_("three quarters")),
    (0, N_("complete")),
)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where days and amounts lie in the picture."""

    left: float
    first: date
    days: int
    top_minor: int

    def x(self, on: date) -> float:
        passed = min(max((on - self.first).days, 0), self.days)
        return round(self.left + (WIDTH - _RIGHT - self.left) * passed / self.days, 1)

    def y(self, minor: int) -> float:
        kept = min(max(minor, 0), self.top_minor)
        return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * kept / self.top_minor, 1)

    def steps(self, points: Sequence[tuple[date, int]], until: date) -> str:
        """A path that stays level until an amount changes; "" without points."""
        if not points:
            return ""
        path = f"M{self.x(points[0][0])} {self.y(points[0][1])}"
        for on, minor in points[1:]:
            path += f"H{self.x(on)}V{self.y(minor)}"
        return path if until <= points[-1][0] else f"{path}H{self.x(until)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Milestone:
    x: float
    y: float
    label: str
    label_x: float
    label_y: float
    anchor: str
    reached: bool


def burn_down(
    points_planned: Sequence[tuple[date, int]],
    points_actual: Sequence[tuple[date, int]],
    *,
    currency: str,
    lang: Language,
    today: date,
) -> str:
    """What the plan leaves open after each date, beside what was left in fact.

    Points are (day, minor units left from that day on), by day; both lists start
    with the whole sum. The actual line is drawn up to `today`, or to its last
    point. Diamonds mark where the plan reaches a quarter, half, three quarters
    and its end; filled once the actual line is there too.
    """
    points = (*points_planned, *points_actual)
    days = [on for on, _ in points] or [today]
    top_minor = max((minor for _, minor in points), default=0)
    step = _step(max(top_minor, 1))
    top_minor = max(step, -(-top_minor // step) * step)
    amounts = [(minor, lang.money(minor, currency)) for minor in range(0, top_minor + 1, step)]
    left = 14 + _LETTER * max(_columns(label) for _, label in amounts)
    first, last = min(days), max(days)
    frame = _Frame(left, first, max((last - first).days, 1), top_minor)
    return (
        environment()
        .get_template("burn_down.svg.j2")
        .render(
            width=WIDTH,
            height=HEIGHT,
            left=left,
            right=WIDTH - _RIGHT,
            top=_TOP,
            bottom=HEIGHT - _BOTTOM,
            fonts=fonts(lang.locale),
            title=lang.text("The plan and what was paid"),
            description=describe(points_planned, points_actual, currency=currency, lang=lang),
            amounts=[(frame.y(minor), label) for minor, label in amounts],
            dates=_dates(frame, [on for on, _ in points_planned] or days, lang),
            planned=frame.steps(points_planned, last),
            actual=frame.steps(points_actual, min(max(today, first), last)),
            milestones=_milestones(frame, points_planned, points_actual, lang),
            today=frame.x(today) if first < today < last else None,
            today_label=lang.date(today),
            legend_planned=lang.text("by the plan"),
            legend_actual=lang.text("in fact"),
        )
    )


def describe(
    points_planned: Sequence[tuple[date, int]],
    points_actual: Sequence[tuple[date, int]],
    *,
    currency: str,
    lang: Language,
) -> str:
    """The picture in two sentences, for those who cannot see it."""
    said = []
    if points_planned:
        (start, whole), (end, left) = points_planned[0], points_planned[-1]
        said.append(
            lang.text(
                "By the plan, {whole} on {start} become {left} on {end}.",
                whole=lang.money(whole, currency),
                start=lang.date(start),
                left=lang.money(left, currency),
                end=lang.date(end),
            )
        )
    if points_actual:
        on, left = points_actual[-1]
        said.append(
            lang.text(
                "In fact {left} were left on {on}.",
                left=lang.money(left, currency),
                on=lang.date(on),
            )
        )
    return " ".join(said)


def fonts(locale: str) -> str:
    """The reader's own font, then Chinese ones with the reader's forms of characters first."""
    chinese = ["Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Noto Sans TC"]
    if locale.startswith("zh_Hant"):
        chinese = ["Noto Sans TC", "PingFang TC", "Microsoft JhengHei", "Noto Sans SC"]
    return ", ".join(("system-ui", *chinese, "sans-serif"))


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of this package; every value is escaped, a missing one is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _step(top_minor: int) -> int:
    """The distance of the lines across: 1, 2 or 5 times a power of ten, at most five of them."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power * 5 >= top_minor:
                return factor * power
        power *= 10


def _columns(label: str) -> int:
    return sum(1 if ord(letter) < 0x2E80 else 2 for letter in label)


def _dates(frame: _Frame, days: Sequence[date], lang: Language) -> list[tuple[float, str, str]]:
    """Up to five months below the picture: place, how it is anchored, label."""
    from babel.dates import format_skeleton

    ordered = sorted(set(days))
    count = min(5, len(ordered))
    chosen = [ordered[i * (len(ordered) - 1) // max(count - 1, 1)] for i in range(count)]
    shown: list[tuple[float, str, str]] = []
    seen = set()
    for on in chosen:
        label = format_skeleton("yMMM", on, locale=lang.locale)
        if label not in seen:
            anchor = "start" if on == ordered[0] else "end" if on == ordered[-1] else "middle"
            shown.append((frame.x(on), anchor, label))
            seen.add(label)
    return shown


def _milestones(
    frame: _Frame,
    planned: Sequence[tuple[date, int]],
    actual: Sequence[tuple[date, int]],
    lang: Language,
) -> list[_Milestone]:
    """What the plan reaches, by day; of several on one day the last."""
    if not planned or planned[0][1] <= 0:
        return []
    whole, least = planned[0][1], min((minor for _, minor in actual), default=planned[0][1])
    by_day: dict[date, _Milestone] = {}
    for quarters, msgid in _MILESTONES:
        for on, minor in planned[1:]:
            if 4 * minor <= quarters * whole:
                label = lang.text(msgid)
                x, y = frame.x(on), frame.y(minor)
                width = _LETTER * _columns(label) + 9
                # Falling lines leave room below and to the left of a drop. Where the
                # axis is in the way, the label goes above what it would cover.
                low = y + 18 > HEIGHT - _BOTTOM
                covered = max(_level(frame, line, x - width) for line in (planned, actual))
                by_day[on] = _Milestone(
                    x=x,
                    y=y,
                    label=label,
                    label_x=x if low else round(x - 9, 1),
                    label_y=round(frame.y(covered) - 8 if low else y + 14, 1),
                    anchor="end" if x - width > frame.left else "start",
                    reached=4 * least <= quarters * whole,
                )
                break
    return list(by_day.values())


def _level(frame: _Frame, points: Sequence[tuple[date, int]], x: float) -> int:
    """What a line leaves open at a place of the picture."""
    return next((minor for on, minor in reversed(points) if frame.x(on) <= x), 0)
