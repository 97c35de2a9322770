"""What the home may spend on SMS in a day, in parts of texts, whatever goes wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

from tracker.actions.delivery.messages import MOST_SEGMENTS
from tracker.actions.office import Office
from tracker.store import delivery

COUNTED_ANEW = timedelta(seconds=60)


class Spending:
    """Counts what went in the last 24 hours; between two counts, what this process sends.

    With several workers each counts the others' once a minute, so that together
    they may go over by what they send in that time.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._counted_at: datetime | None = None
        self._used = 0

    def exhausted(self, now: datetime) -> bool:
        """Whether the longest text would be over it; what allows none such allows the first."""
        at = self._counted_at
        if at is None or not timedelta(0) <= now - at < COUNTED_ANEW:
            with self._office.database.read() as session:
                self._used = delivery.segments_since(session, now - timedelta(days=1))
            self._counted_at = now
        most = self._office.settings.sms.segments_per_day
        return self._used + MOST_SEGMENTS > max(most, MOST_SEGMENTS)

    def spent(self, segments: int) -> None:
        self._used += segments
