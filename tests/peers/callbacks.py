"""What Twilio posts to a webhook, and its signature, made without Twilio's package."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, Message

Form = list[tuple[str, str]]


def sign(url: str, form: Form, token: str = AUTH_TOKEN, algorithm: str = "sha1") -> str:
    """https://www.twilio.com/docs/usage/webhooks/webhooks-security: the address, then each
    field's name and value in the order of the names; of equal names each value once."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    digest = hmac.new(token.encode(), text.encode(), getattr(hashlib, algorithm)).digest()
    return base64.b64encode(digest).decode()


def status_form(
    message: Message, status: str, error_code: int | None = None, *, account: str = ACCOUNT_SID
) -> Form:
    form = [
        ("SmsSid", message.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("To", message.to),
        ("MessageSid", message.sid),
        ("AccountSid", account),
        ("From", message.sender),
        ("ApiVersion", "2010-04-01"),
    ]
    return form if error_code is None else [*form, ("ErrorCode", str(error_code))]


def inbound_form(message: Message, *, account: str = ACCOUNT_SID) -> Form:
    """The fields around Body are blank for a sender whose country Twilio does not know."""
    return [
        ("ToCountry", ""),
        ("SmsMessageSid", message.sid),
        ("NumMedia", "0"),
        ("SmsSid", message.sid),
        ("SmsStatus", "received"),
        ("Body", message.body),
        ("To", message.to),
        ("NumSegments", "1"),
        ("MessageSid", message.sid),
        ("AccountSid", account),
        ("From", message.sender),
        ("ApiVersion", "2010-04-01"),
    ]


def posted(form: Form) -> bytes:
    """The body of the request."""
    return urlencode(form).encode()
