"""The daemon with one bug planted in it, to show that the proof can fail.

    python -m tests.peers.planted send-then-mark

runs it on the home in TRACKER_HOME. Each variant is a way in which real programs
send reminders or take payments, and none of them is in the tracker.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tracker import config
from tracker.actions import dispatch
from tracker.actions.delivery import claim, send
from tracker.actions.delivery.claim import Claimed, Verdict
from tracker.actions.office import Office
from tracker.channels.message import ChannelError, Failure
from tracker.daemon import main
from tracker.daemon.tick import Ticker
from tracker.store import delivery
from tracker.store.db import Session
from tracker.store.delivery import MessageRow

ANSWER_AHEAD_SECONDS = 0.2


def send_then_mark() -> None:
    """Sends what is pending and writes that down afterwards; a crash between sends it again."""
    _mark_before_sending("pending")


def mark_then_send() -> None:
    """Writes down that it was sent, and then sends; a crash between loses it."""
    _mark_before_sending("sent")


def _mark_before_sending(state: str) -> None:
    """While it is being sent, a message stands in the database as `state`."""
    original = claim.claim

    def marked(
        office: Office, now: datetime, *, owner: str, blocked: frozenset[str] = frozenset()
    ) -> Claimed | MessageRow | None:
        claimed = original(office, now, owner=owner, blocked=blocked)
        if isinstance(claimed, Claimed):
            with office.database.write() as session:
                message = delivery.message(session, claimed.message_id, locked=True)
                delivery.move(session, message, state, now)
        return claimed

    def always(office: Office, claimed: Claimed, now: datetime) -> Verdict:
        return Verdict(state="sending", body=claimed.body)

    vars(claim)["claim"] = marked
    vars(send)["still_ours"] = always


def blind_retry() -> None:
    """Takes a lost answer for a refusal, and sends again."""
    original = send._refused

    def retried(
        office: Office, session: Session, message: MessageRow, error: ChannelError, now: datetime
    ) -> None:
        if error.kind is Failure.unknown:
            error = ChannelError(Failure.transient, error.reason)
        original(office, session, message, error, now)

    vars(send)["_refused"] = retried


def forgetful_keys() -> None:
    """Records a repeated payment as another one."""
    original = dispatch.Envelope

    class Forgetful(original):  # type: ignore[valid-type, misc]
        @classmethod
        def read(cls, body: Mapping[str, Any], *, actor: str) -> dispatch.Envelope:
            return original.read({**body, "key": None}, actor=actor)

    vars(dispatch)["Envelope"] = Forgetful


def answer_ahead() -> None:
    """Says that a payment is recorded a moment before it is."""
    original = dispatch.answer

    def ahead(
        office: Any, name: str, body: Mapping[str, Any], *, actor: str = "cli"
    ) -> tuple[int, dict[str, Any]]:
        if name != "pay":
            return original(office, name, body, actor=actor)
        later = threading.Timer(
            ANSWER_AHEAD_SECONDS, original, (office, name, body), {"actor": actor}
        )
        later.daemon = True
        later.start()
        amount = {"amount": body["request"].get("amount", "0.00"), "currency": "GBP"}
        return 200, {"result": {"payment": 0, "amount": amount}}

    vars(dispatch)["answer"] = ahead


def trouble() -> None:
    """Fails in every tick for as long as a file of that name lies in the home."""
    _in_trouble(_fail)


def dies() -> None:
    """The tick ends as a thread does that is killed, once there is such a file."""
    _in_trouble(_die)


def hangs() -> None:
    """The tick waits for ever, once there is such a file."""
    _in_trouble(_hang)


def heartless() -> None:
    """The scheduler's own thread ends, once there is such a file; nobody ticks any more."""
    from apscheduler.schedulers.base import BaseScheduler

    original = BaseScheduler._process_jobs

    def process(scheduler: Any) -> Any:
        if (config.load().home / "trouble").exists():
            raise RuntimeError("planted")
        return original(scheduler)

    BaseScheduler._process_jobs = process


def _fail() -> None:
    raise RuntimeError("planted")


def _die() -> None:
    raise SystemExit("planted")


def _hang() -> None:
    threading.Event().wait()


def _in_trouble(act: Callable[[], None]) -> None:
    original = Ticker.run

    def run(ticker: Ticker) -> datetime | None:
        if (ticker.office.settings.home / "trouble").exists():
            act()
        return original(ticker)

    vars_of_ticker: Any = Ticker
    vars_of_ticker.run = run


VARIANTS: Mapping[str, Callable[[], None]] = {
    "send-then-mark": send_then_mark,
    "mark-then-send": mark_then_send,
    "blind-retry": blind_retry,
    "forgetful-keys": forgetful_keys,
    "answer-ahead": answer_ahead,
}

SHOWS_AS: Mapping[str, str] = {
    "send-then-mark": "twice",
    "mark-then-send": "lost",
    "blind-retry": "twice",
    "forgetful-keys": "payments_twice",
    "answer-ahead": "payments_lost",
}
"""The list of a verdict in which each must be found."""

if __name__ == "__main__":
    in_trouble = {each.__name__: each for each in (trouble, dies, hangs, heartless)}
    {**VARIANTS, **in_trouble}[sys.argv[1]]()
    sys.exit(main.run(config.load()))
