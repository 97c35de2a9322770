"""Many messages due at once, through the real SMS channel to a provider on loopback."""

from __future__ import annotations

import sqlite3
import statistics
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from twilio.rest import Client

from tests.benchmarks import stock
from tests.peers import measure
from tests.peers.clock import MovableClock
from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER
from tracker.actions.delivery import derive, ways
from tracker.daemon.tick import Ticker
from tracker.store.db import Database

MESSAGES = 1_500
ROUNDS = 10
EACH = 12


def _bare(folder: Path, url: str) -> Callable[[], None]:
    """Two durable commits and one request: nobody can do with less and keep the promise."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE message (id INTEGER PRIMARY KEY, state TEXT, sid TEXT)")
    client = Client(ACCOUNT_SID, AUTH_TOKEN)
    client.api.base_url = url

    def send() -> None:
        made = connection.execute("INSERT INTO message (state) VALUES ('sending')")
        sent = client.messages.create(
            to="+15550109999", from_=SENDER, body="Li: MAPLE 1 of 12, send by Fri 4 Dec. Ref K7Q2"
        )
        connection.execute(
            "UPDATE message SET state = 'sent', sid = ? WHERE id = ?", (sent.sid, made.lastrowid)
        )

    return send


def test_messages_due_at_once(home: Path, tmp_path: Path, sqlite_template: Path) -> None:
    with measure.twilio(tmp_path) as (url, store):
        clock = MovableClock(stock.called_at(0) - timedelta(hours=1))
        office = measure.office(
            home,
            sqlite_template,
            "\n".join(
                (
                    "daemon.tick_limit_seconds = 3600",
                    f'sms.twilio.account_sid = "{ACCOUNT_SID}"',
                    f'sms.twilio.from_number = "{SENDER}"',
                    f'sms.twilio.api_base_url = "{url}"',
                    f'sms.twilio.auth_token_file = "{_secret(tmp_path)}"',
                )
            ),
            clock,
        )
        stock.fill(office.database, plans=MESSAGES, each=EACH, days=ROUNDS, channel="sms")
        ticker = Ticker(
            office=office,
            channels=ways.open_channels(office.settings, clock, sys.stdout),
            home_id="home",
        )
        ticker.start()
        bare = _bare(tmp_path, url)
        bare()
        share = MESSAGES // ROUNDS
        ours, derived, theirs, sizes = [], [], [], []
        for day in range(ROUNDS):
            clock.at = stock.called_at(day) + timedelta(seconds=1)
            derived.append(measure.seconds(lambda: _derive(ticker)) / share)
            ours.append(measure.seconds(ticker.run) / share)
            theirs.append(measure.seconds(lambda: [bare() for _ in range(share)]) / share)
            sizes.append(measure.rss_mb())
            _answered(office.database)
        accepted = [line for line in store.read_text().splitlines() if "+15550109999" not in line]
        assert len(accepted) == MESSAGES
        office.close()
    ratio = statistics.median(ours) / statistics.median(theirs)
    measure.show(
        "a message / two commits + messages.create",
        f"{1000 * statistics.median(ours):.1f} / {1000 * statistics.median(theirs):.1f} ms"
        f" = {ratio:.2f}",
        "2",
        over=ratio > 2,
    )
    measure.note(f"deriving one: {1000 * statistics.median(derived):.1f} ms")
    measure.show(
        f"memory over {MESSAGES} messages, after the first {MESSAGES // ROUNDS}",
        f"{sizes[-1] - sizes[0]:+.1f} MB of {sizes[0]:.0f}",
        "flat",
        over=sizes[-1] - sizes[0] > 5,
    )


def _answered(database: Database) -> None:
    """What was reminded of is paid and the texts have arrived, so that none of it comes again."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET follow_at = NULL")
        connection.exec_driver_sql(
            "UPDATE instalment SET paid_minor = amount_minor WHERE ref IN "
            "(SELECT subject_ref FROM reminder)"
        )


def _derive(ticker: Ticker) -> None:
    while derive.derive(ticker.office, ticker.office.clock.now()):
        pass


def _secret(folder: Path) -> Path:
    path = folder / "token"
    path.write_text(AUTH_TOKEN)
    path.chmod(0o600)
    return path
