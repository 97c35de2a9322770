"""What lies ahead: outlook, rate and due, and the projection of one plan."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, argument, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

_COMES = (
    ("to_pay", N_("To pay")),
    ("interest", N_("Interest to come")),
    ("fees", N_("Fees to come")),
)


def _project(result: Object) -> None:
    text = output.words().text
    output.card(
        result,
        (
            ("debt", N_("Debt")),
            ("word", N_("Cover word")),
            ("ends_on", N_("Ends on")),
            *_COMES,
        ),
    )
    if isinstance(extra := result.get("extra"), dict):
        output.line()
        told = {name: output.text(value) for name, value in extra.items()}
        output.line(
            text("{amount} more on {on} saves {saves}; the plan then ends on {ends_on}.", **told)
            if extra.get("ends_on")
            else text("{amount} more on {on} saves {saves}.", **told)
        )
    if isinstance(missed := result.get("missed"), dict):
        output.line()
        told = {name: output.text(value) for name, value in missed.items()}
        output.line(
            text(
                "Number {seq}, due {due_on}, paid on {paid_on} only would cost {interest} in "
                "interest and {fees} in fees.",
                **told,
            )
        )
    _said(result)


def _outlook(result: Object) -> None:
    text = output.words().text
    plans, unplanned = output.objects(result, "plans"), output.objects(result, "unplanned")
    if not plans and not unplanned:
        output.line(text("Nothing is owed here. tracker add asks for a debt and its plan."))
        return
    if plans:
        output.line(text("Plans"))
        output.table(plans, (("word", N_("Word")), ("ends_on", N_("Ends on")), *_COMES))
    if unplanned:
        output.line()
        output.line(text("Without a plan"))
        output.table(
            unplanned,
            (
                ("word", N_("Word")),
                ("balance", N_("Balance")),
                ("month", N_("One month of waiting adds")),
            ),
        )
    totals = output.objects(result, "totals")
    home = result.get("home")
    if isinstance(home, dict) and home not in totals:
        totals.append(home)
    output.line()
    output.line(text("Together"))
    output.table(totals, (*_COMES, ("unplanned", N_("Owed without a plan"))))
    if rates := output.objects(result, "rates"):
        output.line()
        output.line(text("At these rates"))
        _rate_table(rates)
    _said(result)


def _rates(result: Object) -> None:
    rows = output.objects(result, "rates")
    if not rows:
        output.line(
            output.words().text("No rate yet. tracker rate add USD 7.1053 records what 1 USD is.")
        )
        return
    _rate_table(rows)


def _rate_table(rows: list[Object]) -> None:
    for row in rows:
        row["words"] = f"1 {row.get('base')} = {row.get('rate')} {row.get('quote')}"
    output.table(rows, (("words", N_("Rate")), ("on", N_("Date"))))


def _due(result: Object) -> None:
    text = output.words().text
    rows = output.objects(result, "due")
    if not rows:
        output.line(text("Nothing is due up to {day}.", day=result.get("until")))
        return
    for row in rows:
        # Each on the clock of whom it concerns.
        output.clock.zone = str(row.get("zone"))
        row["send_by"] = output.text(row.get("send_by_at"))
        row["position"] = f"{row.get('seq')}/{row.get('count')}"
    output.table(
        rows,
        (
            ("person", N_("Person")),
            ("debt", N_("Debt")),
            ("word", N_("Word")),
            ("position", N_("No.")),
            ("send_by", N_("Send by")),
            ("due_on", N_("Due")),
            ("open", N_("Open")),
            ("state", N_("State")),
            ("held", N_("On hold")),
        ),
    )
    if result.get("total") is not None:
        output.line(text("{total} in all.", total=result.get("total")))
    if result.get("more"):
        output.line(text("More: the same with --after {place}", place=result.get("next")))


def _said(result: Object) -> None:
    if said := output.texts(result, "said"):
        output.line()
    for sentence in said:
        output.line(sentence)


project = Action(
    "project",
    "plan.project",
    help="What is still to come of a plan, and what would change it.",
    example="tracker plan project maple\n"
    "tracker plan project maple --extra 200 --on 2027-02-15 --missed",
    params=(
        argument("debt"),
        option("--extra", metavar="AMOUNT", help="What one more payment would save."),
        option("--on", metavar="DATE", help="The day of it; else today."),
        option("--missed", is_flag=True, help="What one missed instalment would cost."),
    ),
    show=_project,
)
outlook = Action(
    "outlook",
    "outlook",
    help="Everything that is still to be paid, by currency and in your own.",
    example="tracker outlook",
    show=_outlook,
)
due = Action(
    "due",
    "caseload.due",
    help="For an adviser: what is due or late, of everybody, in order of the days.",
    example="tracker due --days 7",
    params=(
        option("--days", metavar="NUMBER", help="So many days ahead; else 7."),
        option("--limit", metavar="NUMBER", help="So many at a time; else 100."),
        option("--after", metavar="PLACE", help="Go on where a page ended."),
        option("--count", is_flag=True, help="Say how many there are in all."),
    ),
    show=_due,
)
rate = Group("rate", help="Rates of exchange, as you type them.")

for _command in (
    Action(
        "add",
        "rate.add",
        help="Record what 1 of a currency is worth in another, else in your own.",
        example="tracker rate add USD 7.1053\ntracker rate add EUR 0.85 --to GBP --on 2026-11-30",
        params=(
            argument("base"),
            argument("rate"),
            option("--to", metavar="CURRENCY", help="In which it is worth that; else your own."),
            option("--on", metavar="DATE", help="The day of the rate; else today."),
        ),
        writes=True,
    ),
    Action("list", "rate.list", help="Every rate.", example="tracker rate list", show=_rates),
    Action(
        "drop",
        "rate.drop",
        help="Take back a rate that was mistyped.",
        example="tracker rate drop USD --on 2026-11-30",
        params=(
            argument("base"),
            option("--to", metavar="CURRENCY", help="The other currency; else your own."),
            option("--on", metavar="DATE", help="The day of the rate; else today."),
        ),
        writes=True,
    ),
):
    rate.add_command(_command)
