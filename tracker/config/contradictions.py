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
    everything = (
        *_daemon(found),
        *_web(found),
        *_reminders(found),
        *_twilio(found, wrong),
        *_mail(found, wrong),
        *_push(found),
    )
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
    stall = found.values["daemon.stall_seconds"]
    assert isinstance(stall, float)
    for name, used in (
        ("sms.twilio.timeout_seconds", found.values["sms.twilio.account_sid"]),
        ("mail.timeout_seconds", found.values["mail.host"]),
        ("push.timeout_seconds", "push.timeout_seconds" in found.places),
    ):
        timeout = found.values[name]
        assert isinstance(timeout, float)
        if used and stall <= timeout:
            yield InputError(
                "{place}: daemon.stall_seconds is {stall:g}, not longer than {key}, "
                "{timeout:g}; the daemon would end itself while it waits for a provider.",
                field="daemon.stall_seconds",
                place=found.place("daemon.stall_seconds"),
                key=name,
                stall=stall,
                timeout=timeout,
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
    yield from _lease(found, "sms.twilio.timeout_seconds")
    yield from _hooks(found)


def _hooks(found: Found) -> Iterator[InputError]:
    values = found.values
    callbacks, inbound = "sms.twilio.status_callbacks", "sms.twilio.inbound"
    for key in (callbacks, inbound):
        if values[key] is not True and values[key] != "webhook":
            continue
        if not values["sms.twilio.public_url"] and not values["web.public_url"]:
            yield InputError(
                "{place}: {key} needs an address under which Twilio reaches the web server; "
                "set sms.twilio.public_url.",
                field=key,
                place=found.place(key),
                key=key,
            )
        elif not values["web.enabled"]:
            yield InputError(
                "{place}: {key} needs the web server, but web.enabled is false.",
                field=key,
                place=found.place(key),
                key=key,
            )
    sender = str(values["sms.twilio.from_number"])
    if values[inbound] != "off" and sender and not sender.startswith("+"):
        yield InputError(
            "{place}: sms.twilio.inbound is {value}, but nobody can answer a name; set "
            'sms.twilio.from_number to a number, or inbound = "off".',
            field=inbound,
            place=found.place(inbound),
            value=values[inbound],
        )


def _mail(found: Found, wrong: set[str | None]) -> Iterator[InputError]:
    values = found.values
    host, sender = values["mail.host"], values["mail.from_address"]
    if not host:
        for name in ("mail.username", "mail.password", "mail.from_address"):
            if values[name] and "mail.host" not in wrong:
                yield InputError(
                    "{place}: {key} is set, but mail.host is not; set both, or neither.",
                    field=name,
                    place=found.place(name),
                    key=name,
                )
        return
    if not sender:
        yield InputError(
            "{place}: mail.host is set, but no address to send from; set mail.from_address.",
            field="mail.from_address",
            place=found.place("mail.host"),
        )
    if values["mail.username"] and not values["mail.password"]:
        yield InputError(
            "{place}: mail.username is set, but its password is missing; put the password into "
            "a file that only its owner can read and name that in mail.password_file.",
            field="mail.password",
            place=found.place("mail.username"),
        )
    if values["mail.password"] and not values["mail.username"] and "mail.username" not in wrong:
        yield InputError(
            "{place}: a password is set, but mail.username is not; set both, or neither.",
            field="mail.username",
            place=found.place("mail.password"),
        )
    if values["mail.security"] == "none" and not addresses.is_loopback(str(host)):
        yield InputError(
            "{place}: mail.security is none, but mail.host is not this machine; set starttls or "
            "tls, so that nobody in between can read along.",
            field="mail.security",
            place=found.place("mail.security"),
        )
    yield from _lease(found, "mail.timeout_seconds")


def _push(found: Found) -> Iterator[InputError]:
    # Left out, it shrinks with the lease; see actions.delivery.ways.
    if "push.timeout_seconds" in found.places:
        yield from _lease(found, "push.timeout_seconds")


def _lease(found: Found, name: str) -> Iterator[InputError]:
    """A lease that ends during a request would let another worker send the same."""
    lease, timeout = found.values["delivery.lease_seconds"], found.values[name]
    assert isinstance(lease, float)
    assert isinstance(timeout, float)
    if lease <= timeout:
        yield InputError(
            "{place}: delivery.lease_seconds is {lease:g}, not longer than "
            "{key}, {timeout:g}; a message could go out twice.",
            field="delivery.lease_seconds",
            place=found.place("delivery.lease_seconds"),
            key=name,
            lease=lease,
            timeout=timeout,
        )
