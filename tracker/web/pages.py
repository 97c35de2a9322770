"""The pages of a person: what is coming, what to decide, a form to record a payment."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracker import language
from tracker.actions import dispatch
from tracker.language import N_
from tracker.web.api import Health
from tracker.web.auth import Visitor
from tracker.web.frame import Fields, Frame, Json, to

if TYPE_CHECKING:
    from tracker.actions.office import Office

SHOWN_AT_ONCE = 6
"""Of a long list so many lines stand open; the rest lies one tap away."""
UNDO_WITHIN = timedelta(hours=24)
SNOOZE_WITHIN = timedelta(days=7)
"""Before that no reminder is near that could be put off."""
QUIET_FOR = "3d"
_KEY = re.compile(r"[0-9a-f]{32}")
# A hint that speaks of the command line is no help on a page.
_COMMAND = re.compile(r"`tracker|--\w")
_HINTS = {
    "on": N_("If the money is yet to leave on that day, tick the box below the date."),
    "scheduled": N_("If the money has left already, untick the box below the date."),
    "key": N_("See what was recorded lately; if this is another payment, send it once more."),
    "amount": N_("Type how much left, for example 100.00."),
}


class Pages:
    def __init__(self, office: Office, frame: Frame, health: Health) -> None:
        self._office = office
        self._frame = frame
        self._health = health

    def routes(self) -> list[Route]:
        """Reads by GET and writes by POST; each POST passes the frame's check of forms."""
        route = self._frame.route
        return [
            route("/", self.home),
            route("/timeline", self.timeline),
            route("/plans/{debt}", self.plan),
            route("/plans/{debt}/ways", self.ways),
            route("/payments", self.record, "POST"),
            route("/payments/{number}/confirm", self.confirm, "POST"),
            route("/payments/{number}/undo", self.undo, "POST"),
            route("/claims/{number}", self.answer_claim, "POST"),
            route("/snooze", self.snooze, "POST"),
            route("/quiet", self.quiet, "POST"),
            route("/away/{number}/end", self.come_back, "POST"),
            route("/followups/{ref}/close", self.close_followup, "POST"),
        ]

    def home(self, request: Request, visitor: Visitor, _: Fields) -> Response:
        typed = {"debt": request.query_params.get("debt", "")}
        return self._dashboard(visitor, typed, notes=self._frame.notes.take(visitor))

    def record(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        """Record what was typed, then show the receipt on the dashboard; on an error, the form."""
        scheduled = "scheduled" in fields
        day = fields.get("on", "").strip() or None
        asked = {
            "debt": fields.get("debt", ""),
            "amount": fields.get("amount") or None,
            "scheduled" if scheduled else "on": (day or "today") if scheduled else day,
            "method": fields.get("method") or None,
            "note": fields.get("note") or None,
        }
        return self._write(visitor, "pay", asked, fields, about="payment")

    def confirm(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        number = request.path_params["number"]
        asked = {"payment": number, "went": fields.get("went", "")}
        return self._write(visitor, "payment.confirm", asked, fields)

    def undo(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        """Take back the very payment that the page showed, not what is the last one by now."""
        asked = {"payment": request.path_params["number"], "reason": "undone"}
        return self._write(visitor, "payment.void", asked, fields)

    def answer_claim(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        """It went, which records the payment, or it did not."""
        name = {"yes": "payment.accept", "no": "payment.dismiss"}.get(fields.get("went", ""))
        if name is None:
            raise HTTPException(400)
        return self._write(visitor, name, {"claim": request.path_params["number"]}, fields)

    def snooze(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        """Until tomorrow."""
        return self._write(visitor, "snooze", {"debt": fields.get("debt", "")}, fields)

    def quiet(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        if fields.get("end"):
            return self._write(visitor, "quiet.end", {}, fields)
        return self._write(visitor, "quiet.begin", {"until": QUIET_FOR}, fields)

    def come_back(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        asked = {"number": request.path_params["number"]}
        return self._write(visitor, "away.off", asked, fields)

    def close_followup(self, request: Request, visitor: Visitor, fields: Fields) -> Response:
        asked = {"followup": request.path_params["ref"]}
        return self._write(visitor, "followup.close", asked, fields)

    def timeline(self, request: Request, visitor: Visitor, _: Fields) -> Response:
        debt = request.query_params.get("debt") or None
        found = self._frame.ask("timeline", {"debt": debt}, visitor)
        debts = self._frame.ask("debt.list", {}, visitor)["debts"]
        items = found["items"]
        return self._frame.page(
            visitor,
            "timeline.html.j2",
            years=_by_year([item for item in items if item["on"]]),
            undated=[item for item in items if not item["on"]],
            today=found["today"],
            debts={each["handle"]: each for each in debts},
            chosen=debt,
        )

    def plan(self, request: Request, visitor: Visitor, _: Fields) -> Response:
        asked = {
            "debt": request.path_params["debt"],
            "version": request.query_params.get("version") or None,
        }
        plan = self._frame.ask("plan.show", asked, visitor)
        debt = self._frame.ask("debt.show", {"debt": plan["debt"]}, visitor)
        return self._frame.page(visitor, "plan.html.j2", plan=plan, debt=debt)

    def ways(self, request: Request, visitor: Visitor, _: Fields) -> Response:
        """What can be done about an instalment that is late or will not work, and who helps."""
        found = self._frame.ask("debt.ways", {"debt": request.path_params["debt"]}, visitor)
        debts = self._frame.ask("debt.list", {}, visitor)["debts"]
        person, now = self._frame.ask("person.show", {}, visitor), self._office.clock.now()
        until = person["quiet_until_at"]
        return self._frame.page(
            visitor,
            "ways.html.j2",
            found=found,
            debts=[each for each in debts if each["handle"] == found["debt"]],
            today=now.astimezone(ZoneInfo(person["zone"])).date().isoformat(),
            quiet=until is not None and datetime.fromisoformat(until) > now,
            new_key=dispatch.new_key,
        )

    def _dashboard(
        self,
        visitor: Visitor,
        typed: Fields,
        *,
        notes: tuple[list[str], list[str]] = ([], []),
        refused: tuple[int, Json] | None = None,
        about: str = "",
        key: str | None = None,
    ) -> Response:
        """`about` says which form a refusal belongs to; what was typed stays in it."""
        overview = self._frame.ask("overview", {}, visitor)
        now = self._office.clock.now()
        latest = max(overview["recent"], key=lambda each: each["number"], default=None)
        undoable = (
            latest is not None
            and latest["state"] in ("counts", "scheduled")
            and now - datetime.fromisoformat(latest["recorded_at"]) <= UNDO_WITHIN
        )
        return self._frame.page(
            visitor,
            "home.html.j2",
            status=refused[0] if refused else 200,
            overview=overview,
            debts=self._frame.ask("debt.list", {}, visitor)["debts"],
            typed=typed,
            said=notes[0],
            warnings=notes[1],
            error=refused[1] if refused else None,
            about=about,
            key=key or dispatch.new_key(),
            new_key=dispatch.new_key,
            undoable=latest["number"] if latest and undoable else None,
            can_wait=_can_wait(overview, now),
            health=self._health(),
            database="SQLite" if self._office.database.is_sqlite else "PostgreSQL",
            shown_at_once=SHOWN_AT_ONCE,
        )

    def _write(
        self, visitor: Visitor, name: str, asked: Json, fields: Fields, *, about: str = ""
    ) -> Response:
        """One write with the key that the form carried, so that sent twice it counts once."""
        key = fields.get("key", "")
        if not _KEY.fullmatch(key):
            key = dispatch.new_key()
        envelope = {"request": asked, "person": visitor.person, "key": key}
        status, body = dispatch.answer(self._office, name, envelope, actor="web")
        if status == 200:
            result = body["result"]
            self._frame.notes.leave(visitor, result["said"], result["warnings"])
            return to(f"/{visitor.query}")
        error = body["error"]
        if error["hint"] and _COMMAND.search(error["hint"]):
            person = self._frame.ask("person.show", {}, visitor)
            hint = _HINTS.get(error["field"] or "", "")
            error = {**error, "hint": language.of(person["locale"]).text(hint)}
        return self._dashboard(
            visitor,
            fields if about else {},
            refused=(status, error),
            about=about,
            # The key of a conflict belongs to another payment.
            key=None if status == 409 else key,
        )


def _can_wait(overview: Json, now: datetime) -> frozenset[tuple[str, int]]:
    """Instalments whose reminders could be put off until tomorrow: of each debt its oldest open."""
    seen = {each["debt"] for each in overview["late"]}
    found = set()
    for each in overview["due"]:
        left = datetime.fromisoformat(each["send_by_at"]) - now
        near = timedelta(days=1) < left <= SNOOZE_WITHIN
        if near and each["debt"] not in seen and not (each["held"] or each["snoozed_until"]):
            found.add((each["debt"], each["seq"]))
        seen.add(each["debt"])
    return frozenset(found)


def _by_year(items: list[Json]) -> dict[str, list[Json]]:
    years: dict[str, list[Json]] = {}
    for item in items:
        years.setdefault(item["on"][:4], []).append(item)
    return years
