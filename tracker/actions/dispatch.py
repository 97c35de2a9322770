"""The one dispatcher behind every door.

It reads the clock, finds the person, opens the one transaction, keeps the journal,
and answers a repeated request from its key.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from tracker import language
from tracker.actions.registry import ACTIONS, EFFECT, HOME, PERSON, READ, Action
from tracker.errors import ConflictError, InputError, TrackerError
from tracker.language import N_

if TYPE_CHECKING:
    from tracker.actions.office import Context, Office
    from tracker.store.db import Session
    from tracker.store.people import PersonRow


log = logging.getLogger(__name__)

# What must not stand in the journal or in a hash that could be guessed from.
SECRET_FIELDS = frozenset({"code", "password", "target"})
SECRET = "(secret)"
# What an answer shows once; the answer that is kept for a repeat does not have it.
SHOWN_ONCE = "token"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One call: the request as typed, whose data, the idempotency key, and who asks."""

    request: dict[str, Any]
    person: str | None = None
    key: str | None = None
    actor: str = "cli"

    @classmethod
    def read(cls, body: Mapping[str, Any], *, actor: str) -> Envelope:
        """From the wire. Raises InputError for anything that is not an envelope."""
        request = body.get("request")
        person, key = body.get("person"), body.get("key")
        if not isinstance(request, dict) or not all(
            value is None or (isinstance(value, str) and 0 < len(value) <= 200)
            for value in (person, key)
        ):
            raise InputError("The call is not of the form request, person, key.", field="request")
        return cls(request=request, person=person, key=key, actor=actor)


def new_key() -> str:
    """An idempotency key, made at a door before the first try."""
    return os.urandom(16).hex()


def dispatch(office: Office, name: str, envelope: Envelope) -> dict[str, Any]:
    """Run one action and return its result as JSON values.

    Raises TrackerError, and whatever a defect raises.
    """
    action = ACTIONS.get(name)
    if action is None:
        raise InputError("There is no action {name!r}.", field="action", name=name)
    function, request_type = _resolved(action.target)
    request = _validated(request_type, envelope.request)
    now = office.clock.now()
    if action.kind == READ:
        return _read(office, action, function, request, envelope, now)
    if action.kind == EFFECT:
        return _effect(office, name, function, request, envelope, now)
    return _write(office, name, action, function, request, envelope, now)


def answer(
    office: Office, name: str, body: Mapping[str, Any], *, actor: str = "cli"
) -> tuple[int, dict[str, Any]]:
    """The same on the wire: HTTP status and body; never raises for what a user can meet."""
    try:
        return 200, {"result": dispatch(office, name, Envelope.read(body, actor=actor))}
    except TrackerError as error:
        return refusal(error, _language_of(office, body))
    except Exception:
        log.exception("the action %s failed", name)
        return refusal(
            TrackerError(
                "The tracker made a mistake of its own; nothing was changed.",
                hint=N_("The daemon's log has the details."),
            ),
            language.of("en_GB"),
        )


def refusal(error: TrackerError, reader: language.Language) -> tuple[int, dict[str, Any]]:
    """An error as it goes over the wire, told in the reader's language."""
    sentence, hint = reader.error(error)
    return error.http_status, {
        "error": {
            "code": error.code,
            "sentence": sentence,
            "hint": hint,
            "field": error.field,
            "exit": error.exit_code,
        }
    }


@cache
def _resolved(target: str) -> tuple[Callable[..., Any], Any]:
    module, _, function_name = target.partition(":")
    function = getattr(importlib.import_module(f"tracker.actions.{module}"), function_name)
    return function, get_type_hints(function)["request"]


def _validated(request_type: Any, request: dict[str, Any]) -> Any:
    from pydantic import ValidationError

    try:
        return request_type.model_validate(request)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "request"
        if first["type"] == "missing":
            raise InputError("{field} is missing.", field=field) from None
        raise InputError(
            "{field} is {value!r}, which does not fit: {reason}.",
            field=field,
            value=SECRET if field in SECRET_FIELDS else str(first["input"])[:80],
            reason=first["msg"],
        ) from None


def _read(
    office: Office,
    action: Action,
    function: Callable[..., Any],
    request: Any,
    envelope: Envelope,
    now: datetime,
) -> dict[str, Any]:
    with office.database.read() as session:
        context = _context(office, action, session, request, envelope, now)
        return _json(function(context, request))


def _effect(
    office: Office,
    name: str,
    function: Callable[..., Any],
    request: Any,
    envelope: Envelope,
    now: datetime,
) -> dict[str, Any]:
    """As a write, but the answer is kept after the work, which opens its own transactions."""
    from tracker.actions.office import Effect
    from tracker.store import journal
    from tracker.store.db import insert_if_absent

    fingerprint = _fingerprint(name, envelope)
    with office.database.read() as session:
        person = _person(session, envelope, request)
        repeated = envelope.key is not None and journal.answer(session, envelope.key) is not None
    if envelope.key is not None and repeated:
        return _repeated(office, envelope.key, name, fingerprint)
    effect = Effect(
        office=office,
        now=now,
        actor=envelope.actor,
        person_id=person.id,
        language=language.of(person.locale),
    )
    body = _json(function(effect, request))
    if envelope.key is not None:
        with office.database.write() as session:
            insert_if_absent(
                session,
                journal.AnswerRow(
                    key=envelope.key,
                    action=name,
                    request_sha256=fingerprint,
                    answer=json.dumps(body, ensure_ascii=False),
                    at=now,
                ),
            )
    return body


