"""Owners, changed details and parties as they are typed and read at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.peers import cli
from tests.peers.cli import Household, recorded, refused

LATER = "2026-11-26T10:05:00+00:00"


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return cli.household(tmp_path_factory.mktemp("owners") / "home", "en_GB")


@pytest.fixture
def own(known: Household, tmp_path: Path) -> Household:
    return known.copied(tmp_path / "home")


def sold(household: Household) -> str:
    typed = ("sold", "maple", "--to", "Birch Loans", "--new-creditor", "--country", "GB")
    return recorded(household, *typed, "--told-by", "their letter", "--reference", "B-1").out


def test_a_sale_is_told_and_shown_with_what_it_silences_until_the_proof(own: Household) -> None:
    assert "`tracker debt verify maple --proof TEXT`" in sold(own)
    shown = own.type("debt", "show", "maple").out
    assert "On hold: unverified-owner, from 2026-11-24" in shown
    assert "Silent meanwhile: offers, reminders, reports" in shown
    assert [line.split()[0] for line in shown.splitlines() if "Loans" in line] == [
        "Creditor",
        "Birch",
    ]
    assert "tracker debt verify maple --proof TEXT" in own.type().out
    assert "Birch Loans has not shown yet" in own.type("plan", "show", "maple").out
    refused(own, "debt", "release", "maple", "unverified-owner", code=5, names=("not verified",))
    recorded(own, "debt", "verify", "maple", "--proof", "notice of Example Bank of 3 March")
    assert "On hold" not in own.type("debt", "show", "maple").out
    owners = own.type("debt", "owners", "maple").out
    for told in ("Example Bank", "Birch Loans", "their letter", "notice of Example Bank"):
        assert told in owners
    result = json.loads(own.type("debt", "owners", "maple", "--json").out)
    assert [each["state"] for each in result["owners"]] == ["first", "verified"]


def test_changed_details_wait_and_are_checked_by_a_call(own: Household) -> None:
    recorded(own, "debt", "payee", "maple", "--account", "1234", "--told-by", "the agreement")
    typed = ("debt", "payee", "maple", "--account", "9876", "--told-by")
    done = recorded(own, *typed, "letter of 3 March")
    assert "wait until Thu 26 Nov 10:01" in done.out
    for command in (("debt", "show", "maple"), ("plan", "show", "maple"), ()):
        shown = own.type(*command).out
        assert "wait until Thu 26 Nov 10:01" in shown
        assert "tracker debt payee-check maple --called" in shown
    check = ("debt", "payee-check", "maple", "--called", "number on the statement of January")
    refused(own, *check, code=5, names=("48 hours", "Thu 26 Nov 10:01"))
    assert "1234" in own.type("plan", "show", "maple").out
    recorded(own, *check, TRACKER_CLOCK=LATER)
    assert "9876" in own.type("plan", "show", "maple", TRACKER_CLOCK=LATER).out


def test_a_rejected_change_is_told_with_whom_to_call(own: Household) -> None:
    recorded(own, "debt", "payee", "maple", "--account", "1234", "--told-by", "the agreement")
    recorded(own, "debt", "payee", "maple", "--account", "9876", "--told-by", "an e-mail")
    done = recorded(own, "debt", "payee-check", "maple", "--reject")
    assert "fraud" in done.out
    assert "Example Bank" in done.out


def test_parties_are_named_and_shown(own: Household) -> None:
    recorded(own, "debt", "party", "maple", "guarantor", "Ana Example", "--note", "my aunt")
    shown = own.type("debt", "show", "maple").out
    assert "guarantor" in shown
    assert "Ana Example" in shown
    assert json.loads(own.type("debt", "show", "maple", "--json").out)["parties"] == [
        {"name": "Ana Example", "note": "my aunt", "role": "guarantor", "since": "2026-11-24"}
    ]
    recorded(own, "debt", "party-end", "maple", "ana example")
    assert "Ana Example" not in own.type("debt", "show", "maple").out


@pytest.mark.parametrize(
    ("typed", "code", "name"),
    [
        (("sold", "maple", "--to", "Example Bank"), 4, "Example Bank"),
        (("sold", "maple", "--to", "Example Bank", "--zone", "Europe/Paris"), 2, "zone"),
        (("sold", "maple", "--to", "Birch"), 3, "Birch"),
        (("debt", "verify", "maple", "--proof", "a notice"), 4, "never sold"),
        (("debt", "payee", "maple", "--told-by", "a letter"), 2, "payee"),
        (("debt", "payee", "maple", "--account", "9876"), 2, "told_by"),
        (("debt", "payee", "maple", "--account", "98", "--told-by", "a letter"), 2, "account"),
        (("debt", "payee-check", "maple", "--called", ""), 4, "maple"),
        (("debt", "party", "maple", "cousin", "Ana"), 2, "role"),
        (("debt", "party", "maple", "guarantor", ""), 2, "name"),
        (("debt", "party-end", "maple", "Ana"), 3, "Ana"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    known: Household, typed: tuple[str, ...], code: int, name: str
) -> None:
    refused(known, *typed, code=code, names=(name,))
