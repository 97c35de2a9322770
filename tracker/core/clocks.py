"""From what a mark on a credit file is counted, in a fixed vocabulary."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tracker.core.periods import N_

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "missed_payment_date": N_("the day of the missed payment"),
        "first_delinquency_date": N_("the start of the delinquency that was never made good"),
        "default_date": N_("the day of the default"),
        "written_off_date": N_("the day the debt was written off"),
        "card_stopped_date": N_("the day the card was stopped"),
        "last_payment_date": N_("the last payment"),
        "last_activity_date": N_("the last activity on the account"),
        "record_month": N_("the month of the mark"),
        "arrangement_month": N_("the month under arrangement"),
        "listing_date": N_("the day of listing"),
        "report_to_bureau_date": N_("the day it was reported to the register"),
        "status_date": N_("the day the lender set the status"),
        "event_date": N_("the day it happened"),
        "enquiry_date": N_("the day of the enquiry"),
        "filing_date": N_("the day of filing"),
        "order_date": N_("the day of the order"),
        "order_for_relief_date": N_("the day of the order for relief"),
        "commencement_order_date": N_("the day of the commencement order"),
        "court_approval_date": N_("the day the court approved"),
        "judgment_date": N_("the day of the judgment"),
        "case_closed_date": N_("the day the case is closed"),
        "discharge_date": N_("the day of discharge"),
        "restrictions_end_date": N_("the end of the restrictions"),
        "plan_start_date": N_("the start of the plan"),
        "plan_completed_date": N_("the completion of the plan"),
        "arrangement_end_date": N_("the end of the arrangement"),
        "settlement_date": N_("the day of settlement"),
        "arrears_cured_date": N_("the day the arrears are made good"),
        "bad_behaviour_end_date": N_("the day the overdue sum is cleared"),
        "paid_in_full_date": N_("the day of full payment"),
        "account_closed_date": N_("the day the account is closed"),
        "prescription_invoked_date": N_("the day prescription was invoked"),
    }
)
"""Every event an entry may carry a date for, and its name in a sentence (a msgid)."""

STANDING = frozenset(
    {"none_while_open", "while_enrolled", "none_own_entry", "not_reported", "not_applicable"}
)
"""Instead of an event: why a mark has no clock."""

MONTHS = frozenset({"record_month", "arrangement_month"})
"""Known to the month only: any day in it stands for it."""

CLEARED_BY_PLAN = frozenset(
    {
        "bad_behaviour_end_date",
        "paid_in_full_date",
        "account_closed_date",
        "arrears_cured_date",
        "status_date",
        "plan_completed_date",
        "arrangement_end_date",
    }
)
"""What the last instalment of a plan brings about."""

CLEARING = CLEARED_BY_PLAN - {"arrangement_end_date", "plan_completed_date"} | {"settlement_date"}
"""What ends an open account."""

YET_TO_COME = CLEARED_BY_PLAN | {
    "settlement_date",
    "discharge_date",
    "case_closed_date",
    "prescription_invoked_date",
}
"""A missing date here means that it has not happened yet, not that it is forgotten."""

PAYMENTS = ("last_payment_date", "paid_in_full_date")
"""Payments, which are also activity on an account."""
