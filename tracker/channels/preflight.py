"""What stands against a text before one is sent: the number, the sender, the country.

A provider answers a wrong sender or a forbidden country one text at a time and
days later; here a person reads it while they set the channel up. The facts are
Twilio's own, page by page, with the day on which each was read.
"""

from __future__ import annotations

import contextlib
import datetime
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tracker.channels.cover import FORBIDDEN, forbidden_in
from tracker.channels.segments import segments
from tracker.language import N_

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

Level = Literal["stop", "warn", "info"]

MOST_SEGMENTS = 3
READ_ON = datetime.date(2026, 11, 24)

_GUIDELINES = "https://www.twilio.com/en/guidelines/{country}/sms"
_NAMES = "https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id"
_NAME = re.compile(r"(?=[A-Za-z0-9 ]*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9 ]*[A-Za-z0-9])?")
_LONGEST_NAME = 11
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_LINK = re.compile(
    r"(?:https?|ftp)://|\bwww\.|\b[a-z0-9-]+\.(?:com|net|org|cn|hk|tw|io|me|cc|ly|info|xyz)\b",
    re.IGNORECASE,
)
# Kept free for examples: NANP 555-0100 to 0199, Ofcom's 07700 900000 to 900999.
_EXAMPLE = re.compile(r"\+1[2-9]\d\d55501\d\d|\+1555010\d{4}|\+447700900\d{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`stop`: no text can arrive. `warn`: it may not. `info`: good to know.

    `msgid` is a sentence for `params`, which hold no telephone number, and `cure`
    another one that says what can be done.
    """

    level: Level
    msgid: str
    params: dict[str, str | int]

    @property
    def cure(self) -> str | None:
        return _CURES.get(self.msgid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """What `source` says about texts to one country.

    `answers`: whether a text can be answered at all. `names`: what becomes of an
    alphanumeric sender ("replaced": of every sender). `links`: whether the networks
    let a link pass. `warning` is a msgid that is told of every text that goes there.
    """

    code: str
    answers: bool = True
    names: Literal["yes", "no", "registered", "replaced"] = "yes"
    links: bool = True
    warning: str | None = None
    page: str = ""

    @property
    def source(self) -> str:
        return self.page or _GUIDELINES.format(country=self.code.lower())


_NO_MONEY = N_("Texts about money or loans are prohibited in {country} ({source}, {read_on}).")
_REGISTERED_ONLY = N_(
    "Networks in {country} only take texts from registered numbers, and Twilio registers none for"
    " reminders to oneself (error 30532) nor for debts and credit repair (30863, 30869); have"
    " another channel as well."
)
_NO_FINANCE = N_(
    "Networks in {country} block texts about finance, loans and credit cards, and texts with a"
    " link ({source}, {read_on}); have another channel as well."
)
_PERSONAL = "https://www.twilio.com/docs/api/errors/30532"

COUNTRIES: dict[str, Country] = {
    each.code: each
    for each in (
        Country(code="CA", names="no", warning=_REGISTERED_ONLY, page=_PERSONAL),
        Country(code="CN", answers=False, names="replaced", links=False, warning=_NO_FINANCE),
        Country(code="GB"),
        Country(code="HK", warning=_NO_MONEY),
        Country(code="PR", names="no", warning=_REGISTERED_ONLY, page=_PERSONAL),
        # Registration by the SMS Sender ID Registry, https://www.sgnic.sg, since 2023.
        Country(code="SG", answers=False, names="registered"),
        Country(code="TW", answers=False, names="replaced", links=False, warning=_NO_MONEY),
        Country(code="US", names="no", warning=_REGISTERED_ONLY, page=_PERSONAL),
    )
}

_NO_NUMBER = N_("This is no telephone number with its country code.")
_NO_FACTS = N_("What networks in {country} demand of texts is not known here; see {source}.")
_ONE_WAY = N_("Texts to {country} cannot be answered: neither PAID nor STOP will come back.")
_IMPOSSIBLE = N_("No such number can exist in {country}.")
_EMERGENCY = N_("This is an emergency number.")
_FIXED = N_("The number is a landline; it cannot take text messages.")
_VOIP = N_("The number belongs to internet telephony; texts to it get lost.")
_SERVICE_LINE = N_("The number is a service line, not the phone of a person.")
_BAD_NAME = N_(
    "{value!r} cannot be a sender: at most {longest} letters, digits and spaces,"
    " with at least one letter ({source})."
)
_NAME_ONE_WAY = N_("Nobody can answer a name: neither PAID nor STOP will come back.")
_NO_NAMES = N_("Texts to {country} cannot come from a name, only from a number.")
_REGISTER_NAME = N_(
    "A name as sender must be registered in {country}; otherwise texts are marked as a likely"
    " fraud or blocked ({source}, {read_on})."
)
_REPLACED = N_("The sender is replaced by a local number in {country}.")
_NO_SENDER = N_("There is nothing to send from: neither a number nor a messaging service.")
_TOO_LONG = N_("The text has {count} parts; more than {most} are not sent.")
_LINK_BLOCKED = N_("The text has a link, and networks in {country} block texts with links.")
_LINK_ODD = N_("The text has a link, which makes it look like a fraud.")
_WORD = N_("The text says {value!r}, which tells others what it is about.")

_OTHER_NUMBER = N_(
    "Give a mobile number with `tracker person edit --phone NUMBER`, or leave sms out of the "
    "channels."
)
_OTHER_SENDER = N_(
    "Set sms.twilio.from_number to a number of your account, or name a messaging service."
)
_ANOTHER_WAY = N_("Have mail or push as well: `tracker person edit --channel sms --channel mail`.")
_OTHERWISE_PAID = N_(
    "Record payments with `tracker pay` or on the page; `tracker person revoke sms` ends the texts."
)
_CURES = {
    **dict.fromkeys(
        (_NO_NUMBER, _IMPOSSIBLE, _EMERGENCY, _FIXED, _VOIP, _SERVICE_LINE), _OTHER_NUMBER
    ),
    **dict.fromkeys((_BAD_NAME, _NO_NAMES, _NO_SENDER, _REGISTER_NAME), _OTHER_SENDER),
    **dict.fromkeys((_NO_MONEY, _REGISTERED_ONLY, _NO_FINANCE), _ANOTHER_WAY),
    **dict.fromkeys((_ONE_WAY, _NAME_ONE_WAY), _OTHERWISE_PAID),
}


def preflight(sender: str | None, service: bool, to: str) -> list[Note]:
    """What stands against texts from a sender to a number in E.164, the worst first.

    `sender` is a number with + or an alphanumeric name; `service` says that a
    messaging service chooses the sender. No `stop` means that a text may be tried.
    Never raises, whatever is in `sender` and `to`.
    """
    number = _parsed(to)
    if number is None:
        return [Note(level="stop", msgid=_NO_NUMBER, params={})]
    code = _country(number)
    country = COUNTRIES.get(code)
    notes = _sender(sender, service, code, country)
    if impossible := _number(number, code):
        return _worst_first([impossible, *notes])
    shown: dict[str, str | int] = {"country": code}
    if country is None:
        shown["source"] = _GUIDELINES.format(country=code.lower())
        notes.append(Note(level="info", msgid=_NO_FACTS, params=shown))
    else:
        shown |= {"source": country.source, "read_on": READ_ON.isoformat()}
        if country.warning:
            notes.append(Note(level="warn", msgid=country.warning, params=shown))
        if country.names == "replaced":
            notes.append(Note(level="info", msgid=_REPLACED, params=shown))
        if not country.answers:
            notes.append(Note(level="info", msgid=_ONE_WAY, params=shown))
    return _worst_first(notes)


def check_text(body: str, to: str) -> list[Note]:
    """What stands against one text to a number in E.164, the worst first. Never raises."""
    number = _parsed(to)
    code = _country(number) if number else ""
    country = COUNTRIES.get(code)
    notes = []
    # Fewer than China's networks would take (500 characters or 8 parts).
    count = segments(body).count
    if count > MOST_SEGMENTS:
        params: dict[str, str | int] = {"count": count, "most": MOST_SEGMENTS}
        notes.append(Note(level="stop", msgid=_TOO_LONG, params=params))
    if _LINK.search(body):
        if country is not None and not country.links:
            notes.append(Note(level="stop", msgid=_LINK_BLOCKED, params={"country": code}))
        else:
            notes.append(Note(level="warn", msgid=_LINK_ODD, params={}))
    word = next(filter(None, (forbidden_in(body, each) for each in FORBIDDEN)), None)
    if word is not None:
        notes.append(Note(level="warn", msgid=_WORD, params={"value": word}))
    return _worst_first(notes)


def can_answer(sender: str | None, to: str) -> bool:
    """Whether a text from a sender can be answered from a number in E.164. Never raises."""
    number = _parsed(to)
    country = COUNTRIES.get(_country(number)) if number else None
    named = sender is not None and not sender.startswith("+")
    return number is not None and not named and (country is None or country.answers)


def is_example(number: str) -> bool:
    """Whether a number in E.164 is one kept free for examples; nobody has it."""
    return _EXAMPLE.fullmatch(number) is not None


def _parsed(to: str) -> PhoneNumber | None:
    import phonenumbers

    with contextlib.suppress(phonenumbers.NumberParseException):
        return phonenumbers.parse(to, None) if _E164.fullmatch(to) else None
    return None


def _country(number: PhoneNumber) -> str:
    """Its country by ISO 3166, as near as the number tells."""
    import phonenumbers

    found = phonenumbers.region_code_for_number(number)
    return found or phonenumbers.region_code_for_country_code(number.country_code or 0)


def _number(number: PhoneNumber, country: str) -> Note | None:
    """Why no text can arrive at a number, whoever sends it."""
    import phonenumbers
    from phonenumbers import PhoneNumberType as Type

    if is_example(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)):
        return None
    if phonenumbers.is_emergency_number(str(number.national_number), country):
        return Note(level="stop", msgid=_EMERGENCY, params={})
    if not phonenumbers.is_valid_number(number):
        return Note(level="stop", msgid=_IMPOSSIBLE, params={"country": country})
    kind = phonenumbers.number_type(number)
    if kind in {Type.MOBILE, Type.FIXED_LINE_OR_MOBILE, Type.UNKNOWN}:
        return None
    msgid = {Type.FIXED_LINE: _FIXED, Type.VOIP: _VOIP}.get(kind, _SERVICE_LINE)
    return Note(level="stop", msgid=msgid, params={})


def _sender(sender: str | None, service: bool, code: str, country: Country | None) -> list[Note]:
    if not sender:
        return [] if service else [Note(level="stop", msgid=_NO_SENDER, params={})]
    if sender.startswith("+"):
        return []
    if not _NAME.fullmatch(sender) or len(sender) > _LONGEST_NAME:
        return [
            Note(
                level="stop",
                msgid=_BAD_NAME,
                params={"value": sender[:20], "longest": _LONGEST_NAME, "source": _NAMES},
            )
        ]
    notes = [Note(level="warn", msgid=_NAME_ONE_WAY, params={})]
    if country is not None and country.names == "no":
        notes.append(Note(level="stop", msgid=_NO_NAMES, params={"country": code}))
    if country is not None and country.names == "registered":
        shown = {"country": code, "source": country.source, "read_on": READ_ON.isoformat()}
        notes.append(Note(level="warn", msgid=_REGISTER_NAME, params={**shown}))
    return notes


def _worst_first(notes: list[Note]) -> list[Note]:
    order = ("stop", "warn", "info")
    return sorted(notes, key=lambda each: order.index(each.level))
