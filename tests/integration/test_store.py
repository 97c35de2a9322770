"""The tables on both databases: what goes in comes out, and what breaks a rule is refused."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint, insert, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, func

from tracker.errors import InputError, NotFoundError, UnavailableError
from tracker.store import journal, owners, payments, people, plans, reports, terms
from tracker.store.columns import total
from tracker.store.db import Database, add, insert_if_absent, select, wal_is_safe
from tracker.store.payments import PaymentRow
from tracker.store.people import PersonRow
from tracker.store.tables import metadata

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
LATER = AT + timedelta(hours=1)
NEXT_DAY = ON + timedelta(days=1)
BIG = 10**15

# One good row of every table; every link is to row 1 unless it says otherwise.
GOOD: dict[str, dict[str, Any]] = {
    "answer": {"key": "k", "action": "a", "request_sha256": "0", "answer": "{}", "at": AT},
    "person": {
        "handle": "li",
        "name": "Li",
        "locale": "en_GB",
        "zone": "Europe/London",
        "currency": "GBP",
        "channels": "console",
        "revision": 0,
        "created_at": AT,
    },
    "creditor": {
        "handle": "north",
        "name": "North",
        "zone": "Europe/London",
        "cutoff": "17:00",
        "clearing_days": 1,
        "created_at": AT,
    },
    "feed": {"handle": "phone", "token_sha256": "0", "detail": "neutral", "created_at": AT},
    "journal": {
        "revision": 1,
        "at": AT,
        "actor": "cli",
        "action": "a",
        "detail": "{}",
        "previous_sha256": "0",
        "sha256": "1",
    },
    "login": {"token_sha256": "0", "created_at": AT, "expires_at": LATER},
    "wake": {"kind": "plan", "subject_id": 1, "at": AT},
    "debt": {
        "handle": "card",
        "word": "MAPLE",
        "kind": "ordinary",
        "currency": "GBP",
        "created_at": AT,
    },
    "consent": {
        "act": "contact",
        "verdict": "barred",
        "cites": "rule@1",
        "actor": "cli",
        "said_at": AT,
    },
    "debt_date": {"kind": "defaulted", "state": "known", "on_date": ON},
    "entry": {"jurisdiction": "GB", "kind": "default", "recorded_at": AT},
    "hold": {"kind": "disputed", "from_on": ON, "created_at": AT},
    "message": {
        "channel": "console",
        "address": "li",
        "body": "Li: MAPLE 1 of 3",
        "ref": "K7Q2",
        "state": "pending",
        "not_before_at": AT,
        "useful_until_at": LATER,
        "attempts": 0,
        "asked": 0,
        "created_at": AT,
        "changed_at": AT,
    },
    "payment": {
        "number": 1,
        "kind": "payment",
        "amount_minor": 100,
        "on_date": ON,
        "method": "transfer",
        "recorded_at": AT,
    },
    "plan": {"version": 1, "created_at": AT},
    "reminder": {
        "subject_ref": "r1",
        "kind": "reminder",
        "due_on": ON,
        "offset_days": -3,
        "generation": 0,
        "moment_at": AT,
        "useful_until_at": LATER,
        "created_at": AT,
    },
    "report": {
        "number": 1,
        "period_start": ON,
        "period_end": ON + timedelta(days=1),
        "made_on": ON,
        "made_at": AT,
        "locale": "en_GB",
        "content": "{}",
        "html_sha256": "0",
        "pdf_sha256": "0",
    },
    "statement": {"on_date": ON, "total_minor": 100, "recorded_at": AT},
    "allocation": {"ref": "r1", "component": "instalment", "amount_minor": 100},
    "delivery_event": {"at": AT, "to_state": "pending"},
    "entry_event": {"name": "defaulted", "on_date": ON},
    "message_reminder": {},
    "plan_version": {
        "number": 1,
        "agreed_on": ON,
        "total_minor": 100,
        "paid_by": "send",
        "rule": "monthly",
        "tolerance_minor": 0,
        "recorded_at": AT,
    },
    "instalment": {
        "ref": "r1",
        "seq": 1,
        "due_on": ON,
        "amount_minor": 100,
        "paid_minor": 0,
        "send_by_at": AT,
        "generation": 0,
        "sequence": 0,
        "changed_at": AT,
    },
    "debt_terms": {
        "from_on": ON,
        "rate_ppb": 182_500_000,
        "rate_per": "year",
        "basis": "act/365f",
        "compounding": "monthly",
        "compounds_on": 5,
        "grace_days": 10,
        "penalty_reach": "overdue",
        "penalty_instead": False,
        "late_fee_least_minor": 0,
        "late_fee_times": "once",
        "bears": "principal",
        "rounding": "carry",
        "recorded_at": AT,
    },
    "debt_policy": {"from_on": ON, "ordering": "costs-first", "recorded_at": AT},
    "charge": {
        "on_date": ON,
        "reason": "charge",
        "component": "fees",
        "amount_minor": 100,
        "recorded_at": AT,
    },
    "assignment": {
        "from_creditor_id": 1,
        "to_creditor_id": 2,
        "on_date": ON,
        "told_by": "a letter from North",
        "recorded_at": AT,
    },
    "payee": {"account_last4": "0042", "told_by": "a letter from North", "recorded_at": AT},
    "party": {"role": "guarantor", "name": "Sam", "recorded_at": AT},
    "plan_condition": {"ref": "c1", "kind": "no-new-card", "recorded_at": AT},
    "plan_holiday": {
        "version": 2,
        "from_on": ON,
        "until_on": NEXT_DAY,
        "how": "shift",
        "agreed_by": "call of 24 November",
        "recorded_at": AT,
    },
    "mark": {"kind": "restored", "at": AT},
    "absence": {"from_on": ON, "until_on": NEXT_DAY, "zone": "Asia/Tokyo", "recorded_at": AT},
    "destination": {"channel": "sms", "address": "+447700900123", "added_at": AT},
    "inbound": {
        "channel": "sms",
        "provider_id": "SM1",
        "sender": "+447700900123",
        "body": "PAID K7Q2",
        "verb": "paid",
        "said_at": AT,
        "seen_at": AT,
    },
    "income": {"name": "wages", "every": "monthly", "anchor_on": ON, "recorded_at": AT},
    "mirror": {
        "name": "cloud",
        "kind": "caldav",
        "url": "https://cloud.example/dav",
        "username": "li",
        "secret": "s",
        "detail": "neutral",
        "added_at": AT,
    },
    "mirror_item": {"uid": "u1", "state": "pending", "not_before_at": AT, "changed_at": AT},
    "followup": {"ref": "f1", "kind": "call", "said": "call", "due_on": ON, "opened_at": AT},
    "snooze": {"subject_ref": "r1", "recorded_at": AT, "until_at": LATER},
    "payment_claim": {"number": 1, "instalment_ref": "r1", "said_at": AT, "state": "open"},
    "payment_split": {"component": "interest", "amount_minor": 100},
    "payment_proof": {"sha256": "0" * 64, "name": "receipt.pdf", "size": 1, "added_at": AT},
    "exchange": {
        "base": "EUR",
        "quote": "GBP",
        "rate": "0.8612",
        "on_date": ON,
        "recorded_at": AT,
    },
}

# What each CHECK refuses, as a change of the good row.
REFUSED: dict[str, list[dict[str, Any]]] = {
    "ck_absence_until_after_from": [{"until_on": ON}],
    "ck_allocation_amount_positive": [{"amount_minor": 0}, {"amount_minor": -1}],
    "ck_allocation_component_known": [{"component": "gift"}],
    "ck_assignment_changes_hands": [{"to_creditor_id": 1}],
    "ck_assignment_verified_by_proof": [{"proof": "letter 7"}, {"verified_at": AT}],
    "ck_charge_amount_not_zero": [{"amount_minor": 0, "reason": "adjustment", "statement_id": 1}],
    "ck_charge_component_known": [{"component": "gift"}],
    "ck_charge_reason_fits": [
        {"reason": "gift"},
        {"amount_minor": -1},
        {"amount_minor": None},
        {"component": None},
        {"reason": "waiver"},
        {"reason": "waiver", "amount_minor": None},
        {"reason": "adjustment"},
        {"reason": "adjustment", "statement_id": 1, "component": None},
        {"reason": "adjustment", "statement_id": 1, "amount_minor": None},
    ],
    "ck_creditor_clearing_days_range": [{"clearing_days": -1}, {"clearing_days": 16}],
    "ck_creditor_name_length": [{"name": ""}, {"name": "x" * 121}],
    "ck_debt_currency_length": [{"currency": "POUND"}],
    "ck_debt_date_date_when_known": [{"on_date": None}, {"state": "unknown"}],
    "ck_debt_date_kind_known": [{"kind": "birthday"}],
    "ck_debt_date_state_known": [{"state": "maybe", "on_date": None}],
    "ck_debt_handle_length": [{"handle": ""}, {"handle": "x" * 41}],
    "ck_debt_kind_known": [{"kind": "shameful"}],
    "ck_debt_policy_ordering_known": [{"ordering": "alphabetic"}],
    "ck_debt_policy_switch_range": [
        {"switch_days": 0, "then_ordering": "as-stated"},
        {"switch_days": 3661, "then_ordering": "as-stated"},
    ],
    "ck_debt_policy_switch_whole": [{"switch_days": 90}, {"then_ordering": "as-stated"}],
    "ck_debt_policy_then_ordering_known": [{"switch_days": 90, "then_ordering": "alphabetic"}],
    "ck_debt_terms_basis_known": [{"basis": "by moon"}],
    "ck_debt_terms_compounding_known": [{"compounding": "hourly"}],
    "ck_debt_terms_compounds_on_range": [{"compounds_on": 0}, {"compounds_on": 32}],
    "ck_debt_terms_grace_range": [{"grace_days": -1}, {"grace_days": 367}],
    "ck_debt_terms_late_fee_bounds": [
        {"late_fee_least_minor": -1},
        {"late_fee_least_minor": 2, "late_fee_most_minor": 1},
    ],
    "ck_debt_terms_late_fee_not_negative": [{"late_fee_minor": -1}],
    "ck_debt_terms_late_fee_of_one_kind": [{"late_fee_minor": 1, "late_fee_ppb": 1}],
    "ck_debt_terms_late_fee_range": [{"late_fee_ppb": -1}, {"late_fee_ppb": 10**10 + 1}],
    "ck_debt_terms_late_fee_times_known": [{"late_fee_times": "hourly"}],
    "ck_debt_terms_penalty_above_range": [
        {"penalty_above_ppb": -1},
        {"penalty_above_ppb": 10**10 + 1},
    ],
    "ck_debt_terms_penalty_of_one_kind": [
        {"penalty_ppb": 1, "penalty_per": "day", "penalty_above_ppb": 1}
    ],
    "ck_debt_terms_penalty_per_known": [{"penalty_ppb": 1, "penalty_per": "hour"}],
    "ck_debt_terms_penalty_range": [
        {"penalty_ppb": -1, "penalty_per": "day"},
        {"penalty_ppb": 10**10 + 1, "penalty_per": "day"},
    ],
    "ck_debt_terms_penalty_reach_known": [{"penalty_reach": "everything"}],
    "ck_debt_terms_penalty_whole": [{"penalty_ppb": 1}, {"penalty_per": "day"}],
    "ck_debt_terms_rate_per_known": [{"rate_per": "hour"}],
    "ck_debt_terms_rate_range": [{"rate_ppb": -1}, {"rate_ppb": 10**10 + 1}],
    "ck_debt_terms_rate_whole": [{"rate_ppb": None}, {"rate_per": None}],
    "ck_debt_terms_rounding_known": [{"rounding": "up"}],
    "ck_destination_address_length": [{"address": ""}, {"address": "x" * 255}],
    "ck_destination_channel_known": [{"channel": "pigeon"}, {"channel": "console"}],
    "ck_destination_code_whole": [{"code_sha256": "0"}, {"code_until_at": LATER}],
    "ck_destination_counts": [{"tries": -1}, {"codes": -1}],
    "ck_destination_push_has_a_target": [{"channel": "push"}, {"target": "ntfy://host/topic"}],
    "ck_exchange_currency_length": [{"base": "EURO"}, {"quote": "£"}],
    "ck_exchange_two_currencies": [{"base": "GBP"}],
    "ck_feed_detail_known": [{"detail": "everything"}],
    "ck_followup_closed_somehow": [{"closed_at": AT}, {"closed_how": "done"}],
    "ck_followup_kind_known": [{"kind": "wish"}],
    "ck_followup_said_length": [{"said": ""}, {"said": "x" * 501}],
    "ck_hold_kind_known": [{"kind": "mood"}],
    "ck_hold_until_after_from": [{"until_on": ON}],
    "ck_inbound_channel_known": [{"channel": "pigeon"}],
    "ck_income_amount_positive": [{"amount_minor": 0, "currency": "GBP"}],
    "ck_income_amount_whole": [{"amount_minor": 1}, {"currency": "GBP"}],
    "ck_income_every_known": [{"every": "hourly"}],
    "ck_income_name_length": [{"name": ""}, {"name": "x" * 81}],
    "ck_instalment_amount_positive": [{"amount_minor": 0}],
    "ck_instalment_interest_within_amount": [{"interest_minor": -1}, {"interest_minor": 101}],
    "ck_instalment_paid_within_amount": [
        {"paid_minor": 101},
        {"paid_minor": -1},
        {"waived_minor": 101},
        {"paid_minor": 50, "waived_minor": 51},
    ],
    "ck_instalment_seq_counts": [{"seq": 0}],
    "ck_instalment_waived_not_negative": [{"waived_minor": -1}],
    "ck_mark_kind_known": [{"kind": "birthday"}],
    "ck_message_counts": [{"attempts": -1}, {"asked": -1}],
    "ck_message_kind_known": [{"kind": "letter"}],
    "ck_message_more_counts": [{"segments": -1}, {"again": -1}],
    "ck_message_sending_has_owner": [
        {"state": "sending"},
        {"state": "sending", "owner": "home:start"},
        {"state": "sending", "lease_until_at": LATER},
    ],
    "ck_message_state_known": [{"state": "lost"}],
    "ck_mirror_detail_known": [{"detail": "everything"}],
    "ck_mirror_item_counts": [{"attempts": -1}],
    "ck_mirror_item_state_known": [{"state": "lost"}],
    "ck_mirror_kind_known": [{"kind": "ftp"}],
    "ck_mirror_name_length": [{"name": ""}, {"name": "x" * 41}],
    "ck_party_name_length": [{"name": ""}, {"name": "x" * 121}],
    "ck_party_role_known": [{"role": "neighbour"}],
    "ck_payee_changes_something": [{"account_last4": None}],
    "ck_payee_confirmed_by_a_call": [{"outcome": "confirmed", "closed_at": AT}],
    "ck_payee_outcome_known": [{"outcome": "perhaps", "closed_at": AT, "called": "contract"}],
    "ck_payee_outcome_when_closed": [
        {"outcome": "rejected", "called": "contract"},
        {"closed_at": AT},
    ],
    "ck_payment_amount_positive": [{"amount_minor": 0}],
    "ck_payment_claim_decided_when_closed": [{"decided_at": AT}, {"state": "accepted"}],
    "ck_payment_claim_number_counts": [{"number": 0}],
    "ck_payment_claim_state_known": [{"state": "lost", "decided_at": AT}],
    "ck_payment_confirmation_pays": [
        {"kind": "scheduled", "confirms_id": 1},
        {"kind": "refund", "confirms_id": 1},
    ],
    "ck_payment_exchange_whole": [
        {"sent_minor": 1},
        {"sent_currency": "EUR"},
        {"rate": "0.86"},
        {"sent_minor": 1, "sent_currency": "EUR"},
        {"sent_minor": 1, "rate": "0.86"},
        {"sent_currency": "EUR", "rate": "0.86"},
    ],
    "ck_payment_kind_known": [{"kind": "gift"}],
    "ck_payment_method_known": [{"method": "barter"}],
    "ck_payment_proof_sha256_length": [{"sha256": "0"}],
    "ck_payment_proof_size_positive": [{"size": 0}],
    "ck_payment_reversal_names": [
        {"kind": "reversal"},
        {"reverses_id": 1},
        {"kind": "refund", "reverses_id": 1},
    ],
    "ck_payment_sent_currency_length": [{"sent_minor": 1, "sent_currency": "€", "rate": "0.86"}],
    "ck_payment_sent_positive": [{"sent_minor": 0, "sent_currency": "EUR", "rate": "0.86"}],
    "ck_payment_split_amount_positive": [{"amount_minor": 0}],
    "ck_payment_split_component_known": [{"component": "instalment"}],
    "ck_person_alive_known": [{"alive": "everyday"}],
    "ck_person_currency_length": [{"currency": "£"}],
    "ck_person_handle_length": [{"handle": ""}, {"handle": "x" * 41}],
    "ck_person_name_length": [{"name": ""}, {"name": "x" * 81}],
    "ck_person_revision_counts": [{"revision": -1}],
    "ck_plan_condition_amount_positive": [{"amount_minor": 0}],
    "ck_plan_condition_bill_has_a_day": [{"due_day": 1}, {"kind": "current-bill"}],
    "ck_plan_condition_due_day_range": [
        {"kind": "current-bill", "due_day": 0},
        {"kind": "current-bill", "due_day": 32},
    ],
    "ck_plan_condition_has_a_most": [{"most": 1}, {"kind": "missed"}, {"kind": "days-late"}],
    "ck_plan_condition_kind_known": [{"kind": "mood"}],
    "ck_plan_condition_most_range": [
        {"kind": "missed", "most": 0},
        {"kind": "days-late", "most": 3661},
    ],
    "ck_plan_ended_as_known": [{"ended_at": AT, "ended_as": "forgotten"}],
    "ck_plan_ended_as_when_ended": [{"ended_as": "broken"}],
    "ck_plan_holiday_how_known": [{"how": "swim"}],
    "ck_plan_holiday_until_after_from": [{"until_on": ON}],
    "ck_plan_holiday_version_counts": [{"version": 1}],
    "ck_plan_version_basis_known": [{"basis": "by moon"}],
    "ck_plan_version_change_known": [{"change": "lost"}],
    "ck_plan_version_every_known": [{"every": "hourly"}],
    "ck_plan_version_forgiven_not_negative": [{"kind": "settlement", "forgiven_minor": -1}],
    "ck_plan_version_forgiven_when_settled": [{"kind": "settlement"}, {"forgiven_minor": 1}],
    "ck_plan_version_interest_known": [{"interest": "some"}],
    "ck_plan_version_kind_known": [{"kind": "wish"}],
    "ck_plan_version_number_counts": [{"number": 0}],
    "ck_plan_version_overpay_known": [{"overpay": "gift"}],
    "ck_plan_version_paid_by_known": [{"paid_by": "pigeon"}],
    "ck_plan_version_rate_per_known": [{"interest": "rate", "rate_ppb": 1, "rate_per": "hour"}],
    "ck_plan_version_rate_range": [
        {"interest": "rate", "rate_ppb": -1, "rate_per": "year"},
        {"interest": "rate", "rate_ppb": 10**10 + 1, "rate_per": "year"},
    ],
    "ck_plan_version_rate_when_agreed": [
        {"interest": "rate"},
        {"rate_ppb": 1, "rate_per": "year"},
        {"interest": "frozen", "rate_ppb": 0, "rate_per": "year"},
    ],
    "ck_plan_version_rate_whole": [
        {"rate_per": "year"},
        {"interest": "rate", "rate_ppb": 1},
    ],
    "ck_plan_version_second_day_range": [
        {"every": "twice-monthly", "second_day": 0},
        {"every": "twice-monthly", "second_day": 32},
    ],
    "ck_plan_version_second_day_when_twice_monthly": [
        {"second_day": 15},
        {"every": "monthly", "second_day": 15},
        {"every": "twice-monthly"},
    ],
    "ck_plan_version_tolerance_not_negative": [{"tolerance_minor": -1}],
    "ck_plan_version_total_positive": [{"total_minor": 0}],
    "ck_reminder_kind_known": [{"kind": "threat"}],
    "ck_reminder_useful_after_moment": [{"useful_until_at": AT}],
    "ck_report_period_forward": [{"period_end": ON}],
    "ck_snooze_until_after_recorded": [{"until_at": AT}],
    "ck_statement_parts_sum_to_total": [
        {"principal_minor": 1, "interest_minor": 2, "penalties_minor": 3, "fees_minor": 4},
        {"principal_minor": 100},
        {"costs_minor": 100},
        {
            "principal_minor": 100,
            "interest_minor": 0,
            "penalties_minor": 0,
            "fees_minor": 0,
            "costs_minor": 1,
        },
    ],
    "ck_statement_settled_somehow": [{"settled_at": AT}, {"settled_how": "they wrote"}],
    "ck_statement_total_not_negative": [{"total_minor": -1}],
    "ck_wake_kind_known": [{"kind": "alarm"}],
}

# What a rule could take for wrong and must not, as a change of the good row.
TAKEN: dict[str, list[dict[str, Any]]] = {
    "charge": [
        {"reason": "waiver", "amount_minor": -1},
        {"reason": "waiver", "amount_minor": -1, "component": None},
        {"reason": "waiver", "amount_minor": None, "component": None},
        {"reason": "adjustment", "statement_id": 1},
        {"reason": "adjustment", "statement_id": 1, "amount_minor": -1},
    ],
    "destination": [
        {"channel": "push", "address": "ntfy", "target": "ntfy://host/topic"},
        {"channel": "mail", "address": "x" * 254, "code_sha256": "0", "code_until_at": LATER},
    ],
    "debt_policy": [
        {"from_on": NEXT_DAY, "switch_days": 90, "then_ordering": "principal-first"},
    ],
    "debt_terms": [
        {"from_on": NEXT_DAY, "rate_ppb": None, "rate_per": None, "compounds_on": None},
        {
            "from_on": NEXT_DAY,
            "penalty_above_ppb": 500_000_000,
            "late_fee_ppb": 50_000_000,
            "late_fee_least_minor": 5,
            "late_fee_most_minor": 5,
        },
        {"from_on": NEXT_DAY, "penalty_ppb": 0, "penalty_per": "day", "late_fee_minor": 0},
    ],
    "followup": [
        {"ref": "f2", "debt_id": None, "kind": "deadline"},
        {"ref": "f2", "closed_at": AT, "closed_how": "done"},
    ],
    "inbound": [{"channel": "caldav"}, {"provider_id": "SM2", "person_id": None}],
    "income": [{"every": None, "amount_minor": 1, "currency": "GBP"}],
    "instalment": [
        {"seq": 2, "ref": "r2", "paid_minor": 40, "waived_minor": 60, "interest_minor": 100},
        {"seq": 2, "ref": "r2", "waived_minor": 100},
    ],
    "payee": [
        {"outcome": "confirmed", "called": "the contract", "closed_at": AT},
        {"outcome": "rejected", "closed_at": AT},
    ],
    "message": [
        {"ref": "M3N4", "kind": "code", "urgent": True, "replaces_id": None},
        {"ref": "M3N4", "follow_at": AT, "doubtful": True, "replaces_id": None},
    ],
    "payment": [
        {"number": 2, "kind": "refund"},
        {"number": 2, "sent_minor": 1, "sent_currency": "EUR", "rate": "0.86"},
    ],
    "payment_claim": [
        {"number": 2, "instalment_ref": "r2", "state": "dismissed", "decided_at": AT},
        {"number": 2, "instalment_ref": "r2", "state": "open"},
    ],
    "person": [{"handle": "sam", "alive": "sat"}],
    "plan_condition": [
        {"ref": "c2", "kind": "current-bill", "due_day": 31, "amount_minor": 1},
        {"ref": "c2", "kind": "current-bill", "due_day": 31},
        {"ref": "c2", "kind": "missed", "most": 1},
        {"ref": "c2", "kind": "days-late", "most": 30},
    ],
    "plan_version": [
        {"number": 2, "interest": "rate", "rate_ppb": 0, "rate_per": "year"},
        {"number": 2, "kind": "settlement", "forgiven_minor": 0},
        {"number": 2, "every": "twice-monthly", "second_day": 31},
        {"number": 2, "every": "monthly"},
    ],
    "reminder": [{"subject_ref": "alive:2026-W48", "kind": "alive", "debt_id": None}],
    "statement": [
        {"principal_minor": 97, "interest_minor": 1, "penalties_minor": 1, "fees_minor": 1},
        {
            "principal_minor": 96,
            "interest_minor": 1,
            "penalties_minor": 1,
            "fees_minor": 1,
            "costs_minor": 1,
        },
        {"settled_at": AT, "settled_how": "they wrote"},
    ],
}

# Rows with the largest amounts; together they have every column of an amount.
LARGEST: dict[str, list[dict[str, Any]]] = {
    "allocation": [{"ref": "r2", "amount_minor": BIG}],
    "charge": [{"amount_minor": BIG}, {"reason": "waiver", "amount_minor": -BIG}],
    "debt_terms": [
        {
            "from_on": NEXT_DAY,
            "late_fee_minor": BIG,
            "late_fee_least_minor": BIG,
            "late_fee_most_minor": BIG,
        }
    ],
    "instalment": [
        {
            "seq": 2,
            "ref": "r2",
            "amount_minor": 2 * BIG,
            "paid_minor": BIG,
            "waived_minor": BIG,
            "interest_minor": BIG,
        }
    ],
    "payment": [
        {
            "number": 2,
            "amount_minor": BIG,
            "sent_minor": BIG,
            "sent_currency": "EUR",
            "rate": "1",
        }
    ],
    "income": [{"amount_minor": BIG, "currency": "GBP"}],
    "payment_split": [{"component": "costs", "amount_minor": BIG}],
    "plan_condition": [
        {"ref": "c2", "kind": "current-bill", "due_day": 1, "amount_minor": BIG},
    ],
    "plan_version": [
        {
            "number": 2,
            "total_minor": BIG,
            "tolerance_minor": BIG,
            "kind": "settlement",
            "forgiven_minor": BIG,
        }
    ],
    "statement": [
        {
            "total_minor": 5 * BIG,
            "principal_minor": BIG,
            "interest_minor": BIG,
            "penalties_minor": BIG,
            "fees_minor": BIG,
            "costs_minor": BIG,
        }
    ],
}

# A second row that shares this key with the good one, and no other.
REPEATED: dict[str, dict[str, Any]] = {
    "uq_allocation_payment_id_ref_component": {},
    "uq_answer_key": {},
    "uq_consent_debt_id_verdict": {},
    "uq_creditor_person_id_handle": {},
    "uq_debt_date_debt_id_kind": {},
    "uq_debt_person_id_handle": {"word": "RIVER"},
    "uq_debt_person_id_word": {"handle": "loan"},
    "uq_debt_policy_debt_from": {},
    "uq_debt_terms_debt_from": {},
    "uq_destination_person_id_channel_address": {},
    "uq_entry_event_entry_id_name": {},
    "uq_exchange_person_id_base_quote_on_date": {"rate": "0.87"},
    "uq_feed_person_id_handle": {"token_sha256": "1"},
    "uq_feed_token_sha256": {"handle": "laptop"},
    "uq_followup_ref": {},
    "uq_inbound_channel_provider_id": {},
    "uq_instalment_plan_version_id_ref": {"seq": 2},
    "uq_instalment_plan_version_id_seq": {"ref": "r2"},
    "uq_journal_person_id_revision": {},
    "uq_login_token_sha256": {},
    "uq_message_address_ref": {"replaces_id": None, "person_id": 2},
    "uq_message_person_id_ref": {"replaces_id": None, "address": "+447700900123"},
    "uq_message_replaces_id": {"ref": "M3N4"},
    "uq_message_reminder_message_id_reminder_id": {},
    "uq_mirror_item_mirror_id_uid": {},
    "uq_mirror_person_id_name": {},
    "uq_payee_open_debt": {},
    "uq_payment_claim_inbound_id_instalment_ref": {"number": 2},
    "uq_payment_claim_person_id_number": {"instalment_ref": "r2"},
    "uq_payment_confirms_id": {"number": 2},
    "uq_payment_person_id_number": {"confirms_id": None},
    "uq_payment_proof_payment_id_sha256": {},
    "uq_payment_reverses_id": {"number": 2, "kind": "reversal", "reverses_id": 1},
    "uq_payment_split_payment_id_component": {},
    "uq_person_handle": {},
    "uq_plan_condition_ref": {},
    "uq_plan_live_debt": {},
    "uq_plan_version_plan_id_number": {},
    "uq_reminder_once": {},
    "uq_report_debt_id_number": {},
    "uq_wake_kind_subject_id": {},
}


def good(table: Table) -> dict[str, Any]:
    """The good row: links point at row 1, and what is required but not told is anything."""
    anything: dict[type, object] = {int: 1, str: "x", date: ON}
    required: dict[str, Any] = {
        column.name: anything.get(column.type.python_type, AT)
        for column in table.columns
        if not column.nullable and not column.primary_key and column.server_default is None
    }
    return required | GOOD[table.name]


@pytest.fixture
def filled(database: Database) -> Database:
    """One good row in every table, each with the number 1, and a second creditor."""
    with database.write() as session:
        for table in metadata.sorted_tables:
            session.connection().execute(insert(table).values(good(table)))
            if table.name == "creditor":
                south = good(table) | {"handle": "south", "name": "South"}
                session.connection().execute(insert(table).values(south))
    return database


def refusal(session: Session, table: Table, row: dict[str, Any]) -> str | None:
    """What the database says against inserting the row, or None when it takes it."""
    try:
        with session.begin_nested():
            session.connection().execute(insert(table).values(row))
    except IntegrityError as error:
        return str(error.orig)
    return None


def a_person(session: Session, **values: Any) -> PersonRow:
    return add(session, PersonRow(**(GOOD["person"] | values)))


def a_payment(session: Session, **values: Any) -> PaymentRow:
    row = {"person_id": 1, "debt_id": 1} | GOOD["payment"] | values
    return add(session, PaymentRow(**row))


def test_every_check_refuses_what_it_should(filled: Database) -> None:
    accepted, seen = [], set()
    with filled.write() as session:
        for table in metadata.sorted_tables:
            for check in table.constraints:
                if not isinstance(check, CheckConstraint):
                    continue
                name = str(check.name)
                seen.add(name)
                for change in REFUSED.get(name, [{}]):
                    said = refusal(session, table, good(table) | change)
                    if said is None or name not in said:
                        accepted.append((name, change, said))
    assert accepted == []
    assert seen == set(REFUSED)


def test_no_check_refuses_what_is_right(filled: Database) -> None:
    refused = []
    with filled.write() as session:
        for name, changes in TAKEN.items():
            table = metadata.tables[name]
            for change in changes:
                with session.begin_nested() as again:
                    said = refusal(session, table, good(table) | change)
                    again.rollback()
                if said is not None:
                    refused.append((name, change, said))
    assert refused == []


def test_every_unique_key_refuses_a_second_row(filled: Database) -> None:
    accepted, seen = [], set()
    for table in metadata.sorted_tables:
        keys = [
            (str(key.name), [column.name for column in key.columns])
            for key in (*table.constraints, *table.indexes)
            if isinstance(key, UniqueConstraint) or (isinstance(key, Index) and key.unique)
        ]
        for name, columns in keys:
            seen.add(name)
            with filled.write() as session:
                row = good(table)
                for column in columns:  # a key of one nullable link: the first row takes it
                    if column not in row:
                        row |= {column: 1}
                        changed = table.update().values({column: 1}).where(table.c.id == 1)
                        if column == "reverses_id":
                            changed = changed.values(kind="reversal")
                        session.connection().execute(changed)
                said = refusal(session, table, row | REPEATED.get(name, {}))
                expected = ", ".join(f"{table.name}.{column}" for column in columns)
                if said is None or (name not in said and not said.endswith(f": {expected}")):
                    accepted.append((name, said))
                session.rollback()
    assert accepted == []
    assert seen == set(REPEATED)


def test_every_link_refuses_a_row_that_is_not_there(filled: Database) -> None:
    accepted = []
    for table in metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            row = good(table)
            # Away from the good row's keys, so that only the link can refuse.
            for name in (
                *("key", "handle", "word", "ref", "name", "token_sha256", "verdict"),
                *("uid", "provider_id", "instalment_ref"),
            ):
                if name in row:
                    row[name] = "zz"
            for name in ("number", "seq", "revision", "subject_id", "generation"):
                if name in row:
                    row[name] = 9
            for name in ("from_on", "on_date"):
                if name in row:
                    row[name] = NEXT_DAY
            if table.name == "debt_date":
                row["kind"] = "judgment"
            if table.name == "plan":
                row["ended_at"] = LATER
            if table.name in ("plan_holiday", "absence"):
                row["until_on"] = NEXT_DAY + timedelta(days=1)
            if table.name == "payee":
                row |= {"outcome": "rejected", "closed_at": LATER}
            if table.name == "payment_split":
                row["component"] = "costs"
            if table.name == "payment_proof":
                row["sha256"] = "1" * 64
            column = next(iter(key.columns)).name
            row[column] = 999
            if column == "reverses_id":
                row["kind"] = "reversal"
            with filled.write() as session:
                said = refusal(session, table, row)
            if said is None or "foreign key" not in said.lower():
                accepted.append((str(key.name), said))
    assert accepted == []


def test_a_debt_may_get_a_new_plan_after_the_old_one_ended(filled: Database) -> None:
    with filled.write() as session:
        old = plans.live(session, 1)
        assert old is not None
        old.ended_at = LATER
        session.add(old)
        session.flush()
        new = add(session, plans.PlanRow(person_id=1, debt_id=1, created_at=LATER))
    with filled.read() as session:
        live = plans.live(session, 1)
        assert live is not None
        assert live.id == new.id


def test_what_was_taken_back_makes_room_for_another(filled: Database) -> None:
    rejected = {"outcome": "rejected", "closed_at": LATER}
    withdrawn = {"withdrawn_at": LATER}
    for name, closed in (
        ("debt_terms", withdrawn),
        ("debt_policy", withdrawn),
        ("payee", rejected),
    ):
        table = metadata.tables[name]
        with filled.write() as session:
            for _ in range(2):  # there may be any number of those that were taken back
                assert refusal(session, table, good(table)) is not None
                session.connection().execute(table.update().values(closed))
                assert refusal(session, table, good(table)) is None
    with filled.read() as session:
        assert len(terms.terms(session, 1)) == 1
        assert len(terms.policies(session, 1)) == 1
        assert owners.waiting_payee(session, 1) is not None
        assert len(owners.payees(session, 1)) == 3


def test_what_is_due_within_days_is_found_by_its_own_index(database: Database) -> None:
    row = metadata.tables["instalment"].c
    due = select(row.ref).where(
        row.due_on.between(ON, NEXT_DAY), row.paid_minor + row.waived_minor < row.amount_minor
    )
    with database.read() as session:
        connection = session.connection()
        asked = str(due.compile(connection, compile_kwargs={"literal_binds": True}))
        if not database.is_sqlite:
            # An empty table is read whole otherwise.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        told = connection.execute(text(f"{explain} {asked}")).all()
    assert "ix_instalment_open_due" in str(told)


def test_a_thousand_million_million_minor_units_go_in_and_come_out(filled: Database) -> None:
    seen = set()
    with filled.write() as session:
        for name, rows in LARGEST.items():
            table = metadata.tables[name]
            for row in rows:
                made = insert(table).values(good(table) | row).returning(table)
                kept = session.connection().execute(made).mappings().one()
                amounts = {key: value for key, value in row.items() if key.endswith("_minor")}
                assert {key: kept[key] for key in amounts} == amounts
                seen |= {f"{name}.{key}" for key in amounts}
    assert seen == {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_minor")
    }


def test_amounts_are_summed_as_whole_numbers(filled: Database) -> None:
    with filled.write() as session:
        a_payment(session, number=2, amount_minor=BIG)
        a_payment(session, number=3, amount_minor=BIG)
    with filled.read() as session:
        row = payments.numbered(session, 1, 2)
        assert row is not None
        assert row.amount_minor == BIG
        amount = col(PaymentRow.amount_minor)
        summed = session.exec(select(total(amount))).one()
        assert (summed, type(summed)) == (2 * BIG + 100, int)
        nothing = session.exec(select(total(amount)).where(col(PaymentRow.number) == 99)).one()
        assert (nothing, type(nothing)) == (0, int)


def test_an_instant_comes_back_in_utc_with_its_zone(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    with database.write() as session:
        number = a_person(session, created_at=datetime(2026, 11, 24, 9, 0, 30, 5, shanghai)).id
    with database.read() as session:
        at = people.by_id(session, number).created_at
    assert at == datetime(2026, 11, 24, 1, 0, 30, 5, UTC)
    assert at.utcoffset() == timedelta(0)


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = AT.replace(tzinfo=None)
    with pytest.raises(Exception, match=r"(?i)timezone|naive|aware"), database.write() as session:
        a_person(session, created_at=naive)
    with database.read() as session:
        assert people.everyone(session) == []


def test_a_repeated_insert_is_told_from_a_first_one(database: Database) -> None:
    def row(answer: str) -> SQLModel:
        return journal.AnswerRow(**(GOOD["answer"] | {"answer": answer}))

    with database.write() as session:
        assert insert_if_absent(session, row("first")) is True
    with database.write() as session:
        assert insert_if_absent(session, row("second")) is False
    with database.read() as session:
        kept = journal.answer(session, "k")
        assert kept is not None
        assert kept.answer == "first"


def test_a_repeated_insert_does_not_swallow_a_broken_rule(database: Database) -> None:
    with pytest.raises(IntegrityError, match="ck_person_name_length"), database.write() as session:
        insert_if_absent(session, PersonRow(**(GOOD["person"] | {"name": ""})))


def test_an_exception_takes_the_whole_transaction_back(database: Database) -> None:
    def half_way() -> None:
        with database.write() as session:
            a_person(session)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        half_way()
    with database.read() as session:
        assert people.everyone(session) == []


def test_what_a_reader_changes_is_never_written(filled: Database) -> None:
    with filled.read() as session:
        people.by_id(session, 1).name = "Changed"
    with filled.read() as session:
        assert people.by_id(session, 1).name == "Li"


def test_a_reader_sees_one_picture_while_a_writer_commits(filled: Database) -> None:
    written = threading.Event()
    failures: list[BaseException] = []

    def pay() -> None:
        try:
            with filled.write() as session:
                people.lock(session, 1)
                a_payment(session, number=2)
                written.set()
        except BaseException as error:
            failures.append(error)
            written.set()

    def picture(session: Session) -> tuple[int, int]:
        revision = session.exec(select(PersonRow.revision).where(col(PersonRow.id) == 1)).one()
        return revision, session.exec(select(func.count()).select_from(PaymentRow)).one()

    writer = threading.Thread(target=pay)
    with filled.read() as session:
        assert picture(session) == (0, 1)
        writer.start()
        assert written.wait(20)
        # PostgreSQL lets the writer commit now, the rollback journal when the reader is done.
        if not filled.is_sqlite:
            writer.join(20)
        assert picture(session) == (0, 1)
    writer.join(20)
    assert not writer.is_alive()
    assert failures == []
    with filled.read() as session:
        assert picture(session) == (1, 2)


def test_a_lock_adds_one_to_the_revision_and_a_hold_does_not(filled: Database) -> None:
    with filled.write() as session:
        assert people.lock(session, 1).revision == 1
    with filled.write() as session:
        assert people.hold(session, 1).revision == 1
    with pytest.raises(NotFoundError), filled.write() as session:
        people.lock(session, 2)


def test_the_only_person_need_not_be_named(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFoundError, match="Nobody"):
        people.find(session, None)
    with database.write() as session:
        a_person(session)
    with database.read() as session:
        assert people.find(session, None).handle == "li"
    with database.write() as session:
        a_person(session, handle="sam", name="Sam")
    with database.read() as session:
        with pytest.raises(InputError, match="li, sam"):
            people.find(session, None)
        with pytest.raises(NotFoundError, match="kim"):
            people.find(session, "kim")
        assert people.find(session, "sam").name == "Sam"


def test_the_journal_shows_where_it_was_tampered_with(database: Database) -> None:
    with database.write() as session:
        number = a_person(session).id
        for revision in (1, 2, 3):
            journal.write(
                session,
                person_id=number,
                revision=revision,
                at=AT + timedelta(minutes=revision),
                actor="cli",
                action="payments.record",
                detail={"amount": "12.50", "note": "租金"},
            )
    with database.read() as session:
        assert journal.first_break(session, number) is None
        assert [row.revision for row in journal.entries(session, number, 2)] == [3, 2]
    with database.write() as session:
        row = journal.entries(session, number, 2)[1]
        row.detail = row.detail.replace("12.50", "2.50")
        session.add(row)
    with database.read() as session:
        assert journal.first_break(session, number) == 2


def test_what_was_reversed_does_not_count(filled: Database) -> None:
    with filled.write() as session:
        a_payment(session, number=2)
        a_payment(session, number=3, kind="reversal", reverses_id=1)
        a_payment(session, number=4, kind="scheduled")
        a_payment(session, number=5, kind="scheduled")
        a_payment(session, number=6, confirms_id=5)
        assert payments.next_number(session, 1) == 7
    with filled.read() as session:
        rows = payments.of_debt(session, 1)
        assert [row.number for row in payments.counting(rows)] == [2, 6]
        assert [row.number for row in payments.unconfirmed(rows)] == [4]


def test_a_revoked_feed_is_nobodys(filled: Database) -> None:
    with filled.write() as session:
        feed = reports.feed_by_token(session, "0")
        assert feed is not None
        feed.revoked_at = LATER
        session.add(feed)
    with filled.read() as session:
        assert reports.feed_by_token(session, "0") is None


def test_an_unreachable_server_is_one_sentence() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    unusable = pytest.raises(UnavailableError, match="The database cannot be used")
    with unusable as caught, database.read() as session:
        people.everyone(session)
    assert "\n" not in str(caught.value)
    database.dispose()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_the_write_ahead_log_is_used_only_where_its_reset_bug_is_mended(
    version: tuple[int, ...], safe: bool
) -> None:
    assert wal_is_safe(version) is safe
