"""What stands today: next, late, to decide, lately paid, and how each plan goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.actions import details, followups, holds, incomes, queries, reachable, recorded
from tracker.actions.conditions import broken
from tracker.actions.office import Money, Nothing, PersonContext, Result
from tracker.actions.terms import open_minor, state
from tracker.core.plans import State
from tracker.language import N_
from tracker.store import absences, conditions, debts, inbound, overviews, owners
from tracker.store import followups as stored
from tracker.store.debts import DebtRow, HoldRow
from tracker.store.owners import AssignmentRow, PayeeRow
from tracker.store.plans import InstalmentRow

AHEAD = timedelta(days=14)
PAYDAYS_AHEAD = timedelta(days=62)
RECENT = 5


class Item(Result):
    """An instalment that wants attention. `snoozed_until`: it was put off until then."""

    debt: str
    word: str
    creditor_name: str
    seq: int
    count: int
    due_on: date
    send_by_at: datetime
    open: Money
    state: str
    held: str | None
    snoozed_until: datetime | None = None


class Decision(Result):
    """Something that only the person can say; `command` says it at the command line."""

    kind: str
    sentence: str
    command: str
    payment: int | None = None
    claim: int | None = None
    debt: str | None = None


class PlanStand(Result):
    debt: str
    word: str
    creditor_name: str
    done: int
    count: int
    paid: Money
    open: Money
    ends_on: date
    next_due_on: date | None


class Overview(Result):
    person: str
    name: str
    locale: str
    today: date
    notices: list[reachable.Notice]
    debts: int
    due: list[Item]
    late: list[Item]
    decide: list[Decision]
    followups: list[followups.Followup]
    recent: list[recorded.Payment]
    plans: list[PlanStand]


def overview(ctx: PersonContext, request: Nothing) -> Overview:
    """Each kind of thing is read at once, for however many debts there are."""
    session, me = ctx.session, ctx.person.id
    rows = debts.debts(session, me)
    held = overviews.holds(session, me, ctx.today)
    totals = overviews.totals(session, me)
    due = overviews.due(session, me, ctx.today + AHEAD)
    put_off = absences.snoozes(session, me)
    coming: list[Item] = []
    late: list[Item] = []
    stands: list[PlanStand] = []
    live = overviews.live(session, me)
    for each in live:
        debt, sums = each.debt, totals[each.terms.id]
        for row in due.get(each.terms.id, ()):
            item = _item(ctx, each, sums, row, held.get(debt.id, ()), put_off.get(row.ref))
            (late if item.state in (State.LATE.value, State.MISSED.value) else coming).append(item)
        stands.append(
            PlanStand(
                debt=debt.handle,
                word=debt.word,
                creditor_name=each.creditor_name,
                done=sums.done,
                count=sums.rows,
                paid=Money.of(sums.paid_minor, debt.currency),
                open=Money.of(sums.asked_minor - sums.paid_minor, debt.currency),
                ends_on=sums.ends_on,
                next_due_on=sums.next_due_on,
            )
        )
    return Overview(
        person=ctx.person.handle,
        name=ctx.person.name,
        locale=ctx.person.locale,
        today=ctx.today,
        notices=reachable.notices(ctx),
        debts=len(rows),
        due=sorted(coming, key=lambda item: (item.send_by_at, item.debt)),
        late=sorted(late, key=lambda item: (item.due_on, item.debt)),
        decide=[*_decide(ctx, rows, held), *_agreed(ctx, live, due), *_paydays(ctx)],
        followups=followups.shown(ctx, stored.of_person(session, me)),
        recent=recorded.shown(ctx, overviews.recent(session, me, RECENT)),
        plans=stands,
    )


def _item(
    ctx: PersonContext,
    plan: overviews.Live,
    sums: overviews.Totals,
    row: InstalmentRow,
    held: Sequence[HoldRow],
    put_off: datetime | None,
) -> Item:
    return Item(
        debt=plan.debt.handle,
        word=plan.debt.word,
        creditor_name=plan.creditor_name,
        seq=row.seq,
        count=sums.rows,
        due_on=row.due_on,
        send_by_at=row.send_by_at,
        open=Money.of(open_minor(row), plan.debt.currency),
        state=state(row, plan.terms, ctx.today),
        held=held[0].kind if held else None,
        snoozed_until=put_off if put_off and put_off > ctx.now else None,
    )


def _decide(
    ctx: PersonContext, rows: list[DebtRow], held: Mapping[int, list[HoldRow]]
) -> list[Decision]:
    """What only the person can say, debt by debt, then by kind."""
    session, me = ctx.session, ctx.person.id
    sold = owners.assignments_of_person(session, me)
    payees = overviews.waiting_payees(session, me)
    found: list[Decision] = []
    for debt in rows:
        found += _held(ctx, debt, held.get(debt.id, ()), sold.get(debt.id, ()))
        if (changed := payees.get(debt.id)) is not None:
            found.append(_changed_details(ctx, debt, changed))
    found += _scheduled(ctx, rows)
    found += _claims(ctx, rows)
    found += _queries(ctx, rows)
    return found


def _agreed(
    ctx: PersonContext,
    live: Sequence[overviews.Live],
    due: Mapping[int, Sequence[InstalmentRow]],
) -> list[Decision]:
    """What the plans themselves bring up: conditions that are not kept, reviews that are near."""
    stands = conditions.of_person(ctx.session, ctx.person.id)
    found: list[Decision] = []
    for debt, terms, creditor in live:
        for number, row in enumerate(stands.get(terms.plan_id, ()), 1):
            why = broken(ctx, row, terms, due.get(terms.id, ()))
            if why is None:
                continue
            by_figures = row.broken_on is None
            found.append(
                Decision(
                    kind="condition",
                    sentence=ctx.language.text(
                        "{word}: a condition of the plan is not kept ({why}); speak with "
                        "{creditor} before they do.",
                        word=debt.word,
                        why=why,
                        creditor=creditor,
                    ),
                    command=f"tracker plan agree {debt.handle} --revise REASON"
                    if by_figures
                    else f"tracker plan condition-end {debt.handle} {number}",
                    debt=debt.handle,
                )
            )
        if terms.review_on is not None and terms.review_on <= ctx.today + AHEAD:
            found.append(
                Decision(
                    kind="review",
                    sentence=ctx.language.text(
                        N_("{word}: the token payments are looked at again on {day}.")
                        if terms.review_on >= ctx.today
                        else N_("{word}: the token payments were to be looked at again on {day}."),
                        word=debt.word,
                        day=ctx.language.day(terms.review_on),
                    ),
                    command=f"tracker plan agree {debt.handle} --revise REASON",
                    debt=debt.handle,
                )
            )
    return found


def _paydays(ctx: PersonContext) -> list[Decision]:
    """Instalments that lie badly against the days on which money comes in."""
    return [
        Decision(kind="payday", sentence=sentence, command="tracker income list")
        for sentence in incomes.guard(ctx, ahead=PAYDAYS_AHEAD)
    ]


def _scheduled(ctx: PersonContext, rows: list[DebtRow]) -> list[Decision]:
    """Scheduled payments whose day has come: did they go?"""
    names = {debt.id: debt for debt in rows}
    return [
        Decision(
            kind="scheduled",
            sentence=ctx.language.text(
                "{amount} for {word} was to go on {day}. Did it?",
                amount=ctx.language.money(row.amount_minor, names[row.debt_id].currency),
                word=names[row.debt_id].word,
                day=ctx.language.day(row.on_date),
            ),
            command=f"tracker payment confirm {row.number} yes",
            payment=row.number,
            debt=names[row.debt_id].handle,
        )
        for row in overviews.waiting(ctx.session, ctx.person.id, ctx.today)
    ]


def _claims(ctx: PersonContext, rows: list[DebtRow]) -> list[Decision]:
    """What was said to be paid, by text or in a calendar: was it?"""
    names = {debt.id: debt for debt in rows}
    return [
        Decision(
            kind="claim",
            sentence=ctx.language.text(
                "{word} was said to be paid on {day}. Was it?",
                word=names[row.debt_id].word,
                day=ctx.language.day(row.said_at.astimezone(ZoneInfo(ctx.person.zone)).date()),
            ),
            command=f"tracker payment accept {row.number}",
            debt=names[row.debt_id].handle,
            claim=row.number,
        )
        for row in inbound.claims(ctx.session, ctx.person.id, state="open")
    ]


def _queries(ctx: PersonContext, rows: list[DebtRow]) -> list[Decision]:
    """Creditors' figures that differ from the tracker's own and were not answered yet."""
    waiting = debts.queried(ctx.session, ctx.person.id)
    found: list[Decision] = []
    for debt in rows:
        if debt.id not in waiting:
            continue
        stated = debts.statements(ctx.session, debt.id)
        for row, seen in queries.open_queries(ctx, debt):
            which = f"{debt.handle} --statement {queries.number(row, stated)}"
            found.append(
                Decision(
                    kind="query",
                    sentence=queries.sentence(ctx, debt, row, seen),
                    command=f"tracker statement settle {which} --how TEXT",
                    debt=debt.handle,
                )
            )
    return found


def _held(
    ctx: PersonContext, debt: DebtRow, held: Sequence[HoldRow], sold: Sequence[AssignmentRow]
) -> list[Decision]:
    """Holds in force and what each silences, so that silence is never taken for order."""
    unverified = owners.is_unverified(sold)
    found = []
    for hold in held:
        quiet = holds.quiet_text(ctx, hold.kind)
        command = f"tracker debt release {debt.handle} {hold.kind}"
        if hold.kind == holds.OWNER and unverified:
            sentence = ctx.language.text(
                "{word} was sold; silent until its new owner is verified by a notice or "
                "written proof: {quiet}.",
                word=debt.word,
                quiet=quiet,
            )
            command = f"tracker debt verify {debt.handle} --proof TEXT"
        elif hold.until_on is None:
            sentence = ctx.language.text(
                "{word} is on hold ({kind}); silent until released: {quiet}.",
                word=debt.word,
                kind=hold.kind,
                quiet=quiet,
            )
        else:
            sentence = ctx.language.text(
                "{word} is on hold ({kind}) until {day}; silent before: {quiet}.",
                word=debt.word,
                kind=hold.kind,
                quiet=quiet,
                day=ctx.language.day(hold.until_on),
            )
        found.append(Decision(kind="hold", sentence=sentence, command=command, debt=debt.handle))
    return found


def _changed_details(ctx: PersonContext, debt: DebtRow, row: PayeeRow) -> Decision:
    waits = details.shown(ctx, debt, row)
    return Decision(kind="payee", sentence=waits.sentence, command=waits.command, debt=debt.handle)
