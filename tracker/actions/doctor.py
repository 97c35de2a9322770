"""The doctor: is the store whole, do the figures agree, is anything stuck; and the journal."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from tracker.actions import booking, preflights, timekeeping
from tracker.actions.delivery import routes
from tracker.actions.office import Context, Nothing, PersonContext, Request, Result
from tracker.core import checks, reading
from tracker.core.allocation import Overpay
from tracker.language import N_
from tracker.store import debts, delivery, journal, payments, people, plans, upkeep, vitals
from tracker.store.people import PersonRow

STUCK_AFTER = timedelta(hours=1)
_HELD = {
    "account": N_("{count} because a provider refuses the account"),
    "hold": N_("{count} because of a hold on the debt"),
    "no-route": N_("{count} because no number or address is confirmed"),
    "defect": N_("{count} that could not be written"),
}
_HELD_OTHERWISE = N_("{count} for another reason")


class Check(Result):
    """`ok` None: it could not be told."""

    name: str
    ok: bool | None
    sentence: str
    hint: str | None = None


class Checks(Result):
    checks: list[Check]


class WhichEntries(Request):
    limit: str | None = None


class JournalEntry(Result):
    revision: int
    at: datetime
    actor: str
    action: str
    detail: dict[str, object]


class Journal(Result):
    entries: list[JournalEntry]


def doctor(ctx: Context, request: Nothing) -> Checks:
    everyone = people.everyone(ctx.session)
    return Checks(
        checks=[
            _store(ctx),
            _people(ctx, everyone),
            _figures(ctx, everyone),
            _journal(ctx, everyone),
            _delivery(ctx),
            _clock(ctx),
            _channels(ctx, everyone),
            _addresses(ctx, everyone),
            *_preflights(ctx, everyone),
        ]
    )


def journal_entries(ctx: PersonContext, request: WhichEntries) -> Journal:
    """Newest first."""
    limit = reading.parse_count(request.limit or "20", field="limit", most=10_000)
    return Journal(
        entries=[
            JournalEntry(
                revision=row.revision,
                at=row.at,
                actor=row.actor,
                action=row.action,
                detail=json.loads(row.detail),
            )
            for row in journal.entries(ctx.session, ctx.person.id, limit)
        ]
    )


def _store(ctx: Context) -> Check:
    """Whether the file and its references are sound (SQLite's own checks)."""
    found = upkeep.integrity_within(ctx.session)
    if found:
        return Check(
            name="database",
            ok=False,
            sentence="; ".join(found[:3]),
            hint=_text(ctx, "Stop the daemon and go back to the newest good backup."),
        )
    return Check(name="database", ok=True, sentence=_text(ctx, "The database is sound."))


def _people(ctx: Context, everyone: list[PersonRow]) -> Check:
    if everyone:
        names = ", ".join(person.handle for person in everyone)
        return Check(name="people", ok=True, sentence=_text(ctx, "Recorded: {names}.", names=names))
    return Check(
        name="people",
        ok=False,
        sentence=_text(ctx, "Nobody is recorded here yet."),
        hint=_text(ctx, "Add somebody with `tracker person add`; its help has an example."),
    )


def _figures(ctx: Context, everyone: list[PersonRow]) -> Check:
    """What is kept for speed against a replay of the facts, debt by debt."""
    found: list[str] = []
    count = 0
    for person in everyone:
        of_person = _as(ctx, person)
        for debt in debts.debts(ctx.session, person.id):
            parts = [
                (each.payment_id, each.ref, each.amount_minor)
                for each in payments.allocations(ctx.session, debt.id)
            ]
            for plan in plans.of_debt(ctx.session, debt.id):
                count += 1
                terms = plans.terms(ctx.session, plan)
                rows = plans.instalments(ctx.session, terms.id)
                refs = {row.ref for row in rows}
                paid = payments.of_debt(ctx.session, debt.id)
                found += checks.differences(
                    booking.as_open(rows),
                    booking.paid_for(of_person, plan, paid),
                    cached_paid={row.ref: row.paid_minor for row in rows},
                    cached_parts=[part for part in parts if part[1] in refs],
                    overpay=Overpay(terms.overpay),
                )
    if found:
        return Check(
            name="figures",
            ok=False,
            sentence=" ".join(found[:5]),
            hint=_text(ctx, "Record or void any payment of the debt; that rebuilds its figures."),
        )
    return Check(
        name="figures",
        ok=True,
        sentence=_text(ctx, "{count} plans agree with a replay of their facts.", count=count),
    )


def _journal(ctx: Context, everyone: list[PersonRow]) -> Check:
    for person in everyone:
        broken = journal.first_break(ctx.session, person.id)
        if broken is not None:
            return Check(
                name="journal",
                ok=False,
                sentence=_text(
                    ctx,
                    "The journal of {person} does not hold at revision {revision}.",
                    person=person.handle,
                    revision=broken,
                ),
                hint=_text(ctx, "Somebody changed the database by hand; compare a backup."),
            )
    return Check(name="journal", ok=True, sentence=_text(ctx, "Every journal holds."))


def _delivery(ctx: Context) -> Check:
    counts = delivery.count_by_state(ctx.session)
    stuck = delivery.oldest_in_doubt(ctx.session)
    if stuck is not None and ctx.now - stuck > STUCK_AFTER:
        return Check(
            name="delivery",
            ok=False,
            sentence=_text(
                ctx,
                "A message has been in doubt since {since}.",
                since=stuck.isoformat(timespec="minutes"),
            ),
            hint=_text(ctx, "`tracker outbox list --state unknown` shows it; is the daemon up?"),
        )
    if counts.get("held"):
        return Check(
            name="delivery",
            ok=False,
            sentence=_text(
                ctx,
                "{count} messages are held: {reasons}.",
                count=counts["held"],
                reasons=", ".join(
                    _text(ctx, _HELD.get(code, _HELD_OTHERWISE), count=count)
                    for code, count in sorted(vitals.held_by_code(ctx.session).items())
                ),
            ),
            hint=_text(ctx, "`tracker outbox list --state held` says why."),
        )
    listed = ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
    return Check(
        name="delivery",
        ok=True,
        sentence=_text(ctx, "Messages: {counts}.", counts=listed or "0"),
    )


def _channels(ctx: Context, everyone: list[PersonRow]) -> Check:
    """Whether each person's first channel is set up."""
    for person in everyone:
        if person.channels.startswith("sms") and not ctx.settings.sms.twilio.account_sid:
            return Check(
                name="channels",
                ok=False,
                sentence=_text(
                    ctx,
                    "{person} wants text messages, but [sms.twilio] is not set up.",
                    person=person.handle,
                ),
                hint=_text(ctx, "Until then the next channel takes over."),
            )
    return Check(name="channels", ok=True, sentence=_text(ctx, "Every first channel is set up."))


def _clock(ctx: Context) -> Check:
    """Whether the clock stands where it can be; that it jumped only the daemon knows."""
    state = timekeeping.show(ctx, Nothing())
    if state.behind:
        return Check(
            name="clock",
            ok=False,
            sentence=_text(ctx, "The clock stands before what was recorded last; nothing is sent."),
            hint=_text(ctx, "`tracker clock` shows both, and what can be done."),
        )
    return Check(name="clock", ok=True, sentence=_text(ctx, "The clock holds nothing up."))


def _addresses(ctx: Context, everyone: list[PersonRow]) -> Check:
    """Whether each person can be reached, and what waits for its code."""
    lost = [each.handle for each in everyone if not routes.usable(ctx.session, each)]
    if lost:
        return Check(
            name="addresses",
            ok=False,
            sentence=_text(
                ctx, "Nothing reaches {people}: nothing is confirmed.", people=", ".join(lost)
            ),
            hint=_text(
                ctx, "`tracker person code` sends a code, `tracker person confirm` takes it."
            ),
        )
    if count := vitals.unconfirmed(ctx.session):
        return Check(
            name="addresses",
            ok=True,
            sentence=_text(
                ctx,
                "{count} numbers or addresses wait for their code; others are used.",
                count=count,
            ),
        )
    return Check(
        name="addresses", ok=True, sentence=_text(ctx, "Every number and address is confirmed.")
    )


def _preflights(ctx: Context, everyone: list[PersonRow]) -> list[Check]:
    """What stands in the way of messages to each person, before one is sent."""
    return [
        Check(name="preflight", ok=each.ok, sentence=each.sentence, hint=each.hint)
        for each in preflights.found(ctx, everyone)
    ]


def _as(ctx: Context, person: PersonRow) -> PersonContext:
    return PersonContext(
        session=ctx.session,
        now=ctx.now,
        actor=ctx.actor,
        settings=ctx.settings,
        language=ctx.language,
        person=person,
    )


def _text(ctx: Context, msgid: str, **params: object) -> str:
    return ctx.language.text(msgid, **params)
