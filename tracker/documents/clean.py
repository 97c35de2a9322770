"""Text that strangers wrote, made fit for a document.

A creditor's name or a note may hold line ends that break a calendar file,
escape sequences, or marks that turn the direction of what follows.
"""

from __future__ import annotations

import re
import unicodedata

# Every end of line that some reader takes for one: CR LF, NEL, VT, FF, LS, PS.
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")

# What nobody types on purpose: controls (C0, DEL, C1; tab is handled before),
# embeddings, overrides and isolates of direction, byte order marks, halves of
# surrogate pairs (which have no UTF-8 form), and code points that are no characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_SPACES = re.compile(r"[ \t]+")


def paragraph(text: str, *, limit: int = 4000) -> str:
    """The text with `\\n` as its only control, in NFC, at most `limit` characters.

    Spaces at either end go; longer text ends in an ellipsis.
    """
    text = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    text = unicodedata.normalize("NFC", _UNWANTED.sub("", text)).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def line(text: str, *, limit: int = 250) -> str:
    """The text on one line, runs of spaces made one; otherwise as `paragraph`."""
    return paragraph(_SPACES.sub(" ", _LINE_ENDS.sub(" ", text)), limit=limit)
