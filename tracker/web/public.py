"""Calendar feeds, for whoever knows the token. Every other token is simply not there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

if TYPE_CHECKING:
    from tracker.actions.office import Office

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Feeds:
    def __init__(self, office: Office) -> None:
        self._office = office

    def feed(self, request: Request) -> Response:
        """One answer for unknown, revoked and impossible tokens: 404."""
        from tracker.actions import feeds

        token = request.path_params["token"]
        file = None
        if _TOKEN.fullmatch(token):
            file = feeds.feed_bytes(self._office, token, self._office.clock.now())
        if file is None:
            raise HTTPException(404)
        tag = file.etag if file.etag.endswith('"') else f'"{file.etag}"'
        headers = {
            "ETag": tag,
            "Last-Modified": format_datetime(file.last_modified.astimezone(UTC), usegmt=True),
            "Cache-Control": "private, no-cache",
        }
        if is_unchanged(
            tag,
            file.last_modified,
            if_none_match=", ".join(request.headers.getlist("if-none-match")) or None,
            if_modified_since=request.headers.get("if-modified-since"),
        ):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
        return Response(file.body, headers=headers, media_type="text/calendar")


def is_unchanged(
    tag: str,
    last_modified: datetime,
    *,
    if_none_match: str | None,
    if_modified_since: str | None,
) -> bool:
    """Whether 304 is the answer (RFC 9110, 13.1.2 and 13.1.3).

    Tags are compared weakly; a date counts only without tags, and what cannot be
    read counts for nothing.
    """
    if if_none_match is not None:
        if if_none_match.strip() == "*":
            return True
        return tag.removeprefix("W/") in _TAG.findall(if_none_match)
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except (ValueError, OverflowError):
        return False
    if since.tzinfo is None:
        return False
    return last_modified.replace(microsecond=0) <= since
