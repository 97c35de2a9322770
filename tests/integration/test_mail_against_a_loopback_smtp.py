from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import icalendar
import pytest

from tests.peers import smtp as peer
from tests.peers.clock import MovableClock
from tests.peers.rude import Rude, Talk, closed_port
from tests.peers.smtp import PASSWORD, USER, Certificate, FakeSmtp
from tracker.channels import connection
from tracker.channels.mail import Mail, MailServer
from tracker.channels.message import Accepted, ChannelError, Failure, Outgoing
from tracker.errors import InputError

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LI = "li@example.com"
HOME = "home@example.org"
KEY = "m-20261124-k7q2"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//home//dates//EN\r\nBEGIN:VEVENT\r\n"
    "UID:k7q2@example.org\r\nDTSTAMP:20261124T120000Z\r\nDTSTART;VALUE=DATE:20261201\r\n"
    "SUMMARY:青松 7/12\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return peer.certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture
def encrypted(certificate: Certificate) -> Iterator[FakeSmtp]:
    with FakeSmtp(tls="starttls", certificate=certificate, sign_in=True) as fake:
        yield fake


def mail(port: int, *, from_name: str = "", host: str = "127.0.0.1", **settings: Any) -> Mail:
    settings = {"security": "none", "timeout_seconds": 5.0, **settings}
    server = MailServer(host=host, port=port, **settings)
    return Mail(server, from_address=HOME, from_name=from_name, clock=MovableClock(NOON))


def signed_in(port: int, certificate: Certificate, **settings: Any) -> Mail:
    ours = {"username": USER, "password": PASSWORD, "ca_file": str(certificate.path)}
    return mail(port, **{"security": "starttls", **ours, **settings})


def letter(**more: Any) -> Outgoing:
    given = {
        "ref": "K7Q2",
        "address": LI,
        "body": "Li: MAPLE, 7 of 12. Ref K7Q2",
        "key": KEY,
        "subject": "MAPLE",
    }
    return Outgoing(**{**given, **more})


def written(message: EmailMessage) -> str:
    text: str = message.get_content()
    return text.replace("\r\n", "\n")


def failed(channel: Mail, message: Outgoing) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        channel.send(message)
    error = caught.value
    for secret in (LI, "example", PASSWORD, message.body):
        assert secret not in str(error)
    return error


def test_an_email_arrives_as_it_was_meant(server: FakeSmtp) -> None:
    accepted = mail(server.port, from_name="Home").send(letter())
    (taken,) = server.letters
    assert (taken.sender, taken.recipients) == (HOME, [LI])
    message = taken.message
    assert accepted == Accepted(provider_id=f"<{KEY}@example.org>", status="250")
    assert message["From"] == f"Home <{HOME}>"
    assert message["To"] == LI
    assert message["Subject"] == "MAPLE"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == accepted.provider_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert written(message) == "Li: MAPLE, 7 of 12. Ref K7Q2\n"
    assert taken.content.isascii()


def test_a_second_copy_is_known_by_its_message_id(server: FakeSmtp) -> None:
    channel = mail(server.port)
    ids = {channel.send(letter(body=text)).provider_id for text in ("one", "two")}
    assert len(ids) == 1
    assert {each.message["Message-ID"] for each in server.letters} == ids
    assert channel.send(letter(key="another")).provider_id not in ids


@pytest.mark.parametrize("key", ["", "k" * 300, "a b>\r\nBcc: x@example.com", "码", ".a", "a..b"])
def test_whatever_the_key_the_message_id_is_one_and_the_same(server: FakeSmtp, key: str) -> None:
    channel = mail(server.port)
    first, second = channel.send(letter(key=key)), channel.send(letter(key=key))
    assert first == second
    for each in server.letters:
        assert each.message["Message-ID"] == first.provider_id
        assert each.message.keys() == [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
            *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
        ]


def test_chinese_subjects_names_and_bodies_arrive(server: FakeSmtp) -> None:
    subject, name = "青松 第7（共12）" * 8, "李家的小本子" * 6
    body = "李：青松第7（共12）。码K7Q2\n.\n.第二行 é 👪"
    mail(server.port, from_name=name).send(letter(subject=subject, body=body))
    message = server.letters[0].message
    assert message["Subject"] == subject
    # By the older of Python's two readers: the newer one keeps the folds of a name.
    raw = message_from_bytes(server.letters[0].content, policy=policy.compat32)["From"]
    assert str(make_header(decode_header(raw))) == f"{name} <{HOME}>"
    assert written(message) == body + "\n"
    assert server.letters[0].content.isascii()
    assert max(map(len, server.letters[0].content.splitlines())) <= 998


