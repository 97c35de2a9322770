"""Lines of text that a person types: names, references, notes, and handles made from them."""

from __future__ import annotations

import re
import unicodedata

from tracker.errors import InputError

HANDLE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
HANDLE_LENGTH = 40


def line(text: str, *, field: str, longest: int) -> str:
    """One line of readable text, in NFC, without surrounding spaces.

    Raises InputError for an empty line, one longer than `longest` characters, and
    for control characters, line breaks and marks that turn the reading direction:
    they would break a calendar, an SMS or a terminal, or show a name as another.
    """
    cleaned = unicodedata.normalize("NFC", text).strip()
    if not cleaned:
        raise InputError("{field} is empty.", field=field, hint="Write at least one character.")
    for character in cleaned:
        if _breaks_a_line(character):
            raise InputError(
                "{field} contains the character U+{code}, which cannot be printed safely.",
                field=field,
                hint="Type it again without control characters or line breaks.",
                code=f"{ord(character):04X}",
            )
    if len(cleaned) > longest:
        raise InputError(
            "{field} has {length} characters ({start}…); {longest} are the most.",
            field=field,
            hint="Shorten it.",
            length=len(cleaned),
            longest=longest,
            start=cleaned[:20],
        )
    return cleaned


def optional_line(text: str | None, *, field: str, longest: int) -> str | None:
    """As `line`, where nothing at all is an answer too."""
    if text is None or not text.strip():
        return None
    return line(text, field=field, longest=longest)


def _breaks_a_line(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cf":
        # Joiners hold emoji and Indic letters together; the other format marks hide.
        return character not in "\u200c\u200d"
    return category in {"Cc", "Cs", "Zl", "Zp"}


def handle(text: str, *, field: str) -> str:
    """A handle as it was typed: a-z, 0-9 and single hyphens, at most 40, after NFKC."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    if not HANDLE.fullmatch(folded) or len(folded) > HANDLE_LENGTH:
        raise InputError(
            "{field} is {value!r}; a short name has only a-z, 0-9 and hyphens, at most 40.",
            field=field,
            hint="For example visa-2024.",
            value=text[:60],
        )
    return folded


def handle_from(name: str, *, taken: set[str], fallback: str) -> str:
    """A handle for a name; a number is added when it is taken.

    Names with nothing in a-z or 0-9 (李伟) get `fallback`.
    """
    apart = unicodedata.normalize("NFKD", name).casefold()
    folded = "".join(each for each in apart if not unicodedata.combining(each))
    words = re.findall(r"[a-z0-9]+", folded)
    stem = "-".join(words)[: HANDLE_LENGTH - 4].strip("-") or fallback
    candidate, number = stem, 1
    while candidate in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def same_name(left: str, right: str) -> bool:
    """Whether two names differ only in width, composition or case (NFKC, case-folded)."""
    return _folded(left) == _folded(right)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
