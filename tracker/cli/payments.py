"""Paying, and taking it back: pay, bounced, undo, and the payments behind them."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, argument, note_from_stdin, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _payments(result: Object) -> None:
    rows = output.objects(result, "payments")
    if not rows:
        output.line(
            output.words().text("No payment is recorded yet. tracker pay DEBT records one.")
        )
        return
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("on", N_("Date")),
            ("debt", N_("Debt")),
            ("amount", N_("Amount")),
            ("kind", N_("Kind")),
            ("state", N_("State")),
            ("method", N_("How")),
            ("reference", N_("Reference")),
            ("note", N_("Note")),
        ),
    )


pay = Action(
    "pay",
    "pay",
    help="Record money that left. Without an amount: what is open of the next instalment.",
    example="tracker pay maple\ntracker pay maple 85.00 --on fri --method transfer",
    params=(
        argument("debt"),
        argument("amount", required=False),
        option("--on", metavar="DATE", help="The day it left: today, yesterday, fri, 5dec."),
        option("--scheduled", metavar="DATE", help="It is ordered, and will leave on that day."),
        option(
            "--method", help="transfer, standing-order, direct-debit, card, cash, cheque or other."
        ),
        option("--ref", help="The bank's or the receipt's reference."),
        option("--note", help="A note; - reads it from an editor or from stdin."),
        option("--instalment", metavar="NUMBER", help="For this instalment, not the oldest open."),
    ),
    fill=note_from_stdin,
    writes=True,
)

bounced = Action(
    "bounced",
    "bounced",
    help="A payment came back: its instalment is open again.",
    example="tracker bounced maple --reason 'not enough in the account'",
    params=(
        argument("debt"),
        option("--payment", metavar="NUMBER", help="Which one; otherwise the last."),
        option("--reason", help="What the bank said."),
    ),
    writes=True,
)

undo = Action(
    "undo",
    "undo",
    help="Take back the payment recorded last, within a day.",
    example="tracker undo",
    writes=True,
)

payment = Group("payment", help="Payments: list them, void one, say whether one went.")
payment.add_command(
    Action(
        "list",
        "payment.list",
        help="What was paid, newest first.",
        example="tracker payment list maple --limit 10",
        params=(
            argument("debt", required=False),
            option("--limit", metavar="NUMBER", help="At most so many."),
        ),
        show=_payments,
    )
)
payment.add_command(
    Action(
        "void",
        "payment.void",
        help="A payment was a mistake: it counts no longer, and stays readable.",
        example="tracker payment void 12 --reason 'typed twice'",
        params=(argument("payment"), option("--reason", help="Why.")),
        writes=True,
    )
)
payment.add_command(
    Action(
        "confirm",
        "payment.confirm",
        help="Say whether a scheduled payment went.",
        example="tracker payment confirm 12 yes",
        params=(
            argument("payment"),
            argument("went", metavar="yes|no"),
            option("--on", metavar="DATE", help="The day it left, if another than planned."),
        ),
        writes=True,
    )
)
