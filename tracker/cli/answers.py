"""What an answer in `tracker add` must be; each returns it as it is kept.

The actions check everything again. These tell what is wrong while the person is
still at the question, and raise InputError with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from tracker.channels.cover import check_cover_word, default_cover_word
from tracker.cli.talk import Check, Talk
from tracker.core import money, reading, schedule
from tracker.errors import InputError


def optional(talk: Talk, typed: str) -> str:
    """Anything a terminal can show; a line at most."""
    try:
        typed.encode()
    except UnicodeEncodeError:
        raise InputError(
            "What was typed is not valid UTF-8.", hint="Set the terminal to UTF-8."
        ) from None
    return typed


def needed(talk: Talk, typed: str) -> str:
    if not typed:
        raise InputError("This one is needed.")
    return optional(talk, typed)


def creditor(talk: Talk, typed: str) -> str:
    """A known one by handle or name, else a new one."""
    for handle, name in talk.creditors.items():
        if typed.casefold() in (handle, name.casefold()):
            return handle
    return needed(talk, typed)


def currency(talk: Talk, typed: str) -> str:
    return money.currency_code(typed)


def amount(name: str, *, zero_ok: bool = False, words: tuple[str, ...] = ()) -> Check:
    def check(talk: Talk, typed: str) -> str:
        if typed.casefold() in words:
            return typed.casefold()
        money.parse(
            typed,
            talk.answers.get("currency", talk.currency),
            decimal_mark=talk.decimal_mark,
            field=name,
            zero_ok=zero_ok,
        )
        return typed

    return check


def date(name: str, *, past: bool = True, unknown: bool = False) -> Check:
    """Kept as it was understood, so that a stop over midnight changes nothing."""

    def check(talk: Talk, typed: str) -> str:
        if unknown and typed.casefold() in {"?", "never"}:
            return typed.casefold()
        latest = talk.today if past else None
        day = reading.parse_date(typed, today=talk.today, field=name, past=past, latest=latest)
        return day.isoformat()

    return check


def one_of(name: str, values: Sequence[str]) -> Check:
    def check(talk: Talk, typed: str) -> str:
        wanted = typed.strip().casefold()
        found = [each for each in values if wanted and each.startswith(wanted)]
        if wanted in values or len(found) == 1:
            return wanted if wanted in values else found[0]
        raise InputError(
            "{name} is {value!r}; it takes one of {choices}.",
            field=name,
            hint="Type its number.",
            name=name,
            value=typed,
            choices=", ".join(values),
        )

    return check


def word(talk: Talk, typed: str) -> str:
    return check_cover_word(typed, locale=talk.locale, taken=talk.words)


def free_word(talk: Talk) -> str:
    return default_cover_word(talk.locale, talk.words)


def rows(talk: Talk, typed: str) -> str:
    schedule.custom(
        typed,
        talk.answers.get("currency", talk.currency),
        today=talk.today,
        decimal_mark=talk.decimal_mark,
    )
    return typed


def parts_of(talk: Talk, typed: str) -> str:
    """`x12` or `12x` is a number of instalments; anything else the amount of each."""
    bare = typed.replace(" ", "").casefold()
    if bare.startswith("x") or bare.endswith("x"):
        return f"x{reading.parse_count(bare.strip('x'), field='count')}"
    return amount("amount")(talk, typed)


def account(talk: Talk, typed: str) -> str:
    if typed and not (len(typed) == 4 and typed.isalnum()):
        raise InputError(
            "account is {value!r}; only its last four characters are kept.",
            field="account",
            hint="For example 4821, or Enter for none.",
            value=typed,
        )
    return typed
