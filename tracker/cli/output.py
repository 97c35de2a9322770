"""What a command prints: sentences, tables, JSON; nothing that could drive a terminal.

On the way of `tracker pay` only `told` and `said` run, which need nothing but
the standard streams; `words` brings in the catalogs when a table is drawn.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any, TypeAlias

    from tracker.language import Language

    Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"
    Object: TypeAlias = "dict[str, Json]"

# C0 without tab and newline, DEL, C1 (an escape sequence in one byte), the line
# separators that some terminals obey, and what turns the reading direction.
_DRIVES = (
    *(code for code in range(0x20) if code not in (0x09, 0x0A)),
    *range(0x7F, 0xA0),
    0x061C,
    *range(0x200E, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
_CLEANED = dict.fromkeys(_DRIVES)
_ESCAPED = {code: f"\\u{code:04x}" for code in _DRIVES if code >= 0x7F}


def clean(text: str) -> str:
    """The text without what a terminal would obey; lone surrogates become U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_CLEANED).encode("utf-8", "replace").decode("utf-8")


def line(text: str = "") -> None:
    sys.stdout.write(clean(text) + "\n")


def aside(text: str) -> None:
    """To stderr: what a script that reads stdout should not see."""
    sys.stdout.flush()
    sys.stderr.write(clean(text) + "\n")


def told(sentence: str, hint: str | None) -> None:
    """An error: the sentence, and the cure on a line of its own."""
    aside(f"Error: {sentence}")
    if hint:
        aside(hint)


def told_as_json(
    code: str, exit_code: int, sentence: str, hint: str | None, field: str | None
) -> None:
    """An error as one object, of the form that it has on the wire."""
    told = {"code": code, "exit": exit_code, "field": field, "hint": hint, "sentence": sentence}
    aside(_json({"error": told}))


def as_json(result: Mapping[str, Json]) -> None:
    """The result as it came, with sorted keys; C1 and direction marks escaped."""
    sys.stdout.write(_json(result) + "\n")


def _json(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2)
    return text.translate(_ESCAPED)


def warn(result: Object) -> None:
    for sentence in texts(result, "warnings"):
        aside(sentence)


def said(result: Object) -> None:
    """What a write answered: what was understood on stdout, warnings on stderr."""
    for sentence in texts(result, "said"):
        line(sentence)
    warn(result)


def words() -> Language:
    """The language of headings and questions: the terminal's, since no person is known yet."""
    from tracker import language

    value = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)),
        "",
    )
    name = value.partition(".")[0].partition("@")[0]
    if name.startswith("zh"):
        traditional = {"zh_TW": "zh_Hant_TW", "zh_HK": "zh_Hant_HK", "zh_MO": "zh_Hant_HK"}
        return language.of(traditional.get(name, "zh_Hans_CN"))
    return language.of("en_US" if name == "en_US" else "en_GB")


def text(value: Json) -> str:
    """A field for a person: money with its code, instants to the minute, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return words().text("yes") if value else words().text("no")
    if isinstance(value, dict):
        if value.keys() == {"amount", "currency"}:
            return money(value)
        return ", ".join(f"{name} {text(each)}" for name, each in value.items() if each)
    if isinstance(value, list):
        return ", ".join(text(each) for each in value)
    value = str(value)
    if len(value) >= 20 and value[4] == value[7] == "-" and value[10] == "T":
        return clock.shown(value)
    return value


class Clock:
    """Whose clock instants are shown on: asked once, and only when one is to be shown."""

    def __init__(self) -> None:
        self.zone: str | None = None
        self.ask: Callable[[], str] | None = None

    def shown(self, instant: str) -> str:
        """To the minute; as it stands where nobody is known, or where it is no instant."""
        from datetime import datetime
        from zoneinfo import ZoneInfo

        try:
            moment = datetime.fromisoformat(instant)
        except ValueError:
            return instant
        if self.zone is None and self.ask is not None:
            self.zone = self.ask()
        if self.zone:
            moment = moment.astimezone(ZoneInfo(self.zone))
        return moment.isoformat(" ", "minutes")[:16]


clock = Clock()


def money(value: Json) -> str:
    """`{"amount": "1234.5", "currency": "GBP"}` as `1,234.5 GBP`."""
    if not isinstance(value, dict):
        return ""
    units, mark, decimals = str(value["amount"]).partition(".")
    sign = "-" if units.startswith("-") else ""
    return f"{sign}{int(units.lstrip('-') or 0):,}{mark}{decimals} {value['currency']}"


def _is_figure(value: Json) -> bool:
    return (
        value is None or isinstance(value, int) or (isinstance(value, dict) and "amount" in value)
    )


def width(value: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    if value.isascii():
        return len(value)
    from unicodedata import combining, east_asian_width

    return sum(
        0 if combining(each) or each in "\u200b\u200c\u200d\ufe0f" else
        2 if east_asian_width(each) in "WF" else 1
        for each in value
    )  # fmt: skip


def table(rows: Iterable[Object], columns: Sequence[tuple[str, str]]) -> None:
    """Rows under headings; a column is (field, heading), amounts to the right.

    The headings are msgids. A column without any value is left out.
    """
    rows = list(rows)
    drawn: list[tuple[list[str], bool]] = []
    for field, heading in columns:
        cells = [" ".join(clean(text(row.get(field))).split()) for row in rows]
        if any(cells):
            right = all(_is_figure(row.get(field)) for row in rows)
            drawn.append(([words().text(heading), *cells], right))
    widths = [max(map(width, cells)) for cells, _ in drawn]
    for number in range(len(rows) + 1):
        parts = []
        for (cells, right), wide in zip(drawn, widths, strict=True):
            space = " " * (wide - width(cells[number]))
            parts.append(space + cells[number] if right else cells[number] + space)
        line("  ".join(parts).rstrip())


def card(result: Object, fields: Sequence[tuple[str, str]]) -> None:
    """One thing, a line for each field that has a value."""
    shown = [
        (words().text(heading), text(result[field]))
        for field, heading in fields
        if result.get(field) not in (None, "", [], {})
    ]
    wide = max((width(heading) for heading, _ in shown), default=0)
    for heading, value in shown:
        line(f"{heading}{' ' * (wide - width(heading))}  {value}")


def objects(result: Object, field: str) -> list[Object]:
    value = result.get(field)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(result: Object, field: str) -> list[str]:
    value = result.get(field)
    return [str(each) for each in value] if isinstance(value, list) else []
