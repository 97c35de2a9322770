"""What the progress report says, in the reader's language.

Page and PDF print the same `Page`, so that they cannot say different things. The
words are neutral on purpose: they tell what the person's own records show, admit
and promise nothing, and blame nobody.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, TypedDict

from tracker import language
from tracker.documents import charts, clean
from tracker.language import N_

if TYPE_CHECKING:
    from tracker.documents.content import ReportContent, ReportRow, ReportStatement
    from tracker.language import Language

METHODS = {
    "transfer": N_("bank transfer"),
    "standing-order": N_("standing order"),
    "direct-debit": N_("direct debit"),
    "card": N_("card"),
    "cash": N_("cash"),
    "cheque": N_("cheque"),
    "other": N_("other"),
}
"""Known ways to pay and their words; any other method is shown as it was typed."""

_STATES = {
    "upcoming": N_("to come"),
    "due": N_("due"),
    "part-paid": N_("paid in part"),
    "paid": N_("paid"),
    "late": N_("not yet paid"),
    "missed": N_("not paid"),
    "waived": N_("waived"),
}


class Table(TypedDict):
    """A table in words; `right` are the columns of figures, counted from 0."""

    title: str
    head: list[str]
    right: list[int]
    rows: list[list[str]]


class Page(TypedDict):
    """The report in the reader's words, in the order of the page; JSON as it is."""

    lang: str
    title: str
    header: str
    facts: list[tuple[str, str]]
    lead: str
    figures: list[tuple[str, str]]
    counts: list[tuple[str, str]]
    chart_title: str
    chart: str
    chart_text: str
    schedule: Table
    payments: Table
    no_payments: str
    notes: list[tuple[str, list[str]]]
    foot: str
    of_pages: list[str]


def page(content: ReportContent) -> Page:
    """The content put into words in its own language."""
    lang = language.of(content.locale)
    planned, actual = _points(content)
    title = lang.text("Progress report {number}", number=content.number)
    reference = clean.line(content.reference)
    return Page(
        lang=lang.locale.replace("_", "-"),
        title=title,
        header=lang.text("Reference {reference}", reference=reference),
        facts=_facts(content, lang),
        lead=lang.text(
            "This is the state of the agreement on this account, according to my records."
        ),
        figures=[
            (lang.text(label), lang.money(minor, content.currency))
            for label, minor in (
                (N_("Due in this period"), content.due_in_period_minor),
                (N_("Paid in this period"), content.paid_in_period_minor),
                (N_("Paid since the agreement"), content.paid_total_minor),
                (N_("Balance by my records"), content.balance_minor),
            )
        ],
        counts=[
            (lang.text(label), str(count))
            for label, count in (
                (N_("paid by the date"), content.kept),
                (N_("paid after the date"), content.late),
                (N_("not paid"), content.missed),
            )
        ],
        chart_title=lang.text("The plan and what was paid"),
        chart=charts.burn_down(
            planned, actual, currency=content.currency, lang=lang, today=content.made_on
        ),
        chart_text=charts.describe(planned, actual, currency=content.currency, lang=lang),
        schedule=_schedule(content, lang),
        payments=_payments(content, lang),
        no_payments=lang.text("My records show no payment in this period."),
        notes=_notes(content, lang),
        foot=lang.text(
            "Made from my own records on {date}, for information. "
            "It changes nothing in the agreement and adds nothing to it.",
            date=lang.date(content.made_on),
        ),
        # The writer of the PDF knows the two numbers only while it sets the page.
        of_pages=lang.text("{page} of {pages}", page="\t", pages="\t").split("\t"),
    )


def _facts(content: ReportContent, lang: Language) -> list[tuple[str, str]]:
    return [
        (lang.text("From"), clean.line(content.person_name)),
        (lang.text("To"), clean.line(content.creditor_name)),
        (lang.text("Reference"), clean.line(content.reference)),
        (
            lang.text("Period"),
            lang.text(
                "{start} to {end}",
                start=lang.date(content.period_start),
                end=lang.date(content.period_end - timedelta(days=1)),
            ),
        ),
        (lang.text("Date"), lang.date(content.made_on)),
        (
            lang.text("Agreement"),
            lang.plural(
                "{date}, one payment",
                "{date}, {n} payments",
                content.count,
                date=lang.date(content.agreed_on),
            ),
        ),
    ]


