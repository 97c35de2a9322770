"""The ways to a person, in the order of their wish: those that are fit for use now."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracker.store import destinations
from tracker.store.db import Session
from tracker.store.destinations import DestinationRow
from tracker.store.people import PersonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`address` is what a message keeps; `target` where it goes, which may hold a secret."""

    channel: str
    address: str
    target: str = field(repr=False)


def usable(session: Session, person: PersonRow) -> list[Route]:
    """The first is the one to take. Empty where every number and address waits or was left."""
    known = destinations.of_person(session, person.id)
    found = (_route(channel, person, known) for channel in person.channels.split(","))
    return [route for route in found if route is not None]


def _route(channel: str, person: PersonRow, known: list[DestinationRow]) -> Route | None:
    if channel == "console":
        return Route(channel=channel, address=person.handle, target=person.handle)
    wanted = {"sms": person.phone, "mail": person.email}.get(channel)
    for row in reversed(known):
        if row.channel != channel or not row.usable:
            continue
        if channel == "push" or row.address == wanted:
            return Route(channel=channel, address=row.address, target=row.target or row.address)
    return None
