"""A Twilio on loopback: the three message calls, a durable store, and faults to order.

In a test: `with FakeTwilio() as twilio: Sms(api_base_url=twilio.url, …)`. As a
process of its own, so that it outlives what is being killed:

    python -m tests.peers.twilio --port 0 --store accepted.jsonl --faults '{"drop": 0.1}'

which prints its URL as the first line and ends on SIGTERM, or after --seconds.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import random
import re
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tracker import clock

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "a-token-for-tests"
SENDER = "+15550100000"

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
_PATH = re.compile(r"/2010-04-01/Accounts/([^/]+)/Messages(?:/([^/]+))?\.json")
_STATUS_OF = {20003: 401, 20404: 404, 20429: 429, 20500: 500}
_BIGGEST_BODY = 100_000
_PAGE = b"<html>Welcome to the hotel</html>"


class Fault(StrEnum):
    """What goes wrong with one create call."""

    none = "none"
    drop = "drop"
    """Accepted, then the connection is closed without an answer."""
    late = "late"
    """No answer, and accepted only `late_seconds` afterwards."""
    error_before = "error_before"
    """500, not accepted."""
    error_after = "error_after"
    """500, accepted all the same."""
    limited = "limited"
    """429 with Retry-After, not accepted."""
    unauthorised = "unauthorised"
    """401, not accepted."""
    slow = "slow"
    """Accepted and answered, but `delay_seconds` later."""
    garbage = "garbage"
    """Accepted, answered with something that is no JSON."""
    unavailable = "unavailable"
    """503 with Retry-After, not accepted."""
    html = "html"
    """Accepted, answered by the page of a gateway: 502."""
    moved = "moved"
    """Accepted, answered with a redirect to `location`."""
    huge = "huge"
    """Accepted, answered with 5 MB."""
    trickle = "trickle"
    """Accepted, answered a byte at a time."""
    odd = "odd"
    """Accepted, answered with JSON of another shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The probability of each fault per create call, and what the faults are like.

    `refuse` maps a number to the error code that every text to it gets, `fates` one
    to the statuses and error codes that its texts have, one after the other, each
    time that they are asked for. `list_stale` shows texts as they were accepted,
    `list_whole` those to and from any number.
    """

    drop: float = 0.0
    late: float = 0.0
    error_before: float = 0.0
    error_after: float = 0.0
    limited: float = 0.0
    unauthorised: float = 0.0
    slow: float = 0.0
    garbage: float = 0.0
    unavailable: float = 0.0
    html: float = 0.0
    moved: float = 0.0
    huge: float = 0.0
    trickle: float = 0.0
    odd: float = 0.0
    location: str = "/elsewhere"
    retry_after: str = "2"
    late_seconds: float = 0.5
    delay_seconds: float = 1.0
    list_lag_seconds: float = 0.0
    list_fails: bool = False
    list_garbage: bool = False
    list_huge: bool = False
    list_repeats: bool = False
    list_stale: bool = False
    list_whole: bool = False
    compressed: bool = False
    suspended: bool = False
    refuse: dict[str, int] = field(default_factory=dict)
    fates: dict[str, Sequence[Sequence[Any]]] = field(default_factory=dict)

    def drawn(self, random: random.Random) -> Fault:
        at = random.random()
        for fault in Fault:
            at -= getattr(self, fault, 0.0)
            if at < 0:
                return fault
        return Fault.none


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    sid: str
    to: str
    sender: str
    body: str
    direction: str
    status: str
    at: str
    """ISO 8601, when it was accepted."""
    error_code: int | None = None
    validity_period: int | None = None
    status_callback: str | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    payload: dict[str, object] | bytes
    headers: tuple[tuple[str, str], ...] = ()
    pause: float = 0.0
    """Seconds between its bytes."""


class FakeTwilio:
    """Start it with `start` or as a context. Everything public may be called from any thread."""

    def __init__(
        self,
        *,
        port: int = 0,
        store: Path | None = None,
        faults: Faults | None = None,
        script: Iterable[Fault] = (),
        seed: int = 0,
        limit: int = 200_000,
        fsync: bool = True,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.faults = faults or Faults()
        self.account_sid = account_sid
        self.requests = 0
        """Requests of any kind, refused ones too."""
        self.creates = 0
        """Those of them that would have a text sent."""
        self._script = deque(script)
        self._random = random.Random(seed)
        self._limit = limit
        self._fsync = fsync
        self.now = now or clock.from_environment().now
        self._secret = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._late: dict[threading.Timer, Callable[[], None]] = {}
        self._messages: list[Message] = []
        self._ahead: dict[str, deque[tuple[str, int | None]]] = {}
        self._file: int | None = None
        if store is not None:
            self._messages = read(store)
            self._file = os.open(store, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            os.ftruncate(self._file, store.read_bytes().rfind(b"\n") + 1)  # a line cut short
        self._server = _Server(("127.0.0.1", port), _Handler, self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="fake twilio", daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> FakeTwilio:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every connection. What was to be accepted late is accepted now."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join(5)
        self.settle()
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def __enter__(self) -> FakeTwilio:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def script(self, *faults: Fault) -> None:
        """The faults of the next create calls, before any is drawn again."""
        with self._lock:
            self._script.extend(faults)

    def settle(self) -> None:
        """Accept at once what is still to be accepted late."""
        with self._lock:
            waiting = list(self._late.items())
            self._late.clear()
        for timer, accept in waiting:
            timer.cancel()
            accept()

    def accepted(self) -> list[Message]:
        """The texts that were accepted, oldest first, over all starts on one store."""
        with self._lock:
            return [each for each in self._messages if each.direction != "inbound"]

    def receive(self, sender: str, body: str, *, to: str = SENDER) -> Message:
        """A text from a phone."""
        return self._add(to=to, sender=sender, body=body, direction="inbound", status="received")

    def set_status(self, sid: str, status: str, error_code: int | None = None) -> None:
        """What became of a text. In memory only: the store says what was accepted."""
        with self._lock:
            for place, each in enumerate(self._messages):
                if each.sid == sid:
                    self._messages[place] = replace(each, status=status, error_code=error_code)
                    return
        raise KeyError(sid)

    def play(self, sid: str, *steps: tuple[str, int | None]) -> None:
        """What a text's status and error code are, one after the other, as it is asked for."""
        with self._lock:
            self._ahead[sid] = deque(steps)

    # What the handler asks for.

    def answer(self, method: str, target: str, authorization: str, body: bytes) -> _Answer | None:
        """The answer to one request; None means: hang up."""
        with self._lock:
            self.requests += 1
        url = urlsplit(target)
        found = _PATH.fullmatch(url.path)
        if authorization != f"Basic {self._secret}":
            return _error(401, 20003, "Authenticate")
        if found is None or found[1] != self.account_sid:
            return _error(404, 20404, f"The requested resource {url.path} was not found")
        if self.faults.suspended:
            return _error(403, 20005, "Account not active")
        if method == "POST" and found[2] is None:
            with self._lock:
                self.creates += 1
            return self._create(_single(body.decode()))
        if method == "GET":
            return self._list(_single(url.query)) if found[2] is None else self._one(found[2])
        return _error(405, 20004, "Method not allowed")

    def pause(self, seconds: float) -> bool:
        """Wait, unless the end comes before; whether to go on."""
        return not self._stopping.wait(seconds)

    def _create(self, given: dict[str, str]) -> _Answer | None:
        sender = given.get("From") or given.get("MessagingServiceSid", "")
        to, body = given.get("To", ""), given.get("Body", "")
        refusal = _refusal(given) or self.faults.refuse.get(to)
        if refusal:
            return _error(_STATUS_OF.get(refusal, 400), refusal, f"Refused for {to}")
        period = given.get("ValidityPeriod")

        def accept() -> Message:
            return self._add(
                to=to,
                sender=sender,
                body=body,
                direction="outbound-api",
                status="queued" if given.get("From") else "accepted",
                validity_period=int(period) if period else None,
                status_callback=given.get("StatusCallback"),
            )

        with self._lock:
            if len(self._messages) >= self._limit:
                raise RuntimeError(f"the fake Twilio holds its limit of {self._limit} messages")
            fault = self._script.popleft() if self._script else self.faults.drawn(self._random)
        match fault:
            case Fault.limited:
                return _error(429, 20429, "Too Many Requests", self._wait)
            case Fault.unavailable:
                return _error(503, 20503, "Service unavailable", self._wait)
            case Fault.unauthorised:
                return _error(401, 20003, "Authenticate")
            case Fault.error_before:
                return _error(500, 20500, "Internal Server Error")
            case Fault.late:
                self._accept_later(accept)
                return None
        message = accept()
        match fault:
            case Fault.drop:
                return None
            case Fault.error_after:
                return _error(500, 20500, "Internal Server Error")
            case Fault.garbage:
                return _Answer(201, _PAGE)
            case Fault.html:
                return _Answer(502, _PAGE)
            case Fault.moved:
                return _Answer(302, b"", (("Location", self.faults.location),))
            case Fault.huge:
                return _Answer(201, {**self._resource(message), "more": "x" * 5_000_000})
            case Fault.trickle:
                return _Answer(201, self._resource(message), pause=0.05)
            case Fault.odd:
                return _Answer(201, {"sid": [message.sid], "status": 7, "date_created": {}})
            case Fault.slow:
                self.pause(self.faults.delay_seconds)
        return _Answer(201, self._resource(message))

    def _accept_later(self, accept: Callable[[], Message]) -> None:
        def run() -> None:
            with self._lock:
                due = self._late.pop(timer, None)
            if due is not None:
                due()

        timer = threading.Timer(self.faults.late_seconds, run)
        timer.daemon = True
        with self._lock:
            self._late[timer] = lambda: (accept(), None)[1]
        timer.start()

    def _add(
        self,
        *,
        to: str,
        sender: str,
        body: str,
        direction: str,
        status: str,
        validity_period: int | None = None,
        status_callback: str | None = None,
    ) -> Message:
        with self._lock:
            message = Message(
                sid=f"SM{len(self._messages) + 1:032x}",
                to=to,
                sender=sender,
                body=body,
                direction=direction,
                status=status,
                at=self.now().isoformat(),
                validity_period=validity_period,
                status_callback=status_callback,
            )
            if self._file is not None:
                line = json.dumps(asdict(message), ensure_ascii=False) + "\n"
                os.write(self._file, line.encode())
                if self._fsync:
                    os.fsync(self._file)
            self._messages.append(message)
            return message

    def _list(self, given: dict[str, str]) -> _Answer:
        if self.faults.list_fails:
            return _error(503, 20503, "Service unavailable", self._wait)
        if self.faults.list_garbage:
            return _Answer(200, _PAGE)
        if self.faults.list_huge:
            return _Answer(200, {"messages": [], "more": "x" * 5_000_000})
        horizon = self.now() - timedelta(seconds=self.faults.list_lag_seconds)
        size = min(int(given.get("PageSize", "50")), 1000)
        if self.faults.list_whole:
            given = {name: value for name, value in given.items() if name.startswith("Page")}
        with self._lock:
            # A page begins below a place in the list, so that what arrives
            # between two pages neither repeats nor hides a message.
            end = int(given.get("PageToken", "").removeprefix("PA") or len(self._messages))
            page: list[dict[str, object]] = []
            while end > 0 and len(page) < size:
                end -= 1
                each = self._messages[end]
                if (
                    given.get("To") in {None, each.to}
                    and given.get("From") in {None, each.sender}
                    and not any(name.startswith("DateSent") for name in given)
                    and datetime.fromisoformat(each.at) <= horizon
                ):
                    if self.faults.list_stale and each.direction != "inbound":
                        each = replace(each, status="queued", error_code=None)
                    page += [self._resource(each)] * (1 + self.faults.list_repeats)
        path = f"/2010-04-01/Accounts/{self.account_sid}/Messages.json"
        following = None
        if end > 0:
            query = {**given, "PageToken": f"PA{end}"}
            following = f"{path}?{urlencode(query)}"
        return _Answer(200, {"messages": page, "next_page_uri": following, "page_size": size})

    def _one(self, sid: str) -> _Answer:
        if self.faults.list_fails:
            return _error(503, 20503, "Service unavailable", self._wait)
        if self.faults.list_garbage:
            return _Answer(200, _PAGE)
        with self._lock:
            found = next((each for each in self._messages if each.sid == sid), None)
            if found is None:
                return _error(404, 20404, f"No message {sid}")
            steps = deque((status, code) for status, code in self.faults.fates.get(found.to, ()))
            ahead = self._ahead.setdefault(sid, steps)
            if ahead:
                status, code = ahead.popleft()
                self.set_status(sid, status, code)
                found = replace(found, status=status, error_code=code)
        return _Answer(200, self._resource(found))

    @property
    def _wait(self) -> tuple[tuple[str, str], ...]:
        return (("Retry-After", self.faults.retry_after),)

    def _resource(self, message: Message) -> dict[str, object]:
        at = format_datetime(datetime.fromisoformat(message.at))
        service = message.sender if message.sender.startswith("MG") else None
        return {
            "sid": message.sid,
            "account_sid": self.account_sid,
            "to": message.to,
            "from": None if service else message.sender,
            "messaging_service_sid": service,
            "body": message.body,
            "status": message.status,
            "direction": message.direction,
            "date_created": at,
            "date_updated": at,
            # Empty until a carrier has it, which is why nobody should filter by it.
            "date_sent": at if message.status in {"sent", "delivered", "received"} else None,
            "error_code": message.error_code,
            "error_message": None,
            "num_segments": "1",
            "num_media": "0",
            "price": None,
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{message.sid}.json",
        }


