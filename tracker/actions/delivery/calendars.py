"""The servers that mirrors lie on: one interface over a CalDAV calendar and a WebDAV file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tracker.actions.office import Office
from tracker.channels import dav, webdav
from tracker.channels.caldav import CalDav, Conflict
from tracker.channels.items import is_calendar
from tracker.channels.message import ChannelError, Failure
from tracker.language import N_
from tracker.store.mirrors import MirrorRow

OTHER_FILE = N_("Another file lies at this address; give one where none is yet.")


@dataclass(frozen=True, slots=True)
class Done:
    """The server has the file, or has it no longer; the etag where it tells one."""

    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """Another version of the file was there; nothing was written."""

    ics: bytes
    etag: str | None


class Server(Protocol):
    """An `etag` is of the version that is replaced, None for a new file. Raises ChannelError."""

    def put(self, uid: str, content: bytes, etag: str | None, /) -> Done | Met: ...

    def delete(self, uid: str, etag: str | None, /) -> Done | Met: ...


@dataclass(frozen=True, slots=True)
class Calendar:
    """A CalDAV collection, in which each item is a file."""

    client: CalDav

    def put(self, uid: str, content: bytes, etag: str | None, /) -> Done | Met:
        try:
            return Done(self.client.put(uid, content, etag).etag)
        except Conflict as conflict:
            return Met(conflict.ics, conflict.etag)

    def delete(self, uid: str, etag: str | None, /) -> Done | Met:
        try:
            self.client.delete(uid, etag)
        except Conflict as conflict:
            return Met(conflict.ics, conflict.etag)
        return Done()


@dataclass(frozen=True, slots=True)
class File:
    """One file at a WebDAV address, which nobody else writes: so no version is asked for.

    Where this one file is refused, nothing goes: somebody has to see to the address.
    """

    account: dav.Account

    def put(self, uid: str, content: bytes, etag: str | None, /) -> Done | Met:
        try:
            webdav.put(
                self.account.url,
                content,
                content_type="text/calendar; charset=utf-8",
                username=self.account.username,
                password=self.account.password,
                timeout=self.account.timeout_seconds,
                allow_plain=self.account.allow_plain,
                ca_file=self.account.ca_file,
                simulated=self.account.simulated,
            )
        except ChannelError as error:
            raise _of_account(error) from None
        return Done()

    def delete(self, uid: str, etag: str | None, /) -> Done | Met:
        try:
            webdav.delete(
                self.account.url,
                username=self.account.username,
                password=self.account.password,
                timeout=self.account.timeout_seconds,
                allow_plain=self.account.allow_plain,
                ca_file=self.account.ca_file,
                simulated=self.account.simulated,
            )
        except ChannelError as error:
            raise _of_account(error) from None
        return Done()


def account(office: Office, mirror: MirrorRow) -> dav.Account:
    settings = office.settings.caldav
    return dav.Account(
        url=mirror.url,
        username=mirror.username,
        password=mirror.secret,
        timeout_seconds=settings.timeout_seconds,
        allow_plain=settings.allow_plain,
        ca_file=settings.ca_file,
        simulated=office.clock.simulated,
    )


def server(office: Office, mirror: MirrorRow) -> Server:
    own = account(office, mirror)
    return File(own) if mirror.kind == "webdav" else Calendar(CalDav(own))


def check(office: Office, mirror: MirrorRow, content: bytes) -> None:
    """That what is to go there can be written there; a file is written at once.

    For the moment of setting up. Raises ChannelError.
    """
    own = account(office, mirror)
    if mirror.kind == "caldav":
        CalDav(own).check()
        return
    answer = dav.request(own, "GET", own.url)
    if answer.status == 200 and not is_calendar(answer.body):
        raise ChannelError(Failure.permanent, OTHER_FILE)
    if answer.status not in {200, 204, 404, 410}:
        raise dav.refusal(answer)
    File(own).put("", content, None)


def _of_account(error: ChannelError) -> ChannelError:
    if error.kind is not Failure.permanent:
        return error
    return ChannelError(Failure.account, error.reason, code=error.code)
