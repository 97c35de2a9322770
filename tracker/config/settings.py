"""The settings as values; their defaults stand in `tracker.config.keys` alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

from tracker.config.addresses import masked
from tracker.config.keys import KEYS, offset_days
from tracker.config.kinds import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    url: str = field(repr=False)
    backup_keep: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    socket: str
    tick_seconds: float
    tick_limit_seconds: float
    stall_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    enabled: bool
    bind: str
    login: bool
    allowed_hosts: tuple[str, ...]
    public_url: str
    metrics: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    bind: str
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    settle_seconds: float
    recheck_seconds: float
    lease_seconds: float
    workers: int
    daily_cap: int
    clock_settle_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    offsets: tuple[str, ...]
    send_time: str
    hours: tuple[str, ...]
    receipts: tuple[str, ...]

    @property
    def offset_days(self) -> tuple[int, ...]:
        """The offsets in days from the send-by day, the earliest first."""
        return tuple(sorted(offset_days(each) for each in self.offsets))

    @property
    def send_at(self) -> time:
        return time.fromisoformat(self.send_time)

    @property
    def window(self) -> tuple[time, time]:
        """From the first, up to but without the second; on the person's own clock."""
        first, last = self.hours
        return time.fromisoformat(first), time.fromisoformat(last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Twilio:
    account_sid: str
    auth_token: str = field(repr=False)
    from_number: str
    messaging_service_sid: str
    api_base_url: str
    timeout_seconds: float
    status_callbacks: bool
    inbound: str
    inbound_seconds: float
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    segments_per_day: int
    segments_per_person: int
    segments_per_number: int
    twilio: Twilio


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    host: str
    port: int
    security: str
    ca_file: str
    username: str
    password: str = field(repr=False)
    from_address: str
    from_name: str
    timeout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    timeout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Caldav:
    poll_seconds: float
    timeout_seconds: float
    allow_plain: bool
    ca_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    ping_url: str = field(repr=False)
    ping_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    home: Path
    database: Database
    daemon: Daemon
    web: Web
    feed: Feed
    delivery: Delivery
    reminders: Reminders
    console: Console
    sms: Sms
    mail: Mail
    push: Push
    caldav: Caldav
    watch: Watch
    log: Log

    @property
    def hooks_url(self) -> str:
        """What the addresses that Twilio posts to begin with; no slash at its end."""
        return (self.sms.twilio.public_url or self.web.public_url).rstrip("/")


def get(settings: Settings, name: str) -> Value:
    """The value of a dotted key."""
    value: object = settings
    for part in name.split("."):
        value = getattr(value, part)
    assert isinstance(value, str | int | float | bool | tuple)
    return value


def shown(settings: Settings) -> dict[str, Value]:
    """Every key with its value for `tracker config show`, secrets as stars."""
    result: dict[str, Value] = {}
    for key in KEYS:
        value = get(settings, key.name)
        if key.secret:
            value = "********" if value else ""
        elif key.name == "database.url":
            value = masked(str(value))
        result[key.name] = value
    return result
