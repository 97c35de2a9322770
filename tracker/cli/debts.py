"""What is owed: debt and hold."""

from __future__ import annotations

import click

from tracker.cli import output
from tracker.cli.claims import COMMANDS as CLAIMS
from tracker.cli.claims import show_owed
from tracker.cli.command import Action, Group, argument, note_from_stdin, option
from tracker.cli.owners import COMMANDS as OWNERS
from tracker.cli.owners import show_owners_of_debt
from tracker.cli.statements import parts
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

HOLDS = ("unverified-owner", "disputed", "moratorium", "adviser", "insolvency", "not-mine")
"""What `hold` takes; the action decides, this is for the help and the guided questions."""


def _dates() -> list[click.Parameter]:
    return [
        option("--last-payment", metavar="DATE", help="A date, never, or ? for don't know."),
        option("--last-contact", metavar="DATE", help="When you last wrote about it."),
        option("--judgment", metavar="DATE", help="When a court decided, or never."),
        option("--first-missed", metavar="DATE", help="The first payment that was missed."),
        option("--defaulted", metavar="DATE", help="When it was called a default."),
    ]


def _about() -> list[click.Parameter]:
    return [
        option("--word", help="The cover word that stands for it on a lock screen."),
        option("--kind", metavar="priority|ordinary", help="Priority: rent, energy, taxes."),
        option("--reference", help="The creditor's reference."),
        option("--jurisdiction", metavar="COUNTRY", help="Whose law applies, such as GB."),
        option("--claim", help="The kind of claim, where a country has several limits."),
    ]


def _debts(result: Object) -> None:
    rows = output.objects(result, "debts")
    if not rows:
        output.line(output.words().text("No debt yet. tracker add asks for one, step by step."))
        return
    for row in rows:
        holds = row.get("holds")
        row["hold"] = (
            [each.get("kind") for each in holds if isinstance(each, dict)]
            if isinstance(holds, list)
            else None
        )
    output.table(
        rows,
        (
            ("handle", N_("Debt")),
            ("word", N_("Word")),
            ("creditor_name", N_("Creditor")),
            ("kind", N_("Kind")),
            ("balance", N_("Balance today")),
            ("hold", N_("On hold")),
        ),
    )


def show_debt(result: Object) -> None:
    dates = result.get("dates")
    known = dates if isinstance(dates, dict) else {}
    told = {name: _date(each) for name, each in known.items() if isinstance(each, dict)}
    output.card(
        {**result, **told},
        (
            ("handle", N_("Debt")),
            ("word", N_("Cover word")),
            ("creditor_name", N_("Creditor")),
            ("kind", N_("Kind")),
            ("reference", N_("Reference")),
            ("currency", N_("Currency")),
            ("jurisdiction", N_("Law")),
            ("claim", N_("Claim")),
            ("balance", N_("Balance")),
            ("last_payment", N_("Last payment")),
            ("last_contact", N_("Last written contact")),
            ("judgment", N_("Judgment")),
            ("first_missed", N_("First missed")),
            ("defaulted", N_("Defaulted")),
        ),
    )
    for hold in output.objects(result, "holds"):
        output.line(
            output.words().text(
                "On hold: {kind}, from {start} until before {end}",
                kind=hold.get("kind"),
                start=hold.get("from_on"),
                end=hold["until"],
            )
            if hold.get("until")
            else output.words().text(
                "On hold: {kind}, from {start}", kind=hold.get("kind"), start=hold.get("from_on")
            )
        )
        quiet = hold.get("silences")
        if isinstance(quiet, list):
            silent = ", ".join(output.words().text(str(each)) for each in quiet)
            output.line("  " + output.words().text("Silent meanwhile: {quiet}", quiet=silent))
    show_owners_of_debt(result)
    show_owed(result)


def _date(date: Object) -> str | None:
    if date.get("state") == "known":
        return str(date.get("on"))
    known = {"unknown": output.words().text("don't know"), "never": output.words().text("never")}
    return known.get(str(date.get("state")))


hold = Action(
    "hold",
    "debt.hold",
    help="Put a debt on hold: it must not simply be paid now.\n\nKIND is one of "
    + ", ".join(HOLDS)
    + ".",
    example="tracker hold maple disputed\ntracker hold maple moratorium --until 2027-01-31",
    params=(
        argument("debt"),
        argument("kind"),
        option("--until", metavar="DATE", help="When it ends, if that is known."),
        option("--note", help="A note; - reads it from an editor or from stdin."),
    ),
    fill=note_from_stdin,
    writes=True,
)

debt = Group("debt", help="What is owed, one account each.")

for _command in (
    Action(
        "add",
        "debt.add",
        help="Add a debt in one line; tracker add asks for it step by step.",
        example="tracker debt add 'Example Bank' --new-creditor --total 1450.00 --currency GBP",
        params=(
            argument("creditor"),
            option("--new-creditor", is_flag=True, help="The creditor is not known yet."),
            option("--handle", help="A short name for the debt."),
            option("--currency", help="Such as GBP."),
            *_about(),
            *parts(),
            option("--as-of", metavar="DATE", help="The day of that figure."),
            *_dates(),
            option("--hold", metavar="KIND", help="Put it on hold at once."),
            option("--hold-until", metavar="DATE", help="When the hold ends."),
        ),
        show=show_debt,
        writes=True,
        gate=True,
    ),
    Action("list", "debt.list", help="Every debt.", example="tracker debt list", show=_debts),
    Action(
        "show",
        "debt.show",
        help="What is known of one debt, and what is owed: today, or on any other day.",
        example="tracker debt show maple\ntracker debt show maple --on 2027-03-31",
        params=(
            argument("debt"),
            option("--on", metavar="DATE", help="The day, past or to come; otherwise today."),
        ),
        show=show_debt,
    ),
    Action(
        "edit",
        "debt.edit",
        help="Change what is known of a debt.",
        example="tracker debt edit maple --last-payment 2026-03-02",
        params=(argument("debt"), *_about(), *_dates()),
        show=show_debt,
        writes=True,
    ),
    Action(
        "hold",
        "debt.hold",
        help=hold.help or "",
        example="tracker debt hold maple disputed",
        params=[param for param in hold.params if param.name in {"debt", "kind", "until", "note"}],
        fill=note_from_stdin,
        writes=True,
    ),
    Action(
        "release",
        "debt.release",
        help="End a hold.",
        example="tracker debt release maple",
        params=(argument("debt"), argument("kind", required=False)),
        writes=True,
    ),
):
    debt.add_command(_command)
for _command in (*CLAIMS, *OWNERS):
    debt.add_command(_command)
