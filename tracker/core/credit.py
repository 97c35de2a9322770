"""When a mark leaves a credit file, by the rule of its register.

One debt has several marks with clocks of their own; each is computed by itself
from the dates of its events and a rule, and the answer cites that rule. What a
payment does depends on the rule's family:

A       fixed at the bad event: paying does not move the date
B       starts only when cleared: unpaid never expires
C       fixed, but paying can end it early
D       moves with activity: paying can push it later
rolling each month's mark drops by itself
none    no mark of its own, or none that payment touches

A date given is the first day on which the mark should no longer be shown. An
event after today is a plan and makes the answer a projection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tracker.core.clocks import (
    CLEARED_BY_PLAN,
    CLEARING,
    EVENTS,
    MONTHS,
    PAYMENTS,
    STANDING,
    YET_TO_COME,
)
from tracker.core.periods import N_, Confidence, Period, add_months
from tracker.core.retention import (
    PAYMENT_EFFECTS,
    Combine,
    Removal,
    RetentionRule,
    Status,
    choose,
)

__all__ = [
    "EVENTS",
    "Period",
    "Removal",
    "RetentionRule",
    "Status",
    "choose",
    "no_rule",
    "projected",
    "removal",
]

Rules = Mapping[str, RetentionRule]

SOONER = N_("It leaves the file on {on} at the latest; clearing it can bring this forward.")
ANOTHER_DATE = N_(
    "It leaves the file on {on} at the latest; a date not recorded may make it sooner."
)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Dates of events, those that are only planned, and today."""

    dates: Mapping[str, date]
    planned: frozenset[str]
    today: date

    def find(self, *names: str | None) -> tuple[str, date] | None:
        return next(((n, self.dates[n]) for n in names if n and n in self.dates), None)

    def is_plan(self, name: str) -> bool:
        return name in self.planned or self.dates[name] > self.today


def removal(
    rule: RetentionRule, rules_by_id: Rules, events: Mapping[str, date], *, today: date
) -> Removal:
    """When the mark goes by the dates that are known.

    `events` maps names from `EVENTS` to dates; others are ignored.
    """
    return _finish(rule, rules_by_id, _Facts(events, frozenset(), today))


def projected(
    rule: RetentionRule,
    rules_by_id: Rules,
    events: Mapping[str, date],
    *,
    plan_ends_on: date,
    today: date,
) -> Removal:
    """When the mark goes if the running plan is kept to its last instalment.

    Only what depends on clearing becomes a projection; a date fixed at the bad
    event stays known. Where activity moves the date (family D), the plan's last
    payment is that activity. A plan whose end has passed unpaid is taken to
    clear today at the earliest.
    """
    end = max(plan_ends_on, today)
    planned = {name for name in CLEARED_BY_PLAN if name not in events}
    dates = {**events, **dict.fromkeys(planned, end)}
    return _finish(rule, rules_by_id, _Facts(dates, frozenset(planned), today))


def no_rule() -> Removal:
    """The answer where `choose` finds nothing: unknown, never guessed."""
    return Removal(
        status=Status.UNKNOWN,
        reason=N_("No rule is known for this mark; ask the register when it will go."),
    )


def _finish(rule: RetentionRule, rules: Rules, facts: _Facts) -> Removal:
    """Evaluate, then add what holds for every answer: limit, gone, payment's effect."""
    answer = _evaluate(rule, rules, facts)
    if rule.limit:
        limit = _evaluate(rules[rule.limit], rules, facts)
        answer = replace(answer, latest=limit.on, cites=_unique((*answer.cites, *limit.cites)))
    if answer.status is Status.KNOWN and answer.on and answer.on <= facts.today:
        answer = replace(
            answer,
            gone=True,
            reason=N_(
                "By the rule it left the file on {on}; if it still shows, ask for its removal."
            ),
        )
    if answer.on:
        answer = replace(answer, params={**answer.params, "on": answer.on})
    return replace(answer, payment_effect=_payment_effect(rule))


