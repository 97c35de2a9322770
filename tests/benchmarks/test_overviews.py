"""What is due of one person and of everybody, with a household's and with a charity's debts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.benchmarks import stock
from tests.peers import measure
from tests.peers.clock import MovableClock
from tracker.actions import dispatch
from tracker.actions.office import Office

EACH, OF = 49, 4
FEW, MANY = 100, 10_000
PAIRS = 200
# As many rows on the page at both sizes: what differs is what is left out.
PAGE = "20"


def _office(folder: Path, template: Path, debts: int) -> Office:
    """A week into the first month, when a quarter of the first instalments are late."""
    folder.mkdir()
    clock = MovableClock(stock.called_at(0) + timedelta(days=7))
    office = measure.office(folder, template, clock=clock)
    stock.fill(office.database, plans=debts, each=EACH, days=28, of=OF)
    return office


def _overview(office: Office) -> dict[str, object]:
    body = {"request": {}, "person": "p7"}
    status, answer = dispatch.answer(office, "overview", body)
    assert status == 200, answer
    result: dict[str, object] = answer["result"]
    assert result["debts"] == OF
    return result


def _due(office: Office) -> dict[str, object]:
    return measure.ask(office, "caseload.due", days="7", limit=PAGE)


def test_overviews_of_a_household_and_of_a_charity(tmp_path: Path, sqlite_template: Path) -> None:
    few = _office(tmp_path / "few", sqlite_template, FEW)
    many = _office(tmp_path / "many", sqlite_template, MANY)
    for office in (few, many):
        assert len(_due(office)["due"]) == int(PAGE)  # type: ignore[arg-type]
    _show("bare tracker, one person of 10,000 debts / of 100", _overview, few, many)
    _show("a page of what is due in 7 days, 10,000 / 100", _due, few, many)
    whole = measure.ask(many, "caseload.due", days="7", count=True)
    spent = measure.median_ms(
        lambda: measure.ask(many, "caseload.due", days="7", limit="100", count=True), 20
    )
    measure.note(f"100 rows and the count of all {whole['total']}: {spent:.1f} ms")
    for office in (few, many):
        office.close()


def _show(
    work: str, read: Callable[[Office], dict[str, object]], few: Office, many: Office
) -> None:
    read(few), read(many)
    large, small, ratio = measure.in_turns(lambda: read(many), lambda: read(few), PAIRS)
    measure.show(work, f"{large:.2f} / {small:.2f} ms = {ratio:.2f}", "1.5", over=ratio > 1.5)
