"""Push messages to phones and chats, through the optional package apprise.

The address is an Apprise URL and a secret as a whole. Whoever it names cannot be
asked afterwards, so what each request came to is watched by the program that sends
(`tracker.channels.courier`), and only what was certainly refused counts as that.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracker.channels.message import Accepted, ChannelError, Failure, Outgoing, clean
from tracker.clock import Clock
from tracker.errors import InputError
from tracker.language import N_

MISSING = N_('Push messages need one more package: pip install "tracker[push]"')
NOT_SURE = N_("The push service gave no clear answer; the message may have been sent.")
NOT_BEGUN = N_("The push message could not be sent in time; nothing was sent.")
NO_CONNECTION = N_("The push service cannot be reached; nothing was sent.")
NO_TRUST = N_("What answers for the push service has no valid certificate; nothing was sent.")
BAD_TARGET = N_("The push address cannot be used.")
MOVED = N_("The push service has moved to another address (code {code}).")
BUSY = N_("The push service takes no more messages for the moment (code {code}).")
REFUSED = N_("The push service refused the message or the address (code {code}).")
ONLY_HERE = N_("TRACKER_CLOCK is set, so nothing is sent to a real push service.")

LONGEST_TARGET = 2000
_CHECK_SECONDS = 60.0
_LONGEST_WAIT = 86_400.0

# Where the host of the address is a server's name; for the others it is a secret.
_SERVERS = frozenset(
    "apprise apprises bark barks form forms gotify gotifys hassio hassios json jsons mmost mmosts"
    " nctalk nctalks ntfy ntfys pushdeer pushdeers rocket rockets signal signals synology"
    " synologys xml xmls".split()
)
_SERVICES = frozenset(
    "dingtalk discord feishu gchat lark line pbul pover prowl pushme pushplus schan slack spush"
    " tgram webex wecombot workflows wxpusher zulip".split()
)
SCHEMES = _SERVERS | _SERVICES
"""Plain HTTP requests over the network. Apprise knows many more, among them some that
write into this machine's log or desktop, send mail or cost money by the message."""

# Without anything behind it, the host is a topic or key on the service's own server.
_NAMELESS = frozenset("ntfy ntfys bark barks pushdeer pushdeers".split())

# Services that answer 200 and say the rest in a code of their own, 0 for a success,
# of which apprise takes no notice; for each the code that means "too often"
# (api freq out of limit; send too fast; frequency limited).
_CODES: dict[str, frozenset[int]] = {
    "wecombot": frozenset({45009}),
    "dingtalk": frozenset({130101}),
    "feishu": frozenset({11232}),
    "lark": frozenset({11232}),
    "schan": frozenset(),
}


def check_target(url: str) -> str:
    """The address that a person typed, as it is kept.

    Raises InputError, which never repeats it, for one that apprise does not know,
    that leads elsewhere than over the network to one recipient, or that gives up
    checking certificates; and where apprise is not installed.
    """
    url = url.strip()
    scheme = _scheme(url)
    odd = len(url) > LONGEST_TARGET or not url.isprintable() or any(c.isspace() for c in url)
    if not scheme or odd:
        raise InputError(
            "This is not an address for push messages.",
            field="address",
            hint="For example ntfys://ntfy.example/topic, as Apprise writes them.",
        )
    if scheme not in SCHEMES:
        raise InputError(
            "Push messages do not go to addresses that begin with {scheme}://.",
            field="address",
            hint="They may begin with: {schemes}",
            scheme=scheme[:30],
            schemes=", ".join(sorted(SCHEMES)),
        )
    if find_spec("apprise") is None:
        raise _missing()
    wrong = _run(url, _CHECK_SECONDS).wrong
    if wrong == "missing":
        raise _missing()
    if wrong == "verify":
        raise InputError(
            "The address asks not to check certificates (verify=no).",
            field="address",
            hint="Leave that out; a home's own authority can be added to the system's.",
        )
    if wrong == "several":
        raise InputError(
            "The address names more than one recipient, or none.",
            field="address",
            hint="Give each an address of its own.",
        )
    if wrong == "template":
        raise InputError("The address names a file of this machine (template=).", field="address")
    if wrong:
        raise InputError(
            "Apprise cannot read this address for {scheme}; something is missing or too much.",
            field="address",
            scheme=scheme,
        )
    return url


def label(url: str) -> str:
    """The address without its secrets: `ntfy://ntfy.example`, or just `tgram`."""
    scheme = _scheme(url)
    if scheme not in _SERVERS:
        return scheme or "push"
    try:
        parts = urlsplit(url)
        host, behind = parts.hostname or "", parts.path.strip("/")
    except ValueError:
        return scheme
    if not host or not host.isprintable() or (scheme in _NAMELESS and not behind):
        return scheme
    return f"{scheme}://{host}"