def _payment_effect(rule: RetentionRule) -> str:
    if rule.clock in ("discharge_date", "case_closed_date"):
        return N_("The clock starts when the case ends; paying alone does not move it.")
    return PAYMENT_EFFECTS[rule.family]


def _evaluate(rule: RetentionRule, rules: Rules, facts: _Facts) -> Removal:
    cleared = rule.when_cleared and any(name in facts.dates for name in CLEARING)
    if rule.when_cleared and cleared:
        answer = _evaluate(rules[rule.when_cleared], rules, facts)
        return replace(answer, cites=_unique((rule.cite, *answer.cites)))
    if _unmet(rule, facts) and rule.condition:
        answer = _evaluate(rules[rule.condition.otherwise], rules, facts)
        return replace(answer, cites=_unique((rule.cite, *answer.cites)))
    if rule.combine:
        return _combined(rule, rule.combine, rules, facts)
    return _single(rule, facts)


def _unmet(rule: RetentionRule, facts: _Facts) -> bool:
    """Whether the rule's condition has failed, or can no longer be met."""
    if rule.condition is None or rule.condition.of not in facts.dates:
        return False
    last = rule.condition.within.after(facts.dates[rule.condition.of])
    return facts.dates.get(rule.condition.event, facts.today) > last


def _combined(rule: RetentionRule, combine: Combine, rules: Rules, facts: _Facts) -> Removal:
    members = [rules[id_] for id_ in combine.ids if not _unmet(rules[id_], facts)]
    parts = [_single(member, facts) for member in members]
    dated = [(p.on, i) for i, p in enumerate(parts) if p.on]
    open_ = [p for p in parts if not p.on]
    cites = _unique(c for p in parts for c in p.cites)
    confidence = _lowest(p.confidence for p in parts)
    if not dated:
        waiting = [p for p in open_ if p.status is Status.WAITING]
        return replace((waiting or open_)[0], cites=cites, confidence=confidence)
    pick = min(dated) if combine.pick == "earliest" else max(dated)
    answer = replace(parts[pick[1]], cites=cites, confidence=confidence)
    if not open_:
        return answer
    if combine.pick == "earliest":
        can_clear = any(p.status is Status.WAITING for p in open_)
        return replace(answer, latest=answer.on, reason=SOONER if can_clear else ANOTHER_DATE)
    return replace(
        answer,
        status=open_[0].status,
        on=None,
        earliest=answer.on,
        params={"earliest": pick[0]},
        reason=N_(
            "Not before {earliest}: the later of two dates counts, and one is not known yet."
        ),
    )


def _single(rule: RetentionRule, facts: _Facts) -> Removal:
    """One rule by itself, without what it is combined with."""
    known = Removal(status=Status.KNOWN, reason="", cites=(rule.cite,), confidence=rule.confidence)
    if rule.retention is None or rule.clock in STANDING:
        return _standing(rule, known, facts)
    counted = _latest_activity(rule, facts) if rule.family == "D" else rule.clock
    start = facts.find(counted, rule.otherwise_clock)
    if start is None:
        return _not_started(rule, known)
    event, began = start
    if rule.window and (began > rule.window.closed_on or facts.is_plan(event)):
        return replace(
            known,
            status=Status.UNKNOWN,
            reason=N_("This one-off rule closed on {closed}; the ordinary rules apply."),
            params={"closed": rule.window.closed_on},
        )
    if rule.condition and rule.condition.of not in facts.dates:
        return replace(
            known,
            status=Status.UNKNOWN,
            reason=N_("No date can be given without {event}."),
            params={"event": EVENTS[rule.condition.of]},
        )
    return _dated(rule, rule.retention, known, event, facts)


