"""Calendar items as they come back from a server: read for what they mean, whoever wrote them.

Servers set the properties in another order and fold anew; phones add their own.
So the bytes say nothing; and nothing here fails, however broken an item is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(
    r"""\s* (?P<name> [A-Za-z0-9-]+)
        (?P<parameters> (?: ; [^:;"]* (?: "[^"]*" [^:;"]* )* )* )
        : (?P<value> .*)""",
    re.VERBOSE | re.DOTALL,
)
_RELATED = re.compile(r";RELATED=\"?END\b", re.IGNORECASE)
_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,6})S)?)?",
    re.ASCII,
)
_DEEPEST = 8
_HUNDRED = re.compile(r"\+?0*100(?:\.0*)?", re.ASCII)
# What a person would see a change of. Stamps, sequences and a phone's own
# properties are no part of that.
# fmt: off
_SEEN = frozenset({
    "UID", "DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "SUMMARY", "DESCRIPTION", "STATUS",
    "COMPLETED", "PERCENT-COMPLETE",
})
# fmt: on
_DEFAULTS = {
    ("VEVENT", "STATUS"): "CONFIRMED",
    ("VTODO", "STATUS"): "NEEDS-ACTION",
    ("VTODO", "PERCENT-COMPLETE"): "0",
}


def is_ticked(ics: bytes) -> bool:
    """Whether the item is a to-do that was ticked.

    Each app writes its own choice of the three properties: older iOS and Tasks.org
    only the percentage, and beside it the old status (tasks/tasks#719, Baikal#579).
    So one of them is enough.
    """
    return any(
        (name == "STATUS" and value.upper() == "COMPLETED")
        or (name == "COMPLETED" and value != "")
        or (name == "PERCENT-COMPLETE" and _HUNDRED.fullmatch(value) is not None)
        for within, name, _, value in _properties(ics)
        if within[-1:] == ("VTODO",)
    )


def completed(ics: bytes) -> str:
    """When a to-do says that it was ticked, as it is written there; "" where it does not."""
    return next(
        (
            value
            for within, name, _, value in _properties(ics)
            if within[-1:] == ("VTODO",) and name == "COMPLETED" and value
        ),
        "",
    )


def same(ours: bytes, theirs: bytes) -> bool:
    """Whether two items mean the same to whoever looks at them."""
    return _meaning(ours) == _meaning(theirs)


def is_calendar(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper() == b"BEGIN:VCALENDAR"


def _meaning(ics: bytes) -> list[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    components = set()
    for within, name, parameters, value in _properties(ics):
        kind = within[-1] if within else ""
        if kind in {"VEVENT", "VTODO"}:
            components.add(kind)
            if name in _SEEN:
                found.add((kind, name, _plain(value)))
        elif kind == "VALARM" and name == "TRIGGER":
            end = "END" if _RELATED.search(parameters) else "START"
            found.add((kind, name, end, _seconds(value)))
    given = {each[:2] for each in found}
    for (kind, name), value in _DEFAULTS.items():
        if kind in components and (kind, name) not in given:
            found.add((kind, name, value))
    return sorted(found)


def _properties(ics: bytes) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """Each property: the components around it from the outside in, name, parameters, value."""
    text = re.sub(r"\r\n?", "\n", ics.decode("utf-8-sig", "replace"))
    within: list[str] = []
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        if not (match := _LINE.fullmatch(line)):
            continue
        name, value = match["name"].upper(), match["value"].strip()
        if name == "BEGIN":
            if len(within) < _DEEPEST:
                within.append(value.upper())
        elif name == "END":
            # One that was not ended ends with what is around it.
            if value.upper() in within:
                while within.pop() != value.upper():
                    pass
        else:
            yield tuple(within), name, match["parameters"], value


def _plain(value: str) -> str:
    """A text without its escapes, which not every writer sets alike."""
    lines = re.sub(r"\\([nN])|\\(.)", lambda each: "\n" if each[1] else each[2], value)
    return "\n".join(line.strip() for line in lines.split("\n")).strip()


def _seconds(value: str) -> str:
    """A duration as seconds: -P1D and -PT24H are one; anything else as it is."""
    found = _DURATION.fullmatch(value.upper())
    if not found:
        return value
    weeks, days, hours, minutes, seconds = (
        int(found[name] or 0) for name in ("weeks", "days", "hours", "minutes", "seconds")
    )
    total = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds
    return str(-total if found["sign"] == "-" else total)
