"""When mirrors are looked at, and by whom: a thread of their own, so that no text waits for it.

A calendar server may take its whole time limit to say nothing. In the daemon a
look therefore runs beside the tick, one at a time; at the end nobody waits for its
request, since whatever was on its way is put once more. `tracker tick` does it itself.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.actions.office import Office
from tracker.channels.message import ChannelError, Failure
from tracker.errors import UnavailableError
from tracker.store import mirrors
from tracker.store.mirrors import MirrorRow

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 60.0
ACCOUNT_PAUSE_SECONDS = 3600.0
END_WITHIN_SECONDS = 1.0


@dataclass(slots=True)
class Mirroring:
    """The looks of one start of one home. `beat` is called by one thread at a time.

    `apart`: in a thread of its own. `last_at`: when a server last gave a good answer.
    """

    office: Office
    stopping: threading.Event
    apart: bool = False
    last_at: datetime | None = None
    _next: float = 0.0
    _thread: threading.Thread | None = None
    _ctags: dict[int, str | None] = field(default_factory=dict)
    _listens: dict[int, float] = field(default_factory=dict)
    """When each calendar is listened to next, by Clock.elapsed()."""

    def hurry(self) -> None:
        """Something was derived: look at once."""
        self._next = 0.0

    def beat(self, ends: float) -> None:
        """A look, if it is time; it begins nothing new after `ends` (time.monotonic())."""
        elapsed = self.office.clock.elapsed()
        if elapsed < self._next or (self._thread is not None and self._thread.is_alive()):
            return
        self._next = elapsed + LOOK_EVERY_SECONDS
        if not self._anything():
            return
        if not self.apart:
            self.look(ends)
            return
        # A daemon's thread: the interpreter does not wait for a server that hangs.
        self._thread = threading.Thread(
            target=self._look_apart, args=(float("inf"),), name="mirrors", daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Wait a little for the request in hand."""
        if self._thread is not None:
            self._thread.join(END_WITHIN_SECONDS)

    def look(self, ends: float) -> None:
        """Listen where it is time, and push what is due."""
        with self.office.database.read() as session:
            kept = mirrors.mirrors(session)
        for mirror in kept:
            if mirror.kind == "caldav" and self._is_listened_to(mirror):
                if self._stops(ends):
                    break
                self._listen(mirror)
        with self.office.database.read() as session:
            working = mirrors.with_work(session, self.office.clock.now())
        for mirror_id in working:
            self._push(mirror_id, ends)
        self._look_again()

    def _look_apart(self, ends: float) -> None:
        try:
            self.look(ends)
        except UnavailableError as error:
            log.error("the mirrors wait: %s", error)
        except Exception:
            log.exception("the look at the mirrors failed")

    def _anything(self) -> bool:
        """One cheap read; most homes have no mirror."""
        with self.office.database.read() as session:
            return bool(mirrors.mirrors(session)) or mirrors.next_due(session) is not None

    def _is_listened_to(self, mirror: MirrorRow) -> bool:
        return self.office.clock.elapsed() >= self._listens.get(mirror.id, 0.0)

    def _listen(self, mirror: MirrorRow) -> None:
        from tracker.actions.delivery import mending, ticks

        pause = self.office.settings.caldav.poll_seconds
        error: ChannelError | None = None
        try:
            self._ctags[mirror.id] = ticks.listen(self.office, mirror, self._ctags.get(mirror.id))
            self.last_at = self.office.clock.now()
        except ChannelError as refused:
            log.warning("a calendar cannot be read: %s", refused)
            error = refused
            if refused.kind is Failure.account:
                pause = max(pause, ACCOUNT_PAUSE_SECONDS)
        self._listens[mirror.id] = self.office.clock.elapsed() + pause
        mending.note(self.office, mirror, error)

    def _push(self, mirror_id: int, ends: float) -> None:
        from tracker.actions.delivery import mirroring

        more = True
        while more and not self._stops(ends):
            pushed = mirroring.push(self.office, mirror_id, stops=lambda: self._stops(ends))
            more = pushed.more
            if pushed.taken:
                self.last_at = self.office.clock.now()

    def _look_again(self) -> None:
        """Sooner than usual, if something falls due before."""
        with self.office.database.read() as session:
            due = mirrors.next_due(session)
        if due is not None:
            wait = max(due - self.office.clock.now(), timedelta(0)).total_seconds()
            self._next = min(self._next, self.office.clock.elapsed() + wait)

    def _stops(self, ends: float) -> bool:
        return self.stopping.is_set() or time.monotonic() > ends
