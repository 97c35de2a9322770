"""Paying, and taking it back: pay, bounced, undo. What was recorded is in recorded.py."""

from __future__ import annotations

from tracker.cli.command import Action, absolute, argument, note_from_stdin, option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _from_here(request: Object) -> None:
    note_from_stdin(request)
    absolute(request, "proof")


pay = Action(
    "pay",
    "pay",
    help="Record money that left. Without an amount: what is open of the next instalment.",
    example="tracker pay maple\ntracker pay maple 85.00 --on fri --method transfer\n"
    "tracker pay maple --sent '100 USD' --rate 0.79",
    params=(
        argument("debt"),
        argument("amount", required=False),
        option("--on", metavar="DATE", help="The day it left: today, yesterday, fri, 5dec."),
        option("--scheduled", metavar="DATE", help="It is ordered, and will leave on that day."),
        option(
            "--method",
            metavar="HOW",
            help="transfer, standing-order, direct-debit, card, cash, cheque or other.",
        ),
        option("--ref", help="The bank's or the receipt's reference."),
        option("--note", help="A note; - reads it from an editor or from stdin."),
        option("--instalment", metavar="NUMBER", help="For this instalment, not the oldest open."),
        option("--sent", metavar="AMOUNT", help="What left, if in another money: '100 USD'."),
        option("--rate", metavar="RATE", help="What 1 of that money was worth in the debt's."),
        option("--proof", metavar="FILE", help="A file that shows it; it is kept in the home."),
    ),
    fill=_from_here,
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
