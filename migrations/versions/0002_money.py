"""Money in full: terms, orders, charges, holidays, conditions, owners, and other currencies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("wake") as batch:
        batch.drop_constraint(op.f("ck_wake_kind_known"), type_="check")
        batch.create_check_constraint(
            op.f("ck_wake_kind_known"), "kind IN ('plan', 'payment', 'condition')"
        )
    with op.batch_alter_table("statement") as batch:
        batch.drop_constraint(op.f("ck_statement_parts_sum_to_total"), type_="check")
        batch.add_column(sa.Column("costs_minor", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("settled_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("settled_how", sa.Text(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_statement_parts_sum_to_total"),
            "(principal_minor IS NULL AND interest_minor IS NULL AND penalties_minor IS NULL AND fees_minor IS NULL AND costs_minor IS NULL) OR (principal_minor IS NOT NULL AND interest_minor IS NOT NULL AND penalties_minor IS NOT NULL AND fees_minor IS NOT NULL AND principal_minor + interest_minor + penalties_minor + fees_minor + coalesce(costs_minor, 0) = total_minor)",
        )
        batch.create_check_constraint(
            op.f("ck_statement_settled_somehow"), "(settled_at IS NULL) = (settled_how IS NULL)"
        )
    with op.batch_alter_table("payment") as batch:
        batch.drop_constraint(op.f("ck_payment_kind_known"), type_="check")
        batch.add_column(sa.Column("batch", sa.Text(), nullable=True))
        batch.add_column(sa.Column("sent_minor", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("sent_currency", sa.Text(), nullable=True))
        batch.add_column(sa.Column("rate", sa.Text(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_payment_exchange_whole"),
            "(sent_minor IS NULL) = (sent_currency IS NULL) AND (sent_minor IS NULL) = (rate IS NULL)",
        )
        batch.create_check_constraint(
            op.f("ck_payment_kind_known"), "kind IN ('payment', 'scheduled', 'reversal', 'refund')"
        )
        batch.create_check_constraint(
            op.f("ck_payment_sent_currency_length"), "length(sent_currency) = 3"
        )
        batch.create_check_constraint(op.f("ck_payment_sent_positive"), "sent_minor > 0")
    op.create_index(op.f("ix_payment_batch"), "payment", ["batch"], unique=False)
    with op.batch_alter_table("plan") as batch:
        batch.add_column(sa.Column("ended_as", sa.Text(), nullable=True))
        batch.add_column(
            sa.Column("after_payment", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch.create_check_constraint(
            op.f("ck_plan_ended_as_known"), "ended_as IN ('withdrawn', 'broken')"
        )
        batch.create_check_constraint(
            op.f("ck_plan_ended_as_when_ended"), "ended_as IS NULL OR ended_at IS NOT NULL"
        )
    # There was no other way yet for a plan to end.
    op.execute("UPDATE plan SET ended_as = 'withdrawn' WHERE ended_at IS NOT NULL")
    with op.batch_alter_table("plan_version") as batch:
        batch.add_column(sa.Column("kind", sa.Text(), server_default="list", nullable=False))
        batch.add_column(sa.Column("change", sa.Text(), server_default="agreed", nullable=False))
        batch.add_column(sa.Column("agreed_by", sa.Text(), nullable=True))
        batch.add_column(
            sa.Column("interest", sa.Text(), server_default="contract", nullable=False)
        )
        batch.add_column(sa.Column("rate_ppb", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("rate_per", sa.Text(), nullable=True))
        batch.add_column(sa.Column("basis", sa.Text(), nullable=True))
        batch.add_column(sa.Column("overpay", sa.Text(), server_default="forward", nullable=False))
        batch.add_column(sa.Column("forgiven_minor", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("review_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("every", sa.Text(), nullable=True))
        batch.add_column(sa.Column("second_day", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_plan_version_basis_known"),
            "basis IN ('act/365f', 'act/360', '30/360', '30e/360', 'act/act', 'monthly')",
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_change_known"),
            "change IN ('agreed', 'revised', 'paused', 'resumed', 'waived', 'rescheduled')",
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_every_known"),
            "every IN ('weekly', 'fortnightly', 'four-weekly', 'twice-monthly', 'monthly', 'quarterly')",
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_forgiven_not_negative"), "forgiven_minor >= 0"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_forgiven_when_settled"),
            "(kind = 'settlement') = (forgiven_minor IS NOT NULL)",
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_interest_known"), "interest IN ('contract', 'frozen', 'rate')"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_kind_known"),
            "kind IN ('equal', 'amount', 'amortising', 'balloon', 'step-up', 'seasonal', 'list', 'settlement', 'token')",
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_overpay_known"), "overpay IN ('forward', 'last', 'refund')"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_rate_per_known"), "rate_per IN ('year', 'day')"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_rate_range"), "rate_ppb BETWEEN 0 AND 10000000000"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_rate_when_agreed"), "(interest = 'rate') = (rate_ppb IS NOT NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_rate_whole"), "(rate_ppb IS NULL) = (rate_per IS NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_second_day_range"), "second_day BETWEEN 1 AND 31"
        )
        batch.create_check_constraint(
            op.f("ck_plan_version_second_day_when_twice_monthly"),
            "(second_day IS NOT NULL) = (every IS NOT NULL AND every = 'twice-monthly')",
        )
    with op.batch_alter_table("instalment") as batch:
        batch.drop_constraint(op.f("ck_instalment_paid_within_amount"), type_="check")
        batch.add_column(
            sa.Column("waived_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch.add_column(
            sa.Column("interest_minor", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch.create_check_constraint(
            op.f("ck_instalment_interest_within_amount"),
            "interest_minor BETWEEN 0 AND amount_minor",
        )
        batch.create_check_constraint(
            op.f("ck_instalment_paid_within_amount"),
            "paid_minor >= 0 AND paid_minor + waived_minor <= amount_minor",
        )
        batch.create_check_constraint(
            op.f("ck_instalment_waived_not_negative"), "waived_minor >= 0"
        )
    op.create_index(
        "ix_instalment_open_due",
        "instalment",
        ["due_on"],
        unique=False,
        sqlite_where=sa.text("amount_minor > paid_minor + waived_minor"),
        postgresql_where=sa.text("amount_minor > paid_minor + waived_minor"),
    )
    op.create_table(
        "exchange",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("base <> quote", name=op.f("ck_exchange_two_currencies")),
        sa.CheckConstraint(
            "length(base) = 3 AND length(quote) = 3", name=op.f("ck_exchange_currency_length")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_exchange_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
        sa.UniqueConstraint(
            "person_id",
            "base",
            "quote",
            "on_date",
            name=op.f("uq_exchange_person_id_base_quote_on_date"),
        ),
    )
    op.create_index(op.f("ix_exchange_person_id"), "exchange", ["person_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("from_creditor_id", ID, nullable=False),
        sa.Column("to_creditor_id", ID, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("old_reference", sa.Text(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("verified_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(proof IS NULL) = (verified_at IS NULL)", name=op.f("ck_assignment_verified_by_proof")
        ),
        sa.CheckConstraint(
            "from_creditor_id <> to_creditor_id", name=op.f("ck_assignment_changes_hands")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_assignment_debt_id")),
        sa.ForeignKeyConstraint(
            ["from_creditor_id"], ["creditor.id"], name=op.f("fk_assignment_from_creditor_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.ForeignKeyConstraint(
            ["to_creditor_id"], ["creditor.id"], name=op.f("fk_assignment_to_creditor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_debt_id"), "assignment", ["debt_id"], unique=False)
    op.create_index(op.f("ix_assignment_person_id"), "assignment", ["person_id"], unique=False)
    op.create_table(
        "debt_policy",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("ordering", sa.Text(), nullable=False),
        sa.Column("switch_days", sa.Integer(), nullable=True),
        sa.Column("then_ordering", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "ordering IN ('costs-first', 'fees-first', 'interest-first', 'principal-first', 'default-interest-last', 'as-stated')",
            name=op.f("ck_debt_policy_ordering_known"),
        ),
        sa.CheckConstraint(
            "then_ordering IN ('costs-first', 'fees-first', 'interest-first', 'principal-first', 'default-interest-last', 'as-stated')",
            name=op.f("ck_debt_policy_then_ordering_known"),
        ),
        sa.CheckConstraint(
            "(switch_days IS NULL) = (then_ordering IS NULL)",
            name=op.f("ck_debt_policy_switch_whole"),
        ),
        sa.CheckConstraint(
            "switch_days BETWEEN 1 AND 3660", name=op.f("ck_debt_policy_switch_range")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_debt_policy_debt_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_debt_policy_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debt_policy")),
    )
    op.create_index(op.f("ix_debt_policy_person_id"), "debt_policy", ["person_id"], unique=False)
    op.create_index(
        "uq_debt_policy_debt_from",
        "debt_policy",
        ["debt_id", "from_on"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "debt_terms",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("rate_ppb", sa.BigInteger(), nullable=True),
        sa.Column("rate_per", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("compounding", sa.Text(), nullable=False),
        sa.Column("compounds_on", sa.Integer(), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("penalty_ppb", sa.BigInteger(), nullable=True),
        sa.Column("penalty_per", sa.Text(), nullable=True),
        sa.Column("penalty_above_ppb", sa.BigInteger(), nullable=True),
        sa.Column("penalty_reach", sa.Text(), nullable=False),
        sa.Column("penalty_instead", sa.Boolean(), nullable=False),
        sa.Column("late_fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("late_fee_ppb", sa.BigInteger(), nullable=True),
        sa.Column("late_fee_least_minor", sa.BigInteger(), nullable=False),
        sa.Column("late_fee_most_minor", sa.BigInteger(), nullable=True),
        sa.Column("late_fee_times", sa.Text(), nullable=False),
        sa.Column("bears", sa.Text(), nullable=False),
        sa.Column("rounding", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "basis IN ('act/365f', 'act/360', '30/360', '30e/360', 'act/act', 'monthly')",
            name=op.f("ck_debt_terms_basis_known"),
        ),
        sa.CheckConstraint(
            "compounding IN ('none', 'daily', 'monthly', 'quarterly', 'yearly')",
            name=op.f("ck_debt_terms_compounding_known"),
        ),
        sa.CheckConstraint(
            "late_fee_times IN ('once', 'monthly')", name=op.f("ck_debt_terms_late_fee_times_known")
        ),
        sa.CheckConstraint(
            "penalty_per IN ('year', 'day')", name=op.f("ck_debt_terms_penalty_per_known")
        ),
        sa.CheckConstraint(
            "penalty_reach IN ('overdue', 'balance')",
            name=op.f("ck_debt_terms_penalty_reach_known"),
        ),
        sa.CheckConstraint(
            "rate_per IN ('year', 'day')", name=op.f("ck_debt_terms_rate_per_known")
        ),
        sa.CheckConstraint(
            "rounding IN ('carry', 'each')", name=op.f("ck_debt_terms_rounding_known")
        ),
        sa.CheckConstraint(
            "(penalty_ppb IS NULL) = (penalty_per IS NULL)",
            name=op.f("ck_debt_terms_penalty_whole"),
        ),
        sa.CheckConstraint(
            "(rate_ppb IS NULL) = (rate_per IS NULL)", name=op.f("ck_debt_terms_rate_whole")
        ),
        sa.CheckConstraint(
            "compounds_on BETWEEN 1 AND 31", name=op.f("ck_debt_terms_compounds_on_range")
        ),
        sa.CheckConstraint("grace_days BETWEEN 0 AND 366", name=op.f("ck_debt_terms_grace_range")),
        sa.CheckConstraint(
            "late_fee_least_minor >= 0 AND (late_fee_most_minor IS NULL OR late_fee_most_minor >= late_fee_least_minor)",
            name=op.f("ck_debt_terms_late_fee_bounds"),
        ),
        sa.CheckConstraint("late_fee_minor >= 0", name=op.f("ck_debt_terms_late_fee_not_negative")),
        sa.CheckConstraint(
            "late_fee_minor IS NULL OR late_fee_ppb IS NULL",
            name=op.f("ck_debt_terms_late_fee_of_one_kind"),
        ),
        sa.CheckConstraint(
            "late_fee_ppb BETWEEN 0 AND 10000000000", name=op.f("ck_debt_terms_late_fee_range")
        ),
        sa.CheckConstraint(
            "penalty_above_ppb BETWEEN 0 AND 10000000000",
            name=op.f("ck_debt_terms_penalty_above_range"),
        ),
        sa.CheckConstraint(
            "penalty_ppb BETWEEN 0 AND 10000000000", name=op.f("ck_debt_terms_penalty_range")
        ),
        sa.CheckConstraint(
            "penalty_ppb IS NULL OR penalty_above_ppb IS NULL",
            name=op.f("ck_debt_terms_penalty_of_one_kind"),
        ),
        sa.CheckConstraint(
            "rate_ppb BETWEEN 0 AND 10000000000", name=op.f("ck_debt_terms_rate_range")
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_debt_terms_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_debt_terms_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debt_terms")),
    )
    op.create_index(op.f("ix_debt_terms_person_id"), "debt_terms", ["person_id"], unique=False)
    op.create_index(
        "uq_debt_terms_debt_from",
        "debt_terms",
        ["debt_id", "from_on"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at IS NULL"),
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "party",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "role IN ('joint-holder', 'guarantor')", name=op.f("ck_party_role_known")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 120", name=op.f("ck_party_name_length")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_party_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_party_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    op.create_index(op.f("ix_party_debt_id"), "party", ["debt_id"], unique=False)
    op.create_index(op.f("ix_party_person_id"), "party", ["person_id"], unique=False)
    op.create_table(
        "payee",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("payee", sa.Text(), nullable=True),
        sa.Column("quote", sa.Text(), nullable=True),
        sa.Column("account_last4", sa.Text(), nullable=True),
        sa.Column("told_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("called", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'rejected')", name=op.f("ck_payee_outcome_known")
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (closed_at IS NULL)", name=op.f("ck_payee_outcome_when_closed")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome = 'rejected' OR called IS NOT NULL",
            name=op.f("ck_payee_confirmed_by_a_call"),
        ),
        sa.CheckConstraint(
            "payee IS NOT NULL OR quote IS NOT NULL OR account_last4 IS NOT NULL",
            name=op.f("ck_payee_changes_something"),
        ),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_payee_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_payee_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee")),
    )
    op.create_index(op.f("ix_payee_person_id"), "payee", ["person_id"], unique=False)
    op.create_index(
        "uq_payee_open_debt",
        "payee",
        ["debt_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "charge",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("statement_id", ID, nullable=True),
        sa.Column("instalment_ref", sa.Text(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(reason = 'charge' AND amount_minor IS NOT NULL AND amount_minor > 0 AND component IS NOT NULL) OR (reason = 'waiver' AND amount_minor IS NOT NULL AND amount_minor < 0) OR (reason = 'waiver' AND amount_minor IS NULL AND component IS NULL) OR (reason = 'adjustment' AND amount_minor IS NOT NULL AND component IS NOT NULL AND statement_id IS NOT NULL)",
            name=op.f("ck_charge_reason_fits"),
        ),
        sa.CheckConstraint(
            "component IN ('principal', 'interest', 'penalties', 'fees', 'costs')",
            name=op.f("ck_charge_component_known"),
        ),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_charge_amount_not_zero")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_charge_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_charge_person_id")),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["statement.id"], name=op.f("fk_charge_statement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
    )
    op.create_index(op.f("ix_charge_debt_id"), "charge", ["debt_id"], unique=False)
    op.create_index(op.f("ix_charge_person_id"), "charge", ["person_id"], unique=False)
    op.create_table(
        "payment_proof",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_payment_proof_sha256_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_payment_proof_size_positive")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_proof_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_payment_proof_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_proof")),
        sa.UniqueConstraint(
            "payment_id", "sha256", name=op.f("uq_payment_proof_payment_id_sha256")
        ),
    )
    op.create_index(
        op.f("ix_payment_proof_person_id"), "payment_proof", ["person_id"], unique=False
    )
    op.create_table(
        "payment_split",
        sa.Column("id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("payment_id", ID, nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "component IN ('principal', 'interest', 'penalties', 'fees', 'costs')",
            name=op.f("ck_payment_split_component_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_payment_split_amount_positive")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_payment_split_debt_id")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_split_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_split")),
        sa.UniqueConstraint(
            "payment_id", "component", name=op.f("uq_payment_split_payment_id_component")
        ),
    )
    op.create_index(op.f("ix_payment_split_debt_id"), "payment_split", ["debt_id"], unique=False)
    op.create_table(
        "plan_condition",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=True),
        sa.Column("due_day", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("broken_on", sa.Date(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'current-bill') = (due_day IS NOT NULL)",
            name=op.f("ck_plan_condition_bill_has_a_day"),
        ),
        sa.CheckConstraint(
            "(kind IN ('missed', 'days-late')) = (most IS NOT NULL)",
            name=op.f("ck_plan_condition_has_a_most"),
        ),
        sa.CheckConstraint(
            "kind IN ('current-bill', 'no-new-card', 'missed', 'days-late', 'other')",
            name=op.f("ck_plan_condition_kind_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_plan_condition_amount_positive")),
        sa.CheckConstraint(
            "due_day BETWEEN 1 AND 31", name=op.f("ck_plan_condition_due_day_range")
        ),
        sa.CheckConstraint("most BETWEEN 1 AND 3660", name=op.f("ck_plan_condition_most_range")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_condition_person_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_condition_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_condition")),
        sa.UniqueConstraint("ref", name=op.f("uq_plan_condition_ref")),
    )
    op.create_index(
        op.f("ix_plan_condition_person_id"), "plan_condition", ["person_id"], unique=False
    )
    op.create_index(op.f("ix_plan_condition_plan_id"), "plan_condition", ["plan_id"], unique=False)
    op.create_table(
        "plan_holiday",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("plan_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("agreed_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("resumed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("how IN ('shift', 'skip')", name=op.f("ck_plan_holiday_how_known")),
        sa.CheckConstraint("until_on > from_on", name=op.f("ck_plan_holiday_until_after_from")),
        sa.CheckConstraint("version >= 2", name=op.f("ck_plan_holiday_version_counts")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_holiday_person_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_holiday_plan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_holiday")),
    )
    op.create_index(op.f("ix_plan_holiday_person_id"), "plan_holiday", ["person_id"], unique=False)
    op.create_index(op.f("ix_plan_holiday_plan_id"), "plan_holiday", ["plan_id"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("There is no way back but the backup made before the upgrade.")
