"""Twilio's error codes: what each means for a message, and in words for a person."""

from __future__ import annotations

from tracker.channels.message import Failure
from tracker.language import N_

NO_ANSWER = N_("Twilio gave no clear answer; the text may have been sent.")

_NUMBER = N_("The number is not one that can receive texts (code {code}).")
_LANDLINE = N_("The number is a landline and cannot receive texts (code {code}).")
_SENDER = N_("The number that the texts come from cannot send them (code {code}).")
_ROUTE = N_("Texts cannot go from this sender to this number or country (code {code}).")
_BLOCKED = N_("A mobile network refused the text; other words may pass (code {code}).")
_COMPLIANCE = N_("Twilio does not allow this kind of text from this sender (code {code}).")
_LATER = N_("The phone could not be reached; it may be later (code {code}).")
_BUSY = N_("Twilio takes no more texts for the moment (code {code}).")
_INSIDE = N_("Something went wrong inside Twilio or the mobile network (code {code}).")
_SUSPENDED = N_("The Twilio account is suspended or without funds (code {code}).")
_SIGN_IN = N_("Twilio refused the account's SID or token (code {code}).")
_REFUSED = N_("Twilio refused the text (code {code}).")
_TEXT = N_("The text is empty or too long for Twilio (code {code}).")
_TRIAL = N_("A Twilio trial account only texts numbers that it has verified (code {code}).")
_OPTED_OUT = N_("The person has opted out of texts by answering STOP (code {code}).")

# Twilio's error dictionary, https://www.twilio.com/docs/api/errors, read on
# 2026-11-24. The 30xxx arrive as the error of a message that had been accepted.
_CODES: dict[int, tuple[Failure, str]] = {
    20003: (Failure.account, _SIGN_IN),
    20005: (Failure.account, _SUSPENDED),
    20404: (Failure.account, _SIGN_IN),
    20429: (Failure.transient, _BUSY),
    20500: (Failure.unknown, NO_ANSWER),
    21211: (Failure.permanent, _NUMBER),
    21212: (Failure.permanent, _SENDER),
    21401: (Failure.permanent, _SENDER),
    21408: (Failure.permanent, _ROUTE),
    21602: (Failure.permanent, _TEXT),
    21606: (Failure.permanent, _SENDER),
    21608: (Failure.permanent, _TRIAL),
    21610: (Failure.permanent, _OPTED_OUT),
    21611: (Failure.transient, _BUSY),
    21612: (Failure.permanent, _ROUTE),
    21614: (Failure.permanent, _LANDLINE),
    21617: (Failure.permanent, _TEXT),
    21635: (Failure.permanent, _LANDLINE),
    30001: (Failure.account, _BUSY),
    30002: (Failure.account, _SUSPENDED),
    30003: (Failure.transient, _LATER),
    30004: (Failure.permanent, _BLOCKED),
    30005: (Failure.permanent, _NUMBER),
    30006: (Failure.permanent, _LANDLINE),
    30007: (Failure.permanent, _BLOCKED),
    30008: (Failure.transient, _INSIDE),
    30034: (Failure.permanent, _COMPLIANCE),
    30042: (Failure.permanent, _COMPLIANCE),
    30460: (Failure.permanent, _COMPLIANCE),
    30466: (Failure.permanent, _COMPLIANCE),
    30500: (Failure.transient, _INSIDE),
    30532: (Failure.permanent, _COMPLIANCE),
    30863: (Failure.permanent, _COMPLIANCE),
    30869: (Failure.permanent, _COMPLIANCE),
}


def classify(status: int | None, code: int | None) -> tuple[Failure, str]:
    """What an answer means, and the msgid that says so.

    `status` is the HTTP status of a refused request, or None for the `code` of a
    message that had been accepted. A server error outranks its code: only the
    status tells that the message may have been taken all the same.
    """
    if status is not None and status >= 500:
        return Failure.unknown, NO_ANSWER
    if code in _CODES:
        return _CODES[code]
    if status in {401, 403, 404}:
        return Failure.account, _SIGN_IN
    if status == 402:
        return Failure.account, _SUSPENDED
    if status == 429:
        return Failure.transient, _BUSY
    if status is not None and (status < 400 or status == 408):
        return Failure.unknown, NO_ANSWER
    return Failure.permanent, _REFUSED
