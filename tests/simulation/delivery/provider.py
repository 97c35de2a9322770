"""A provider that keeps its own list, on its own clock, and answers as badly as it is told."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulation.delivery.clockwork import Clockwork
from tracker.channels.message import Accepted, ChannelError, Failure, Fate, Outgoing

TIMEOUT = 30.0
"""Seconds after which the tracker gives a request up."""
LATEST = 40.0
"""So long after a request may it still be accepted, whatever became of its answer."""
LONGEST_LAG = 240.0
"""So far behind may the list be. Both together are less than the tracker waits by default."""


class Broken(BaseException):
    """A rule is broken. Not an Exception, so that no part of the engine takes it for its own."""


class Crash(BaseException):
    """The process is gone from one instruction to the next."""


@dataclass(slots=True, eq=False)
class Taken:
    """A text that the provider accepted, as it came; `about` is what the watcher made of it."""

    number: int
    channel: str
    message: Outgoing
    asked: float
    """When the request came, and when it was accepted, in real seconds."""
    accepted: float
    said_at: datetime
    """The tracker's wall clock at the request."""
    truth: datetime
    about: object = None
    fate: str = "delivered"
    told: float = 0.0

    @property
    def provider_id(self) -> str:
        return f"{self.channel}-{self.number}"


Watcher = Callable[[str, Outgoing], object]


def says(body: str, ref: str) -> bool:
    """Whether a ref stands in a text, as a word of its own."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(ref)}(?![0-9A-Za-z])", body) is not None


@dataclass(slots=True, eq=False)
class Provider:
    """Implements `Channel`. `weather` is the probability of each thing that can go wrong.

    `asked_for` is called with each request before anything is done with it; what it
    answers is kept as `about`. Probabilities are drawn from `chance` alone.
    """

    name: str
    clock: Clockwork
    asked_for: Watcher
    can_ask: bool = True
    can_follow: bool = False
    weather: Mapping[str, float] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    taken: list[Taken] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """Addresses that take nothing."""
    refusals: set[str] = field(default_factory=set)
    """Refs that were refused for good."""
    no_account: bool = False
    requests: int = 0
    faults: int = 0
    passing: Callable[[float], None] = lambda seconds: None
    """Lets real seconds pass, in which others may do something."""
    _late: list[Taken] = field(default_factory=list)

    def send(self, message: Outgoing, /) -> Accepted:
        self.requests += 1
        about = self.asked_for(self.name, message)
        fault = self._drawn(
            "lost before",
            "lost after",
            "late",
            "busy",
            "error before",
            "error after",
            "html",
            "slow",
            "slow and lost",
            "no account",
            "defect",
            "crash before",
            "crash after",
        )
        if self.no_account or fault == "no account":
            raise ChannelError(Failure.account, "sign in (code {code})", code="20003")
        if message.address in self.refused:
            self.refusals.add(message.ref)
            raise ChannelError(Failure.permanent, "refused (code {code})", code="21211")
        at = self.clock.real
        match fault:
            case "crash before":
                raise Crash
            case "lost before" | "error before":
                self._wait(self.chance.choice([1.0, TIMEOUT]))
                raise ChannelError(Failure.unknown, "no answer")
            case "busy":
                wait = self.chance.choice([None, 1.0, 30.0, 240.0, 4000.0])
                raise ChannelError(Failure.transient, "busy", code="20429", retry_after=wait)
            case "late":
                later = at + self.chance.uniform(5.0, LATEST)
                self._take(message, about, at, later)
                self._wait(TIMEOUT)
                raise ChannelError(Failure.unknown, "no answer")
            case "slow" | "slow and lost":
                self._wait(self.chance.uniform(2.0, TIMEOUT - 1))
        accepted = self._take(message, about, at, self.clock.real)
        match fault:
            case "crash after":
                raise Crash
            case "lost after" | "error after" | "html" | "slow and lost":
                raise ChannelError(Failure.unknown, "no answer")
            case "defect":
                raise RuntimeError("a defect of the channel")
        return accepted

    def find(self, message: Outgoing, /, since: datetime) -> Accepted | None:
        if not self.can_ask:
            raise AssertionError(f"{self.name} cannot be asked")
        self._settle()
        fault = self._drawn("no list", "stale list", "list crash", "list account")
        if fault == "list crash":
            raise Crash
        if self.no_account or fault == "list account":
            raise ChannelError(Failure.account, "sign in (code {code})", code="20003")
        if fault == "no list":
            raise ChannelError(Failure.transient, "the list cannot be read")
        until = self.clock.real - (
            self.chance.uniform(1.0, LONGEST_LAG) if fault == "stale list" else 0.0
        )
        if since > self.clock.truth:
            # As Twilio's channel does, which sees the provider's clock in each answer.
            since = self.clock.truth - timedelta(days=30)
        for each in self.taken:
            if (
                each.message.address == message.address
                and says(each.message.body, message.ref)
                and each.accepted <= until
                and each.truth >= since - timedelta(hours=1)
            ):
                return Accepted(provider_id=each.provider_id, status=self._status(each))
        return None

    def follow(self, provider_id: str, /) -> Fate:
        self._settle()
        if self.no_account:
            raise ChannelError(Failure.account, "sign in (code {code})", code="20003")
        if self._drawn("no list"):
            raise ChannelError(Failure.transient, "the list cannot be read")
        each = next(each for each in self.taken if each.provider_id == provider_id)
        status = self._status(each)
        if status == "undelivered":
            kind = Failure.permanent if each.number % 2 else Failure.transient
            return Fate(state=status, status=status, kind=kind, reason="gone", code="30003")
        return Fate(state="sent" if status == "queued" else status, status=status)

    def accepted(self) -> list[Taken]:
        """All that was accepted by now, in that order."""
        self._settle()
        return self.taken

    def _take(self, message: Outgoing, about: object, asked: float, accepted: float) -> Accepted:
        undelivered = self._drawn("undelivered")
        taken = Taken(
            number=len(self.taken) + len(self._late) + 1,
            channel=self.name,
            message=message,
            asked=asked,
            accepted=accepted,
            said_at=self.clock.now(),
            truth=self.clock.truth + timedelta(seconds=accepted - asked),
            about=about,
            fate="undelivered" if undelivered else "delivered",
            told=accepted + self.chance.choice([1.0, 1.0, 1.0, 60.0, 60.0, 3600.0, 20_000.0]),
        )
        (self._late if accepted > self.clock.real else self.taken).append(taken)
        return Accepted(provider_id=taken.provider_id, status="queued")

    def _settle(self) -> None:
        for each in sorted(self._late, key=lambda each: each.accepted):
            if each.accepted <= self.clock.real:
                self._late.remove(each)
                self.taken.append(each)

    def _status(self, each: Taken) -> str:
        return each.fate if self.can_follow and each.told <= self.clock.real else "queued"

    def _wait(self, seconds: float) -> None:
        self.passing(seconds)

    def _drawn(self, *faults: str) -> str | None:
        if not self.weather:
            return None
        at = self.chance.random()
        for fault in faults:
            at -= self.weather.get(fault, 0.0)
            if at < 0:
                self.faults += 1
                return fault
        return None
