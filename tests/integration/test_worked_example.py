"""The worked example of docs/, typed as it stands there and worked out once more."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests import worked_example as example
from tests.worked_example import ENGLISH, PAGES, Reader, Sum, Typed

LATER = "2026-11-24T10:00:00+08:00"
LEDGER = Typed(0, ["tracker", "ledger", "card"])
FIRST_PLAN = Typed(0, ["tracker", "plan", "show", "card", "--version", "1"])
PLAN = Typed(0, ["tracker", "plan", "show", "card"])

Json = dict[str, Any]
Printed = dict[int, list[str]]


def as_json(reader: Reader, typed: Typed) -> Json:
    found: Json = json.loads("\n".join(reader.types(typed, "--json")))
    return found


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Reader, Printed]]:
    """Both pages typed from top to bottom, each on a fresh home."""
    found = {}
    for page in PAGES:
        reader = Reader(tmp_path_factory.mktemp("worked") / "home")
        commands = [each for each in example.parse(example.read(page)) if isinstance(each, Typed)]
        found[page] = reader, {each.number: reader.types(each) for each in commands}
    return found


@pytest.mark.parametrize("page", PAGES)
def test_what_the_page_shows_is_printed_and_every_figure_follows(
    typed: dict[str, tuple[Reader, Printed]], page: str
) -> None:
    _, printed = typed[page]
    assert example.faults(example.read(page), printed) == [], "python -m tests.worked_example"


@pytest.mark.parametrize("page", PAGES)
def test_a_wrong_figure_anywhere_on_the_page_is_found(
    typed: dict[str, tuple[Reader, Printed]], page: str
) -> None:
    _, printed = typed[page]
    lines = example.read(page)
    planted = 0
    for number, line in enumerate(lines):
        if line.startswith(example.PROMPT):
            continue  # typed otherwise, it would print something else
        for figure in example.FIGURE.finditer(line):
            last = figure.end() - 1
            wrong = line[:last] + str((int(line[last]) + 1) % 10) + line[last + 1 :]
            changed = [*lines[:number], wrong, *lines[number + 1 :]]
            assert example.faults(changed, printed), wrong
            planted += 1
    assert planted > 250


def test_both_languages_show_the_same_figures() -> None:
    told = []
    for page in PAGES:
        lines = example.read(page)
        items = example.parse(lines)
        told.append(
            (
                [re.sub(r"\s|days?|天", "", each.text) for each in items if isinstance(each, Sum)],
                [
                    [
                        [figure.group() for figure in example.FIGURE.finditer(line)]
                        for line in each.shown
                    ]
                    for each in items
                    if isinstance(each, Typed)
                ],
                [figure for line in lines for figure in example.FIGURE.findall(line)],
            )
        )
    assert told[0][:2] == told[1][:2]
    assert sorted(told[0][2]) == sorted(told[1][2])


@pytest.mark.parametrize("page", PAGES)
def test_every_line_of_interest_is_worked_out_on_the_page(
    typed: dict[str, tuple[Reader, Printed]], page: str
) -> None:
    reader, _ = typed[page]
    sums = [each for each in example.parse(example.read(page)) if isinstance(each, Sum)]
    lines = [each for each in as_json(reader, LEDGER)["entries"] if each["kind"] == "interest"]
    assert len(lines) == 8
    for line in lines:
        computed = line["computed"]
        days = (date.fromisoformat(line["on"]) - date.fromisoformat(computed["from_on"])).days
        assert days == computed["days"]
        assert re.search(rf"(?<!\d){days}(?!\d)", line["detail"]), line["detail"]
        begins = f"{Decimal(computed['base']['amount']):,.2f}×0.05%×{days}"
        texts = (re.sub(r"\s|days?|天", "", each.text) for each in sums)
        found = [text for text in texts if re.match(re.escape(begins) + r"[=≈+−]", text)]
        assert found, begins
        assert example.value(re.split("[=≈]", found[0])[-1]) == Fraction(line["amount"]["amount"])


@pytest.mark.parametrize("page", PAGES)
def test_each_line_adds_up_to_its_balance(
    typed: dict[str, tuple[Reader, Printed]], page: str
) -> None:
    reader, _ = typed[page]
    entries = as_json(reader, LEDGER)["entries"]
    assert len(entries) == 16
    for before, entry in pairwise(entries):
        parts = sum(Fraction(each["amount"]) for each in entry["parts"].values())
        amount, balance = (Fraction(entry[name]["amount"]) for name in ("amount", "balance"))
        assert parts == amount
        assert balance == Fraction(before["balance"]["amount"]) + amount
    asked = as_json(reader, PLAN)
    assert asked["progress"]["open"] == entries[-1]["balance"]
    first = as_json(reader, FIRST_PLAN)
    rows = [Fraction(row["amount"]["amount"]) for row in first["instalments"]]
    assert (len(rows), sum(rows)) == (60, Fraction("18909.98"))


def test_typed_on_one_later_day_it_comes_to_the_same(
    typed: dict[str, tuple[Reader, Printed]], tmp_path: Path
) -> None:
    at_the_time, _ = typed[ENGLISH]
    later = Reader(tmp_path / "home")
    for each in example.parse(example.read(ENGLISH)):
        if isinstance(each, Typed) and each.words[0] == "tracker":
            later.set["TRACKER_CLOCK"] = LATER
            later.types(each, warns=True)
    assert as_json(later, LEDGER)["entries"] == as_json(at_the_time, LEDGER)["entries"]
    for question in (FIRST_PLAN, PLAN):
        rows, wanted = (
            [
                (row["due_on"], row["amount"], row["paid"])
                for row in as_json(reader, question)["instalments"]
            ]
            for reader in (later, at_the_time)
        )
        assert rows == wanted
