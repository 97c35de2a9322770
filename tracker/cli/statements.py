"""The creditor's figures and the tracker's own: statement and ledger."""

from __future__ import annotations

import click

from tracker.cli import output
from tracker.cli.claims import COMPONENTS, bare
from tracker.cli.command import Action, Group, argument, note_from_stdin, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def parts() -> list[click.Parameter]:
    return [
        option("--total", metavar="AMOUNT", help="All of it in one figure."),
        option("--principal", metavar="AMOUNT", help="Or in parts: the sum borrowed."),
        option("--interest", metavar="AMOUNT", help="Interest in it."),
        option("--penalties", metavar="AMOUNT", help="Penalties in it."),
        option("--fees", metavar="AMOUNT", help="Fees in it."),
        option("--costs", metavar="AMOUNT", help="Costs of collecting in it, as of a court."),
    ]


def _statements(result: Object) -> None:
    rows = output.objects(result, "statements")
    if not rows:
        output.line(
            output.words().text("No statement yet. tracker statement add DEBT records a figure.")
        )
        return
    for row in rows:
        row.update({name: bare(row.get(name)) for name, _ in COMPONENTS})
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("on", N_("Date")),
            ("total", N_("Total")),
            *COMPONENTS,
            ("difference", N_("Differs by")),
            ("state", N_("State")),
            ("settled_how", N_("Answer")),
            ("note", N_("Note")),
        ),
    )
    for row in rows:
        if row.get("state") == "query" and row.get("differences"):
            output.line(
                output.words().text(
                    "No. {number} differs by parts: {parts}",
                    number=row.get("number"),
                    parts=output.text(row.get("differences")),
                )
            )
        for reason in output.objects(row, "reasons"):
            output.line(f"  {output.text(reason.get('sentence'))}")


def _ledger(result: Object) -> None:
    rows = output.objects(result, "entries")
    if not rows:
        for sentence in output.texts(result, "said"):
            output.line(sentence)
        return
    for row in rows:
        changed = row.get("parts")
        if isinstance(changed, dict):
            row.update({name: bare(changed.get(name)) for name, _ in COMPONENTS})
        told = [output.text(row.get(name)) for name in ("note", "detail") if row.get(name)]
        row["told"] = "; ".join(told)
    output.table(
        rows,
        (
            ("on", N_("Date")),
            ("kind", N_("Kind")),
            ("amount", N_("Amount")),
            *COMPONENTS,
            ("balance", N_("Balance")),
            ("told", N_("Note")),
        ),
    )


statement = Group("statement", help="The creditor's own figures.")
ledger = Group("ledger", help="What is owed, entry by entry.", default="show")

for _command in (
    Action(
        "add",
        "statement.add",
        help="Record what the creditor says is owed on a day.",
        example="tracker statement add maple --total 1380.00 --on 2026-11-30\n"
        "tracker statement add maple --principal 1300.00 --interest 55.00 --fees 25.00",
        params=(
            argument("debt"),
            option("--on", metavar="DATE", help="The day of the figure."),
            *parts(),
            option("--note", help="A note; - reads it from an editor or from stdin."),
        ),
        fill=note_from_stdin,
        writes=True,
    ),
    Action(
        "list",
        "statement.list",
        help="The creditor's figures over time, and where they differ from the tracker's own.",
        example="tracker statement list maple",
        params=(argument("debt"),),
        show=_statements,
    ),
    Action(
        "settle",
        "statement.settle",
        help="Say how the creditor answered a figure that differs from the tracker's own.\n\n"
        "With --adjust the tracker's ledger follows the figure from that day on.",
        example="tracker statement settle maple --how 'their error, corrected by letter'\n"
        "tracker statement settle maple --statement 2 --how 'fee of 3 March' --adjust",
        params=(
            argument("debt"),
            option("--statement", metavar="NUMBER", help="Which one; otherwise the only open one."),
            option("--how", metavar="TEXT", help="What was answered."),
            option("--adjust", is_flag=True, help="Adjust the ledger by what differs."),
            option(
                "--component",
                metavar="PART",
                help="The part to adjust, where the figure has none; otherwise principal.",
            ),
        ),
        writes=True,
    ),
):
    statement.add_command(_command)

ledger.add_command(
    Action(
        "show",
        "ledger.show",
        help="Every entry of a debt and the balance after it, up to today or another day.",
        example="tracker ledger show maple\ntracker ledger show maple --on 2027-03-31",
        params=(
            argument("debt"),
            option("--on", metavar="DATE", help="The day, past or to come; otherwise today."),
        ),
        show=_ledger,
    )
)
