"""Splits, refunds, proofs, other moneys and stated parts as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused

# Each command begins at the same instant, so that what was stated on the day itself
# would stand beside what was paid on it in no certain order.
SINCE = ("--as-of", "2026-11-01")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Household:
    made = cli.household(tmp_path_factory.mktemp("template") / "home", "en_GB")
    for args in (
        ("Sample Shop", "--handle", "river", "--word", "RIVER", "--total", "290.00", *SINCE),
        ("Cedar Cards", "--handle", "kite", "--word", "KITE", "--currency", "USD", "--total", "9"),
    ):
        done = made.type("debt", "add", *args, "--new-creditor", "--yes", "--last-payment", "1 oct")
        assert done.code == 0, done
    return made


@pytest.fixture
def home(template: Household, tmp_path: Path) -> Household:
    return template.copied(tmp_path / "home")


@pytest.fixture(scope="module")
def british(template: Household, tmp_path_factory: pytest.TempPathFactory) -> Household:
    """What is refused changes nothing, so that one home serves for all of it."""
    copy = template.copied(tmp_path_factory.mktemp("british") / "home")
    recorded(copy, "pay", "river", "10")
    return copy


def lines(household: Household, *args: str) -> list[str]:
    return recorded(household, *args).out.splitlines()


def test_a_split_is_said_part_by_part_and_undone_as_one(home: Household) -> None:
    said = lines(home, "payment", "split", "500", "--to", "maple=300", "--to", "river=200")
    assert said[0] == "£500.00 is split: MAPLE £300.00, RIVER £200.00."
    assert "Recorded as #2: £200.00 for RIVER on Tue 24 Nov." in said
    shown = home.type("payment", "list").out.splitlines()
    assert shown[0].split() == ["No.", "Date", "Debt", "Amount", "Kind", "State", "How", "Split"]
    assert shown[1].split()[-1] == shown[2].split()[-1] == "#1"
    assert len([line for line in lines(home, "undo") if line.startswith("Voided")]) == 2


def test_a_proof_is_found_from_where_the_command_is_typed(
    home: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "receipt.pdf").write_bytes(b"%PDF a receipt")
    (tmp_path / "second.png").write_bytes(b"a picture")
    monkeypatch.chdir(tmp_path)
    assert "Proof of #1 kept: receipt.pdf." in lines(home, "pay", "maple", "--proof", "receipt.pdf")
    assert lines(home, "payment", "proof", "1", "second.png") == ["Proof of #1 kept: second.png."]
    assert "receipt.pdf, second.png" in home.type("payment", "list").out


def test_another_money_and_a_refund_stand_in_the_list(home: Household) -> None:
    lines(home, "pay", "river", "--sent", "400 USD", "--rate", "0.79")
    assert lines(home, "payment", "refund", "river", "26")[0] == (
        "Refund recorded as #2: £26.00 came back from RIVER on Tue 24 Nov."
    )
    refund, payment = home.type("payment", "list").out.splitlines()[1:]
    assert refund.split()[:6] == ["2", "2026-11-24", "river", "26.00", "GBP", "refund"]
    assert "316.00 GBP  400.00 USD  0.79" in payment


def test_stated_parts_are_answered_as_json(home: Household) -> None:
    lines(home, "pay", "maple", "100")
    done = recorded(
        home,
        *("payment", "stated", "1", "--principal", "60", "--interest", "30", "--fees", "10"),
        "--json",
    )
    assert json.loads(done.out)["stated"]["fees"] == {"amount": "10.00", "currency": "GBP"}


SPLIT = ("payment", "split")
SENT = ("pay", "maple", "--sent")
STATED = ("payment", "stated", "1")


@pytest.mark.parametrize(
    ("args", "code", "names"),
    [
        ((*SENT, "100 USD", "--rate", "0"), 2, ("rate", "'0'")),
        ((*SENT, "100 USD", "--rate", "NaN"), 2, ("rate", "'NaN'")),
        ((*SENT, "100 USD", "--rate", "1e5"), 2, ("rate", "'1e5'")),
        ((*SENT, "100 GBP", "--rate", "1"), 2, ("sent", "'100 GBP'")),
        ((*SENT, "100", "--rate", "0.79"), 2, ("sent", "'100'")),
        ((*SENT, "100 USD"), 2, ("rate", "'100 USD'")),
        ((*SPLIT, "500", "--to", "maple"), 2, ("to", "maple")),
        ((*SPLIT, "500", "--to", "maple", "--to", "maple"), 2, ("to", "maple")),
        ((*SPLIT, "500", "--to", "maple", "--to", "kite"), 2, ("to", "kite", "USD")),
        (
            (*SPLIT, "500", "--to", "maple=300", "--to", "river=150"),
            2,
            ("total", "500.00", "450.00", "50.00"),
        ),
        (("payment", "refund", "river", "10.01"), 4, ("amount", "10.01 GBP")),
        (("payment", "refund", "river", "-1"), 2, ("amount", "'-1'")),
        (("payment", "proof", "1", "nothing-there.pdf"), 2, ("file", "nothing-there.pdf")),
        (("payment", "proof", "1", "/dev/null"), 2, ("file", "'/dev/null'")),
        (("payment", "proof", "1", "/"), 2, ("file", "'/'")),
        (("payment", "proof", "7", "/dev/null"), 3, ("payment", "#7")),
        (("payment", "proof", "x", "/dev/null"), 2, ("payment", "'x'")),
        (("pay", "maple", "--proof", "nothing-there.pdf"), 2, ("proof", "nothing-there.pdf")),
        ((*STATED, "--principal", "9"), 2, ("payment", "10.00", "9.00")),
        ((*STATED, "--fees", "1e1"), 2, ("fees", "'1e1'")),
        (STATED, 2, ("principal",)),
        (("payment", "stated", "7", "--fees", "10"), 3, ("payment", "#7")),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(
    british: Household, args: tuple[str, ...], code: int, names: tuple[str, ...]
) -> None:
    refused(british, *args, code=code, names=names)
