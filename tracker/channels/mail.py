"""E-mail by SMTP, one message to one address.

A server that has seen the last dot may have taken the message although its answer
was lost, and cannot be asked: then a second copy goes out under the same
Message-ID, by which most mailboxes keep one. Everything before that dot is
certain. The modules for mail are imported with the first message.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.channels.connection import Deadline, connect, secured, trust
from tracker.channels.message import Accepted, ChannelError, Failure, Outgoing, clean
from tracker.clock import Clock
from tracker.config.addresses import is_loopback, is_mail
from tracker.errors import InputError
from tracker.language import N_

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

SECURITY = ("starttls", "tls", "none")

NOT_SURE = N_("The mail server gave no clear answer; the e-mail may have been sent.")
CUT_OFF = N_("The mail server broke off or was too slow; nothing was sent.")
NO_MAIL_SERVER = N_("What answers at the mail server's address is no mail server.")
NO_STARTTLS = N_("The mail server offers no encryption, or somebody hides it; nothing was sent.")
SIGN_IN = N_("The mail server refused the user name or password (code {code}).")
NO_SIGN_IN = N_("The mail server takes no user name and password in the way it is set up.")
WANTS_SIGN_IN = N_("The mail server wants a user name and a password (code {code}).")
UNWELCOME = N_("The mail server takes nothing from here (code {code}).")
BUSY = N_("The mail server takes nothing at the moment (code {code}).")
RECIPIENT = N_("The mail server refused the recipient (code {code}).")
SENDER = N_("The mail server refused the address that e-mails come from (code {code}).")
MAILBOX_FULL = N_("The mailbox or the mail server is full (code {code}).")
CONTENT = N_("The mail server refused the e-mail (code {code}).")
BAD_ADDRESS = N_("The e-mail address is none that can be written to.")

_FILE_NAME = "calendar.ics"
_GOODBYE_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out. `security` is one of SECURITY, "none" for this machine only."""

    host: str
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout_seconds: float = 30.0


class Mail:
    """One server and one sender. Safe to use from several threads.

    Raises InputError for a sender that is no address, and for a server that would
    be spoken to in the clear over the network.
    """

    name = "mail"
    can_ask = False
    can_follow = False

    def __init__(
        self, server: MailServer, *, from_address: str, from_name: str = "", clock: Clock
    ) -> None:
        if not is_mail(from_address):
            raise InputError(
                "{value!r} is not an e-mail address.", field="from_address", value=from_address
            )
        if server.security not in SECURITY:
            raise InputError(
                "{value!r} is not one of starttls, tls and none.",
                field="security",
                value=server.security,
            )
        if server.security == "none" and not is_loopback(server.host):
            raise InputError(
                "Without encryption only a mail server on this machine can be used.",
                field="security",
            )
        self._server = server
        self._from = (clean(from_name), from_address)
        self._clock = clock

    def send(self, message: Outgoing) -> Accepted:
        if not is_mail(message.address):
            raise ChannelError(Failure.permanent, BAD_ADDRESS)
        letter = self._letter(message)
        content = letter.as_bytes()
        server = self._server
        with Deadline(server.timeout_seconds) as deadline:
            session = _Session(server, deadline)
            try:
                session.open()
                session.envelope(self._from[1], message.address)
                code = session.content(content)
            finally:
                session.close()
        return Accepted(provider_id=str(letter["Message-ID"]), status=code)

    def find(self, message: Outgoing, since: datetime.datetime) -> Accepted | None:
        """A mail server has no list to ask."""
        raise ChannelError(Failure.transient, NOT_SURE)

    def _letter(self, message: Outgoing) -> EmailMessage:
        from email.headerregistry import Address
        from email.message import EmailMessage
        from email.policy import SMTP
        from email.utils import format_datetime

        name, address = self._from
        # Seven bits, so that no server has to be able to do more.
        letter = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        letter["From"] = Address(display_name=name, addr_spec=address)
        letter["To"] = Address(addr_spec=message.address)
        letter["Subject"] = clean(message.subject)
        letter["Date"] = format_datetime(self._clock.now())
        letter["Message-ID"] = f"<{_stem(message)}@{address.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes back
        letter.set_content(message.body.encode(errors="replace").decode() + "\n")
        if message.calendar is not None:
            letter.add_attachment(
                message.calendar,
                maintype="text",
                subtype="calendar",
                filename=_FILE_NAME,
                params={"charset": "utf-8"},
            )
        return letter


