"""The channels that this home is set up for."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from tracker.channels.console import Console
from tracker.channels.hooks import STATUS_PATH
from tracker.channels.mail import Mail, MailServer
from tracker.channels.message import Channel
from tracker.channels.push import Push
from tracker.channels.sms import API, Sms, is_loopback
from tracker.clock import Clock
from tracker.config import Settings, addresses
from tracker.errors import RefusedError
from tracker.language import N_


def open_channels(settings: Settings, clock: Clock, stream: TextIO) -> dict[str, Channel]:
    """By name. Raises RefusedError for a clock of tests beside a provider that is real."""
    path = Path(settings.console.file) if settings.console.file else settings.home / "console.log"
    channels: dict[str, Channel] = {"console": Console(stream=stream, path=path, clock=clock)}
    twilio = settings.sms.twilio
    if twilio.account_sid:
        url = twilio.api_base_url or API
        if clock.simulated and not is_loopback(url):
            raise _real(url)
        channels["sms"] = Sms(
            account_sid=twilio.account_sid,
            auth_token=twilio.auth_token,
            from_number=twilio.from_number or None,
            messaging_service_sid=twilio.messaging_service_sid or None,
            api_base_url=url,
            timeout_seconds=twilio.timeout_seconds,
            status_callback=f"{settings.hooks_url}{STATUS_PATH}"
            if twilio.status_callbacks
            else None,
        )
    mail = settings.mail
    if mail.host:
        if clock.simulated and not addresses.is_loopback(mail.host):
            raise _real(mail.host)
        server = MailServer(
            host=mail.host,
            port=mail.port,
            security=mail.security,
            username=mail.username,
            password=mail.password,
            ca_file=str(settings.home / Path(mail.ca_file).expanduser()) if mail.ca_file else "",
            timeout_seconds=mail.timeout_seconds,
        )
        channels["mail"] = Mail(
            server, from_address=mail.from_address, from_name=mail.from_name, clock=clock
        )
    # Its accounts are those of the addresses; without its package it says so. Where
    # no time was set it must end before the lease does all the same.
    seconds = min(settings.push.timeout_seconds, settings.delivery.lease_seconds * 0.9)
    channels["push"] = Push(clock=clock, timeout_seconds=seconds)
    return channels


def _real(place: str) -> RefusedError:
    return RefusedError(
        "TRACKER_CLOCK is set, but {url} is a real provider.",
        field="TRACKER_CLOCK",
        hint=N_("Unset it: a clock of tests must never reach anybody's phone."),
        url=place,
    )
