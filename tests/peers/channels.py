"""A channel whose answers a test writes beforehand, and which remembers what it took."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tracker.channels.message import Accepted, ChannelError, Failure, Heard, Outgoing

Answer = Accepted | BaseException | Callable[[Outgoing], Accepted]
Listed = Accepted | None | BaseException


class Lost(ChannelError):
    """The message was taken, and the answer was lost on its way."""

    def __init__(self) -> None:
        super().__init__(Failure.unknown, "no answer")


def transient(retry_after: float | None = None) -> ChannelError:
    return ChannelError(Failure.transient, "busy", code="20429", retry_after=retry_after)


def permanent() -> ChannelError:
    return ChannelError(Failure.permanent, "refused (code {code})", code="21211")


def account() -> ChannelError:
    return ChannelError(Failure.account, "sign in (code {code})", code="20003")


def unknown() -> ChannelError:
    return ChannelError(Failure.unknown, "no answer")


@dataclass(slots=True)
class Scripted:
    """Takes everything, unless `script` says otherwise for the next requests.

    `taken` is the provider's own list, `requests` what was asked of it, and
    `lists` the next answers of that list, before it tells the truth again.
    """

    name: str = "sms"
    can_ask: bool = True
    can_follow: bool = False
    script: deque[Answer] = field(default_factory=deque)
    lists: deque[Listed] = field(default_factory=deque)
    requests: list[Outgoing] = field(default_factory=list)
    taken: list[Outgoing] = field(default_factory=list)
    asked: list[tuple[str, datetime]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Outgoing) -> Accepted:
        with self._lock:
            self.requests.append(message)
            answer = self.script.popleft() if self.script else None
        if callable(answer):
            return answer(message)
        if isinstance(answer, BaseException) and not isinstance(answer, Lost):
            raise answer
        accepted = self.take(message)
        if isinstance(answer, Lost):
            raise answer
        return answer or accepted

    def take(self, message: Outgoing) -> Accepted:
        with self._lock:
            self.taken.append(message)
            return Accepted(provider_id=f"SM{len(self.taken):04}", status="queued")

    def find(self, message: Outgoing, since: datetime) -> Accepted | None:
        with self._lock:
            self.asked.append((message.ref, since))
            if self.lists:
                answer = self.lists.popleft()
                if isinstance(answer, BaseException):
                    raise answer
                return answer
            # As a provider's list is searched: by recipient, for the ref as a word of the text.
            word = re.compile(rf"\b{re.escape(message.ref)}\b")
            for place, each in enumerate(self.taken, 1):
                if each.address == message.address and word.search(each.body):
                    return Accepted(provider_id=f"SM{place:04}", status="queued")
        return None

    def heard(self, since: datetime) -> list[Heard]:
        """Nobody answers by text here."""
        return []

    @property
    def bodies(self) -> list[str]:
        return [each.body for each in self.taken]
