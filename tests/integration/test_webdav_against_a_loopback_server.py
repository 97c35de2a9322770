from __future__ import annotations

import base64
import hashlib
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.peers import smtp
from tests.peers.rude import Rude, Talk, closed_port
from tests.peers.web_server import Reply, WebServer
from tracker.channels import connection, dav, webdav
from tracker.channels.dav import Account, check_address, request
from tracker.channels.message import ChannelError, Failure
from tracker.errors import InputError

FEED = "BEGIN:VCALENDAR\r\nX-NAME:青松\r\nEND:VCALENDAR\r\n".encode()
PASSWORD = "open sesame"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer(Reply(201, headers={"ETag": '"one"'})) as fake:
        yield fake


def put(url: str, **settings: Any) -> str | None:
    given = {"username": "li", "password": PASSWORD, "timeout": 5.0, **settings}
    return webdav.put(url, FEED, content_type="text/calendar; charset=utf-8", **given)


def delete(url: str) -> None:
    webdav.delete(url, username="li", password=PASSWORD, timeout=5.0)


def failed(write: Callable[..., object], *args: Any, **settings: Any) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        write(*args, **settings)
    for secret in (PASSWORD, "127.0.0.1", "example"):
        assert secret not in str(caught.value)
    return caught.value


def account(url: str, **settings: Any) -> Account:
    given = {"username": "li", "password": PASSWORD, "timeout_seconds": 5.0, **settings}
    return Account(url=url, **given)


def test_a_file_is_put_as_it_is(server: WebServer) -> None:
    assert put(f"{server.url}/dav/calendar ü.ics?a=b c") == '"one"'
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("PUT", "/dav/calendar%20%C3%BC.ics?a=b%20c")
    assert asked.body == FEED
    assert asked.headers["content-type"] == "text/calendar; charset=utf-8"
    pair = base64.b64encode(f"li:{PASSWORD}".encode()).decode()
    assert asked.headers["authorization"] == f"Basic {pair}"
    assert "if-match" not in asked.headers
    assert asked.headers["host"] == f"127.0.0.1:{server.port}"


def test_only_the_known_version_is_written_over(server: WebServer) -> None:
    server.replies[0] = Reply(412)
    error = failed(put, f"{server.url}/a.ics", etag='"zero"')
    assert (error.kind, error.reason) == (Failure.permanent, dav.CHANGED)
    assert server.asked[0].headers["if-match"] == '"zero"'


def test_a_server_without_etags_tells_none(server: WebServer) -> None:
    server.replies[0] = Reply(204)
    assert put(f"{server.url}/a.ics", username="", password="") is None
    assert "authorization" not in server.asked[0].headers


def test_a_file_that_is_gone_is_deleted(server: WebServer) -> None:
    for status in (200, 204, 404, 410):
        server.replies[0] = Reply(status)
        delete(f"{server.url}/a.ics")
    assert {each.method for each in server.asked} == {"DELETE"}
    server.replies[0] = Reply(423)
    assert failed(delete, f"{server.url}/a.ics").kind is Failure.transient


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (401, Failure.account, dav.SIGN_IN),
        (403, Failure.account, dav.SIGN_IN),
        (404, Failure.permanent, dav.NOT_THERE),
        (409, Failure.permanent, dav.NOT_THERE),
        (405, Failure.permanent, dav.REFUSED),
        (423, Failure.transient, dav.BUSY),
        (429, Failure.transient, dav.BUSY),
        (500, Failure.transient, dav.BUSY),
        (501, Failure.permanent, dav.REFUSED),
        (503, Failure.transient, dav.BUSY),
        (507, Failure.transient, dav.FULL),
        (301, Failure.account, dav.MOVED),
        (307, Failure.account, dav.MOVED),
    ],
)
def test_what_an_answer_means(server: WebServer, status: int, kind: Failure, reason: str) -> None:
    server.replies[0] = Reply(status, headers={"Location": "/other", "Retry-After": "7"})
    error = failed(put, f"{server.url}/a.ics")
    assert (error.kind, error.reason, error.code) == (kind, reason, str(status))
    assert error.retry_after == (7.0 if kind is Failure.transient else None)
    assert len(server.asked) == 1  # a redirect is not followed


