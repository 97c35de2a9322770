"""SMS through Twilio.

The create call has no idempotency key, so a request without a clear answer is
`unknown` and never repeated here: `find` asks the account's own list, by ref.
What became of a text, and what came in, can be asked for too, so that a home
behind a router needs no webhook.
"""

from __future__ import annotations

import datetime
import ipaddress
import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from tracker.channels.account import Account
from tracker.channels.codes import NO_ANSWER, explain
from tracker.channels.message import Accepted, ChannelError, Failure, Fate, Heard, Outgoing
from tracker.channels.segments import clean
from tracker.errors import InputError
from tracker.language import N_

log = logging.getLogger(__name__)

API = "https://api.twilio.com"

GONE = "gone"
"""The status of a message that Twilio keeps no longer: nothing more will be known."""

_SLACK = datetime.timedelta(hours=1)
_WHILE_WRONG = datetime.timedelta(days=30)
_PAGE, _LIMIT = 100, 1000
_LONGEST_VALIDITY = 36_000

MESSAGE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
LONGEST_NUMBER, LONGEST_TEXT = 64, 1600
_ARRIVED = frozenset({"delivered", "read"})
_NOT_ARRIVED = frozenset({"undelivered", "failed", "canceled", "partially_delivered"})

_NO_LIST = N_("Twilio's list of messages cannot be had at the moment.")
_NOT_SURE = N_("Twilio's list of messages is not complete enough to be sure.")
_NO_STATUS = N_("Twilio cannot say at the moment what became of the text.")
_IN_PART = N_("Only a part of the text arrived.")
_CANCELLED = N_("The text was cancelled at Twilio.")


