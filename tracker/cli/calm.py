"""Less, or later: quiet, away, snooze."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, argument, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.cli.output import Object


def _said(result: Object) -> None:
    for sentence in output.texts(result, "said"):
        output.line(sentence)


def _absences(result: Object) -> None:
    rows = output.objects(result, "absences")
    if not rows:
        output.line(output.words().text("No journey is planned."))
        return
    output.table(
        rows,
        (
            ("number", N_("No.")),
            ("from_on", N_("From")),
            ("until_on", N_("Until before")),
            ("zone", N_("Zone")),
            ("begun", N_("Begun")),
        ),
    )


def _joined(field: str) -> Callable[[Object], None]:
    """Words that belong together: `fri 18:00` is one moment."""

    def join(request: Object) -> None:
        words = request.get(field)
        if isinstance(words, list):
            request[field] = " ".join(str(each) for each in words)
            if not words:
                del request[field]

    return join


quiet = Group("quiet", help="No messages for a while.", default="for")
away = Group("away", help="Journeys: another clock, and what to pay before.", default="add")

_QUIET_HELP = (
    "Reminders wait until it ends, and what is no longer of use then is left out. Legal deadlines "
    "are told all the same."
)

for _command in (
    Action(
        "for",
        "quiet.begin",
        help=f"No message for so long.\n\n{_QUIET_HELP}",
        example="tracker quiet 3d\ntracker quiet for 12h",
        params=(argument("until", metavar="3d|12h|1w"),),
        writes=True,
    ),
    Action(
        "until",
        "quiet.begin",
        help=f"No message before a day.\n\n{_QUIET_HELP}",
        example="tracker quiet until fri\ntracker quiet until fri 18:00",
        params=(argument("until", metavar="DATE [TIME]", nargs=-1),),
        fill=_joined("until"),
        writes=True,
    ),
    Action(
        "off",
        "quiet.end",
        help="End it now.",
        example="tracker quiet off",
        writes=True,
    ),
    Action(
        "show",
        "quiet.show",
        help="Whether it is quiet, and what falls due meanwhile.",
        example="tracker quiet show",
        show=_said,
    ),
):
    quiet.add_command(_command)

for _command in (
    Action(
        "add",
        "away.add",
        help="Plan a journey from a first to a last day; lists what to pay or schedule before.\n\n"
        "On its days messages go by the clock of --zone. It is no silence: see quiet.",
        example="tracker away 20dec..3jan --zone Asia/Shanghai",
        params=(
            argument("days", metavar="FROM..TO"),
            option("--zone", metavar="ZONE", help="Where to, such as Asia/Shanghai."),
        ),
        writes=True,
    ),
    Action(
        "list",
        "away.list",
        help="Journeys that are not over.",
        example="tracker away list",
        show=_absences,
    ),
    Action(
        "off",
        "away.off",
        help="Call a journey off, or come back before its end.",
        example="tracker away off",
        params=(argument("number", required=False),),
        writes=True,
    ),
):
    away.add_command(_command)

snooze = Action(
    "snooze",
    "snooze",
    help="Put the next instalment of a debt off: silent until then, and then one reminder.\n\n"
    "Until tomorrow, or as said: 2h, 3d, fri, fri 18:00. Never past the last moment to send.",
    example="tracker snooze maple\ntracker snooze maple fri 18:00",
    params=(argument("debt"), argument("until", required=False, nargs=-1)),
    fill=_joined("until"),
    writes=True,
)