def test_a_line_that_is_a_dot_does_not_end_the_email(server: FakeSmtp) -> None:
    body = "one\n.\n..two\n.three"
    mail(server.port).send(letter(body=body))
    assert written(server.letters[0].message) == body + "\n"


def test_the_calendar_comes_along_byte_for_byte(server: FakeSmtp) -> None:
    mail(server.port).send(letter(calendar=CALENDAR))
    (attached,) = server.letters[0].message.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_filename() == "calendar.ics"
    assert attached.get_payload(decode=True) == CALENDAR
    event = icalendar.Calendar.from_ical(attached.get_content()).events[0]
    assert event["SUMMARY"] == "青松 7/12"
    body = server.letters[0].message.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Li: MAPLE")


@pytest.mark.parametrize(
    "odd", ["\r\nBcc: eve@example.com", "\nX: y", "\x00\u202e", "\u2028", "\r"]
)
def test_no_header_can_be_smuggled_in(server: FakeSmtp, odd: str) -> None:
    mail(server.port, from_name=f"Home{odd}").send(letter(subject=f"MAPLE{odd}"))
    (taken,) = server.letters
    assert taken.recipients == [LI]
    assert not {"bcc", "x"} & {each.lower() for each in taken.message}
    assert b"\nBcc" not in taken.content
    assert len(taken.message["Subject"].splitlines()) == 1


@pytest.mark.parametrize(
    "address",
    [
        "",
        "li",
        "li@",
        "@example.com",
        "li@example.com\r\nRCPT TO:<eve@example.com>",
        "li@example.com\n",
        "li@example.com,eve@example.com",
        "<li@example.com>",
        "li li@example.com",
        "li@exa mple.com",
        "李@example.com",
        "a" * 65 + "@example.com",
        "li@-example.com",
        "li..li@example.com",
    ],
)
def test_what_is_no_address_is_not_written_to(server: FakeSmtp, address: str) -> None:
    with pytest.raises(ChannelError) as caught:
        mail(server.port).send(letter(address=address))
    assert caught.value.kind is Failure.permanent
    assert server.commands == []


def test_it_signs_in_over_starttls(encrypted: FakeSmtp, certificate: Certificate) -> None:
    signed_in(encrypted.port, certificate).send(letter())
    assert len(encrypted.letters) == 1


def test_it_signs_in_over_tls(certificate: Certificate) -> None:
    with FakeSmtp(tls="tls", certificate=certificate) as server:
        channel = mail(server.port, security="tls", ca_file=str(certificate.path))
        assert channel.send(letter()).status == "250"


def test_a_wrong_password_holds_everything(encrypted: FakeSmtp, certificate: Certificate) -> None:
    error = failed(signed_in(encrypted.port, certificate, password="wrong"), letter())
    assert (error.kind, error.code) == (Failure.account, "535")
    assert encrypted.letters == []


def test_a_server_that_wants_a_sign_in_says_so(
    encrypted: FakeSmtp, certificate: Certificate
) -> None:
    channel = signed_in(encrypted.port, certificate, username="", password="")
    error = failed(channel, letter())
    assert (error.kind, error.code) == (Failure.account, "530")


def test_a_server_that_takes_no_sign_in_holds_everything(server: FakeSmtp) -> None:
    server.replies["EHLO"] = "250 HELP"
    error = failed(mail(server.port, username=USER, password=PASSWORD), letter())
    assert error.kind is Failure.account
    assert server.letters == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_bad_certificate_gets_nothing(certificate: Certificate, security: str) -> None:
    with FakeSmtp(tls=security, certificate=certificate) as server:
        error = failed(mail(server.port, security=security), letter())
        assert (error.kind, error.reason) == (Failure.transient, connection.NO_TRUST)
        assert server.letters == []


def test_a_certificate_for_another_name_gets_nothing(tmp_path: Path) -> None:
    other = peer.certificate(tmp_path, name="DNS:mail.example.org")
    with FakeSmtp(tls="starttls", certificate=other) as server:
        channel = mail(server.port, security="starttls", ca_file=str(other.path))
        assert failed(channel, letter()).reason == connection.NO_TRUST
        assert server.letters == []


def test_without_starttls_nothing_is_sent_in_the_clear(server: FakeSmtp) -> None:
    channel = mail(server.port, security="starttls", username=USER, password=PASSWORD)
    error = failed(channel, letter())
    assert error.kind is Failure.transient
    assert "no encryption" in error.reason
    assert server.commands == ["EHLO"]


