"""SMS through Twilio.

The create call has no idempotency key, so a request without a clear answer is
`unknown` and never repeated here: `find` asks the account's own list, by ref.
The package is imported with the first message: it takes 45 ms and 30 MB.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import json
import logging
import re
import ssl
import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tracker.channels.codes import NO_ANSWER, classify
from tracker.channels.message import Accepted, ChannelError, Failure, Outgoing
from tracker.errors import InputError
from tracker.language import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "https://api.twilio.com"

_SLACK = datetime.timedelta(hours=1)
_PAGE, _LIMIT = 100, 1000
_LONGEST_VALIDITY = 36_000
_LONGEST_WAIT = 86_400.0

_NO_CONNECTION = N_("Twilio cannot be reached; nothing was sent.")
_NO_TRUST = N_("What answers at Twilio's address has no valid certificate; nothing was sent.")
_BAD_ADDRESS = N_("The address of Twilio in the configuration cannot be used.")
_NO_LIST = N_("Twilio's list of messages cannot be had at the moment.")
_NOT_SURE = N_("Twilio's list of messages is not complete enough to be sure.")


def is_loopback(url: str) -> bool:
    """Whether a URL can only mean this machine. Anything that is not plain is False."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Sms:
    """One Twilio account and one sender. Safe to use from several threads.

    Raises InputError for an account SID that is none, both senders or neither, or
    an address that would carry the token over the network in the clear.
    """

    name = "sms"
    can_ask = True

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        from_number: str | None = None,
        messaging_service_sid: str | None = None,
        api_base_url: str = API,
        timeout_seconds: float = 30.0,
    ) -> None:
        if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account_sid):
            raise InputError(
                "{value!r} is not a Twilio account SID.",
                field="account_sid",
                hint="It is AC and 32 hexadecimal digits, at the top of Twilio's console.",
                value=account_sid,
            )
        if bool(from_number) == bool(messaging_service_sid):
            raise InputError(
                "Texts need either a number to come from or a messaging service.",
                field="from_number",
                hint="Set one of from_number and messaging_service_sid, not both.",
            )
        if not api_base_url.startswith("https://") and not is_loopback(api_base_url):
            raise InputError(
                "{value!r} is not an https address.",
                field="api_base_url",
                hint="Leave it out to use {api}.",
                value=api_base_url,
                api=API,
            )
        self._account = (account_sid, auth_token)
        self._sender = (
            {"messaging_service_sid": messaging_service_sid}
            if messaging_service_sid
            else {"from_": from_number}
        )
        self._base_url = api_base_url.rstrip("/")
        self._timeout = timeout_seconds
        self._lock = threading.Lock()
        self._answer = threading.local()
        self._twilio: Any = None  # the package has no types

    def send(self, message: Outgoing) -> Accepted:
        fields: dict[str, object] = {"to": message.address, "body": message.body, **self._sender}
        if message.valid_seconds is not None:
            fields["validity_period"] = max(1, min(message.valid_seconds, _LONGEST_VALIDITY))
        with self._errors():
            made = self._messages().create(**fields)
            if not made.sid:
                raise ChannelError(Failure.unknown, NO_ANSWER)
            return Accepted(provider_id=str(made.sid), status=str(made.status))

    def find(self, message: Outgoing, since: datetime.datetime) -> Accepted | None:
        """See Channel.find. Asks by recipient and sorts out the rest here.

        Not by DateSent, which is empty right after acceptance. The hour of slack
        is for clocks that differ; a ref is not used again for 400 days.
        """
        try:
            with self._errors():
                listed = self._messages().list(to=message.address, page_size=_PAGE, limit=_LIMIT)
                return _found(listed, message.ref, since - _SLACK)
        except ChannelError as error:
            if error.kind in {Failure.account, Failure.transient}:
                raise
            raise ChannelError(Failure.transient, _NO_LIST, code=error.code) from None

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn whatever the package raises into a ChannelError.

        Without the cause: Twilio's own words hold the number that was texted.
        """
        try:
            yield
        except ChannelError:
            raise
        except Exception as error:
            raise self._meaning(error) from None

    def _meaning(self, error: Exception) -> ChannelError:
        from requests import exceptions as http
        from twilio.base.exceptions import TwilioException

        if isinstance(error, TwilioException):
            status, code = _status_and_code(error)
            kind, reason = classify(status, code)
            headers = getattr(self._answer, "headers", {})
            wait = _seconds(headers) if kind is Failure.transient else None
            return ChannelError(kind, reason, code=str(code or status), retry_after=wait)
        if _in_chain(error, ssl.SSLCertVerificationError):
            return ChannelError(Failure.transient, _NO_TRUST)
        if isinstance(error, http.ConnectionError) and _before_any_byte(error):
            return ChannelError(Failure.transient, _NO_CONNECTION)
        if isinstance(error, http.InvalidURL | http.InvalidSchema | http.MissingSchema):
            return ChannelError(Failure.account, _BAD_ADDRESS)
        return ChannelError(Failure.unknown, NO_ANSWER)

    def _messages(self) -> Any:
        with self._lock:
            if self._twilio is None:
                self._twilio = self._client()
            return self._twilio.messages

    def _client(self) -> Any:
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        # Both write the number into the log, in the query of a list.
        for logger in ("twilio.http_client", "urllib3.connectionpool"):
            logging.getLogger(logger).setLevel(logging.WARNING)
        http_client = TwilioHttpClient(
            timeout=self._timeout, request_hooks={"response": [self._remember]}
        )
        http_client.session.trust_env = False
        # An environment of its own, since the package falls back to the real one,
        # where TWILIO_REGION would send the token to another host.
        client = Client(*self._account, http_client=http_client, environment={"TWILIO_EDGE": ""})
        client.api.base_url = self._base_url
        return client

    def _remember(self, response: Any, *_: object, **__: object) -> None:
        """Keep this thread's headers: Twilio's exceptions drop Retry-After."""
        self._answer.headers = response.headers


def _found(listed: list[Any], ref: str, since: datetime.datetime) -> Accepted | None:
    word = re.compile(rf"(?<![0-9A-Za-z]){re.escape(ref)}(?![0-9A-Za-z])")
    ours = [
        each
        for each in listed
        if str(each.direction).startswith("outbound")
        and (each.date_created is None or each.date_created >= since)
    ]
    matching = [each for each in ours if word.search(each.body or "")]
    # Of two with one ref the living one tells more.
    matching.sort(key=lambda each: each.status in {"failed", "undelivered", "canceled"})
    if matching:
        return Accepted(provider_id=str(matching[0].sid), status=str(matching[0].status))
    # "Not there" is only said of a whole list: its bodies kept by the account's
    # settings, and, where the limit cut it, its end known to be older than `since`.
    dates = [each.date_created for each in listed]
    if any(not each.body for each in ours):
        raise ChannelError(Failure.transient, _NOT_SURE)
    if len(listed) >= _LIMIT:
        newest_first = None not in dates and dates == sorted(dates, reverse=True)
        if not newest_first or dates[-1] >= since:
            raise ChannelError(Failure.transient, _NOT_SURE)
    return None


def _status_and_code(error: Exception) -> tuple[int | None, int | None]:
    """From the exception, or from the page that could not be read."""
    status, code = getattr(error, "status", None), getattr(error, "code", None)
    if status is None and len(error.args) > 1:
        status = getattr(error.args[1], "status_code", None)
        with contextlib.suppress(ValueError, AttributeError, TypeError):
            code = json.loads(error.args[1].text).get("code")
    # With neither, the answer could not be read: like a server that failed.
    return (status or 500), (code if isinstance(code, int) else None)


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
    with contextlib.suppress(ValueError, TypeError):
        if value.strip().isdecimal():
            seconds = float(value)
        else:
            span = parsedate_to_datetime(value) - parsedate_to_datetime(headers["Date"])
            seconds = span.total_seconds()
        return max(0.0, min(seconds, _LONGEST_WAIT))
    return None
