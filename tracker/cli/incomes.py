"""Days on which money comes in: income."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, argument, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _incomes(result: Object) -> None:
    rows = output.objects(result, "incomes")
    if not rows:
        output.line(output.words().text("No income is recorded. tracker income add takes one."))
        return
    output.table(
        rows,
        (
            ("name", N_("Name")),
            ("every", N_("Every")),
            ("next_on", N_("Next on")),
            ("amount", N_("Amount")),
        ),
    )


income = Group("income", help="Days on which money comes in.", default="list")

for _command in (
    Action(
        "add",
        "income.add",
        help="Record when money comes in, to be told of instalments that lie badly against it.\n\n"
        "The amount may stay unsaid; then only the days are compared.",
        example="tracker income add Salary --every monthly --on 25 --amount 1850.00\n"
        "tracker income add 'Tax refund' --on 2027-02-15",
        params=(
            argument("name"),
            option(
                "--on",
                metavar="DATE|DAY",
                required=True,
                help="The next such day; with monthly the day of the month will do.",
            ),
            option(
                "--every",
                metavar="RHYTHM",
                help="weekly, fortnightly, four-weekly, twice-monthly, monthly or quarterly; "
                "else once.",
            ),
            option("--amount", metavar="AMOUNT", help="How much, if it is known."),
            option("--currency", metavar="CODE", help="Of the amount; else your usual one."),
        ),
        writes=True,
    ),
    Action(
        "list",
        "income.list",
        help="When money comes in, and what lies badly against it.",
        example="tracker income list",
        show=_incomes,
    ),
    Action(
        "end",
        "income.end",
        help="It does not come in any more.",
        example="tracker income end Salary",
        params=(argument("income"),),
        writes=True,
    ),
):
    income.add_command(_command)
