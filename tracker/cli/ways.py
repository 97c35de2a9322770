"""Ways out for a debt: what can be asked for, by when, and where help costs nothing."""

from __future__ import annotations

from tracker.cli import output
from tracker.cli.command import Action, argument
from tracker.language import N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tracker.cli.output import Object

_LATE = (
    ("position", N_("No.")),
    ("due_on", N_("Due")),
    ("open", N_("Open")),
)


def _show(result: Object) -> None:
    text = output.words().text
    output.line(f"{output.text(result['word'])}  {output.text(result['creditor_name'])}")
    rows = output.objects(result, "late")
    if not rows and isinstance(coming := result.get("next"), dict):
        rows = [coming]
    if rows:
        output.line()
        output.table(
            [{**row, "position": f"{row.get('seq')}/{row.get('count')}"} for row in rows], _LATE
        )
    output.line()
    for sentence in output.texts(result, "first"):
        output.line(sentence)
    for way in output.objects(result, "ways"):
        output.line()
        output.line(output.text(way["title"]))
        for part in ("text", "ask", "by"):
            if way.get(part):
                output.line(f"  {output.text(way[part])}")
        output.line(f"    {output.text(way['command'])}")
    for group in output.objects(result, "help"):
        output.line()
        output.line(output.text(group["title"]))
        for each in output.objects(group, "helpers"):
            _helper(each)
    output.line()
    output.line(output.text(result["help_note"]))
    if not rows:
        return
    output.line(text("What came of it is recorded with the commands above."))


def _helper(each: Object) -> None:
    text = output.words().text
    also = f" ({output.text(each['also'])})" if each.get("also") else ""
    output.line(f"  {output.text(each['name'])}{also}")
    told = [output.text(each.get("phone"))]
    if each.get("anytime"):
        told.append(text("day and night"))
    told += [output.text(each.get("web")), output.text(each.get("languages"))]
    told.append(output.text(each.get("more")))
    output.line(f"    {' · '.join(part for part in told if part)}")


ways = Action(
    "ways",
    "debt.ways",
    help="Ways out when an instalment is late or will not work.\n\n"
    "What can be asked of the creditor, by when and in which words; and where help near you "
    "costs nothing.",
    example="tracker ways maple",
    params=(argument("debt"),),
    show=_show,
)
