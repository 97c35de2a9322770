"""One person whose every detail is a canary, put through a whole home that is in trouble.

A real daemon with failing providers, planted exceptions and a damaged database; the
pages, the hooks, the socket and the command line with wrong input. Afterwards nothing
of hers stands in the log, in /metrics, in /healthz or in any error.

What is left out on purpose: what a person reads about themself, which is stdout, the
pages behind the login and `console.log`; and the words of a wrong input, which its
error repeats on the terminal that they were typed on, unless they are a secret.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.peers import callbacks, cli, site
from tests.peers.desk import CLEAR, Desk, confirmed
from tests.peers.harness import Clock
from tests.peers.rude import Rude, Talk, closed_port
from tests.peers.site import Client
from tests.peers.twilio import ACCOUNT_SID, SENDER, FakeTwilio, Fault, Faults, Message
from tests.peers.web_server import Reply, WebServer
from tracker.channels.hooks import INBOUND_PATH, SIGNATURE, STATUS_PATH
from tracker.store import mirrors, people, wakes
from tracker.store.db import add as insert
from tracker.store.mirrors import MirrorRow

TOKEN = "Twilio's token"
ORIGIN = datetime(2026, 12, 1, 8, 59, 30, tzinfo=UTC)
"""Half a minute before a reminder is due."""
SPEED = 20.0
ROWS = "".join(f"2026-12-{day:02} 100.00\n" for day in range(4, 29))
LONGEST_SECONDS = 60.0
FAULTS = (
    *(Fault.drop, Fault.late, Fault.error_before, Fault.error_after, Fault.limited),
    *(Fault.garbage, Fault.unavailable, Fault.html, Fault.moved, Fault.odd, Fault.none),
    Fault.unauthorised,
)
"""The last one stops every text for a quarter of an hour."""

NAME, HANDLE = "Qanaria Zwitscher", "qanaria"
PHONE, EMAIL = "+447700900987", "zwitscher@canary.example"
CREDITOR, PAYEE = "Kolibri Kredit", "Kolibri Inkasso"
SECRETS = {
    "Twilio's token": "tok-canary-4711",
    "the mail password": "smtp-canary-4712",
    "the push target": "push-canary-4713",
    "the calendar password": "dav-canary-4714",
    "the ping address": "ping-canary-4715",
    "the page password": "four canaries in a row",
}

# The daemon, in which everything that it holds comes out with an exception, once a file
# of that name lies in the home.
TALKATIVE = """
import threading
from tracker import config
from tracker.actions.delivery import derive
from tracker.channels.push import Push
from tracker.daemon import main
from tracker.store import delivery, destinations, people
from tracker.web.pages import Pages

settings = config.load()
first = derive.derive, Push.send

def everything(office):
    with office.database.read() as session:
        told = [repr(person) for person in people.everyone(session)]
        for person in people.everyone(session):
            rows = destinations.of_person(session, person.id)
            told += [f"{row!r} {row.target}" for row in rows]
            sent = delivery.latest(session, person.id, states=None, limit=9)
            told += [each.body for each in sent]
    twilio, mail = settings.sms.twilio, settings.mail
    return " ".join([*told, twilio.auth_token, mail.password, settings.watch.ping_url])

def in_tick(office, now):
    if (settings.home / "trouble").exists():
        def ends():
            raise KeyError(everything(office))
        threading.Thread(target=ends).start()
        try:
            raise ValueError(everything(office))
        except ValueError as error:
            raise RuntimeError(everything(office)) from error
    return first[0](office, now)

def in_channel(self, message):
    if (settings.home / "odd").exists():
        raise TypeError(repr(message))
    return first[1](self, message)

def in_page(self, request, visitor, fields):
    raise LookupError(everything(self._office) + repr(request.headers))

