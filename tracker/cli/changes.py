"""What happens to a running plan: holidays, single instalments, conditions, its history."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, argument, option
from tracker.cli.outlook import project
from tracker.cli.plans import plan, show_conditions, show_plan
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    import click

    from tracker.cli.output import Object

CHANGES = {
    "agreed": N_("agreed"),
    "revised": N_("revised"),
    "paused": N_("payment holiday"),
    "resumed": N_("holiday ended"),
    "waived": N_("instalment waived"),
    "rescheduled": N_("instalment moved"),
}
ENDED = {"withdrawn": N_("withdrawn"), "broken": N_("broken")}


def _agreement(*, dated: bool = True) -> tuple[click.Option, ...]:
    when = (option("--agreed-on", metavar="DATE", help="The day it was agreed; else today."),)
    return (
        option(
            "--agreed-by",
            metavar="TEXT",
            help="Needed: the call, letter or e-mail that agreed it.",
        ),
        *(when if dated else ()),
        option("--reason", help="Why; else what was changed."),
    )


def _history(result: Object) -> None:
    rows = output.objects(result, "versions")
    for row in rows:
        row["of"] = f"{row.get('plan')}.{row.get('version')}"
        row["change"] = output.words().text(CHANGES.get(str(row.get("change")), ""))
        if row.get("ended"):
            row["change"] = f"{row['change']} – {output.words().text(ENDED[str(row['ended'])])}"
    output.table(
        rows,
        (
            ("of", N_("Version")),
            ("agreed_on", N_("Agreed on")),
            ("change", N_("Change")),
            ("total", N_("Total")),
            ("count", N_("How many")),
            ("ends_on", N_("Ends on")),
            ("reason", N_("Reason")),
            ("agreed_by", N_("Agreed by")),
        ),
    )


def _comparison(result: Object) -> None:
    sides = []
    for name in ("old", "new"):
        side = result.get(name)
        if isinstance(side, dict):
            sides.append(dict(side))
    output.table(
        sides,
        (
            ("version", N_("Version")),
            ("count", N_("How many")),
            ("total", N_("Total")),
            ("interest", N_("Of it interest")),
            ("ends_on", N_("Ends on")),
            ("highest_month", N_("Dearest month")),
            ("average_month", N_("Average month")),
        ),
    )


for _command in (
    Action(
        "pause",
        "plan.pause",
        help="Record a payment holiday that the creditor granted.\n\n"
        "shift: what is due in it and all after moves later; skip: what is due in it is paid "
        "after the last instalment. It is no silence of messages.",
        example="tracker plan pause maple --start 2027-03-01 --until 2027-06-01 "
        "--agreed-by 'letter of 12 February'",
        params=(
            argument("debt"),
            option("--start", metavar="DATE", required=True, help="Its first day."),
            option("--until", metavar="DATE", required=True, help="The day it is over."),
            option("--how", metavar="shift|skip", help="Where the instalments go."),
            *_agreement(),
        ),
        show=show_plan,
        writes=True,
    ),
    Action(
        "resume",
        "plan.resume",
        help="End a payment holiday before its time.",
        example="tracker plan resume maple --on 2027-04-15 --agreed-by 'call with Ms Hill'",
        params=(
            argument("debt"),
            option("--on", metavar="DATE", help="The day it ends; else today."),
            *_agreement(dated=False),
        ),
        show=show_plan,
        writes=True,
    ),
    Action(
        "waive",
        "plan.waive",
        help="The creditor forgives what is open of one instalment.",
        example="tracker plan waive maple 4 --agreed-by 'letter of 12 February'",
        params=(argument("debt"), argument("instalment"), *_agreement()),
        show=show_plan,
        writes=True,
    ),
    Action(
        "reschedule",
        "plan.reschedule",
        help="One instalment moves to another day.",
        example="tracker plan reschedule maple 4 --to 2027-05-14 --agreed-by 'call with Ms Hill'",
        params=(
            argument("debt"),
            argument("instalment"),
            option("--to", metavar="DATE", required=True, help="Its new due date."),
            *_agreement(),
        ),
        show=show_plan,
        writes=True,
    ),
    Action(
        "history",
        "plan.history",
        help="Every version of every plan of a debt.",
        example="tracker plan history maple",
        params=(argument("debt"),),
        show=_history,
    ),
    Action(
        "compare",
        "plan.compare",
        help="Two versions side by side: total, end, monthly burden.\n\n"
        "Unsaid: the one in force and the one before it.",
        example="tracker plan compare maple --old 1 --new 3",
        params=(
            argument("debt"),
            option("--old", metavar="NUMBER", help="The earlier version."),
            option("--new", metavar="NUMBER", help="The later version."),
        ),
        show=_comparison,
    ),
    Action(
        "condition",
        "plan.condition",
        help="Record what the plan depends on.\n\n"
        "current-bill has reminders of its own and takes --day; missed and days-late take --most; "
        "no-new-card; other takes --text.",
        example="tracker plan condition maple current-bill --day 15\n"
        "tracker plan condition maple missed --most 2",
        params=(
            argument("debt"),
            argument("kind"),
            option("--text", help="In words."),
            option("--day", metavar="DAY", help="Day of the month of the bill."),
            option("--amount", metavar="AMOUNT", help="How much the bill is."),
            option("--most", metavar="NUMBER", help="From how many on it counts as broken."),
        ),
        writes=True,
    ),
    Action(
        "conditions",
        "plan.conditions",
        help="What the plan depends on, and whether it is kept.",
        example="tracker plan conditions maple",
        params=(argument("debt"),),
        show=show_conditions,
    ),
    Action(
        "condition-end",
        "plan.condition-end",
        help="A condition does not hold any more.",
        example="tracker plan condition-end maple 1",
        params=(argument("debt"), argument("number")),
        writes=True,
    ),
    Action(
        "condition-broken",
        "plan.condition-broken",
        help="A condition was not kept.",
        example="tracker plan condition-broken maple 1 --on 2027-02-03",
        params=(
            argument("debt"),
            argument("number"),
            option("--on", metavar="DATE", help="The day; else today."),
        ),
        writes=True,
    ),
    project,
):
    plan.add_command(_command)
