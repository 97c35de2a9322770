"""What is shown to others and what will leave the file: report, timeline, credit."""

from __future__ import annotations

import click

from tracker.cli import output
from tracker.cli.command import Action, Group, absolute, argument, note_from_stdin, option
from tracker.errors import InputError
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _timeline(result: Object) -> None:
    rows = output.objects(result, "items")
    if not rows:
        output.line(
            output.words().text(
                "Nothing is on the timeline yet. A plan or a credit entry puts it there."
            )
        )
        return
    for row in rows:
        row["when"] = row.get("on") or _by(row.get("latest"))
    output.table(
        rows,
        (
            ("when", N_("When")),
            ("debt", N_("Debt")),
            ("title", N_("What")),
            ("status", N_("State")),
        ),
    )
    reasons = dict.fromkeys(
        f"{output.text(row.get('reason'))} [{output.text(row['cites'])}]"
        for row in rows
        if row.get("cites")
    )
    if reasons:
        output.line()
    for reason in reasons:
        output.line(reason)


def _by(latest: object) -> str:
    if latest is None:
        return output.words().text("not known")
    return output.words().text("by {date}", date=latest)


def _events(request: Object) -> None:
    """`--event default_date=2025-03-01` becomes a field of `events`."""
    events = request.pop("events", [])
    told: Object = {}
    for event in events if isinstance(events, list) else []:
        name, equals, date = str(event).partition("=")
        if not equals:
            raise InputError(
                "--event is {value!r}; it takes a name and a date.",
                field="events",
                hint="For example --event default_date=2025-03-01",
                value=event,
            )
        told[name.strip()] = date.strip()
    request["events"] = told
    note_from_stdin(request)


def _entries(result: Object) -> None:
    rows = output.objects(result, "entries")
    if not rows:
        output.line(
            output.words().text("No credit entry is recorded. tracker credit add records one.")
        )
        return
    for row in rows:
        row["leaves"] = [
            item.get("on") or _by(item.get("latest")) for item in output.objects(row, "items")
        ]
    output.table(
        rows,
        (
            ("debt", N_("Debt")),
            ("entry", N_("Entry")),
            ("register", N_("Register")),
            ("jurisdiction", N_("Law")),
            ("events", N_("Events")),
            ("leaves", N_("Leaves")),
            ("note", N_("Note")),
        ),
    )


def _rules(result: Object) -> None:
    rows = output.objects(result, "rules")
    if not rows:
        output.line(output.words().text("No rule is known for this place."))
        return
    output.table(
        rows,
        (
            ("cite", N_("Rule")),
            ("entry", N_("Entry")),
            ("register", N_("Register")),
            ("retention", N_("Kept for")),
            ("clock", N_("Counted from")),
            ("confidence", N_("Confidence")),
            ("source", N_("Source")),
        ),
    )


def _reports(result: Object) -> None:
    rows = output.objects(result, "reports")
    if not rows:
        output.line(
            output.words().text("No report yet. tracker report DEBT --period 2026-Q4 makes one.")
        )
        return
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("debt", N_("Debt")),
            ("period_start", N_("Begins")),
            ("period_end", N_("Until")),
            ("made_on", N_("Made")),
            ("creditor_name", N_("For")),
            ("locale", N_("Language")),
        ),
    )


def _made(result: Object) -> None:
    output.card(result, (("number", N_("No.")), ("html", N_("HTML")), ("pdf", N_("PDF"))))


timeline = Action(
    "timeline",
    "timeline",
    help="When plans end and marks leave the credit file, with the rule.",
    example="tracker timeline\ntracker timeline maple",
    params=(argument("debt", required=False),),
    show=_timeline,
)

report: click.Group = Group(
    "report", help="Progress reports: tracker report DEBT makes one.", default="make"
)
credit = Group("credit", help="Marks in credit files.")

for _command in (
    Action(
        "make",
        "report.make",
        help="Make the progress report for a debt's creditor, as HTML and PDF.",
        example="tracker report make maple --period 2026-Q4",
        params=(
            argument("debt"),
            option(
                "--period",
                metavar="PERIOD",
                help="2026-Q4, 2026-11, 2026, or DATE..DATE; else the current quarter.",
            ),
            option("--language", metavar="LOCALE", help="The creditor's language, such as en_GB."),
            option("--out", metavar="DIR", help="The folder to write to."),
        ),
        fill=lambda request: absolute(request, "out"),
        show=_made,
        writes=True,
        gate=True,
    ),
    Action(
        "list",
        "report.list",
        help="Reports made so far.",
        example="tracker report list maple",
        params=(argument("debt", required=False),),
        show=_reports,
    ),
):
    report.add_command(_command)

for _command in (
    Action(
        "add",
        "credit.add",
        help="Record a mark in a credit file; when it leaves follows from the rules.",
        example="tracker credit add maple default --event default_date=2025-03-01",
        params=(
            argument("debt"),
            argument("entry"),
            option("--register", "register_name", help="Which, if not all of the country's."),
            option("--event", "events", multiple=True, metavar="NAME=DATE", help="Repeat."),
            option("--note", help="A note; - reads it from an editor or from stdin."),
        ),
        fill=_events,
        writes=True,
    ),
    Action(
        "list",
        "credit.list",
        help="Marks recorded so far.",
        example="tracker credit list",
        params=(argument("debt", required=False),),
        show=_entries,
    ),
    Action(
        "rules",
        "credit.rules",
        help="The retention rules of a place, each with its source.",
        example="tracker credit rules GB",
        params=(argument("jurisdiction", required=False),),
        show=_rules,
    ),
):
    credit.add_command(_command)
