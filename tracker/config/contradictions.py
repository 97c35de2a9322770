"""What single values of the configuration cannot show: two that do not go together."""

from __future__ import annotations

import os
from collections.abc import Iterator

from tracker.config import addresses
from tracker.config.sources import Found
from tracker.errors import InputError

SOCKET_BYTES = 107
"""The longest path that Linux binds a Unix socket to."""


def contradictions(found: Found, wrong: set[str | None]) -> list[InputError]:
    """All of them, but for those of keys that are `wrong` by themselves."""
    everything = (*_daemon(found), *_web(found), *_reminders(found), *_twilio(found, wrong))
    return [each for each in everything if each.field not in wrong]


def _daemon(found: Found) -> Iterator[InputError]:
    socket = str(found.values["daemon.socket"])
    if len(os.fsencode(socket)) > SOCKET_BYTES:
        yield InputError(
            "{place}: the path of the socket, {value!r}, is longer than the {limit} bytes that "
            "the system takes; set daemon.socket to a shorter one.",
            field="daemon.socket",
            place=found.place("daemon.socket"),
            value=socket,
            limit=SOCKET_BYTES,
        )


def _web(found: Found) -> Iterator[InputError]:
    values = found.values
    host, _ = addresses.split(str(values["web.bind"]))
    if values["web.enabled"] and not values["web.login"] and not addresses.is_loopback(host):
        yield InputError(
            "{place}: web.bind is {value!r}, which others can reach, while web.login is false; "
            "set web.login = true, or bind to 127.0.0.1.",
            field="web.bind",
            place=found.place("web.bind"),
            value=values["web.bind"],
        )


def _reminders(found: Found) -> Iterator[InputError]:
    hours = found.values["reminders.hours"]
    at = str(found.values["reminders.send_time"])
    assert isinstance(hours, tuple)
    if not hours[0] <= at < hours[1]:
        yield InputError(
            "{place}: reminders.send_time is {value}, outside of reminders.hours, which are "
            "{first} to {last}.",
            field="reminders.send_time",
            place=found.place("reminders.send_time"),
            value=at,
            first=hours[0],
            last=hours[1],
        )


def _twilio(found: Found, wrong: set[str | None]) -> Iterator[InputError]:
    values = found.values
    names = ("account_sid", "auth_token", "from_number", "messaging_service_sid")
    sid, token, number, service = (f"sms.twilio.{name}" for name in names)
    if not values[sid]:
        for name in (token, number, service):
            if values[name] and sid not in wrong:
                yield InputError(
                    "{place}: {key} is set, but sms.twilio.account_sid is not; "
                    "set both, or neither.",
                    field=name,
                    place=found.place(name),
                    key=name,
                )
        return
    if not values[token]:
        yield InputError(
            "{place}: sms.twilio.account_sid is set, but its token is missing; put the token into "
            "a file that only its owner can read and name that in sms.twilio.auth_token_file.",
            field=token,
            place=found.place(sid),
        )
    if not values[number] and not values[service] and service not in wrong:
        yield InputError(
            "{place}: sms.twilio.account_sid is set, but nothing to send from; set "
            "sms.twilio.from_number or sms.twilio.messaging_service_sid.",
            field=number,
            place=found.place(sid),
        )
    lease, timeout = values["delivery.lease_seconds"], values["sms.twilio.timeout_seconds"]
    assert isinstance(lease, float)
    assert isinstance(timeout, float)
    if lease <= timeout:
        yield InputError(
            "{place}: delivery.lease_seconds is {lease:g}, not longer than "
            "sms.twilio.timeout_seconds, {timeout:g}; a message could go out twice.",
            field="delivery.lease_seconds",
            place=found.place("delivery.lease_seconds"),
            lease=lease,
            timeout=timeout,
        )