class Push:
    """Safe to use from several threads. `timeout_seconds` bounds a message as a whole."""

    name = "push"
    can_ask = False
    can_follow = False

    def __init__(self, *, clock: Clock, timeout_seconds: float = 30.0) -> None:
        self._clock = clock
        self._timeout = timeout_seconds

    def send(self, message: Outgoing) -> Accepted:
        if find_spec("apprise") is None:
            raise ChannelError(Failure.permanent, MISSING)
        scheme = _scheme(message.address)
        if scheme not in SCHEMES:
            raise ChannelError(Failure.permanent, BAD_TARGET)
        trip = _run(message.address, self._timeout, message, only_here=self._clock.simulated)
        refused = trip.failure(scheme)
        if refused is not None:
            raise refused
        return Accepted(provider_id=message.key or message.ref, status=str(trip.status))

    def find(self, message: Outgoing, since: datetime.datetime) -> Accepted | None:
        """A push service has no list to ask."""
        raise ChannelError(Failure.transient, NOT_SURE)


@dataclass(frozen=True, slots=True)
class _Trip:
    """What the courier said: the requests that it made, and how it ended.

    Each of `requests` is what was said after it, empty where nothing was. `done`
    is None where the courier did not come back.
    """

    requests: tuple[dict[str, Any], ...]
    wrong: str
    done: bool | None

    @property
    def status(self) -> int | None:
        return self.requests[-1].get("status") if self.requests else None

    def failure(self, scheme: str) -> ChannelError | None:
        """What it means that it went so; None if the message was taken."""
        if self.wrong or not self.requests:
            if self.wrong == "missing":
                return ChannelError(Failure.permanent, MISSING)
            if self.wrong or self.done is not None:
                return ChannelError(Failure.permanent, BAD_TARGET)
            return ChannelError(Failure.transient, NOT_BEGUN)
        refusals = [_refusal(each, scheme) for each in self.requests]
        if self.done and None in refusals:
            return None
        # Taken in part, or perhaps: only when each request was refused for certain,
        # nothing was.
        for each in refusals:
            if each is None or each.kind is Failure.unknown:
                return ChannelError(Failure.unknown, NOT_SURE, code=each.code if each else None)
        return refusals[-1]


def _refusal(request: dict[str, Any], scheme: str) -> ChannelError | None:
    """What one request came to; None if it was taken.

    A refused token is no reason to hold everything, as it would be of an account:
    it belongs to this address alone.
    """
    match request.get("failed"):
        case "connection":
            return ChannelError(Failure.transient, NO_CONNECTION)
        case "trust":
            return ChannelError(Failure.transient, NO_TRUST)
        case "address":
            return ChannelError(Failure.permanent, BAD_TARGET)
        case "elsewhere":
            return ChannelError(Failure.permanent, ONLY_HERE)
    status, code = request.get("status"), request.get("code")
    if status is None or status >= 500 or status in {408, 425} or status < 200:
        return ChannelError(Failure.unknown, NOT_SURE, code=str(status) if status else None)
    if status == 429:
        later = request.get("later")
        wait = None if later is None else min(float(later), _LONGEST_WAIT)
        return ChannelError(Failure.transient, BUSY, code="429", retry_after=wait)
    if status >= 300:
        return ChannelError(Failure.permanent, MOVED if status < 400 else REFUSED, code=str(status))
    if scheme in _CODES and code:
        if code in _CODES[scheme]:
            return ChannelError(Failure.transient, BUSY, code=str(code))
        return ChannelError(Failure.permanent, REFUSED, code=str(code))
    return None


def _run(
    url: str, seconds: float, message: Outgoing | None = None, *, only_here: bool = False
) -> _Trip:
    """Send the courier with the message, or only to look at the address."""
    job = {
        "url": url,
        "send": message is not None,
        "title": clean(message.subject) if message else "",
        "body": message.body if message else "",
        "seconds": seconds,
        "only_here": only_here,
    }
    keep = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
    courier = subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("courier.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={name: os.environ[name] for name in keep if name in os.environ},
    )
    with courier:
        try:
            said, _ = courier.communicate(json.dumps(job).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            courier.kill()
            said, _ = courier.communicate()
    return _read(said)


def _read(said: bytes) -> _Trip:
    requests: list[dict[str, Any]] = []
    wrong, done = "", None
    for line in said.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue  # cut short
        if "asked" in told:
            requests.append({})
        elif "done" in told or "wrong" in told:
            wrong, done = told.get("wrong", ""), told.get("done")
        elif requests:
            requests[-1] = told
    return _Trip(tuple(requests), wrong, done)


def _scheme(url: str) -> str:
    scheme, colon, _ = url.strip().partition("://")
    plain = scheme.isascii() and scheme.isalnum()
    return scheme.lower() if colon and plain else ""


def _missing() -> InputError:
    return InputError(
        "Push messages need one more package.",
        field="address",
        hint='Install it: pip install "tracker[push]"',
    )
