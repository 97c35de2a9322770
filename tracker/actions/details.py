"""Where the money goes: payee, reference and account, as far as they may be told.

Details belong to the owner with whom they were agreed or checked. They are told
only while that owner has the debt, and has shown that it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.actions.office import PersonContext, Result
from tracker.core import text
from tracker.errors import InputError
from tracker.language import N_
from tracker.store import debts, owners, plans
from tracker.store.db import add as insert
from tracker.store.debts import DebtRow
from tracker.store.owners import AssignmentRow, PayeeRow
from tracker.store.plans import PlanRow, PlanVersionRow

# Long enough for a second look, and for the creditor to answer a call.
WAIT = timedelta(hours=48)


class Waiting(Result):
    """Changed details that nobody has checked yet; before `check_from` nobody can."""

    payee: str | None
    quote: str | None
    account: str | None
    told_by: str
    recorded_at: datetime
    check_from: datetime
    sentence: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """None is what is not known, or not said."""

    payee: str | None = None
    quote: str | None = None
    account: str | None = None

    def __bool__(self) -> bool:
        return any((self.payee, self.quote, self.account))

    def over(self, base: Details) -> Details:
        """These, and what they leave out as it was before."""
        return Details(
            payee=self.payee or base.payee,
            quote=self.quote or base.quote,
            account=self.account or base.account,
        )

    def unlike(self, base: Details) -> Details:
        """What of these is another than before."""
        return Details(
            payee=self.payee if self.payee != base.payee else None,
            quote=self.quote if self.quote != base.quote else None,
            account=self.account if self.account != base.account else None,
        )


NOTHING = Details()


def typed(payee: str | None, quote: str | None, account: str | None) -> Details:
    return Details(
        payee=text.optional_line(payee, field="payee", longest=120),
        quote=text.optional_line(quote, field="quote", longest=60),
        account=_last4(account),
    )


def of_terms(terms: PlanVersionRow) -> Details:
    return Details(payee=terms.payee, quote=terms.quote, account=terms.account_last4)


def of_change(row: PayeeRow) -> Details:
    return Details(payee=row.payee, quote=row.quote, account=row.account_last4)


def own(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    sales: Sequence[AssignmentRow],
) -> Details:
    """The plan's details if they are those of the debt's present owner; else nothing.

    Nothing of the owner before may be mixed with what the present one says.
    """
    if sales and _owner_at(debt, sales, _learned_at(ctx, plan)) != debt.creditor_id:
        return NOTHING
    return of_terms(terms)


def told(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    sales: Sequence[AssignmentRow],
) -> Details:
    """Where the person is told to pay: nowhere while the owner is unverified."""
    return NOTHING if owners.is_unverified(sales) else own(ctx, debt, plan, terms, sales)


def agreed_with_owner(debt: DebtRow, plan: PlanRow, sales: Sequence[AssignmentRow]) -> bool:
    """Whether the plan was made with the debt's present owner, who has shown to be that."""
    if owners.is_unverified(sales):
        return False
    return _owner_at(debt, sales, plan.created_at) == debt.creditor_id


def note(
    ctx: PersonContext,
    debt: DebtRow,
    plan: PlanRow,
    terms: PlanVersionRow,
    sales: Sequence[AssignmentRow],
) -> str | None:
    """Why a plan does not say where to pay, where that has to do with its owner."""
    creditor = debts.creditor(ctx.session, debt.creditor_id).name
    if owners.is_unverified(sales):
        return ctx.language.text(
            "{creditor} has not shown yet that the debt is theirs: pay them nothing before.",
            creditor=creditor,
        )
    if of_terms(terms) and not own(ctx, debt, plan, terms, sales):
        return ctx.language.text(
            "The payment details of the owner before no longer hold; record those of "
            "{creditor} with `tracker debt payee {debt}`.",
            creditor=creditor,
            debt=debt.handle,
        )
    return None


def waiting(ctx: PersonContext, debt: DebtRow) -> Waiting | None:
    row = owners.waiting_payee(ctx.session, debt.id)
    return None if row is None else shown(ctx, debt, row)


def shown(ctx: PersonContext, debt: DebtRow, row: PayeeRow) -> Waiting:
    """A change of details that waits, and what is to be done about it."""
    check_from = ready_at(row)
    if ctx.now < check_from:
        sentence = ctx.language.text(
            "{word}: changed payment details wait until {when}, and are not used before "
            "they are checked.",
            word=debt.word,
            when=when(ctx, check_from),
        )
    else:
        sentence = ctx.language.text(
            "{word}: changed payment details are to be checked: call a number from an earlier "
            "document, not the one in the message.",
            word=debt.word,
        )
    return Waiting(
        payee=row.payee,
        quote=row.quote,
        account=row.account_last4,
        told_by=row.told_by,
        recorded_at=row.recorded_at,
        check_from=check_from,
        sentence=sentence,
        command=f"tracker debt payee-check {debt.handle} --called WHERE_THE_NUMBER_IS_FROM",
    )


def ready_at(row: PayeeRow) -> datetime:
    """The first whole minute at which a change may be confirmed, as it is told."""
    over = timedelta(seconds=row.recorded_at.second, microseconds=row.recorded_at.microsecond)
    return row.recorded_at - over + WAIT + (timedelta(minutes=1) if over else timedelta())


def when(ctx: PersonContext, at: datetime) -> str:
    local = at.astimezone(ZoneInfo(ctx.person.zone))
    return f"{ctx.language.day(local.date())} {local:%H:%M}"


def renew_events(ctx: PersonContext, debt: DebtRow) -> None:
    """Let calendars notice that what they say of the plan's instalments has changed."""
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        return
    terms = plans.terms(ctx.session, plan)
    for row in plans.instalments(ctx.session, terms.id):
        row.sequence += 1
        row.changed_at = ctx.now
        insert(ctx.session, row)


def _learned_at(ctx: PersonContext, plan: PlanRow) -> datetime:
    """When the plan's details were last learned: with the plan, or by a change that was checked."""
    checked = [
        row.closed_at
        for row in owners.payees(ctx.session, plan.debt_id)
        if row.outcome == "confirmed" and row.closed_at is not None
    ]
    return max([plan.created_at, *checked])


def _owner_at(debt: DebtRow, sales: Sequence[AssignmentRow], at: datetime) -> int:
    """Whose the debt was when something was recorded; a sale of the same instant came after."""
    return next((row.from_creditor_id for row in sales if row.recorded_at >= at), debt.creditor_id)


def _last4(account: str | None) -> str | None:
    account = text.optional_line(account, field="account", longest=40)
    if account is None:
        return None
    if not (len(account) == 4 and account.isascii() and account.isalnum()):
        raise InputError(
            "account is {value!r}; only its last four characters are kept.",
            field="account",
            hint=N_("Give the last four, for example 1234."),
            value=account,
        )
    return account
