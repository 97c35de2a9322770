"""The one table of keys: it feeds the loader, the example file and `config show`."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass

from tracker.config import addresses
from tracker.config.kinds import Kind, Value, checked, seconds, several, switch, text, whole
from tracker.errors import InputError

TIME = r"([01]\d|2[0-3]):[0-5]\d"
OFFSETS = range(-60, 1)
"""Days from the send-by day on which a reminder may stand."""


@dataclass(frozen=True, slots=True)
class Key:
    """`name` is dotted, `comment` what the example file says about it.

    `secret`: it never stands in the file itself nor in an argument. `by_file`:
    it may also come from `<name>_file` or a credential of systemd.
    """

    name: str
    kind: Kind
    default: Value
    comment: str
    secret: bool = False
    by_file: bool = False

    @property
    def variable(self) -> str:
        return "TRACKER_" + self.name.upper().replace(".", "_")


def offset_days(offset: str) -> int:
    """`-3d` as -3. Raises ValueError for anything else."""
    if not re.fullmatch(r"[+-]?\d{1,3}d", offset, re.ASCII):
        raise ValueError(offset)
    return int(offset[:-1])


def _offsets(items: tuple[str, ...]) -> bool:
    days = [offset_days(each) for each in items]
    return bool(days) and len(set(days)) == len(days) and all(each in OFFSETS for each in days)


def _hours(items: tuple[str, ...]) -> bool:
    times = len(items) == 2 and all(re.fullmatch(TIME, each, re.ASCII) for each in items)
    return times and items[0] < items[1]


def _ways(items: tuple[str, ...]) -> bool:
    return set(items) <= {"mail", "push", "sms", "console"}


def _hosts(items: tuple[str, ...]) -> bool:
    pattern = r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\]"
    return all(re.fullmatch(pattern, each, re.ASCII) for each in items)


_ANY = text(InputError("text on one line"))
_BIND = InputError("an address and a port such as 127.0.0.1:8765")
_URL = checked(InputError("an address that begins with http:// or https://"), addresses.is_url)

KEYS: tuple[Key, ...] = (
    Key(
        "database.url",
        checked(
            InputError("sqlite:////a/path.db or postgresql+psycopg://user@server/name"),
            addresses.is_database,
        ),
        "",
        "Where everything is kept. Empty: tracker.db in the home. For PostgreSQL "
        "postgresql+psycopg://user@server/name; an address with a password goes into a file "
        "that only its owner can read, named by url_file.",
        by_file=True,
    ),
    Key("database.backup_keep", whole(1, 1000), 10, "How many backups are kept."),
    Key(
        "daemon.socket",
        _ANY,
        "",
        "The socket on which the daemon answers the command line. Empty: tracker.sock in the home.",
    ),
    Key("daemon.tick_seconds", seconds(0.01, 3600), 15.0, "How often the daemon looks for work."),
    Key(
        "daemon.tick_limit_seconds",
        seconds(0.01, 3600),
        10.0,
        "After this long a look ends; what is left waits for the next.",
    ),
    Key(
        "daemon.stall_seconds",
        seconds(0.1, 86_400),
        300.0,
        "When nothing has moved for this long the daemon ends itself, to be started again. "
        "Longer than any provider's timeout.",
    ),
    Key(
        "web.enabled", switch(), True, "Whether the daemon serves pages, feeds and shared reports."
    ),
    Key(
        "web.bind",
        checked(_BIND, addresses.split, empty_ok=False),
        "127.0.0.1:8765",
        "Where it listens. Outside this machine (0.0.0.0:8765) only with login.",
    ),
    Key("web.login", switch(), True, "Whether the pages ask who is there."),
    Key(
        "web.allowed_hosts",
        several(InputError("a list of host names without port"), _hosts),
        (),
        "Host names under which the pages may be asked for, besides this machine's own.",
    ),
    Key("web.public_url", _URL, "", "The address that links to pages begin with. Empty: web.bind."),
    Key(
        "web.metrics",
        switch(),
        False,
        "Whether /metrics also answers beside the pages, to this machine only; on the daemon's "
        "socket it always does.",
    ),
    Key(
        "feed.bind",
        checked(_BIND, addresses.split),
        "",
        "A place of their own for calendar feeds, for phones in the LAN. Empty: with the pages.",
    ),
    Key("feed.public_url", _URL, "", "The address that feeds begin with. Empty: feed.bind."),
    Key(
        "delivery.settle_seconds",
        seconds(0, 86_400),
        300.0,
        "When a provider's answer was lost: how long to wait before asking for its list.",
    ),
    Key(
        "delivery.recheck_seconds",
        seconds(0, 86_400),
        120.0,
        "How long after a first list without the message a second one is asked for.",
    ),
    Key(
        "delivery.lease_seconds",
        seconds(0.1, 86_400),
        900.0,
        "How long a worker may hold a message. Longer than any provider's timeout.",
    ),
    Key("delivery.workers", whole(1, 64), 1, "How many messages are on their way at once."),
    Key(
        "delivery.daily_cap",
        whole(1, 1_000_000),
        20,
        "Never more messages than this to one person in a day.",
    ),
    Key(
        "delivery.clock_settle_seconds",
        seconds(0, 86_400),
        300.0,
        "After the machine's clock jumped forward: how long it must run steadily before "
        "anything is sent by it.",
    ),
    Key(
        "reminders.offsets",
        several(
            InputError("a list such as -3d, -1d, 0d: each once, from -60d to 0d"),
            _offsets,
        ),
        ("-3d", "-1d", "0d"),
        "Days from the last day to send on which reminders go out, unless the person says so.",
    ),
    Key(
        "reminders.send_time",
        text(InputError("a time such as 09:00"), TIME),
        "09:00",
        "At what time.",
    ),
    Key(
        "reminders.hours",
        several(InputError("two times, the first before the second, such as 09:00, 20:00"), _hours),
        ("09:00", "20:00"),
        "Nothing is sent outside these hours of the person's day.",
    ),
    Key(
        "reminders.receipts",
        several(InputError("a list of mail, push, sms, console"), _ways),
        ("mail", "push"),
        "The ways over which a word goes out that a payment was recorded, where one of them is "
        "the first of the person's.",
    ),
    Key(
        "console.file",
        _ANY,
        "",
        "The file into which the console channel writes messages. Empty: the daemon's output.",
    ),
    Key(
        "sms.segments_per_day",
        whole(1, 10_000_000),
        500,
        "Never more parts of SMS than this in 24 hours, for everybody together: what Twilio bills.",
    ),
    Key("sms.segments_per_person", whole(1, 100_000), 30, "Nor more than this to one person."),
    Key("sms.segments_per_number", whole(1, 100_000), 30, "Nor more than this to one number."),
    Key(
        "sms.twilio.account_sid",
        text(InputError("AC and 32 hexadecimal digits"), r"(AC[0-9a-fA-F]{32})?"),
        "",
        "The account at Twilio. Empty: no SMS.",
    ),
    Key(
        "sms.twilio.auth_token",
        text(InputError("the token that Twilio shows"), r"[!-~]*"),
        "",
        "The path of a file that holds the account's token; only its owner may read it.",
        secret=True,
        by_file=True,
    ),
    Key(
        "sms.twilio.from_number",
        text(
            InputError("a number such as +15550100123, or a name of up to 11 letters and digits"),
            r"(\+[1-9]\d{6,14}|(?=.{1,11}$)(?=.*[A-Za-z])[A-Za-z0-9]+( [A-Za-z0-9]+)*)?",
        ),
        "",
        "The number that SMS come from, with + and country. Some countries take a name of up to "
        "11 letters and digits instead, which nobody can answer.",
    ),
    Key(
        "sms.twilio.messaging_service_sid",
        text(InputError("MG and 32 hexadecimal digits"), r"(MG[0-9a-fA-F]{32})?"),
        "",
        "Instead of a number: a messaging service.",
    ),
    Key(
        "sms.twilio.api_base_url",
        checked(
            InputError("an https:// address, or http:// on this machine"),
            addresses.is_guarded_url,
        ),
        "",
        "Another address that speaks Twilio's interface. Empty: Twilio's own.",
    ),
    Key(
        "sms.twilio.timeout_seconds",
        seconds(0.1, 600),
        30.0,
        "How long to wait for an answer; afterwards the message counts as unknown.",
    ),
    Key(
        "sms.twilio.status_callbacks",
        switch(),
        False,
        "Whether Twilio posts what became of each SMS to public_url. Otherwise it is asked.",
    ),
    Key(
        "sms.twilio.inbound",
        text(InputError("off, poll or webhook"), "off|poll|webhook"),
        "off",
        "How answers such as PAID and STOP come in: off, poll (Twilio's list is read), or "
        "webhook (Twilio posts them to public_url; set there by hand).",
    ),
    Key(
        "sms.twilio.inbound_seconds",
        seconds(1, 86_400),
        300.0,
        "How often the list is read with poll.",
    ),
    Key(
        "sms.twilio.public_url",
        checked(
            InputError("an https:// address, or http:// on this machine"),
            addresses.is_guarded_url,
        ),
        "",
        "The address under which Twilio reaches this web server. Empty: web.public_url.",
    ),
    Key(
        "mail.host",
        text(
            InputError("the name of a mail server, without a port"),
            r"([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*)",
        ),
        "",
        "The server that takes outgoing mail (SMTP). Empty: no e-mail.",
    ),
    Key("mail.port", whole(1, 65_535), 587, "Its port: 587 with starttls, 465 with tls."),
    Key(
        "mail.security",
        text(InputError("starttls, tls or none"), "starttls|tls|none"),
        "starttls",
        "How the connection is encrypted: starttls or tls; none to this machine only.",
    ),
    Key(
        "mail.ca_file",
        _ANY,
        "",
        "A file with the certificate of one's own mail server. Empty: the system's authorities.",
    ),
    Key(
        "mail.username",
        text(InputError("a user name without letters beyond ASCII"), "[ -~]*"),
        "",
        "The user at the mail server. Empty: it asks for none.",
    ),
    Key(
        "mail.password",
        text(InputError("a password without letters beyond ASCII"), "[ -~]*"),
        "",
        "The path of a file that holds the user's password; only its owner may read it.",
        secret=True,
        by_file=True,
    ),
    Key(
        "mail.from_address",
        checked(InputError("an address such as home@example.org"), addresses.is_mail),
        "",
        "The address that e-mails come from.",
    ),
    Key(
        "mail.from_name",
        _ANY,
        "",
        "The name beside it. It is seen on lock screens, so let it say nothing about money.",
    ),
    Key(
        "mail.timeout_seconds",
        seconds(0.1, 600),
        30.0,
        "How long one e-mail may take; cut off at its very end, it counts as unknown.",
    ),
    Key(
        "push.timeout_seconds",
        seconds(1, 600),
        30.0,
        "How long one push message may take; afterwards it counts as unknown.",
    ),
    Key(
        "caldav.poll_seconds",
        seconds(1, 86_400),
        900.0,
        "How often the calendars of `tracker mirror` are asked whether a to-do was ticked.",
    ),
    Key(
        "caldav.timeout_seconds",
        seconds(0.1, 600),
        30.0,
        "How long one request to a calendar or WebDAV server may take. It delays no message.",
    ),
    Key(
        "caldav.allow_plain",
        switch(),
        False,
        "Whether such a server may be spoken to without https, as some in the LAN. Everybody in "
        "between can then read the password and the calendar.",
    ),
    Key(
        "caldav.ca_file",
        _ANY,
        "",
        "A file with the certificate of one's own server. Empty: the system's authorities.",
    ),
    Key(
        "watch.ping_url",
        _URL,
        "",
        "The path of a file that holds an address to ask while all is well, so that somebody "
        "outside notices when it stops (Healthchecks and the like); only its owner may read it.",
        secret=True,
        by_file=True,
    ),
    Key("watch.ping_seconds", seconds(0.1, 86_400), 300.0, "How often it is asked."),
    Key(
        "log.level",
        text(InputError("debug, info, warning or error"), "debug|info|warning|error"),
        "info",
        "What the daemon writes to its log: debug, info, warning or error.",
    ),
)

BY_NAME = {key.name: key for key in KEYS}


def example() -> str:
    """The text of config.example.toml: every key with its default."""
    lines = [
        "# The tracker's configuration: copy it to config.toml in the home",
        "# ($TRACKER_HOME, or ~/.local/share/tracker). Every key may be left out; the",
        "# values here are the defaults. Any key can also be set in the environment:",
        "# web.bind by TRACKER_WEB_BIND, a list with commas between.",
    ]
    section = ""
    for key in KEYS:
        table, _, name = key.name.rpartition(".")
        if table != section:
            section = table
            lines += ["", f"[{section}]"]
        else:
            lines.append("")
        lines += textwrap.wrap(key.comment, 86, initial_indent="# ", subsequent_indent="# ")
        if not key.secret:
            lines.append(f"{name} = {_toml(key.default)}")
        if key.by_file:
            lines.append(f'{name}_file = ""')
    return "\n".join(lines) + "\n"


def _toml(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return json.dumps(value, ensure_ascii=False)
