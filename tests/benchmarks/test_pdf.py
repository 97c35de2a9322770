"""A report of two pages as PDF: warm in one process, and in the child that the daemon starts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from tests.peers import measure
from tracker.documents.content import REQUESTS, ReportContent, ReportPayment, ReportRow
from tracker.documents.pdf import pdf, pdf_in_child

TIMES = 9


def _content() -> ReportContent:
    rows = tuple(
        ReportRow(
            seq=seq,
            due_on=date(2025 + (seq - 1) // 12, (seq - 1) % 12 + 1, 28),
            amount_minor=10_000,
            paid_minor=10_000 if seq <= 22 else 0,
            paid_on=date(2025 + (seq - 1) // 12, (seq - 1) % 12 + 1, 26) if seq <= 22 else None,
            state="paid" if seq <= 22 else "upcoming",
        )
        for seq in range(1, 25)
    )
    return ReportContent(
        number=1,
        made_on=date(2026, 11, 20),
        period_start=date(2026, 8, 1),
        period_end=date(2026, 11, 1),
        person_name="Morgan Lee",
        creditor_name="Northgate Example Finance",
        reference="AC-2026/00417",
        agreed_on=date(2025, 1, 10),
        count=24,
        rows=rows,
        payments=tuple(
            ReportPayment(
                paid_on=date(2026, month, 26),
                amount_minor=10_000,
                method="transfer",
                reference="K7Q2",
            )
            for month in (8, 9, 10)
        ),
        kept=3,
        late=0,
        missed=0,
        paid_in_period_minor=30_000,
        due_in_period_minor=30_000,
        paid_total_minor=220_000,
        balance_minor=20_000,
        statement=None,
        next_due=(date(2026, 11, 28), 10_000),
        requests=tuple(REQUESTS.values()),
        currency="GBP",
        locale="en_GB",
        contact="m.lee@example.org",
    )


def test_a_report_of_two_pages() -> None:
    content = _content()
    assert re.findall(rb"NPages>(\d+)", pdf(content)) == [b"2"]
    numbers = iter(range(2, 1000))  # a new document each time: typst keeps what it has set

    def warm() -> None:
        assert pdf(replace(content, number=next(numbers))).startswith(b"%PDF-")

    def child() -> None:
        assert pdf_in_child(replace(content, number=next(numbers))).startswith(b"%PDF-")

    spent = measure.median_ms(warm, TIMES)
    measure.show("a PDF of two pages, warm", f"{spent:.0f} ms", "200 ms", over=spent > 200)
    whole = measure.median_ms(child, TIMES)
    measure.show("the same in a child process", f"{whole:.0f} ms", "none of its own")
