"""Bugs that programs of this sort have, to plant in the tracker: the simulation has to find each.

Every function here puts one wrong piece in the place of a real one, through
pytest's `monkeypatch`, and says in its first line what is wrong.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from tracker import actions, core
from tracker.actions import booking, dispatch, reversals, terms, versions
from tracker.core import allocation, holiday, interest, ledger, revision, schedule
from tracker.core.allocation import Allocated, Open, Overpay, Paid
from tracker.core.plans import State
from tracker.core.revision import Changed, Standing
from tracker.core.schedule import Remainder
from tracker.errors import TrackerError
from tracker.store import payments, wakes
from tracker.store import plans as stored
from tracker.store.payments import PaymentRow

# One that is first imported while a bug is planted would keep it.
for _package in (core, actions):
    for _module in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)


def _everywhere(patch: pytest.MonkeyPatch, original: Any, planted: Any) -> None:
    """Also where it was imported by name."""
    for name, module in list(sys.modules.items()):
        if name.startswith("tracker."):
            for key, value in list(vars(module).items()):
                if value is original:
                    patch.setattr(module, key, planted)


def _allocate(
    patch: pytest.MonkeyPatch,
    *,
    instalment: Callable[[Open], Open] = lambda each: each,
    payment: Callable[[Paid], Paid] = lambda each: each,
    rule: Callable[[Overpay], Overpay] = lambda each: each,
) -> None:
    """The one allocation, in the replay and in the checks alike, so that these see nothing."""
    original = allocation.allocate

    def planted(
        instalments: Sequence[Open],
        payments: Sequence[Paid],
        *,
        overpay: Overpay = Overpay.FORWARD,
    ) -> Allocated:
        return original(
            [instalment(each) for each in instalments],
            [payment(each) for each in payments],
            overpay=rule(overpay),
        )

    _everywhere(patch, original, planted)


def remainder_to_the_first(patch: pytest.MonkeyPatch) -> None:
    """What does not divide goes to the first instalment instead of the last."""
    original = schedule.parts

    def planted(rest: int, count: int, remainder: Remainder) -> list[int]:
        return original(rest, count, Remainder.FIRST if remainder is Remainder.LAST else remainder)

    _everywhere(patch, original, planted)


def newest_first(patch: pytest.MonkeyPatch) -> None:
    """Money goes to the instalment due last instead of the oldest."""
    turned = date(2300, 1, 1).toordinal()

    def mirrored(each: Open) -> Open:
        return replace(each, due_on=date.fromordinal(turned - each.due_on.toordinal()))

    _allocate(patch, instalment=mirrored)


def last_acts_as_forward(patch: pytest.MonkeyPatch) -> None:
    """What is paid too much prepays the next ones where it should go to the last."""
    _allocate(patch, rule=lambda each: Overpay.FORWARD if each is Overpay.LAST else each)


def by_order_of_recording(patch: pytest.MonkeyPatch) -> None:
    """A payment recorded late is booked after those that were made after it."""
    day = date(2000, 1, 1)

    def numbered(each: Paid) -> Paid:
        return replace(each, paid_on=date.fromordinal(day.toordinal() + each.payment_id))

    _allocate(patch, payment=numbered, rule=lambda each: Overpay.FORWARD)


def named_instalment_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The instalment that the payer named is not paid first."""
    _allocate(patch, payment=lambda each: replace(each, for_ref=None))


def void_leaves_its_allocation(patch: pytest.MonkeyPatch) -> None:
    """A payment that was taken back goes on paying its instalments."""

    def planted(rows: list[PaymentRow]) -> list[PaymentRow]:
        return [row for row in rows if row.kind == "payment"]

    patch.setattr(booking, "payments", SimpleNamespace(**vars(payments) | {"counting": planted}))


def cache_not_rebuilt_on_void(patch: pytest.MonkeyPatch) -> None:
    """Taking a payment back leaves what is kept of each instalment as it was."""
    kept = vars(booking) | {"rebook": lambda ctx, debt: None}
    patch.setattr(reversals, "booking", SimpleNamespace(**kept))


def scheduled_counts(patch: pytest.MonkeyPatch) -> None:
    """A payment that nobody has confirmed counts already."""
    original = payments.counting

    def planted(rows: list[PaymentRow]) -> list[PaymentRow]:
        return original(rows) + payments.unconfirmed(rows)

    patch.setattr(booking, "payments", SimpleNamespace(**vars(payments) | {"counting": planted}))


def bounced_on_the_day_of_payment(patch: pytest.MonkeyPatch) -> None:
    """Money that came back counts as never paid, instead of as owed again from that day."""
    original = reversals._reverse

    def planted(ctx: Any, row: PaymentRow, *, on: date, reason: str) -> Any:
        return original(ctx, row, on=row.on_date, reason=reason)

    patch.setattr(reversals, "_reverse", planted)


