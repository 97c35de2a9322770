"""A mirror as it is typed in: checked, and kept in the row that its address had before."""

from __future__ import annotations

from tracker.actions.office import PersonContext, Request
from tracker.core import reading, text
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import mirrors
from tracker.store.db import add as insert
from tracker.store.mirrors import MirrorRow

LONGEST_URL, LONGEST_SECRET = 2_000, 1_000


class NewMirror(Request):
    """`user` left out: the server asks for no sign-in."""

    kind: str
    url: str
    user: str | None = None
    password: str | None = None
    name: str | None = None
    detail: str | None = None


def typed(ctx: PersonContext, request: NewMirror) -> MirrorRow:
    """What was typed, as a row that is in no session."""
    from tracker.channels import dav

    kind = request.kind.strip().casefold()
    if kind not in mirrors.KINDS:
        raise InputError(
            "kind is {value!r}; a mirror is caldav or webdav.",
            field="kind",
            hint=N_("caldav is a calendar on a server, webdav one file with all of it."),
            value=reading.shown(request.kind),
        )
    url = dav.check_address(request.url, allow_plain=ctx.settings.caldav.allow_plain)
    if kind == "caldav":
        url = url.rstrip("/") + "/"
    if len(url) > LONGEST_URL:
        raise InputError("The address is longer than {limit}.", field="url", limit=LONGEST_URL)
    known = _at(ctx, kind, url)
    detail = (request.detail or (known.detail if known else "neutral")).strip().casefold()
    if detail not in mirrors.DETAILS:
        raise InputError(
            "detail is {value!r}; a mirror is neutral or full.",
            field="detail",
            hint=N_("neutral shows no creditor and no amount."),
            value=reading.shown(detail),
        )
    user = text.optional_line(request.user, field="user", longest=200) or ""
    password = request.password or ""
    if len(password) > LONGEST_SECRET or any(each in password for each in "\r\n\0"):
        raise InputError(
            "The password is no single line of at most {limit}.",
            field="password",
            limit=LONGEST_SECRET,
        )
    if bool(user) != bool(password):
        raise InputError(
            "A user and a password belong together; one of them is missing.",
            field="password" if user else "user",
            hint=N_("Leave out both for a server that asks for neither."),
        )
    return MirrorRow(
        person_id=ctx.person.id,
        name=_name(ctx, request.name, known),
        kind=kind,
        url=url,
        username=user,
        secret=password,
        detail=detail,
        added_at=ctx.now,
    )


def _at(ctx: PersonContext, kind: str, url: str) -> MirrorRow | None:
    """The person's own with this address, in use or not."""
    own = None
    for row in mirrors.at(ctx.session, url):
        if row.person_id == ctx.person.id and row.kind == kind:
            own = row
        elif row.kind == "webdav" and row.revoked_at is None:
            raise ConflictError(
                "Another calendar is written to this address already.",
                field="url",
                hint=N_("Give each its own file."),
            )
    return own


def _name(ctx: PersonContext, typed: str | None, known: MirrorRow | None) -> str:
    others = {row.name for row in mirrors.mirrors(ctx.session, ctx.person.id)}
    if known is not None and known.revoked_at is None:
        others.discard(known.name)
    if typed is not None:
        name = text.handle(typed, field="name")
        if name in others:
            raise ConflictError(
                "There is a mirror {name!r} already.",
                field="name",
                hint=N_("`tracker mirror list` shows them."),
                name=name,
            )
        return name
    if known is not None and known.revoked_at is None:
        return known.name
    return text.handle_from("calendar", taken=others, fallback="calendar")


def keep(ctx: PersonContext, new: MirrorRow) -> MirrorRow:
    """In the row that the address had before, so that what may still lie there is known."""
    row = _at(ctx, new.kind, new.url)
    _name(ctx, new.name, row)  # somebody may have taken it while the server was asked
    for other in mirrors.ever(ctx.session, ctx.person.id):
        if other.name == new.name and other.revoked_at is not None and other is not row:
            other.name = f"{other.name[:24]}-{other.id}"  # a name of one that was given up is free
            insert(ctx.session, other)
    if row is None:
        return insert(ctx.session, new)
    again = row.revoked_at is not None
    row.name, row.detail, row.username, row.secret = (
        new.name,
        new.detail,
        new.username,
        new.secret,
    )
    row.revoked_at, row.problem = None, None
    for item in mirrors.items(ctx.session, row.id):
        if item.state in ("pending", "failed") or (again and item.state == "put"):
            item.state, item.not_before_at, item.put_sha256 = "pending", ctx.now, None
            item.attempts, item.reason, item.changed_at = 0, None, ctx.now
            ctx.session.add(item)
    return insert(ctx.session, row)
