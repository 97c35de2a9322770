"""How much goes in a day: to a person, to a number, from the home; never more, whatever the clock.

Each debt has one instalment, due on Friday 4 December 2026, of which is heard on the 30th,
the 2nd and the 3rd.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.integration.test_delivery import ONE, at, live, three_debts, words
from tests.peers.channels import Lost, Scripted, permanent, transient, unknown
from tests.peers.clock import MovableClock
from tests.peers.desk import Desk, confirmed
from tracker.actions.delivery import claim
from tracker.actions.office import Office
from tracker.channels.cover import COVER_WORDS
from tracker.channels.message import Accepted, Outgoing
from tracker.channels.segments import segments
from tracker.daemon.tick import Ticker

DAY = timedelta(days=1)
Capped = Callable[..., Ticker]


@dataclass(slots=True)
class Meter(Scripted):
    """Notes when each text was taken, and what it costs."""

    clock: MovableClock | None = None
    times: list[tuple[datetime, str, int]] = field(default_factory=list)

    def take(self, message: Outgoing) -> Accepted:
        assert self.clock is not None
        self.times.append((self.clock.now(), message.address, segments(message.body).count))
        return Scripted.take(self, message)

    def most_in_a_day(self, address: str | None = None) -> int:
        """The largest number of parts that went within any 24 hours."""
        mine = [(when, cost) for when, to, cost in self.times if address in (None, to)]
        sums = [
            sum(cost for when, cost in mine if begin <= when < begin + DAY) for begin, _ in mine
        ]
        return max(sums, default=0)


@pytest.fixture
def meter(clock: MovableClock) -> Meter:
    return Meter("sms", clock=clock)


@pytest.fixture
def capped(office: Office, meter: Meter, console: Scripted) -> Capped:
    """A ticker of a home with these caps; every other is far away."""

    def ticker(**caps: Any) -> Ticker:
        sms = {
            "segments_per_day": 100_000,
            "segments_per_person": 100_000,
            "segments_per_number": 100_000,
        }
        daily = {"daily_cap": 1000, "workers": 1}
        settings = replace(
            office.settings,
            sms=replace(office.settings.sms, **(sms | {k: v for k, v in caps.items() if k in sms})),
            delivery=replace(
                office.settings.delivery, **(daily | {k: v for k, v in caps.items() if k in daily})
            ),
        )
        assert caps.keys() <= sms.keys() | daily.keys()
        return Ticker(
            office=replace(office, settings=settings),
            channels={"sms": meter, "console": console},
            home_id="home",
        )

    return ticker


def household(desk: Desk, count: int, *, shared: bool = False) -> list[Desk]:
    """So many people with a debt each, and a telephone each or one for all."""
    people = []
    for number in range(count):
        phone = f"+44770090012{0 if shared else number}"
        one = desk.of(desk.li(name=f"Li {number}", phone=phone)["handle"])
        one.debt()
        one.plan(rows=ONE)
        people.append(one)
    return people


def each_half_hour(ticker: Ticker, clock: MovableClock, until: datetime) -> None:
    while clock.at < until:
        ticker.run()
        clock.at = min(until, clock.at + timedelta(minutes=30))
    ticker.run()


def waiting(desk: Desk) -> list[str | None]:
    return [each.reason for each in desk.messages("pending")]


def test_a_person_gets_no_more_parts_than_are_allowed_and_the_rest_when_a_day_is_over(
    maple: Desk, clock: MovableClock, meter: Meter, capped: Capped
) -> None:
    three_debts(maple, apart=True)
    ticker = capped(segments_per_person=2)
    live(ticker, clock, at(30, 19, month=11))
    assert len(meter.times) == 2
    assert waiting(maple) == [claim.AT_CAP]
    live(ticker, clock, at(1, 19))
    assert len(meter.times) == 3
    assert meter.most_in_a_day() == 2


def test_a_long_text_does_not_slip_over_with_its_last_part(
    desk: Desk, clock: MovableClock, meter: Meter, capped: Capped
) -> None:
    desk.li(name="李", locale="zh_Hans_CN")
    for number, word in enumerate(COVER_WORDS["zh_Hans"][:6]):
        hour = {"send_time": "11:00"} if number else {}
        desk.debt(word, creditor=f"Bank {number}", handle=f"d{number}")
        desk.plan(f"d{number}", rows=ONE, **hour)
    ticker = capped(segments_per_person=2)
    live(ticker, clock, at(30, 12, month=11))
    assert [cost for _, _, cost in meter.times] == [1]
    assert waiting(desk) == [claim.AT_CAP]
    live(ticker, clock, at(1, 19))
    assert [cost for _, _, cost in meter.times] == [1, 2]
    assert meter.most_in_a_day() == 2


def test_a_number_of_two_people_gets_no_more_than_is_allowed_to_one_number(
    desk: Desk, clock: MovableClock, meter: Meter, capped: Capped
) -> None:
    household(desk, 3, shared=True)
    ticker = capped(segments_per_number=2)
    live(ticker, clock, at(30, 19, month=11))
    assert len(meter.times) == 2
    assert waiting(desk) == [claim.AT_CAP]
    live(ticker, clock, at(8))
    assert meter.most_in_a_day("+447700900120") == 2


def test_numbers_of_their_own_do_not_wait_for_one_another(
    desk: Desk, clock: MovableClock, meter: Meter, capped: Capped
) -> None:
    household(desk, 3)
    live(capped(segments_per_number=1, segments_per_person=1), clock, at(30, 19, month=11))
    assert len(meter.times) == 3


def test_the_home_sends_no_more_than_is_allowed_in_a_day_and_a_start_forgets_nothing(
    desk: Desk, clock: MovableClock, meter: Meter, capped: Capped, console: Scripted
) -> None:
    people = household(desk, 6)
    people[5].ask("person.edit", channels=["console"])
    clock.at = at(30, month=11)
    for hour in (10, 11, 12):
        each_half_hour(capped(segments_per_day=5), clock, at(30, hour, month=11))
    # So that the longest text stays within it, it ends with three parts left or fewer.
    assert len(meter.times) == 3
    assert len(console.bodies) == 1
    assert desk.states().count("pending") == 2
    each_half_hour(capped(segments_per_day=5), clock, at(1, 12))
    assert len(meter.times) == 5
    assert meter.most_in_a_day() <= 5


@pytest.mark.parametrize(
    "caps", [{"segments_per_day": 4}, {"segments_per_person": 2}, {"segments_per_number": 2}]
)
@pytest.mark.parametrize("step", [{"minutes": 7}, {"hours": 5}, {"days": 1}])
def test_a_clock_that_runs_away_sends_no_more_in_any_of_its_days(
    desk: Desk,
    clock: MovableClock,
    meter: Meter,
    capped: Capped,
    caps: dict[str, int],
    step: dict[str, int],
) -> None:
    shared = "segments_per_person" not in caps
    for one in household(desk, 3, shared=shared):
        one.debt("KITE", creditor="Kite Loans")
        one.plan("kite", rows=ONE, send_time="12:00")
    ticker = capped(**caps)
    meter.script.extend([unknown(), transient(), Lost(), permanent()])
    clock.at = at(30, 9, 30, month=11)
    for _ in range(16):
        ticker.run()
        clock.forward(**step)
    assert len(meter.times) > 1
    numbers = [None] if shared else {address for _, address, _ in meter.times}
    assert max(meter.most_in_a_day(each) for each in numbers) <= max(caps.values())


def test_a_clock_that_leaps_to_and_fro_sends_no_more(
    desk: Desk, clock: MovableClock, meter: Meter, capped: Capped
) -> None:
    household(desk, 6, shared=True)
    ticker = capped(segments_per_number=2)
    clock.at = at(30, 9, month=11)
    for hours in (3, -2, 30, -29, 0, 26, -25, 3):
        ticker.run()
        clock.jump(hours=hours)
        clock.forward(minutes=1)
    texts = len(meter.times)
    assert 0 < texts <= 2 * 3


def test_what_is_in_doubt_counts_until_it_is_known_not_to_have_gone(
    maple: Desk, clock: MovableClock, meter: Meter, capped: Capped
) -> None:
    three_debts(maple, apart=True)
    ticker = capped(daily_cap=1)
    meter.script.append(Lost())
    meter.lists.extend(transient() for _ in range(1000))
    clock.at = at(30, month=11)
    each_half_hour(ticker, clock, at(30, 19, month=11))
    assert maple.states() == ["unknown", "pending"]
    assert words(maple.messages("pending")[0].body) == ["FERRY", "KITE"]
    assert len(meter.times) == 1


def test_what_was_refused_does_not_count(
    maple: Desk, clock: MovableClock, meter: Meter, capped: Capped, console: Scripted
) -> None:
    three_debts(maple, apart=True)
    meter.script.extend([permanent(), transient()])
    live(capped(daily_cap=2, segments_per_person=2), clock, at(30, 19, month=11))
    assert len(meter.times) == 2
    assert len(console.bodies) == 1


def test_the_terminal_costs_nothing_and_is_under_no_cap(
    maple: Desk, clock: MovableClock, capped: Capped, console: Scripted
) -> None:
    maple.ask("person.edit", channels=["console"])
    three_debts(maple, apart=True)
    live(capped(daily_cap=1, segments_per_day=1), clock, at(30, 19, month=11))
    assert len(console.bodies) == 3


def test_an_e_mail_counts_among_the_messages_and_not_among_the_parts(
    maple: Desk, office: Office, clock: MovableClock, capped: Capped
) -> None:
    mail = Scripted("mail", can_ask=False)
    maple.ask("person.edit", email="li@example.org", channels=["mail"])
    confirmed(office, "li", "mail")
    three_debts(maple, apart=True)
    ticker = capped(daily_cap=2, segments_per_person=1, segments_per_day=1)
    by_mail = Ticker(office=ticker.office, channels={"mail": mail}, home_id="home")
    live(by_mail, clock, at(30, 19, month=11))
    assert len(mail.taken) == 2
    assert waiting(maple) == [claim.AT_CAP]


@pytest.mark.parametrize("caps", [{"daily_cap": 1}, {"segments_per_person": 1}])
def test_workers_that_meet_do_not_go_over_it_together(
    maple: Desk, clock: MovableClock, meter: Meter, capped: Capped, caps: dict[str, int]
) -> None:
    three_debts(maple, apart=True)
    clock.at = at(30, 12, month=11)
    tickers = [capped(**caps) for _ in range(3)]
    failed: list[BaseException] = []

    def work(ticker: Ticker) -> None:
        try:
            ticker.run()
        except BaseException as error:
            failed.append(error)

    for hour in range(12, 20):
        clock.at = at(30, hour, month=11)
        threads = [threading.Thread(target=work, args=(each,)) for each in tickers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert failed == []
    assert len(meter.times) <= 1
