"""What is wrong with an iCalendar file, byte by byte.

Readers forgive much (bare line feeds, long lines, one uid twice) and then differ
in what they show. This checks what RFC 5545 asks of the bytes themselves, and
what feeds for whole days need. It shares no code with the writer.
"""

from __future__ import annotations

import re
from datetime import date

REQUIRED_CALENDAR = ("VERSION", "PRODID")
REQUIRED_EVENT = ("UID", "DTSTAMP", "DTSTART", "SUMMARY")
REQUIRED_TODO = ("UID", "DTSTAMP", "DUE", "SUMMARY", "STATUS")
REQUIRED_ALARM = ("ACTION", "TRIGGER", "DESCRIPTION")
# fmt: off
ONCE = frozenset({
    "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS", "TRANSP", "CLASS",
    "SEQUENCE", "LAST-MODIFIED", "VERSION", "PRODID", "CALSCALE", "METHOD", "ACTION", "TRIGGER",
    "DUE", "COMPLETED", "PERCENT-COMPLETE",
})
# fmt: on
STATES = ("TENTATIVE", "CONFIRMED", "CANCELLED")
TODO_STATES = ("NEEDS-ACTION", "COMPLETED", "IN-PROCESS", "CANCELLED")
DURATION = re.compile(r"[+-]?P(?:\d+W|(?=\d|T\d)(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?)")
_NAME = re.compile(r'[A-Za-z0-9-]+((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*))*):')
# C1 controls, line ends of Unicode, and what turns the direction of the text.
_HIDDEN = re.compile("[\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


def problems(file: bytes) -> list[str]:
    """Every fault found, in the order of the file; an empty list for a good one."""
    found: list[str] = []
    if not file.endswith(b"\r\n"):
        found.append("the last line is not ended by CR LF")
    raw_lines = file.split(b"\r\n")[:-1] if file.endswith(b"\r\n") else file.split(b"\r\n")
    for number, raw in enumerate(raw_lines, 1):
        found.extend(f"line {number}: {fault}" for fault in _faults_of_line(raw))
    lines: list[str] = []
    for raw in raw_lines:
        text = raw.decode("utf-8", "replace")
        if text[:1] in (" ", "\t") and lines:
            lines[-1] += text[1:]
        else:
            lines.append(text)
    return found + _faults_of_structure(lines)


def _faults_of_line(raw: bytes) -> list[str]:
    found = []
    if len(raw) > 75:
        found.append(f"{len(raw)} octets, more than 75")
    if b"\n" in raw or b"\r" in raw:
        found.append("a bare CR or LF")
    if not raw:
        found.append("empty")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return [*found, "no UTF-8, or a character cut by a fold"]
    if any((octet < 0x20 and octet not in b"\t\r\n") or octet == 0x7F for octet in raw):
        found.append("a control character")
    if _HIDDEN.search(text):
        found.append("a hidden character")
    return found


def _faults_of_structure(lines: list[str]) -> list[str]:
    found: list[str] = []
    stack: list[tuple[str, dict[str, list[tuple[str, str]]]]] = []
    uids: set[str] = set()
    closed = False
    for text in lines:
        if not (match := _NAME.match(text)):
            found.append(f"no property: {text[:40]!r}")
            continue
        name = re.split("[;:]", text, maxsplit=1)[0].upper()
        parameters, value = match[1].upper(), text[match.end() :]
        if closed:
            found.append("something after the calendar's end")
        if name == "BEGIN":
            stack.append((value, {}))
        elif name == "END":
            if not stack or stack[-1][0] != value:
                found.append(f"END:{value} ends nothing")
                continue
            kind, properties = stack.pop()
            found += _faults_of_component(kind, properties, uids)
            closed = not stack
        elif not stack:
            found.append(f"{name} outside of a component")
        else:
            stack[-1][1].setdefault(name, []).append((parameters, value))
    if stack or not closed:
        found.append("a component is not ended")
    return found


def _faults_of_component(
    kind: str, properties: dict[str, list[tuple[str, str]]], uids: set[str]
) -> list[str]:
    found = [f"{kind}: {name} twice" for name in ONCE if len(properties.get(name, ())) > 1]
    required = {
        "VCALENDAR": REQUIRED_CALENDAR,
        "VEVENT": REQUIRED_EVENT,
        "VTODO": REQUIRED_TODO,
        "VALARM": REQUIRED_ALARM,
    }.get(kind, ())
    found += [
        f"{kind}: no {name}"
        for name in required
        if not any(value for _, value in properties.get(name, ()))
    ]
    values = {name: given[0] for name, given in properties.items()}
    if kind in ("VEVENT", "VTODO"):
        uid = values.get("UID", ("", ""))[1]
        if uid in uids:
            found.append(f"{kind}: the UID {uid!r} twice")
        uids.add(uid)
        found += _faults_of_event(values) if kind == "VEVENT" else _faults_of_todo(values)
    if kind == "VALARM" and not DURATION.fullmatch(values.get("TRIGGER", ("", "P0D"))[1]):
        found.append("VALARM: TRIGGER is no duration")
    for name in ("SUMMARY", "DESCRIPTION"):
        if re.search(r"(?<!\\)(?:\\\\)*(?:\\[^\\;,nN]|\\$|[;,])", values.get(name, ("", ""))[1]):
            found.append(f"{kind}: {name} is not escaped")
    return found


def _faults_of_event(values: dict[str, tuple[str, str]]) -> list[str]:
    found = []
    days = {}
    for name in ("DTSTART", "DTEND"):
        if name not in values:
            continue
        parameters, value = values[name]
        try:
            if not re.fullmatch(r"\d{8}", value) or "VALUE=DATE" not in parameters.split(";"):
                raise ValueError
            days[name] = date.fromisoformat(value)
        except ValueError:
            found.append(f"VEVENT: {name} is no whole day")
    if len(days) == 2 and days["DTEND"] <= days["DTSTART"]:
        found.append("VEVENT: DTEND is not after DTSTART")
    if values.get("STATUS", ("", "CONFIRMED"))[1] not in STATES:
        found.append("VEVENT: STATUS is none of the three")
    return found + _faults_of_stamps("VEVENT", values)


def _faults_of_todo(values: dict[str, tuple[str, str]]) -> list[str]:
    found = []
    parameters, due = values.get("DUE", (";VALUE=DATE", "20260101"))
    try:
        if not re.fullmatch(r"\d{8}", due) or "VALUE=DATE" not in parameters.split(";"):
            raise ValueError
        date.fromisoformat(due)
    except ValueError:
        found.append("VTODO: DUE is no whole day")
    state, percent = (values.get(name, ("", ""))[1] for name in ("STATUS", "PERCENT-COMPLETE"))
    if state not in TODO_STATES:
        found.append("VTODO: STATUS is none of the four")
    if (state == "COMPLETED") != ("COMPLETED" in values) or (state == "COMPLETED") != (
        percent == "100"
    ):
        found.append("VTODO: STATUS, COMPLETED and PERCENT-COMPLETE contradict one another")
    if "DTSTART" in values:
        found.append("VTODO: DTSTART hides it until then")
    return found + _faults_of_stamps("VTODO", values)


def _faults_of_stamps(kind: str, values: dict[str, tuple[str, str]]) -> list[str]:
    found = []
    for name in ("DTSTAMP", "LAST-MODIFIED", "COMPLETED"):
        if not re.fullmatch(r"\d{8}T\d{6}Z", values.get(name, ("", "20260101T000000Z"))[1]):
            found.append(f"{kind}: {name} is no instant in UTC")
    if not re.fullmatch(r"\d+", values.get("SEQUENCE", ("", "0"))[1]):
        found.append(f"{kind}: SEQUENCE is no number")
    return found
