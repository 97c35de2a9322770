from __future__ import annotations

import io
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.peers.smtp import FakeSmtp
from tracker.actions.delivery.ways import open_channels
from tracker.channels.message import Channel, Outgoing
from tracker.clock import Clock
from tracker.config import load
from tracker.errors import RefusedError

MACHINES = Clock()
OF_TESTS = Clock(origin=datetime(2026, 11, 24, 12, tzinfo=UTC), started=time.monotonic())


def opened(home: Path, clock: Clock, **environ: str) -> dict[str, Channel]:
    settings = load(home, {f"TRACKER_{name}": value for name, value in environ.items()})
    return open_channels(settings, clock, io.StringIO())


def test_a_home_without_any_provider_has_a_console_and_push(tmp_path: Path) -> None:
    channels = opened(tmp_path, MACHINES)
    assert set(channels) == {"console", "push"}
    assert not channels["push"].can_ask
    assert not channels["push"].can_follow


def test_mail_goes_out_as_it_is_configured(tmp_path: Path) -> None:
    with FakeSmtp() as server:
        channels = opened(
            tmp_path,
            OF_TESTS,
            MAIL_HOST="127.0.0.1",
            MAIL_PORT=str(server.port),
            MAIL_SECURITY="none",
            MAIL_FROM_ADDRESS="home@example.org",
            MAIL_FROM_NAME="青松",
        )
        assert not channels["mail"].can_ask
        assert not channels["mail"].can_follow
        channels["mail"].send(Outgoing(ref="K7Q2", address="li@example.com", body="K7Q2"))
    (taken,) = server.letters
    assert taken.message["From"].addresses[0].display_name == "青松"
    assert taken.message["Date"].datetime.date() == OF_TESTS.now().date()


def test_a_clock_of_tests_never_meets_a_real_mail_server(tmp_path: Path) -> None:
    settings = {"MAIL_HOST": "mail.example.org", "MAIL_FROM_ADDRESS": "home@example.org"}
    assert "mail" in opened(tmp_path, MACHINES, **settings)
    with pytest.raises(RefusedError) as caught:
        opened(tmp_path, OF_TESTS, **settings)
    assert str(caught.value) == "TRACKER_CLOCK is set, but mail.example.org is a real provider."


def test_a_file_of_certificates_is_looked_for_in_the_home(tmp_path: Path) -> None:
    channels = opened(
        tmp_path,
        MACHINES,
        MAIL_HOST="mail.example.org",
        MAIL_FROM_ADDRESS="home@example.org",
        MAIL_CA_FILE="ca.pem",
    )
    assert channels["mail"]._server.ca_file == str(tmp_path / "ca.pem")  # type: ignore[attr-defined]


def test_a_push_message_ends_before_its_lease_does(tmp_path: Path) -> None:
    channels = opened(tmp_path, MACHINES, DELIVERY_LEASE_SECONDS="20")
    assert channels["push"]._timeout == 18  # type: ignore[attr-defined]
