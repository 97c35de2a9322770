"""Calendars elsewhere that are kept like the tracker's own: setting one up, seeing, ending it.

The server is asked outside of any transaction, and the daemon's engine does the work
that is left (`delivery/mirroring.py`); what is put here goes by the same claims.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.actions import mirror_setup, mirrored
from tracker.actions.delivery import mirrors as derived
from tracker.actions.mirror_setup import NewMirror
from tracker.actions.office import Effect, Nothing, Office, PersonContext, Request, Result
from tracker.core import reading
from tracker.errors import InputError, NotFoundError, TrackerError, UnavailableError
from tracker.language import N_
from tracker.store import mirrors, wakes
from tracker.store.db import add as insert
from tracker.store.mirrors import MirrorRow

if TYPE_CHECKING:
    from tracker.channels.message import ChannelError

AT_ONCE_SECONDS = 15.0
"""So long a command works on a calendar itself; what is left is the daemon's."""

LEFT = N_("It was left there, as you wished.")
CURRENT, WAITING, TROUBLED, ENDING = "current", "waiting", "troubled", "ending"


class WhichMirror(Request):
    mirror: str


class Ended(Request):
    mirror: str
    keep: bool = False


class Mirror(Result):
    """`held`, `waiting` and `failed` count files; `last_at`: when the server took one last."""

    mirror: str
    kind: str
    url: str
    user: str
    detail: str
    state: str
    held: int
    waiting: int
    failed: int
    problem: str | None
    last_at: datetime | None


class Mirrors(Result):
    mirrors: list[Mirror]


def add(effect: Effect, request: NewMirror) -> Mirror:
    """Keep a calendar elsewhere from now on; the same address again: with what is said now.

    The server is asked first: what cannot be written to is refused and not kept.
    """
    from tracker.actions.delivery import calendars
    from tracker.channels.message import ChannelError

    with effect.read() as ctx:
        row = mirror_setup.typed(ctx, request)
        file = mirrored.contents(ctx, row).get(mirrored.FEED)
    try:
        calendars.check(effect.office, row, file.content() if file else b"")
    except ChannelError as error:
        raise _refusal(error) from None
    with effect.write("mirror.add", {"mirror": row.name, "kind": row.kind}) as ctx:
        mirror_id = mirror_setup.keep(ctx, row).id
        wakes.set_wake(ctx.session, "mirror", ctx.person.id, ctx.person.id, ctx.now)
        derived.compare(ctx)
    _work(effect.office, mirror_id)
    with effect.read() as ctx:
        shown = _shown(ctx, _by_id(ctx, mirror_id))
        host = urlsplit(shown.url).hostname or shown.url
        said = ctx.language.text(
            "The mirror {mirror} is kept at {host} from now on.", mirror=shown.mirror, host=host
        )
        return _told(ctx, shown, said)


def list_mirrors(ctx: PersonContext, request: Nothing) -> Mirrors:
    """Those in use, and those from which something is still to be taken away."""
    return Mirrors(
        mirrors=[
            _shown(ctx, row)
            for row in mirrors.ever(ctx.session, ctx.person.id)
            if row.revoked_at is None or mirrors.unfinished(ctx.session, row.id)
        ]
    )


def remove(effect: Effect, request: Ended) -> Mirror:
    """Nothing new goes there; what lies there is taken away, or left with `keep`."""
    with effect.write(
        "mirror.remove", {"mirror": request.mirror[:40], "keep": request.keep}
    ) as ctx:
        row = _find(ctx, request.mirror)
        row.revoked_at = ctx.now
        insert(ctx.session, row)
        if request.keep:
            for item in mirrors.unfinished(ctx.session, row.id):
                item.state, item.reason, item.changed_at = "failed", LEFT, ctx.now
                insert(ctx.session, item)
        wakes.set_wake(ctx.session, "mirror", ctx.person.id, ctx.person.id, ctx.now)
        derived.compare(ctx)
        mirror_id = row.id
    if not request.keep:
        _work(effect.office, mirror_id)
    with effect.read() as ctx:
        lang = ctx.language
        shown = _shown(ctx, _by_id(ctx, mirror_id))
        said = [lang.text("The mirror {mirror} is kept no longer.", mirror=shown.mirror)]
        if shown.waiting:
            said.append(
                lang.text(
                    "What is still there is taken away as soon as the server lets it; after three "
                    "days that is given up."
                )
            )
            said += [shown.problem] if shown.problem else []
        return shown.model_copy(update={"said": said})