derive.derive, Push.send, Pages.timeline = in_tick, in_channel, in_page
main.run(settings)
"""


@dataclass(slots=True)
class Canaries:
    """What is looked for: as it is, and as it is written in an address or a header."""

    personal: dict[str, str]
    secret: dict[str, str]
    found: list[str] = field(default_factory=list)

    def sought(self, *, personal: bool = True) -> Iterator[tuple[str, str]]:
        for name, value in {**self.secret, **(self.personal if personal else {})}.items():
            yield name, rf"(?<!\d){value}(?!\d)" if value.isdigit() else re.escape(value)
            yield f"{name} in an address", re.escape(quote(value, safe=""))
        for name, user in (("Twilio's token", ACCOUNT_SID), ("the mail password", "home")):
            pair = base64.b64encode(f"{user}:{self.secret[name]}".encode()).decode()
            yield f"{name} in a header", re.escape(pair)
            bare = base64.b64encode(self.secret[name].encode()).decode().rstrip("=")
            yield f"{name} encoded", re.escape(bare)

    def look(self, where: str, text: str, *, personal: bool = True) -> None:
        for name, pattern in self.sought(personal=personal):
            if re.search(pattern, text, re.IGNORECASE):
                line = next(
                    each for each in text.splitlines() if re.search(pattern, each, re.IGNORECASE)
                )
                self.found.append(f"{name} in {where}: {line[:300]}")


def echo_smtp() -> Callable[[Talk], None]:
    """A mail server that says everything back, and refuses at another step each time.

    The last one stops every mail for a quarter of an hour.
    """
    refusals = iter(("RCPT 550 5.1.1", "RCPT 421 4.3.2", "DATA 554 5.7.1", "AUTH 535 5.7.8"))

    def behave(talk: Talk) -> None:
        where, _, code = next(refusals, "AUTH 535 5.7.8").partition(" ")
        talk.say(b"220 mail.example ESMTP\r\n")
        while line := talk.line():
            word = line[:4].upper().decode("latin-1").strip()
            if word == "EHLO":
                talk.say(b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n")
            elif word == where:
                talk.say(f"{code} not so: ".encode() + line)
            elif word == "QUIT":
                return
            else:
                talk.say(b"235 well: " + line if word == "AUTH" else b"250 well: " + line)

    return behave


def echo_dav(talk: Talk) -> None:
    """A calendar server that is broken and says its own request back."""
    talk.until(b"\r\n\r\n")
    body = bytes(talk.heard)[-2000:]
    head = b"HTTP/1.1 500 Oh no\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    talk.say(head % len(body) + body)


@dataclass(slots=True)
class Home:
    """A home with its peers, and the daemon that runs on it."""

    path: Path
    environ: dict[str, str]
    port: int
    canaries: Canaries
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> Path:
        return self.path / "tracker.db"

    @property
    def pages(self) -> Client:
        return Client(f"127.0.0.1:{self.port}")

    @property
    def line(self) -> Client:
        return Client(str(self.path / "tracker.sock"))

    def start(self, code: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                cwd=cli.ROOT,
                env={**os.environ, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self.until(lambda: self.health()[0] == 200)

    def health(self) -> tuple[int, str]:
        with contextlib.suppress(OSError):
            answer = self.line.get("/healthz")
            return answer.status, answer.text
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        return 0, ""

    def until(self, what: Callable[[], bool]) -> None:
        ends = time.monotonic() + LONGEST_SECONDS
        while not what():
            assert time.monotonic() < ends, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def logged(self, *words: str) -> bool:
        text = self.log.read_text()
        return all(word in text for word in words)

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database, timeout=20, isolation_level=None)) as file:
            file.execute(statement)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)


@pytest.fixture
def home(tmp_path: Path, sqlite_template: Path) -> Iterator[Home]:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "config.toml").touch()
    clock = Clock(origin=ORIGIN, speed=SPEED)
    with contextlib.ExitStack() as stack:
        twilio = stack.enter_context(
            FakeTwilio(
                auth_token=SECRETS["Twilio's token"],
                script=FAULTS,
                faults=Faults(late_seconds=0.1, location=f"/to/{PHONE}"),
                now=clock.now,
            )
        )
        mail = stack.enter_context(Rude(echo_smtp()))
        dav = stack.enter_context(Rude(echo_dav))
        push = stack.enter_context(
            WebServer(
                Reply(500, b"no " + SECRETS["the push target"].encode()),
                Reply(302, headers={"Location": f"/{SECRETS['the push target']}"}),
                Reply(403, PHONE.encode()),
            )
        )
        environ = {
            "TRACKER_HOME": str(folder),
            "TRACKER_CLOCK": clock.told(),
            "TRACKER_DELIVERY_SETTLE_SECONDS": "30",
            "TRACKER_DELIVERY_RECHECK_SECONDS": "30",
            "TRACKER_DAEMON_TICK_SECONDS": "0.05",
            "TRACKER_LOG_LEVEL": "debug",
            "TRACKER_REMINDERS_HOURS": "00:00, 23:59",
            "TRACKER_DELIVERY_DAILY_CAP": "1000000",
            "TRACKER_SMS_SEGMENTS_PER_PERSON": "100000",
            "TRACKER_SMS_SEGMENTS_PER_NUMBER": "100000",
            "TRACKER_SMS_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TRACKER_SMS_TWILIO_AUTH_TOKEN": SECRETS["Twilio's token"],
            "TRACKER_SMS_TWILIO_FROM_NUMBER": SENDER,
            "TRACKER_SMS_TWILIO_API_BASE_URL": twilio.url,
            "TRACKER_SMS_TWILIO_TIMEOUT_SECONDS": "5",
            "TRACKER_SMS_TWILIO_STATUS_CALLBACKS": "true",
            "TRACKER_SMS_TWILIO_INBOUND": "webhook",
            "TRACKER_SMS_TWILIO_PUBLIC_URL": "https://home.example",
            "TRACKER_MAIL_HOST": "127.0.0.1",
            "TRACKER_MAIL_PORT": str(mail.port),
            "TRACKER_MAIL_SECURITY": "none",
            "TRACKER_MAIL_USERNAME": "home",
            "TRACKER_MAIL_PASSWORD": SECRETS["the mail password"],
            "TRACKER_MAIL_FROM_ADDRESS": "home@example.org",
            "TRACKER_WEB_METRICS": "true",
            "TRACKER_WATCH_PING_URL": f"http://127.0.0.1:{closed_port()}/"
            + SECRETS["the ping address"],
            "TRACKER_WATCH_PING_SECONDS": "0.5",
        }
        port = closed_port()
        environ["TRACKER_WEB_BIND"] = f"127.0.0.1:{port}"
        canaries = _recorded(folder, sqlite_template, environ, dav.port, push.port)
        made = Home(folder, environ, port, canaries, tmp_path / "log")
        stack.callback(made.stop)
        yield made


def _recorded(
    folder: Path, template: Path, environ: dict[str, str], dav_port: int, push_port: int
) -> Canaries:
    """The person, with something of every kind that is kept of her."""
    desk = site.opened(folder, template, **{**environ, "TRACKER_CLOCK": ""})
    desk.clock.at = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    desk.ask(
        "person.add",
        name=NAME,
        handle=HANDLE,
        locale="en_GB",
        zone="Europe/London",
        country="GB",
        phone=PHONE,
        email=EMAIL,
        password=SECRETS["the page password"],
    )
    target = f"json://127.0.0.1:{push_port}/{SECRETS['the push target']}"
    desk.ask("destination.push", target=target)
    desk.ask("debt.add", creditor=CREDITOR, new_creditor=True, word="MAPLE", total="9000", **CLEAR)
    desk.ask("plan.agree", debt="maple", rows=ROWS, payee=PAYEE)
    code = _code(desk)
    confirmed(desk.office, HANDLE)
    desk.ask("person.edit", channels=["sms", "mail", "push", "console"])
    token = str(desk.ask("feed.add")["token"])
    with desk.office.database.write() as session:
        me = people.find(session, HANDLE).id
        insert(
            session,
            MirrorRow(
                person_id=me,
                name="dates",
                kind="caldav",
                url=f"http://127.0.0.1:{dav_port}/{HANDLE}/",
                username=EMAIL,
                secret=SECRETS["the calendar password"],
                detail="full",
                added_at=desk.clock.now(),
            ),
        )
        wakes.set_wake(session, "mirror", me, me, desk.clock.now())
        assert mirrors.mirrors(session, me)
    desk.office.close()
    return Canaries(
        personal={
            "the name": NAME,
            "the family name": NAME.split()[1],
            "the handle": HANDLE,
            "the number": PHONE,
            "the bare number": PHONE.removeprefix("+44"),
            "the e-mail": EMAIL,
            "the creditor": CREDITOR,
            "the payee": PAYEE,
        },
        secret={**SECRETS, "the feed's token": token, "the code": code},
    )


def _code(desk: Desk) -> str:
    found = [re.search(r"(?<!\d)\d{6}(?!\d)", each.body) for each in desk.messages()]
    codes = [each[0] for each in found if each]
    assert codes
    return codes[-1]


def test_nothing_of_a_person_stands_in_the_log_the_figures_or_any_error(home: Home) -> None:
    home.start(TALKATIVE)
    _providers_fail(home)
    _doors_are_knocked_at(home)
    _commands_are_mistyped(home)
    _the_database_is_damaged(home)
    _exceptions_tell_everything(home)
    home.stop()
    home.canaries.look("the log", home.log.read_text())
    assert home.canaries.found == []
    # All of it did happen.
    for word in (
        *("failed with message", "the tick failed", "RuntimeError", "LookupError", "TypeError"),
        *("because of which", "KeyError", "a post to /hooks", "the mirror dates waits"),
        *("the tick was skipped", "watch.ping_url could not be asked"),
    ):
        assert home.logged(word), word


def _providers_fail(home: Home) -> None:
    """Every fault of Twilio's; mail, push, a calendar and a ping that fail."""

    def ask(channel: str) -> None:
        body = {"request": {"channel": channel}, "person": HANDLE, "key": None}
        assert home.line.call("remind.test", json.dumps(body).encode()).status == 200

    for channel in ("mail", "push") * 4 + ("sms",) * len(FAULTS):
        ask(channel)
    tried = (
        "SELECT count(*) FROM delivery_event JOIN message ON message.id = message_id"
        " WHERE to_state = 'sending' AND channel = '{}'"
    )

    def all_tried() -> bool:
        with closing(sqlite3.connect(home.database, timeout=20)) as file:
            counts = {
                channel: int(file.execute(tried.format(channel)).fetchone()[0])
                for channel in ("sms", "mail", "push")
            }
        return counts["sms"] >= len(FAULTS) and counts["mail"] >= 4 and counts["push"] >= 3

    home.until(all_tried)
    home.until(lambda: home.logged("the mirror dates waits", "watch.ping_url"))
    _figures(home)


