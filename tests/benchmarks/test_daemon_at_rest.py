"""The daemon on a small machine: its memory, and what it costs to have it wait."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from tests.peers import measure, site
from tests.peers.twilio import ACCOUNT_SID, AUTH_TOKEN, SENDER
from tracker.clock import Clock

IDLE_SECONDS = 60.0


def _household(
    home: Path, template: Path, settings: list[str], *, channel: str, days: int
) -> tuple[str, str]:
    """A plan whose first instalment is due in so many days; its pages, its feed's path.

    It was recorded a day ago, so that a reminder since then is due at once.
    """
    now = Clock().now()
    port = measure.free_port()
    toml = "\n".join([f'web.bind = "127.0.0.1:{port}"', "web.login = false", *settings])
    clock = Clock(origin=now - timedelta(hours=25), started=time.monotonic())
    office = measure.office(home, template, toml, clock)
    measure.add_person(office, channel=channel)
    start = now.date() + timedelta(days=days)
    measure.add_plan(office, "maple", start=start, count=12, total="480.00")
    token = measure.ask(office, "feed.add")["token"]
    office.close()
    return f"127.0.0.1:{port}", f"/feed/{token}.ics"


def test_the_daemon_with_the_console_channel(home: Path, sqlite_template: Path) -> None:
    place, feed = _household(home, sqlite_template, [], channel="console", days=40)
    client = site.Client(place)
    with measure.daemon(home) as pid:
        measure.until(lambda: _ticked(home) > 1, "a second tick")
        started = measure.rss_mb(pid)
        assert client.get("/").status == 200
        assert client.get(feed).status == 200
        used = measure.rss_mb(pid)
        cpu, written, ticks = measure.cpu_seconds(pid), measure.written_bytes(pid), _ticked(home)
        began = time.monotonic()
        time.sleep(IDLE_SECONDS)
        spent = (measure.cpu_seconds(pid) - cpu) / (time.monotonic() - began)
        grown = measure.written_bytes(pid) - written
        assert _ticked(home) > ticks
        rested = measure.rss_mb(pid)
    measure.show("the daemon after its start", f"{started:.0f} MB", "85 MB", over=started > 85)
    measure.show("after a page and a feed", f"{used:.0f} MB", "85 MB", over=used > 85)
    measure.note(f"a minute later {rested:.0f} MB")
    measure.show("at rest, of a core", f"{100 * spent:.3f} %", "0.05 %", over=100 * spent > 0.05)
    hour = 3600 / IDLE_SECONDS
    measure.show(
        "written to disk at rest, in an hour", f"{grown * hour:.0f} bytes", "0", over=grown > 0
    )


def test_the_daemon_after_its_first_text(home: Path, tmp_path: Path, sqlite_template: Path) -> None:
    with measure.twilio(tmp_path) as (url, store):
        secret = tmp_path / "token"
        secret.write_text(AUTH_TOKEN)
        secret.chmod(0o600)
        settings = [
            'reminders.hours = ["00:00", "23:59"]',
            'reminders.offsets = ["-7d", "-6d", "-5d", "-4d", "-3d", "-2d", "-1d", "0d"]',
            f'sms.twilio.account_sid = "{ACCOUNT_SID}"',
            f'sms.twilio.from_number = "{SENDER}"',
            f'sms.twilio.api_base_url = "{url}"',
            f'sms.twilio.auth_token_file = "{secret}"',
        ]
        place, feed = _household(home, sqlite_template, settings, channel="sms", days=5)
        client = site.Client(place)
        with measure.daemon(home) as pid:
            measure.until(lambda: store.read_text() != "", "the first text")
            assert client.get("/").status == 200
            assert client.get(feed).status == 200
            measure.until(lambda: _ticked(home) > 1, "a second tick")
            used = measure.rss_mb(pid)
    measure.show("after a first text, a page, a feed", f"{used:.0f} MB", "105 MB", over=used > 105)


def _ticked(home: Path) -> int:
    import json

    told = site.Client(str(home / "tracker.sock")).get("/healthz")
    return int(json.loads(told.body)["ticks"])