def _write(
    office: Office,
    name: str,
    action: Action,
    function: Callable[..., Any],
    request: Any,
    envelope: Envelope,
    now: datetime,
) -> dict[str, Any]:
    from tracker.store import journal, mirrors, people
    from tracker.store.db import insert_if_absent

    key = envelope.key or new_key()
    fingerprint = _fingerprint(name, envelope)
    with office.database.write() as session:
        person = None
        if action.scope == PERSON:
            person = people.lock(session, _person_id(session, envelope, request))
        # Claimed before the work: of two equal keys the second waits here on
        # PostgreSQL, and on SQLite for the whole file.
        claim = journal.AnswerRow(
            key=key, action=name, request_sha256=fingerprint, answer="", at=now
        )
        if not insert_if_absent(session, claim):
            session.rollback()
            return _repeated(office, key, name, fingerprint)
        context = _context(office, action, session, request, envelope, now, person)
        result = function(context, request)
        if person is None and (made := getattr(result, "handle", None)) is not None:
            person = people.find(session, made)
        # What concerns the whole home has no journal, since a journal is a person's.
        if person is not None:
            mirrors.hurry(session, person.id, now)
            journal.write(
                session,
                person_id=person.id,
                revision=person.revision,
                at=now,
                actor=envelope.actor,
                action=name,
                detail=_for_journal(envelope.request),
            )
        body = _json(result)
        journal.keep_answer(session, key, _for_repeat(body))
    return body


def _repeated(office: Office, key: str, name: str, fingerprint: str) -> dict[str, Any]:
    from tracker.store import journal

    with office.database.read() as session:
        stored = journal.answer(session, key)
    if stored is None or stored.request_sha256 != fingerprint or stored.action != name:
        raise ConflictError(
            "The key {key} was used for another request already; this one was not recorded.",
            field="key",
            hint=N_("Repeat it without --key."),
            key=key,
        )
    body: dict[str, Any] = json.loads(stored.answer)
    return body


def _context(
    office: Office,
    action: Action,
    session: Session,
    request: Any,
    envelope: Envelope,
    now: datetime,
    person: PersonRow | None = None,
) -> Context:
    from tracker.actions.office import Context, PersonContext

    if action.scope == HOME:
        return Context(
            session=session,
            now=now,
            actor=envelope.actor,
            settings=office.settings,
            language=_reader(session, envelope, request),
        )
    person = person or _person(session, envelope, request)
    return PersonContext(
        session=session,
        now=now,
        actor=envelope.actor,
        settings=office.settings,
        language=language.of(person.locale),
        person=person,
    )


def _person(session: Session, envelope: Envelope, request: Any) -> PersonRow:
    from tracker.store import people

    return people.by_id(session, _person_id(session, envelope, request))


def _person_id(session: Session, envelope: Envelope, request: Any) -> int:
    """Whom it is about: the one named, the only one, or the owner of a debt only one person has."""
    from tracker.store import debts, people

    if envelope.person is None and (wanted := getattr(request, "debt", None)):
        owners = debts.owners(session, wanted)
        if len(owners) == 1:
            return owners[0]
    return people.find(session, envelope.person).id


def _fingerprint(name: str, envelope: Envelope) -> str:
    request = _without_secrets(envelope.request)
    said = json.dumps([name, envelope.person, request], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()


def _for_journal(request: dict[str, Any]) -> dict[str, object]:
    said = {name: value for name, value in request.items() if value not in (None, [], False, "")}
    return _without_secrets(said)


def _without_secrets(request: dict[str, Any]) -> dict[str, Any]:
    return {
        name: SECRET if name in SECRET_FIELDS and value else value
        for name, value in request.items()
    }


def _for_repeat(body: dict[str, Any]) -> str:
    """The answer as it is kept; what is shown once stands nowhere in it, not in a URL either."""
    kept = json.dumps(body, ensure_ascii=False)
    token = body.get(SHOWN_ONCE)
    return kept.replace(token, SECRET) if token else kept


def _json(result: Any) -> dict[str, Any]:
    body: dict[str, Any] = result.model_dump(mode="json", by_alias=True)
    return {name: _without_voice(value) for name, value in body.items()}


def _without_voice(value: Any) -> Any:
    """A result inside another one says nothing of its own."""
    if isinstance(value, dict):
        return {
            name: _without_voice(each)
            for name, each in value.items()
            if name not in ("said", "warnings")
        }
    if isinstance(value, list):
        return [_without_voice(each) for each in value]
    return value


class _Meant:
    """What a request that was refused says of whose it is."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        debt = request.get("debt")
        self.debt = debt if isinstance(debt, str) else None


def _reader(session: Session, envelope: Envelope, request: Any) -> language.Language:
    """The language of the person who asks, as far as that is known."""
    try:
        return language.of(_person(session, envelope, request).locale)
    except TrackerError:
        return language.of("en_GB")


def _language_of(office: Office, body: Mapping[str, Any]) -> language.Language:
    """The reader's language as far as it can be known; errors must not fail on that."""
    try:
        envelope = Envelope.read(body, actor="")
        with office.database.read() as session:
            return _reader(session, envelope, _Meant(envelope.request))
    except TrackerError:
        return language.of("en_GB")
