"""What was recorded as paid: list, void, confirm; a split sum, a refund, a proof."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, absolute, argument, note_from_stdin, option
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
    for row in rows:
        row["files"] = [proof["name"] for proof in output.objects(row, "proofs")]
        row["split"] = f"#{row['batch']}" if row.get("batch") else None
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("on", N_("Date")),
            ("debt", N_("Debt")),
            ("amount", N_("Amount")),
            ("sent", N_("Sent")),
            ("rate", N_("Rate")),
            ("kind", N_("Kind")),
            ("state", N_("State")),
            ("method", N_("How")),
            ("split", N_("Split")),
            ("reference", N_("Reference")),
            ("note", N_("Note")),
            ("files", N_("Proof")),
        ),
    )


def _claims(result: Object) -> None:
    rows = output.objects(result, "claims")
    if not rows:
        output.line(output.words().text("Nothing waits to be confirmed."))
        return
    output.table(
        rows,
        (
            ("claim", N_("No.")),
            ("said_at", N_("When")),
            ("debt", N_("Debt")),
            ("seq", N_("Instalment")),
            ("open", N_("Open")),
            ("channel", N_("Channel")),
            ("state", N_("State")),
        ),
    )


def _file_from_here(request: Object) -> None:
    absolute(request, "file")


_METHOD = "transfer, standing-order, direct-debit, card, cash, cheque or other."
_NOTE = "A note; - reads it from an editor or from stdin."

payment = Group("payment", help="Payments: list, void, confirm, split, refund, prove.")
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
payment.add_command(
    Action(
        "split",
        "payment.split",
        help="Record one sum that went to several debts.\n\n"
        "Without amounts it is split by what is open on each of them.",
        example="tracker payment split 500 --to maple --to river\n"
        "tracker payment split 500 --to maple=300 --to river=200 --on fri",
        params=(
            argument("total"),
            option(
                "--to",
                metavar="DEBT[=AMOUNT]",
                multiple=True,
                required=True,
                help="A debt, or a debt and its part; two or more.",
            ),
            option("--on", metavar="DATE", help="The day it left: today, yesterday, fri, 5dec."),
            option("--method", metavar="HOW", help=_METHOD),
            option("--ref", help="The bank's or the receipt's reference."),
            option("--note", help=_NOTE),
        ),
        fill=note_from_stdin,
        writes=True,
    )
)
payment.add_command(
    Action(
        "refund",
        "payment.refund",
        help="The creditor sent back what was overpaid.",
        example="tracker payment refund maple 25.00 --on fri",
        params=(
            argument("debt"),
            argument("amount"),
            option("--on", metavar="DATE", help="The day it came; otherwise today."),
            option("--method", metavar="HOW", help=_METHOD),
            option("--ref", help="The bank's or the receipt's reference."),
            option("--note", help=_NOTE),
        ),
        fill=note_from_stdin,
        writes=True,
    )
)
payment.add_command(
    Action(
        "proof",
        "payment.proof",
        help="Keep a file that shows a payment: a receipt, a bank's confirmation.",
        example="tracker payment proof 12 receipt.pdf",
        params=(argument("payment"), argument("file")),
        fill=_file_from_here,
        writes=True,
    )
)
payment.add_command(
    Action(
        "stated",
        "payment.stated",
        help="How the creditor says it split a payment; kept beside the tracker's own figures.",
        example="tracker payment stated 12 --principal 80.00 --interest 20.00",
        params=(
            argument("payment"),
            option("--principal", metavar="AMOUNT", help="What went to the sum borrowed."),
            option("--interest", metavar="AMOUNT", help="To interest."),
            option("--penalties", metavar="AMOUNT", help="To penalties."),
            option("--fees", metavar="AMOUNT", help="To fees."),
            option("--costs", metavar="AMOUNT", help="To the costs of collecting."),
        ),
        writes=True,
    )
)
payment.add_command(
    Action(
        "claims",
        "payment.claims",
        help="What was said to be paid, by text or in a calendar, and waits for your word.",
        example="tracker payment claims",
        params=(option("--all", is_flag=True, help="Those that were answered too."),),
        show=_claims,
    )
)
payment.add_command(
    Action(
        "accept",
        "payment.accept",
        help="It was paid: record it. Without an amount: what is open of that instalment.",
        example="tracker payment accept 3\ntracker payment accept 3 80.00 --on fri",
        params=(
            argument("claim"),
            argument("amount", required=False),
            option("--on", metavar="DATE", help="The day it left; otherwise the day it was said."),
            option("--method", metavar="HOW", help=_METHOD),
            option("--ref", help="The bank's or the receipt's reference."),
        ),
        writes=True,
    )
)
payment.add_command(
    Action(
        "dismiss",
        "payment.dismiss",
        help="It was not paid: close the claim; reminders go on.",
        example="tracker payment dismiss 3",
        params=(argument("claim"),),
        show=_claims,
        writes=True,
    )
)
