"""What a report is made of: the values that one creditor is shown about one account.

A `ReportContent` is an allow-list. What is not in it cannot reach a creditor, and
it has room for one account only; nothing here looks anything up.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date

from tracker.language import N_

REQUESTS = {
    "confirm-balance": N_("Please confirm in writing the balance that you hold for this account."),
    "send-statement": N_("Please send me a statement of this account."),
    "freeze-interest": N_("Please add no interest and no charges while the agreement runs."),
    "correct-register": N_(
        "Please bring what you report to the credit registers in line with these payments."
    ),
    "name-difference": N_("Please name the entries behind the difference between the two figures."),
}
"""What a report may ask for: keys for the doors, msgids for `ReportContent.requests`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One instalment. `state` is a value of `core.plans.State`; `paid_on` its last payment."""

    seq: int
    due_on: date
    amount_minor: int
    paid_minor: int
    paid_on: date | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPayment:
    """One payment inside the period; `method` as recorded (see `wording.METHODS`)."""

    paid_on: date
    amount_minor: int
    method: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportStatement:
    """The creditor's own figure. `own_minor` is the ledger's on the same day, if compared."""

    on: date
    total_minor: int
    own_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """One report, complete. The period is half-open: `period_end` is the first day after it.

    `kept`, `late` and `missed` count the instalments of the period that were paid
    by their date, paid after it, and not paid. `count` is how many instalments the
    agreement has. `requests` are msgids, see REQUESTS. `contact` is one line.
    """

    number: int
    made_on: date
    period_start: date
    period_end: date
    person_name: str
    creditor_name: str
    reference: str
    agreed_on: date
    count: int
    rows: tuple[ReportRow, ...]
    payments: tuple[ReportPayment, ...]
    kept: int
    late: int
    missed: int
    paid_in_period_minor: int
    due_in_period_minor: int
    paid_total_minor: int
    balance_minor: int
    statement: ReportStatement | None
    next_due: tuple[date, int] | None
    requests: tuple[str, ...]
    currency: str
    locale: str
    contact: str | None = None

    def json(self) -> str:
        """As JSON for a stored snapshot; `from_json` reads it back equal."""
        return json.dumps(asdict(self), default=date.isoformat, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> ReportContent:
    """The content that `ReportContent.json` wrote; KeyError or ValueError for anything else."""
    data = json.loads(text)
    for name in ("made_on", "period_start", "period_end", "agreed_on"):
        data[name] = date.fromisoformat(data[name])
    data["rows"] = tuple(
        ReportRow(
            **row
            | {
                "due_on": date.fromisoformat(row["due_on"]),
                "paid_on": date.fromisoformat(row["paid_on"]) if row["paid_on"] else None,
            }
        )
        for row in data["rows"]
    )
    data["payments"] = tuple(
        ReportPayment(**payment | {"paid_on": date.fromisoformat(payment["paid_on"])})
        for payment in data["payments"]
    )
    if statement := data["statement"]:
        statement["on"] = date.fromisoformat(statement["on"])
        data["statement"] = ReportStatement(**statement)
    if data["next_due"]:
        on, amount_minor = data["next_due"]
        data["next_due"] = (date.fromisoformat(on), amount_minor)
    data["requests"] = tuple(data["requests"])
    return ReportContent(**data)
