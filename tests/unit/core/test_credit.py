"""Worked examples for each family of clock, on the shipped rules."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from tracker.core.clocks import EVENTS
from tracker.core.credit import Period, Removal, Status, no_rule, projected, removal
from tracker.rules import retention

TODAY = date(2026, 11, 24)
PLAN_END = date(2028, 3, 31)


def when(id_: str, today: date = TODAY, **events: date) -> Removal:
    rules = retention.rules()
    return removal(rules[id_], rules, events, today=today)


def if_kept(id_: str, plan_ends_on: date = PLAN_END, **events: date) -> Removal:
    rules = retention.rules()
    return projected(rules[id_], rules, events, plan_ends_on=plan_ends_on, today=TODAY)


def ids(jurisdiction: str, entry: str, register: str | None = None) -> list[str]:
    return [rule.id for rule in retention.choose(jurisdiction, entry, register)]


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2027, 1, 31), Period(months=1), date(2027, 2, 28)),
        (date(2028, 1, 31), Period(months=1), date(2028, 2, 29)),
        (date(2024, 2, 29), Period(years=1), date(2025, 2, 28)),
        (date(2024, 2, 29), Period(years=4), date(2028, 2, 29)),
        (date(2024, 11, 30), Period(months=15), date(2026, 2, 28)),
        (date(2026, 11, 26), Period(working_days=3), date(2026, 12, 1)),
        (date(2026, 11, 28), Period(working_days=1), date(2026, 11, 30)),
        (date(2026, 11, 24), Period(), date(2026, 11, 24)),
    ],
)
def test_months_are_clamped_and_working_days_skip_the_weekend(
    start: date, period: Period, end: date
) -> None:
    assert period.after(start) == end


def test_days_are_added_before_years() -> None:
    # 2 September + 180 days is 29 February 2024, and seven years on 28 February;
    # seven years first, then 180 days, is 1 March.
    start = date(2023, 9, 2)
    assert Period(years=7, days=180).after(start) == date(2031, 2, 28)
    assert Period(days=180).after(Period(years=7).after(start)) == date(2031, 3, 1)


def test_a_us_charge_off_is_expected_at_seven_years_and_lawful_180_days_longer() -> None:
    assert ids("US", "charge_off") == ["US-FCRA-CHARGEOFF-PRACTICE"]
    answer = when("US-FCRA-CHARGEOFF-PRACTICE", first_delinquency_date=date(2023, 9, 2))
    assert (answer.status, answer.on) == (Status.KNOWN, date(2030, 9, 2))
    assert answer.latest == date(2031, 2, 28)
    assert answer.cites == (
        "US-FCRA-CHARGEOFF-PRACTICE@2026-11-24",
        "US-FCRA-CHARGEOFF@2026-11-24",
    )
    assert answer.check_with_register


def test_paying_moves_nothing_in_family_a() -> None:
    unpaid = when("GB-CRA-DEFAULT", default_date=date(2024, 2, 29))
    paid = when("GB-CRA-DEFAULT", default_date=date(2024, 2, 29), paid_in_full_date=TODAY)
    plan = if_kept("GB-CRA-DEFAULT", default_date=date(2024, 2, 29))
    assert unpaid.on == paid.on == plan.on == date(2030, 2, 28)
    assert unpaid.status is paid.status is plan.status is Status.KNOWN
    assert unpaid.confidence == "high"
    assert not unpaid.check_with_register


def test_a_bad_date_that_is_not_recorded_is_unknown_and_not_waiting() -> None:
    answer = when("GB-CRA-DEFAULT")
    assert answer.status is Status.UNKNOWN
    assert answer.params["event"] == EVENTS["default_date"]


def test_a_mark_past_its_day_should_have_gone() -> None:
    on_the_day = when("GB-CRA-DEFAULT", default_date=date(2020, 11, 24))
    assert (on_the_day.on, on_the_day.gone) == (TODAY, True)
    assert not when("GB-CRA-DEFAULT", default_date=date(2020, 11, 25)).gone


def test_a_chinese_late_mark_waits_until_the_arrears_are_cleared() -> None:
    waiting = when("CN-PBOC-LATE90", missed_payment_date=date(2019, 1, 1))
    assert (waiting.status, waiting.on) == (Status.WAITING, None)
    cleared = when("CN-PBOC-LATE90", bad_behaviour_end_date=date(2025, 6, 30))
    assert (cleared.status, cleared.on) == (Status.KNOWN, date(2030, 6, 30))


def test_a_running_plan_projects_family_b_and_moves_with_its_end() -> None:
    first = if_kept("CN-PBOC-LATE90")
    assert (first.status, first.on) == (Status.PROJECTED, date(2033, 3, 31))
    slipped = if_kept("CN-PBOC-LATE90", date(2028, 6, 30))
    assert slipped.on == date(2033, 6, 30)
    overrun = if_kept("CN-PBOC-LATE90", date(2026, 1, 1))
    assert (overrun.status, overrun.on) == (Status.PROJECTED, date(2031, 11, 24))
    fact = if_kept("CN-PBOC-LATE90", bad_behaviour_end_date=date(2026, 1, 1))
    assert (fact.status, fact.on) == (Status.KNOWN, date(2031, 1, 1))


def test_a_date_after_today_is_a_plan() -> None:
    answer = when("CN-PBOC-LATE90", bad_behaviour_end_date=date(2026, 11, 25))
    assert answer.status is Status.PROJECTED
    assert not answer.gone


def test_the_earlier_of_payment_and_write_off_counts_in_taiwan() -> None:
    assert ids("TW", "charge_off") == ["TW-JCIC-CHARGEOFF-PAID"]
    written_off = date(2023, 5, 10)
    open_ = when("TW-JCIC-CHARGEOFF-PAID", written_off_date=written_off)
    assert (open_.on, open_.latest) == (date(2028, 5, 10), date(2028, 5, 10))
    soon = when(
        "TW-JCIC-CHARGEOFF-PAID", written_off_date=written_off, paid_in_full_date=date(2024, 1, 1)
    )
    assert (soon.on, soon.latest) == (date(2027, 1, 1), None)
    capped = if_kept("TW-JCIC-CHARGEOFF-PAID", written_off_date=written_off)
    assert (capped.status, capped.on) == (Status.KNOWN, date(2028, 5, 10))
    assert len(soon.cites) == 2
    assert when("TW-JCIC-CHARGEOFF-PAID").status is Status.WAITING


def test_a_stopped_card_in_taiwan_clears_six_months_after_payment() -> None:
    stopped = date(2022, 1, 15)
    assert when("TW-JCIC-CARD-STOP-UNPAID", card_stopped_date=stopped).on == date(2029, 1, 15)
    paid = when(
        "TW-JCIC-CARD-STOP-UNPAID", card_stopped_date=stopped, paid_in_full_date=date(2026, 8, 31)
    )
    assert paid.on == date(2027, 2, 28)


def test_the_later_of_two_dates_is_open_while_one_is_missing() -> None:
    assert ids("AU", "bankruptcy") == ["AU-BANKRUPTCY-A"]
    open_ = when("AU-BANKRUPTCY-A", order_date=date(2022, 1, 1))
    assert (open_.status, open_.on, open_.earliest) == (Status.WAITING, None, date(2027, 1, 1))
    both = when("AU-BANKRUPTCY-A", order_date=date(2022, 1, 1), discharge_date=date(2025, 6, 1))
    assert (both.status, both.on) == (Status.KNOWN, date(2027, 6, 1))


def test_a_judgment_paid_within_one_calendar_month_is_cancelled() -> None:
    assert ids("GB", "court_judgment") == ["GB-CCJ"]
    judged = date(2026, 1, 31)
    in_time = when("GB-CCJ", judgment_date=judged, paid_in_full_date=date(2026, 2, 28))
    assert in_time.on == date(2026, 2, 28)
    late = when("GB-CCJ", judgment_date=judged, paid_in_full_date=date(2026, 3, 1))
    assert late.on == date(2032, 1, 31)
    unpaid = when("GB-CCJ", judgment_date=judged)
    assert (unpaid.on, unpaid.status) == (date(2032, 1, 31), Status.KNOWN)
    still_time = when("GB-CCJ", judgment_date=date(2026, 11, 20))
    assert still_time.latest == date(2032, 11, 20)
    assert "bring this forward" in still_time.reason


def test_the_one_month_rule_gives_way_to_six_years_when_it_was_missed() -> None:
    judged = date(2026, 1, 31)
    answer = when("GB-CCJ-1MONTH", judgment_date=judged, paid_in_full_date=date(2026, 3, 1))
    assert answer.on == date(2032, 1, 31)
    assert answer.cites[0] == "GB-CCJ-1MONTH@2026-11-24"
    assert "GB-CCJ@2026-11-24" in answer.cites
    no_judgment = when("GB-CCJ-1MONTH", paid_in_full_date=date(2026, 3, 1))
    assert no_judgment.status is Status.UNKNOWN


def test_the_hundred_days_of_schufa_run_from_the_report() -> None:
    reported = date(2026, 1, 1)
    fast = when(
        "DE-SCHUFA-PAID-100D",
        report_to_bureau_date=reported,
        paid_in_full_date=date(2026, 4, 11),
    )
    assert fast.on == date(2027, 10, 11)
    slow = when(
        "DE-SCHUFA-PAID-100D",
        report_to_bureau_date=reported,
        paid_in_full_date=date(2026, 4, 12),
    )
    assert slow.on == date(2029, 4, 12)


def test_payment_ends_a_french_incident_early() -> None:
    listed = when("FR-FICP-INCIDENT", report_to_bureau_date=date(2024, 1, 1))
    assert listed.on == listed.latest == date(2029, 1, 1)
    kept = if_kept("FR-FICP-INCIDENT", report_to_bureau_date=date(2024, 1, 1))
    assert (kept.status, kept.on, kept.latest) == (
        Status.PROJECTED,
        PLAN_END,
        date(2029, 1, 1),
    )


def test_a_malaysian_trade_reference_goes_three_working_days_after_payment() -> None:
    # Thursday 19 November 2026, then Friday, Monday, Tuesday.
    paid = when("MY-CTOS-TRADE", paid_in_full_date=date(2026, 11, 19))
    assert paid.on == date(2026, 11, 24)


def test_any_payment_moves_a_canadian_mark() -> None:
    assert ids("CA", "collection") == ["CA-EFX-COLLECTION", "CA-TU-COLLECTION"]
    before = when("CA-EFX-COLLECTION", last_activity_date=date(2022, 5, 1))
    after = when(
        "CA-EFX-COLLECTION",
        last_activity_date=date(2022, 5, 1),
        last_payment_date=date(2026, 10, 3),
    )
    kept = if_kept("CA-EFX-COLLECTION", last_activity_date=date(2022, 5, 1))
    assert [before.on, after.on, kept.on] == [
        date(2028, 5, 1),
        date(2032, 10, 3),
        date(2034, 3, 31),
    ]
    assert kept.status is Status.PROJECTED
    assert "later" in before.payment_effect
    assert before.payment_effect != when("CA-TU-COLLECTION").payment_effect


def test_ontario_adds_a_ceiling_that_counts_from_the_default_if_nothing_was_paid() -> None:
    assert ids("CA-ON", "collection") == [
        "CA-EFX-COLLECTION",
        "CA-TU-COLLECTION",
        "CA-ON-STATUTE",
    ]
    never_paid = when("CA-ON-STATUTE", default_date=date(2023, 4, 5))
    assert never_paid.on == date(2030, 4, 5)
    paid = when("CA-ON-STATUTE", default_date=date(2023, 4, 5), last_payment_date=date(2024, 1, 1))
    assert paid.on == date(2031, 1, 1)


def test_a_month_without_its_day_gives_a_range() -> None:
    answer = when("GB-CRA-LATE", record_month=date(2024, 2, 10))
    assert (answer.earliest, answer.on) == (date(2030, 2, 1), date(2030, 2, 28))
    whole = when("GB-CRA-LATE", record_month=date(2024, 2, 1))
    assert whole.on == answer.on


def test_an_open_default_in_singapore_never_expires_until_the_lender_says_settled() -> None:
    assert when("SG-CBS-DEFAULT-OPEN").status is Status.NEVER_WHILE_OPEN
    part = when("SG-CBS-DEFAULT-OPEN", last_payment_date=date(2026, 1, 1))
    assert part.status is Status.NEVER_WHILE_OPEN
    paid = when("SG-CBS-DEFAULT-OPEN", paid_in_full_date=date(2026, 1, 1))
    assert paid.status is Status.WAITING
    assert paid.params["event"] == EVENTS["status_date"]
    settled = when("SG-CBS-DEFAULT-OPEN", status_date=date(2026, 2, 1))
    assert (settled.status, settled.on) == (Status.KNOWN, date(2029, 2, 1))
    assert if_kept("SG-CBS-DEFAULT-OPEN").on == date(2031, 3, 31)


def test_an_arrangement_flag_has_no_date_of_its_own() -> None:
    assert when("SG-CBS-DMP").status is Status.NEVER_WHILE_OPEN
    assert if_kept("SG-CBS-DMP").status is Status.NEVER_WHILE_OPEN
    ended = when("SG-CBS-DMP", plan_completed_date=date(2026, 9, 1))
    assert (ended.status, ended.earliest) == (Status.UNKNOWN, date(2026, 9, 1))


@pytest.mark.parametrize("id_", ["GB-DMP", "US-MEDICAL-SMALL", "IE-CCR-INSOLVENCY"])
def test_what_a_register_does_not_keep_is_not_shown(id_: str) -> None:
    answer = when(id_, paid_in_full_date=TODAY, default_date=date(2020, 1, 1))
    assert (answer.status, answer.on) == (Status.NOT_SHOWN, None)


def test_a_us_judgment_is_not_shown_though_the_law_would_allow_it() -> None:
    assert ids("US", "court_judgment") == ["US-NCAP-JUDGMENT"]
    answer = when("US-NCAP-JUDGMENT", judgment_date=date(2024, 3, 1))
    assert (answer.status, answer.latest) == (Status.NOT_SHOWN, date(2031, 3, 1))


def test_an_iva_stays_until_it_is_completed_if_that_is_later() -> None:
    assert ids("GB", "iva") == ["GB-IVA", "GB-IVA-REGISTER"]
    started = date(2018, 6, 1)
    usual = when("GB-IVA", plan_start_date=started, plan_completed_date=date(2023, 6, 1))
    assert usual.on == date(2024, 6, 1)
    long = when("GB-IVA", plan_start_date=started, plan_completed_date=date(2026, 6, 1))
    assert long.on == date(2026, 6, 1)


def test_a_closed_window_is_never_chosen_and_only_helps_those_who_used_it() -> None:
    chosen = {
        rule.id
        for place in retention.jurisdictions()
        for entry in (*retention.entries(place), "late_small_2020_2025")
        for rule in retention.choose(place, entry)
    }
    assert chosen.isdisjoint({"CN-PBOC-ONEOFF-2026", "KR-AMNESTY-2025"})
    assert ids("CN", "late_small_2020_2025") == []
    used = when("CN-PBOC-ONEOFF-2026", paid_in_full_date=date(2026, 3, 31))
    assert (used.status, used.gone) == (Status.KNOWN, True)
    too_late = when("CN-PBOC-ONEOFF-2026", paid_in_full_date=date(2026, 4, 1))
    assert (too_late.status, too_late.on) == (Status.UNKNOWN, None)
    assert if_kept("KR-AMNESTY-2025").status is Status.UNKNOWN


def test_fallbacks_are_tried_in_order_and_nothing_is_guessed() -> None:
    assert ids("AU", "late_60") == ["AU-RHI"]
    assert ids("FR", "collection") == ["FR-FICP-INCIDENT"]
    assert ids("SG", "charge_off") == ["SG-CBS-DEFAULT-OPEN"]
    assert ids("NZ", "settlement_partial") == ["NZ-DEFAULT"]
    assert ids("GB", "default_paid") == ["GB-CRA-DEFAULT"]
    assert ids("US", "default") == []
    assert ids("ES", "default") == []
    assert no_rule().status is Status.UNKNOWN


def test_a_rule_that_covers_a_mark_goes_before_a_fallback() -> None:
    assert ids("IE", "charge_off") == ["IE-CCR-CLOSED"]
    assert ids("HK", "collection") == ["HK-CRA-MATDEF-SETTLED"]
    assert ids("JP", "late_30") == ["JP-CIC", "JP-JICC", "JP-KSC"]
    assert ids("JP", "default", "JICC") == ["JP-JICC"]


def test_scotland_has_its_own_decree_and_else_the_countrys_rules() -> None:
    assert ids("GB-SCT", "court_judgment") == ["GB-SCT-DECREE"]
    assert ids("GB-SCT", "default") == ["GB-CRA-DEFAULT"]
    assert ids("GB-ENG", "court_judgment") == ["GB-CCJ"]


@pytest.mark.parametrize("id_", sorted(retention.rules()))
def test_every_rule_answers_with_nothing_known_and_with_everything_known(id_: str) -> None:
    everything = dict.fromkeys(EVENTS, date(2024, 1, 31))
    for answer in (
        when(id_),
        if_kept(id_),
        when(id_, **everything),
        if_kept(id_, **everything),
        when(id_, **dict.fromkeys(EVENTS, date(2027, 2, 28))),
    ):
        sentence = answer.reason.format(**answer.params)
        assert sentence.endswith(".")
        assert "{" not in sentence
        assert f"{id_}@2026-11-24" in answer.cites
        assert (answer.on is not None) == (answer.status in (Status.KNOWN, Status.PROJECTED))
        bounds = [day for day in (answer.earliest, answer.on, answer.latest) if day]
        assert all(a <= b for a, b in pairwise(bounds))
    assert when(id_).on is None
