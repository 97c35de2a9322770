"""What is to be heard or done by a day: followup, followups."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, argument, from_stdin_or_editor, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

KINDS = {
    "answer": N_("answer"),
    "call": N_("call"),
    "promise": N_("promise"),
    "task": N_("task"),
    "deadline": N_("deadline"),
}


def show_followups(result: Object) -> None:
    rows = output.objects(result, "followups")
    if not rows:
        output.line(output.words().text("Nothing is to follow up."))
        return
    table(rows)


def table(rows: list[Object]) -> None:
    text = output.words().text
    for row in rows:
        row["kind"] = text(KINDS.get(str(row.get("kind")), ""))
        row["overdue"] = text("overdue") if row.get("overdue") else ""
    output.table(
        rows,
        (
            ("ref", N_("Ref")),
            ("by", N_("By")),
            ("overdue", N_("State")),
            ("kind", N_("Kind")),
            ("word", N_("Word")),
            ("text", N_("Text")),
            ("closed_how", N_("Closed")),
        ),
    )


def _text(request: Object) -> None:
    if request.get("text") == "-":
        request["text"] = from_stdin_or_editor()


followup = Group("followup", help="What is to be heard or done by a day.")

for _command in (
    Action(
        "add",
        "followup.add",
        help="Note what is to be heard or done by a day.\n\n"
        "DEBT may be - for none. TEXT may be - to read it from an editor or stdin. A message "
        "reminds of it by the debt's cover word alone.",
        example="tracker followup add maple 'no answer to the letter' --by '26 jan' --kind answer",
        params=(
            argument("debt"),
            argument("text"),
            option("--by", metavar="DATE", required=True, help="The day by which it is due."),
            option(
                "--kind",
                metavar="answer|call|promise|task|deadline",
                help="What it is; else task. A deadline is a legal one: nothing silences it.",
            ),
        ),
        fill=_text,
        writes=True,
    ),
    Action(
        "close",
        "followup.close",
        help="It came, or was done. HOW in words, if you like.",
        example="tracker followup close k7q2m4 'they agreed by letter'",
        params=(argument("followup"), argument("how", required=False)),
        writes=True,
    ),
    Action(
        "reopen",
        "followup.reopen",
        help="Take back that it was closed.",
        example="tracker followup reopen k7q2m4",
        params=(argument("followup"),),
        writes=True,
    ),
    Action(
        "move",
        "followup.move",
        help="Another day for it.",
        example="tracker followup move k7q2m4 fri",
        params=(argument("followup"), argument("by")),
        writes=True,
    ),
):
    followup.add_command(_command)

followups = Action(
    "followups",
    "followup.list",
    help="What is to be heard or done, the overdue first.",
    example="tracker followups\ntracker followups maple --closed",
    params=(
        argument("debt", required=False),
        option("--closed", is_flag=True, help="The closed ones too."),
    ),
    show=show_followups,
)
