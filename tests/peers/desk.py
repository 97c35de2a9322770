"""A person at the desk: asks for use cases by name, as every door does, and reads the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.peers.clock import MovableClock
from tracker.actions import dispatch
from tracker.actions.office import Office
from tracker.store import delivery, destinations, people
from tracker.store.delivery import MessageRow

# So far back that the time to sue has nothing to ask about.
CLEAR = {
    "jurisdiction": "GB",
    "first_missed": "2026-03-01",
    "last_payment": "2026-08-01",
    "last_contact": "2026-08-01",
    "judgment": "never",
}


def confirmed(office: Office, person: str, *channels: str) -> None:
    """As if the codes had come back from a person's numbers and addresses, or from some."""
    with office.database.write() as session:
        row = people.find(session, person)
        for each in destinations.of_person(session, row.id):
            if each.channel in (channels or destinations.CHANNELS):
                each.confirmed_at = office.clock.now()
                each.revoked_at = each.code_sha256 = each.code_until_at = None
                session.add(each)


@dataclass(frozen=True, slots=True)
class Desk:
    """`person` speaks for one of several; None leaves it to the tracker to find out."""

    office: Office
    clock: MovableClock
    person: str | None = None

    def answer(
        self,
        name: str,
        request: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        person: str | None = None,
        actor: str = "cli",
    ) -> tuple[int, dict[str, Any]]:
        body = {"request": dict(request or {}), "person": person or self.person, "key": key}
        return dispatch.answer(self.office, name, body, actor=actor)

    def ask(self, name: str, /, **request: Any) -> dict[str, Any]:
        """What was asked for; a refusal fails the test with its sentence."""
        status, body = self.answer(name, request)
        assert status == 200, body
        result: dict[str, Any] = body["result"]
        return result

    def refused(self, name: str, /, **request: Any) -> dict[str, Any]:
        """The error; success fails the test."""
        status, body = self.answer(name, request)
        assert status != 200, body
        error: dict[str, Any] = body["error"]
        return error

    def of(self, person: str) -> Desk:
        return Desk(self.office, self.clock, person)

    # The usual beginnings.

    def li(self, **more: Any) -> dict[str, Any]:
        """Li, in London, who reads English and whose number was confirmed at once."""
        made = self.ask(
            "person.add",
            **{
                "name": "Li",
                "locale": "en_GB",
                "zone": "Europe/London",
                "country": "GB",
                "phone": "+447700900123",
                "channels": ["sms", "console"],
                **more,
            },
        )
        confirmed(self.office, made["handle"])
        return made

    def debt(self, word: str = "MAPLE", creditor: str = "Alder Bank", **more: Any) -> Any:
        """A debt young enough that the gate lets it pass, under a new creditor."""
        return self.ask(
            "debt.add",
            **{
                "creditor": creditor,
                "new_creditor": True,
                "word": word,
                "handle": word.casefold(),
                "total": "1200.00",
                **CLEAR,
                **more,
            },
        )

    def plan(self, debt: str = "maple", **more: Any) -> Any:
        """Twelve times 100.00, at the end of each month from the end of January."""
        rule = {"total": "1200", "count": "12", "start": "2027-01-31"}
        return self.ask("plan.agree", **{"debt": debt, **({} if "rows" in more else rule), **more})

    # Looking into the store.

    def messages(self, state: str | None = None) -> list[MessageRow]:
        """Every person's messages, oldest first."""
        with self.office.database.read() as session:
            found = [
                message
                for person in people.everyone(session)
                for message in delivery.latest(session, person.id, states=None, limit=100_000)
            ]
        found.sort(key=lambda message: message.id)
        return [each for each in found if state is None or each.state == state]

    def states(self) -> list[str]:
        return [message.state for message in self.messages()]
