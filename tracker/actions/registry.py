"""The table of use cases.

It holds strings, resolved when an action is called, so that importing it costs
nothing; `tracker.actions.dispatch` runs them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

READ, WRITE, EFFECT = "read", "write", "effect"
PERSON, HOME = "person", "home"


@dataclass(frozen=True, slots=True)
class Action:
    """`target` is module:function below tracker.actions; `scope` says whose data it touches."""

    target: str
    kind: str
    scope: str = PERSON


ACTIONS: Mapping[str, Action] = {
    "person.add": Action("people:add", WRITE, HOME),
    "person.list": Action("people:everyone", READ, HOME),
    "person.show": Action("people:show", READ),
    "person.edit": Action("people:edit", WRITE),
    "person.password": Action("passwords:set_password", WRITE),
    "destination.list": Action("destinations:list_destinations", READ),
    "destination.push": Action("addresses:push", EFFECT),
    "destination.code": Action("codes:code", WRITE),
    "destination.confirm": Action("codes:confirm", EFFECT),
    "destination.revoke": Action("destinations:revoke", WRITE),
    "destination.resume": Action("destinations:resume", WRITE),
    "lost-phone": Action("lost_phone:lost_phone", WRITE),
    "quiet.begin": Action("quiet:begin", WRITE),
    "quiet.show": Action("quiet:show", READ),
    "quiet.end": Action("quiet:end", WRITE),
    "away.add": Action("absences:add", WRITE),
    "away.list": Action("absences:list_absences", READ),
    "away.off": Action("absences:off", WRITE),
    "snooze": Action("snoozes:snooze", WRITE),
    "followup.add": Action("followups:add", WRITE),
    "followup.list": Action("followups:list_followups", READ),
    "followup.close": Action("followups:close", WRITE),
    "followup.reopen": Action("followups:reopen", WRITE),
    "followup.move": Action("followups:move", WRITE),
    "income.add": Action("incomes:add", WRITE),
    "income.list": Action("incomes:list_incomes", READ),
    "income.end": Action("incomes:end", WRITE),
    "creditor.add": Action("creditors:add", WRITE),
    "creditor.edit": Action("creditors:edit", WRITE),
    "creditor.list": Action("creditors:list_creditors", READ),
    "creditor.show": Action("creditors:show", READ),
    "debt.add": Action("debts:add", WRITE),
    "debt.edit": Action("debts:edit", WRITE),
    "debt.list": Action("debts:list_debts", READ),
    "debt.show": Action("debts:show", READ),
    "debt.ways": Action("ways_out:ways", READ),
    "debt.hold": Action("holds:hold", WRITE),
    "debt.release": Action("holds:release", WRITE),
    "debt.sold": Action("owners:sold", WRITE),
    "debt.verify": Action("owners:verify", WRITE),
    "debt.owners": Action("owners:list_owners", READ),
    "debt.payee": Action("payees:change", WRITE),
    "debt.payee-check": Action("payees:check", WRITE),
    "debt.party": Action("parties:add", WRITE),
    "debt.party-end": Action("parties:end", WRITE),
    "debt.terms": Action("pricing:terms", WRITE),
    "debt.terms-drop": Action("pricing:terms_drop", WRITE),
    "debt.order": Action("pricing:order", WRITE),
    "debt.order-drop": Action("pricing:order_drop", WRITE),
    "debt.charge": Action("claims:charge", WRITE),
    "debt.waiver": Action("claims:waiver", WRITE),
    "debt.charges": Action("claims:list_charges", READ),
    "debt.charge-drop": Action("claims:charge_drop", WRITE),
    "statement.add": Action("statements:add", WRITE),
    "statement.list": Action("statements:list_statements", READ),
    "statement.settle": Action("settling:settle", WRITE),
    "ledger.show": Action("ledgers:ledger", READ),
    "plan.agree": Action("agreements:agree", WRITE),
    "plan.show": Action("plans:show", READ),
    "plan.list": Action("plans:list_plans", READ),
    "plan.withdraw": Action("plans:withdraw", WRITE),
    "plan.pause": Action("holidays:pause", WRITE),
    "plan.resume": Action("holidays:resume", WRITE),
    "plan.waive": Action("changes:waive", WRITE),
    "plan.reschedule": Action("changes:reschedule", WRITE),
    "plan.history": Action("histories:history", READ),
    "plan.compare": Action("histories:compared", READ),
    "plan.project": Action("projections:project", READ),
    "plan.condition": Action("conditions:add", WRITE),
    "plan.conditions": Action("conditions:list_conditions", READ),
    "plan.condition-end": Action("conditions:end", WRITE),
    "plan.condition-broken": Action("conditions:breach", WRITE),
    "pay": Action("payments:pay", WRITE),
    "bounced": Action("reversals:bounced", WRITE),
    "undo": Action("reversals:undo", WRITE),
    "payment.list": Action("recorded:list_payments", READ),
    "payment.void": Action("reversals:void", WRITE),
    "payment.confirm": Action("reversals:confirm", WRITE),
    "payment.split": Action("splitting:split", WRITE),
    "payment.refund": Action("refunds:refund", WRITE),
    "payment.proof": Action("proofs:attach", WRITE),
    "payment.claims": Action("payment_claims:list_claims", READ),
    "payment.accept": Action("payment_claims:accept", WRITE),
    "payment.dismiss": Action("payment_claims:dismiss", WRITE),
    "payment.stated": Action("stated:stated", WRITE),
    "overview": Action("overview:overview", READ),
    "outlook": Action("outlook:outlook", READ),
    "rate.add": Action("exchange:add", WRITE),
    "rate.list": Action("exchange:list_rates", READ),
    "rate.drop": Action("exchange:drop", WRITE),
    "caseload.due": Action("caseload:due", READ, HOME),
    "timeline": Action("timeline:timeline", READ),
    "credit.add": Action("credit:add", WRITE),
    "credit.list": Action("credit:list_entries", READ),
    "credit.rules": Action("credit:rules", READ, HOME),
    "report.make": Action("reports:make", EFFECT),
    "report.list": Action("reports:list_reports", READ),
    "feed.add": Action("feeds:add", WRITE),
    "feed.list": Action("feeds:list_feeds", READ),
    "feed.rotate": Action("feeds:rotate", WRITE),
    "feed.revoke": Action("feeds:revoke", WRITE),
    "feed.push": Action("feeds:push", EFFECT),
    "mirror.add": Action("mirrors:add", EFFECT),
    "mirror.list": Action("mirrors:list_mirrors", READ),
    "mirror.sync": Action("mirrors:sync", EFFECT),
    "mirror.remove": Action("mirrors:remove", EFFECT),
    "remind.preview": Action("outbox:preview", READ),
    "remind.test": Action("trials:test", WRITE),
    "outbox.answers": Action("answers:list_answers", READ),
    "outbox.list": Action("outbox:list_messages", READ),
    "journal.list": Action("doctor:journal_entries", READ),
    "doctor": Action("doctor:doctor", READ, HOME),
    "clock.show": Action("timekeeping:show", READ, HOME),
    "clock.accept": Action("timekeeping:accept", WRITE, HOME),
}
