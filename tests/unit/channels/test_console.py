from __future__ import annotations

import io
import json
import os
import resource
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tracker.channels.console import Console
from tracker.channels.message import Channel, ChannelError, Failure, Outgoing
from tracker.clock import Clock

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEXT = Outgoing(ref="K7Q2", address="+15550100001", body="Li: MAPLE 7 of 12. Ref K7Q2")


def console(path: Path, stream: io.TextIOBase | None = None, at: datetime = NOON) -> Console:
    clock = Clock(origin=at, started=0.0, speed=1e-12)
    return Console(stream=stream or io.StringIO(), path=path, clock=clock)  # type: ignore[arg-type]


def test_a_text_is_kept_in_the_file_and_shown_on_the_stream(tmp_path: Path) -> None:
    shown = io.StringIO()
    channel: Channel = console(tmp_path / "out", shown)
    accepted = channel.send(TEXT)
    assert shown.getvalue() == TEXT.body + "\n"
    kept = json.loads((tmp_path / "out").read_text())
    assert (kept["ref"], kept["to"], kept["body"]) == ("K7Q2", "+15550100001", TEXT.body)
    assert accepted == channel.find(TEXT, NOON)


def test_the_address_is_not_shown_and_nothing_steers_the_terminal(tmp_path: Path) -> None:
    shown = io.StringIO()
    console(tmp_path / "out", shown).send(
        Outgoing(ref="K7Q2", address="+15550100001", body="a\x1b[31m\nb")
    )
    assert shown.getvalue() == "a[31m b\n"


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    before = os.umask(0)
    try:
        console(path).send(TEXT)
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        console(path).send(TEXT)
        assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_another_process_finds_what_was_sent(tmp_path: Path) -> None:
    first = console(tmp_path / "out").send(TEXT)
    other = Outgoing(ref="M4T9", address=TEXT.address, body="…")
    second = console(tmp_path / "out").send(other)
    assert first.provider_id != second.provider_id
    assert console(tmp_path / "out").find(TEXT, NOON) == first
    assert console(tmp_path / "out").find(other, NOON) == second


@pytest.mark.parametrize(
    "asked",
    [
        Outgoing(ref="K7Q", address=TEXT.address, body=""),
        Outgoing(ref="K7Q2", address="+15550100002", body=""),
    ],
)
def test_another_ref_or_address_is_not_found(tmp_path: Path, asked: Outgoing) -> None:
    console(tmp_path / "out").send(TEXT)
    assert console(tmp_path / "out").find(asked, NOON) is None


def test_a_ref_of_long_ago_is_another_message(tmp_path: Path) -> None:
    console(tmp_path / "out").send(TEXT)
    assert console(tmp_path / "out").find(TEXT, NOON + timedelta(days=400)) is None
    assert console(tmp_path / "out").find(TEXT, NOON + timedelta(minutes=59)) is not None


def test_without_a_file_nothing_was_sent(tmp_path: Path) -> None:
    assert console(tmp_path / "out").find(TEXT, NOON) is None


def test_a_line_cut_short_neither_counts_nor_swallows_the_next(tmp_path: Path) -> None:
    path = tmp_path / "out"
    console(path).send(TEXT)
    path.write_bytes(path.read_bytes()[:-20])
    assert console(path).find(TEXT, NOON) is None
    again = console(path).send(TEXT)
    assert console(path).find(TEXT, NOON) == again


def test_a_terminal_that_went_away_takes_nothing_back(tmp_path: Path) -> None:
    gone = io.StringIO()
    gone.close()
    channel = console(tmp_path / "out", gone)
    assert channel.find(TEXT, NOON) is None
    assert channel.send(TEXT) == channel.find(TEXT, NOON)


def test_a_file_that_cannot_be_written_means_not_sent(tmp_path: Path) -> None:
    shown = io.StringIO()
    with pytest.raises(ChannelError) as caught:
        console(tmp_path / "missing" / "out", shown).send(TEXT)
    assert caught.value.kind is Failure.transient
    assert shown.getvalue() == ""


def test_a_line_that_does_not_fit_means_not_sent_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "out"
    console(path).send(TEXT)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 30, limits[1]))
    try:
        with pytest.raises(ChannelError) as caught:
            console(path).send(TEXT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.kind is Failure.transient
    assert path.read_bytes() == before


def test_a_device_is_no_file_to_write_to() -> None:
    mode = Path("/dev/null").stat().st_mode
    with pytest.raises(ChannelError):
        console(Path("/dev/null")).send(TEXT)
    assert Path("/dev/null").stat().st_mode == mode


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ChannelError):
        console(tmp_path / "out").send(TEXT)
    assert not (tmp_path / "elsewhere").exists()


def test_many_writers_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "out"

    def write(number: int) -> None:
        for each in range(20):
            console(path).send(Outgoing(ref=f"R{number}X{each}", address="+15550100001", body="x"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({line["ref"] for line in lines}) == len(lines) == 80
