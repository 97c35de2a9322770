"""What every page goes through: who asks, whether a form is ours, and the answer as a page."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from anyio import CapacityLimiter, to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from tracker import language
from tracker.actions import dispatch
from tracker.errors import TrackerError
from tracker.web import guard, render
from tracker.web.auth import Door, Visitor
from tracker.web.render import Reader

if TYPE_CHECKING:
    from tracker.actions.office import Office

Json = dict[str, Any]
Fields = Mapping[str, str]
Handler = Callable[[Request, Visitor, Fields], Response]

FORM = "application/x-www-form-urlencoded"


class RefusedRead(Exception):
    """A read that the registry refused: status and error as they go over the wire."""

    def __init__(self, status: int, error: Json) -> None:
        super().__init__(status)
        self.status = status
        self.error = error


class Notes:
    """Sentences for the next page of one browser; each is shown once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._notes: OrderedDict[str, tuple[list[str], list[str]]] = OrderedDict()

    def leave(self, visitor: Visitor, said: list[str], warnings: list[str]) -> None:
        with self._lock:
            self._notes[self._name(visitor)] = (said, warnings)
            while len(self._notes) > 1000:
                self._notes.popitem(last=False)

    def take(self, visitor: Visitor) -> tuple[list[str], list[str]]:
        with self._lock:
            return self._notes.pop(self._name(visitor), ([], []))

    def _name(self, visitor: Visitor) -> str:
        return hashlib.sha256(f"{visitor.person}\n{visitor.cookie}".encode()).hexdigest()


class Frame:
    """Holds pages and handlers together; `notes` survive a redirect."""

    def __init__(self, office: Office, door: Door) -> None:
        self._office = office
        self._door = door
        self.notes = Notes()

    def route(
        self,
        path: str,
        handler: Handler,
        method: str = "GET",
        *,
        open_: bool = False,
        limiter: CapacityLimiter | None = None,
    ) -> Route:
        """`open_` lets in who has not signed in; `limiter` says how many may work at once."""

        async def endpoint(request: Request) -> Response:
            fields: Fields | None = None
            if request.method == "POST":
                kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
                fields = _fields(await guard.body(request)) if kind == FORM else {}
            return await to_thread.run_sync(
                self._serve, handler, request, fields, open_, limiter=limiter
            )

        return Route(path, endpoint, methods=[method])

    def _serve(
        self, handler: Handler, request: Request, fields: Fields | None, open_: bool
    ) -> Response:
        """Who is it, is the form ours, and then the page; every end is a page too."""
        reader = render.reader_of(request)
        try:
            visitor = self._door.visitor(request)
            if fields is not None and not self._door.is_own_form(
                request, visitor, fields.get("token", "")
            ):
                return _problem(reader, 403, reader.lang.text("This form has grown old."))
            if visitor.person is None and not open_:
                if self._door.login:
                    return to("/login")
                named = self._only_person(visitor)
                if isinstance(named, Response):
                    return self._door.keep(named, visitor)
                visitor = named
            return self._door.keep(handler(request, visitor, fields or {}), visitor)
        except RefusedRead as error:
            return _problem(reader, error.status, error.error["sentence"])
        except TrackerError as error:
            return _problem(reader, error.http_status, reader.lang.error(error)[0])

    def _only_person(self, visitor: Visitor) -> Visitor | Response:
        """Without login and without a name in the address: the only person, or a choice."""
        people = self.ask("person.list", {}, visitor)["people"]
        if len(people) == 1:
            return Visitor(person=people[0]["handle"], cookie=visitor.cookie, fresh=visitor.fresh)
        reader = Reader(language.of(people[0]["locale"] if people else "en_GB"))
        return html(reader.page("people.html.j2", people=people))

    def page(
        self, visitor: Visitor, template: str, *, status: int = 200, **values: object
    ) -> Response:
        person = self.ask("person.show", {}, visitor)
        reader = Reader(language.of(person["locale"]), person["zone"])

        def link(path: str, **query: str) -> str:
            named = {"person": visitor.person or ""} if visitor.named else {}
            together = urlencode({**named, **query})
            return f"{path}?{together}" if together else path

        page = reader.page(
            template,
            person=person,
            link=link,
            token=self._door.form_token(visitor),
            login=self._door.login,
            **values,
        )
        return html(page, status)

    def ask(self, name: str, asked: Json, visitor: Visitor) -> Json:
        """The result of a read. Raises RefusedRead."""
        envelope = {"request": asked, "person": visitor.person}
        status, body = dispatch.answer(self._office, name, envelope, actor="web")
        if status != 200:
            raise RefusedRead(status, body["error"])
        result: Json = body["result"]
        return result


async def missing(request: Request, error: Exception) -> Response:
    """The same page for every address where nothing is, whatever was looked for."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    reader = render.reader_of(request)
    answer = html(reader.page("missing.html.j2"), status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


def broken() -> Response:
    sentence = "The tracker made a mistake of its own; nothing was changed.\n"
    return PlainTextResponse(sentence, status_code=500)


def _problem(reader: Reader, status: int, sentence: str) -> Response:
    return html(reader.page("problem.html.j2", sentence=sentence, stale=status == 403), status)


def html(page: str, status: int = 200) -> Response:
    # Under no-referrer browsers send "Origin: null" with a page's own forms, and
    # nobody could tell them from foreign ones. Other sites learn nothing either way.
    return HTMLResponse(page, status, headers={"Referrer-Policy": "same-origin"})


def to(path: str) -> Response:
    """After a POST: a page that can be loaded again without being sent again."""
    return RedirectResponse(path, status_code=303)


def _fields(body: bytes) -> Fields:
    """A form's fields, the first of each name; none at all for what is no form."""
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields
