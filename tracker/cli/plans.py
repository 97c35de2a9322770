"""Agreed terms: plan."""

from __future__ import annotations

import os
import sys

from tracker.cli import output
from tracker.cli.command import NOTE_LIMIT, Action, Group, argument, option, read_stdin
from tracker.cli.owners import show_waiting
from tracker.cli.people import drop_empty_lists
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _rows(request: Object) -> None:
    """`--rows FILE` becomes the text in it; `-` is stdin."""
    drop_empty_lists(request)
    name = request.get("rows")
    if not isinstance(name, str):
        return
    if name == "-":
        if sys.stdin.isatty():
            output.aside(
                output.words().text("Type a date and an amount on each line; end with Ctrl-D.")
            )
        request["rows"] = read_stdin()
        return
    from tracker.errors import InputError

    try:
        if os.path.getsize(name) > NOTE_LIMIT:
            raise InputError(
                "The file {path} is longer than {limit} bytes.", path=name, limit=NOTE_LIMIT
            )
        with open(name, encoding="utf-8-sig") as file:
            request["rows"] = file.read()
    except OSError as error:
        raise InputError(
            "The file {path} cannot be read: {reason}.",
            field="rows",
            path=name,
            reason=error.strerror,
        ) from None
    except UnicodeDecodeError:
        raise InputError(
            "The file {path} is not UTF-8.",
            field="rows",
            hint="Save it as UTF-8 and try again.",
            path=name,
        ) from None


def show_plan(result: Object) -> None:
    progress = result.get("progress")
    told = {**result, **progress} if isinstance(progress, dict) else dict(result)
    told["kept"] = f"{told.get('done')}/{told.get('count')}"
    if str(told.get("reason")) in str(told.get("rule")):
        told["reason"] = None  # the terms say it already
    told["version_of"] = f"{told.get('version')}/{told.get('versions')}"
    output.card(
        told,
        (
            ("debt", N_("Debt")),
            ("word", N_("Cover word")),
            ("creditor_name", N_("Creditor")),
            ("version_of", N_("Version")),
            ("state", N_("State")),
            ("agreed_on", N_("Agreed on")),
            ("rule", N_("Terms")),
            ("reason", N_("Reason")),
            ("agreed_by", N_("Agreed by")),
            ("ended_reason", N_("Ended because")),
            ("rate", N_("Interest")),
            ("paused_until", N_("Payment holiday until")),
            ("review_on", N_("Looked at again on")),
            ("forgiven", N_("Forgiven when paid")),
            ("total", N_("Total")),
            ("paid", N_("Paid")),
            ("open", N_("Open")),
            ("kept", N_("Instalments kept")),
            ("ends_on", N_("Ends on")),
            ("paid_by", N_("How it is paid")),
            ("payee", N_("Payee")),
            ("quote", N_("Reference to quote")),
            ("account", N_("Account")),
        ),
    )
    if result.get("payee_note"):
        output.line(output.text(result["payee_note"]))
    show_waiting(result)
    output.line()
    rows = output.objects(result, "instalments")
    output.table(
        rows,
        (
            ("seq", N_("No.")),
            ("send_by_at", N_("Send by")),
            ("due_on", N_("Due")),
            ("amount", N_("Amount")),
            *(
                (name, title)
                for name, title in (("interest", N_("Interest")), ("waived", N_("Waived")))
                if any(row.get(name) for row in rows)
            ),
            ("paid", N_("Paid")),
            ("state", N_("State")),
        ),
    )
    if output.objects(result, "conditions"):
        output.line()
        show_conditions(result)


def show_conditions(result: Object) -> None:
    rows = output.objects(result, "conditions")
    if not rows:
        output.line(output.words().text("The plan has no conditions."))
        return
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("sentence", N_("Condition")),
            ("next_on", N_("Next")),
            ("broken", N_("Not kept")),
        ),
    )


def _plans(result: Object) -> None:
    rows = output.objects(result, "plans")
    if not rows:
        output.line(
            output.words().text("No plan yet. tracker plan agree DEBT records what was agreed.")
        )
        return
    for row in rows:
        progress = row.get("progress")
        if isinstance(progress, dict):
            row.update(paid=progress.get("paid"), open=progress.get("open"))
            row["kept"] = f"{progress.get('done')}/{progress.get('count')}"
    output.table(
        rows,
        (
            ("debt", N_("Debt")),
            ("word", N_("Word")),
            ("creditor_name", N_("Creditor")),
            ("kept", N_("Kept")),
            ("paid", N_("Paid")),
            ("open", N_("Open")),
            ("ends_on", N_("Ends on")),
            ("state", N_("State")),
        ),
    )


plan = Group("plan", help="Agreed plans, in numbered versions.")

for _command in (
    Action(
        "agree",
        "plan.agree",
        help="Record agreed terms: pasted rows, or a rule.\n\n"
        "--rows takes a file with a date and an amount on each line. A rule takes --start, "
        "--every, and --count or --amount. Kinds: equal, amount, amortising (--rate), balloon, "
        "step-up, seasonal, settlement (--offered, --pay-by), token (--amount, --review).",
        example="tracker plan agree maple --start 2026-12-04 --every monthly --count 12\n"
        "tracker plan agree maple --rows agreed.txt --paid-by standing-order\n"
        "tracker plan agree maple --start 2027-01-31 --count 36 --rate 9.5%\n"
        "tracker plan agree maple --offered 600 --pay-by 2027-01-31\n"
        "tracker plan agree maple --start 2027-03-31 --count 6 --revise 'hours were cut' "
        "--agreed-by 'call with Ms Hill, 12 March'",
        params=(
            argument("debt"),
            option("--agreed-on", metavar="DATE", help="The day it was agreed."),
            option("--rows", metavar="FILE", help="Dates and amounts as agreed; - is stdin."),
            option("--total", metavar="AMOUNT", help="What the rows add up to; else the balance."),
            option("--count", metavar="NUMBER", help="How many instalments."),
            option("--amount", metavar="AMOUNT", help="Or how much each."),
            option(
                "--every",
                metavar="RHYTHM",
                help="weekly, fortnightly, four-weekly, twice-monthly, monthly …",
            ),
            option("--start", metavar="DATE", help="The first due date."),
            option("--second-day", metavar="DAY", help="Twice monthly: the other day."),
            option("--first", metavar="AMOUNT", help="Another first amount."),
            option("--last", metavar="AMOUNT", help="Another last amount."),
            option("--remainder", metavar="last|first|spread", help="Where odd cents go."),
            option(
                "--shift",
                metavar="RULE",
                help="On a day off: none, following, modified-following, preceding.",
            ),
            option("--paid-by", metavar="HOW", help="send, standing-order, collect or counter."),
            option("--payee", help="To whom the money goes."),
            option("--quote", help="The reference to quote."),
            option("--account", metavar="LAST4", help="The last four of the account."),
            option("--offset", "offsets", multiple=True, help="Remind so many days off: -3d."),
            option("--send-time", metavar="TIME", help="At what time, such as 09:00."),
            option("--tolerance", metavar="AMOUNT", help="So little missing still counts as paid."),
            option(
                "--kind", metavar="KIND", help="The kind of plan, where the options do not say it."
            ),
            option("--interest", metavar="HOW", help="While it runs: contract, frozen or rate."),
            option("--rate", metavar="RATE", help="The plan's own interest, such as 9.5%."),
            option(
                "--basis",
                metavar="BASIS",
                help="Its day count: monthly, act/365f, act/360, 30/360 …",
            ),
            option("--balloon", metavar="AMOUNT", help="A large last instalment."),
            option(
                "--step", metavar="AMOUNT|SHARE", help="How much more with each step: 10 or 5%."
            ),
            option("--step-every", metavar="NUMBER", help="A step after so many instalments."),
            option("--months", metavar="MONTH:WEIGHT,…", help="Seasonal weights: 7:0,12:2."),
            option("--offered", metavar="AMOUNT", help="The sum that settles the whole."),
            option("--pay-by", metavar="DATE", help="Until when a settlement is paid."),
            option("--review", metavar="DATE", help="When token payments are looked at again."),
            option(
                "--overpay",
                metavar="HOW",
                help="What is paid too much goes forward, last or refund.",
            ),
            option(
                "--agreed-by",
                metavar="TEXT",
                help="The call, letter or e-mail that agreed it; needed with --revise.",
            ),
            option("--revise", metavar="REASON", help="These are new terms of the running plan."),
        ),
        fill=_rows,
        show=show_plan,
        writes=True,
        gate=True,
    ),
    Action(
        "show",
        "plan.show",
        help="Terms and instalments.",
        example="tracker plan show maple",
        params=(
            argument("debt"),
            option("--version", metavar="NUMBER", help="An earlier version."),
        ),
        show=show_plan,
    ),
    Action("list", "plan.list", help="Every plan.", example="tracker plan list", show=_plans),
    Action(
        "withdraw",
        "plan.withdraw",
        help="End a plan before its time; what was paid stays paid.",
        example="tracker plan withdraw maple --reason 'a new offer is on its way'",
        params=(
            argument("debt"),
            option("--reason", required=True, help="Why it ends."),
            option("--broken", is_flag=True, help="The creditor counts it as broken."),
        ),
        show=show_plan,
        writes=True,
    ),
):
    plan.add_command(_command)