def is_loopback(url: str) -> bool:
    """Whether a URL can only mean this machine. Anything that is not plain is False."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fate(status: str, error_code: int | None) -> Fate:
    """What one of Twilio's statuses says of a text, the same for a poll and a callback.

    The 13 statuses of https://www.twilio.com/docs/messaging/api/message-resource,
    read on 2026-11-24. A word that is not among them says nothing final. Never raises.
    """
    word = status.strip().lower()[:32]
    if word in _ARRIVED:
        return Fate(state="delivered", status=word)
    if word not in _NOT_ARRIVED:
        return Fate(state="sent", status=word)
    meaning = explain(error_code)
    kind, reason = meaning.kind, meaning.reason
    if kind is Failure.unknown:
        # The status is certain, whatever went wrong inside Twilio before it.
        kind, reason = Failure.transient, explain(30500).reason
    if word in {"canceled", "partially_delivered"}:
        # A second copy of what arrived in part would still be a second copy.
        kind = Failure.permanent
        if error_code is None:
            reason = _CANCELLED if word == "canceled" else _IN_PART
    code = None if error_code is None else str(error_code)
    return Fate(state="undelivered", status=word, kind=kind, reason=reason, code=code)


def received(sid: str, sender: str, body: str, at: datetime.datetime) -> Heard:
    """A text that came in, by poll or callback: cut, and without what no database takes."""
    return Heard(
        provider_id=sid,
        sender=clean(sender[:LONGEST_NUMBER]),
        body=clean(body[:LONGEST_TEXT]),
        at=at,
    )


class Sms:
    """One Twilio account and one sender. Safe to use from several threads.

    `from_number` is a number with + or the name of an alphanumeric sender, which
    nobody can answer. Twilio tells `status_callback` of each change of a status.
    Raises InputError for an account SID that is none, no token, both senders or
    neither, or an address that would carry the token over the network in the clear.
    """

    name = "sms"
    can_ask = True
    can_follow = True

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        from_number: str | None = None,
        messaging_service_sid: str | None = None,
        api_base_url: str = API,
        timeout_seconds: float = 30.0,
        status_callback: str | None = None,
    ) -> None:
        if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account_sid):
            raise InputError(
                "{value!r} is not a Twilio account SID.",
                field="account_sid",
                hint="It is AC and 32 hexadecimal digits, at the top of Twilio's console.",
                value=account_sid,
            )
        if not auth_token:
            raise InputError(
                "The Twilio account has no token.",
                field="auth_token",
                hint="It is below the account SID, at the top of Twilio's console.",
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
        self._account = Account(
            account_sid, auth_token, base_url=api_base_url, timeout_seconds=timeout_seconds
        )
        self._number = from_number
        self._always: dict[str, object] = (
            {"messaging_service_sid": messaging_service_sid}
            if messaging_service_sid
            else {"from_": from_number}
        )
        if status_callback:
            self._always["status_callback"] = status_callback

    def send(self, message: Outgoing) -> Accepted:
        fields: dict[str, object] = {"to": message.address, "body": message.body, **self._always}
        if message.valid_seconds is not None:
            fields["validity_period"] = max(1, min(message.valid_seconds, _LONGEST_VALIDITY))
        with self._account.writing():
            made = self._account.messages.create(**fields)
            if not isinstance(made.sid, str) or not MESSAGE_ID.fullmatch(made.sid):
                raise ChannelError(Failure.unknown, NO_ANSWER)
            return Accepted(provider_id=made.sid, status=str(made.status)[:32])

    def find(self, message: Outgoing, since: datetime.datetime) -> Accepted | None:
        """See Channel.find. Asks by recipient and sorts out the rest here.

        Not by DateSent, which is empty right after acceptance. The hour of slack
        is for clocks that differ; a ref is not used again for 400 days. A `since`
        that Twilio's clock has not reached says that ours is wrong by more than that.
        """
        with self._account.reading(_NO_LIST):
            listed = self._account.messages.list(to=message.address, page_size=_PAGE, limit=_LIMIT)
            told = self._account.answered_at()
            if told is not None and since > told:
                since = told - _WHILE_WRONG
            return _found(listed, message.ref, since - _SLACK)

    def follow(self, provider_id: str) -> Fate:
        """See Following. A message that Twilio does not know (any more) is `GONE`."""
        if not MESSAGE_ID.fullmatch(provider_id):
            return Fate(state="sent", status=GONE)
        try:
            with self._account.reading(_NO_STATUS):
                found = self._account.messages(provider_id).fetch()
                if found.sid != provider_id:
                    raise ChannelError(Failure.transient, _NO_STATUS)
                code = found.error_code
                return fate(str(found.status), code if isinstance(code, int) else None)
        except ChannelError as error:
            if error.code == "20404":
                return Fate(state="sent", status=GONE, code=error.code)
            raise

    def heard(self, since: datetime.datetime) -> list[Heard]:
        """The texts that came in at or after `since`, the oldest first, each once.

        To the number that texts come from; with a messaging service, to any of
        the account's. `since` and `at` are by Twilio's clock and its list may lag,
        so ask with some minutes of overlap and tell them apart by their ids.
        Raises ChannelError (transient or account) if the list cannot be had.
        """
        if self._number and not self._number.startswith("+"):
            return []  # nobody can answer a name
        to = {"to": self._number} if self._number else {}
        with self._account.reading(_NO_LIST):
            listed = self._account.messages.stream(**to, page_size=_PAGE, limit=_LIMIT)
            return _inbound(listed, self._number, since)


def _inbound(listed: Iterable[Any], number: str | None, since: datetime.datetime) -> list[Heard]:
    heard: dict[str, Heard] = {}
    seen = older = 0
    for each in listed:
        seen += 1
        at = each.date_created or since
        # The newest come first, by custom; a whole page of older ones is the end.
        older = older + 1 if at < since else 0
        if older >= _PAGE:
            break
        if at < since or each.direction != "inbound" or (number and each.to != number):
            continue
        if isinstance(each.sid, str) and MESSAGE_ID.fullmatch(each.sid):
            text = received(each.sid, str(each.from_ or ""), str(each.body or ""), at)
            heard.setdefault(text.provider_id, text)
    if seen >= _LIMIT:
        log.warning("more than %s texts came in at once; the oldest were not read", _LIMIT)
    # Of one second the order of the list tells which was first.
    found = list(heard.values())
    found.reverse()
    found.sort(key=lambda each: each.at)
    return found


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
