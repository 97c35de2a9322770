"""The calendar on the phone: feed."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, Group, absolute, argument, option
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object


def _feed(result: Object) -> None:
    output.card(result, (("feed", N_("Feed")), ("url", N_("Address")), ("detail", N_("Detail"))))


def _feeds(result: Object) -> None:
    rows = output.objects(result, "feeds")
    if not rows:
        output.line(
            output.words().text("No feed yet. tracker feed add gives an address for a calendar.")
        )
        return
    output.table(
        rows,
        (
            ("feed", N_("Feed")),
            ("detail", N_("Detail")),
            ("created_at", N_("Since")),
            ("revoked_at", N_("Ended")),
        ),
    )


def _pushed(result: Object) -> None:
    output.card(
        result, (("path", N_("File")), ("events", N_("Events")), ("changed", N_("Changed")))
    )


feed = Group("feed", help="Calendar feeds for phones.")

for _command in (
    Action(
        "add",
        "feed.add",
        help="Make a feed; its address is shown once.",
        example="tracker feed add phone",
        params=(
            argument("name", required=False),
            option("--detail", metavar="LEVEL", help="How much the events say."),
        ),
        show=_feed,
        writes=True,
    ),
    Action("list", "feed.list", help="Every feed.", example="tracker feed list", show=_feeds),
    Action(
        "rotate",
        "feed.rotate",
        help="Give a feed a new address; the old one ends.",
        example="tracker feed rotate phone",
        params=(argument("feed"),),
        show=_feed,
        writes=True,
    ),
    Action(
        "revoke",
        "feed.revoke",
        help="End a feed.",
        example="tracker feed revoke phone",
        params=(argument("feed"),),
        writes=True,
    ),
    Action(
        "push",
        "feed.push",
        help="Write the calendar to a folder, with no open port.",
        example="tracker feed push --folder ~/Sync/calendar",
        params=(
            argument("feed", required=False),
            option("--folder", metavar="DIR", required=True, help="The folder to write to."),
            option("--detail", metavar="LEVEL", help="How much the events say."),
        ),
        fill=lambda request: absolute(request, "folder"),
        show=_pushed,
        writes=True,
    ),
):
    feed.add_command(_command)
