"""Somebody who records payments all the time, and repeats each until it is answered."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.peers.harness import Clock, LostAnswerError, NobodyListensError, ask
from tests.peers.household import Debt

PATIENCE_SECONDS = 60.0


@dataclass(slots=True, kw_only=True)
class Intent:
    """One payment that somebody wants recorded, and what they know of it.

    `amount_minor` None: "what is open". `answered_at` None: never answered.
    """

    key: str
    debt: Debt
    amount_minor: int | None
    asked_at: datetime
    answered_at: datetime | None = None
    recorded_minor: int = 0
    number: int = 0
    lost: int = 0
    refused: str | None = None


class Payer(threading.Thread):
    """Asks at any of several doors of one database, and repeats itself at another.

    The share `hangs_up` of the payments is asked by somebody who goes away before the
    answer, and asks again.
    """

    def __init__(
        self,
        name: str,
        doors: Sequence[str],
        household: Sequence[Debt],
        clock: Clock,
        *,
        seed: int,
        a_second: float,
        hangs_up: float,
    ) -> None:
        super().__init__(name="payer", daemon=True)
        self.intents: list[Intent] = []
        self.ended = threading.Event()
        self.problem: Exception | None = None
        self.sent = [threading.Event() for _ in doors]
        """Set while a request is out at a door that has no answer yet."""
        self.answered = [threading.Event() for _ in doors]
        """Set at each answer, and cleared by whoever waits for the next."""
        self._name, self._doors, self._household, self._clock = name, doors, household, clock
        self._a_second, self._hangs_up = a_second, hangs_up
        self._random = random.Random(f"payments {seed}")

    def run(self) -> None:
        try:
            self._record()
        except Exception as error:  # a thread has nobody to tell; `close` tells it
            self.problem = error

    def close(self) -> None:
        """Let the last payment be answered. Raises what went wrong."""
        self.ended.set()
        self.join(PATIENCE_SECONDS + 10)
        if self.problem is not None:
            raise self.problem

    def _record(self) -> None:
        while self._a_second and not self.ended.wait(self._random.expovariate(self._a_second)):
            intent = Intent(
                key=f"{self._name}-{len(self.intents) + 1}",
                debt=self._random.choice(self._household),
                amount_minor=None if self._random.random() < 0.06 else self._random.randint(1, 900),
                asked_at=self._clock.now(),
            )
            self.intents.append(intent)
            ends = time.monotonic() + PATIENCE_SECONDS
            while not self._answered(intent) and time.monotonic() < ends:
                time.sleep(0.01)

    def _answered(self, intent: Intent) -> bool:
        """Whether one try brought an answer: the payment is recorded, or never will be."""
        minor = intent.amount_minor
        request: dict[str, object] = {"debt": intent.debt.handle, "note": intent.key}
        if minor is not None:
            request["amount"] = f"{minor // 100}.{minor % 100:02}"
        body = {"request": request, "person": intent.debt.person, "key": intent.key}
        hangs_up = intent.lost == 0 and self._random.random() < self._hangs_up
        # Before it was read, or while it is worked on, or just before the answer.
        hang_up = self._random.uniform(0.0, 0.1) if hangs_up else None
        door = self._random.randrange(len(self._doors))
        try:
            status, answer = ask(
                self._doors[door], "pay", body, sent=self.sent[door], hang_up=hang_up
            )
        except NobodyListensError:
            return False
        except LostAnswerError:
            intent.lost += 1
            return False
        finally:
            self.sent[door].clear()
        if status == 503:  # the database was away: whether it was recorded is open
            intent.lost += 1
            return False
        if status != 200:
            intent.refused = answer["error"]["sentence"]
            return True
        result = answer["result"]
        intent.number = result["payment"]
        intent.recorded_minor = int(result["amount"]["amount"].replace(".", ""))
        intent.answered_at = self._clock.now()
        self.answered[door].set()
        return True
