"""What Twilio posts to us: its signature, a change of a text's status, a text that came in.

Anybody can post to an address on the web, so nothing is believed before `verify`.
A request that was seen once can be posted again for ever, with its signature:
who takes it in must know it by its id and status, and do nothing the second time.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from tracker.channels.message import Heard
from tracker.channels.sms import LONGEST_NUMBER, MESSAGE_ID, received
from tracker.errors import InputError, RefusedError
from tracker.language import N_

STATUS_PATH = "/hooks/twilio/status"
INBOUND_PATH = "/hooks/twilio/inbound"
SIGNATURE = "X-Twilio-Signature"
SETTINGS = "X-Twilio-Webhooks-Signature-Settings"

MOST_BYTES, MOST_PARAMS = 64 * 2**10, 200
_FORM = "application/x-www-form-urlencoded"
_WORD = re.compile(r"[a-z_-]{1,32}")

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusNews:
    """A text's status has changed; `channels.sms.fate` says what that means.

    They come more than once and in any order.
    """

    sid: str
    status: str
    error_code: int | None


class _Values:
    """A form as Twilio's package reads it; a name may occur more than once."""

    def __init__(self, params: Params) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in params:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getall(self, name: str) -> list[str]:
        return self._values[name]


def read_form(content_type: str | None, body: bytes) -> Params:
    """The fields of a posted form, as they are: a signature covers each space.

    Raises InputError for anything but a form in UTF-8 of at most 64 kB and 200 fields.
    """
    if (content_type or "").partition(";")[0].strip().lower() != _FORM:
        raise InputError("Only a form is taken here ({form}).", field="content-type", form=_FORM)
    if len(body) > MOST_BYTES:
        raise InputError("The form has more than {most} bytes.", field="body", most=MOST_BYTES)
    try:
        return parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMS,
        )
    except UnicodeError:
        raise InputError("The form is not UTF-8.", field="body") from None
    except ValueError:
        raise InputError(
            "The form has more than {most} fields.", field="body", most=MOST_PARAMS
        ) from None


def verify(
    *,
    url: str,
    params: Params,
    signature: str | None,
    algorithm: str | None,
    auth_token: str,
    account_sid: str,
) -> None:
    """Whether this came from Twilio, and for our account.

    `url` is the address as Twilio knows it, with its query; `algorithm` is the
    header SETTINGS, which is absent for most. Raises RefusedError.
    """
    if not signature:
        raise RefusedError("The request has no signature of Twilio's.", field=SIGNATURE)
    from twilio.request_validator import RequestValidator, get_signature_algorithm

    named = get_signature_algorithm(algorithm)
    genuine = named.upper() in {"HMAC_SHA1", "HMAC_SHA256"} and RequestValidator(
        auth_token
    ).validate(url, _Values(params), signature, named)
    if not genuine and algorithm:
        raise RefusedError(
            "The signature is not made with the account's token, as {header} says.",
            field=SIGNATURE,
            hint=N_("Remove the rule for this address from the webhook settings at Twilio."),
            header=SETTINGS,
        )
    if not genuine:
        raise RefusedError(
            "The signature is not Twilio's for this address.",
            field=SIGNATURE,
            hint=N_("Give Twilio exactly the address that sms.twilio.public_url begins."),
        )
    if _only(params, "AccountSid") != account_sid:
        raise RefusedError("The request is about another account.", field="AccountSid")


def parse_status(params: Params) -> StatusNews:
    """The news of a status callback. Raises InputError; a status we do not know is no error.

    Fields: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
    """
    status = _only(params, "MessageStatus").strip().lower()
    if not _WORD.fullmatch(status):
        raise InputError("The form says no status of a text.", field="MessageStatus")
    code = _only(params, "ErrorCode")
    known = code.isascii() and code.isdecimal() and len(code) <= 9
    return StatusNews(sid=_sid(params), status=status, error_code=int(code) if known else None)


def parse_inbound(params: Params, *, at: datetime.datetime) -> Heard:
    """The text that came in; the form does not say when. Raises InputError.

    Fields: https://www.twilio.com/docs/messaging/guides/webhook-request.
    """
    sender = _only(params, "From")
    if not sender or len(sender) > LONGEST_NUMBER:
        raise InputError("The form says no number that the text came from.", field="From")
    return received(_sid(params), sender, _only(params, "Body"), at)


def _sid(params: Params) -> str:
    sid = _only(params, "MessageSid")
    if not MESSAGE_ID.fullmatch(sid):
        raise InputError("The form names no message.", field="MessageSid")
    return sid


def _only(params: Params, name: str) -> str:
    """The value of a field that occurs once; otherwise nothing."""
    values = [value for each, value in params if each == name]
    return values[0] if len(values) == 1 else ""