def test_a_server_that_wants_a_digest_gets_one(server: WebServer) -> None:
    challenge = (
        'Basic realm="x", Digest realm="home, sweet", nonce="n0", qop="auth,auth-int", '
        'algorithm=SHA-256, opaque="o0"'
    )
    server.replies.appendleft(Reply(401, headers={"WWW-Authenticate": challenge}))
    assert put(f"{server.url}/dav/a.ics") == '"one"'
    told = dict(
        re.findall(r'(\w+)="?([^",]*, sweet|[^",]*)"?', server.asked[1].headers["authorization"])
    )

    def h(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    first, second = h(f"li:home, sweet:{PASSWORD}"), h("PUT:/dav/a.ics")
    whole = h(f"{first}:n0:00000001:{told['cnonce']}:auth:{second}")
    assert told["response"] == whole
    assert (told["username"], told["uri"], told["opaque"]) == ("li", "/dav/a.ics", "o0")
    assert PASSWORD not in server.asked[1].headers["authorization"]
    assert server.asked[1].body == FEED


def test_a_digest_that_is_refused_again_is_a_wrong_password(server: WebServer) -> None:
    for challenge in ('Digest realm="h", nonce="n"', 'Digest realm="h", nonce="n", algorithm=X'):
        server.replies[0] = Reply(401, headers={"WWW-Authenticate": challenge})
        assert failed(put, f"{server.url}/a.ics").kind is Failure.account
    assert len(server.asked) == 3


def test_it_is_put_over_tls_to_a_server_that_is_trusted(tmp_path: Path) -> None:
    certificate = smtp.certificate(tmp_path)
    with WebServer(Reply(201), tls=certificate.context) as server:
        url = f"{server.url}/a.ics"
        trusting = account(url, ca_file=str(certificate.path))
        assert request(trusting, "PUT", url, body=FEED).status == 201
        error = failed(put, url)
        assert (error.kind, error.reason) == (Failure.transient, connection.NO_TRUST)
        assert len(server.asked) == 1


@pytest.mark.parametrize("host", ["192.168.1.5", "10.0.0.1", "nas.lan", "cloud.example"])
def test_a_password_does_not_go_over_the_network_in_the_clear(host: str) -> None:
    error = failed(put, f"http://{host}/a.ics", timeout=0.2)
    assert (error.kind, error.reason) == (Failure.account, dav.IN_THE_CLEAR)


def test_in_the_clear_only_where_the_person_says_so() -> None:
    error = failed(put, f"http://localhost.:{closed_port()}/a.ics", allow_plain=True, timeout=0.5)
    assert error.reason in {connection.NO_CONNECTION, connection.NO_NAME}
    assert check_address("http://192.168.1.5/a.ics", allow_plain=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://cloud.example/a",
        "cloud.example/a",
        "https://",
        "https://[::1/a",
        "https://cloud.example:99999/a",
        "https://li:secret@cloud.example/a",
        "https://li:secret/7@cloud.example/a",
        "https://" + "a" * 80 + ".example/",
        "http://192.168.1.5/a.ics",
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        check_address(url)
    assert "secret" not in str(caught.value)
    assert failed(put, url).kind is Failure.account


def test_a_good_address_is_kept() -> None:
    for path in ("dav/li/a.ics", "dav/li@example.com/"):
        url = f"https://cloud.example:8443/{path}"
        assert check_address(f" {url}\n") == url


def test_the_password_goes_to_no_other_server(server: WebServer) -> None:
    ours = account(f"{server.url}/dav/")
    assert request(ours, "GET", "other/a.ics").status == 201
    assert request(ours, "GET", "/a.ics").status == 201
    for url in (f"http://localhost:{server.port}/a", "//127.0.0.1:1/a", "https://127.0.0.1/"):
        assert failed(request, ours, "GET", url).reason == dav.OTHER_SERVER
    assert [each.path for each in server.asked] == ["/dav/other/a.ics", "/a.ics"]


def test_with_a_clock_of_tests_nothing_leaves_the_machine(server: WebServer) -> None:
    assert put(f"{server.url}/a.ics", simulated=True) == '"one"'
    for url in ("https://192.0.2.7/a.ics", "https://cloud.example/a.ics"):
        error = failed(put, url, simulated=True)
        assert (error.kind, error.reason) == (Failure.permanent, dav.ONLY_HERE)


def test_the_environment_has_no_say(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    put(f"{server.url}/a.ics", username="", password="")
    assert "authorization" not in server.asked[0].headers


def never_ends(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.say(b"HTTP/1.1 200 OK\r\n\r\n")
    while not talk.stopping.is_set():
        talk.say(b"x" * 100_000)


def test_an_answer_without_end_is_not_read(server: WebServer) -> None:
    server.replies[0] = Reply(200, b"x" * (dav.LARGEST + 1))
    error = failed(put, f"{server.url}/a.ics")
    assert (error.kind, error.reason) == (Failure.permanent, dav.TOO_LARGE)
    began = time.monotonic()
    with Rude(never_ends) as endless:
        error = failed(put, f"http://127.0.0.1:{endless.port}/a.ics", timeout=10.0)
    assert time.monotonic() - began < 8
    assert (error.kind, error.reason) == (Failure.permanent, dav.TOO_LARGE)
    server.replies[0] = Reply(200, b"x" * dav.LARGEST, without_length=True)
    assert len(request(account(f"{server.url}/"), "GET", "/").body) == dav.LARGEST


def test_half_an_answer_is_none(server: WebServer) -> None:
    server.replies[0] = Reply(200, b"half", headers={"Content-Length": "8"})
    error = failed(request, account(f"{server.url}/"), "GET", "/")
    assert (error.kind, error.reason) == (Failure.unknown, dav.NO_ANSWER)


def says_nothing(talk: Talk) -> None:
    talk.wait()


def drips_its_status(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.drip(b"HTTP/1.1 201 " + b"x" * 400, every=0.05)


def drips_its_body(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.say(b"HTTP/1.1 201 Created\r\n\r\n")
    talk.drip(b"x" * 400, every=0.05)


def reads_nothing(talk: Talk) -> None:
    talk.wait()


def drops(talk: Talk) -> None:
    talk.line()


def resets(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def mumbles(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.say(b"220 mail.example.org ready\r\n")


@pytest.mark.parametrize("behaviour", [says_nothing, drips_its_status, drips_its_body])
def test_a_slow_server_costs_no_more_than_the_time_that_is_set(
    behaviour: Callable[[Talk], None],
) -> None:
    with Rude(behaviour) as server:
        began = time.monotonic()
        error = failed(put, f"http://127.0.0.1:{server.port}/a.ics", timeout=0.4)
        assert time.monotonic() - began < 3
    assert error.kind is Failure.transient  # a file may be put again
    assert server.visits == 1


def test_a_server_that_does_not_read_costs_no_more_either() -> None:
    with Rude(reads_nothing) as server:
        began = time.monotonic()
        url = f"http://127.0.0.1:{server.port}/a.ics"
        error = failed(
            request, account(url, timeout_seconds=0.4), "PUT", url, body=b"x" * 20_000_000
        )
        assert time.monotonic() - began < 3
    assert error.kind is Failure.unknown


@pytest.mark.parametrize("behaviour", [drops, resets, mumbles])
def test_a_lost_answer_is_unknown_and_a_file_is_put_again(
    behaviour: Callable[[Talk], None],
) -> None:
    with Rude(behaviour) as server:
        url = f"http://127.0.0.1:{server.port}/a.ics"
        assert failed(request, account(url), "PUT", url, body=FEED).kind is Failure.unknown
        assert failed(put, url).kind is Failure.transient


def test_nobody_there_is_certain() -> None:
    url = f"http://127.0.0.1:{closed_port()}/a.ics"
    error = failed(request, account(url), "PUT", url, body=FEED)
    assert (error.kind, error.reason) == (Failure.transient, connection.NO_CONNECTION)


def test_a_password_is_not_shown() -> None:
    assert PASSWORD not in repr(account("https://cloud.example/"))
