"""Radicale, a real calendar server, in a process of its own on loopback; a phone; a bad line.

    with Radicale(folder) as server:
        account = Account(url=server.calendar("dates"), username=USER, password=PASSWORD)

It can be stopped and started again on the same folder and port. `Phone` is another
client of the same calendar, which shares no code with ours, and `Line` stands
between a client and the server and loses or changes answers to order.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

USER = "li"
PASSWORD = "a-password-for-tests"
_READY_SECONDS = 20.0
_MAKE = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>Dates</D:displayname>
<C:supported-calendar-component-set>{kinds}</C:supported-calendar-component-set>
</D:prop></D:set></C:mkcalendar>"""


class Radicale:
    """One server for one user. `start` waits until it answers, and not for ever."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Radicale:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        users = self._folder / "users"
        users.write_text(f"{USER}:{PASSWORD}\n")
        log = self._folder / "log"
        settings = {
            "server-hosts": f"127.0.0.1:{self.port}",
            "auth-type": "htpasswd",
            "auth-htpasswd-filename": str(users),
            "auth-htpasswd-encryption": "plain",
            "auth-delay": "0",
            "server-delay-on-error": "0",
            "storage-filesystem-folder": str(self._folder / "collections"),
            "logging-level": "warning",
            "web-type": "none",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        # `--config ""`: not the machine's own configuration.
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "radicale", "--config", "", *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        end = time.monotonic() + _READY_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise AssertionError(f"Radicale did not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """By its own id; what it stored stays for the next start."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    def calendar(self, name: str, *kinds: str) -> str:
        """A new calendar, for events and to-dos if nothing else is said; its address."""
        given = "".join(f'<C:comp name="{kind}"/>' for kind in kinds or ("VEVENT", "VTODO"))
        url = f"{self.url}/{USER}/{name}/"
        status, _, body = ask(url, "MKCALENDAR", _MAKE.format(kinds=given).encode())
        assert status == 201, body
        return url

    def _answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask(f"{self.url}/{USER}/", "OPTIONS")[0] == 200
        return False


@dataclass
class Phone:
    """Another client of the calendar at `url`, which writes over whatever is there."""

    url: str

    def read(self, uid: str) -> str:
        status, _, body = ask(f"{self.url}{uid}.ics", "GET")
        assert status == 200, status
        return re.sub(r"\r\n[ \t]", "", body.decode())

    def write(self, uid: str, text: str) -> None:
        headers = {"Content-Type": "text/calendar"}
        status, _, body = ask(f"{self.url}{uid}.ics", "PUT", text.encode(), headers)
        assert status in {201, 204}, body

    def change(self, uid: str, *changes: tuple[str, str]) -> None:
        text = self.read(uid)
        for old, new in changes:
            assert old in text, (old, text)
            text = text.replace(old, new, 1)
        self.write(uid, text)

    def tick(self, uid: str) -> None:
        done = "STATUS:COMPLETED\r\nCOMPLETED:20261203T101500Z\r\nX-APPLE-SORT-ORDER:7"
        self.change(
            uid,
            ("STATUS:NEEDS-ACTION", done),
            ("PERCENT-COMPLETE:0", "PERCENT-COMPLETE:100"),
            ("SEQUENCE:", "SEQUENCE:1"),
        )

    def remove(self, uid: str) -> None:
        assert ask(f"{self.url}{uid}.ics", "DELETE")[0] == 200


Answer = tuple[int, dict[str, str], bytes]
Change = Callable[[str, Answer], Answer | None]
Instead = Callable[[str, dict[str, str]], Answer | None]


@dataclass
class Line:
    """A line to the server, which passes requests on and can spoil the answers.

    `instead` gets each method with its headers and may answer before the server is
    asked. `change` gets the method and each answer; what it returns is passed back,
    and None closes the connection without an answer. `asked` holds every method.
    """

    server: Radicale
    instead: Instead = field(default=lambda _, headers: None)
    change: Change = field(default=lambda _, answer: answer)
    asked: list[str] = field(default_factory=list)

    def __enter__(self) -> Line:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join(5)
        self._http.server_close()

    def through(self, url: str) -> str:
        """The same address of the server, by this line."""
        return f"http://127.0.0.1:{self._http.server_address[1]}{urlsplit(url).path}"

    def lose(self, method: str, *, times: int = 1) -> None:
        """Let the next requests of this kind be done, and lose their answers."""
        left = [times]

        def lost(asked: str, answer: Answer) -> Answer | None:
            if asked != method or not left[0]:
                return answer
            left[0] -= 1
            return None

        self.change = lost


def ask(
    url: str,
    method: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    sign_in: str | None = None,
) -> Answer:
    """One request as the test's user; header names in small letters."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
    pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    try:
        own = {"Authorization": sign_in or f"Basic {pair}"}
        connection.request(method, where.path, body or None, {**(headers or {}), **own})
        got = connection.getresponse()
        return got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
    finally:
        connection.close()


def _handler(line: Line) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept = ("If-Match", "If-None-Match", "Depth", "Content-Type")
            headers = {name: self.headers[name] for name in kept if name in self.headers}
            line.asked.append(self.command)
            url = f"{line.server.url}{self.path}"
            sign_in = self.headers.get("Authorization", "none")
            answer = line.instead(self.command, headers) or ask(
                url, self.command, body, headers, sign_in=sign_in
            )
            changed = line.change(self.command, answer)
            if changed is None:
                return
            status, told, content = changed
            self.send_response_only(status)
            for name in ("etag", "content-type", "retry-after", "location", "www-authenticate"):
                if name in told:
                    self.send_header(name, told[name])
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):  # whoever asked may have gone
                self.wfile.write(content)

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.pass_on
            raise AttributeError(name)

    return Handler


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
