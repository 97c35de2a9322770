"""Where a person is, as the core needs it: home, and the journeys on record."""

from __future__ import annotations

from tracker.core.whereabouts import Away, Whereabouts
from tracker.store import absences
from tracker.store.db import Session
from tracker.store.people import PersonRow


def of(session: Session, person: PersonRow) -> Whereabouts:
    return Whereabouts(
        home=person.zone,
        away=tuple(
            Away(from_on=row.from_on, until_on=row.until_on, zone=row.zone)
            for row in absences.absences(session, person.id)
        ),
    )


def at_home(person: PersonRow) -> Whereabouts:
    """For what must not change with a journey: the bytes of a feed."""
    return Whereabouts(home=person.zone)
