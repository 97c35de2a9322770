"""What a WebDAV server answers to a PROPFIND: RFC 4918, 14.16, from a server that may lie.

A document type is refused before anything is parsed, since entities belong to it:
those that grow without end, and those that read files. An answer is data here
and nothing else; no address in it is ever asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as XML

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDARSERVER = "{http://calendarserver.org/ns/}"

_SHORT = {DAV: "D", CALDAV: "C", CALENDARSERVER: "S"}
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)|\0", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """What is said of one resource: its properties by name, those that were found.

    `status` is of the resource as a whole, where the server tells no properties.
    """

    href: str
    status: int | None
    properties: Mapping[str, XML.Element]

    @property
    def name(self) -> str:
        """The last part of its path, decoded; hrefs come absolute, relative, or with a slash."""
        try:
            path = urlsplit(self.href.strip()).path
        except ValueError:
            return ""
        return unquote(path.rstrip("/").rpartition("/")[2])

    def text(self, name: str) -> str:
        """A property's own text, or "" where there is none."""
        element = self.properties.get(name)
        return "" if element is None else (element.text or "").strip()

    def names_in(self, name: str) -> set[str]:
        """The elements that a property consists of."""
        return {each.tag for each in self.properties.get(name, ())}


def asking_for(*properties: str) -> bytes:
    """The body of a PROPFIND for these, each with its namespace in braces."""
    spaces = "".join(f' xmlns:{short}="{space[1:-1]}"' for space, short in _SHORT.items())
    parts = [each.partition("}") for each in properties]
    names = "".join(f"<{_SHORT[space + end]}:{name}/>" for space, end, name in parts)
    head = '<?xml version="1.0" encoding="utf-8"?>'
    return f"{head}<D:propfind{spaces}><D:prop>{names}</D:prop></D:propfind>".encode()


def read(body: bytes) -> list[Response]:
    """The responses in order. Raises ValueError for anything but a multistatus."""
    text = body.decode("utf-8-sig")
    if _FORBIDDEN.search(text):
        raise ValueError("a document type, or bytes that are no text")
    try:
        # As text, so that a declared encoding cannot make other characters of it.
        root = XML.fromstring(text)
    except XML.ParseError as error:
        raise ValueError("no well-formed XML") from error
    if root.tag != f"{DAV}multistatus":
        raise ValueError("no multistatus")
    return [_response(each) for each in root.iterfind(f"{DAV}response")]


def _response(element: XML.Element) -> Response:
    properties: dict[str, XML.Element] = {}
    for part in element.iterfind(f"{DAV}propstat"):
        if _status(part) in {200, None}:
            for group in part.iterfind(f"{DAV}prop"):
                properties.update((each.tag, each) for each in group)
    href = element.findtext(f"{DAV}href") or ""
    return Response(href, _status(element), properties)


def _status(element: XML.Element) -> int | None:
    """Of a line such as `HTTP/1.1 404 Not Found`."""
    line = element.findtext(f"{DAV}status") or ""
    found = re.match(r"\s*HTTP/[\d.]+\s+(\d{3})(?!\d)", line, re.ASCII)
    return int(found[1]) if found else None
