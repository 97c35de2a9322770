from __future__ import annotations

import base64
import json
import logging
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.peers import smtp
from tests.peers.clock import MovableClock
from tests.peers.rude import Rude, Talk, closed_port
from tests.peers.web_server import Reply, WebServer
from tracker.channels import push
from tracker.channels.message import ChannelError, Failure, Outgoing
from tracker.channels.push import SCHEMES, Push, check_target, label
from tracker.clock import Clock
from tracker.errors import InputError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TOKEN = "tk-not-to-be-shown"


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as fake:
        yield fake


def text(address: str, **more: str) -> Outgoing:
    given = {"ref": "K7Q2", "body": "李：青松第7（共12）。码K7Q2", "key": "m-1", "subject": "青松"}
    return Outgoing(address=address, **{**given, **more})


def ntfy(port: int) -> str:
    return f"ntfy://home:{TOKEN}@127.0.0.1:{port}/topic"


def refused(address: str, *, seconds: float = 20.0, clock: Clock | None = None) -> ChannelError:
    channel = Push(clock=clock or MovableClock(NOON), timeout_seconds=seconds)
    with pytest.raises(ChannelError) as caught:
        channel.send(text(address))
    assert TOKEN not in str(caught.value)
    return caught.value


def sent(address: str) -> None:
    Push(clock=MovableClock(NOON)).send(text(address))


def test_a_message_arrives_as_json(server: WebServer) -> None:
    accepted = Push(clock=MovableClock(NOON)).send(text(f"json://127.0.0.1:{server.port}/hook"))
    (asked,) = server.asked
    assert (accepted.provider_id, accepted.status) == ("m-1", "200")
    assert (asked.method, asked.path) == ("POST", "/hook")
    told = json.loads(asked.body)
    assert (told["title"], told["message"]) == ("青松", "李：青松第7（共12）。码K7Q2")


def test_a_message_arrives_at_ntfy_with_its_token_and_without_a_foreign_icon(
    server: WebServer,
) -> None:
    sent(ntfy(server.port))
    (asked,) = server.asked
    pair = base64.b64encode(f"home:{TOKEN}".encode()).decode()
    assert asked.headers["authorization"] == f"Basic {pair}"
    assert "青松第7" in json.loads(asked.body)["message"]
    assert b"github" not in asked.body
    assert "github" not in str(asked.headers)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, Failure.permanent),
        (302, Failure.permanent),
        (429, Failure.transient),
        (500, Failure.unknown),
    ],
)
def test_what_an_answer_means(status: int, kind: Failure) -> None:
    with WebServer(Reply(status, headers={"Retry-After": "7", "Location": "/other"})) as server:
        error = refused(ntfy(server.port))
    assert error.kind is kind
    assert error.code == str(status)
    assert error.retry_after == (7.0 if status == 429 else None)
    assert len(server.asked) == 1  # no redirect, no second try


def test_nobody_there_is_certain(server: WebServer) -> None:
    error = refused(ntfy(closed_port()))
    assert (error.kind, error.reason) == (Failure.transient, push.NO_CONNECTION)


def test_a_bad_certificate_gets_nothing(tmp_path: Path) -> None:
    with WebServer(tls=smtp.certificate(tmp_path).context) as server:
        error = refused(f"ntfys://{TOKEN}@127.0.0.1:{server.port}/topic")
        assert (error.kind, error.reason) == (Failure.transient, push.NO_TRUST)
        assert server.asked == []


def reads_and_drips(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400, every=0.05)


def reads_and_resets(talk: Talk) -> None:
    talk.until(b"\r\n\r\n")
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_slow_service_costs_no_more_than_the_time_that_is_set() -> None:
    with Rude(reads_and_drips) as server:
        began = time.monotonic()
        error = refused(ntfy(server.port), seconds=3)
        assert time.monotonic() - began < 10
    assert error.kind is Failure.unknown
    assert server.visits == 1


def test_the_courier_ends_although_nobody_is_left_to_end_it() -> None:
    with Rude(reads_and_drips) as server:
        job = {"url": f"json://127.0.0.1:{server.port}/", "send": True, "title": "", "body": "x"}
        done = subprocess.run(
            [sys.executable, "-I", str(Path(push.__file__).with_name("courier.py"))],
            input=json.dumps({**job, "seconds": 2, "only_here": True}).encode(),
            capture_output=True,
            timeout=15,
        )
    assert done.returncode == -signal.SIGALRM


def test_what_is_lost_on_its_way_back_may_have_been_sent() -> None:
    with Rude(reads_and_resets) as server:
        assert refused(ntfy(server.port)).kind is Failure.unknown
    assert server.visits == 1


def test_without_time_to_begin_nothing_was_sent() -> None:
    error = refused(ntfy(closed_port()), seconds=0.01)
    assert (error.kind, error.reason) == (Failure.transient, push.NOT_BEGUN)


@pytest.mark.parametrize(
    ("scheme", "request_", "kind"),
    [
        ("wecombot", {"status": 200, "code": 0}, None),
        ("wecombot", {"status": 200, "code": None}, None),
        ("wecombot", {"status": 200, "code": 93000}, Failure.permanent),
        ("wecombot", {"status": 200, "code": 45009}, Failure.transient),
        ("dingtalk", {"status": 200, "code": 310000}, Failure.permanent),
        ("dingtalk", {"status": 200, "code": 130101}, Failure.transient),
        ("feishu", {"status": 200, "code": 19024}, Failure.permanent),
        ("schan", {"status": 200, "code": 40001}, Failure.permanent),
        ("bark", {"status": 200, "code": 200}, None),
        ("json", {"status": 200, "code": 7}, None),
    ],
)
def test_a_refusal_beside_the_status_is_not_taken_for_a_success(
    scheme: str, request_: dict[str, int], kind: Failure | None
) -> None:
    failure = push._Trip((request_,), "", True).failure(scheme)
    assert (failure.kind if failure else None) is kind


