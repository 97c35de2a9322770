"""What stands today: next, late, to decide, lately paid, and how each plan goes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tracker.actions import payments as recorded
from tracker.actions.office import Money, Nothing, PersonContext, Result
from tracker.actions.plans import state
from tracker.actions.terms import count_settled, settled
from tracker.core.plans import State, gap
from tracker.language import N_
from tracker.store import debts, payments, plans

AHEAD = timedelta(days=14)
RECENT = 5


class Item(Result):
    """An instalment that wants attention."""

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


class Decision(Result):
    """Something that only the person can say; `command` says it at the command line."""

    kind: str
    sentence: str
    command: str
    payment: int | None = None
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
    debts: int
    due: list[Item]
    late: list[Item]
    decide: list[Decision]
    recent: list[recorded.Payment]
    plans: list[PlanStand]


def overview(ctx: PersonContext, request: Nothing) -> Overview:
    rows = debts.debts(ctx.session, ctx.person.id)
    coming: list[Item] = []
    late: list[Item] = []
    stands: list[PlanStand] = []
    decide: list[Decision] = []
    for debt in rows:
        decide += _held(ctx, debt)
        plan = plans.live(ctx.session, debt.id)
        if plan is None:
            continue
        creditor = debts.creditor(ctx.session, debt.creditor_id).name
        terms = plans.terms(ctx.session, plan)
        instalments = plans.instalments(ctx.session, terms.id)
        holds = debts.holds(ctx.session, debt.id, ctx.today)
        first_open: date | None = None
        for row in instalments:
            if settled(row, terms):
                continue
            first_open = first_open or row.due_on
            item = Item(
                debt=debt.handle,
                word=debt.word,
                creditor_name=creditor,
                seq=row.seq,
                count=len(instalments),
                due_on=row.due_on,
                send_by_at=row.send_by_at,
                open=Money.of(gap(row.amount_minor, row.paid_minor), debt.currency),
                state=state(row, terms, ctx.today),
                held=holds[0].kind if holds else None,
            )
            if item.state in (State.LATE.value, State.MISSED.value):
                late.append(item)
            elif row.due_on <= ctx.today + AHEAD:
                coming.append(item)
        paid = sum(row.paid_minor for row in instalments)
        total = sum(row.amount_minor for row in instalments)
        stands.append(
            PlanStand(
                debt=debt.handle,
                word=debt.word,
                creditor_name=creditor,
                done=count_settled(instalments, terms.tolerance_minor),
                count=len(instalments),
                paid=Money.of(paid, debt.currency),
                open=Money.of(total - paid, debt.currency),
                ends_on=instalments[-1].due_on,
                next_due_on=first_open,
            )
        )
    decide += _scheduled(ctx)
    recent = recorded.shown(ctx, payments.of_person(ctx.session, ctx.person.id))[:RECENT]
    return Overview(
        person=ctx.person.handle,
        name=ctx.person.name,
        locale=ctx.person.locale,
        today=ctx.today,
        debts=len(rows),
        due=sorted(coming, key=lambda item: (item.send_by_at, item.debt)),
        late=sorted(late, key=lambda item: (item.due_on, item.debt)),
        decide=decide,
        recent=recent,
        plans=stands,
    )


def _scheduled(ctx: PersonContext) -> list[Decision]:
    """Scheduled payments whose day has come: did they go?"""
    names = {debt.id: debt for debt in debts.debts(ctx.session, ctx.person.id)}
    waiting = payments.unconfirmed(payments.of_person(ctx.session, ctx.person.id))
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
        for row in waiting
        if row.on_date <= ctx.today
    ]


def _held(ctx: PersonContext, debt: debts.DebtRow) -> list[Decision]:
    """Holds in force, so that silence is never taken for order."""
    return [
        Decision(
            kind="hold",
            sentence=ctx.language.text(
                N_("{word} is on hold ({kind})."), word=debt.word, kind=hold.kind
            )
            if hold.until_on is None
            else ctx.language.text(
                N_("{word} is on hold ({kind}) until {day}."),
                word=debt.word,
                kind=hold.kind,
                day=ctx.language.day(hold.until_on),
            ),
            command=f"tracker debt release {debt.handle}",
            debt=debt.handle,
        )
        for hold in debts.holds(ctx.session, debt.id, ctx.today)
    ]
