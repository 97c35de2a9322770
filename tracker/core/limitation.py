"""Whether a creditor's time to sue may be near its end, before anything is written.

A letter that admits a debt, a token payment or a plan can start that time again,
and in some places gives up a defence already won. So the answer errs towards
asking: it counts to the earliest end that the known dates allow, and every
verdict but CLEAR needs an explicit yes. It is an estimate and no advice; the
time on a credit file is another clock (`tracker.core.credit`).

Not modelled, and said in each rule's own words: long stops, suspension, what a
creditor's demand restarts without the debtor's knowledge, and what a payment by
a joint debtor does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from tracker.core.periods import N_, Confidence, Period, Source, add_months
from tracker.errors import InputError

Effect = Literal["yes", "no", "unknown", "by-state", "case-by-case", "when-invoked"]

NEAR_MONTHS = 6


class Reply(StrEnum):
    """What a person says about a date when there is none."""

    UNKNOWN = "unknown"
    NEVER = "never"
    UNASKED = "unasked"


UNKNOWN, NEVER, UNASKED = Reply.UNKNOWN, Reply.NEVER, Reply.UNASKED


@dataclass(frozen=True, slots=True)
class Known:
    """It happened, on this day."""

    on: date


Answer = Known | Reply


class Verdict(StrEnum):
    """CLEAR: more than six months are left. NEAR: at most six. PAST: may be over."""

    CLEAR = "clear"
    NEAR = "near"
    PAST = "past"
    JUDGMENT = "judgment"
    UNKNOWN = "unknown"
    NOT_COMPUTABLE = "not-computable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """What starts the time to sue again."""

    acknowledgement: Effect
    part_payment: Effect
    plan: Effect
    demand: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationRule:
    """One kind of claim in one place. Fields: rules/data/README.md."""

    id: str
    revision: str
    as_of: date
    jurisdiction: str
    claim: str
    default: bool
    claim_type: str
    start_event: str
    start_text: str
    restarts: Restarts
    restart_notes: str
    revivable: Effect
    revival_how: str
    extinguishes: Effect
    computable: bool
    computable_reason: str
    advice: str
    confidence: Confidence
    confirmed: bool
    source: Source
    period: Period | None = None
    period_text: str | None = None
    long_stop: Period | None = None
    after_judgment: str | None = None
    note: str = ""
    companions: tuple[str, ...] = ()

    @property
    def cite(self) -> str:
        return f"{self.id}@{self.revision}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The verdict for one rule, and how to say it.

    `reason` is a msgid for `params` (dates); `cautions` are msgids without
    places. `ends_on` is the earliest end that the known dates allow;
    `or_ends_on` the later one if a letter of the debtor's counted as an
    acknowledgement. `advice` and `after_judgment` are the rule's own words.
    """

    verdict: Verdict
    reason: str
    params: Mapping[str, date] = field(default_factory=dict)
    ends_on: date | None = None
    or_ends_on: date | None = None
    cautions: tuple[str, ...] = ()
    advice: str = ""
    after_judgment: str | None = None
    cite: str | None = None
    source: Source | None = None
    confidence: Confidence = "low"

    @property
    def needs_yes(self) -> bool:
        """Whether a person must confirm before anything that admits the debt goes out."""
        return self.verdict is not Verdict.CLEAR


NO_WAITING = N_(
    "This is no reason to wait: the credit file, costs and enforcement may matter more. "
    "A free debt adviser can help you decide."
)
RESTART = N_("A letter that admits the debt, even a token payment, or a plan can start it again.")
DEMAND = N_("A demand from the creditor may have started it again without your knowing.")
REVIVES = N_("Agreeing or paying now can give up a defence that you may already have.")
MAY_REVIVE = N_("Agreeing or paying now may give up a defence; here the law is not settled.")
ENDS_DEBT = N_("Here the debt itself ends when the time is over.")

_REASONS: Mapping[Reply, str] = {
    UNKNOWN: N_("A date that decides this is not known, so the time to sue may be nearly over."),
    UNASKED: N_("Your last payment, last letter and any judgment were not asked about yet."),
}


def assess(
    rule: LimitationRule,
    *,
    last_payment: Answer,
    last_contact: Answer,
    judgment: Answer,
    first_missed: date | None = None,
    today: date,
) -> Assessment:
    """Where the time to sue stands under one rule.

    It is counted from the later of the first missed payment and the last
    payment, where a payment restarts it. `last_contact` is the debtor's last
    written word: whether that was an acknowledgement is not ours to decide, so
    it only gives `or_ends_on`. Raises InputError for a date after today.
    """
    _refuse_future(today, last_payment=last_payment, last_contact=last_contact, judgment=judgment)
    if isinstance(judgment, Known):
        reason = N_(
            "A court has decided on {on}: the time to sue is over, and other periods apply."
        )
        return _answer(rule, Verdict.JUDGMENT, reason, {"on": judgment.on})
    if not rule.computable or rule.period is None:
        reason = N_(
            "No date can be computed here: it depends on which law applies, and on details."
        )
        return _answer(rule, Verdict.NOT_COMPUTABLE, reason)
    needed: list[Answer] = [judgment]
    if rule.restarts.part_payment != "no":
        needed.append(last_payment)
    if rule.restarts.acknowledgement != "no":
        needed.append(last_contact)
    for reply in (UNASKED, UNKNOWN):
        if reply in needed:
            return _answer(rule, Verdict.UNKNOWN, _REASONS[reply])
    paid_on = last_payment.on if isinstance(last_payment, Known) else None
    ends_on = _end(rule, rule.period, first_missed, paid_on)
    if ends_on is None:
        reason = N_("The first missed payment is not known, so no end can be counted.")
        return _answer(rule, Verdict.UNKNOWN, reason)
    later = _later_end(rule, rule.period, ends_on, paid_on, last_contact)
    return _judged(rule, ends_on, later, today)


