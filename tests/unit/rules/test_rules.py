"""The rules as data: complete, cited, consistent; and the working days."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date

import pytest

from tracker.core.clocks import STANDING
from tracker.core.limitation import LimitationRule
from tracker.core.periods import Source
from tracker.core.retention import RetentionRule
from tracker.errors import InputError, NotFoundError
from tracker.rules import limitation, retention, tables
from tracker.rules.holidays import working_day

AS_OF = date(2026, 11, 24)


def test_all_rules_are_there() -> None:
    assert len(retention.rules()) == 137
    assert len(limitation.rules()) == 26
    assert len(retention.jurisdictions()) == 19


def test_every_rule_has_a_source_a_confidence_and_a_revision() -> None:
    every: list[RetentionRule | LimitationRule] = [
        *retention.rules().values(),
        *limitation.rules().values(),
    ]
    for rule in every:
        assert re.fullmatch(r"[A-Z0-9-]+", rule.id)
        assert (rule.revision, rule.as_of) == (AS_OF.isoformat(), AS_OF)
        assert rule.cite == f"{rule.id}@2026-11-24"
        assert rule.source.title
        assert rule.source.ref
        assert rule.source.url is None or re.match(r"https?://[^ ]+$", rule.source.url)
        assert rule.confidence in ("low", "medium", "high")
    assert sum(rule.source.url is None for rule in every) == 12
    assert sum(rule.confirmed for rule in every) == 142


def test_ids_that_rules_name_exist_in_the_same_country() -> None:
    rules = retention.rules()
    for rule in rules.values():
        named = [rule.when_cleared, rule.limit, *rule.replaces]
        named += rule.combine.ids if rule.combine else ()
        named += [rule.condition.otherwise] if rule.condition else []
        for id_ in filter(None, named):
            assert rules[id_].jurisdiction[:2] == rule.jurisdiction[:2]
        if rule.combine:
            assert rule.id in rule.combine.ids
    for rule_ in limitation.rules().values():
        for id_ in rule_.companions:
            assert limitation.rules()[id_].jurisdiction == rule_.jurisdiction


def test_a_rule_without_a_period_says_why() -> None:
    for rule in retention.rules().values():
        assert (rule.retention is None) <= (rule.clock in STANDING)


def test_only_the_two_one_offs_have_a_window_and_both_have_closed() -> None:
    windows = {r.id: r.window for r in retention.rules().values() if r.window}
    assert {id_: w.closed_on for id_, w in windows.items()} == {
        "CN-PBOC-ONEOFF-2026": date(2026, 3, 31),
        "KR-AMNESTY-2025": date(2025, 12, 31),
    }


def test_texts_state_facts_and_not_how_they_were_found() -> None:
    for rule in retention.rules().values():
        text = f"{rule.note} {rule.effect_of_payment} {rule.source.ref} {rule.source.title}"
        for phrase in ("earlier_of", "later_of", ".md", "not seen", "text read", "page read"):
            assert phrase not in text.lower(), rule.id


def test_every_fallback_leads_to_a_mark_that_some_rule_has() -> None:
    marks = {rule.entry for rule in retention.rules().values()}
    for entry, chain in retention.fallbacks().items():
        assert entry not in chain
        assert set(chain) <= marks


def test_a_citation_finds_its_rule_and_refuses_another_revision() -> None:
    assert retention.cited("GB-CCJ@2026-11-24") is retention.cited("GB-CCJ")
    assert limitation.cited("LIM-GB").claim == "general"
    for cited in (retention.cited, limitation.cited):
        with pytest.raises(NotFoundError):
            cited("GB-CCJ@2020-01-01")


def test_each_place_has_one_usual_kind_of_claim() -> None:
    places = {rule.jurisdiction for rule in limitation.rules().values()}
    for place in places:
        defaults = [r for r in limitation.rules().values() if r.jurisdiction == place and r.default]
        assert len(defaults) == 1, place


@pytest.mark.parametrize(
    ("place", "claim", "expected"),
    [
        ("TW", None, ["LIM-TW", "LIM-TW-INT"]),
        ("TW", "goods", ["LIM-TW-GOODS"]),
        ("KR", None, ["LIM-KR-COM"]),
        ("KR", "civil", ["LIM-KR"]),
        ("FR", None, ["LIM-FR"]),
        ("NL", "sale", ["LIM-NL-SALE"]),
        ("MY", "east", ["LIM-MY-EAST"]),
        ("GB-SCT", None, ["LIM-GB-SCT"]),
        ("CA-ON", None, ["LIM-CA-ON"]),
        ("CA-QC", None, ["LIM-CA"]),
        ("US-NY", None, ["LIM-US"]),
        ("ES", None, []),
    ],
)
def test_a_claim_finds_its_limitation_rules(
    place: str, claim: str | None, expected: list[str]
) -> None:
    assert [rule.id for rule in limitation.choose(place, claim)] == expected


def test_an_unknown_claim_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError) as caught:
        limitation.choose("NL", "rent")
    assert caught.value.params["known"] == "general, sale"


def test_a_field_that_nobody_reads_is_an_error() -> None:
    table = tables.Table({"id": "X", "retenton": {"years": 6}}, "test")
    assert table.text("id") == "X"
    with pytest.raises(ValueError, match="retenton"):
        table.done()


def test_a_source_needs_a_title() -> None:
    table = tables.Table({"source": {"ref": "s. 1"}}, "test")
    with pytest.raises(ValueError, match="title"):
        table.source()
    assert Source(title="A", ref="B").url is None


@pytest.mark.parametrize(
    ("place", "day", "works"),
    [
        (None, date(2026, 12, 25), True),
        (None, date(2026, 12, 26), False),
        ("GB", date(2026, 12, 25), False),
        ("GB", date(2027, 3, 29), False),  # Easter Monday
        ("GB-SCT", date(2027, 3, 29), True),
        ("GB-SCT", date(2027, 1, 4), False),
        ("GB-ENG", date(2027, 1, 4), True),
        ("gb-eng", date(2026, 12, 24), True),
        ("US-NY", date(2026, 11, 26), False),
        ("HK", date(2026, 11, 28), False),  # a Saturday
        ("CN", date(2026, 10, 1), False),
        ("CN", date(2026, 10, 10), True),  # a Saturday worked for the National Day week
        ("CN", date(2026, 10, 11), False),
        ("CN", date(2026, 2, 14), True),
    ],
)
def test_working_days_follow_the_country(place: str | None, day: date, works: bool) -> None:
    assert working_day(place)(day) is works


def test_the_calendar_of_a_country_is_made_once() -> None:
    assert working_day("GB") is working_day(" gb ")


@pytest.mark.parametrize("place", ["XX", "GB-ZZ", "England", "", "GB-"])
def test_a_place_without_known_holidays_is_refused(place: str) -> None:
    with pytest.raises(InputError) as caught:
        working_day(place)
    assert caught.value.field == "country"


def test_the_holidays_library_is_loaded_on_first_use_only() -> None:
    code = (
        "import sys; from tracker.rules.holidays import working_day; working_day(None);"
        "print('holidays' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
