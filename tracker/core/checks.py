"""Proof that what the store keeps for speed is what the facts say.

`instalment.paid_minor` and the allocation rows are a cache. This compares them to
a fresh replay; the answer is for the person who runs the doctor, in English, and
an empty list means that they agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tracker.core.allocation import Open, Overpay, Paid, allocate


def differences(
    instalments: Iterable[Open],
    payments: Iterable[Paid],
    *,
    cached_paid: Mapping[str, int],
    cached_parts: Iterable[tuple[int, str, int]],
    overpay: Overpay = Overpay.FORWARD,
) -> list[str]:
    """One sentence for each figure of one debt that differs from its replay, in a stable order.

    `cached_paid` is `paid_minor` by ref, `cached_parts` are the stored (payment_id,
    ref, amount_minor). An instalment that is no longer asked (withdrawn, waived) may
    stay in `cached_paid` with 0. Two stored rows for one pair are a difference even
    if their sum is right, for the pair is a key.
    """
    asked = list(instalments)
    allocated = allocate(asked, payments, overpay=overpay)
    totals = allocated.totals()
    found: list[str] = []

    for each in sorted(asked, key=lambda each: (each.due_on, each.ref)):
        expected = totals.get(each.ref, 0)
        stored = cached_paid.get(each.ref)
        if stored is None:
            found.append(f"Instalment {each.ref} has no stored amount; the replay says {expected}.")
        elif stored != expected:
            found.append(
                f"Instalment {each.ref} is stored with {stored} paid; the replay says {expected}."
            )
    known = {each.ref for each in asked}
    found.extend(
        f"Instalment {ref} is stored with {cached_paid[ref]} paid, but is not asked any more."
        for ref in sorted(cached_paid.keys() - known)
        if cached_paid[ref] != 0
    )

    stored_parts: dict[tuple[int, str], list[int]] = {}
    for payment_id, ref, amount in cached_parts:
        stored_parts.setdefault((payment_id, ref), []).append(amount)
    replayed = {(part.payment_id, part.ref): part.amount_minor for part in allocated.parts}
    for key in sorted(stored_parts.keys() | replayed.keys()):
        payment_id, ref = key
        amounts = sorted(stored_parts.get(key, []))
        wanted = [replayed[key]] if key in replayed else []
        if amounts != wanted:
            found.append(
                f"Payment {payment_id} for instalment {ref} is stored as {_said(amounts)}; "
                f"the replay says {_said(wanted)}."
            )
    return found


def _said(amounts: list[int]) -> str:
    return " and ".join(str(amount) for amount in amounts) or "nothing"
