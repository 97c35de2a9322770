"""Templates with a reader's language: every value is escaped where it is written."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tracker import language
from tracker.core import money
from tracker.documents.wording import METHODS
from tracker.language import N_, Language

STATES = {
    "upcoming": N_("to come"),
    "due": N_("due"),
    "part-paid": N_("paid in part"),
    "paid": N_("paid"),
    "late": N_("not yet paid"),
    "missed": N_("not paid"),
    "waived": N_("waived"),
    "counts": N_("recorded"),
    "scheduled": N_("scheduled"),
    "confirmed": N_("went"),
    "void": N_("taken back"),
    "reversal": N_("takes one back"),
    "refund": N_("came back"),
}
PAID_BY = {
    "send": N_("I send each payment"),
    "standing-order": N_("by standing order"),
    "collect": N_("they collect it"),
    "counter": N_("at a counter"),
}
HOLDS = {
    "unverified-owner": N_("owner not verified"),
    "disputed": N_("disputed"),
    "moratorium": N_("breathing space"),
    "adviser": N_("with an adviser"),
    "insolvency": N_("insolvency"),
    "not-mine": N_("not mine"),
}
FOLLOWUPS = {
    "answer": N_("answer"),
    "call": N_("call"),
    "promise": N_("promise"),
    "task": N_("task"),
    "deadline": N_("deadline"),
}
CONFIDENCES = {
    "high": N_("well sourced"),
    "medium": N_("partly sourced"),
    "low": N_("uncertain"),
}
_TYPES = {"css": "text/css", "svg": "image/svg+xml"}
_STATIC = files("tracker.web").joinpath("static")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("tracker.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def warm() -> None:
    """Compile the templates of the first page now, so that no visitor waits for it."""
    for name in ("layout.html.j2", "person.html.j2", "parts.html.j2", "home.html.j2"):
        _environment().get_template(name)


class Reader:
    """Whoever reads a page: their language, and the zone in which they read a clock."""

    def __init__(self, lang: Language, zone: str = "UTC") -> None:
        self.lang = lang
        self.zone = ZoneInfo(zone)

    def page(self, template: str, **values: object) -> str:
        return _environment().get_template(template).render(**self._words(), **values)

    def word(self, words: Mapping[str, str], value: str) -> str:
        """A value of the record in the reader's words; what has none is shown as it is."""
        return self.lang.text(words[value]) if value in words else value

    def money(self, value: Mapping[str, str]) -> str:
        minor = money.parse(value["amount"].removeprefix("-"), value["currency"], zero_ok=True)
        sign = -1 if value["amount"].startswith("-") else 1
        return self.lang.money(sign * minor, value["currency"])

    def day(self, iso: str) -> str:
        return self.lang.day(date.fromisoformat(iso))

    def date(self, iso: str) -> str:
        return self.lang.date(date.fromisoformat(iso))

    def local(self, iso: str) -> datetime:
        return datetime.fromisoformat(iso).astimezone(self.zone)

    def moment(self, iso: str) -> str:
        """Day and time on the reader's clock."""
        at = self.local(iso)
        return self.lang.text("{day}, {time}", day=self.lang.day(at.date()), time=f"{at:%H:%M}")

    def _words(self) -> dict[str, object]:
        return {
            "text": self.lang.text,
            "money": self.money,
            "day": self.day,
            "date": self.date,
            "moment": self.moment,
            "word": self.word,
            "lang_tag": self.lang.locale.replace("_", "-"),
            "asset": asset,
            "states": STATES,
            "methods": METHODS,
            "ways": PAID_BY,
            "holds": HOLDS,
            "kinds": FOLLOWUPS,
            "confidences": CONFIDENCES,
        }


def reader_of(request: Request) -> Reader:
    """For pages before anybody is known: the language that the browser asks for."""
    for wanted in request.headers.get("accept-language", "").lower().split(",")[:10]:
        tag = wanted.partition(";")[0].strip()
        if tag.startswith("zh"):
            if re.match(r"zh-(hant-)?(hk|mo)", tag):
                return Reader(language.of("zh_Hant_HK"))
            traditional = tag.startswith(("zh-hant", "zh-tw"))
            return Reader(language.of("zh_Hant_TW" if traditional else "zh_Hans_CN"))
        if tag.startswith("en"):
            return Reader(language.of("en_US" if tag == "en-us" else "en_GB"))
    return Reader(language.of("en_GB"))


@cache
def asset(name: str) -> str:
    """The address of a static file, a new one whenever its bytes change."""
    digest = hashlib.sha256(_STATIC.joinpath(name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@cache
def _assets() -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in _STATIC.iterdir() if each.is_file()}


def static(request: Request) -> Response:
    """A file of the package's own; there is no path, only a name in a table."""
    name = request.path_params["name"]
    content = _assets().get(name)
    kind = _TYPES.get(name.rpartition(".")[2])
    if content is None or kind is None:
        raise HTTPException(404)
    return Response(
        content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )
