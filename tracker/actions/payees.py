"""Changed payment details: told, waited for, checked by a call back, or rejected.

Whoever can write a letter can write another account number into it. So a change
waits for two days and for a call to a number that was known before it.
"""

from __future__ import annotations

from tracker.actions import details, finding
from tracker.actions.details import NOTHING, Details, Waiting
from tracker.actions.office import PersonContext, Request, Result
from tracker.core import text
from tracker.errors import ConflictError, InputError, RefusedError
from tracker.language import N_
from tracker.store import debts, owners, plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.owners import AssignmentRow, PayeeRow
from tracker.store.plans import PlanRow, PlanVersionRow


class NewPayee(Request):
    debt: str
    payee: str | None = None
    quote: str | None = None
    account: str | None = None
    told_by: str | None = None


class PayeeCheck(Request):
    debt: str
    called: str | None = None
    reject: bool = False


class Payee(Result):
    """Where the debt's live plan says to pay, and the change that waits."""

    debt: str
    payee: str | None
    quote: str | None
    account: str | None
    payee_waiting: Waiting | None


def change(ctx: PersonContext, request: NewPayee) -> Payee:
    """Record that the details have changed; they wait, unless none were known before."""
    debt = finding.debt(ctx, request.debt)
    new = details.typed(request.payee, request.quote, request.account)
    if not new:
        raise InputError(
            "payee is missing, and so are quote and account: nothing would change.",
            field="payee",
            hint=N_("Give what is new: --payee, --quote or --account."),
        )
    told_by = _required(
        request.told_by,
        N_("told_by is missing: a change rests on who told it, and how."),
        N_("For example --told-by 'letter of 3 March'."),
        field="told_by",
    )
    plan, terms = _live(ctx, debt)
    sales = owners.assignments(ctx.session, debt.id)
    base = details.own(ctx, debt, plan, terms, sales)
    changed = new.unlike(base)
    if not changed:
        raise ConflictError(
            "{debt} is paid to these details already.",
            field="payee",
            hint=N_("`tracker plan show {debt}` shows them."),
            debt=debt.handle,
        )
    _refuse_second(ctx, debt)
    if details.agreed_with_owner(debt, plan, sales) and not _known_before(ctx, debt):
        _apply(ctx, debt, terms, changed)
        said = ctx.language.text(
            "Recorded at once, since no payment details of {debt} were known before.",
            debt=debt.handle,
        )
        return _shown(ctx, debt).model_copy(update={"said": [said]})
    _wait(ctx, debt, changed, told_by)
    result = _shown(ctx, debt)
    assert result.payee_waiting is not None
    return result.model_copy(
        update={"said": [result.payee_waiting.sentence, _how_to_check(ctx, debt)]}
    )


def check(ctx: PersonContext, request: PayeeCheck) -> Payee:
    """End the wait: the change was confirmed by a call back, or it is rejected.

    Raises RefusedError before the 48 hours are over, ConflictError where nothing waits.
    """
    debt = finding.debt(ctx, request.debt)
    row = owners.waiting_payee(ctx.session, debt.id)
    if row is None:
        raise ConflictError(
            "{debt} has no changed payment details that wait.",
            field="debt",
            hint=N_("`tracker debt payee {debt}` records a change."),
            debt=debt.handle,
        )
    if request.reject:
        row.called = text.optional_line(request.called, field="called", longest=300)
        _close(ctx, row, "rejected")
        return _shown(ctx, debt).model_copy(update={"said": _rejected(ctx, debt)})
    called = _required(
        request.called,
        N_("called is missing: where was the number from that was called back?"),
        N_("A number from an earlier document: --called 'number on the statement of January'."),
        field="called",
    )
    ready_at = details.ready_at(row)
    if ctx.now < ready_at:
        raise RefusedError(
            "The changed details of {debt} wait for 48 hours, until {when}.",
            field="debt",
            hint=N_(
                "Nothing changes meanwhile. If they are false, end them with --reject at once."
            ),
            debt=debt.handle,
            when=details.when(ctx, ready_at),
        )
    plan, terms = _live(ctx, debt)
    sales = owners.assignments(ctx.session, debt.id)
    base = details.own(ctx, debt, plan, terms, sales)
    row.called = called
    _close(ctx, row, "confirmed")
    _apply(ctx, debt, terms, details.of_change(row).over(base))
    said = [
        ctx.language.text(
            "Confirmed by a call ({called}): the plan on {debt} has the new details.",
            called=called,
            debt=debt.handle,
        )
    ]
    hidden = details.note(ctx, debt, plan, terms, sales)
    return _shown(ctx, debt).model_copy(update={"said": said + ([hidden] if hidden else [])})


