"""What is still to come: of one plan, with another payment or without one, and of everything."""

from __future__ import annotations

from datetime import date

from tracker.actions import figures, finding
from tracker.actions.figures import Facts
from tracker.actions.office import Money, PersonContext, Request, Result
from tracker.actions.terms import open_minor, settled
from tracker.core import money, reading
from tracker.core.allocation import Overpay
from tracker.core.projection import Course, Due, Projected
from tracker.errors import ConflictError, InputError
from tracker.language import N_
from tracker.store import plans
from tracker.store.debts import DebtRow
from tracker.store.plans import InstalmentRow, PlanVersionRow


class WhatIf(Request):
    debt: str
    extra: str | None = None
    on: str | None = None
    missed: bool = False


class Ahead(Result):
    """What is to come of one plan if every open instalment is paid on its day, a late one today.

    `fees` are late fees and penalties. `left` is what is owed after the last one;
    below 0: the plan asks for so much more than is owed. `counted`: terms are known,
    or nothing accrues by agreement; otherwise interest and fees are 0 for want of them.
    """

    debt: str
    word: str
    ends_on: date | None
    clears_on: date | None
    to_pay: Money
    interest: Money
    fees: Money
    left: Money
    forgiven: Money
    counted: bool


class Extra(Result):
    amount: Money
    on: date
    saves: Money
    days_earlier: int
    ends_on: date | None


class Missed(Result):
    """What it costs to pay one instalment on `paid_on` only."""

    seq: int
    due_on: date
    paid_on: date
    interest: Money
    fees: Money


class Projection(Ahead):
    extra: Extra | None
    missed: Missed | None


def project(ctx: PersonContext, request: WhatIf) -> Projection:
    debt = finding.debt(ctx, request.debt)
    terms = plans.in_force(ctx.session, debt.id)
    if terms is None:
        raise ConflictError(
            "{debt} has no live plan.",
            field="debt",
            hint=N_("`tracker outlook` shows what debts without one cost."),
            debt=debt.handle,
        )
    rows = plans.instalments(ctx.session, terms.id)
    book = figures.gather(ctx, debt)
    course = course_of(ctx, terms, rows, book)
    projected = course.projected()
    extra = _extra(ctx, debt, course, projected, request)
    missed = _missed(debt, course, rows) if request.missed else None
    said = notes(ctx, debt, book, projected)
    if any(row.due_on < ctx.today for row in course.rows):
        said.append(ctx.language.text("What is late is counted as paid today."))
    if extra is not None:
        said.append(
            ctx.language.text(
                "An extra payment is only worth it from what is left after essentials and a "
                "reserve; no budget is recorded here, so that is not checked."
            )
        )
        if terms.overpay == Overpay.REFUND.value:
            said.append(
                ctx.language.text(
                    "By this plan what is more than the next instalment comes back and saves "
                    "nothing."
                )
            )
    if request.missed and missed is None:
        said.append(ctx.language.text("No instalment is still to come."))
    return Projection(
        **ahead(debt, book, projected).model_dump(exclude={"said"}),
        extra=extra,
        missed=missed,
        said=said,
    )


def course_of(
    ctx: PersonContext,
    terms: PlanVersionRow,
    rows: list[InstalmentRow],
    book: Facts | None,
) -> Course:
    """The plan as it would run on from today; a gap within the tolerance is asked no more."""
    return Course(
        opening=book.opening if book else None,
        facts=book.later if book else (),
        rows=tuple(
            Due(ref=row.ref, due_on=row.due_on, open_minor=open_minor(row))
            for row in rows
            if not settled(row, terms)
        ),
        today=ctx.today,
        overpay=Overpay(terms.overpay),
        settles=terms.kind == "settlement",
    )


def ahead(debt: DebtRow, book: Facts | None, projected: Projected) -> Ahead:
    def amount(minor: int) -> Money:
        return Money.of(minor, debt.currency)

    return Ahead(
        debt=debt.handle,
        word=debt.word,
        ends_on=projected.ends_on,
        clears_on=projected.clears_on,
        to_pay=amount(projected.to_pay_minor),
        interest=amount(projected.interest_minor),
        fees=amount(projected.fees_minor),
        left=amount(projected.left_minor),
        forgiven=amount(projected.forgiven_minor),
        counted=book is not None and book.has_terms,
    )


def notes(ctx: PersonContext, debt: DebtRow, book: Facts | None, projected: Projected) -> list[str]:
    """What a reader of the figures must know, or would take for more than it is."""
    lang = ctx.language
    amount = lang.money(abs(projected.left_minor), debt.currency)
    accrues = projected.interest_minor or projected.fees_minor
    if book is None:
        return [
            lang.text(
                "No statement says what is owed on {debt}, so the figures are the plan's own.",
                debt=debt.handle,
            )
        ]
    found = []
    if not book.has_terms:
        found.append(
            lang.text(
                "No terms are recorded for {debt}, so no interest and no fee is counted.",
                debt=debt.handle,
            )
        )
    if projected.left_minor > 0:
        found.append(
            lang.text(
                "{word}: after the last instalment {amount} would still be owed.",
                word=debt.word,
                amount=amount,
            )
        )
    elif projected.left_minor < 0 and accrues:
        found.append(
            lang.text(
                "{word}: the instalments ask for {amount} more than will be owed; the last "
                "payments are counted as that much less.",
                word=debt.word,
                amount=amount,
            )
        )
    elif projected.left_minor < 0:
        found.append(
            lang.text(
                "{word}: the plan asks for {amount} more than the ledger says is owed; ask the "
                "creditor why.",
                word=debt.word,
                amount=amount,
            )
        )
    if projected.forgiven_minor:
        found.append(
            lang.text(
                "{word}: {amount} is forgiven once it is paid as agreed.",
                word=debt.word,
                amount=lang.money(projected.forgiven_minor, debt.currency),
            )
        )
    return found


def _extra(
    ctx: PersonContext, debt: DebtRow, course: Course, projected: Projected, request: WhatIf
) -> Extra | None:
    if request.extra is None:
        if request.on is not None:
            raise InputError(
                "on is {value!r}, but extra is missing.",
                field="extra",
                hint=N_("Say how much would be paid on that day: --extra 100."),
                value=request.on[:40],
            )
        return None
    minor = money.parse(request.extra, debt.currency, decimal_mark=ctx.decimal_mark, field="extra")
    if projected.ends_on is None:
        raise ConflictError(
            "Nothing more is open in the plan on {debt}.", field="extra", debt=debt.handle
        )
    on = reading.parse_date(
        request.on or "today",
        today=ctx.today,
        field="on",
        past=False,
        earliest=ctx.today,
        latest=projected.ends_on,
    )
    saved = course.extra(minor, on)
    return Extra(
        amount=Money.of(minor, debt.currency),
        on=on,
        saves=Money.of(saved.interest_minor, debt.currency),
        days_earlier=saved.days_earlier,
        ends_on=saved.ends_on,
    )


def _missed(debt: DebtRow, course: Course, rows: list[InstalmentRow]) -> Missed | None:
    cost = course.missed()
    if cost is None:
        return None
    row = next(each for each in rows if each.ref == cost.ref)
    return Missed(
        seq=row.seq,
        due_on=row.due_on,
        paid_on=cost.paid_on,
        interest=Money.of(cost.interest_minor, debt.currency),
        fees=Money.of(cost.fees_minor, debt.currency),
    )
