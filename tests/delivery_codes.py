"""The page of codes and countries: `python -m tests.delivery_codes > docs/delivery-codes.md`."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.channels.codes import MEANINGS
from tracker.channels.preflight import COUNTRIES, READ_ON

_CLASSES = {
    "permanent": (
        "Permanent",
        "This text to this number will never go this way. The person's next channel takes over.",
    ),
    "compliance": (
        "Compliance",
        "A rule of a country or a network. Like a permanent refusal, and no other words help.",
    ),
    "transient": (
        "Transient",
        "The text certainly did not arrive. It is tried again while it is of use.",
    ),
    "account": (
        "Account",
        "Nothing goes until somebody sees to it. All texts are held, and no attempt is used up.",
    ),
    "unknown": (
        "Unknown",
        "The text may have been taken. Twilio's own list is asked before anything is sent again.",
    ),
}
_NAMES = {
    "yes": "yes",
    "no": "no",
    "registered": "registered ones only",
    "replaced": "replaced by a local number, as every sender is",
}


def document() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Delivery codes"
    yield ""
    yield "Made from the code by `python -m tests.delivery_codes > docs/delivery-codes.md`; a test"
    yield "keeps it current. Twilio's own list is at <https://www.twilio.com/docs/api/errors>, read"
    yield f"on {READ_ON}. A code that is not here counts as a permanent refusal; a server error"
    yield "(HTTP 5xx) as unknown, whatever its code."
    for class_, (title, meaning) in _CLASSES.items():
        yield ""
        yield f"## {title}"
        yield ""
        yield meaning
        yield ""
        yield "| Codes | What they mean | What to do |"
        yield "|---|---|---|"
        for found in dict.fromkeys(MEANINGS[code] for code in sorted(MEANINGS)):
            if found.class_ == class_:
                codes = ", ".join(str(code) for code in sorted(MEANINGS) if MEANINGS[code] is found)
                reason = found.reason.replace(" (code {code})", "")
                yield f"| {codes} | {reason} | {found.action} |"
    yield ""
    yield "## Countries"
    yield ""
    yield "| Country | Can be answered | A name as sender | Links | Told beforehand | Source |"
    yield "|---|---|---|---|---|---|"
    for code, country in COUNTRIES.items():
        told = (country.warning or "").replace(" ({source}, {read_on})", "")
        answers, links = ("yes" if each else "no" for each in (country.answers, country.links))
        told, names = told.format(country=code), _NAMES[country.names]
        yield f"| {code} | {answers} | {names} | {links} | {told} | <{country.source}> |"


if __name__ == "__main__":
    print(document(), end="")
