"""A household with its pages on loopback, and a small client that behaves like a browser."""

from __future__ import annotations

import contextlib
import http.client
import re
import shutil
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import uvicorn

from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tracker import config
from tracker.actions.office import open_office

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PASSWORD = "four words in a row"
HEALTH = {
    "status": "ok",
    "version": "0",
    "clock": "simulated",
    "last_tick_at": "2026-11-24T08:59:50+00:00",
    "last_send_at": None,
}


def opened(home: Path, template: Path, **environ: str) -> Desk:
    """An office on a copy of an empty database; settings by their variables."""
    shutil.copyfile(template, home / "tracker.db")
    (home / "tracker.db").chmod(0o600)
    clock = MovableClock(NOW)
    return Desk(open_office(config.load(home, environ), clock), clock)


@contextlib.contextmanager
def running(app: Any, *, unix: Path | None = None) -> Iterator[str]:
    """The app under uvicorn in a thread; gives `host:port`, or the socket's path."""
    family = socket.AF_UNIX if unix else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.bind(str(unix) if unix else ("127.0.0.1", 0))
    listener.listen(128)  # now, so that a client may come before the server looks
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    place = str(unix) if unix else f"127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield place
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
        assert not thread.is_alive()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """What the page says, without its tags."""
        plain = re.sub(r"<[^>]+>", " ", self.text)
        return re.sub(r"\s+", " ", unescape(plain)).strip()

    def hidden(self, name: str, action: str | None = None) -> str:
        """A hidden field of the page's form that goes to `action`."""
        part = self.text
        if action is not None:
            part = part[part.index(f'action="{action}"') :]
        found = re.search(rf'name="{name}" value="([^"]*)"', part)
        assert found is not None, f"no field {name}"
        return unescape(found[1])


@dataclass(slots=True)
class Client:
    """Keeps cookies, sends what it is told, follows nothing."""

    place: str
    cookies: dict[str, str] = field(default_factory=dict)
    host: str | None = None

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = _connection(self.place)
        sent = {"Host": self.host or (self.place if ":" in self.place else "localhost")}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, {**sent, **(headers or {})})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        given = tuple(response.headers.get_all("set-cookie") or ())
        for each in given:
            name, _, rest = each.partition("=")
            value = rest.partition(";")[0]
            if "Max-Age=0" in each:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        headers_read = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers_read, given, content)

    def get(self, path: str, **headers: str) -> Answer:
        return self.send(
            "GET", path, None, {name.replace("_", "-"): each for name, each in headers.items()}
        )

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """A form, as a browser sends it from a page of the same site."""
        browser = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{self.host or self.place}",
            "Sec-Fetch-Site": "same-origin",
        }
        browser.update({name.replace("_", "-"): each for name, each in headers.items()})
        sent = {name: each for name, each in browser.items() if each}
        return self.send("POST", path, urlencode(fields).encode(), sent)

    def sign_in(self, person: str, password: str) -> Answer:
        token = self.get("/login").hidden("token")
        return self.post("/login", {"token": token, "person": person, "password": password})

    def call(self, action: str, body: bytes, kind: str = "application/json") -> Answer:
        return self.send("POST", f"/api/v1/{action}", body, {"Content-Type": kind})


class _Unix(http.client.HTTPConnection):
    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.host)


def _connection(place: str) -> http.client.HTTPConnection:
    if place.startswith("/"):
        return _Unix(place, timeout=20)
    parts = urlsplit(f"//{place}")
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
