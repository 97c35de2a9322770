"""A tick with nothing due, with a household's and with a charity's plans stored."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.benchmarks import stock
from tests.peers import measure
from tests.peers.clock import MovableClock
from tracker.daemon.tick import Ticker

EACH = 14
FEW, MANY = 1_000, 100_000
TICKS = 200


def _ticker(folder: Path, empty: Path | str, plans: int) -> Ticker:
    folder.mkdir()
    clock = MovableClock(stock.called_at(0) - timedelta(days=7))
    office = measure.office(folder, empty, clock=clock)
    stock.fill(office.database, plans=plans, each=EACH, days=28)
    return Ticker(office=office, channels={}, home_id="home")


def test_a_tick_with_nothing_due(tmp_path: Path, empty: Callable[[], Path | str]) -> None:
    few = _ticker(tmp_path / "few", empty(), FEW)
    many = _ticker(tmp_path / "many", empty(), MANY)
    kind = many.office.database.engine.dialect.name
    for ticker in (few, many):
        ticker.start()
        assert ticker.run() == stock.called_at(0)
    measured = [(measure.seconds(few.run), measure.seconds(many.run)) for _ in range(TICKS)]
    small, large = (1000 * statistics.median(each) for each in zip(*measured, strict=True))
    for ticker in (few, many):
        ticker.office.close()
    name = f"{kind}: a tick with nothing due, 1.4 million instalments"
    measure.show(name, f"{large:.2f} ms", "1 ms", over=large > 1)
    ratio = large / small
    measure.show(
        "the same / at 14 thousand",
        f"{large:.2f} / {small:.2f} ms = {ratio:.2f}",
        "1.5",
        over=ratio > 1.5,
    )
