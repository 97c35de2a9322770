"""The channels that this home is set up for."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

from tracker.channels.console import Console
from tracker.channels.message import Channel
from tracker.channels.sms import API, Sms, is_loopback
from tracker.clock import Clock
from tracker.config import Settings
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
            raise RefusedError(
                "TRACKER_CLOCK is set, but {url} is a real provider.",
                field="TRACKER_CLOCK",
                hint=N_("Unset it: a clock of tests must never reach anybody's phone."),
                url=url,
            )
        channels["sms"] = Sms(
            account_sid=twilio.account_sid,
            auth_token=twilio.auth_token,
            from_number=twilio.from_number or None,
            messaging_service_sid=twilio.messaging_service_sid or None,
            api_base_url=url,
            timeout_seconds=twilio.timeout_seconds,
        )
    return channels
