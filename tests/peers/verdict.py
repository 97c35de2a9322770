"""Was a reminder lost or sent twice, was a payment lost or counted twice? Judged from outside.

What had to be sent is computed from what was agreed and paid alone, never from
the reminders that the product derived. What was sent is the provider's own log.
The product's rows serve for one thing: they say which of an instalment's
reminders a ref stood for, and that is compared with the log's own words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.peers import twilio
from tests.peers.household import AMOUNT_MINOR, CALLS, INSTALMENTS, RECORDED_AT, Debt, rows
from tests.peers.payer import Intent
from tests.peers.siege import SPEED, Outcome

# A text is of one reminder, or of several of one person: "{name}: {one}; {another}".
TEXT = re.compile(r"(?P<name>\S+): (?P<items>.*)")
ITEM = re.compile(r"(?P<word>\S+) (?P<seq>\d+) of \d+\b.* (?P<ref>[A-Z]\d[A-Z]\d)")
IN_HAND = timedelta(seconds=5 * SPEED)
"""A text that was on its way when a payment was recorded: five seconds of the machine."""

Key = tuple[str, str, int, str, int]
"""Person, debt, seq of the instalment, kind and offset of the reminder."""

MESSAGES = """
SELECT m.id, l.ref, m.state, m.reason, m.changed_at, m.provider_id, p.handle AS person,
       d.handle AS debt, r.offset_days, r.due_on, r.kind
