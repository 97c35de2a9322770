"""What Twilio posts, under a real server: believed by its signature alone, and each thing once."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from tests.peers import callbacks, site
from tests.peers.callbacks import Form
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk
from tests.peers.site import Answer, Client
from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER, Message
from tracker.actions.delivery import hearing
from tracker.actions.office import Office
from tracker.channels.hooks import INBOUND_PATH, SETTINGS, SIGNATURE, STATUS_PATH
from tracker.channels.message import Heard
from tracker.config import Settings, load
from tracker.daemon.tick import Ticker
from tracker.store.delivery import MessageRow
from tracker.store.inbound import InboundRow
from tracker.web import app as web
from tracker.web.hooks import TOLD_EVERY_SECONDS

PUBLIC = "https://home.example"
STATUS, INBOUND = PUBLIC + STATUS_PATH, PUBLIC + INBOUND_PATH
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
LI = "+447700900123"
OTHER_SID = "SM" + "9" * 32

CONFIGURED = {
    "TRACKER_SMS_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
    "TRACKER_SMS_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
    "TRACKER_SMS_TWILIO_FROM_NUMBER": SENDER,
    "TRACKER_SMS_TWILIO_API_BASE_URL": "http://127.0.0.1:9",
    "TRACKER_SMS_TWILIO_PUBLIC_URL": PUBLIC + "/",
    "TRACKER_SMS_TWILIO_STATUS_CALLBACKS": "true",
    "TRACKER_SMS_TWILIO_INBOUND": "webhook",
}


@pytest.fixture
def settings(home: Path) -> Settings:
    return load(home, CONFIGURED)


@pytest.fixture
def texted(maple: Desk, ticker: Ticker, clock: MovableClock) -> Desk:
    """Li had a text about the one instalment of MAPLE."""
    maple.plan(rows="2026-12-04 100.00\n")
    clock.at = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    ticker.run()
    assert maple.states() == ["sent"]
    return maple


@dataclass(frozen=True, slots=True)
class Twilio:
    """Posts as Twilio does: to the daemon itself, under the name that it was given."""

    client: Client

    def posts(
        self,
        path: str,
        form: Form,
        *,
        signature: str | None = None,
        signed: bool = True,
        body: bytes | None = None,
        kind: str = FORM,
        more: Mapping[str, str] = {},
    ) -> Answer:
        headers = {"Host": "home.example", "Content-Type": kind, **more}
        if signed:
            headers[SIGNATURE] = signature or callbacks.sign(PUBLIC + path, form)
        return self.client.send(
            "POST", path, callbacks.posted(form) if body is None else body, headers
        )

    def says(self, message: Message, status: str, code: int | None = None) -> Answer:
        return self.posts(STATUS_PATH, callbacks.status_form(message, status, code))

    def brings(self, body: str, *, sid: str = "SM" + "2" * 32, sender: str = LI) -> Answer:
        return self.posts(INBOUND_PATH, callbacks.inbound_form(text(body, sid=sid, sender=sender)))


def text(body: str, *, sid: str, sender: str = LI) -> Message:
    return Message(
        sid=sid,
        to=SENDER,
        sender=sender,
        body=body,
        direction="inbound",
        status="received",
        at="2026-11-30T09:05:00+00:00",
    )


@pytest.fixture
def twilio(texted: Desk) -> Iterator[Twilio]:
    with site.running(web.pages_app(texted.office, lambda: site.HEALTH)) as place:
        yield Twilio(Client(place))


def sent(desk: Desk) -> Message:
    """The text that went out, as Twilio knows it."""
    return as_known(desk.messages()[0])


def as_known(row: MessageRow) -> Message:
    assert row.provider_id is not None
    return Message(
        sid=row.provider_id,
        to=row.address,
        sender=SENDER,
        body=row.body,
        direction="outbound-api",
        status="queued",
        at=row.created_at.isoformat(),
    )


def heard(desk: Desk) -> list[InboundRow]:
    with desk.office.database.read() as session:
        return list(session.exec(select(InboundRow).order_by(col(InboundRow.id))).all())


def claims(desk: Desk) -> list[dict[str, object]]:
    found: list[dict[str, object]] = desk.ask("payment.claims")["claims"]
    return found


def untouched(desk: Desk) -> None:
    """Nothing of what was posted left a trace."""
    assert desk.states() == ["sent"]
    assert desk.messages()[0].provider_status == "queued"
    assert heard(desk) == []


BOTH = [(STATUS_PATH, "status"), (INBOUND_PATH, "inbound")]


def genuine(desk: Desk, which: str) -> Form:
    if which == "status":
        return callbacks.status_form(sent(desk), "delivered")
    ref = desk.messages()[0].ref
    return callbacks.inbound_form(text(f"PAID {ref}", sid="SM" + "2" * 32))


@pytest.mark.parametrize(("path", "which"), BOTH)
def test_what_twilio_signed_is_taken_and_answered_with_nothing_to_do(
    texted: Desk, twilio: Twilio, path: str, which: str
) -> None:
    answer = twilio.posts(path, genuine(texted, which))
    assert (answer.status, answer.text) == (200, "<Response/>")
    assert answer.headers["content-type"].startswith("text/xml")
    if which == "status":
        assert texted.states() == ["delivered"]
    else:
        assert [each["debt"] for each in claims(texted)] == ["maple"]


def test_without_a_signature_it_is_refused_and_no_defect_shows(
    texted: Desk, twilio: Twilio
) -> None:
    for path, which in BOTH:
        form = genuine(texted, which)
        assert twilio.posts(path, form, signed=False).status == 403
        assert twilio.posts(path, form, signed=False, more={SIGNATURE: ""}).status == 403
    untouched(texted)


def test_a_signature_for_another_address_opens_nothing(texted: Desk, twilio: Twilio) -> None:
    elsewhere = (
        "http://home.example{path}",
        "https://other.example{path}",
        "https://home.example{path}/",
        "https://home.example{path}?a=1",
        "http://127.0.0.1:8765{path}",
    )
    for (path, which), signed_for in itertools.product(BOTH, elsewhere):
        form = genuine(texted, which)
        signature = callbacks.sign(signed_for.format(path=path), form)
        answer = twilio.posts(path, form, signature=signature)
        assert answer.status == 403, signed_for
        assert AUTH_TOKEN not in answer.text
    untouched(texted)


def test_what_the_request_says_of_its_own_address_does_not_count(
    texted: Desk, twilio: Twilio
) -> None:
    form = genuine(texted, "status")
    forged = {
        "Host": "localhost",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
    }
    for elsewhere in ("https://evil.example", "https://localhost", "http://localhost"):
        signature = callbacks.sign(elsewhere + STATUS_PATH, form)
        assert twilio.posts(STATUS_PATH, form, signature=signature, more=forged).status == 403
    untouched(texted)
    assert twilio.posts(STATUS_PATH, form, more=forged).status == 200


def test_a_signature_made_up_or_with_another_token_opens_nothing(
    texted: Desk, twilio: Twilio
) -> None:
    for path, which in BOTH:
        form = genuine(texted, which)
        right = callbacks.sign(PUBLIC + path, form)
        for wrong in (
            callbacks.sign(PUBLIC + path, form, token="another"),
            callbacks.sign(PUBLIC + path, form[1:]),
            right.swapcase(),
            right[:-1],
            "x",
            "é",
            "=" * 5000,
        ):
            assert twilio.posts(path, form, signature=wrong).status == 403
        altered = [*form, ("Extra", "1")]
        assert twilio.posts(path, altered, signature=right).status == 403
        other = {SETTINGS: "algorithm=HMAC_SHA256"}
        assert twilio.posts(path, form, signature=right, more=other).status == 403
    untouched(texted)


def test_another_account_is_refused_even_with_our_token(texted: Desk, twilio: Twilio) -> None:
    foreign = "AC" + "9" * 32
    for path, which in BOTH:
        form = genuine(texted, which)
        theirs = [(name, foreign if name == "AccountSid" else value) for name, value in form]
        assert twilio.posts(path, theirs).status == 403
        assert twilio.posts(path, [*form, ("AccountSid", foreign)]).status == 403
    untouched(texted)


def test_the_same_status_a_hundred_times_at_once_is_one_event(texted: Desk, twilio: Twilio) -> None:
    message = sent(texted)
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: twilio.says(message, "undelivered", 30003).status, range(100))
        )
    assert set(answers) == {200}
    # The phone was off: one try more, hours later, and no hundred of them.
    assert texted.states() == ["undelivered", "pending"]


def test_the_same_text_a_hundred_times_at_once_is_one_claim(texted: Desk, twilio: Twilio) -> None:
    ref = texted.messages()[0].ref
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: twilio.brings(f"PAID {ref}").status, range(100)))
    assert set(answers) == {200}
    assert len(heard(texted)) == 1
    assert len(claims(texted)) == 1


def test_a_text_that_is_posted_and_is_in_the_list_too_is_one_claim(
    texted: Desk, twilio: Twilio, ticker: Ticker
) -> None:
    ref = texted.messages()[0].ref
    sid = "SM" + "2" * 32

    class Listed:
        name, can_ask, can_follow = "sms", True, False

        def heard(self, since: datetime) -> list[Heard]:
            at = datetime(2026, 11, 30, 9, 5, tzinfo=UTC)
            return [Heard(provider_id=sid, sender=LI, body=f"PAID {ref}", at=at)]

    for order in itertools.permutations(("posted", "listed")):
        for each in order:
            if each == "posted":
                assert twilio.brings(f"PAID {ref}", sid=sid).status == 200
            else:
                hearing.poll(texted.office, {"sms": Listed()})  # type: ignore[dict-item]
    assert len(heard(texted)) == 1
    assert len(claims(texted)) == 1


STATUSES = ("sent", "delivered", "undelivered")


def test_whatever_the_order_of_statuses_the_first_final_one_holds(
    texted: Desk, twilio: Twilio, ticker: Ticker
) -> None:
    orders = list(itertools.permutations(STATUSES))
    for _ in orders:
        texted.ask("remind.test", channel="sms")
    ticker.run()
    rows = texted.messages("sent")[-len(orders) :]
    for row, order in zip(rows, orders, strict=True):
        for status in [*order, *reversed(order), *order]:
            code = 30003 if status == "undelivered" else None
            assert twilio.says(as_known(row), status, code).status == 200
    states = {row.id: row.state for row in texted.messages()}
    finals = [next(each for each in order if each != "sent") for order in orders]
    assert [states[row.id] for row in rows] == finals


def test_a_status_word_that_is_new_is_taken_and_settles_nothing(
    texted: Desk, twilio: Twilio
) -> None:
    assert twilio.says(sent(texted), "teleported").status == 200
    assert texted.states() == ["sent"]
    for odd in ("", "<b>", "x" * 40, "sent; drop"):
        assert twilio.says(sent(texted), odd).status == 422
    assert texted.states() == ["sent"]
    assert twilio.says(sent(texted), "delivered").status == 200
    assert texted.states() == ["delivered"]


def test_news_of_a_text_that_is_not_ours_changes_nothing(texted: Desk, twilio: Twilio) -> None:
    foreign = replace(sent(texted), sid=OTHER_SID)
    for status in STATUSES:
        assert twilio.says(foreign, status).status == 200
    assert twilio.says(replace(foreign, sid="../../x"), "sent").status == 422
    untouched(texted)


def test_paid_in_every_form_people_type(texted: Desk, twilio: Twilio) -> None:
    forms = {
        "PAID": 0,
        "PAID Z9Z9": 0,
        "paid nothing yet {}": 0,
        "paid {}!!": 1,
        "PAID {} C2C3": 1,
        "已还 {}": 1,
    }
    for number, (form, count) in enumerate(forms.items()):
        body = form.format(texted.messages()[0].ref.lower())
        assert twilio.brings(body, sid=f"SM{number:032}").status == 200
        assert len(claims(texted)) == count, form
        for claim in claims(texted):
            texted.ask("payment.dismiss", claim=str(claim["claim"]))
    assert len(heard(texted)) == len(forms)
    assert all(each.outcome for each in heard(texted))


def test_what_was_paid_already_is_not_claimed(texted: Desk, twilio: Twilio) -> None:
    texted.ask("pay", debt="maple")
    assert twilio.brings(f"PAID {texted.messages()[0].ref}").status == 200
    assert claims(texted) == []


def test_stop_by_webhook_ends_the_texts(
    texted: Desk, twilio: Twilio, ticker: Ticker, clock: MovableClock
) -> None:
    assert twilio.brings("STOP").status == 200
    clock.at += timedelta(days=2)
    ticker.run()
    assert [each.channel for each in texted.messages()] == ["sms", "console"]


ODD_BODIES = [
    ("application/json", b"{}", 422),
    ("multipart/form-data; boundary=x", b"--x--", 422),
    ("text/plain", b"a=1", 422),
    ("", b"a=1", 422),
    (FORM, b"", 403),
    (FORM, b"Body=%FF", 422),
    (FORM, b"Body=\xff\xfe", 422),
    (FORM, b"%ff=1", 422),
    (FORM, b"&".join([b"a=1"] * 201), 422),
    (FORM, b"a=1&" * 100_000, 413),
    (FORM, b"Body=" + b"x" * 70_000, 413),
    (FORM, b"Body=" + b"x" * 5_000_000, 413),
    (FORM, b"\x00" * 1000, 403),
]


def test_a_body_that_twilio_never_posts_is_refused(texted: Desk, twilio: Twilio) -> None:
    for (path, _), (kind, body, status) in itertools.product(BOTH, ODD_BODIES):
        assert _posted_raw(twilio, path, body, kind) == status, (kind, body[:20])
        if len(body) > 65_536:
            assert _posted_raw(twilio, path, body, kind, chunked=True) == status
    untouched(texted)


def test_only_post_is_answered(texted: Desk, twilio: Twilio) -> None:
    for path, _ in BOTH:
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
            answer = twilio.client.send(method, path, None, {"Host": "home.example"})
            assert answer.status == 405
    untouched(texted)


def test_a_name_that_is_not_known_here_is_refused(twilio: Twilio, texted: Desk) -> None:
    form = genuine(texted, "status")
    assert twilio.posts(STATUS_PATH, form, more={"Host": "evil.example"}).status == 400
    untouched(texted)


def test_a_store_that_cannot_be_used_is_told_to_twilio_as_such(
    texted: Desk, twilio: Twilio
) -> None:
    if not texted.office.database.is_sqlite:
        pytest.skip("the file is broken by hand")
    path = texted.office.database.path
    form = genuine(texted, "status")
    texted.office.database.dispose()
    assert path is not None
    Path(path).write_bytes(b"not a database" * 100)
    answer = twilio.posts(STATUS_PATH, form)
    assert answer.status == 503
    assert "Traceback" not in answer.text


def test_a_refusal_is_logged_once_in_a_while_and_without_what_was_posted(
    texted: Desk, twilio: Twilio, clock: MovableClock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = callbacks.inbound_form(text("PAID CANARY", sid="SM" + "2" * 32, sender="+15550100199"))
    for _ in range(50):
        assert twilio.posts(INBOUND_PATH, secret, signature="CANARY").status == 403
    told = [each.getMessage() for each in caplog.records if each.name == "tracker.web.hooks"]
    assert len(told) == 1
    assert "public_url" not in told[0]
    assert "not Twilio's for this address" in told[0]
    for each in ("CANARY", "+15550100199", "%2B15550100199", AUTH_TOKEN, LI):
        assert each not in caplog.text
    clock.forward(seconds=TOLD_EVERY_SECONDS)
    twilio.posts(INBOUND_PATH, secret, signature="CANARY")
    assert len([each for each in caplog.records if each.name == "tracker.web.hooks"]) == 2


@pytest.mark.parametrize(
    ("changed", "there"),
    [
        ({}, {STATUS_PATH, INBOUND_PATH}),
        ({"STATUS_CALLBACKS": "false"}, {INBOUND_PATH}),
        ({"INBOUND": "poll"}, {STATUS_PATH}),
        ({"INBOUND": "off", "STATUS_CALLBACKS": "false"}, set()),
    ],
)
def test_only_what_is_configured_is_there_at_all(
    texted: Desk, home: Path, changed: dict[str, str], there: set[str]
) -> None:
    more = {f"TRACKER_SMS_TWILIO_{name}": value for name, value in changed.items()}
    office = Office(
        settings=load(home, {**CONFIGURED, **more}),
        database=texted.office.database,
        clock=texted.clock,
    )
    with site.running(web.pages_app(office, lambda: site.HEALTH)) as place:
        twilio = Twilio(Client(place))
        for path, which in BOTH:
            status = twilio.posts(path, genuine(texted, which)).status
            assert status == (200 if path in there else 404), path


def test_a_home_without_an_account_has_no_hooks(texted: Desk, home: Path) -> None:
    office = Office(settings=load(home, {}), database=texted.office.database, clock=texted.clock)
    with site.running(web.pages_app(office, lambda: site.HEALTH)) as place:
        for path, _ in BOTH:
            assert Client(place).send("POST", path, b"").status == 404


def _posted_raw(twilio: Twilio, path: str, body: bytes, kind: str, *, chunked: bool = False) -> int:
    """The status of the answer, which may come before everything was sent."""
    host, _, port = twilio.client.place.rpartition(":")
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    signature = callbacks.sign(PUBLIC + path, [])
    head = (
        f"POST {path} HTTP/1.1\r\nHost: home.example\r\nConnection: close\r\n"
        f"{SIGNATURE}: {'x' if body else 'y'}{signature}\r\n"
        + (f"Content-Type: {kind}\r\n" if kind else "")
        + f"{length}\r\n\r\n"
    )
    data = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if chunked else body

    def post(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the server may close before it has read everything
            connection.sendall(head.encode() + data)

    with socket.create_connection((host, int(port)), timeout=10) as connection:
        sending = threading.Thread(target=post, args=(connection,))
        sending.start()
        answer = connection.recv(65536)
        sending.join(10)
    return int(answer.split(b" ")[1])
