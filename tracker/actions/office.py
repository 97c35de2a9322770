"""What a use case works with: the settings, the database, the clock, and a context per request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from tracker import language
from tracker.clock import Clock
from tracker.config import Settings
from tracker.core import money
from tracker.language import Language
from tracker.store import journal, mirrors, people
from tracker.store.db import Database, Session
from tracker.store.people import PersonRow


class Request(BaseModel):
    """What was typed at a door: strings, lists of strings and flags. Floats are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_by_name=True,
        validate_by_alias=True,
        defer_build=True,  # of the many of one module a call needs few
    )


class Nothing(Request):
    """A request that says nothing more."""


class Result(BaseModel):
    """What an action answers. `said` and `warnings` are sentences in the person's language."""

    model_config = ConfigDict(
        frozen=True, validate_by_name=True, validate_by_alias=True, defer_build=True
    )

    said: list[str] = []
    warnings: list[str] = []


class Money(BaseModel):
    """An amount on the wire: a decimal string and its ISO 4217 code."""

    model_config = ConfigDict(frozen=True)

    amount: str
    currency: str

    @classmethod
    def of(cls, minor: int, currency: str) -> Money:
        return cls(amount=money.plain(minor, currency), currency=currency)


@dataclass(frozen=True, slots=True)
class Office:
    """Made once per process; dispatch needs nothing else."""

    settings: Settings
    database: Database
    clock: Clock

    def close(self) -> None:
        self.database.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request inside one transaction. `now` was read once, at the door."""

    session: Session
    now: datetime
    actor: str
    settings: Settings
    language: Language

    def today_in(self, zone: str) -> date:
        return self.now.astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonContext(Context):
    """A context of one person; in a write, that person's row is locked."""

    person: PersonRow

    @property
    def today(self) -> date:
        """The date where the person is."""
        return self.today_in(self.person.zone)

    @property
    def decimal_mark(self) -> str:
        return language.decimal_mark(self.person.locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """For actions that do more than the database: they open short transactions themselves."""

    office: Office
    now: datetime
    actor: str
    person_id: int
    language: Language

    @contextmanager
    def read(self) -> Iterator[PersonContext]:
        with self.office.database.read() as session:
            yield self._context(session, people.by_id(session, self.person_id))

    @contextmanager
    def write(self, action: str, detail: dict[str, object]) -> Iterator[PersonContext]:
        """A write of one person, with its line in the journal."""
        with self.office.database.write() as session:
            person = people.lock(session, self.person_id)
            yield self._context(session, person)
            mirrors.hurry(session, person.id, self.now)
            journal.write(
                session,
                person_id=person.id,
                revision=person.revision,
                at=self.now,
                actor=self.actor,
                action=action,
                detail=detail,
            )

    def _context(self, session: Session, person: PersonRow) -> PersonContext:
        return PersonContext(
            session=session,
            now=self.now,
            actor=self.actor,
            settings=self.office.settings,
            language=self.language,
            person=person,
        )


def open_office(settings: Settings, clock: Clock) -> Office:
    """An office on the configured database, whose schema must be current.

    Raises UnavailableError with the command that mends it.
    """
    from tracker.store import schema

    database = Database(settings.database.url)
    schema.require_current(database)
    return Office(settings=settings, database=database, clock=clock)


__all__ = [
    "Context",
    "Effect",
    "Money",
    "Nothing",
    "Office",
    "PersonContext",
    "Request",
    "Result",
    "open_office",
]