FROM message m JOIN person p ON p.id = m.person_id
JOIN message_reminder l ON l.message_id = m.id JOIN reminder r ON r.id = l.reminder_id
JOIN debt d ON d.id = r.debt_id
"""
PAYMENTS = """
SELECT y.note, y.amount_minor, y.number, y.kind, p.handle AS person, d.handle AS debt
FROM payment y JOIN person p ON p.id = y.person_id JOIN debt d ON d.id = y.debt_id
"""
PAID = """
SELECT i.seq, i.paid_minor, p.handle AS person, d.handle AS debt
FROM instalment i JOIN plan_version v ON v.id = i.plan_version_id JOIN plan n ON n.id = v.plan_id
JOIN person p ON p.id = i.person_id JOIN debt d ON d.id = n.debt_id
"""


@dataclass(slots=True)
class Verdict:
    """Every list holds what is wrong, one line each; `figures` are for reading."""

    lost: list[str] = field(default_factory=list)
    """Due reminders that no log has, and no row gives up for a good reason."""
    twice: list[str] = field(default_factory=list)
    """Reminders or refs that the provider took more than once."""
    stray: list[str] = field(default_factory=list)
    """Texts about what called for none: paid, not due yet, unknown."""
    untrue: list[str] = field(default_factory=list)
    """Rows that say something else than the provider's log."""
    payments_lost: list[str] = field(default_factory=list)
    payments_twice: list[str] = field(default_factory=list)
    disagreeing: list[str] = field(default_factory=list)
    """Figures that do not agree: the ledger, the doctor, the log, the end."""
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> dict[str, list[str]]:
        names = [name for name in self.__slots__ if name != "figures"]
        return {name: found for name in names if (found := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Settled:
    """Between these two moments an instalment was paid in full."""

    after: datetime
    before: datetime


def judge(outcome: Outcome) -> Verdict:
    verdict = Verdict()
    settled = _settled(outcome.intents)
    messages = rows(outcome.url, MESSAGES)
    _reminders(verdict, outcome, settled, messages)
    _rows_against_log(verdict, outcome, messages)
    _payments(verdict, outcome)
    _end(verdict, outcome)
    events = rows(outcome.url, "SELECT from_state, to_state, detail FROM delivery_event")
    moves = Counter((each["from_state"], each["to_state"]) for each in events)
    verdict.figures |= {
        "kills": outcome.kills.total(),
        "accepted": len(outcome.accepted),
        "left on their way by a kill": sum(
            "sender stopped" in str(each["detail"]) and each["to_state"] == "unknown"
            for each in events
        ),
        "answers in doubt": moves["sending", "unknown"],
        "found at the provider": moves["unknown", "sent"] + moves["unknown", "delivered"],
        "sent again after two looks": moves["unknown", "pending"],
        "payments": len(outcome.intents),
        "payments whose answer was lost": sum(each.lost > 0 for each in outcome.intents),
    }
    return verdict


def _settled(intents: list[Intent]) -> dict[tuple[str, str, int], Settled]:
    """Which instalments the payments settled, oldest first, and when."""
    found: dict[tuple[str, str, int], Settled] = {}
    for (person, debt), each in _by_debt(intents).items():
        paid = 0
        for intent in each:
            before, paid = paid, paid + intent.recorded_minor
            for seq in range(before // AMOUNT_MINOR + 1, paid // AMOUNT_MINOR + 1):
                assert intent.answered_at is not None
                found[person, debt, seq] = Settled(intent.asked_at, intent.answered_at)
    return found


def _by_debt(intents: list[Intent]) -> dict[tuple[str, str], list[Intent]]:
    found: dict[tuple[str, str], list[Intent]] = defaultdict(list)
    for intent in intents:
        if intent.answered_at is not None:
            found[intent.debt.person, intent.debt.handle].append(intent)
    return found


def _reminders(
    verdict: Verdict,
    outcome: Outcome,
    settled: dict[tuple[str, str, int], Settled],
    messages: list[dict[str, Any]],
) -> None:
    taken, by_instalment = _attributed(verdict, outcome, settled, messages)
    # One whose row was in doubt when it was paid says so, and not that it came too late.
    given_up = {
        _key(each, outcome): each
        for each in messages
        if each["state"] == "expired"
        or (each["state"] == "cancelled" and _key(each, outcome)[:3] in settled)
    }
    must = expired = 0
    for debt in outcome.household:
        for seq in range(1, INSTALMENTS + 1):
            most = least = 0
            for kind, offset in CALLS:
                key: Key = (debt.person, debt.handle, seq, kind, offset)
                moment = debt.moment(seq, kind, offset)
                paid = settled.get(key[:3])
                may = RECORDED_AT <= moment <= outcome.stopped_at and (
                    paid is None or moment < paid.before
                )
                due = may and moment <= outcome.cut
                if paid is not None and debt.useful_until(seq, kind, offset) > paid.after:
                    due = False  # paid while it was still of use
                if taken[key] > 1:
                    verdict.twice.append(f"{key} was taken {taken[key]} times")
                if taken[key] and not may:
                    verdict.stray.append(f"{key} called for no text")
                if due and not taken[key] and _rightly_expired(given_up.get(key), debt, key):
                    expired += 1
                    due = False
                if due and not taken[key]:
                    verdict.lost.append(f"{key}, due {moment}, was never taken")
                must += due
                least += due
                most += may
            # The same by the log's words alone, whatever the product's rows say.
            count = by_instalment[debt.phone, debt.word, seq]
            if count > most:
                verdict.twice.append(f"{debt.person} {debt.word} {seq}: {count} texts for {most}")
            if count < least:
                verdict.lost.append(f"{debt.person} {debt.word} {seq}: {count} texts for {least}")
    verdict.figures |= {"reminders due": must, "expired, and shown as such": expired}


def _attributed(
    verdict: Verdict,
    outcome: Outcome,
    settled: dict[tuple[str, str, int], Settled],
    messages: list[dict[str, Any]],
) -> tuple[Counter[Key], Counter[tuple[str, str, int]]]:
    """How often each reminder was taken, and how many texts there were of each instalment."""
    person_of = {debt.phone: debt.person for debt in outcome.household}
    by_word = {(debt.person, debt.word): debt for debt in outcome.household}
    by_ref: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in messages:
        by_ref[row["person"], row["ref"]].append(row)
    taken: Counter[Key] = Counter()
    by_instalment: Counter[tuple[str, str, int]] = Counter()
    refs: Counter[tuple[str, str]] = Counter()
    for each in outcome.accepted:
        person = person_of.get(each.to, "")
        for item in _items(each, person):
            debt = by_word.get((person, item["word"])) if item else None
            if item is None or debt is None:
                verdict.stray.append(f"nobody's text: {each.body!r} to {each.to}")
                continue
            seq = int(item["seq"])
            by_instalment[each.to, debt.word, seq] += 1
            refs[each.to, item["ref"]] += 1
            found = {_key(row, outcome) for row in by_ref[person, item["ref"]]}
            if len(found) != 1 or next(iter(found))[:3] != (person, debt.handle, seq):
                verdict.untrue.append(f"{each.body!r} stands for {found or 'no row'}")
                continue
            taken[found.pop()] += 1
            paid = settled.get((person, debt.handle, seq))
            if paid and datetime.fromisoformat(each.at) > paid.before + IN_HAND:
                verdict.stray.append(f"{each.body!r} at {each.at}, paid by {paid.before}")
    verdict.twice += [
        f"ref {ref} of {to} was taken {n} times" for (to, ref), n in refs.items() if n > 1
    ]
    return taken, by_instalment


def _items(message: twilio.Message, person: str) -> list[re.Match[str] | None]:
    """What a text speaks of; None for what is no reminder."""
    words = TEXT.fullmatch(message.body)
    if words is None or words["name"] != person.upper():
        return [None]
    return [ITEM.fullmatch(each) for each in words["items"].split("; ")]


def _key(row: dict[str, Any], outcome: Outcome) -> Key:
    first = next(
        debt.first_due
        for debt in outcome.household
        if (debt.person, debt.handle) == (row["person"], row["debt"])
    )
    due_on = row["due_on"]
    if isinstance(due_on, str):
        due_on = type(first).fromisoformat(due_on)
    seq = (due_on - first).days // 7 + 1
    return row["person"], row["debt"], seq, row["kind"], row["offset_days"]


def _rightly_expired(row: dict[str, Any] | None, debt: Debt, key: Key) -> bool:
    return bool(row and row["reason"] and row["changed_at"] >= debt.useful_until(*key[2:]))


def _rows_against_log(verdict: Verdict, outcome: Outcome, messages: list[dict[str, Any]]) -> None:
    known = {each.sid for each in outcome.accepted}
    called = {kind for kind, _ in CALLS}
    held: Counter[str] = Counter()
    for row in {row["id"]: row for row in messages}.values():
        if row["kind"] not in called:
            verdict.untrue.append(f"a message of the kind {row['kind']}: {row['ref']}")
        if row["state"] in ("sent", "delivered"):
            held[row["provider_id"]] += 1
            if row["provider_id"] not in known:
                verdict.untrue.append(f"{row['ref']} says sent, and the provider has nothing")
    verdict.untrue += [f"{sid} stands on {n} rows" for sid, n in held.items() if n > 1]
    # A text that was taken within the span must have been noticed as such.
    settled_by = outcome.cut - IN_HAND
    verdict.untrue += [
        f"{each.sid} was taken at {each.at}, and no row knows"
        for each in outcome.accepted
        if each.sid not in held and datetime.fromisoformat(each.at) <= settled_by
    ]


def _payments(verdict: Verdict, outcome: Outcome) -> None:
    found = rows(outcome.url, PAYMENTS)
    by_note = Counter(row["note"] for row in found)
    amounts = {row["note"]: row["amount_minor"] for row in found}
    for intent in outcome.intents:
        if intent.answered_at is None:
            verdict.payments_lost.append(f"{intent.key}: {intent.refused or 'no answer'}")
        elif not by_note[intent.key]:
            verdict.payments_lost.append(f"{intent.key} was answered and is not in the ledger")
        elif intent.recorded_minor != amounts[intent.key]:
            verdict.disagreeing.append(f"{intent.key}: {amounts[intent.key]} is in the ledger")
        if by_note[intent.key] > 1:
            verdict.payments_twice.append(f"{intent.key} is there {by_note[intent.key]} times")
    keys = {intent.key for intent in outcome.intents}
    verdict.payments_twice += [f"{note}: nobody's" for note in by_note if note not in keys]
    totals = {
        each: sum(intent.recorded_minor for intent in intents)
        for each, intents in _by_debt(outcome.intents).items()
    }
    for row in rows(outcome.url, PAID):
        total = totals.get((row["person"], row["debt"]), 0)
        expected = min(max(total - AMOUNT_MINOR * (row["seq"] - 1), 0), AMOUNT_MINOR)
        if row["paid_minor"] != expected:
            verdict.disagreeing.append(f"{row}: {expected} was paid")


def _end(verdict: Verdict, outcome: Outcome) -> None:
    if not outcome.quiet:
        verdict.disagreeing.append("the outbox did not come to rest")
    if any(outcome.exit_codes):
        verdict.disagreeing.append(f"the daemons ended with {outcome.exit_codes}")
    for name in ("people", "figures", "journal"):
        if outcome.doctor.get(name) is not True:
            verdict.disagreeing.append(f"the doctor says no to {name}")
    if "Traceback" in outcome.log:
        verdict.disagreeing.append("a traceback in the daemon's log")
    if outcome.url.startswith("sqlite"):
        whole = [each["integrity_check"] for each in rows(outcome.url, "PRAGMA integrity_check")]
        if whole != ["ok"] or rows(outcome.url, "PRAGMA foreign_key_check"):
            verdict.disagreeing.append(f"the database file is damaged: {whole}")