def sync(effect: Effect, request: WhichMirror) -> Mirror:
    """Look at everything there now: hear ticks, put back what was changed or deleted by hand."""
    from tracker.actions.delivery import mending
    from tracker.channels.message import ChannelError

    with effect.read() as ctx:
        row = _find(ctx, request.mirror)
    try:
        mending.mend(effect.office, row)
    except ChannelError as error:
        mending.note(effect.office, row, error)
        raise _refusal(error) from None
    _work(effect.office, row.id)
    with effect.read() as ctx:
        shown = _shown(ctx, _by_id(ctx, row.id))
        said = ctx.language.text("The mirror {mirror} was looked through.", mirror=shown.mirror)
        return _told(ctx, shown, said)


def _find(ctx: PersonContext, typed: str) -> MirrorRow:
    for row in mirrors.mirrors(ctx.session, ctx.person.id):
        if row.name == typed.strip().casefold():
            return row
    raise NotFoundError(
        "There is no mirror {value!r}.",
        field="mirror",
        hint=N_("`tracker mirror list` shows them."),
        value=reading.shown(typed),
    )


def _by_id(ctx: PersonContext, mirror_id: int) -> MirrorRow:
    row = mirrors.mirror(ctx.session, mirror_id)
    assert row is not None
    return row


def _shown(ctx: PersonContext, row: MirrorRow) -> Mirror:
    from tracker.actions.delivery import mirroring

    items = mirrors.items(ctx.session, row.id)
    waiting = [item for item in items if item.state == "pending"]
    failed = [item for item in items if item.state == "failed"]
    went = [item.changed_at for item in items if item.state in ("put", "withdrawn")]
    reason = row.problem or next((item.reason for item in failed if item.reason), None)
    if row.revoked_at is not None:
        state = ENDING
    elif row.problem is not None or failed:
        state = TROUBLED
    else:
        state = WAITING if waiting else CURRENT
    return Mirror(
        mirror=row.name,
        kind=row.kind,
        url=row.url,
        user=row.username,
        detail=row.detail,
        state=state,
        held=sum(item.put_sha256 is not None for item in items),
        waiting=len(waiting),
        failed=len(failed),
        problem=mirroring.told(ctx.language, reason) if reason else None,
        last_at=max(went, default=None),
    )


def _told(ctx: PersonContext, shown: Mirror, said: str) -> Mirror:
    lang = ctx.language
    more = [lang.plural("One file lies there.", "{n} files lie there.", shown.held)]
    if shown.waiting:
        more.append(
            lang.plural(
                "One file is still to go there.", "{n} files are still to go there.", shown.waiting
            )
        )
    warnings = [shown.problem] if shown.problem else []
    return shown.model_copy(update={"said": [said, *more], "warnings": warnings})


def _work(office: Office, mirror_id: int) -> None:
    """At once, so that it is seen to work; what is left is done with the next look."""
    from tracker.actions.delivery import mirroring

    ends = office.clock.elapsed() + AT_ONCE_SECONDS

    def stops() -> bool:
        return office.clock.elapsed() > ends

    while mirroring.push(office, mirror_id, stops=stops).more and not stops():
        pass


def _refusal(error: ChannelError) -> TrackerError:
    from tracker.channels import dav
    from tracker.channels.message import Failure

    code = error.code or ""
    if error.kind in {Failure.transient, Failure.unknown}:
        return UnavailableError(
            error.reason, field="url", hint=N_("Nothing was changed; try again later."), code=code
        )
    if error.reason == dav.SIGN_IN:
        hint = N_("Some servers want a password of its own for each app; their settings make one.")
        return InputError(error.reason, field="password", hint=hint, code=code)
    hint = N_("The server's own pages show the address of a calendar or file to other programs.")
    return InputError(error.reason, field="url", hint=hint, code=code)
