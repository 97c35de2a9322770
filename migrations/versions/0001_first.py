"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("key", name=op.f("uq_answer_key")),
    )
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("offsets", sa.Text(), nullable=True),
        sa.Column("send_time", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_person_currency_length")),
        sa.CheckConstraint("length(handle) BETWEEN 1 AND 40", name=op.f("ck_person_handle_length")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_person_name_length")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_person_revision_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("handle", name=op.f("uq_person_handle")),
    )
    op.create_table(
        "creditor",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("cutoff", sa.Text(), nullable=False),
        sa.Column("clearing_days", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "clearing_days BETWEEN 0 AND 15", name=op.f("ck_creditor_clearing_days_range")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 120", name=op.f("ck_creditor_name_length")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_creditor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creditor")),
        sa.UniqueConstraint("person_id", "handle", name=op.f("uq_creditor_person_id_handle")),
    )
    op.create_index(op.f("ix_creditor_person_id"), "creditor", ["person_id"], unique=False)
    op.create_table(
        "feed",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("detail IN ('neutral', 'full')", name=op.f("ck_feed_detail_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_feed_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("person_id", "handle", name=op.f("uq_feed_person_id_handle")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_feed_token_sha256")),
    )
    op.create_index(op.f("ix_feed_person_id"), "feed", ["person_id"], unique=False)
    op.create_table(
        "journal",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_journal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("person_id", "revision", name=op.f("uq_journal_person_id_revision")),
    )
    op.create_table(
        "login",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_login_token_sha256")),
    )
    op.create_index(op.f("ix_login_expires_at"), "login", ["expires_at"], unique=False)
    op.create_index(op.f("ix_login_person_id"), "login", ["person_id"], unique=False)
    op.create_table(
        "wake",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('plan', 'payment')", name=op.f("ck_wake_kind_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_wake_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wake")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_wake_kind_subject_id")),
    )
    op.create_index(op.f("ix_wake_at"), "wake", ["at"], unique=False)
    op.create_index(op.f("ix_wake_person_id"), "wake", ["person_id"], unique=False)
    op.create_table(
        "debt",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("creditor_id", ID, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=True),
        sa.Column("claim", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('priority', 'ordinary')", name=op.f("ck_debt_kind_known")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_debt_currency_length")),
        sa.CheckConstraint("length(handle) BETWEEN 1 AND 40", name=op.f("ck_debt_handle_length")),
        sa.ForeignKeyConstraint(["creditor_id"], ["creditor.id"], name=op.f("fk_debt_creditor_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_debt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debt")),
        sa.UniqueConstraint("person_id", "handle", name=op.f("uq_debt_person_id_handle")),
        sa.UniqueConstraint("person_id", "word", name=op.f("uq_debt_person_id_word")),
    )
    op.create_index(op.f("ix_debt_creditor_id"), "debt", ["creditor_id"], unique=False)
    op.create_index(op.f("ix_debt_person_id"), "debt", ["person_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("cites", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_consent_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("debt_id", "verdict", name=op.f("uq_consent_debt_id_verdict")),
    )
    op.create_index(op.f("ix_consent_debt_id"), "consent", ["debt_id"], unique=False)
    op.create_index(op.f("ix_consent_person_id"), "consent", ["person_id"], unique=False)
    op.create_table(
        "debt_date",
        sa.Column("id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(state = 'known') = (on_date IS NOT NULL)", name=op.f("ck_debt_date_date_when_known")
        ),
        sa.CheckConstraint(
            "kind IN ('first_missed', 'defaulted', 'last_payment', 'last_contact', 'judgment')",
            name=op.f("ck_debt_date_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('known', 'unknown', 'never')", name=op.f("ck_debt_date_state_known")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_debt_date_debt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debt_date")),
        sa.UniqueConstraint("debt_id", "kind", name=op.f("uq_debt_date_debt_id_kind")),
    )
    op.create_index(op.f("ix_debt_date_debt_id"), "debt_date", ["debt_id"], unique=False)
    op.create_table(
        "entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("register_name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_entry_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index(op.f("ix_entry_debt_id"), "entry", ["debt_id"], unique=False)
    op.create_index(op.f("ix_entry_person_id"), "entry", ["person_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('unverified-owner', 'disputed', 'moratorium', 'adviser', 'insolvency', 'not-mine')",
            name=op.f("ck_hold_kind_known"),
        ),
        sa.CheckConstraint(
            "until_on IS NULL OR until_on > from_on", name=op.f("ck_hold_until_after_from")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_hold_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hold_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_debt_id"), "hold", ["debt_id"], unique=False)
    op.create_index(op.f("ix_hold_person_id"), "hold", ["person_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before_at", UTCDateTime(), nullable=False),
        sa.Column("useful_until_at", UTCDateTime(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until_at", UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("provider_status", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaces_id", ID, nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state <> 'sending' OR (owner IS NOT NULL AND lease_until_at IS NOT NULL)",
            name=op.f("ck_message_sending_has_owner"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'sending', 'unknown', 'sent', 'delivered', 'undelivered', 'failed', 'expired', 'held', 'cancelled')",
            name=op.f("ck_message_state_known"),
        ),
        sa.CheckConstraint("attempts >= 0 AND asked >= 0", name=op.f("ck_message_counts")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_message_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["message.id"], name=op.f("fk_message_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("address", "ref", name=op.f("uq_message_address_ref")),
        sa.UniqueConstraint("person_id", "ref", name=op.f("uq_message_person_id_ref")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_message_replaces_id")),
    )
    op.create_index(op.f("ix_message_debt_id"), "message", ["debt_id"], unique=False)
    op.create_index(op.f("ix_message_person_id"), "message", ["person_id"], unique=False)
    op.create_index(
        "ix_message_state_not_before", "message", ["state", "not_before_at", "id"], unique=False
    )
    op.create_table(
        "payment",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("for_ref", sa.Text(), nullable=True),
        sa.Column("reverses_id", ID, nullable=True),
        sa.Column("confirms_id", ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)",
            name=op.f("ck_payment_reversal_names"),
        ),
        sa.CheckConstraint(
            "confirms_id IS NULL OR kind = 'payment'", name=op.f("ck_payment_confirmation_pays")
        ),
        sa.CheckConstraint(
            "kind IN ('payment', 'scheduled', 'reversal')", name=op.f("ck_payment_kind_known")
        ),
        sa.CheckConstraint(
            "method IN ('transfer', 'standing-order', 'direct-debit', 'card', 'cash', 'cheque', 'other')",
            name=op.f("ck_payment_method_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["confirms_id"], ["payment.id"], name=op.f("fk_payment_confirms_id")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_payment_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payment_person_id")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["payment.id"], name=op.f("fk_payment_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("confirms_id", name=op.f("uq_payment_confirms_id")),
        sa.UniqueConstraint("person_id", "number", name=op.f("uq_payment_person_id_number")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_payment_reverses_id")),
    )
    op.create_index(op.f("ix_payment_debt_id"), "payment", ["debt_id"], unique=False)
    op.create_index(op.f("ix_payment_person_id"), "payment", ["person_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_plan_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_plan_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    op.create_index(op.f("ix_plan_debt_id"), "plan", ["debt_id"], unique=False)
    op.create_index(op.f("ix_plan_person_id"), "plan", ["person_id"], unique=False)
    op.create_index(
        "uq_plan_live_debt",
        "plan",
        ["debt_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("offset_days", sa.Integer(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("moment_at", UTCDateTime(), nullable=False),
        sa.Column("useful_until_at", UTCDateTime(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('reminder', 'reopened', 'asked')", name=op.f("ck_reminder_kind_known")
        ),
        sa.CheckConstraint(
            "useful_until_at > moment_at", name=op.f("ck_reminder_useful_after_moment")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_reminder_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "subject_ref",
            "kind",
            "due_on",
            "offset_days",
            "person_id",
            "generation",
            name="uq_reminder_once",
        ),
    )
    op.create_index(op.f("ix_reminder_debt_id"), "reminder", ["debt_id"], unique=False)
    op.create_index(op.f("ix_reminder_person_id"), "reminder", ["person_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("html_sha256", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("period_end > period_start", name=op.f("ck_report_period_forward")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_report_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_report_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("debt_id", "number", name=op.f("uq_report_debt_id_number")),
    )
    op.create_index(op.f("ix_report_debt_id"), "report", ["debt_id"], unique=False)
    op.create_index(op.f("ix_report_person_id"), "report", ["person_id"], unique=False)
    op.create_table(
        "statement",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=True),
        sa.Column("interest_minor", sa.BigInteger(), nullable=True),
        sa.Column("penalties_minor", sa.BigInteger(), nullable=True),
        sa.Column("fees_minor", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(principal_minor IS NULL AND interest_minor IS NULL AND penalties_minor IS NULL AND fees_minor IS NULL) OR (principal_minor IS NOT NULL AND interest_minor IS NOT NULL AND penalties_minor IS NOT NULL AND fees_minor IS NOT NULL AND principal_minor + interest_minor + penalties_minor + fees_minor = total_minor)",
            name=op.f("ck_statement_parts_sum_to_total"),
        ),
        sa.CheckConstraint("total_minor >= 0", name=op.f("ck_statement_total_not_negative")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_statement_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_statement_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement")),
    )
    op.create_index(op.f("ix_statement_debt_id"), "statement", ["debt_id"], unique=False)
    op.create_index(op.f("ix_statement_person_id"), "statement", ["person_id"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "component IN ('instalment')", name=op.f("ck_allocation_component_known")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_allocation_amount_positive")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_allocation_debt_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_allocation_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation")),
        sa.UniqueConstraint(
            "payment_id", "ref", "component", name=op.f("uq_allocation_payment_id_ref_component")
        ),
    )
    op.create_index(op.f("ix_allocation_debt_id"), "allocation", ["debt_id"], unique=False)
    op.create_table(
        "delivery_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_delivery_event_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_event")),
    )
    op.create_index(op.f("ix_delivery_event_at"), "delivery_event", ["at"], unique=False)
    op.create_index(
        op.f("ix_delivery_event_message_id"), "delivery_event", ["message_id"], unique=False
    )
    op.create_table(
        "entry_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_event_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_event")),
        sa.UniqueConstraint("entry_id", "name", name=op.f("uq_entry_event_entry_id_name")),
    )
    op.create_index(op.f("ix_entry_event_entry_id"), "entry_event", ["entry_id"], unique=False)
    op.create_table(
        "message_reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("reminder_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_reminder_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminder.id"], name=op.f("fk_message_reminder_reminder_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_reminder")),
        sa.UniqueConstraint(
            "message_id", "reminder_id", name=op.f("uq_message_reminder_message_id_reminder_id")
        ),
    )
    op.create_index(
        op.f("ix_message_reminder_reminder_id"), "message_reminder", ["reminder_id"], unique=False
    )
    op.create_table(
        "plan_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("payee", sa.Text(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=True),
        sa.Column("account_last4", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("offsets", sa.Text(), nullable=True),
        sa.Column("send_time", sa.Text(), nullable=True),
        sa.Column("tolerance_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "paid_by IN ('send', 'standing-order', 'collect', 'counter')",
            name=op.f("ck_plan_version_paid_by_known"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_plan_version_number_counts")),
        sa.CheckConstraint(
            "tolerance_minor >= 0", name=op.f("ck_plan_version_tolerance_not_negative")
        ),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_plan_version_total_positive")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_version_person_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_version_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_version_plan_id_number")),
    )
    op.create_index(op.f("ix_plan_version_person_id"), "plan_version", ["person_id"], unique=False)
    op.create_index(op.f("ix_plan_version_plan_id"), "plan_version", ["plan_id"], unique=False)
    op.create_table(
        "instalment",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("plan_version_id", ID, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("send_by_at", UTCDateTime(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("reopened_at", UTCDateTime(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_instalment_amount_positive")),
        sa.CheckConstraint(
            "paid_minor BETWEEN 0 AND amount_minor", name=op.f("ck_instalment_paid_within_amount")
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_instalment_seq_counts")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_instalment_person_id")),
        sa.ForeignKeyConstraint(
            ["plan_version_id"], ["plan_version.id"], name=op.f("fk_instalment_plan_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instalment")),
        sa.UniqueConstraint(
            "plan_version_id", "ref", name=op.f("uq_instalment_plan_version_id_ref")
        ),
        sa.UniqueConstraint(
            "plan_version_id", "seq", name=op.f("uq_instalment_plan_version_id_seq")
        ),
    )
    op.create_index(op.f("ix_instalment_person_id"), "instalment", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_instalment_plan_version_id"), "instalment", ["plan_version_id"], unique=False
    )
    op.create_index(op.f("ix_instalment_ref"), "instalment", ["ref"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("There is no way back but the backup made before the upgrade.")
