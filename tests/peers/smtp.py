"""A mail server on loopback (aiosmtpd), with certificates of its own making.

    with FakeSmtp(tls="starttls", certificate=certificate) as server: ...

`replies` are answers in place of its own, by step ("EHLO", "MAIL", "RCPT",
"DATA" for the answer after the dot), `letters` what it took.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "home", "open sesame"


@dataclass(frozen=True)
class Certificate:
    """Signed by itself: `path` is both what the server shows and what a client may trust."""

    path: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.path, self.key)
        return context


def certificate(folder: Path, *, name: str = "IP:127.0.0.1,DNS:localhost") -> Certificate:
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    arguments = ["-x509", "-nodes", "-days", "2", "-subj", "/CN=home", "-newkey", "ec"]
    arguments += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-addext", f"subjectAltName={name}"]
    files = ["-keyout", str(made.key), "-out", str(made.path)]
    command = ["openssl", "req", *arguments, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return made


@dataclass
class Letter:
    sender: str
    recipients: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        read = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(read, EmailMessage)
        return read


@dataclass
class FakeSmtp:
    """`tls` is "starttls", "tls" or "none"; with `sign_in` only USER may send."""

    tls: str = "none"
    certificate: Certificate | None = None
    sign_in: bool = False
    replies: dict[str, str] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    def __enter__(self) -> FakeSmtp:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        context = self.certificate.context if self.certificate else None
        whole = context if self.tls == "tls" else None
        server = self._loop.run_until_complete(
            self._loop.create_server(self._session, sock=listener, ssl=whole)
        )
        self._server = server
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        async def end() -> None:
            self._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for each in others:
                each.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await asyncio.sleep(0)  # transports close in the next round

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _session(self) -> SMTP:
        context = self.certificate.context if self.certificate else None
        return SMTP(
            self,
            hostname="mail.example.org",
            loop=self._loop,
            tls_context=context if self.tls == "starttls" else None,
            require_starttls=self.tls == "starttls",
            auth_required=self.sign_in,
            auth_require_tls=self.tls == "starttls",
            authenticator=self._sign_in,
        )

    def _sign_in(self, *given: Any) -> AuthResult:
        login = given[-1]
        assert isinstance(login, LoginPassword)
        right = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)

    # What aiosmtpd calls.

    async def handle_EHLO(
        self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.commands.append("EHLO")
        session.host_name = hostname
        return [self.replies["EHLO"]] if "EHLO" in self.replies else responses

    async def handle_MAIL(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.commands.append("MAIL")
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.commands.append("RCPT")
        reply = self.replies.get("RCPT", "250 OK")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.commands.append("DATA")
        reply = self.replies.get("DATA", "250 OK: queued")
        if reply.startswith("2"):
            letter = Letter(envelope.mail_from, [*envelope.rcpt_tos], envelope.content)
            self.letters.append(letter)
        return reply
