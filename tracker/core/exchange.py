"""One money in another: the rate that a person typed, and what it makes of a sum.

A rate is kept as it was typed, a decimal with a point; it is never a float, and
nothing is ever looked up.
"""

from __future__ import annotations

import re

from tracker.core.interest import rounded
from tracker.core.money import exponent
from tracker.core.reading import refuse_empty, refuse_foreign_digits, shown
from tracker.errors import InputError

MOST_DIGITS = 12


def parse_rate(text: str, *, field: str = "rate", decimal_mark: str = ".") -> str:
    """The rate with a point as its decimal mark: "7.10".

    Raises InputError for 0, more than `MOST_DIGITS` digits, and everything that is
    no plain decimal (signs, exponents, grouping, a percentage).
    """
    bare = text.strip()
    refuse_empty(bare, field=field, hint="Write a rate, for example 7.10.")
    refuse_foreign_digits(bare, field=field)
    said = {"name": field, "value": shown(text), "mark": decimal_mark}
    found = re.fullmatch(rf"(0|[1-9][0-9]*)(?:\{decimal_mark}([0-9]+))?", bare)
    if found is None:
        raise InputError(
            "{name} is {value!r}; a rate is a plain decimal number.",
            field=field,
            hint="Write it in digits, with {mark!r} as the decimal mark.",
            **said,
        )
    whole, decimals = found[1], found[2] or ""
    if len(whole) + len(decimals) > MOST_DIGITS:
        raise InputError(
            "{name} is {value!r}; a rate has at most {most} digits.",
            field=field,
            hint="Leave decimals out at the end.",
            most=MOST_DIGITS,
            **said,
        )
    if not int(whole + decimals):
        raise InputError(
            "{name} is {value!r}; a rate is more than nothing.",
            field=field,
            hint="Write how much of the one money 1 of the other was worth.",
            **said,
        )
    return f"{whole}.{decimals}" if decimals else whole


def converted(minor: int, currency: str, rate: str, into: str) -> int:
    """`minor` of `currency` in minor units of `into`, at `rate` of it for 1; half up."""
    whole, _, decimals = rate.partition(".")
    numerator = minor * int(whole + decimals) * 10 ** exponent(into)
    return rounded(numerator, 10 ** (exponent(currency) + len(decimals)))


def converted_back(minor: int, currency: str, rate: str, into: str) -> int:
    """`minor` of `currency` in minor units of `into`, of which 1 is worth `rate`; half up."""
    whole, _, decimals = rate.partition(".")
    numerator = minor * 10 ** (exponent(into) + len(decimals))
    return rounded(numerator, 10 ** exponent(currency) * int(whole + decimals))
