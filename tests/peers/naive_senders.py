"""How small programs send what is due: two loops that promise nothing, for comparison.

A table of texts with a mark at each that was sent. One loop sends and then marks, the
other marks and then sends. They are besieged like the tracker (tests/peers/siege.py),
with the same texts at the same moments, the same faults of the provider and the same
kills; what came of it shows what the tracker's claim, its question to the provider's
list and its record of an outcome are for.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.peers.household import CALLS, INSTALMENTS, RECORDED_AT, Debt
from tests.peers.siege import Outcome
from tests.peers.trial import Work
from tests.peers.verdict import Verdict
from tracker import clock, config
from tracker.daemon import health

STEPS = ("taken", "between", "finished")
"""Before the first of the two acts, between them, and after the second."""

Due = tuple[str, str, str]
"""The ref, the number and the text of what is due."""

TABLE = """
CREATE TABLE IF NOT EXISTS naive (
    ref TEXT PRIMARY KEY, phone TEXT, body TEXT, due_at TEXT, sent INTEGER DEFAULT 0
);
CREATE INDEX IF NOT EXISTS naive_due ON naive (sent, due_at);
"""


def send_then_mark(row: Due, send: Callable[[Due], bool], mark: Callable[[Due], None]) -> None:
    """Sends, and marks as sent what was answered well; the rest is sent again."""
    if send(row):
        _reached("between")
        mark(row)
    else:
        time.sleep(0.02)


def mark_then_send(row: Due, send: Callable[[Due], bool], mark: Callable[[Due], None]) -> None:
    """Marks as sent, and then sends, whatever comes of it."""
    mark(row)
    _reached("between")
    send(row)


VARIANTS: Mapping[str, Callable[[Due, Callable[[Due], bool], Callable[[Due], None]], None]] = {
    "send-then-mark": send_then_mark,
    "mark-then-send": mark_then_send,
}
SHOWS_AS: Mapping[str, str] = {"send-then-mark": "twice", "mark-then-send": "lost"}
"""What is wrong with each, and nothing else is."""


def fill(url: str, household: list[Debt]) -> None:
    """The texts that the household's plans call for, as a table of their own."""
    texts = [
        (
            _ref(debt, *call),
            debt.phone,
            f"{debt.person.upper()}: {debt.word} {call[0]} of {INSTALMENTS}",
            debt.moment(*call).isoformat(),
        )
        for debt, call in _called(household)
    ]
    with closing(_open(url)) as file:
        file.executescript(TABLE)
        file.executemany("INSERT INTO naive (ref, phone, body, due_at) VALUES (?, ?, ?, ?)", texts)
        file.commit()


Call = tuple[int, str, int]
"""The seq of the instalment, the kind and the offset of its reminder."""


def _called(household: list[Debt]) -> Iterator[tuple[Debt, Call]]:
    for debt in household:
        for seq in range(1, INSTALMENTS + 1):
            for kind, offset in CALLS:
                if debt.moment(seq, kind, offset) >= RECORDED_AT:
                    yield debt, (seq, kind, offset)


def _ref(debt: Debt, seq: int, kind: str, offset: int) -> str:
    return f"{debt.person}/{debt.handle}/{seq}/{kind}/{offset}"


def work(variant: str) -> int:
    """Send what is due, by the clock and in the home of the environment, until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    settings = config.load(Path(os.environ["TRACKER_HOME"]))
    now = clock.from_environment().now
    with closing(_open(settings.database.url)) as file:

        def mark(row: Due) -> None:
            file.execute("UPDATE naive SET sent = 1 WHERE ref = ?", row[:1])
            file.commit()

        health.notify("READY=1")
        while True:
            row = file.execute(
                "SELECT ref, phone, body FROM naive WHERE sent = 0 AND due_at <= ? "
                "ORDER BY due_at LIMIT 1",
                (now().isoformat(),),
            ).fetchone()
            if row is None:
                time.sleep(0.02)
                continue
            _reached("taken")
            VARIANTS[variant](row, lambda row: _sent(settings, row), mark)
            _reached("finished")


def _sent(settings: config.Settings, row: Due) -> bool:
    """Whether the provider said that it took a text."""
    account = settings.sms.twilio
    url = urlsplit(account.api_base_url)
    secret = base64.b64encode(f"{account.account_sid}:{account.auth_token}".encode()).decode()
    ref, phone, body = row
    fields = {"From": account.from_number, "To": phone, "Body": f"{body}. Ref {ref}"}
    headers = {
        "Authorization": f"Basic {secret}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    path = f"/2010-04-01/Accounts/{account.account_sid}/Messages.json"
    connection = http.client.HTTPConnection(url.netloc, timeout=1)
    with closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("POST", path, urlencode(fields), headers)
        return connection.getresponse().status == 201
    return False


_left = Counter[str]()


def _reached(step: str) -> None:
    """TRACKER_DIE_AT, as the daemon understands it."""
    told, _, count = os.environ.get("TRACKER_DIE_AT", "").partition(",")
    _left[step] += 1
    if step == told and _left[step] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL)


def _open(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)


def undone(url: str, cut: datetime) -> int:
    with closing(_open(url)) as file:
        statement = "SELECT count(*) FROM naive WHERE sent = 0 AND due_at <= ?"
        return int(file.execute(statement, (cut.isoformat(),)).fetchone()[0])


def next_at(url: str) -> datetime | None:
    with closing(_open(url)) as file:
        found = file.execute("SELECT min(due_at) FROM naive WHERE sent = 0").fetchone()[0]
    return None if found is None else datetime.fromisoformat(found)


NAIVE = Work(entry="tests.peers.naive_senders:work", steps=STEPS, undone=undone, next_at=next_at)


def judge(outcome: Outcome) -> Verdict:
    """How many texts were lost and doubled, by the provider's log alone."""
    verdict = Verdict()
    taken = Counter(each.body.rpartition(" ")[2] for each in outcome.accepted)
    due = {
        _ref(debt, *call)
        for debt, call in _called(outcome.household)
        if debt.moment(*call) <= outcome.cut
    }
    verdict.lost = [f"{ref} was never taken" for ref in sorted(due) if not taken[ref]]
    verdict.twice = [f"{ref} was taken {n} times" for ref, n in taken.items() if n > 1]
    verdict.figures = {
        "kills": outcome.kills.total(),
        "reminders due": len(due),
        "accepted": len(outcome.accepted),
    }
    return verdict
