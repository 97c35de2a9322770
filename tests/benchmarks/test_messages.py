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

MESSAGES = 15_000
ROUND_SECONDS = 10
EACH = 12
BARE = 300
BARE_NUMBER = "+15550109999"


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
            to=BARE_NUMBER, from_=SENDER, body="Li: MAPLE 1 of 12, send by Fri 4 Dec. Ref K7Q2"
        )
        connection.execute(
            "UPDATE message SET state = 'sent', sid = ? WHERE id = ?", (sent.sid, made.lastrowid)
        )

    return send


def test_messages_due_at_once(home: Path, tmp_path: Path, empty: Callable[[], Path | str]) -> None:
    with measure.twilio(tmp_path) as (url, store):
        clock = MovableClock(stock.called_at(0) - timedelta(hours=1))
        office = measure.office(
            home,
            empty(),
            "\n".join(
                (
                    f"daemon.tick_limit_seconds = {ROUND_SECONDS}",
                    f'sms.twilio.account_sid = "{ACCOUNT_SID}"',
                    f'sms.twilio.from_number = "{SENDER}"',
                    f'sms.twilio.api_base_url = "{url}"',
                    f'sms.twilio.auth_token_file = "{_secret(tmp_path)}"',
                    "sms.segments_per_day = 1000000",
                )
            ),
            clock,
        )
        stock.fill(office.database, plans=MESSAGES, each=EACH, days=1, channel="sms")
        ticker = Ticker(
            office=office,
            channels=ways.open_channels(office.settings, clock, sys.stdout),
            home_id="home",
        )
        ticker.start()
        bare = _bare(tmp_path, url)
        bare()
        clock.at = stock.called_at(0) + timedelta(seconds=1)
        derived = measure.seconds(lambda: _derive(ticker)) / MESSAGES
        ours, theirs, sizes = [], [], []
        while (before := _sent(store)) < MESSAGES:
            spent = measure.seconds(ticker.run)
            share = _sent(store) - before
            assert share, "a round sent nothing"
            ours.append(spent / share)
            theirs.append(measure.seconds(lambda: [bare() for _ in range(BARE)]) / BARE)
            sizes.append(measure.rss_mb())
        assert _sent(store) == MESSAGES
        kind = office.database.engine.dialect.name
        office.close()
    ratio = statistics.median(ours) / statistics.median(theirs)
    measure.show(
        f"{kind}: a message / two commits + messages.create",
        f"{1000 * statistics.median(ours):.1f} / {1000 * statistics.median(theirs):.1f} ms"
        f" = {ratio:.2f}",
        "2",
        over=ratio > 2,
    )
    measure.note(
        f"{MESSAGES:,} due at once, in {len(ours)} rounds; deriving one: {1000 * derived:.1f} ms"
    )
    measure.show(
        f"{kind}: memory over them, after the first round",
        f"{sizes[-1] - sizes[0]:+.1f} MB of {sizes[0]:.0f}",
        "flat",
        over=sizes[-1] - sizes[0] > 5,
    )


def _sent(store: Path) -> int:
    return sum(BARE_NUMBER not in line for line in store.read_text().splitlines())


def _derive(ticker: Ticker) -> None:
    while derive.derive(ticker.office, ticker.office.clock.now()):
        pass


def _secret(folder: Path) -> Path:
    path = folder / "token"
    path.write_text(AUTH_TOKEN)
    path.chmod(0o600)
    return path