def _schedule(content: ReportContent, lang: Language) -> Table:
    heads = (N_("No."), N_("Date"), N_("Amount"), N_("Paid"), N_("Paid on"), N_("State"))
    return Table(
        title=lang.text("The agreed payments"),
        head=[lang.text(head) for head in heads],
        right=[0, 2, 3],
        rows=[
            [
                str(row.seq),
                lang.date(row.due_on),
                lang.money(row.amount_minor, content.currency),
                lang.money(row.paid_minor, content.currency) if row.paid_minor else "–",
                lang.date(row.paid_on) if row.paid_on else "–",
                _state(row, lang),
            ]
            for row in content.rows
        ],
    )


def _state(row: ReportRow, lang: Language) -> str:
    """The state in neutral words; what came after its date says so, nothing blames."""
    if row.paid_minor >= row.amount_minor and row.state in ("late", "missed"):
        return lang.text("paid after the date")
    if row.paid_minor and row.state in ("late", "missed"):
        return lang.text("paid in part")
    return lang.text(_STATES[row.state]) if row.state in _STATES else clean.line(row.state)


def _payments(content: ReportContent, lang: Language) -> Table:
    heads = (N_("Date"), N_("Amount"), N_("Method"), N_("Reference"))
    return Table(
        title=lang.text("Payments in this period"),
        head=[lang.text(head) for head in heads],
        right=[1],
        rows=[
            [
                lang.date(payment.paid_on),
                lang.money(payment.amount_minor, content.currency),
                lang.text(METHODS[payment.method])
                if payment.method in METHODS
                else clean.line(payment.method) or "–",
                clean.line(payment.reference) or "–",
            ]
            for payment in content.payments
        ],
    )


def _notes(content: ReportContent, lang: Language) -> list[tuple[str, list[str]]]:
    notes: list[tuple[str, list[str]]] = []
    if content.next_due:
        on, minor = content.next_due
        text = lang.text(
            "{amount} on {date}.", amount=lang.money(minor, content.currency), date=lang.date(on)
        )
        notes.append((lang.text("Next under the agreement"), [text]))
    if content.statement:
        notes.append((lang.text("Your statement"), _compared(content, content.statement, lang)))
    if content.requests:
        asked = [_request(msgid, lang) for msgid in content.requests]
        notes.append((lang.text("What I ask"), asked))
    if content.contact and (contact := clean.line(content.contact)):
        notes.append((lang.text("How to reach me"), [contact]))
    return notes


def _compared(content: ReportContent, stated: ReportStatement, lang: Language) -> list[str]:
    date_, total = lang.date(stated.on), lang.money(stated.total_minor, content.currency)
    lines = [lang.text("Your statement of {date} shows {amount}.", date=date_, amount=total)]
    if stated.own_minor is None:
        return lines
    difference = abs(stated.total_minor - stated.own_minor)
    if not difference:
        return [*lines, lang.text("My records show the same for that day.")]
    return [
        *lines,
        lang.text(
            "My records show {amount} for that day; the difference is {difference}.",
            amount=lang.money(stated.own_minor, content.currency),
            difference=lang.money(difference, content.currency),
        ),
    ]


def _request(msgid: str, lang: Language) -> str:
    """A request in the reader's language; one in the person's own words as it is."""
    try:
        return lang.text(msgid)
    except (KeyError, IndexError, ValueError):  # braces that are no places
        return clean.paragraph(msgid)


def _points(
    content: ReportContent,
) -> tuple[list[tuple[date, int]], list[tuple[date, int]]]:
    """What is left after each date: by the plan, and in fact up to the report's day.

    Both begin on the day of the agreement with the sum of all instalments.
    Waived instalments count in neither.
    """
    rows = [row for row in content.rows if row.state != "waived"]
    whole = sum(row.amount_minor for row in rows)
    start = min([content.agreed_on, *(row.due_on for row in rows)])
    dues = [(row.due_on, row.amount_minor) for row in rows]
    paid = [
        (max(row.paid_on, start), row.paid_minor)
        for row in rows
        if row.paid_on and row.paid_minor and row.paid_on <= content.made_on
    ]
    return _falling(start, whole, dues), _falling(start, whole, paid)


def _falling(start: date, whole: int, parts: list[tuple[date, int]]) -> list[tuple[date, int]]:
    points, left = [(start, whole)], whole
    for on, minor in sorted(parts):
        left -= minor
        points.append((on, left))
    return points
