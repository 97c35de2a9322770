"""A database with as many plans as a charity has, made in SQL, since actions would take hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import text

from tracker.store.db import Database

FIRST_DUE = date(2027, 3, 1)
RECORDED_AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PHONE = 15_550_100_000

# One creditor, debt, plan, terms and wake for each number `n`; one person for each `owner`.
# Braces hold what each database says in its own way.
_EACH = (
    """INSERT INTO person (id, handle, name, locale, zone, currency, country, phone, channels,
         offsets, send_time, revision, created_at)
       SELECT n, 'p' || n, 'Li', 'en_GB', 'Europe/London', 'GBP', 'GB', '+' || (n + {phone}),
         :channel, NULL, NULL, 1, {at} FROM numbers WHERE n <= :plans / :of""",
    """INSERT INTO destination (person_id, channel, address, added_at, confirmed_at, tries, codes)
       SELECT n, 'sms', '+' || (n + {phone}), {at}, {at}, 0, 0
       FROM numbers WHERE n <= :plans / :of AND :channel = 'sms'""",
    """INSERT INTO creditor (id, person_id, handle, name, zone, country, cutoff, clearing_days,
         created_at)
       SELECT n, owner, 'c' || n, 'Example Bank', 'Europe/London', 'GB', '17:00', 0, {at}
       FROM numbers""",
    """INSERT INTO debt (id, person_id, creditor_id, handle, word, kind, currency, jurisdiction,
         created_at)
       SELECT n, owner, n, 'maple' || place, 'MAPLE' || place, 'ordinary', 'GBP', 'GB', {at}
       FROM (SELECT n, owner, CASE WHEN n % :of = 0 THEN '' ELSE '' || n % :of END AS place
             FROM numbers) AS placed""",
    """INSERT INTO plan (id, person_id, debt_id, version, created_at)
       SELECT n, owner, n, 1, {at} FROM numbers""",
    """INSERT INTO plan_version (id, person_id, plan_id, number, agreed_on, total_minor, paid_by,
         rule, offsets, send_time, tolerance_minor, recorded_at)
       SELECT n, owner, n, 1, date({at}), 1000 * :each, 'send', 'monthly', '-1', '09:00', 0, {at}
       FROM numbers""",
    """INSERT INTO instalment (person_id, plan_version_id, ref, seq, due_on, amount_minor,
         paid_minor, send_by_at, generation, opened_at, sequence, changed_at)
       SELECT owner, n, 'i' || n || '-' || k, k, due, 1000, 0, {send_by}, 0, {at}, 0, {at}
       FROM (SELECT n, owner, k, {due} AS due
             FROM numbers, (SELECT n AS k FROM numbers WHERE n <= :each) AS places) AS dated""",
    """INSERT INTO wake (kind, subject_id, person_id, at)
       SELECT 'plan', n, owner, {called} FROM numbers""",
)
_SAID = {
    "sqlite": {
        "at": f"'{RECORDED_AT:%Y-%m-%d %H:%M:%S}.000000'",
        "phone": str(PHONE),
        "due": f"date('{FIRST_DUE}', '+' || (n % :days) || ' days', '+' || (k - 1) || ' months')",
        "send_by": "due || ' 17:00:00.000000'",
        "called": f"date('{FIRST_DUE}', '+' || (n % :days) || ' days', '-1 day')"
        " || ' 09:00:00.000000'",
    },
    "postgresql": {
        "at": f"TIMESTAMPTZ '{RECORDED_AT.isoformat()}'",
        "phone": str(PHONE),
        "due": f"date(DATE '{FIRST_DUE}' + n % :days + (k - 1) * INTERVAL '1 month')",
        "send_by": "(due + TIME '17:00') AT TIME ZONE 'UTC'",
        "called": f"(DATE '{FIRST_DUE}' + n % :days - 1 + TIME '09:00') AT TIME ZONE 'UTC'",
    },
}
_NUMBERS = """WITH RECURSIVE numbers(n, owner) AS
    (SELECT 1, 1 UNION ALL SELECT n + 1, n / :of + 1 FROM numbers WHERE n < :plans) """


def fill(
    database: Database,
    *,
    plans: int,
    each: int,
    days: int,
    of: int = 1,
    channel: str = "console",
) -> None:
    """`plans` plans of `each` monthly instalments, their first due dates spread over `days`.

    `of` of them (a part of all) are one person's. Each has one reminder an
    instalment, at nine on the day before, by `channel`, and one word when it is late.
    """
    values = {"plans": plans, "each": each, "days": days, "of": of, "channel": channel}
    said = _SAID[database.engine.dialect.name]
    with database.engine.begin() as connection:
        for statement in _EACH:
            insert, _, rest = statement.format(**said).partition("SELECT")
            connection.execute(text(f"{insert} {_NUMBERS} SELECT {rest}"), values)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def called_at(day: int) -> datetime:
    """When the reminders of the plans whose first due date lies on that day come."""
    return datetime.combine(FIRST_DUE + timedelta(days=day - 1), time(9, 0), UTC)
