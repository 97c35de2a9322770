"""The command line's door: one POST for each action, JSON in and out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker import language
from tracker.actions import dispatch, registry
from tracker.errors import InputError, NotFoundError, TrackerError
from tracker.language import N_
from tracker.web import guard

if TYPE_CHECKING:
    from tracker.actions.office import Office

Health = Callable[[], Mapping[str, object]]


class Api:
    """Runs actions of the registry for whoever can open the socket."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def act(self, request: Request) -> Response:
        name = request.path_params["action"]
        if name not in registry.ACTIONS:
            raise HTTPException(404)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise HTTPException(415)
        body = await guard.body(request)
        try:
            envelope = parsed(body)
        except InputError as error:
            return refused(error)
        return await run_in_threadpool(self._answer, name, envelope)

    def _answer(self, name: str, envelope: Mapping[str, object]) -> Response:
        return _json(*dispatch.answer(self._office, name, envelope, actor="cli"))


def parsed(body: bytes) -> dict[str, object]:
    """The object in a body. Raises InputError for anything that JSON leaves open.

    RFC 8259 allows a name twice and says nothing of what it means; NaN it forbids.
    """
    try:
        text = body.decode()
        value = json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_such_number)
        if "\\u" in text:
            # Half of a surrogate pair is JSON by its grammar, and no text.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InputError(
            "The body is not JSON.",
            field="body",
            hint=N_("Send one object in UTF-8, every name once, and no NaN."),
        ) from None
    if not isinstance(value, dict):
        raise InputError("The body is JSON, but not an object.", field="body")
    return value


def refused(error: TrackerError, status: int | None = None) -> Response:
    """An error as the registry tells it, in English, since no person is known."""
    own, content = dispatch.refusal(error, language.of("en_GB"))
    return _json(status or own, content)


async def failed(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: unknown addresses, wrong methods, bodies too long."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    told: Mapping[int, TrackerError] = {
        404: NotFoundError("There is no such action.", field="action"),
        405: InputError("Actions are called with POST.", field="action"),
        413: InputError("The body is longer than 64 kB.", field="body"),
        415: InputError("The body is not application/json.", field="body"),
    }
    answer = refused(told.get(status, InputError("The call is not valid HTTP.")), status)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


def broken() -> Response:
    return refused(TrackerError("The tracker made a mistake of its own; nothing was changed."))


def health_check(health: Health) -> Callable[[Request], Response]:
    """`/healthz`: 200 while all is well, else 503; nothing personal."""

    def answer(request: Request) -> Response:
        state = dict(health())
        return _json(200 if state.get("status") == "ok" else 503, state)

    return answer


def _json(status: int, content: Mapping[str, object]) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, media_type="application/json")


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made


def _no_such_number(text: str) -> object:
    raise ValueError(text)