def agreed(
    ctx: PersonContext,
    debt: DebtRow,
    new: Details,
    plan: PlanRow,
    old: PlanVersionRow | None,
    *,
    told_by: str | None,
) -> Details:
    """What the next version of a plan, or the first of a new one, says of where to pay.

    `old` are the terms before, None for a new plan. Details that differ from
    what was known are recorded as waiting, and the version keeps the old ones.
    """
    sales = owners.assignments(ctx.session, debt.id)
    if old is not None:
        kept, base = details.of_terms(old), details.own(ctx, debt, plan, old, sales)
    else:
        kept = base = _of_plan_before(ctx, debt, plan, sales) if new else NOTHING
    changed = new.unlike(base)
    if not changed:
        return kept
    if details.agreed_with_owner(debt, plan, sales) and not _known_before(ctx, debt):
        return changed
    row = owners.waiting_payee(ctx.session, debt.id)
    if row is None or details.of_change(row) != changed:
        _refuse_second(ctx, debt)
        on = ctx.language.date(ctx.today)
        _wait(ctx, debt, changed, told_by or ctx.language.text("the plan of {day}", day=on))
    return kept


def _of_plan_before(
    ctx: PersonContext, debt: DebtRow, plan: PlanRow, sales: list[AssignmentRow]
) -> Details:
    earlier = [each for each in plans.of_debt(ctx.session, debt.id) if each.id != plan.id]
    if not earlier:
        return NOTHING
    return details.own(ctx, debt, earlier[-1], plans.terms(ctx.session, earlier[-1]), sales)


def _known_before(ctx: PersonContext, debt: DebtRow) -> bool:
    return any(
        details.of_terms(terms)
        for plan in plans.of_debt(ctx.session, debt.id)
        for terms in plans.versions(ctx.session, plan.id)
    )


def _live(ctx: PersonContext, debt: DebtRow) -> tuple[PlanRow, PlanVersionRow]:
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        raise ConflictError(
            "{debt} has no live plan, which is where its payment details stand.",
            field="debt",
            hint=N_("Give them when the plan is agreed: `tracker plan agree {debt}`."),
            debt=debt.handle,
        )
    return plan, plans.terms(ctx.session, plan)


def _refuse_second(ctx: PersonContext, debt: DebtRow) -> None:
    row = owners.waiting_payee(ctx.session, debt.id)
    if row is not None:
        raise ConflictError(
            "{debt} has changed payment details that wait already, since {when}.",
            field="payee",
            hint=N_("End them first: `tracker debt payee-check {debt} --reject`, or --called."),
            debt=debt.handle,
            when=details.when(ctx, row.recorded_at),
        )


def _wait(ctx: PersonContext, debt: DebtRow, changed: Details, told_by: str) -> None:
    insert(
        ctx.session,
        PayeeRow(
            person_id=ctx.person.id,
            debt_id=debt.id,
            payee=changed.payee,
            quote=changed.quote,
            account_last4=changed.account,
            told_by=told_by,
            recorded_at=ctx.now,
        ),
    )


def _close(ctx: PersonContext, row: PayeeRow, outcome: str) -> None:
    row.outcome, row.closed_at = outcome, ctx.now
    insert(ctx.session, row)


def _apply(ctx: PersonContext, debt: DebtRow, terms: PlanVersionRow, new: Details) -> None:
    terms.payee, terms.quote, terms.account_last4 = new.payee, new.quote, new.account
    insert(ctx.session, terms)
    details.renew_events(ctx, debt)


def _how_to_check(ctx: PersonContext, debt: DebtRow) -> str:
    return ctx.language.text(
        "Then call a number from an earlier document, not one in the message, and record it: "
        "`tracker debt payee-check {debt} --called WHERE_THE_NUMBER_IS_FROM`.",
        debt=debt.handle,
    )


def _rejected(ctx: PersonContext, debt: DebtRow) -> list[str]:
    """Whom to tell: the creditor that was known before, while a new one is unverified."""
    sales = owners.assignments(ctx.session, debt.id)
    known_id = sales[-1].from_creditor_id if owners.is_unverified(sales) else debt.creditor_id
    return [
        ctx.language.text("Rejected: nothing changes for {debt}.", debt=debt.handle),
        ctx.language.text(
            "New account details that nobody confirms are what fraud looks like. Tell "
            "{creditor}, at the number that you knew before; if money went there already, "
            "tell your bank today.",
            creditor=debts.creditor(ctx.session, known_id).name,
        ),
    ]


def _required(typed: str | None, sentence: str, hint: str, *, field: str) -> str:
    if typed is None or not typed.strip():
        raise InputError(sentence, field=field, hint=hint)
    return text.line(typed, field=field, longest=300)


def _shown(ctx: PersonContext, debt: DebtRow) -> Payee:
    plan = plans.latest(ctx.session, debt.id)
    told = NOTHING
    if plan is not None:
        sales = owners.assignments(ctx.session, debt.id)
        told = details.told(ctx, debt, plan, plans.terms(ctx.session, plan), sales)
    return Payee(
        debt=debt.handle,
        payee=told.payee,
        quote=told.quote,
        account=told.account,
        payee_waiting=details.waiting(ctx, debt),
    )
