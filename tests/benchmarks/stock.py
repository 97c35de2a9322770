"""A database with as many plans as a charity has, made in SQL, since actions would take hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from tracker.store.db import Database

FIRST_DUE = date(2027, 3, 1)
RECORDED_AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PHONE = 15_550_100_000

# One creditor, debt, plan, terms and wake for each number `n`; one person for each `owner`.
_EACH = (
    """INSERT INTO person (id, handle, name, locale, zone, currency, country, phone, channels,
         offsets, send_time, revision, created_at)
       SELECT n, 'p' || n, 'Li', 'en_GB', 'Europe/London', 'GBP', 'GB', '+' || (:phone + n),
         :channel, NULL, NULL, 1, :at FROM numbers WHERE n <= :plans / :of""",
    """INSERT INTO destination (person_id, channel, address, added_at, confirmed_at, tries, codes)
       SELECT n, 'sms', '+' || (:phone + n), :at, :at, 0, 0
       FROM numbers WHERE n <= :plans / :of AND :channel = 'sms'""",
    """INSERT INTO creditor (id, person_id, handle, name, zone, country, cutoff, clearing_days,
         created_at)
       SELECT n, owner, 'c' || n, 'Example Bank', 'Europe/London', 'GB', '17:00', 0, :at
       FROM numbers""",
    """INSERT INTO debt (id, person_id, creditor_id, handle, word, kind, currency, jurisdiction,
         created_at)
       SELECT n, owner, n, 'maple' || coalesce(nullif(n % :of, 0), ''),
         'MAPLE' || coalesce(nullif(n % :of, 0), ''), 'ordinary', 'GBP', 'GB', :at FROM numbers""",
    """INSERT INTO plan (id, person_id, debt_id, version, created_at)
       SELECT n, owner, n, 1, :at FROM numbers""",
    """INSERT INTO plan_version (id, person_id, plan_id, number, agreed_on, total_minor, paid_by,
         rule, offsets, send_time, tolerance_minor, recorded_at)
       SELECT n, owner, n, 1, date(:at), 1000 * :each, 'send', 'monthly', '-1', '09:00', 0, :at
       FROM numbers""",
)
_INSTALMENTS = """
    INSERT INTO instalment (person_id, plan_version_id, ref, seq, due_on, amount_minor, paid_minor,
      send_by_at, generation, opened_at, sequence, changed_at)
    SELECT owner, n, 'i' || n || '-' || k, k, due, 1000, 0, due || ' 17:00:00.000000', 0, :at, 0,
      :at
    FROM (SELECT n, owner, k,
            date(:first, '+' || (n % :days) || ' days', '+' || (k - 1) || ' months') AS due
          FROM numbers, (SELECT n AS k FROM numbers WHERE n <= :each))"""
_WAKES = """
    INSERT INTO wake (kind, subject_id, person_id, at)
    SELECT 'plan', n, owner, date(:first, '+' || (n % :days) || ' days', '-1 day') || :send
    FROM numbers"""
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
    values: dict[str, object] = {
        "plans": plans,
        "each": each,
        "days": days,
        "of": of,
        "channel": channel,
        "phone": PHONE,
        "at": f"{RECORDED_AT:%Y-%m-%d %H:%M:%S}.000000",
        "first": FIRST_DUE.isoformat(),
        "send": " 09:00:00.000000",
    }
    with database.engine.begin() as connection:
        for statement in (*_EACH, _INSTALMENTS, _WAKES):
            insert, _, rest = statement.partition("SELECT")
            connection.exec_driver_sql(f"{insert} {_NUMBERS} SELECT {rest}", values)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def called_at(day: int) -> datetime:
    """When the reminders of the plans whose first due date lies on that day come."""
    return datetime.combine(FIRST_DUE + timedelta(days=day - 1), time(9, 0), UTC)