def read(store: Path) -> list[Message]:
    """The messages of a store, oldest first; a last line cut short was never accepted."""
    if not store.exists():
        return []
    *whole, _ = store.read_text(errors="replace").split("\n")
    return [Message(**json.loads(line)) for line in whole]


def _single(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text).items()}


def _refusal(given: dict[str, str]) -> int | None:
    """The code of what is wrong with the fields of a create call."""
    sender = given.get("From")
    period = given.get("ValidityPeriod", "1")
    checks = (
        (21604, "To" in given),
        (21603, bool(sender) or given.get("MessagingServiceSid", "").startswith("MG")),
        (21602, bool(given.get("Body", "").strip())),
        (21211, _E164.fullmatch(given.get("To", "")) is not None),
        (21212, sender is None or bool(_E164.fullmatch(sender) or _NAME.fullmatch(sender))),
        (21612, sender is None or sender[0] == "+" or not given.get("To", "").startswith("+1")),
        (21617, len(given.get("Body", "")) <= 1600),
        (21672, period.isdecimal() and 1 <= int(period) <= 36_000),
    )
    return next((code for code, good in checks if not good), None)


def _error(
    status: int, code: int, message: str, headers: tuple[tuple[str, str], ...] = ()
) -> _Answer:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return _Answer(
        status, {"code": code, "message": message, "more_info": more, "status": status}, headers
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: Any, twilio: FakeTwilio) -> None:
        self.twilio = twilio
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        with self._open_lock:
            still = list(self._open)
        for each in still:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # closed meanwhile

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that are killed leave broken connections; only our own faults are news."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    # One write per answer, and at once: otherwise each call waits 40 ms for an ACK.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > _BIGGEST_BODY:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        authorization = self.headers.get("Authorization", "")
        answer = self.server.twilio.answer(self.command, self.path, authorization, body)
        if answer is None:
            self.close_connection = True
            return
        payload = answer.payload
        content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        compressed = self.server.twilio.faults.compressed
        content = gzip.compress(content) if compressed else content
        self.send_response(answer.status)
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not answer.pause:
            self.wfile.write(content)
            return
        for each in content:
            self.wfile.write(bytes([each]))
            self.wfile.flush()
            if not self.server.twilio.pause(answer.pause):
                return

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Twilio's own clock, which is the simulated one where there is one."""
        return super().date_time_string(timestamp or self.server.twilio.now().timestamp())

    def log_message(self, *_: object) -> None:
        """Quiet: the store is the record."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faults", type=json.loads, default={}, metavar="JSON")
    parser.add_argument("--seconds", type=float, default=3600.0, help="then it ends by itself")
    parser.add_argument("--no-fsync", action="store_true")
    given = parser.parse_args()
    unknown = given.faults.keys() - {each.name for each in fields(Faults)}
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    peer = FakeTwilio(
        port=given.port,
        store=given.store,
        faults=Faults(**given.faults),
        seed=given.seed,
        fsync=not given.no_fsync,
    )
    with peer:
        print(peer.url, flush=True)
        ended.wait(given.seconds)


if __name__ == "__main__":
    main()
