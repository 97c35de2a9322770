"""Help that costs nothing, or little, near a person: as it is told on the page and in the shell."""

from __future__ import annotations

from tracker.actions.office import PersonContext, Result
from tracker.language import N_
from tracker.rules import help as known
from tracker.rules.help import Help

_KINDS = {
    "debt": N_("Free advice on debts"),
    "gambling": N_("If gambling plays a part"),
    "crisis": N_("Somebody to talk to, when it is hard to bear"),
    "abuse": N_("If somebody hurts you, or controls your money"),
    "law": N_("Free legal help"),
}
_WHOM = {
    "means": N_("for people of limited means"),
    "home": N_("for people of limited means whose home is at risk"),
    "business": N_("for people with a business of their own"),
    "women": N_("for women"),
    "first-peoples": N_("for Aboriginal and Torres Strait Islander people"),
    "banks": N_("for debts to banks and card companies"),
    "in-full": N_("for people who can pay all of it over a longer time"),
}
_COSTS = {
    "small": N_("costs a little"),
    "plan": N_("advice is free, a plan may cost a fee"),
}


class Helper(Result):
    """`phone` None: no number was found in a text, so none is told. `more` says for whom."""

    name: str
    also: str | None
    phone: str | None
    anytime: bool
    web: str | None
    languages: list[str]
    more: str | None


class Helpers(Result):
    kind: str
    title: str
    helpers: list[Helper]


def near(ctx: PersonContext) -> list[Helpers]:
    """Kind by kind; empty where nothing is known."""
    found = known.near(ctx.person.country)
    return [
        Helpers(
            kind=kind,
            title=ctx.language.text(_KINDS[kind]),
            helpers=[_shown(ctx, each) for each in of_kind],
        )
        for kind in known.KINDS
        if (of_kind := [each for each in found if kind in each.kinds])
    ]


def note(ctx: PersonContext) -> str:
    """How far to trust it, or why there is none."""
    lang, country = ctx.language, ctx.person.country
    found = known.near(country)
    if country is None:
        return lang.text(
            "Where you live is not recorded, so no help near you can be named: "
            "`tracker person edit --country GB`."
        )
    if not found:
        return lang.text("No free help in {country} is known here.", country=country)
    return lang.text(
        "Looked up on {day}; look a number up once more before you rely on it. Whoever wants money "
        "before helping, or promises to remove true records, is none of these.",
        day=lang.date(max(each.read_on for each in found)),
    )


def _shown(ctx: PersonContext, each: Help) -> Helper:
    from babel import Locale

    name = each.name
    also = None if each.local is None or each.local in name else each.local
    # A Chinese reader needs no English name beside a Chinese one.
    reads_it = ctx.language.locale.startswith("zh") and any(
        code.startswith(("zh", "yue", "cmn")) for code in each.languages
    )
    if reads_it and also is not None and not also.isascii():
        name, also = also, None
    names = Locale.parse(ctx.language.locale).languages
    words = (_WHOM.get(each.whom or ""), _COSTS.get(each.cost or ""))
    return Helper(
        name=name,
        also=also,
        phone=each.phone,
        anytime=each.anytime,
        web=each.web,
        languages=[names.get(code.replace("-", "_"), code) for code in each.languages],
        more="; ".join(ctx.language.text(word) for word in words if word) or None,
    )
