"""A Twilio account over the network: its client, and what its answers mean.

Twilio's package is imported with the first request: it takes 45 ms and 30 MB.
It would read an answer of any length for as long as bytes come, and forget the
headers of an error; neither happens here. It follows no redirect.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tracker.channels.codes import NO_ANSWER, classify
from tracker.channels.message import ChannelError, Failure
from tracker.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

BIGGEST_ANSWER = 4 * 2**20
"""Bytes. A page of 100 texts of 1,600 characters, each escaped, has a quarter of it."""

_LONGEST_WAIT = 86_400.0
_CHUNK = 2**16

_NO_CONNECTION = N_("Twilio cannot be reached; nothing was sent.")
_NO_TRUST = N_("What answers at Twilio's address has no valid certificate; nothing was sent.")
_BAD_ADDRESS = N_("The address of Twilio in the configuration cannot be used.")


class Account:
    """One account. Safe to use from several threads.

    `timeout_seconds` holds for the connection, for the wait for an answer, and
    for all of the answer's text.
    """

    def __init__(self, sid: str, token: str, *, base_url: str, timeout_seconds: float) -> None:
        self._sid_and_token = (sid, token)
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._answer = _Answer()
        self._client: Any = None  # the package has no types

    @property
    def messages(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._made()
            return self._client.messages

    def answered_at(self) -> datetime | None:
        """When this thread's last answer was given, by Twilio's own clock."""
        with contextlib.suppress(KeyError, ValueError, TypeError):
            told = parsedate_to_datetime(self._answer.headers["Date"])
            return told if told.tzinfo else told.replace(tzinfo=UTC)
        return None

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Turn whatever the package raises into a ChannelError.

        Without the cause: Twilio's own words hold the number that was texted.
        """
        try:
            yield
        except ChannelError:
            raise
        except Exception as error:
            raise self._meaning(error) from None

    @contextlib.contextmanager
    def reading(self, otherwise: str) -> Iterator[None]:
        """The same for a request that only asks: it may always be repeated.

        `otherwise` is the reason when nothing worse is known than that it failed.
        """
        try:
            with self.writing():
                yield
        except ChannelError as error:
            if error.kind in {Failure.account, Failure.transient}:
                raise
            raise ChannelError(
                Failure.transient, otherwise, code=error.code, retry_after=error.retry_after
            ) from None

    def _meaning(self, error: Exception) -> ChannelError:
        from requests import exceptions as http
        from twilio.base.exceptions import TwilioException

        if isinstance(error, TwilioException):
            status, code = _status_and_code(error, self._answer.status)
            kind, reason = classify(status, code)
            holds = kind in {Failure.transient, Failure.unknown}
            wait = _seconds(self._answer.headers) if holds else None
            return ChannelError(kind, reason, code=str(code or status), retry_after=wait)
        if _in_chain(error, ssl.SSLCertVerificationError):
            return ChannelError(Failure.transient, _NO_TRUST)
        if isinstance(error, http.ConnectionError) and _before_any_byte(error):
            return ChannelError(Failure.transient, _NO_CONNECTION)
        if isinstance(error, http.InvalidURL | http.InvalidSchema | http.MissingSchema):
            return ChannelError(Failure.account, _BAD_ADDRESS)
        return ChannelError(Failure.unknown, NO_ANSWER)

    def _made(self) -> Any:
        from requests.adapters import HTTPAdapter
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        account = self

        class Wire(HTTPAdapter):
            def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
                response = super().send(request, *args, **kwargs)
                account._answer.status = response.status_code
                account._answer.headers = response.headers
                response.raw = io.BytesIO(_whole(response.raw, account._timeout))
                return response

        # Both write the number into the log, in the query of a list.
        for logger in ("twilio.http_client", "urllib3.connectionpool"):
            logging.getLogger(logger).setLevel(logging.WARNING)
        http_client = TwilioHttpClient(timeout=self._timeout)
        http_client.session.trust_env = False
        for scheme in ("https://", "http://"):
            http_client.session.mount(scheme, Wire())
        # An environment of its own, since the package falls back to the real one,
        # where TWILIO_REGION would send the token to another host.
        client = Client(
            *self._sid_and_token, http_client=http_client, environment={"TWILIO_EDGE": ""}
        )
        client.api.base_url = self._base_url
        return client


class _Answer(threading.local):
    """This thread's last one: the package's exceptions do not keep the headers."""

    status: int | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class _NoEnd(Exception):
    """An answer longer than any of Twilio's, or one that trickles."""


def _whole(raw: Any, seconds: float) -> bytes:
    """The text of an answer, at most BIGGEST_ANSWER of it and no longer than `seconds`."""
    ends = time.monotonic() + seconds
    # urllib3 has read1 since 2.0; read would wait until the whole chunk is there.
    read = getattr(raw, "read1", raw.read)
    kept = bytearray()
    while chunk := read(_CHUNK, decode_content=True):
        kept += chunk
        if len(kept) > BIGGEST_ANSWER or time.monotonic() > ends:
            raw.close()
            raise _NoEnd
    return bytes(kept)


def _status_and_code(error: Exception, answered: int | None) -> tuple[int, int | None]:
    """The status that was answered, and the code from the exception or the page's text.

    With neither, the answer could not be read: like a server that failed.
    """
    code = getattr(error, "code", None)
    if code is None and len(error.args) > 1:
        with contextlib.suppress(ValueError, AttributeError, TypeError, RecursionError):
            code = json.loads(error.args[1].text).get("code")
    return answered or 500, code if isinstance(code, int) else None


def _before_any_byte(error: BaseException) -> bool:
    """No connection came about, so that nothing can have been sent."""
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    return _in_chain(error, ConnectTimeout, ConnectTimeoutError, NewConnectionError)


def _in_chain(error: BaseException, *kinds: type[BaseException]) -> bool:
    """Whether one of these is behind an error: its arguments, `reason`, or cause.

    Not its context, which may be an error that the caller was busy with.
    """
    seen: list[BaseException] = []
    ahead: list[object] = [error]
    while ahead:
        each = ahead.pop()
        if not isinstance(each, BaseException) or each in seen:
            continue
        if isinstance(each, kinds):
            return True
        seen.append(each)
        ahead += [*each.args, getattr(each, "reason", None), each.__cause__]
    return False


def _seconds(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds. A date there is counted from the answer's own Date."""
    value = headers.get("Retry-After")
    if not value:
        return None
    with contextlib.suppress(ValueError, TypeError, KeyError):
        if value.strip().isdecimal():
            seconds = float(value)
        else:
            span = parsedate_to_datetime(value) - parsedate_to_datetime(headers["Date"])
            seconds = span.total_seconds()
        return max(0.0, min(seconds, _LONGEST_WAIT))
    return None
