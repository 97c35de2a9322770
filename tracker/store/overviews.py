"""What overviews read: of one person or of everybody, each kind of thing in one statement.

The number of statements does not depend on the number of debts, and none of them
looks at an instalment that it does not tell of or sum.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Subquery, and_, bindparam, case, exists, func
from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from tracker.store.columns import total
from tracker.store.debts import CreditorRow, DebtRow, HoldRow
from tracker.store.owners import PayeeRow
from tracker.store.payments import PaymentRow
from tracker.store.people import PersonRow
from tracker.store.plans import InstalmentRow, PlanRow, PlanVersionRow


class Live(NamedTuple):
    """A live plan: its debt, its terms in force, and to whom it is paid."""

    debt: DebtRow
    terms: PlanVersionRow
    creditor_name: str


class Totals(NamedTuple):
    """One plan's instalments taken together: `done` of `rows` are settled.

    `asked_minor` is without what was waived; `next_due_on` is that of the first
    instalment that is not settled, None where all are.
    """

    paid_minor: int
    asked_minor: int
    done: int
    rows: int
    next_due_on: date | None
    ends_on: date


class Case(NamedTuple):
    """An open instalment of somebody, one of `rows` of its plan, with what it belongs to."""

    id: int
    seq: int
    due_on: date
    send_by_at: datetime
    asked_minor: int
    paid_minor: int
    tolerance_minor: int
    rows: int
    debt_id: int
    debt: str
    word: str
    currency: str
    person: str
    zone: str


_I, _V, _P = InstalmentRow, PlanVersionRow, PlanRow

# In the words of ix_instalment_open_due, or SQLite would not use it.
_OPEN = col(_I.paid_minor) + col(_I.waived_minor) < col(_I.amount_minor)
_GAP = col(_I.amount_minor) - col(_I.waived_minor) - col(_I.paid_minor)
# As core/plans.py settles: where nothing came, the tolerance does not help.
_NOT_FORGIVEN = or_(col(_I.paid_minor) == 0, col(_V.tolerance_minor) < _GAP)
_UNSETTLED = and_(_OPEN, _NOT_FORGIVEN)
_IN_FORCE = and_(
    col(_V.plan_id) == col(_P.id),
    col(_V.number) == col(_P.version),
    col(_P.ended_at).is_(None),
)
_OF_PERSON = col(_P.person_id) == bindparam("person_id")

_LIVE = (
    select(DebtRow, PlanVersionRow, col(CreditorRow.name))
    .select_from(PlanRow)
    .join(PlanVersionRow, _IN_FORCE)
    .join(DebtRow, col(DebtRow.id) == col(_P.debt_id))
    .join(CreditorRow, col(CreditorRow.id) == col(DebtRow.creditor_id))
    .where(_OF_PERSON)
    .order_by(col(DebtRow.handle))
)
_TOTALS = (
    columns(
        col(_V.id),
        total(col(_I.paid_minor)),
        total(col(_I.amount_minor) - col(_I.waived_minor)),
        total(case((_UNSETTLED, 0), else_=1)),
        func.count(),
        func.min(case((_UNSETTLED, col(_I.due_on)))),
        # A waived last one is not paid on its day, and ends nothing.
        func.coalesce(
            func.max(case((col(_I.waived_minor) < col(_I.amount_minor), col(_I.due_on)))),
            func.max(col(_I.due_on)),
        ),
    )
    .select_from(PlanRow)
    .join(PlanVersionRow, _IN_FORCE)
    .join(InstalmentRow, col(_I.plan_version_id) == col(_V.id))
    .where(_OF_PERSON)
    .group_by(col(_V.id))
)
_DUE = (
    select(InstalmentRow)
    .select_from(PlanRow)
    .join(PlanVersionRow, _IN_FORCE)
    .join(InstalmentRow, col(_I.plan_version_id) == col(_V.id))
    .where(_OF_PERSON, _UNSETTLED, col(_I.due_on) <= bindparam("until"))
    .order_by(col(_I.plan_version_id), col(_I.seq))
)
_HOLDS = (
    select(HoldRow)
    .where(
        col(HoldRow.person_id) == bindparam("person_id"),
        col(HoldRow.released_at).is_(None),
        col(HoldRow.from_on) <= bindparam("on"),
        or_(col(HoldRow.until_on).is_(None), col(HoldRow.until_on) > bindparam("on")),
    )
    .order_by(col(HoldRow.id))
)
_PAYEES = select(PayeeRow).where(
    col(PayeeRow.person_id) == bindparam("person_id"), col(PayeeRow.closed_at).is_(None)
)
_ANSWER = aliased(PaymentRow)
_WAITING = (
    select(PaymentRow)
    .where(
        col(PaymentRow.person_id) == bindparam("person_id"),
        col(PaymentRow.kind) == "scheduled",
        col(PaymentRow.on_date) <= bindparam("until"),
        ~exists().where(
            or_(
                col(_ANSWER.reverses_id) == col(PaymentRow.id),
                col(_ANSWER.confirms_id) == col(PaymentRow.id),
            )
        ),
    )
    .order_by(col(PaymentRow.number))
)
_RECENT = (
    select(PaymentRow)
    .where(col(PaymentRow.person_id) == bindparam("person_id"))
    .order_by(col(PaymentRow.number).desc())
    .limit(bindparam("limit"))
)


def live(session: Session, person_id: int) -> list[Live]:
    """In the order of the debts' handles."""
    found = session.exec(_LIVE, params={"person_id": person_id})
    return [Live(debt, terms, name) for debt, terms, name in found]


