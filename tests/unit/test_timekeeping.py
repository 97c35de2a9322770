"""Whether a clock is believed: steady, asleep, set forward, set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.peers.clock import MovableClock
from tracker.clock import Clock
from tracker.daemon.timekeeping import Doubt, Timekeeper

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
SETTLE = 300.0


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.fixture
def keeper(clock: MovableClock) -> Timekeeper:
    keeper = Timekeeper(clock, SETTLE)
    assert not keeper.jumped()
    return keeper


def test_time_that_passes_is_no_jump_however_long_a_machine_slept(
    keeper: Timekeeper, clock: MovableClock
) -> None:
    for hours in (0.004, 8, 24 * 400):
        clock.forward(hours=hours)
        assert keeper.doubt(NOW) is None


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_clock_that_is_trimmed_is_believed(
    keeper: Timekeeper, clock: MovableClock, minutes: float
) -> None:
    clock.jump(minutes=minutes)
    assert not keeper.jumped()


@pytest.mark.parametrize("span", [{"minutes": 11}, {"days": 1}, {"days": 3650}])
def test_a_clock_set_forward_is_believed_once_it_has_run_steadily(
    keeper: Timekeeper, clock: MovableClock, span: dict[str, float]
) -> None:
    clock.jump(**span)
    assert keeper.doubt(NOW) is Doubt.JUMPED
    clock.forward(seconds=SETTLE - 1)
    assert keeper.doubt(NOW) is Doubt.JUMPED
    clock.forward(seconds=1)
    assert keeper.doubt(NOW) is None
    clock.forward(days=1)
    assert keeper.doubt(NOW) is None


def test_a_clock_that_goes_on_jumping_is_never_believed(
    keeper: Timekeeper, clock: MovableClock
) -> None:
    for _ in range(10):
        clock.jump(hours=1)
        clock.forward(seconds=SETTLE - 1)
        assert keeper.doubt(NOW) is Doubt.JUMPED


def test_a_clock_set_forward_by_mistake_and_back_holds_nothing_longer(
    keeper: Timekeeper, clock: MovableClock
) -> None:
    clock.jump(days=365)
    assert keeper.doubt(NOW) is Doubt.JUMPED
    clock.forward(seconds=60)
    clock.jump(days=-365)
    assert keeper.doubt(NOW) is None


def test_a_clock_set_back_is_behind_what_was_recorded_and_no_more(
    keeper: Timekeeper, clock: MovableClock
) -> None:
    clock.jump(hours=-1)
    assert keeper.doubt(NOW) is Doubt.BEHIND
    assert keeper.doubt(NOW - timedelta(hours=2)) is None
    clock.forward(minutes=58)
    assert keeper.doubt(NOW) is None


def test_a_board_that_starts_in_1970_is_behind_and_then_settles() -> None:
    clock = MovableClock(datetime(1970, 1, 1, tzinfo=UTC))
    keeper = Timekeeper(clock, SETTLE)
    assert keeper.doubt(NOW) is Doubt.BEHIND
    clock.jump(seconds=(NOW - clock.now()).total_seconds())
    assert keeper.doubt(NOW) is Doubt.JUMPED
    clock.forward(seconds=SETTLE)
    assert keeper.doubt(NOW) is None


def test_the_machines_own_clock_is_believed_and_has_a_second_reading() -> None:
    clock = Clock()
    first = clock.elapsed()
    keeper = Timekeeper(clock, SETTLE)
    assert keeper.doubt(None) is None
    assert keeper.doubt(clock.now()) is None
    assert keeper.doubt(clock.now() + timedelta(hours=1)) is Doubt.BEHIND
    assert 0 <= clock.elapsed() - first < 60
