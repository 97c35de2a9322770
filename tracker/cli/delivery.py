"""What goes out and what was done: remind, outbox, journal."""

from __future__ import annotations

from tracker.cli import output, trials
from tracker.cli.command import Action, Group, argument, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _preview(result: Object) -> None:
    rows = output.objects(result, "items")
    if not rows:
        output.line(output.words().text("No reminder will go out in these days."))
        return
    for row in rows:
        row["seq"] = row.get("seq") or None  # a bill has no number
    output.table(
        rows,
        (
            ("at", N_("When")),
            ("channel", N_("Channel")),
            ("debt", N_("Debt")),
            ("seq", N_("No.")),
            ("body", N_("Text")),
        ),
    )


def _messages(result: Object) -> None:
    rows = output.objects(result, "messages")
    if not rows:
        output.line(
            output.words().text("The outbox is empty. tracker remind shows what will come.")
        )
        return
    output.table(
        rows,
        (
            ("ref", N_("Ref")),
            ("changed_at", N_("When")),
            ("channel", N_("Channel")),
            ("state", N_("State")),
            ("attempts", N_("Tries")),
            ("body", N_("Text")),
            ("reason", N_("Reason")),
        ),
    )


def _answers(result: Object) -> None:
    rows = output.objects(result, "answers")
    if not rows:
        output.line(output.words().text("Nobody has answered a text yet."))
        return
    output.table(
        rows,
        (
            ("at", N_("When")),
            ("channel", N_("Channel")),
            ("body", N_("Text")),
            ("outcome", N_("What came of it")),
        ),
    )


def _journal(result: Object) -> None:
    rows = output.objects(result, "entries")
    if not rows:
        output.line(output.words().text("Nothing was changed yet."))
        return
    output.table(
        rows,
        (
            ("revision", N_("No.")),
            ("at", N_("When")),
            ("actor", N_("Who")),
            ("action", N_("What")),
            ("detail", N_("Detail")),
        ),
    )


def _dry(request: Object) -> None:
    """Sending is the daemon's alone, so that `remind` only ever shows."""
    request.pop("dry_run", None)


remind = Group("remind", help="Reminders to come.", default="preview")
outbox = Group("outbox", help="Messages: waiting, sent, not sent and why.", default="list")
journal = Group("journal", help="Who changed what, and when.", default="list")

remind.add_command(
    Action(
        "preview",
        "remind.preview",
        help="The texts that will go out, word for word. Nothing is sent.",
        example="tracker remind --dry-run\ntracker remind preview maple --days 30",
        params=(
            argument("debt", required=False),
            option("--days", metavar="NUMBER", help="So many days ahead; 14 unless told."),
            option("--dry-run", is_flag=True, help="What it does in any case: show only."),
        ),
        fill=_dry,
        show=_preview,
    )
)
remind.add_command(trials.test)
outbox.add_command(
    Action(
        "list",
        "outbox.list",
        help="Messages, newest first.",
        example="tracker outbox list --state failed",
        params=(
            option("--state", help="pending, sending, unknown, sent, delivered, failed, held …"),
            option("--limit", metavar="NUMBER", help="At most so many."),
        ),
        show=_messages,
    )
)
outbox.add_command(
    Action(
        "answers",
        "outbox.answers",
        help="What came back: PAID, STOP, START, a ticked to-do; newest first.",
        example="tracker outbox answers",
        params=(option("--limit", metavar="NUMBER", help="At most so many."),),
        show=_answers,
    )
)
journal.add_command(
    Action(
        "list",
        "journal.list",
        help="Changes, newest first.",
        example="tracker journal list --limit 20",
        params=(option("--limit", metavar="NUMBER", help="At most so many."),),
        show=_journal,
    )
)