def totals(session: Session, person_id: int) -> dict[int, Totals]:
    """Of each live plan, by the id of its version in force."""
    found = session.connection().execute(_TOTALS, {"person_id": person_id})
    return {each[0]: Totals(*each[1:]) for each in found}


def due(session: Session, person_id: int, until: date) -> dict[int, list[InstalmentRow]]:
    """What is not settled and due up to a day, however late, by version, in order of the days."""
    found: dict[int, list[InstalmentRow]] = {}
    for row in session.exec(_DUE, params={"person_id": person_id, "until": until}):
        found.setdefault(row.plan_version_id, []).append(row)
    return found


def holds(session: Session, person_id: int, on: date) -> dict[int, list[HoldRow]]:
    """Those in force on a day, by debt, oldest first."""
    found: dict[int, list[HoldRow]] = {}
    for row in session.exec(_HOLDS, params={"person_id": person_id, "on": on}):
        found.setdefault(row.debt_id, []).append(row)
    return found


def waiting_payees(session: Session, person_id: int) -> dict[int, PayeeRow]:
    """Changed payment details that nobody has checked yet, by debt."""
    found = session.exec(_PAYEES, params={"person_id": person_id})
    return {row.debt_id: row for row in found}


def waiting(session: Session, person_id: int, until: date) -> list[PaymentRow]:
    """Scheduled payments up to a day of which nobody has said yet whether they went."""
    return list(session.exec(_WAITING, params={"person_id": person_id, "until": until}).all())


def recent(session: Session, person_id: int, limit: int) -> list[PaymentRow]:
    """Those recorded last, newest first.

    Whatever reverses or confirms one of them was recorded after it, and is among them.
    """
    return list(session.exec(_RECENT, params={"person_id": person_id, "limit": limit}).all())


# Of everybody. By EXISTS, so that the walk begins at the index of open instalments, in the order
# of their due days, and ends with the page.
_DUE_OF_ALL = (
    _OPEN,
    col(_I.due_on) <= bindparam("until"),
    exists()
    .where(
        col(_V.id) == col(_I.plan_version_id),
        _IN_FORCE,
        _NOT_FORGIVEN,
    )
    .correlate(InstalmentRow),
)
_COUNT = select(func.count()).select_from(InstalmentRow).where(*_DUE_OF_ALL)
_PAGE = (
    select(col(_I.id))
    .where(*_DUE_OF_ALL)
    .order_by(col(_I.due_on), col(_I.id))
    .limit(bindparam("limit"))
)
_AFTER = or_(
    col(_I.due_on) > bindparam("day"),
    and_(col(_I.due_on) == bindparam("day"), col(_I.id) > bindparam("id")),
)
_COUSIN = aliased(InstalmentRow)


def _cases(page: Subquery) -> Select[Any]:
    rows = (
        columns(func.count())
        .where(col(_COUSIN.plan_version_id) == col(_I.plan_version_id))
        .scalar_subquery()
    )
    return (
        columns(
            col(_I.id),
            col(_I.seq),
            col(_I.due_on),
            col(_I.send_by_at),
            col(_I.amount_minor) - col(_I.waived_minor),
            col(_I.paid_minor),
            col(_V.tolerance_minor),
            rows,
            col(DebtRow.id),
            col(DebtRow.handle),
            col(DebtRow.word),
            col(DebtRow.currency),
            col(PersonRow.handle),
            col(PersonRow.zone),
        )
        .join(page, page.c.id == col(_I.id))
        .join(PlanVersionRow, col(_V.id) == col(_I.plan_version_id))
        .join(PlanRow, col(_P.id) == col(_V.plan_id))
        .join(DebtRow, col(DebtRow.id) == col(_P.debt_id))
        .join(PersonRow, col(PersonRow.id) == col(_I.person_id))
        .order_by(col(_I.due_on), col(_I.id))
    )


_FIRST_CASES = _cases(_PAGE.subquery())
_NEXT_CASES = _cases(_PAGE.where(col(_I.due_on) >= bindparam("day"), _AFTER).subquery())


def count_due(session: Session, until: date) -> int:
    """How many instalments of live plans are not settled and due up to a day, of everybody."""
    return session.exec(_COUNT, params={"until": until}).one()


def page_due(
    session: Session, until: date, *, limit: int, after: tuple[date, int] | None = None
) -> list[Case]:
    """Such instalments in the order of their due days, from behind the day and id `after`."""
    values: dict[str, object] = {"until": until, "limit": limit}
    if after is not None:
        values |= {"day": after[0], "id": after[1]}
    statement = _FIRST_CASES if after is None else _NEXT_CASES
    return [Case(*each) for each in session.connection().execute(statement, values)]


def standing_holds(session: Session, debt_ids: list[int]) -> dict[int, list[HoldRow]]:
    """The holds on these debts that were not released, whatever their days; oldest first."""
    found: dict[int, list[HoldRow]] = {}
    for row in session.exec(
        select(HoldRow)
        .where(col(HoldRow.debt_id).in_(debt_ids), col(HoldRow.released_at).is_(None))
        .order_by(col(HoldRow.id))
    ):
        found.setdefault(row.debt_id, []).append(row)
    return found
