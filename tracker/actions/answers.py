"""What came in by text, or was ticked in a calendar, and what was made of it."""

from __future__ import annotations

from datetime import datetime

from tracker.actions.office import PersonContext, Request, Result
from tracker.core import reading
from tracker.store import inbound


class WhichAnswers(Request):
    limit: str | None = None


class Answer(Result):
    at: datetime
    channel: str
    body: str
    verb: str
    outcome: str | None


class Answers(Result):
    answers: list[Answer]


def list_answers(ctx: PersonContext, request: WhichAnswers) -> Answers:
    """Newest first; where two people share a number, what came from it is shown to both."""
    limit = reading.parse_count(request.limit or "50", field="limit", most=10_000)
    rows = inbound.of_person(ctx.session, ctx.person.id, ctx.person.phone, limit)
    return Answers(
        answers=[
            Answer(
                at=row.said_at,
                channel=row.channel,
                body=row.body,
                verb=row.verb,
                outcome=ctx.language.text(row.outcome) if row.outcome else None,
            )
            for row in rows
        ]
    )
