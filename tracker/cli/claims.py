"""What a debt costs and grows by: debt terms, order, charge, waiver; and what is owed on a day."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, argument, note_from_stdin, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Json, Object

COMPONENTS = (
    ("principal", N_("Principal")),
    ("interest", N_("Interest")),
    ("penalties", N_("Penalties")),
    ("fees", N_("Fees")),
    ("costs", N_("Costs")),
)
ORDERS = (
    *("costs-first", "fees-first", "interest-first", "principal-first"),
    *("default-interest-last", "as-stated", "cn-card"),
)
"""What `order` takes; the action decides, this is for the help."""


def bare(value: Json) -> Json:
    """An amount without its code, for columns whose heading says it."""
    return {**value, "currency": ""} if isinstance(value, dict) else None


def show_owed(result: Object) -> None:
    """The parts of what is owed beside what waiting adds to each; then what is in force."""
    owed = result.get("owed")
    if not isinstance(owed, dict):
        return
    output.line()
    if owed.get("known"):
        _parts(owed, str(result.get("currency")))
        days, overdue = owed.get("days_overdue"), output.text(owed.get("overdue"))
        told: Object = dict(owed)
        if isinstance(days, int) and days:
            told["late"] = (
                output.words().plural(
                    "{amount}, for one day", "{amount}, for {n} days", days, amount=overdue
                )
                if overdue
                else output.words().plural(
                    "for one day; how much is not known",
                    "for {n} days; how much is not known",
                    days,
                )
            )
        output.card(
            told,
            (
                ("overpaid", N_("Overpaid")),
                ("late", N_("Overdue")),
                ("terms", N_("Terms")),
                ("order", N_("Payments go to")),
            ),
        )
        if owed.get("granted"):
            output.line(output.text(owed["granted"]))
    for sentence in output.texts(owed, "notes"):
        output.line(sentence)


def _parts(owed: Object, currency: str) -> None:
    steps = {str(each.get("after")): each for each in output.objects(owed, "waiting")}
    rows: list[Object] = []
    for name, heading in COMPONENTS:
        row: Object = {"part": output.words().text(heading), "owed": _of(owed, name)}
        row.update({after: _of(step, name) for after, step in steps.items()})
        if any(value is not None for key, value in row.items() if key != "part"):
            rows.append(row)
    rows.append(
        {
            "part": output.words().text("In all"),
            "owed": bare(owed.get("total")),
            **{after: bare(step.get("adds")) for after, step in steps.items()},
        }
    )
    output.line(
        output.words().text("Owed on {day}, in {currency}", day=owed.get("on"), currency=currency)
    )
    output.table(
        rows,
        (
            ("part", N_("Part")),
            ("owed", N_("Owed")),
            ("day", N_("One day adds")),
            ("week", N_("A week adds")),
            ("month", N_("A month adds")),
        ),
    )


def _of(result: Object, name: str) -> Json:
    parts = result.get("parts")
    return bare(parts.get(name)) if isinstance(parts, dict) else None


def _charges(result: Object) -> None:
    rows = output.objects(result, "charges")
    if not rows:
        output.line(output.words().text("No charge or waiver is recorded."))
        return
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("on", N_("Date")),
            ("reason", N_("Kind")),
            ("component", N_("Part")),
            ("amount", N_("Amount")),
            ("settles", N_("Statement")),
            ("note", N_("Note")),
        ),
    )


def _waived(request: Object) -> None:
    """`waiver DEBT AMOUNT` leaves the component out."""
    note_from_stdin(request)
    if request.get("amount") is None and request.get("component") is not None:
        request["amount"] = request.pop("component")


_from = option("--from", "from_on", metavar="DATE", help="The day from which it counts.")
_note = option("--note", help="A note; - reads it from an editor or from stdin.")

COMMANDS = (
    Action(
        "terms",
        "debt.terms",
        help="Record the contract's interest, penalty interest and late fees from a day on.\n\n"
        "The first ones count from the opening of the ledger unless --from says otherwise.",
        example="tracker debt terms maple --rate 18.25% --compounding monthly --compounds-on 10\n"
        "tracker debt terms maple --from 2026-01-10 --rate '0.05% a day' --late-fee-share 5%",
        params=(
            argument("debt"),
            _from,
            option("--rate", metavar="RATE", help="18.25%, '0.05% a day' or '1825 bps'."),
            option(
                "--basis",
                metavar="BASIS",
                help="Days count by act/365f (usual), act/360, 30/360, 30e/360, act/act, monthly.",
            ),
            option(
                "--compounding",
                metavar="HOW",
                help="none (usual), daily, monthly, quarterly or yearly.",
            ),
            option("--compounds-on", metavar="DAY", help="The day of the month, 1 to 31."),
            option("--grace", metavar="DAYS", help="Days after a due date without a late fee."),
            option("--penalty", metavar="RATE", help="Penalty interest at a rate of its own."),
            option("--penalty-above", metavar="SHARE", help="Or a share of the contract rate."),
            option(
                "--penalty-on",
                metavar="overdue|balance",
                help="It runs on the overdue part (usual), or on the whole principal.",
            ),
            option(
                "--penalty-instead",
                is_flag=True,
                help="It takes the place of the contract interest; otherwise it comes on top.",
            ),
            option("--late-fee", metavar="AMOUNT", help="A flat late fee."),
            option("--late-fee-share", metavar="SHARE", help="Or a share of the overdue part."),
            option("--late-fee-min", metavar="AMOUNT", help="At least so much."),
            option("--late-fee-max", metavar="AMOUNT", help="At most so much."),
            option(
                "--late-fee-every",
                metavar="once|monthly",
                help="For each due date missed (usual), or every month while overdue.",
            ),
            option(
                "--bears", metavar="PARTS", help="Interest runs on these too, such as fees,costs."
            ),
            option(
                "--rounding",
                metavar="carry|each",
                help="What rounding gains or loses is carried on (usual), or dropped.",
            ),
            _note,
        ),
        fill=note_from_stdin,
        writes=True,
    ),
    Action(
        "terms-drop",
        "debt.terms-drop",
        help="Take back terms that were recorded by mistake.",
        example="tracker debt terms-drop maple --from 2026-01-10",
        params=(argument("debt"), _from),
        writes=True,
    ),
    Action(
        "order",
        "debt.order",
        help="Record in which order a payment goes to the parts of a debt.\n\nORDER is one of "
        + ", ".join(ORDERS)
        + ".",
        example="tracker debt order maple costs-first\n"
        "tracker debt order maple interest-first --after-days 90 --then principal-first",
        params=(
            argument("debt"),
            argument("order"),
            _from,
            option("--after-days", metavar="DAYS", help="The order changes after so many overdue."),
            option("--then", metavar="ORDER", help="The order from then on."),
            _note,
        ),
        fill=note_from_stdin,
        writes=True,
    ),
    Action(
        "order-drop",
        "debt.order-drop",
        help="Take back an order that was recorded by mistake.",
        example="tracker debt order-drop maple",
        params=(argument("debt"), _from),
        writes=True,
    ),
    Action(
        "charge",
        "debt.charge",
        help="Record what the creditor added.\n\n"
        "COMPONENT is principal, interest, penalties, fees or costs.",
        example="tracker debt charge maple costs 85.00 --on 2026-11-20 --note 'court fee'",
        params=(
            argument("debt"),
            argument("component"),
            argument("amount"),
            option("--on", metavar="DATE", help="The day on which it was added."),
            _note,
        ),
        fill=note_from_stdin,
        writes=True,
    ),
    Action(
        "waiver",
        "debt.waiver",
        help="Record what the creditor asks no more: an amount, or all.\n\n"
        "Without COMPONENT it is taken off in the order of a payment.",
        example="tracker debt waiver maple fees 25.00 --note 'letter of 2 Nov'\n"
        "tracker debt waiver maple all",
        params=(
            argument("debt"),
            argument("component", required=False),
            argument("amount", required=False),
            option("--on", metavar="DATE", help="The day on which it was waived."),
            _note,
        ),
        fill=_waived,
        writes=True,
    ),
    Action(
        "charges",
        "debt.charges",
        help="Charges, waivers and adjustments of a debt.",
        example="tracker debt charges maple",
        params=(argument("debt"),),
        show=_charges,
    ),
    Action(
        "charge-drop",
        "debt.charge-drop",
        help="Take back a charge or waiver that was recorded by mistake.",
        example="tracker debt charge-drop 3",
        params=(argument("charge"),),
        writes=True,
    ),
)
