"""How and when a person is reached: number, address, channels, hours, offsets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker.actions.office import Context
from tracker.core import reading, text
from tracker.errors import InputError
from tracker.language import N_

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


CHANNELS = ("sms", "console")


# Numbers kept free for examples are valid in no plan, but samples and tests must
# use them: NANP 555-0100 to 0199, Ofcom's 07700 900000 to 900999.
_RESERVED = re.compile(r"\+1[2-9]\d\d55501\d\d|\+1555010\d{4}|\+447700900\d{3}")


def offset_days(stored: str) -> list[int]:
    return [int(days) for days in stored.split(",")]


def offsets_text(offsets: list[str] | None) -> str | None:
    """Offsets as they are stored, or None for the default."""
    if not offsets:
        return None
    return ",".join(str(days) for days in reading.parse_offsets(offsets))


def phone_number(typed: str | None, country: str | None) -> str | None:
    """The number in E.164 (ITU-T), e.g. +447700900123.

    Raises InputError for a number that cannot exist, an emergency number, and one
    without a country code while the country is not known.
    """
    if typed is None or not typed.strip():
        return None
    import phonenumbers

    wanted = "".join(typed.split())
    region = country.split("-")[0] if country else None
    try:
        if not wanted.isascii():
            raise phonenumbers.NumberParseException(0, "digits")
        number = phonenumbers.parse(wanted, region)
    except phonenumbers.NumberParseException:
        raise InputError(
            "phone is {value!r}, which is no telephone number with its country code.",
            field="phone",
            hint=N_("Write it with + and the country code, for example +447700900123."),
            value=typed[:40],
        ) from None
    if not _can_exist(number):
        raise InputError(
            "phone is {value!r}; no such number can exist in its country.",
            field="phone",
            hint=N_("Count its digits; the country code comes first, for example +44."),
            value=typed[:40],
        )
    kind = phonenumbers.number_type(number)
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE:
        raise InputError(
            "phone is {value!r}, a landline; it cannot take text messages.",
            field="phone",
            hint=N_("Give a mobile number, or leave it out and use another channel."),
            value=typed[:40],
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _can_exist(number: PhoneNumber) -> bool:
    import phonenumbers

    if phonenumbers.is_valid_number(number):
        return True
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return _RESERVED.fullmatch(digits) is not None


def country_code(typed: str | None) -> str | None:
    if typed is None or not typed.strip():
        return None
    from tracker.rules import holidays

    country = typed.strip().upper()
    holidays.working_day(country)
    return country


def email_address(typed: str | None) -> str | None:
    address = text.optional_line(typed, field="email", longest=254)
    if address is None:
        return None
    name, at, host = address.rpartition("@")
    if not (name and at and "." in host.strip(".")) or " " in address:
        raise InputError(
            "email is {value!r}, which is no address.",
            field="email",
            hint=N_("It has the form name@example.org."),
            value=address[:60],
        )
    return address


def channel_order(typed: list[str] | None, phone: str | None) -> list[str]:
    """The channels in the order in which they are tried."""
    wanted = typed or (["sms", "console"] if phone else ["console"])
    for channel in wanted:
        if channel not in CHANNELS:
            raise InputError(
                "channels names {value!r}, which is no channel.",
                field="channels",
                hint=N_("There are: {known}."),
                value=channel[:40],
                known=", ".join(CHANNELS),
            )
    if len(set(wanted)) != len(wanted):
        raise InputError(
            "channels names one channel twice: {value}.",
            field="channels",
            value=", ".join(wanted),
        )
    if "sms" in wanted and phone is None:
        raise InputError(
            "channels asks for sms, but there is no phone number.",
            field="channels",
            hint=N_("Give --phone, or leave sms out."),
        )
    return wanted


def send_time(typed: str | None, ctx: Context) -> str | None:
    if typed is None or not typed.strip():
        return None
    return send_time_within(typed, ctx.settings.reminders.hours)


def send_time_within(typed: str, hours: tuple[str, ...]) -> str:
    """The hour at which reminders go, which must lie inside the hours for messages."""
    at = reading.parse_time(typed, field="send_time")
    first, last = (reading.parse_time(each, field="hours") for each in hours)
    if not first <= at < last:
        raise InputError(
            "send_time is {value}; messages go between {first} and {last} only.",
            field="send_time",
            hint=N_("Choose an hour inside, or change [reminders] hours."),
            value=typed,
            first=first.isoformat("minutes"),
            last=last.isoformat("minutes"),
        )
    return at.isoformat("minutes")
