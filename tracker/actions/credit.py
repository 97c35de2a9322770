"""Marks in credit files: recording them, and when each leaves its register, with the rule."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from tracker.actions import finding, gate
from tracker.actions.office import Context, PersonContext, Request, Result
from tracker.core import credit, reading, text
from tracker.core.clocks import EVENTS
from tracker.core.retention import Removal, RetentionRule
from tracker.errors import InputError
from tracker.language import N_
from tracker.rules import retention
from tracker.store import credit as entries
from tracker.store import debts, plans
from tracker.store.credit import EntryEventRow, EntryRow
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow


class NewEntry(Request):
    debt: str
    entry: str
    register_name: str | None = Field(default=None, alias="register")
    events: dict[str, str] = Field(default_factory=dict)
    note: str | None = None


class WhichDebt(Request):
    debt: str | None = None


class WhichRules(Request):
    jurisdiction: str | None = None


class Rule(Result):
    """One retention rule with its source."""

    cite: str
    jurisdiction: str
    register_name: str = Field(alias="register")
    entry: str
    retention: str
    clock: str
    payment_effect: str
    confidence: str
    source: str


class Rules(Result):
    rules: list[Rule]


class Item(Result):
    """One line of the timeline. `on` is the first day it holds, `latest` the latest lawful one."""

    on: date | None
    latest: date | None
    kind: str
    debt: str
    title: str
    status: str
    reason: str
    cites: list[str]
    confidence: str | None
    source: str | None


class Entry(Result):
    id: int
    debt: str
    jurisdiction: str
    register_name: str | None = Field(alias="register")
    entry: str
    events: dict[str, date]
    note: str | None
    items: list[Item]


class Entries(Result):
    entries: list[Entry]


def add(ctx: PersonContext, request: NewEntry) -> Entry:
    """Record one negative mark: what happened, when, and in which register."""
    debt = finding.debt(ctx, request.debt)
    if not debt.jurisdiction:
        raise InputError(
            "{debt} has no jurisdiction, so no rule can be looked up.",
            field="debt",
            hint=N_("Set it with `tracker debt edit {debt} --jurisdiction GB`."),
            debt=debt.handle,
        )
    kind = text.line(request.entry, field="entry", longest=40).casefold().replace("-", "_")
    known = retention.choose(debt.jurisdiction, kind)
    register = text.optional_line(request.register_name, field="register", longest=120)
    if register is not None and not retention.choose(debt.jurisdiction, kind, register):
        raise InputError(
            "register is {value!r}, which has no rule for {entry} in {place}.",
            field="register",
            hint=N_("Known there: {known}. Leave it out to see all of them."),
            value=register[:60],
            entry=kind,
            place=debt.jurisdiction,
            known="; ".join(sorted({rule.register for rule in known})) or "–",
        )
    if not known and kind not in _every_kind():
        raise InputError(
            "entry is {value!r}, which is no kind of mark.",
            field="entry",
            hint=N_("In {place} there are: {known}."),
            value=kind,
            place=debt.jurisdiction,
            known=", ".join(retention.entries(debt.jurisdiction)),
        )
    events = {name: _event(ctx, name, typed) for name, typed in request.events.items()}
    row = insert(
        ctx.session,
        EntryRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            jurisdiction=debt.jurisdiction,
            register_name=register,
            kind=kind,
            note=text.optional_line(request.note, field="note", longest=500),
            recorded_at=ctx.now,
        ),
    )
    for name, on in events.items():
        insert(ctx.session, EntryEventRow(entry_id=row.id, name=name, on_date=on))
    entry = _entry(ctx, debt, row)
    said = [ctx.language.text("Recorded: {entry} on {debt}.", entry=kind, debt=debt.handle)]
    said += [f"{item.title}: {item.reason}" for item in entry.items]
    return entry.model_copy(update={"said": said})


def list_entries(ctx: PersonContext, request: WhichDebt) -> Entries:
    wanted = finding.debt(ctx, request.debt).id if request.debt else None
    names = {debt.id: debt for debt in debts.debts(ctx.session, ctx.person.id)}
    rows = entries.entries(ctx.session, ctx.person.id, wanted)
    return Entries(entries=[_entry(ctx, names[row.debt_id], row) for row in rows])


def rules(ctx: Context, request: WhichRules) -> Rules:
    """The retention rules of one place, or of all."""
    place = gate.jurisdiction(request.jurisdiction)
    found = [
        rule
        for rule in retention.rules().values()
        if place is None or rule.jurisdiction in (place, place.partition("-")[0])
    ]
    if not found:
        raise InputError(
            "jurisdiction is {value!r}, for which no rule is known.",
            field="jurisdiction",
            hint=N_("Known: {known}."),
            value=place,
            known=", ".join(retention.jurisdictions()),
        )
    return Rules(rules=[_rule(ctx, rule) for rule in found])


def removals(ctx: PersonContext, debt: DebtRow, row: EntryRow) -> list[Item]:
    """When a mark leaves each register that knows it, by that register's rule."""
    by_id = retention.rules()
    events = entries.events(ctx.session, row.id)
    chosen = retention.choose(row.jurisdiction, row.kind, row.register_name)
    if not chosen:
        return [_removal_item(ctx, debt, row, None, credit.no_rule())]
    ends_on = plan_end(ctx, debt)
    found = []
    for rule in chosen:
        answer = credit.removal(rule, by_id, events, today=ctx.today)
        if ends_on is not None and answer.on is None:
            answer = credit.projected(rule, by_id, events, plan_ends_on=ends_on, today=ctx.today)
        found.append(_removal_item(ctx, debt, row, rule, answer))
    return found