def _dated(
    rule: RetentionRule, retention: Period, known: Removal, event: str, facts: _Facts
) -> Removal:
    began = facts.dates[event]
    on, earliest, latest = retention.after(began), None, None
    planned = facts.is_plan(event)
    reason = N_("Counted from {event}, {start}: it leaves the file on {on}.")
    if event in MONTHS:
        first = began.replace(day=1)
        earliest, on = retention.after(first), retention.after(_month_end(first))
        reason = N_("Counted from {event}: it leaves the file by {on}, month by month.")
    elif rule.family == "D":
        reason = N_(
            "Counted from {event}, {start}: it leaves the file on {on}. "
            "Any payment can move this later."
        )
    elif rule.ceiling:
        reason = N_("Counted from {event}, {start}: the law allows it until {on} at most.")
    if rule.early:
        latest = on
        sooner = facts.find(rule.early.event)
        if sooner and rule.early.after.after(sooner[1]) < on:
            event, began = sooner
            on, planned = rule.early.after.after(began), facts.is_plan(event)
        elif not sooner:
            reason = SOONER
    if rule.no_earlier_than:
        later = facts.find(rule.no_earlier_than)
        if later and later[1] > on:
            event, began = later
            on, planned = began, facts.is_plan(event)
        elif not later:
            reason = N_("It leaves the file on {on}, or later if {event} comes after that.")
            event = rule.no_earlier_than
    if planned:
        reason = N_("If all goes as planned, {event} is {start} and it leaves the file on {on}.")
    return replace(
        known,
        status=Status.PROJECTED if planned else Status.KNOWN,
        reason=reason,
        params={"event": EVENTS[event], "start": began},
        on=on,
        earliest=earliest,
        latest=latest,
    )


def _standing(rule: RetentionRule, known: Removal, facts: _Facts) -> Removal:
    """Marks without a clock."""
    if rule.clock == "none_own_entry":
        reason = N_("This makes no mark of its own; the account's own marks keep their dates.")
        return replace(known, status=Status.NOT_SHOWN, reason=reason)
    if rule.clock == "not_reported":
        reason = N_("This register does not show such marks.")
        return replace(known, status=Status.NOT_SHOWN, reason=reason)
    if rule.clock == "not_applicable":
        reason = N_("There is no such entry here.")
        return replace(known, status=Status.NOT_SHOWN, reason=reason)
    ended = facts.find("arrangement_end_date", "plan_completed_date")
    if rule.clock == "while_enrolled" and ended and not facts.is_plan(ended[0]):
        return replace(
            known,
            status=Status.UNKNOWN,
            earliest=ended[1],
            reason=N_("The arrangement ended on {start}; look at the next report whether it went."),
            params={"start": ended[1]},
        )
    reason = (
        N_("It shows while the arrangement runs and has no date of its own.")
        if rule.clock == "while_enrolled"
        else N_("It stays while the account is open; no clock runs before it is cleared.")
    )
    return replace(known, status=Status.NEVER_WHILE_OPEN, reason=reason)


def _not_started(rule: RetentionRule, known: Removal) -> Removal:
    waiting = rule.clock in YET_TO_COME
    return replace(
        known,
        status=Status.WAITING if waiting else Status.UNKNOWN,
        reason=N_("The clock has not started; it starts on {event}.")
        if waiting
        else N_("No date can be given without {event}."),
        params={"event": EVENTS[rule.clock]},
    )


def _latest_activity(rule: RetentionRule, facts: _Facts) -> str | None:
    """The event that counts where activity moves the date: the latest of them."""
    names = [n for n in (rule.clock, *PAYMENTS) if n in facts.dates]
    return max(names, key=lambda name: facts.dates[name], default=None)


def _month_end(first: date) -> date:
    return add_months(first, 1) - timedelta(days=1)


def _unique(cites: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cites))


def _lowest(levels: Iterable[Confidence]) -> Confidence:
    order: tuple[Confidence, ...] = ("low", "medium", "high")
    return min(levels, key=order.index, default="low")
