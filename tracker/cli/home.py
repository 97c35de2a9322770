"""`tracker` alone: what is due, what came late, what to decide, and whether the daemon runs."""

from __future__ import annotations

from tracker.cli import client, followups, output
from tracker.cli.command import ask, json_wanted
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

_INSTALMENT = (
    ("word", N_("Word")),
    ("position", N_("No.")),
    ("send_by_at", N_("Send by")),
    ("due_on", N_("Due")),
    ("open", N_("Open")),
    ("state", N_("State")),
    ("held", N_("On hold")),
)
_BAR = 20
"""Characters of a plan's bar."""


def overview(*, as_json: bool, person: str | None) -> None:
    result = ask("overview", {}, person=person)
    if json_wanted(as_json):
        output.as_json(result)
        return
    output.clock.ask = lambda: str(ask("person.show", {}, person=person)["zone"])
    show(result)


def show(result: Object) -> None:
    """Sections that have something to say; an empty one only where silence would puzzle."""
    text = output.words().text
    for sentence in output.texts(result, "said"):
        output.line(sentence)
    for each in output.objects(result, "notices"):
        output.line(f"{output.text(each.get('sentence'))} ({output.text(each.get('command'))})")
    open_ones = output.objects(result, "followups")
    if deadlines := [each for each in open_ones if each.get("kind") == "deadline"]:
        output.line(text("Legal deadlines"))
        followups.table(deadlines)
    if not output.objects(result, "plans") and not output.objects(result, "due"):
        output.line(text("No plan yet. tracker add asks for a debt and its plan, step by step."))
    elif due := output.objects(result, "due"):
        _section(text("To come"), due)
    else:
        output.line(text("Nothing is due in the next 14 days."))
    if late := output.objects(result, "late"):
        _section(text("Still open"), late)
        output.line(
            text("tracker pay DEBT records what left; tracker ways DEBT says what can be asked.")
        )
    if decide := output.objects(result, "decide"):
        output.line()
        output.line(text("To decide"))
        for each in decide:
            output.line(f"  {output.text(each.get('sentence'))}")
            if each.get("command"):
                output.line(f"    {output.text(each['command'])}")
    if rows := [each for each in open_ones if each not in deadlines]:
        output.line()
        output.line(text("To follow up"))
        followups.table(rows)
    if recent := output.objects(result, "recent"):
        output.line()
        output.line(text("Recorded lately"))
        output.table(
            recent,
            (
                ("on", N_("Date")),
                ("word", N_("Word")),
                ("amount", N_("Amount")),
                ("state", N_("State")),
            ),
        )
    if plans := output.objects(result, "plans"):
        output.line()
        output.line(text("Plans"))
        output.table(
            [{**plan, "bar": _bar(plan)} for plan in plans],
            (("word", N_("Word")), ("bar", N_("Kept")), ("ends_on", N_("Ends on"))),
        )
    output.line()
    output.line(_daemon(client.health()))
    output.warn(result)


def _section(heading: str, rows: list[Object]) -> None:
    output.line()
    output.line(heading)
    output.table(
        [{**row, "position": f"{row.get('seq')}/{row.get('count')}"} for row in rows], _INSTALMENT
    )


def _bar(plan: Object) -> str:
    progress = plan.get("progress")
    told = progress if isinstance(progress, dict) else plan
    done, count = told.get("done"), told.get("count")
    if not isinstance(done, int) or not isinstance(count, int) or count <= 0:
        return ""
    full = _BAR * done // count
    return f"{'#' * full}{'.' * (_BAR - full)} {done}/{count}"


def _daemon(health: Object | None) -> str:
    text = output.words().text
    if health is None:
        return text("The daemon does not run, so no reminder goes out. Start it: tracker daemon")
    if health.get("sends_held_by_clock"):
        return text("The daemon runs, but sends nothing: this machine's clock is behind.")
    if health.get("status") != "ok":
        return text("The daemon runs, but not well; tracker doctor looks further.")
    if health.get("last_tick_at"):
        return text(
            "The daemon runs; it last looked at {at}.", at=output.text(health["last_tick_at"])
        )
    return text("The daemon runs.")