def test_a_refused_starttls_is_no_reason_to_go_on_in_the_clear() -> None:
    def refuse(talk: Talk) -> None:
        talk.say(b"220 mail.example.org\r\n")
        talk.line()
        talk.say(b"250-mail.example.org\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n")
        talk.line()
        talk.say(b"454 TLS not available\r\n")
        talk.until(b"QUIT\r\n")

    with Rude(refuse) as server:
        channel = mail(server.port, security="starttls", username=USER, password=PASSWORD)
        assert failed(channel, letter()).kind is Failure.transient
    assert server.heard.upper().split(b"\r\n")[1:] == [b"STARTTLS", b"QUIT", b""]


def test_answers_sent_ahead_of_the_encryption_are_not_believed(certificate: Certificate) -> None:
    heard: list[bytes] = []

    def smuggle(talk: Talk) -> None:
        talk.say(b"220 mail.example.org\r\n")
        talk.line()
        talk.say(b"250-mail.example.org\r\n250 STARTTLS\r\n")
        talk.line()
        talk.say(b"220 ready\r\n250-evil\r\n250 AUTH LOGIN\r\n235 fine\r\n")
        with certificate.context.wrap_socket(talk.connection, server_side=True) as wrapped:
            heard.append(wrapped.recv(1000))
            wrapped.sendall(b"250 mail.example.org\r\n")
            heard.append(wrapped.recv(1000))

    with Rude(smuggle) as server:
        error = failed(signed_in(server.port, certificate), letter())
        assert error.kind is Failure.account  # the real server offers no sign-in
    assert heard[0].startswith(b"ehlo")
    assert heard[1].lower() == b"quit\r\n"


@pytest.mark.parametrize(
    ("step", "reply", "kind"),
    [
        ("EHLO", "421 4.3.2 closing", Failure.transient),
        ("EHLO", "554 5.7.1 you are on a list", Failure.account),
        ("MAIL", "451 4.3.0 later", Failure.transient),
        ("MAIL", "530 5.7.0 sign in", Failure.account),
        ("MAIL", "553 5.7.1 not your address", Failure.permanent),
        ("MAIL", "550 5.7.1 no", Failure.permanent),
        ("MAIL", "552 5.3.4 too much", Failure.transient),
        ("RCPT", "450 4.2.0 greylisted", Failure.transient),
        ("RCPT", "421 4.3.2 closing", Failure.transient),
        ("RCPT", "550 5.1.1 no such mailbox", Failure.permanent),
        ("RCPT", "551 5.1.6 moved", Failure.permanent),
        ("RCPT", "553 5.1.3 bad", Failure.permanent),
        ("RCPT", "552 5.2.2 mailbox full", Failure.transient),
        ("RCPT", "535 5.7.8 sign in", Failure.account),
        ("DATA", "451 4.3.0 later", Failure.transient),
        ("DATA", "421 4.3.2 closing", Failure.transient),
        ("DATA", "552 5.2.2 mailbox full", Failure.transient),
        ("DATA", "554 5.6.0 unwanted", Failure.permanent),
        ("DATA", "550 5.7.1 unwanted", Failure.permanent),
    ],
)
def test_what_a_servers_answer_means(
    server: FakeSmtp, step: str, reply: str, kind: Failure
) -> None:
    server.replies[step] = reply
    error = failed(mail(server.port), letter())
    assert (error.kind, error.code) == (kind, reply[:3])
    assert server.letters == []


def greets(talk: Talk) -> None:
    """As far as the first empty line of the message."""
    talk.say(b"220 mail.example.org\r\n")
    while line := talk.line():
        word = line[:4].upper()
        if word == b"DATA":
            talk.say(b"354 go on\r\n")
            return
        talk.say(b"250 mail.example.org\r\n")


def says_nothing(talk: Talk) -> None:
    talk.wait()


def greets_and_hangs(talk: Talk) -> None:
    talk.say(b"220 mail.example.org\r\n")
    talk.wait()


def drips_its_greeting(talk: Talk) -> None:
    talk.drip(b"220-" + b"mail.example.org " * 50 + b"\r\n220 ready\r\n", every=0.05)


def drips_forever_after_ehlo(talk: Talk) -> None:
    talk.say(b"220 mail.example.org\r\n")
    talk.line()
    while not talk.stopping.wait(0.05):
        talk.say(b"250-x\r\n")


def hangs_before_the_dot(talk: Talk) -> None:
    talk.say(b"220 mail.example.org\r\n")
    for _ in range(3):
        talk.line()
        talk.say(b"250 mail.example.org\r\n")
    talk.line()
    talk.wait()


def hangs_after_the_dot(talk: Talk) -> None:
    greets(talk)
    talk.until(b"\r\n.\r\n")
    talk.wait()


def drips_after_the_dot(talk: Talk) -> None:
    greets(talk)
    talk.until(b"\r\n.\r\n")
    talk.drip(b"250-" + b"nearly done " * 50 + b"\r\n250 OK\r\n", every=0.05)