class _Session:
    """One connection, from greeting to goodbye; each step raises ChannelError."""

    def __init__(self, server: MailServer, deadline: Deadline) -> None:
        import smtplib

        self._server = server
        self._deadline = deadline
        # A name of its own: the default asks the network for one, with no limit.
        self._smtp = smtplib.SMTP(local_hostname="[127.0.0.1]")

    def open(self) -> None:
        """Greeting, encryption and sign-in."""
        server, smtp = self._server, self._smtp
        context = None if server.security == "none" else trust(server.ca_file)
        smtp.sock = connect(server.host, server.port, self._deadline)
        if context is not None and server.security == "tls":
            smtp.sock = secured(smtp.sock, server.host, context, self._deadline)
        with _before_the_dot():
            _greeted(smtp.getreply())
            _greeted(smtp.ehlo())
        if context is not None and server.security == "starttls":
            with _before_the_dot():
                if not smtp.has_extn("starttls") or smtp.docmd("STARTTLS")[0] != 220:
                    raise ChannelError(Failure.transient, NO_STARTTLS)
                # Whatever was said in the clear counts for nothing (RFC 3207),
                # least of all what was sent on along with the last answer.
                if smtp.file is not None:
                    smtp.file.close()
                    smtp.file = None
            smtp.sock = secured(smtp.sock, server.host, context, self._deadline)
            with _before_the_dot():
                _greeted(smtp.ehlo())
        if server.username:
            self._sign_in()

    def envelope(self, sender: str, recipient: str) -> None:
        with _before_the_dot():
            code, _ = self._smtp.mail(sender)
            if code // 100 != 2:
                raise _refused(code, Failure.permanent, SENDER)
            code, _ = self._smtp.rcpt(recipient)
            if code // 100 != 2:
                raise _refused(code, Failure.permanent, RECIPIENT)

    def content(self, content: bytes) -> str:
        """The code with which it was taken."""
        smtp = self._smtp
        with _before_the_dot():
            code, _ = smtp.docmd("DATA")
            if code != 354:
                raise _refused(code, Failure.permanent, CONTENT)
            # An error in here leaves the dot unsent, so that nothing is taken.
            smtp.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        try:
            code, _ = smtp.getreply()
        except (OSError, ValueError):
            raise ChannelError(Failure.unknown, NOT_SURE) from None
        if code // 100 in {4, 5}:
            raise _refused(code, Failure.permanent, CONTENT)
        if code // 100 != 2:
            raise ChannelError(Failure.unknown, NOT_SURE)
        return str(code)

    def close(self) -> None:
        """A short goodbye: whatever comes of it, the outcome is known by now."""
        smtp = self._smtp
        with contextlib.suppress(OSError, ValueError):
            if smtp.sock is not None and not self._deadline.passed:
                smtp.sock.settimeout(min(_GOODBYE_SECONDS, self._deadline.left))
                smtp.docmd("QUIT")
        smtp.close()

    def _sign_in(self) -> None:
        from smtplib import SMTPAuthenticationError, SMTPException, SMTPServerDisconnected

        with _before_the_dot():
            try:
                self._smtp.login(self._server.username, self._server.password)
            except SMTPAuthenticationError as error:
                raise _refused(error.smtp_code, Failure.account, SIGN_IN) from None
            except SMTPServerDisconnected:
                raise
            except (SMTPException, UnicodeError):
                raise ChannelError(Failure.account, NO_SIGN_IN) from None


@contextlib.contextmanager
def _before_the_dot() -> Iterator[None]:
    """Whatever breaks off in here, the server has not been given the message."""
    try:
        yield
    except (OSError, ValueError):  # smtplib's errors are OSErrors
        raise ChannelError(Failure.transient, CUT_OFF) from None


def _greeted(reply: tuple[int, bytes]) -> None:
    if reply[0] // 100 != 2:
        raise _refused(reply[0], Failure.account, UNWELCOME)


def _refused(code: int, kind: Failure, reason: str) -> ChannelError:
    """What a reply means: `kind` and `reason`, unless its code says something else.

    The codes are those of RFC 5321 (section 4.2.3) and RFC 4954 (section 6).
    """
    if not 400 <= code < 600:
        kind, reason = Failure.transient, NO_MAIL_SERVER
    elif code < 500:
        kind, reason = Failure.transient, BUSY
    elif code in {530, 534, 535, 538} and kind is not Failure.account:
        kind, reason = Failure.account, WANTS_SIGN_IN
    elif code == 552:
        kind, reason = Failure.transient, MAILBOX_FULL
    return ChannelError(kind, reason, code=str(code))


def _stem(message: Outgoing) -> str:
    """The left part of the Message-ID: the message's key, or a hash where that will not do."""
    key = message.key
    if len(key) <= 64 and re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", key):
        return key
    whole = key or f"{message.ref}\n{message.address}\n{message.body}"
    return hashlib.sha256(whole.encode(errors="replace")).hexdigest()[:40]