@pytest.mark.parametrize(
    ("requests", "done", "kind"),
    [
        ([{"status": 200}, {"status": 403}], False, Failure.unknown),
        ([{"status": 403}, {}], None, Failure.unknown),
        ([{"status": 403}, {"failed": "lost"}], False, Failure.unknown),
        ([{"status": 403}, {"status": 404}], False, Failure.permanent),
        ([{"status": 200}], False, Failure.unknown),
        ([{}], None, Failure.unknown),
        ([], False, Failure.permanent),
        ([], None, Failure.transient),
    ],
)
def test_only_what_was_refused_as_a_whole_is_taken_for_refused(
    requests: list[dict[str, object]], done: bool | None, kind: Failure
) -> None:
    failure = push._Trip(tuple(requests), "", done).failure("ntfy")
    assert failure is not None
    assert failure.kind is kind


def test_a_code_in_the_answer_is_read(server: WebServer) -> None:
    server.replies[0] = Reply(200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}')
    trip = push._run(f"json://127.0.0.1:{server.port}/", 20.0, text(""))
    assert trip.requests == ({"status": 200, "code": 93000, "later": None},)
    assert trip.done is True


def test_an_answer_without_end_does_not_fill_the_memory(server: WebServer) -> None:
    server.replies[0] = Reply(200, b"x" * 30_000_000)
    began = time.monotonic()
    sent(f"json://127.0.0.1:{server.port}/")
    assert time.monotonic() - began < 10


def test_with_a_clock_of_tests_nothing_leaves_the_machine() -> None:
    clock = Clock(origin=NOON, started=time.monotonic())
    for address in ("ntfy://topic-on-the-real-server", "json://192.0.2.7/"):
        error = refused(address, clock=clock)
        assert (error.kind, error.reason) == (Failure.permanent, push.ONLY_HERE)
    with WebServer() as server:
        Push(clock=clock).send(text(ntfy(server.port)))
        assert len(server.asked) == 1


def test_proxies_and_passwords_of_the_environment_are_not_used(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    sent(f"json://127.0.0.1:{server.port}/")
    assert "authorization" not in server.asked[0].headers


def test_nothing_of_an_address_reaches_log_output_or_arguments(
    server: WebServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []

    def listing(talk: Talk) -> None:
        talk.until(b"\r\n\r\n")
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                seen.append(each.read_bytes().decode(errors="replace"))
            except OSError:
                continue
        talk.say(b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n")

    with Rude(listing) as rude:
        refused(ntfy(rude.port))
    assert seen
    assert any("courier" in each for each in seen)
    told = caplog.text + "".join(capfd.readouterr())
    assert TOKEN not in told
    assert not any(TOKEN in each for each in seen)


def test_the_daemon_itself_never_imports_apprise() -> None:
    script = (
        "import sys; from tracker.channels.push import Push, check_target;"
        "check_target('json://127.0.0.1/');"
        "print('apprise' in sys.modules, 'requests' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    "address",
    [
        "ntfys://tk_abc@ntfy.example/topic",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "wecombot://botkey-botkey",
    ],
)
def test_addresses_of_known_services_are_taken(address: str) -> None:
    assert check_target(f" {address} ") == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ntfy",
        "ntfy://",
        "ntfy://a b/c",
        "ntfy://host/to\x00pic",
        "http://192.0.2.7/",
        "file:///etc/passwd",
        "exec://rm",
        "syslog://",
        "dbus://",
        "gnome://",
        "windows://",
        "macosx://",
        "mailto://a:b@example.org",
        "mqtt://host/topic",
        "twilio://a:b@c/d",
        "json://" + "h" * 3000,
        "tgram://no-token",
        "json://127.0.0.1/?VERIFY=no",
        "ntfys://ntfy.example/one,two",
        "ntfy://192.0.2.7",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?template=/etc/passwd",
    ],
)
def test_other_addresses_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(InputError) as caught:
        check_target(address)
    assert len(str(caught.value)) < 200
    rest = address.partition("://")[2]
    assert not rest or rest not in str(caught.value)


def test_the_schemes_that_are_taken_are_known_to_apprise_and_named_when_refused() -> None:
    script = (
        "import apprise; m = apprise.manager_plugins.NotificationManager();"
        "m.load_modules(); print(*m.schemas())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) >= SCHEMES
    with pytest.raises(InputError) as caught:
        check_target("syslog://")
    assert caught.value.hint is not None
    assert "ntfys" in caught.value.hint.format(**caught.value.params)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ntfys://tk_abc:pw@ntfy.example:8443/secret-topic?x=1", "ntfys://ntfy.example"),
        ("ntfy://secret-topic", "ntfy"),
        ("tgram://123456789:token/chat", "tgram"),
        ("wecombot://botkey", "wecombot"),
        ("schan://SCT123", "schan"),
        ("bark://api.day.example/devicekey", "bark://api.day.example"),
        ("gotify://host.example/token", "gotify://host.example"),
        ("JSON://u:p@127.0.0.1:80/hook", "json://127.0.0.1"),
        ("discord://id/token", "discord"),
        ("json://[::1/", "json"),
        ("nonsense", "push"),
    ],
)
def test_a_label_shows_no_secret(address: str, shown: str) -> None:
    assert label(address) == shown


def test_without_the_extra_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(InputError) as caught:
        check_target("ntfy://127.0.0.1/topic")
    assert caught.value.hint == 'Install it: pip install "tracker[push]"'
    error = refused("ntfy://127.0.0.1/topic")
    assert (error.kind, error.reason) == (Failure.permanent, push.MISSING)
