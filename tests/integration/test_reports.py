from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.peers.desk import Desk
from tracker.documents import pdf

TWO = "2026-12-04 100.00\n2027-01-04 100.00\n"
# What belongs to others, and must reach no creditor.
CANARIES = (
    "Birch",
    "Canary",
    "KITE",
    "kite",
    "REF-OTHER",
    "4,321.09",
    "432109",
    "13.37",
    "07700",
    "7700900",
    "+44",
    "MAPLE",
    "disputed",
    "Pay slip",
)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document of tests that do not look at it need not be set."""
    monkeypatch.setattr(pdf, "pdf_in_child", lambda content: b"%PDF-" + content.json().encode())


@pytest.fixture
def agreed(maple: Desk) -> Desk:
    maple.ask("person.edit", email="li@example.org")
    maple.ask("debt.edit", debt="maple", reference="AB-77")
    maple.clock.forward(minutes=1)
    maple.plan(rows=TWO)
    return maple


def others(desk: Desk) -> None:
    """A second debt and a second person, full of what must not be seen."""
    desk.debt("KITE", creditor="Birch Canary Loans", total="4321.09", reference="REF-OTHER")
    desk.plan("kite", total="4321.09", count="12", start="2026-12-10")
    desk.ask("pay", debt="kite", amount="13.37", note="Pay slip Canary")
    desk.ask("debt.hold", debt="kite", kind="disputed", note="Canary")
    desk.ask("pay", debt="maple", amount="60", note="Canary: Pay slip", ref="TR-1")


def make(desk: Desk, **request: Any) -> dict[str, Any]:
    return desk.ask("report.make", **{"debt": "maple", "period": "2026-Q4", **request})


def text_of(path: str) -> str:
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_a_report_shows_this_account_and_nothing_of_any_other(agreed: Desk) -> None:
    others(agreed)
    made = make(agreed)
    html = Path(made["html"]).read_text()
    document = text_of(made["pdf"])
    shown = re.sub(r"data:[^\"')]+", "", html)
    for told in (shown, document):
        assert "Alder Bank" in told
        assert "AB-77" in told
        assert "60.00" in told
        for canary in CANARIES:
            assert canary not in told, canary
    raw = Path(made["pdf"]).read_bytes()
    assert not any(canary in raw for canary in (b"Birch", b"Canary", b"REF-OTHER"))


def test_the_figures_are_those_of_the_period_and_of_the_whole(agreed: Desk, quick: None) -> None:
    agreed.ask("pay", debt="maple", amount="60", on="2026-11-24", ref="TR-1")
    agreed.clock.at = datetime(2026, 12, 10, 9, tzinfo=UTC)
    agreed.ask("pay", debt="maple", amount="50", method="cash")
    content = json.loads(Path(make(agreed, period="2026-12")["pdf"]).read_bytes()[5:])
    assert (content["paid_in_period_minor"], content["due_in_period_minor"]) == (5000, 10000)
    assert (content["paid_total_minor"], content["balance_minor"]) == (11000, 109000)
    assert (content["kept"], content["late"], content["missed"]) == (0, 1, 0)
    assert [row["paid_minor"] for row in content["rows"]] == [10000, 1000]
    assert [payment["amount_minor"] for payment in content["payments"]] == [5000]
    assert content["payments"][0]["method"] == "cash"
    assert content["agreed_on"] == "2026-11-24"


def test_of_a_part_paid_instalment_what_is_still_open_is_next(agreed: Desk, quick: None) -> None:
    agreed.ask("pay", debt="maple", amount="40.00")
    html = Path(make(agreed)["html"]).read_text()
    assert "£60.00 on 4 December 2026." in html


def test_a_voided_payment_is_in_no_report(agreed: Desk, quick: None) -> None:
    agreed.ask("pay", debt="maple", amount="77")
    agreed.ask("payment.void", payment="1")
    content = Path(make(agreed)["pdf"]).read_bytes()
    assert b"7700" not in content
    assert json.loads(content[5:])["payments"] == []


def test_reports_are_numbered_per_debt_and_kept_with_their_hashes(
    agreed: Desk, quick: None, home: Path
) -> None:
    first = make(agreed)
    agreed.ask("pay", debt="maple", amount="5")
    second = make(agreed)
    assert [first["number"], second["number"]] == [1, 2]
    assert Path(second["html"]).parent == home / "reports"
    for made in (first, second):
        for kind in ("html", "pdf"):
            path = Path(made[kind])
            assert hashlib.sha256(path.read_bytes()).hexdigest() == made[f"{kind}_sha256"]
            assert path.stat().st_mode & 0o077 == 0
    listed = agreed.ask("report.list", debt="maple")["reports"]
    assert sorted(each["number"] for each in listed) == [1, 2]
    assert (listed[0]["period_start"], listed[0]["period_end"]) == ("2026-10-01", "2027-01-01")


def test_the_same_key_makes_one_report(agreed: Desk, quick: None) -> None:
    request = {"debt": "maple", "period": "2026-Q4"}
    first = agreed.answer("report.make", request, key="k1")
    assert first[0] == 200
    assert agreed.answer("report.make", request, key="k1") == first
    assert len(agreed.ask("report.list")["reports"]) == 1
    assert agreed.answer("report.make", request | {"period": "2026-11"}, key="k1")[0] == 409


@pytest.mark.parametrize("kind", ["disputed", "moratorium", "not-mine", "adviser", "insolvency"])
def test_a_hold_keeps_reports_silent(agreed: Desk, quick: None, home: Path, kind: str) -> None:
    agreed.ask("debt.hold", debt="maple", kind=kind)
    error = agreed.refused("report.make", debt="maple", period="2026-Q4", accept=True)
    assert (error["code"], error["exit"]) == ("refused", 5)
    assert kind in error["sentence"]
    assert agreed.ask("report.list")["reports"] == []
    assert not list(home.glob("reports/*"))
    agreed.ask("debt.release", debt="maple")
    assert make(agreed)["number"] == 1


@pytest.mark.parametrize(
    ("request_", "field", "exit_"),
    [
        ({"period": "2027-Q1"}, "period", 2),
        ({"period": "soon"}, "period", 2),
        ({"period": "2026-13"}, "period", 2),
        ({"language": "xx_YY"}, "locale", 2),
        ({"out": "/nowhere/at/all"}, "out", 2),
        ({"debt": "oak"}, "debt", 3),
    ],
)
def test_a_report_that_cannot_be_meant_is_refused_and_not_numbered(
    agreed: Desk, quick: None, request_: dict[str, str], field: str, exit_: int
) -> None:
    wanted = {"debt": "maple", "period": "2026-Q4", **request_}
    error = agreed.refused("report.make", **wanted)
    assert (error["field"], error["exit"]) == (field, exit_)
    assert agreed.ask("report.list")["reports"] == []


def test_a_report_that_cannot_be_written_is_not_numbered_and_leaves_nothing(
    agreed: Desk, quick: None, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    real = os.open

    def full(path: str, flags: int, mode: int = 0o777) -> int:
        if str(path).split("/")[-1].startswith(".maple-1.pdf"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, flags, mode)

    monkeypatch.setattr("tracker.actions.reports.os.open", full)
    error = agreed.refused("report.make", debt="maple", period="2026-Q4")
    assert (error["field"], error["exit"]) == ("out", 2)
    assert "No space left" in error["sentence"]
    assert agreed.ask("report.list")["reports"] == []
    assert not list((home / "reports").iterdir())


def test_without_a_plan_there_is_nothing_to_report(maple: Desk, quick: None) -> None:
    assert maple.refused("report.make", debt="maple", period="2026-Q4")["exit"] == 4
    assert maple.ask("report.list")["reports"] == []


def test_a_report_can_be_in_the_creditors_language(agreed: Desk, quick: None) -> None:
    made = make(agreed, language="zh_Hans_CN")
    assert made["locale"] == "zh_Hans_CN"
    html = Path(made["html"]).read_text()
    assert 'lang="zh' in html
    assert "2026年12月4日" in html


def test_a_statement_that_differs_is_named_beside_the_ledgers_figure(
    agreed: Desk, quick: None
) -> None:
    agreed.clock.forward(days=1)
    agreed.ask("statement.add", debt="maple", total="1250")
    content = json.loads(Path(make(agreed)["pdf"]).read_bytes()[5:])
    assert content["statement"]["total_minor"] == 125000
    assert content["statement"]["own_minor"] == 120000
    assert any("difference" in request for request in content["requests"])
    assert content["balance_minor"] == 120000