def _figures(home: Home) -> None:
    for path in ("/healthz", "/metrics"):
        for client in (home.pages, home.line):
            home.canaries.look(path, client.get(path).text)


def _doors_are_knocked_at(home: Home) -> None:
    look, pages, secret = home.canaries.look, home.pages, home.canaries.secret
    # Signing in wrongly, with a secret where none belongs.
    token = pages.get("/login").hidden("token")
    for password in (secret["the code"], secret["the page password"] + "x"):
        fields = {"token": token, "person": "nobody", "password": password}
        look("a wrong login", pages.post("/login", fields).text)
    # Addresses that hold a secret.
    feed = secret["the feed's token"]
    assert pages.get(f"/feed/{feed}.ics").status == 200
    for path in (f"/feed/{feed}x.ics", f"/plans/{feed}", f"/x/{quote(EMAIL)}", f"/?x={feed}"):
        look(path.replace(feed, "…"), pages.get(path, Referer=f"http://x/{feed}").text)
    # The hooks, with and without Twilio's signature.
    text = Message(
        sid="SM" + "7" * 32,
        to=SENDER,
        sender=PHONE,
        body=f"PAID {NAME} {secret['the code']}",
        direction="inbound",
        status="received",
        at=ORIGIN.isoformat(),
    )
    for path, form in (
        (INBOUND_PATH, callbacks.inbound_form(text)),
        (STATUS_PATH, callbacks.status_form(text, "failed", 30003)),
    ):
        for signed_with in ("another", secret["Twilio's token"]):
            signature = callbacks.sign(f"https://home.example{path}", form, signed_with)
            headers = {"Host": "home.example", SIGNATURE: signature}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            answer = pages.send("POST", path, callbacks.posted(form), headers)
            assert answer.status == (403 if signed_with == "another" else 200)
            look(path, answer.text)
        for body in (b"\xff" + EMAIL.encode(), PHONE.encode() * 9000):
            look(path, pages.send("POST", path, body, {"Host": "home.example"}).text)
    # The socket: no JSON, no action, wrong fields.
    for name, body in (
        ("pay", b"{" + PHONE.encode()),
        ("nothing", EMAIL.encode()),
        ("person.password", json.dumps({"request": {"password": [feed]}}).encode()),
        ("destination.confirm", json.dumps({"request": {"code": "12345" + "x"}}).encode()),
    ):
        look(f"the action {name}", home.line.call(name, body).text)
    # Signed in, her own pages are hers; their errors still hold no secret.
    assert pages.sign_in(HANDLE, secret["the page password"]).status == 303
    page = pages.get("/")
    fields = {"token": page.hidden("token", "/payments"), "key": "x", "debt": "maple"}
    answer = pages.post("/payments", {**fields, "amount": "12.345"})
    assert answer.status == 422
    look("a page of her own", answer.text, personal=False)
    assert pages.get("/timeline").status == 500
    look("a page that broke", pages.get("/timeline").text)


