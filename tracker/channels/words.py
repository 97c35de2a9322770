"""What a person answers to a text: PAID and its refs, STOP, START, HELP, a code.

An answer is typed with thumbs, in capitals or not, with full-width letters, a
full stop, a smiley. What is meant is read generously, but a word that turns
texts off or on counts only when it is the whole message, as it does at Twilio.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Verb = Literal["paid", "stop", "start", "help", "code", "other"]

STOP = frozenset("STOP UNSUBSCRIBE END QUIT STOPALL REVOKE OPTOUT CANCEL 退订 退訂 停止 TD".split())
"""Twilio's own English words, which it acts on by itself; the others are ours alone.

https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out, read on 2026-11-24.
"""
START = frozenset("START UNSTOP 恢复 恢復".split())
HELP = frozenset("HELP INFO 帮助 幫助".split())

REF_LETTERS, REF_DIGITS = "CDFGHJKMNPQRTVWXY", "23456789"
"""A ref is one of each, twice or three times: no two look alike, and no word comes out."""

_LONGEST = 1600  # Twilio's limit for a body; the rest cannot be an answer to us
_MOST_REFS = 10
_PAID = r"PAID(?![A-Z])|已还|已還|办好|辦好|办妥|辦妥"
_REF = rf"(?<![0-9A-Z])(?:[{REF_LETTERS}][{REF_DIGITS}]){{2,3}}(?![0-9A-Z])"
_PAID_FIRST = re.compile(rf"(?:{_PAID})(.*)")
_PAID_LAST = re.compile(rf"((?:{_REF}[^0-9A-Z]*)+)(?:{_PAID})")
_NOT = re.compile(r"\b(?:NOT|NO|NOTHING|CANNOT|N'T|\w+N'T)\b|没|沒|未|不")
_CODE = re.compile(r"([0-9]{3})[ -]?([0-9]{3})")


@dataclass(frozen=True, slots=True)
class Word:
    """`refs` are those that PAID names, each once; for `code` its six digits."""

    verb: Verb
    refs: tuple[str, ...] = ()


def understand(body: str) -> Word:
    """What an answer means. Never raises, whatever came in, of whatever length."""
    text = _plain(body[:_LONGEST])
    # "Opt-out", "stop all": the same word with something between.
    whole = re.sub(r"[ -]", "", text)
    if whole in STOP:
        return Word("stop")
    if whole in START:
        return Word("start")
    if whole in HELP:
        return Word("help")
    if code := _CODE.fullmatch(text):
        return Word("code", (code[1] + code[2],))
    if found := _PAID_FIRST.fullmatch(text) or _PAID_LAST.fullmatch(text):
        rest = found[1]
        refs = tuple(dict.fromkeys(re.findall(_REF, rest)))[:_MOST_REFS]
        # "Paid nothing yet" is no claim; neither is "paid" inside a sentence.
        if not _NOT.search(rest) and (refs or not any(each.isalnum() for each in rest)):
            return Word("paid", refs)
    return Word("other")


def _plain(body: str) -> str:
    """On one line, in capitals and half-width, without what stands around the words."""
    shown = "".join(each for each in body if unicodedata.category(each) not in {"Cf", "Cs"})
    folded = unicodedata.normalize("NFKC", shown).upper().replace("\u2019", "'")
    text = " ".join(folded.split())
    begin, end = 0, len(text)
    while begin < end and not text[begin].isalnum():
        begin += 1
    while end > begin and not text[end - 1].isalnum():
        end -= 1
    return text[begin:end]
