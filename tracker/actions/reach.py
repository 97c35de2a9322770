"""How and when a person is reached: number, address, channels, hours, offsets."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from tracker.config import Settings
from tracker.core import reading, text, waits
from tracker.errors import InputError
from tracker.language import N_
from tracker.store.people import WEEKDAYS

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


CHANNELS = ("sms", "mail", "push", "console")


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

    from tracker.channels import preflight

    if phonenumbers.is_valid_number(number):
        return True
    # Examples are valid in no plan, but samples and tests must use them.
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return preflight.is_example(digits)


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


def channel_order(
    typed: list[str] | None, *, phone: str | None, email: str | None, push: bool
) -> list[str]:
    """The channels in the order in which they are tried; None typed: all that there is."""
    able = {"sms": phone is not None, "mail": email is not None, "push": push, "console": True}
    if typed is None:
        return [channel for channel in CHANNELS if able[channel]]
    wanted = [channel.strip().casefold() for channel in typed]
    if not wanted:
        raise InputError(
            "channels is empty, so that nothing could ever be said.",
            field="channels",
            hint=N_("Name at least one; console needs no number and no address."),
        )
    for channel, said in zip(wanted, typed, strict=True):
        if channel not in CHANNELS:
            raise InputError(
                "channels names {value!r}, which is no channel.",
                field="channels",
                hint=N_("There are: {known}."),
                value=said[:40],
                known=", ".join(CHANNELS),
            )
    if len(set(wanted)) != len(wanted):
        raise InputError(
            "channels names one channel twice: {value}.",
            field="channels",
            value=", ".join(wanted),
        )
    for channel in wanted:
        if not able[channel]:
            sentence, hint = _MISSING[channel]
            raise InputError(sentence, field="channels", hint=hint)
    return wanted


_MISSING = {
    "sms": (
        N_("channels asks for sms, but there is no phone number."),
        N_("Give --phone, or leave sms out."),
    ),
    "mail": (
        N_("channels asks for mail, but there is no e-mail address."),
        N_("Give --email, or leave mail out."),
    ),
    "push": (
        N_("channels asks for push, but there is no push address yet."),
        N_("Add it first with `tracker person push`, or leave push out."),
    ),
}


def ready(settings: Settings, channel: str) -> bool:
    """Whether this home is set up to send over a channel at all."""
    if channel == "sms":
        return bool(settings.sms.twilio.account_sid)
    if channel == "mail":
        return bool(settings.mail.host)
    if channel == "push":
        from importlib.util import find_spec

        return find_spec("apprise") is not None
    return True


def hours(typed: str | None) -> str | None:
    """Hours for messages as they are stored, "08:00,21:00"; None means the configured ones."""
    if typed is None or typed.strip().casefold() == "default":
        return None
    first, last = waits.parse_hours(typed, field="hours")
    return f"{first:%H:%M},{last:%H:%M}"


def alive_day(typed: str | None) -> str | None:
    """The weekday of the weekly line, mon to sun; None for none."""
    if typed is None:
        return None
    wanted = typed.strip().casefold()
    if wanted == "off":
        return None
    found = [day for day in WEEKDAYS if wanted[:3] == day and _NAMES[day].startswith(wanted)]
    if not found:
        raise InputError(
            "alive is {value!r}, which is no weekday.",
            field="alive",
            hint=N_("Write mon, tue, wed, thu, fri, sat or sun; off for no such line."),
            value=reading.shown(typed),
        )
    return found[0]


_NAMES = {
    "mon": "monday",
    "tue": "tuesday",
    "wed": "wednesday",
    "thu": "thursday",
    "fri": "friday",
    "sat": "saturday",
    "sun": "sunday",
}


def send_time(typed: str | None, hours: tuple[time, time]) -> str | None:
    """As `send_time_within`; nothing typed means the configured hour."""
    if typed is None or not typed.strip():
        return None
    return send_time_within(typed, hours)


def send_time_within(typed: str, hours: tuple[time, time]) -> str:
    """The hour at which reminders go, which must lie inside the hours for messages."""
    at = reading.parse_time(typed, field="send_time")
    first, last = hours
    if not first <= at < last:
        raise InputError(
            "send_time is {value}; messages go between {first} and {last} only.",
            field="send_time",
            hint=N_("Choose an hour inside, or other hours with `tracker person edit --hours`."),
            value=typed,
            first=first.isoformat("minutes"),
            last=last.isoformat("minutes"),
        )
    return at.isoformat("minutes")
