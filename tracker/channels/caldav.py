"""Calendar items on somebody's CalDAV server (RFC 4791): put there, changed, heard, taken away.

Every call may be repeated. A PUT names the version that it replaces, so that an
answer that was lost, or a change on the phone meanwhile, shows as 412; what is
there then is read: equal to ours, and its tag is adopted; anything else is the
caller's to decide. Only addresses below the calendar's own are asked, each made
here from a uid, and none that a server names.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from tracker.channels import dav, multistatus
from tracker.channels.items import is_calendar, is_ticked, same
from tracker.channels.message import ChannelError, Failure
from tracker.channels.multistatus import CALDAV, CALENDARSERVER, DAV, Response
from tracker.language import N_

__all__ = ["CalDav", "Conflict", "Item", "Put", "is_ticked", "same", "ticked"]

NO_CALENDAR = N_(
    "There is no calendar at this address. Give the calendar's own address, which its "
    "settings show; not that of the server or of the account."
)
NO_DAV = N_("What answers at this address is no calendar server (code {code}).")
NO_EVENTS = N_("This calendar takes no events; give the address of one that does.")
NO_TODOS = N_("This calendar takes no to-dos; give the address of one that does.")
NEITHER = N_("This calendar takes neither events nor to-dos; give the address of one that does.")
READ_ONLY = N_("The server does not let this user write to the calendar.")
UNREADABLE = N_("The calendar server's answer cannot be read.")
INCOMPLETE = N_("The calendar server's list is not complete.")
ID_TAKEN = N_("The calendar holds this item under another name; delete it there (code {code}).")
RESTLESS = N_("The calendar changes too often to be written to at the moment.")

_ROUNDS = 3
_GONE = {404, 410}
_WRITING = {f"{DAV}{name}" for name in ("all", "write", "write-content", "bind")}
_ABOUT = (
    f"{DAV}resourcetype",
    f"{CALDAV}supported-calendar-component-set",
    f"{DAV}current-user-privilege-set",
)


@dataclass(frozen=True, slots=True)
class Put:
    """The server holds the item.

    `etag` is of what was put; None where the server tells none, or holds already
    something else. `changed` is False where it was there without this request.
    """

    etag: str | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Item:
    uid: str
    etag: str | None
    ics: bytes


class Conflict(Exception):
    """Somebody changed the item on the server; nothing was written.

    To win over it all the same, repeat the call with its `etag`.
    """

    def __init__(self, ics: bytes, etag: str | None) -> None:
        super().__init__("the item was changed on the server")
        self.ics = ics
        self.etag = etag


class CalDav:
    """One calendar, at its own address. Safe to use from several threads.

    All methods raise ChannelError: `account` where nothing can be done until
    somebody sees to the address, the password or the calendar; `permanent` where
    this one item is refused; otherwise `transient`: repeat the same call.
    An `etag` is given back to this class as it came, and means nothing elsewhere.
    """

    def __init__(self, account: dav.Account) -> None:
        self._account = account
        self._url = account.url  # what is no address is refused with the first request
        with contextlib.suppress(ValueError):
            scheme, host, path, _, _ = urlsplit(account.url)
            self._url = urlunsplit((scheme, host, path.rstrip("/") + "/", "", ""))

    def check(self, *, events: bool = True, todos: bool = True) -> None:
        """That the address is a calendar which takes what is to be written.

        For the moment of setting up: where the address itself is wrong, the
        ChannelError is permanent and says which one to give.
        """
        try:
            about = self._collection(*_ABOUT)
        except ChannelError as error:
            if error.reason in {NO_CALENDAR, NO_DAV, UNREADABLE}:
                raise ChannelError(Failure.permanent, error.reason, code=error.code) from None
            raise
        if f"{CALDAV}calendar" not in about.names_in(f"{DAV}resourcetype"):
            raise ChannelError(Failure.permanent, NO_CALENDAR)
        # RFC 4791, 5.2.3: without the property, a calendar takes everything.
        if (kinds := about.properties.get(f"{CALDAV}supported-calendar-component-set")) is not None:
            taken = {each.get("name", "").upper() for each in kinds}
            no_events, no_todos = events and "VEVENT" not in taken, todos and "VTODO" not in taken
            if no_events or no_todos:
                reason = NEITHER if no_events and no_todos else NO_EVENTS if no_events else NO_TODOS
                raise ChannelError(Failure.permanent, reason)
        if (rights := about.properties.get(f"{DAV}current-user-privilege-set")) is not None:
            allowed = {right.tag for each in rights for right in each}
            if allowed and not allowed & _WRITING:
                raise ChannelError(Failure.account, READ_ONLY)

    def put(self, uid: str, ics: bytes, etag: str | None) -> Put:
        """Make the item what `ics` says; `etag` is of what it replaces, None for a new one.

        Raises Conflict where something else is there than `etag` means. An item
        that was deleted on the server is made anew.
        """
        expected = etag
        for _ in range(_ROUNDS):
            condition = {"If-None-Match": "*"} if expected is None else {"If-Match": expected}
            headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
            answer = self._ask("PUT", self._address(uid), body=ics, headers=headers)
            if 200 <= answer.status < 300:
                return Put(self._tag_of(uid, ics, answer), changed=True)
            if answer.status == 412 or (answer.status in _GONE and expected is not None):
                there = self.get(uid)
                if there is None:
                    expected = None
                elif same(ics, there.ics):
                    return Put(there.etag, changed=False)
                elif there.etag is not None and there.etag == expected:
                    # A server that cannot compare the tag it gives would refuse for ever.
                    expected = "*"
                else:
                    raise Conflict(there.ics, there.etag)
                continue
            raise _refused(answer)
        raise ChannelError(Failure.transient, RESTLESS)

    def delete(self, uid: str, etag: str | None) -> None:
        """Take the item away; one that is not there is no error.

        Raises Conflict for a to-do that was ticked meanwhile, so that the tick is
        heard first. Any other change of what is not wanted any more is lost.
        """
        expected = etag
        for _ in range(_ROUNDS):
            if expected is not None:
                headers = {"If-Match": expected}
                answer = self._ask("DELETE", self._address(uid), headers=headers)
                if 200 <= answer.status < 300 or answer.status in _GONE:
                    return
                if answer.status != 412:
                    raise _refused(answer)
            there = self.get(uid)
            if there is None:
                return
            if there.etag != etag and is_ticked(there.ics):
                raise Conflict(there.ics, there.etag)
            expected = "*" if there.etag in {None, expected} else there.etag
        raise ChannelError(Failure.transient, RESTLESS)

    def get(self, uid: str) -> Item | None:
        """The item as it is there, or None."""
        answer = self._read(uid)
        if answer is None:
            return None
        etag = _etag(answer.headers.get("etag", ""))
        if etag is None and (etag := self.list().get(uid)) is not None:
            # Read again: a tag must never be newer than what is taken for its content.
            answer = self._read(uid)
        return Item(uid, etag, answer.body) if answer is not None else None

    def list(self) -> dict[str, str | None]:
        """The etag of every item in the calendar by the uid that its file is named after.

        What is missing here is not there: a list that a server cut short is an error.
        """
        found: dict[str, str | None] = {}
        told = self._propfind("1", f"{DAV}getetag", f"{DAV}resourcetype")
        for each in told:
            if each.status is not None and each.status >= 500:
                raise ChannelError(Failure.transient, INCOMPLETE)
            folder = f"{DAV}collection" in each.names_in(f"{DAV}resourcetype")
            if not folder and each.status in {200, None} and each.name.endswith(".ics"):
                uid = each.name.removesuffix(".ics")
                found[uid] = _etag(each.text(f"{DAV}getetag"))
        return found

    def ctag(self) -> str | None:
        """A word that changes with anything in the calendar; None where the server has none.

        With None, `list` says what changed.
        """
        about = self._collection(f"{CALENDARSERVER}getctag", f"{DAV}sync-token")
        told = (about.text(f"{CALENDARSERVER}getctag"), about.text(f"{DAV}sync-token"))
        return next((each[:500] for each in told if each), None)

    def _tag_of(self, uid: str, ics: bytes, answer: dav.Answer) -> str | None:
        """The etag of what was just put.

        A server that rewrites what it stores may tell none (RFC 4791, 5.3.4). What was
        put over between the two requests must not be taken for ours: with its tag, a
        tick on the phone would never be looked at.
        """
        if (etag := _etag(answer.headers.get("etag", ""))) is not None:
            return etag
        there = self.get(uid)
        return there.etag if there is not None and same(ics, there.ics) else None

    def _collection(self, *properties: str) -> Response:
        told = self._propfind("0", *properties)
        if not told or told[0].status in _GONE:
            raise ChannelError(Failure.account, NO_CALENDAR)
        return told[0]

    def _propfind(self, depth: str, *properties: str) -> tuple[Response, ...]:
        body = multistatus.asking_for(*properties)
        headers = {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"}
        answer = self._ask("PROPFIND", self._url, body=body, headers=headers)
        if answer.status in _GONE:
            raise ChannelError(Failure.account, NO_CALENDAR)
        if answer.status in {200, 405, 501}:  # a web page, or a server of web pages
            raise ChannelError(Failure.transient, NO_DAV, code=str(answer.status))
        if answer.status != 207:
            raise dav.refusal(answer)
        try:
            return tuple(multistatus.read(answer.body))
        except ValueError:
            raise ChannelError(Failure.transient, UNREADABLE) from None

    def _read(self, uid: str) -> dav.Answer | None:
        answer = self._ask("GET", self._address(uid))
        if answer.status in _GONE:
            return None
        if answer.status != 200:
            raise _refused(answer)
        if not is_calendar(answer.body):
            raise ChannelError(Failure.transient, NO_DAV, code=str(answer.status))
        return answer

    def _address(self, uid: str) -> str:
        return f"{self._url}{quote(uid, safe='')}.ics"

    def _ask(
        self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] = {}
    ) -> dav.Answer:
        try:
            answer = dav.request(self._account, method, url, body=body, headers=headers)
        except ChannelError as error:
            if error.kind is not Failure.unknown:
                raise
            # Whether it was done shows when it is done again.
            raise ChannelError(Failure.transient, error.reason, code=error.code) from None
        # A page of maintenance or of a hotel says 200 to everything; that is no "stored".
        if answer.status == 200 and "html" in answer.headers.get("content-type", "").lower():
            raise ChannelError(Failure.transient, NO_DAV, code="200")
        return answer


def ticked(items: Iterable[Item]) -> set[str]:
    """The uids of those that are to-dos which were ticked."""
    return {each.uid for each in items if is_ticked(each.ics)}


def _etag(told: str) -> str | None:
    """A tag as If-Match takes it, or None.

    Without `W/`: proxies that compress mark the server's own tags as weak, and a
    weak one never matches (RFC 9110, 13.1.1; koreader#15707). Some servers
    leave the quotes out in XML.
    """
    tag = told.strip().removeprefix("W/").strip('"')
    return f'"{tag}"' if re.fullmatch(r"[\x21\x23-\x7e]{1,500}", tag) else None


def _refused(answer: dav.Answer) -> ChannelError:
    """What a refusal of PUT, GET or DELETE means. RFC 4791, 5.3.2.1, names the conditions."""
    code = str(answer.status)
    if b"no-uid-conflict" in answer.body:
        return ChannelError(Failure.permanent, ID_TAKEN, code=code)
    if answer.status == 403:
        # Nextcloud's trash bin cannot take an item that it holds already (server#42582).
        if any(each in answer.body for each in (CALDAV[1:-1].encode(), b"trashbin")):
            return ChannelError(Failure.permanent, dav.REFUSED, code=code)
        return ChannelError(Failure.account, READ_ONLY)
    if answer.status in {404, 409, 410}:
        return ChannelError(Failure.account, NO_CALENDAR, code=code)
    return dav.refusal(answer)
