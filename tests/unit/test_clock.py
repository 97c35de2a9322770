from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tracker.clock import ENVIRONMENT, Clock, from_environment
from tracker.errors import InputError


def test_the_machines_clock_gives_aware_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    clock = from_environment()
    assert not clock.simulated
    assert clock.now().tzinfo is UTC
    assert clock.now() <= clock.now()


def test_a_set_clock_starts_at_its_instant_and_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "2026-01-31T09:00:00+00:00")
    clock = from_environment()
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    first, second = clock.now(), clock.now()
    assert clock.simulated
    assert start <= first < second < start + timedelta(minutes=1)


def test_what_passes_can_be_read_apart_from_the_clock_and_keeps_its_pace() -> None:
    origin = datetime(2026, 1, 31, 9, tzinfo=UTC)
    clock = Clock(origin=origin, started=0.0, speed=1000.0)
    now, passed = clock.now(), clock.elapsed()
    assert timedelta(0) <= origin + timedelta(seconds=passed) - now < timedelta(hours=1)
    machine = Clock()
    first, second = machine.elapsed(), machine.elapsed()
    assert first <= second < first + 60


def test_an_offset_is_turned_into_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, "2026-01-31T09:00:00+08:00")
    now = from_environment().now()
    assert now.utcoffset() == timedelta(0)
    assert (now.day, now.hour) == (31, 1)


def test_a_speed_multiplies_what_passes() -> None:
    origin = datetime(2026, 1, 31, 9, tzinfo=UTC)
    fast = Clock(origin=origin, started=0.0, speed=1000.0)
    slow = Clock(origin=origin, started=0.0, speed=1.0)
    passed = slow.now() - origin
    assert passed * 999 < fast.now() - origin < passed * 1001 + timedelta(hours=1)


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "2026-01-31",
        "2026-01-31T09:00:00",
        "2026-01-31T09:00:00+00:00,0",
        "2026-01-31T09:00:00+00:00,-1",
        "2026-01-31T09:00:00+00:00,nan",
        "2026-01-31T09:00:00+00:00,inf",
        "2026-01-31T09:00:00+00:00,fast",
    ],
)
def test_what_is_no_instant_with_a_speed_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(ENVIRONMENT, value)
    with pytest.raises(InputError) as caught:
        from_environment()
    assert value in str(caught.value)
    assert caught.value.field == ENVIRONMENT