WRONG = (
    ("pay", "maple", "12.345"),
    ("pay", "nothing", "1.00"),
    ("pay", "maple", "1.00", "--on", "2026-13-01"),
    ("person", "edit", "--zone", "Mars/Olympus"),
    ("person", "edit", "--phone", "12345"),
    ("person", "confirm", "000000"),
    ("person", "push", "mailto://x"),
    ("plan", "reschedule", "maple", "99", "--to", "2027-01-01", "--agreed-by", "x"),
    ("snooze", "maple", "3000d"),
    ("feed", "rotate", "nothing"),
    ("payment", "accept", "7"),
    ("followup", "close", "zzz"),
    ("--person", "nobody", "debt", "list"),
    ("no-such-command",),
    ("pay", "maple", "--no-such-option"),
)


def _commands_are_mistyped(home: Home) -> None:
    shell = cli.Household(home.path)
    for wrong in WRONG:
        done = shell.type(*wrong, **home.environ)
        assert done.code not in (0, 70), (wrong, done)
        assert "no tracker in" not in done.err
        home.canaries.look(" ".join(wrong), done.out + done.err)
    # A secret that was typed where it belongs is not repeated, however wrong it was.
    secret = home.canaries.secret
    for line, typed in (
        ("person confirm", secret["the code"] + "0"),
        ("person push --stdin", f"json://{secret['the push target']}?verify=no"),
        ("person push --stdin", f"smtp://{secret['the push target']}"),
        ("person password --password-stdin", secret["the page password"][:6]),
    ):
        words = line.split() if "stdin" in line else [*line.split(), typed]
        done = shell.type(*words, stdin=typed, **home.environ)
        assert done.code not in (0, 70), done
        home.canaries.look(line, done.out + done.err)
        assert typed not in done.err
    for line in ("config show", "config check", "doctor", "db status"):
        done = shell.type(*line.split(), **home.environ)
        home.canaries.look(line, done.err)
        home.canaries.look(line, done.out, personal=False)
    assert "********" in shell.type("config", "show", **home.environ).out