def drops_after_the_dot(talk: Talk) -> None:
    greets(talk)
    talk.until(b"\r\n.\r\n")


def resets_after_the_dot(talk: Talk) -> None:
    greets(talk)
    talk.until(b"\r\n.\r\n")
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def mumbles_after_the_dot(talk: Talk) -> None:
    greets(talk)
    talk.until(b"\r\n.\r\n")
    talk.say(b"what?\r\n")


def drops_before_the_dot(talk: Talk) -> None:
    greets(talk)
    talk.line()
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def answers_in_html(talk: Talk) -> None:
    talk.say(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html>no</html>")


def hangs_at_goodbye(talk: Talk) -> None:
    greets(talk)
    talk.until(b"\r\n.\r\n")
    talk.say(b"250 OK\r\n")
    talk.wait()


SLOW: list[tuple[Callable[[Talk], None], Failure]] = [
    (says_nothing, Failure.transient),
    (greets_and_hangs, Failure.transient),
    (drips_its_greeting, Failure.transient),
    (drips_forever_after_ehlo, Failure.transient),
    (hangs_before_the_dot, Failure.transient),
    (hangs_after_the_dot, Failure.unknown),
    (drips_after_the_dot, Failure.unknown),
]


@pytest.mark.parametrize(("behaviour", "kind"), SLOW, ids=[each.__name__ for each, _ in SLOW])
def test_a_slow_server_costs_no_more_than_the_time_that_is_set(
    behaviour: Callable[[Talk], None], kind: Failure
) -> None:
    with Rude(behaviour) as server:
        began = time.monotonic()
        error = failed(mail(server.port, timeout_seconds=0.4), letter())
        assert time.monotonic() - began < 3
    assert error.kind is kind
    assert server.visits == 1


def test_a_slow_handshake_costs_no_more_than_the_time_that_is_set() -> None:
    with Rude(says_nothing) as server:
        began = time.monotonic()
        error = failed(mail(server.port, security="tls", timeout_seconds=0.4), letter())
        assert time.monotonic() - began < 3
    assert (error.kind, error.reason) == (Failure.transient, connection.NO_CONNECTION)


@pytest.mark.parametrize(
    "behaviour", [drops_after_the_dot, resets_after_the_dot, mumbles_after_the_dot]
)
def test_what_is_lost_after_the_dot_may_have_been_sent(behaviour: Callable[[Talk], None]) -> None:
    with Rude(behaviour) as server:
        assert failed(mail(server.port), letter()).kind is Failure.unknown
    assert server.visits == 1


def test_what_is_lost_before_the_dot_was_not_sent() -> None:
    with Rude(drops_before_the_dot) as server:
        # Larger than any buffer, so that its end cannot have left.
        error = failed(mail(server.port), letter(calendar=b"x" * 20_000_000))
    assert error.kind is Failure.transient


def test_a_web_server_is_no_mail_server() -> None:
    with Rude(answers_in_html) as server:
        error = failed(mail(server.port), letter())
    assert error.kind is Failure.transient
    assert "no mail server" in error.reason


def test_a_goodbye_without_an_answer_changes_nothing() -> None:
    with Rude(hangs_at_goodbye) as server:
        began = time.monotonic()
        assert mail(server.port, timeout_seconds=10).send(letter()).status == "250"
        assert time.monotonic() - began < 6


def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    error = failed(mail(closed_port()), letter())
    assert (error.kind, error.reason) == (Failure.transient, connection.NO_CONNECTION)
    channel = mail(25, host="no-such-host.invalid", security="tls")
    error = failed(channel, letter())
    assert (error.kind, error.reason) == (Failure.transient, connection.NO_NAME)


def test_plain_text_where_tls_should_be_is_refused(server: FakeSmtp) -> None:
    error = failed(mail(server.port, security="tls"), letter())
    assert (error.kind, error.reason) == (Failure.transient, connection.NO_TLS)


def test_a_file_of_certificates_that_is_none_holds_everything(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for name in ("ca.pem", "missing.pem"):
        channel = mail(closed_port(), security="tls", ca_file=str(tmp_path / name))
        assert failed(channel, letter()).kind is Failure.account


def test_a_mail_server_in_the_network_is_not_spoken_to_in_the_clear() -> None:
    for host in ("mail.example.org", "192.0.2.7"):
        with pytest.raises(InputError):
            mail(25, host=host)


def test_no_secret_reaches_the_log(
    encrypted: FakeSmtp, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    channel = signed_in(encrypted.port, certificate)
    channel.send(letter())
    assert PASSWORD not in repr(channel._server)
    ours = [each for each in caplog.records if not each.name.startswith("mail.log")]
    assert not any(LI in each.getMessage() for each in ours)
    assert PASSWORD not in caplog.text
