"""What must stand in no log, whoever writes it: numbers, addresses, tokens, passwords.

Every telephone number of the tests is one that is kept free for examples, so each
one that turns up in a record is a leak, and so is each secret of the peers.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from tracker.daemon.logbook import Reserved

SECRETS = ("a-token-for-tests", "open sesame", "four words in a row", "a-password-for-tests")
"""Of the peers: written here once more, since importing them all costs every run a second."""
_SHAPES = (
    r"(?:\+|%2B|00)?(?:447700900\d{3}|1555010\d{4})(?!\d)",
    r"[\w.]+@example\.(?:org|com|net)",
    r"/feed/[A-Za-z0-9_-]{20,}",
    r"\b(?:ntfys?|jsons?|gotifys?|tgram|mailtos?)://\S+",
)
NOT_OURS = ("mail.", "radicale", "aiosmtpd")
"""Loggers of servers that play the other side in this very process."""


class Overheard(logging.Handler):
    """Keeps the records that hold such a thing, as the daemon would write them."""

    def __init__(self, secrets: Iterable[str] = SECRETS) -> None:
        super().__init__()
        self.setFormatter(Reserved())
        self._sought = re.compile("|".join([*map(re.escape, secrets), *_SHAPES]))
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(NOT_OURS):
            return
        line = self.format(record)
        if self._sought.search(line):
            self._found.append(line)

    def taken(self) -> list[str]:
        """What was found since the last call."""
        found, self._found = self._found, []
        return found
