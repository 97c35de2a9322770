"""What lies ahead as it is typed and read at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return cli.household(tmp_path_factory.mktemp("outlook") / "home", "en_GB")


@pytest.fixture
def own(known: Household, tmp_path: Path) -> Household:
    return known.copied(tmp_path / "home")


def test_a_projection_is_read_with_its_what_ifs(own: Household) -> None:
    recorded(own, "debt", "terms", "maple", "--rate", "0.1% a day", "--late-fee", "25.00")
    shown = own.type("plan", "project", "maple", "--extra", "50", "--missed").out
    for told in ("Ends on", "Interest to come", "50.00 GBP more on 2026-11-24 saves"):
        assert told in shown
    assert "25.00 GBP in fees" in shown
    assert "no budget is recorded here" in shown


def test_the_outlook_asks_for_a_rate_and_uses_it(own: Household) -> None:
    assert "No terms are recorded for maple" in own.type("outlook").out
    recorded(own, "person", "edit", "--currency", "CNY")
    assert "`tracker rate add GBP RATE`" in own.type("outlook").out
    done = recorded(own, "rate", "add", "GBP", "9.05", "--on", "2026-11-20")
    assert "Recorded: 1 GBP = 9.05 CNY, on 20 November 2026." in done.out
    shown = own.type("outlook").out
    assert "1 GBP = 9.05 CNY  2026-11-20" in shown
    home = json.loads(own.type("outlook", "--json").out)["home"]["to_pay"]
    assert home["currency"] == "CNY"
    assert f"{home['amount'].partition('.')[2]} CNY" in shown
    assert "1 GBP = 9.05 CNY" in own.type("rate", "list").out
    recorded(own, "rate", "drop", "GBP", "--on", "2026-11-20")
    assert "No rate yet" in own.type("rate", "list").out


def test_what_is_due_is_paged_and_names_no_creditor(own: Household) -> None:
    first = own.type("due", "--days", "366", "--limit", "1").out
    place = first.split("--after ")[1].split()[0]
    second = own.type("due", "--days", "366", "--limit", "1", "--after", place).out
    assert "1/" in first
    assert "2/" in second
    assert "Example Bank" not in first + second
    assert "in all." in own.type("due", "--days", "366", "--limit", "1", "--count").out
    assert "Nothing is due up to 2026-11-24." in own.type("due", "--days", "0").out


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        (("rate", "add", "GBP", "1"), "GBP"),
        (("rate", "add", "USD", "-0.8"), "-0.8"),
        (("rate", "add", "USD", "seven"), "seven"),
        (("due", "--days", "soon"), "soon"),
        (("due", "--after", "there"), "there"),
        (("plan", "project", "maple", "--extra", "0"), "0"),
        (("plan", "project", "maple", "--on", "fri"), "fri"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    own: Household, typed: tuple[str, ...], named: str
) -> None:
    refused(own, *typed, code=2, names=(named,))
