"""Whether the service runs and what holds it up: the daemon's word, and the clock."""

from __future__ import annotations

from tracker.cli import client, output
from tracker.cli.command import Action, Group
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Json, Object

_ALARMS = {
    "tick": (
        N_("The daemon's last look failed or is overdue; the last that ended well: {tick}."),
        N_("`journalctl -u tracker` says why."),
    ),
    "clock": (
        N_("The daemon sends nothing: it does not believe the clock."),
        N_("`tracker clock` says why."),
    ),
    "in-flight": (
        N_("What became of a message is not known since {since}."),
        N_("`tracker outbox list --state unknown` shows it."),
    ),
    "account": (
        N_("A provider refuses the account, so messages are held."),
        N_("See to the account; it is tried again every 15 minutes."),
    ),
}


def daemon(health: Object | None) -> Object:
    """One of the doctor's checks: what the daemon says of itself; None where none runs."""
    text = output.words().text
    if health is None:
        return {
            "name": "daemon",
            "ok": False,
            "sentence": text("No daemon runs, so nothing is sent."),
            "hint": text(
                "Start it with `systemctl start tracker` or `tracker daemon`; "
                "or have a timer run `tracker tick`."
            ),
        }
    places = {
        "tick": _instant(health.get("last_tick_at")),
        "send": _instant(health.get("last_send_at")),
        "asked": _instant(health.get("last_reconcile_at")),
        "since": _instant(health.get("oldest_in_flight_at")),
    }
    wrong = health.get("alarms")
    known = [each for each in wrong if each in _ALARMS] if isinstance(wrong, list) else []
    if known:
        hint = _ALARMS[str(known[0])][1]
        sentences = [text(_ALARMS[str(each)][0], **places) for each in known]
        return {
            "name": "daemon",
            "ok": False,
            "sentence": " ".join(sentences),
            "hint": text(hint),
        }
    return {
        "name": "daemon",
        "ok": True,
        "sentence": text(
            "The daemon runs. Last look: {tick}; last sent: {send}; provider last asked: {asked}.",
            **places,
        ),
        "hint": None,
    }


def _instant(value: Json) -> str:
    """To the minute, in UTC: whose zone would be meant is not known here."""
    if not isinstance(value, str):
        return output.words().text("not since its start")
    return f"{value[:16].replace('T', ' ')} UTC"


def _clock(result: Object) -> None:
    text = output.words().text
    output.line(text("The clock says {now}.", now=_instant(result.get("now"))))
    if result.get("newest_at"):
        newest = _instant(result["newest_at"])
        output.line(text("The newest that was recorded is of {newest}.", newest=newest))
    health = client.health() or {}
    if result.get("behind"):
        output.line(text("Nothing is sent: the clock stands before what it cannot stand before."))
        output.line(
            text("If the clock is right and what was recorded is not: tracker clock accept")
        )
    elif health.get("clock_doubt") == "jumped":
        output.line(
            text(
                "Nothing is sent for now: the clock was set forward. "
                "It is believed once it has run steadily for a few minutes."
            )
        )
    else:
        output.line(text("The clock holds nothing up."))


clock = Group(
    "clock", help="The machine's clock, and whether it holds messages up.", default="show"
)
for _command in (
    Action(
        "show",
        "clock.show",
        help="What the clock says, and whether nothing is sent because of it.",
        example="tracker clock",
        show=_clock,
    ),
    Action(
        "accept",
        "clock.accept",
        help="Say that the clock is right, after it was wrong; what it settled is judged anew.",
        example="tracker clock accept",
        writes=True,
    ),
):
    clock.add_command(_command)
