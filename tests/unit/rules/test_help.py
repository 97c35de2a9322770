"""Help as data: every number was read somewhere, and every place has somebody to talk to."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tracker.rules import help, tables
from tracker.rules.help import Help

EVERY = [(place, each) for place, found in help.places().items() for each in found]


def test_all_of_them_are_there() -> None:
    assert len(help.places()) == 18
    assert len(EVERY) == 118
    ids = [each.id for _, each in EVERY]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("each", [each for _, each in EVERY], ids=lambda each: each.id)
def test_a_number_is_told_only_with_the_text_that_it_was_read_in(each: Help) -> None:
    assert each.read_on == date(2026, 11, 24)
    assert each.languages
    assert set(each.kinds) <= set(help.KINDS)
    for address in (each.web, each.source):
        assert address is None or re.fullmatch(r"https?://[^ ]+", address)
    if each.phone is None:
        # Nor does it hide in the name.
        assert not re.search(r"\d{3}", f"{each.name} {each.local}".replace("1800RESPECT", ""))
        assert not each.anytime
    else:
        assert re.fullmatch(r"[0-9][0-9 -]{1,18}[0-9]", each.phone)
        assert each.source


def test_every_place_knows_somebody_to_talk_to_and_advice_on_debts() -> None:
    for place, found in help.places().items():
        kinds = {kind for each in found for kind in each.kinds}
        assert {"debt", "crisis", "abuse", "law"} <= kinds, place
        assert any(each.phone for each in found if "crisis" in each.kinds), place


def test_places_without_a_line_for_gambling_are_known() -> None:
    without = {
        place
        for place, found in help.places().items()
        if not any("gambling" in each.kinds for each in found)
    }
    assert without == {"MY", "TW"}


def test_a_part_of_a_country_has_its_own_or_its_countrys() -> None:
    assert help.near("GB-SCT") != help.near("GB")
    assert help.near("GB-ENG") == help.near("GB")
    assert help.near("US-NY") == help.near("US")
    assert help.near("ES") == help.near(None) == ()


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"phone": "123"}, "no source"),
        ({"whom": "nobody"}, "whom"),
        ({"cost": "much"}, "cost"),
        ({"kind": "loan"}, "kind"),
        ({"fone": "123"}, "fone"),
    ],
)
def test_a_mistake_in_the_data_is_named(more: dict[str, object], why: str) -> None:
    raw = {"id": "X", "kind": "debt", "name": "X", "languages": ["en"], **more}
    with pytest.raises(ValueError, match=why):
        help._help(tables.Table(raw, "test"), date(2026, 11, 24))
