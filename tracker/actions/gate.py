"""The gate on admissions: before a debt is written down, agreed or reported, ask about its age.

A letter, a token payment or a plan can start the creditor's time to sue again.
The gate stops once for a debt in each verdict, says why with the rule and its
source, and goes on after an explicit yes, which is logged.
"""

from __future__ import annotations

from datetime import date

from tracker.actions.office import PersonContext
from tracker.core import limitation
from tracker.core.limitation import NEVER, UNASKED, UNKNOWN, Answer, Assessment, Known
from tracker.errors import InputError, RefusedError
from tracker.language import N_
from tracker.rules import limitation as rules
from tracker.store import debts, payments
from tracker.store.db import add as insert
from tracker.store.debts import ConsentRow, DebtDateRow, DebtRow

_REPLIES = {"unknown": UNKNOWN, "never": NEVER}


def pass_or_ask(ctx: PersonContext, debt: DebtRow, *, act: str, accepted: bool) -> None:
    """Let the act through, with the yes on record where one was needed, or stop it.

    Raises RefusedError where the age of the debt calls for an explicit yes that
    was not given, for this debt and verdict, now or before.
    """
    assessment = ask(ctx, debt, accepted=accepted)
    if assessment is None:
        return
    insert(
        ctx.session,
        ConsentRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            act=act,
            verdict=assessment.verdict.value,
            cites=assessment.cite or "",
            actor=ctx.actor,
            said_at=ctx.now,
        ),
    )


def ask(ctx: PersonContext, debt: DebtRow, *, accepted: bool) -> Assessment | None:
    """What the yes that was given is about; None where none is needed, or it was given before.

    Writes nothing. Raises RefusedError where a yes is needed and missing.
    """
    assessment = assess(ctx, debt)
    given = {consent.verdict for consent in debts.consents(ctx.session, debt.id)}
    if not assessment.needs_yes or assessment.verdict.value in given:
        return None
    if accepted:
        return assessment
    raise RefusedError(
        "Stop and read first, {debt}: {why} {rule}",
        field="accept",
        hint=N_("Go on with --yes once you have decided; the yes is logged."),
        debt=debt.handle,
        why=explained(ctx, assessment),
        rule=cited(ctx, assessment),
    )


def assess(ctx: PersonContext, debt: DebtRow) -> Assessment:
    """Where the creditor's time to sue stands, by the rules of the debt's country."""
    if not debt.jurisdiction:
        return limitation.unlisted()
    dates = debts.dates(ctx.session, debt.id)
    first_missed = dates.get("first_missed")
    found = limitation.gravest(
        limitation.assess(
            rule,
            last_payment=_answer(dates.get("last_payment"), last_paid_on(ctx, debt)),
            last_contact=_answer(dates.get("last_contact")),
            judgment=_answer(dates.get("judgment")),
            first_missed=first_missed.on_date if first_missed else None,
            today=ctx.today,
        )
        for rule in rules.choose(debt.jurisdiction, debt.claim)
    )
    return found or limitation.unlisted()


def last_paid_on(ctx: PersonContext, debt: DebtRow) -> date | None:
    """The day of the newest payment that is recorded here and counts."""
    counting = payments.counting(payments.of_debt(ctx.session, debt.id))
    return max((row.on_date for row in counting), default=None)


def explained(ctx: PersonContext, assessment: Assessment) -> str:
    """The reason, what could start the time again, and where to turn, as one paragraph."""
    lang = ctx.language
    reason = lang.text(
        assessment.reason, **{name: lang.date(on) for name, on in assessment.params.items()}
    )
    return lang.paragraph([reason, *(lang.text(caution) for caution in assessment.cautions)])


def cited(ctx: PersonContext, assessment: Assessment) -> str:
    """The rule and its source, as they stand beside the reason."""
    if assessment.cite is None or assessment.source is None:
        return ""
    return ctx.language.text(
        "(Rule {cite}: {title}, {ref}.)",
        cite=assessment.cite,
        title=assessment.source.title,
        ref=assessment.source.ref,
    )


def jurisdiction(typed: str | None) -> str | None:
    """A place such as GB, GB-SCT or CN; one without rules is kept, and answered as unknown."""
    if typed is None or not typed.strip():
        return None
    place = typed.strip().upper()
    country, _, part = place.partition("-")
    if not (len(country) == 2 and country.isascii() and country.isalpha() and len(part) <= 3):
        raise InputError(
            "jurisdiction is {value!r}, which is no country code.",
            field="jurisdiction",
            hint=N_("Two letters, for example GB, US or CN; a part of it as GB-SCT."),
            value=typed[:40],
        )
    return place


def claim(typed: str | None, place: str | None) -> str | None:
    """The kind of claim, where the country has several limitation rules."""
    if typed is None or not typed.strip():
        return None
    chosen = typed.strip().casefold()
    if place is not None:
        rules.choose(place.strip().upper(), chosen)
    return chosen


def _answer(row: DebtDateRow | None, recorded: date | None = None) -> Answer:
    """What was said of a date; what is `recorded` here counts where it is later."""
    said = row.on_date if row else None
    if recorded is not None and (said is None or recorded > said):
        return Known(recorded)
    if row is None:
        return UNASKED
    return Known(row.on_date) if row.on_date else _REPLIES[row.state]
