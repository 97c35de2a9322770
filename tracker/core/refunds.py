"""Which payments a refund is taken off, so that money sent back settles nothing any more.

Pure, and rebuilt from the facts like the allocation that it goes before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tracker.core.allocation import Paid

Overpaid = Callable[[Sequence[Paid]], Mapping[int, int]]
"""Minor units that no instalment can take of some payments, by payment id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Money that the creditor sent back on a day; `amount_minor` above 0."""

    refund_id: int
    on: date
    amount_minor: int


def sent_back(
    payments: Sequence[Paid], refunds: Iterable[Back], overpaid: Overpaid
) -> dict[int, int]:
    """How much of each payment came back, in minor units above 0, by payment id.

    Refunds are taken in order of their days. Each comes out of the payments made by
    its day: first out of what no instalment could take, then out of the rest, the
    newest payment first. So what was prepaid furthest ahead opens first. What is
    more than all of them (one was voided since) comes off none.
    """
    taken: dict[int, int] = {}
    newest = sorted(payments, key=lambda each: (each.paid_on, each.payment_id), reverse=True)
    for refund in sorted(refunds, key=lambda each: (each.on, each.refund_id)):
        made = [each for each in newest if each.paid_on <= refund.on]
        spare = overpaid(less(payments, taken))
        left = refund.amount_minor
        for out_of in (spare, {each.payment_id: each.amount_minor for each in made}):
            for each in made:
                key, gone = each.payment_id, taken.get(each.payment_id, 0)
                part = min(left, out_of.get(key, 0), each.amount_minor - gone)
                if part > 0:
                    taken[key] = gone + part
                    left -= part
    return taken


def less(payments: Sequence[Paid], taken: Mapping[int, int]) -> list[Paid]:
    """The payments without what came back of them; one that came back whole is left out."""
    found = []
    for each in payments:
        amount = each.amount_minor - taken.get(each.payment_id, 0)
        if amount > 0:
            found.append(replace(each, amount_minor=amount))
    return found
