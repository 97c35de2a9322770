"""Twilio's error codes: what each means for a message, and for the person what to do.

Twilio's error dictionary, https://www.twilio.com/docs/api/errors, read on
2026-11-24. The 30xxx and 572xxx mostly arrive as the error of a message that had
been accepted, the others with the answer to a request. As a page:
docs/delivery-codes.md, which a test compares with the table here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracker.channels.message import Failure
from tracker.language import N_

Class = Literal["permanent", "transient", "account", "compliance", "unknown"]

NO_ANSWER = N_("Twilio gave no clear answer; the text may have been sent.")
OPTED_OUT = 21610
"""Twilio sends this person nothing more until they text START."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`kind` is what it means for another try, `class_` what it is about.

    Compliance is permanent for the message: a rule of a country or a network,
    which no retry and no other words will change. `reason` and `action` are
    msgids with at most the place `{code}`.
    """

    kind: Failure
    class_: Class
    reason: str
    action: str


def _permanent(reason: str, action: str) -> Meaning:
    return Meaning(kind=Failure.permanent, class_="permanent", reason=reason, action=action)


def _transient(reason: str, action: str) -> Meaning:
    return Meaning(kind=Failure.transient, class_="transient", reason=reason, action=action)


def _account(reason: str, action: str) -> Meaning:
    return Meaning(kind=Failure.account, class_="account", reason=reason, action=action)


def _compliance(reason: str, action: str) -> Meaning:
    return Meaning(kind=Failure.permanent, class_="compliance", reason=reason, action=action)


_WAIT = N_("Nothing to do: it is tried again by itself while it is of use.")
_OTHER_CHANNEL = N_("Use another channel for this person, such as e-mail or push.")

_NUMBER = _permanent(
    N_("The number is not one that can receive texts (code {code})."),
    N_("Correct the person's number, or leave sms out of their channels."),
)
_LANDLINE = _permanent(
    N_("The number is a landline and cannot receive texts (code {code})."),
    N_("Give the number of a mobile phone, or leave sms out of the person's channels."),
)
_SENDER = _permanent(
    N_("The number that the texts come from cannot send them (code {code})."),
    N_("Set sms.twilio.from_number to a number of this account that can send texts."),
)
_SERVICE = _permanent(
    N_("The messaging service is unknown or has no number to send from (code {code})."),
    N_("Set sms.twilio.messaging_service_sid to one of this account, with a number in its pool."),
)
_REGION = _permanent(
    N_("Texts to this country are switched off in the Twilio account (code {code})."),
    N_("Switch the country on in Twilio's console, under the geo permissions of messaging."),
)
_ROUTE = _permanent(
    N_("Texts cannot go from this sender to this number or country (code {code})."),
    N_("Choose a sender that the country takes, or another channel for this person."),
)
_TEXT = _permanent(
    N_("The text is empty or too long for Twilio (code {code})."),
    N_("Shorten the person's name or the debt's cover word."),
)
_TRIAL = _permanent(
    N_("A Twilio trial account only texts numbers that it has verified (code {code})."),
    N_("Verify the number in Twilio's console, or upgrade the account and complete its profile."),
)
_OPTED_OUT = _permanent(
    N_("The person has opted out of texts by answering STOP (code {code})."),
    N_("Only the person can undo it, by texting START to the number that the texts come from."),
)
_BLOCKED = _permanent(
    N_("A mobile network refused the text; other words may pass (code {code})."),
    N_("Do not repeat it. If it happens again, use another channel or ask Twilio about it."),
)
_NO_RECEIPT = _permanent(
    N_("The mobile network did not answer; the text may have arrived (code {code})."),
    N_("Nothing to do: it is not repeated, so that it does not arrive twice."),
)

_BUSY = _transient(N_("Twilio takes no more texts for the moment (code {code})."), _WAIT)
_LATER = _transient(N_("The phone could not be reached; it may be later (code {code})."), _WAIT)
_INSIDE = _transient(
    N_("Something went wrong inside Twilio or the mobile network (code {code})."), _WAIT
)
_EXPIRED = _transient(
    N_("The text waited at Twilio until it was too old and was not sent (code {code})."), _WAIT
)

_SIGN_IN = _account(
    N_("Twilio refused the account's SID or token (code {code})."),
    N_("Compare sms.twilio.account_sid and the file of its token with Twilio's console."),
)
_SUSPENDED = _account(
    N_("The Twilio account is suspended or without funds (code {code})."),
    N_("Add funds in Twilio's console, or answer its notice. What is still of use goes then."),
)
_OVERFLOW = _account(
    N_("Twilio's queue for this account is full (code {code})."),
    N_("Look in Twilio's console at what else the account sends, and at its limits."),
)

_SENDER_RULES = _compliance(
    N_("Twilio does not allow this kind of text from this sender (code {code})."),
    N_("Read the rules of the country at https://www.twilio.com/en/guidelines; change the sender."),
)
_UNREGISTERED = _compliance(
    N_("The number that texts come from is not registered for its country (code {code})."),
    N_("Register it in Twilio's console: A2P 10DLC, or toll-free verification."),
)
_PERSONAL = _compliance(
    N_("Twilio registers no number that only sends reminders to its owner (code {code})."),
    _OTHER_CHANNEL,
)
_ABOUT_DEBT = _compliance(
    N_("Twilio registers no number for texts about debts or credit repair (code {code})."),
    _OTHER_CHANNEL,
)

_LOST = Meaning(
    kind=Failure.unknown,
    class_="unknown",
    reason=NO_ANSWER,
    action=N_("Nothing to do: Twilio's own list is asked before anything is sent again."),
)
_REFUSED = Meaning(
    kind=Failure.permanent,
    class_="unknown",
    reason=N_("Twilio refused the text (code {code})."),
    action=N_("Look the code up at https://www.twilio.com/docs/api/errors/{code}."),
)
_UNTOLD = Meaning(
    kind=Failure.permanent,
    class_="unknown",
    reason=N_("The text did not arrive, and the network does not say why."),
    action=_OTHER_CHANNEL,
)

MEANINGS: dict[int, Meaning] = {
    10001: _SUSPENDED,
    20003: _SIGN_IN,
    20005: _SUSPENDED,
    20403: _SUSPENDED,
    20404: _SIGN_IN,
    20429: _BUSY,
    20500: _LOST,
    20503: _LOST,
    21211: _NUMBER,
    21212: _SENDER,
    21401: _SENDER,
    21408: _REGION,
    21601: _SENDER,
    21602: _TEXT,
    21606: _SENDER,
    21608: _TRIAL,
    OPTED_OUT: _OPTED_OUT,
    21611: _BUSY,
    21612: _ROUTE,
    21614: _LANDLINE,
    21617: _TEXT,
    21635: _LANDLINE,
    21659: _SENDER,
    21660: _SENDER,
    21703: _SERVICE,
    21704: _SERVICE,
    21705: _SERVICE,
    21730: _BUSY,
    30001: _OVERFLOW,
    30002: _SUSPENDED,
    30003: _LATER,
    30004: _BLOCKED,
    30005: _NUMBER,
    30006: _LANDLINE,
    30007: _BLOCKED,
    30008: _INSIDE,
    30022: _BUSY,
    30032: _UNREGISTERED,
    30033: _UNREGISTERED,
    30034: _UNREGISTERED,
    30036: _EXPIRED,
    30042: _SENDER_RULES,
    30410: _NO_RECEIPT,
    30460: _ABOUT_DEBT,
    30466: _ABOUT_DEBT,
    30500: _INSIDE,
    30532: _PERSONAL,
    30863: _ABOUT_DEBT,
    30869: _ABOUT_DEBT,
    90010: _SUSPENDED,
    572005: _TRIAL,
}
"""By code. Whatever is not here is explained all the same, by `explain`."""


def explain(code: int | None) -> Meaning:
    """What a code means; None is an error that came without one."""
    if code is None:
        return _UNTOLD
    return MEANINGS.get(code, _REFUSED)


def classify(status: int | None, code: int | None) -> tuple[Failure, str]:
    """What an answer means, and the msgid that says so.

    `status` is the HTTP status of a refused request, or None for the `code` of a
    message that had been accepted. A server error outranks its code: only the
    status tells that the message may have been taken all the same.
    """
    meaning = _of_answer(status, code)
    return meaning.kind, meaning.reason


def _of_answer(status: int | None, code: int | None) -> Meaning:
    if status is not None and status >= 500:
        return _LOST
    if code in MEANINGS:
        return MEANINGS[code]
    if status in {401, 403, 404}:
        return _SIGN_IN
    if status == 402:
        return _SUSPENDED
    if status == 429:
        return _BUSY
    if status is not None and (status < 400 or status == 408):
        return _LOST
    return _REFUSED
