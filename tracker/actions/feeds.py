"""Calendar subscriptions: their tokens, and the file that a plan makes.

The bytes depend on the data and the month alone: nothing is marked late, and the
window moves with the month, so that an unchanged plan is an unchanged file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from tracker import __version__
from tracker.actions import events
from tracker.actions.delivery import subjects
from tracker.actions.office import Effect, Nothing, Office, PersonContext, Request, Result
from tracker.core import dates, text
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import people, reports
from tracker.store.db import add as insert
from tracker.store.reports import FeedRow

CACHED_FILES = 64


class NewFeed(Request):
    name: str | None = None
    detail: str | None = None


class OneFeed(Request):
    feed: str


class Push(Request):
    folder: str
    feed: str | None = None
    detail: str | None = None


class Feed(Result):
    feed: str
    detail: str
    created_at: datetime
    revoked_at: datetime | None


class Feeds(Result):
    feeds: list[Feed]


class NewToken(Result):
    """`token` is shown once and never again; only its hash is kept."""

    feed: str
    detail: str
    token: str
    url: str


class Pushed(Result):
    path: str
    events: int
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFile:
    body: bytes
    etag: str
    last_modified: datetime


def add(ctx: PersonContext, request: NewFeed) -> NewToken:
    rows = reports.feeds(ctx.session, ctx.person.id)
    taken = {row.handle for row in rows}
    handle = (
        text.handle(request.name, field="name")
        if request.name
        else text.handle_from("calendar", taken=taken, fallback="calendar")
    )
    if handle in taken:
        raise ConflictError(
            "There is a feed {handle!r} already.",
            field="name",
            hint=N_("Give it another name, or `tracker feed rotate {handle}` for a new address."),
            handle=handle,
        )
    token = secrets.token_urlsafe(32)
    row = insert(
        ctx.session,
        FeedRow(
            person_id=ctx.person.id,
            handle=handle,
            token_sha256=hashed(token),
            detail=_detail(request.detail),
            created_at=ctx.now,
        ),
    )
    return _told(ctx, row, token)


def list_feeds(ctx: PersonContext, request: Nothing) -> Feeds:
    return Feeds(
        feeds=[
            Feed(
                feed=row.handle,
                detail=row.detail,
                created_at=row.created_at,
                revoked_at=row.revoked_at,
            )
            for row in reports.feeds(ctx.session, ctx.person.id)
        ]
    )


def rotate(ctx: PersonContext, request: OneFeed) -> NewToken:
    """A new address; the old one is nobody's from now on."""
    row = _find(ctx, request.feed)
    token = secrets.token_urlsafe(32)
    row.token_sha256 = hashed(token)
    row.revoked_at = None
    insert(ctx.session, row)
    return _told(ctx, row, token)


def revoke(ctx: PersonContext, request: OneFeed) -> Feed:
    row = _find(ctx, request.feed)
    row.revoked_at = row.revoked_at or ctx.now
    insert(ctx.session, row)
    return Feed(
        feed=row.handle,
        detail=row.detail,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        said=[ctx.language.text("The feed {feed} is revoked.", feed=row.handle)],
    )


def push(effect: Effect, request: Push) -> Pushed:
    """Write the file into a folder, whole or not at all; unchanged bytes are left alone."""
    folder = Path(request.folder).expanduser()
    if not folder.is_dir():
        raise InputError(
            "folder is {value!r}, which is no folder.",
            field="folder",
            hint=N_("Make it first; the daemon must be allowed to write there."),
            value=request.folder[:200],
        )
    with effect.read() as ctx:
        row = _find(ctx, request.feed) if request.feed else None
        detail = _detail(request.detail) if request.detail or row is None else row.detail
        found = events.of_person(ctx, detail)
        body = events.rendered(ctx, found)
        name = row.handle if row else "calendar"
    path = folder / f"{name}.ics"
    changed = not path.exists() or path.read_bytes() != body
    if changed:
        try:
            _replace(path, body)
        except OSError as error:
            raise InputError(
                "folder is {value!r}, which cannot be written to: {reason}.",
                field="folder",
                hint=N_("Check who owns it."),
                value=request.folder[:200],
                reason=error.strerror or str(error),
            ) from error
    said = effect.language.text("{count} events in {path}.", count=len(found), path=str(path))
    return Pushed(path=str(path), events=len(found), changed=changed, said=[said])


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_files: OrderedDict[str, FeedFile] = OrderedDict()
_files_lock = threading.Lock()


def feed_bytes(office: Office, token: str, now: datetime) -> FeedFile | None:
    """The file behind a token; None for one that is unknown or revoked."""
    with office.database.read() as session:
        row = reports.feed_by_token(session, hashed(token))
        if row is None:
            return None
        person = people.by_id(session, row.person_id)
        ctx = subjects.context(office, session, person, now)
        etag = _etag(ctx, row)
        with _files_lock:
            known = _files.get(etag)
            if known is not None:
                _files.move_to_end(etag)
                return known
        found = events.of_person(ctx, row.detail)
        # The window moves with the month, so the file is at least as new as that.
        month = dates.instant(ctx.today.replace(day=1), time(0), ctx.person.zone)
        newest = max([month, row.created_at, *(event.stamp for event in found)])
        made = FeedFile(body=events.rendered(ctx, found), etag=etag, last_modified=newest)
    with _files_lock:
        _files[etag] = made
        while len(_files) > CACHED_FILES:
            _files.popitem(last=False)
    return made


def _etag(ctx: PersonContext, row: FeedRow) -> str:
    """Feed, data, month and renderer: what the bytes depend on."""
    settings = ctx.settings.reminders
    parts = (
        row.token_sha256,
        row.detail,
        str(ctx.person.id),
        str(ctx.person.revision),
        f"{ctx.today:%Y-%m}",
        __version__,
        ",".join(settings.offsets),
        settings.send_time,
        ctx.settings.database.url,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _find(ctx: PersonContext, name: str) -> FeedRow:
    for row in reports.feeds(ctx.session, ctx.person.id):
        if row.handle == name.strip().casefold():
            return row
    raise NotFoundError(
        "There is no feed {value!r}.",
        field="feed",
        hint=N_("`tracker feed list` shows them."),
        value=name[:40],
    )


def _detail(typed: str | None) -> str:
    detail = (typed or "neutral").strip().casefold()
    if detail not in reports.DETAILS:
        raise InputError(
            "detail is {value!r}; a feed is neutral or full.",
            field="detail",
            hint=N_("neutral shows no creditor and no amount."),
            value=detail[:40],
        )
    return detail


def _told(ctx: PersonContext, row: FeedRow, token: str) -> NewToken:
    settings = ctx.settings
    base = settings.feed.public_url or settings.web.public_url
    if not base:
        base = f"http://{settings.feed.bind or settings.web.bind}"
    url = f"{base.rstrip('/')}/feed/{token}.ics"
    return NewToken(
        feed=row.handle,
        detail=row.detail,
        token=token,
        url=url,
        said=[
            ctx.language.text("Subscribe to {url}", url=url),
            ctx.language.text("The address is shown this once; whoever has it reads the calendar."),
        ],
    )


def _replace(path: Path, body: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(temporary, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
