"""The time to sue, on the shipped rules."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.core.limitation import (
    NEVER,
    REVIVES,
    UNASKED,
    UNKNOWN,
    Answer,
    Assessment,
    Known,
    Verdict,
    assess,
    gravest,
    unlisted,
)
from tracker.errors import InputError
from tracker.rules import limitation

TODAY = date(2026, 11, 24)


def ask(
    id_: str,
    last_payment: Answer = NEVER,
    last_contact: Answer = NEVER,
    judgment: Answer = NEVER,
    first_missed: date | None = None,
) -> Assessment:
    return assess(
        limitation.rules()[id_],
        last_payment=last_payment,
        last_contact=last_contact,
        judgment=judgment,
        first_missed=first_missed,
        today=TODAY,
    )


@pytest.mark.parametrize(
    ("paid_on", "verdict"),
    [
        (date(2021, 5, 25), Verdict.CLEAR),
        (date(2021, 5, 24), Verdict.NEAR),
        (date(2020, 11, 24), Verdict.NEAR),
        (date(2020, 11, 23), Verdict.PAST),
    ],
)
def test_the_last_six_months_are_near(paid_on: date, verdict: Verdict) -> None:
    answer = ask("LIM-GB", Known(paid_on))
    assert answer.verdict is verdict
    assert answer.ends_on == paid_on.replace(year=paid_on.year + 6)
    assert answer.needs_yes is (verdict is not Verdict.CLEAR)
    assert answer.cite == "LIM-GB@2026-11-24"
    assert answer.source == limitation.rules()["LIM-GB"].source


def test_the_first_missed_payment_counts_when_nothing_was_paid_after_it() -> None:
    answer = ask("LIM-GB", Known(date(2020, 9, 1)), first_missed=date(2020, 10, 1))
    assert answer.ends_on == date(2026, 10, 1)
    assert ask("LIM-GB", NEVER, first_missed=date(2020, 10, 1)).ends_on == date(2026, 10, 1)


def test_a_payment_later_than_the_first_missed_one_starts_the_time_again() -> None:
    answer = ask("LIM-GB", Known(date(2026, 10, 1)), first_missed=date(2018, 1, 1))
    assert (answer.verdict, answer.ends_on) == (Verdict.CLEAR, date(2032, 10, 1))


def test_a_recent_letter_does_not_make_an_old_debt_clear() -> None:
    answer = ask("LIM-GB", Known(date(2019, 1, 1)), Known(date(2026, 9, 1)))
    assert answer.verdict is Verdict.PAST
    assert (answer.ends_on, answer.or_ends_on) == (date(2025, 1, 1), date(2032, 9, 1))
    assert "{or_ends_on}" in answer.reason


@pytest.mark.parametrize("reply", [UNKNOWN, UNASKED])
@pytest.mark.parametrize("missing", ["last_payment", "last_contact", "judgment"])
def test_a_needed_date_that_is_not_known_asks_for_a_yes(reply: Answer, missing: str) -> None:
    paid = Known(date(2026, 10, 1))
    assert not ask("LIM-GB", paid).needs_yes
    answer = ask(
        "LIM-GB",
        reply if missing == "last_payment" else paid,
        reply if missing == "last_contact" else NEVER,
        reply if missing == "judgment" else NEVER,
    )
    assert (answer.verdict, answer.ends_on) == (Verdict.UNKNOWN, None)
    assert answer.needs_yes
    assert ("asked" in answer.reason) is (reply is UNASKED)


def test_nothing_paid_and_no_first_missed_payment_is_unknown() -> None:
    assert ask("LIM-GB").verdict is Verdict.UNKNOWN


def test_a_judgment_is_treated_separately() -> None:
    answer = ask("LIM-GB", UNKNOWN, UNKNOWN, Known(date(2022, 3, 4)))
    assert (answer.verdict, answer.needs_yes) == (Verdict.JUDGMENT, True)
    assert answer.params == {"on": date(2022, 3, 4)}
    assert answer.after_judgment
    assert ask("LIM-US", judgment=Known(TODAY)).verdict is Verdict.JUDGMENT


@pytest.mark.parametrize("id_", ["LIM-US", "LIM-CA", "LIM-AU", "LIM-MY-EAST"])
def test_where_no_single_law_decides_nothing_is_computed(id_: str) -> None:
    answer = ask(id_, Known(TODAY), first_missed=TODAY)
    assert (answer.verdict, answer.needs_yes) == (Verdict.NOT_COMPUTABLE, True)
    assert answer.ends_on is None


def test_german_time_runs_from_the_end_of_the_year_but_anew_from_a_payment() -> None:
    assert ask("LIM-DE", first_missed=date(2023, 2, 1)).ends_on == date(2026, 12, 31)
    paid = ask("LIM-DE", Known(date(2024, 5, 10)), first_missed=date(2023, 2, 1))
    assert paid.ends_on == date(2027, 5, 10)
    same_year = ask("LIM-DE", Known(date(2023, 5, 10)), first_missed=date(2023, 2, 1))
    assert same_year.ends_on == date(2026, 12, 31)


def test_dutch_time_starts_the_day_after() -> None:
    assert ask("LIM-NL", first_missed=date(2022, 3, 31)).ends_on == date(2027, 4, 1)


def test_french_forfeiture_counts_from_the_first_missed_payment_alone() -> None:
    late = ask("LIM-FR", Known(date(2026, 10, 1)), UNKNOWN, first_missed=date(2024, 6, 1))
    assert (late.verdict, late.ends_on) == (Verdict.PAST, date(2026, 6, 1))
    assert late.or_ends_on == date(2028, 10, 1)
    assert ask("LIM-FR", Known(date(2026, 10, 1))).verdict is Verdict.UNKNOWN


def test_cautions_say_what_a_letter_may_do_and_do_not_encourage_waiting() -> None:
    past = ask("LIM-CN", Known(date(2020, 1, 1)))
    assert REVIVES in past.cautions
    assert any("advi" in caution for caution in past.cautions)
    assert REVIVES not in ask("LIM-GB", Known(date(2019, 1, 1))).cautions
    assert len(ask("LIM-GB", Known(TODAY)).cautions) == 1


def test_the_gravest_of_several_answers_counts() -> None:
    paid = Known(date(2021, 1, 1))
    loan, interest = ask("LIM-TW", paid), ask("LIM-TW-INT", paid)
    assert (loan.verdict, interest.verdict) == (Verdict.CLEAR, Verdict.PAST)
    assert gravest([loan, interest]) is interest
    assert gravest([]) is None


def test_a_place_without_a_rule_asks_for_a_yes() -> None:
    assert unlisted().needs_yes
    assert unlisted().cite is None


def test_a_date_after_today_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        ask("LIM-GB", Known(date(2026, 11, 25)))
    assert caught.value.field == "last_payment"
    assert "2026-11-25" in str(caught.value)


@pytest.mark.parametrize("id_", sorted(limitation.rules()))
def test_every_rule_answers_whatever_is_known(id_: str) -> None:
    replies: list[Answer] = [UNKNOWN, NEVER, UNASKED, Known(date(2024, 2, 29))]
    for payment in replies:
        for contact in replies:
            for judgment in replies:
                for missed in (None, date(2023, 12, 31)):
                    answer = ask(id_, payment, contact, judgment, missed)
                    assert answer.reason.format(**answer.params).endswith(".")
                    assert answer.cite == f"{id_}@2026-11-24"
                    assert answer.advice
                    assert answer.needs_yes or answer.ends_on
