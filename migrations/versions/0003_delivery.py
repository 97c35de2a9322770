"""Delivery in full: destinations, what comes in, follow-ups, absences, mirrors, marks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('restored', 'clock')", name=op.f("ck_mark_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
    )
    op.create_table(
        "absence",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("until_on > from_on", name=op.f("ck_absence_until_after_from")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"], unique=False)
    op.create_table(
        "destination",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("confirmed_at", UTCDateTime(), nullable=True),
        sa.Column("opted_out_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("code_sha256", sa.Text(), nullable=True),
        sa.Column("code_until_at", UTCDateTime(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("codes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(channel = 'push') = (target IS NOT NULL)",
            name=op.f("ck_destination_push_has_a_target"),
        ),
        sa.CheckConstraint(
            "channel IN ('sms', 'mail', 'push')", name=op.f("ck_destination_channel_known")
        ),
        sa.CheckConstraint(
            "(code_sha256 IS NULL) = (code_until_at IS NULL)",
            name=op.f("ck_destination_code_whole"),
        ),
        sa.CheckConstraint(
            "length(address) BETWEEN 1 AND 254", name=op.f("ck_destination_address_length")
        ),
        sa.CheckConstraint("tries >= 0 AND codes >= 0", name=op.f("ck_destination_counts")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_destination_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destination")),
        sa.UniqueConstraint(
            "person_id", "channel", "address", name=op.f("uq_destination_person_id_channel_address")
        ),
    )
    op.create_index(op.f("ix_destination_address"), "destination", ["address"], unique=False)
    op.create_table(
        "inbound",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'caldav')", name=op.f("ck_inbound_channel_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_inbound_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("channel", "provider_id", name=op.f("uq_inbound_channel_provider_id")),
    )
    op.create_index(op.f("ix_inbound_person_id"), "inbound", ["person_id"], unique=False)
    op.create_index(op.f("ix_inbound_seen_at"), "inbound", ["seen_at"], unique=False)
    op.create_table(
        "income",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("every", sa.Text(), nullable=True),
        sa.Column("anchor_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "every IN ('weekly', 'fortnightly', 'four-weekly', 'twice-monthly', 'monthly', 'quarterly')",
            name=op.f("ck_income_every_known"),
        ),
        sa.CheckConstraint(
            "(amount_minor IS NULL) = (currency IS NULL)", name=op.f("ck_income_amount_whole")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_income_amount_positive")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name=op.f("ck_income_name_length")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_income_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income")),
    )
    op.create_index(op.f("ix_income_person_id"), "income", ["person_id"], unique=False)
    op.create_table(
        "mirror",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("detail IN ('neutral', 'full')", name=op.f("ck_mirror_detail_known")),
        sa.CheckConstraint("kind IN ('caldav', 'webdav')", name=op.f("ck_mirror_kind_known")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 40", name=op.f("ck_mirror_name_length")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mirror_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_mirror_person_id_name")),
    )
    op.create_table(
        "mirror_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("mirror_id", ID, nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=True),
        sa.Column("wanted_sha256", sa.Text(), nullable=True),
        sa.Column("put_sha256", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before_at", UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'put', 'withdrawn', 'failed')",
            name=op.f("ck_mirror_item_state_known"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mirror_item_counts")),
        sa.ForeignKeyConstraint(
            ["mirror_id"], ["mirror.id"], name=op.f("fk_mirror_item_mirror_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mirror_item_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mirror_item")),
        sa.UniqueConstraint("mirror_id", "uid", name=op.f("uq_mirror_item_mirror_id_uid")),
    )
    op.create_index(op.f("ix_mirror_item_person_id"), "mirror_item", ["person_id"], unique=False)
    op.create_index(
        "ix_mirror_item_state_not_before", "mirror_item", ["state", "not_before_at"], unique=False
    )
    op.create_table(
        "followup",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=True),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_how", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('answer', 'call', 'promise', 'task', 'deadline')",
            name=op.f("ck_followup_kind_known"),
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_how IS NULL)", name=op.f("ck_followup_closed_somehow")
        ),
        sa.CheckConstraint("length(said) BETWEEN 1 AND 500", name=op.f("ck_followup_said_length")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_followup_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_followup_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup")),
        sa.UniqueConstraint("ref", name=op.f("uq_followup_ref")),
    )
    op.create_index(op.f("ix_followup_debt_id"), "followup", ["debt_id"], unique=False)
    op.create_index(op.f("ix_followup_person_id"), "followup", ["person_id"], unique=False)
    op.create_table(
        "snooze",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("until_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("until_at > recorded_at", name=op.f("ck_snooze_until_after_recorded")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_snooze_debt_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_snooze_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
    )
    op.create_index(op.f("ix_snooze_person_id"), "snooze", ["person_id"], unique=False)
    op.create_index(op.f("ix_snooze_debt_id"), "snooze", ["debt_id"], unique=False)
    op.create_index(op.f("ix_snooze_subject_ref"), "snooze", ["subject_ref"], unique=False)
    op.create_table(
        "payment_claim",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("debt_id", ID, nullable=False),
        sa.Column("instalment_ref", sa.Text(), nullable=False),
        sa.Column("inbound_id", ID, nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("payment_id", ID, nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)",
            name=op.f("ck_payment_claim_decided_when_closed"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'dismissed')", name=op.f("ck_payment_claim_state_known")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_payment_claim_number_counts")),
        sa.ForeignKeyConstraint(["debt_id"], ["debt.id"], name=op.f("fk_payment_claim_debt_id")),
        sa.ForeignKeyConstraint(
            ["inbound_id"], ["inbound.id"], name=op.f("fk_payment_claim_inbound_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payment.id"], name=op.f("fk_payment_claim_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_payment_claim_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_claim")),
        sa.UniqueConstraint(
            "inbound_id", "instalment_ref", name=op.f("uq_payment_claim_inbound_id_instalment_ref")
        ),
        sa.UniqueConstraint("person_id", "number", name=op.f("uq_payment_claim_person_id_number")),
    )
    op.create_index(op.f("ix_payment_claim_debt_id"), "payment_claim", ["debt_id"], unique=False)
    op.create_index(
        op.f("ix_payment_claim_payment_id"), "payment_claim", ["payment_id"], unique=False
    )
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("kind", sa.Text(), server_default="reminder", nullable=False))
        batch.add_column(
            sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch.add_column(sa.Column("segments", sa.BigInteger(), server_default="0", nullable=False))
        batch.add_column(sa.Column("again", sa.BigInteger(), server_default="0", nullable=False))
        batch.add_column(
            sa.Column("doubtful", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch.add_column(sa.Column("follow_at", UTCDateTime(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_message_kind_known"), "kind IN ('reminder', 'code', 'test')"
        )
        batch.create_check_constraint(
            op.f("ck_message_more_counts"), "segments >= 0 AND again >= 0"
        )
    op.create_index(op.f("ix_message_provider_id"), "message", ["provider_id"], unique=False)
    op.create_index(
        "ix_message_follow_at",
        "message",
        ["follow_at"],
        unique=False,
        sqlite_where=sa.text("follow_at IS NOT NULL"),
        postgresql_where=sa.text("follow_at IS NOT NULL"),
    )
    with op.batch_alter_table("message_reminder") as batch:
        batch.add_column(sa.Column("ref", sa.Text(), nullable=True))
    # A message carried one reminder; its ref was the message's.
    op.execute(
        "UPDATE message_reminder SET ref = "
        "(SELECT message.ref FROM message WHERE message.id = message_reminder.message_id)"
    )
    with op.batch_alter_table("message_reminder") as batch:
        batch.alter_column("ref", existing_type=sa.Text(), nullable=False)
    op.create_index(op.f("ix_message_reminder_ref"), "message_reminder", ["ref"], unique=False)
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("hours", sa.Text(), nullable=True))
        batch.add_column(sa.Column("quiet_until_at", UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("alive", sa.Text(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_person_alive_known"),
            "alive IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')",
        )
    with op.batch_alter_table("reminder") as batch:
        batch.alter_column("debt_id", existing_type=ID, nullable=True)
        batch.drop_constraint(op.f("ck_reminder_kind_known"), type_="check")
        batch.create_check_constraint(
            op.f("ck_reminder_kind_known"),
            "kind IN ('reminder', 'reopened', 'asked', 'late', 'snoozed', 'answer', 'call', 'promise', 'task', 'deadline', 'receipt', 'leaving', 'alive')",
        )
    with op.batch_alter_table("wake") as batch:
        batch.drop_constraint(op.f("ck_wake_kind_known"), type_="check")
        batch.create_check_constraint(
            op.f("ck_wake_kind_known"),
            "kind IN ('plan', 'payment', 'condition', 'followup', 'absence', 'snooze', 'receipt', 'alive', 'mirror')",
        )
    # Numbers and addresses that were in use have proved themselves.
    op.execute(
        "INSERT INTO destination (person_id, channel, address, added_at, confirmed_at, tries, "
        "codes) SELECT id, 'sms', phone, created_at, created_at, 0, 0 FROM person "
        "WHERE phone IS NOT NULL"
    )


def downgrade() -> None:
    raise NotImplementedError("There is no way back but the backup made before the upgrade.")
