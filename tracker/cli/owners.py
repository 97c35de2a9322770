"""Whose a debt is and to whom it is paid: sold, verify, owners, payee, party."""

from __future__ import annotations

import click

from tracker.cli import output
from tracker.cli.command import Action, argument, note_from_stdin, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

_OWNERS = (
    ("creditor_name", N_("Owner")),
    ("from_on", N_("From")),
    ("until", N_("Until before")),
    ("state", N_("State")),
    ("told_by", N_("Told by")),
    ("proof", N_("Proof")),
    ("reference", N_("Reference")),
)
_PARTIES = (("role", N_("Role")), ("name", N_("Name")), ("note", N_("Note")))


def _owners(result: Object) -> None:
    output.table(output.objects(result, "owners"), _OWNERS)


def show_parties(result: Object) -> None:
    output.table(output.objects(result, "parties"), _PARTIES)


def show_owners_of_debt(result: Object) -> None:
    """What `debt show` adds: earlier owners, who owes too, and what changed details wait for."""
    if len(output.objects(result, "owners")) > 1:
        output.line()
        _owners(result)
    if output.objects(result, "parties"):
        output.line()
        show_parties(result)
    show_waiting(result)


def show_waiting(result: Object) -> None:
    waiting = result.get("payee_waiting")
    if isinstance(waiting, dict):
        output.line()
        output.line(output.text(waiting.get("sentence")))
        output.line(f"  {output.text(waiting.get('command'))}")


def _sale() -> list[click.Parameter]:
    return [
        argument("debt"),
        option("--to", required=True, metavar="NAME", help="Who owns it now."),
        option("--new-creditor", is_flag=True, help="That owner is not known yet."),
        option("--country", metavar="COUNTRY", help="Of a new creditor: such as GB."),
        option("--zone", metavar="ZONE", help="Of a new creditor: such as Europe/London."),
        option("--cutoff", metavar="TIME", help="Of a new creditor: the bank's last hour."),
        option("--clearing-days", metavar="DAYS", help="Of a new creditor: how long money takes."),
        option("--on", metavar="DATE", help="When it was sold; else today."),
        option("--told-by", metavar="TEXT", help="Who told it: such as 'letter of 3 March'."),
        option("--reference", help="The new owner's reference."),
    ]


SOLD_HELP = (
    "Record that a debt has a new owner.\n\n"
    "Its history stays, and nothing asks for a payment until debt verify names the proof."
)
SOLD_EXAMPLE = "tracker sold maple --to 'Example Loans' --new-creditor --told-by 'their letter'"

sold = Action(
    "sold", "debt.sold", help=SOLD_HELP, example=SOLD_EXAMPLE, params=_sale(), writes=True
)

COMMANDS = (
    Action(
        "sold",
        "debt.sold",
        help=SOLD_HELP,
        example="tracker debt sold maple --to 'Example Loans' --on 2026-03-01",
        params=_sale(),
        writes=True,
    ),
    Action(
        "verify",
        "debt.verify",
        help="Name what proves that the new owner owns the debt; its hold ends.",
        example="tracker debt verify maple --proof 'notice of Example Bank of 3 March'",
        params=(
            argument("debt"),
            option("--proof", required=True, metavar="TEXT", help="The notice or document."),
        ),
        writes=True,
    ),
    Action(
        "owners",
        "debt.owners",
        help="Who owned a debt from when, who told it, and what proves it.",
        example="tracker debt owners maple",
        params=(argument("debt"),),
        show=_owners,
    ),
    Action(
        "payee",
        "debt.payee",
        help="Record changed payment details; they wait for 48 hours and a call back.",
        example="tracker debt payee maple --account 9876 --told-by 'letter of 3 March'",
        params=(
            argument("debt"),
            option("--payee", help="To whom the money is to go."),
            option("--account", metavar="LAST4", help="The last four of the account."),
            option("--quote", help="The reference to quote."),
            option("--told-by", metavar="TEXT", help="Who told it, and how."),
        ),
        writes=True,
    ),
    Action(
        "payee-check",
        "debt.payee-check",
        help="End the wait of changed details: confirmed by a call, or rejected.",
        example="tracker debt payee-check maple --called 'number on the statement of January'\n"
        "tracker debt payee-check maple --reject",
        params=(
            argument("debt"),
            option("--called", metavar="TEXT", help="Where the number you called is from."),
            option("--reject", is_flag=True, help="They are false; the old ones stand."),
        ),
        writes=True,
    ),
    Action(
        "party",
        "debt.party",
        help="Name somebody who owes the debt too: ROLE is joint-holder or guarantor.",
        example="tracker debt party maple guarantor 'Ana Example'",
        params=(
            argument("debt"),
            argument("role"),
            argument("name"),
            option("--note", help="A note; - reads it from an editor or from stdin."),
        ),
        fill=note_from_stdin,
        writes=True,
    ),
    Action(
        "party-end",
        "debt.party-end",
        help="Somebody owes the debt no longer.",
        example="tracker debt party-end maple 'Ana Example'",
        params=(argument("debt"), argument("name")),
        writes=True,
    ),
)
