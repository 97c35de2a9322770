"""Which debt, creditor, payment or plan is meant by what was typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from tracker.actions.office import PersonContext
from tracker.errors import ConflictError, InputError, NotFoundError
from tracker.language import N_
from tracker.store import debts, payments, plans
from tracker.store.debts import CreditorRow, DebtRow
from tracker.store.payments import PaymentRow
from tracker.store.plans import PlanRow


def debt(ctx: PersonContext, name: str) -> DebtRow:
    """The debt with this handle or cover word, or the only one that begins so."""
    rows = debts.debts(ctx.session, ctx.person.id)
    wanted = _folded(name)
    names = [(row, (_folded(row.handle), _folded(row.word))) for row in rows]
    exact = [row for row, known in names if wanted in known]
    if len(exact) == 1:
        return exact[0]
    begun = [row for row, known in names if wanted and any(n.startswith(wanted) for n in known)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise InputError(
            "debt is {value!r}, which could be any of {choices}.",
            field="debt",
            hint=N_("Type one more letter."),
            value=name[:40],
            choices=_listed([row.handle for row in begun]),
        )
    raise NotFoundError(
        "There is no debt {value!r}.",
        field="debt",
        hint=N_("`tracker debt list` shows them: {choices}.")
        if rows
        else N_("Record the first with `tracker add`."),
        value=name[:40],
        choices=_listed([row.handle for row in rows]),
    )


def live_plan(ctx: PersonContext, debt: DebtRow) -> PlanRow:
    """The plan that the debt is paid by now. Raises ConflictError where there is none."""
    plan = plans.live(ctx.session, debt.id)
    if plan is None:
        raise ConflictError(
            "{debt} has no live plan.",
            field="debt",
            hint=N_("`tracker plan list` shows which debts have one."),
            debt=debt.handle,
        )
    return plan


def creditor(ctx: PersonContext, name: str) -> CreditorRow:
    rows = debts.creditors(ctx.session, ctx.person.id)
    wanted = _folded(name)
    for row in rows:
        if wanted in (_folded(row.handle), _folded(row.name)):
            return row
    begun = [row for row in rows if wanted and row.handle.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise InputError(
            "creditor is {value!r}, which could be any of {choices}.",
            field="creditor",
            hint=N_("Type one more letter."),
            value=name[:40],
            choices=_listed([row.handle for row in begun]),
        )
    raise NotFoundError(
        "There is no creditor {value!r}.",
        field="creditor",
        hint=N_("Record it with `tracker creditor add NAME`."),
        value=name[:40],
    )


def payment(ctx: PersonContext, typed: str) -> PaymentRow:
    """The payment with this number, as the list shows it: 12 or #12."""
    digits = typed.strip().removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise InputError(
            "payment is {value!r}, which is no payment number.",
            field="payment",
            hint=N_("`tracker payment list` shows them, for example #12."),
            value=typed[:40],
        )
    row = payments.numbered(ctx.session, ctx.person.id, int(digits))
    if row is None:
        raise NotFoundError(
            "There is no payment #{number}.",
            field="payment",
            hint=N_("`tracker payment list` shows them."),
            number=int(digits),
        )
    return row


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:8])
    return ", ".join(shown) + (", …" if len(names) > 8 else "")
