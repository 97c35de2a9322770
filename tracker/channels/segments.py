"""What a text costs as an SMS, and the cleaning that keeps one odd character from doubling it.

A text whose every character is in the GSM 7-bit alphabet (3GPP TS 23.038) gets
160 units in one part, or 153 in each of several; one character outside it turns
the whole into UCS-2, 70 or 67. Carriers bill by the part.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")

_STRAIGHT = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)


class Encoding(StrEnum):
    gsm7 = "GSM-7"
    ucs2 = "UCS-2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """`units` are septets (GSM-7) or UTF-16 code units (UCS-2); `count` is what is billed."""

    encoding: Encoding
    units: int
    count: int


def segments(text: str) -> Segments:
    """How a text is sent. An escaped or astral character is never cut by a part's end."""
    if all(each in _BASIC or each in _EXTENSION for each in text):
        sizes = [2 if each in _EXTENSION else 1 for each in text]
        return _packed(Encoding.gsm7, sizes, alone=160, part=153)
    sizes = [2 if ord(each) > 0xFFFF else 1 for each in text]
    return _packed(Encoding.ucs2, sizes, alone=70, part=67)


def clean(text: str) -> str:
    """The text on one line, without what nobody sees.

    Every kind of space becomes a plain one (runs of them one), curly quotes and
    typographic dashes become straight ones, control, bidi and zero-width
    characters go. Letters stay as they are: a name is not respelled to save money.
    """
    kept = []
    for each in text:
        category = unicodedata.category(each)
        if each.isspace() or category in {"Zs", "Zl", "Zp"}:
            kept.append(" ")
        elif category not in {"Cc", "Cf", "Cs"}:
            kept.append(each)
    # Composed last, since what was dropped may have stood between letter and accent.
    composed = unicodedata.normalize("NFC", "".join(kept))
    return " ".join(composed.translate(_STRAIGHT).split())


def _packed(encoding: Encoding, sizes: Iterable[int], *, alone: int, part: int) -> Segments:
    sizes = list(sizes)
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding=encoding, units=units, count=1)
    count, room = 1, part
    for size in sizes:
        if size > room:
            count, room = count + 1, part
        room -= size
    return Segments(encoding=encoding, units=units, count=count)
