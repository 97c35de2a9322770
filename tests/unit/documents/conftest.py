from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tracker.documents.content import (
    REQUESTS,
    ReportContent,
    ReportPayment,
    ReportRow,
    ReportStatement,
)

PAID = 9  # instalments paid in full; the tenth in part, the fifth after its date


def _content() -> ReportContent:
    month_ends = [date(2026, month, 28) for month in range(1, 13)]
    rows = []
    for seq, due_on in enumerate(month_ends, 1):
        late = seq == 5
        paid_on = due_on.replace(day=26) if seq <= PAID else None
        rows.append(
            ReportRow(
                seq=seq,
                due_on=due_on,
                amount_minor=10_000,
                paid_minor=10_000 if seq <= PAID else 5_000 if seq == PAID + 1 else 0,
                paid_on=date(2026, 6, 6) if late else date(2026, 11, 4) if seq == 10 else paid_on,
                state="late" if late or seq == 10 else "paid" if seq <= PAID else "upcoming",
            )
        )
    return ReportContent(
        number=3,
        made_on=date(2026, 11, 20),
        period_start=date(2026, 8, 1),
        period_end=date(2026, 11, 1),
        person_name="Morgan Lee",
        creditor_name="Northgate Example Finance",
        reference="AC-2026/00417",
        agreed_on=date(2026, 1, 10),
        count=12,
        rows=tuple(rows),
        payments=(
            ReportPayment(
                paid_on=date(2026, 8, 26),
                amount_minor=10_000,
                method="standing-order",
                reference="K7Q2",
            ),
            ReportPayment(
                paid_on=date(2026, 9, 26), amount_minor=10_000, method="by hand", reference=""
            ),
        ),
        kept=2,
        late=0,
        missed=1,
        paid_in_period_minor=20_000,
        due_in_period_minor=30_000,
        paid_total_minor=95_000,
        balance_minor=25_000,
        statement=ReportStatement(on=date(2026, 10, 31), total_minor=31_200, own_minor=30_000),
        next_due=(date(2026, 11, 28), 10_000),
        requests=tuple(REQUESTS.values()),
        currency="GBP",
        locale="en_GB",
        contact="m.lee@example.org, weekdays from 9 to 12",
    )


@pytest.fixture
def content() -> Callable[..., ReportContent]:
    """A report after nine of twelve payments, with the given fields replaced."""

    def make(**changes: Any) -> ReportContent:
        return replace(_content(), **changes)

    return make