def _the_database_is_damaged(home: Home) -> None:
    """What fails in the database is told without the values that it was about."""
    home.sql("CREATE TRIGGER no_more BEFORE INSERT ON message BEGIN SELECT RAISE(ABORT, 'no'); END")
    body = {"request": {"channel": "sms"}, "person": HANDLE, "key": None}
    answer = home.line.call("remind.test", json.dumps(body).encode())
    assert answer.status == 500
    home.canaries.look("an action that broke", answer.text)
    home.sql("DROP TRIGGER no_more")
    home.sql("ALTER TABLE wake RENAME TO gone")
    home.until(lambda: home.logged("the tick was skipped"))
    home.canaries.look("a page without a database", home.pages.get("/login").text)
    answer = home.line.call("overview", json.dumps({**body, "request": {}}).encode())
    home.canaries.look("an action without a database", answer.text, personal=False)
    _figures(home)
    home.sql("ALTER TABLE gone RENAME TO wake")
    home.until(lambda: json.loads(home.health()[1])["problem"] is None)


def _exceptions_tell_everything(home: Home) -> None:
    (home.path / "odd").touch()
    body = {"request": {"channel": "push"}, "person": HANDLE, "key": None}
    home.line.call("remind.test", json.dumps(body).encode())
    home.until(lambda: home.logged("failed with message", "TypeError"))
    (home.path / "trouble").touch()
    home.line.call("remind.test", json.dumps(body).encode())
    home.line.call("quiet.begin", json.dumps({**body, "request": {"until": "1d"}}).encode())
    home.until(lambda: home.logged("the tick failed", "KeyError", "RuntimeError"))
    _figures(home)
    (home.path / "trouble").unlink()


def test_the_search_itself_finds_each_canary() -> None:
    for name, value in {**SECRETS, "the number": PHONE, "the name": NAME}.items():
        for text in (f"x {value} y", f"GET /{quote(value, safe='')}?x"):
            canaries = Canaries(personal={"the number": PHONE, "the name": NAME}, secret=SECRETS)
            canaries.look("a text", text)
            assert canaries.found, (name, text)
    pair = base64.b64encode(f"{ACCOUNT_SID}:{SECRETS[TOKEN]}".encode()).decode()
    canaries = Canaries(personal={}, secret=SECRETS)
    canaries.look("a header", f"Authorization: Basic {pair}")
    assert canaries.found
