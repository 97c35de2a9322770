"""Whose a debt is: sold to a new owner, verified by proof, and who owned it from when."""

from __future__ import annotations

from datetime import date

from tracker.actions import details, finding, holds
from tracker.actions.creditors import NewCreditor, new_creditor
from tracker.actions.office import PersonContext, Request, Result
from tracker.actions.terms import renew_send_by
from tracker.core import reading, text
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import debts, owners, plans
from tracker.store.db import add as insert
from tracker.store.debts import CreditorRow, DebtRow
from tracker.store.owners import AssignmentRow

ABOUT_A_NEW_CREDITOR = ("country", "zone", "cutoff", "clearing_days")


class Sale(Request):
    debt: str
    to: str
    new_creditor: bool = False
    country: str | None = None
    zone: str | None = None
    cutoff: str | None = None
    clearing_days: str | None = None
    on: str | None = None
    told_by: str | None = None
    reference: str | None = None


class Proof(Request):
    debt: str
    proof: str


class WhichDebt(Request):
    debt: str


class Owner(Result):
    """One owner. `from_on` is None for the first, `until` for the present one."""

    creditor: str
    creditor_name: str
    reference: str | None
    from_on: date | None
    until: date | None
    told_by: str | None
    proof: str | None
    state: str


class Owners(Result):
    debt: str
    owners: list[Owner]


def sold(ctx: PersonContext, request: Sale) -> Owners:
    """The debt has a new owner, unverified until `verify`; its history and plan go on."""
    debt = finding.debt(ctx, request.debt)
    before = debts.creditor(ctx.session, debt.creditor_id)
    to = _new_owner(ctx, request)
    if to.id == before.id:
        raise ConflictError(
            "{debt} belongs to {creditor} already.",
            field="to",
            hint=N_("`tracker debt owners {debt}` shows who owned it from when."),
            debt=debt.handle,
            creditor=to.name,
        )
    on = _sold_on(ctx, debt, request.on)
    insert(
        ctx.session,
        AssignmentRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            from_creditor_id=before.id,
            to_creditor_id=to.id,
            on_date=on,
            told_by=text.optional_line(request.told_by, field="told_by", longest=300) or "",
            old_reference=debt.reference,
            recorded_at=ctx.now,
        ),
    )
    debt.creditor_id = to.id
    debt.reference = text.optional_line(request.reference, field="reference", longest=60)
    insert(ctx.session, debt)
    holds.doubt_owner(
        ctx, debt, ctx.language.text("sold by {old} to {new}", old=before.name, new=to.name)
    )
    plan = plans.live(ctx.session, debt.id)
    if plan is not None:
        renew_send_by(ctx, plan, to)
    details.renew_events(ctx, debt)
    said = [
        ctx.language.text(
            "{debt} belongs to {creditor} since {day}; its history and its plan go on.",
            debt=debt.handle,
            creditor=to.name,
            day=ctx.language.date(on),
        ),
        ctx.language.text(
            "Unverified: nothing asks for a payment until a notice of {old} or written proof "
            "is attached: `tracker debt verify {debt} --proof TEXT`.",
            old=before.name,
            debt=debt.handle,
        ),
    ]
    return history(ctx, debt).model_copy(update={"said": said})


def verify(ctx: PersonContext, request: Proof) -> Owners:
    """What shows that the present owner owns the debt; its hold ends with that."""
    debt = finding.debt(ctx, request.debt)
    sales = owners.assignments(ctx.session, debt.id)
    if not sales:
        raise ConflictError(
            "{debt} was never sold, so no owner of it is to be verified.",
            field="debt",
            hint=N_("`tracker sold {debt} --to NAME` records a new owner."),
            debt=debt.handle,
        )
    sale = sales[-1]
    owner = debts.creditor(ctx.session, sale.to_creditor_id).name
    if sale.verified_at is not None:
        raise ConflictError(
            "{creditor} is verified as the owner of {debt} already, by {proof}.",
            field="debt",
            creditor=owner,
            debt=debt.handle,
            proof=sale.proof,
        )
    sale.proof = text.line(request.proof, field="proof", longest=500)
    sale.verified_at = ctx.now
    insert(ctx.session, sale)
    holds.lift(ctx, debt, holds.of_owner(ctx, debt.id))
    details.renew_events(ctx, debt)
    said = [
        ctx.language.text(
            "{creditor} is verified as the owner of {debt}; its reminders go out again.",
            creditor=owner,
            debt=debt.handle,
        )
    ]
    left = holds.in_force(ctx, debt.id)
    if left:
        said[0] = ctx.language.text(
            "{creditor} is verified as the owner of {debt}, which stays on hold ({kinds}).",
            creditor=owner,
            debt=debt.handle,
            kinds=", ".join(hold.kind for hold in left),
        )
    plan = plans.live(ctx.session, debt.id)
    if plan is not None:
        hidden = details.note(ctx, debt, plan, plans.terms(ctx.session, plan), sales)
        said += [hidden] if hidden else []
    return history(ctx, debt).model_copy(update={"said": said})


def list_owners(ctx: PersonContext, request: WhichDebt) -> Owners:
    return history(ctx, finding.debt(ctx, request.debt))


def history(ctx: PersonContext, debt: DebtRow) -> Owners:
    """The first owner, then each to whom the debt was sold; the last is the present one."""
    sales = owners.assignments(ctx.session, debt.id)
    ids = [sale.from_creditor_id for sale in sales[:1]] + [sale.to_creditor_id for sale in sales]
    found = []
    for number, creditor_id in enumerate(ids or [debt.creditor_id]):
        creditor = debts.creditor(ctx.session, creditor_id)
        came = sales[number - 1] if number else None
        went = sales[number] if number < len(sales) else None
        found.append(
            Owner(
                creditor=creditor.handle,
                creditor_name=creditor.name,
                reference=went.old_reference if went else debt.reference,
                from_on=came.on_date if came else None,
                until=went.on_date if went else None,
                told_by=(came.told_by or None) if came else None,
                proof=came.proof if came else None,
                state=_state(came),
            )
        )
    return Owners(debt=debt.handle, owners=found)


def _state(came: AssignmentRow | None) -> str:
    if came is None:
        return "first"
    return "unverified" if came.verified_at is None else "verified"


def _new_owner(ctx: PersonContext, request: Sale) -> CreditorRow:
    if request.new_creditor:
        return new_creditor(
            ctx,
            NewCreditor(
                name=request.to,
                country=request.country,
                zone=request.zone,
                cutoff=request.cutoff,
                clearing_days=request.clearing_days,
            ),
        )
    for field in ABOUT_A_NEW_CREDITOR:
        if getattr(request, field) is not None:
            raise InputError(
                "{field} is given, and {to} is not said to be a new creditor.",
                field=field,
                hint=N_("Add --new-creditor, or use `tracker creditor edit` for a known one."),
                to=request.to[:40],
            )
    return finding.creditor(ctx, request.to)


def _sold_on(ctx: PersonContext, debt: DebtRow, typed: str | None) -> date:
    """Not in the future, and not before the sale that made the seller its owner."""
    on = reading.parse_date(typed or "today", today=ctx.today, field="on", latest=ctx.today)
    sales = owners.assignments(ctx.session, debt.id)
    if sales and on < sales[-1].on_date:
        raise InputError(
            "on is {value}, before {day}, when the present owner got the debt.",
            field="on",
            hint=N_("Sales are recorded in the order in which they were made."),
            value=on.isoformat(),
            day=sales[-1].on_date.isoformat(),
        )
    return on