def revision_drops_what_was_paid_in_part(patch: pytest.MonkeyPatch) -> None:
    """An instalment paid in part gives way to the new ones with the money on it."""
    original = revision.revised

    def planted(
        rows: Sequence[Standing], new: Sequence[Any], *, agreed_on: date, tolerance_minor: int
    ) -> list[Changed]:
        bare = [row if row.settled(tolerance_minor) else replace(row, paid_minor=0) for row in rows]
        return original(bare, new, agreed_on=agreed_on, tolerance_minor=tolerance_minor)

    _everywhere(patch, original, planted)


def pause_loses_the_last(patch: pytest.MonkeyPatch) -> None:
    """A holiday drops the instalment that comes to stand at the end."""
    original = holiday.paused
    patch.setattr(holiday, "paused", lambda rows, **more: original(rows, **more)[:-1])


def reschedule_makes_another_of_it(patch: pytest.MonkeyPatch) -> None:
    """An instalment that moved gets a new ref; a phone would show it twice."""
    original = revision.rescheduled

    def planted(rows: Sequence[Standing], seq: int, to: date, **more: Any) -> list[Changed]:
        found = original(rows, seq, to, **more)
        return [replace(row, ref=None) if row.due_on == to else row for row in found]

    _everywhere(patch, original, planted)


def waived_counts_as_paid(patch: pytest.MonkeyPatch) -> None:
    """An instalment that the creditor let go of is shown as one that was met."""
    original = terms.state

    def planted(*given: Any) -> str:
        found = original(*given)
        return State.PAID.value if found == State.WAIVED.value else found

    _everywhere(patch, original, planted)


def refused_revision_counts(patch: pytest.MonkeyPatch) -> None:
    """A revision that is refused has raised the number of the version already."""
    original = dispatch._write

    def planted(office: Any, name: str, *given: Any) -> dict[str, Any]:
        try:
            return original(office, name, *given)
        except TrackerError:
            wanted = given[2]
            if name == "plan.agree" and wanted.revise:
                with office.database.write() as session:
                    for plan in stored.of_person(session, 1):
                        plan.version += 1
            raise

    patch.setattr(dispatch, "_write", planted)


def send_by_stays(patch: pytest.MonkeyPatch) -> None:
    """An instalment that moved is still to be sent by the moment that it had before."""
    original = versions.write

    def planted(ctx: Any, debt: Any, version: Any, changed: Any, before: Any, **more: Any) -> None:
        original(ctx, debt, version, changed, before, **more)
        old = {row.ref: row.send_by_at for row in before}
        for row in stored.instalments(ctx.session, version.id):
            row.send_by_at = old.get(row.ref, row.send_by_at)

    patch.setattr(versions, "write", planted)


def nothing_wakes(patch: pytest.MonkeyPatch) -> None:
    """A plan that was just agreed is looked at by nobody."""
    kept: Mapping[str, Any] = vars(wakes) | {"set_wake": lambda *given: None}
    patch.setattr(booking, "wakes", SimpleNamespace(**kept))


def paid_and_reminded_all_the_same(patch: pytest.MonkeyPatch) -> None:
    """What waits to be sent about an instalment is not withdrawn when it is paid or gone."""
    patch.setattr(booking, "withdraw_messages", lambda *given: 0)


def open_again_in_silence(patch: pytest.MonkeyPatch) -> None:
    """An instalment whose payment was taken back is open again, and nobody is told."""
    patch.setattr(booking, "reopen", lambda ctx, row: None)


def interest_rounded_down(patch: pytest.MonkeyPatch) -> None:
    """Interest is cut off instead of rounded half up."""
    _everywhere(patch, interest.rounded, lambda above, below: above // below)


def forgiven_before_it_is_paid(patch: pytest.MonkeyPatch) -> None:
    """What a settlement leaves out is forgiven with what is paid on that very day."""
    patch.setattr(ledger, "_ADJUSTMENT", ledger._CHARGE)


def counted_by_two_plans(patch: pytest.MonkeyPatch) -> None:
    """A plan agreed as of a day before others leaves their days to those before them too."""

    def planted(span: Any, row: PaymentRow) -> bool:
        following = span.following
        return not span.before(row) and (following is None or following.before(row))

    patch.setattr(booking._Span, "_counts", planted)


PLANTED: Mapping[Callable[[pytest.MonkeyPatch], None], int] = {
    remainder_to_the_first: 2,
    newest_first: 0,
    last_acts_as_forward: 1,
    by_order_of_recording: 0,
    named_instalment_forgotten: 8,
    void_leaves_its_allocation: 4,
    cache_not_rebuilt_on_void: 4,
    scheduled_counts: 2,
    bounced_on_the_day_of_payment: 5,
    revision_drops_what_was_paid_in_part: 0,
    pause_loses_the_last: 7,
    reschedule_makes_another_of_it: 0,
    waived_counts_as_paid: 0,
    refused_revision_counts: 8,
    send_by_stays: 0,
    nothing_wakes: 0,
    paid_and_reminded_all_the_same: 2,
    open_again_in_silence: 8,
    interest_rounded_down: 6,
    forgiven_before_it_is_paid: 37,
    counted_by_two_plans: 13,
}
"""Each with the first of the runs that look for it, counted from the usual one: a run in
which it shows early. The runs after it would find it too, only later.
"""