def gravest(assessments: Iterable[Assessment]) -> Assessment | None:
    """Of several rules for one debt, the answer that asks for most care."""
    order = (
        Verdict.CLEAR,
        Verdict.NOT_COMPUTABLE,
        Verdict.UNKNOWN,
        Verdict.NEAR,
        Verdict.PAST,
        Verdict.JUDGMENT,
    )
    return max(assessments, key=lambda a: order.index(a.verdict), default=None)


def unlisted() -> Assessment:
    """The answer for a place without a rule: ask, and point to advice."""
    return Assessment(
        verdict=Verdict.NOT_COMPUTABLE,
        reason=N_("No rule is known for this place, so the time to sue cannot be estimated."),
        cautions=(RESTART, MAY_REVIVE, NO_WAITING),
    )


def _judged(
    rule: LimitationRule, ends_on: date, or_ends_on: date | None, today: date
) -> Assessment:
    if today < add_months(ends_on, -NEAR_MONTHS):
        verdict = Verdict.CLEAR
        reason = N_("By your dates the time to sue runs until {ends_on} at least.")
    elif today <= ends_on:
        verdict = Verdict.NEAR
        reason = N_("By your dates the time to sue may end soon, on {ends_on}.")
    else:
        verdict = Verdict.PAST
        reason = N_("By your dates the time to sue may have ended on {ends_on}.")
    params = {"ends_on": ends_on}
    if or_ends_on:
        params["or_ends_on"] = or_ends_on
        if verdict is Verdict.NEAR:
            reason = N_(
                "By your dates the time to sue may end soon, on {ends_on}; "
                "if your last letter admitted the debt, it runs until {or_ends_on}."
            )
        elif verdict is Verdict.PAST:
            reason = N_(
                "By your dates the time to sue may have ended on {ends_on}; "
                "if your last letter admitted the debt, it runs until {or_ends_on}."
            )
    return _answer(rule, verdict, reason, params, ends_on=ends_on, or_ends_on=or_ends_on)


def _end(
    rule: LimitationRule, period: Period, first_missed: date | None, paid_on: date | None
) -> date | None:
    """The earliest end: from the claim, and anew from a payment where that restarts it."""
    ends = []
    if first_missed is not None:
        ends.append(period.after(_start(rule, first_missed)))
    if paid_on is not None and rule.restarts.part_payment == "yes":
        # A restart counts from the act itself, also where the first period
        # runs from the end of the year.
        ends.append(period.after(paid_on))
    return max(ends, default=None)


def _later_end(
    rule: LimitationRule,
    period: Period,
    ends_on: date,
    paid_on: date | None,
    last_contact: Answer,
) -> date | None:
    """The end if the last letter, or a payment of uncertain effect, restarted the time."""
    restarted = []
    if isinstance(last_contact, Known) and rule.restarts.acknowledgement != "no":
        restarted.append(period.after(last_contact.on))
    if paid_on is not None and rule.restarts.part_payment != "no":
        restarted.append(period.after(paid_on))
    later = max(restarted, default=ends_on)
    return later if later > ends_on else None


def _start(rule: LimitationRule, first_missed: date) -> date:
    if rule.start_event == "end_of_year":
        return date(first_missed.year, 12, 31)
    if rule.start_event == "due_date_next_day":
        return first_missed + timedelta(days=1)
    return first_missed


def _answer(
    rule: LimitationRule,
    verdict: Verdict,
    reason: str,
    params: Mapping[str, date] | None = None,
    *,
    ends_on: date | None = None,
    or_ends_on: date | None = None,
) -> Assessment:
    return Assessment(
        verdict=verdict,
        reason=reason,
        params=params or {},
        ends_on=ends_on,
        or_ends_on=or_ends_on,
        cautions=_cautions(rule, verdict),
        advice=rule.advice,
        after_judgment=rule.after_judgment,
        cite=rule.cite,
        source=rule.source,
        confidence=rule.confidence,
    )


def _cautions(rule: LimitationRule, verdict: Verdict) -> tuple[str, ...]:
    if verdict is Verdict.CLEAR:
        return (RESTART,)
    if verdict is Verdict.JUDGMENT:
        return (NO_WAITING,)
    cautions = [RESTART]
    if rule.restarts.demand == "yes":
        cautions.append(DEMAND)
    if rule.revivable == "yes":
        cautions.append(REVIVES)
    elif rule.revivable != "no":
        cautions.append(MAY_REVIVE)
    if rule.extinguishes == "yes":
        cautions.append(ENDS_DEBT)
    return (*cautions, NO_WAITING)


def _refuse_future(today: date, **answers: Answer) -> None:
    for name, answer in answers.items():
        if isinstance(answer, Known) and answer.on > today:
            raise InputError(
                "{value} lies after today; this date must have happened already.",
                field=name,
                hint="Leave it out until then, or say that it never happened.",
                value=answer.on.isoformat(),
            )