def _removal_item(
    ctx: PersonContext,
    debt: DebtRow,
    row: EntryRow,
    rule: RetentionRule | None,
    answer: Removal,
) -> Item:
    lang = ctx.language
    # Words among the places are marked sentences of their own; dates are told as dates.
    places = {
        name: lang.date(value) if isinstance(value, date) else lang.text(str(value))
        for name, value in answer.params.items()
    }
    reason = [lang.text(answer.reason, **places)]
    if answer.payment_effect:
        reason.append(lang.text(answer.payment_effect))
    if answer.check_with_register:
        reason.append(lang.text("Check the date with the register."))
    return Item(
        on=answer.on,
        latest=answer.latest,
        kind="entry-removal",
        debt=debt.handle,
        title=lang.text(
            "{entry} leaves {register}",
            entry=row.kind.replace("_", " "),
            register=rule.register if rule else row.register_name or row.jurisdiction,
        ),
        status=answer.status.value,
        reason=lang.paragraph(reason),
        cites=list(answer.cites),
        confidence=answer.confidence,
        source=_source(rule) if rule else None,
    )


def plan_end(ctx: PersonContext, debt: DebtRow) -> date | None:
    """The day on which the live plan clears, if it is kept from now on."""
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        return None
    terms = plans.terms(ctx.session, plan)
    last = plans.instalments(ctx.session, terms.id)[-1].due_on
    return max(last, ctx.today)


def _entry(ctx: PersonContext, debt: DebtRow, row: EntryRow) -> Entry:
    return Entry(
        id=row.id,
        debt=debt.handle,
        jurisdiction=row.jurisdiction,
        register=row.register_name,
        entry=row.kind,
        events=entries.events(ctx.session, row.id),
        note=row.note,
        items=removals(ctx, debt, row),
    )


def _rule(ctx: Context, rule: RetentionRule) -> Rule:
    length = rule.retention
    parts = (
        [f"{n} {unit}" for unit in ("years", "months", "days") if (n := getattr(length, unit))]
        if length
        else []
    )
    return Rule(
        cite=rule.cite,
        jurisdiction=rule.jurisdiction,
        register=rule.register,
        entry=rule.entry,
        retention=" ".join(parts) or "–",
        clock=rule.clock,
        payment_effect=rule.effect_of_payment,
        confidence=rule.confidence,
        source=_source(rule),
    )


def _source(rule: RetentionRule) -> str:
    source = rule.source
    return ", ".join(part for part in (source.title, source.ref, source.url) if part)


def _event(ctx: PersonContext, name: str, typed: str) -> date:
    if name not in EVENTS:
        raise InputError(
            "events names {value!r}, which is no event that a rule counts from.",
            field="events",
            hint=N_("For example default_date, missed_payment_date, judgment_date."),
            value=name[:40],
        )
    return reading.parse_date(typed, today=ctx.today, field=name)


def _every_kind() -> set[str]:
    return {rule.entry for rule in retention.rules().values()}
